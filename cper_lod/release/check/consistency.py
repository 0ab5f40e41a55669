"""Facts against facts, where SHACL does not read what they say: check digits, names, kinds and outlines."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, ORG, PREFIXES, PROV, RDF, SKOS
from cper_lod.core.text import folded, slug
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.identifiers import IDENTIFIER_OF
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import NAMES, without_qualifier
from cper_lod.release.check.rules import DataRule

_SIREN_OR_SIRET: Final = re.compile('"([0-9]{9}|[0-9]{14})"')
_GEO: Final = PREFIXES["geo"]
_POINT: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (-?[0-9]+(?:\.[0-9]+)?)")
_MARGIN: Final = 0.1
"""Degrees by which an outline may leave the one around it: outlines are simplified."""
_BOX: Final = DCAT + "bbox"
_YEAR: Final = re.compile("[0-9]{4}")
_NATIONAL: Final = PREFIXES["igeo"] + "Pays"
_KIND: Final = ORG + "classification"


def _check_digits(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each SIREN and SIRET: its check digit is wrong."""
    for subject, predicate, rest in data.triples_with(f"> <{CPER}sire"):
        if match := _SIREN_OR_SIRET.match(rest):
            right = (luhn if len(match[1]) == 9 else is_siret)(match[1])
            number = Literal(match[1])
            yield [] if right else [data.finding("check-digit", subject[1:-1], predicate[1:-1], number)]


def _territories(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each body with a territory: neither the name has that of its territory, nor the reverse."""
    for node, territory in data.pairs(CPER + "territoire"):
        is_body = any(each.startswith(PREFIXES["org"]) for each in data.graph.types(node))
        if not is_body or _NATIONAL in data.graph.types(territory):
            continue
        body, place = _names(data, node), _names(data, territory)
        right = not (body and place) or any(one in other or other in one for one in body for other in place)
        predicate, named = CPER + "territoire", " / ".join(place)
        yield [] if right else [data.finding("territory-differs", node.value, predicate, territory, named=named)]


def _signatories(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each signatory: its name is not that of its body."""
    for node in data.subjects(RDF + "type", CPER + "Signataire"):
        for body in data.graph.all(node, PROV + "agent"):
            own, names = _names(data, node), _names(data, body)
            right = not (own and names) or any(each in name for each in names for name in own)
            named = " / ".join(names)
            yield [] if right else [data.finding("name-differs", node.value, PROV + "agent", body, named=named)]


def _kinds(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each body: its name is that of another kind."""
    kinds = {*data.concepts(f"{BASE}id/code/type-d-organisme")}
    for node in data.subjects(_KIND):
        words = _padded(" / ".join(_names(data, node)))
        named = {kind for kind in kinds if any(_padded(each) in words for each in _words_for(data, kind))}
        others = [kind for kind in data.graph.all(node, _KIND) if named and kind not in named]
        yield [data.finding("kind-differs", node.value, _KIND, kind, named=words.strip()) for kind in others]


def _words_for(data: PublishedData, kind: Term) -> list[str]:
    """Return the French words that name bodies of a kind."""
    names = (each for predicate in NAMES for each in data.graph.all(kind, predicate))
    return [folded(each.value) for each in names if isinstance(each, Literal) and each.language == "fr"]


def _types(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each contract, document and figure: its name is that of another kind.

    A document is of the kind that its publisher, or the kind of its publisher, is named after.
    """
    lists = defaultdict[Term, list[Term]](list)
    for code, scheme in data.pairs(SKOS + "inScheme"):
        lists[scheme].append(code)
    for name, cls in _TYPED.items():
        words = _distinctive_words(data, lists[NamedNode(f"{BASE}id/code/{name}")])
        for node in data.subjects(RDF + "type", CPER + cls):
            publishers = data.graph.all(node, DCT + "publisher")
            kinds = [kind for each in publishers for kind in data.graph.all(each, _KIND)]
            about = [*kinds, *publishers] if cls == "Document" else [node]
            texts = [text for each in about for text in data.french_names(each)]
            found = [words[word] for text in texts for word in _plain_words(text) if word in words]
            own = data.graph.all(node, DCT + "type")
            if not found and cls == "Document":  # an official one, or of the press, has such a publisher
                found = [words[_OTHER]] if _OTHER in words else []
            others = [kind for kind in own if found and kind != found[0]]
            other = data.graph.label(found[0], "fr") if found else ""
            named = " / ".join(texts)
            yield [
                data.finding("type-differs", node.value, DCT + "type", kind, named=named, other=other)
                for kind in others
            ]


_OTHER: Final = "autre"
_TYPED: Final = {
    "type-de-chiffre": "Chiffre",
    "type-de-contrat": "Contrat",
    "type-de-document": "Document",
}
"""The lists of kinds whose words are in the names of things, each with the class of these."""


def _distinctive_words(data: PublishedData, codes: Iterable[Term]) -> dict[str, Term]:
    """Return the words that are in the names of one code only, each with this code."""
    holders = defaultdict[str, dict[Term, None]](dict)
    for code in codes:
        for text in data.french_names(code):
            for word in _plain_words(text):
                holders[word][code] = None
    return {word: next(iter(found)) for word, found in holders.items() if len(found) == 1 and len(word) > 1}


def _plain_words(text: str) -> list[str]:
    """Return the words of a text without case and accents."""
    return re.findall(r"\w+", folded(text))


def _outlines(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each outline in another: it is not inside that of the territory around it."""
    for node, around in data.pairs(_GEO + "sfWithin"):
        inner, outer = _box(data, node), _box(data, around)
        if inner and outer:
            (outline,) = data.graph.all(node, _GEO + "hasGeometry")[:1]
            finding = data.finding("outline-outside", node.value, _GEO + "hasGeometry", outline, around=around.value)
            yield [] if _is_inside(inner, outer) else [finding]


def _boxes(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each bounding box: it is no rectangle, or not that of the outline."""
    for node, box in data.pairs(_BOX):
        stated, drawn = _extent([box.value]), _box(data, node)
        if stated:
            corners = {(x, y) for x in stated[::2] for y in stated[1::2]}
            right = {(float(x), float(y)) for x, y in _POINT.findall(box.value)} == corners
            right = right and (not drawn or (_is_inside(stated, drawn) and _is_inside(drawn, stated)))
            yield [] if right else [data.finding("box-differs", node.value, _BOX, box)]


def _box(data: PublishedData, node: Term) -> tuple[float, float, float, float] | None:
    """Return the least and greatest longitude and latitude of the outline of a territory."""
    outlines = data.graph.all(node, _GEO + "hasGeometry")
    return _extent(text.value for each in outlines for text in data.graph.all(each, _GEO + "asWKT"))


def _names(data: PublishedData, node: Term) -> list[str]:
    """Return the French names of a thing."""
    names = data.graph.all(node, SKOS + "prefLabel")
    texts = [each for each in names if isinstance(each, Literal) and each.language in ("fr", None)]
    return [folded(without_qualifier(each.value)) for each in texts]


def _periods(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each period: its name has other years."""
    for node in data.subjects(RDF + "type", DCT + "PeriodOfTime"):
        years = {data.graph.value(node, DCAT + each)[:4] for each in ("startDate", "endDate")}
        for label in data.graph.all(node, SKOS + "prefLabel"):
            named = set(_YEAR.findall(label.value))
            is_other = bool(named and years - {""}) and named != years - {""}
            yield [data.finding("period-differs", node.value, SKOS + "prefLabel", label)] if is_other else []


def _levels(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each territory in another: it is not of a lower level, or its Insee code says another one."""
    for node, around in data.pairs(_GEO + "sfWithin"):
        inner, outer = (
            [_LEVELS.index(each) for each in data.graph.types(one) if each in _LEVELS] for one in (node, around)
        )
        code, code_around = (data.graph.value(one, _CODE) for one in (node, around))
        is_higher = bool(inner and outer) and inner >= outer
        in_another = outer == [_DEPARTMENT] and bool(code and code_around) and not code.startswith(code_around)
        wrong = around == node or is_higher or in_another
        yield [data.finding("within-differs", node.value, _GEO + "sfWithin", around)] if wrong else []


_LEVELS: Final = [PREFIXES["igeo"] + each for each in ("Commune", "Departement", "Region", "Pays")]
_DEPARTMENT: Final = 1
_CODE: Final = PREFIXES["igeo"] + "codeINSEE"


def _dataset_names(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each link to a dataset: the words of its IRI are the name of another linked dataset."""
    datasets = {value for _, value in data.pairs(CPER + "jeuLie")}
    holders = defaultdict[str, set[Term]](set)
    for dataset in datasets:
        for word in slug(" ".join(data.french_names(dataset))).split("-"):
            holders[word].add(dataset)
    for node, dataset in data.pairs(DCT + "relation"):
        _, is_link, name = node.value.partition("/lien/")
        if is_link and dataset in datasets:
            others = set.intersection(*(holders[word] for word in name.split("-")))
            other = next((data.graph.label(each, "fr") for each in others), "")
            label = Literal(data.graph.label(dataset, "fr"))
            finding = data.finding(
                "dataset-of-another", dataset.value, SKOS + "prefLabel", label, other=other, link=name
            )
            yield [] if not others or dataset in others else [finding]


def _extent(texts: Iterable[str]) -> tuple[float, float, float, float] | None:
    """Return the least longitude and latitude, then the greatest, of geometries in WKT."""
    points = [(float(x), float(y)) for text in texts for x, y in _POINT.findall(text)]
    if not points:
        return None
    longitudes, latitudes = zip(*points, strict=True)
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _padded(text: str) -> str:
    """Return the words of a text between spaces, so that a word is found whole."""
    return " ".join(["", *re.findall(r"\w+", text), ""])


def _is_inside(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    west, south, east, north = (each + _MARGIN * sign for each, sign in zip(outer, (-1, -1, 1, 1), strict=True))
    return west <= inner[0] and south <= inner[1] and inner[2] <= east and inner[3] <= north


CONSISTENCY_RULES: Final = (
    DataRule("check-digit", _check_digits),
    DataRule("territory-differs", _territories),
    DataRule("kind-differs", _kinds),
    DataRule("type-differs", _types, "warning"),
    DataRule("period-differs", _periods),
    DataRule("within-differs", _levels),
    DataRule("outline-outside", _outlines),
    DataRule("box-differs", _boxes),
    DataRule("name-differs", _signatories),
    DataRule("dataset-of-another", _dataset_names),
    IDENTIFIER_OF,
)

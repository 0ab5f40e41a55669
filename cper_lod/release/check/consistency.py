"""Facts against facts, where SHACL does not read what they say: check digits, names, kinds and outlines."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.namespaces import CPER, DCAT, ORG, PREFIXES, PROV, RDF, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.identifiers import IDENTIFIER_OF
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import NAMES, without_qualifier
from cper_lod.release.check.rules import Rule

_SIREN_OR_SIRET: Final = re.compile('"([0-9]{9}|[0-9]{14})"')
_GEO: Final = PREFIXES["geo"]
_POINT: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (-?[0-9]+(?:\.[0-9]+)?)")
_MARGIN: Final = 0.1
"""Degrees by which an outline may leave the one around it: outlines are simplified."""
_BOX: Final = DCAT + "bbox"
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
    kinds = {kind for _, kind in data.pairs(_KIND)}
    for node in data.subjects(_KIND):
        words = _padded(" / ".join(_names(data, node)))
        named = {kind for kind in kinds if any(_padded(each) in words for each in _words_for(data, kind))}
        others = [kind for kind in data.graph.all(node, _KIND) if named and kind not in named]
        yield [data.finding("kind-differs", node.value, _KIND, kind, named=words.strip()) for kind in others]


def _words_for(data: PublishedData, kind: Term) -> list[str]:
    """Return the French words that name bodies of a kind."""
    names = (each for predicate in NAMES for each in data.graph.all(kind, predicate))
    return [folded(each.value) for each in names if isinstance(each, Literal) and each.language == "fr"]


def _outlines(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each outline in another: it is not inside that of the territory around it."""
    for node, around in data.pairs(_GEO + "sfWithin"):
        inner, outer = _box(data, node), _box(data, around)
        if inner and outer:
            (outline,) = data.graph.all(node, _GEO + "hasGeometry")[:1]
            finding = data.finding("outline-outside", node.value, _GEO + "hasGeometry", outline, around=around.value)
            yield [] if _is_inside(inner, outer) else [finding]


def _boxes(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each bounding box: it is not that of the outline."""
    for node, box in data.pairs(_BOX):
        stated, drawn = _extent([box.value]), _box(data, node)
        if stated and drawn:
            right = _is_inside(stated, drawn) and _is_inside(drawn, stated)
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
    Rule("check-digit", _check_digits),
    Rule("territory-differs", _territories),
    Rule("kind-differs", _kinds),
    Rule("outline-outside", _outlines),
    Rule("box-differs", _boxes),
    Rule("name-differs", _signatories),
    IDENTIFIER_OF,
)

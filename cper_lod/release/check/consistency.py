"""Facts against facts: check digits, codes, names, kinds, outlines and days that contradict each other."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, ORG, PREFIXES, PROV, RDF, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Node, Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import NAMES, without_qualifier

_INSEE: Final = re.compile(r"http://id\.insee\.fr/geo/[A-Za-z]+/([0-9AB]{1,5})")
_ATU: Final = re.compile(r"http://publications\.europa\.eu/resource/authority/atu/FRA_DPT_0?([0-9AB]{2,3})")
_SIREN_OR_SIRET: Final = re.compile('"([0-9]{9}|[0-9]{14})"')
_GEO: Final = PREFIXES["geo"]
_POINT: Final = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) (-?[0-9]+(?:\.[0-9]+)?)")
_MARGIN: Final = 0.1
"""Degrees by which an outline may leave the one around it: outlines are simplified."""
_BOX: Final = DCAT + "bbox"
_NATIONAL: Final = PREFIXES["igeo"] + "Pays"
_KIND: Final = ORG + "classification"
_YEAR: Final = re.compile("[0-9]{4}")
_SIGNED: Final = BASE + "id/code/statut/signe"
_YEARS_BEFORE: Final = 2
"""Years before its period in which a contract may be signed."""


def _check_digits(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each SIREN or SIRET with a wrong check digit."""
    for subject, predicate, rest in data.triples_with(f"> <{CPER}sire"):
        match = _SIREN_OR_SIRET.match(rest)
        if match and not (luhn if len(match[1]) == 9 else is_siret)(match[1]):
            yield data.finding("check-digit", subject[1:-1], predicate[1:-1], Literal(match[1]))


def _identifiers(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each identifier that contradicts another one of the same thing, or its name."""
    holders = defaultdict[Term, set[Node]](set)
    for node in data.subjects(PREFIXES["igeo"] + "codeINSEE"):
        code = data.graph.value(node, PREFIXES["igeo"] + "codeINSEE")
        for other in data.graph.all(node, SKOS + "exactMatch"):
            match = _INSEE.fullmatch(other.value) or _ATU.fullmatch(other.value)
            if match and match[1].lstrip("0") != code.lstrip("0"):
                yield data.finding("code-differs", node.value, SKOS + "exactMatch", other, code=code)
    for holder, other in data.pairs(SKOS + "exactMatch"):
        holders[other].add(holder)
    for other, nodes in holders.items():
        first, *more = sorted(nodes, key=str)
        for each in more:
            yield data.finding("match-shared", each.value, SKOS + "exactMatch", other, other=first.value)


def _territories(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each body of which neither the name has that of its territory, nor the reverse."""
    for node, territory in data.pairs(CPER + "territoire"):
        is_body = any(each.startswith(PREFIXES["org"]) for each in data.graph.types(node))
        if not is_body or _NATIONAL in data.graph.types(territory):
            continue
        body, place = _names(data, node), _names(data, territory)
        if body and place and not any(one in other or other in one for one in body for other in place):
            yield data.finding("territory-differs", node.value, CPER + "territoire", territory, named=" / ".join(place))


def _signatories(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each signatory whose name, or whose source at Insee, is not that of its body."""
    for node in data.subjects(RDF + "type", CPER + "Signataire"):
        for body in data.graph.all(node, PROV + "agent"):
            own, names = _names(data, node), _names(data, body)
            if own and names and not any(each in name for each in names for name in own):
                yield data.finding("name-differs", node.value, PROV + "agent", body, named=" / ".join(names))
            same = {
                each
                for territory in data.graph.all(body, CPER + "territoire")
                for each in data.graph.all(territory, SKOS + "exactMatch")
            }
            for source in data.graph.all(node, PROV + "wasDerivedFrom"):
                if _INSEE.fullmatch(source.value) and source not in same:
                    predicate = PROV + "wasDerivedFrom"
                    yield data.finding("source-differs", node.value, predicate, source, body=body.value)


def _kinds(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each body whose name is that of another kind."""
    kinds = {kind for _, kind in data.pairs(_KIND)}
    for node in data.subjects(_KIND):
        words = _padded(" / ".join(_names(data, node)))
        named = {kind for kind in kinds if any(_padded(each) in words for each in _words_for(data, kind))}
        for kind in data.graph.all(node, _KIND):
            if named and kind not in named:
                yield data.finding("kind-differs", node.value, _KIND, kind, named=words.strip())


def _words_for(data: PublishedData, kind: Term) -> list[str]:
    """Return the French words that name bodies of a kind."""
    names = (each for predicate in NAMES for each in data.graph.all(kind, predicate))
    return [folded(each.value) for each in names if isinstance(each, Literal) and each.language == "fr"]


def _outlines(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each outline that is not inside that of the territory around it."""
    for node, around in data.pairs(_GEO + "sfWithin"):
        inner, outer = _box(data, node), _box(data, around)
        if inner and outer and not _is_inside(inner, outer):
            (outline,) = data.graph.all(node, _GEO + "hasGeometry")[:1]
            yield data.finding("outline-outside", node.value, _GEO + "hasGeometry", outline, around=around.value)
    for node in data.subjects(_BOX):
        (box,) = data.graph.all(node, _BOX)[:1]
        stated, drawn = _extent([box.value]), _box(data, node)
        if stated and drawn and not (_is_inside(stated, drawn) and _is_inside(drawn, stated)):
            yield data.finding("box-differs", node.value, _BOX, box)


def _box(data: PublishedData, node: Term) -> tuple[float, float, float, float] | None:
    """Return the least and greatest longitude and latitude of the outline of a territory."""
    outlines = data.graph.all(node, _GEO + "hasGeometry")
    return _extent(text.value for each in outlines for text in data.graph.all(each, _GEO + "asWKT"))


def _names(data: PublishedData, node: Term) -> list[str]:
    """Return the French names of a thing."""
    names = data.graph.all(node, SKOS + "prefLabel")
    texts = [each for each in names if isinstance(each, Literal) and each.language in ("fr", None)]
    return [folded(without_qualifier(each.value)) for each in texts]


def _signings(data: PublishedData) -> Iterator[Finding]:
    """Yield a finding for each contract that is signed long before its period, or after it."""
    for step in data.subjects(PREFIXES["adms"] + "status", _SIGNED):
        contract = None if data.graph.all(step, CPER + "avenant") else data.graph.one(step, CPER + "contrat")
        period = contract and data.graph.one(contract, DCT + "temporal")
        years = [data.graph.value(period, DCAT + each)[:4] for each in ("startDate", "endDate")] if period else []
        if not years or not all(map(_YEAR.fullmatch, years)):
            continue
        start, end = map(int, years)
        for day in data.graph.all(step, DCT + "date"):
            if _YEAR.fullmatch(day.value[:4]) and not start - _YEARS_BEFORE <= int(day.value[:4]) <= end:
                yield data.finding("signing-outside", step.value, DCT + "date", day, period=f"{start}-{end}")


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


_RULES: Final = (_check_digits, _identifiers, _territories, _kinds, _outlines, _signings, _signatories)


def check_consistency(data: PublishedData) -> Iterator[Finding]:
    """Yield the findings about facts that contradict each other."""
    return chain.from_iterable(rule(data) for rule in _RULES)

"""Facts against facts: check digits, codes, names, kinds, groups, scopes, outlines and days that contradict each other."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.check_digits import is_siret, luhn
from cper_lod.core.namespaces import CPER, DCAT, DCT, ORG, PREFIXES, PROV, SKOS
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
_YEAR: Final = re.compile("[0-9]{4}")
_YEARS_BEFORE: Final = 2
"""Years before its period in which a contract may be signed."""


class ConsistencyRules:
    """The rules about facts that contradict each other."""

    def __init__(self, data: PublishedData) -> None:
        self._data = data
        self._graph = data.graph

    def findings(self) -> Iterator[Finding]:
        """Return the findings of all rules."""
        rules = (
            self.check_digits,
            self.identifiers,
            self.kinds,
            self.sums,
            self.outlines,
            self.signings,
            self.signatories,
        )
        return chain.from_iterable(rule() for rule in rules)

    def check_digits(self) -> Iterator[Finding]:
        """Yield a finding for each SIREN or SIRET with a wrong check digit."""
        for subject, predicate, rest in self._data.triples_with(f"> <{CPER}sire"):
            match = _SIREN_OR_SIRET.match(rest)
            if match and not (luhn if len(match[1]) == 9 else is_siret)(match[1]):
                yield self._data.finding("check-digit", subject[1:-1], predicate[1:-1], Literal(match[1]))

    def identifiers(self) -> Iterator[Finding]:
        """Yield a finding for each identifier that contradicts another one of the same thing, or its name."""
        holders = defaultdict[Term, set[Node]](set)
        for node in self._data.subjects(PREFIXES["igeo"] + "codeINSEE"):
            code = self._graph.value(node, PREFIXES["igeo"] + "codeINSEE")
            for other in self._graph.all(node, SKOS + "exactMatch"):
                match = _INSEE.fullmatch(other.value) or _ATU.fullmatch(other.value)
                if match and match[1].lstrip("0") != code.lstrip("0"):
                    yield self._data.finding("code-differs", node.value, SKOS + "exactMatch", other, code=code)
        for holder in self._data.subjects(SKOS + "exactMatch"):
            for other in self._graph.all(holder, SKOS + "exactMatch"):
                holders[other].add(holder)
        for other, nodes in holders.items():
            first, *more = sorted(nodes, key=str)
            for each in more:
                yield self._data.finding("match-shared", each.value, SKOS + "exactMatch", other, other=first.value)
        for body in self._data.subjects(CPER + "territoire"):
            yield from self._body(body)

    def _body(self, node: Node) -> Iterator[Finding]:
        """Yield a finding if neither the name of a body has that of its territory, nor the reverse."""
        if not any(each.startswith(PREFIXES["org"]) for each in self._graph.types(node)):
            return
        for territory in self._graph.all(node, CPER + "territoire"):
            if _NATIONAL in self._graph.types(territory):
                continue
            body, place = self._names(node), self._names(territory)
            if body and place and not any(one in other or other in one for one in body for other in place):
                yield self._data.finding(
                    "territory-differs", node.value, CPER + "territoire", territory, named=" / ".join(place)
                )

    def signatories(self) -> Iterator[Finding]:
        """Yield a finding for each signatory whose name, or whose source at Insee, is not that of its body."""
        for node in self._data.subjects(CPER + "groupe"):
            for body in self._graph.all(node, PROV + "agent"):
                own, names = self._names(node), self._names(body)
                if own and names and not any(each in name for each in names for name in own):
                    yield self._data.finding("name-differs", node.value, PROV + "agent", body, named=" / ".join(names))
                same = {
                    each
                    for territory in self._graph.all(body, CPER + "territoire")
                    for each in self._graph.all(territory, SKOS + "exactMatch")
                }
                for source in self._graph.all(node, PROV + "wasDerivedFrom"):
                    if _INSEE.fullmatch(source.value) and source not in same:
                        predicate = PROV + "wasDerivedFrom"
                        yield self._data.finding("source-differs", node.value, predicate, source, body=body.value)

    def kinds(self) -> Iterator[Finding]:
        """Yield a finding for each body whose name is that of another kind, and each signatory in the group of another."""
        kinds = {kind for node in self._data.subjects(ORG + "classification") for kind in self._kinds(node)}
        for node in self._data.subjects(ORG + "classification"):
            words = _padded(" / ".join(self._names(node)))
            named = {kind for kind in kinds if any(_padded(each) in words for each in self._words_for(kind))}
            for kind in self._kinds(node):
                if named and kind not in named:
                    yield self._data.finding(
                        "kind-differs", node.value, ORG + "classification", kind, named=words.strip()
                    )
        codes = {self._graph.value(kind, SKOS + "notation"): kind for kind in kinds}
        for node in self._data.subjects(CPER + "groupe"):
            for body in self._graph.all(node, PROV + "agent"):
                own = {self._graph.value(kind, SKOS + "notation") for kind in self._kinds(body)}
                for group in self._graph.all(node, CPER + "groupe"):
                    # The group of the State or of the region has their code; the other bodies are in another group.
                    code = self._graph.value(group, SKOS + "notation")
                    if own and code in codes and code not in own:
                        yield self._data.finding("group-differs", node.value, CPER + "groupe", group, body=body.value)

    def _kinds(self, node: Term) -> list[Term]:
        return self._graph.all(node, ORG + "classification")

    def _words_for(self, kind: Term) -> list[str]:
        """Return the French words that name bodies of a kind."""
        names = (each for predicate in NAMES for each in self._graph.all(kind, predicate))
        return [folded(each.value) for each in names if isinstance(each, Literal) and each.language == "fr"]

    def sums(self) -> Iterator[Finding]:
        """Yield a finding for each computed value that mixes currencies or scopes, or has another one."""
        for node in self._data.subjects(CPER + "montantDerive"):
            sources = self._graph.all(node, PROV + "wasDerivedFrom")
            for predicate in (PREFIXES["obeu-attribute"] + "currency", CPER + "perimetre"):
                found = [frozenset(self._graph.all(each, predicate)) for each in sources]
                own = frozenset(self._graph.all(node, predicate))
                stated = {each for each in found if each}
                if len(stated) > 1 or (own and stated and stated != {own}):
                    value = next(iter(own), None)
                    mixed = sorted({each.value for values in stated for each in values})
                    yield self._data.finding("sum-mixed", node.value, predicate, value, mixed=", ".join(mixed))

    def outlines(self) -> Iterator[Finding]:
        """Yield a finding for each outline that is not inside that of the territory around it."""
        for node in self._data.subjects(_GEO + "sfWithin"):
            for around in self._graph.all(node, _GEO + "sfWithin"):
                inner, outer = self._box(node), self._box(around)
                if inner and outer and not _is_inside(inner, outer):
                    (outline,) = self._graph.all(node, _GEO + "hasGeometry")[:1]
                    yield self._data.finding(
                        "outline-outside", node.value, _GEO + "hasGeometry", outline, around=around.value
                    )

        for node in self._data.subjects(_BOX):
            (box,) = self._graph.all(node, _BOX)[:1]
            stated, drawn = _extent([box.value]), self._box(node)
            if stated and drawn and not (_is_inside(stated, drawn) and _is_inside(drawn, stated)):
                yield self._data.finding("box-differs", node.value, _BOX, box)

    def _box(self, node: Term) -> tuple[float, float, float, float] | None:
        """Return the least and greatest longitude and latitude of the outline of a territory."""
        outlines = self._graph.all(node, _GEO + "hasGeometry")
        return _extent(text.value for each in outlines for text in self._graph.all(each, _GEO + "asWKT"))

    def _names(self, node: Term) -> list[str]:
        """Return the French names of a thing."""
        names = self._graph.all(node, SKOS + "prefLabel")
        texts = [each for each in names if isinstance(each, Literal) and each.language in ("fr", None)]
        return [folded(without_qualifier(each.value)) for each in texts]

    def signings(self) -> Iterator[Finding]:
        """Yield a finding for each contract that is signed long before its period, or after it."""
        for contract in self._data.subjects(CPER + "signature"):
            period = self._graph.one(contract, DCT + "temporal")
            years = [self._graph.value(period, DCAT + each)[:4] for each in ("startDate", "endDate")] if period else []
            if not all(map(_YEAR.fullmatch, years)):
                continue
            start, end = map(int, years) if years else (0, 9999)
            for signing in self._graph.all(contract, CPER + "signature"):
                for day in self._graph.all(signing, DCT + "date"):
                    if _YEAR.fullmatch(day.value[:4]) and not start - _YEARS_BEFORE <= int(day.value[:4]) <= end:
                        yield self._data.finding(
                            "signing-outside", signing.value, DCT + "date", day, period=f"{start}-{end}"
                        )


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

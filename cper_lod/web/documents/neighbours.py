"""What stands around a thing on its page: what it belongs to, what belongs to it, and what points to it."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, OA, ORG, PREFIXES, PROV, QB, SKOS
from cper_lod.rdf.statements import natural
from cper_lod.web.components.labels import DEEP
from cper_lod.web.components.observations import Hyperlink
from cper_lod.web.components.property_groups import machinery, place
from cper_lod.web.components.view import Section, Value, View
from cper_lod.web.http import formatting, urls
from cper_lod.web.site import site

_BACK = frozenset({CPER + "contrat", SKOS + "hasTopConcept", PROV + "used"})
"""Properties by which parts point to their whole, lists to their items and calculations to what they start from.

What points so has its place elsewhere: the whole names its parts, and a derived value what it is derived from.
"""
_READ_BACK = {
    PREFIXES["geo"] + "sfWithin": "inverse-within",
    QB + "dataSet": "inverse-data-set",
    OA + "hasTarget": "inverse-linking",
}
"""Properties whose inverse has words of its own."""


@dataclass(frozen=True)
class Parts:
    """What belongs to a thing, of one class; `technical` is what only machines ask for."""

    title: str
    values: tuple[Value, ...]
    technical: bool


@dataclass(frozen=True)
class Inverse:
    """What points to a thing by one property; beside each the contract that it belongs to, where it names one."""

    title: str
    href: str
    values: tuple[tuple[Value, Value | None], ...]


class Surroundings:
    """Looks around one thing, whose page `view` is."""

    def __init__(self, view: View, iri: str) -> None:
        self.view = view
        self.iri = iri
        self.node = NamedNode(iri)
        self.reader = view.reader

    def crumbs(self, kind: str) -> list[Hyperlink]:
        """Return what the thing belongs to, the largest first; else the list of its class."""
        found: list[Hyperlink] = []
        start = site().settings.base_iri + "id/"
        iri = self.iri
        for _ in range(DEEP):
            iri = iri.rpartition("/")[0]
            if self.iri.startswith(start) and not iri.startswith(start):
                break
            if iri.count("/") > 2 and self.reader.described(iri):
                found.append(Hyperlink(self.view.name(iri), urls.page(iri)))
        listed = site().release.listing.of(kind) if kind and not found else None
        if listed and listed.slug:
            found.append(Hyperlink(formatting.capital(self.view.name(kind)), urls.at(f"/doc/{listed.slug}")))
        return found[::-1]

    def parts(self) -> tuple[list[Parts], list[Section]]:
        """Return what belongs to the thing, by class; and what has no page of its own: blank nodes and fragments."""
        groups, sections = dict[str, list[NamedNode]](), list[Section]()
        under = (self.iri + "/", self.iri + "#")
        nodes = sorted(self.view.graph.subjects(), key=lambda each: natural(each.value))
        for node in nodes:
            if isinstance(node, NamedNode) and node.value.startswith(under):
                if "#" in urls.page(node.value):
                    sections.append(self.view.section(node))
                else:
                    groups.setdefault(self.view.names.kind(self.view.graph.types(node)), []).append(node)
        sections += [self.view.section(n) for n in nodes if isinstance(n, BlankNode) and not self.view.is_shown(n)]
        listed = [
            Parts(
                formatting.capital(self.view.name(kind)) if kind else "",
                tuple(self.view.value(each) for each in found),
                machinery(kind),
            )
            for kind, found in groups.items()
        ]
        return sorted(listed, key=lambda each: (len(each.values) > DEEP, each.title)), sections

    def inverses(self, quads: Iterable[Quad]) -> tuple[list[Inverse], list[tuple[Value, Value, Value]]]:
        """Return what points to the thing, by property; and the quads that use it as a property or a graph.

        What the thing points to itself, and what belongs to it, stands on the page already.
        """
        pointing = [quad for quad in quads if quad.object == self.node]
        others = [quad for quad in quads if quad.object != self.node]
        told = {each for values in self.reader.properties(self.node).values() for each in values}
        found = []
        for name, group in groupby(sorted(pointing, key=_order), key=lambda quad: quad.predicate.value):
            if name in _BACK or (place(name) == "technical" and name not in (OA + "hasBody", *_READ_BACK)):
                continue
            subjects = dict.fromkeys(
                quad.subject
                for quad in group
                if isinstance(quad.subject, NamedNode | BlankNode) and quad.subject not in told
                if name != OA + "hasTarget" or self._links(quad.subject)
                if not quad.subject.value.startswith((self.iri + "/", self.iri + "#"))
            )
            if subjects:
                values = tuple((self.view.value(each), self._contract(each)) for each in subjects)
                title = translate(self._sentence(name, subjects), self.view.names.lang, name=self.view.name(name))
                found.append(Inverse(formatting.spaced(title, self.view.names.lang), self.view.iri(name).href, values))
        return found, [self.view.mention(quad) for quad in others]

    def _sentence(self, name: str, subjects: Iterable[NamedNode | BlankNode]) -> str:
        """Return the key of the sentence that introduces the subjects which use a property."""
        if name == PROV + "wasDerivedFrom":
            computed = all(CPER + "ValeurDerivee" in self.reader.types(each) for each in subjects)
            return "inverse-computed" if computed else "inverse-derived"
        return _READ_BACK.get(name, "inverse")

    def _links(self, node: NamedNode | BlankNode) -> bool:
        """Return whether an annotation links its targets to something; others have their place on other pages."""
        return NamedNode(OA + "linking") in self.reader.all(node, OA + "motivatedBy")

    def _contract(self, node: NamedNode | BlankNode) -> Value | None:
        """Return the contract of a membership, which says nothing without it."""
        member = self.reader.one(node, ORG + "member") is not None
        contract = self.reader.one(node, CPER + "contrat") if member else None
        return self.view.value(contract) if isinstance(contract, NamedNode) else None


def _order(quad: Quad) -> tuple[str, str]:
    return quad.predicate.value, str(quad.subject)

"""The neighbours of a thing on its page: what it belongs to, its parts, and what refers to it."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import NamedTuple

from pyoxigraph import BlankNode, NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, OA, PREFIXES, PROV, QB, SKOS, STANDARD_TERMS
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.groups import is_technical_class, page_section
from cper_lod.web.components.labels import MAX_PARENT_STEPS
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import urls
from cper_lod.web.http.values import Section, Value
from cper_lod.web.site import site

_HIDDEN_INVERSES = frozenset({CPER + "contrat", SKOS + "hasTopConcept", PROV + "used", DCT + "relation"})
"""Properties whose inverse is not shown: parts refer to their whole, lists to their items, calculations to their inputs.

The whole shows its parts anyway, and a derived value its inputs.
"""
_INVERSE_SENTENCES = {
    PREFIXES["geo"] + "sfWithin": "inverse-within",
    QB + "dataSet": "inverse-data-set",
    CPER + "jeuLie": "inverse-linking",
}
"""Properties whose inverse has a sentence of its own."""


class PartGroup(NamedTuple):
    """The parts of a thing that are of one class; `technical` if only machines need them."""

    title: str
    values: tuple[Value, ...]
    technical: bool


class IncomingLinks(NamedTuple):
    """The subjects that refer to a thing by one property, each with its contract if it is a membership.

    `repeated` says that the page shows them elsewhere.
    """

    title: str
    href: str
    values: tuple[tuple[Value, Value | None], ...]
    repeated: bool = False


class Neighbourhood:
    """Reads the neighbours of the thing `iri`, whose page shows `view`."""

    def __init__(self, view: DocumentView, iri: str) -> None:
        self.view = view
        self.iri = iri
        self.node = NamedNode(iri)
        self.reader = view.reader

    def crumbs(self, kind: str) -> list[Hyperlink]:
        """Return what the thing belongs to, the largest first; else the list of its class."""
        found: list[Hyperlink] = []
        start = site().settings.base_iri + "id/"
        iri = self.iri
        for _ in range(MAX_PARENT_STEPS):
            iri = iri.rpartition("/")[0]
            if self.iri.startswith(start) and not iri.startswith(start):
                break
            if iri.count("/") > 2 and self.reader.is_described(iri):
                found.append(Hyperlink(self.view.name(iri), urls.page_link(iri)))
        cls = site().release.listing.of(kind) if kind and not found else None
        if cls and cls.slug:
            found.append(Hyperlink(formatting.capital(self.view.name(kind)), urls.link(f"/doc/{cls.slug}")))
        return found[::-1]

    def parts(self) -> tuple[list[PartGroup], list[Section]]:
        """Return the parts of the thing by class; and those without a page of their own: blank nodes and fragments."""
        groups, sections = dict[str, list[NamedNode]](), list[Section]()
        under = (self.iri + "/", self.iri + "#")
        nodes = sorted(self.view.graph.subjects(), key=lambda each: natural_sort_key(each.value))
        for node in nodes:
            if isinstance(node, NamedNode) and node.value.startswith(under):
                if "#" in urls.page_link(node.value):
                    sections.append(self.view.section(node))
                else:
                    groups.setdefault(self.view.names.main_class(self.view.graph.types(node)), []).append(node)
        sections += [self.view.section(n) for n in nodes if isinstance(n, BlankNode) and not self.view.is_shown(n)]
        parts = [
            PartGroup(
                formatting.capital(self.view.name(kind)) if kind else "",
                tuple(self.view.value(each) for each in found),
                is_technical_class(kind),
            )
            for kind, found in groups.items()
        ]
        return sorted(parts, key=lambda each: (len(each.values) > MAX_PARENT_STEPS, each.title)), sections

    def inverses(
        self, quads: Iterable[Quad], shown_properties: Collection[str] = ()
    ) -> tuple[list[IncomingLinks], list[tuple[Value, Value, Value]]]:
        """Return what refers to the thing, by property; and the quads that use it as a property or a graph.

        Left out are subjects that the page already shows as values or as parts of the thing, and standard terms that
        only repeat one of our properties. `shown_properties` are those whose subjects the page shows in its own way.
        """
        pointing = [quad for quad in quads if quad.object == self.node]
        others = [quad for quad in quads if quad.object != self.node]
        shown = {each for values in self.reader.properties(self.node).values() for each in values}
        ours = {quad.subject for quad in pointing if quad.predicate.value.startswith(CPER)}
        found = []
        ordered = sorted(pointing, key=lambda quad: (quad.predicate.value, str(quad.subject)))
        for name, group in groupby(ordered, key=lambda quad: quad.predicate.value):
            if name in _HIDDEN_INVERSES or (
                page_section(name) == "technical" and name not in (OA + "hasBody", *_INVERSE_SENTENCES)
            ):
                continue
            subjects = dict.fromkeys(
                quad.subject
                for quad in group
                if isinstance(quad.subject, NamedNode | BlankNode) and quad.subject not in shown
                if name not in STANDARD_TERMS or quad.subject not in ours
                if not quad.subject.value.startswith((self.iri + "/", self.iri + "#"))
            )
            if subjects:
                values = tuple((self.view.value(each), self._contract(each)) for each in subjects)
                title = translate(self._sentence(name, subjects), self.view.names.lang, name=self.view.name(name))
                found.append(
                    IncomingLinks(
                        formatting.typeset(title, self.view.names.lang),
                        self.view.iri(name).href,
                        values,
                        name in shown_properties,
                    )
                )
        return found, [self.view.mention(quad) for quad in others]

    def _sentence(self, name: str, subjects: Iterable[NamedNode | BlankNode]) -> str:
        """Return the key of the sentence that introduces the subjects which use a property."""
        if name == PROV + "wasDerivedFrom":
            computed = all(CPER + "ValeurDerivee" in self.reader.types(each) for each in subjects)
            return "inverse-computed" if computed else "inverse-derived"
        return _INVERSE_SENTENCES.get(name, "inverse")

    def _contract(self, node: NamedNode | BlankNode) -> Value | None:
        """Return the contract of a signatory, which would mean nothing without it."""
        is_signatory = self.reader.one(node, PROV + "agent") is not None
        contract = self.reader.one(node, CPER + "contrat") if is_signatory else None
        return self.view.value(contract) if isinstance(contract, NamedNode) else None

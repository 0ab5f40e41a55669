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
from cper_lod.web.http import urls
from cper_lod.web.http.values import Section, Value
from cper_lod.web.site import site
from cper_lod.web.thing_pages.page import PageSubject

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
    """The subjects that refer to a thing by one property, each with its contract if it is a membership."""

    title: str
    values: tuple[tuple[Value, Value | None], ...]


def crumbs(subject: PageSubject, kind: str) -> list[Hyperlink]:
    """Return what a thing belongs to, the largest first; else the list of its class."""
    view, own, found = subject.view, subject.node.value, list[Hyperlink]()
    start, iri = site().settings.base_iri + "id/", own
    for _ in range(MAX_PARENT_STEPS):
        iri = iri.rpartition("/")[0]
        if own.startswith(start) and not iri.startswith(start):
            break
        if iri.count("/") > 2 and subject.reader.is_described(iri):
            found.append(Hyperlink(view.name(iri), urls.page_link(iri)))
    cls = site().release.listing.of(kind) if kind and not found else None
    if cls and cls.slug:
        found.append(Hyperlink(formatting.capital(view.name(kind)), urls.link(f"/doc/{cls.slug}")))
    return found[::-1]


def parts(subject: PageSubject) -> tuple[list[PartGroup], list[Section]]:
    """Return the parts of a thing by class; and those without a page of their own: blank nodes and fragments."""
    view, groups, sections = subject.view, dict[str, list[Value]](), list[Section]()
    under = (subject.node.value + "/", subject.node.value + "#")
    nodes = sorted(view.graph.subjects(), key=lambda each: natural_sort_key(each.value))
    for node in nodes:
        if isinstance(node, NamedNode) and node.value.startswith(under):
            if "#" in urls.page_link(node.value):
                sections.append(view.section(node))
            else:
                groups.setdefault(view.names.main_class(view.graph.types(node)), []).append(view.value(node))
    sections += [view.section(n) for n in nodes if isinstance(n, BlankNode) and not view.is_shown(n)]
    found = [
        PartGroup(formatting.capital(view.name(kind)) if kind else "", tuple(values), is_technical_class(kind))
        for kind, values in groups.items()
    ]
    return sorted(found, key=lambda each: (len(each.values) > MAX_PARENT_STEPS, each.title)), sections


def inverses(
    subject: PageSubject, quads: Iterable[Quad], told: Collection[str]
) -> tuple[list[IncomingLinks], list[IncomingLinks]]:
    """Return what refers to a thing, by property: first by those that the page does not tell in its own way, then by those.

    Left out are subjects that the page already shows as values or as parts of the thing, and standard terms that only
    repeat one of our properties.
    """
    pointing = [quad for quad in quads if quad.object == subject.node]
    shown = {each for values in subject.reader.properties(subject.node).values() for each in values}
    ours = {quad.subject for quad in pointing if quad.predicate.value.startswith(CPER)}
    under = (subject.node.value + "/", subject.node.value + "#")
    found: tuple[list[IncomingLinks], list[IncomingLinks]] = [], []
    ordered = sorted(pointing, key=lambda quad: (quad.predicate.value, str(quad.subject)))
    for name, group in groupby(ordered, key=lambda quad: quad.predicate.value):
        is_technical = page_section(name) == "technical" and name not in (OA + "hasBody", *_INVERSE_SENTENCES)
        if name in _HIDDEN_INVERSES or is_technical:
            continue
        subjects = dict.fromkeys(
            quad.subject
            for quad in group
            if isinstance(quad.subject, NamedNode | BlankNode) and quad.subject not in shown
            if name not in STANDARD_TERMS or quad.subject not in ours
            if not quad.subject.value.startswith(under)
        )
        if subjects:
            title = translate(_sentence(subject, name, subjects), subject.lang, name=subject.view.name(name))
            values = tuple((subject.view.value(each), _contract(subject, each)) for each in subjects)
            found[name in told].append(IncomingLinks(formatting.typeset(title, subject.lang), values))
    return found


def _sentence(subject: PageSubject, name: str, subjects: Iterable[NamedNode | BlankNode]) -> str:
    """Return the key of the sentence that introduces the subjects which use a property."""
    if name == PROV + "wasDerivedFrom":
        computed = all(CPER + "ValeurDerivee" in subject.reader.types(each) for each in subjects)
        return "inverse-computed" if computed else "inverse-derived"
    return _INVERSE_SENTENCES.get(name, "inverse")


def _contract(subject: PageSubject, node: NamedNode | BlankNode) -> Value | None:
    """Return the contract of a signatory, which would mean nothing without it."""
    is_signatory = subject.reader.one(node, PROV + "agent") is not None
    contract = subject.reader.one(node, CPER + "contrat") if is_signatory else None
    return subject.view.value(contract) if isinstance(contract, NamedNode) else None

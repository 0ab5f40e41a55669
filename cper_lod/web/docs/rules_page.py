"""The documentation of the shapes: rule by rule in words, in chapters by what the rules look at."""

from dataclasses import dataclass
from itertools import chain
from typing import Final

from flask import Response
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import say
from cper_lod.core.namespaces import DCT, ONTOLOGY, OWL, PREFIXES, SKOS, shorten
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.docs.shapes import TARGETS, Rule, Rules, Target
from cper_lod.release.documents import Document, document
from cper_lod.web.docs.shapes import RuleView, fragment, pieces
from cper_lod.web.http import responses, urls
from cper_lod.web.site import site

MOST: Final = 500
"""Rules that the page shows; it says how many there are."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the page: its title, and the page and the prefixed name of what its rules look at."""

    title: str
    href: str = ""
    code: str = ""


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """The documentation of the shapes: rule by rule in words, in chapters by what they look at."""
    lang, told = responses.lang(), Rules(about.quads)
    view = RuleView(site().release, told, lang)
    chapters = _chapters(told, view, lang)
    shown = {each.iri: view.shown(each) for each in list(chain(*(rules for _, rules in chapters)))[:MOST]}
    header = NamedNode(about.iri)
    return responses.page(
        "shapes.html",
        title=told.graph.label(header, lang),
        description=told.graph.text(header, DCT + "description", lang)[0],
        version=told.graph.value(header, OWL + "versionInfo"),
        notes=[
            each.value
            for each in told.graph.all(header, SKOS + "note")
            if isinstance(each, Literal) and each.language in (lang, None)
        ],
        chapters=[(chapter, [shown[each.iri] for each in rules if each.iri in shown]) for chapter, rules in chapters],
        count=len(told.all),
        left_out=len(told.all) - len(shown),
        pieces=pieces,
        prefixes=[(prefix, namespace, fragment(iri)) for prefix, namespace, iri in told.prefixes()],
        forms=urls.forms(path, query),
    )


def _chapters(told: Rules, view: RuleView, lang: Language) -> list[tuple[Chapter, list[Rule]]]:
    """Return the rules by what they look at first.

    A chapter for each of our classes, in the order in which the ontology tells them; one for our properties; one for
    each other vocabulary, for each resource that has rules of its own, and for what only other rules use.
    """
    order = _order()

    def key(target: Target | None) -> tuple[object, ...]:
        if target is None:
            return (4,)
        known, kind = target.iri in order, TARGETS.index(target.kind)
        rank = 3 if target.kind == "Node" else 2 if not known else 0 if target.kind == "Class" else 1
        return (rank, order.get(target.iri, 0), _vocabulary(target.iri), kind, target.iri)

    chapters: dict[Chapter, list[Rule]] = {}
    firsts = ((min(each.targets, key=key, default=None), each) for each in told.all.values())
    for target, each in sorted(firsts, key=lambda pair: (key(pair[0]), pair[1].iri)):
        chapters.setdefault(_chapter(target, key(target)[0], view, lang), []).append(each)
    return list(chapters.items())


def _chapter(target: Target | None, rank: object, view: RuleView, lang: Language) -> Chapter:
    """Return the chapter of the rules with this first target."""
    if target is None:
        return Chapter(say("rules-parts", lang))
    if rank == 1:
        return Chapter(say("rules-properties", lang))
    if rank == 2:
        name = _vocabulary(target.iri)
        return Chapter(say("rules-vocabulary", lang, name=name), code=PREFIXES.get(name, ""))
    about = view.link(target.iri)
    title = say("rules-profile", lang, name=about.text) if rank == 3 else about.text
    return Chapter(title, about.href, shorten(target.iri) if rank == 0 else "")


def _vocabulary(iri: str) -> str:
    """Return the prefix of a term, else where its name begins."""
    short = shorten(iri)
    return short.partition(":")[0] if short != iri else iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _order() -> dict[str, int]:
    """Return the place of each term of the ontology, none where the release has no ontology."""
    try:
        told = Ontology(document(site().release, ONTOLOGY).quads, ONTOLOGY, site().release.context)
    except Problem:
        return {}
    return {iri: place for place, iri in enumerate((*told.classes, *told.properties))}

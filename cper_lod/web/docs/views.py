"""The ontology and the shapes: documentation as a page, the same as RDF."""

import re
from collections.abc import Callable
from itertools import groupby
from operator import attrgetter
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import DOCUMENT, Format, by_suffix
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, LABELS, ONTOLOGY, OWL, QB, RDF, SH, SHAPES, SKOS
from cper_lod.release.docs import usage
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.docs.shapes import Rules
from cper_lod.release.docs.versions import current_version, version_document
from cper_lod.release.documents import Document, document, shapes_document
from cper_lod.web.components.view import Row, View
from cper_lod.web.docs import ontology as code_lists
from cper_lod.web.docs import ontology as ontology_versions
from cper_lod.web.docs import shapes as rule
from cper_lod.web.docs import shapes as rules_page
from cper_lod.web.docs.class_diagram import diagram
from cper_lod.web.docs.ontology import Named, Term, Terms
from cper_lod.web.documents import things
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.site import site

blueprint = Blueprint("ontology", __name__)
ELSEWHERE: Final = frozenset({RDF + "type", *LABELS, DCT + "description", SH + "declare", SKOS + "changeNote"})
"""What the page of an ontology says outside the table of its header."""
MOST: Final = 500
"""Terms that the page shows; it says how many more there are."""
IDS: Final = frozenset(
    {"content", "classes", "properties", "versions", "diagram-title", "diagram-desc", "diagram-head", "search-box"}
)
"""The ids that a page has whatever its terms are called."""
_VERSIONED: Final = re.compile(r"([0-9.]*[0-9])(?:\.([A-Za-z][A-Za-z0-9]*))?")


@blueprint.get("/ontology", defaults={"suffix": ""})
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str) -> Response:
    """The ontology, as documentation (diagram, examples, rules, changes) or as RDF."""
    return _document(suffix, "/ontology", ONTOLOGY, document, _terms_page)


@blueprint.get("/ontology/<name>")
def version(name: str) -> Response:
    """One version of the ontology (`/ontology/1.0.0`), negotiated or by suffix; an earlier version never changes."""
    named = _VERSIONED.fullmatch(name)
    number, suffix = named.groups("") if named else (name, "")
    about, form = version_document(site().release, number), _form(suffix)
    past = number != current_version(site().release) and suffix and form in things.FIXED
    cache = responses.FOR_GOOD if past else responses.FRESH
    path = f"/ontology/{number}"
    response = things.answer(about, path, form, negotiated=not suffix, query={}, page=_terms_page, cache=cache)
    latest = urls.public(urls.whole("/ontology", {}))
    response.headers.add("Link", header([Link(latest, "latest-version")])[0])
    return response


@blueprint.get("/shapes", defaults={"suffix": ""})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str) -> Response:
    """The SHACL shapes that every release conforms to."""
    return _document(suffix, "/shapes", SHAPES.rstrip("#"), shapes_document, rules_page.page)


def _document(
    suffix: str,
    path: str,
    iri: str,
    find: Callable[..., Document],
    page: Callable[[Document, str, dict[str, str]], Response],
) -> Response:
    """Return the document of `iri` in the form its suffix or the Accept header says."""
    form = _form(suffix)
    return things.answer(find(site().release, iri), path, form, negotiated=not suffix, query={}, page=page)


def _form(suffix: str) -> Format:
    """Return the form that a suffix names, or for none the one that the request prefers."""
    form = by_suffix(suffix, DOCUMENT) if suffix else things.chosen()
    if form is None:
        offers = ", ".join("." + each.suffix for each in DOCUMENT)
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=offers)
    return form


def _ontology(about: Document) -> Ontology:
    return Ontology(about.quads, ONTOLOGY, site().release.context)


def _rules() -> Rules:
    """Return the rules of the release; data served as given has none."""
    try:
        return Rules(shapes_document(site().release, SHAPES.rstrip("#")).quads)
    except Problem:
        return Rules(())


def _terms_page(about: Document, path: str, query: dict[str, str]) -> Response:
    """The documentation of the ontology: header, diagram, classes with their properties, code lists, changes."""
    lang, told = responses.lang(), _ontology(about)
    view = View(site().release, (), lang)
    terms = Terms(site().release, told, _rules(), view, lang, path)
    iris = (*told.classes, *told.properties)[:MOST]
    anchors = {iri: anchor for iri in iris if (anchor := rule.fragment(iri)) not in IDS}
    shown = {iri: terms.term(iri, anchors.get(iri, "")) for iri in iris}

    return responses.page(
        "ontology.html",
        title=told.graph.label(told.header, lang),
        description=told.graph.text(told.header, DCT + "description", lang)[0],
        version=told.graph.value(told.header, OWL + "versionInfo"),
        header=_header(told, view, lang),
        diagram=diagram(told, view.name, translate("diagram-several", lang), translate("ontology-super", lang)),
        linked=_links(told, terms),
        term=shown,
        chapters=_chapters(told, shown),
        elsewhere=[shown[iri] for iri in told.elsewhere() if iri in shown],
        left_out=len(told.classes) + len(told.properties) - len(shown),
        lists=code_lists.lists(view),
        versions=ontology_versions.part(told, about.quads, view),
        replaced=ontology_versions.replaced(told),
        structures=[view.iri(each) for each in usage.defined(site().release, ONTOLOGY, QB + "DataStructureDefinition")],
        changes=[
            (version, [(each, view.iri(each.iri)) for each in those])
            for version, those in groupby(told.changes(lang), key=attrgetter("version"))
        ],
        prefixes=_prefixes(told),
        forms=urls.forms(path, query),
    )


def _chapters(told: Ontology, shown: dict[str, Term]) -> list[tuple[Term, list[Term]]]:
    """Return each class with the properties of its own; one that two classes own is told with the first."""
    left = {iri for iri in shown if not told.is_class(iri)}
    chapters = []
    for cls in filter(shown.__contains__, told.classes):
        own = [iri for iri in told.own(cls) if iri in left]
        left.difference_update(own)
        chapters.append((shown[cls], [shown[iri] for iri in own]))
    return chapters


def _header(told: Ontology, view: View, lang: str) -> list[Row]:
    """Return what the ontology says of itself, each text in the reader's language alone where it is there."""
    rows = []
    for name, values in told.graph.properties(told.header).items():
        spoken = [each for each in values if isinstance(each, Literal) and each.language == lang] or values
        if name not in ELSEWHERE:
            rows.append(Row(name, view.name(name), view.iri(name).href, tuple(view.value(each) for each in spoken)))
    return rows


def _links(told: Ontology, terms: Terms) -> list[tuple[list[Named], Named, list[Named]]]:
    """Return each property that the diagram draws between the classes that have it and those that it leads to."""
    drawn = told.links()
    return [
        (
            terms.named(cls for cls in told.classes if iri in (*told.own(cls), *told.shared(cls))),
            terms.named([iri])[0],
            terms.named(dict.fromkeys(link.target for link in drawn if link.property == iri)),
        )
        for iri in dict.fromkeys(link.property for link in drawn)
    ]


def _prefixes(told: Ontology) -> list[tuple[str, str, str]]:
    """Return the prefixes that the ontology declares, each with its namespace and its fragment of the page."""
    graph, start = told.graph, told.header.value + "#"
    nodes = [node for node in graph.all(told.header, SH + "declare") if isinstance(node, NamedNode)]
    terms = {*told.classes, *told.properties}
    return sorted(
        (
            graph.value(node, SH + "prefix"),
            graph.value(node, SH + "namespace"),
            node.value.removeprefix(start) if node.value.startswith(start) and node.value not in terms else "",
        )
        for node in nodes
    )

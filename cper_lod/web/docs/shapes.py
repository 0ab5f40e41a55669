"""The pages of the SHACL shapes: all rules by the class that they are about, and one rule with what it states."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from flask import Response
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.formats import VOCABULARY_FORMATS
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, OWL, RDFS, SH, SHAPES, SKOS, shorten
from cper_lod.release.docs.documentation import QUERIES, declared_prefixes
from cper_lod.release.documents import Document, shapes_document
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site

SEVERITIES: Final = {SH + "Violation": "rule-violation", SH + "Warning": "rule-warning", SH + "Info": "rule-info"}
"""The sentence of each severity."""
_SAID: Final = frozenset({RDFS + "label", RDFS + "comment", *QUERIES})
"""What the page of a rule does not repeat in its rows."""


def index(_: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of all shapes."""
    shapes, lang, header = site().documentation.shapes, flask_responses.lang(), NamedNode(SHAPES.rstrip("#"))
    graph, view = shapes.graph, DocumentView(site().release, (), lang)
    groups = [
        (
            view.name(cls) if cls else translate("rules-others", lang),
            [(iri.partition("#")[2], _link(iri), SEVERITIES.get(shapes.severity(iri), "rule-info")) for iri in iris],
        )
        for cls, iris in shapes.groups(site().documentation.ontology.classes).items()
    ]
    return flask_responses.page(
        "shapes.html",
        title=graph.label(header, lang),
        description=graph.text(header, DCT + "description", lang)[0],
        version=graph.value(header, OWL + "versionInfo"),
        notes=[graph.text(header, SKOS + "note", lang)[0]],
        counts=Counter(SEVERITIES.get(shapes.severity(iri), "rule-info") for iri in shapes.all if shapes.targets(iri)),
        groups=groups,
        prefixes=[(prefix, space, iri.partition("#")[2]) for prefix, space, iri in declared_prefixes(graph)],
        forms=urls.format_addresses(path, query, VOCABULARY_FORMATS),
        curl=curl_command(path, query),
        run="pyshacl -s shapes.ttl tout.nt",
    )


def _link(iri: str) -> Hyperlink:
    graph, lang = site().documentation.shapes.graph, flask_responses.lang()
    return Hyperlink(graph.label(NamedNode(iri), lang) or shorten(iri), urls.page_link(iri))


def shape(name: str) -> Response:
    """Return the page of a shape, or of a SPARQL constraint of one; raises `not-found`."""
    release, lang, iri = site().release, flask_responses.lang(), SHAPES + name
    shapes, node = site().documentation.shapes, NamedNode(iri)
    view = DocumentView(release, _shown(shapes_document(release, iri).quads, node, lang), lang)
    return flask_responses.page(
        "shape.html",
        title=_link(iri).text,
        name=shorten(iri),
        remedy=shapes.graph.text(node, RDFS + "comment", lang)[0],
        severity=SEVERITIES.get(shapes.severity(iri), "rule-info") if shapes.targets(iri) else "",
        section=view.section(node),
        queries=shapes.queries(iri),
        crumbs=[Hyperlink(shapes.graph.label(NamedNode(SHAPES.rstrip("#")), lang), urls.link("/shapes"))],
        forms=urls.format_addresses("/shapes", {}, VOCABULARY_FORMATS),
        curl=curl_command("/shapes", {}),
    )


def _shown(quads: Iterable[Quad], node: NamedNode, lang: str) -> list[Quad]:
    """Return what the page of a shape shows in rows: without what it shows elsewhere, and texts in the reader's language."""
    quads = [each for each in quads if each.subject != node or each.predicate.value not in _SAID]
    texts = {each.predicate for each in quads if isinstance(each.object, Literal) and each.object.language == lang}
    return [
        each
        for each in quads
        if each.predicate not in texts or not isinstance(each.object, Literal) or each.object.language == lang
    ]

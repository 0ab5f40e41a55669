"""The ontology, its terms and the shapes as pages and as RDF, and the JSON Schemas of the documents."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.formats import VOCABULARY_FORMATS, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, MODULES, ONTOLOGY, OWL, PUBLICATION_SHAPES, RDFS, SH, SHAPES, SKOS, shorten
from cper_lod.release.docs.documentation import QUERIES, declared_prefixes
from cper_lod.release.documents import Document, document, rules_document, shapes_document
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.api import schemas
from cper_lod.web.api.schemas import VERSION
from cper_lod.web.components.view import DocumentView
from cper_lod.web.documents import thing_page, things
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import site

blueprint = Blueprint("ontology", __name__)
_MODULES: Final = ",".join(MODULES)
JSON_SCHEMA: Final = Format("json-schema", "json", "application/schema+json", "JSON Schema", charset=False)


@blueprint.get("/ontology", defaults={"suffix": ""})
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str) -> Response:
    """The ontology: as a page (how to use it, all terms with their meaning), or as RDF."""
    selected = things.select_document("/ontology", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(document(site().release, ONTOLOGY), selected)


@blueprint.get(f"/ontology/<any({_MODULES}):name>", defaults={"suffix": ""})
@blueprint.get(f"/ontology/<any({_MODULES}):name>.<suffix>")
def module(name: str, suffix: str) -> Response:
    """A module of the ontology, of subsidies or of links with datasets of other publishers: as a page, or as RDF."""
    selected = things.select_document(f"/ontology/{name}", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(document(site().release, MODULES[name]), selected)


@blueprint.get("/ontology/<number>", defaults={"name": ""})
@blueprint.get(f"/ontology/<any({_MODULES}):name>/<number>")
def version(name: str, number: str) -> Response:
    """The version of the ontology, or of a module, that there is, by its number (`/ontology/1.0.0`, `.ttl`…): 303 to its page."""
    iri, path = (MODULES[name], f"/ontology/{name}") if name else (ONTOLOGY, "/ontology")
    for stated in ReleaseGraph(site().release).all(NamedNode(iri), OWL + "versionIRI"):
        current = stated.value.removeprefix(f"{iri}/")
        suffix = number.removeprefix(current)
        if number.startswith(current) and suffix[:1] in ("", "."):
            return flask_responses.see_other(urls.link(f"{path}{suffix}"))
    raise Problem("page-not-found", path=request.path[:200])


@blueprint.get("/ontology/term/<path:name>")
def term(name: str) -> Response:
    """The page of a class or a property of the ontology, or of a module (`subventions/Subvention`): definition, example, uses, properties, questions, rules."""
    flask_responses.negotiate_page()
    module, _, local = name.partition("/")
    about = document(site().release, f"{MODULES[module]}#{local}" if module in MODULES else f"{ONTOLOGY}#{name}")
    return thing_page.page(about, f"/ontology/term/{name}", {})


@blueprint.get("/shapes", defaults={"suffix": ""})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str) -> Response:
    """The SHACL shapes that every release conforms to: as a page with all of them; as RDF, those about the data."""
    selected = things.select_document("/shapes", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(rules_document(site().release, SHAPES.rstrip("#")), selected, page=_shapes_page)


@blueprint.get("/shapes/publication", defaults={"suffix": ""})
@blueprint.get("/shapes/publication.<suffix>")
def publication_shapes(suffix: str) -> Response:
    """The SHACL shapes about ontology, prefixes, questions and catalogue as RDF; the page is that of all shapes."""
    selected = things.select_document("/shapes/publication", suffix, offers=VOCABULARY_FORMATS)
    return things.respond(rules_document(site().release, PUBLICATION_SHAPES), selected, page=_shapes_page)


@blueprint.get("/shapes/<path:name>")
def shape(name: str) -> Response:
    """The page of a shape, or of a SPARQL constraint: what to do, its message, targets and parameters, its queries."""
    flask_responses.negotiate_page()
    return _shape_page(name)


@blueprint.get("/schema/<version>/<name>.json")
def schema(version: str, name: str) -> Response:
    """The JSON Schema of a document in plain JSON: of a thing by its `type` (`Contrat`), of a list (`Liste`), of a search."""
    document = schemas.document(name, flask_responses.lang()) if version == VERSION else None
    if document is None:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.representation(document, JSON_SCHEMA, vary=("Accept-Language",))


SEVERITIES: Final = {SH + "Violation": "rule-violation", SH + "Warning": "rule-warning", SH + "Info": "rule-info"}
"""The sentence of each severity."""
_SAID: Final = frozenset({RDFS + "label", RDFS + "comment", *QUERIES})
"""What the page of a rule does not repeat in its rows."""


def _shapes_page(_: Document, path: str, query: dict[str, str]) -> Response:
    """Return the page of all shapes."""
    shapes, lang, header = site().documentation.shapes, flask_responses.lang(), NamedNode(SHAPES.rstrip("#"))
    graph, view = shapes.graph, DocumentView(site().release, (), lang)
    groups = [
        (
            view.name(cls) if cls else translate("rules-others", lang),
            [(iri.partition("#")[2], _link(iri), SEVERITIES.get(shapes.severity(iri), "rule-info")) for iri in iris],
        )
        for cls, iris in shapes.groups(
            each for one in site().documentation.vocabularies.values() for each in one.classes
        ).items()
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


def _shape_page(name: str) -> Response:
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

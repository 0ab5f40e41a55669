"""The ontology and the shapes: documentation as a page, the same as RDF."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.release.graph import Graph
from cper_lod.release.resource import Document, document, mentions, shapes_document
from cper_lod.terms.formats import DOCUMENT, by_suffix
from cper_lod.terms.namespaces import CPER, DCT, ONTOLOGY, OWL, RDFS, SH, SHAPES, SKOS
from cper_lod.terms.problems import Problem
from cper_lod.web import addresses, resources, responses
from cper_lod.web.responses import site
from cper_lod.web.view import Value, View

blueprint = Blueprint("ontology", __name__)


@dataclass(frozen=True)
class Term:
    """A class or a property as the documentation shows it."""

    name: str
    title: str
    definition: str
    examples: tuple[str, ...]
    supers: tuple[Value, ...]
    domains: tuple[Value, ...]
    ranges: tuple[Value, ...]
    notes: tuple[str, ...]
    questions: tuple[Value, ...]


@blueprint.get("/ontology", defaults={"suffix": ""})
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str) -> Response:
    """The ontology, whose fragments are its terms."""
    return _document(suffix, "/ontology", ONTOLOGY, document, _terms_page)


@blueprint.get("/shapes", defaults={"suffix": ""})
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str) -> Response:
    """The shapes that every release must fit."""

    def page(about: Document, path: str, query: dict[str, str]) -> Response:
        return resources.show(about, path, query)

    return _document(suffix, "/shapes", SHAPES.rstrip("#"), shapes_document, page)


def _document(
    suffix: str,
    path: str,
    iri: str,
    find: Callable[..., Document],
    page: Callable[[Document, str, dict[str, str]], Response],
) -> Response:
    """Return the document of `iri` in the form its suffix or the Accept header says."""
    form = by_suffix(suffix, DOCUMENT) if suffix else resources.chosen()
    if form is None:
        offers = ", ".join("." + each.suffix for each in DOCUMENT)
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=offers)
    return resources.answer(find(site().release, iri), path, form, negotiated=not suffix, query={}, page=page)


def _terms_page(about: Document, path: str, query: dict[str, str]) -> Response:
    """The documentation of the ontology: classes, then properties, with the questions that use them, then prefixes."""
    lang, graph = responses.lang(), Graph(about.quads)
    view = View(site().release, about.quads, lang)

    def term(node: NamedNode) -> Term:
        values = {
            name: tuple(view.value(each) for each in graph.all(node, RDFS + name))
            for name in ("subClassOf", "subPropertyOf", "domain", "range")
        }
        users = {
            quad.subject for quad in mentions(site().release, node.value) if quad.predicate.value == DCT + "references"
        }
        questions = tuple(view.value(user) for user in sorted(users, key=str) if isinstance(user, NamedNode))
        return Term(
            node.value.removeprefix(CPER),
            graph.label(node, lang),
            graph.text(node, SKOS + "definition", lang)[0],
            tuple(filter(None, [graph.text(node, SKOS + "example", lang)[0]])),
            values["subClassOf"] + values["subPropertyOf"],
            values["domain"],
            values["range"],
            tuple(filter(None, [graph.text(node, SKOS + "scopeNote", lang)[0]])),
            questions,
        )

    def terms(kind: str) -> list[Term]:
        nodes = [node for node in graph.of_type(kind) if isinstance(node, NamedNode) and node.value.startswith(CPER)]
        return [term(node) for node in sorted(nodes, key=lambda each: each.value)]

    header = NamedNode(ONTOLOGY)
    prefixes = sorted(
        (graph.value(node, SH + "prefix"), graph.value(node, SH + "namespace"), node.value.removeprefix(CPER))
        for node in graph.all(header, SH + "declare")
        if isinstance(node, NamedNode)
    )
    return responses.page(
        "ontology.html",
        title=graph.label(header, lang),
        description=graph.text(header, DCT + "description", lang)[0],
        version=graph.value(header, OWL + "versionInfo"),
        classes=terms(OWL + "Class"),
        properties=terms(OWL + "ObjectProperty") + terms(OWL + "DatatypeProperty"),
        prefixes=prefixes,
        forms=addresses.forms(path, query),
    )

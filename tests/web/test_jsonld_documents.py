"""Every document in every JSON-LD profile: pyld, rdflib and Oxigraph read the triples of the document from it."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pyoxigraph
import pytest
import rdflib
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, Triple

from cper_lod.rdf import jsonld
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.shacl.store import literals_as_written
from cper_lod.release.documents import Document, document
from cper_lod.release.release import Release
from tests.support.graphs import READERS, by_oxigraph, by_pyld, by_rdflib, canonical, union
from tests.support.web import described

ADDRESS = "https://context.test/1.0.0.jsonld"
FORMS: dict[str, Callable[[Document, Context], bytes]] = {
    "nested": lambda about, context: jsonld.write(about.quads, about.iri, context, address=ADDRESS),
    "flattened": lambda about, _: jsonld.flattened(about.quads),
    "expanded": lambda about, _: jsonld.expanded(about.quads),
}


def inlined(tree: Any, context: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return a document with the context in place of its address."""
    if isinstance(tree, dict) and tree["@context"] == ADDRESS:
        return {**tree, "@context": context["@context"]}
    if isinstance(tree, dict) and isinstance(tree["@context"], list):
        return {**tree, "@context": [context["@context"] if each == ADDRESS else each for each in tree["@context"]]}
    return tree


@pytest.fixture(scope="module")
def context(release: Release) -> dict[str, Any]:
    """The context file as JSON."""
    found: dict[str, Any] = json.loads((release.folder / "context.jsonld").read_bytes())
    return found


LARGE = ("/catalog", "/void", "/ontology", "/shapes")
"""What takes long to read."""
SERVED = (
    "/doc/contrat/hauts-de-france-2021-2027",
    "/doc/contrat/hauts-de-france-2021-2027/axe/6",
    "/doc/organisme/region-hauts-de-france",
    "/doc/jeu-de-donnees/contrat",
    "/doc/def/structure/montant-total",
    "/describe?iri=http://id.insee.fr/geo/region/32",
    "/sparql",
    *LARGE,
)
"""A document of each kind that is served in JSON-LD."""


def without_blank_nodes(graph: rdflib.Graph) -> Counter[tuple[Any, ...]]:
    """Count the triples, all blank nodes being one: the canonical forms tell the rest."""
    return Counter(tuple("" if isinstance(term, rdflib.BNode) else term for term in triple) for triple in graph)


def served(client: FlaskClient, path: str, suffix: str, **parameters: str) -> bytes:
    path, _, query = path.partition("?")
    query = "&".join(filter(None, (query, *map("=".join, parameters.items()))))
    answer = client.get(f"{path}.{suffix}?{query}")
    assert answer.status_code == 200, answer.text
    return answer.data


PROFILES = ({}, {"profile": "flattened"}, {"profile": "expanded"})


@pytest.mark.parametrize("path", [pytest.param(path, marks=[pytest.mark.slow] * (path in LARGE)) for path in SERVED])
def test_what_is_served_is_one_graph_for_all_readers(client: FlaskClient, context: dict[str, Any], path: str) -> None:
    """Of rdflib, its own reading of Turtle is asked too: it tells literals apart that are the same in RDF."""
    turtle = served(client, path, "ttl")
    expected = canonical(pyoxigraph.parse(turtle, RdfFormat.TURTLE))
    assert expected
    with literals_as_written():
        of_turtle = without_blank_nodes(rdflib.Graph().parse(data=turtle, format="turtle"))
        of_xml = rdflib.Graph().parse(data=served(client, path, "rdf"), format="xml")
    assert without_blank_nodes(of_xml) == of_turtle
    for suffix, form in (("nt", RdfFormat.N_TRIPLES), ("trig", RdfFormat.TRIG)):
        assert canonical(union(pyoxigraph.parse(served(client, path, suffix), form))) == expected
    for parameters in PROFILES[:1] if path in LARGE else PROFILES:
        tree = json.loads(served(client, path, "jsonld", **parameters))
        if isinstance(tree, dict) and isinstance(tree["@context"], str):
            assert tree["@context"].endswith("/context/2.0.0.jsonld")
            tree["@context"] = ADDRESS
        tree, dataset = inlined(tree, context), rdflib.Dataset()
        for nquads in (by_pyld(tree), by_rdflib(tree, dataset), by_oxigraph(tree)):
            assert canonical(pyoxigraph.parse(nquads, RdfFormat.N_QUADS)) == expected, parameters
        assert without_blank_nodes(dataset.default_graph) == of_turtle, parameters


@pytest.mark.parametrize("form", FORMS)
def test_every_document_of_hostile_data_reads_back(hostile: Release, context: dict[str, Any], form: str) -> None:
    refused = set()
    for iri in described(hostile):
        about = document(hostile, iri)
        if any(isinstance(quad.object, Triple) for quad in about.quads):
            with pytest.raises(ValueError, match="triple term"):
                FORMS[form](about, hostile.context)
            refused.add(iri)
            continue
        tree = inlined(json.loads(FORMS[form](about, hostile.context)), context)
        for read in READERS:
            found = pyoxigraph.parse(read(tree), RdfFormat.N_QUADS)
            assert canonical(union(found)) == canonical(union(about.quads)), (iri, read)
    assert "http://ex.org/quoted" in refused

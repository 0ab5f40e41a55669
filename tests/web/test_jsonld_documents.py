"""Every document in every JSON-LD profile: pyld, rdflib and Oxigraph read the triples of the document from it."""

import json
import logging
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyoxigraph
import pytest
import rdflib
from flask.testing import FlaskClient
from pyld import jsonld as pyld
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, RdfFormat, Triple

from cper_lod.rdf import jsonld
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.documents import Document, document
from cper_lod.release.release import Release

ADDRESS = "https://context.test/1.0.0.jsonld"
FORMS: dict[str, Callable[[Document, Context], bytes]] = {
    "nested": lambda about, context: jsonld.write(about.quads, about.iri, context, address=ADDRESS),
    "nested, context within": lambda about, context: jsonld.write(about.quads, about.iri, context, address=None),
    "flattened": lambda about, _: jsonld.flattened(about.quads),
    "expanded": lambda about, _: jsonld.expanded(about.quads),
}
WHOLE = ("nested", "flattened", "expanded")
"""The forms of which every document is read; the other differs by its context alone."""
CHOSEN = (
    "contrat/hauts-de-france-2021-2027",
    "contrat/hauts-de-france-2021-2027/axe/6",
    "organisme/region-hauts-de-france",
    "jeu-de-donnees/contrat",
    "structure/montant-total",
)


@pytest.fixture(autouse=True)
def literals_as_written() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        patch.setattr(logging.getLogger("rdflib.term"), "disabled", True)  # it tells of each odd lexical form
        warnings.simplefilter("ignore")  # rdflib warns of its own old names
        yield


def iris(release: Release) -> list[str]:
    """Return the IRIs that have a document: those that the data describe, then those that they only mention."""
    quads = list(release.triples)
    described = {quad.subject for quad in quads}
    mentioned = {term for quad in quads for term in (quad.predicate, quad.object, quad.graph_name)}
    return sorted({node.value for node in described | mentioned if isinstance(node, NamedNode)})


def written(release: Release, iri: str, form: str) -> Any:  # noqa: ANN401
    """Return a document as JSON."""
    return json.loads(FORMS[form](document(release, iri), release.context))


def canonical(quads: Iterable[Quad | Triple]) -> list[str]:
    """Give the triples with canonical blank node labels (RDFC-1.0): equal lists are isomorphic graphs."""
    dataset = Dataset(Quad(each.subject, each.predicate, each.object) for each in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def nothing_is_fetched(url: str, _: object) -> dict[str, Any]:
    raise AssertionError(f"{url} would be fetched")


def by_pyld(tree: Any) -> bytes:  # noqa: ANN401
    found = pyld.to_rdf(tree, {"format": "application/n-quads", "documentLoader": nothing_is_fetched})
    assert isinstance(found, str)
    return found.replace('"NAN"^^', '"NaN"^^').encode()  # pyld respells every xsd:double, Python's way


def by_rdflib(tree: Any, dataset: rdflib.Dataset | None = None) -> bytes:  # noqa: ANN401
    dataset = rdflib.Dataset() if dataset is None else dataset
    dataset.parse(data=json.dumps(tree), format="json-ld")
    return dataset.serialize(format="nquads", encoding="utf-8")


def by_oxigraph(tree: Any) -> bytes:  # noqa: ANN401
    return pyoxigraph.serialize(pyoxigraph.parse(json.dumps(tree), RdfFormat.JSON_LD), format=RdfFormat.N_QUADS) or b""


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


SERVED = (
    *(f"/doc/{name}" for name in CHOSEN),
    *("/catalog", "/void", "/ontology", "/shapes", "/sparql"),
)
"""A document of each kind that is served in JSON-LD."""
LARGE = ("/catalog", "/void", "/ontology", "/shapes")
"""What takes long to read; tests/web/test_rdf.py and tests/web/documents/test_catalog.py compare forms in quick runs too."""


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
ONE_FORM = ("/catalog", "/void")
"""What has one form, whose context is always within: the harvester of data.gouv.fr reads it."""


@pytest.mark.parametrize(
    ("path", "profiles"),
    [
        *(pytest.param(path, PROFILES[:1], marks=[pytest.mark.slow] if path in LARGE else []) for path in SERVED),
        (SERVED[0], PROFILES[1:]),
        *(
            pytest.param(path, [PROFILES[1 + place % 2]], marks=pytest.mark.slow)
            for place, path in enumerate(SERVED[1:])
            if path not in LARGE
        ),
    ],
)
def test_what_is_served_is_one_graph_for_all_readers(
    client: FlaskClient, context: dict[str, Any], path: str, profiles: Iterable[dict[str, str]]
) -> None:
    """Of rdflib, its own reading of Turtle is asked too: it tells literals apart that are the same in RDF."""
    turtle = served(client, path, "ttl")
    expected = canonical(pyoxigraph.parse(turtle, RdfFormat.TURTLE))
    assert len(expected) > 3
    of_turtle = without_blank_nodes(rdflib.Graph().parse(data=turtle, format="turtle"))
    of_xml = rdflib.Graph().parse(data=served(client, path, "rdf"), format="xml")
    assert without_blank_nodes(of_xml) == of_turtle
    for parameters in profiles:
        tree = json.loads(served(client, path, "jsonld", **parameters))
        if isinstance(tree, dict) and isinstance(tree["@context"], str):
            assert tree["@context"].endswith("/context/2.0.0.jsonld")
            tree["@context"] = ADDRESS
        tree, dataset = inlined(tree, context), rdflib.Dataset()
        for nquads in (by_pyld(tree), by_rdflib(tree, dataset), by_oxigraph(tree)):
            assert canonical(pyoxigraph.parse(nquads, RdfFormat.N_QUADS)) == expected, parameters
        assert without_blank_nodes(dataset.default_graph) == of_turtle, parameters


def gathered(trees: dict[str, Any], context: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return many documents as one, each in a named graph of its own: the context is then read once.

    Blank nodes of the same label in two graphs do no harm, since each graph is compared by itself.
    """
    graphs = []
    for iri, tree in trees.items():
        nodes: Any = tree
        if isinstance(tree, dict):
            nodes = [{key: value for key, value in tree.items() if key != "@context"}]
            if nodes[0].keys() == {"@graph"}:
                nodes = nodes[0]["@graph"]
            if isinstance(tree["@context"], list):  # a prefix is switched off
                nodes = [{"@context": tree["@context"][1], **node} for node in nodes]
        graphs.append({"@id": iri, "@graph": nodes})
    first = next(iter(trees.values()))
    return {**context, "@graph": graphs} if isinstance(first, dict) and first["@context"] else graphs


def by_graph(nquads: bytes) -> dict[str, list[str]]:
    """Return the triples of each named graph, canonical."""
    found: dict[str, list[Quad]] = defaultdict(list)
    for quad in pyoxigraph.parse(nquads, RdfFormat.N_QUADS):
        found[quad.graph_name.value].append(quad)
    return {name: canonical(quads) for name, quads in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", WHOLE)
def test_every_document_reads_back(release: Release, context: dict[str, Any], form: str) -> None:
    """Each in one of the forms; the other tests read all kinds in all of them."""
    part = iris(release)[WHOLE.index(form) :: len(WHOLE)]
    expected, refused = read_back(release, context, form, part)
    assert (len(expected) > 200, sum(map(len, expected.values())) > 2000, refused) == (True, True, set())


@pytest.mark.parametrize("form", WHOLE)
def test_every_document_of_hostile_data_reads_back(hostile: Release, context: dict[str, Any], form: str) -> None:
    expected, refused = read_back(hostile, context, form, iris(hostile))
    assert len(expected) > 60
    assert {"http://ex.org/a", "http://ex.org/list", "javascript:alert(1)"} <= expected.keys()
    assert "http://ex.org/quoted" in refused


def read_back(
    release: Release, context: dict[str, Any], form: str, part: Iterable[str]
) -> tuple[dict[str, list[str]], set[str]]:
    """Check that documents of a release read back; return their triples, and what JSON-LD cannot say."""
    expected, trees, refused = {}, {}, set()
    for iri in part:
        about = document(release, iri)
        if any(isinstance(quad.object, Triple) for quad in about.quads):
            with pytest.raises(ValueError, match="triple term"):
                FORMS[form](about, release.context)
            refused.add(iri)
            continue
        expected[iri] = canonical(about.quads)
        trees[iri] = written(release, iri, form)
    document_of_all = gathered(trees, context)
    for reader in (by_pyld, by_rdflib, by_oxigraph):
        found = by_graph(reader(document_of_all))
        differing = [(iri, triples, found.get(iri)) for iri, triples in expected.items() if found.get(iri) != triples]
        assert differing == []
        assert found.keys() == expected.keys()
    return expected, refused

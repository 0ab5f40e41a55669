"""Every document in every JSON-LD profile: pyld and rdflib read the triples of the document from it."""

import json
import logging
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyoxigraph
import pytest
import rdflib
from pyld import jsonld as pyld
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple

from cper_lod.core.namespaces import BASE, ONTOLOGY, PREFIXES, SKOS
from cper_lod.rdf import jsonld
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.documents import Document, document
from cper_lod.release.release import Release
from tests.support.json_objects import objects

ADDRESS = "https://context.test/1.0.0.jsonld"
FORMS: dict[str, Callable[[Document, Context], bytes]] = {
    "nested": lambda about, context: jsonld.write(about.quads, about.iri, context, address=ADDRESS),
    "nested, context within": lambda about, context: jsonld.write(about.quads, about.iri, context, address=None),
    "flattened": lambda about, context: jsonld.flattened(about.quads, context, address=ADDRESS),
    "flattened, context within": lambda about, context: jsonld.flattened(about.quads, context, address=None),
    "expanded": lambda about, _: jsonld.expanded(about.quads),
}
WHOLE = ("nested", "flattened", "expanded")
"""The forms of which every document is read; the others differ by their context alone."""
INSEE = "http://id.insee.fr/geo/region/32"
CHOSEN = (
    "contrat/hauts-de-france-2021-2027",
    "contrat/hauts-de-france-2021-2027/axe/6",
    "organisme/region-hauts-de-france",
    "jeu-de-donnees/contrat",
    "structure/engagements",
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
    described = dict.fromkeys(line.split(b" ", 1)[0] for line in release.data.beginning(b"<"))
    mentioned = dict.fromkeys(line.partition(b"\t")[0] for line in release.mentions.beginning(b"<"))
    names = dict.fromkeys(name for name in (*described, *mentioned) if not name.startswith(b"<<"))
    return [name[1:-1].decode() for name in names]


def canonical(quads: Iterable[Quad | Triple]) -> list[str]:
    """Give the triples with canonical blank node labels (RDFC-1.0): equal lists are isomorphic graphs."""
    dataset = Dataset(Quad(each.subject, each.predicate, each.object) for each in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


class Loader:
    """What pyld fetches by: it has our context under its address, and nothing else."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.context = context
        self.asked = 0

    def __call__(self, url: str, _options: object) -> dict[str, Any]:
        assert url == ADDRESS, f"{url} would be fetched"
        self.asked += 1
        return {"document": self.context, "documentUrl": url, "contextUrl": None, "contentType": "application/ld+json"}


def by_pyld(tree: Any, loader: Loader) -> bytes:  # noqa: ANN401
    found = pyld.to_rdf(tree, {"format": "application/n-quads", "documentLoader": loader})
    assert isinstance(found, str)
    return found.replace('"NAN"^^', '"NaN"^^').encode()  # pyld respells every xsd:double, Python's way


def by_rdflib(tree: Any) -> bytes:  # noqa: ANN401
    dataset = rdflib.Dataset()
    dataset.parse(data=json.dumps(tree), format="json-ld")
    return dataset.serialize(format="nquads", encoding="utf-8")


def inlined(tree: Any, context: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return a document with the context in place of its address, since rdflib would fetch that."""
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


@pytest.mark.parametrize("form", FORMS)
def test_a_document_reads_back_by_itself(release: Release, context: dict[str, Any], form: str) -> None:
    loader = Loader(context)
    for iri in (*(f"{BASE}id/{name}" for name in CHOSEN), f"{BASE}graph/rapport", ONTOLOGY, INSEE):
        about = document(release, iri)
        expected = canonical(about.quads)
        assert expected
        tree = json.loads(FORMS[form](about, release.context))
        assert canonical(pyoxigraph.parse(by_pyld(tree, loader), RdfFormat.N_QUADS)) == expected, iri
        read = canonical(pyoxigraph.parse(by_rdflib(inlined(tree, context)), RdfFormat.N_QUADS))
        assert read == expected, iri
    assert bool(loader.asked) == (form in ("nested", "flattened"))


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
            if tree["@context"] != ADDRESS:  # a prefix is switched off
                nodes = [{"@context": tree["@context"][1], **node} for node in nodes]
        graphs.append({"@id": iri, "@graph": nodes})
    return {**context, "@graph": graphs} if isinstance(next(iter(trees.values())), dict) else graphs


def by_graph(nquads: bytes) -> dict[str, list[str]]:
    """Return the triples of each named graph, canonical."""
    found: dict[str, list[Quad]] = defaultdict(list)
    for quad in pyoxigraph.parse(nquads, RdfFormat.N_QUADS):
        found[quad.graph_name.value].append(quad)
    return {name: canonical(quads) for name, quads in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("form", WHOLE)
def test_every_document_reads_back(release: Release, context: dict[str, Any], form: str) -> None:
    expected, refused = read_back(release, context, form)
    assert len(expected) > 600
    assert sum(map(len, expected.values())) > 8000
    assert not refused


@pytest.mark.parametrize("form", WHOLE)
def test_every_document_of_hostile_data_reads_back(hostile: Release, context: dict[str, Any], form: str) -> None:
    expected, refused = read_back(hostile, context, form)
    assert len(expected) > 60
    assert {"http://ex.org/a", "http://ex.org/list", "javascript:alert(1)"} <= expected.keys()
    assert "http://ex.org/quoted" in refused


def read_back(release: Release, context: dict[str, Any], form: str) -> tuple[dict[str, list[str]], set[str]]:
    """Check that every document of a release reads back; return their triples, and what JSON-LD cannot say."""
    expected, trees, refused = {}, {}, set()
    for iri in iris(release):
        about = document(release, iri)
        if any(isinstance(quad.object, Triple) for quad in about.quads):
            with pytest.raises(ValueError, match="triple term"):
                FORMS[form](about, release.context)
            refused.add(iri)
            continue
        expected[iri] = canonical(about.quads)
        trees[iri] = json.loads(FORMS[form](about, release.context))
    document_of_all = gathered(trees, context)
    for read in (by_pyld(document_of_all, Loader({})), by_rdflib(document_of_all)):
        found = by_graph(read)
        differing = [(iri, triples, found.get(iri)) for iri, triples in expected.items() if found.get(iri) != triples]
        assert differing == []
        assert found.keys() == expected.keys()
    return expected, refused


BY_CODE = {
    PREFIXES["qb"] + "dataSet",
    SKOS + "inScheme",
    PREFIXES["sdmx-attribute"] + "obsStatus",
    PREFIXES["oa"] + "motivatedBy",
}


def test_no_key_and_no_class_is_left_with_a_prefix(release: Release) -> None:
    """Each property and class of the data has a short key in the context; names stand where they are used.

    Apart stand the names of cubes, lists, states and purposes alone, which keys refer to by IRI or code: each is
    referred to by every figure, concept or link of a contract, and nobody reads them there.
    """
    looked, left, apart = 0, Counter[str](), Counter[str]()
    for iri in iris(release):
        about = document(release, iri)
        if not about.described:
            continue
        tree = json.loads(FORMS["nested"](about, release.context))
        for node in objects(tree):
            if node.keys() <= {"fr", "en", "@none"}:  # a language map
                continue
            types = node.get("type", [])
            names = [*node.keys() - {"@context"}, *(types if isinstance(types, list) else [types])]
            left.update(name for name in names if ":" in name or (name.startswith("@") and "@value" not in node))
            looked += len(names)
        by_code = {quad.object.value for quad in about.quads if quad.predicate.value in BY_CODE}
        apart.update(
            each["id"]
            for each in tree.get("inclus", [])
            if each.keys() <= {"id", "nom", "libelle", "titre"} and each["id"] not in by_code
        )
    assert looked > 8000
    assert left == {}
    assert apart == {}, "the name of what a key refers to by its IRI alone stands apart: let the key take objects"

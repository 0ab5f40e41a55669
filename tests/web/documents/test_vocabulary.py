"""The documentation of the ontology and of the shapes in both languages, and of a hostile ontology; pyshacl with the shapes."""

import gzip
import html
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Store

from cper_lod.core.formatting import typeset
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import (
    MODULES,
    ONTOLOGY,
    OWL,
    PREFIXES,
    RDF,
    RDFS,
    SH,
    SHAPES,
    SKOS,
    VOCABULARIES,
    shorten,
)
from cper_lod.release.release import Release
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES, client_without_engine, given_release
from tests.support.paths import ROOT
from tests.web.html_page import page

LANGUAGES = ("fr", "en")


def load(folder: str) -> Store:
    """Return what the files of a folder say, read without any of our code."""
    store = Store()
    for path in sorted((ROOT / folder).rglob("*.ttl")):
        store.bulk_load(path=path, format=RdfFormat.TURTLE, base_iri=PROGRAM.address)
    return store


def texts(store: Store, iri: str, predicate: str, lang: str) -> list[str]:
    quads = store.quads_for_pattern(NamedNode(iri), NamedNode(predicate), None)
    return [quad.object.value for quad in quads if getattr(quad.object, "language", None) == lang]


def typed(store: Store, *classes: str) -> list[str]:
    found = (store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(cls)) for cls in classes)
    return sorted({quad.subject.value for quads in found for quad in quads})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_a_term_has_all_of_it(client: FlaskClient, lang: str):
    ontology = load("ontology")
    lists = {space: page(client, space[len(BASE) - 1 : -1], lang) for space in VOCABULARIES}
    found = typed(ontology, OWL + "Class", OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty")
    terms = [iri for iri in found if iri.startswith(VOCABULARIES)]
    assert [
        sum(iri.startswith(space) for iri in terms) > least
        for space, least in zip(VOCABULARIES, (40, 15, 8), strict=True)
    ] == [True] * 3
    for iri in terms[LANGUAGES.index(lang) :: 4]:  # the pages are made by one template
        header, _, local = iri.partition("#")
        index, name = lists[f"{header}#"], f"{header.removeprefix(ONTOLOGY)}/{local}".lstrip("/")
        told = html.unescape(
            page(client, f"/ontology/term/{name}", lang).source.partition("<main")[2].partition("</main>")[0]
        )
        for predicate in (SKOS + "definition", RDFS + "label", SKOS + "example"):
            (words,) = texts(ontology, iri, predicate, lang)
            assert typeset(words, lang) in told, (iri, predicate)
        assert f"<code>{shorten(iri)}</code>" in told
        assert 'href="/doc/def/question/' in told, iri
        assert local in index.ids, "the IRI of the term leads to its line in the list"
        assert f"/ontology/term/{name}" in index.links
        for quad in ontology.quads_for_pattern(NamedNode(iri), None, None):
            if quad.predicate.value.startswith(SKOS) and quad.predicate.value.endswith("Match"):
                assert f'href="{quad.object.value}"' in told
    assert '<p class="use"><a ' in page(client, "/ontology/term/Montant", lang).source, "a link to what uses the term"


@pytest.mark.parametrize("iri", [ONTOLOGY, *MODULES.values()])
def test_each_vocabulary_has_a_document_of_its_own(client: FlaskClient, iri: str):
    """The document of the ontology has nothing of its modules, and theirs nothing of it."""
    path, stated = iri[len(BASE) - 1 :], load("ontology")
    told = Store()
    told.load(client.get(f"{path}.ttl").data, format=RdfFormat.TURTLE)
    subjects = {quad.subject.value for quad in told if isinstance(quad.subject, NamedNode)}
    own = {
        quad.subject.value for quad in stated.quads_for_pattern(None, NamedNode(RDFS + "isDefinedBy"), NamedNode(iri))
    }
    terms = {each for each in own if each.startswith(f"{iri}#")}
    assert terms and {each for each in subjects if each.startswith(VOCABULARIES)} >= terms
    assert not {each for each in subjects if each.startswith(VOCABULARIES) and not each.startswith(f"{iri}#")}
    (space,) = told.quads_for_pattern(NamedNode(iri), NamedNode(PREFIXES["vann"] + "preferredNamespaceUri"), None)
    (prefix,) = told.quads_for_pattern(NamedNode(iri), NamedNode(PREFIXES["vann"] + "preferredNamespacePrefix"), None)
    assert PREFIXES[prefix.object.value] == space.object.value == f"{iri}#"
    shown = page(client, path, "en")
    assert f"PREFIX {prefix.object.value}:" in html.unescape(shown.source)
    for suffix in (".jsonld", ".nt", ".rdf"):
        assert client.get(f"{path}{suffix}").status_code == 200, suffix


def test_the_version_that_there_is_leads_to_the_ontology(client: FlaskClient):
    """Whatever the files say is the version IRI, of the ontology and of each module, answers here."""
    quads = [*load("ontology").quads_for_pattern(None, NamedNode(OWL + "versionIRI"), None)]
    assert {quad.subject.value for quad in quads} == {ONTOLOGY, *MODULES.values()}
    paths = [quad.object.value.removeprefix(BASE[:-1]) for quad in quads]
    for quad, path, suffix in product(quads, paths, ("", ".ttl")):
        if quad.object.value.endswith(path):
            answer = client.get(f"{path}{suffix}?lang=en")
            assert (answer.status_code, answer.location) == (
                303,
                f"{quad.subject.value[len(BASE) - 1 :]}{suffix}?lang=en",
            )
    for other in (
        "/ontology/0.9.0",
        *(f"{path}0" for path in paths),
        "/ontology/term/Nothing",
        "/ontology/autre",
        "/shapes/Nothing",
        "/context/0.9.0.jsonld",
    ):
        assert client.get(other, headers={"Accept": "text/html"}).status_code == 404, other
    assert client.get("/ontology/term/Montant", headers={"Accept": "text/turtle"}).status_code == 406


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_shape_is_listed_and_has_a_page_with_its_words(client: FlaskClient, lang: str):
    rules, index = load("shapes"), page(client, "/shapes", lang)
    named = typed(rules, SH + "NodeShape", SH + "PropertyShape")
    assert len(named) > 100
    assert not re.search(r"\bf[0-9]+b[0-9]+\b", index.text), "a blank node has no name"
    assert {iri.removeprefix(SHAPES) for iri in named} <= {*index.ids}
    for iri in named[LANGUAGES.index(lang) :: 6]:
        told = html.unescape(page(client, f"/shapes/{iri.removeprefix(SHAPES)}", lang).source)
        assert f"<code>{shorten(iri)}</code>" in told
        for predicate in (RDFS + "label", RDFS + "comment"):
            for words in texts(rules, iri, predicate, lang):
                assert typeset(words, lang) in told, iri
        for words in texts(rules, iri, SH + "message", lang):
            assert words in told
        assert ">sh:" not in "".join(re.findall("<dt>.*?</dt>", told)), "parameters have words"
    assert "$this cper:siret ?value" in page(client, "/shapes/siret-du-siren", lang).source, "its query"


HARM = (
    PREFIX_LINES
    + r"""
@prefix o: <https://w3id.org/cper-lod/ontology#> .
<https://w3id.org/cper-lod/ontology> a owl:Ontology ; rdfs:label "<script>alert(1)</script>" ;
    skos:changeNote "1.0.0 : </dd><script>"@fr ; owl:versionInfo "\"><script>" ; rdfs:seeAlso <javascript:alert(1)> ;
    sh:declare <http://ex.org/p#Evil>, o:Evil . <http://ex.org/p#Evil> sh:prefix "<b>" ; sh:namespace "javascript:x" .
o:Evil a owl:Class ; rdfs:label "<img src=x onerror=alert(1)>" ; skos:definition "]]></text></svg><script>x</script>" ;
    rdfs:subClassOf o:Evil, [ a owl:Restriction ] ; skos:exactMatch <javascript:alert(2)>, "text" .
o:content a owl:Class ; skos:example "\u202Eevil"@ar . o:diagram-title a rdf:Property .
o:n1 a owl:Class ; rdfs:subClassOf "text" . <https://w3id.org/cper-lod/ontology#a'b(c)%22> a owl:Class, rdf:Property .
<https://w3id.org/cper-lod/ontology#> a owl:Class .
o:p a owl:ObjectProperty ; rdfs:domain o:Evil, o:content ; rdfs:range o:Evil, "text", [] ;
    qb:codeList <data:text/html,x> .
<http://ex.org/x> a o:Evil ; o:p "</code></pre><script>alert(3)</script>", o:Evil ; rdfs:label "</script>" .
<http://ex.org/list> a skos:ConceptScheme ; rdfs:isDefinedBy <https://w3id.org/cper-lod/ontology> ;
    skos:hasTopConcept <javascript:alert(4)>, "text", [] ; rdfs:label "<script>" .
"""
)


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> FlaskClient:
    """A client of the application that serves an ontology under our name, as given, that means harm."""
    path = tmp_path_factory.mktemp("harm") / "harm.ttl"
    path.write_text(HARM, "utf-8")
    return client_without_engine(given_release(releases, path))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_markup_in_an_ontology_is_shown_as_text(harmful: FlaskClient, lang: str):
    found = page(harmful, "/ontology", lang)
    pages = [found, *(page(harmful, f"/ontology/term/{name}", lang) for name in ("Evil", "n1", "p", "a'b(c)%2522"))]
    text = "".join(each.text for each in pages)
    for words in ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</svg><script>x</script>", "alert(3)"):
        assert words in text
    assert {"Evil", "p", "a'b(c)%22"} <= set(found.ids)
    assert harmful.get("/ontology.ttl").status_code == 200
    page(harmful, "/shapes", lang, status=404)


YEAR = "^^<http://www.w3.org/2001/XMLSchema#gYear>"
CORRUPTIONS = {
    'ontology#siren> "200053742"': 'ontology#siren> "200053743"',
    "http://id.insee.fr/geo/departement/02>": "http://insee.fr/geo/departement/02>",
    f'"2021"{YEAR}': f'"2031"{YEAR}',
}
"""Texts of the dump, and what a corrupted dump has in their place."""
BROKEN = {
    "siret-du-siren",
    "lien-identite",
    "periode-ordonnee",
    "periode-de-son-nom",
    "signature-dans-la-periode",
    "annees-des-mots",
}
"""The rules that a corrupted dump breaks."""


@pytest.mark.slow
def test_of_a_corrupted_dump_just_the_broken_rules_are_told(tmp_path: Path, client: FlaskClient, release: Release):
    """Pyshacl as it is, with the shapes as they are served; it takes ten seconds: docs/ tell that the dump conforms."""
    dump = gzip.decompress((release.folder / "dump" / "tout.nt.gz").read_bytes()).decode()
    for old, new in CORRUPTIONS.items():
        assert old in dump
        dump = dump.replace(old, new)
    (tmp_path / "shapes.ttl").write_bytes(client.get("/shapes.ttl").data)
    (tmp_path / "data.nt").write_text(dump, "utf-8")
    command = [sys.executable, "-m", "pyshacl", "-s", "shapes.ttl", "data.nt"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.returncode == 1
    assert set(re.findall(r"Source Shape: \S*[/:]([a-z-]+)", found.stdout)) == BROKEN, found.stdout

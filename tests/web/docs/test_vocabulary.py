"""The documentation of the ontology and of the shapes in both languages, and of a hostile ontology."""

import html
import re
import shutil
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Store

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, ONTOLOGY, OWL, RDF, RDFS, SH, SHAPES, SKOS, shorten
from cper_lod.engine.syntax.prologue import iris
from cper_lod.release.build.build import build, build_data
from cper_lod.release.sources.questions import load_questions
from cper_lod.release.sources.read import read_sources
from cper_lod.web.http import urls
from cper_lod.web.site import Site
from tests.support.html_page import page
from tests.support.paths import FICTION, ROOT, TINY
from tests.support.web import client_of

LANGUAGES = ("fr", "en")
HTML = {"Accept": "text/html"}


def load(*folders: str) -> Store:
    """Return what the files of some folders say, read without any of our code."""
    store = Store()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.ttl")):
            store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def texts(store: Store, iri: str, predicate: str, lang: str) -> list[str]:
    quads = store.quads_for_pattern(NamedNode(iri), NamedNode(predicate), None)
    return [quad.object.value for quad in quads if getattr(quad.object, "language", None) == lang]


def typed(store: Store, *classes: str) -> list[str]:
    found = (store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(cls)) for cls in classes)
    return sorted({quad.subject.value for quads in found for quad in quads})


@cache
def shown(client: FlaskClient, path: str, lang: str) -> str:
    """Return the text of a page with plain spaces for those that do not break."""
    return page(client, path, lang).source.replace("\u00a0", " ")


@pytest.fixture(scope="module")
def ontology() -> Store:
    return load("ontology")


@pytest.fixture(scope="module")
def rules() -> Store:
    return load("shapes")


@pytest.fixture(scope="module")
def terms(ontology: Store) -> list[str]:
    found = typed(ontology, OWL + "Class", OWL + "ObjectProperty", OWL + "DatatypeProperty")
    ours = [iri for iri in found if iri.startswith(CPER)]
    assert len(ours) > 40
    return ours


@cache
def term_page(client: FlaskClient, iri: str, lang: str) -> str:
    """Return the content of the page of a term, its entities read."""
    source = shown(client, f"/ontology/term/{iri.removeprefix(CPER)}", lang)
    return html.unescape(source.partition("<main")[2].partition("</main>")[0])


def typeset(words: str, lang: str) -> str:
    """Return our words as pages show them, with plain spaces."""
    return formatting.typeset(words, lang).replace("\u00a0", " ")


@pytest.mark.parametrize("lang", ["fr", pytest.param("en", marks=pytest.mark.slow)])
def test_the_page_of_a_term_has_all_of_it(client: FlaskClient, ontology: Store, terms: list[str], lang: str):
    index = page(client, "/ontology", lang)
    used = set[str]()
    for quad in chain(read_sources(ROOT).published, load("shapes")):  # the rules of the build use terms too
        used |= {quad.predicate.value, quad.object.value if quad.predicate.value == RDF + "type" else ""}
    waiting = [each for each in load_questions(ROOT / "ontology" / "questions") if each.requires]
    later = {iri for each in waiting for iri in iris(each.text)}
    for iri in terms:
        told = term_page(client, iri, lang)
        for predicate in (SKOS + "definition", RDFS + "label", SKOS + "example"):
            (words,) = texts(ontology, iri, predicate, lang)
            assert typeset(words, lang) in told, (iri, predicate)
        assert f"<code>{shorten(iri)}</code>" in told
        assert ('<pre tabindex="0"' in told) is (iri in used), "an example where the data use the term"
        assert re.search(r'href="/doc/question/', told) or iri in later, iri
        assert iri.removeprefix(CPER) in index.ids, "the IRI of the term leads to its line in the list"
        assert f"/ontology/term/{iri.removeprefix(CPER)}" in index.links


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_a_class_begins_with_what_its_reader_wants(client: FlaskClient, lang: str):
    source = term_page(client, CPER + "Part", lang)
    (example,) = texts(load("ontology"), CPER + "Part", SKOS + "example", lang)
    places = [
        source.index(each)
        for each in (
            "<code>cper:Part</code>",
            typeset(example, lang),
            'href="/doc/',
            "a cper:Part",
            'href="/ontology/term/partDe"',
            'href="/doc/question/',
            'href="/shapes/part-au-plus-cent"',
        )
    ]
    assert places == sorted(places)
    found = page(client, "/ontology/term/Part", lang)
    assert found.having("link", rel="alternate", type="text/turtle")[0]["href"] == "/ontology.ttl"


def test_pages_of_the_ontology_and_of_the_shapes_are_short(client: FlaskClient):
    served: Site = client.application.extensions["cper_lod"]
    with client.application.test_request_context():
        paths = ["/ontology", "/shapes", *(urls.page_address(iri)[0] for iri in served.documentation.iris)]
    assert len(paths) > 200
    pages = {path: client.get(path, headers=HTML) for path in paths}
    assert {path for path, answer in pages.items() if answer.status_code != 200 or len(answer.data) > 60_000} == set()


def test_links_keep_the_language_asked_for(client: FlaskClient):
    plain, asked = page(client, "/ontology/term/Montant"), page(client, "/ontology/term/Montant?lang=fr")
    assert "/ontology/term/Chiffre" in plain.links
    assert "/ontology/term/Chiffre?lang=fr" in asked.links
    assert "/ontology/term/Chiffre?lang=fr" in page(client, "/ontology?lang=fr").links


def test_pages_that_there_are_not(client: FlaskClient):
    for path in ("/ontology/term/Nothing", "/ontology/9.9.9/term/Montant", "/ontology/properties", "/shapes/Nothing"):
        assert client.get(path, headers=HTML).status_code == 404, path
    for path in ("/ontology/term/Montant", "/shapes/part-au-plus-cent"):
        assert client.get(path, headers={"Accept": "text/turtle"}).status_code == 406


def test_the_version_that_there_is_leads_to_the_ontology(client: FlaskClient):
    """Whatever the files say is the version IRI answers here."""
    (quad,) = load("ontology").quads_for_pattern(None, NamedNode(OWL + "versionIRI"), None)
    path = quad.object.value.removeprefix("https://w3id.org/cper-lod")
    for suffix in ("", ".ttl", ".html"):
        answer = client.get(f"{path}{suffix}?lang=en")
        assert (answer.status_code, answer.location) == (303, f"/ontology{suffix}?lang=en")
    for other in ("/ontology/0.9.0", f"{path}0", f"{path[:-1]}", "/ontology/latest"):
        assert client.get(other).status_code == 404, other
    answer = client.get("/ontology.ttl")
    assert f'<{ONTOLOGY}>; rel="cite-as"' in ", ".join(answer.headers.getlist("Link"))
    assert client.get("/context/0.9.0.jsonld").status_code == 404


def test_every_link_between_terms_is_shown(client: FlaskClient, ontology: Store, terms: list[str]):
    predicates = {
        *(RDFS + name for name in ("domain", "range", "subClassOf", "subPropertyOf")),
        *(OWL + name for name in ("inverseOf", "disjointWith")),
        "http://schema.org/domainIncludes",
    }
    counted = 0
    for iri in terms:
        links = page(client, f"/ontology/term/{iri.removeprefix(CPER)}").links
        for quad in ontology.quads_for_pattern(NamedNode(iri), None, None):
            if quad.predicate.value in predicates and quad.object.value.startswith(CPER):
                assert f"/ontology/term/{quad.object.value.removeprefix(CPER)}" in links
                counted += 1
    assert counted > 80


def test_every_alignment_is_shown(client: FlaskClient):
    alignments, links = load("ontology"), 0
    for name in ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch"):
        for quad in alignments.quads_for_pattern(None, NamedNode(SKOS + name), None):
            if quad.subject.value.startswith(CPER):
                assert f'href="{quad.object.value}"' in term_page(client, quad.subject.value, "en")
                links += 1
    assert links >= 5


def test_keys_of_json_ld_are_those_of_the_context(client: FlaskClient):
    context = client.get("/context/2.0.0.jsonld").get_json(force=True)["@context"]
    keys = {
        name: (entry if isinstance(entry, str) else entry.get("@id", "")).replace("cper:", CPER)
        for name, entry in context.items()
        if not isinstance(entry, float)
    }
    ours = {name: iri for name, iri in keys.items() if iri.startswith(CPER) and iri != CPER}
    assert len(ours) > 30
    for name, iri in ours.items():
        assert f"<dd><code>{name}</code>" in term_page(client, iri, "fr")


@pytest.mark.parametrize(("lang", "title"), [("fr", "Module : Subventions"), ("en", "Module: Subsidies")])
def test_a_module_is_told_after_the_core(client: FlaskClient, lang: str, title: str):
    text = shown(client, "/ontology", lang)
    assert text.count(title) == 1
    assert text.index('id="Montant"') < text.index(title) < text.index('id="Subvention"') < text.index('id="rna"')


def test_code_lists_are_linked(client: FlaskClient, ontology: Store):
    codes = typed(ontology, SKOS + "ConceptScheme")
    assert len(codes) > 10
    assert {iri.replace("https://w3id.org/cper-lod/id", "/doc") for iri in codes} <= {*page(client, "/ontology").links}


def test_the_page_says_what_changed_and_who_answers_for_it(client: FlaskClient):
    text = page(client, "/ontology").text
    assert re.search(r"2\.0\.0\s: un modèle pour tout contrat", text)
    assert "a model for any contract" not in text.partition("Toutes les propriétés")[0], "in another language"
    assert "https://w3id.org/cper-lod/ontology#" in text


@pytest.fixture(scope="module")
def deprecating(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of a release whose ontology has a deprecated term."""
    folder = tmp_path_factory.mktemp("deprecating")
    shutil.copytree(TINY, folder / "sources")
    shutil.copy(FICTION / "deprecated" / "petit.ttl", folder / "sources" / "ontology")
    yield from client_of(build(folder / "releases", folder / "sources"), query_workers=1)


@pytest.mark.parametrize(
    ("lang", "by", "word"), [("fr", "remplacé par", "déprécié"), ("en", "replaced by", "deprecated")]
)
def test_a_deprecated_term_says_so_and_what_replaces_it(
    deprecating: FlaskClient, lang: str, by: str, word: str
) -> None:
    text = term_page(deprecating, CPER + "Radeau", lang)
    assert f"<strong>{word}</strong>" in text
    assert ("un bac suffit" if lang == "fr" else "a ferry will do") in text
    assert 'href="/ontology/term/Bac"' in text
    entry = shown(deprecating, "/ontology", lang).partition('<li id="Radeau"')[2].partition("</li>")[0]
    assert f'<small class="tag">{word}</small>' in entry
    assert f"<strong>{word}</strong>" not in term_page(deprecating, CPER + "Pont", lang)


def test_one_number_for_one_thing(client: FlaskClient):
    """The rules that the shapes page counts are those that the report looked at: shapes with a target."""
    looked = client.get("/report.json").get_json()["shapes"]
    assert f"{looked} rules check the data before each release" in page(client, "/shapes", "en").text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_shape_is_listed_and_has_a_page_with_its_words(client: FlaskClient, rules: Store, lang: str):
    index = page(client, "/shapes", lang)
    named = typed(rules, SH + "NodeShape", SH + "PropertyShape")
    assert len(named) > 100
    assert {iri.removeprefix(SHAPES) for iri in named} <= {*index.ids}
    for iri in named:
        told = html.unescape(shown(client, f"/shapes/{iri.removeprefix(SHAPES)}", lang))
        assert f"<code>{shorten(iri)}</code>" in told
        for predicate in (RDFS + "label", RDFS + "comment"):
            for words in texts(rules, iri, predicate, lang):
                assert typeset(words, lang) in told, iri
        for words in texts(rules, iri, SH + "message", lang):
            assert words.replace("\u00a0", " ") in told
        assert ">sh:" not in "".join(re.findall("<dt>.*?</dt>", told)), "parameters have words"


def test_the_page_of_a_rule(client: FlaskClient):
    query = page(client, "/shapes/siren-d-un-seul-organisme", "en")
    assert "?autre cper:siren ?value" in query.source
    assert {"/ontology/term/siren", "/shapes/siren-d-un-seul-organisme-requete"} <= {*query.links}
    assert "violation: the release is refused" in query.text
    assert "?autre cper:siren ?value" in page(client, "/shapes/siren-d-un-seul-organisme-requete", "en").source
    assert "/shapes/nombre-lu" in page(client, "/ontology/term/pas").links


HARM = r"""
@prefix o: <https://w3id.org/cper-lod/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
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


@pytest.fixture(scope="module")
def harmful(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> Iterator[FlaskClient]:
    """A client of the application that serves an ontology under our name, as given, that means harm."""
    path = tmp_path_factory.mktemp("harm") / "harm.ttl"
    path.write_text(HARM, "utf-8")
    yield from client_of(build_data(releases, ROOT, (path,)), query_workers=1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_markup_in_an_ontology_is_shown_as_text(harmful: FlaskClient, lang: str):
    found = page(harmful, "/ontology", lang)
    pages = [found, *(page(harmful, f"/ontology/term/{name}", lang) for name in ("Evil", "n1", "p", "a'b(c)%2522"))]
    text = "".join(each.text for each in pages)
    for words in ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</svg><script>x</script>", "alert(3)"):
        assert words in text
    assert {"Evil", "p", "a'b(c)%22"} <= set(found.ids)
    assert all(len(each.ids) == len({*each.ids}) for each in pages)
    assert harmful.get("/ontology.ttl").status_code == 200
    page(harmful, "/shapes", lang, status=404)


@pytest.mark.slow
def test_an_ontology_without_end_is_cut_and_says_so(tmp_path: Path, releases: Path):
    lines = [f"<{ONTOLOGY}> a <{OWL}Ontology> .", *(f"<{CPER}C{n}> a <{OWL}Class> ." for n in range(700))]
    (tmp_path / "many.ttl").write_text("\n".join(lines), "utf-8")
    for client in client_of(build_data(releases, ROOT, (tmp_path / "many.ttl",)), query_workers=1):
        found = page(client, "/ontology")
        assert len([each for each in found.ids if re.fullmatch("C[0-9]+", each)]) == 500
        assert "200 autres termes ne sont que dans les fichiers" in found.text

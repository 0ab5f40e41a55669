"""The documentation of the ontology and of the shapes in both languages, and of a hostile ontology."""

import html
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, Store

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, ONTOLOGY, OWL, RDF, RDFS, SH, SKOS, shorten
from cper_lod.engine.syntax.prologue import iris
from cper_lod.release.build.build import build_data
from cper_lod.release.sources.questions import load_questions
from cper_lod.web.docs.references import fragment, typeset
from cper_lod.web.docs.shapes import message_parts
from cper_lod.web.site import Site
from tests.support.html_page import page
from tests.support.paths import ROOT
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


@cache
def book(client: FlaskClient, lang: str, start: str = "/ontology") -> str:
    """Return the text of all pages of the ontology, or of the shapes, one after the other."""
    links = (each.partition("#")[0].partition("?")[0] for each in page(client, start, lang).links)
    paths = dict.fromkeys(each for each in links if re.match(rf"{start}/(?![0-9.]+$)", each))
    assert len(paths) > 10
    return "\n".join(shown(client, path, lang) for path in paths)


def ours(words: str, lang: str) -> str:
    """Return our words as pages show them, with plain spaces."""
    return typeset(words, lang).replace("\u00a0", " ")


def section(text: str, anchor: str) -> str:
    """Return the section of a page that has this id, its entities read."""
    assert anchor in sections(text)
    return html.unescape(sections(text)[anchor])


@cache
def sections(text: str) -> dict[str, str]:
    """Return the sections of a page by their ids."""
    starts = re.finditer(r'<(section|article) [^>]*id="([^"]*)">', text)
    return {start[2]: text[start.start() : text.index(f"</{start[1]}>", start.end()) + 10] for start in starts}


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


@pytest.mark.parametrize("lang", ["fr", pytest.param("en", marks=pytest.mark.slow)])
def test_every_term_is_told_whole(client: FlaskClient, ontology: Store, terms: list[str], lang: str):
    text, index = book(client, lang), page(client, "/ontology", lang)
    used = set[str]()
    for quad in load("ontology", "shapes", "data"):
        used |= {quad.predicate.value, quad.object.value if quad.predicate.value == RDF + "type" else ""}
    waiting = [each for each in load_questions(ROOT / "ontology" / "questions") if each.requires]
    later = {iri for each in waiting for iri in iris(each.text)}
    for iri in terms:
        told = section(text, fragment(iri))
        for predicate in (SKOS + "definition", RDFS + "label", SKOS + "example"):
            (words,) = texts(ontology, iri, predicate, lang)
            assert ours(words, lang) in told.replace(">" + words[:1].upper(), ">" + words[:1]), (iri, predicate)
        assert f"<code>{shorten(iri)}</code>" in told
        assert ("<pre" in told) is (iri in used), "an example where the data use the term"
        assert re.search(r'href="[^"]*/doc/question/', told) or iri in later, iri
        assert fragment(iri) in index.ids, "the address of the term leads to its line in the contents"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_of_a_class_begins_with_what_its_reader_wants(client: FlaskClient, lang: str):
    found = page(client, "/ontology/term/Part", lang)
    source = found.source.partition("<main")[2].replace("\u00a0", " ")
    places = [
        source.index(each)
        for each in (
            "cper:Part</code></h1>",
            "observation sans valeur" if lang == "fr" else "observation without value",
            "Axe 2 : 57,3 %" if lang == "fr" else "Axis 2: 57.3 %",
            'href="/doc/part',
            'href="/ontology/term/Part#pourcentage',
            'id="pourcentage"',
            'href="/shapes/Part',
            'aria-current="page"',
        )
    ]
    assert places == sorted(places)
    row = re.search(r"<tr[^>]*>(?:(?!</tr>).)*#contrat(?:(?!</tr>).)*</tr>", source, re.DOTALL)
    assert row
    assert ("exactement 1" if lang == "fr" else "exactly 1") in row[0]
    assert found.having("link", rel="alternate", type="text/turtle")[0]["href"] == "/ontology.ttl"


def test_pages_of_the_ontology_and_of_the_shapes_are_short(client: FlaskClient):
    served: Site = client.application.extensions["cper_lod"]
    paths = ["/ontology", "/shapes", *served.documentation.paths(), *served.documentation.shape_paths()]
    assert len(paths) > 40
    pages = {path: client.get(path, headers=HTML).data for path in paths}
    assert {path: len(body) for path, body in pages.items() if len(body) > 60_000} == {}
    assert [path for path, body in pages.items() if b"NamedLink(" in body or b"LocalizedText(" in body] == []


def test_what_is_kept_for_a_release_is_linked_for_each_request(client: FlaskClient):
    plain, asked = page(client, "/ontology/term/Axe"), page(client, "/ontology/term/Axe?lang=fr")
    assert "/ontology/term/Priorite" in plain.links
    assert "/ontology/term/Priorite?lang=fr" in asked.links
    assert "/describe?iri=http%3A%2F%2Fwww.w3.org%2F2004%2F02%2Fskos%2Fcore%23prefLabel&lang=fr" in asked.links


def test_pages_that_there_are_not(client: FlaskClient):
    for path in ("/ontology/term/Nothing", "/ontology/9.9.9/term/Axe", "/shapes/Nothing"):
        assert client.get(path, headers=HTML).status_code == 404, path
    moved = client.get("/ontology/term/pourcentage?lang=en", headers=HTML)
    assert (moved.status_code, moved.location) == (303, "/ontology/term/Part?lang=en#pourcentage")
    assert client.get("/ontology/term/Axe", headers={"Accept": "text/turtle"}).status_code == 406


def test_every_link_between_terms_is_shown(client: FlaskClient, ontology: Store, terms: list[str]):
    text = book(client, "fr")
    predicates = {
        *(RDFS + name for name in ("domain", "range", "subClassOf", "subPropertyOf")),
        *(OWL + name for name in ("inverseOf", "disjointWith")),
        "http://schema.org/domainIncludes",
    }
    counted = 0
    for iri in terms:
        told = section(text, fragment(iri))
        for quad in ontology.quads_for_pattern(NamedNode(iri), None, None):
            if quad.predicate.value in predicates:
                assert f"<code>{shorten(quad.object.value)}</code>" in told or f">{shorten(quad.object.value)}<" in told
                counted += 1
    assert counted > 100


def test_every_alignment_is_shown(client: FlaskClient):
    alignments = Store()
    alignments.bulk_load(path=ROOT / "ontology" / "alignments.ttl", format=RdfFormat.TURTLE)
    text, links = book(client, "en"), 0
    for quad in alignments:
        told = section(text, fragment(quad.subject.value))
        if isinstance(quad.object, NamedNode):
            assert f'href="{quad.object.value}"' in told
            short = shorten(quad.object.value)
            assert f"{short}<" in told or short == quad.object.value
            links += 1
        elif quad.object.language == "en":
            assert ours(quad.object.value, "en") in told
    assert links >= 10


def test_keys_of_json_ld_are_those_of_the_context(client: FlaskClient):
    text = book(client, "fr")
    context = client.get("/context/1.0.0.jsonld").get_json(force=True)["@context"]
    keys = {
        name: (entry if isinstance(entry, str) else entry.get("@id", "")).replace("cper:", CPER)
        for name, entry in context.items()
        if not isinstance(entry, float)
    }
    ours = {name: iri for name, iri in keys.items() if iri.startswith(CPER) and iri != CPER}
    assert len(ours) > 30
    for name, iri in ours.items():
        assert f"<dd><code>{name}</code>" in section(text, fragment(iri))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_diagram_has_every_class_and_the_table_every_link(client: FlaskClient, ontology: Store, lang: str):
    text = shown(client, "/ontology", lang)
    drawing = re.search(r'<svg class="classes".*?</svg>', text, re.DOTALL)
    assert drawing
    assert len(drawing[0]) < 30_000
    assert 'style="' not in drawing[0]
    classes = [iri for iri in typed(ontology, OWL + "Class") if iri.startswith(CPER)]
    assert sorted(re.findall(r'<a href="/ontology/term/([^"]+)"><text', drawing[0])) == sorted(map(fragment, classes))
    for each in ("diagram-title", "diagram-desc"):
        assert f'id="{each}"' in drawing[0]
    table = re.search(r"<details><summary>.*?</table>", text, re.DOTALL)
    assert table
    drawn = {
        quad.subject.value
        for quad in ontology.quads_for_pattern(None, NamedNode(RDFS + "range"), None)
        if quad.object.value in classes
    }
    assert len(drawn) > 10
    assert set(re.findall(r"<td><a [^>]*>[^<]*</a> <code>(cper:[a-z]\w+)</code></td>", table[0])) == set(
        map(shorten, drawn)
    )


@pytest.mark.parametrize(("lang", "title"), [("fr", "Module : Subventions"), ("en", "Module: Subsidies")])
def test_a_module_is_told_after_the_core(client: FlaskClient, lang: str, title: str):
    text = shown(client, "/ontology", lang)
    assert text.count(title) == 1
    module = text.index('<h3 id="module-subventions"')
    assert text.index('id="Engagement"') < module < text.index('id="Subvention"') < text.index('id="rna"')


def test_code_lists_are_shown_with_their_codes(client: FlaskClient, ontology: Store):
    codes = typed(ontology, SKOS + "ConceptScheme")
    assert len(codes) == 8
    for lang in LANGUAGES:
        text = html.unescape(shown(client, "/ontology/codes", lang))
        for scheme in codes:
            (label,) = texts(ontology, scheme, SKOS + "prefLabel", lang)
            assert f">{ours(label, lang)}</a></h2>" in text
            tops = list(ontology.quads_for_pattern(NamedNode(scheme), NamedNode(SKOS + "hasTopConcept"), None))
            assert tops
            for quad in tops:
                for predicate in (SKOS + "prefLabel", SKOS + "definition"):
                    assert ours(texts(ontology, quad.object.value, predicate, lang)[0], lang) in text


def test_the_page_says_what_changed_and_who_answers_for_it(client: FlaskClient):
    text = page(client, "/ontology").text
    assert "Ce qui a changé" in text
    assert re.search(r"1\.0\.0\s+Ontologie des contrats de plan\s: première version\.", text)
    assert "Première version : pas de version antérieure" in text
    assert "First version" not in text
    assert "https://w3id.org/cper-lod/ontology#" in text


def test_rules_of_a_term_lead_to_the_rules(client: FlaskClient):
    links = set(re.findall(r'href="(/shapes/[^"#]+#[^"]+)"', book(client, "fr")))
    assert len(links) > 100
    ids = {path: set(page(client, path).ids) for path in {link.partition("#")[0] for link in links}}
    assert [link for link in links if link.partition("#")[2] not in ids[link.partition("#")[0]]] == []
    assert "Un axe sert au moins une priorité" in section(book(client, "fr"), "sert")


def test_one_number_for_one_thing(client: FlaskClient):
    """The rules of the shapes page are those that the report looked at: shapes with a target."""
    looked = client.get("/report.json").get_json()["shapes"]
    found = page(client, "/shapes", "en")
    assert f"{looked} rules check the data before each release" in found.text
    counts = [int(each) for each in re.findall(r'</a></th><td class="number">([0-9]+)</td>', found.source)]
    assert sum(counts) == looked
    assert len(counts) > 20


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_shape_is_told_in_words(client: FlaskClient, rules: Store, lang: str):
    text, index = book(client, lang, "/shapes"), page(client, "/shapes", lang)
    named = typed(rules, SH + "NodeShape", SH + "PropertyShape")
    assert len(named) > 150
    assert text.count('<section class="part rule"') == len(named)
    messages = 0
    for iri in named:
        told = section(text, fragment(iri))
        assert fragment(iri) in index.ids
        for words in texts(rules, iri, SH + "message", lang):
            plain = re.sub(r"\{[$?]\w+\}", "", formatting.typeset(words, lang))
            assert re.split(r"\s\s", plain)[0].strip()[:20] in re.sub("<var>.*?</var>", "", told)
            messages += 1
        assert ours(texts(rules, iri, RDFS + "label", lang)[0], lang) in told
        for target in ("Class", "Node", "SubjectsOf", "ObjectsOf"):
            for quad in rules.quads_for_pattern(NamedNode(iri), NamedNode(f"{SH}target{target}"), None):
                assert told.count("<dd>") >= 1, quad
    assert messages > 150
    assert f"{len(named)} " in page(client, "/shapes", lang).text
    assert re.findall(r"<dd[^>]*>[^<]*\{[$?]", text) == []


def test_what_a_rule_asks_is_said(client: FlaskClient):
    french, english = book(client, "fr", "/shapes"), book(client, "en", "/shapes")
    assert "nombre de valeurs : exactement 1" in section(french, "avenant-statut")
    assert "number of values: at least 1" in section(english, "avenant-axe")
    bounds = section(french, "part-entre-0-et-100")
    assert bounds.index("une valeur d’au moins 0") < bounds.index("une valeur d’au plus 100")
    profile = section(english, "hauts-de-france-2021-2027-deux-epci")
    assert "number of values that follow this rule: exactly 2." in profile
    assert "this one resource:" in profile
    assert "<code>adms:status/skos:inScheme</code>" in section(french, "avenant-statut-de-la-liste")
    query = section(french, "siren-d-un-seul-organisme")
    assert "?autre cper:siren ?value" in query
    assert 'id="siren-d-un-seul-organisme-requete"' in query
    assert "cper:minimum: number of values: exactly 1" in section(english, "enveloppe-minimum"), "of a part of a rule"
    either = section(english, "part-publiee-ou-manquante")
    assert either.index("at least one of these rules:") < either.index("property cper:pourcentage: no value")


def test_a_message_is_cut_at_its_places_in_its_own_language():
    assert message_parts("{$this} a {?value}, {?path}.", "fr") == [
        ("", "[ressource]"),
        (" a ", "[valeur]"),
        (", ", "[propriété]"),
        (".", ""),
    ]
    assert message_parts("« {?value} » manque : {$this}.", "fr")[:2] == [
        ("«\u00a0", "[valeur]"),
        ("\u00a0» manque\u00a0: ", "[ressource]"),
    ]
    assert message_parts("{?value} is “{?value}”.", "en") == [("", "[value]"), (" is “", "[value]"), ("”.", "")]
    assert message_parts("no place {?other}", "en") == [("no place {?other}", "")]


def test_every_parameter_of_the_rules_has_words(client: FlaskClient):
    """None of our rules falls back to the name of a SHACL parameter."""
    for lang in LANGUAGES:
        asked = re.findall(r"<dd>([^<]*)", book(client, lang, "/shapes"))
        assert len(asked) > 500
        assert [each for each in asked if each.startswith("sh:")] == []


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
    pages = [
        found,
        *(page(harmful, f"/ontology/{name}", lang) for name in ("term/Evil", "term/n1", "properties", "codes")),
    ]
    text = "".join(each.text for each in pages)
    for words in ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</svg><script>x</script>", "alert(3)"):
        assert words in text
    assert {"Evil", "p", "n1", "a'b(c)%22"} <= set(found.ids)
    assert "/ontology/term/a'b(c)%2522" in found.links
    assert page(harmful, "/ontology/term/a'b(c)%2522", lang).ids.count("a'b(c)%22") == 1
    assert all(each.ids.count("content") == 1 for each in pages)
    assert "svg" in found.tags
    assert harmful.get("/ontology.ttl").status_code == 200
    page(harmful, "/shapes", lang, status=404)


def test_versions_are_told_in_the_order_of_their_numbers(tmp_path: Path, releases: Path):
    notes = " , ".join(f'"{version}: text {version}"' for version in ("1.9.0", "1.10.0", "1.2.0"))
    lines = [
        f"<{ONTOLOGY}> a <{OWL}Ontology> ; <{SKOS}changeNote> {notes} .",
        f'<{CPER}C> a <{OWL}Class> ; <{SKOS}changeNote> "1.9.0: a class", "bare" .',
    ]
    (tmp_path / "versions.ttl").write_text("\n".join(lines), "utf-8")
    for client in client_of(build_data(releases, ROOT, (tmp_path / "versions.ttl",)), query_workers=1):
        changes = shown(client, "/ontology", "fr").partition("Ce qui a changé")[2].partition("</dl>")[0]
        assert re.findall("<dt>(.*?)</dt>", changes) == ["1.10.0", "1.9.0", "1.2.0", "Sans version"]
        assert changes.index("text 1.9.0") < changes.index("a class") < changes.index("text 1.2.0")


@pytest.mark.slow
def test_an_ontology_without_end_is_cut_and_says_so(tmp_path: Path, releases: Path):
    lines = [f"<{ONTOLOGY}> a <{OWL}Ontology> .", *(f"<{CPER}C{n}> a <{OWL}Class> ." for n in range(700))]
    (tmp_path / "many.ttl").write_text("\n".join(lines), "utf-8")
    for client in client_of(build_data(releases, ROOT, (tmp_path / "many.ttl",)), query_workers=1):
        found = page(client, "/ontology")
        assert len([each for each in found.ids if re.fullmatch("C[0-9]+", each)]) == 500
        assert "200 autres termes ne sont que dans les fichiers" in found.text

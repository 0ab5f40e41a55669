"""Terms and things that a release does not have: named with the nearest one, never one that is there."""

from collections.abc import Callable, Iterator

import pytest

from cper_lod.core.namespaces import BASE, CPER, SKOS, shorten
from cper_lod.core.settings import Settings
from cper_lod.engine.syntax.tokenizer import Token, tokens
from cper_lod.release.docs import unknown_terms
from cper_lod.release.docs.unknown_terms import MAX_NAMES, MAX_TERMS, MAX_TEXT, UnknownTerm, Vocabularies
from cper_lod.release.release import Release

HERE = "http://127.0.0.1:8131"
SETTINGS = Settings(public_url=HERE)
CONTRACT = "id/contrat/hauts-de-france-2021-2027"


@pytest.fixture(scope="module")
def vocabularies(release: Release) -> Vocabularies:
    return Vocabularies(release, SETTINGS)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * { ?x a cper:Etapee }", {"Etapee": "Etape"}),
        ("SELECT * { ?x a cper:avenant }", {}),
        ("SELECT * { ?x a cper:ETAPE ; cper:Financeur ?y }", {"ETAPE": "Etape", "Financeur": "financeur"}),
        ("SELECT * { ?x cper:périmètre ?y }", {"périmètre": "perimetre"}),
        ("SELECT * { ?x cper:zzzzzzzz ?y }", {"zzzzzzzz": ""}),
        (f"SELECT * {{ ?x cper:{'z' * 5000} ?y }}", {"z" * 5000: ""}),
        (f"PREFIX c: <{CPER}> SELECT * {{ ?x a c:Etapee , c:Etape }}", {"Etapee": "Etape"}),
        (f"PREFIX cper: <{CPER}> PREFIX c: <{CPER}> SELECT * {{ ?x a cper:Etape , c:Etapee }}", {"Etapee": "Etape"}),
        (f"PREFIX xcper: <{CPER}> SELECT * {{ ?x a xcper:Etapee }}", {"Etapee": "Etape"}),
        (f"PREFIX cper:\t<{CPER}>\nSELECT * {{ ?x a cper:Etapee }}", {"Etapee": "Etape"}),
        (f"SELECT * {{ ?x a <{CPER}Etapee> , <{CPER}Etape> , <{CPER}> }}", {"Etapee": "Etape"}),
        ("BASE <https://w3id.org/cper-lod/> SELECT * { ?x a <ontology#Etapee>, cper:nope-x }", None),
        ("SELECT * { ?x a cper:Etapee ; a cper:Etapee }", {"Etapee": "Etape"}),
        (
            r"SELECT * { ?x a cper:Etap\u0065, cper:Et\u0061pee, <https://w3id.org/cper-lod/ontology#Etap\u0065> }",
            {"Etapee": "Etape"},
        ),
        (f"SELECT * {{ ?x a {' , '.join(f'cper:nothing{n}' for n in range(20))} }}", MAX_TERMS),
        ("PREFIX cper: <http://e.org/#> SELECT * { ?x a cper:Etapee }", {}),
        ("SELECT * { ?x a 'cper:Etapee' , \"<https://w3id.org/cper-lod/ontology#Etapee>\" } # cper:Etapee", {}),
        ("SELECT * { ?x a <http://e.org/#cper:Etapee> , xcper:Etapee }", {}),
        ("SELECT * { ?x a cper:Part ; cper:subdivision/skos:broader ?p . ?y a cper:Contrat. }", {}),
        (f"SELECT * {{ ?x a cper:Etapee }} #{'x' * MAX_TEXT}", {}),
        # The nearest one is of the same kind, or has that name in JSON or as a label.
        ("?x cper:montant ?y", {"montant": "montantTotal"}),
        ("?x cper:montants ?y", {"montants": "montantTotal"}),
        ("?x cper:amount ?y", {"amount": "montantTotal"}),
        # What people guess, whatever the document of a contract calls it.
        ("?x a cper:Axe ; cper:axe ?y", {"Axe": "Subdivision", "axe": "subdivision"}),
        ("?x a cper:Priorite ; cper:axeConcerne ?y", {"Priorite": "Subdivision", "axeConcerne": "subdivision"}),
        (
            "?x cper:engagement ?y ; cper:enveloppe ?z",
            {"engagement": "montantParFinanceur", "enveloppe": "montantTotal"},
        ),
        ("?x a cper:Engagement , cper:Signature", {"Engagement": "Montant", "Signature": "Etape"}),
        ("?x cper:part/cper:pourcentage ?y", {"part": "partParSubdivision", "pourcentage": "partParSubdivision"}),
        ("?x cper:codeInsee ?y", {"codeInsee": "igeo:codeINSEE"}),
        ("?x cper:nom ?y", {"nom": "skos:prefLabel"}),
        ("?x a cper:Region", {"Region": "igeo:Region"}),
        ("?x a cper:Contract", {"Contract": "Contrat"}),
        ("?x cper:Financeurs ?y", {"Financeurs": "financeur"}),
        ("?x a cper:financeurs", {"financeurs": "financeur"}),
        # Terms of other vocabularies that no data use.
        ("SELECT * { ?x skos:prefLabell ?y }", {"skos:prefLabell": "skos:prefLabel"}),
        ("SELECT * { ?x cper:subdivision/skos:prefLabell ?y }", {"skos:prefLabell": "skos:prefLabel"}),
        (f"SELECT * {{ ?x <{SKOS}prefLabell> ?y }}", {"skos:prefLabell": "skos:prefLabel"}),
        ("SELECT * { ?x a skos:Concet }", {"skos:Concet": "skos:Concept"}),
        (
            "SELECT * { ?x rdf:type skos:Concet ; skos:broaderTransitive ?y }",
            {"skos:Concet": "skos:Concept", "skos:broaderTransitive": ""},
        ),
        ("SELECT * { ?x foaf:knows ?y }", {"foaf:knows": ""}),
        (
            "CONSTRUCT { ?x schema:alternateName ?y ; cper:Etapee 1 } { ?x skos:altLabell ?y }",
            {"Etapee": "Etape", "skos:altLabell": "skos:altLabel"},
        ),
        ("CONSTRUCT WHERE { ?x skos:altLabell ?y }", {"skos:altLabell": "skos:altLabel"}),
        ("SELECT * { VALUES ?x { rdf:langString cper:Etape } ?a a skos:Concet }", {"skos:Concet": "skos:Concept"}),
        ("SELECT * { ?x ?y ?z FILTER(DATATYPE(?z) IN (rdf:langString, rdf:HTML) || ?y = skos:prefLabell) }", {}),
        ("SELECT (xsd:double(?x) / xsd:float(?y) AS ?z) { ?x a ?y ; skos:note '1'^^rdf:HTML }", {}),
        ("PREFIX skos: <http://e.org/#> SELECT * { ?x skos:prefLabell ?y }", {}),
    ],
)
def test_unknown_terms(vocabularies: Vocabularies, query: str, found: dict[str, str] | int | None) -> None:
    unknown = vocabularies.unknown_terms(query if "{" in query else f"SELECT * {{ {query} }}")
    told = {shorten(term.iri).removeprefix("cper:"): shorten(term.nearest).removeprefix("cper:") for term in unknown}
    assert all((term.kind == "undeclared") == term.iri.startswith(CPER) for term in unknown)
    if isinstance(found, int):
        assert len(told) == found
    else:
        assert told == found if found is not None else told["Etapee"] == "Etape"


def test_no_term_that_data_have_is_called_unused(release: Release, vocabularies: Vocabularies) -> None:
    used = {line.split(b" ", 2)[1].decode() for line in release.lines() if line.startswith(b"<")}
    assert len(used) > 100
    for predicate in used:
        assert vocabularies.unknown_terms(f"SELECT * {{ ?s {predicate} ?o }} # <>") == (), predicate


@pytest.mark.parametrize(
    ("written", "nearest", "kind"),
    [
        (f"{HERE}/{CONTRACT}", CONTRACT, "address"),
        (f"/{CONTRACT}", CONTRACT, "address"),
        (CONTRACT, CONTRACT, "address"),
        ("/doc/contrat/hauts-de-france-2021-2027.json", CONTRACT, "address"),
        ("/doc/contrat/haut-de-france-2021-2027/axe/2.ttl?lang=en", f"{CONTRACT}/axe/2", "address"),
        (f"{BASE}doc/contrat/hauts-de-france-2021-2027", CONTRACT, "address"),
        (f"{BASE.replace('https', 'http')}{CONTRACT}", CONTRACT, "address"),
        (f"{HERE}/id/contrat/zzzz", "", "address"),
        (f"{BASE}id/contrats/haut-de-france-2021-2027/axe/2", f"{CONTRACT}/axe/2", "unused"),
        (f"{BASE}{CONTRACT}/", CONTRACT, "unused"),
        (f"{BASE}id/territoire/nrod", "id/territoire/nord", "unused"),
        (f"{BASE}id/territoire/zzzz", "", "unused"),
        (f"{BASE}id/zzzz/{'z' * 5000}", "", "unused"),
    ],
)
def test_things_that_no_data_describe(vocabularies: Vocabularies, written: str, nearest: str, kind: str) -> None:
    for query in (f"SELECT * {{ <{written}> ?p ?o }}", f"SELECT * {{ ?s ?p ?o FILTER(?o = <{written}>) }}"):
        (found,) = vocabularies.unknown_terms(query)
        assert (found.nearest, found.kind) == (nearest and BASE + nearest, kind)


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ <{BASE}{CONTRACT}> ?p <{BASE}id/territoire/nord> }}",
        f"PREFIX c: <{BASE}id/contrat/> SELECT * {{ c:hauts-de-france-2021-2027 ?p ?o }}",
        f"SELECT * {{ ?s ?p ?o FILTER(STRSTARTS(STR(?s), STR(<{BASE}id/contrat/>))) }}",
        f"CONSTRUCT {{ <{BASE}id/mine> ?p ?o }} {{ ?s ?p ?o }}",
        f"SELECT * {{ <{HERE}/sparql> ?p <{HERE}/id/> ; ?q <http://e.org/{CONTRACT}> }}",
    ],
)
def test_things_that_are_there_or_are_no_things_are_not_named(vocabularies: Vocabularies, query: str) -> None:
    assert vocabularies.unknown_terms(query) == ()


def test_a_thing_is_found_among_many(release_of: Callable[[str], Release]) -> None:
    lines = "".join(
        f"<http://e.org/id/x/a{number:04}> a <urn:T> .\n<http://e.org/id/x/a{number:04}/b> a <urn:T> ."
        for number in range(600)
    )
    given = release_of(lines + "<http://e.org/id/x/zebra> a <urn:T> .")
    served = Vocabularies(given, Settings(base_iri="http://e.org/"))
    assert served.unknown_terms("SELECT * { <http://e.org/id/x/zebre> ?p ?o . <https://e.org/id/x/a0500> ?q 1 }") == (
        UnknownTerm("http://e.org/id/x/zebre", "http://e.org/id/x/zebra", "unused"),
        UnknownTerm("https://e.org/id/x/a0500", "http://e.org/id/x/a0500", "address"),
    )


def test_no_question_has_an_unknown_term(release: Release, vocabularies: Vocabularies) -> None:
    assert len(release.questions) > 20
    for question in release.questions:
        assert vocabularies.unknown_terms(question["text"]) == (), question["slug"]


def test_a_query_whose_names_are_known_is_not_read_again(
    vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(query: str) -> Iterator[Token]:
        read.append(query)
        return tokens(query)

    monkeypatch.setattr(unknown_terms, "tokens", noted)
    known = f"PREFIX cper: <{CPER}>\nPREFIX skos: <{SKOS}>\nSELECT ?x {{ <{BASE}{CONTRACT}> cper:signePar ?x . ?x skos:prefLabel ?n }} # "
    for number in range(3):
        assert vocabularies.unknown_terms(f"{known}{number}") == ()
    assert read == []
    for _ in range(3):
        assert vocabularies.unknown_terms("ASK { ?x a cper:Etapee } # asked again")
    assert len(read) == 1


def test_other_vocabularies_count_where_the_data_declare_them(release_of: Callable[[str], Release]) -> None:
    given = release_of(
        "<http://e.org/onto> a <http://www.w3.org/2002/07/owl#Ontology> . <http://e.org/empty> a <http://e.org/onto#Car> ."
        "<http://e.org/path/> a <http://www.w3.org/2002/07/owl#Ontology> . <urn:x> <http://e.org/path/wheels> 4 ."
    )
    served = Vocabularies(given, SETTINGS)
    query = "SELECT * { ?x a <http://e.org/onto#Cars>, <http://e.org/onto#Car>, <http://e.org/empty#Y>, cper:Etapee ; %s 4 }"
    assert served.unknown_terms(query % "<http://e.org/path/weels>") == (
        UnknownTerm("http://e.org/onto#Cars", "http://e.org/onto#Car"),
        UnknownTerm("http://e.org/path/weels", "http://e.org/path/wheels"),
    )
    assert served.unknown_terms("PREFIX o: <http://e.org/onto#> SELECT * { ?x a o:Cars , o:Car }") == (
        UnknownTerm("http://e.org/onto#Cars", "http://e.org/onto#Car"),
    )
    bare = Vocabularies(release_of("<urn:x> <urn:y> 4 ."), SETTINGS)
    assert bare.unknown_terms("SELECT * { ?x a cper:Etape , <urn:z> ; <urn:y> 4 }") == (
        UnknownTerm(CPER + "Etape", "", "unused"),
    )


def test_what_has_more_terms_than_a_vocabulary_is_data(release_of: Callable[[str], Release]) -> None:
    declared = "".join(
        f"<http://e.org/{name}> a <http://www.w3.org/2002/07/owl#Ontology> ." for name in ("few", "many")
    )
    names = [*(f"many#x{n}" for n in range(MAX_NAMES + 1)), *(f"few#x{n}" for n in range(MAX_NAMES))]
    given = release_of(declared + "".join(f"<http://e.org/{name}> a <urn:x> ." for name in names))
    served = Vocabularies(given, SETTINGS)
    found = served.unknown_terms("ASK { <http://e.org/many#y> a <http://e.org/few#y> }")
    assert [each.iri for each in found] == ["http://e.org/few#y"]


def test_the_words_name_both_terms() -> None:
    term = UnknownTerm(CPER + "Etapee", CPER + "Etape")
    assert term.words("fr") == "L'ontologie ne définit pas cper:Etapee ; le terme le plus proche est cper:Etape."
    assert term.words("en") == "The ontology does not define cper:Etapee; the nearest term is cper:Etape."
    assert UnknownTerm("http://e.org/#x", "").words("en") == "The ontology does not define http://e.org/#x."
    thing = UnknownTerm(BASE + "id/axe/3", BASE + "id/axe/2", "unused")
    assert thing.words("fr") == (
        f"Aucune donnée n'emploie {BASE}id/axe/3 ici ; le plus proche de ce qu'elles emploient est {BASE}id/axe/2."
    )
    assert thing._replace(kind="address").words("en") == (
        f"{BASE}id/axe/3 is an address, not an identifier; the nearest IRI in the data is {BASE}id/axe/2."
    )
    assert UnknownTerm(SKOS + "x", "", "unused").words("en") == "No data here use skos:x."

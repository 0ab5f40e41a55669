"""Terms that the vocabularies of a release do not have: named with the nearest one, never a term that is there."""

from pathlib import Path

import pytest

from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.release.build.build import build_data
from cper_lod.release.docs import unknown_terms
from cper_lod.release.docs.unknown_terms import MAX_NAMES, MAX_TERMS, MAX_TEXT, UnknownTerm, Vocabularies
from cper_lod.release.release import Release
from tests.support.paths import ROOT

HERE = "http://127.0.0.1:8000/sparql"


@pytest.fixture(scope="module")
def vocabularies(release: Release) -> Vocabularies:
    return Vocabularies(release)


def names(found: tuple[UnknownTerm, ...]) -> dict[str, str]:
    assert all(term.iri.startswith(CPER) for term in found)
    return {term.iri.removeprefix(CPER): term.nearest.removeprefix(CPER) for term in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * { ?x a cper:Axee }", {"Axee": "Axe"}),
        ("SELECT * { ?x a cper:axe }", {}),
        ("SELECT * { ?x a cper:AXE ; cper:Financeur ?y }", {"AXE": "Axe", "Financeur": "financeur"}),
        ("SELECT * { ?x cper:priorité ?y }", {"priorité": "priorite"}),
        ("SELECT * { ?x cper:zzzzzzzz ?y }", {"zzzzzzzz": ""}),
        (f"SELECT * {{ ?x cper:{'z' * 5000} ?y }}", {"z" * 5000: ""}),
        (f"PREFIX c: <{CPER}> SELECT * {{ ?x a c:Axee , c:Axe }}", {"Axee": "Axe"}),
        (f"PREFIX cper:\t<{CPER}>\nSELECT * {{ ?x a cper:Axee }}", {"Axee": "Axe"}),
        (f"SELECT * {{ ?x a <{CPER}Axee> , <{CPER}Axe> , <{CPER}> }}", {"Axee": "Axe"}),
        ("BASE <https://w3id.org/cper-lod/> SELECT * { ?x a <ontology#Axee>, cper:nope-x }", None),
        ("SELECT * { ?x a cper:Axee ; a cper:Axee }", {"Axee": "Axe"}),
        (
            r"SELECT * { ?x a cper:Ax\u0065, cper:A\u0078ee, <https://w3id.org/cper-lod/ontology#Ax\u0065> }",
            {"Axee": "Axe"},
        ),
        (f"SELECT * {{ ?x a {' , '.join(f'cper:nothing{n}' for n in range(20))} }}", MAX_TERMS),
        ("PREFIX cper: <http://e.org/#> SELECT * { ?x a cper:Axee }", {}),
        ("SELECT * { ?x a 'cper:Axee' , \"<https://w3id.org/cper-lod/ontology#Axee>\" } # cper:Axee", {}),
        ("SELECT * { ?x a skos:Concet , dct:titel , <http://e.org/#cper:Axee> , xcper:Axee }", {}),
        ("SELECT * { ?x a cper:Axe ; cper:part/cper:pourcentage ?p . ?y a cper:Contrat. }", {}),
        (f"SELECT * {{ ?x a cper:Axee }} #{'x' * MAX_TEXT}", {}),
    ],
)
def test_unknown_terms(vocabularies: Vocabularies, query: str, found: dict[str, str] | int | None) -> None:
    unknown = names(vocabularies.unknown_terms(query, HERE))
    if isinstance(found, int):
        assert len(unknown) == found
    elif found is None:
        assert unknown["Axee"] == "Axe"
    else:
        assert unknown == found


def test_no_question_has_an_unknown_term(release: Release, vocabularies: Vocabularies) -> None:
    assert len(release.questions) > 20
    for question in release.questions:
        assert vocabularies.unknown_terms(question["text"], HERE) == (), question["slug"]


def test_a_query_whose_names_are_known_is_not_read_again(
    vocabularies: Vocabularies, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(query: str, base: str) -> list[str]:
        read.append(query)
        return [CPER + "Axee"]

    monkeypatch.setattr(unknown_terms, "iris", noted)
    known = f"PREFIX cper: <{CPER}>\nPREFIX skos: <{SKOS}>\nSELECT ?x {{ ?x a cper:Axe ; skos:prefLabel ?n }} # "
    for number in range(3):
        assert vocabularies.unknown_terms(f"{known}{number}", HERE) == ()
    assert read == []
    for _ in range(3):
        assert vocabularies.unknown_terms("ASK { ?x a cper:Axee } # asked again", HERE)
    assert len(read) == 1


def test_other_vocabularies_count_where_the_data_declare_them(tmp_path: Path) -> None:
    (tmp_path / "data.ttl").write_text(
        "<http://e.org/onto> a <http://www.w3.org/2002/07/owl#Ontology> . <http://e.org/empty> a <http://e.org/onto#Car> ."
        "<http://e.org/path/> a <http://www.w3.org/2002/07/owl#Ontology> . <urn:x> <http://e.org/path/wheels> 4 ."
    )
    served = Vocabularies(build_data(tmp_path / "releases", ROOT, (tmp_path / "data.ttl",)))
    query = (
        "SELECT * { ?x a <http://e.org/onto#Cars>, <http://e.org/onto#Car>, <http://e.org/empty#Y>, cper:Axee ; %s 4 }"
    )
    assert served.unknown_terms(query % "<http://e.org/path/weels>", HERE) == (
        UnknownTerm("http://e.org/onto#Cars", "http://e.org/onto#Car"),
        UnknownTerm("http://e.org/path/weels", "http://e.org/path/wheels"),
    )
    (tmp_path / "bare.ttl").write_text("<urn:x> <urn:y> 4 .")
    bare = Vocabularies(build_data(tmp_path / "releases", ROOT, (tmp_path / "bare.ttl",)))
    assert bare.unknown_terms("SELECT * { ?x a cper:Axee , <urn:z> }", HERE) == ()


def test_what_has_more_terms_than_a_vocabulary_is_data(tmp_path: Path) -> None:
    declared = "".join(
        f"<http://e.org/{name}> a <http://www.w3.org/2002/07/owl#Ontology> ." for name in ("few", "many")
    )
    names = [*(f"many#x{n}" for n in range(MAX_NAMES + 1)), *(f"few#x{n}" for n in range(MAX_NAMES))]
    (tmp_path / "data.ttl").write_text(declared + "".join(f"<http://e.org/{name}> a <urn:x> ." for name in names))
    served = Vocabularies(build_data(tmp_path / "releases", ROOT, (tmp_path / "data.ttl",)))
    found = served.unknown_terms("ASK { <http://e.org/many#y> a <http://e.org/few#y> }", HERE)
    assert [each.iri for each in found] == ["http://e.org/few#y"]


def test_the_words_name_both_terms() -> None:
    term = UnknownTerm(CPER + "Axee", CPER + "Axe")
    assert term.words("fr") == "L'ontologie ne définit pas cper:Axee ; le terme le plus proche est cper:Axe."
    assert term.words("en") == "The ontology does not define cper:Axee; the nearest term is cper:Axe."
    assert UnknownTerm("http://e.org/#x", "").words("en") == "The ontology does not define http://e.org/#x."

"""Reconciliation: matches of names and codes, and what is not matched automatically."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cper_lod.linking import reconciliation
from cper_lod.linking.reconciliation import Candidate, match, parse_extension, parse_queries
from cper_lod.release.release import Release
from tests.support.nquads_release import LABEL, TYPE, release_of_quads
from tests.support.properties import examples
from tests.support.refusals import refused

ID = "https://w3id.org/cper-lod/id/"
CONTRACT = "contrat/hauts-de-france-2021-2027"
BODY = "http://www.w3.org/ns/org#FormalOrganization"
CASES: list[tuple[str, str, str, str]] = [
    # what is asked, of which class, the best candidate, and `=` where it is matched by itself
    ("225900018", "", "organisme/departement-nord", "="),
    ("fr-hdf", "", "territoire/hauts-de-france", "="),
    ("http://www.wikidata.org/entity/Q12661", "", "territoire/nord", "="),
    ("http://id.insee.fr/geo/departement/59", "", "territoire/nord", "="),
    ("http://id.insee.fr/geo/region/59", "", "territoire/nord", "?"),  # not its IRI, but the same last part
    (f"{ID}territoire/nord", "", "territoire/nord", "="),
    ("", "", "", ""),
    ("CPER Hauts-de-France 2021-2027", "", CONTRACT, "?"),
    ("59", "", "territoire/nord", "?"),  # which list it is a code of, nobody says
    ("59", "igeo:Departement", "territoire/nord", "="),
    ("59", "igeo:Region", "", ""),
    ("32", "http://rdf.insee.fr/def/geo#Region", "territoire/hauts-de-france", "="),
    ("59350", "", "territoire/lille", "?"),  # a postal code of another commune
    ("59350", "igeo:Commune", "territoire/lille", "="),
    ("Nord", "", "territoire/nord", "="),
    ("Nord", BODY, "organisme/departement-nord", "?"),
    ("DEPARTEMENTS NORD", "", "organisme/departement-nord", "="),
    ("Metropole Europeene de Lile", "", "organisme/metropole-europeenne-de-lille", "?"),
    ("État", "", "organisme/etat", "?"),  # a body, a category of funder and a capacity
    ("Etat", BODY, "organisme/etat", "="),
    ("axis 2", "", f"{CONTRACT}/axe/2", "="),
    ("Université de Lorraine", "", "", ""),
    ('NEAR("', "", "", ""),
]


def asked(release: Release, text: str = "", **more: Any) -> list[Candidate]:  # noqa: ANN401
    return match(release, parse_queries(json.dumps({"q": {"query": text, **more}})))["q"]


def best(found: list[Candidate]) -> tuple[str, str]:
    return (found[0].iri.removeprefix(ID), "=" if found[0].match else "?") if found else ("", "")


@pytest.mark.parametrize(("text", "cls", "iri", "sure"), CASES, ids=[f"{text} {cls}" for text, cls, _, _ in CASES])
def test_what_is_meant(release: Release, text: str, cls: str, iri: str, sure: str):
    found = asked(release, text, type=cls)
    assert best(found) == (iri, sure)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert sum(each.match for each in found) == (sure == "=")
    assert all(0 < each.score <= 100 for each in found)


def test_a_class_above_holds_the_things_of_those_below(tmp_path: Path):
    below = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    lines = [f"<{ID}a> {TYPE} <http://e.org/Low>", f'<{ID}a> {LABEL} "Chose"@fr']
    lines += [f"<http://e.org/Low> {below} <http://e.org/Mid>", f"<http://e.org/Mid> {below} <http://e.org/High>"]
    lines += [f"<http://e.org/High> {below} <http://e.org/Low>"]
    found = asked(release_of_quads(tmp_path, lines, searchable=True), "chose", type="http://e.org/High")
    assert best(found) == ("a", "=")


def test_namesakes_are_not_matched_automatically(tmp_path: Path):
    lines = [f'<{ID}{name}> {LABEL} "Saint-Martin"@fr' for name in ("a", "b", "c")]
    release = release_of_quads(tmp_path, lines, searchable=True)
    found = asked(release, "saint martin")
    assert [(each.iri, each.score, each.match) for each in found] == [(ID + name, 97.0, False) for name in "abc"]
    assert not any(each.match for each in asked(release, "saint martin", limit=1))


def test_a_code_among_the_properties_counts_beside_a_similar_name(release: Release):
    siren = {"pid": "siren", "v": 225900018}
    assert best(asked(release, "Nord", type=BODY, properties=[siren])) == ("organisme/departement-nord", "=")
    aisne = {"pid": "siren", "v": "220200026"}
    assert best(asked(release, "Lille", properties=[aisne])) == ("organisme/departement-aisne", "?")
    commune = {"pid": "codeInsee", "v": "59350"}
    assert best(asked(release, "", properties=[commune], type="igeo:Commune")) == ("territoire/lille", "=")
    assert best(asked(release, "Nord", properties=[{"pid": "nothing", "v": "x"}])) == ("territoire/nord", "=")


def test_a_timeout_is_a_problem(release: Release, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reconciliation, "TIMEOUT", -1)
    with refused("reconciliation-timeout"):
        asked(release, "Nord")


@given(text=st.text(max_size=60))
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer(release: Release, text: str):
    query = text.encode("utf-8", "replace").decode().strip() or "x"
    assert sum(each.match for each in asked(release, query)) <= 1


INVALID = {
    "nothing": ("", "queries"),
    "deep": ("[" * 100_000, "queries"),
    "a query that is a text": ('{"q": "x"}', "queries.q"),
    "no name": ('{"q": {}}', "queries.q"),
    "a long name": (json.dumps({"q": {"query": "x" * (reconciliation.MAX_TEXT + 1)}}), "queries.q"),
    "an endless limit": ('{"q": {"query": "x", "limit": ' + "9" * 5000 + "}}", "queries.q"),
}


@pytest.mark.parametrize(("text", "place"), INVALID.values(), ids=INVALID.keys())
def test_what_is_no_batch_is_refused_where_it_fails(text: str, place: str):
    with refused("reconciliation-invalid", place):
        parse_queries(text)


def test_a_query_is_read_as_clients_write_it():
    given = {"query": " x ", "type": {"id": "t"}, "limit": "3", "type_strict": "should"}
    given["properties"] = [
        {"pid": "p", "v": [225900018, 7.5, True, {"id": "i", "name": "n"}, ""]},
        {"pid": "e", "v": None},
    ]
    query = parse_queries(json.dumps({"q": given}))["q"]
    assert (query.text, query.types, query.limit) == ("x", ["t"], 3)
    assert query.properties == [("p", ["225900018", "7.5", "true", "i"]), ("e", [])]


def test_a_data_extension_query():
    asked_for = '{"ids": ["a", "b"], "properties": [{"id": "p"}, "q"]}'
    assert parse_extension(asked_for) == (["a", "b"], ["p", "q"])
    for text in ("{}", "[]", '{"ids": 1, "properties": []}', '{"ids": [], "properties": [1, {}]}'):
        with refused("reconciliation-invalid", "extend"):
            parse_extension(text)
    with refused("reconciliation-batch"):
        parse_extension(json.dumps({"ids": ["a"] * (reconciliation.MAX_IDS + 1), "properties": []}))
    with refused("reconciliation-batch"):
        parse_queries(json.dumps({"q": {"query": "x", "type": ["x"] * (reconciliation.MAX_QUERIES + 1)}}))

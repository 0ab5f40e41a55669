"""Reconciliation: matches of names and codes, and what is not matched automatically."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cper_lod.linking.reconciliation import reconcile
from cper_lod.linking.reconciliation.queries import MAX_QUERIES, parse_batch
from cper_lod.linking.reconciliation.reconcile import Candidate, Reconciler
from cper_lod.release.release import Release
from tests.support.nquads_release import LABEL, TYPE, release_of_quads
from tests.support.properties import examples
from tests.support.refusals import refused

ID = "https://w3id.org/cper-lod/id/"
CONTRACT = "contrat/hauts-de-france-2021-2027"
BODY, TERRITORY, AXIS = "http://www.w3.org/ns/org#FormalOrganization", "Territoire", "cper:Axe"
CASES: list[tuple[str, str, str, str]] = [
    # what is asked, of which class, the best candidate, and `=` where it is matched by itself
    ("225900018", "", "organisme/departement-nord", "="),
    ("225 900 018", "", "organisme/departement-nord", "="),
    ("22590001801244", BODY, "organisme/departement-nord", "="),
    ("22590001899999", BODY, "organisme/departement-nord", "?"),  # another establishment of the same body
    ("FRE11", "", "territoire/nord", "="),
    ("fr-hdf", "", "territoire/hauts-de-france", "="),
    ("Q12661", "", "territoire/nord", "="),
    ("Q471969", "", "organisme/metropole-europeenne-de-lille", "?"),  # closeMatch only
    ("http://www.wikidata.org/entity/Q12661", "", "territoire/nord", "="),
    ("http://id.insee.fr/geo/departement/59", "", "territoire/nord", "="),
    (f"{ID}territoire/nord", "", "territoire/nord", "="),
    ("", "", "", ""),
    ("CPER Hauts-de-France 2021-2027", "", CONTRACT, "?"),
    ("59", "", "territoire/nord", "?"),  # which list it is a code of, nobody says
    ("59", TERRITORY, "territoire/nord", "?"),
    ("59", "igeo:Departement", "territoire/nord", "="),
    ("59", "igeo:Region", "", ""),
    ("32", "http://rdf.insee.fr/def/geo#Region", "territoire/hauts-de-france", "="),
    ("59350", "", "territoire/lille", "?"),  # a postal code of another commune
    ("59350", "igeo:Commune", "territoire/lille", "="),
    ("Nord", "", "territoire/nord", "="),
    ("Nord", TERRITORY, "territoire/nord", "="),
    ("Nord", BODY, "organisme/departement-nord", "?"),
    ("département du nord", "", "organisme/departement-nord", "="),
    ("DEPARTEMENTS DU NORD", "", "organisme/departement-nord", "="),
    ("Department of Nord", "", "organisme/departement-nord", "="),
    ("Département du Nord", TERRITORY, "territoire/nord", "="),
    ("Dept du Nord", "", "organisme/departement-nord", "?"),
    ("Conseil départemental du Nord", BODY, "organisme/departement-nord", "?"),
    ("MEL", "", "organisme/metropole-europeenne-de-lille", "="),
    ("Metropole Europeenne Lille", "", "organisme/metropole-europeenne-de-lille", "="),
    ("Metropole Europeene de Lile", "", "organisme/metropole-europeenne-de-lille", "?"),
    ("Lille", "", "territoire/lille", "="),
    ("CA Amiens Metropole", "", "organisme/amiens-metropole", "?"),
    ("Pas-de-Callais", "", "territoire/pas-de-calais", "?"),
    ("État", "", "organisme/etat", "?"),  # a body, a category of funder and a capacity
    ("Etat", BODY, "organisme/etat", "="),
    ("Axe 2", "", f"{CONTRACT}/axe/2", "="),
    ("axis 2", "", f"{CONTRACT}/axe/2", "="),
    ("2", "", f"{CONTRACT}/axe/2", "?"),  # a priority has the number too
    ("2", AXIS, f"{CONTRACT}/axe/2", "="),
    ("priorité 4", "", f"{CONTRACT}/priorite/4", "="),
    ("Soutenir les territoires", "", f"{CONTRACT}/axe/2", "="),
    ("soutenir le teritoire", "", f"{CONTRACT}/axe/2", "?"),
    ("SRADDET", "", "schema/hauts-de-france-sraddet", "="),
    ("SRADET", "", "schema/hauts-de-france-sraddet", "?"),
    ("Université de Lorraine", "", "", ""),
    ("xyzzy plugh", "", "", ""),
    ("!!!", "", "", ""),
    ("\0", "", "", ""),
    ('NEAR("', "", "", ""),
]


@pytest.fixture(scope="module")
def reconciler(release: Release) -> Reconciler:
    return Reconciler(release)


@pytest.fixture(scope="module")
def large(release: Release) -> Reconciler:
    """The same things, found in the search index as for a large release."""
    found = Reconciler(release)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconcile, "MAX_SCANNED", 0)
        asked(found, "axe 2")  # the first query decides whether all things are compared
    return found


def asked(reconciler: Reconciler, text: str = "", **more: Any) -> list[Candidate]:  # noqa: ANN401
    query = {
        **({} if "properties" in more and not text else {"query": text}),
        **{name: value for name, value in more.items() if value},
    }
    return reconciler.reconcile(parse_batch(json.dumps({"q": query})))["q"]


def best(found: list[Candidate]) -> tuple[str, str]:
    return (found[0].iri.removeprefix(ID), "=" if found[0].match else "?") if found else ("", "")


@pytest.mark.parametrize(("text", "cls", "iri", "sure"), CASES, ids=[f"{text} {cls}" for text, cls, _, _ in CASES])
def test_what_is_meant(reconciler: Reconciler, large: Reconciler, text: str, cls: str, iri: str, sure: str):
    found = asked(reconciler, text, type=cls)
    assert best(found) == (iri, sure)
    assert best(asked(large, text, type=cls)) == (iri, sure), "by the search index"
    assert [each.match_score.score for each in found] == sorted(
        (each.match_score.score for each in found), reverse=True
    )
    assert sum(each.match for each in found) == (sure == "=")
    assert all(0 < each.match_score.score <= 100 for each in found)


def test_classes_keep_others_out(reconciler: Reconciler):
    both = ["Territoire", BODY]
    assert {best(asked(reconciler, "Nord", type=both))[0]} == {"territoire/nord"}
    assert len(asked(reconciler, "Nord", type=both)) > len(asked(reconciler, "Nord", type=BODY))
    assert asked(reconciler, "Nord", type=both, type_strict="all") == []
    assert asked(reconciler, "Nord", type="http://nobody.example/Class") == []
    assert asked(reconciler, "Nord", type="no such class") == []
    lower = asked(reconciler, "Axe 2", type=BODY, type_strict="should")
    assert (best(lower), lower[0].match_score.score) == ((f"{CONTRACT}/axe/2", "?"), 72.0)


def test_a_class_above_holds_the_things_of_those_below(tmp_path: Path):
    below = "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"
    lines = [f"<{ID}a> {TYPE} <http://e.org/Low>", f'<{ID}a> {LABEL} "Chose"@fr']
    lines += [f"<http://e.org/Low> {below} <http://e.org/Mid>", f"<http://e.org/Mid> {below} <http://e.org/High>"]
    lines += [f"<http://e.org/High> {below} <http://e.org/Low>"]
    found = asked(Reconciler(release_of_quads(tmp_path, lines, searchable=True)), "chose", type="http://e.org/High")
    assert best(found) == ("a", "=")


def test_namesakes_are_not_matched_automatically(tmp_path: Path):
    lines = [f'<{ID}{name}> {LABEL} "Saint-Martin"@fr' for name in ("a", "b", "c")]
    reconciler = Reconciler(release_of_quads(tmp_path, lines, searchable=True))
    found = asked(reconciler, "saint martin")
    assert [(each.iri, each.match_score.score, each.match) for each in found] == [
        (ID + name, 97.0, False) for name in ("a", "b", "c")
    ]
    assert not any(each.match for each in asked(reconciler, "saint martin", limit=1))


def test_properties_tell_things_apart(reconciler: Reconciler):
    siren = {"pid": "siren", "v": 225900018}
    assert best(asked(reconciler, "Nord", type=BODY, properties=[siren])) == ("organisme/departement-nord", "=")
    wrong = asked(reconciler, "Département du Nord", properties=[{"pid": "siren", "v": "220200026"}])
    assert [(each.iri.removeprefix(ID), each.match) for each in wrong][:2] == [
        ("organisme/departement-aisne", False),  # name and code disagree
        ("territoire/nord", False),
    ]
    assert next(each for each in wrong if each.iri.endswith("departement-nord")).match_score.score == 72.0
    commune = {"pid": "codeInsee", "v": "59350"}
    assert best(asked(reconciler, "", properties=[commune])) == ("territoire/lille", "=")
    assert best(asked(reconciler, "", properties=[{"pid": "codeInsee", "v": 32}])) == (
        "territoire/hauts-de-france",
        "?",
    )
    inside = {"pid": "geo:sfWithin", "v": {"id": f"{ID}territoire/hauts-de-france", "name": "?"}}
    plain, helped = asked(reconciler, "Pas de Callais"), asked(reconciler, "Pas de Callais", properties=[inside])
    assert best(plain)[0] == best(helped)[0] == "territoire/pas-de-calais"
    assert helped[0].match_score.score > plain[0].match_score.score
    assert helped[0].property_share == 1.0
    assert plain[0].property_share is None
    assert best(asked(reconciler, "Nord", properties=[{"pid": "nothing", "v": "x"}])) == ("territoire/nord", "=")


@pytest.mark.parametrize("value", ["nord", {"id": f"{ID}territoire/nord"}, [True, 7.5, "Nord"]])
def test_properties_alone(reconciler: Reconciler, large: Reconciler, value: object):
    wish = [{"pid": "territoire", "v": value}]
    for each in (reconciler, large):
        found = asked(each, properties=wish, type=BODY)
        assert [(one.iri.removeprefix(ID), one.match_score.score, one.match) for one in found] == [
            ("organisme/departement-nord", 75.0, False)
        ]
    share = [{"pid": "pourcentage", "v": 57.3}]
    assert best(asked(reconciler, properties=share, type="Part")) == (f"{CONTRACT}/part/axe-2", "?")
    assert best(asked(large, properties=[{"pid": "siren", "v": "225900018"}])) == ("organisme/departement-nord", "=")


def test_limits(reconciler: Reconciler):
    assert len(asked(reconciler, "département", limit=3)) == 3
    assert len(asked(reconciler, "département", limit="2")) == 2
    assert len(asked(reconciler, "département", limit=10**8)) < 50


def test_a_timeout_is_a_problem(release: Release, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reconcile, "TIMEOUT", 0)
    with refused("reconciliation-timeout"):
        asked(Reconciler(release), "Nord")


@pytest.mark.slow
def test_a_batch_is_bounded_in_time(large: Reconciler):
    words = " ".join(f"d{number} etat{number}" for number in range(100))[:500]
    hostile = {str(number): {"query": words, "type": ["x"] * 20} for number in range(MAX_QUERIES)}
    assert len(large.reconcile(parse_batch(json.dumps(hostile)))) == MAX_QUERIES


@given(text=st.text(max_size=60))
@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gets_an_answer(reconciler: Reconciler, large: Reconciler, text: str):
    """Both ways agree on matches."""
    query = text.encode("utf-8", "replace").decode().strip() or "x"
    one, other = asked(reconciler, query), asked(large, query)
    assert best(one)[1] == "?" or best(one) in (best(other), ("", ""))

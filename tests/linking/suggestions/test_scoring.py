"""Scores: every point has a reason, and relevant datasets rank before plausible others."""

from dataclasses import replace

import pytest
from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, CPER, RDF
from cper_lod.linking.datagouv.client import Dataset, parse_dataset
from cper_lod.linking.suggestions.scoring import organizations_to_look_up, rank, reasons_for, search_queries
from cper_lod.linking.suggestions.subject import (
    Subject,
    describe_subject,
    find_thing,
    linkable_things,
    resolve_join_key,
)
from cper_lod.linking.suggestions.topics import REGIONS, TOPICS
from cper_lod.rdf.graph import Graph
from cper_lod.release.storage.text import words
from tests.support.refusals import refused
from tests.support.sentences import sentence_keys
from tests.support.udata_datasets import crowd, eleven

CONTRACT = BASE + "id/contrat/hauts-de-france-2021-2027"
PLAIN = Dataset("0" * 24, "jeu", "Prénoms")


@pytest.fixture(scope="module")
def contract(graph: Graph) -> Subject:
    return describe_subject(graph, CONTRACT)


@pytest.mark.parametrize("variation", ["a", "b"])
def test_the_eleven_rank_within_the_first_twenty_of_two_hundred(variation: str, contract: Subject) -> None:
    """The weights were chosen with `a`; `b` was held out."""
    datasets = [parse_dataset(each) for each in (*crowd(variation), *eleven())]
    proposals = rank([each for each in datasets if each], contract)
    wanted = {each["id"] for each in eleven()}
    ranks = [rank for rank, each in enumerate(proposals, 1) if each.dataset.id in wanted]
    print(variation, ranks)
    assert (len(proposals), len(ranks)) == (200, 11)
    assert ranks[-1] <= 20


def test_identifiers_play_no_part(contract: Subject) -> None:
    for each in eleven():
        read = parse_dataset(each)
        assert read is not None
        assert reasons_for(replace(read, id="f" * 24, slug="x"), contract) == reasons_for(read, contract)


CASES = {
    "link-why-title": replace(PLAIN, title="Plans"),
    "link-why-tags": replace(PLAIN, tags=("contrat",)),
    "link-why-topics": replace(PLAIN, title="Gouvernance"),
    "link-why-field": replace(PLAIN, description="Les subventions."),
    "link-why-siren": replace(PLAIN, organization_siren="225900018"),
    "link-why-organization": replace(PLAIN, organization="Département du NORD"),
    "link-why-verified": replace(PLAIN, verified=True),
    "link-why-zone": replace(PLAIN, zones=("fr:commune:02722",)),
    "link-why-place": replace(PLAIN, tags=("hauts-de-france",)),
    "link-why-country": replace(PLAIN, granularity="country"),
    "link-why-elsewhere": replace(PLAIN, zones=("fr:region:53",)),
    "link-why-other-region": replace(PLAIN, title="Prénoms en Île de France"),
    "link-why-period": replace(PLAIN, start="2015-01-01", end="2021-02-01"),
    "link-why-other-period": replace(PLAIN, start="2015-01-01", end="2020-12-31"),
    "link-why-license": replace(PLAIN, license="lov2"),
    "link-why-quality": replace(PLAIN, quality=0.5),
    "link-why-archived": replace(PLAIN, archived="2024-05-01"),
}
AGAINST = {"link-why-elsewhere", "link-why-other-region", "link-why-other-period", "link-why-archived"}


@pytest.mark.parametrize("key", CASES)
def test_each_reason(key: str, contract: Subject) -> None:
    (reason,) = reasons_for(CASES[key], contract)
    assert reason.key == key
    assert (reason.points < 0) is (key in AGAINST)
    assert rank([CASES[key]], contract)[0].points == reason.points
    french, english = reason.words("fr"), reason.words("en")
    assert french != english
    assert french.endswith(f"({reason.points:+g})")
    assert "{" not in french + english


def test_every_reason_has_its_case(contract: Subject) -> None:
    assert set(CASES) == {key for key in sentence_keys() if key.startswith("link-why-")}
    assert reasons_for(PLAIN, contract) == ()


def test_the_most_important_reason_comes_first(contract: Subject) -> None:
    datasets = [parse_dataset(each) for each in (*crowd("a"), *eleven())]
    for found in rank([each for each in datasets if each], contract):
        weights = [abs(reason.points) for reason in found.reasons]
        assert weights == sorted(weights, reverse=True)


def test_a_word_nearly_the_same_counts_as_one(contract: Subject) -> None:
    reason = reasons_for(replace(PLAIN, title="Gouvernences"), contract)[0]
    assert reason.key == "link-why-topics"
    assert reasons_for(replace(PLAIN, title="Gouverner"), contract) == ()


def test_what_is_known_of_the_contract(contract: Subject) -> None:
    assert contract.names == ("Contrat de plan État-Région 2021-2027 Hauts-de-France", "CPER 2021-2027")
    assert len(contract.bodies) == 8
    assert contract.period == ("2021", "2027")
    assert {"fr:region:32", "fr:departement:02", "fr:commune:59350", "fr:epci:200093201"} <= set(contract.zones)
    assert "France" not in contract.places
    assert "SRADDET" in contract.part_names
    assert contract.topics == TOPICS


def test_what_is_known_of_other_things(graph: Graph) -> None:
    axis = describe_subject(graph, CONTRACT + "/axe/5")
    assert axis.period == ("2021", "2027")
    assert axis.names[0].startswith("Favoriser la mobilité")
    assert "fr:region:32" in axis.zones
    body = describe_subject(graph, BASE + "id/organisme/departement-nord")
    assert body.bodies == {"225900018": "Département du Nord"}
    assert body.zones == ("fr:departement:59", "fr:commune:59350", "fr:epci:225900018")
    territory = describe_subject(graph, BASE + "id/territoire/somme")
    assert territory.places == ("Somme",)
    assert list(territory.bodies.values()) == ["Département de la Somme"]
    assert {each.needs for each in territory.topics} == {"siren", "place", "money"}
    state = describe_subject(graph, BASE + "id/organisme/etat")
    assert (state.bodies, state.zones, state.period) == ({}, (), ("", ""))
    country = describe_subject(graph, BASE + "id/territoire/france")
    assert country.zones == ()


def test_what_is_asked(contract: Subject) -> None:
    asked = search_queries(contract)
    assert {"q": "CPER 2021-2027"} in asked
    assert {"q": "subvention"} in asked
    assert {"geozone": "fr:region:32"} in asked
    assert len(asked) == len(set(map(str, asked))) < 100


def test_organisations_are_looked_up_once_and_only_where_needed(contract: Subject) -> None:
    known = replace(PLAIN, organization_siren="1", organization_id="a")
    others = [replace(PLAIN, organization_id=each) for each in ("b", "b", "", "c")]
    assert organizations_to_look_up(rank([known, *others], contract)) == ["b", "c"]
    assert (
        len(organizations_to_look_up(rank([replace(PLAIN, organization_id=str(n)) for n in range(99)], contract))) == 40
    )


@pytest.mark.parametrize(
    ("given", "iri"),
    [
        (CONTRACT, CONTRACT),
        ("hauts-de-france-2021-2027", CONTRACT),
        ("axe/2", CONTRACT + "/axe/2"),
        ("territoire/nord", BASE + "id/territoire/nord"),
        (" departement-nord/ ", BASE + "id/organisme/departement-nord"),
    ],
)
def test_a_thing_is_found_by_the_end_of_its_name(given: str, iri: str, graph: Graph) -> None:
    assert find_thing(graph, given) == iri


def test_without_a_name_the_only_contract_is_meant(graph: Graph) -> None:
    single = Graph([Quad(NamedNode(CONTRACT), NamedNode(RDF + "type"), NamedNode(CPER + "Contrat"))])
    assert find_thing(single, None) == find_thing(single, "") == CONTRACT
    with refused("link-thing", match="hauts-de-france-2021-2027"):
        find_thing(graph, None)


@pytest.mark.parametrize(
    "given", ["metropole-europeenne-de-lille", "1", "axe/9", "nulle-part", "https://example.org/x"]
)
def test_what_is_no_thing_or_several_is_a_problem_with_offers(given: str, graph: Graph) -> None:
    with refused("link-thing") as raised:
        find_thing(graph, given)
    assert "/" in str(raised.value.params["offers"])
    assert CONTRACT in linkable_things(graph)[:10]


def test_a_key_is_a_property_with_a_value(graph: Graph) -> None:
    nord = BASE + "id/organisme/departement-nord"
    assert resolve_join_key(graph, "cper:siren", [nord]) == BASE + "ontology#siren"
    assert resolve_join_key(graph, BASE + "ontology#siren", [nord]) == BASE + "ontology#siren"
    for key in ("cper:sirène", "igeo:codeINSEE", "siren", "nope:siren", "cper:"):
        with pytest.raises(Problem, match=nord):
            resolve_join_key(graph, key, [nord])


def test_phrases_of_topics_are_normalized() -> None:
    """A phrase with an accent or a plural would never match."""
    phrases = [phrase for field in TOPICS for phrase in field.phrases]
    assert len(phrases) > 30
    assert [phrase for phrase in phrases if phrase.split() != words(phrase)] == []
    assert len(REGIONS) == 18

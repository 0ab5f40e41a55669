"""The API client: paging, responses recorded from udata, invalid datasets."""

import json
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.linking.datagouv.client import DataGouvClient, Dataset, clean_text, dataset_name, is_id, parse_dataset
from tests.support.cases import each_case
from tests.support.fake_udata import RECORDED, FakeUdata, answering
from tests.support.properties import examples
from tests.support.refusals import refused
from tests.support.udata_datasets import crowd, eleven

EPCI = "58d2a0b0c751df17537c66be"


def page(identifiers: range, **told: object) -> str:
    data = [{"id": f"{number:024x}", "title": f"Jeu {number}"} for number in identifiers]
    return json.dumps(
        {"data": data, "page": 1, "page_size": 50, "total": 10_000, "next_page": "http://evil.example/", **told}
    )


def found(udata: FakeUdata, pages: int = 5) -> list[str]:
    with DataGouvClient(udata.url) as site:
        return [each.title for each in site.search(pages, q="jeu")]


def test_recorded_answers_are_read(udata: FakeUdata) -> None:
    with DataGouvClient(udata.url) as site:
        regional, simplified = site.search(3, q="epci")
        assert [each.id for each in site.search(1, geozone="fr:region:32")][-1] == regional.id
        by_slug, by_id = site.dataset("base-nationale-sur-les-intercommunalites"), site.dataset(EPCI)
        assert site.organization_siren(regional.organization_id) == "200053742"
        assert site.organization_siren("0" * 24) == ""
        assert list(site.search(1, q="rien")) == []
        with pytest.raises(Problem, match="404"):
            site.dataset("nulle-part")
        with pytest.raises(Problem, match="410"):
            site.dataset("000000000000000000001000")
    assert regional.zones == ("fr:region:32",)
    assert (regional.verified, regional.license, regional.organization) == (True, "lov2", "Région Hauts-de-France")
    assert 0.6 < regional.quality < 0.7
    assert (simplified.zones, simplified.granularity, simplified.archived) == ((), "", "")
    assert by_slug == by_id
    assert by_id.iri == f"https://www.data.gouv.fr/datasets/{EPCI}"
    assert set(by_id.snapshot) == {"title", "slug", "organization", "license", "last_update"}
    assert len(RECORDED) == 10


def test_pages_are_followed_to_the_last(udata: FakeUdata) -> None:
    udata.faults = [answering(body=page(range(50))), answering(body=page(range(50, 60), next_page=None))]
    assert len(found(udata)) == 60
    assert all("page_size=50" in each for each in udata.asked)


@pytest.mark.parametrize(
    ("name", "answers", "count", "asked"),
    [
        ("past the end", [answering(body=page(range(50))), answering(404)], 50, 2),
        ("an empty page", [answering(body=page(range(50))), answering(body=page(range(0)))], 50, 2),
        ("the same page again", [answering(body=page(range(50)))] * 5, 50, 2),
        (
            "a total that is too low",
            [answering(body=page(range(50), total=1)), answering(body=page(range(50, 51), next_page=None))],
            *(51, 2),
        ),
        ("a total that is too high", [answering(body=page(range(3), next_page=None))], 3, 1),
        ("more than was asked for", [answering(body=page(range(5000), next_page=None))], 100, 1),
        ("never the last", [answering(body=page(range(50 * n, 50 * n + 50))) for n in range(9)], 250, 5),
    ],
)
def test_totals_and_next_links_are_not_trusted(
    name: str, answers: list, count: int, asked: int, udata: FakeUdata
) -> None:
    udata.faults = answers
    assert len(found(udata)) == count, name
    assert len(udata.asked) == asked


@pytest.mark.parametrize("body", ["[]", "null", '"text"', '{"data": null}', '{"data": {}}', '{"message": "no"}'])
def test_what_is_no_page_is_a_problem(body: str, udata: FakeUdata) -> None:
    udata.always = answering(body=body)
    with refused("catalogue-answer"):
        found(udata)


def test_a_site_without_that_api_is_not_called_a_missing_dataset(udata: FakeUdata) -> None:
    udata.always = answering(404)
    with refused("catalogue-answer"):
        found(udata)


def test_invalid_datasets_are_skipped_and_counted(udata: FakeUdata) -> None:
    entries = [None, 1, "x", [], {}, {"id": "x", "title": "y"}, {"id": "0" * 24}, {"id": "0" * 24, "title": ["y"]}]
    udata.always = answering(body=json.dumps({"data": [*entries, {"id": "0" * 24, "title": "Bon"}]}))
    with DataGouvClient(udata.url) as site:
        assert [each.title for each in site.search(3, q="jeu")] == ["Bon"]
        assert site.skipped == len(entries)
        with pytest.raises(Problem):
            site.dataset("0" * 24)


def test_values_of_an_unexpected_type_are_ignored() -> None:
    read = parse_dataset(
        {
            "id": "0" * 24,
            "title": " Un\x07 titre\n \u202esur deux lignes \ud800",
            "slug": 3,
            "tags": ["a", 1, None],
            "organization": [],
            "quality": {"score": 10**400},
            "license": {"id": "lov2"},
            "archived": "2026-02-31T00:00:00",
            "last_update": "2026-02-03T10:00:00+00:00",
            "spatial": {"zones": [{"id": "fr:region:32"}, "country:fr", 7]},
            "temporal_coverage": {"start": "2021-01-01", "end": "2027"},
        }
    )
    assert read == Dataset(
        id="0" * 24,
        slug="",
        title="Un titre sur deux lignes",
        tags=("a",),
        license="lov2",
        last_update="2026-02-03",
        zones=("fr:region:32", "country:fr", ""),
        start="2021-01-01",
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "acronym",
    "tags",
    "organization",
    "spatial",
    "temporal_coverage",
    "quality",
    "license",
    "archived",
    "last_update",
]


@pytest.mark.slow
@settings(max_examples=examples(40))
@given(
    st.fixed_dictionaries(
        {
            "id": st.just("0" * 24),
            "title": st.just("Jeu"),
            "quality": st.fixed_dictionaries({"score": json_values}),
            **dict.fromkeys(KEYS, json_values),
        }
    )
)
def test_no_response_breaks_the_parser(value: dict) -> None:
    read = parse_dataset(value)
    assert read is not None
    for text in (*read.snapshot.values(), *read.tags):
        assert text == clean_text(text)
        text.encode("utf-8")
    assert 0 <= read.quality <= 1


@each_case(
    ("given_name", "name"),
    [
        (EPCI, EPCI),
        ("base-sirene", "base-sirene"),
        (f" https://www.data.gouv.fr/datasets/{EPCI} ", EPCI),
        ("https://www.data.gouv.fr/fr/datasets/base-sirene/", "base-sirene"),
        ("https://www.data.gouv.fr/datasets/base-sirene?page=2#/x", "base-sirene"),
        ("", None),
        ("base sirene", None),
        ("../../etc", None),
        ("https://www.data.gouv.fr/", None),
        ("https://www.data.gouv.fr/organizations/insee/", None),
    ],
)
def test_names_of_datasets(given_name: str, name: str | None) -> None:
    assert dataset_name(given_name) == name
    assert is_id(EPCI)
    assert not is_id(EPCI.upper())


def test_the_catalogue_of_the_tests_is_what_the_reader_reads() -> None:
    every = [parse_dataset(each) for variation in "ab" for each in (*eleven(), *crowd(variation))]
    assert len(every) == 400
    assert None not in every
    assert len({each.id for each in islice(every, 200) if each}) == 200

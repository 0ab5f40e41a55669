"""410 Gone: things that are no longer described, in both languages, with their replacement and their last state."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cper_lod.release.jobs.locks import discard
from tests.release.history.release_history import FERRY, MOMENTS, PUBLIC, ServedHistory, ferry, publish_states


@pytest.fixture(scope="module")
def withdrawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedHistory]:
    """The last of four publications, the first of which is no longer kept; what the second and the first described alone is gone."""
    history, ids = publish_states(tmp_path_factory.mktemp("withdrawn"))
    discard(history.folders_of(ids[0])[0])
    made = ServedHistory(history, ids)
    yield made
    made.app.extensions["cper_lod.pool"].close()


@pytest.mark.parametrize("path", ["/id/bac/fictif-2", "/doc/bac/fictif-2", "/doc/bac/fictif-2.ttl"])
def test_what_was_replaced_leads_to_what_replaced_it(withdrawn: ServedHistory, path: str) -> None:
    told = withdrawn.client.get(path, headers={"Accept-Language": "en"})
    assert told.status_code == 410
    problem = told.get_json()
    assert problem["type"].rpartition("/")[2] == "withdrawn-replaced"
    assert (problem["iri"], problem["replaced_by"]) == (f"{FERRY}2", [f"{FERRY}3"])
    assert problem["last_release"] == withdrawn.ids[1]
    assert problem["memento"] == f"{PUBLIC}/release/{withdrawn.ids[1]}/doc/bac/fictif-2"
    assert withdrawn.client.get(problem["memento"].removeprefix(PUBLIC)).status_code == 200


def test_people_get_links(withdrawn: ServedHistory) -> None:
    told = withdrawn.client.get("/doc/bac/fictif-2?lang=en", headers={"Accept": "text/html"})
    assert (told.status_code, told.mimetype) == (410, "text/html")
    main = told.text.partition("<main")[2].partition("</main>")[0]
    assert 'href="/doc/bac/fictif-3?lang=en"' in main
    assert "Fictitious ferry 3</a>" in main and "(Fictitious ferry 2)</a>" in main
    assert f'href="/release/{withdrawn.ids[1]}/doc/bac/fictif-2"' in main
    assert 'rel="canonical"' not in told.text


def test_the_text_of_a_document_is_gone_with_it(tmp_path: Path) -> None:
    document = '<https://w3id.org/cper-lod/id/document/avis> a cper:Bac ; skos:prefLabel "Avis"@fr, "Notice"@en .\n'
    made = ServedHistory(*publish_states(tmp_path, (document, ferry(2)), MOMENTS[:2]))
    told = [made.get(path) for path in ("/text/avis", made.below(0, "/text/avis"))]
    made.app.extensions["cper_lod.pool"].close()
    assert [each.status_code for each in told] == [410, 404]
    assert [each.get_json()["type"].rpartition("/")[2] for each in told] == ["withdrawn", "text-absent"]


def test_what_it_said_itself_of_what_replaces_it_outlives_its_release(withdrawn: ServedHistory) -> None:
    told = withdrawn.client.get("/doc/bac/fictif-4").get_json()
    assert told["replaced_by"] == [f"{FERRY}1"]
    assert told["last_release"] == withdrawn.ids[0]
    assert told["memento"] == f"{PUBLIC}/changes/1", "no release that described it is kept"


def test_what_is_mentioned_what_is_there_and_what_never_was(withdrawn: ServedHistory) -> None:
    described = "/describe.ttl?iri=" + FERRY
    for path, status in (
        (described + "4", 410),
        (described + "2", 200),  # what replaces it is said of it
        ("/doc/bac/fictif-1.ttl", 200),
        ("/doc/bac/fictif-9", 404),
        ("/id/bac/fictif-9", 404),
        ("/doc/bac", 200),
    ):
        assert withdrawn.client.get(path).status_code == status, path


def test_of_a_past_release_its_own_past_is_told(withdrawn: ServedHistory) -> None:
    below = f"/release/{withdrawn.ids[1]}"
    assert withdrawn.client.get(f"{below}/doc/bac/fictif-2.ttl").status_code == 200
    assert withdrawn.client.get(f"{below}/doc/bac/fictif-3.ttl").status_code == 404, "it had not come yet"
    assert withdrawn.client.get(f"{below}/doc/bac/fictif-4.ttl").status_code == 410

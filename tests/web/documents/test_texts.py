"""The texts of documents: /text/<name> as it was read, and where the other forms of a document say it is."""

import hashlib

import pytest
from flask.testing import FlaskClient

from tests.support.paths import ROOT

RAW = (ROOT / "data" / "sources" / "communique-2023-01-09.md").read_bytes()
ADDRESS, DOCUMENT = "/text/communique-2023-01-09", "/doc/document/communique-2023-01-09"


def test_the_text_is_served_as_it_is(client: FlaskClient):
    answer = client.get(ADDRESS)
    assert answer.data == RAW
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Language"] == "fr"
    assert DOCUMENT in answer.headers["Link"]
    with client.head(ADDRESS) as head:
        assert head.headers["Content-Length"] == str(len(RAW))
    with client.get(ADDRESS, headers={"If-None-Match": answer.headers["ETag"]}) as same:
        assert same.status_code == 304
    assert client.get(ADDRESS, headers={"Range": "bytes=2-21"}).data == RAW[2:22]


def test_forms_of_the_document_say_where_its_text_is(client: FlaskClient):
    made = client.get(f"{DOCUMENT}.json").get_json()
    text = made["texte"]
    assert client.get(text["adresse"].removeprefix("http://127.0.0.1:8000")).data == RAW
    assert text["sha256"] == hashlib.sha256(RAW).hexdigest()
    assert text["longueur"] == len(RAW.decode())
    places = [each["debutDuPassage"] for each in made["passages"]]
    assert places == sorted(places)
    assert len(places) > 50
    raw = RAW.decode()
    assert any(each["citation"] == raw[each["debutDuPassage"] : each["finDuPassage"]] for each in made["passages"])
    items = client.get(f"/linkset.json?iri={made['id']}").get_json(force=True)["linkset"][0]["item"]
    assert items == [{"href": text["adresse"], "type": "text/plain"}]


MISSING = {
    "/text/communique-2023-01-0": ("not-found", DOCUMENT),
    "/text/nothing": ("not-found", "/doc/document/"),
    "/text/../manifest": ("not-found", ""),
    "/text/bretagne-region": ("text-absent", "/doc/document/bretagne-region"),
}


@pytest.mark.parametrize("address", MISSING)
def test_an_absent_text_is_told_with_what_is_nearest(client: FlaskClient, address: str):
    code, near = MISSING[address]
    answer = client.get(address, headers={"Accept": "application/problem+json"})
    assert answer.status_code == 404
    assert answer.get_json(force=True)["type"].endswith(f"/problem/{code}")
    assert near in answer.text

"""The schemas over HTTP: their addresses, their media type, one language, and no reference that leads nowhere."""

import json

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator, meta

from cper_lod.web.api import schemas
from cper_lod.web.http.plain_json import VERSION
from tests.support.paths import ROOT
from tests.support.plain_json import PUBLIC, definitions, get
from tests.support.web import CONTRACT

PLACE = f"/schema/{VERSION}/"


def test_a_schema_has_its_type_its_id_and_a_validator(client: FlaskClient) -> None:
    answer = client.get(PLACE + "Axe.json")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert json.loads(answer.data)["$id"] == PUBLIC + PLACE + "Axe.json"
    again = client.get(PLACE + "Axe.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(PLACE + "Axe.json")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])


def test_each_schema_is_one_alone(client: FlaskClient) -> None:
    assert list(schemas.names()) == list(definitions())
    assert json.loads((ROOT / "cper_lod/web/api/schemas.json").read_text("utf-8"))["version"] == VERSION
    for name in ("Axe", "Chose", "Liste", "ListeDesClasses", "Recherche"):
        schema = json.loads(client.get(f"{PLACE}{name}.json").data)
        meta.validate(schema)
        assert {f'"#/$defs/{each}"' in json.dumps(schema) for each in schema["$defs"]} == {True}
    axis = json.loads(client.get(PLACE + "Axe.json").data)
    assert "Contrat" not in axis["$defs"]
    assert Draft202012Validator(axis).is_valid(get(client, f"/doc{CONTRACT}/axe/6.json"))
    assert not Draft202012Validator(axis).is_valid(get(client, f"/doc{CONTRACT}/priorite/1.json"))


def test_it_is_in_the_language_of_the_reader(client: FlaskClient) -> None:
    french, english = (client.get(PLACE + "Axe.json", headers={"Accept-Language": lang}) for lang in ("fr", "en"))
    said = [json.loads(each.data)["$defs"]["Axe"]["description"] for each in (french, english)]
    assert said == ["Un axe d’un contrat.", "An axis of a contract."]
    assert "Accept-Language" in french.vary


NO_SCHEMAS = ("Axe", "axe.json", "Inconnue.json", "Axe.json.json", "..%2fAxe.json", "Axe%2f.json", "A" * 5000 + ".json")
OTHERS = ("/schema", "/schema/1.0.0", "/schema/1.0.1/Axe.json", "/schema/Axe.json")


@pytest.mark.parametrize("path", [*OTHERS, *(PLACE + name for name in NO_SCHEMAS)])
def test_what_is_no_schema_is_a_problem(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert len(answer.data) < 2000

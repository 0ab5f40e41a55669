"""The reconciliation service over HTTP: manifest, answers and errors, against the schemas of the specification."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.test import TestResponse

from cper_lod.core.namespaces import SKOS
from cper_lod.linking.reconciliation import MAX_QUERIES
from cper_lod.web.api import schemas
from cper_lod.web.http.headers import FRAMED, SECURITY
from tests.support.nquads_release import LABEL, TYPE, client_without_engine, release_of_quads
from tests.support.web import CPER, HTML, ID, PUBLIC, HttpClient
from tests.web.html_page import Page

NORD = f"{ID}/organisme/departement-nord"
FORM = "application/x-www-form-urlencoded"
BATCH = "reconciliation-batch"
QUERY = {"query": "x"}


SHAPES = {
    "ReconciliationType": '{id: string(1,...), name: string(1,...)}',
    "ReconciliationPlace": "{service_url: string('^https?://[^?#]*[^/?#]$'), service_path: string('^/[^?#]*$')}",
    "ReconciliationManifest": "{versions: string[:], name: string(1,...), identifierSpace: uri, schemaSpace: uri, 'documentation?': uri, 'logo?': uri, 'defaultTypes?': ReconciliationType[1:], 'view?': {url: string}, 'preview?': {url: string, width: integer(1,...), height: integer(1,...)}, 'suggest?': {entity: ReconciliationPlace, property: ReconciliationPlace, type: ReconciliationPlace}, 'extend?': {propose_properties: ReconciliationPlace}, 'batchSize?': integer(1,...)}",
    "ReconciliationResults": "{'*': {result: {id: string(1,...), name: string(1,...), 'description?': string(1,...), score: number(0,100), match: boolean, type: ReconciliationType[:]}[:]}}",
    "ReconciliationSuggestions": "{result: {id: string(1,...), name: string(1,...), 'description?': string(1,...)}[:]}",
    "ReconciliationProperties": "{type: string, 'limit?': integer(1,...), properties: ReconciliationType[:]}",
    "ReconciliationValues": "{meta: ReconciliationType[:], rows: {'*': {'*': (ReconciliationType|{str: string}|{int: integer}|{float: number})[:]}}}",
}  # fmt: skip
"""What the text of the Reconciliation Service API 0.2 says of answers, as types of `cper_lod/web/api/shapes.toml`; stricter: no other fields."""


def held(answer: Any, kind: str) -> Any:  # noqa: ANN401
    """Return JSON that has the form that the specification gives it."""
    definitions = {name: schemas.schema_of(type_) for name, type_ in SHAPES.items()}
    schema = {"$ref": f"#/$defs/Reconciliation{kind}", "$defs": definitions}
    faults = list(Draft202012Validator(schema).iter_errors(answer))
    assert not faults, faults[0]
    return answer


def sound(answer: TestResponse, kind: str) -> Any:  # noqa: ANN401
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    return held(answer.get_json(), kind)


def matched(client: FlaskClient, path: str = "/reconcile", **queries: Any) -> Any:  # noqa: ANN401
    return sound(client.post(path, data={"queries": json.dumps(queries)}), "Results")


def values(client: FlaskClient, ids: list[str], *properties: Any, path: str = "/reconcile") -> Any:  # noqa: ANN401
    wanted = [each if isinstance(each, dict) else {"id": each} for each in properties]
    return sound(client.post(path, data={"extend": json.dumps({"ids": ids, "properties": wanted})}), "Values")


def test_the_manifest(client: FlaskClient):
    of_openrefine = {"Accept": "application/json, text/javascript, */*; q=0.01"}
    told = sound(client.get("/reconcile", headers=of_openrefine), "Manifest")
    expected = ("https://w3id.org/cper-lod/", CPER, MAX_QUERIES)
    assert (told["identifierSpace"], told["schemaSpace"], told["batchSize"]) == expected
    english = sound(client.get("/reconcile/en"), "Manifest")
    assert sound(client.get("/reconcile", headers={"Accept-Language": "en"}), "Manifest") == english != told
    assert CPER + "Subdivision" in {each["id"] for each in told["defaultTypes"]}


def test_every_address_of_the_manifest_answers(client: FlaskClient):
    lang = "en"
    told = sound(client.get(f"/reconcile/{lang}"), "Manifest")
    for template in (told["view"]["url"], told["preview"]["url"]):
        shown = client.get(template.replace("{{id}}", quote(NORD, safe="")).removeprefix(PUBLIC), headers=HTML)
        assert shown.status_code == 200
        assert f'<html lang="{lang}">' in shown.text
    for kind, place in told["suggest"].items():
        address = (place["service_url"] + place["service_path"]).removeprefix(PUBLIC)
        prefix = {"entity": "amiens", "property": "siren", "type": "sub"}[kind]
        assert sound(client.get(f"{address}?prefix={prefix}"), "Suggestions")["result"], kind
    place = told["extend"]["propose_properties"]
    address = (place["service_url"] + place["service_path"]).removeprefix(PUBLIC)
    proposed = sound(client.get(f"{address}?type={quote(CPER + 'Subdivision', safe='')}"), "Properties")
    named = {each["id"] for each in proposed["properties"]}
    assert {CPER + "contrat", SKOS + "broadMatch"} <= named and CPER + "siren" not in named
    assert len(sound(client.get(f"{address}?limit=3"), "Properties")["properties"]) == 3
    assert sound(client.get(f"{address}?type=http://e.org/Nothing"), "Properties")["properties"] == []
    assert client.get(told["logo"].removeprefix(PUBLIC)).status_code == 200
    page = client.get(told["documentation"].removeprefix(PUBLIC), headers=HTML)
    assert f"{PUBLIC}/reconcile/{lang}" in Page(page).text


def test_a_batch(client: FlaskClient):
    found = matched(
        client, q0={"query": "Departement Nor"}, q1={"query": "MEL", "limit": 1}, q2={"query": "xyzzy"}, é={"query": ""}
    )
    assert list(found) == ["q0", "q1", "q2", "é"]
    assert found["q0"]["result"][0]["id"] == NORD
    assert not found["q0"]["result"][0]["match"]
    (only,) = found["q1"]["result"]
    assert (only["name"], only["score"], only["match"]) == ("Métropole européenne de Lille", 97.0, True)
    assert (only["description"], only["type"][0]["name"]) == ("organisme public", "organisme public")
    assert found["q2"]["result"] == found["é"]["result"] == []
    assert matched(client) == {}


def test_get_and_post_answer_alike_and_are_kept_differently(client: FlaskClient):
    query = {"queries": json.dumps({"q": {"query": "Axe 2"}})}
    got, posted = client.get("/reconcile?" + urlencode(query)), client.post("/reconcile", data=query)
    assert sound(got, "Results") == sound(posted, "Results")
    assert (got.headers["Cache-Control"], posted.headers["Cache-Control"]) == ("no-cache", "no-store")
    assert client.post("/reconcile", data=query, headers={"If-None-Match": "*"}).status_code == 200


def test_values(client: FlaskClient):
    asked = [NORD, "no IRI", "http://e.org/unknown"]
    properties = ("siren", "territoire", CPER + "siret", "rdf:type", "no such", "nom")
    found = values(client, asked, *properties)
    rows = found["rows"]
    assert [each["id"] for each in found["meta"]] == [*properties]
    assert rows[NORD]["siren"] == [{"str": "225900018"}]
    assert rows[NORD]["territoire"] == [{"id": f"{ID}/territoire/nord", "name": "Nord"}]
    assert rows[NORD][CPER + "siret"] == [{"str": "22590001801244"}]
    assert rows[NORD]["nom"] == [{"str": "Département du Nord"}]
    assert {"id": "http://www.w3.org/ns/org#FormalOrganization", "name": "organisation"} in rows[NORD]["rdf:type"]
    assert rows["no IRI"] == rows["http://e.org/unknown"] == {each["id"]: [] for each in found["meta"]}
    nord = f"{ID}/territoire/nord"
    outside = values(client, [nord], "skos:exactMatch")["rows"][nord]["skos:exactMatch"]
    assert {"str": "http://www.wikidata.org/entity/Q12661"} in outside, "no identifier of this service"


CELLS: dict[tuple[str, str], dict[str, object]] = {
    ("57.3", "decimal"): {"float": 57.3},
    ("9007199254740993", "integer"): {"int": 9007199254740993},
    ("1e400", "double"): {"str": "INF"},
    ("007", "string"): {"str": "007"},
    ("true", "boolean"): {"str": "true"},
    ("2023-01-09", "date"): {"str": "2023-01-09"},
}


def test_figures_and_dates(tmp_path: Path):
    xsd = "http://www.w3.org/2001/XMLSchema#"
    lines = [f'<{ID}/{text}> <http://e.org/p> "{text}"^^<{xsd}{name}>' for text, name in CELLS]
    lines += [f"<{ID}/b> <http://e.org/p> _:b", f'_:b {LABEL} "Sans IRI"', f"<{ID}/b> <http://e.org/p> _:c"]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    expected = {f"{ID}/{text}": {"http://e.org/p": [told]} for (text, _), told in CELLS.items()}
    expected[f"{ID}/b"] = {"http://e.org/p": [{"str": "Sans IRI"}]}
    assert values(client, [*expected], "http://e.org/p")["rows"] == expected


def test_values_are_bounded(tmp_path: Path):
    lines = [f'<{ID}/{n}> <http://e.org/p> "{"x" * 100_000}"' for n in range(45)]
    client = client_without_engine(release_of_quads(tmp_path, lines))
    asked = {"ids": [f"{ID}/{n}" for n in range(45)], "properties": [{"id": "http://e.org/p"}]}
    answer = client.post("/reconcile", data={"extend": json.dumps(asked)})
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (413, "reconciliation-batch")


def test_suggestions(client: FlaskClient):
    def of(kind: str, **query: object) -> list[dict[str, Any]]:
        return sound(client.get(f"/reconcile/fr/suggest/{kind}?{urlencode(query)}"), "Suggestions")["result"]

    assert of("entity", prefix="département du no")[0]["id"] == NORD
    assert of("entity", prefix=NORD) == of("entity", prefix="départements du nord")[:1]
    assert of("entity", prefix="http://e.org/unknown") == of("entity", prefix="!!") == []
    assert len(of("entity", prefix="de")) == 20
    assert of("type", prefix="subdiv")[0]["id"] == CPER + "Subdivision"
    assert {each["id"] for each in of("property", prefix="sire")} == {CPER + "siren", CPER + "siret"}
    assert len(of("property", prefix="")) == 20


def test_the_small_page_may_stand_in_a_frame_and_do_nothing(client: FlaskClient):
    answer = client.get(f"/reconcile/en/preview?id={quote(NORD, safe='')}")
    assert answer.headers["Content-Security-Policy"] == FRAMED
    assert "X-Frame-Options" not in answer.headers
    assert {"script", "form", "iframe"}.isdisjoint(Page(answer).tags)
    assert '<base target="_blank">' in answer.text
    for words in ("Department of Nord", "225900018", "government organisation"):
        assert words in Page(answer).text
    assert all(link.startswith("/") and "lang=en" in link for link in Page(answer).links if "/static/" not in link)
    missing = client.get("/reconcile/fr/preview?id=x:y", headers=HTML)
    assert (missing.status_code, missing.headers["Content-Security-Policy"]) == (
        404,
        SECURITY["Content-Security-Policy"],
    )


REFUSED: dict[str, tuple[str, dict[str, Any], int, str]] = {
    # a body is posted
    "nothing asked": ("/reconcile", {"data": {"lang": "fr"}}, 400, "parameter-missing"),
    "an unknown field": ("/reconcile", {"data": {"x": "y"}}, 400, "parameter-unknown"),
    "JSON": ("/reconcile", {"json": {}}, 415, "media-type-unsupported"),
    "many fields": ("/reconcile", {"data": b"a=1&" * 2000}, 400, "request-invalid"),
    "a large body": ("/reconcile", {"data": b"queries=" + b"a" * 900_000}, 413, "body-too-large"),
    "a large batch": ("/reconcile", {"data": {"queries": json.dumps(dict.fromkeys(range(51), QUERY))}}, 413, BATCH),
    "values of no thing": ("/reconcile", {"data": {"extend": "{}"}}, 400, "reconciliation-invalid"),
    "no language of ours": ("/reconcile/de", {}, 404, "page-not-found"),
    "no prefix": ("/reconcile/fr/suggest/entity", {}, 400, "parameter-missing"),
    "a long prefix": ("/reconcile/fr/suggest/entity?prefix=" + "a" * 300, {}, 400, "search-too-long"),
    "no IRI to show": ("/reconcile/fr/preview?id=nord", {}, 400, "iri-invalid"),
    "no JSON": ("/reconcile?queries=x", {}, 400, "reconciliation-invalid"),
    "two questions": ("/reconcile?queries={}&extend={}", {}, 400, "parameter-repeated"),
}


@pytest.mark.parametrize(("path", "body", "status", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(client: FlaskClient, path: str, body: dict[str, Any], status: int, code: str):
    form = {"content_type": FORM} if isinstance(body.get("data"), bytes) else {}
    answer = client.open(path, method="POST" if body else "GET", **form, **body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["type"] == f"https://w3id.org/cper-lod/problem/{code}"
    assert len(answer.data) < 2000


def test_names_that_mean_harm(tmp_path: Path):
    lines = [
        f'<{ID}/a> {LABEL} "<script>alert(1)</script>"',
        f'<{ID}/b> {LABEL} ""',
        f'<{ID}/c> {LABEL} "{"mot " * 5000}"',
        f"<{ID}/d> {TYPE} <{ID}/d>",
        f"<{ID}/e> <http://www.w3.org/2004/02/skos/core#exactMatch> <javascript:alert(1)>",
        *(f'<{ID}/f> <http://e.org/p> "{n}"' for n in range(400)),
        f'<{ID}/f> {LABEL} "Beaucoup"',
    ]
    hostile = client_without_engine(release_of_quads(tmp_path, lines, searchable=True))
    told = sound(hostile.get("/reconcile"), "Manifest")
    assert told["schemaSpace"] == "http://www.w3.org/2002/07/owl#Thing"
    for name in "abcdef":
        page = hostile.get(f"/reconcile/fr/preview?id={ID}/{name}")
        assert page.status_code == 200
        assert "<script" not in page.text
        assert 'href="javascript' not in page.text
        assert len(page.data) < 20_000
    asked = {"a": "<script>alert(1)</script>", "c": "mot", "f": "beaucoup", "q": ID + "/d"}
    found = matched(hostile, **{name: {"query": words} for name, words in asked.items()})
    assert found["a"]["result"][0]["id"] == f"{ID}/a"
    assert found["f"]["result"][0]["match"]
    assert found["q"]["result"][0]["id"] == f"{ID}/d"
    assert len(values(hostile, [f"{ID}/f"], "http://e.org/p")["rows"][f"{ID}/f"]["http://e.org/p"]) == 300


@pytest.mark.server
def test_a_body_comes_through_the_front_room(web: HttpClient):
    body = urlencode({"queries": json.dumps({"q": {"query": "SRADDET"}})}).encode()
    assert held(web.post("/reconcile", body, FORM).json(), "Results")["q"]["result"][0]["match"]
    preview = web.get(f"/reconcile/fr/preview?id={quote(NORD, safe='')}")
    again = web.get(f"/reconcile/fr/preview?id={quote(NORD, safe='')}", If_None_Match=preview.headers["etag"])
    assert [(each.status, each.headers.get("content-security-policy")) for each in (preview, again)] == [
        (200, FRAMED),
        (304, None),  # else caches would put another one in place of theirs
    ]

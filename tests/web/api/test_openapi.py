"""The OpenAPI description: a valid document, about every address that answers in JSON, whose examples are the real ones."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from cper_lod.core.errors import table
from cper_lod.release.release import Release
from cper_lod.web.api import openapi, parameters
from cper_lod.web.http.plain_json import VERSION
from tests.support.web import CONTRACT, ID

HOST = "http://127.0.0.1:8000"
AXIS = "/doc/contrat/{contrat}/axe/{axe}.json"


@cache
def described(client: FlaskClient, lang: str = "en") -> dict[str, Any]:
    answer = client.get("/openapi.json", headers={"Accept-Language": lang})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert "Accept-Language" in answer.vary
    found: dict[str, Any] = answer.get_json()
    for _, _, operation in operations(found):
        references = [each.get("$ref", "").rpartition("/")[2] for each in operation["parameters"]]
        shared = [found["components"]["parameters"].get(name) for name in references]
        operation["parameters"] = [*map(lambda own, common: common or own, operation["parameters"], shared)]
    return found


@pytest.fixture(scope="module")
def document(client: FlaskClient) -> dict[str, Any]:
    return described(client)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_says_where_and_what_it_is(document: dict[str, Any]):
    assert document["openapi"].startswith("3.1.")
    assert document["servers"] == [{"url": HOST}]
    assert document["info"]["version"] == VERSION
    assert document["info"]["license"]["url"].startswith("https://")
    named = {tag["name"] for tag in document["tags"]}
    assert {each for _, _, operation in operations(document) for each in operation["tags"]} == named


def test_it_is_in_the_language_of_the_reader(client: FlaskClient):
    french, english = described(client, "fr"), described(client, "en")
    named = client.get("/openapi.json?lang=en")
    assert named.data == client.get("/openapi.json", headers={"Accept-Language": "en"}).data

    def texts(part: Any) -> Iterator[str]:  # noqa: ANN401
        if isinstance(part, dict):
            for name, value in part.items():
                if name in ("summary", "description") and isinstance(value, str):
                    yield value
                elif name not in ("example", "examples"):
                    yield from texts(value)
        elif isinstance(part, list):
            for value in part:
                yield from texts(value)

    pairs = list(zip(texts(french), texts(english), strict=True))
    assert len(pairs) > 500
    assert {fr for fr, en in pairs if fr == en} <= {"SPARQL"}


def test_it_is_made_once_for_each_language(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    """Requests that a cache does not know, such as those with a wrong parameter, cost no new description."""
    expected = {lang: described(client, lang) for lang in ("fr", "en")}
    monkeypatch.delattr(openapi, "document")
    for query, status in (("", 200), ("&", 200), ("x=1", 400), ("x=2", 400)):
        assert client.get(f"/openapi.json?{query}").status_code == status
    assert {lang: described(client, lang) for lang in ("fr", "en")} == expected


def test_each_operation_has_a_name_and_its_own_parameters(document: dict[str, Any], client: FlaskClient):
    found = list(operations(document))
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names)) > 50
    for path, method, operation in found:
        declared = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert declared == re.findall(r"{(\w+)}", path)
        assert method in ("get", "post")
    subdivisions = document["paths"]["/doc/subdivision.json"]["get"]
    assert [each["name"] for each in subdivisions["parameters"]] == ["size", "after", "sort", "lang", "conditions"]
    known_ones = (*parameters.PARAMETERS["lists.named"][:3], parameters.LANG, parameters.CONDITIONS)
    for each, known in zip(subdivisions["parameters"], known_ones, strict=True):
        assert each["schema"] == known.schema or known in (parameters.SORT, parameters.LANG, parameters.CONDITIONS)
        assert each["description"] == known.meaning["en"]
    assert {"nom", "-nom", "numero", "-numero"} <= set(subdivisions["parameters"][2]["schema"]["enum"])
    conditions = subdivisions["parameters"][4]
    assert (conditions["style"], conditions["explode"]) == ("form", True), "each member is a parameter of its own"
    assert {
        "numero": {"type": "integer"},
        "numero__gt": {"type": "integer"},
        "nom__null": {"type": "boolean"},
    }.items() <= (conditions["schema"]["properties"].items())
    others = document["paths"]["/doc/{list}.json"]["get"]["parameters"]
    assert not {"sort", "conditions"} & {each["name"] for each in others}, "each list has columns of its own"


def test_the_things_of_a_contract_have_addresses(document: dict[str, Any]):
    paths = document["paths"]
    axis = paths[AXIS]["get"]
    assert axis["operationId"] == "getContratAxe"
    assert [(each["name"], each["example"]) for each in axis["parameters"] if each["in"] == "path"] == [
        ("contrat", "hauts-de-france-2021-2027"),
        ("axe", "1"),
    ]
    schema = axis["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Subdivision"}
    for name in ("Montant", "Part", "Chiffre"):
        assert document["components"]["schemas"][name]["properties"]["type"]["const"] == name
        listed = paths[f"/doc/{name.lower()}.json"]["get"]["responses"]["200"]["content"]["application/json"]
        assert listed["schema"] == {"$ref": f"#/components/schemas/Liste{name}"}
    assert {f"/doc/{name}.json" for name in ("contrat", "subdivision", "montant", "signataire")} <= paths.keys()
    assert {"/doc/contrat/{contrat}.json", "/doc/territoire/{territoire}.json"} <= paths.keys()


def test_every_address_of_a_thing_and_of_a_list_has_an_operation(document: dict[str, Any], release: Release):
    templates = {}
    for path, method, operation in operations(document):
        known = {each["name"]: each["schema"] for each in operation["parameters"] if each["in"] == "path"}
        names = {
            name: "|".join(map(re.escape, schema["enum"])) if "enum" in schema else "[^/]+"
            for name, schema in known.items()
        }
        pattern = re.sub(r"\\{(\w+)\\}", lambda found: f"(?:{names[found[1]]})", re.escape(path))  # noqa: B023
        templates[path] = (re.compile(pattern), method, operation)
    classes = [cls for cls in release.listing.classes if cls.slug and release.listing.called(cls.slug) is cls]
    things = {iri.removeprefix(ID) for cls in classes for iri in release.listing.things(cls.iri) if iri.startswith(ID)}
    addresses = [*(f"/doc{name}.json" for name in things), *(f"/doc/{cls.slug}.json" for cls in classes)]
    assert len(things) > 200
    assert len(classes) > 50
    assert [each for each in addresses if not any(found.fullmatch(each) for found, _, _ in templates.values())] == []
    listed = document["paths"]["/doc/{list}.json"]["get"]
    assert listed["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Liste"}
    assert not {f"/doc/{name}.json" for name in listed["parameters"][0]["schema"]["enum"]} & templates.keys()
    place = document["paths"]["/doc/lieu/{lieu}.json"]["get"]["responses"]["200"]["content"]["application/json"]
    assert place["schema"] == {"$ref": "#/components/schemas/Ressource"}
    assert place["examples"]["getLieu"].keys() == {"externalValue"}


def test_the_contract_comes_first_and_in_words_of_the_domain(client: FlaskClient, document: dict[str, Any]):
    found = [operation for _, _, operation in operations(document)]
    for tag, start in (
        ("lists", ["listContrat"]),
        ("things", ["getContrat"]),
    ):
        assert [each["operationId"] for each in found if each["tags"] == [tag]][: len(start)] == start
    assert found[-1]["tags"] == ["service"]
    told = {
        lang: [described(client, lang)["paths"][path]["get"]["summary"] for path in (AXIS, "/doc/subdivision.json")]
        for lang in ("fr", "en")
    }
    assert told == {
        "fr": [
            "Une subdivision d’un contrat : axe, priorité, volet, thématique…",
            "Liste ; chaque élément : une subdivision d’un contrat : axe, priorité, volet, thématique…",
        ],
        "en": [
            "A subdivision of a contract: axis, priority, section, theme…",
            "List; each item: a subdivision of a contract: axis, priority, section, theme…",
        ],
    }


def test_the_examples_are_what_the_site_answers_and_fit_their_schemas(client: FlaskClient, document: dict[str, Any]):
    inline = elsewhere = 0
    for path, method, operation in operations(document):
        if method != "get" or path == "/openapi.json":
            continue
        values = {each["name"]: each.get("example") for each in operation["parameters"]}
        query = {name: value for name, value in values.items() if f"{{{name}}}" not in path and value is not None}
        here = re.sub(r"{(\w+)}", lambda found: str(values[found[1]]), path)  # noqa: B023
        with client.get(here, query_string=query, headers={"Accept-Language": "en"}) as answer:
            value = answer.get_json(force=True) if "json" in answer.mimetype else answer.text
        assert answer.status_code == 200, here
        media_type, told = next(iter(operation["responses"]["200"]["content"].items()))
        assert answer.mimetype == media_type
        (example,) = told["examples"].values()
        if "externalValue" in example:
            with client.get(example["externalValue"].removeprefix(HOST)) as there:
                assert there.status_code == 200
            elsewhere += 1
        else:
            assert example["value"] == value, here
            assert "$ref" not in answer.text, "generators would follow it"
            inline += 1
        schema = {**told["schema"], "components": document["components"]}
        assert list(Draft202012Validator(schema).iter_errors(value)) == [], here
    assert inline > 50
    assert 10 < elsewhere < 40  # things without a shape, and what is long


def test_each_error_that_an_operation_can_end_with_is_a_problem(document: dict[str, Any]):
    for path, _, operation in operations(document):
        responses = operation["responses"]
        assert {"200", "400", "405", "406", "412", "429", "500"} <= responses.keys(), path
        for status, each in responses.items():
            shared = each.get("$ref", "").removeprefix("#/components/responses/")
            assert shared.partition("-")[0] in ("", status)
            found = document["components"]["responses"][shared] if shared else each
            codes = re.findall(r"`([a-z-]+)`", found["description"])
            assert {str(table()[code].status) for code in codes} <= {status}
            if status >= "400" and status not in ("414", "431"):
                assert codes, (path, status)
                assert list(found["content"]) == ["application/problem+json"]
    example = document["components"]["responses"]["400"]["content"]["application/problem+json"]["examples"]
    assert example["parameter-unknown"]["value"]["name"] == "limit"
    gone = document["paths"]["/doc/contrat/{contrat}.json"]["get"]["responses"]["410"]
    assert gone == {"$ref": "#/components/responses/410-thing"}
    assert "withdrawn" in document["components"]["responses"]["410-thing"]["description"]
    assert "503" in document["paths"]["/ready"]["get"]["responses"]


def test_a_problem_fits_its_schema(client: FlaskClient, document: dict[str, Any]):
    schema = {"$ref": "#/components/schemas/Probleme", "components": document["components"]}
    for path, status in (
        ("/doc/subdivision.json?size=0", 400),
        ("/doc/subdivision.json?limit=5", 400),
        ("/describe.json?iri=http://ex.org/none", 404),
        ("/search.json", 400),
        ("/linkset.json?iri=a", 400),
        ("/doc/contrat/none.json", 404),
    ):
        answer = client.get(path, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
        assert list(Draft202012Validator(schema).iter_errors(answer.get_json())) == []


def test_every_address_that_answers_in_json_is_described(client: FlaskClient, document: dict[str, Any]):
    endpoints = {each.endpoint for each in client.application.url_map.iter_rules()}
    with_operation = set()
    adapter = client.application.url_map.bind("")
    for path, method, _ in operations(document):
        known = path.replace("{lang}", "fr").replace("{kind}", "entity")
        endpoint, _values = adapter.match(re.sub(r"{\w+}", "x", known), method=method.upper())
        with_operation.add(endpoint)
    pages_or_rdf = {
        *("api.page", "catalog.catalogue", "catalog.void", "catalog.well_known", "chart.image", "compare.compare"),
        *("contract_files.cite", "changes.latest", "developers.developers", "download.download"),
        *("editor.file", "embed.embed", "embed.image", "favicon", "home.home", "legal.accessibility", "legal.legal"),
        *("metrics.metrics", "ontology.ontology", "ontology.shapes", "ontology.publication_shapes", "ontology.shape"),
        *("ontology.term", "ontology.version", "reconciliation.preview", "releases.below"),
        *("releases.index", "releases.release_page", "resources.dumps", "resources.thing", "sitemap.index"),
        *("sitemap.part", "sitemap.robots", "static", "values.listed"),
    }
    history = {"changes.publication"}  # not where no history is kept, as here
    assert with_operation | pages_or_rdf | history == endpoints
    assert not with_operation & pages_or_rdf


def test_json_and_the_home_page_lead_to_it(client: FlaskClient):
    for path, accept in ((f"/doc{CONTRACT}.json", "*/*"), ("/doc/subdivision.json", "*/*"), ("/", "text/html")):
        link = ", ".join(client.get(path, headers={"Accept": accept}).headers.getlist("Link"))
        assert f'<{HOST}/openapi.json>; rel="service-desc"; type="application/json"' in link, path
        assert f'<{HOST}/api>; rel="service-doc"; type="text/html"' in link
        assert len(link) < 4000


@pytest.mark.slow
def test_data_served_as_given_have_what_they_have(hostile_client: FlaskClient):
    from openapi_spec_validator import OpenAPIV31SpecValidator  # noqa: PLC0415  # as long to import as all other modules

    document = hostile_client.get("/openapi.json").get_json()
    OpenAPIV31SpecValidator(document).validate()
    assert {"/describe.json", "/doc.json", "/sparql"} <= document["paths"].keys()
    assert not any("{contrat}" in path for path in document["paths"])

"""Documents in plain JSON: all those of a release, their schemas, and what does not fit."""

import json
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator

from cper_lod.release.release import Release
from cper_lod.web.api.resources import READERS
from cper_lod.web.api.schemas import definitions
from tests.support.json_objects import objects as inner
from tests.support.web import PUBLIC, describe, described

Json = dict[str, Any]
AROUND = {"contrat", "avenant", "decoupage", "source", "citations", "lectures", "texte", "passages"}
"""What a thing does not say inside another one."""


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of a shape."""
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions("fr")})


def shape(thing: Json) -> str:
    """Return the name of the shape that a thing says it has."""
    kind = thing.get("type", "")
    return kind if kind in READERS else "Ressource"


def get(client: FlaskClient, path: str) -> Json:
    """Return a document in plain JSON."""
    answer = client.get(path.removeprefix(PUBLIC))
    assert (answer.status_code, answer.mimetype) == (200, "application/json"), (path, answer.text)
    found: Json = json.loads(answer.data)
    return found


def things(client: FlaskClient, release: Release) -> dict[str, Json]:
    """Return the document of everything that the default graph describes, by IRI."""
    return {iri: get(client, describe(iri, ".json")) for iri in described(release)}


def pages_of(client: FlaskClient, address: str) -> Iterator[Json]:
    """Yield every page of a list, following `next`."""
    page = get(client, address)
    yield page
    while "next" in page:
        page = get(client, page["next"])
        yield page


def pages(client: FlaskClient, query: str = "", only: Collection[str] = ()) -> Iterator[Json]:
    """Yield every page of every list, of those of some types."""
    for each in get(client, f"/doc.json?{query}")["items"]:
        if only and each["type"] not in only:
            continue
        yield from pages_of(client, each["url"])


def faults(document: Json, name: str) -> list[str]:
    """Return where a document does not fit a shape."""
    return [f"{each.instance_path}: {each.message[:200]}" for each in validator(name).iter_errors(document)]


def misshapen(all_things: dict[str, Json]) -> list[str]:
    """Return what does not fit, of the things of a release by IRI.

    Each fits its schema. Inside others it is what it is alone, but for what it is inside of and its quotations; or a reference.
    """
    found = []
    for iri, document in all_things.items():
        found += [f"{iri} {fault}" for fault in faults(document, shape(document))]
        for each in inner(document):
            found += [f"{iri} {key}" for key in each if key.startswith("@") or "_:" in key]
            alone = all_things.get(each.get("id", ""))
            if alone is None or each == {key: alone[key] for key in ("id", "url", "nom")}:
                continue
            missing = {key for key in alone if key not in each}
            if (
                any(each[key] != alone.get(key) for key in each if not isinstance(each[key], dict | list))
                or missing - AROUND
            ):
                found.append(f"{iri}: {each['id']} has another shape than alone")
    return found

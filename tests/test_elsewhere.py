"""A server whose queries are answered by a real store elsewhere: filled, changed, pushed to again, and taken away."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from cper_lod.cli.main import main
from tests.engine.engines import differences
from tests.engine.sparql_stores import STORES, RunningStore
from tests.support.changing_sources import ChangingSources, PersistentClient
from tests.support.paths import ROOT
from tests.support.processes import ended, eventually
from tests.support.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]
NAMES = "/sparql.csv?query=" + quote(
    "SELECT ?n { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?n FILTER(STRSTARTS(?n, 'Bac fictif')) }"
)


@pytest.fixture(
    params=[pytest.param("oxigraph", marks=pytest.mark.oxigraph), pytest.param("virtuoso", marks=pytest.mark.virtuoso)]
)
def far(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningStore]:
    """A real store, with nothing in it."""
    (tmp_path / "store").mkdir()
    with STORES[request.param](tmp_path / "store") as running:
        yield running


def code(body: bytes) -> str:
    """The code of a problem document."""
    return str(json.loads(body)["type"]).rpartition("#")[2].rpartition("/")[2]


def push(place: ChangingSources, far: RunningStore, *more: str) -> str:
    """Push the sources as they are; return what is said."""
    flags = ["--sources", str(place.sources), "--releases", str(place.releases), "--lang", "en"]
    where = ["--engine", far.query, "--engine-store", far.store, *more]
    done = CliRunner().invoke(main, ["push", *flags, *where], env={"CPER_LOD_ENGINE_LOGIN": far.login or None})
    assert done.exit_code == 0, done.output
    return done.output


def broken_rows(server: Server) -> set[str]:
    """Which rows of the protocol's table do not hold, of those that hold for every endpoint."""
    words = "-m pytest tests/web/sparql/test_protocol.py -q --tb=no -p no:cacheprovider"
    command = [sys.executable, *words.split()]
    environment = {**os.environ, "CPER_LOD_ENDPOINT": f"{server.url}/sparql"}
    told = ended(*command, cwd=ROOT, env=environment, timeout=600).stdout
    passed = re.search(r"(\d+) passed", told)
    assert passed, told
    assert int(passed[1]) > 50, told
    return set(re.findall(r"^FAILED \S+::(test_protocol\[.*?\])(?: - .*)?$", told, re.MULTILINE))


def test_from_nothing_to_another_release_and_to_nobody(
    far: RunningStore, start: Callable[..., Server], tmp_path: Path
) -> None:
    place = ChangingSources(tmp_path)
    server = start(*place.flags("--engine", far.query))
    client = PersistentClient(server)
    first = client.health()
    assert first["engine"]["problem"] == "engine-release"
    assert "it contains another release, or none" in first["fault"]["words"]["en"]["detail"]
    assert client.get("/ready")[0] == 503
    assert client.get("/doc/bac/fictif-1.ttl")[0] == 200
    status, body, _ = client.get(NAMES, **{"Accept-Language": "fr"})
    assert status == 503
    assert code(body) == "engine-release"
    assert "n'a pas cette version des données" in json.loads(body)["title"]

    assert "byte(s)" not in push(place, far, "--dry-run")
    assert client.get(NAMES)[0] == 503
    said = push(place, far)
    assert f"Release {first['release'][:16]} is loaded there" in said
    assert eventually(lambda: client.get("/ready")[0] == 200), "the server has counted its triples"
    assert client.get(NAMES)[:2] == (200, b"n\r\nBac fictif n\xc2\xb0 1\r\n")
    assert client.health()["engine"]["problem"] is None
    client.close()  # it would be closed meanwhile
    assert broken_rows(server) == {name for kind, name in differences() if kind == far.name and "protocol" in name}
    assert "is already loaded there" in push(place, far)

    place.say(2)  # served when it is there: until then pages and answers are of the release before
    assert eventually(lambda: client.health().get("refused", {}).get("problem") == "engine-release")
    assert client.health()["release"] == first["release"]
    assert client.get(NAMES)[:2] == (200, b"n\r\nBac fictif n\xc2\xb0 1\r\n")
    push(place, far)
    assert eventually(lambda: client.health()["release"] != first["release"])
    assert client.get(NAMES)[:2] == (200, b"n\r\nBac fictif n\xc2\xb0 2\r\n")
    assert eventually(lambda: "refused" not in client.health())
    client.close()
    server.close()
    log = server.log.read_text("utf-8")
    assert "Traceback" not in log
    assert far.query in log


@pytest.mark.oxigraph
def test_a_store_that_goes_away(start: Callable[..., Server], tmp_path: Path) -> None:
    place = ChangingSources(tmp_path)
    (tmp_path / "store").mkdir()
    with STORES["oxigraph"](tmp_path / "store") as far:
        push(place, far)
        client = PersistentClient(start(*place.flags("--engine", far.query)))
        assert [client.get(NAMES)[0] for _ in range(2)] == [200, 200]
    status, body, _ = client.get("/sparql?query=ASK%7B%7D")
    assert (status, code(body)) == (503, "engine-unreachable")
    assert client.get(NAMES)[0] == 200, "what was answered twice is kept"
    assert client.get("/ready")[0] == 503
    assert client.health()["engine"]["problem"] == "engine-unreachable"
    assert client.get("/doc/bac/fictif-1.ttl")[0] == 200
    assert b"cper_lod_engine_fault 1.0" in client.get("/metrics")[1]
    client.close()

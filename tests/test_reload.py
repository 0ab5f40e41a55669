"""A real server whose releases change while it is asked: nothing fails, nothing is lost."""

import http.client
import json
import os
import re
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from cper_lod.release.history.publish import Request, publish_sources, roll_back
from cper_lod.release.release import Release
from tests.support.changing_sources import ChangingSources, PersistentClient
from tests.support.processes import descendants, eventually
from tests.support.server import Server, asking_again_and_again

SWAPS = int(os.environ.get("RELOAD_SWAPS", "6"))
"""How often: the variable is for a longer look."""

pytestmark = [pytest.mark.server, pytest.mark.slow]


@pytest.fixture
def place(tmp_path: Path) -> ChangingSources:
    """Return sources that nothing was made from yet."""
    return ChangingSources(tmp_path)


def refusal(client: PersistentClient) -> str | None:
    """Return why what was published last, or the present sources, are not served; None if they are."""
    return client.health().get("refused", {}).get("problem")


# The sources change


def test_what_changes_is_served_what_is_refused_is_told(place: ChangingSources, start: Callable[..., Server]) -> None:
    publish_sources(place.settings)
    first = place.history.entries()[0]
    place.spoil()
    server = start(*place.flags())
    client = PersistentClient(server)
    health = client.health()
    assert (health["release"], health["refused"]["problem"]) == (first.digest, "not-conforming")
    log = server.log.read_text("utf-8")
    assert "VIOLATION data/bacs.ttl" in log
    assert f"Release {first.release} stays in service; /report says why." in log
    place.say(2)
    assert eventually(lambda: client.health()["release"] != first.digest)
    assert eventually(lambda: refusal(client) is None), "it is taken back once the release is published"
    second = client.health()["release"]
    place.spoil()
    assert eventually(lambda: refusal(client) == "not-conforming")
    assert (client.health()["release"], client.get("/ready")[0]) == (second, 200)
    assert "n° 2".encode() in client.get("/doc/bac/fictif-1.ttl")[1]
    assert "Ce bac fictif n’a pas de nom" in client.get("/report", Accept="text/html")[1].decode()
    told = json.loads(client.get("/report.json")[1])
    assert (told["conforms"], told["refused"]["report"]["conforms"]) == (True, False)
    place.data.write_text("<a", "utf-8")
    assert eventually(lambda: refusal(client) == "source-syntax")
    # After a rollback nothing is published until somebody asks.
    roll_back(place.settings)
    assert eventually(lambda: client.health()["release"] == first.digest)
    assert client.health()["rolled_back"]["release"] == first.release
    said = server.log.read_text("utf-8").count("build --resume")
    place.say(3)
    assert eventually(lambda: server.log.read_text("utf-8").count("build --resume") > said), "it has seen the change"
    assert client.health()["release"] == first.digest
    third = publish_sources(place.settings, Request(resume=True)).release
    assert eventually(lambda: client.health()["release"] == third.digest)
    assert "rolled_back" not in client.health()
    client.close()
    log = server.log.read_text("utf-8")
    assert "Sources published in" in log
    assert "Sources not published (code 1" in log
    assert "Traceback" not in log


ASK = "/sparql.csv?query=" + quote("SELECT * { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }")


class Visitors:
    """What visitors are answered; each answer is held against itself: it is of one release."""

    def __init__(self, server: Server, releases: tuple[Release, ...]) -> None:
        self._server = server
        self._numbers = {release.digest: str(number) for number, release in enumerate(releases, 1)}
        self._tags: dict[tuple[str, str], str] = {}
        self.answers, self.wrong = Counter[int](), list[str]()

    def visit(self, number: int) -> None:
        """Ask for a while on one connection, without a pause."""
        paths = ("/doc/bac/fictif-1.html", "/doc/bac/fictif-1.ttl", ASK, "/health", "/dump/tout.ttl", "/doc/bac.json")
        with closing(PersistentClient(self._server)) as client:
            for path in (*paths, f"/doc/bac/fictif-1.html?{number}") * 10:
                try:
                    status, body, tag = client.get(path)
                except (OSError, http.client.HTTPException) as error:
                    self.wrong.append(f"{path} {error!r}")
                    return
                self.answers[status] += 1
                if status != 200 or not self._whole(path, body.decode(), tag):
                    self.wrong.append(f"{path} {status} {tag} {body[:99]!r}")

    def _whole(self, path: str, body: str, tag: str) -> bool:
        """Whether all that an answer says of its release is said of one."""
        said = set(re.findall(r"n° (\d)", body))
        said |= {self._numbers[found] for found in re.findall(r"\b[0-9a-f]{64}\b", body)}
        if tag:
            said.add(self._tags.setdefault((path, tag), next(iter(said))))
        return len(said) == 1


def measured(client: PersistentClient, server: Server) -> tuple[int, int, int]:
    """Return the memory (MiB) and the open files of the server process, and how many processes there are."""
    figures = dict(re.findall(r"^(\w+) (\S+)$", client.get("/metrics")[1].decode(), re.MULTILINE))
    memory, files = float(figures["process_resident_memory_bytes"]), float(figures["process_open_fds"])
    return int(memory) >> 20, int(files), len(descendants(server.process.pid))


def test_releases_change_under_load(place: ChangingSources, start: Callable[..., Server]) -> None:
    releases = place.sealed(1, 2, 3)
    server = start(*place.flags("--no-watch"))
    client = PersistentClient(server)
    before = (0, 0, 0)
    load = Visitors(server, releases)
    with asking_again_and_again(load.visit, 4):
        for swap in range(1, SWAPS + 1):
            release = releases[swap % 3]
            place.history.publish(release, "build")
            assert eventually(lambda digest=release.digest: client.health()["release"] == digest), swap  # type: ignore[misc]
            if swap == SWAPS // 2:
                before = measured(client, server)

        def is_flat() -> bool:
            """Whether no release is left in memory, no file open, no process running: those served before are closed late."""
            memory, files, processes = measured(client, server)
            return memory < before[0] + 20 and files < before[1] + 8 and processes <= before[2]

        assert eventually(is_flat), (before, measured(client, server))
    client.close()
    assert load.wrong == []
    assert load.answers
    assert "Traceback" not in server.log.read_text("utf-8")

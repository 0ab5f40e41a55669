"""Earlier releases below their own addresses: opened on demand, few at once, closed when unused."""

import fcntl
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from cper_lod.engine.base import Engine
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA
from cper_lod.web.history.release_pool import MAX_OPEN, ReleasePool
from cper_lod.web.http import delivery
from cper_lod.web.site import release_at
from tests.release.history.release_history import PUBLIC, ServedHistory, app_of, ferry, publish_states


class PoolApp(ServedHistory):
    """Six publications, the last of which is served, and the pool of the application that serves it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(*publish_states(folder, [ferry(number) for number in range(2, 8)], range(1000, 7000, 1000)))
        self.archive: ReleasePool = self.app.extensions["cper_lod.pool"]

    def visit(self, release: str) -> Engine:
        """Use a release for a moment; return its engine."""
        found = self.archive.check_out(release)
        self.archive.check_in(found)
        return found.site.engine

    def users(self, release: str) -> int:
        """Return how many requests use a release that is open."""
        return self.archive.opened[release].users - 1  # without the pool


@pytest.fixture(scope="module")
def shared_pool_app(tmp_path_factory: pytest.TempPathFactory) -> PoolApp:
    """Six publications that no test changes."""
    return PoolApp(tmp_path_factory.mktemp("pool_app"))


@pytest.fixture
def pool_app(shared_pool_app: PoolApp) -> Iterator[PoolApp]:
    """The same, nothing of it open."""
    yield shared_pool_app
    shared_pool_app.archive.close()


@pytest.fixture
def closed(pool_app: PoolApp, monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    """The engines that have been closed since."""
    found, close = list[Engine](), ProcessEngine.close
    monkeypatch.setattr(ProcessEngine, "close", lambda engine: found.append(engine) or close(engine))
    return found


OLD = "/release/0123456789abcdef"


@pytest.mark.parametrize(
    ("path", "release"), [(f"{OLD}/doc/x\ny", "0123456789abcdef"), (f"{OLD}0/doc/x", ""), (f"/doc{OLD}/doc/x", "")]
)
def test_which_addresses_are_below_a_release(path: str, release: str) -> None:
    assert release_at(path) == release


def test_what_is_open_is_not_discarded(pool_app: PoolApp) -> None:
    """Pruning leaves it: files of it are opened by their names as long as somebody is in it."""
    opened = pool_app.archive.check_out(pool_app.ids[0])
    with pytest.raises(BlockingIOError):
        discard(opened.site.release.folder)
    pool_app.archive.close()
    with pytest.raises(BlockingIOError):
        discard(opened.site.release.folder)
    pool_app.archive.check_in(opened)
    lock = os.open(opened.site.release.folder, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as `discard` does
    os.close(lock)


def test_few_are_open_at_once_and_the_one_not_asked_for_the_longest_goes(
    pool_app: PoolApp, closed: list[Engine]
) -> None:
    first, second, third, fourth = pool_app.ids[:4]
    engines = {release: pool_app.visit(release) for release in (first, second)}
    assert MAX_OPEN == 2
    pool_app.visit(first)
    pool_app.visit(third)
    assert closed == [engines[second]]
    pool_app.visit(fourth)
    assert closed == [engines[second], engines[first]]
    assert [*pool_app.archive.opened] == [third, fourth]


def test_a_whole_response_is_a_list_that_uses_its_release_no_longer(
    pool_app: PoolApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Granian sends a list without a thread; a large file is used until it is closed."""

    def sent(path: str) -> Any:  # noqa: ANN401
        environ = EnvironBuilder(f"/release/{pool_app.ids[0]}{path}").get_environ()
        return pool_app.app.wsgi_app(environ, lambda *_: lambda _: None)

    for path in ("/doc/bac/fictif-2.ttl", "/nothing", "/dump/tout.nt.gz", "/"):
        assert isinstance(sent(path), list), path
        assert pool_app.users(pool_app.ids[0]) == 0
    monkeypatch.setattr(delivery, "WHOLE", 100)
    body = sent("/dump/tout.nt.gz")
    assert pool_app.users(pool_app.ids[0]) == 1
    body.close()
    assert pool_app.users(pool_app.ids[0]) == 0


def test_an_old_release_answers_for_itself(pool_app: PoolApp) -> None:
    old = f"/release/{pool_app.ids[0]}"
    assert pool_app.client.get(f"{old}/doc/bac/fictif-2.ttl").status_code == 200
    assert pool_app.client.get("/doc/bac/fictif-2.ttl").status_code == 410
    assert pool_app.client.get(f"{old}/health").get_json()["release"][:16] == pool_app.ids[0]
    page = pool_app.client.get(f"{old}/doc/bac/fictif-2.html", headers={"Accept-Language": "fr"}).text
    (style,) = re.findall(rf'href="({old}/static/style\.[0-9a-f]{{12}}\.css)"', page)
    assert f'<link rel="canonical" href="{PUBLIC}/doc/bac/fictif-2">' in page
    assert pool_app.client.get(style).status_code == 200
    past, now = (" ".join(pool_app.client.get(path).headers.getlist("Link")) for path in (f"{old}/", "/"))
    assert ("changes.atom" in past, f"{PUBLIC}/changes.atom" in now) == (False, True)
    assert f"{PUBLIC}{old}/dump/tout.nt.gz" in pool_app.client.get(f"{old}/void.ttl").text


def test_an_old_release_has_no_history_of_its_own(pool_app: PoolApp) -> None:
    for path in ("/changes", f"/release/{pool_app.ids[1]}", f"/release/{pool_app.ids[1]}/doc/bac/fictif-1"):
        answer = pool_app.client.get(f"/release/{pool_app.ids[0]}{path}")
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "history-absent")


@pytest.mark.parametrize("path", ["/doc/bac/fictif-2", "/sparql?query=ASK%7B%7D"])
def test_what_was_never_served_is_unknown_and_costs_nothing(
    pool_app: PoolApp, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_app.history, "open", None)
    for name in ("0" * 16, "zzz", "0123456789ABCDEF"):
        answer = pool_app.client.get(f"/release/{name}{path}", follow_redirects=True)
        assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (404, "release-unknown")
        assert pool_app.ids[-1] in answer.get_json()["remedy"]
    assert not pool_app.archive.opened


def test_what_is_no_longer_kept_is_410_and_a_damaged_one_is_a_fault_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    history, ids = publish_states(tmp_path, [ferry(2), ferry(3), ferry(4)], (1000, 2000, 3000))
    discard(history.folders_of(ids[0])[0])
    damaged = history.folders_of(ids[1])[0] / DATA
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1])
    app = app_of(history, ids[2])
    client, archive = app.test_client(), app.extensions["cper_lod.pool"]
    gone = client.get(f"/release/{ids[0]}/doc/bac/fictif-2", headers={"Accept-Language": "en"})
    assert gone.status_code == 410
    assert ids[2] in gone.get_json()["detail"]
    answer = client.get(f"/release/{ids[1]}/doc/bac/fictif-3.ttl")
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (500, "release-unreadable")
    assert str(tmp_path) not in answer.text
    assert DATA in caplog.text
    damaged.write_bytes(whole)
    assert client.get(f"/release/{ids[1]}/doc/bac/fictif-3.ttl").status_code == 200, "somebody mended it"
    archive.close()

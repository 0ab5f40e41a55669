"""The server process and the releases that it serves one after the other: no request is lost, mixed or cut."""

import logging
import math
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from werkzeug.test import Client

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.release.history.history import ENTRY, History
from cper_lod.release.history.rejection import FILE, Rejection, write_rejection
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA, Release
from cper_lod.web.app import create_app
from cper_lod.web.http.limits import Limits
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.http.templating import environment
from cper_lod.web.observability.recorder import Recorder
from cper_lod.web.server import release_server
from cper_lod.web.server.release_server import ReleaseLoader, ReleaseRuntime, ReleaseServer, warm
from cper_lod.web.server.server import check_port, log_unset, reserved_port
from tests.support.changing_sources import ChangingSources
from tests.support.paths import TINY
from tests.support.processes import eventually
from tests.support.refusals import refused
from tests.support.server import free_port
from tests.web.counting_engine import CountingEngine, one_row


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, ...]:
    """Return three releases, the ferry of each with another number."""
    return ChangingSources(tmp_path_factory.mktemp("sealed")).sealed(1, 2, 3)


# Its start

PUBLIC = {"public_url": "https://data.example.org", "contact": "a@example.org", "hosting": "X, hosted by Y"}


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"host": "0.0.0.0"}, ["public_url", "contact", "hosting"]),  # noqa: S104
        ({**PUBLIC, "hosting": ""}, ["hosting"]),
        (PUBLIC, []),
        ({}, []),
    ],
)
def test_the_log_of_a_public_server_says_what_should_be_set(
    caplog: pytest.LogCaptureFixture, settings: dict[str, Any], missing: list[str]
) -> None:
    log_unset(Settings(**settings))
    assert [each.getMessage().split()[0] for each in caplog.records] == missing


def test_of_two_servers_that_begin_at_once_one_is_refused() -> None:
    address = "127.0.0.1", free_port()
    check_port(*address)
    with reserved_port(*address), refused("port-in-use"), reserved_port(*address):
        pass
    check_port(*address)


# What is served next


class FakeRuntime:
    """What is opened of a release, without a process of its own."""

    unpushed: ClassVar[set[str]] = set()
    """The digests of releases that an engine elsewhere does not hold yet."""

    def __init__(self, _: Settings, release: Release, *__: object, must_be_pushed: bool = False, **___: object) -> None:
        if must_be_pushed and release.digest in self.unpushed:
            raise Problem("engine-release", message="none")
        self.release, self.site = release, SimpleNamespace(readiness=SimpleNamespace(rejection=None))


class Place:
    """A folder of releases, and what one server process makes of it."""

    def __init__(self, folder: Path, sealed: tuple[Release, ...]) -> None:
        self.releases = [
            Release(Path(shutil.copytree(each.folder, folder / each.folder.name)), each.manifest) for each in sealed
        ]
        self.history, self.folder = History(folder), folder
        self.publish(1)
        self.loader = self.another()
        self.present = self.loader.first()

    def publish(self, number: int, how: str = "build") -> None:
        self.history.publish(self.releases[number - 1], how)  # type: ignore[arg-type]

    def another(self) -> ReleaseLoader:
        """Return what a server that begins now would load from."""
        settings = Settings(releases=self.folder, sources=TINY, lang="en")
        return ReleaseLoader(settings, "", Recorder(settings), Limits())

    def told(self, runtime: ReleaseRuntime) -> tuple[int, str]:
        """Return which release is served, and why another one is not."""
        fake = cast(FakeRuntime, runtime)
        number = next(n for n, each in enumerate(self.releases, 1) if each.digest == fake.release.digest)
        rejection = fake.site.readiness.rejection
        return number, rejection.code if rejection else ""

    def look(self) -> tuple[int, str]:
        """Return what is told after a look for a publication."""
        self.present = self.loader.next() or self.present
        return self.told(self.present)


@pytest.fixture
def place(sealed: tuple[Release, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a folder of three releases, of which the first is served."""
    monkeypatch.setattr(release_server, "ReleaseRuntime", FakeRuntime)
    monkeypatch.setattr(release_server, "RETRY", 0)
    return Place(tmp_path, sealed)


@pytest.mark.parametrize("fault", ["damaged", "gone", "entry"])
def test_what_cannot_be_opened_is_refused_and_served_once_it_is_mended(
    place: Place, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    place.publish(2)
    folder = place.releases[1].folder
    kept = folder.with_name("kept")
    path = place.history.folder(place.history.entries()[1]) / ENTRY if fault == "entry" else folder / DATA
    text = path.read_bytes()
    if fault == "gone":
        discard(Path(shutil.copytree(folder, kept)).with_name(folder.name))
    else:
        path.write_bytes(text[:-9])
    code = {"gone": "release-gone", "entry": "history-damaged"}.get(fault, "release-damaged")
    with caplog.at_level(logging.ERROR, "cper_lod"):
        assert [place.look(), place.look()] == [(1, code)] * 2
    assert len(caplog.records) == 1
    if fault != "entry":
        assert place.told(place.another().first()) == (1, code), "a server that begins then"
    write_rejection(place.folder, Rejection.of(Problem("not-conforming", count=2), TINY))
    assert place.look() == (1, code), "one reason at a time"
    (place.folder / FILE).unlink()
    if fault == "gone":
        kept.rename(folder)
    else:
        path.write_bytes(text)
    assert place.look() == (2, "")


def test_a_release_that_an_engine_elsewhere_does_not_hold_yet_is_served_once_it_does(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeRuntime, "unpushed", {place.releases[1].digest})
    place.publish(2)
    assert place.look() == (1, "engine-release")
    assert place.told(place.another().first()) == (2, ""), "a server that begins has nothing else to serve"
    FakeRuntime.unpushed.clear()
    assert place.look() == (2, "")


def test_a_server_never_begins_with_what_was_taken_back(place: Place) -> None:
    for number in (2, 3):
        place.publish(number)
    place.publish(2, "rollback")
    place.releases[1].folder.rename(place.folder / "kept")
    assert place.told(place.another().first()) == (1, "release-gone")


# Taking its place


class HeldEngine(CountingEngine):
    """An engine whose answers can be held; it is not closed meanwhile."""

    next_check = math.inf

    def __init__(self, *_: object) -> None:
        super().__init__(self._answer)
        self.held: threading.Event | None = None

    def check_endpoint(self, _: float) -> None:
        return None

    def _answer(self, query: Query) -> Answer:
        assert not self.held or self.held.wait(30)
        assert not self.closed, "ended before its last request"
        return one_row(query)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[HeldEngine]:
    """Have every release opened with an engine that is none, and nothing made in advance; return the engines."""
    made = list[HeldEngine]()

    def engine(*given: Any) -> HeldEngine:  # noqa: ANN401
        made.append(HeldEngine(*given))
        return made[-1]

    monkeypatch.setattr(release_server, "open_engine", engine)
    monkeypatch.setattr(release_server, "warm", lambda *_: None)
    monkeypatch.setattr(release_server, "freeze_heap", lambda: None)  # a look at all that is in memory, for each
    return made


NOW = "/sparql.csv?query=SELECT%20(NOW()%20AS%20%3Fn)%20%7B%7D"
"""A query whose answer is not stored."""


class Served(ReleaseServer):
    """A server process that serves the first of some releases."""

    def __init__(
        self, releases: Sequence[Release], load_next: Callable[[], ReleaseRuntime | None] | None = None
    ) -> None:
        self.settings = Settings(public_url="http://127.0.0.1:8000")
        self.recorder = Recorder(self.settings)
        self.first = self.open(releases[0])
        super().__init__(self.first, self.recorder, load_next)

    def open(self, release: Release) -> ReleaseRuntime:
        return ReleaseRuntime(self.settings, release, "", self.recorder, Limits())

    def status(self, path: str) -> int:
        with Client(self).get(path) as answer:
            return answer.status_code

    def is_serving(self, release: Release) -> bool:
        return release.digest in Client(self).get("/health").text


def test_no_more_than_three_are_open_at_once(sealed: tuple[Release, ...], engines: list[HeldEngine]) -> None:
    following = [0, 2, 1]
    with closing(Served(sealed, lambda: served.open(sealed[following.pop()]))) as served:
        held = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            asking = list[Any]()
            for number in (0, 1):
                engine = engines[number]
                engine.held = held
                asking.append(pool.submit(served.status, NOW))
                assert eventually(lambda asked=engine.asked: bool(asked))  # type: ignore[misc]
                served.look()
            for _ in range(3):
                served.look()
            assert (len(engines), served.is_serving(sealed[2])) == (3, True), (
                "nothing follows before one of them has ended"
            )
            held.set()
            assert [each.result() for each in asking] == [200, 200]
        served.look()
        assert served.is_serving(sealed[0])
        assert [engine.closed for engine in engines] == [True, True, False, False]
    assert all(engine.closed for engine in engines)


def test_a_fault_in_one_look_does_not_end_the_next(
    sealed: tuple[Release, ...],
    engines: list[HeldEngine],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(release_server, "POLL_INTERVAL", 0.001)
    caplog.set_level(logging.INFO, "cper_lod")

    def fault() -> ReleaseRuntime:
        raise RuntimeError("a fault")

    looks = [lambda: served.open(sealed[1]), fault]
    with closing(Served(sealed, lambda: looks.pop()() if looks else None)) as served:
        served.start()
        assert eventually(lambda: served.swaps > 0)
        assert eventually(lambda: engines[0].closed)
        assert served.is_serving(sealed[1])
    assert "a fault" in caplog.text
    assert sealed[1].id in caplog.text


def test_a_fault_outside_flask_is_told_by_its_reference_alone(
    sealed: tuple[Release, ...], engines: list[HeldEngine], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> Iterable[bytes]:
        raise faults.pop()

    faults = [KeyboardInterrupt(), RuntimeError("secret path /etc/x")]
    with closing(Served(sealed)) as served:
        served.first.application = cast(ResponseCache, broken)
        answer = Client(served).get("/doc/x")
        assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert (answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"]) == ("no-store", "*")
        assert "secret" not in answer.text
        (record,) = caplog.records
        assert answer.get_json()["reference"] in record.getMessage()
        assert "secret path" in caplog.text
        with pytest.raises(KeyboardInterrupt):
            Client(served).get("/doc/x")
        served.swap(served.open(sealed[1]))
        served.look()
        assert engines[0].closed, "both requests have ended"


@pytest.mark.usefixtures("engines")
def test_data_that_cannot_be_read_stop_no_start(sealed: tuple[Release, ...], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(sealed[0].folder, tmp_path / sealed[0].folder.name))
    (folder / DATA).write_bytes(bytes((folder / DATA).stat().st_size))
    with closing(Served([Release(folder, sealed[0].manifest)])) as served:
        assert [served.status(path) for path in ("/health", "/doc/x", "/ready")] == [200, 500, 503]


@pytest.mark.slow
def test_the_templates_of_what_visitors_come_for_are_compiled(release: Release) -> None:
    app = create_app(release, CountingEngine(), Settings())
    for lang in LANGUAGES:
        (environment(lang).cache or {}).clear()
    warm(ResponseCache(app), app.extensions["cper_lod"])
    kinds = {f"thing_pages/{each}.html" for each in ("body", "document", "figure", "ontology", "subdivision")}
    for lang in LANGUAGES:
        compiled = {name for _, name in environment(lang).cache or {}}
        assert {"compare.html", "contract.html", "home.html", "resource.html", "search.html", *kinds} <= compiled

"""The server process and the releases that it serves one after the other: no request is lost, mixed or cut."""

import logging
import math
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest
from werkzeug.test import Client

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, Query
from cper_lod.release.history.history import ENTRY, History
from cper_lod.release.history.rejection import FILE, Rejection, write_rejection
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA, Release
from cper_lod.web.http.limits import Limits
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.observability.recorder import Recorder
from cper_lod.web.server import release_server
from cper_lod.web.server.release_server import ReleaseLoader, ReleaseRuntime, ReleaseServer
from tests.support.changing_sources import ChangingSources
from tests.support.paths import TINY
from tests.support.processes import eventually
from tests.web.counting_engine import CountingEngine


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, ...]:
    """Return three releases, the ferry of each with another number."""
    return ChangingSources(tmp_path_factory.mktemp("sealed")).sealed(1, 2, 3)


# What is served next


class FakeRuntime:
    """What is opened of a release, without a process of its own."""

    faults: ClassVar[dict[str, Problem]] = {}
    """Why an engine elsewhere cannot answer yet, by the digest of the release."""

    def __init__(
        self,
        settings: Settings,
        release: Release,
        *_: object,
        must_be_pushed: bool = False,
        damage: Problem | None = None,
    ) -> None:
        if must_be_pushed and (fault := self.faults.get(release.digest)):
            raise fault
        if release.folder.name.endswith("-broken"):
            raise Problem("release-damaged", path=release.folder, message="no index")
        self.release, self.damage = release, damage
        self.site = SimpleNamespace(readiness=SimpleNamespace(rejection=None))


def loader_of(settings: Settings) -> ReleaseLoader:
    return ReleaseLoader(settings, "", Recorder(settings, ""), Limits())


class Place:
    """A folder of releases, and what one server process makes of it."""

    def __init__(self, folder: Path, sealed: tuple[Release, ...]) -> None:
        self.releases = [
            Release(Path(shutil.copytree(each.folder, folder / each.folder.name)), each.manifest) for each in sealed
        ]
        self.history = History(folder)
        self.folder = folder
        settings = Settings(releases=folder, sources=TINY, lang="en")
        self.loader = loader_of(settings)
        self.present: ReleaseRuntime

    def publish(self, number: int) -> None:
        self.history.publish(self.releases[number - 1], "build")

    def told(self, stage: ReleaseRuntime) -> tuple[int, str]:
        """Return which release a stage is of, and why another one is not."""
        fake = cast(FakeRuntime, stage)
        number = next(n for n, each in enumerate(self.releases, 1) if each.digest == fake.release.digest)
        rejection = fake.site.readiness.rejection
        return number, rejection.code if rejection else ""

    def next(self) -> tuple[int, str] | None:
        """Return what is told after a look for a publication, None if that has not changed."""
        before = self.told(self.present)
        self.present = self.loader.next() or self.present
        after = self.told(self.present)
        return after if after != before else None


@pytest.fixture
def place(sealed: tuple[Release, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a folder of three releases, of which the first is served."""
    monkeypatch.setattr(release_server, "ReleaseRuntime", FakeRuntime)
    monkeypatch.setattr(release_server, "RETRY", 0)
    place = Place(tmp_path, sealed)
    place.publish(1)
    place.present = place.loader.first()
    assert place.told(place.present) == (1, "")
    return place


@pytest.mark.parametrize("fault", ["damaged", "gone", "entry", "index"])
def test_what_cannot_be_opened_is_refused_and_served_once_it_is_mended(
    place: Place, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    place.publish(2)
    folder = place.releases[1].folder
    path = {"entry": place.history.folder(place.history.entries()[1]) / ENTRY}.get(fault, folder / DATA)
    text = path.read_bytes()
    if fault == "gone":
        discard(Path(shutil.copytree(folder, folder.with_name("kept"))).with_name(folder.name))
    elif fault == "index":
        folder.rename(folder.with_name(f"{place.releases[1].id}-broken"))
    else:
        path.write_bytes(text[:-9])
    code = {"gone": "release-gone", "entry": "history-damaged"}.get(fault, "release-damaged")
    with caplog.at_level(logging.ERROR, "cper_lod"):
        assert [place.next(), place.next(), place.next()] == [(1, code), None, None]
    assert len(caplog.records) == 1
    if fault != "entry":
        assert place.told(loader_of(Settings(releases=place.folder)).first()) == (1, code), "a server that begins then"
    assert fault not in ("damaged", "entry") or path.name in caplog.text
    write_rejection(place.folder, Rejection.of(Problem("not-conforming", count=2), TINY))
    assert place.next() is None, "one reason at a time"
    (place.folder / FILE).unlink()
    if fault == "gone":
        folder.with_name("kept").rename(folder)
    elif fault == "index":
        folder.with_name(f"{place.releases[1].id}-broken").rename(folder)
    else:
        path.write_bytes(text)
    assert [place.next(), place.next()] == [(2, ""), None]


def test_a_release_that_an_engine_elsewhere_does_not_hold_yet_is_served_once_it_does(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeRuntime, "faults", {place.releases[1].digest: Problem("engine-release", message="none")})
    place.publish(2)
    assert [place.next(), place.next()] == [(1, "engine-release"), None]
    FakeRuntime.faults.clear()
    assert [place.next(), place.next()] == [(2, ""), None]
    again = loader_of(Settings(releases=place.folder))
    monkeypatch.setattr(FakeRuntime, "faults", {place.releases[1].digest: Problem("engine-release", message="none")})
    assert place.told(again.first()) == (2, ""), "a server that begins has nothing else to serve"


def test_a_server_never_begins_with_what_was_taken_back(place: Place) -> None:
    for number in (2, 3):
        place.publish(number)
    place.history.publish(place.releases[1], "rollback")
    place.releases[1].folder.rename(place.folder / "kept")
    assert place.told(loader_of(Settings(releases=place.folder)).first()) == (1, "release-gone")


# Taking its place


class EchoEngine(CountingEngine):
    """An engine whose every answer is the release that it is of; it can be held, and says what became of it."""

    next_check = math.inf

    def __init__(self, release: Release, *_: object) -> None:
        super().__init__(self._echo)
        self.release = release.folder.name[:16]
        self.is_asked = threading.Event()
        self.held: threading.Event | None = None

    def check_endpoint(self, _: float) -> None:
        return None

    def _echo(self, _: Query) -> Answer:
        assert not self.closed, "asked after its end"
        self.is_asked.set()
        if self.held:
            assert self.held.wait(30)
        assert not self.closed, "ended before its last request"
        return Answer(f"release\r\n{self.release}\r\n".encode(), CSV, "select")


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[EchoEngine]:
    """Have every release opened with an engine that is none, and nothing made in advance; return the engines."""
    made = list[EchoEngine]()

    def engine(*given: Any) -> EchoEngine:  # noqa: ANN401
        made.append(EchoEngine(*given))
        return made[-1]

    monkeypatch.setattr(release_server, "open_engine", engine)
    monkeypatch.setattr(release_server, "warm", lambda *_: None)
    monkeypatch.setattr(release_server, "freeze_heap", lambda: None)  # a look at all that is in memory, for each
    return made


NOW = "/sparql.csv?query=SELECT%20(NOW()%20AS%20%3Fn)%20%7B%7D"
"""A query whose answer is not stored."""
Answered = tuple[int, str | None, bytes]


def ask(application: Any, path: str) -> Answered:  # noqa: ANN401
    """Return the status, the validator and the bytes that an application answers."""
    with Client(application).get(path, headers={"Accept-Language": "fr"}) as answer:
        return answer.status_code, answer.headers.get("ETag"), answer.data


class Served(ReleaseServer):
    """A server process that serves the first of some releases, with the engines that were made for it."""

    def __init__(
        self,
        releases: Sequence[Release],
        engines: list[EchoEngine],
        load_next: Callable[[], ReleaseRuntime | None] | None = None,
    ) -> None:
        settings = Settings(public_url="http://127.0.0.1:8000")
        self.releases, self.engines, self.recorder = releases, engines, Recorder(settings, "")
        self.settings = settings
        self.first = self.open(releases[0])
        super().__init__(self.first, self.recorder, load_next)

    def open(self, release: Release) -> ReleaseRuntime:
        return ReleaseRuntime(self.settings, release, "", self.recorder, Limits())

    def turn(self, number: int) -> ReleaseRuntime:
        """Serve another of the releases from now on."""
        following = self.open(self.releases[number])
        self.swap(following)
        return following

    def is_serving(self, number: int) -> bool:
        return self.releases[number].digest.encode() in ask(self, "/health")[2]


@pytest.fixture
def served(sealed: tuple[Release, ...], engines: list[EchoEngine]) -> Iterator[Served]:
    with closing(Served(sealed, engines)) as server:
        yield server
    assert all(engine.closed for engine in engines)


def test_no_more_than_three_are_open_at_once(sealed: tuple[Release, ...], engines: list[EchoEngine]) -> None:
    following = [0, 2, 1]
    with closing(Served(sealed, engines, lambda: served.open(sealed[following.pop()]))) as served:
        held = threading.Event()
        with ThreadPoolExecutor(2) as pool:
            asking = list[Any]()
            for number in (0, 1):
                engines[number].held = held
                asking.append(pool.submit(ask, served, NOW))
                assert engines[number].is_asked.wait(30)
                served.look()
            for _ in range(3):
                served.look()
            assert (len(engines), served.is_serving(2)) == (3, True), "nothing follows before one of them has ended"
            held.set()
            assert [each.result()[0] for each in asking] == [200, 200]
        served.look()
        assert served.is_serving(0)
        assert [engine.closed for engine in engines] == [True, True, False, False]


def test_a_fault_in_one_look_does_not_end_the_next(
    sealed: tuple[Release, ...],
    engines: list[EchoEngine],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(release_server, "POLL_INTERVAL", 0.001)
    caplog.set_level(logging.INFO, "cper_lod")
    looks = list[int]()

    def following() -> ReleaseRuntime | None:
        looks.append(1)
        if len(looks) == 1:
            raise RuntimeError("a fault")
        return served.open(sealed[1]) if len(looks) == 3 else None

    with closing(Served(sealed, engines, following)) as served:
        served.start()
        assert eventually(lambda: served.swaps > 0)
        assert eventually(lambda: engines[0].closed)
        assert served.is_serving(1)
    assert "a fault" in caplog.text
    assert sealed[1].id in caplog.text


class Fault(BaseException):
    """What is no exception of a program."""


def test_a_fault_outside_flask_is_told_by_its_reference_alone(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        size = 0

        def __call__(self, *_: object) -> Iterable[bytes]:
            raise faults.pop()

    faults: list[BaseException] = [Fault(), RuntimeError("secret path /etc/x")]
    served.first.application = cast(ResponseCache, Broken())
    answer = Client(served).get("/doc/x")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert (answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"]) == ("no-store", "*")
    assert "Content-Security-Policy" in answer.headers
    assert "secret" not in answer.text
    (record,) = caplog.records
    assert answer.get_json()["reference"] in record.getMessage()
    assert "secret path" in caplog.text
    with pytest.raises(Fault):
        Client(served).get("/doc/x")
    served.turn(1)
    served.look()
    assert served.engines[0].closed, "both requests have ended"


def test_data_that_cannot_be_read_stop_no_start(
    sealed: tuple[Release, ...], engines: list[EchoEngine], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(sealed[0].folder, tmp_path / sealed[0].folder.name))
    (folder / DATA).write_bytes(bytes((folder / DATA).stat().st_size))
    with closing(Served([Release(folder, sealed[0].manifest)], engines)) as served:
        assert ask(served, "/health")[0] == 200
        assert served.first.site.readiness.damage is None
        assert ask(served, "/doc/x")[0] == 500
        assert ask(served, "/ready")[0] == 503

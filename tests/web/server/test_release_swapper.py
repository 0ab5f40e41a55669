"""A server process and the releases that it serves one after the other: none fails, mixes or stays open."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import pytest

from cper_lod.core.errors import Problem
from cper_lod.core.formats import CSV
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, CancelToken, Query
from cper_lod.rdf.report import Finding, Report
from cper_lod.release.history.history import ENTRY, History
from cper_lod.release.history.publish import roll_back
from cper_lod.release.history.rejection import FILE, Rejection, write_rejection
from cper_lod.release.jobs.locks import discard
from cper_lod.release.release import DATA, Release, reread
from cper_lod.web.app import create_app
from cper_lod.web.gateway.gateway import Gateway
from cper_lod.web.observability.recorder import RequestRecorder
from cper_lod.web.server import loader as loader_module
from cper_lod.web.server import release_swapper as worker_module
from cper_lod.web.server import runtime as runtime_module
from cper_lod.web.server.loader import ReleaseLoader
from cper_lod.web.server.release_swapper import ReleaseSwapper
from cper_lod.web.server.runtime import ReleaseRuntime
from tests.support.asgi import CountingEngine, Exchange, http_scope
from tests.support.changing_sources import ChangingSources
from tests.support.paths import TINY
from tests.support.refusals import refused

TASKS_GO_ON = True
"""A server looks for releases, and reads files anew, until its process ends."""


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Release, ...]:
    """Return three releases, the ferry of each with another number."""
    return ChangingSources(tmp_path_factory.mktemp("sealed")).sealed(1, 2, 3)


# What is served next


class FakeRuntime:
    """What is opened of a release, without a process of its own."""

    faults: ClassVar[dict[str, Problem]] = {}
    """Why an engine elsewhere cannot answer yet, by the digest of the release."""

    def __init__(self, settings: Settings, release: Release, *given: Any, must_be_pushed: bool = False) -> None:  # noqa: ANN401
        if must_be_pushed and (fault := self.faults.get(release.digest)):
            raise fault
        if release.folder.name.endswith("-broken"):
            raise Problem("release-damaged", path=release.folder, message="no index")
        self.release, self.rejection = release, cast(Rejection | None, given[-1])


class Place:
    """A folder of releases, and what one server process makes of it."""

    def __init__(self, folder: Path, sealed: tuple[Release, ...]) -> None:
        self.releases = [
            Release(Path(shutil.copytree(each.folder, folder / each.folder.name)), each.manifest) for each in sealed
        ]
        self.history = History(folder)
        self.folder = folder
        settings = Settings(releases=folder, sources=TINY, lang="en")
        self.recorder = RequestRecorder(settings)
        self.loader = ReleaseLoader(settings, "", self.recorder)

    def publish(self, number: int) -> None:
        self.history.publish(self.releases[number - 1], "build")

    def told(self, stage: ReleaseRuntime | None) -> tuple[int, str] | None:
        """Return which release a stage is of, and why another one is not."""
        fake = cast(FakeRuntime | None, stage)
        if fake is None:
            return None
        number = next(n for n, each in enumerate(self.releases, 1) if each.digest == fake.release.digest)
        return number, fake.rejection.code if fake.rejection else ""

    def next(self) -> tuple[int, str] | None:
        return self.told(self.loader.next())


@pytest.fixture
def place(sealed: tuple[Release, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return a folder of three releases, of which the first is served."""
    monkeypatch.setattr(loader_module, "ReleaseRuntime", FakeRuntime)
    monkeypatch.setattr(loader_module, "RETRY", 0)
    place = Place(tmp_path, sealed)
    place.publish(1)
    assert place.told(place.loader.first()) == (1, "")
    return place


@pytest.mark.slow
def test_each_publication_follows_once(place: Place) -> None:
    assert place.next() is None
    place.publish(2)
    assert [place.next(), place.next()] == [(2, ""), None]
    place.publish(3)
    place.history.publish(place.releases[0], "rollback")
    assert [place.next(), place.next()] == [(1, ""), None], "only the last one counts"
    roll_back(Settings(releases=place.folder, sources=TINY), place.releases[1].id)
    assert place.next() == (2, "")


def test_refused_sources_are_told_and_forgotten(place: Place) -> None:
    write_rejection(place.folder, Rejection.of(Problem("not-conforming", count=2), TINY))
    assert [place.next(), place.next()] == [(1, "not-conforming"), None]
    place.publish(2)
    assert place.next() == (2, "not-conforming")
    (place.folder / FILE).unlink()
    assert [place.next(), place.next()] == [(2, ""), None]


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
    assert "Release not opened, the previous one stays in service: " in caplog.text
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
    again = ReleaseLoader(Settings(releases=place.folder), "", place.recorder)
    monkeypatch.setattr(FakeRuntime, "faults", {place.releases[1].digest: Problem("engine-release", message="none")})
    assert place.told(again.first()) == (2, ""), "a server that begins has nothing else to serve"


def test_a_server_begins_with_what_is_served_or_not_at_all(place: Place, tmp_path: Path) -> None:
    settings = Settings(releases=tmp_path / "none")
    with refused("release-unknown"):
        ReleaseLoader(settings, "", RequestRecorder(settings)).first()
    place.publish(2)
    write_rejection(place.folder, Rejection.of(Problem("not-conforming", count=2), TINY))
    settings = Settings(releases=place.folder)
    again = ReleaseLoader(settings, "", RequestRecorder(settings))
    assert place.told(again.first()) == (2, "not-conforming")
    assert again.next() is None


def test_a_mended_release_is_tried_now_and_then_only(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader_module, "RETRY", 1000)
    place.publish(2)
    kept = place.releases[1].folder.rename(place.folder / "kept")
    assert place.next() == (1, "release-gone")
    kept.rename(place.releases[1].folder)
    assert place.next() is None, "not at every look"
    monkeypatch.setattr(loader_module, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + 1001))
    assert place.next() == (2, "")


# Taking its place


class EchoEngine(CountingEngine):
    """An engine whose every answer is the release that it is of; it can be held, and says what became of it."""

    def __init__(self, release: Release, *_: object) -> None:
        super().__init__()
        self.release = release.folder.name[:16]
        self.closed = False
        self.held: asyncio.Event | None = None

    async def query_async(self, query: Query, cancel: CancelToken | None = None) -> Answer:
        assert not self.closed, "asked after its end"
        if self.held:
            await self.held.wait()
        else:
            await asyncio.sleep(0)
        assert not self.closed, "ended before its last request"
        return Answer(f"release\r\n{self.release}\r\n".encode(), CSV, "select")

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[EchoEngine]:
    """Have every stage opened with an engine that is none, and return them."""
    made = list[EchoEngine]()

    def engine(*given: Any) -> EchoEngine:  # noqa: ANN401
        made.append(EchoEngine(*given))
        return made[-1]

    monkeypatch.setattr(runtime_module, "open_engine", engine)
    monkeypatch.setattr(worker_module, "CLOSE_DELAY", 0.02)
    monkeypatch.setattr(worker_module, "likely_requests", lambda _: ())
    monkeypatch.setattr(worker_module, "warm", lambda _: None)
    monkeypatch.setattr(worker_module, "freeze_heap", lambda: None)  # a look at all that is in memory, for each
    return made


async def ask(server: ReleaseSwapper, path: str, query: str = "") -> Exchange:
    """Return what a server process answers."""
    exchange = Exchange()
    await server(http_scope("GET", path, query), exchange.receive, exchange.send)
    return exchange


class Worker(ReleaseSwapper):
    """A server process that serves the first of some releases, with the engines that were made for it."""

    def __init__(
        self,
        releases: Sequence[Release],
        engines: list[EchoEngine],
        load_next: Callable[[], ReleaseRuntime | None] | None = None,
    ) -> None:
        self.releases, self.engines, self.recorder = releases, engines, RequestRecorder(Settings())
        self.first = self.open(releases[0])
        super().__init__(self.first, self.recorder, load_next)

    def open(self, release: Release) -> ReleaseRuntime:
        return ReleaseRuntime(Settings(public_url="http://127.0.0.1:8000"), release, "", self.recorder)

    async def ask(self, path: str, query: str = "") -> Exchange:
        return await ask(self, path, query)


@pytest.fixture
def worker(sealed: tuple[Release, ...], engines: list[EchoEngine]) -> Worker:
    return Worker(sealed, engines)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, as long as a test may take."""
    while not holds():
        await asyncio.sleep(0.005)


async def test_requests_under_way_end_where_they_began(worker: Worker) -> None:
    worker.engines[0].held = asyncio.Event()
    slow = asyncio.create_task(worker.ask("/sparql.csv", "query=SELECT%20(NOW()%20AS%20%3Fn)%20%7B%7D"))
    await asyncio.sleep(0.01)
    await worker.swap(worker.open(worker.releases[1]))
    quick = await worker.ask("/sparql.csv", "query=SELECT%20(NOW()%20AS%20%3Fn)%20%7B%7D")
    assert quick.body.split() == [b"release", worker.releases[1].id.encode()]
    await asyncio.sleep(0.1)
    assert not worker.engines[0].closed
    worker.engines[0].held.set()
    assert (await slow).body.split() == [b"release", worker.releases[0].id.encode()]
    await until(lambda: worker.engines[0].closed)
    assert [engine.closed for engine in worker.engines] == [True, False]


async def test_what_is_served_is_not_discarded_until_its_last_request(worker: Worker) -> None:
    with pytest.raises(BlockingIOError):
        discard(worker.releases[0].folder)
    await worker.swap(worker.open(worker.releases[1]))
    await until(lambda: worker.engines[0].closed)
    lock = os.open(worker.releases[0].folder, os.O_RDONLY)
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # as `discard` does
            break
        await asyncio.sleep(0.005)
    os.close(lock)


async def test_pages_that_cannot_be_made_ready_do_not_keep_a_release_from_being_served(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its number is noted as followed: it would never be tried again, while other processes serve it."""

    def fault(_: object) -> Any:  # noqa: ANN401
        raise RuntimeError("no page")

    monkeypatch.setattr(worker_module, "likely_requests", fault)
    await worker.swap(worker.open(worker.releases[1]))
    assert worker.releases[1].digest.encode() in (await worker.ask("/health")).body
    assert "no page" in caplog.text
    assert len(worker.engines) == 2


async def test_requests_are_taken_before_the_first_pages_are_made(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a server makes in advance keeps nobody waiting for its start; a release that follows has it before."""
    told, held = list[str](), threading.Event()

    def warm(_: object) -> None:
        held.wait(20)
        told.append("warm")

    monkeypatch.setattr(worker_module, "warm", warm)
    monkeypatch.setattr(worker_module, "freeze_heap", lambda: told.append("frozen"))

    worker.start()
    assert (await worker.ask("/health")).status == 200
    assert (await worker.ask("/doc/bac/fictif-1.ttl")).status == 200
    assert told == []
    held.set()
    await until(lambda: told == ["warm", "frozen"])
    held.clear()
    turning = asyncio.create_task(worker.swap(worker.open(worker.releases[1])))
    await asyncio.sleep(0.1)
    assert worker.releases[0].digest.encode() in (await worker.ask("/health")).body
    held.set()
    await turning
    assert worker.releases[1].digest.encode() in (await worker.ask("/health")).body
    assert len(worker.engines) == 2


async def test_lost_bits_of_a_file_that_was_opened_are_found_later(
    sealed: tuple[Release, ...],
    engines: list[EchoEngine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for name in ("REREAD_DELAY", "REREAD_INTERVAL", "REREAD_PAUSE"):
        monkeypatch.setattr(worker_module, name, 0)
    rounds = list[Path]()
    monkeypatch.setattr(worker_module, "reread", lambda release: (rounds.append(release.folder), reread(release))[1])
    folder = Path(shutil.copytree(sealed[0].folder, tmp_path / sealed[0].folder.name))
    caplog.set_level(logging.ERROR, "cper_lod")
    worker = Worker([Release(folder, sealed[0].manifest)], engines)
    worker.start()
    damaged = worker.first
    await until(lambda: len(rounds) > 2)
    assert damaged.site.readiness.damage is None
    with (folder / DATA).open("r+b") as data:
        data.write(b"~")
    await until(lambda: damaged.site.readiness.damage is not None)
    ready = await worker.ask("/ready")
    assert ready.status == 503
    assert "Publication endommagée" in ready.body.decode()
    assert str(tmp_path).encode() not in ready.body
    assert (await worker.ask("/health")).status == 200
    whole = worker.open(sealed[1])
    await worker.swap(whole)
    done = len(rounds)
    await until(lambda: len(rounds) > done + 2)
    assert set(rounds[done:]) == {sealed[1].folder}
    assert whole.site.readiness.damage is None
    (line,) = caplog.messages
    assert str(folder / DATA) in line


async def test_no_more_than_three_are_open_at_once(worker: Worker) -> None:
    held = asyncio.Event()
    for number in (1, 2):
        worker.engines[-1].held = held
        asking = [asyncio.create_task(worker.ask("/sparql.csv", "query=ASK%7B%7D"))]
        await asyncio.sleep(0.01)
        turning = asyncio.create_task(worker.swap(worker.open(worker.releases[number])))
        await until(lambda number=number: worker.swaps == number)  # type: ignore[misc]
    await asyncio.sleep(0.1)
    assert not turning.done(), "it is served, and nothing follows it before one of the others has ended"
    held.set()
    await turning
    await asyncio.gather(*asking)


async def test_a_fault_in_one_look_does_not_end_the_next(
    sealed: tuple[Release, ...],
    engines: list[EchoEngine],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(worker_module, "POLL_INTERVAL", 0.005)
    caplog.set_level(logging.INFO, "cper_lod")
    looks = list[int]()

    def following() -> ReleaseRuntime | None:
        looks.append(1)
        if len(looks) == 1:
            raise RuntimeError("a fault")
        return worker.open(sealed[1]) if len(looks) == 3 else None

    worker = Worker(sealed, engines, following)
    worker.start()
    await until(lambda: worker.swaps > 0)
    assert sealed[1].digest.encode() in (await worker.ask("/health")).body
    assert "a fault" in caplog.text
    assert sealed[1].id in caplog.text
    assert engines[0].closed or len(engines) == 2


ADDRESSES = (
    "/health",
    "/doc/bac/fictif-1.ttl",
    "/report",
    "/dump/tout.nt.gz",
    "/doc.jsonld",
    "/sparql.csv",
    "/nowhere",
)


class Again:
    """A runtime that was made before, with a gateway of its own, whose caches are empty."""

    def __init__(self, made: ReleaseRuntime, recorder: RequestRecorder) -> None:
        self.app, self.site, self.active_requests = made.app, made.site, 0
        self.router = self.gateway = Gateway(made.site, made.app, "", recorder.counters)

    def close(self) -> None:
        assert not self.active_requests
        self.gateway.close()


@pytest.mark.slow
def test_a_thousand_turns_under_load(
    sealed: tuple[Release, ...],
    engines: list[EchoEngine],
    record_property: Callable[[str, object], None],
) -> None:
    """No request fails, and each answer is of one release: that whose entity tags and bytes it has."""
    turns, answers, wrong = 1000, list[int](), list[str]()

    async def work() -> None:
        expected, opened = {}, Worker(sealed, engines)
        recorder, stages = opened.recorder, [opened.first, *map(opened.open, sealed[1:])]
        for release, made in zip(sealed, stages, strict=True):
            alone = ReleaseSwapper(made, recorder)
            for path in ADDRESSES:
                found = await ask(alone, path, f"query=SELECT%20%7B%7D%20%23{path}" if path == "/sparql.csv" else "")
                expected[release.id, path] = (found.status, found.headers.get("etag"), found.body, found.path)
        kinds = {path: {expected[release.id, path] for release in sealed} for path in ADDRESSES}
        assert sum(len(each) == 3 for each in kinds.values()) >= 5, "most say of which release they are"
        worker = ReleaseSwapper(cast(ReleaseRuntime, Again(stages[0], recorder)), recorder)
        ended = False

        async def visitor(number: int) -> None:
            while not ended:
                path = ADDRESSES[(len(answers) + number) % len(ADDRESSES)]
                found = await ask(worker, path, f"query=SELECT%20%7B%7D%20%23{path}" if path == "/sparql.csv" else "")
                answers.append(found.status)
                if (found.status, found.headers.get("etag"), found.body, found.path) not in kinds[path]:
                    wrong.append(f"{path} {found.status} {found.body[:80]!r}")
                await asyncio.sleep(0)

        visitors = [asyncio.create_task(visitor(number)) for number in range(8)]
        for turn in range(1, turns + 1):
            await worker.swap(cast(ReleaseRuntime, Again(stages[turn % 3], recorder)))
        ended = True
        await asyncio.gather(*visitors)
        assert worker.swaps == turns

    asyncio.run(asyncio.wait_for(work(), 120))
    record_property("turns and requests", (turns, len(answers)))
    print(f"{turns} turns, {len(answers)} requests, {len(wrong)} mixed, {sum(s >= 500 for s in answers)} failed")
    assert wrong == []
    assert {*answers} == {200, 404}
    assert len(answers) > 10 * turns


# What is told of a refusal


def test_the_report_says_why_the_sources_of_now_are_refused(sealed: tuple[Release, ...]) -> None:
    finding = Finding(
        "violation",
        "https://w3id.org/cper-lod/id/bac/x",
        {"fr": "sans nom !", "en": "no name"},
        {"fr": "nommez", "en": "name"},
        files=("data/bacs.ttl",),
    )
    why = Rejection.of(Problem("not-conforming", count=1), TINY, "abc", Report((finding,), 1, 1))
    why = replace(why, at=1_600_000_000)
    settings = Settings(public_url="http://127.0.0.1:8000")
    told, silent = (
        create_app(sealed[0], cast(Any, None), settings, rejection=each).test_client() for each in (why, None)
    )
    for lang, words in (
        ("fr", ("ne sont pas publiées", "1 violation(s)", "sans nom", "data/bacs.ttl", "2020 à 12:26 UTC")),
        ("en", ("not published", "13 September 2020 at 12:26 UTC", "its report is further down")),
    ):
        page = told.get("/report.html", query_string={"lang": lang}).text
        assert all(each in page for each in words)
        assert sealed[0].id in page
    assert "not published" not in silent.get("/report.html?lang=en").text
    assert silent.get("/report.json").data == sealed[0].report()
    told_json = told.get("/report.json").json
    assert told_json["refused"]["words"]["fr"]["title"] == "Publication refusée."
    assert {**told_json, "refused": None} == {**json.loads(sealed[0].report()), "refused": None}
    assert told.get("/report.ttl").data == silent.get("/report.ttl").data, "what is in the release"
    health = told.get("/health").json["refused"]
    assert (health["problem"], health["words"]) == ("not-conforming", told_json["refused"]["words"])
    assert "refused" not in silent.get("/health").json

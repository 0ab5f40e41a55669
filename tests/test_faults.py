"""Faults told truly: what each comes to, and that log, /ready, client and command line say it in the same words.

A sentence says what happened, where, whose it is, and what to do; it says to remove something only where that is broken.
"""

import errno
import io
import logging
import os
import re
import shutil
import signal
import socket
import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, NoReturn, cast

import click
import pytest
from click.testing import CliRunner

from cper_lod.cli.commands import Command, remember_language
from cper_lod.core.config import load
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.files import machine_problem
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import engine_problem
from cper_lod.engine.pool import Pool
from cper_lod.push.graph_store import GraphStore
from cper_lod.release.build.build import _new_build_directory
from cper_lod.release.history.history import ENTRY, History
from cper_lod.release.history.publish import publish_sources
from cper_lod.release.history.rejection import public_words, without_local_paths
from cper_lod.release.release import DATA, INDEX, SITE
from cper_lod.web.app import create_app
from cper_lod.web.server.server import check_port
from tests.support.changing_sources import ChangingSources
from tests.support.paths import TINY
from tests.web.counting_engine import CountingEngine


class Place:
    """Two releases that were published, with their history, and how to have the system fail."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.releases, self.patch = folder, patch
        self.history = History(folder)
        self.release = self.history.open(self.history.entries()[-1].release)


def file_cut(at: Place) -> None:
    os.truncate(at.release.folder / SITE, 9)
    at.release.read(SITE)


def refuse(path: object, *_: object) -> NoReturn:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def file_closed(at: Place) -> None:
    at.patch.setattr(io, "FileIO", refuse)
    at.release.read(SITE)


def index_closed(at: Place) -> None:
    at.patch.setattr("cper_lod.release.release.IN_MEMORY", 0)
    at.patch.setattr("cper_lod.release.release.Store", SimpleNamespace(read_only=refuse))
    at.release.triples  # noqa: B018


def data_overwritten(at: Place) -> None:
    data = at.release.folder / DATA
    data.write_bytes(data.read_bytes()[:20] + bytes(data.stat().st_size - 20))
    list(at.release.lines())


def release_gone(at: Place) -> None:
    shutil.rmtree(at.release.folder)
    at.history.open(at.release.id)


def history_cut(at: Place) -> None:
    os.truncate(at.history.folder(at.history.entries()[0]) / ENTRY, 9)
    at.history.entries()


def no_space_for_sqlite(at: Place) -> None:
    with _new_build_directory(at.releases):
        raise sqlite3.OperationalError("database or disk is full")


def lacking(number: int) -> Callable[[Place], Problem | None]:
    return lambda _: machine_problem(OSError(number, os.strerror(number)))


def killed(number: int) -> Callable[[Place], Problem]:
    return lambda _: Pool._death(cast(Any, SimpleNamespace(_settings=Settings(), _cpu=10)), -number)


def push_to_nobody(_: Place) -> None:
    with GraphStore("http://127.0.0.1:1/store") as store:
        store.get("urn:g")


def port_taken(_: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        check_port("127.0.0.1", taken.getsockname()[1])


def clock_off(days: int) -> Callable[[Place], object]:
    def cause(at: Place) -> None:
        at.patch.setenv("SOURCE_DATE_EPOCH", str(at.history.entries()[-1].at + days * 86_400))
        publish_sources(Settings(sources=TINY, releases=at.releases))

    return cause


MACHINE = (r"[Tt]his machine|this server", r"[Cc]ette machine|ce serveur")
PROGRAM = (r"fault of the program", r"défaut du programme")
OTHER = (r"Another server", r"Un autre serveur")
SETTING = (r"setting|--port", r"réglage|--port")
CLOCK = (r"[Cc]lock", r"horloge")


class Fault(NamedTuple):
    """What brings a fault about (or returns its problem), the code of the problem, what its words name, and whose it is."""

    cause: Callable[[Place], object]
    code: str
    where: str
    whose: tuple[str, str] = MACHINE


def of_store(code: str, sentence: str, what: str, where: str) -> Fault:
    return Fault(lambda _: engine_problem(code, sentence, what), code, where, OTHER)


FAULTS = {
    "a file is cut": Fault(file_cut, "release-damaged", "octets au lieu de"),
    "the data are overwritten": Fault(data_overwritten, "release-damaged", DATA),
    "the release is gone": Fault(release_gone, "release-gone", "keep_releases", SETTING),
    "no right to a file": Fault(file_closed, "permission", SITE),
    "no right to the index": Fault(index_closed, "permission", INDEX),
    "no descriptor anywhere": Fault(lacking(errno.ENFILE), "resources", "ulimit -n"),
    "no memory": Fault(lambda _: machine_problem(MemoryError()), "resources", "mémoire"),
    "no process": Fault(lacking(errno.EAGAIN), "resources", "ulimit -u"),
    "no space": Fault(lacking(errno.ENOSPC), "disk-full", "plein"),
    "no space for a table": Fault(no_space_for_sqlite, "disk-full", "plein"),
    "the history is cut": Fault(history_cut, "history-damaged", ENTRY),
    "a query process is killed": Fault(killed(signal.SIGKILL), "resources", "tué"),
    "a query process crashes": Fault(killed(signal.SIGSEGV), "query-crash", "défaut du programme", PROGRAM),
    "a process of the build is killed": Fault(
        lambda _: Problem("build-process", message="search"), "build-process", "search"
    ),
    "the clock is behind": Fault(clock_off(-1000), "clock-behind", "n° 2", CLOCK),
    "the clock is ahead": Fault(clock_off(1000), "clock-ahead", "--date", CLOCK),
    "the store is down": of_store("engine-unreachable", "engine-lost", "x", "(x)"),
    "the store is wrong": of_store("engine-answer", "engine-response", "text/html", "text/html"),
    "the store has another release": of_store("engine-release", "engine-other", "", "autre"),
    "the store to fill is down": Fault(push_to_nobody, "push-failed", "http://127.0.0.1:1/store", OTHER),
    "the port is taken": Fault(port_taken, "port-in-use", "127.0.0.1:", SETTING),
    "a setting is wrong": Fault(
        lambda _: load({}, {"CPER_LOD_PORT": "x"}), "settings-invalid", "CPER_LOD_PORT", SETTING
    ),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = ChangingSources(tmp_path_factory.mktemp("faults"))
    for release in place.sealed(1, 2):
        place.history.publish(release, "build")
    return place.releases


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_in_the_same_words_everywhere(
    name: str, published: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cause, code, where, whose = FAULTS[name]
    releases = Path(shutil.copytree(published, tmp_path / "releases", symlinks=True))
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Problem) as caught:
        if isinstance(returned := cause(Place(releases, patch)), Problem):
            raise returned
    problem = caught.value
    assert problem.kind.code == code
    assert where in str(problem.words("fr"))
    for lang, pattern in zip(("en", "fr"), whose, strict=True):
        words = problem.words(cast(Language, lang))
        assert re.search(pattern, str(words)), words
        assert words.remedy, "what to do"
        is_removal = re.search(r"\bremoves?\b|\bdelete|supprim", str(words).replace("rien n'est à supprimer", ""))
        is_broken = code in ("release-damaged", "history-damaged")
        assert bool(is_removal and "nothing has to be deleted" not in str(words)) == is_broken
    told_everywhere(problem, History(published), releases, caplog)


def told_everywhere(problem: Problem, history: History, releases: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Check what each place says: the answer to a query, /ready, /health, a command and the log, of which the last two are not public."""
    code, public = problem.kind.code, without_local_paths(problem, releases)
    release = history.open(history.entries()[-1].release)
    caplog.clear()
    settings = Settings(releases=releases, lang="fr")
    client = create_app(release, CountingEngine(problem.copy()), settings).test_client()
    for lang in LANGUAGES:
        words, headers = public.words(lang), {"Accept-Language": lang}
        answer = client.get("/sparql?query=ASK%7B%7D", headers=headers).get_json()
        assert answer["type"] == f"https://w3id.org/cper-lod/problem/{code}"
        assert [answer[each] for each in ("title", "detail", "remedy")] == [words.title, words.detail, words.remedy]
        ready = client.get("/ready", headers=headers).get_json()["detail"]
        assert ready == Problem("not-ready", message=str(words)).words(lang).detail
        command = CliRunner().invoke(failing(problem, lang))
        told = translate("cli-error", lang, message=str(problem.words(lang)))
        assert (command.exit_code, command.output) == (problem.kind.exit_code, told + "\n")
    fault = client.get("/health").get_json()["fault"]
    assert fault == {"problem": code, "words": public_words(problem, releases)}
    logged = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert str(problem.words("fr")) in logged


def failing(problem: Problem, lang: Language) -> click.Command:
    """Return a command that fails with a problem."""

    @click.command(cls=Command)
    def fail() -> None:
        remember_language(lang)
        raise problem

    return fail

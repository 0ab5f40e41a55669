"""A static mirror of a release: every address as files, what changed alone is written, what is gone removed."""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.settings import Settings
from cper_lod.mirror import paths
from cper_lod.mirror.folder import MARK, SITE, STATE, Folder, said
from cper_lod.mirror.manifest import Manifest
from cper_lod.mirror.paths import CODED, Address, plain, representations
from cper_lod.mirror.render import Maker, Task, outcomes, write_errors
from cper_lod.mirror.rules.write import write as write_rules
from cper_lod.release.history.history import History
from cper_lod.release.release import Release, program_id

LAYOUT: Final = 1
"""The layout of a mirror; another number is another layout."""
_TOGETHER: Final = 16
"""Representations of what is no thing that are one task."""
_ELSEWHERE: Final = ("releases", "sources", "workers", "link_cache", "lang")
"""Settings that no answer depends on."""
_NAMED: Final = 20
"""How many of the addresses that were left out are named."""


class Options(NamedTuple):
    """How a mirror is made: a server that answers what no file can, processes, the most lines of exact rules."""

    live: str = ""
    processes: int = 1
    exact: int = 100_000


class Summary(NamedTuple):
    """What an export came to."""

    files: int
    things: int
    written: int
    removed: int
    left_out: tuple[str, ...]
    refused: int
    unchanged: bool


Tell = Callable[[int, int], None]


def export(root: Path, release: Release, settings: Settings, options: Options, tell: Tell) -> Summary:
    """Write the mirror of a release into the folder `root`; `tell` hears how many things are done, of how many.

    Raises `export-folder`, `export-busy`, `export-write`, `export-process`.
    """
    folder = Folder(root)
    with folder.held():
        ledger = Manifest(root / STATE)
        try:
            key = _key(release, settings, options)
            if ledger.said("whole") and ledger.said("key") == key and _whole(root, ledger):
                return _again(root)
            return _Run(folder, ledger, release, settings, options).export(key, tell)
        finally:
            ledger.close()


def _key(release: Release, settings: Settings, options: Options) -> str:
    """Return what a mirror depends on, in short: the release, the program, the settings, what compresses."""
    chosen = {name: str(value) for name, value in asdict(settings).items() if name not in _ELSEWHERE}
    past = [each.number for each in History(settings.releases).entries()]
    depends = [
        LAYOUT,
        past,
        release.digest,
        release.sealed,
        program_id(),
        chosen,
        options.live,
        options.exact,
        _encoders(),
    ]
    return hashlib.sha256(json.dumps(depends).encode()).hexdigest()


def _encoders() -> str:
    return f"{version('brotli')} {zlib.ZLIB_RUNTIME_VERSION}"


def _whole(root: Path, ledger: Manifest) -> bool:
    """Whether all files of the last run are there, each with its size."""
    for entry in ledger.last():
        path = root / SITE / entry.file
        try:
            if path.lstat().st_size != entry.size or not all(Path(f"{path}{each}").is_file() for each in entry.codings):
                return False
        except OSError:
            return False
    return True


def _again(root: Path) -> Summary:
    told = json.loads((root / MARK).read_bytes())
    return Summary(told["files"], told["things"], 0, 0, tuple(told["left_out"]), told["refused"], unchanged=True)


class _Run:
    """One export into a folder that is held."""

    def __init__(
        self, folder: Folder, ledger: Manifest, release: Release, settings: Settings, options: Options
    ) -> None:
        self._folder, self._ledger, self._release = folder, ledger, release
        self._settings, self._options = settings, options
        afresh = ledger.said("encoders") not in ("", _encoders())
        self._arguments = folder.root, release.folder, dict(release.manifest), settings, afresh
        self._maker = Maker(*self._arguments)
        self._things = 0

    def export(self, key: str, tell: Tell) -> Summary:
        """Write what differs, remove what is left over, then say that it is whole."""
        self._ledger.begin()
        with said(self._folder.root):
            (self._folder.root / MARK).unlink(missing_ok=True)
        done, files, written, refused = 0, 0, 0, list[str]()
        asker, options = self._maker.asker, self._options
        total = sum(1 for _ in asker.within(paths.names(asker.site)))
        tell(0, total)
        tasks = asker.within(self._tasks())
        for outcome in outcomes(tasks, self._maker, options.processes, self._arguments):
            self._ledger.note(outcome.made)
            written += sum(each.written for each in outcome.made)
            files += sum(1 + len(each.codings) for each in outcome.made)
            refused += map(str, outcome.refused)
            done += outcome.thing
            tell(done, total)
        made = write_errors(asker, self._folder, self._release.sealed)
        self._ledger.note(made)
        written += sum(each.written for each in made)
        written += write_rules(self._folder, self._ledger, asker, options.live, options.exact, key)
        removed = self._remove()
        summary = Summary(
            files + len(made), done, written, removed, tuple(refused[:_NAMED]), len(refused), unchanged=False
        )
        self._ledger.end(key=key, encoders=_encoders())
        self._mark(summary)
        return summary

    def _tasks(self) -> Iterator[Task]:
        site = self._maker.asker.site
        fixed = (each for address in self._others() for each in representations(address))
        while wanted := tuple(islice(fixed, _TOGETHER)):
            yield self._intended(Task(wanted))
        for name in paths.names(site):
            own = plain(f"{paths.LINKS}/{name}") and self._ledger.take(name, name)
            found = list(paths.of_thing(site, name, own=own))
            if not own:
                self._ledger.place(found[0].path, found[0].place)
            wanted = tuple(each for address in found for each in representations(address))
            yield self._intended(Task(wanted, name if own else "", thing=True))

    def _others(self) -> Iterator[Address]:
        """Yield the addresses of what is no thing, and keep the place of those whose path does not tell it."""
        site = self._maker.asker.site
        yield from paths.of_site(site)
        for address in paths.of_lists(site):
            if address.query:
                self._ledger.place(f"{address.path}?{address.query}", address.place)
            yield address

    def _intended(self, task: Task) -> Task:
        self._ledger.intend(each.file for each in task.wanted)
        return task

    def _remove(self) -> int:
        gone = [*self._ledger.left_over()]
        return sum(self._folder.remove(f"{SITE}/{file}{ending}") for file in gone for ending in ("", *CODED.values()))

    def _mark(self, summary: Summary) -> None:
        told: dict[str, Any] = {
            "program": program_id(),
            "release": self._release.digest,
            "public_url": self._settings.public_url,
            "layout": LAYOUT,
            **summary._asdict(),
            "written": None,
            "removed": None,
            "unchanged": None,
            "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        text = json.dumps(
            {name: value for name, value in told.items() if value is not None}, ensure_ascii=False, indent=2
        )
        self._folder.put(MARK, text.encode() + b"\n", int(time.time()))

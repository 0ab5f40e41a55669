"""Looking at the sources while they are served: when they change, a process of its own builds and publishes them."""

import logging
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import decimal, system_language, translate
from cper_lod.core.settings import Settings
from cper_lod.release.build.build import sources_fingerprint
from cper_lod.release.history import rejection
from cper_lod.release.history.history import History

log = logging.getLogger("cper_lod")
FOLDERS: Final = ("ontology", "shapes", "data")
RETRY: Final = 60.0
"""Seconds until sources are tried again that were not refused, whose build failed otherwise (killed, disk full)."""
_SHARE: Final = 20
"""How many times as long as a look took it rests at least: many files are looked at less often."""
_LAST_WORDS: Final = 5.0

Snapshot = frozenset[tuple[str, int, int, int]]


def take_snapshot(folder: Path) -> Snapshot:
    """Return what tells, without reading them, that the files of the sources changed: name, size, moment, place.

    Follows symbolic links, into each folder once; what cannot be looked at counts as what it is: not to be seen.
    """
    found, seen = set[tuple[str, int, int, int]](), set[tuple[int, int]]()
    left = [str(folder / name) for name in FOLDERS]
    while left:
        with suppress(OSError), os.scandir(here := left.pop()) as entries:
            place = os.stat(here)  # noqa: PTH116  # as for what follows: 10 000 paths would cost more than the rest
            if (place.st_dev, place.st_ino) in seen:
                continue
            seen.add((place.st_dev, place.st_ino))
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                with suppress(OSError):
                    if entry.is_dir():
                        left.append(entry.path)
                        continue
                    stat = entry.stat()
                    found.add((entry.path, stat.st_size, stat.st_mtime_ns, stat.st_ino))
    return frozenset(found)


class Watcher(threading.Thread):
    """The thread that looks at the sources; it reads them and starts a build when two looks agree that they changed."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="sources", daemon=True)
        self._settings = settings
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._lang = system_language(settings.lang, dict(os.environ))

    def run(self) -> None:
        """Look, rest, look again, until told to stop."""
        done: Snapshot | None = None
        last: Snapshot | None = None
        again, rest = 0.0, float(self._settings.watch)
        while not self._stopping.wait(rest):
            began = time.monotonic()
            now = take_snapshot(self._settings.sources)
            rest = max(self._settings.watch, _SHARE * (time.monotonic() - began))
            if now == done and not (again and began >= again):
                continue
            if now != last:  # whoever writes them may not have ended
                last = now
                continue
            done = now
            again = 0.0 if self._settled() else time.monotonic() + RETRY

    def stop(self) -> None:
        """End the thread, and a build that is under way: what it leaves is swept by the next one."""
        self._stopping.set()
        if process := self._process:
            process.terminate()
        self.join(_LAST_WORDS)

    def _settled(self) -> bool:
        """Publish the sources where they are not what is served or refused; return whether that is settled now."""
        try:
            return self._known() or self._build()
        except Exception:  # no process to be had, or a fault of ours: neither ends this thread
            log.exception("looking at the sources")
            return False

    def _known(self) -> bool:
        """Whether it is decided what becomes of the sources as they are: served, held back by a rollback, refused."""
        refused = rejection.read_rejection(self._settings.releases)
        try:
            current = History(self._settings.releases).current()
            sources = sources_fingerprint(self._settings.sources, releases=self._settings.releases)
        except Problem:  # the build comes to the same, and notes it for /report
            return False
        if refused and refused.sources == sources:
            return refused.lasting
        return bool(current) and sources in (current.sources, current.instead_of) and not refused  # type: ignore[union-attr]

    def _build(self) -> bool:
        """Have a process build and publish; return whether its outcome would be the same again."""
        began = time.monotonic()
        with subprocess.Popen(  # noqa: S603  # our own interpreter and program
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as self._process:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)  # requests come first
            if self._stopping.is_set():
                self._process.terminate()
            said = (self._process.communicate()[1] or "").strip().rpartition("\n")[2]
        code, self._process = self._process.returncode, None
        if self._stopping.is_set():
            return True
        key = "log-published" if code == 0 else "log-refused"
        seconds = decimal(time.monotonic() - began, self._lang)
        level = logging.INFO if code == 0 else logging.WARNING
        refused = rejection.read_rejection(self._settings.releases)
        if code == 1 and refused and (first := refused.first(self._lang)):
            said = translate("log-finding", self._lang, message=said, path=first.path, finding=first.words)
        log.log(level, "%s", translate(key, self._lang, message=said, code=code, seconds=seconds))
        return code == 0 or bool(refused and refused.lasting and code > 0)

    def _command(self) -> list[str]:
        """Return the command line of a build by these settings."""
        flags = []
        for name in ("sources", "releases", "keep_releases", "keep_days"):
            flags += [f"--{name.replace('_', '-')}", str(getattr(self._settings, name))]
        # -P: a folder of our name in the working folder is not ours.
        return [sys.executable, "-P", "-m", "cper_lod", "build", "--changed", "--lang", self._lang, *flags]

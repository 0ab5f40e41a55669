"""Watches the sources while they are served: when they change, a child process builds and publishes them."""

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
from cper_lod.release.history.history import History
from cper_lod.release.history.rejection import read_rejection
from cper_lod.release.history.timeline import rollback_notice
from cper_lod.release.sources.files import source_files

log = logging.getLogger("cper_lod")
RETRY: Final = 60.0
"""Seconds until a build that failed for other reasons than its sources (killed, disk full) is tried again."""
_JOIN_TIMEOUT: Final = 5.0

Snapshot = frozenset[tuple[str, int, int, int]]


def take_snapshot(folder: Path) -> Snapshot:
    """Return name, size, modification time and inode of each source file, without reading it, or why they cannot be listed."""
    try:
        found = [(str(path), path.stat()) for path in source_files(folder)]
    except (Problem, OSError) as error:
        return frozenset({(str(error), 0, 0, 0)})
    return frozenset((name, stat.st_size, stat.st_mtime_ns, stat.st_ino) for name, stat in found)


class Watcher(threading.Thread):
    """The thread that watches the sources. It builds when two consecutive snapshots agree that they changed."""

    interval = 2.0
    """Seconds between two looks."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(name="sources", daemon=True)
        self._settings = settings
        self._stopping = threading.Event()
        self._process: subprocess.Popen[str] | None = None
        self._lang = system_language(settings.lang, dict(os.environ))

    def run(self) -> None:
        """Watch until stopped."""
        done: Snapshot | None = None
        last: Snapshot | None = None
        again = 0.0
        while not self._stopping.wait(self.interval):
            now = take_snapshot(self._settings.sources)
            if now == done and not (again and time.monotonic() >= again):
                continue
            if now != last:  # files may still be being written
                last = now
                continue
            done = now
            again = 0.0 if self._publish_if_new() else time.monotonic() + RETRY

    def stop(self) -> None:
        """Stop the thread and a running build; the next build removes what it leaves."""
        self._stopping.set()
        if process := self._process:
            process.terminate()
        self.join(_JOIN_TIMEOUT)

    def _publish_if_new(self) -> bool:
        """Publish the sources if they are neither served nor rejected; return whether they need no further attempt."""
        try:
            return self._known() or self._build()
        except Exception:  # neither a failed fork nor a bug may end this thread
            log.exception("watching the sources")
            return False

    def _known(self) -> bool:
        """Return whether the fate of the present sources is known: served, rejected, or not published after a rollback."""
        rejection = read_rejection(self._settings.releases)
        try:
            current = History(self._settings.releases).current()
            if current and current.how == "rollback":
                log.warning("%s", rollback_notice(current, self._lang))
                return True
            sources = sources_fingerprint(self._settings.sources)
        except Problem:  # the build fails in the same way, and records it for /report
            return False
        if rejection and rejection.sources == sources:
            return rejection.is_permanent
        return bool(current) and sources == current.sources and not rejection  # type: ignore[union-attr]

    def _build(self) -> bool:
        """Build and publish in a child process; return whether its outcome would be the same again."""
        began = time.monotonic()
        log.info("%s", translate("log-building", self._lang))
        with subprocess.Popen(  # noqa: S603  # our own interpreter and program
            self._command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as self._process:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, 10)  # requests have priority
            if self._stopping.is_set():
                self._process.terminate()
            errors = self._process.communicate()[1]
        code, self._process = self._process.returncode, None
        if self._stopping.is_set():
            return True
        message = errors.strip().rpartition("\n")[2]
        key, seconds = "log-refused" if code else "log-published", decimal(time.monotonic() - began, self._lang)
        level = logging.INFO if code == 0 else logging.WARNING
        rejection = read_rejection(self._settings.releases)
        if code == 1 and rejection and (first := rejection.first_violation(self._lang)):
            message = translate("log-finding", self._lang, message=message, path=first[0], finding=first[1])
        log.log(level, "%s", translate(key, self._lang, message=message, code=code, seconds=seconds))
        return code == 0 or bool(rejection and rejection.is_permanent and code > 0)

    def _command(self) -> list[str]:
        """Return the command line of a build with these settings."""
        flags = []
        for name in ("sources", "releases", "keep_releases", "keep_days"):
            flags += [f"--{name.replace('_', '-')}", str(getattr(self._settings, name))]
        # -P: do not import a package of our name from the working directory.
        return [sys.executable, "-P", "-m", "cper_lod", "build", "--automatic", "--lang", self._lang, *flags]

"""Commands in processes of their own that a fault meets at one step of what they write: derived, not listed.

A step is a call by which a process changes a folder: a file opened for writing, a rename, a removal, a new folder, a
flush to the disk. Python names these calls (`sys.addaudithook`), so a new step of the program is one here as well.
"""

import errno
import multiprocessing
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, cast

# What commands import when they run is imported once, before processes are forked.
import cper_lod.cli.main
import cper_lod.importing.contracts.importer
import cper_lod.importing.subsidies.importer
import cper_lod.push.push
import cper_lod.rdf.shacl.api
import cper_lod.release.history.publish
import cper_lod.web.static_copy

_PLACES: Final = {"open": 0, "os.fsync": 0, "os.rename": 1, "os.remove": 0, "os.rmdir": 0, "os.mkdir": 0, "os.link": 1}
"""The events of calls that change a folder, and which of their arguments is the path."""
_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_NO_SPACE_NEEDED: Final = ("os.remove", "os.rmdir")
_TOGETHER: Final = {".building-": "private", "os.fsync": "flush"}
"""What counts as one step where it follows itself: writing in a folder that only this command knows, flushing."""
Work = Sequence[object] | Callable[[], object]
"""The words of a command, or a function."""


class Ended(NamedTuple):
    """What became of a command: its exit code, and what it printed."""

    code: int | None
    text: str


class Running:
    """A command that runs in a process of its own."""

    def __init__(self, folder: Path, work: Work, **fault: Any) -> None:  # noqa: ANN401
        """Start it with one of the faults of `_Steps`."""
        self._pipe, theirs = _CONTEXT.Pipe()
        words = work if callable(work) else [*map(str, work)]
        self._process = _CONTEXT.Process(target=_run, args=(theirs, folder, words, fault), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int | None:
        """Its process."""
        return self._process.pid

    def until(self, kind: Literal["waits", "said"]) -> str:
        """Return the step at which it waits, or what it prints next; "" if it has ended."""
        while message := self._received():
            if message[0] == kind and message[1]:
                return str(message[1])
        return ""

    def go_on(self) -> None:
        """Let it go on where it waits."""
        self._pipe.send(None)

    def end(self) -> Ended:
        """Wait until it ends."""
        text = ""
        while message := self._received():
            text += message[1] if message[0] == "said" else ""
        self._process.join(120)
        return Ended(self._process.exitcode, text)

    def _received(self) -> tuple[str, Any] | None:
        try:
            return cast(tuple[str, Any], self._pipe.recv())
        except EOFError:
            return None


def run(folder: Path, work: Work, **fault: Any) -> Ended:  # noqa: ANN401
    """Run a command, or a function, to its end, with one of the faults of `_Steps`."""
    return Running(folder, work, **fault).end()


class _Output:
    """Standard output and error, sent to the test as they are written."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def write(self, text: str | bytes) -> None:
        self._pipe.send(("said", text if isinstance(text, str) else text.decode()))

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return False


class _Steps:
    """The steps of a process, and a fault that meets it.

    The folder is copied to a folder below `copies` at each step, as kill -9 leaves it; or the disk is full from the step
    with the number `full_from` on; or it waits at the first step whose name begins with `wait_at`.
    """

    def __init__(
        self, pipe: Connection, folder: Path, copies: Path | None = None, full_from: int = -1, wait_at: str = ""
    ) -> None:
        self._pipe, self._folder = pipe, folder
        self._copies, self._full_from, self._wait_at = copies, full_from, wait_at
        self._last, self._number = "", -1
        self._flush = os.fsync

    def fsync(self, descriptor: int) -> None:
        """Flush, which is no event by itself."""
        self.take("os.fsync", (Path(f"/proc/self/fd/{descriptor}").readlink(),))
        self._flush(descriptor)

    def take(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Note a step of this process, and have the fault meet it."""
        if event not in _PLACES or (path := self._path(event, arguments)) is None:
            return
        named = f"{event} {path.relative_to(self._folder)}"
        name = next((name for part, name in _TOGETHER.items() if part in named.removesuffix(path.name)), named)
        name = _TOGETHER[".building-"] if path.name.startswith(".building-") else name
        is_new, self._last = name != self._last, name
        self._number += is_new
        if self._copies and is_new:
            copy = shutil.copytree(self._folder, self._copies / f"{self._number:03}", symlinks=True)
            if event == "open":  # it is there, and empty, before anything is written
                os.close(os.open(copy / path.relative_to(self._folder), arguments[2], 0o600))
        elif 0 <= self._full_from <= self._number and event not in _NO_SPACE_NEEDED and not path.is_dir():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        elif self._wait_at and name.startswith(self._wait_at):
            self._wait_at = ""
            self._pipe.send(("waits", name))
            self._pipe.recv()

    def _path(self, event: str, arguments: tuple[Any, ...]) -> Path | None:
        """Return the path that a call changes, None if it changes nothing in the folder."""
        path, at = arguments[_PLACES[event]], arguments[-1]
        if isinstance(path, int) or (event == "open" and not arguments[2] & _WRITING):
            return None
        found = Path(os.fsdecode(path))
        if event in ("os.remove", "os.rmdir") and at >= 0:  # relative to an open folder
            found = Path(f"/proc/self/fd/{at}").readlink() / found
        return found if (found := found.absolute()).is_relative_to(self._folder) else None


def _run(pipe: Connection, folder: Path, work: list[str] | Callable[[], object], fault: dict[str, Any]) -> None:
    steps = _Steps(pipe, folder, **fault)
    os.fsync = steps.fsync
    sys.addaudithook(steps.take)
    output = cast(Any, _Output(pipe))
    code: Any = 0
    with redirect_stdout(output), redirect_stderr(output):
        try:
            work() if callable(work) else cper_lod.cli.main.main(work)
        except SystemExit as ended:
            code = ended.code or 0
        except Exception as error:  # of a function
            output.write(str(error))
            code = 1
    pipe.close()
    os._exit(code)


_CONTEXT: Final = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])

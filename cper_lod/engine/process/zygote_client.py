"""Client of the zygote: starts that process, and tells it to fork and reap query processes."""

import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

import pyoxigraph

from cper_lod.engine.worker import zygote
from cper_lod.engine.worker.zygote import COMMAND, RESULT

START_TIMEOUT: Final = 60.0
"""Seconds in which a new zygote must have loaded the data and answered its first command."""
COMMAND_TIMEOUT: Final = 2.0
"""Seconds in which a zygote must answer later: as long as it does not, no query is held to its limits."""


class ZygoteClient:
    """The zygote of one index. It is started at the first fork, and restarted if it has died or does not answer.

    Linux kills it together with the thread that started it, and kills the query processes together with it
    (PR_SET_PDEATHSIG).
    """

    def __init__(self, index: Path, limits: str) -> None:
        self._arguments = (str(index), limits)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._children = set[int]()
        """The children of the current zygote; those of a dead zygote have died with it."""

    def spawn(self, worker_end: socket.socket) -> int:
        """Fork a process that serves `worker_end` and return its process id; raises OSError if that fails."""
        with self._lock:
            pid = self._command(0, worker_end)
            if pid < 0:
                raise OSError(-pid, os.strerror(-pid))
            self._children.add(pid)
            return pid

    def reap(self, pid: int) -> int | None:
        """Kill and reap a process; return its exit code (as `Popen.returncode`), None if it died with the zygote."""
        with self._lock:
            with suppress(OSError):
                if pid in self._children:
                    self._children.remove(pid)
                    return self._command(pid)
            return None

    def close(self) -> None:
        """End the zygote; a second call does nothing."""
        with self._lock:
            self._stop()

    def _command(self, pid: int, worker_end: socket.socket | None = None) -> int:
        """Send a command and return the result; raises OSError if the zygote has died, hangs or cannot be started."""
        channel = self._channel or self._start()
        try:
            if worker_end:
                socket.send_fds(channel, [COMMAND.pack(pid)], [worker_end.fileno()])
            else:
                channel.sendall(COMMAND.pack(pid))
            outcome = channel.recv(RESULT.size)
            if not outcome:
                raise ConnectionResetError("the zygote of the query processes has died")
            channel.settimeout(COMMAND_TIMEOUT)
        except OSError:
            self._stop()
            raise
        return int(RESULT.unpack(outcome)[0])

    def _start(self) -> socket.socket:
        """Start the zygote; it answers commands after it has loaded the shared data."""
        client_end, zygote_end = socket.socketpair()
        script = Path(zygote.__file__).resolve()
        packages = os.pathsep.join(map(str, (Path(pyoxigraph.__file__).parent.parent, script.parents[3])))
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and file
                [sys.executable, "-I", "-S", str(script), str(zygote_end.fileno()), packages, *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(zygote_end.fileno(),),
                env=_environment(),
            )
        except BaseException:
            client_end.close()
            raise
        finally:
            zygote_end.close()
        client_end.settimeout(START_TIMEOUT)
        self._channel = client_end
        return client_end

    def _stop(self) -> None:
        if self._channel and self._process:
            self._channel.close()
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None
        self._children.clear()


def _environment() -> dict[str, str]:
    """Return the environment of query processes: nothing that could contain a secret, and settings that save memory."""
    # The last two: certificates that TLS trusts.
    names = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")
    passed = {name: os.environ[name] for name in names if name in os.environ}
    return {**passed, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "LC_ALL": "C.UTF-8"}

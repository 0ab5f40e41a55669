"""The server's end of the template process: it starts it, and has it fork and reap the query processes."""

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pyoxigraph

from cper_lod.engine.worker import zygote
from cper_lod.engine.worker.zygote import COMMAND, RESULT


class ZygoteClient:
    """The template of one index. It is started when a process is first wanted, and anew where it has died.

    Linux ends it with the thread that started it, and with it all query processes (PR_SET_PDEATHSIG).
    """

    def __init__(self, index: Path, limits: str) -> None:
        self._arguments = (str(index), limits)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._living = set[int]()
        """The forks of the template that runs now; those of one that has died have died with it."""

    def spawn(self, end: socket.socket) -> int:
        """Return the number of a new process that serves `end`; raises OSError where none is to be had."""
        with self._lock:
            pid = self._tell(0, end)
            if pid < 0:
                raise OSError(-pid, os.strerror(-pid))
            self._living.add(pid)
            return pid

    def reap(self, pid: int) -> int:
        """End a process and return how it ended (as Popen.returncode)."""
        with self._lock:
            with suppress(OSError):
                if pid in self._living:
                    self._living.remove(pid)
                    return self._tell(pid)
            return -signal.SIGKILL  # its template has died, and Linux has ended it

    def close(self) -> None:
        """End the template; a second call does nothing."""
        with self._lock:
            self._end()

    def _tell(self, pid: int, end: socket.socket | None = None) -> int:
        """Return what the template says to an order; raises OSError where it has died, or cannot be started."""
        channel = self._channel or self._start()
        try:
            if end:
                socket.send_fds(channel, [COMMAND.pack(pid)], [end.fileno()])
            else:
                channel.sendall(COMMAND.pack(pid))
            outcome = channel.recv(RESULT.size)
            if not outcome:
                raise ConnectionResetError("the process that query processes are forks of has died")
        except OSError:
            self._end()
            raise
        return int(RESULT.unpack(outcome)[0])

    def _start(self) -> socket.socket:
        """Start the template; it answers when it has loaded what it shares."""
        ours, theirs = socket.socketpair()
        own = Path(zygote.__file__).resolve()
        packages = os.pathsep.join(map(str, (Path(pyoxigraph.__file__).parent.parent, own.parents[3])))
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and file
                [sys.executable, "-I", "-S", str(own), str(theirs.fileno()), packages, *self._arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                env=_environment(),
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        self._channel = ours
        return ours

    def _end(self) -> None:
        if self._channel and self._process:
            self._channel.close()
            self._process.kill()
            self._process.wait()
        self._channel = self._process = None
        self._living.clear()


def _environment() -> dict[str, str]:
    """Return what query processes see of the environment: nothing that could carry a secret, less memory set aside."""
    names = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR")  # the last two: whom TLS trusts
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {**kept, "MALLOC_ARENA_MAX": "2", "RUST_BACKTRACE": "0", "LC_ALL": "C.UTF-8"}

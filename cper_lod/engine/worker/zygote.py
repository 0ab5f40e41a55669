"""The zygote: the process from which all query processes are forked, so that they start at once and share memory.

Run as `python -I -S zygote.py <socket fd> <folders of packages> <index folder> <limits as JSON>`. It has one thread and
never opens the index on disk, because the threads of RocksDB do not survive a fork. A store in memory has no threads;
its memory is shared until a fork writes to it, and a query writes to all pages it reads (measured). A child is reaped
only when the server says so: until then its process id is not reused.
"""

from __future__ import annotations

import _thread
import errno
import gc
import json
import os
import resource
import signal
import struct
import sys

if __name__ == "__main__":
    sys.path.extend(sys.argv[2].split(os.pathsep))  # -S: no site-packages

from _socket import CMSG_SPACE, socket

from pyoxigraph import RdfFormat, Store, parse

from cper_lod.engine.worker.sandbox import die_with_parent, forbid_sockets
from cper_lod.engine.worker.worker import Worker, serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

COMMAND = struct.Struct("!I")
"""0, with a socket attached: fork a process that serves it. A process id: kill and reap that process."""
RESULT = struct.Struct("!i")
"""The id of the new process, or a negative errno; or the exit code of the reaped process (as Popen.returncode)."""
STACK_SIZE = 64 * 1024 * 1024
"""Stack of the thread that runs queries; deeply nested groups and long chains crash the process when it is exhausted."""


def load_store(path: str) -> Store:
    """Return an in-memory store with the statements of an N-Quads file, in their order."""
    store = Store()
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib costs 5 ms at start-up
        data = file.read()
    if b"_:" in data:  # bulk_load would rename blank nodes
        store.bulk_extend(parse(data, RdfFormat.N_QUADS))
    else:
        store.bulk_load(data, RdfFormat.N_QUADS)
    return store


def store_opener(index: str, data: str) -> Callable[[], Store]:
    """Return a function that returns the store of a process: the one loaded now from `data`, or its own view of `index`.

    If the data cannot be loaded, the function raises the error in each process, which reports it.
    """
    if not data:
        return lambda: Store.read_only(index)
    try:
        store = load_store(data)
    except Exception as error:
        failure = error

        def fail() -> Store:
            raise failure

        return fail
    return lambda: store


def run_commands(channel: socket, run_child: Callable[[int], None]) -> None:
    """Fork and reap until the server closes the channel; a fork calls `run_child` with its socket and exits after it."""
    while True:
        data, rights, _, _ = channel.recvmsg(COMMAND.size, CMSG_SPACE(4))
        if not data:
            return
        (pid,) = COMMAND.unpack(data)
        if pid:
            os.kill(pid, signal.SIGKILL)
            result = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        elif rights:
            result = fork(channel, int.from_bytes(rights[0][2][:4], sys.byteorder), run_child)
        else:  # this process has no file descriptor left
            result = -errno.EMFILE
        channel.sendall(RESULT.pack(result))


def fork(channel: socket, fd: int, run_child: Callable[[int], None]) -> int:
    """Return the id of a new process that serves `fd`, or a negative errno."""
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        pid = -(error.errno or errno.EAGAIN)
    if pid == 0:
        try:
            channel.close()
            if sys.platform == "linux":
                die_with_parent()
            if os.getppid() == parent:
                run_child(fd)
        finally:
            os._exit(0)
    os.close(fd)
    return pid


def serve_on_large_stack(fd: int, make_worker: Callable[[], Worker]) -> None:
    """Run `serve` in a thread with a large stack, and return when the server has closed the socket."""
    done = _thread.allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            serve(fd, make_worker)
        except (EOFError, OSError):
            return  # the server is gone
        finally:
            done.release()

    _thread.stack_size(STACK_SIZE)
    _thread.start_new_thread(run, ())
    done.acquire()


def worker_factory(index: str, limits: dict[str, Any]) -> Callable[[], Worker]:
    """Return a function that makes the worker of a process: with local data, or one that queries an endpoint.

    A process with local data cannot create sockets; only the others load HTTP and TLS.
    """
    if "endpoint" in limits:
        from cper_lod.engine.worker.remote import RemoteWorker  # noqa: PLC0415

        return lambda: RemoteWorker(limits)
    if sys.platform == "linux":
        forbid_sockets()
    open_store = store_opener(index, limits["data"])
    return lambda: Worker(open_store(), limits)


def main() -> None:
    """Prepare the process, load shared data, and run commands."""
    channel, index, limits = socket(fileno=int(sys.argv[1])), sys.argv[3], json.loads(sys.argv[4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the server, which ends its children
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        die_with_parent()
    make_worker = worker_factory(index, limits)
    gc.collect()
    gc.freeze()  # so that the garbage collector of a fork does not write to every page
    run_commands(channel, lambda fd: serve_on_large_stack(fd, make_worker))


if __name__ == "__main__":
    main()

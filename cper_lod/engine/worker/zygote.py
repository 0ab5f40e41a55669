"""The process of which every query process is a fork: what they share is loaded once, and a new one is there at once.

Run as `python -I -S zygote.py <socket fd> <folders of packages> <index folder> <limits as JSON>`. It has one thread,
and never opens the index on disk: the threads of RocksDB would not outlive a fork. Data in memory have none; the memory
is shared until a fork writes to it; a query does so to all that it goes over (measured: Oxigraph's store in memory is
written to where it is read). Whoever is forked here is reaped here, when the server says so: until then its number is
nobody else's.
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
    sys.path.extend(sys.argv[2].split(os.pathsep))  # -S: no site-packages by itself

from _socket import CMSG_SPACE, socket

from pyoxigraph import RdfFormat, Store, parse

from cper_lod.engine.worker.sandbox import die_with_parent, forbid_sockets
from cper_lod.engine.worker.worker import Worker, serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

COMMAND = struct.Struct("!I")
"""0, and with it a socket: fork a process that serves it. A number: end and reap that process."""
RESULT = struct.Struct("!i")
"""The number of the new process, or what went wrong (errno) as a negative number; how the other one ended (Popen)."""
STACK_SIZE = 64 * 1024 * 1024
"""Stack of the thread that runs queries: nested groups and long chains end the process when it is used up."""


def load_store(path: str) -> Store:
    """Return a store that holds the statements of an N-Quads file, in their order."""
    store = Store()
    with open(path, "rb") as file:  # noqa: PTH123  # pathlib costs 5 ms at start-up
        data = file.read()
    if b"_:" in data:  # to load a file would give its blank nodes other names each time
        store.bulk_extend(parse(data, RdfFormat.N_QUADS))
    else:
        store.bulk_load(data, RdfFormat.N_QUADS)
    return store


def store_opener(index: str, data: str) -> Callable[[], Store]:
    """Return what gives each process its store: the one that is loaded now from `data`, or else one of its own.

    Where the data cannot be loaded each process raises, and says so.
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
    """Fork and reap until the server goes; a fork calls `run_child` with its socket, and never returns from there."""
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
        else:  # no file descriptor left here
            result = -errno.EMFILE
        channel.sendall(RESULT.pack(result))


def fork(channel: socket, fd: int, run_child: Callable[[int], None]) -> int:
    """Return the number of a new process that serves `fd`, or a negative errno."""
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
    """Run `serve` on a thread of its own, begun after the fork, and return when the server is gone."""
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


def local_worker_factory(index: str, limits: dict[str, Any]) -> Callable[[], Worker]:
    """Return what makes the worker of a process whose data are here: it needs no socket, and can make none."""
    if sys.platform == "linux":
        forbid_sockets()
    open_store = store_opener(index, limits["data"])
    return lambda: Worker(open_store(), limits)


def remote_worker_factory(limits: dict[str, Any]) -> Callable[[], Worker]:
    """Return what makes the worker of a process that asks another endpoint; HTTP and TLS are loaded for it alone."""
    from cper_lod.engine.worker.remote import RemoteWorker  # noqa: PLC0415

    return lambda: RemoteWorker(limits)


def main() -> None:
    """Prepare the process, load what is shared, and obey."""
    channel, index, limits = socket(fileno=int(sys.argv[1])), sys.argv[3], json.loads(sys.argv[4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends its children itself
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        die_with_parent()
    make_worker = local_worker_factory(index, limits) if "endpoint" not in limits else remote_worker_factory(limits)
    gc.collect()
    gc.freeze()  # the collector of a fork would write to every page of it
    run_commands(channel, lambda fd: serve_on_large_stack(fd, make_worker))


if __name__ == "__main__":
    main()

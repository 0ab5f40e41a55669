"""The process from which all query processes are forked, so that they start at once and share memory.

Run as `python -I -S fork_server.py <socket fd> <folders of packages> <index folder> <limits as JSON>`. It has one thread
and never opens the index on disk, because the threads of RocksDB do not survive a fork. A store in memory has no threads;
its memory is shared until a fork writes to it, and a query writes to all pages it reads (measured). A child is reaped
only when the server says so: until then its process id is not reused.

`multiprocessing` has a fork server too: one for each interpreter, so that two releases could not each have their own; with
the environment of the server, secrets included; and its children import what the server's main module imports.
"""

from __future__ import annotations

import ctypes
import errno
import gc
import gzip
import json
import os
import resource
import signal
import struct
import sys

if __name__ == "__main__":
    sys.path.extend(sys.argv[2].split(os.pathsep))  # -S: no site-packages

from _socket import CMSG_SPACE, socket
from contextlib import suppress

from pyoxigraph import RdfFormat, Store, parse

from cper_lod.engine.worker.worker import lower_limit, serve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

STACK_SIZE = 64 * 1024 * 1024
"""Stack of a query process, for which Linux leaves room; deeply nested groups and long chains crash it when it is exhausted."""
NICENESS = 5
"""Niceness of query processes; the server itself has 0."""


def die_with_parent() -> None:
    """Make Linux kill this process when the thread that started it ends."""
    ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL


def forbid_sockets() -> None:
    """Forbid this process to create sockets (Linux, seccomp), so that no query reaches the network.

    This is a second barrier; the first is the check of the query text.
    """
    machine = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}.get(os.uname().machine)
    if machine is None:
        return
    load, equal, return_, denied, allowed = 0x20, 0x15, 0x06, 0x00050000 | 13, 0x7FFF0000  # 13: EACCES
    program = b"".join(
        struct.pack("=HBBI", *step)
        for step in (
            (load, 0, 0, 4),  # the architecture
            (equal, 0, 3, machine[0]),
            (load, 0, 0, 0),  # the number of the system call
            (equal, 0, 1, machine[1]),
            (return_, 0, 0, denied),
            (return_, 0, 0, allowed),
        )
    )
    steps = ctypes.create_string_buffer(program)
    filter_ = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(steps)))
    libc = ctypes.CDLL(None)
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    libc.prctl(22, 2, filter_)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def load_store(path: str) -> Store:
    """Return an in-memory store with the statements of a compressed N-Quads file, in their order."""
    store = Store()
    with gzip.open(path) as file:
        data = file.read()
    if b"_:" in data:  # bulk_load would rename blank nodes
        store.bulk_extend(parse(data, RdfFormat.N_QUADS))
    else:
        store.bulk_load(data, RdfFormat.N_QUADS)
    return store


def shared_store(index: str, data: str) -> Store | Exception | None:
    """Return the store that all query processes share, or the error with which it could not be loaded.

    None if each has to open the index; without an index, the store is empty.
    """
    try:
        return load_store(data) if data else None if index else Store()
    except Exception as error:
        return error


def run_commands(channel: socket, run_child: Callable[[socket], None]) -> None:
    """Fork and reap until the server closes the channel; a fork calls `run_child` with its socket and exits after it.

    A command is a process to kill and to reap (the result is its exit code, as `Popen.returncode`), or 0 with a socket:
    fork a process that serves it (the result is its id, or a negative errno).
    """
    while True:
        data, rights, _, _ = channel.recvmsg(64, CMSG_SPACE(4))
        if not data:
            return
        pid = int(data)
        if pid:
            os.kill(pid, signal.SIGKILL)
            result = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        elif rights:
            result = fork(channel, int.from_bytes(rights[0][2][:4], sys.byteorder), run_child)
        else:  # this process has no file descriptor left
            result = -errno.EMFILE
        channel.sendall(b"%d\n" % result)


def fork(channel: socket, fd: int, run_child: Callable[[socket], None]) -> int:
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
                with suppress(EOFError, OSError):  # the server is gone
                    run_child(socket(fileno=fd))
        finally:
            os._exit(0)
    os.close(fd)
    return pid


def main() -> None:
    """Prepare the process, load shared data, and run commands until the server is gone."""
    channel, index, limits = socket(fileno=int(sys.argv[1])), sys.argv[3], json.loads(sys.argv[4])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is handled by the server, which ends its children
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    lower_limit(resource.RLIMIT_STACK, STACK_SIZE, resource.getrlimit(resource.RLIMIT_STACK)[1])
    os.nice(NICENESS)
    if sys.platform == "linux":
        die_with_parent()
        forbid_sockets()
    store = shared_store(index, limits["data"])
    gc.collect()
    gc.freeze()  # so that the garbage collector of a fork does not write to every page
    run_commands(channel, lambda child: serve(child, index, store, limits))


if __name__ == "__main__":
    main()

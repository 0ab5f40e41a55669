"""Restrictions of a query process: memory, CPU time, no sockets, and death with its parent."""

import ctypes
import os
import resource
import struct


def lower_limit(kind: int, wanted: int, hardest: int) -> None:
    """Set a soft limit of this process; `hardest` is the hard limit it has inherited."""
    soft = wanted if hardest == resource.RLIM_INFINITY else min(wanted, hardest)
    resource.setrlimit(kind, (soft, hardest))


def mapped_bytes() -> int:
    """Return the size of the address space of this process; 0 if the system does not provide it."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123  # pathlib costs 5 ms at start-up
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


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

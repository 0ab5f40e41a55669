"""Running a function with little memory and processor time."""

import os
import resource
from collections.abc import Callable
from pathlib import Path

MEMORY = 250 << 20
"""Bytes beyond those of the process of the tests."""


def limited(function: Callable[[], str], seconds: int) -> str:
    """Return what a function returns in a process of its own, or what ended it: `killed`, or an exception."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        found = "not finished"
        try:
            used = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, used + MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # a new process begins with none
            found = function()
        except BaseException as error:  # the child must not return to the tests
            found = repr(error)
        finally:
            os.write(writing, found.encode())
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor
        found = pipe.read()
    status = os.waitpid(child, 0)[1]
    return found if status == 0 else f"killed: {status}"

"""Child processes that end with the process that started them, even when that is killed.

Query processes have `engine.worker.fork_server.die_with_parent` instead, since they import nothing else of cper_lod.
Run as a script, this module replaces itself by another program (`command`); it imports the standard library only.
"""

import ctypes
import os
import signal
import sys


def end_with_parent(parent: int) -> None:
    """Have Linux kill this process when its parent ends; end it now if its parent is no longer the process `parent`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def command(*arguments: str) -> list[str]:
    """Return the command line of a program that ends with this process; `arguments` start with the program's name."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *arguments]


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    try:
        os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.exit(f"{sys.argv[2]}: {error.strerror}")

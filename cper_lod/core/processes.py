"""Child processes that end with the process that started them, even when that is killed.

Query processes have `engine.worker.fork_server.die_with_parent` instead, since they import nothing else of cper_lod.
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

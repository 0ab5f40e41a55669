"""Runs the command line: `cper-lod`, or `python -m cper_lod`."""

import _thread
import gc
import signal
import sys
from typing import Any


def main() -> None:
    """Run the command line; Ctrl+C ends the process by its signal before the command begins and after it ends."""
    # Python looks for garbage after 700 new objects, which takes 7 % of a build; so it takes 3 %, and 6 MB more.
    gc.set_threshold(10_000)
    sys.unraisablehook = _raise_again
    heeded = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # a shell ignores it in the background
    if heeded:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cper_lod.cli.main import main as run  # noqa: PLC0415 - Ctrl+C is set first

    try:
        if heeded:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        run()
    finally:
        if heeded:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _raise_again(unraisable: Any) -> None:  # noqa: ANN401 - sys.UnraisableHookArgs, which has no constructor
    """Raise a Ctrl+C again that came where Python can only print it: in a destructor, or as a module was imported."""
    if unraisable.exc_type is KeyboardInterrupt:
        _thread.interrupt_main()
    else:
        sys.__unraisablehook__(unraisable)


if __name__ == "__main__":
    main()

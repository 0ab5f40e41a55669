"""Runs the command line: `cper-lod`, or `python -m cper_lod`."""

import signal


def main() -> None:
    """Run the command line; Ctrl+C ends the process by its signal before the command begins and after it ends."""
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


if __name__ == "__main__":
    main()

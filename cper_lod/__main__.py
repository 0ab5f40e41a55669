"""Runs the command line: `python -m cper_lod`."""

from cper_lod.cli.main import main

if __name__ == "__main__":
    main()

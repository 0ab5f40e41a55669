"""Runs a benchmark: `python -m benchmarks NAME [FLAGS]`; without a name, lists them."""

import ast
import importlib
import sys
from pathlib import Path

SHARED = {"__init__", "__main__", "client", "harness", "hostile_inputs", "peers", "processes", "servers"}


def names() -> list[str]:
    """Return the names of the benchmarks: the modules of this folder with a function `main`."""
    modules = (path.stem for path in sorted(Path(__file__).parent.glob("*.py")))
    return [name for name in modules if name not in SHARED and not name.startswith("synthetic_")]


def main() -> None:
    """Run one, or list all."""
    if sys.argv[1:2] and sys.argv[1] in names():
        name = sys.argv.pop(1)
        importlib.import_module(f"benchmarks.{name}").main()
        return
    for name in names():
        source = Path(__file__).with_name(f"{name}.py").read_text("utf-8")
        print(f"{name:13} {(ast.get_docstring(ast.parse(source)) or '').partition(chr(10))[0]}")
    if sys.argv[1:] not in ([], ["--help"]):
        sys.exit(f"no such benchmark: {sys.argv[1]}")


if __name__ == "__main__":
    main()

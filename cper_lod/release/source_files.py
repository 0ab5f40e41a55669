"""The RDF files in a folder of sources: which are read, which may stand beside them, and which are a fault."""

import os
from collections.abc import Iterator
from pathlib import Path

from cper_lod.rdf.reading import FORMATS
from cper_lod.terms.problems import Problem

IGNORED = {".md", ".csv"}
"""Endings of files that may stand beside data without being read: words, and expected rows."""


def rdf_files(folder: Path, deep: bool = True) -> list[Path]:
    """Return the RDF files in `folder`, and below it, sorted; what is hidden (`.name`) is left out.

    A file of unknown ending is a fault, not something to pass over, and so is a folder that cannot be read: raises
    `source-format`, `permission`.
    """
    found = sorted(_walk(folder, deep))
    for path in found:
        if path.suffix.lower() not in FORMATS and path.suffix.lower() not in IGNORED:
            raise Problem("source-format", path=path, offers=" ".join(sorted(FORMATS)))
    return [path for path in found if path.suffix.lower() in FORMATS]


def _walk(folder: Path, deep: bool) -> Iterator[Path]:
    """Yield the files in `folder`, through symbolic links too, each folder once."""

    def refuse(error: OSError) -> None:
        raise Problem("permission", path=error.filename, message=error.strerror or error) from error

    seen: set[Path] = set()
    for root, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        here = Path(root)
        folders[:] = [name for name in folders if deep and not name.startswith(".") and here.resolve() not in seen]
        if here.resolve() not in seen:
            yield from (here / name for name in names if not name.startswith(".") and (here / name).is_file())
        seen.add(here.resolve())

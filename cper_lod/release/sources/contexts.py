"""The JSON-LD context of the sources: which file it is, read and found to compile."""

from pathlib import Path

from cper_lod.core.errors import Problem
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.parse_errors import utf8
from cper_lod.rdf.reader import load


def context_files(folder: Path) -> list[Path]:
    """Return the JSON-LD contexts of the sources, the newest last; raises `source-missing`."""
    contexts = sorted((folder / "ontology" / "context").glob("*.jsonld"), key=_version)
    if not contexts:
        raise Problem("source-missing", path=folder / "ontology" / "context" / "1.0.0.jsonld")
    return contexts


def context_file(folder: Path) -> Path:
    """Return the newest JSON-LD context of the sources; raises `source-missing`."""
    return context_files(folder)[-1]


def earlier_contexts(folder: Path) -> dict[str, str]:
    """Return the contexts before the newest by their versions: documents of then name them."""
    return {path.stem: utf8(load(path), path).decode() for path in context_files(folder)[:-1]}


def read_context(folder: Path) -> tuple[bytes, str]:
    """Return the newest JSON-LD context and its version; raises `source-syntax` for one that cannot be compiled."""
    path = context_file(folder)
    data = utf8(load(path), path)
    try:
        Context.parse(data)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        raise Problem("source-syntax", path=path, line=line, column=column, message=error) from error
    return data, path.stem


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in path.stem.split("."))

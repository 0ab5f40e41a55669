"""Incremental validation: the report of the last comparable release, and the lines changed since."""

import hashlib
import json
import sqlite3
import zlib
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad

from cper_lod.core.formats import N_QUADS
from cper_lod.core.namespaces import GRAPH_REPORT, GRAPH_VOID
from cper_lod.rdf.report import Report, as_quads, read_json
from cper_lod.rdf.serialize import write
from cper_lod.release import release as layout
from cper_lod.release.release import file_digest, program_id
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.class_listing import Listing
from cper_lod.release.storage.quad_file import differing, gzip_lines

LARGE: Final = 16 << 20
"""Bytes of published quads from which incremental validation pays off."""
MAX_CHANGED: Final = 100_000
"""With so many changed lines, everything is validated again."""
_GENERATED_GRAPHS: Final = tuple(f" <{graph}> .".encode() for graph in (GRAPH_REPORT, GRAPH_VOID))
"""How lines in the graphs end that a release adds to its sources; no shape applies to them."""


def unpublished_digest(unpublished: tuple[Quad, ...]) -> str:
    """Return the digest of the quads that are validated but not published, for the manifest."""
    return hashlib.sha256("\n".join(sorted(map(str, unpublished))).encode()).hexdigest()


@cache
def validators() -> str:
    """Return the validation libraries with their versions, for the manifest; others may find other things."""
    return ", ".join(f"{name} {version(name)}" for name in ("pyshacl", "rdflib", "pyoxigraph"))


def previous_validation(releases: Path, sources: Sources) -> tuple[Report, list[str]] | None:
    """Return the report of the last comparable release, and the lines added or removed since.

    None if the sources are small, if program, shapes or unpublished quads differ, if a file of the release is
    damaged, or if too much has changed.
    """
    path = sources.published.path
    if path.stat().st_size < LARGE:
        return None
    shapes = hashlib.sha256(write(sources.shapes, N_QUADS)).hexdigest()
    unpublished, comparable = unpublished_digest(sources.unpublished), list[tuple[Path, dict[str, Any]]]()
    for place in sorted(releases.glob(f"[!.]*/{layout.MANIFEST}")):
        with suppress(OSError, ValueError):
            found = json.loads(place.read_bytes())
            if _is_comparable(found, shapes, unpublished):
                comparable.append((place.parent, found))
    last = max(comparable, key=lambda each: int(each[1]["sealed"]), default=None)
    if last is None:
        return None
    folder, manifest = last
    try:
        for name in (layout.DATA, layout.REPORT):
            if file_digest(folder / name) != manifest["files"][name]["sha256"]:
                return None
        lines = differing(gzip_lines(folder / layout.DATA), sources.published.lines())
        changing = (line for line, is_new in lines if is_new or not line.endswith(_GENERATED_GRAPHS))
        changed = list(islice(changing, MAX_CHANGED))
        report = read_json((folder / layout.REPORT).read_bytes())
        # The graphs that a release adds to its sources must contain nothing from the sources.
        void = Listing(folder / layout.SITE).void().count(b"\n")
        if [manifest["graphs"][graph] for graph in (GRAPH_REPORT, GRAPH_VOID)] != [len(as_quads(report)), void]:
            return None
    except (
        OSError,
        EOFError,
        zlib.error,
        sqlite3.Error,
        ValueError,
        KeyError,
        TypeError,
    ):  # damaged, or removed meanwhile
        return None
    return None if len(changed) == MAX_CHANGED else (report, [line.decode() for line in changed])


def _is_comparable(manifest: dict[str, Any], shapes: str, unpublished: str) -> bool:
    """Return whether a release was validated by this program and its libraries, with these shapes and quads."""
    with suppress(KeyError, TypeError):  # damaged
        stated = tuple(manifest[name] for name in ("mode", "program", "validators", "kept_back"))
        same = stated == ("contract", program_id(), validators(), unpublished)
        return same and isinstance(manifest["sealed"], int) and manifest["files"][layout.SHAPES]["sha256"] == shapes
    return False

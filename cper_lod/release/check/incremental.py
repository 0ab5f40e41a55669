"""What was validated before: the report of the last release by the same rules, and which lines came or went since."""

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad

from cper_lod.core.formats import N_QUADS
from cper_lod.core.namespaces import GRAPH_REPORT, GRAPH_VOID
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.report import Report, as_quads, read_json
from cper_lod.rdf.serialize import write
from cper_lod.release import release as sealed
from cper_lod.release.release import file_digest, program_id
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.quad_file import lines_of

LARGE: Final = 16 << 20
"""Bytes of what is published from which on it is worth it."""
_MANY: Final = 100_000
"""So many lines that came or went are too many: everything is validated."""
_OURS: Final = tuple(f" <{graph}> .".encode() for graph in (GRAPH_REPORT, GRAPH_VOID))
"""How the lines end that a release adds to its sources, which no rule is about."""


def unpublished_digest(kept_back: tuple[Quad, ...]) -> str:
    """Return the digest of what is validated and not published, for the manifest."""
    return hashlib.sha256("\n".join(sorted(map(str, kept_back))).encode()).hexdigest()


def validators() -> str:
    """Return what validates, with its versions, for the manifest: another one may find other things."""
    return ", ".join(f"{name} {version(name)}" for name in ("pyshacl", "rdflib", "pyoxigraph"))


def previous_validation(releases: Path, sources: Sources) -> tuple[Report, list[str]] | None:
    """Return the report of the release sealed last with these rules, and the lines that came or went since.

    None where the sources are small, the program, the shapes or what is not published are others, where a file of
    the release is not what its manifest says, or where too much has changed.
    """
    path = sources.published.path
    if path.stat().st_size < LARGE:
        return None
    shapes = hashlib.sha256(write(sources.shapes, N_QUADS)).hexdigest()
    fitting = (found for found in _sealed(releases) if _fits(found[1], shapes, unpublished_digest(sources.unpublished)))
    last = max(fitting, key=lambda found: int(found[1]["sealed"]), default=None)
    if last is None:
        return None
    folder, manifest = last
    try:
        for name in (sealed.DATA, sealed.REPORT):
            if file_digest(folder / name) != manifest["files"][name]["sha256"]:
                return None
        with SortedLines(folder / sealed.DATA) as before, SortedLines(path) as after:
            differing = (line for line, came in before.differing(after) if came or not line.endswith(_OURS))
            changed = list(islice(differing, _MANY))
        report = read_json((folder / sealed.REPORT).read_bytes())
        if not _only_ours(folder, manifest["graphs"], report):
            return None
    except (OSError, ValueError, KeyError, TypeError):  # damaged, or taken away meanwhile
        return None
    return None if len(changed) == _MANY else (report, [line.decode() for line in changed])


def _only_ours(folder: Path, counts: dict[str, int], report: Report) -> bool:
    """Return whether a release has nothing of its sources in the graphs that it adds to them."""
    void = sum(1 for _ in lines_of(folder / sealed.COUNTS))
    return (counts[GRAPH_REPORT], counts[GRAPH_VOID]) == (len(as_quads(report)), void)


def _sealed(releases: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the folders of releases, with their manifests as far as they can be read."""
    for path in sorted(releases.glob(f"[!.]*/{sealed.MANIFEST}")):
        try:
            manifest = json.loads(path.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(manifest, dict):
            yield path.parent, manifest


def _fits(manifest: dict[str, Any], shapes: str, kept_back: str) -> bool:
    """Return whether a release was validated by this very program and its libraries, with these shapes and quads."""
    told = tuple(map(manifest.get, ("mode", "program", "validators", "kept_back")))
    same = told == ("contract", program_id(), validators(), kept_back)
    files = manifest.get("files")
    if not (same and isinstance(files, dict) and isinstance(manifest.get("sealed"), int)):
        return False
    entry = files.get(sealed.SHAPES)
    return isinstance(entry, dict) and entry.get("sha256") == shapes

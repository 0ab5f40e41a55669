"""A release of any size, made without `build`: the real one, extended with synthetic data."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Final, cast

from pyoxigraph import RdfFormat, parse, serialize

from benchmarks.harness import ROOT
from benchmarks.synthetic_triples import EX, lines
from cper_lod.core.namespaces import BASE
from cper_lod.release import release
from cper_lod.release.build import index_search, indexes
from cper_lod.release.build.build import sources_fingerprint
from cper_lod.release.release import Release, file_digest, open_release, program_id, release_digest
from cper_lod.release.storage.dumps import write_gzip
from cper_lod.release.storage.quad_file import lines_of

THINGS: Final = f"{BASE}id/"
"""Where the made-up things get their IRIs, so that they have an address as those of the project have."""
_MEMORY: Final = "200M"


def grow(base: Release, folder: Path, triples: int) -> Release:
    """Copy the release `base` beside `folder`, with made-up subsidies so that it has `triples` quads; return it opened.

    As `grow_by`, not to be searched.
    """
    made = triples - sum(1 for _ in base.lines())
    return grow_by(base, folder, lambda: _subsidies(made), searched=False)


def grow_by(base: Release, folder: Path, made: Callable[[], Iterable[bytes]], *, searched: bool) -> Release:
    """Copy the release `base` beside `folder`, with the lines that `made` yields; return it opened.

    Where it is at last is called as a server looks for it: by its digest and the program.

    What documents, pages and lists are read from is made here as `build` makes it: the quads, the index, the lists, the
    manifest with its digests; where it is to be `searched`, the search too. The rest stays that of `base`: the report,
    the dumps. Raises OSError, sqlite3.Error, subprocess.CalledProcessError.
    """
    shutil.copytree(base.folder, folder, ignore=shutil.ignore_patterns(release.INDEX, release.SITE))
    own, data = folder / "own.nq", folder / "data.nq"
    own.write_bytes(b"".join(line + b"\n" for line in base.lines()))
    _sorted(made(), own, data)
    indexes.load_store(data, folder / release.INDEX)
    indexes.complete_store(b"", folder / release.INDEX)
    indexes.write_lists(data, folder / release.SITE, base.listing.void())
    if searched:
        index_search.write_search_index(data, folder / release.SITE, every_graph=False)
    _describe(base, folder, data)
    own.unlink()
    data.unlink()
    manifest = json.loads((folder / release.MANIFEST).read_bytes())
    name = f"{manifest['digest'][:16]}-{manifest['program'].rpartition('+')[2]}"
    return open_release(folder.rename(folder.with_name(name)))


def of_sources(base: Release, folder: Path, sources: Path) -> Release:
    """Return `base` grown by what `benchmarks.generator` wrote to the folder `sources`, whole.

    But for its catalogue: the dumps that it would name are not there. Raises as `grow_by`.
    """
    names = (path.relative_to(sources) for path in sorted((sources / "data").rglob("*")) if path.is_file())
    fresh = [name for name in names if not (ROOT / name).exists() and name.parts[1] != "catalog"]

    def lines() -> Iterator[bytes]:
        for name in fresh:
            if name.suffix == ".nt":
                with (sources / name).open("rb") as file:
                    yield from file
            else:
                yield from cast("bytes", serialize(parse(path=sources / name), format=RdfFormat.N_TRIPLES)).splitlines(
                    True
                )

    return adopt(grow_by(base, folder, lines, searched=True), sources)


def adopt(grown: Release, sources: Path) -> Release:
    """Have a release pass for one that this very program made of `sources`, so that a server of these serves it."""
    manifest = {**grown.manifest, "program": program_id(), "sources": sources_fingerprint(sources)}
    (grown.folder / release.MANIFEST).write_text(json.dumps(manifest))
    name = f"{grown.id}-{program_id().rpartition('+')[2]}"
    return open_release(grown.folder.rename(grown.folder.with_name(name)))


def _subsidies(triples: int) -> Iterator[bytes]:
    for line in lines(triples):
        yield line.replace(f"<{EX}", f"<{THINGS}").encode()


def _sorted(made: Iterable[bytes], own: Path, to: Path) -> None:
    """Write the lines of `own` and those that are made to the file `to`, sorted as bytes, in little memory."""
    command = ["sort", "-u", "-S", _MEMORY, "-T", str(to.parent), "-o", str(to), str(own), "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | {"LC_ALL": "C"})
    with process, cast("IO[bytes]", process.stdin) as pipe:
        pipe.writelines(made)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _describe(base: Release, folder: Path, data: Path) -> None:
    """Compress the quads in `data`, and write the manifest of what has been made."""
    manifest = dict(base.manifest)
    files = manifest["files"] = dict(manifest["files"])
    count = sum(1 for _ in lines_of(data))
    digest, size = write_gzip(lines_of(data), folder / release.DATA, count)
    for name in (release.DATA, release.SITE):
        path = folder / name
        files[name] = {**files[name], "sha256": file_digest(path), "bytes": path.stat().st_size}
    manifest["digest"] = release_digest({name: str(files[name]["sha256"]) for name in release.DIGESTED_FILES}, digest)
    manifest["quads"] = {"sha256": digest, "bytes": size}
    manifest["index"] = release.index_sizes(folder / release.INDEX)
    manifest["triples"] = count - sum(manifest["graphs"].values())
    (folder / release.MANIFEST).write_text(json.dumps(manifest))

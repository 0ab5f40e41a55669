"""A release of any size, made without `build`: the real one, extended with synthetic data."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Final, cast

from pyoxigraph import RdfFormat, Store, parse, serialize

from benchmarks.harness import ROOT
from benchmarks.synthetic_triples import EX, lines
from cper_lod.core.namespaces import BASE
from cper_lod.release import release
from cper_lod.release.build import index_search, indexes
from cper_lod.release.build.build import sources_fingerprint
from cper_lod.release.release import Release, file_digest, open_release, program_id, release_digest

THINGS: Final = f"{BASE}id/"
"""Where the made-up things get their IRIs, so that they have an address as those of the project have."""
_MEMORY: Final = "200M"


def grow(base: Release, folder: Path, triples: int) -> Release:
    """Copy the release `base` beside `folder`, with made-up subsidies so that it has `triples` quads; return it opened.

    As `grow_by`, not to be queried or searched.
    """
    with (base.folder / release.DATA).open("rb") as own:
        made = triples - sum(1 for _ in own)
    return grow_by(base, folder, lambda: _subsidies(made), queried=False)


def grow_by(base: Release, folder: Path, made: Callable[[], Iterable[bytes]], *, queried: bool) -> Release:
    """Copy the release `base` beside `folder`, with the lines that `made` yields; return it opened.

    Where it is at last is called as a server looks for it: by its digest and the program.

    What documents, pages and lists are read from is made here as `build` makes it: quads and mentions sorted as bytes,
    lists by `listing_index.write`, the manifest with its digests; where it is to be `queried`, the index of queries and
    that of the search too. The rest stays that of `base`: the report, the counts, the dumps.
    Raises OSError, subprocess.CalledProcessError.
    """
    shutil.copytree(base.folder, folder)
    _sorted(made(), base.folder / release.DATA, folder / release.DATA)
    mentions = chain.from_iterable(map(_mentions, made()))
    _sorted(mentions, base.folder / release.MENTIONS, folder / release.MENTIONS)
    indexes.write_class_listing(folder / release.DATA, folder / release.MEMBERS, folder / release.LISTING)
    if queried:
        shutil.rmtree(folder / release.INDEX)
        store = Store(folder / release.INDEX)
        store.bulk_load(path=folder / release.DATA, format=RdfFormat.N_QUADS)
        store.optimize()
        store.flush()
        del store
        (folder / release.SEARCH).unlink()
        index_search.write_search_index(folder / release.DATA, folder / release.SEARCH, every_graph=False)
    _describe(base, folder)
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

    return adopt(grow_by(base, folder, lines, queried=True), sources)


def adopt(grown: Release, sources: Path) -> Release:
    """Have a release pass for one that this very program made of `sources`, so that a server of these serves it."""
    manifest = {**grown.manifest, "program": program_id(), "sources": sources_fingerprint(sources)}
    (grown.folder / release.MANIFEST).write_text(json.dumps(manifest))
    name = f"{grown.id}-{program_id().rpartition('+')[2]}"
    return open_release(grown.folder.rename(grown.folder.with_name(name)))


def _subsidies(triples: int) -> Iterator[bytes]:
    for line in lines(triples):
        yield line.replace(f"<{EX}", f"<{THINGS}").encode()


def _mentions(line: bytes) -> Iterator[bytes]:
    """Yield how a line is found by what it mentions, as `build` writes it."""
    _, predicate, rest = line.split(b" ", 2)
    for node in {predicate, rest[:-3]}:
        if node.startswith(b"<"):
            yield node + b"\t" + line


def _sorted(made: Iterable[bytes], own: Path, to: Path) -> None:
    """Write the lines of `own` and those that are made to the file `to`, sorted as bytes, in little memory."""
    command = ["sort", "-u", "-S", _MEMORY, "-T", str(to.parent), "-o", str(to), str(own), "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, env=os.environ | {"LC_ALL": "C"})
    with process, cast("IO[bytes]", process.stdin) as pipe:
        pipe.writelines(made)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def _describe(base: Release, folder: Path) -> None:
    """Write the manifest of what has been made."""
    manifest = dict(base.manifest)
    files = manifest["files"] = dict(manifest["files"])
    for name in (release.DATA, release.MENTIONS, release.MEMBERS, release.LISTING, release.SEARCH):
        path = folder / name
        files[name] = {"sha256": file_digest(path), "bytes": path.stat().st_size}
    manifest["digest"] = release_digest({name: str(files[name]["sha256"]) for name in release.DIGESTED_FILES})
    manifest["index"] = release.index_sizes(folder / release.INDEX)
    with (folder / release.DATA).open("rb") as data:
        manifest["triples"] = sum(1 for _ in data) - sum(manifest["graphs"].values())
    (folder / release.MANIFEST).write_text(json.dumps(manifest))

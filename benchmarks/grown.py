"""A sealed release of any size, made without `build`: the project's own, grown by made-up subsidies."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Final, cast

from benchmarks.data import EX, lines
from cper_lod.release import listing_index, release
from cper_lod.release.release import Release, file_digest, open_release, seal
from cper_lod.terms.namespaces import BASE

THINGS: Final = f"{BASE}id/"
"""Where the made-up things get their IRIs, so that they have an address as those of the project have."""
_MEMORY: Final = "200M"


def grow(base: Release, folder: Path, triples: int) -> Release:
    """Copy the release `base` beside `folder`, with made-up subsidies so that it has `triples` quads; return it opened.

    Where it is at last is called as a server looks for it: by its digest and the program.

    `build` holds all quads in memory and cannot make millions. What documents, pages and lists are read from is made
    here as `build` makes it: quads and mentions sorted as bytes, lists by `listing_index.write`, the manifest with its
    digests. What they are not read from stays that of `base`: the index of queries, that of the search, the dumps.
    Raises OSError, subprocess.CalledProcessError.
    """
    shutil.copytree(base.folder, folder)
    with (base.folder / release.DATA).open("rb") as own:
        made = triples - sum(1 for _ in own)
    _sorted(_subsidies(made), base.folder / release.DATA, folder / release.DATA)
    mentions = chain.from_iterable(map(_mentions, _subsidies(made)))
    _sorted(mentions, base.folder / release.MENTIONS, folder / release.MENTIONS)
    listing_index.write(folder / release.DATA, folder / release.MEMBERS, folder / release.LISTING)
    _describe(base, folder, made)
    manifest = json.loads((folder / release.MANIFEST).read_bytes())
    name = f"{manifest['digest'][:16]}-{manifest['program'].rpartition('+')[2]}"
    return open_release(folder.rename(folder.with_name(name)))


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


def _describe(base: Release, folder: Path, made: int) -> None:
    """Write the manifest of what has been made."""
    manifest = dict(base.manifest)
    files = manifest["files"] = dict(manifest["files"])
    for name in (release.DATA, release.MENTIONS, release.MEMBERS, release.LISTING):
        path = folder / name
        files[name] = {"sha256": file_digest(path), "bytes": path.stat().st_size}
    manifest["digest"] = seal({name: str(files[name]["sha256"]) for name in release.SEALED})
    manifest["triples"] += made
    (folder / release.MANIFEST).write_text(json.dumps(manifest))

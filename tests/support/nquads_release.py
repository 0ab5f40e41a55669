"""Releases of generated lines, made in a moment: all that pages and lists are read from."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from flask.testing import FlaskClient

from cper_lod.core.config import load
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.release.build import index_search, indexes
from cper_lod.release.build.build import build
from cper_lod.release.release import CONTEXT, INDEX, SHAPES, SITE, Release, being_built
from cper_lod.release.sources.files import context_file
from cper_lod.release.tables.class_table import write_class_tables
from cper_lod.web.app import create_app
from tests.support.paths import ROOT

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
LABEL = "<http://www.w3.org/2000/01/rdf-schema#label>"


def release_of_quads(
    folder: Path, lines: list[str], *, searchable: bool = False, contracts: Mapping[str, Sequence[Path]] | None = None
) -> Release:
    """Return a release of N-Quads (without their final dots) that has no shapes; the search index takes longest to write.

    `contracts` are those whose things have tables of their own (`write_class_tables`).
    """
    text = b"".join(sorted(f"{line} .\n".encode() for line in set(lines)))
    data = folder / "data.nq"
    data.write_bytes(text)
    indexes.load_store(data, folder / INDEX)
    indexes.write_lists(data, folder / SITE)
    if searchable:
        index_search.write_search_index(data, folder / SITE, PROGRAM, every_graph=True)
    (folder / SHAPES).touch()
    (folder / CONTEXT).write_bytes(context_file(ROOT).read_bytes())
    with being_built(folder, "data", PROGRAM) as release:
        write_class_tables(release, contracts or {})
    manifest = {
        "digest": "0" * 64,
        "address": PROGRAM.address,
        "context": "2.0.0",
        "files": {path.name: {"bytes": path.stat().st_size} for path in folder.iterdir() if path.is_file()},
        "graphs": {},
        "triples": len(lines),
        "sealed": 0,
    }
    return Release(folder, manifest)


def given_release(releases: Path, *paths: Path) -> Release:
    """Return a release of files served as given."""
    return build(releases, ROOT, data=paths)


def client_without_engine(release: Release, **flags: object) -> FlaskClient:
    """Return a client of the application that serves a release, without an engine: a process that nobody asks."""
    settings: Settings = load({"public_url": "http://127.0.0.1:8000", **flags}, {}).settings
    return create_app(release, None, settings).test_client()  # type: ignore[arg-type]

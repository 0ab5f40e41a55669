"""The versions of the ontology: those before the present one, kept as files and sealed, and the document of each."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import ONTOLOGY, OWL
from cper_lod.rdf.reader import read
from cper_lod.rdf.statements import natural
from cper_lod.release.documents import Document, document
from cper_lod.release.release import VERSIONS, Release
from cper_lod.release.sources.files import rdf_files

FOLDER: Final = Path("ontology", "versions")
"""Where sources keep a file for each version that was published before the present one: `1.0.0.ttl`."""
START: Final = ONTOLOGY + "/"
"""How the IRI of every version begins (owl:versionIRI); its number follows."""
NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}")
"""The number of a version: major, minor and patch, as Semantic Versioning counts them."""
_VERSION_IRI: Final = f"<{ONTOLOGY}> <{OWL}versionIRI> <{START}"


def version_files(folder: Path) -> list[Path]:
    """Return the files of the versions that sources keep, none where they keep none; raises `source-format`."""
    return rdf_files(folder / FOLDER, deep=False) if (folder / FOLDER).is_dir() else []


def read_versions(folder: Path) -> tuple[Quad, ...]:
    """Return what the files of versions say, each in a graph that its name makes; raises the problems of reading."""
    found = []
    for place, path in enumerate(version_files(folder)):
        graph = NamedNode(START + quote(path.stem, safe=""))
        found += [Quad(each.subject, each.predicate, each.object, graph) for each in read(path, scope=f"v{place}")]
    return tuple(dict.fromkeys(found))


def by_number(quads: Iterable[Quad]) -> dict[str, list[Quad]]:
    """Return the quads of each version without their graph, the newest version first."""
    found: dict[str, list[Quad]] = {}
    for each in quads:
        if isinstance(each.graph_name, NamedNode):
            number = each.graph_name.value.removeprefix(START)
            found.setdefault(number, []).append(Quad(each.subject, each.predicate, each.object))
    return {number: found[number] for number in sorted(found, key=natural, reverse=True)}


def kept(release: Release) -> Mapping[str, list[Quad]]:
    """Return the versions before the present one that a release carries, the newest first."""
    return by_number(parse(path=release.folder / VERSIONS, format=RdfFormat.N_QUADS))


def current(release: Release) -> str:
    """Return the number of the present version, empty where the ontology says none."""
    for line in release.data.beginning(_VERSION_IRI.encode()):
        number = line[len(_VERSION_IRI) :].partition(b">")[0].decode()
        if NUMBER.fullmatch(number):
            return number
    return ""


def version_document(release: Release, number: str) -> Document:
    """Return the document of one version; raises `version-unknown` for one that the release does not carry.

    The present one is the document about the ontology.
    """
    now, before = current(release), kept(release)
    if number == now:
        return document(release, ONTOLOGY)
    if number not in before:
        raise Problem("version-unknown", version=number[:40], offers=", ".join(filter(None, (now, *before))) or "–")
    return Document(ONTOLOGY, True, lambda: before[number])

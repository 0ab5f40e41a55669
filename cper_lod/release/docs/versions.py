"""The versions of the ontology: those before the present one, kept as files and sealed, and the document of each."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import ONTOLOGY, ONTOLOGY_VERSION, OWL
from cper_lod.rdf.statements import natural
from cper_lod.release.documents import Document, document
from cper_lod.release.release import VERSIONS, Release

NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}")
"""The number of a version: major, minor and patch, as Semantic Versioning counts them."""
_VERSION_IRI: Final = f"<{ONTOLOGY}> <{OWL}versionIRI> <{ONTOLOGY_VERSION}"


def by_number(quads: Iterable[Quad]) -> dict[str, list[Quad]]:
    """Return the quads of each version without their graph, the newest version first."""
    found: dict[str, list[Quad]] = {}
    for each in quads:
        if isinstance(each.graph_name, NamedNode):
            number = each.graph_name.value.removeprefix(ONTOLOGY_VERSION)
            found.setdefault(number, []).append(Quad(each.subject, each.predicate, each.object))
    return {number: found[number] for number in sorted(found, key=natural, reverse=True)}


def earlier_versions(release: Release) -> Mapping[str, list[Quad]]:
    """Return the versions before the present one that a release carries, the newest first."""
    return by_number(parse(path=release.folder / VERSIONS, format=RdfFormat.N_QUADS))


def current_version(release: Release) -> str:
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
    now, before = current_version(release), earlier_versions(release)
    if number == now:
        return document(release, ONTOLOGY)
    if number not in before:
        raise Problem("version-unknown", version=number[:40], offers=", ".join(filter(None, (now, *before))) or "–")
    return Document(ONTOLOGY, True, lambda: before[number])

"""The ontology versions that a release carries: the current one and earlier ones."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import ONTOLOGY, ONTOLOGY_VERSION, OWL
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.documents import Document, document, types
from cper_lod.release.release import VERSIONS, Release

NUMBER: Final = re.compile(r"(?:0|[1-9][0-9]{0,5})(?:\.(?:0|[1-9][0-9]{0,5})){2}")
"""A version number: major, minor and patch (Semantic Versioning)."""


def by_number(quads: Iterable[Quad]) -> dict[str, list[Quad]]:
    """Return the quads of each version without graph, the newest version first."""
    found: dict[str, list[Quad]] = {}
    for each in quads:
        if isinstance(each.graph_name, NamedNode):
            number = each.graph_name.value.removeprefix(ONTOLOGY_VERSION)
            found.setdefault(number, []).append(Quad(each.subject, each.predicate, each.object))
    return {number: found[number] for number in sorted(found, key=natural_sort_key, reverse=True)}


def number_of(iri: str) -> str:
    """Return the number in the IRI of a version, "" for any other IRI."""
    number = iri.removeprefix(ONTOLOGY_VERSION)
    return number if NUMBER.fullmatch(number) else ""


def earlier_versions(release: Release) -> Mapping[str, list[Quad]]:
    """Return the earlier versions in a release, the newest first."""
    return by_number(parse(path=release.folder / VERSIONS, format=RdfFormat.N_QUADS))


def current_version(release: Release) -> str:
    """Return the number of the current version, empty if the ontology has none."""
    for quad in release.triples.values(NamedNode(ONTOLOGY), OWL + "versionIRI"):
        number = quad.object.value.removeprefix(ONTOLOGY_VERSION) if isinstance(quad.object, NamedNode) else ""
        if NUMBER.fullmatch(number):
            return number
    return ""


def version_document(release: Release, number: str) -> Document:
    """Return the document of one version; raises `version-unknown`.

    For the current version, it is the document about the ontology.
    """
    current, earlier = current_version(release), earlier_versions(release)
    if number == current:
        return document(release, ONTOLOGY)
    if number not in earlier:
        raise Problem("version-unknown", version=number[:40], offers=[each for each in (current, *earlier) if each])
    return Document(ONTOLOGY, True, lambda: earlier[number], types(release, ONTOLOGY))

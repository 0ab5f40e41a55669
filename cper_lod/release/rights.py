"""Under which licence a release is published, and by whom: what its catalogue says."""

from typing import NamedTuple

from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.release.release import Release
from cper_lod.terms.namespaces import BASE, DCT


class Rights(NamedTuple):
    """The IRIs of the licence and of the publisher, empty where the catalogue names none."""

    licence: str = ""
    publisher: str = ""


def rights(release: Release) -> Rights:
    """Return what the catalogue of the release says of its licence and its publisher.

    Files served as given are another's: nothing is said of them.
    """
    if release.mode != "contract":
        return Rights()
    lines = b"\n".join(release.data.beginning(f"<{BASE}catalogue> <{DCT}".encode()))
    said = {
        quad.predicate.value: quad.object.value
        for quad in parse(lines, RdfFormat.N_QUADS)
        if isinstance(quad.object, NamedNode)
    }
    return Rights(said.get(DCT + "license", ""), said.get(DCT + "publisher", ""))

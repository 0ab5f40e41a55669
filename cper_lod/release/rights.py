"""Under which licence a release is published, and by whom: what its catalogue says."""

from typing import NamedTuple

from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.core.namespaces import BASE, DCT
from cper_lod.release.release import Release


class Rights(NamedTuple):
    """The IRIs of the licence and of the publisher, and the day of the last change; empty where none is told."""

    licence: str = ""
    publisher: str = ""
    modified: str = ""


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
        if isinstance(quad.object, NamedNode) == (quad.predicate.value != DCT + "modified")
    }
    return Rights(*(said.get(DCT + name, "") for name in ("license", "publisher", "modified")))

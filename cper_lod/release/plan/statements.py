"""The statements taken from a document, in the order of its text."""

from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, PROV, SCHEMA
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release, once_per_release

MAX_MENTIONS: Final = 2000
"""Mentions of a document among which its statements are looked for; with more, their order is not known."""
_DERIVED: Final = f" <{PROV}wasDerivedFrom> ".encode()


class PlacedStatement(NamedTuple):
    """A statement, and the number of characters of the text before it; -1 if that is unknown."""

    position: int
    iri: str


@once_per_release(16)
def statements_of(release: Release, document: str) -> tuple[PlacedStatement, ...]:
    """Return the statements that are derived from a document, in the order of its text; those without a place last."""
    graph, found = ReleaseGraph(release), []
    key = f"<{document}>\t".encode()
    for number, line in enumerate(release.mentions.beginning(key)):
        if number == MAX_MENTIONS:
            return ()
        subject = line[len(key) : line.index(b" ", len(key))]
        if line.startswith(_DERIVED, len(key) + len(subject)) and subject.startswith(b"<"):
            iri = subject[1:-1].decode()
            node = NamedNode(iri)
            if graph.one(node, CPER + "citation") is not None:
                text = graph.value(node, SCHEMA + "position")
                placed = text.isascii() and text.isdigit() and len(text) < 10
                found.append(PlacedStatement(int(text) if placed else -1, iri))
    return tuple(sorted(found, key=lambda each: (each.position < 0, each)))

"""Which documents do not have a word that is searched for: those with a copy, read to the end."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.text import SearchWords, words

MAX_DOCUMENTS: Final = 20
"""Documents that are looked at."""


@dataclass(frozen=True)
class Unsaid:
    """The documents that have all the words, those that lack one although they were read whole, and those only quoted."""

    having: list[Hyperlink]
    lacking: list[Hyperlink]
    quoted: list[Hyperlink]


def unsaid(release: Release, observations: ObservationReader, query: SearchWords) -> Unsaid:
    """Return which documents have the words of a query, whatever their synonyms."""
    found = Unsaid([], [], [])
    for node in map(NamedNode, observations.reader.instances(CPER + "Document", MAX_DOCUMENTS)):
        link, said = observations.link(node), _words(release, node.value.rpartition("/")[2])
        if link:
            (found.quoted if said is None else found.having if said.issuperset(query.words) else found.lacking).append(
                link
            )
    return found


@once_per_release(MAX_DOCUMENTS)
def _words(release: Release, document: str) -> frozenset[str] | None:
    """Return the words of the text of a document, None if there is no copy of it."""
    text = release.text(document)
    return None if text is None else frozenset(words(text.decode()))

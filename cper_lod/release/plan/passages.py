"""What a document says of a contract: its text with the passages that are quoted, and what they support."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import CPER, OA, PROV, SKOS
from cper_lod.core.quoted_text import Place
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import MAX_ITEMS
from cper_lod.release.plan.marked_text import MarkedText, fragment, marked_text
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader, Quote
from cper_lod.release.release import Release, document_name, once_per_release

MAX_STATEMENTS: Final = 300
"""Statements of a document that are shown; further ones are only in the data."""
MAX_SHOWN: Final = 150_000
"""Characters of the longest text that is shown whole, the length of a contract."""
MAX_MENTIONS: Final = 2000
"""Mentions of a document among which its statements are looked for; with more, their order is not known."""
MAX_COMPUTED: Final = 4
"""Figures computed from one that stand beside it; all of them are on its page."""
_DERIVED: Final = (CPER + "ValeurDerivee",)


class SupportedFact(NamedTuple):
    """A thing that words are about, as a figure if it is one, with the figures computed from it."""

    about: Hyperlink
    figure: Observation | None
    computed: tuple[Observation, ...]


class Passage(NamedTuple):
    """A passage of a document, with the facts that its words or a part of them support, and notes about these words."""

    quote: Quote
    facts: tuple[SupportedFact, ...]
    notes: tuple[str, ...]

    @property
    def is_missing(self) -> bool:
        """Whether a figure that the words are about is not published."""
        return any(each.figure and not each.figure.said for each in self.facts)


def _passage(observations: ObservationReader, iris: Iterable[str], place: Place | None = None) -> Passage | None:
    """Return the passage that some statements quote, at a place of the text, with what they are about; None if they quote nothing."""
    graph, nodes = observations.reader, [*map(NamedNode, iris)]
    quote = next((quote for node in nodes if (quote := observations.quote(node))), None)
    if quote is None:
        return None
    things = dict.fromkeys(thing for node in nodes for thing in graph.supported(node))
    notes = dict.fromkeys(graph.text(node, SKOS + "note", observations.lang)[0] for node in nodes)
    return Passage(
        quote._replace(fragment=fragment(place)) if place else quote,
        tuple(_fact(observations, each) for each in things),
        tuple(filter(None, notes)),
    )


def _fact(observations: ObservationReader, thing: NamedNode) -> SupportedFact:
    """Return a thing, and if it is a figure, what is computed from it for the same funder and subdivision."""
    figure = observations.figure(thing)
    derived = observations.reader.referring(thing, PROV + "wasDerivedFrom", _DERIVED) if figure else ()
    computed = (
        each
        for node in derived[:MAX_ITEMS]
        if figure and (each := observations.figure(node)) and each.derived and each.said
        if (each.funder, each.subdivision) == (figure.funder, figure.subdivision)
    )
    return SupportedFact(observations.link(thing) or Hyperlink(""), figure, tuple(islice(computed, MAX_COMPUTED)))


class PlacedStatement(NamedTuple):
    """A statement, and where it stands in the text of its document, None if that is unknown."""

    place: Place | None
    iri: str


@once_per_release(16)  # saves a quarter of the page of a statement
def statements_of(release: Release, document: str) -> tuple[PlacedStatement, ...] | None:
    """Return the statements that are quoted from a document, in the order of its text, those without a place last.

    None if they are too many to be ordered.
    """
    observations, found = ObservationReader(ReleaseGraph(release), LANGUAGES[0]), list[PlacedStatement]()
    derived = release.triples.referring(PROV + "wasQuotedFrom", document, MAX_MENTIONS + 1)
    if len(derived) > MAX_MENTIONS:
        return None
    for node in (quad.subject for quad in derived):
        if isinstance(node, NamedNode) and observations.reader.one(node, OA + "exact") is not None:
            found.append(PlacedStatement(observations.place(node), node.value))
    return tuple(sorted(found, key=lambda each: (each.place is None, each.place or Place(0, 0), each.iri)))


def text_of(release: Release, document: str) -> str:
    """Return the text of a document, as `core.quoted_text` counts its characters; "" if the release has none."""
    text = release.text(document_name(document))
    return text.decode("utf-8-sig", "replace") if text else ""


@once_per_release(100)
def text_length(release: Release, document: str) -> int:
    """Return how many characters the text of a document has."""
    return len(text_of(release, document))


@dataclass(frozen=True)
class AnnotatedText:
    """The text of a document with its passages marked, what stands beside them, and how many characters it has.

    `unplaced` are the passages that have no place in the text, or all where the text is too long to be shown; `left` is
    the number of statements that are not shown.
    """

    text: MarkedText
    notes: tuple[Passage, ...]
    unplaced: tuple[Passage, ...]
    left: int
    length: int


def annotated_text(
    observations: ObservationReader, text: str, statements: Sequence[PlacedStatement], limit: int = MAX_SHOWN
) -> AnnotatedText:
    """Return the text of a document with what its statements support; the passages alone if one of both is too long."""
    by_place, unplaced = defaultdict[Place, list[str]](list), defaultdict[str, list[str]](list)
    shown = text if len(text) <= limit and len(statements) <= MAX_STATEMENTS else ""
    for each in statements[:MAX_STATEMENTS]:
        if each.place and each.place.end <= len(shown):
            by_place[each.place].append(each.iri)
        else:
            unplaced[observations.reader.value(NamedNode(each.iri), OA + "exact")].append(each.iri)
    marked = marked_text(shown, by_place)
    notes = (
        _passage(observations, (iri for place in places for iri in by_place[place]), places[0])
        for places in marked.notes
    )
    passages = (_passage(observations, iris) for iris in unplaced.values())
    left = max(0, len(statements) - MAX_STATEMENTS)
    return AnnotatedText(marked, tuple(filter(None, notes)), tuple(filter(None, passages)), left, len(text))

"""What documents say of a contract: the passages that are quoted, and what they do not say."""

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
"""Statements of a contract that are read; further ones are only in the data."""
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


@dataclass(frozen=True)
class _Statement:
    """A statement as it is read, and where it stands in its document: from 0 to 0 if that is unknown."""

    quote: Quote
    origin: str
    place: Place
    about: tuple[NamedNode, ...]
    note: str

    def holds(self, other: "_Statement") -> bool:
        """Return whether the words of another statement are a part of these, at the same place of the same document."""
        if self.origin != other.origin or other.quote.text not in self.quote.text:
            return False
        within = self.place.start <= other.place.start and other.place.end <= self.place.end
        return self.quote.text == other.quote.text or (within and self.place.end > 0)


def passages_of(observations: ObservationReader, statements: Iterable[str]) -> tuple[Passage, ...]:
    """Return the passages that statements quote, by document and in the order of the text.

    Words that are a part of a longer passage stand in it, with their facts.
    """
    found: list[tuple[_Statement, list[_Statement]]] = []
    for each in sorted(
        _statements(observations, statements), key=lambda each: (each.origin, each.place.start, -each.place.end)
    ):
        around = next((parts for whole, parts in reversed(found) if whole.holds(each)), None)
        if around is None:
            found.append((each, [each]))
        else:
            around.append(each)
    return tuple(_passage(observations, whole.quote, parts) for whole, parts in found)


def _passage(observations: ObservationReader, quote: Quote, statements: Iterable[_Statement]) -> Passage:
    """Return a passage with what its statements are about, each thing once."""
    things, notes = dict[NamedNode, None](), dict[str, None]()
    for each in statements:
        things |= dict.fromkeys(each.about)
        notes |= dict.fromkeys(filter(None, (each.note,)))
    return Passage(quote, tuple(_fact(observations, each) for each in things), tuple(notes))


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


def _statements(observations: ObservationReader, iris: Iterable[str]) -> Iterable[_Statement]:
    """Yield those of some statements that quote words."""
    graph, lang = observations.reader, observations.lang
    for iri in iris:
        node = NamedNode(iri)
        quote = observations.quote(node)
        if quote is None:
            continue
        place = observations.place(node) or Place(0, 0)
        yield _Statement(
            quote=quote,
            origin=graph.value(node, PROV + "wasQuotedFrom"),
            place=place,
            about=tuple(graph.supported(node)),
            note=graph.text(node, SKOS + "note", lang)[0],
        )


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

    `unplaced` are the passages that have no place in the text, `left` is the number of statements that are not shown.
    """

    text: MarkedText
    notes: tuple[Passage, ...]
    unplaced: tuple[Passage, ...]
    left: int
    length: int


def annotated_text(
    observations: ObservationReader, text: str, statements: Sequence[PlacedStatement], limit: int = MAX_STATEMENTS
) -> AnnotatedText:
    """Return the text of a document with what its statements support; the text ends where one is not among the first ones."""
    by_place: dict[Place, list[str]] = {}
    unplaced = []
    for each in statements[:limit]:
        if each.place and each.place.end <= len(text):
            by_place.setdefault(each.place, []).append(each.iri)
        else:
            unplaced.append(each.iri)
    further = statements[limit].place if len(statements) > limit else None
    marked = marked_text(text, by_place, further.start if further else None)
    notes = []
    for places in marked.notes:
        found = [*_statements(observations, (iri for place in places for iri in by_place[place]))]
        notes.append(_passage(observations, found[0].quote._replace(fragment=fragment(places[0])), found))
    shown = len(unplaced) + sum(len(by_place[place]) for places in marked.notes for place in places)
    return AnnotatedText(marked, tuple(notes), passages_of(observations, unplaced), len(statements) - shown, len(text))

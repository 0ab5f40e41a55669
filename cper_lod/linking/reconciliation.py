"""Matching names and codes to the things of a release: candidates for each query, scored, the best first."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.linking import scoring
from cper_lod.linking.asked import Sought, Wish
from cper_lod.linking.entities import CODES, INSEE, Entity, Shelf
from cper_lod.linking.likeness import code, key
from cper_lod.linking.properties import resolved
from cper_lod.linking.retrieval import Retrieval
from cper_lod.linking.scoring import Query, Rating
from cper_lod.release.naming import Asked, Naming
from cper_lod.release.reader import Reader
from cper_lod.release.release import SEARCH, Release
from cper_lod.terms.namespaces import CPER, ORG, PREFIXES
from cper_lod.terms.problems import Problem

SMALL: Final = 5000
"""Things up to which all are compared with a query; of more, those that the search index has for its words."""
TIME: Final = 5.0
"""Seconds that a batch takes at most."""
USUAL: Final = (
    *(ORG + "FormalOrganization", PREFIXES["geo"] + "Feature"),
    *(INSEE + name for name in ("Region", "Departement", "Commune")),
    *(CPER + name for name in ("Axe", "Priorite", "SchemaRegional", "Contrat", "SourceDeFinancement")),
    *(CPER + name for name in ("CategorieDeFinanceur", "Subvention")),
)
"""The classes that people match names with; a query that names no class is compared with these, by likeness."""


@dataclass(frozen=True)
class Candidate:
    """A thing that may be meant, how well it answers, whether it is matched by itself; and properties it has."""

    iri: str
    rating: Rating
    match: bool
    had: float | None = None


class Reconciler:
    """Matches queries with the things of one release; safe in several threads."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._naming = Naming(release.folder / SEARCH)

    @cached_property
    def usual(self) -> list[str]:
        """The classes of `USUAL` that the release has things of, else those that are most frequent."""
        listing = self.release.listing
        ours = [each for each in USUAL if listing.of(each)]
        return ours or [each.iri for each in listing.classes[: len(USUAL)]]

    @cached_property
    def _small(self) -> list[Entity] | None:
        """All things, where they are few."""
        iris = self._naming.things(SMALL)
        shelf = Shelf(Reader(self.release))
        return None if iris is None else [shelf.read(each) for each in iris]

    def answer(self, queries: Mapping[str, Sought]) -> dict[str, list[Candidate]]:
        """Return the candidates for each query; raises `reconciliation-timeout`."""
        late = Problem("reconciliation-timeout", limit=int(TIME))
        deadline = time.monotonic() + TIME
        found = {}
        with self._naming.asked(deadline, late) as names:
            search = _Search(self.release, names, self._small, self.usual)
            for name, sought in queries.items():
                if time.monotonic() > deadline:
                    raise late
                found[name] = search.candidates(sought)
        return found


class _Search:
    """The work for one batch: what is read of the release is kept for its other queries."""

    def __init__(self, release: Release, names: Asked, small: list[Entity] | None, usual: list[str]) -> None:
        self._release, self._small = release, small
        self._retrieval = Retrieval(release, names)
        self._usual = frozenset(usual) if release.mode == "contract" else frozenset[str]()
        self._reader = Reader(release)
        self._shelf = Shelf(self._reader)

    def candidates(self, sought: Sought) -> list[Candidate]:
        """Return the candidates for a query, the best first; equal ones in the order of the search index."""
        types = frozenset(resolved(self._release, each) for each in sought.types)
        query = Query.of(sought.text, types)
        wishes = [(resolved(self._release, wish.pid), wish) for wish in sought.wishes]
        codes = [Query.of(value, types) for name, wish in wishes if name in CODES for value in wish.values]
        rated = []
        for thing in self._things(query, codes, sought):
            rating, had = self._rating(query, codes, thing, sought.strict, wishes=bool(wishes)), None
            if rating and wishes:
                rating, had = self._with(rating, wishes, thing)
            if rating:
                rated.append((rating, thing.iri, had))
        rated.sort(key=lambda each: -each[0].score)
        alone = len(rated) > 0 and (len(rated) == 1 or rated[1][0].score < rated[0][0].score)
        return [
            Candidate(iri, rating, alone and place == 0 and rating.sure, had)
            for place, (rating, iri, had) in enumerate(rated[: sought.limit])
        ]

    def _things(self, query: Query, codes: list[Query], sought: Sought) -> Iterable[Entity]:
        """Return the things that may answer: all of a small release."""
        if self._small is not None:
            return self._small
        found = self._retrieval.things(query, codes, list(sought.wishes))
        return map(self._shelf.read, found)

    def _rating(self, query: Query, codes: list[Query], thing: Entity, strict: str, *, wishes: bool) -> Rating | None:
        """Return how well a thing answers, properties aside; a code among these counts as if it were the query."""
        held = [each in thing.types for each in query.types]
        fits = all(held) if strict == "all" else any(held) or not held
        if thing.vocabulary or not (fits or strict == "should"):
            return None
        ratings = [scoring.rate(each, thing) for each in (query, *codes)]
        known = [each for each in ratings[1:] if each and each.coded and each.score == scoring.CODE]
        nameless = Rating(scoring.NAMELESS, False, 0.0) if wishes and not query.text else None
        best = max([*known, *filter(None, ratings[:1])], key=lambda each: (each.score, each.sure), default=nameless)
        likely = query.types or not self._usual or not self._usual.isdisjoint(thing.types)
        if best and best.score < scoring.CLOSE and not likely:
            return None
        if best and not fits:
            return scoring.with_properties(Rating(best.score, False, best.like, best.coded), 0, 1, 1)
        return best

    def _with(
        self, rating: Rating, wishes: list[tuple[str, Wish]], thing: Entity
    ) -> tuple[Rating | None, float | None]:
        """Return the rating of a thing with what it has of the properties asked for, and their share.

        Where nothing else is asked for, a thing that has none of them is none that is meant.
        """
        states = [self._state(thing.iri, name, wish) for name, wish in wishes]
        had, other = states.count(True), states.count(False)
        if rating.score == scoring.NAMELESS and not had:
            return None, None
        return scoring.with_properties(rating, had, other, len(wishes)), had / len(wishes)

    def _state(self, iri: str, predicate: str, wish: Wish) -> bool | None:
        """Return whether a thing has one of some values of a property, None where it has none of that property."""
        held = self._reader.all(NamedNode(iri), predicate) if predicate else []
        if not held:
            return None
        for value in wish.values:
            wanted = {value, code(value), key(value)}
            if any(not wanted.isdisjoint(self._forms(each)) for each in held):
                return True
        return False

    def _forms(self, value: NamedNode | BlankNode | Literal) -> set[str]:
        """Return how a value may be written: as it stands, as a code, and what it is called."""
        if isinstance(value, Literal):
            return {value.value, code(value.value) or value.value, key(value.value) or value.value}
        names = {key(name) for lang in ("fr", "en") if (name := self._reader.name(value, lang))}
        return {value.value} | names

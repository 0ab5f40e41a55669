"""Matching names and codes to the things of a release: candidates for each query, scored, the best first."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.namespaces import CPER, ORG, PREFIXES
from cper_lod.linking.reconciliation import scoring
from cper_lod.linking.reconciliation.entities import CLOSE, CODES, INSEE, INSEE_CODE, Entity, EntityLoader
from cper_lod.linking.reconciliation.properties import resolved
from cper_lod.linking.reconciliation.queries import ReconciliationQuery, Wish
from cper_lod.linking.reconciliation.scoring import SIREN, SIRET, Query, Rating
from cper_lod.linking.reconciliation.similarity import code, key
from cper_lod.release.build.index_search import SAME
from cper_lod.release.reader import Reader
from cper_lod.release.release import SEARCH, Release
from cper_lod.release.storage.name_lookup import NameQuery, Naming

_ELSEWHERE: Final = ("http://www.wikidata.org/entity/", "http://data.europa.eu/nuts/code/")
"""What codes are the ends of: things are found by these IRIs."""
_POINTING: Final = 200
"""Things that point to an IRI which are looked at."""


class Retrieval:
    """Finds things by the indexes of a release, a few hundred for a query at most."""

    def __init__(self, release: Release, names: NameQuery) -> None:
        self._release, self._names = release, names

    def things(self, query: Query, codes: list[Query], wishes: list[Wish]) -> list[str]:
        """Return things that a query, codes among its properties or, without a name, its properties may mean."""
        coded = (self._coded(each) for each in (query, *codes))
        named = chain(self._names.called(query.key.split()), self._names.near(query.written.split()))
        held = (self._having(value) for wish in wishes for value in wish.values) if not query.text else ()
        return list(dict.fromkeys(chain(*coded, named, *held)))

    def _coded(self, query: Query) -> Iterator[str]:
        """Yield the things that a code may be of, or an IRI."""
        if ":" in query.text and f"<{query.text}> ".encode() in self._release.data:
            yield query.text
        wanted = {f"<{each}>" for each in (*SAME, CLOSE)}
        for iri in (query.text, *(start + query.text.upper() for start in _ELSEWHERE)):
            yield from (subject for subject, predicate in self._pointing(iri) if predicate in wanted)
        if len(query.code) > 1 and query.code.isascii():
            yield from self._names.called([query.code])
            yield from self._names.telling(query.code)
            if len(query.code) == SIRET:
                yield from self._names.telling(query.code[:SIREN])

    def _having(self, value: str) -> Iterator[str]:
        """Yield the things that are called so or tell so, and those that point to these or to what an IRI names."""
        called = self._names.called(key(value).split())
        yield from called
        yield from self._names.telling(key(value))
        yield from (subject for iri in (value, *called) for subject, _ in self._pointing(iri))

    def _pointing(self, iri: str) -> Iterator[tuple[str, str]]:
        """Yield things that point to what an IRI names, and the properties by which they do."""
        for line in islice(self._release.mentions.beginning(f"<{iri}>\t<".encode()), _POINTING):
            subject, predicate, _ = line.partition(b"\t")[2].decode().split(" ", 2)
            if subject.startswith("<") and not subject.startswith("<<"):
                yield subject[1:-1], predicate


_HELD: Final = 50
"""Values of a property of one thing that are compared."""
_COMMUNE: Final = 5
"""Characters of the code of a commune, of which there is one list."""


class Agreement:
    """The properties that one query asks for, and what things have of them."""

    def __init__(self, release: Release, reader: Reader, sought: ReconciliationQuery, types: frozenset[str]) -> None:
        self._reader = reader
        self._wishes = [(resolved(release, wish.pid), _forms(wish.values)) for wish in sought.wishes]
        self.asked = len(self._wishes)
        # A value of this very property of five characters is a commune's, whatever the class asked for.
        self.codes = [
            Query.of(value, types | {name} if name == INSEE_CODE and len(code(value)) == _COMMUNE else types)
            for (name, _), wish in zip(self._wishes, sought.wishes, strict=True)
            if name in CODES
            for value in wish.values
        ]

    def of(self, iri: str) -> tuple[int, int]:
        """Return how many of the properties a thing has with a value asked for, and how many with others only."""
        states = [self._state(iri, name, wanted) for name, wanted in self._wishes]
        return states.count(True), states.count(False)

    def _state(self, iri: str, predicate: str, wanted: set[str]) -> bool | None:
        """Return whether a thing has one of some values of a property, None where it has none of that property."""
        held = self._reader.all(NamedNode(iri), predicate)[:_HELD] if predicate else []
        if not held:
            return None
        return any(not wanted.isdisjoint(self._told(each)) for each in held)

    def _told(self, value: NamedNode | BlankNode | Literal) -> set[str]:
        """Return how a value may be written: as it stands, as a code, and what it is called."""
        if isinstance(value, Literal):
            return _forms((value.value,))
        names = {key(name) for lang in LANGUAGES if (name := self._reader.name(value, lang))}
        return {value.value} | names


def _forms(values: Iterable[str]) -> set[str]:
    """Return values as they stand, as codes and as names."""
    return {form for value in values for form in (value, code(value), key(value)) if form}


SMALL: Final = 5000
"""Things up to which all are compared with a query; of more, those that the search index has for its words."""
TIME: Final = 5
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
        shelf = EntityLoader(Reader(self.release))
        return None if iris is None else [shelf.read(each) for each in iris]

    def answer(self, queries: Mapping[str, ReconciliationQuery]) -> dict[str, list[Candidate]]:
        """Return the candidates for each query; raises `reconciliation-timeout`."""
        late = Problem("reconciliation-timeout", limit=TIME)
        deadline = time.monotonic() + TIME
        found = {}
        with self._naming.asked(deadline, late) as names:
            search = _Search(self.release, names, self._small, self.usual)
            for name, sought in queries.items():
                rated = []
                for one in search.rated(sought):
                    if time.monotonic() > deadline:
                        raise late
                    if one:
                        rated.append(one)
                found[name] = _candidates(rated, sought.limit)
        return found


@dataclass(frozen=True, slots=True)
class _Rated:
    """A thing and how well it answers, and the share of the properties asked for that it has.

    `vouched` says that only a code among the properties speaks for it, `contradicts` that it is called as asked and has
    other properties.
    """

    iri: str
    rating: Rating
    had: float | None
    vouched: bool = False
    contradicts: bool = False


def _candidates(rated: list[_Rated], limit: int) -> list[Candidate]:
    """Return the best things, the best first; equal ones stay in their order.

    The first is matched by itself where it is certain and alone: no other has its score, and none is called so that has
    another code than the one that speaks for it.
    """
    ordered = sorted(rated, key=lambda each: -each.rating.score)
    alone = len(ordered) == 1 or (len(ordered) > 1 and ordered[1].rating.score < ordered[0].rating.score)
    if alone and ordered[0].vouched:
        alone = not any(each.contradicts for each in ordered[1:])
    return [
        Candidate(each.iri, each.rating, alone and place == 0 and each.rating.sure, each.had)
        for place, each in enumerate(ordered[:limit])
    ]


class _Search:
    """The work for one batch: what is read of the release is kept for its other queries."""

    def __init__(self, release: Release, names: NameQuery, small: list[Entity] | None, usual: list[str]) -> None:
        self._release, self._small = release, small
        self._retrieval = Retrieval(release, names)
        self._usual = frozenset(usual) if release.mode == "contract" else frozenset[str]()
        self._reader = Reader(release)
        self._shelf = EntityLoader(self._reader)

    def rated(self, sought: ReconciliationQuery) -> Iterator[_Rated | None]:
        """Yield the things that answer a query, in the order of the search index; None for each that does not."""
        types = frozenset(resolved(self._release, each) for each in sought.types)
        query = Query.of(sought.text, types)
        agreement = Agreement(self._release, self._reader, sought, types)
        for thing in self._things(query, agreement, sought):
            held = [each in thing.types for each in types]
            fits = all(held) if sought.strict == "all" else any(held) or not held
            asked = not thing.vocabulary and (fits or sought.strict == "should")
            one = self._one(query, agreement, thing) if asked else None
            if one and not fits:
                one = replace(one, rating=scoring.with_properties(replace(one.rating, sure=False), 0, 1, 1))
            yield one

    def _things(self, query: Query, agreement: Agreement, sought: ReconciliationQuery) -> Iterable[Entity]:
        """Return the things that may answer: all of a small release, where they are asked for by a name or a code."""
        if self._small is not None and (query.text or agreement.codes):
            return self._small
        return map(self._shelf.read, self._retrieval.things(query, agreement.codes, list(sought.wishes)))

    def _one(self, query: Query, agreement: Agreement, thing: Entity) -> _Rated | None:
        """Return how well a thing answers; a code among the properties counts as if it were the query.

        Where no name is asked for, a thing that has none of the properties is none that is meant.
        """
        called = scoring.rate(query, thing)
        coded = [scoring.by_code(each, thing) for each in agreement.codes]
        nameless = Rating(scoring.NAMELESS, False, 0.0) if agreement.asked and not query.text else None
        best = max(filter(None, (called, *coded)), key=lambda each: (each.score, each.sure), default=nameless)
        likely = query.types or not self._usual or not self._usual.isdisjoint(thing.types)
        if best is None or (best.score < scoring.CLOSE and not likely):
            return None
        if not agreement.asked:
            return _Rated(thing.iri, best, None)
        had, other = agreement.of(thing.iri)
        if best is nameless and not had:
            return None
        rating = scoring.with_properties(best, had, other, agreement.asked)
        contradicts = bool(called and called.score >= scoring.NUMBER - 1 and other)
        return _Rated(thing.iri, rating, had / agreement.asked, best is not called, contradicts)

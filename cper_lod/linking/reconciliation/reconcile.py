"""Reconciliation: matches names and codes with the things of a release, and returns scored candidates."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.namespaces import CPER, ORG, PREFIXES
from cper_lod.linking.reconciliation import scoring
from cper_lod.linking.reconciliation.entities import CLOSE_MATCH, CODES, INSEE, INSEE_CODE, Entity, EntityLoader
from cper_lod.linking.reconciliation.properties import resolve_term
from cper_lod.linking.reconciliation.queries import ReconciliationQuery
from cper_lod.linking.reconciliation.scoring import SIREN, SIRET, MatchScore, NormalizedQuery
from cper_lod.linking.reconciliation.similarity import code_key, name_key
from cper_lod.release.build.index_search import SAME_AS
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import SITE, Release
from cper_lod.release.storage.name_lookup import NameIndex, NameQuery

_EXTERNAL_PREFIXES: Final = ("http://www.wikidata.org/entity/", "http://data.europa.eu/nuts/code/")
"""Prefixes of external IRIs that end with a code."""
_MAX_REFERRERS: Final = 200
"""Referrers of an IRI that are examined."""


_MAX_VALUES: Final = 50
"""Values of a property of one thing that are compared."""
_COMMUNE: Final = 5
"""Characters of the Insee code of a commune."""


class PropertyMatcher:
    """Compares the properties requested by a query with those of things."""

    def __init__(
        self, release: Release, reader: ReleaseGraph, request: ReconciliationQuery, types: frozenset[str]
    ) -> None:
        self._reader = reader
        self._conditions = [
            (resolve_term(release, condition.pid), _forms(condition.values)) for condition in request.conditions
        ]
        self.count = len(self._conditions)
        # An Insee code of five characters is that of a commune, whatever class is requested.
        self.code_queries = [
            NormalizedQuery.of(
                value, types | {name} if name == INSEE_CODE and len(code_key(value)) == _COMMUNE else types
            )
            for (name, _), condition in zip(self._conditions, request.conditions, strict=True)
            if name in CODES
            for value in condition.values
        ]

    def count_matches(self, iri: str) -> tuple[int, int]:
        """Return how many properties of a thing have a requested value, and how many have other values only."""
        states = [self._state(iri, name, forms) for name, forms in self._conditions]
        return states.count(True), states.count(False)

    def _state(self, iri: str, predicate: str, forms: set[str]) -> bool | None:
        """Return whether a thing has one of the values of a property, None if it does not have the property."""
        values = self._reader.all(NamedNode(iri), predicate)[:_MAX_VALUES] if predicate else []
        if not values:
            return None
        return any(not forms.isdisjoint(self._value_forms(each)) for each in values)

    def _value_forms(self, value: NamedNode | BlankNode | Literal) -> set[str]:
        """Return the forms of a value: as it stands, as a code, and its names."""
        if isinstance(value, Literal):
            return _forms((value.value,))
        names = {name_key(name) for lang in LANGUAGES if (name := self._reader.name(value, lang))}
        return {value.value} | names


def _forms(values: Iterable[str]) -> set[str]:
    """Return values as they stand, as codes and as names."""
    return {form for value in values for form in (value, code_key(value), name_key(value)) if form}


MAX_SCANNED: Final = 5000
"""Things up to which all are compared with a query; larger releases use the search index."""
TIMEOUT: Final = 5
"""Seconds for one batch."""
COMMON_CLASSES: Final = (
    *(ORG + "FormalOrganization", PREFIXES["geo"] + "Feature"),
    *(INSEE + name for name in ("Region", "Departement", "Commune")),
    *(CPER + name for name in ("Axe", "Priorite", "SchemaRegional", "Contrat", "SourceDeFinancement")),
    *(CPER + name for name in ("CategorieDeFinanceur", "Subvention")),
)
"""Classes that names are usually matched with. A query without a class uses similarity for these classes only."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing with its score, the share of the requested properties that it has, whether it is an automatic match.

    `by_code_only` says that only a code among the properties matches, `conflicting` that the name matches and other
    properties do not.
    """

    iri: str
    match_score: MatchScore
    property_share: float | None = None
    by_code_only: bool = False
    conflicting: bool = False
    match: bool = False


class Reconciler:
    """Matches queries with the things of one release; thread-safe."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._name_index = NameIndex(release.folder / SITE)

    @cached_property
    def common_classes(self) -> list[str]:
        """Those of `COMMON_CLASSES` that the release contains, else its most frequent classes."""
        listing = self.release.listing
        present = [each for each in COMMON_CLASSES if listing.of(each)]
        return present or [each.iri for each in listing.classes[: len(COMMON_CLASSES)]]

    @cached_property
    def _all_entities(self) -> list[Entity] | None:
        """All things, if there are few."""
        iris = self._name_index.things(MAX_SCANNED)
        loader = EntityLoader(ReleaseGraph(self.release))
        return None if iris is None else [loader.load(each) for each in iris]

    def reconcile(self, queries: Mapping[str, ReconciliationQuery]) -> dict[str, list[Candidate]]:
        """Return the candidates for each query; raises `reconciliation-timeout`."""
        timed_out = Problem("reconciliation-timeout", limit=TIMEOUT)
        deadline = time.monotonic() + TIMEOUT
        found = {}
        with self._name_index.asked(deadline, timed_out) as names:
            search = _BatchSearch(self.release, names, self._all_entities, self.common_classes)
            for name, request in queries.items():
                scored = []
                for candidate in search.scored(request):
                    if time.monotonic() > deadline:
                        raise timed_out
                    if candidate:
                        scored.append(candidate)
                found[name] = _candidates(scored, request.limit)
        return found


def _subjects(quads: Iterable[Quad]) -> Iterator[str]:
    return (quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode))


def _candidates(scored: list[Candidate], limit: int) -> list[Candidate]:
    """Return the best candidates, best first; the sort is stable.

    The first is an automatic match if it is certain and unambiguous: no other candidate has its score, and none has the
    requested name with another code.
    """
    ordered = sorted(scored, key=lambda each: -each.match_score.score)
    if not ordered:
        return []
    first, *others = ordered
    match = (
        first.match_score.certain
        and not any(each.match_score.score == first.match_score.score for each in others[:1])
        and not (first.by_code_only and any(each.conflicting for each in others))
    )
    return [replace(first, match=match), *others][:limit]


class _BatchSearch:
    """The search for one batch; shares what it reads of the release among the queries."""

    def __init__(
        self, release: Release, names: NameQuery, all_entities: list[Entity] | None, common_classes: list[str]
    ) -> None:
        self._release, self._names, self._all_entities = release, names, all_entities
        self._common_classes = frozenset(common_classes) if release.mode == "contract" else frozenset[str]()
        self._reader = ReleaseGraph(release)
        self._loader = EntityLoader(self._reader)

    def scored(self, request: ReconciliationQuery) -> Iterator[Candidate | None]:
        """Yield the things that answer a query, in the order of the search index; None for each that does not."""
        types = frozenset(resolve_term(self._release, each) for each in request.types)
        query = NormalizedQuery.of(request.text, types)
        matcher = PropertyMatcher(self._release, self._reader, request, types)
        for entity in self._things(query, matcher, request):
            has_type = [each in entity.types for each in types]
            type_matches = all(has_type) if request.type_strict == "all" else any(has_type) or not has_type
            considered = not entity.is_vocabulary and (type_matches or request.type_strict == "should")
            candidate = self._score_entity(query, matcher, entity) if considered else None
            if candidate and not type_matches:
                candidate = replace(
                    candidate,
                    match_score=scoring.adjust_for_properties(replace(candidate.match_score, certain=False), 0, 1, 1),
                )
            yield candidate

    def _things(
        self, query: NormalizedQuery, matcher: PropertyMatcher, request: ReconciliationQuery
    ) -> Iterable[Entity]:
        """Return the entities to compare: all of a small release for a name or a code.

        Else those that the indexes find for the query, the codes among its properties or, without a name, its
        properties: a few hundred at most.
        """
        if self._all_entities is not None and (query.text or matcher.code_queries):
            return self._all_entities
        by_code = map(self._by_code, (query, *matcher.code_queries))
        by_name = (self._names.called(query.name_key.split()), self._names.near(query.expanded.split()))
        values = () if query.text else (value for condition in request.conditions for value in condition.values)
        found = chain(*by_code, *by_name, *map(self._by_value, values))
        return map(self._loader.load, list(dict.fromkeys(found)))

    def _by_code(self, query: NormalizedQuery) -> Iterator[str]:
        """Yield the things with a code or an IRI."""
        if ":" in query.text and self._release.triples.describes(query.text):
            yield query.text
        for iri in (query.text, *(start + query.text.upper() for start in _EXTERNAL_PREFIXES)):
            for predicate in sorted((*SAME_AS, CLOSE_MATCH)):
                yield from _subjects(self._release.triples.referring(predicate, iri, _MAX_REFERRERS))
        if len(query.code_key) > 1 and query.code_key.isascii():
            yield from self._names.called([query.code_key])
            yield from self._names.telling(query.code_key)
            if len(query.code_key) == SIRET:
                yield from self._names.telling(query.code_key[:SIREN])

    def _by_value(self, value: str) -> Iterator[str]:
        """Yield the things with a name or text, and the things that refer to them or to an IRI."""
        named = self._names.called(name_key(value).split())
        yield from named
        yield from self._names.telling(name_key(value))
        for iri in (value, *named):
            yield from _subjects(self._release.triples.mentions(iri, _MAX_REFERRERS))

    def _score_entity(self, query: NormalizedQuery, matcher: PropertyMatcher, entity: Entity) -> Candidate | None:
        """Return the score of an entity; a code among the properties counts like the query itself.

        Without a name, an entity that has none of the properties is not a candidate.
        """
        name_score = scoring.score_entity(query, entity)
        code_scores = [scoring.score_by_code(each, entity) for each in matcher.code_queries]
        default = MatchScore(scoring.EMPTY_QUERY, False, 0.0) if matcher.count and not query.text else None
        best = max(
            filter(None, (name_score, *code_scores)), key=lambda each: (each.score, each.certain), default=default
        )
        likely = query.types or not self._common_classes or not self._common_classes.isdisjoint(entity.types)
        if best is None or (best.score < scoring.CLOSE_MATCH and not likely):
            return None
        if not matcher.count:
            return Candidate(entity.iri, best)
        matching, mismatching = matcher.count_matches(entity.iri)
        if best is default and not matching:
            return None
        match_score = scoring.adjust_for_properties(best, matching, mismatching, matcher.count)
        conflicting = bool(name_score and name_score.score >= scoring.NUMBER - 1 and mismatching)
        return Candidate(entity.iri, match_score, matching / matcher.count, best is not name_score, conflicting)

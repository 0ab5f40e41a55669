"""Scores of reconciliation candidates: by code, by name, by class and name, or by similarity.

| score | the query is | automatic match |
|---|---|---|
| 100 | a code or an IRI of the thing (SIREN, SIRET, Insee, NUTS…) | yes, except an Insee code without an Insee class |
| 97 | one of its names, or its class and number (« axe 2 ») | yes |
| 93 | one of its names except for small words (de, la, of…) | yes |
| 91 | its class and name (« département de la Somme », of the territory) | yes |
| 90 | its number; or one of its names after abbreviations are expanded | the number, if a class is requested |
| 88 | a SIRET whose first nine digits are its SIREN | no |
| 85 | the code of something close but not the same (`skos:closeMatch`) | no |
| 52–85 | similar to one of its names | no |
| 50 | empty, with properties | no |

A thing is matched automatically only if no other has its score. A requested property that the thing has raises the
score half of the way to 100; one with other values lowers it by 25. A code among the properties counts like the query.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from cper_lod.linking.reconciliation.entities import INSEE, Entity
from cper_lod.linking.reconciliation.similarity import code_key, expand_abbreviations, name_core, name_key, similarity

CODE: Final = 100.0
NAME: Final = 97.0
CORE: Final = 93.0
CLASS_AND_NAME: Final = 91.0
NUMBER: Final = 90.0
ESTABLISHMENT: Final = 88.0
CLOSE_MATCH: Final = 85.0
EMPTY_QUERY: Final = 50.0
SIMILARITY_WEIGHT: Final = 0.86
"""Points for each point of similarity: a nearly identical name scores 85."""
MIN_SIMILARITY: Final = 60.0
"""Similarity below which a thing is not a candidate."""
MISMATCH_PENALTY: Final = 25.0
"""Points subtracted if the requested properties have other values."""
SIRET: Final = 14
SIREN: Final = 9


@dataclass(frozen=True, slots=True)
class MatchScore:
    """A score, whether it is certain enough for an automatic match, the similarity of names, whether a code matched."""

    score: float
    certain: bool
    name_similarity: float
    by_code: bool = False


@dataclass(frozen=True, slots=True)
class NormalizedQuery:
    """A name or a code in each form that is compared, and the requested classes."""

    text: str
    name_key: str
    name_core: str
    expanded: str
    code_key: str
    types: frozenset[str]

    @classmethod
    def of(cls, text: str, types: frozenset[str] = frozenset()) -> "NormalizedQuery":
        """Return the forms of a text."""
        name = name_key(text)
        return cls(text, name, name_core(name), expand_abbreviations(name_core(name)), code_key(text), types)


def score_by_code(query: NormalizedQuery, entity: Entity) -> MatchScore | None:
    """Return the score if the query is a code or an IRI of the entity, else None."""
    if not query.code_key or (query.code_key not in entity.codes and query.text not in entity.codes):
        return None
    # The same code exists in several lists: a requested class or property must say which list is meant.
    vague = query.code_key in entity.ambiguous_codes and not any(each.startswith(INSEE) for each in query.types)
    return MatchScore(CODE, not vague, 0.0, by_code=True)


def score_entity(query: NormalizedQuery, entity: Entity) -> MatchScore | None:
    """Return how well an entity answers a query, None if it does not."""
    if match_score := score_by_code(query, entity):
        return match_score
    for score, certain, matches in _name_tiers(query, entity) if query.name_key else ():
        if matches:
            return MatchScore(score, certain, 100.0)
    establishment = len(query.code_key) == SIRET and query.code_key.isdigit()
    if establishment and query.code_key[:SIREN] in entity.codes:
        return MatchScore(ESTABLISHMENT, False, 0.0, by_code=True)
    if query.code_key and (query.code_key in entity.close_codes or query.text in entity.close_codes):
        return MatchScore(CLOSE_MATCH, False, 0.0, by_code=True)
    if not query.name_key or "://" in query.text:
        return None
    name_similarity = max((similarity(query.expanded, name) for name in entity.name_cores), default=0.0)
    return (
        MatchScore(round(name_similarity * SIMILARITY_WEIGHT, 1), False, round(name_similarity, 1))
        if name_similarity >= MIN_SIMILARITY
        else None
    )


def _name_tiers(query: NormalizedQuery, entity: Entity) -> Iterator[tuple[float, bool, bool]]:
    """Yield the kinds of name matches, best first: score, whether it is certain, whether the query matches."""
    yield NAME, True, query.name_key in entity.names or query.name_core in entity.class_numbers
    yield CORE, True, query.name_core in entity.name_cores
    yield CLASS_AND_NAME, True, query.name_core in entity.class_names
    yield NUMBER, bool(query.types), query.text in entity.numbers
    yield NUMBER, False, query.expanded in entity.name_cores
    yield NUMBER - 1, False, query.expanded in entity.class_names


def adjust_for_properties(match_score: MatchScore, matching: int, mismatching: int, requested: int) -> MatchScore:
    """Return the score adjusted for requested properties that match or have other values.

    >>> adjust_for_properties(MatchScore(80.0, False, 93.0), matching=1, mismatching=0, requested=1).score
    90.0
    """
    score = (
        match_score.score
        + (CODE - match_score.score) * 0.5 * matching / requested
        - MISMATCH_PENALTY * mismatching / requested
    )
    return replace(match_score, score=round(max(score, 0.0), 1), certain=match_score.certain and not mismatching)

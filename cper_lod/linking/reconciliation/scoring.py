"""How well a thing answers a reconciliation query: by a code, by a name, by its class and name, or by likeness.

| score | the query is | matched by itself |
|---|---|---|
| 100 | a code or an IRI of the thing (SIREN, SIRET, Insee, NUTS…) | yes, but for an Insee code of no Insee class |
| 97 | one of its names, or its class and number (« axe 2 ») | yes |
| 93 | one of its names but for small words (de, la, of…) | yes |
| 91 | its class and name (« département de la Somme », of the territory) | yes |
| 90 | its number; with abbreviations written out, one of its names | the number, where a class is asked for |
| 88 | a SIRET whose first nine digits are its SIREN | no |
| 85 | the code of something close and not the same (`skos:closeMatch`) | no |
| 52–85 | like one of its names | no |
| 50 | empty, and properties are asked for | no |

A thing is matched only where no other has its score. Properties asked for lift a score half of the way to 100 where the
thing has them, and lower it by 25 where it has others; a code among them counts as if it were the query.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cper_lod.linking.reconciliation.entities import INSEE, Entity
from cper_lod.linking.reconciliation.similarity import code, core, key, likeness, written_out

CODE: Final = 100.0
NAME: Final = 97.0
CORE: Final = 93.0
KIND: Final = 91.0
NUMBER: Final = 90.0
ESTABLISHMENT: Final = 88.0
CLOSE: Final = 85.0
NAMELESS: Final = 50.0
LIKE: Final = 0.86
"""What likeness is worth: a name that is all but the same has 85."""
LEAST: Final = 60.0
"""The likeness below which a thing is no candidate."""
OTHERS: Final = 25.0
"""What is taken from the score of a thing that has other values of the properties asked for."""
SIRET: Final = 14
SIREN: Final = 9


@dataclass(frozen=True, slots=True)
class Rating:
    """A score, whether it is certain enough to be matched by itself, and how like the names are."""

    score: float
    sure: bool
    like: float
    coded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """A name or a code, in each of the forms that things are compared in, and the classes asked for."""

    text: str
    key: str
    core: str
    written: str
    code: str
    types: frozenset[str]

    @classmethod
    def of(cls, text: str, types: frozenset[str] = frozenset()) -> "Query":
        """Return a text in its forms."""
        name = key(text)
        return cls(text, name, core(name), written_out(core(name)), code(text), types)


def by_code(query: Query, thing: Entity) -> Rating | None:
    """Return the rating of a thing that the query is a code or an IRI of."""
    if not query.code or (query.code not in thing.codes and query.text not in thing.codes):
        return None
    # An Insee code is another in another list: a class, or a property, has to say of which it is.
    vague = query.code in thing.vague and not any(each.startswith(INSEE) for each in query.types)
    return Rating(CODE, not vague, 0.0, coded=True)


def rate(query: Query, thing: Entity) -> Rating | None:
    """Return how well a thing answers a query, None where it does not."""
    if rating := by_code(query, thing):
        return rating
    if query.key and (rating := _named(query, thing)):
        return rating
    establishment = len(query.code) == SIRET and query.code.isdigit()
    if establishment and query.code[:SIREN] in thing.codes:
        return Rating(ESTABLISHMENT, False, 0.0, coded=True)
    if query.code and (query.code in thing.near or query.text in thing.near):
        return Rating(CLOSE, False, 0.0, coded=True)
    if not query.key or "://" in query.text:
        return None
    like = max((likeness(query.written, name) for name in thing.cores), default=0.0)
    return Rating(round(like * LIKE, 1), False, round(like, 1)) if like >= LEAST else None


def _named(query: Query, thing: Entity) -> Rating | None:
    """Return the rating of a thing that the query calls by its name."""
    return next((Rating(score, sure, 100.0) for score, sure, called in _tiers(query, thing) if called), None)


def _tiers(query: Query, thing: Entity) -> Iterator[tuple[float, bool, bool]]:
    """Yield the ways of calling a thing by its name: the score, whether it is certain, whether the query does so."""
    yield NAME, True, query.key in thing.names or query.core in thing.numbered
    yield CORE, True, query.core in thing.cores
    yield KIND, True, query.core in thing.called
    yield NUMBER, bool(query.types), query.text in thing.numbers
    yield NUMBER, False, query.written in thing.cores
    yield NUMBER - 1, False, query.written in thing.called


def with_properties(rating: Rating, had: int, other: int, asked: int) -> Rating:
    """Return the rating of a thing that has some of the properties asked for, and other values of some.

    >>> with_properties(Rating(80.0, False, 93.0), had=1, other=0, asked=1).score
    90.0
    """
    score = rating.score + (CODE - rating.score) * 0.5 * had / asked - OTHERS * other / asked
    return Rating(round(max(score, 0.0), 1), rating.sure and not other, rating.like, rating.coded)

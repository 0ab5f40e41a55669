"""Whether a thing has the properties that a query asks for: some of the values, others, or none."""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import LANGUAGES
from cper_lod.linking.reconciliation.entities import CODES, INSEE_CODE
from cper_lod.linking.reconciliation.properties import resolved
from cper_lod.linking.reconciliation.queries import Sought
from cper_lod.linking.reconciliation.scoring import Query
from cper_lod.linking.reconciliation.similarity import code, key
from cper_lod.release.reader import Reader
from cper_lod.release.release import Release

_HELD: Final = 50
"""Values of a property of one thing that are compared."""
_COMMUNE: Final = 5
"""Characters of the code of a commune, of which there is one list."""


class Agreement:
    """The properties that one query asks for, and what things have of them."""

    def __init__(self, release: Release, reader: Reader, sought: Sought, types: frozenset[str]) -> None:
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

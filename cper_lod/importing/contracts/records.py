"""The records of a workbook: rows that were read, with the place of each of their values."""

from dataclasses import dataclass, field
from typing import TypeVar

from cper_lod.importing.contracts.places import Place

T = TypeVar("T")


@dataclass
class Record:
    """A row of a list, or a form: what each column says, and where that stands."""

    place: Place
    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """The columns that are filled and could not be read."""

    def text(self, key: str) -> str:
        """Return a text, or the IRI of a code; empty where there is none."""
        return str(self.values.get(key, ""))

    def get(self, key: str, type_: type[T]) -> T | None:
        """Return a value of that type, or None."""
        value = self.values.get(key)
        return value if isinstance(value, type_) else None

    def whole(self, key: str) -> int:
        """Return a number that has to be there."""
        return self.get(key, int) or 0

    def wholes(self, key: str) -> tuple[int, ...]:
        """Return the numbers of a column that holds several."""
        return self.get(key, tuple) or ()

    def at(self, key: str) -> Place:
        """Return where a column of this record stands."""
        return self.places.get(key, self.place)


Book = dict[str, list[Record]]
"""The records of each sheet by its key; a form has one."""

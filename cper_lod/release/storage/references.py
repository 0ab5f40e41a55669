"""The things that a thing leads to, property by property: read at one cost for a thing of any size."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from cper_lod.release.storage.sorted_lines import SortedLines

MOST: Final = 20
"""How many things a property leads to are told, one more to say that there are more."""
_FEW: Final = 200
"""Lines about one thing that are read; of a thing with more, each property is found by bisection."""


def references(data: SortedLines, iri: str, predicates: Iterable[str]) -> dict[str, list[str]]:
    """Return the IRIs that each property of a thing leads to, `MOST` and one more at most, in the order of the data."""
    lines = list(islice(data.beginning(f"<{iri}> ".encode()), _FEW + 1))
    found = {}
    for predicate in predicates:
        key = f"<{iri}> <{predicate}> <".encode()
        few = len(lines) <= _FEW
        of_it = (line for line in lines if line.startswith(key)) if few else data.beginning(key)
        targets = dict.fromkeys(line[len(key) : line.index(b">", len(key))] for line in islice(of_it, _FEW))
        found[predicate] = [target.decode() for target in islice(targets, MOST + 1)]
    return found

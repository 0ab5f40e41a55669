"""What is counted of a graph, from its sorted N-Triples: the very numbers that a SPARQL query would count."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cper_lod.core.namespaces import RDF

LARGEST: Final = 2_000_000
"""Triples up to which distinct objects are counted: to tell them apart, all have to be held at once."""
_TYPE: Final = f"<{RDF}type>".encode()


class Use:
    """How a class or a property is used: triples, distinct subjects, distinct objects, and the first named subject."""

    __slots__ = ("example", "last", "objects", "subjects", "triples", "values")

    def __init__(self) -> None:
        self.triples = self.subjects = self.objects = 0
        self.example = ""
        self.values: set[bytes] = set()
        self.last = b""

    def end(self) -> None:
        """Know how many distinct objects there were, and no longer which."""
        self.objects = len(self.values)
        self.values, self.last = set(), b""


@dataclass
class Counts:
    """A graph counted: `whole`, and each class and property by its IRI; `things` are subjects that have an IRI of ours.

    `exact` is False where the graph is so large that its distinct objects are not counted. `links` is how many triples
    lead from things of ours to those of each target, by target and property.
    """

    exact: bool = True
    whole: Use = field(default_factory=Use)
    things: int = 0
    classes: dict[str, Use] = field(default_factory=dict)
    properties: dict[str, Use] = field(default_factory=dict)
    links: dict[tuple[str, str], int] = field(default_factory=dict)


def count(lines: Iterable[bytes], triples: int, space: str, targets: Iterable[str] = ()) -> Counts:
    """Count the sorted lines of a graph, which are `triples` in number.

    `space` is what the IRIs of things begin with, a target is what its IRIs begin with.
    """
    start, ends = f"<{space}".encode(), tuple(f"<{target}".encode() for target in targets)
    found = Counts(exact=(keep := triples <= LARGEST))
    whole, properties, classes = found.whole, defaultdict[bytes, Use](Use), defaultdict[bytes, Use](Use)
    last, ours = b"", False
    # As little as can be, written out: ten million lines pass here.
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        whole.triples += 1
        if subject != last:  # subjects come sorted, so that each is new but once
            last, ours = subject, subject.startswith(start)
            whole.subjects += 1
            found.things += ours
        use = properties[predicate]
        use.triples += 1
        if subject != use.last:
            use.subjects += 1
            use.last = subject
        if keep:
            value = rest[:-2]
            whole.values.add(value)
            use.values.add(value)
        if predicate == _TYPE:
            _count_class(classes[rest[:-2]], subject)
        if ours and ends and rest.startswith(ends):
            for key in [(end[1:].decode(), predicate[1:-1].decode()) for end in ends if rest.startswith(end)]:
                found.links[key] = found.links.get(key, 0) + 1
    for use in (whole, *properties.values(), *classes.values()):
        use.end()
    found.properties = {name[1:-1].decode(): use for name, use in properties.items()}
    # What is no IRI is no class that could be named.
    found.classes = {name[1:-1].decode(): use for name, use in classes.items() if name[:1] == b"<" != name[1:2]}
    return found


def _count_class(use: Use, subject: bytes) -> None:
    use.triples += 1
    if subject != use.last:
        use.subjects += 1
        use.last = subject
        if not use.example and subject[:1] == b"<":
            use.example = subject[1:-1].decode()

"""Quads as text: tuples of N-Triples terms without duplicates, and their sort order.

Text is used because serializing quads takes a tenth of the time of accessing their terms one by one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import pyoxigraph
from pyoxigraph import Quad, RdfFormat

from cper_lod.core.names import PARTS, SiteNames
from cper_lod.core.namespaces import DCT, LABELS, OWL, RDF, RDFS, SKOS

TYPE: Final = f"<{RDF}type>"
FIRST, REST, NIL = (f"<{RDF}{name}>" for name in ("first", "rest", "nil"))
_ONTOLOGY: Final = f"<{OWL}Ontology>"

_READING_ORDER: Final = (
    f"{RDF}type",
    *LABELS,
    SKOS + "altLabel",
    SKOS + "notation",
    SKOS + "definition",
    DCT + "description",
    RDFS + "comment",
)
PREDICATE_RANK: Final = {f"<{iri}>": rank for rank, iri in enumerate(_READING_ORDER)}
"""Rank of the predicates that come first: type, names, then definitions."""


class Statement(NamedTuple):
    """A quad as four terms in N-Triples syntax; the default graph is the empty string."""

    subject: str
    predicate: str
    object: str
    graph: str


# The graph name is the last word of a line; the last word of a literal contains a quote, an IRI or blank node does not.
_GRAPH: Final = re.compile(r' (<[^ "<>]*>|_:[^ "]+)$')
_DIGITS: Final = re.compile(r"([0-9]+)")
TRIPLE_TERM_TOKENS: Final = re.compile(
    r'<<\(|\)>>|<[^ "<>]*>|_:[^ "]+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^ "<>]*>)?'
)
"""The tokens of a triple term of RDF 1.2, brackets included."""


def nquads_lines(quads: Iterable[Quad]) -> list[str]:
    """Return the canonical N-Quads lines of `quads`, unique, sorted by code point (equal to the order of UTF-8 bytes)."""
    data = pyoxigraph.serialize(quads, format=RdfFormat.N_QUADS) or b""
    return sorted(set(data.decode("utf-8").split("\n")) - {""})


def statements(quads: Iterable[Quad], *, union: bool) -> list[Statement]:
    """Return `quads` as text, sorted and unique; with `union`, all in the default graph."""
    found = []
    for line in nquads_lines(quads):
        subject, predicate, rest = line[:-2].split(" ", 2)
        graph = ""
        if " " in rest and (match := _GRAPH.search(rest)):
            graph, rest = match[1], rest[: match.start()]
        found.append(Statement(subject, predicate, rest, "" if union else graph))
    return list(dict.fromkeys(found)) if union else found


def list_cells(rests: Mapping[str, str], end: str) -> dict[str, list[str]]:
    """Return the cells of each list that ends with `end`, by its head, given the rest of each cell that belongs to one list."""
    lists: dict[str, list[str]] = {}
    for head in rests.keys() - set(rests.values()):
        cells = [head]
        while (rest := rests[cells[-1]]) in rests:
            cells.append(rest)
        if rest == end:
            lists[head] = cells
    return lists


def natural_sort_key(text: str) -> tuple[list[object], str]:
    """Return a key that sorts numbers in names by value, and an IRI before longer ones that start with it.

    Numbers of any length are compared by their number of digits, then as text.

    >>> sorted(["axe/10", "axe/2", "axe"], key=natural_sort_key)
    ['axe', 'axe/2', 'axe/10']
    """
    pieces: list[object] = list(_DIGITS.split(text.removesuffix(">")))
    pieces[1::2] = [(len(digits), digits) for digits in (str(run).lstrip("0") for run in pieces[1::2])]
    return pieces, text


def subject_order(types: Callable[[str], Iterable[str]], root: str | None) -> Callable[[str], tuple[object, ...]]:
    """Return a sort key for subjects: the root, resources below it, other IRIs, blank nodes; each in natural order.

    Without a root, subjects of class owl:Ontology, according to `types`, come first.
    """

    def key(subject: str) -> tuple[object, ...]:
        if subject.startswith("_:"):
            return 3, natural_sort_key(subject)
        if root is None:
            place = 0 if _ONTOLOGY in types(subject) else 2
        elif subject == f"<{root}>":
            place = 0
        else:
            place = 1 if subject.startswith((f"<{root}/", f"<{root}#")) else 2
        return place, natural_sort_key(subject)

    return key


_NAME: Final = rb"(?m)^(\S+ <[^>]*> )?<%s(?=" + b"|".join(each.encode() for each in PARTS) + b")"
"""The start of a name of a site as the subject or the object of a line; its address stands for `%s`."""
_RELATIVE: Final = re.compile(_NAME.replace(b"%s", b""))


def whole_names(lines: bytes, names: SiteNames | None) -> bytes:
    """Return lines of N-Triples with the relative names of a site written out: the format has no base, but sources may have them."""
    if not names or not any(b"<%b" % part.encode() in lines for part in PARTS):
        return lines
    return _replaced(_RELATIVE, b"<" + names.address.encode(), lines)


def relative_names(lines: bytes, names: SiteNames) -> bytes:
    """Return lines of N-Triples with the names of a site as sources write them: without the address."""
    return _replaced(re.compile(_NAME.replace(b"%s", re.escape(names.address.encode()))), b"<", lines)


def _replaced(pattern: re.Pattern[bytes], start: bytes, lines: bytes) -> bytes:
    for _ in range(2):  # the subject, then the object
        lines = pattern.sub(lambda match: (match[1] or b"") + start, lines)
    return lines

"""Quads as text: each a tuple of terms written as in N-Triples, without duplicates, and the order they are written in.

Text rather than terms, since pyoxigraph writes N-Quads at a tenth of the cost of asking each quad for its parts.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import pyoxigraph
from pyoxigraph import Quad, RdfFormat

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
"""The predicates that are written first, by their place: what a thing is, what it is called, what that means."""


class Statement(NamedTuple):
    """A quad whose four terms are N-Triples text; the default graph is the empty string."""

    subject: str
    predicate: str
    object: str
    graph: str


# A graph name is the last word of a line; no IRI and no blank node holds a quote, the last word of a literal does.
_GRAPH: Final = re.compile(r' (<[^ "<>]*>|_:[^ "]+)$')
_DIGITS: Final = re.compile(r"([0-9]+)")
_TRIPLE_TERMS: Final = re.compile(r'<<\(|\)>>|<[^ "<>]*>|_:[^ "]+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^ "<>]*>)?')


def nquads_lines(quads: Iterable[Quad]) -> list[str]:
    """Return the canonical N-Quads lines of `quads`, sorted by code point (that is, as UTF-8 bytes), each once."""
    data = pyoxigraph.serialize(quads, format=RdfFormat.N_QUADS) or b""
    return sorted(set(data.decode("utf-8").split("\n")) - {""})


def statements(quads: Iterable[Quad], *, union: bool) -> list[Statement]:
    """Return `quads` as text, sorted; with `union` all in the default graph, each once."""
    found = []
    for line in nquads_lines(quads):
        subject, predicate, rest = line[:-2].split(" ", 2)
        graph = ""
        if " " in rest and (match := _GRAPH.search(rest)):
            graph, rest = match[1], rest[: match.start()]
        found.append(Statement(subject, predicate, rest, "" if union else graph))
    return list(dict.fromkeys(found)) if union else found


def triple_term_tokens(triple_term: str) -> list[str]:
    """Return the tokens of an RDF 1.2 triple term, brackets included.

    >>> triple_term_tokens('<<( <http://a> <http://b> "c d"@fr )>>')
    ['<<(', '<http://a>', '<http://b>', '"c d"@fr', ')>>']
    """
    return _TRIPLE_TERMS.findall(triple_term)


def blank_nodes(term: str) -> list[str]:
    """Return the blank nodes that a term is or, being a triple term, holds."""
    if term.startswith("_:"):
        return [term]
    return [each for each in triple_term_tokens(term) if each.startswith("_:")] if term.startswith("<<(") else []


def natural_sort_key(text: str) -> tuple[list[object], str]:
    """Return a key that sorts numbers within names by their value, and an IRI before those that go on from it.

    Runs of digits may be of any length: they compare by how many there are, then as they stand.

    >>> sorted(["axe/10", "axe/2", "axe"], key=natural_sort_key)
    ['axe', 'axe/2', 'axe/10']
    """
    pieces: list[object] = list(_DIGITS.split(text.removesuffix(">")))
    pieces[1::2] = [(len(digits), digits) for digits in (str(run).lstrip("0") for run in pieces[1::2])]
    return pieces, text


def subject_order(types: Callable[[str], Iterable[str]], root: str | None) -> Callable[[str], tuple[object, ...]]:
    """Return the key that sorts subjects: the root, what lies under it, other IRIs, blank nodes; each in natural order.

    With no root, what is an owl:Ontology by its `types` comes first.
    """

    def key(subject: str) -> tuple[object, ...]:
        if root is None:
            place = 0 if _ONTOLOGY in types(subject) else 2
        elif subject == f"<{root}>":
            place = 0
        else:
            place = 1 if subject.startswith((f"<{root}/", f"<{root}#")) else 2
        return 3 if subject.startswith("_:") else place, natural_sort_key(subject)

    return key

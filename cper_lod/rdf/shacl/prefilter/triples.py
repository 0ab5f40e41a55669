"""RDF terms as N-Quads writes them, the form in which suspects are looked for, and as rdflib has them; triples of them.

A token is the text of a term in a line of N-Quads as pyoxigraph writes it, which is the same wherever the term stands:
two tokens are equal where rdflib holds two terms to be the same. Triples are looked up by subject, and by predicate and
object: `Triples` says how, `MemoryTriples` does it in memory.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from pyoxigraph import Literal as OxLiteral
from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

T = TypeVar("T")

_ESCAPE: Final = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_STRING: Final = "^^<http://www.w3.org/2001/XMLSchema#string>"


def token_of(term: Node) -> str:
    """Return the token of a term of rdflib."""
    if isinstance(term, URIRef):
        return f"<{term}>"
    if isinstance(term, Literal):
        quoted = str(OxLiteral(str(term)))
        # A typed xsd:string is another term than a plain literal to rdflib; in the data, both are plain.
        return (
            f"{quoted}@{term.language.lower()}"
            if term.language
            else f"{quoted}^^<{term.datatype}>"
            if term.datatype
            else quoted
        )
    return f"_:{term}"


@lru_cache(maxsize=65536)
def term_of(token: str) -> Node:
    """Return the term of rdflib of a token, as it is written: its lexical form is kept."""
    if token[0] == "<":
        return URIRef(token[1:-1])
    if token[0] == '"':
        end = token.rindex('"')
        kind = token[end + 1 :]
        return Literal(
            _plain(token[1:end]),
            lang=kind[1:] if kind.startswith("@") else None,
            datatype=URIRef(kind[3:-1]) if kind.startswith("^^") else None,
            normalize=False,
        )
    return BNode(token[2:])


def text_of(token: str) -> str:
    """Return the text of an IRI or a literal, as STR() does in SPARQL.

    >>> text_of('"12"^^<http://www.w3.org/2001/XMLSchema#integer>')
    '12'
    """
    return token[1:-1] if token[0] == "<" else _plain(token[1 : token.rindex('"')])


def suffix_of(token: str) -> str:
    """Return what follows the text of a literal: its language with `@`, its datatype with `^^`, or nothing.

    >>> suffix_of('"douze"@fr')
    '@fr'
    """
    return token[token.rindex('"') + 1 :]


def display_name(token: str) -> str:
    """Return what a report calls a node: an IRI, a blank node with `_:`, the text of a literal."""
    return token if token[0] == "_" else text_of(token)


def read_line(line: str) -> tuple[str, str, str] | None:
    """Return subject, predicate and object of a line of N-Quads; None where the object is a triple (RDF 1.2)."""
    subject, predicate, rest = line.split(" ", 2)
    if rest[0] == '"':
        end = rest.rindex('"')
        return subject, predicate, rest[: end + 1] + _kind(rest[end + 1 :].partition(" ")[0])
    return None if rest.startswith("<<") else (subject, predicate, rest.partition(" ")[0])


def _kind(written: str) -> str:
    """Return the language or datatype of a literal as rdflib has it: without xsd:string, without a direction."""
    return "" if written == _STRING else written.partition("--")[0] if written.startswith("@") else written


def _plain(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1]) or _decoded(found[1]), text)


def _decoded(code: str) -> str:
    return chr(int(code[1:], 16)) if len(code) > 1 else code


Description = Mapping[str, Mapping[str, None]]
"""The triples of a subject: its objects by predicate, each once."""

ReversePatterns = set[tuple[str, str | None]]
"""Patterns by which subjects are looked up: a predicate and an object, or None for any object."""

OtherNodePredicates = set[str | None]
"""The predicates that a rule reads of nodes other than the focus node; None stands for any predicate."""


def reachable(starts: Iterable[T], following: Callable[[T], Iterable[T]]) -> set[T]:
    """Return what follows from `starts` in any number of steps, themselves included.

    >>> sorted(reachable([1], lambda number: [number * 2] if number < 5 else []))
    [1, 2, 4, 8]
    """
    found, pending = set[T](), list(starts)
    while pending:
        each = pending.pop()
        if each not in found:
            found.add(each)
            pending += following(each)
    return found


class Triples(Protocol):
    """The triples of a dataset, as one graph; terms are N-Quads tokens."""

    def of(self, subject: str) -> Description:
        """Return the triples of a subject, empty if it has none."""

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with its triples."""

    def subjects(self, predicate: str, value: str) -> Iterable[str]:
        """Return the subjects with that value of that predicate."""

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield the subject and object of every triple with a predicate."""

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""


@dataclass
class Reads:
    """Triples, the patterns by which the shapes look subjects up in them, and the predicates that a rule reads of other nodes."""

    triples: Triples
    reverse_patterns: ReversePatterns = field(default_factory=set)
    other_node_predicates: OtherNodePredicates = field(default_factory=set)


class MemoryTriples:
    """Triples in memory."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._by_subject: dict[str, dict[str, dict[str, None]]] = {}
        self._by_predicate: dict[str, dict[str, list[str]]] = {}
        for line in lines:
            if found := read_line(line):
                self.add(*found)

    def add(self, subject: str, predicate: str, value: str) -> None:
        """Add a triple, before the first lookup."""
        self._by_subject.setdefault(subject, {}).setdefault(predicate, {})[value] = None

    def of(self, subject: str) -> Description:
        """Return the triples of a subject."""
        return self._by_subject.get(subject, {})

    def all(self) -> Iterator[tuple[str, Description]]:
        """Yield every subject with its triples."""
        yield from self._by_subject.items()

    def pairs(self, predicate: str) -> Iterator[tuple[str, str]]:
        """Yield the subject and object of every triple with a predicate."""
        for subject, said in self._by_subject.items():
            for value in said.get(predicate, ()):
                yield subject, value

    def _by_object(self, predicate: str) -> Mapping[str, Collection[str]]:
        found = self._by_predicate.get(predicate)
        if found is None:
            found = self._by_predicate[predicate] = {}
            for subject, value in self.pairs(predicate):
                found.setdefault(value, []).append(subject)
        return found

    def subjects(self, predicate: str, value: str) -> Collection[str]:
        """Return the subjects with that value of that predicate."""
        return self._by_object(predicate).get(value, ())

    def objects(self, predicate: str) -> Iterator[str]:
        """Yield every object of a predicate, once."""
        yield from self._by_object(predicate)

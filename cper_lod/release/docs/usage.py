"""How a release uses a term of its ontology: how often, and an example in Turtle."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import BASE, DCT, LABELS, RDF
from cper_lod.rdf.serialize import write
from cper_lod.release.release import Release
from cper_lod.release.storage.nodes import parse_quads

MAX_LINES: Final = 500
"""Lines that are read for one term, so that the cost is bounded for any size of data."""
MAX_PROPERTIES: Final = 6
"""Most properties of an example, besides class and label."""
MAX_LITERAL: Final = 200
"""Most characters of a literal in an example."""


@dataclass(frozen=True)
class Usage:
    """The uses of a term: their number (a lower bound unless `exact`), and an example.

    `turtle` is the example without prefix declarations, empty if the term is unused; `subject` is its subject.
    """

    count: int
    exact: bool
    turtle: str
    subject: str


def of_class(release: Release, iri: str, lang: str) -> Usage:
    """Return the number of instances of a class, and the description of the first one in `lang`."""
    lines, exact = _mentions(release, iri)
    typed = sorted({subject for subject, predicate, _ in map(_split, lines) if predicate == f"<{RDF}type>"})
    named = [each for each in typed if each[0] == "<"]
    quads = list(_excerpt(release, named[0], iri, lang)) if named else []
    return Usage(len(typed), exact, _turtle(quads), named[0][1:-1] if named else "")


def of_property(release: Release, iri: str, lang: str) -> Usage:
    """Return the number of triples of a property, and the first one with a short value, preferably in `lang`."""
    lines, exact = _mentions(release, iri)
    found = sorted({line for line in lines if _split(line)[1] == f"<{iri}>"})
    short = [line for line in found if line[0] == "<" and len(line) < MAX_LITERAL + 2 * len(iri)]
    for line in sorted(short, key=lambda line: f'"@{lang} ' not in line):
        (quad,) = parse_quads([line.encode()])
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
            return Usage(len(found), exact, _turtle([quad]), quad.subject.value)
    return Usage(len(found), exact, "", "")


def defined(release: Release, ontology: str, cls: str) -> list[str]:
    """Return the instances of a class that an ontology defines (rdfs:isDefinedBy), sorted."""
    subjects = {_split(line)[0] for line in _mentions(release, ontology)[0] if line[0] == "<"}
    return sorted(each[1:-1] for each in subjects if f"{each} <{RDF}type> <{cls}> ".encode() in release.data)


def questions(release: Release, iri: str) -> list[str]:
    """Return the competency questions that use a term (dct:references)."""
    lines = release.mentions.beginning(f"<{iri}>\t<{BASE}id/question/".encode())
    parts = (_split(line.split(b"\t", 1)[1].decode()) for line in islice(lines, MAX_LINES))
    return sorted(subject[1:-1] for subject, predicate, _ in parts if predicate == f"<{DCT}references>")


def _mentions(release: Release, iri: str) -> tuple[list[str], bool]:
    """Return the first quads that use `iri`, as lines, and whether these are all; those about triple terms are left
    out.
    """
    lines = [
        each.split(b"\t", 1)[1] for each in islice(release.mentions.beginning(f"<{iri}>\t".encode()), MAX_LINES + 1)
    ]
    return [line.decode() for line in lines[:MAX_LINES] if not line.startswith(b"<<")], len(lines) <= MAX_LINES


def _split(line: str) -> list[str]:
    return line.split(" ", 2)


def _excerpt(release: Release, subject: str, cls: str, lang: str) -> Iterator[Quad]:
    """Yield the quads of an example: class, best label, one quad of each of the first properties of the context."""
    quads = parse_quads(islice(release.data.beginning(f"{subject} ".encode()), MAX_LINES))
    yield from [each for each in quads if each.object == NamedNode(cls) and each.predicate.value == RDF + "type"][:1]
    named = [each for name in LABELS for each in quads if each.predicate.value == name and _is_readable(each, lang)]
    yield from named[:1]
    shown: dict[str, Quad] = {}
    known = release.context.by_property
    for each in sorted(
        quads, key=lambda quad: [term.rank for term in known.get(quad.predicate.value, ())] or [(9**9, "")]
    ):
        name = each.predicate.value
        plain = isinstance(each.object, NamedNode) or _is_readable(each, lang)
        if plain and name != RDF + "type" and name not in LABELS and name not in shown and len(shown) < MAX_PROPERTIES:
            shown[name] = each
    yield from shown.values()


def _is_readable(quad: Quad, lang: str) -> bool:
    """Return whether the value is a short literal without language, or in `lang`."""
    value = quad.object
    return isinstance(value, Literal) and value.language in (None, lang) and len(value.value) <= MAX_LITERAL


def _turtle(quads: list[Quad]) -> str:
    """Return quads as Turtle without prefix declarations."""
    text = write(quads, TURTLE).decode() if quads else ""
    return text.partition("\n\n")[2] if text.startswith("@prefix ") else text

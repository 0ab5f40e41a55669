"""The classes and properties that a release uses or defines: how often, their labels, and an example in Turtle."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.formats import TURTLE
from cper_lod.core.namespaces import BASE, DCT, LABELS, RDF, RDFS
from cper_lod.rdf.serialize import write
from cper_lod.release.docs.documentation import CLASSES, PROPERTIES
from cper_lod.release.documents import labels
from cper_lod.release.release import DATA, Release
from cper_lod.release.storage.nodes import parse_quads

MAX_LINES: Final = 500
"""Lines that are read for one term, so that the cost is bounded for any size of data."""
MAX_PROPERTIES: Final = 6
"""Most properties of an example, besides class and label."""
MAX_LITERAL: Final = 200
"""Most characters of a literal in an example."""
MAX_COUNTED_BYTES: Final = 128 * 1024 * 1024
"""Bytes of data up to which uses of properties are counted, in about a second; beyond, only defined properties are listed."""
_TYPE: Final = f"<{RDF}type>"
TermKind = OneOf["class", "property"]


@dataclass(frozen=True)
class VocabularyTerm:
    """A class or property: labels by language (empty tag for none), and number of instances or triples."""

    iri: str
    kind: TermKind
    labels: dict[str, str]
    count: int


def terms(release: Release) -> list[VocabularyTerm]:
    """Return the classes and properties of the data, the most used first."""
    counts = {"class": class_counts(release), "property": _property_counts(release)}
    kinds: dict[str, TermKind] = dict.fromkeys((*counts["class"], *instances(release, CLASSES)), "class")
    kinds |= dict.fromkeys((*counts["property"], *instances(release, PROPERTIES)), "property")
    found = [VocabularyTerm(iri, kind, _labels(release, iri), counts[kind][iri]) for iri, kind in kinds.items()]
    return sorted(found, key=lambda term: (-term.count, term.iri))


def class_counts(release: Release) -> Counter[str]:
    """Return the number of instances of each class in use, by its IRI; an instance in several graphs counts once."""
    typed = (each for each in _users(release, RDF + "type") if each[1] == _TYPE)
    pairs = {(cls.split(" ", 1)[0], subject) for subject, _, cls in typed}
    return Counter(cls[1:-1] for cls, _ in pairs if cls.startswith("<") and not cls.startswith("<<"))


def _property_counts(release: Release) -> Counter[str]:
    """Return each property with its number of triples, none of large data; triple terms as subjects do not count."""
    if (release.folder / DATA).stat().st_size > MAX_COUNTED_BYTES:
        return Counter()
    lines = (line for line in release.data.beginning(b"") if not line.startswith(b"<<"))
    counted = Counter(line.split(b" ", 2)[1] for line in lines)
    return Counter({name[1:-1].decode(): count for name, count in counted.items()})


def instances(release: Release, classes: Iterable[str]) -> Iterator[str]:
    """Yield the IRIs that are instances of one of `classes`."""
    typed = (each for cls in classes for each in _users(release, cls, "<") if each[1] == _TYPE)
    return (subject[1:-1] for subject, _, _ in typed)


def defined(release: Release, ontology: str, cls: str) -> list[str]:
    """Return the instances of a class that an ontology defines (rdfs:isDefinedBy), sorted; the first MAX_LINES count."""
    by = f" <{RDFS}isDefinedBy> <{ontology}> "
    first = islice(instances(release, [cls]), MAX_LINES)
    return sorted({iri for iri in first if f"<{iri}>{by}".encode() in release.data})


def questions(release: Release, iri: str) -> list[str]:
    """Return the competency questions that use a term (dct:references)."""
    users = islice(_users(release, iri, f"<{BASE}id/question/"), MAX_LINES)
    return sorted(subject[1:-1] for subject, predicate, _ in users if predicate == f"<{DCT}references>")


def _users(release: Release, iri: str, start: str = "") -> Iterator[list[str]]:
    """Yield subject, predicate and rest of the quads that use `iri` and whose subject, no triple term, begins so."""
    for line in release.mentions.beginning(f"<{iri}>\t{start}".encode()):
        quad = line.partition(b"\t")[2]
        if not quad.startswith(b"<<"):
            yield quad.decode().split(" ", 2)


def _labels(release: Release, iri: str) -> dict[str, str]:
    """Return the label of a term in each language, the first one if there are several."""
    named = [quad.object for quad in labels(release, iri) if isinstance(quad.object, Literal)]
    return {each.language or "": each.value for each in sorted(named, key=str, reverse=True)}


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
    typed = sorted({subject for subject, predicate, _ in map(_split, lines) if predicate == _TYPE})
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

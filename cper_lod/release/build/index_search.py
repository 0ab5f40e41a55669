"""Making the index that a release is searched by: words of things in SQLite (FTS5), for the same data the same."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, groupby, islice, product
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, LABELS, OWL, RDF, SH, SKOS, XSD, shorten
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.storage.nodes import parse_lines, parse_quads
from cper_lod.release.storage.quad_file import graph_of, lines_of
from cper_lod.release.storage.text import words

NAME_PROPERTIES: Final = frozenset((*LABELS, SKOS + "altLabel", SKOS + "hiddenLabel", SKOS + "notation"))
"""The properties whose values a thing is looked for by first: its labels, other labels and notations."""
CODE_PROPERTIES: Final = frozenset(SH + name for name in ("select", "ask", "construct", "prefix"))
"""Properties whose texts are for machines: nobody looks for the words of a query."""
TEXT_DATATYPES: Final = frozenset(
    (
        RDF + "langString",
        RDF + "HTML",
        XSD + "string",
        XSD + "normalizedString",
        XSD + "token",
        XSD + "decimal",
        XSD + "integer",
    )
)
"""The datatypes of what is looked for: texts, and numbers as they are written."""
SAME_AS: Final = frozenset((OWL + "sameAs", SKOS + "exactMatch"))
"""The properties that lead to what a thing is called elsewhere: `…/entity/Q18677767`."""
_FEW: Final = 10
"""How many classes, names of one and numbers of a thing make names such as « axe 2 »."""
_CLIMB: Final = 8
"""How many blank nodes lie at most between a text and the thing that it is found as."""
_DIGITS: Final = re.compile(r"\d+")
_INDEXED_PREDICATES: Final = frozenset(f"<{iri}>".encode() for iri in (*SAME_AS, RDF + "type"))

# detail=none: no phrases, a third of the size. The words come folded, with a space between two: `ascii` keeps them.
_TABLES: Final = """
CREATE TABLE things(id INTEGER PRIMARY KEY, iri TEXT NOT NULL);
CREATE TABLE names(name TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(name, id)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, detail=none, tokenize='ascii', prefix='2 3');
CREATE VIRTUAL TABLE named USING fts5(name, content='', columnsize=0, detail=none, tokenize='ascii', prefix='2 3');
CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row);
CREATE TABLE terms(term TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TEMP TABLE called(name TEXT, read INT);
CREATE TEMP TABLE read(iri TEXT, strange INT, nameless INT, depth INT, length INT, sorted TEXT, name TEXT, text TEXT);
CREATE TEMP TABLE place(read INTEGER PRIMARY KEY, id INT);
"""
# The best of equal hits has the lowest number, and numbers are what FTS5 gives hits out by: no hit needs a score.
_ORDER: Final = """
INSERT INTO place SELECT rowid, row_number() OVER (ORDER BY strange, nameless, depth, length, sorted, iri) FROM read;
INSERT INTO things SELECT id, iri FROM read JOIN place ON read.rowid = place.read ORDER BY id;
INSERT INTO words(rowid, text) SELECT id, name||' '||text FROM read JOIN place ON read.rowid = place.read ORDER BY id;
INSERT INTO named(rowid, name) SELECT id, name FROM read JOIN place ON read.rowid = place.read ORDER BY id;
INSERT INTO names SELECT DISTINCT name, id FROM called JOIN place USING (read) ORDER BY name, id;
INSERT INTO words(words) VALUES ('optimize'); INSERT INTO named(named) VALUES ('optimize');
INSERT INTO terms SELECT term FROM temp.vocabulary ORDER BY term;
"""


@dataclass
class _Texts:
    """The texts of one thing."""

    names: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)

    def add(self, quad: Quad, *, own: bool = True) -> None:
        """Take in a triple where it holds a text that a reader would look for; a part's name is not its own."""
        value, predicate = quad.object, quad.predicate.value
        if isinstance(value, NamedNode) and predicate in SAME_AS:
            self.codes.append(last_part(value.value))
        if isinstance(value, NamedNode) and predicate == RDF + "type":
            self.classes.append(value.value)
        if not isinstance(value, Literal) or predicate in CODE_PROPERTIES:
            return
        if predicate == SKOS + "notation" and own:
            self.numbers.append(value.value)
        if predicate in NAME_PROPERTIES and own:
            self.names.append(value.value)
        elif value.datatype.value in TEXT_DATATYPES or predicate in NAME_PROPERTIES:
            self.others.append(value.value)


def write_search_index(data: Path, to: Path, *, every_graph: bool) -> None:
    """Write to the file `to` the index of the things in `data` (sorted N-Quads), by their texts in the default graph.

    With `every_graph`, by those in named graphs too. What blank nodes say is found as the thing that they belong to.
    Raises `search-impossible` where this Python's SQLite lacks FTS5.
    """
    with closing(sqlite3.connect(to, isolation_level=None)) as made, SortedLines(data) as lines:
        made.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;")
        require_fts5(made)
        made.executescript(_TABLES)
        made.execute("BEGIN")
        known = _ClassNames(lines)
        for place, (iri, texts) in enumerate(_things(data, every_graph=every_graph), 1):
            names = [words(name) for name in texts.names] or [words(last_part(iri))]
            also = [*texts.codes, *known.numbered(texts), *([shorten(iri)] if shorten(iri) != iri else [])]
            others = chain.from_iterable(map(words, (*texts.others, *also)))
            row = (*_rank(iri, texts, names), " ".join(chain.from_iterable(names)), " ".join(others))
            made.execute(
                "INSERT INTO read(rowid, iri, strange, nameless, depth, length, sorted, name, text) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (place, iri, *row),
            )
            called = [(" ".join(words(name)), place) for name in (*texts.names, *also)]
            made.executemany("INSERT INTO called VALUES (?, ?)", called)
        made.executescript(f"BEGIN; {_ORDER} COMMIT;")


class _ClassNames:
    """What the classes of some data are called, each looked up once."""

    def __init__(self, lines: SortedLines) -> None:
        self._lines = lines
        self._names: dict[str, list[str]] = {}

    def numbered(self, texts: _Texts) -> list[str]:
        """Return what people call a thing by its class and its number: « axe 2 »."""
        names = [name for cls in texts.classes[:_FEW] for name in self._called(cls)] if texts.numbers else []
        return [f"{name} {number}" for name, number in product(names, texts.numbers[:_FEW])]

    def _called(self, cls: str) -> list[str]:
        if cls not in self._names:
            lines = [
                line for label in LABELS for line in islice(self._lines.beginning(f"<{cls}> <{label}> ".encode()), _FEW)
            ]
            self._names[cls] = [quad.object.value for quad in parse_quads(lines) if isinstance(quad.object, Literal)]
        return self._names[cls]


def require_fts5(connection: sqlite3.Connection) -> None:
    """Raise `search-impossible` where the SQLite at hand lacks the extension that indexes words."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5(word)")
    except sqlite3.OperationalError as error:
        raise Problem("search-impossible", version=sqlite3.sqlite_version, message=error) from error
    connection.execute("DROP TABLE temp.probe")


def last_part(iri: str) -> str:
    """Return what an IRI ends with: what a thing is called where it has no name.

    >>> last_part("https://example.org/axe/1"), last_part("https://example.org/ns#Axe"), last_part("urn:isbn:1")
    ('1', 'Axe', '1')
    """
    return re.split(r"[/#:]", iri.rstrip("/#:"))[-1]


def _rank(iri: str, texts: _Texts, names: list[list[str]]) -> tuple[int, int, int, int, str]:
    """Return what orders equal hits: our things first, then what has a name, wholes before parts, short names."""
    strange = not iri.startswith(BASE + "id/")
    in_order = _DIGITS.sub(lambda run: f"{len(run[0].lstrip('0')):03}{run[0].lstrip('0')}", iri)
    return strange, not texts.names, iri.count("/") + iri.count("#"), min(map(len, names)), in_order


def _things(data: Path, *, every_graph: bool) -> Iterator[tuple[str, _Texts]]:
    """Yield each named thing with its texts, in the order of the file."""
    parts = _texts_of_parts(data, every_graph=every_graph)
    for subject, quads in groupby(
        parse_lines(_indexed_lines(data, every_graph=every_graph)), key=lambda quad: quad.subject
    ):
        if isinstance(subject, NamedNode):
            texts = parts.pop(subject.value, _Texts())
            for quad in quads:
                texts.add(quad)
            yield subject.value, texts


def _lines(data: Path, *, every_graph: bool) -> Iterator[bytes]:
    return (line for line in lines_of(data) if every_graph or not graph_of(line))


def _indexed_lines(data: Path, *, every_graph: bool) -> Iterator[bytes]:
    """Yield the lines by which a thing may be found, and the first about each thing: half of all, or fewer."""
    last = b""
    for line in _lines(data, every_graph=every_graph):
        subject, predicate, rest = line.split(b" ", 2)
        if rest[:1] == b'"' or predicate in _INDEXED_PREDICATES or subject != last:
            yield line
        last = subject


def _texts_of_parts(data: Path, *, every_graph: bool) -> dict[str, _Texts]:
    """Return the texts that blank nodes hold, by the IRI of the thing that these belong to."""
    owners: dict[BlankNode, NamedNode | BlankNode] = {}
    blank: list[Quad] = []
    for quad in parse_lines(line for line in _lines(data, every_graph=every_graph) if b"_:" in line):
        if isinstance(quad.object, BlankNode) and isinstance(quad.subject, NamedNode | BlankNode):
            owners.setdefault(quad.object, quad.subject)
        if isinstance(quad.subject, BlankNode) and isinstance(quad.object, Literal):
            blank.append(quad)
    found: dict[str, _Texts] = {}
    for quad in blank:
        owner: object = quad.subject
        for _ in range(_CLIMB):
            owner = owners.get(owner, owner) if isinstance(owner, BlankNode) else owner
        if isinstance(owner, NamedNode):
            found.setdefault(owner.value, _Texts()).add(quad, own=False)
    return found

"""Builds the lists of a release in its SQLite file, and its Oxigraph index."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, RdfFormat, Store, parse

from cper_lod.core.namespaces import RDF, STANDARD_TERMS, VOCABULARIES
from cper_lod.release.storage.class_listing import LARGE_NODE_QUADS, MAX_CLASSES
from cper_lod.release.storage.quad_file import graph_at_end, lines_of

MAX_PROPERTIES: Final = 40
"""Most properties of a class that are kept, the most used ones."""
_TYPE: Final = f"<{RDF}type>".encode()
_OURS: Final = tuple(f"<{each}".encode() for each in VOCABULARIES)
_REPEATED: Final = tuple(f"<{name}>".encode() for name in sorted(STANDARD_TERMS))
"""Standard terms, which only repeat one of our properties."""
_LANGUAGE: Final = re.compile(rb'^".*"@([A-Za-z0-9-]+) ')
"""A text with a language, at the beginning of the rest of a line."""
_COMPACTED_BYTES: Final = 1 << 30
"""Bytes of N-Quads from which the index is compacted: some five million triples."""
_TABLES: Final = """
CREATE TABLE classes(
    id INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, count INTEGER NOT NULL, nameless INTEGER NOT NULL,
    properties TEXT NOT NULL
);
CREATE TABLE members(class INTEGER NOT NULL, iri TEXT NOT NULL, PRIMARY KEY(class, iri)) WITHOUT ROWID;
CREATE TABLE subjects(iri TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE properties(iri TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE languages(tag TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE value_counts(
    subject TEXT NOT NULL, property TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(subject, property)
) WITHOUT ROWID;
CREATE TABLE subsidies(iri TEXT PRIMARY KEY, totals TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass
class _Tally:
    id: int
    count: int = 0
    nameless: int = 0
    properties: Counter[bytes] = field(default_factory=Counter)


def write_lists(data: Path, target: Path) -> Counter[str]:
    """Read sorted N-Quads and write the tables of `storage.class_listing` to a new SQLite file.

    Returns the number of quads of each graph, by its IRI or blank node label; the default graph is the empty string.
    Raises OSError and sqlite3.Error.
    """
    with closing(sqlite3.connect(target, isolation_level=None)) as index:
        index.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192; {_TABLES}")
        index.execute("BEGIN")
        lists = _ListWriter(index)
        for subject, group in groupby((line.split(b" ", 2) for line in lines_of(data)), key=itemgetter(0)):
            lists.add(subject, list(group))
        lists.finish()
        index.execute("COMMIT")
    return lists.graphs


class _ListWriter:
    """Writes what lists tell of the subjects of a release."""

    def __init__(self, index: sqlite3.Connection) -> None:
        self.graphs = Counter[str]()
        self._index = index
        self._properties = Counter[bytes]()
        self._languages = set[bytes]()
        self._tallies: dict[bytes, _Tally] = {}

    def add(self, subject: bytes, lines: list[list[bytes]]) -> None:
        """Add a subject with its lines, each split into subject, predicate and rest."""
        for _, _, rest in lines:
            if found := _LANGUAGE.match(rest):
                self._languages.add(found[1])
            graph = graph_at_end(rest) if rest.count(b" ") > 1 else b""
            self.graphs[graph.removeprefix(b"_:").strip(b"<>").decode()] += 1
        self._properties.update(name for _, name, _ in lines)
        if len(lines) > LARGE_NODE_QUADS:
            counts = Counter(_iri(name) for _, name, _ in lines)
            node = _iri(subject) if subject[:1] == b"<" else subject.decode()
            rows = ((node, name, count) for name, count in counts.items())
            self._index.executemany("INSERT INTO value_counts VALUES (?, ?, ?)", rows)
        properties = {name for _, name, _ in lines if name != _TYPE}
        if any(name.startswith(_OURS) for name in properties):
            properties.difference_update(_REPEATED)
        iri = _iri(subject) if subject[:1] == b"<" else ""
        if iri:
            self._index.execute("INSERT INTO subjects VALUES (?)", (iri,))
        for cls in _classes(lines):
            tally = self._tallies.get(cls) or self._tallies.setdefault(cls, _Tally(len(self._tallies) + 1))
            tally.properties.update(properties)
            if iri:
                tally.count += 1
                self._index.execute("INSERT INTO members VALUES (?, ?)", (tally.id, iri))
            else:
                tally.nameless += 1

    def finish(self) -> None:
        """Write what is only known at the end."""
        properties = ((_iri(name), count) for name, count in sorted(self._properties.items()))
        self._index.executemany("INSERT INTO properties VALUES (?, ?)", properties)
        languages = ((tag.decode(),) for tag in sorted(self._languages))
        self._index.executemany("INSERT INTO languages VALUES (?)", languages)
        listed = set(_most_used({cls: tally.count for cls, tally in self._tallies.items()}, MAX_CLASSES))
        for cls, tally in self._tallies.items():
            used = sorted(map(_iri, _most_used(tally.properties, MAX_PROPERTIES))) if cls in listed else []
            row = (tally.id, _iri(cls), tally.count, tally.nameless, json.dumps(used))
            self._index.execute("INSERT INTO classes VALUES (?, ?, ?, ?, ?)", row)
        self._index.execute("CREATE INDEX classes_by_count ON classes(count DESC, iri)")


def _classes(lines: Iterable[list[bytes]]) -> list[bytes]:
    """Return the classes of a resource, each once.

    Works on text, since parsing ten million lines would take longer than everything else here.
    """
    values = (value for _, name, value in lines if name == _TYPE and value[:1] == b"<" != value[1:2])
    return list(dict.fromkeys(value[: value.index(b">") + 1] for value in values))


def _most_used(counts: Mapping[bytes, int], most: int) -> list[bytes]:
    return sorted(counts, key=lambda node: (-counts[node], node[:-1]))[:most]


def _iri(node: bytes) -> str:
    return node[1:-1].decode()


def load_store(data: Path, folder: Path) -> None:
    """Load the N-Quads of a file into a new Oxigraph store; raises OSError.

    A large one is compacted, so that each lookup reads one file of each order. Oxigraph does not compress what it compacts:
    a hundred thousand subsidies would take 420 MB instead of 240, for a description in 160 µs instead of 250. The store is
    closed at the end, so that others can open the folder read-only.
    """
    store = Store(folder)
    # bulk_load would give blank nodes random labels; results must be the same for every build.
    # bulk_extend takes the same time and memory.
    quads = parse(path=data, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    if data.stat().st_size > _COMPACTED_BYTES:
        store.optimize()
    store.flush()
    del store

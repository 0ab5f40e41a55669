"""Builds the full-text search index of a release: SQLite with FTS5, the same index for the same data."""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain, groupby, islice, product
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import (
    CPER,
    DCAT,
    DCT,
    LABELS,
    LIENS,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SH,
    SKOS,
    SUBV,
    VOCABULARIES,
    VOID,
    expand,
    shorten,
)
from cper_lod.release.storage.quad_file import QuadFile, parse_lines, parse_quads
from cper_lod.release.storage.text import words

NAME_PROPERTIES: Final = frozenset((*LABELS, SKOS + "altLabel", SKOS + "hiddenLabel", SKOS + "notation"))
"""The properties whose values count as names of a resource: labels, alternative labels and notations."""
NOT_SEARCHED: Final = frozenset((*(SH + name for name in ("select", "ask", "construct", "prefix")), CPER + "pas"))
"""Properties that are not searched: those with code, such as queries, and the step of a figure, which “1” would find."""
TEXT_DATATYPES: Final = frozenset(
    expand("rdf:langString rdf:HTML xsd:string xsd:normalizedString xsd:token xsd:decimal xsd:integer")
)
"""The datatypes that are searched: text, and numbers as written."""
SAME_AS: Final = frozenset((OWL + "sameAs", SKOS + "exactMatch"))
"""The properties whose last IRI segment is searched, such as `…/entity/Q18677767`."""
_FEW: Final = 10
"""Most kinds, names of a kind and numbers of a resource that are combined to names such as « axe 2 »."""
_SUBSIDY: Final = SUBV + "Subvention"
_DIGITS: Final = re.compile(r"\d+")
_KINDS: Final = (RDF + "type", DCT + "type")
"""The properties that say of which kind a resource is: its class, and the word for it, such as « axe »."""
_INDEXED_PREDICATES: Final = frozenset(f"<{iri}>".encode() for iri in (*SAME_AS, *_KINDS))

# detail=none: no phrase queries, a third of the size. Words are normalised already; the tokenizer `ascii` keeps them.
_TABLES: Final = """
CREATE TABLE things(id INTEGER PRIMARY KEY, iri TEXT NOT NULL);
CREATE TABLE names(name TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY(name, id)) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(text, content='', columnsize=0, detail=none, tokenize='ascii', prefix='2 3');
CREATE VIRTUAL TABLE named USING fts5(name, content='', columnsize=0, detail=none, tokenize='ascii', prefix='2 3');
CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, words, row);
CREATE TABLE terms(term TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TEMP TABLE called(name TEXT, read INT);
CREATE TEMP TABLE read(iri TEXT, kind INT, is_external INT, nameless INT, depth INT, length INT, sorted TEXT, name TEXT, text TEXT);
CREATE TEMP TABLE place(read INTEGER PRIMARY KEY, id INT);
"""
# FTS5 returns hits by rowid; the best resources get the lowest ones, so that hits need no score.
_ORDER: Final = """
INSERT INTO place SELECT rowid, row_number() OVER (ORDER BY kind, is_external, nameless, depth, length, sorted, iri) FROM read;
INSERT INTO things SELECT id, iri FROM read JOIN place ON read.rowid = place.read ORDER BY id;
INSERT INTO words(rowid, text) SELECT id, name||' '||text FROM read JOIN place ON read.rowid = place.read ORDER BY id;
INSERT INTO named(rowid, name) SELECT id, name FROM read JOIN place ON read.rowid = place.read ORDER BY id;
INSERT INTO names SELECT DISTINCT name, id FROM called JOIN place USING (read) ORDER BY name, id;
INSERT INTO words(words) VALUES ('optimize'); INSERT INTO named(named) VALUES ('optimize');
INSERT INTO terms SELECT term FROM temp.vocabulary ORDER BY term;
"""


@dataclass
class _Texts:
    """The texts of one resource."""

    names: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)

    def add(self, quad: Quad) -> None:
        """Add the text of a triple if it is searched."""
        value, predicate = quad.object, quad.predicate.value
        if isinstance(value, NamedNode) and predicate in SAME_AS:
            self.codes.append(last_part(value.value))
        if isinstance(value, NamedNode) and predicate in _KINDS:
            (self.classes if predicate == RDF + "type" else self.kinds).append(value.value)
        if not isinstance(value, Literal) or predicate in NOT_SEARCHED:
            return
        if predicate == SKOS + "notation":
            self.numbers.append(value.value)
        if predicate in NAME_PROPERTIES:
            self.names.append(value.value)
        elif value.datatype.value in TEXT_DATATYPES:
            self.others.append(value.value)


def write_search_index(path: Path, target: Path, site_names: SiteNames, *, every_graph: bool) -> None:
    """Add the search index of the resources in a file of sorted N-Quads to an SQLite file, by the texts in the default graph.

    With `every_graph`, also by those in named graphs. Raises `search-impossible` if SQLite lacks FTS5.
    """
    data = QuadFile(path)
    with closing(sqlite3.connect(target, isolation_level=None)) as index:
        index.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;")
        require_fts5(index)
        index.executescript(_TABLES)
        index.execute("BEGIN")
        labels_of = cache(partial(_labels, data))
        for number, (iri, texts) in enumerate(_things(data.lines() if every_graph else data.default()), 1):
            kinds = [*texts.kinds, *texts.classes][:_FEW] if texts.numbers else []
            kind_names = [name for kind in kinds for name in labels_of(kind)]
            numbered = [f"{name} {number}" for name, number in product(kind_names, texts.numbers[:_FEW])]
            names = [words(name) for name in (*texts.names, *numbered)] or [words(last_part(iri))]
            other_names = [*texts.codes, *([shorten(iri)] if shorten(iri) != iri else [])]
            kinds_of_it = [name for kind in texts.kinds[:_FEW] for name in labels_of(kind)]
            others = chain.from_iterable(map(words, (*texts.others, *kinds_of_it, *other_names)))
            row = (
                *_rank(iri, texts, names, site_names.shared_start),
                " ".join(chain.from_iterable(names)),
                " ".join(others),
            )
            index.execute(
                "INSERT INTO read(rowid, iri, kind, is_external, nameless, depth, length, sorted, name, text) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (number, iri, *row),
            )
            # Who looks for « contrat » looks for the contracts: the class of that name is found after them, and by « cper:Contrat ».
            # Nobody types the name of a subsidy, which is made of those of its bodies and its date.
            is_named = row[0] != _MADE and _SUBSIDY not in texts.classes
            own_names = (*texts.names, *numbered) if is_named else ()
            called = [(" ".join(words(name)), number) for name in (*own_names, *other_names)]
            index.executemany("INSERT INTO called VALUES (?, ?)", called)
        index.executescript(f"BEGIN; {_ORDER} COMMIT;")
        (before,) = index.execute("SELECT count(*) FROM read WHERE kind < ?", (_QUERY,)).fetchone()
        index.execute(f"PRAGMA user_version = {before + 1}")


def _labels(data: QuadFile, iri: str) -> list[str]:
    found = [line for label in LABELS for line in islice(data.beginning(f"<{iri}> <{label}> ".encode()), _FEW)]
    return [quad.object.value for quad in parse_quads(found) if isinstance(quad.object, Literal)]


def require_fts5(connection: sqlite3.Connection) -> None:
    """Raise `search-impossible` if SQLite lacks the full-text extension FTS5."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5(word)")
    except sqlite3.OperationalError as error:
        raise Problem("search-impossible", version=sqlite3.sqlite_version, message=error) from error
    connection.execute("DROP TABLE temp.probe")


def last_part(iri: str) -> str:
    """Return the last segment of an IRI, the name of a resource without label.

    >>> last_part("https://example.org/axe/1"), last_part("https://example.org/ns#Axe"), last_part("urn:isbn:1")
    ('1', 'Axe', '1')
    """
    return re.split(r"[/#:]", iri.rstrip("/#:"))[-1]


_PLAN, _OTHER, _MADE, _QUERY = range(4)
"""Kinds of resources in the order of equal hits: contracts and their subdivisions, others, what data are made of, SPARQL."""
_PLAN_CLASSES: Final = frozenset(CPER + name for name in ("Contrat", "Subdivision"))
_JOIN: Final = LIENS + "Rapprochement"
_MADE_OF: Final = (QB, VOID, SH, DCAT, PROV + "Activity", PROV + "Plan", SKOS + "Concept", RDF, RDFS, OWL)


def _kind(classes: list[str]) -> int:
    """Return the kind of a resource by its classes."""
    if any(each.startswith(SH + "SPARQL") for each in classes):
        return _QUERY
    if any(each in _PLAN_CLASSES for each in classes):
        return _PLAN
    # A published figure is an observation of a cube, and one of our classes.
    ours = any(each.startswith(VOCABULARIES) and each != _JOIN for each in classes)
    made = any(each.startswith(_MADE_OF) or each == _JOIN for each in classes)
    return _MADE if made and not ours else _OTHER


def _rank(iri: str, texts: _Texts, names: list[list[str]], own: tuple[str, ...]) -> tuple[int, int, int, int, int, str]:
    """Return the sort key of equal hits: by kind, our resources, then labelled ones, wholes before parts, short names."""
    is_external, depth = not iri.startswith(own), iri.count("/") + iri.count("#")
    in_order = _DIGITS.sub(lambda run: f"{len(run[0].lstrip('0')):03}{run[0].lstrip('0')}", iri)
    return _kind(texts.classes), is_external, not texts.names, depth, min(map(len, names)), in_order


def _things(lines: Iterable[bytes]) -> Iterator[tuple[str, _Texts]]:
    """Yield each resource with its texts, in the order of the lines."""
    for subject, quads in groupby(parse_lines(_indexed_lines(lines)), key=lambda quad: quad.subject):
        if isinstance(subject, NamedNode):
            texts = _Texts()
            for quad in quads:
                texts.add(quad)
            yield subject.value, texts


def _indexed_lines(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines with searched texts, and the first line of each subject: half of all lines, or fewer."""
    last = b""
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        if rest[:1] == b'"' or predicate in _INDEXED_PREDICATES or subject != last:
            yield line
        last = subject

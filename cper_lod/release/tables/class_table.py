"""The table of each class: made once, when a release is built; filtered, ordered and read page by page.

A table is one SQLite table. Its columns are chosen by rule (`tables.rows`), named in French, the same in every language; values
that differ in English have a column of their own. Values are texts, so that a number keeps its digits.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, LIENS, OA, ORG, PREFIXES, PROV, RDF, RDFS, SKOS, VOCABULARIES
from cper_lod.core.text import natural_text
from cper_lod.core.units import UNIT
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.listed import (
    AMOUNT,
    FIGURE_COLUMNS,
    NAME,
    NUMBER,
    PURPOSE,
    SHARE,
    ListColumn,
    choose_columns,
    label_of,
)
from cper_lod.release.plan.observations import VALUE
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.class_listing import Class, Page
from cper_lod.release.storage.quad_file import lines_of
from cper_lod.release.tables.rows import ID, MAX_COLUMNS, TableValue, ValueKind, ordered_names, table_rows

OTHER_CLASSES: Final = frozenset({ORG + "FormalOrganization", PREFIXES["geo"] + "Feature"})
"""Classes of other vocabularies whose table is a file of the release as those of ours are: organisations and territories."""
MAX_OTHERS: Final = 1000
"""Things of any other class of which a table is made; the list of a larger one has their names, in one order, and no filters."""
MAX_SAMPLED: Final = 1000
"""Things of a class, from all over it, that are read to choose the columns of its table."""
MAX_KEY: Final = 40
"""Characters of a text by which rows are ordered; what they do not tell apart stays in the order of the table."""
MAX_SORTED: Final = 10_000
"""Rows of a table that stand in natural order (2 before 10); those of a larger one are in the order of IRIs."""
MAX_REPEATED: Final = 200_000
"""Texts of a large table that are remembered, so that one that comes back is stored once: 40 MB."""
_ENDS: Final = ("", "@en", "@key", "@en@key", "@names")
"""The ends of the names of the SQLite columns of one column: those of `_stored`."""
URL: Final = "url"
"""The column with the address of the page on a server."""
ColumnKind = ValueKind | Literal["url"]
Cell = str | int | Decimal | None
"""The value of a cell; dates and booleans are texts, as in XML Schema."""
_TYPE: Final = f"<{RDF}type>".encode()
_STANDARD: Final = {
    **{NAME: RDFS + "label", SHARE: CPER + "Part", AMOUNT: CPER + "Montant", NUMBER: VALUE, "unite": UNIT},
    **{"min": CPER + "borneInferieure", "max": CPER + "borneSuperieure", "nature": CPER + "nature"},
    **{"motif": CPER + "motif", "perimetre": CPER + "perimetre"},
    **{"mots": OA + "exact", "source": PROV + "wasDerivedFrom"},
}
"""The terms whose labels are the titles of columns that all tables may have."""
_TITLES: Final = {
    **{
        NAME: "list-name",
        PURPOSE: "list-purpose",
        SKOS + "broadMatch": "above",
        CPER + "partDe": "column-whole",
        CPER + "theme": "column-theme",
        "statut": "column-state",
        "mesure": "column-measure",
    },
    **{ORG + "classification": "column-kind", DCT + "type": "column-kind", URL: "column-url"},
}
"""The sentences that are titles, by property or by name of a column, where a label says something else."""


@dataclass(frozen=True)
class TableColumn:
    """A column of a table: its name, its titles, what its values are, and the term that says what it is.

    `localized` values differ between languages. Cells with a `datatype` are the one literal of the property `term`.
    """

    name: str
    titles: Mapping[str, str]
    kind: ColumnKind = "text"
    localized: bool = False
    term: str = ""
    datatype: str = ""

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in ("integer", "number")

    def title(self, lang: Language) -> str:
        """Return its title in a language."""
        return self.titles[lang]

    def cell(self, text: str | None) -> Cell:
        """Return the value of a cell from its text."""
        if not text:
            return None
        return int(text) if self.kind == "integer" else Decimal(text) if self.kind == "number" else text


_IDENTIFIER: Final = TableColumn(ID, {lang: translate("column-id", lang) for lang in LANGUAGES}, "url")


class Condition(NamedTuple):
    """A condition on the values of a column: equal to, greater or less than a value, or missing (`null`, true or false).

    Rows whose text is equal have one of `keys` (see `TextValue`).
    """

    column: str
    op: Literal["eq", "gt", "lt", "null"]
    value: str | bool
    keys: tuple[str, ...] = ()


class TextValue(NamedTuple):
    """A text of a column in each of `LANGUAGES`; `names` are the IRIs of the things that it names, or its code."""

    french: str
    english: str
    names: str

    @property
    def key(self) -> str:
        """What tells it from the other texts of its column: two things may have one name."""
        return self.names or self.french


class TablePage(NamedTuple):
    """A page of a table: its things and the pages around it, their rows, and how many rows meet the conditions."""

    page: Page
    rows: tuple[tuple[Cell, ...], ...]
    total: int

    @property
    def iris(self) -> tuple[str, ...]:
        """The things of the page, in its order."""
        return self.page.iris


@dataclass(frozen=True)
class ClassTable:
    """The table of a class.

    `name` is that of its SQLite table. Without one (see `MAX_OTHERS`), only names are read, in the order of IRIs. The last column
    is the IRI; if `address` returns the address of a thing on a server, that is the last one, and the IRI is read when asked for.
    """

    release: Release
    cls: str
    columns: tuple[TableColumn, ...]
    count: int
    name: str
    address: Callable[[str], str] | None = field(default=None, compare=False)

    @property
    def stored(self) -> bool:
        """Whether the table can be filtered and ordered."""
        return bool(self.name)

    @property
    def sortable(self) -> tuple[str, ...]:
        """The names of the columns that can order the table, and that conditions are about."""
        return (*(each.name for each in self.columns if each.name not in (ID, URL)), ID) if self.stored else ()

    def column(self, name: str) -> TableColumn | None:
        """Return the column with a name, None if there is none."""
        return _IDENTIFIER if name == ID else next((each for each in self.columns if each.name == name), None)

    def known(self, name: str) -> TableColumn:
        """Return the column with a name; raises LookupError if there is none."""
        column = self.column(name)
        if column is None:
            raise LookupError(name)
        return column

    def page(
        self,
        lang: Language,
        where: Sequence[Condition] = (),
        fields: Sequence[str] | None = None,
        sort: str = "",
        after: str = "",
        size: int = 100,
    ) -> TablePage:
        """Return at most `size` rows after the thing `after` (empty: from the first).

        They meet all conditions. `fields` are the names of the columns, all by default. `sort` is the name of a column, after
        `-` from the largest or last; rows without a value come last. Raises LookupError if a table in an order has no thing
        `after`. Names are those of `columns`, without `url` in conditions and in `sort`; a table that is not stored has
        neither.
        """
        columns = self.columns if fields is None else [self.known(name) for name in fields]
        if not self.stored:
            page = self.release.listing.page(self.cls, after, size)
            graph = ReleaseGraph(self.release)
            names = {iri: label_of(graph, NamedNode(iri), lang) for iri in page.iris}
            texts = ([name if each.name == NAME else iri for each in columns] for iri, name in names.items())
            found = zip(page.iris, texts, strict=True)
            return TablePage(page, tuple(self._cells(columns, *each) for each in found), self.count)
        query = _Query(self, lang, where, sort)
        start = query.place(after) if after else None
        total = query.count() if where else self.count
        rows = query.select(columns, start, size + 1)
        before = query.select((), start, size + 1, backwards=True) if after else []
        left = total % size or size
        end = query.select((), None, left + 1, backwards=True)[left:]
        previous = None if not after else before[size][0] if len(before) > size else ""
        iris = tuple(iri for iri, *_ in rows[:size])
        page = Page(iris, after, previous, iris[-1] if len(rows) > size else None, end[0][0] if end else "")
        return TablePage(page, tuple(self._cells(columns, iri, texts) for iri, *texts in rows[:size]), total)

    def _cells(self, columns: Sequence[TableColumn], iri: str, texts: Iterable[str | None]) -> tuple[Cell, ...]:
        address = self.address
        return tuple(
            address(iri) if address and column.name == URL else column.cell(text)
            for column, text in zip(columns, texts, strict=True)
        )

    def texts(self, column: TableColumn, limit: int, text: str | None = None) -> list[TextValue]:
        """Return the different texts of a column, at most `limit`; only those that are written, or named, as `text`."""
        if column.kind == "url":
            french = english = names = "iri"
        else:
            french, english, names = _text(column, "fr"), _text(column, "en"), _quoted(f"{column.name}@names")
        same = f"AND ? IN ({french}, {english}, {names})" if text is not None else ""
        query = (
            f"SELECT DISTINCT {french}, {english}, COALESCE({names}, '') FROM {self.name}"  # noqa: S608 - names are quoted
            f" WHERE {french} IS NOT NULL {same} LIMIT ?"
        )
        found = self.release.tables.execute(query, (*([] if text is None else [text]), limit))
        return [TextValue(*row) for row in found]

    def below(self, iri: str, names: Sequence[str], lang: Language) -> Iterator[tuple[str, tuple[Cell, ...]]]:
        """Yield the things whose IRI lies below `iri`, each with its cells under some names, None where there is no such column."""
        columns = [self.column(name) for name in names]
        texts = "".join(f", {_text(each, lang) if each else 'NULL'}" for each in columns)
        query = f"SELECT iri{texts} FROM {self.name} WHERE iri > ? AND iri < ? ORDER BY position"  # noqa: S608
        for thing, *found in self.release.tables.execute(query, (f"{iri}/", f"{iri}0")):  # "0" follows "/"
            yield thing, tuple(each.cell(text) if each else None for each, text in zip(columns, found, strict=True))

    def contracts(self) -> list[str]:
        """Return the slugs of the contracts whose things are told from those of the others, which an empty one stands for."""
        found = self.release.tables.execute(f"SELECT DISTINCT contract FROM {self.name} ORDER BY contract")  # noqa: S608
        return [slug for (slug,) in found]

    def filled(self, contract: str) -> tuple[TableColumn, ...]:
        """Return the columns that are not empty for the things of a contract."""
        counts = ", ".join(f"count({_text(each, 'fr')})" for each in self.columns)
        query = f"SELECT {counts} FROM {self.name} WHERE contract = ?"  # noqa: S608 - names are quoted
        found = self.release.tables.execute(query, (contract,)).fetchone()
        return tuple(column for column, count in zip(self.columns, found, strict=True) if count)

    def rows(self, columns: Sequence[TableColumn], contract: str) -> Iterator[tuple[str | None, ...]]:
        """Yield the rows of the things of a contract in French, as texts."""
        texts = ", ".join(_text(each, "fr") for each in columns)
        query = f"SELECT {texts} FROM {self.name} WHERE contract = ? ORDER BY position"  # noqa: S608 - names are quoted
        yield from self.release.tables.execute(query, (contract,))


class _Query:
    """The query for the rows of a table that meet conditions, in an order."""

    def __init__(self, table: ClassTable, lang: Language, where: Sequence[Condition], sort: str) -> None:
        self._table, self._lang = table, lang
        self._conditions, self._values = list[str](), list[object]()
        for name, op, value, keys in where:
            column = table.known(name)
            text = _text(column, lang)
            if op == "null":
                self._conditions.append(f"{text} IS {'' if value else 'NOT '}NULL")
                continue
            if keys:
                key = "iri" if column.kind == "url" else f"COALESCE({_quoted(f'{name}@names')}, {_quoted(name)})"
                self._conditions.append(f"{key} IN ({', '.join('?' * len(keys))})")
                self._values += keys
                continue
            sign = {"eq": "=", "gt": ">", "lt": "<"}[op]
            if column.kind == "text":  # as the column orders rows, but for what its keys leave out
                key, least = _sort_key(column, lang), _sorted_as(str(value))
                rest = f"CASE WHEN length({key}) < {MAX_KEY} THEN '' ELSE {text} END"
                self._conditions.append(f"({key}, {rest}) {sign} (?, ?)")
                self._values += [least, value if len(least) == MAX_KEY else ""]
                continue
            self._conditions.append(
                f"CAST({text} AS REAL) {sign} CAST(? AS REAL)" if column.numeric else f"{text} {sign} ?"
            )
            self._values.append(value)
        self._order = self._order_by(sort)

    def _order_by(self, sort: str) -> list[tuple[str, bool]]:
        """Return the expressions that rows are ordered by, each with whether from the largest; the position last."""
        name, descends = sort.removeprefix("-"), sort.startswith("-")
        terms = list[tuple[str, bool]]()
        if name:
            column, units = self._table.known(name), self._table.column("unite")
            text = _text(column, self._lang)
            terms.append((f"({text} IS NULL)", False))
            if units and name in FIGURE_COLUMNS:  # numbers of different units are not compared
                terms.append((f"COALESCE({_text(units, self._lang)}, '')", descends))
            terms.append((_sort_key(column, self._lang), descends))
        return [*terms, ("position", False)]

    def place(self, iri: str) -> tuple[object, ...]:
        """Return what a thing is ordered by; raises LookupError if the table does not have it."""
        keys = ", ".join(key for key, _ in self._order)
        query = f"SELECT {keys} FROM {self._table.name} WHERE iri = ?"  # noqa: S608 - names are quoted
        row = self._table.release.tables.execute(query, (iri,)).fetchone()
        if row is None:
            raise LookupError(iri)
        return tuple(row)

    def count(self) -> int:
        """Return the number of rows that meet the conditions."""
        conditions = " AND ".join(self._conditions)
        query = f"SELECT count(*) FROM {self._table.name} WHERE {conditions}"  # noqa: S608 - names are quoted
        return int(self._table.release.tables.execute(query, self._values).fetchone()[0])

    def select(
        self, columns: Sequence[TableColumn], start: tuple[object, ...] | None, limit: int, *, backwards: bool = False
    ) -> list[tuple[str, ...]]:
        """Return IRI and texts of the rows after a place; with `backwards`, those before it, from the place itself on."""
        conditions, values = list(self._conditions), list(self._values)
        if start is not None:
            further, equal = list[str](), list[str]()
            for number, (key, descends) in enumerate(self._order):
                # The place itself by the last key, not by an OR, for which SQLite would read the table from its end.
                sign = ("<" if descends != backwards else ">") + "=" * (backwards and key == "position")
                further.append(" AND ".join([*equal, f"{key} {sign} ?"]))
                values += start[: number + 1]
                equal.append(f"{key} IS ?")
            conditions.append("(" + " OR ".join(f"({each})" for each in further) + ")")
        texts = ", ".join(["iri", *(_text(each, self._lang) for each in columns)])
        order = ", ".join(f"{key} {'DESC' if descends != backwards else 'ASC'}" for key, descends in self._order)
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        query = f"SELECT {texts} FROM {self._table.name} {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return list(self._table.release.tables.execute(query, (*values, limit)))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(column: TableColumn, lang: Language) -> str:
    """Return the expression of the text of a column in a language."""
    if column.kind == "url":
        return "NULL" if column.name == URL else "iri"
    name = _quoted(column.name)
    return f"COALESCE({_quoted(f'{column.name}@en')}, {name})" if column.localized and lang == "en" else name


def _sort_key(column: TableColumn, lang: Language) -> str:
    """Return the expression by which a column orders rows: texts as people sort them, IRIs as their table has them."""
    if column.kind == "url":
        return "position"
    if column.kind != "text":
        return f"CAST({_text(column, lang)} AS REAL)" if column.numeric else _text(column, lang)
    names = (f"{column.name}@en@key", f"{column.name}@en") if column.localized and lang == "en" else ()
    return f"COALESCE({', '.join(map(_quoted, (*names, f'{column.name}@key', column.name)))})"


@once_per_release(300)
def class_table(release: Release, cls: str, address: Callable[[str], str] | None = None) -> ClassTable:
    """Return the table of a class, which has no rows if no named thing has the class."""
    row = release.tables.execute("SELECT columns, count, number FROM tables WHERE class = ?", (cls,)).fetchone()
    if row:
        columns = [TableColumn(**each) for each in json.loads(row[0])]
    else:
        columns = [TableColumn(NAME, _titles(release, NAME, ""), localized=True), _IDENTIFIER]
    if address:
        columns[-1] = TableColumn(URL, _titles(release, URL, ""), "url")
    count = row[1] if row else release.listing.count(cls)
    return ClassTable(release, cls, tuple(columns), int(count), f"rows{row[2]}" if row else "", address)


@dataclass
class _Profile:
    """What the values of a column have in common."""

    filled: bool = False
    localized: bool = False
    kinds: set[ValueKind] = field(default_factory=set)
    datatypes: set[str] = field(default_factory=set)

    @property
    def kind(self) -> ColumnKind:
        """The narrowest kind that all values have."""
        kinds = self.kinds
        if kinds == {"integer", "number"}:
            return "number"
        return next(iter(kinds)) if len(kinds) == 1 else "text"


def _profiles(names: Iterable[str]) -> dict[str, _Profile]:
    return {name: _Profile() for name in names}


def _add(profiles: Mapping[str, _Profile], row: Mapping[str, TableValue]) -> None:
    """Take a row into account."""
    for name, value in row.items():
        profile = profiles[name]
        profile.filled = True
        profile.kinds.add(value.kind)
        profile.datatypes.add(value.datatype)
        profile.localized |= value.texts[0] != value.texts[1]


def _described(release: Release, listed: Sequence[ListColumn], profiles: Mapping[str, _Profile]) -> list[TableColumn]:
    """Return the columns of a table: of those that are filled, the first, the source and the IRI."""
    by_name = {each.name: each for each in listed}
    filled = [name for name, each in profiles.items() if each.filled and name not in ("source", ID)]
    kept = ["source"] if profiles["source"].filled else []
    columns = []
    for name in [*filled[: MAX_COLUMNS - 1 - len(kept)], *kept]:
        column, profile = by_name.get(name), profiles[name]
        term = column.predicate if column and column.path else _STANDARD.get(name, "")
        states = column is not None and len(column.path) == 1 == len(profile.datatypes)
        datatype = next(iter(profile.datatypes)) if states else ""
        columns.append(TableColumn(name, _titles(release, name, term), profile.kind, profile.localized, term, datatype))
    return [*columns, _IDENTIFIER]


def _titles(release: Release, name: str, term: str) -> dict[str, str]:
    """Return the title of a column in each language: a sentence, else the label of its property, else its name."""
    key = _TITLES.get(name) or _TITLES.get(term)
    if term == SKOS + "notation":
        key = "column-number" if name == "numero" else "column-code"
    if key:
        return {lang: translate(key, lang) for lang in LANGUAGES}
    graph = ReleaseGraph(release)
    names = {lang: graph.name(NamedNode(term), lang) if term else "" for lang in LANGUAGES}
    return {lang: formatting.capital(found or name) for lang, found in names.items()}


def table_classes(release: Release) -> list[Class]:
    """Return the classes whose tables are files of the release: ours and `OTHER_CLASSES`, if they have instances; by name.

    Joins belong to no dataset: the ontology has those of the program.
    """
    own = (each for each in release.listing.classes if each.iri.startswith(VOCABULARIES) or each.iri in OTHER_CLASSES)
    found = [each for each in own if each.iri != LIENS + "Rapprochement"]
    return sorted((each for each in found if each.count and each.slug), key=lambda each: each.slug)


def write_class_tables(release: Release, contracts: Mapping[str, Sequence[Path]]) -> None:
    """Write the tables of a release that is being built; raises OSError and sqlite3.Error.

    `contracts` are the contracts with derived datasets, by slug, each with the files of their triples: their rows are told
    from those of the others, which have files of their own.
    """
    files, tables = {each.iri for each in table_classes(release)}, release.tables
    tables.execute(
        "CREATE TABLE tables(class TEXT PRIMARY KEY, number INTEGER NOT NULL, columns TEXT NOT NULL, count INTEGER NOT NULL)"
    )
    tables.execute("CREATE TEMP TABLE of_contracts(iri TEXT PRIMARY KEY, contract TEXT NOT NULL) WITHOUT ROWID")
    for slug, paths in contracts.items():
        things = (line.split(b" ", 2) for path in paths for line in lines_of(path))
        rows = ((thing[1:-1].decode(), slug) for thing, name, _ in things if name == _TYPE and thing[:1] == b"<")
        tables.executemany("INSERT OR IGNORE INTO of_contracts VALUES (?, ?)", rows)
    for number, cls in enumerate(release.listing.classes):
        if cls.count and (cls.iri in files or cls.count <= MAX_OTHERS):
            _write_table(release, tables, cls, number)


def _write_table(release: Release, tables: sqlite3.Connection, cls: Class, number: int) -> None:
    step = -(-cls.count // MAX_SAMPLED)
    listed = choose_columns(release, islice(release.listing.things(cls.iri), 0, None, step))
    profiles = _profiles(ordered_names(listed))
    names = [each for each in profiles if each != ID]
    columns = [_quoted(name + end) for name in names for end in _ENDS]
    things: Iterable[str] = release.listing.things(cls.iri)
    stored = "".join(f", {each}" for each in columns)
    if cls.count <= MAX_SORTED:
        things, table, repeated = sorted(things, key=natural_sort_key), f"rows{number}", None
        tables.execute(
            f"CREATE TABLE {table}(position INTEGER PRIMARY KEY, iri TEXT NOT NULL UNIQUE, contract TEXT NOT NULL{stored})"
        )
    else:  # a large one has each IRI once, which is its place too
        table, repeated = f"cells{number}", _RepeatedTexts(tables, number)
        tables.execute(f"CREATE TABLE {table}(iri TEXT PRIMARY KEY, contract NOT NULL{stored}) WITHOUT ROWID")
        texts = (
            f"CASE typeof({each}) WHEN 'integer' THEN (SELECT text FROM texts{number} WHERE id = {each}) ELSE {each} END"  # noqa: S608
            for each in ("contract", *columns)
        )
        shown = "".join(f", {text} AS {name}" for text, name in zip(texts, ("contract", *columns), strict=True))
        tables.execute(f"CREATE VIEW rows{number} AS SELECT iri AS position, iri{shown} FROM {table}")  # noqa: S608

    def rows() -> Iterator[tuple[str | int | None, ...]]:
        for row in table_rows(release, listed, things):
            _add(profiles, row)
            texts = (_stored(row[name]) if name in row else (None,) * len(_ENDS) for name in names)
            iri = row[ID].texts[0]
            contract = tables.execute("SELECT contract FROM of_contracts WHERE iri = ?", (iri,)).fetchone() or ("",)
            cells = chain(contract, *texts)
            yield iri, *(map(repeated.store, cells) if repeated else cells)

    marks = ", ?" * (1 + len(columns))
    tables.executemany(f"INSERT INTO {table} VALUES ({'' if repeated else 'NULL, '}?{marks})", rows())  # noqa: S608 - our own text
    described = json.dumps([asdict(each) for each in _described(release, listed, profiles)], ensure_ascii=False)
    tables.execute("INSERT INTO tables VALUES (?, ?, ?, ?)", (cls.iri, number, described, cls.count))


class _RepeatedTexts:
    """Has a large table store a text that comes back once, and its number in the cells: a tenth of the bytes."""

    def __init__(self, tables: sqlite3.Connection, number: int) -> None:
        self._tables, self._name = tables, f"texts{number}"
        self._seen: dict[str, int | None] = {}
        tables.execute(f"CREATE TABLE {self._name}(id INTEGER PRIMARY KEY, text TEXT NOT NULL)")

    def store(self, text: str | None) -> str | int | None:
        """Return what a cell stores: a text that is met for the first time, else its number."""
        if text is None:
            return None
        if text not in self._seen:
            if len(self._seen) == MAX_REPEATED:
                self._seen.clear()
            self._seen[text] = None
            return text
        number = self._seen[text]
        if number is None:
            query = f"INSERT INTO {self._name}(text) VALUES (?)"  # noqa: S608 - our own name
            number = self._seen[text] = self._tables.execute(query, (text,)).lastrowid
        return number


def _stored(value: TableValue) -> tuple[str | None, ...]:
    """Return the text of a value in French, in English where that is another, the texts that these are sorted by, and what it names."""
    french, english = value.texts
    texts = french or None, english if english != french else None
    # Days are in a column of texts where another date is a year alone.
    keys = (each and _sorted_as(each) if value.kind in ("text", "date") else None for each in texts)
    return *texts, *keys, value.names or None


@lru_cache(maxsize=8192)  # saves a fifteenth of the table of subsidies, whose bodies and axes come back
def _sorted_as(text: str) -> str:
    return natural_text(text)[:MAX_KEY]

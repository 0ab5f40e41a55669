"""Which rows and columns of the table of a class a request asks for: `?part__gt=20&contrat=…&fields=nom,part&sort=-part`.

A condition is named by its column: `part=48`, `part__gt`, `part__lt`, and `part__null=true` for rows without a value.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import g, request

from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import DOCUMENT_FORMATS, HTML, Format
from cper_lod.core.text import NEARLY, did_you_mean, folded, nearest, slug
from cper_lod.release.plan.listed import FIGURE_COLUMNS
from cper_lod.release.tables.class_table import ClassTable, Condition, TableColumn, TextValue
from cper_lod.release.tables.rows import SEPARATOR
from cper_lod.web.api import parameters
from cper_lod.web.api.resources import SUMS
from cper_lod.web.http import urls

_ENDS: Final = ("", "__gt", "__lt", "__null")
"""The ends of the names of conditions, behind the name of a column."""
_SQL: Final = frozenset({"where", "filter", "$filter", "filters", "having", "condition", "sql"})
"""Names by which other sites take a whole condition."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_DATE: Final = re.compile(r"-?[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_DAY: Final = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}")
"""A day as it is not compared, in columns of texts neither."""
_BETWEEN: Final = re.compile(r"[\s'\u2018\u2019\u02bc\u2010-\u2015_-]+")
"""What stands between words: white space, apostrophes, hyphens and dashes."""
_FORM: Final = re.compile(rf"\.(?:{'|'.join(each.suffix for each in DOCUMENT_FORMATS)})$")
"""The suffix of the address of a thing."""
_IN_JSON: Final = {"valeur": FIGURE_COLUMNS, "etat": ("statut",), "citation": ("mots",)} | dict.fromkeys(
    FIGURE_COLUMNS, FIGURE_COLUMNS
)
"""Names of values in JSON, and of columns in other tables, each with the columns that hold the same."""
_MAX_COMPARED: Final = 2000
"""Different texts of a column with which one is compared in other letters; of a column with more, only the same text is found."""
_MAX_NEAR: Final = 1000
"""Texts among which a near one is looked for."""
_MAX_TOLD: Final = 20
"""Texts of a column at most that an error names."""


@dataclass(frozen=True)
class Choice:
    """The conditions that rows meet, each by its name in the request, the columns that are shown (None: those of the list), the order."""

    where: dict[str, Condition] = field(default_factory=dict)
    fields: tuple[str, ...] | None = None
    sort: str = ""

    @property
    def conditions(self) -> dict[str, str]:
        """The query of the conditions: they belong to the address of the list."""
        return {
            name: str(each.value).lower() if each.op == "null" else str(each.value) for name, each in self.where.items()
        }

    @property
    def query(self) -> dict[str, str]:
        """The query of the columns and the order."""
        return ({"fields": ",".join(self.fields)} if self.fields else {}) | ({"sort": self.sort} if self.sort else {})


def requested_choice(table: ClassTable, form: Format) -> Choice:
    """Return the rows and columns of a table that this request asks for.

    Raises `parameter-unknown`, `parameter-invalid`, `parameter-repeated`, `column-unknown`. On a page, a name that is no
    condition is passed over, since other sites add theirs.
    """
    all_known = (
        each for each in parameters.parameters_of(request.endpoint) if each.media_type in ("", form.media_type)
    )
    known = [each.name for each in all_known if not each.needs or each.needs in request.args]
    where = dict[str, Condition]()
    for name in request.args:
        column, separator, operator = name.partition("__")
        end = separator + operator
        if name in known:
            continue
        if column in table.sortable and end in _ENDS:
            where[name] = _condition(table, table.known(column), end, name, urls.single_parameter(name))
        elif form is not HTML or _near(_start(name), table, table.sortable, NEARLY):
            offers = [*known, *table.sortable]
            raise Problem("parameter-unknown", name=name[:40], hint=_meant(name, table, known), offers=offers)
    g.conditions = frozenset(where)
    return Choice(where, _fields(table), _sort(table))


def _keys(table: ClassTable, column: TableColumn, name: str, text: str) -> tuple[str, ...]:
    """Return the keys of the texts of a column that a text means: as people write it, or as a thing is addressed.

    Raises `parameter-invalid` for a text that no row has.
    """
    known = table.texts(column, _MAX_COMPARED + 1)
    if len(known) > _MAX_COMPARED:
        found = table.texts(column, _MAX_COMPARED, text)
    else:
        path = text.rpartition("/doc/")[2].partition("?lang=")[0]
        wanted = {_plain(text), _plain(_FORM.sub("", path))}
        found = [each for each in known if not wanted.isdisjoint(_written(each))]
    if not found:
        raise _invalid(name, text, _expected(known, column.name, text))
    return tuple(dict.fromkeys(each.key for each in found))


def _plain(text: str) -> str:
    """Return a text without case, accents, and the signs between words."""
    return _BETWEEN.sub(" ", folded(text)).strip() or folded(text)


def _written(value: TextValue) -> set[str]:
    """Return what may be written for a text: in each language, or one of its parts; for a thing, IRI, address, path, code."""
    texts = {part for text in value[:2] for part in (text, *text.split(SEPARATOR))}
    for iri in value.names.split():
        texts |= {iri, urls.page_url(iri) if ":" in iri else "", urls.local_name(iri) or ""}
        texts |= {re.split("[/#]", iri)[-1], SUMS.get(iri, "")}
    return set(map(_plain, texts)) - {""}


def _expected(known: Sequence[TextValue], column: str, text: str) -> Phrase:
    """Return what a condition on a column could say instead of a text: the nearest one, and all if they are few."""
    said = list[str]()
    for index, quoted in enumerate(("« {} »", "“{}”")):
        texts = dict.fromkeys(each[index][:80] for each in known[:_MAX_NEAR])
        near = nearest(text, texts, 0.5)
        told = dict.fromkeys((near, *texts) if len(texts) <= _MAX_TOLD else (near,))
        said.append(", ".join(quoted.format(each) for each in told if each))
    more = f"?fields={column}"
    return Phrase(
        said[1] or f"a value of the column, see {more}", fr=said[0] or f"une valeur de la colonne, voir {more}"
    )


def _near(name: str, table: ClassTable, offers: Sequence[str], likeness: float = 0.6) -> str:
    """Return the one of some columns whose name, or title in either language, is nearest to a name; "" if none is near."""
    columns = [*map(table.known, offers)]
    titles: dict[str, str] = {slug(each.title(lang)): each.name for lang in LANGUAGES for each in columns}
    names = titles | {each.name: each.name for each in columns}
    for said, held in _IN_JSON.items():
        if column := next((each for each in held if each in offers), ""):
            names.setdefault(said, column)
    return names.get(nearest(name, names, likeness), "")


def _start(name: str) -> str:
    """Return what may be the name of a column in a condition as other sites write it: `part__between`, `part>50`, `filter[part]`."""
    return re.split(r"__|[<>\[\]]", name.removeprefix("filter["))[0]


def _meant(name: str, table: ClassTable, known: Sequence[str]) -> Phrase | None:
    """Return which parameter was probably meant by a name, as a sentence; None if none is like it."""
    if name.lower() in ("q", "query", "search", "text"):
        where = urls.address("/search", {"q": request.args[name][:40]})
        return Phrase(f"Words are looked for at {where}.", fr=f"Les mots se cherchent à {where}.")
    column = _near(_start(name), table, table.sortable)
    if table.sortable and (name.lower() in _SQL or (column and _start(name) != name)):
        column = column or next((each.name for each in table.columns if each.numeric), table.sortable[0])
        conditions = ", ".join(f"{column}{each}=…" for each in _ENDS)
        return Phrase(
            f"Conditions are parameters: {conditions}.", fr=f"Les conditions sont des paramètres : {conditions}."
        )
    return did_you_mean(column) if name in _IN_JSON else parameters.hint(name, known) or did_you_mean(column)


def _condition(table: ClassTable, column: TableColumn, end: str, name: str, text: str) -> Condition:
    """Return a condition; raises `parameter-invalid` for a value that no value can be compared with, and for a text that no row has."""
    text = text.strip() if column.numeric or column.kind == "date" else text
    if end == "__null":
        if text.lower() not in ("true", "false"):
            raise _invalid(name, text, Phrase("true or false", fr="true ou false"))
        return Condition(column.name, "null", text.lower() == "true")
    if column.numeric and not _NUMBER.fullmatch(text):
        raise _invalid(name, text, Phrase("a number such as 57.3 or 2700000", fr="un nombre comme 57.3 ou 2700000"))
    if (column.kind == "date" and not _DATE.fullmatch(text)) or _DAY.fullmatch(text):
        raise _invalid(name, text, Phrase("a date such as 2023-01-09", fr="une date comme 2023-01-09"))
    keys = () if end or column.numeric or column.kind == "date" else _keys(table, column, name, text)
    return Condition(column.name, {"__gt": "gt", "__lt": "lt"}.get(end, "eq"), text, keys)  # type: ignore[arg-type]


def _fields(table: ClassTable) -> tuple[str, ...] | None:
    """Return the names of the columns that the request asks for, None if it leaves that to the list."""
    if "fields" not in request.args:
        return None
    text, names = (
        urls.single_parameter("fields"),
        list(dict.fromkeys((*table.sortable, *(each.name for each in table.columns)))),
    )
    fields = tuple(dict.fromkeys(each.strip() for each in text.split(",")))
    for each in fields:
        if each not in names:
            raise _unknown_column("fields", each, names, _near(each, table, names))
    return fields


def _sort(table: ClassTable) -> str:
    """Return the order that the request asks for, empty for that of the table; one that is not stored has no other."""
    if "sort" not in request.args:
        return ""
    sort = urls.single_parameter("sort")
    if sort.removeprefix("-") in table.sortable:
        return sort
    near = _near(sort.removeprefix("-").partition(" ")[0], table, table.sortable)
    raise _unknown_column("sort", sort, table.sortable, f"-{near}" if near and sort.startswith("-") else near)


def _unknown_column(name: str, value: str, offers: Sequence[str], near: str) -> Problem:
    one_order = Phrase("This list is too large for that.", fr="Cette liste est trop grande pour cela.")
    hint = did_you_mean(near) if offers else one_order
    return Problem("column-unknown", name=name, value=value[:40], hint=hint, offers=[*offers])


def _invalid(name: str, value: str, expected: Phrase) -> Problem:
    return Problem("parameter-invalid", name=name, value=value[:40], expected=expected)

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
from cper_lod.core.namespaces import CPER
from cper_lod.core.text import NEARLY, did_you_mean, folded, nearest, slug
from cper_lod.release.plan.listed import FIGURE_COLUMNS
from cper_lod.release.tables.class_table import ClassTable, Condition, TableColumn, TextValue
from cper_lod.release.tables.rows import SEPARATOR
from cper_lod.web.api import parameters
from cper_lod.web.api.resources import SUMS
from cper_lod.web.http import urls

_OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "": ("exact", "eq", "equals", "=", "is", "in"),
    "__gt": ("gte", "ge", "min", "greater", "strictly_greater", ">", ">=", "from", "after"),
    "__lt": ("lte", "le", "max", "less", "strictly_less", "<", "<=", "to", "before"),
    "__null": ("isnull", "notnull", "isnotnull", "empty", "missing"),
}
"""The ends of the names of conditions, each with what other sites and SQL call it."""
_CONDITION: Final = re.compile(r"(?P<column>.+?)(?P<sign>__|[<>]=?)(?P<op>[a-z_]*)(?P<value>.*)")
"""A condition as people write it: `part__greater`, `part>20`, `part>` (of `part>=20`)."""
_SQL: Final = frozenset({"where", "filter", "$filter", "filters", "having", "condition", "sql"})
"""Names by which other sites take a whole condition."""
_ORDER: Final = re.compile(r"(.+?)(?:__sort|[ :.,+]+)(asc|desc)(?:ending)?", re.IGNORECASE)
"""An order as SQL and other sites write it: `part desc`, `part:asc`."""
_GROUPED: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")
"""A space between the thousands of a number."""
_BETWEEN: Final = re.compile(r"[\s'\u2018\u2019\u02bc\u2010-\u2015_-]+")
"""What stands between words: white space, apostrophes, hyphens and dashes."""
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
        if column in table.sortable and end in _OPERATORS:
            where[name] = _condition(table, table.known(column), end, name, urls.single_parameter(name))
        elif form is not HTML or _CONDITION.fullmatch(name) or _near(name, table, table.sortable, NEARLY):
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
        wanted = {_plain(text), _plain(_address(text))}
        found = [each for each in known if not wanted.isdisjoint(_written(each))]
        if not found and column.term == CPER + "contrat":  # the name of a region alone, if it has one contract
            words = f" {_plain(text)} "
            found = [each for each in known if words in f" {_plain(each.french)} "]
            found = found if len({each.key for each in found}) == 1 else []
    if not found:
        raise _invalid(name, text, _expected(known, column.name, text))
    return tuple(dict.fromkeys(each.key for each in found))


def _plain(text: str) -> str:
    """Return a text without case, accents, and the signs between words; a number such as a SIREN without spaces."""
    return _GROUPED.sub("", _BETWEEN.sub(" ", folded(text)).strip()) or folded(text)


def _written(value: TextValue) -> set[str]:
    """Return what may be written for a text: in each language, or one of its parts; for a thing, IRI, address, path, code."""
    texts = {part for text in value[:2] for part in (text, *text.split(SEPARATOR))}
    for iri in value.names.split():
        texts |= {iri, urls.page_url(iri) if ":" in iri else "", urls.local_name(iri) or ""}
        texts |= {re.split("[/#]", iri)[-1], SUMS.get(iri, "")}
    return set(map(_plain, texts)) - {""}


def _address(text: str) -> str:
    """Return the public URL of an address of this site, without the suffix of its form; any other text as it is."""
    address = text.strip().removeprefix(request.host_url.rstrip("/")).removeprefix(urls.public_url(""))
    if not address.startswith("/"):
        return text
    path, mark, query = address.partition("?")
    form = next((f".{each.suffix}" for each in DOCUMENT_FORMATS if path.endswith(f".{each.suffix}")), "")
    start = urls.public_url(path.removesuffix(form))
    return f"{start}{mark}{query}" if "iri=" in query else start


def _expected(known: Sequence[TextValue], column: str, text: str) -> Phrase:
    """Return what a condition on a column could say instead of a text: the nearest one, and all if they are few."""
    said = []
    for index, (start, other) in enumerate((("“", "”, "), ("« ", " », "))):
        texts = list(dict.fromkeys(each[1 - index][:80] for each in known[:_MAX_NEAR]))
        near = nearest(text, texts, 0.5) or next((each for each in texts if _plain(text) in _plain(each)), "")
        few = len(texts) <= _MAX_TOLD
        others = [near, *(each for each in texts if each != near)] if near else texts
        told = others if few else [near] if near else []
        said.append(other.join(f"{start}{each}" for each in told) + other.rstrip(", ") if told else "")
    more = f"?fields={column}"
    return Phrase(
        said[0] or f"a value of the column, see {more}", fr=said[1] or f"une valeur de la colonne, voir {more}"
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


def _meant(name: str, table: ClassTable, known: Sequence[str]) -> Phrase | None:
    """Return which parameter was probably meant by a name, as a sentence; None if none is like it."""
    if name.lower() in _SQL and table.sortable:
        number = next((each.name for each in table.columns if each.numeric), "")
        shown = f"{number}__gt=50" if number else f"{table.sortable[0]}=…"
        return Phrase(
            f"A condition is a parameter of its own: {shown}.", fr=f"Une condition est un paramètre : {shown}."
        )
    if name.lower() in ("q", "query", "search", "text"):
        where = urls.address("/search", {"q": request.args[name][:40]})
        return Phrase(f"Words are looked for at {where}.", fr=f"Les mots se cherchent à {where}.")
    parts = _CONDITION.fullmatch(re.sub(r"\]?\[", "__", name).rstrip("]").removeprefix("filter__"))
    column = _near(parts["column"] if parts else name, table, table.sortable)
    if parts and column:
        sign = parts["op"] or parts["sign"]
        ends = (end for end, others in _OPERATORS.items() if sign in (*others, end[2:]))
        value = parts["value"] or request.args[name]
        end = next(ends, None)
        if end is None:
            known_ends = ", ".join(f"{column}{each}=…" for each in _OPERATORS)
            return Phrase(f"Conditions are {known_ends}.", fr=f"Les conditions sont {known_ends}.")
        if end == "__null":
            value = str(not sign.startswith(("notnull", "isnotnull"))).lower()
        return did_you_mean(f"{column}{end}={value}"[:60])
    return did_you_mean(column) if name in _IN_JSON else parameters.hint(name, known) or did_you_mean(column)


def _condition(table: ClassTable, column: TableColumn, end: str, name: str, text: str) -> Condition:
    """Return a condition; raises `parameter-invalid` for a value that no value can be compared with, and for a text that no row has."""
    if end == "__null":
        if text.lower() not in ("true", "false"):
            raise _invalid(name, text, Phrase("true or false", fr="true ou false"))
        return Condition(column.name, "null", text.lower() == "true")
    if text.strip().lower() in ("", "null", "none", "nan"):
        missing = f"{column.name}__null=true"
        expected = Phrase(
            f"a value; {missing} finds the rows without one", fr=f"une valeur ; {missing} trouve les lignes sans"
        )
        raise _invalid(name, text, expected)
    if column.numeric:
        text = _number(name, text)
    day = re.fullmatch(r"(\d\d?)[/.-](\d\d?)[/.-](\d{4})", text.strip())
    if day or (column.kind == "date" and not re.fullmatch(r"-?\d{4}(-\d\d(-\d\d)?)?", text)):
        example = f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day else "2023-01-09"
        raise _invalid(name, text, Phrase(f"a date such as {example}", fr=f"une date comme {example}"))
    keys = () if end or column.numeric or column.kind == "date" else _keys(table, column, name, text)
    return Condition(column.name, {"__gt": "gt", "__lt": "lt"}.get(end, "eq"), text, keys)  # type: ignore[arg-type]


def _number(name: str, text: str) -> str:
    """Return a number as it is compared; raises `parameter-invalid`.

    `57,3` and `2 700 000` can mean one number only; `1,234` can be either.
    """
    plain = _GROUPED.sub("", text.strip().replace("\u2212", "-"))
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", plain):
        whole, decimal = plain.replace(",", ""), plain.replace(",", ".")
        either = (whole, decimal) if plain.count(",") == 1 else (whole,)
        raise _invalid(name, text, Phrase(" or ".join(either), fr=" ou ".join(either)))
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3}){2,}", plain):
        whole = plain.replace(".", "")
        raise _invalid(name, text, Phrase(whole, fr=whole))
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not (plain.isascii() and re.fullmatch(r"[+-]?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,3})?", plain)):
        shown = found[0].replace(",", ".") if (found := re.search(r"-?\d+([.,]\d+)?", plain)) else "57.3"
        if plain[:1] in ("<", ">"):
            meant = f"{name.partition('__')[0]}__{'gt' if plain[0] == '>' else 'lt'}={shown[:20]}"
            raise _invalid(name, text, Phrase(f"a number; {meant} compares", fr=f"un nombre ; {meant} compare"))
        raise _invalid(name, text, Phrase(f"a number such as {shown[:20]}", fr=f"un nombre comme {shown[:20]}"))
    return plain


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
    order = _ORDER.fullmatch(sort)
    near = _near(order[1] if order else sort.removeprefix("-"), table, table.sortable)
    descends = sort.startswith("-") or (order is not None and order[2].lower() == "desc")
    raise _unknown_column("sort", sort, table.sortable, f"-{near}" if near and descends else near)


def _unknown_column(name: str, value: str, offers: Sequence[str], near: str) -> Problem:
    one_order = Phrase("This list is too large for that.", fr="Cette liste est trop grande pour cela.")
    hint = did_you_mean(near) if offers else one_order
    return Problem("column-unknown", name=name, value=value[:40], hint=hint, offers=[*offers])


def _invalid(name: str, value: str, expected: Phrase) -> Problem:
    return Problem("parameter-invalid", name=name, value=value[:40], expected=expected)

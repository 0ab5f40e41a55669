"""Parses and bounds the requests of reconciliation clients: batches of queries, and data extension queries."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeVar

from cper_lod.core.errors import LANGUAGES, Language, Phrase, Problem

MAX_QUERIES: Final = 50
"""Queries in a batch."""
MAX_TEXT_LENGTH: Final = 500
"""Characters of a name or a value."""
MAX_ITEMS: Final = 20
"""Classes and properties of a query, and values of a property, each."""
MAX_CANDIDATES: Final = 50
"""Candidates for a query; higher limits are reduced to this."""
DEFAULT_CANDIDATES: Final = 10
"""Candidates for a query without a limit."""
MAX_IDS: Final = 500
"""Things in a data extension query."""
MAX_PROPERTIES: Final = 50
"""Properties in a data extension query."""
MAX_IRI_LENGTH: Final = 2048
"""Characters of the identifier of a thing, a class or a property."""
_WHOLE: Final = re.compile(r"[0-9]{1,9}(?:\.0{1,9})?", re.ASCII)
Item = TypeVar("Item")


@dataclass(frozen=True)
class PropertyCondition:
    """A property that candidates should have, with its values as text (for an entity, its IRI)."""

    pid: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ReconciliationQuery:
    """A query: a name or a code, classes, properties; `type_strict` is any, all or should.

    Cells of a table may be empty: properties without a value are ignored, and an empty name has no candidates.
    """

    text: str
    types: tuple[str, ...] = ()
    limit: int = DEFAULT_CANDIDATES
    conditions: tuple[PropertyCondition, ...] = ()
    type_strict: str = "any"


@dataclass(frozen=True)
class RequestedProperty:
    """A property whose values are requested: in which language, and how many."""

    pid: str
    lang: Language | None = None
    limit: int | None = None


@dataclass(frozen=True)
class ExtendQuery:
    """A query for the values of properties of things."""

    iris: tuple[str, ...]
    properties: tuple[RequestedProperty, ...]


def parse_batch(text: str) -> dict[str, ReconciliationQuery]:
    """Return the queries of a batch by key; raises `reconciliation-invalid` and `reconciliation-batch`."""
    queries = _object(_parse_json("queries", text), "queries")
    if len(queries) > MAX_QUERIES:
        raise Problem("reconciliation-batch", count=len(queries), limit=MAX_QUERIES)
    return {_text(name, "queries"): _parse_query(fields, f"queries.{name[:40]}") for name, fields in queries.items()}


def parse_extend_query(text: str) -> ExtendQuery:
    """Return a data extension query; raises `reconciliation-invalid` and `reconciliation-batch`."""
    fields = _object(_parse_json("extend", text), "extend")
    iris = _array(fields.get("ids"), "extend.ids", MAX_IDS, _identifier)
    properties = _array(fields.get("properties"), "extend.properties", MAX_PROPERTIES, _parse_property)
    return ExtendQuery(tuple(dict.fromkeys(iris)), tuple(properties))


def _parse_json(name: str, text: str) -> object:
    """Return JSON as Python; raises `reconciliation-invalid` for invalid JSON and duplicate names."""

    def unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
        items = dict(pairs)
        if len(items) < len(pairs):
            raise ValueError
        return items

    def refuse_constant(_: str) -> NoReturn:
        raise ValueError

    try:
        return json.loads(text, object_pairs_hook=unique_names, parse_constant=refuse_constant, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        path = f"{name}, {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else name
        expected = Phrase(
            "JSON (RFC 8259), each name once, no NaN, no deep nesting",
            fr="du JSON (RFC 8259), chaque nom une fois, sans NaN ni imbrication profonde",
        )
        raise Problem("reconciliation-invalid", place=path, expected=expected) from error


def _invalid(path: str, en: str, fr: str) -> Problem:
    shown = path[:200].encode("utf-8", "replace").decode()
    return Problem("reconciliation-invalid", place=shown, expected=Phrase(en, fr=fr))


def _object(value: object, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _invalid(path, "an object", "un objet")
    return value


def _text(value: object, path: str, most: int = MAX_TEXT_LENGTH) -> str:
    """Return a text within the limit that can be encoded as UTF-8."""
    if not isinstance(value, str) or len(value) > most or any("\ud800" <= each <= "\udfff" for each in value):
        raise _invalid(path, f"a text of at most {most} characters", f"un texte de {most} caractères au plus")
    return value


def _identifier(value: object, path: str) -> str:
    """Return an identifier; other versions of the protocol put it in an object."""
    return _text(value.get("id") if isinstance(value, dict) else value, path, MAX_IRI_LENGTH)


def _array(value: object, path: str, most: int, read: Callable[[object, str], Item]) -> list[Item]:
    if not isinstance(value, list):
        raise _invalid(path, "an array", "un tableau")
    if len(value) > most:
        raise Problem("reconciliation-batch", count=len(value), limit=most)
    return [read(each, f"{path}[{number}]") for number, each in enumerate(value)]


def _parse_query(value: object, path: str) -> ReconciliationQuery:
    fields = _object(value, path)
    text = _text(fields.get("query", ""), f"{path}.query").strip()
    types = _given(fields, "type", [])
    types = _array([types] if isinstance(types, str) else types, f"{path}.type", MAX_ITEMS, _identifier)
    conditions = _array(_given(fields, "properties", []), f"{path}.properties", MAX_ITEMS, _parse_condition)
    if "query" not in fields and not conditions:
        raise _invalid(path, "“query” or “properties”", "« query » ou « properties »")
    limit = _number(_given(fields, "limit", DEFAULT_CANDIDATES), f"{path}.limit")
    type_strict = _given(fields, "type_strict", "any")
    if type_strict not in ("any", "all", "should"):
        raise _invalid(f"{path}.type_strict", "any, all or should", "any, all ou should")
    return ReconciliationQuery(
        text,
        tuple(filter(None, types)),
        min(limit, MAX_CANDIDATES),
        tuple(each for each in conditions if each.values),
        type_strict,
    )


def _given(fields: dict[str, Any], name: str, default: object) -> Any:  # noqa: ANN401 - JSON
    """Return a value, or the default where it is null or missing."""
    return default if fields.get(name) is None else fields[name]


def _parse_condition(value: object, path: str) -> PropertyCondition:
    fields = _object(value, path)
    raw_values = fields.get("v")
    values = _array(raw_values if isinstance(raw_values, list) else [raw_values], f"{path}.v", MAX_ITEMS, _value)
    return PropertyCondition(_identifier(fields.get("pid"), f"{path}.pid"), tuple(filter(None, values)))


def _value(value: object, path: str) -> str:
    """Return a value as text: a number as written, an entity as its identifier."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        value = f"{value:f}" if isinstance(value, Decimal) and abs(value.adjusted()) < MAX_TEXT_LENGTH else str(value)
    return (_identifier if isinstance(value, dict) else _text)(value, path).strip()


def _number(value: object, path: str) -> int:
    """Return a whole number from 1 to 999999999; forms may send it as text."""
    text = str(value) if isinstance(value, int | Decimal | str) and not isinstance(value, bool) else ""
    if not _WHOLE.fullmatch(text) or int(float(text)) < 1:
        raise _invalid(path, "a whole number from 1 on", "un nombre entier à partir de 1")
    return int(float(text))


def _parse_property(value: object, path: str) -> RequestedProperty:
    """Return a property whose values are wanted; an empty setting is one that was not made."""
    fields = _object(value, path)
    settings = _object(_given(fields, "settings", {}), f"{path}.settings")
    lang, limit = settings.get("lang"), settings.get("limit")
    known = next((each for each in LANGUAGES if each == lang), None)
    if known is None and lang not in (None, ""):
        raise _invalid(f"{path}.settings.lang", "fr or en", "fr ou en")
    no_limit = limit in (None, "", "0", 0) and limit is not False
    number = None if no_limit else _number(limit, f"{path}.settings.limit")
    pid = _identifier(fields.get("id"), f"{path}.id")
    if not pid:
        raise _invalid(f"{path}.id", "a property", "une propriété")
    return RequestedProperty(pid, known, number)

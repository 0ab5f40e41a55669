"""What reconciliation clients send, read and bounded: batches of queries, and queries for the values of properties."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeVar

from cper_lod.core.errors import LANGUAGES, Language, Phrase, Problem

BATCH: Final = 50
"""Queries that a batch has at most."""
LONGEST: Final = 500
"""Characters of a name, or of a value, that is looked for."""
TYPES: Final = 20
"""Classes, properties of a query and values of one at most, each."""
LIMIT: Final = 50
"""Candidates for a query at most; who asks for more gets so many."""
USUAL: Final = 10
"""Candidates for a query that names no limit."""
IDS: Final = 500
"""Things of which values are asked for at once, at most,"""
PROPERTIES: Final = 50
"""and properties."""
IRI: Final = 2048
"""Characters of the identifier of a thing, a class or a property."""
_WHOLE: Final = re.compile(r"[0-9]{1,9}(?:\.0{1,9})?", re.ASCII)
Made = TypeVar("Made")


@dataclass(frozen=True)
class Wish:
    """A property that candidates should have, and its values as text; of an entity, its IRI."""

    pid: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class ReconciliationQuery:
    """One query: a name or a code, the classes it is to be of, properties; `strict` is any, all or should.

    A cell of a table may be empty: properties without a value are left out, and nothing is found for an empty name.
    """

    text: str
    types: tuple[str, ...] = ()
    limit: int = USUAL
    wishes: tuple[Wish, ...] = ()
    strict: str = "any"


@dataclass(frozen=True)
class Wanted:
    """A property whose values are asked for: in which language, and how many of them."""

    pid: str
    lang: Language | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Extension:
    """A query for the values of properties of things."""

    iris: tuple[str, ...]
    properties: tuple[Wanted, ...]


def batch(text: str) -> dict[str, ReconciliationQuery]:
    """Return the queries of a batch by their keys; raises `reconciliation-invalid` and `reconciliation-batch`."""
    queries = _object(_read("queries", text), "queries")
    if len(queries) > BATCH:
        raise Problem("reconciliation-batch", count=len(queries), limit=BATCH)
    return {_text(name, "queries"): _sought(asked, f"queries.{name[:40]}") for name, asked in queries.items()}


def extension(text: str) -> Extension:
    """Return a data extension query; raises `reconciliation-invalid` and `reconciliation-batch`."""
    asked = _object(_read("extend", text), "extend")
    iris = _array(asked.get("ids"), "extend.ids", IDS, _identifier)
    properties = _array(asked.get("properties"), "extend.properties", PROPERTIES, _wanted)
    return Extension(tuple(dict.fromkeys(iris)), tuple(properties))


def _read(name: str, text: str) -> object:
    """Return JSON as Python; raises `reconciliation-invalid` for what is none, and for names given twice."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise ValueError
        return made

    def never(_: str) -> NoReturn:
        raise ValueError

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=never, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        place = f"{name}, {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else name
        expected = Phrase(
            "JSON (RFC 8259), each name once, no NaN, no deep nesting",
            fr="du JSON (RFC 8259), chaque nom une fois, sans NaN ni imbrication profonde",
        )
        raise Problem("reconciliation-invalid", place=place, expected=expected) from error


def _wrong(place: str, en: str, fr: str) -> Problem:
    shown = place[:200].encode("utf-8", "replace").decode()
    return Problem("reconciliation-invalid", place=shown, expected=Phrase(en, fr=fr))


def _object(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(place, "an object", "un objet")
    return value


def _text(value: object, place: str, most: int = LONGEST) -> str:
    """Return a text that is not too long and can be written as UTF-8."""
    if not isinstance(value, str) or len(value) > most or any("\ud800" <= each <= "\udfff" for each in value):
        raise _wrong(place, f"a text of at most {most} characters", f"un texte de {most} caractères au plus")
    return value


def _identifier(value: object, place: str) -> str:
    """Return the identifier of something; other versions of the protocol say it as an object that has it."""
    return _text(value.get("id") if isinstance(value, dict) else value, place, IRI)


def _array(value: object, place: str, most: int, read: Callable[[object, str], Made]) -> list[Made]:
    if not isinstance(value, list):
        raise _wrong(place, "an array", "un tableau")
    if len(value) > most:
        raise Problem("reconciliation-batch", count=len(value), limit=most)
    return [read(each, f"{place}[{number}]") for number, each in enumerate(value)]


def _sought(value: object, place: str) -> ReconciliationQuery:
    asked = _object(value, place)
    text = _text(asked.get("query", ""), f"{place}.query").strip()
    types = asked.get("type") or []
    types = _array([types] if isinstance(types, str) else types, f"{place}.type", TYPES, _identifier)
    wishes = _array(asked.get("properties") or [], f"{place}.properties", TYPES, _wish)
    if "query" not in asked and not wishes:
        raise _wrong(place, "“query” or “properties”", "« query » ou « properties »")
    limit = USUAL if (number := asked.get("limit")) is None else _number(number, f"{place}.limit")
    strict = asked.get("type_strict") or "any"
    if strict not in ("any", "all", "should"):
        raise _wrong(f"{place}.type_strict", "any, all or should", "any, all ou should")
    return ReconciliationQuery(
        text, tuple(filter(None, types)), min(limit, LIMIT), tuple(each for each in wishes if each.values), strict
    )


def _wish(value: object, place: str) -> Wish:
    asked = _object(value, place)
    given = asked.get("v")
    values = _array(given if isinstance(given, list) else [given], f"{place}.v", TYPES, _value)
    return Wish(_identifier(asked.get("pid"), f"{place}.pid"), tuple(filter(None, values)))


def _value(value: object, place: str) -> str:
    """Return a value as text: a number as it is written, of an entity its identifier."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        value = f"{value:f}" if isinstance(value, Decimal) and abs(value.adjusted()) < LONGEST else str(value)
    return (_identifier if isinstance(value, dict) else _text)(value, place).strip()


def _number(value: object, place: str) -> int:
    """Return a whole number from 1 to 999999999; a form may write it as a text."""
    text = str(value) if isinstance(value, int | Decimal | str) else ""
    if not _WHOLE.fullmatch(text) or int(float(text)) < 1:
        raise _wrong(place, "a whole number from 1 on", "un nombre entier à partir de 1")
    return int(float(text))


def _wanted(value: object, place: str) -> Wanted:
    asked = _object(value, place)
    settings = _object(asked.get("settings") or {}, f"{place}.settings")
    lang, limit = settings.get("lang") or None, settings.get("limit") or None
    if lang not in (None, *LANGUAGES):
        raise _wrong(f"{place}.settings.lang", "fr or en", "fr ou en")
    number = None if limit in (None, 0, "0") else _number(limit, f"{place}.settings.limit")
    return Wanted(_identifier(asked.get("id"), f"{place}.id"), lang, number)

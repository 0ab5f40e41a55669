"""Converts the results of another endpoint to a VALUES block."""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

EMPTY_SOLUTION: Final = "VALUES () { () }"
"""One solution without bindings: the result of a SERVICE SILENT that failed (Federated Query, section 2.3)."""

_LANG_STRING: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
# Quotes, backslashes, controls; and the `u` after a backslash, since some parsers of SPARQL (section 19.2) would read
# `\\u0022` as a codepoint escape: `\\\u00750022` is read the same by all of them.
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f\x7f]|(?<=\\)[uU]')
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_ESCAPED_CHARACTERS: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


class Solutions(NamedTuple):
    """The variables of a result and its rows: for each bound variable, a term in the JSON format."""

    variables: Sequence[str]
    rows: Sequence[dict[str, Any]]


class InvalidResultsError(Exception):
    """A response does not conform to the format; the argument says why."""


class BlankNodeError(Exception):
    """A variable (the argument) is bound to a blank node."""


def parse_solutions(body: bytes, visible: Collection[str]) -> Solutions:
    """Return the solutions in a response to `SELECT *` (SPARQL 1.1 Query Results JSON Format, section 3).

    `visible` are the variables in the pattern; others must not be bound. Raises InvalidResultsError.
    """
    try:
        answer = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):  # ValueError includes: not UTF-8, number too long
        raise InvalidResultsError("its answer is not JSON") from None
    match answer:
        case {"head": {"vars": list(variables)}, "results": {"bindings": list(rows)}}:
            pass
        case _:
            raise InvalidResultsError("its answer holds no solutions")
    for variable in variables:
        if not isinstance(variable, str) or variable not in visible:
            raise InvalidResultsError("its answer has a variable that the pattern has not")
    known = frozenset(variables)
    if not all(isinstance(row, dict) and row.keys() <= known for row in rows):
        raise InvalidResultsError("a solution has a variable that the head of its answer has not")
    return Solutions(list(dict.fromkeys(variables)), rows)


def values_block(solutions: Solutions) -> str:
    """Return the VALUES block of solutions on one line; joining it is equivalent to joining the SERVICE (section 4).

    Raises BlankNodeError, and InvalidResultsError for an invalid term. Neither UNDEF, which joins with everything, nor
    leaving out the solution would be correct for a blank node.
    """
    names = " ".join("?" + variable for variable in solutions.variables)
    rows = (" ".join(_cell(variable, row) for variable in solutions.variables) for row in solutions.rows)
    return f"VALUES ({names}) {{ {' '.join(f'({row})' for row in rows)} }}"


def _cell(variable: str, row: dict[str, Any]) -> str:
    """Return the value of a variable in a row, in SPARQL."""
    if variable not in row:
        return "UNDEF"
    match row[variable]:
        case {"type": "bnode"}:
            raise BlankNodeError(variable)
        case {"type": "uri", "value": str(value)}:
            return _iri(value)
        case {"type": "literal" | "typed-literal", "value": str(value)} as term if "its:dir" not in term:
            return _literal(value, term.get("xml:lang"), term.get("datatype"))
    raise InvalidResultsError("its answer holds a term of an unknown kind")


def _iri(value: str) -> str:
    """Return an absolute IRI in SPARQL; an IRI that the engine's parser accepts needs no escape."""
    try:
        return str(NamedNode(value))
    except ValueError:  # also for half a surrogate pair
        raise InvalidResultsError("its answer holds something that is no absolute IRI") from None


def _literal(value: str, language: object, datatype: object) -> str:
    """Return a literal in SPARQL."""
    if _SURROGATE.search(value):
        raise InvalidResultsError("its answer holds half a surrogate pair")
    quoted = f'"{_ESCAPED.sub(_escaped, value)}"'
    if language is None and isinstance(datatype, str) and datatype != _LANG_STRING:
        return quoted if datatype == _STRING else f"{quoted}^^{_iri(datatype)}"
    if isinstance(language, str) and datatype in (None, _LANG_STRING):
        try:
            return f"{quoted}@{Literal('', language=language).language}"
        except ValueError:
            raise InvalidResultsError("its answer holds a language tag that is none") from None
    if language is None and datatype is None:
        return quoted
    raise InvalidResultsError("its answer holds a literal whose language and datatype do not go together")


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    return _ESCAPED_CHARACTERS.get(character) or f"\\u{ord(character):04X}"

"""SERVICE for allowed endpoints: each call is executed here, and replaced in the query by a VALUES block of its solutions."""

import re
import time
from collections.abc import Callable, Collection, Sequence
from itertools import islice
from typing import Final, NamedTuple

from cper_lod.core.errors import Problem
from cper_lod.engine.service import fetch as outside
from cper_lod.engine.service.values import (
    EMPTY_SOLUTION,
    BlankNodeError,
    InvalidResultsError,
    Solutions,
    parse_solutions,
    values_block,
)
from cper_lod.engine.syntax.checks import check, line_and_column
from cper_lod.engine.syntax.errors import undeclared
from cper_lod.engine.syntax.prologue import Prologue, implied_declarations
from cper_lod.engine.syntax.tokenizer import Token, tokens

MAX_CALLS: Final = 8
"""SERVICE patterns in a query."""
MAX_BYTES: Final = 4 * 1024 * 1024
"""Total bytes of the responses for a query."""
MAX_ROWS: Final = 10_000
"""Total solutions of the responses for a query."""
MAX_TERMS: Final = 100_000
"""Total solutions times variables for a query, because empty solutions with many variables are long too."""

_SILENCED: Final = frozenset({"service-failed", "service-address"})
"""Errors that SILENT ignores: those of the other endpoint, not those of our own limits."""
_VISIBLE: Final = re.compile(r"[^\n\r]")

Fetch = Callable[[str, str, float, int], bytes]
"""Returns the response of an endpoint (IRI) to a query (text), given a deadline and a maximum size in bytes."""


class ServiceCall(NamedTuple):
    """A SERVICE pattern: offsets of its start, its brace and its end, the endpoint, SILENT, and the tokens inside."""

    start: int
    brace: int
    end: int
    iri: str
    silent: bool
    inside: Sequence[Token]


def mentions_service(text: str, allowed: Collection[str]) -> bool:
    """Return whether `federate` must parse the text, which may take seconds; this test takes microseconds."""
    return bool(allowed) and "service" in text.lower()


def federate(
    text: str, allowed: Collection[str], deadline: float, fetch: Fetch = outside.fetch, *, base: str = ""
) -> str:
    """Return the query with each SERVICE of an allowed endpoint replaced by its solutions; blocks until `deadline`.

    SPARQL 1.1 Federated Query, sections 2 and 4. A text that calls no allowed endpoint is returned unchanged. The result
    must be checked by `syntax.checks.check`, which rejects any remaining SERVICE. `deadline` is a time of
    `time.monotonic`, `base` the base IRI. Raises the problems of `check` before anything is sent; query-timeout, service-calls, service-result
    (a limit is exceeded), service-blank (a blank node), and, unless SILENT, service-failed and service-address.
    """
    if not mentions_service(text, allowed):
        return text
    prologue, calls = _calls(text, allowed, base)
    if not calls or prologue.verb is None:
        return text
    verb = prologue.verb.offset
    _check(text, verb, calls)
    for token in (token for call in calls for token in call.inside):
        if message := undeclared(token, prologue):  # the other endpoint might resolve it differently
            raise Problem("query-syntax", message=message, **line_and_column(text, token.offset))
    runner = _CallRunner(deadline, fetch)
    parts, end = [], 0
    for call in calls:
        query = f"{text[:verb]}SELECT * WHERE {text[call.brace : call.end]}"
        values = runner.values(call, implied_declarations(query, base) + query)
        # Blanks separate it from its neighbours; line breaks keep the line numbers.
        parts += [text[end : call.start], " ", values, " ", _line_breaks(text[call.start : call.end])]
        end = call.end
    return "".join([*parts, text[end:]])


def _calls(text: str, allowed: Collection[str], base: str) -> tuple[Prologue, list[ServiceCall]]:
    """Return the prologue of a query and its calls of allowed endpoints; raises service-calls."""
    all_tokens = list(tokens(text))
    prologue = Prologue(base)
    calls: list[ServiceCall] = []
    for index, token in enumerate(all_tokens):
        if prologue.verb is None:
            prologue.feed(token)
        elif _is_keyword(token, "SERVICE") and (not calls or token.offset >= calls[-1].end):
            call = _call(all_tokens, index, prologue, allowed)
            if call is None:
                break  # check will reject this one, so what follows does not matter
            if len(calls) == MAX_CALLS:
                raise Problem("service-calls", limit=MAX_CALLS, **line_and_column(text, token.offset))
            calls.append(call)
    return prologue, calls


def _is_keyword(token: Token, word: str) -> bool:
    """Return whether a token is a keyword; some letters beyond ASCII become ASCII letters in upper case."""
    return token.kind == "word" and token.text.isascii() and token.text.upper() == word


def _call(all_tokens: Sequence[Token], index: int, prologue: Prologue, allowed: Collection[str]) -> ServiceCall | None:
    """Return the call that begins with the SERVICE at `index`, or None if it is not an allowed one."""
    head = all_tokens[index : index + 4]
    silent = len(head) > 1 and _is_keyword(head[1], "SILENT")
    match head[1 + silent : 3 + silent]:
        case [target, brace] if brace.text == "{" and "\\" not in target.text:
            iri = prologue.resolve(target)
        case _:
            return None
    if iri is None or iri not in allowed:
        return None
    inside: list[Token] = []
    for token in islice(all_tokens, index + 3 + silent, None):
        if token.depth < brace.depth:
            end = token.offset + 1
            found = ServiceCall(all_tokens[index].offset, brace.offset, end, iri, silent, inside)
            return found if token.text == "}" else None
        inside.append(token)
    return None


def _blank(text: str) -> str:
    """Return blanks of the same length, with the same line breaks."""
    return _VISIBLE.sub(" ", text)


def _line_breaks(text: str) -> str:
    """Return line breaks and blanks after which the line and column are the same as after `text`."""
    count = text.count("\n")
    return "\n" * count + " " * (len(text) - text.rfind("\n") - 1) if count else ""


def _check(text: str, verb: int, calls: Sequence[ServiceCall]) -> None:
    """Check the query without its calls, and each call; positions in errors are those in `text`."""
    outer_query = text
    for call in calls:
        blanks = "{}" + _blank(text[call.start + 2 : call.end])
        outer_query = outer_query[: call.start] + blanks + outer_query[call.end :]
    check(outer_query, None, (), ())
    for call in calls:
        # `SELECT*` replaces the word SERVICE, which has the same length.
        prefix = _blank(text[verb : call.start]) + "SELECT*" + _blank(text[call.start + 7 : call.brace])
        check(text[:verb] + prefix + text[call.brace : call.end], None, (), ())


class _CallRunner:
    """Executes the calls of one query, which share a deadline and limits."""

    def __init__(self, deadline: float, fetch: Fetch) -> None:
        self._deadline = deadline
        self._fetch = fetch
        self._seconds = max(1, round(deadline - time.monotonic()))
        self._bytes = self._rows = self._terms = 0

    def values(self, call: ServiceCall, query: str) -> str:
        """Execute a call and return its VALUES block; the empty solution if it is SILENT and the endpoint fails."""
        try:
            body = self._fetch(call.iri, query, self._deadline, MAX_BYTES - self._bytes)
            self._bytes += len(body)
            solutions = parse_solutions(body, {token.text[1:] for token in call.inside if token.kind == "variable"})
            self._count(call, solutions)
            return values_block(solutions)
        except TimeoutError:
            raise Problem("query-timeout", limit=self._seconds) from None
        except outside.ResponseTooLargeError:
            raise Problem("service-result", iri=call.iri, name="bytes", limit=MAX_BYTES) from None
        except BlankNodeError as error:
            raise Problem("service-blank", iri=call.iri, variable=str(error)) from None
        except InvalidResultsError as error:
            problem = Problem("service-failed", iri=call.iri, message=str(error))
        except Problem as error:
            problem = error
        if call.silent and problem.kind.code in _SILENCED:
            return EMPTY_SOLUTION
        raise problem

    def _count(self, call: ServiceCall, solutions: Solutions) -> None:
        """Count the solutions; raises service-result if there are too many."""
        self._rows += len(solutions.rows)
        self._terms += len(solutions.rows) * len(solutions.variables)
        for name, count, limit in (("rows", self._rows, MAX_ROWS), ("terms", self._terms, MAX_TERMS)):
            if count > limit:
                raise Problem("service-result", iri=call.iri, name=name, limit=limit)

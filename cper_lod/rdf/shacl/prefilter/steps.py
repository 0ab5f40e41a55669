"""One triple pattern as a function: from bindings to those that also bind its variables, by whichever end is known."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from rdflib.paths import Path

from cper_lod.rdf.shacl.prefilter.conditions import Bindings, Solver, variable_name
from cper_lod.rdf.shacl.prefilter.paths import PathFunction
from cper_lod.rdf.shacl.prefilter.triples import Triples


class UnboundPatternError(Exception):
    """A triple pattern would read the whole graph."""


Ends = list[tuple[str | None, str | None]]
"""Subject and object of a pattern, each the name of a variable, or a token."""


def predicate_solver(ends: Ends, predicate: str, triples: Triples) -> Solver:
    """Return the solver of a pattern with one predicate."""
    (subject_name, subject_token), (value_name, value_token) = ends
    who, what = subject_name or "", value_name or ""

    def solve(bindings: Bindings) -> Iterator[Bindings]:
        subject = subject_token or bindings.get(who)
        value = value_token or bindings.get(what)
        if subject is not None:
            found = triples.of(subject).get(predicate, ())
            if value is not None:
                if value in found:
                    yield bindings
                return
            for each in found:
                if who != what or each == subject:
                    yield {**bindings, what: each}
        elif value is not None:
            for each in triples.subjects(predicate, value):
                yield {**bindings, who: each}
        else:
            for each, one in triples.pairs(predicate):
                if who != what or each == one:
                    yield {**bindings, who: each, what: one}

    return solve


def variable_solver(ends: Ends, predicate: str, triples: Triples) -> Solver:
    """Return the solver of a pattern whose predicate is a variable, which may raise `UnboundPatternError`."""
    subject_name, subject_token = ends[0]
    along = lru_cache(maxsize=1024)(lambda each: predicate_solver(ends, each, triples))

    def solve(bindings: Bindings) -> Iterator[Bindings]:
        told = bindings.get(predicate)
        if told is not None:
            yield from along(told)(bindings)
            return
        subject = subject_token or bindings.get(subject_name or "")
        if subject is None:
            raise UnboundPatternError
        for each in triples.of(subject):
            yield from along(each)({**bindings, predicate: each})

    return solve


def path_solver(ends: Ends, there: PathFunction, back: PathFunction) -> Solver:
    """Return the solver of a pattern with a path, gone from either end, which may raise `UnboundPatternError`."""
    (subject_name, subject_token), (value_name, value_token) = ends

    def solve(bindings: Bindings) -> Iterator[Bindings]:
        subject = subject_token or bindings.get(subject_name or "")
        value = value_token or bindings.get(value_name or "")
        if subject is not None and value is not None:
            if value in there(subject):
                yield bindings
        elif subject is not None:
            for each in there(subject):
                yield {**bindings, value_name or "": each}
        elif value is not None:
            for each in back(value):
                yield {**bindings, subject_name or "": each}
        else:
            raise UnboundPatternError

    return solve


def is_unbound(term: object, known: set[str]) -> bool:
    """Return whether a term of a pattern is a variable that nothing has bound."""
    name = variable_name(term)
    return name is not None and name not in known


def estimated_cost(pattern: tuple[Any, Any, Any], known: set[str]) -> float:
    """Return how much a triple pattern is expected to read: from its subject best, then from a bound object."""
    subject, predicate, value = pattern
    path = 0.5 if isinstance(predicate, Path) or is_unbound(predicate, known) else 0
    if not is_unbound(subject, known):
        return path + is_unbound(value, known)
    return path + (4 if is_unbound(value, known) else 2 if variable_name(value) else 3)

"""Triple patterns and property paths as functions.

A path is compiled to a function from a node to the nodes that it leads to; a triple pattern to a solver, a function
from bindings to bindings in which its variables are bound.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, BNode, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.conditions import Bindings, Solver, UndecidableError, variable_name
from cper_lod.rdf.shacl.prefilter.triples import Reads, Triples, reachable, token_of

PathFunction = Callable[[str], Collection[str]]
_REPEATED: Final[Mapping[URIRef, Literal["*", "+", "?"]]] = {
    SH.zeroOrMorePath: "*",
    SH.oneOrMorePath: "+",
    SH.zeroOrOnePath: "?",
}


def path_function(reads: Reads, path: Node | Path, *, backwards: bool) -> PathFunction:
    """Return a function from a node to the nodes at the other end of `path`, or at its start if `backwards`.

    Patterns that are followed from object to subject are added to `reads`. Raises `UndecidableError` for a
    negated path.
    """

    def of(each: Node | Path, *, step_backwards: bool = backwards) -> PathFunction:
        return path_function(reads, each, backwards=step_backwards)

    if isinstance(path, URIRef):
        return _one_step(reads, token_of(path), backwards=backwards)
    if isinstance(path, InvPath):
        return of(path.arg, step_backwards=not backwards)
    if isinstance(path, AlternativePath):
        functions = [of(each) for each in path.args]
        return lambda node: {found for function in functions for found in function(node)}
    if isinstance(path, SequencePath):
        return _sequence([of(each) for each in (reversed(path.args) if backwards else path.args)])
    if isinstance(path, MulPath):
        return _repeated(of(path.path), path.mod)
    raise UndecidableError(type(path).__name__)


def _one_step(reads: Reads, predicate: str, *, backwards: bool) -> PathFunction:
    triples = reads.triples
    if not backwards:
        return lambda node: triples.of(node).get(predicate, {}).keys()
    reads.reverse_patterns.add((predicate, None))
    return lambda node: set(triples.subjects(predicate, node))


def _sequence(functions: list[PathFunction]) -> PathFunction:
    def follow(node: str) -> Collection[str]:
        nodes: Collection[str] = (node,)
        for function in functions:
            nodes = {found for each in nodes for found in function(each)}
        return nodes

    return follow


def _repeated(function: PathFunction, modifier: str) -> PathFunction:
    def follow(node: str) -> Collection[str]:
        found = reachable(function(node), (lambda _: ()) if modifier == "?" else function)
        return found if modifier == "+" else found | {node}

    return follow


def is_local(path: Node | Path) -> bool:
    """Return whether a path only reads the triples of its start node."""
    return isinstance(path, URIRef) or (isinstance(path, AlternativePath) and all(map(is_local, path.args)))


def path_predicates(path: object) -> set[str | None]:
    """Return the predicates in a path; None stands for any, if the predicate is a variable."""
    if isinstance(path, URIRef):
        return {token_of(path)}
    parts = path.args if isinstance(path, AlternativePath | SequencePath) else [getattr(path, "arg", None)]
    parts = [path.path] if isinstance(path, MulPath) else parts
    return {None} if parts == [None] else {each for part in parts for each in path_predicates(part)}


def shacl_path(shapes: ShapesGraph, node: Node) -> URIRef | Path:
    """Return a SHACL path as a SPARQL path; raises `UndecidableError` if pyshacl might interpret it differently."""
    if isinstance(node, URIRef):
        return node
    graph = shapes.graph
    if (node, RDF.first, None) in graph:
        return SequencePath(*(shacl_path(shapes, each) for each in graph.items(node)))
    inverse = graph.value(node, SH.inversePath)
    if isinstance(inverse, URIRef):  # pyshacl does not reverse the order of the parts of a sequence
        return InvPath(inverse)
    if several := graph.value(node, SH.alternativePath):
        return AlternativePath(*(shacl_path(shapes, each) for each in graph.items(several)))
    for predicate, modifier in _REPEATED.items():
        if isinstance(repeated := graph.value(node, predicate), URIRef | BNode):
            return MulPath(shacl_path(shapes, repeated), modifier)
    raise UndecidableError("path")


class UnboundPatternError(Exception):
    """A triple pattern would read the whole graph."""


Ends = list[tuple[str | None, str | None]]
"""Subject and object of a pattern: (variable name, None) or (None, token)."""


def predicate_solver(ends: Ends, predicate: str, triples: Triples) -> Solver:
    """Return the solver of a pattern with a constant predicate."""
    (subject_name, subject_token), (value_name, value_token) = ends
    subject_variable, value_variable = subject_name or "", value_name or ""

    def solve(bindings: Bindings) -> Iterator[Bindings]:
        subject = subject_token or bindings.get(subject_variable)
        value = value_token or bindings.get(value_variable)
        if subject is not None:
            found = triples.of(subject).get(predicate, ())
            if value is not None:
                if value in found:
                    yield bindings
                return
            for each in found:
                if subject_variable != value_variable or each == subject:
                    yield {**bindings, value_variable: each}
        elif value is not None:
            for each in triples.subjects(predicate, value):
                yield {**bindings, subject_variable: each}
        else:
            for each, one in triples.pairs(predicate):
                if subject_variable != value_variable or each == one:
                    yield {**bindings, subject_variable: each, value_variable: one}

    return solve


def variable_solver(ends: Ends, predicate: str, triples: Triples) -> Solver:
    """Return the solver of a pattern whose predicate is a variable; it may raise `UnboundPatternError`."""
    subject_name, subject_token = ends[0]
    solver_of = lru_cache(maxsize=1024)(lambda each: predicate_solver(ends, each, triples))

    def solve(bindings: Bindings) -> Iterator[Bindings]:
        bound_predicate = bindings.get(predicate)
        if bound_predicate is not None:
            yield from solver_of(bound_predicate)(bindings)
            return
        subject = subject_token or bindings.get(subject_name or "")
        if subject is None:
            raise UnboundPatternError
        for each in triples.of(subject):
            yield from solver_of(each)({**bindings, predicate: each})

    return solve


def path_solver(ends: Ends, forward: PathFunction, backward: PathFunction) -> Solver:
    """Return the solver of a pattern with a path, which can be followed from either end; may raise `UnboundPatternError`."""
    (subject_name, subject_token), (value_name, value_token) = ends

    def solve(bindings: Bindings) -> Iterator[Bindings]:
        subject = subject_token or bindings.get(subject_name or "")
        value = value_token or bindings.get(value_name or "")
        if subject is not None and value is not None:
            if value in forward(subject):
                yield bindings
        elif subject is not None:
            for each in forward(subject):
                yield {**bindings, value_name or "": each}
        elif value is not None:
            for each in backward(value):
                yield {**bindings, subject_name or "": each}
        else:
            raise UnboundPatternError

    return solve


def is_unbound(term: object, bound_names: set[str]) -> bool:
    """Return whether a term of a pattern is an unbound variable."""
    name = variable_name(term)
    return name is not None and name not in bound_names


def estimated_cost(pattern: tuple[Any, Any, Any], bound_names: set[str]) -> float:
    """Return the estimated cost of a triple pattern: lowest for a bound subject, then for a bound object."""
    subject, predicate, value = pattern
    path = 0.5 if isinstance(predicate, Path) or is_unbound(predicate, bound_names) else 0
    if not is_unbound(subject, bound_names):
        return path + is_unbound(value, bound_names)
    return path + (4 if is_unbound(value, bound_names) else 2 if variable_name(value) else 3)

"""Property paths of SPARQL and SHACL as functions from a node to the nodes that it leads to."""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, Literal

from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, BNode, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.conditions import Bindings, Solver, UndecidableError, variable_name
from cper_lod.rdf.shacl.prefilter.tokens import token_of
from cper_lod.rdf.shacl.prefilter.triples import ReversePatterns, Triples

PathFunction = Callable[[str], Collection[str]]
_REPEATED: Final[Mapping[URIRef, Literal["*", "+", "?"]]] = {
    SH.zeroOrMorePath: "*",
    SH.oneOrMorePath: "+",
    SH.zeroOrOnePath: "?",
}


def path_function(triples: Triples, path: Node | Path, *, backwards: bool, noted: ReversePatterns) -> PathFunction:
    """Return what leads from a node to those at the other end of the path, the start where it is gone `backwards`.

    `noted` is given what is gone from its object. Raises `UndecidableError` for a negated path.
    """

    def of(each: Node | Path, *, back: bool = backwards) -> PathFunction:
        return path_function(triples, each, backwards=back, noted=noted)

    if isinstance(path, URIRef):
        return _one_step(triples, token_of(path), backwards=backwards, noted=noted)
    if isinstance(path, InvPath):
        return of(path.arg, back=not backwards)
    if isinstance(path, AlternativePath):
        ways = [of(each) for each in path.args]
        return lambda node: {found for way in ways for found in way(node)}
    if isinstance(path, SequencePath):
        return _sequence([of(each) for each in (reversed(path.args) if backwards else path.args)])
    if isinstance(path, MulPath):
        return _repeated(of(path.path), path.mod)
    raise UndecidableError(type(path).__name__)


def _one_step(triples: Triples, predicate: str, *, backwards: bool, noted: ReversePatterns) -> PathFunction:
    if not backwards:
        return lambda node: triples.of(node).get(predicate, {}).keys()
    noted.add((predicate, None))
    return lambda node: set(triples.subjects(predicate, node))


def _sequence(ways: list[PathFunction]) -> PathFunction:
    def follow(node: str) -> Collection[str]:
        nodes: Collection[str] = (node,)
        for way in ways:
            nodes = {found for each in nodes for found in way(each)}
        return nodes

    return follow


def _repeated(way: PathFunction, sign: str) -> PathFunction:
    def follow(node: str) -> Collection[str]:
        found = set() if sign == "+" else {node}
        todo = list(way(node))
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += [] if sign == "?" else way(each)
        return found

    return follow


def is_local(path: Node | Path) -> bool:
    """Return whether a path reads nothing but what its beginning says."""
    return isinstance(path, URIRef) or (isinstance(path, AlternativePath) and all(map(is_local, path.args)))


def path_predicates(path: object) -> set[str | None]:
    """Return the predicates of a path; None for any, where the place of a predicate has a variable."""
    if isinstance(path, URIRef):
        return {token_of(path)}
    parts = path.args if isinstance(path, AlternativePath | SequencePath) else [getattr(path, "arg", None)]
    parts = [path.path] if isinstance(path, MulPath) else parts
    return {None} if parts == [None] else {each for part in parts for each in path_predicates(part)}


def shacl_path(shapes: ShapesGraph, node: Node) -> URIRef | Path:
    """Return the path of SPARQL that a path of SHACL is; raises `UndecidableError` where pyshacl might see another."""
    if isinstance(node, URIRef):
        return node
    graph = shapes.graph
    if (node, RDF.first, None) in graph:
        return SequencePath(*(shacl_path(shapes, each) for each in graph.items(node)))
    inverse = graph.value(node, SH.inversePath)
    if isinstance(inverse, URIRef):  # of a sequence, pyshacl goes the parts in their order
        return InvPath(inverse)
    if several := graph.value(node, SH.alternativePath):
        return AlternativePath(*(shacl_path(shapes, each) for each in graph.items(several)))
    for predicate, sign in _REPEATED.items():
        if isinstance(repeated := graph.value(node, predicate), URIRef | BNode):
            return MulPath(shacl_path(shapes, repeated), sign)
    raise UndecidableError("path")


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

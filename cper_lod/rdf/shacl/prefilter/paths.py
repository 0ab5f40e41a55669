"""Property paths of SPARQL and SHACL as functions from a node to the nodes that it leads to."""

from collections.abc import Callable, Collection, Mapping
from typing import Final, Literal

from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, BNode, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, Path, SequencePath
from rdflib.term import Node

from cper_lod.rdf.shacl.prefilter.conditions import UndecidableError
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

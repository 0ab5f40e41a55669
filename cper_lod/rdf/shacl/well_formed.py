"""Whether shapes are well-formed: each property of SHACL has values of its kind, and no shape refers to itself.

Against other shapes pyshacl fails, or has results that mean nothing. Source: SHACL (W3C, 2017), sections 2 to 5; 3.4.3
for recursive shapes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from graphlib import CycleError, TopologicalSorter
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import sentence, translate
from cper_lod.core.namespaces import RDF, SH, XSD
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.rdf.report import Finding, short_name

_ITERATED: Final = {SH + f"{each}Path" for each in ("inverse", "zeroOrMore", "oneOrMore", "zeroOrOne")}
_MAX_DEPTH: Final = 20
"""How deep a path may be nested."""


def _members(graph: Graph, node: Term) -> list[Term] | None:
    """Return the members of an RDF list; None if it is none, or has no end."""
    members, cells = list[Term](), set[Term]()
    while node != NamedNode(RDF + "nil"):
        first, rest = graph.all(node, RDF + "first"), graph.all(node, RDF + "rest")
        if node in cells or len(first) != 1 or len(rest) != 1:
            return None
        cells.add(node)
        members += first
        node = rest[0]
    return members


def _is_path(graph: Graph, node: Term, depth: int = 0) -> bool:
    """Return whether a node is a property path. Source: section 2.3.1."""
    properties = graph.properties(node)
    if isinstance(node, NamedNode):
        return node.value != RDF + "nil"
    if RDF + "first" in properties:
        parts, least = _members(graph, node), 2
    elif list(properties) == [SH + "alternativePath"]:
        parts, least = _members(graph, properties[SH + "alternativePath"][0]), 2
    else:
        parts, least = [each for name in properties if name in _ITERATED for each in properties[name]], 1
    return (
        depth < _MAX_DEPTH
        and len(parts or ()) >= least
        and all(_is_path(graph, each, depth + 1) for each in parts or ())
    )


def _is_literal(datatype: str, pattern: str, _: Graph, node: Term) -> bool:
    return isinstance(node, Literal) and node.datatype.value == datatype and bool(re.fullmatch(pattern, node.value))


def _are_shapes(graph: Graph, node: Term) -> bool:
    members = _members(graph, node)
    return bool(members) and all(map(graph.properties, members or ()))


_KINDS: Final[dict[str, tuple[str, Callable[[Graph, Term], object]]]] = {
    "integer": (
        "minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount",
        partial(_is_literal, XSD + "integer", r"\+?[0-9]+"),
    ),
    "boolean": (
        "uniqueLang closed deactivated qualifiedValueShapesDisjoint",
        partial(_is_literal, XSD + "boolean", "true|false|0|1"),
    ),
    "text": ("pattern flags select", partial(_is_literal, XSD + "string", r"(?s:.*)")),
    "literal": (
        "minInclusive maxInclusive minExclusive maxExclusive",
        lambda _, node: isinstance(node, Literal),
    ),
    "iri": (
        "class datatype equals disjoint lessThan lessThanOrEquals severity targetClass targetSubjectsOf targetObjectsOf",
        lambda _, node: isinstance(node, NamedNode),
    ),
    "node-kind": (
        "nodeKind",
        lambda _, node: re.fullmatch(
            f"<{SH}(IRI|BlankNode|Literal|BlankNodeOrIRI|BlankNodeOrLiteral|IRIOrLiteral)>", str(node)
        ),
    ),
    "list": ("in languageIn ignoredProperties", lambda graph, node: _members(graph, node) is not None),
    "rule": ("node property not qualifiedValueShape", Graph.properties),
    "rules": ("and or xone", _are_shapes),
    "path": ("path", _is_path),
}
"""Kinds of values: the properties that have them, and whether a value is one."""
_KIND_OF: Final = {SH + name: kind for kind, (names, _) in _KINDS.items() for name in names.split()}


def shape_findings(shapes: Iterable[Quad]) -> Iterator[Finding]:
    """Yield a violation for each value that its property cannot have, and for each circle of shapes."""
    graph = Graph(shapes)
    owners: dict[Node, Node] = {}
    references: dict[Term, list[Term]] = {}
    property_shapes: set[Term] = set()
    for node in graph.subjects():
        if NamedNode(SH + "PropertyShape") in graph.all(node, RDF + "type"):
            property_shapes.add(node)
        for values in graph.properties(node).values():
            owners.update({value: node for value in values if isinstance(value, BlankNode)})
    for node in graph.subjects():
        for name in _KIND_OF.keys() & graph.properties(node).keys():
            kind = _KIND_OF[name]
            for value in graph.all(node, name):
                if not _KINDS[kind][1](graph, value):
                    yield _finding("shape-value", _named(node, owners), name, value, kind=kind)
                elif kind in ("rule", "rules"):
                    members = [value] if kind == "rule" else _members(graph, value) or []
                    references.setdefault(node, []).extend(members)
                    property_shapes |= {value} if name == SH + "property" else set()
    for shape in property_shapes:
        if (count := len(graph.all(shape, SH + "path"))) != 1:
            yield _finding("shape-path", _named(shape, owners), SH + "path", count=count)
    while circle := _circle(references):
        references[circle[0]].remove(circle[1])
        iris = [*dict.fromkeys(_named(each, owners) for each in circle)]
        first = iris.index(min(iris))  # so that reports are reproducible
        names = map(short_name, (*iris[first:], *iris[: first + 1]))
        yield _finding("shape-recursive", iris[first], names=" → ".join(names))


def _circle(references: dict[Term, list[Term]]) -> list[Term]:
    """Return shapes of which each refers to the next, the first and the last being the same; none if there is none."""
    try:
        TopologicalSorter(references).prepare()
    except CycleError as error:
        return list(error.args[1][::-1])
    return []


def _named(node: Term, owners: dict[Node, Node]) -> str:
    """Return the IRI of a shape, or of the shape that it is a part of."""
    seen = set[Term]()
    while isinstance(node, BlankNode) and node in owners and node not in seen:
        seen.add(node)
        node = owners[node]
    return node.value


def _finding(
    key: str, node: str, path: str = "", value: Term | None = None, kind: str = "", **values: object
) -> Finding:
    """Return a violation about a shape; `kind` is that of the values that the property `path` takes."""
    written = "[ … ]" if isinstance(value, BlankNode) else short_name(value.value) if value else ""
    if isinstance(value, Literal):
        written = f'"{value.value}"' + f"^^{short_name(value.datatype.value)}" * (
            value.datatype.value != XSD + "string"
        )

    def message(lang: Language) -> str:
        expected = sentence(f"shape-{kind}", lang) if kind else ""
        return translate(f"finding-{key}", lang, term=short_name(path), written=written, expected=expected, **values)

    return Finding(
        "violation",
        node,
        {lang: message(lang) for lang in LANGUAGES},
        {lang: sentence("remedy-shape", lang) for lang in LANGUAGES},
        path=path or None,
        value=None if isinstance(value, BlankNode | None) else value.value,
    )

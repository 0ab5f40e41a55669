"""Shapes as SPARQL that finds suspects: the focus nodes for which pyshacl can have a result.

A query may find too many nodes, never too few. A shape with a constraint that is not compiled here has no queries: all its
focus nodes are suspects. Source: SHACL (W3C, 2017), sections 2 to 5.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, count
from typing import Any, Final

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef, Variable
from rdflib.paths import Path
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from cper_lod.rdf.shacl.store import is_kept, parsed_query, stored_term

FOCUS: Final = "?this"
TARGET: Final = "# target\n"
"""Stands in a query for the pattern that binds the focus nodes."""
_MAX_COUNT: Final = 3
"""Number of values up to which they are counted, by comparing each with each."""


class NotCompiledError(Exception):
    """A constraint for which there is no query here."""


Step = tuple[str, str, str]
"""A triple pattern: a variable, a path without `/` outside of brackets, and a variable or term."""


def exists(steps: Sequence[Step], condition: str = "true") -> str:
    """Return the expression that the steps reach something that fulfils a condition; without steps, the condition.

    One EXISTS in another: in a longer pattern, Oxigraph would not always begin with the variable that has a value.
    """
    for step in reversed(steps):
        condition = f"EXISTS {{ {' '.join(step)} FILTER({condition}) }}"
    return f"({condition})"


def _term(term: Node) -> str:
    """Return a term in SPARQL; one that Oxigraph rewrites or does not know is not compiled."""
    stored = stored_term(term)
    if isinstance(term, BNode) or (isinstance(term, Literal) and not term.language and not is_kept(stored)):  # type: ignore[arg-type]
        raise NotCompiledError(str(term))
    return str(stored)


def path_text(shapes: Graph, path: Node) -> str:
    """Return a path of SHACL in SPARQL; raises NotCompiledError for one that pyshacl might take for another."""
    if isinstance(path, URIRef):
        return f"<{path}>"
    if (path, RDF.first, None) in shapes:
        return f"({'/'.join(path_parts(shapes, path))})"
    inverse = shapes.value(path, SH.inversePath)
    if isinstance(inverse, URIRef):  # pyshacl does not reverse the order of the parts of a sequence
        return f"^<{inverse}>"
    if several := shapes.value(path, SH.alternativePath):
        return f"({'|'.join(path_text(shapes, each) for each in shapes.items(several))})"
    for name, sign in (("zeroOrMorePath", "*"), ("oneOrMorePath", "+"), ("zeroOrOnePath", "?")):
        if repeated := shapes.value(path, SH[name]):
            return f"({path_text(shapes, repeated)}){sign}"
    raise NotCompiledError("path")


def path_parts(shapes: Graph, path: Node) -> list[str]:
    """Return the parts of a sequence, or a path that is none as one part."""
    parts = shapes.items(path) if (path, RDF.first, None) in shapes else [path]
    return [path_text(shapes, each) for each in parts]


def _not(condition: str) -> str:
    """Return that a condition does not hold, or has an error."""
    return f"!COALESCE({condition}, false)"


_KINDS: Final = {
    "IRI": "isIRI({0})",
    "BlankNode": "isBLANK({0})",
    "Literal": "isLITERAL({0})",
    "BlankNodeOrIRI": "!isLITERAL({0})",
    "BlankNodeOrLiteral": "!isIRI({0})",
    "IRIOrLiteral": "!isBLANK({0})",
}


_IRI: Final = re.compile("<([^<>]*)>")


class Compiler:
    """Compiles the shapes of a graph for data with some subclasses."""

    def __init__(self, shapes: ShapesGraph, subclasses: Callable[[Node], Iterable[str]]) -> None:
        self._shapes = shapes
        self._graph: Graph = shapes.graph
        self._subclasses = subclasses
        self._numbers = count()

    def compile(self, shape: Shape) -> tuple[list[str], set[str]]:
        """Return the queries that find the suspects of a shape as `?this`, and the IRIs in them.

        Raises NotCompiledError, and `QueryError` for a faulty query.
        """
        found = [self._query(self._violations(shape, FOCUS))]
        if (shape.node, SH.sparql, None) in self._graph and not shape.deactivated:
            component: Any = CONSTRAINT_PARAMETERS_MAP[SH.sparql](shape)
            found += [sparql_query(each) for each in component.sparql_constraints if not each.deactivated]
        return [query for query, _ in found if query], set[str]().union(*(iris for _, iris in found))

    def _query(self, violations: Iterable[str]) -> tuple[str, set[str]]:
        condition = " || ".join(violations)
        query = f"SELECT DISTINCT {FOCUS} {{ {TARGET} FILTER({condition}) }}" if condition else ""
        return query, set(_IRI.findall(query))

    def _new(self) -> str:
        return f"?v{next(self._numbers)}"

    def _steps(self, shape: Shape, focus: str, value: str) -> tuple[Step, ...]:
        """Return the steps from a focus node to a value node; none for a node shape, where both are one variable."""
        path = shape.path() if shape.is_property_shape else None  # type: ignore[no-untyped-call]
        parts = [] if path is None else path_parts(self._graph, path)
        between = [focus, *(self._new() for _ in parts[1:]), value]
        return tuple(zip(between, parts, between[1:], strict=False))

    def _violations(self, shape: Shape, focus: str, *, is_nested: bool = False) -> Iterator[str]:
        """Yield the expressions that a focus node violates a constraint of a shape."""
        if shape.deactivated:
            return
        if shape.find_custom_constraints():  # type: ignore[no-untyped-call]
            raise NotCompiledError(str(shape.node))
        for predicate, argument in self._graph.predicate_objects(shape.node):
            name = str(predicate).removeprefix(str(SH))
            if name == "sparql" and not is_nested:  # `sparql_query`
                continue
            if name in ("minCount", "maxCount"):
                yield from self._of_count(shape, name, int(str(argument)), focus)
            elif predicate in CONSTRAINT_PARAMETERS_MAP:
                yield from self._of_constraint(shape, name, argument, focus)

    def _of_constraint(self, shape: Shape, name: str, argument: Any, focus: str) -> Iterator[str]:  # noqa: ANN401
        value, other = (self._new() if shape.is_property_shape else focus), self._new()
        steps = self._steps(shape, focus, value)
        match name:
            case "uniqueLang":
                same = f'!sameTerm({value}, {other}) && LANG({value}) != "" && LANG({value}) = LANG({other})'
                yield exists((*steps, *self._steps(shape, focus, other)), same)
            case "hasValue" if steps:
                yield f"!{exists(self._steps(shape, focus, _term(argument)))}"
            case "equals":
                compared = _term(argument)
                lacks = f"!{exists(self._steps(shape, focus, other))}" if steps else f"!sameTerm({focus}, {other})"
                yield exists(steps, f"!{exists([(focus, compared, value)])}")
                yield exists([(focus, compared, other)], lacks)
            case "disjoint":
                yield exists((*steps, (focus, _term(argument), value)))
            case "lessThan" | "lessThanOrEquals":
                sign = "<" if name == "lessThan" else "<="
                yield exists((*steps, (focus, _term(argument), other)), _not(f"{value} {sign} {other}"))
            case "property" | "node":
                yield exists(steps, self._violates(argument, value))
            case "and" | "or":
                members = [self._violates(each, value) for each in self._graph.items(argument)]
                yield exists(steps, (" || " if name == "and" else " && ").join(members))
            case _:
                yield exists(steps, _not(self._of_value(shape, name, argument, value)))

    def _violates(self, node: Node, focus: str) -> str:
        """Return the expression that a focus node violates a shape, given by name."""
        shape = self._shapes.lookup_shape_from_node(node)
        return f"({' || '.join(self._violations(shape, focus, is_nested=True)) or 'false'})"

    def _of_value(self, shape: Shape, name: str, argument: Any, value: str) -> str:  # noqa: ANN401
        """Return the condition that a value node fulfils a constraint."""
        match name:
            case "class":
                return " || ".join(f"EXISTS {{ {value} a {each} }}" for each in self._subclasses(argument))
            case "datatype":
                return f"DATATYPE({value}) = {_term(argument)}"
            case "nodeKind":
                return _KINDS[str(argument).removeprefix(str(SH))].format(value)
            case "in":
                return (
                    " || ".join(f"sameTerm({value}, {_term(each)})" for each in self._graph.items(argument)) or "false"
                )
            case "hasValue":
                return f"sameTerm({value}, {_term(argument)})"
            case "languageIn":
                return (
                    " || ".join(f"LANGMATCHES(LANG({value}), {_term(each)})" for each in self._graph.items(argument))
                    or "false"
                )
            case "minInclusive" | "maxInclusive" | "minExclusive" | "maxExclusive":
                sign = ("<" if name.startswith("max") else ">") + "=" * name.endswith("Inclusive")
                return f"{value} {sign} {_term(argument)}"
            case "minLength" | "maxLength":
                return f"STRLEN(STR({value})) {'<=' if name == 'maxLength' else '>='} {int(argument)}"
            case "pattern":
                flags = self._graph.value(shape.node, SH.flags)
                return f"REGEX(STR({value}), {_term(argument)}{f', {_term(flags)}' if flags else ''})"
        raise NotCompiledError(name)

    def _of_count(self, shape: Shape, name: str, number: int, focus: str) -> Iterator[str]:
        """Yield the expression that there are too few or too many distinct values."""
        values = [self._new() for _ in range(number + (name == "maxCount"))]
        if len(values) > _MAX_COUNT:
            raise NotCompiledError(name)
        if values:
            differ = " && ".join(f"!sameTerm({one}, {other})" for one, other in combinations(values, 2)) or "true"
            found = exists([step for value in values for step in self._steps(shape, focus, value)], differ)
            yield f"!{found}" if name == "minCount" else found


_SELECT: Final = re.compile(
    r"(?P<prologue>(?:\s*PREFIX[^\n]*\n)*)\s*(?P<clause>SELECT\b[^{]*\{)(?P<rest>.*)", re.DOTALL | re.IGNORECASE
)
_PART: Final = re.compile(
    r"""\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|\#[^\n]*|\s+|NOT\s+EXISTS\b|\w+|.""",
    re.DOTALL | re.IGNORECASE,
)


def errors_as_true(text: str) -> str:
    """Return a query in which an error in a FILTER or HAVING lets a solution pass: rdflib may have a value, or fail.

    In NOT EXISTS, an error has that effect anyway.

    >>> errors_as_true("FILTER (?a > 1) FILTER NOT EXISTS { ?b ?c ?d FILTER(?d) }")
    'FILTER (COALESCE(?a > 1, true)) FILTER NOT EXISTS { ?b ?c ?d FILTER(?d) }'
    """
    parts, opened, before = list[str](), list[str](), ""
    for part in _PART.findall(text):
        if part in ("(", "{"):
            is_wrapped = part == "(" and before in ("FILTER", "HAVING") and "NOT EXISTS" not in opened
            opened.append("wrapped" if is_wrapped else before)
            parts.append("(COALESCE(" if is_wrapped else part)
        elif part in (")", "}") and opened and opened.pop() == "wrapped":
            parts.append(", true))")
        else:
            parts.append(part)
        before = " ".join(part.upper().split()) or before
    return "".join(parts)


def sparql_query(helper: SPARQLQueryHelper) -> tuple[str, set[str]]:
    """Return the query of a constraint for all focus nodes at once, and its IRIs.

    Raises NotCompiledError if that would be another query, and `QueryError`.
    """
    bound, text = helper.pre_bind_variables(RDF.nil)  # type: ignore[no-untyped-call]
    text = helper.apply_prefixes(text)  # type: ignore[no-untyped-call]
    parts, algebra = _SELECT.fullmatch(text), parsed_query(text).algebra
    if parts is None or set(bound) != {"this"} or not _can_be_joined(algebra):
        raise NotCompiledError(str(helper.node))
    select = parts["clause"] + TARGET + errors_as_true(parts["rest"])
    query = f"{parts['prologue']} SELECT DISTINCT {FOCUS} {{ {{ {select} }} }}"
    return query, {str(each) for each in _terms(algebra) if isinstance(each, URIRef)}


def _can_be_joined(part: CompValue, *, has_focus: bool = True) -> bool:
    """Return whether a pattern has the same solutions joined to focus nodes as with `$this` bound to each (section 5.3.1).

    `has_focus` is false in a group within the group that starts with the focus nodes: `$this` has no value there until
    both are joined, so no condition may ask for it.
    """
    if not has_focus and Variable("this") in _terms(part.get("expr")):
        return False
    match part.name:
        case "BGP":
            return True
        case "SelectQuery" | "Project" | "Distinct" | "Reduced" | "OrderBy" | "Filter" | "Extend" | "AggregateJoin":
            return _can_be_joined(part.p, has_focus=has_focus)
        case "Join" | "LeftJoin":
            return _can_be_joined(part.p1, has_focus=has_focus) and _can_be_joined(part.p2, has_focus=False)
        case "Union":
            return _can_be_joined(part.p1, has_focus=False) and _can_be_joined(part.p2, has_focus=False)
        case "Group":
            return has_focus and Variable("this") in (part.expr or ()) and _can_be_joined(part.p)
    return False


def _terms(part: object) -> Iterator[Node]:
    """Yield the terms of a parsed query, or of a part of it."""
    if isinstance(part, Node):
        yield part
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from _terms(each)
    elif isinstance(part, list | tuple | set | frozenset):
        for each in part:
            yield from _terms(each)
    elif isinstance(part, Path):
        yield from _terms([*vars(part).values()])

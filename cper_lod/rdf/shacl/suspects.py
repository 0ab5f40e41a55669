"""Shapes as SPARQL that finds suspects: the focus nodes for which pyshacl can have a result.

A query may find too many nodes, never too few. A shape with a constraint that is not compiled here has no queries: all its
focus nodes are suspects. Source: SHACL (W3C, 2017), sections 2 to 5.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, count
from typing import Any, Final

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from cper_lod.rdf.shacl.store import is_comparable, stored_term

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
    if isinstance(term, BNode) or (isinstance(term, Literal) and not term.language and not is_comparable(stored)):  # type: ignore[arg-type]
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


def _not(condition: str, *, certain: bool = False) -> str:
    """Return that a condition does not hold, or has an error; if `certain`, that it has none and does not hold."""
    return f"!COALESCE({condition}, {'true' if certain else 'false'})"


_CERTAIN: Final = frozenset(
    ["and", "class", "hasValue", "in", "maxCount", "minCount", "node", "nodeKind", "not", "or", "pattern", "property"]
)
"""Constraints whose expression is also false for each node that fulfils them, as sh:not needs."""


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

        Raises NotCompiledError, and what pyshacl raises for some invalid shapes; the queries may be faulty as well.
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

    def _violations(self, shape: Shape, focus: str, *, is_nested: bool = False, certain: bool = False) -> Iterator[str]:
        """Yield the expressions that a focus node violates a constraint of a shape: too many rather than too few.

        If `certain`, too few rather than too many.
        """
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
                if certain and name not in _CERTAIN:
                    raise NotCompiledError("not")
                yield from self._of_constraint(shape, name, argument, focus, certain=certain)

    def _of_constraint(
        self,
        shape: Shape,
        name: str,
        argument: Any,  # noqa: ANN401
        focus: str,
        *,
        certain: bool,
    ) -> Iterator[str]:
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
                yield exists(steps, self._violates(argument, value, certain=certain))
            case "not":
                yield exists(steps, f"!{self._violates(argument, value, certain=not certain)}")
            case "and" | "or":
                members = [self._violates(each, value, certain=certain) for each in self._graph.items(argument)]
                yield exists(steps, (" || " if name == "and" else " && ").join(members))
            case "pattern" if certain and "$" in str(argument):  # for pyshacl, it also stands before a final line end
                raise NotCompiledError("not")
            case _:
                yield exists(steps, _not(self._of_value(shape, name, argument, value), certain=certain))

    def _violates(self, node: Node, focus: str, *, certain: bool) -> str:
        """Return the expression that a focus node violates a shape, given by name."""
        shape = self._shapes.lookup_shape_from_node(node)
        return f"({' || '.join(self._violations(shape, focus, is_nested=True, certain=certain)) or 'false'})"

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


_PART: Final = re.compile(
    r"""\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|\#[^\n]*|\s+|NOT\s+EXISTS\b
    |[\w-]*:[\w.-]*|[?$]?\w+|.""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
"""Texts, IRIs, comments, spaces, words, names and signs of a query."""


_SELECT: Final = re.compile(r"\s*SELECT\s+((DISTINCT|REDUCED)\s+)?[?$]this\b", re.IGNORECASE)


def sparql_query(helper: SPARQLQueryHelper) -> tuple[str, set[str]]:
    """Return the query of a constraint for all focus nodes at once, and its IRIs.

    Raises NotCompiledError for a query with UNION, LIMIT, or another group in which `$this` might have no value before the
    group is joined to the focus nodes (section 5.3.1). An error in a FILTER or HAVING lets a solution pass, since rdflib may
    have a value there, or fail; in NOT EXISTS, an error has that effect anyway.
    """
    bound, text = helper.pre_bind_variables(RDF.nil)  # type: ignore[no-untyped-call]
    if {*bound} != {"this"} or not _SELECT.match(text):
        raise NotCompiledError(str(helper.node))
    written, opened, iris, before = list[str](), list[str](), set[str](), ""
    for part in _PART.findall(text):
        word, (prefix, colon, name) = " ".join(part.upper().split()), part.partition(":")
        if part[0] == "<":
            iris.add(part[1:-1])
        elif colon and prefix in helper.prefixes:
            iris.add(f"{helper.prefixes[prefix]}{name}")
        elif word in ("LIMIT", "OFFSET", "\\") or (word in ("BIND", "OPTIONAL") and "OPTIONAL" in opened):
            raise NotCompiledError(word)
        if part == "{" and opened and before != "OPTIONAL" and {"EXISTS", "NOT EXISTS"}.isdisjoint({*opened, before}):
            raise NotCompiledError("group")
        if part in ("(", "{"):
            is_condition = part == "(" and before in ("FILTER", "HAVING") and "NOT EXISTS" not in opened
            opened.append("condition" if is_condition else before)
            written.append("(COALESCE(" if is_condition else part)
            if part == "{" and len(opened) == 1:
                written.append(TARGET)
        elif part in (")", "}") and opened and opened.pop() == "condition":
            written.append(", true))")
        else:
            written.append(part)
        before = word or before
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in helper.prefixes.items())
    return f"{prologue}SELECT DISTINCT {FOCUS} {{ {{ {''.join(written)} }} }}", iris

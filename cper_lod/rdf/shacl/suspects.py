"""Shapes as SPARQL that finds their focus nodes, and suspects: the focus nodes for which pyshacl can have a result.

A query may find too many suspects, never too few. A shape with a constraint that is not compiled here has no queries: all
its focus nodes are suspects. Source: SHACL (W3C, 2017), sections 2 to 5.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, count
from typing import Any, Final, NamedTuple

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.errors import ReportableRuntimeError
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import RDF, RDFS, SH, SKOS, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from cper_lod.core.errors import Phrase, Problem
from cper_lod.rdf.parse_errors import QUOTED
from cper_lod.rdf.report import short_name
from cper_lod.rdf.shacl.store import is_comparable, stored_term

FOCUS: Final = "?this"
TARGET: Final = "# target\n"
"""Stands in a query for the pattern that binds the focus nodes."""
_SHAPES: Final = (SH.node, SH.property, SH["not"], SH.qualifiedValueShape)
_SHAPE_LISTS: Final = (SH["and"], SH["or"], SH.xone)
"""The properties whose values are shapes, and those whose values are lists of shapes."""
_TARGETS: Final = (SH.targetClass, SH.targetSubjectsOf, SH.targetObjectsOf, SH.targetNode)
_MAX_COUNT: Final = 3
"""Number of values up to which they are counted, by comparing each with each."""
_CERTAIN: Final = frozenset(
    ["and", "class", "hasValue", "in", "maxCount", "minCount", "node", "nodeKind", "not", "or", "pattern", "property"]
)
"""Constraints whose expression is true for no node that fulfils them, as sh:not needs."""
Step = tuple[str, str, str]
"""A triple pattern: a variable, a path without `/` outside of brackets, and a variable or term."""


class NotCompiledError(Exception):
    """A constraint for which there is no query here."""


class Rule(NamedTuple):
    """A shape with a target.

    Each of `patterns` binds `?this`, and no other variable, to focus nodes, once to each. `nodes` are the focus nodes that the
    shape names. `may_be_idle`: it documents (skos:scopeNote) that it may have none.
    """

    shape: Shape
    patterns: frozenset[str]
    nodes: tuple[Node, ...]
    may_be_idle: bool


def invalid_shape(shape: Node | None, error: object) -> Problem:
    """Return the problem with a shape, or with one whose name is not known."""
    message = error if isinstance(error, Phrase) else " ".join(str(error).split())
    where = short_name(str(shape)) if isinstance(shape, URIRef) else "shapes/"
    return Problem("shapes-invalid", shape=where, message=message)


def read_shapes(shapes: Graph) -> ShapesGraph:
    """Return the shapes as pyshacl reads them.

    Raises `shapes-invalid`, also for a shape that nothing describes, or a property shape without a path: pyshacl ignores both.
    """
    graph = ShapesGraph(shapes)
    try:
        list(graph.shapes)
        named = [
            (predicate, owner, each)
            for predicate in (*_SHAPES, *_SHAPE_LISTS)
            for owner, value in shapes.subject_objects(predicate)
            for each in (shapes.items(value) if predicate in _SHAPE_LISTS else [value])
        ]
    except (ReportableRuntimeError, ValueError) as error:  # the latter: a list without an end
        raise invalid_shape(None, error) from error
    for predicate, owner, shape in named:
        if (shape, SH.path if predicate == SH.property else None, None) not in shapes:
            name, other = short_name(str(predicate)), "[ … ]" if isinstance(shape, BNode) else short_name(str(shape))
            en = f"{name} names {other}, which is no shape, or has no path"
            fr = f"{name} renvoie à {other}, qui n'est pas une forme ou n'a pas de chemin"
            raise invalid_shape(owner, Phrase(en, fr))
    return graph


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
    if isinstance(term, BNode) or (isinstance(term, Literal) and not is_comparable(stored)):  # type: ignore[arg-type]
        raise NotCompiledError(str(term))
    return str(stored)


def _any(conditions: Iterable[str]) -> str:
    return " || ".join(conditions) or "false"


class Compiler:
    """Compiles the shapes of a graph for some data, in which classes have subclasses."""

    def __init__(self, shapes: ShapesGraph, data: Graph) -> None:
        self._shapes = shapes
        self._graph: Graph = shapes.graph
        self._data = data
        self._numbers = count()

    def rules(self) -> list[Rule]:
        """Return the shapes that have a target, sorted by name; raises `shapes-invalid`."""
        rules = map(self._rule, sorted(self._shapes.shapes, key=lambda each: str(each.node)))
        return [rule for rule in rules if rule.patterns or rule.nodes]

    def _rule(self, shape: Shape) -> Rule:
        targets = {predicate: [*self._graph.objects(shape.node, predicate)] for predicate in _TARGETS}
        for predicate, found in targets.items():
            if predicate != SH.targetNode and not all(isinstance(each, URIRef) for each in found):
                raise invalid_shape(shape.node, f"{short_name(str(predicate))} takes IRIs")
        classes = [*targets[SH.targetClass], *shape.implicit_class_targets()]  # type: ignore[no-untyped-call]
        patterns = [f"?this a {name} ." for each in classes for name in self._subclasses(each)]
        for form, predicate in (("?this {} ?other", SH.targetSubjectsOf), ("?other {} ?this", SH.targetObjectsOf)):
            terms = [str(stored_term(each)) for each in targets[predicate]]
            patterns += [f"{{ SELECT DISTINCT ?this {{ {form.format(each)} }} }}" for each in terms]
        may_be_idle = (shape.node, SKOS.scopeNote, None) in self._graph
        return Rule(shape, frozenset(patterns), tuple(sorted(targets[SH.targetNode], key=str)), may_be_idle)

    def _subclasses(self, class_: Node) -> list[str]:
        """Return a class and those below it, in SPARQL."""
        return [str(stored_term(each)) for each in self._data.transitive_subjects(RDFS.subClassOf, class_) if each]

    def compile(self, shape: Shape) -> tuple[list[str], set[str]]:
        """Return the queries that find the suspects of a shape as `?this`, and the IRIs in them.

        Raises NotCompiledError, and what pyshacl raises for some invalid shapes; the queries may be faulty as well.
        """
        condition = " || ".join(self._violations(shape, FOCUS))
        queries = [f"SELECT DISTINCT {FOCUS} {{ {TARGET} FILTER({condition}) }}"] if condition else []
        if (shape.node, SH.sparql, None) in self._graph and not shape.deactivated:
            component: Any = CONSTRAINT_PARAMETERS_MAP[SH.sparql](shape)
            queries += [sparql_query(each) for each in component.sparql_constraints if not each.deactivated]
        return queries, {iri for query in queries for iri in re.findall("<([^<>]*)>", query)}

    def _new(self) -> str:
        return f"?v{next(self._numbers)}"

    def _steps(self, shape: Shape, focus: str, value: str) -> tuple[Step, ...]:
        """Return the steps from a focus node to a value node; none for a node shape, where both are one variable."""
        path: Any = shape.path() if shape.is_property_shape else None  # type: ignore[no-untyped-call]
        sequence = [] if path is None else [*self._graph.items(path)] or [path]
        parts = [str(shacl_path_to_sparql_path(self._shapes, each, recursion=1)) for each in sequence]
        if any("^(" in part for part in parts):  # pyshacl does not reverse the order of the parts of a sequence
            raise NotCompiledError("path")
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
            is_wanted = name in _CERTAIN if certain else is_nested or name != "sparql"  # `sparql_query`
            if predicate in CONSTRAINT_PARAMETERS_MAP and is_wanted:
                yield from self._of_constraint(shape, name, argument, focus, certain)

    def _of_constraint(self, shape: Shape, name: str, argument: Node, focus: str, certain: bool) -> Iterator[str]:
        value, other = (self._new() if shape.is_property_shape else focus), self._new()
        steps = self._steps(shape, focus, value)
        match name:
            case "minCount" | "maxCount":
                values = [self._new() for _ in range(int(str(argument)) + (name == "maxCount"))]
                if len(values) > _MAX_COUNT:
                    raise NotCompiledError(name)
                differ = " && ".join(f"!sameTerm({one}, {two})" for one, two in combinations(values, 2)) or "true"
                found = exists([step for each in values for step in self._steps(shape, focus, each)], differ)
                yield f"!{found}" if name == "minCount" else found
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
                sign = "<" + "=" * name.endswith("Equals")
                yield exists((*steps, (focus, _term(argument), other)), f"!COALESCE({value} {sign} {other}, false)")
            case "property" | "node":
                yield exists(steps, self._violates(argument, value, certain))
            case "not":
                yield exists(steps, f"!{self._violates(argument, value, not certain)}")
            case "and" | "or":
                members = [self._violates(each, value, certain) for each in self._graph.items(argument)]
                yield exists(steps, (" || " if name == "and" else " && ").join(members))
            case "pattern" if certain and "$" in str(argument):
                return  # for pyshacl, it also stands before a final line end
            case _:
                # An error is a violation, unless it must be certain.
                fulfilled = self._of_value(shape, name, argument, value)
                yield exists(steps, f"!COALESCE({fulfilled}, {'true' if certain else 'false'})")

    def _violates(self, node: Node, focus: str, certain: bool) -> str:
        """Return the expression that a focus node violates a shape, given by name."""
        shape = self._shapes.lookup_shape_from_node(node)
        return f"({_any(self._violations(shape, focus, is_nested=True, certain=certain))})"

    def _of_value(self, shape: Shape, name: str, argument: Node, value: str) -> str:
        """Return the condition that a value node fulfils a constraint."""
        match name:
            case "class":
                return _any(f"EXISTS {{ {value} a {each} }}" for each in self._subclasses(argument))
            case "datatype":
                return f"DATATYPE({value}) = {_term(argument)}"
            case "nodeKind":
                kinds = str(argument).removeprefix(str(SH)).replace("Node", "").split("Or")
                return _any(f"is{kind}({value})" for kind in kinds)
            case "in" | "hasValue":
                terms = self._graph.items(argument) if name == "in" else [argument]
                return _any(f"sameTerm({value}, {_term(each)})" for each in terms)
            case "languageIn":
                return _any(f"LANGMATCHES(LANG({value}), {_term(each)})" for each in self._graph.items(argument))
            case "minInclusive" | "maxInclusive" | "minExclusive" | "maxExclusive" | "minLength" | "maxLength":
                sign = ("<" if name.startswith("max") else ">") + "=" * (not name.endswith("Exclusive"))
                return f"{f'STRLEN(STR({value}))' if 'Length' in name else value} {sign} {_term(argument)}"
            case "pattern":
                flags = self._graph.value(shape.node, SH.flags)
                return f"REGEX(STR({value}), {_term(argument)}{f', {_term(flags)}' if flags else ''})"
        raise NotCompiledError(name)


_FIXED: Final = re.compile(rf"{QUOTED}|\#[^\r\n]*", re.DOTALL)
_NAME: Final = re.compile(r"([\w-]*):((?:[\w.-]*[\w-])?)")
_SELECT: Final = re.compile(r"(?is)\s*SELECT\s+((DISTINCT|REDUCED)\s+)?[?$]this\b(?!.*\bEXISTS\b)")
_SUBGROUP: Final = re.compile(r"\b(?:EXISTS|OPTIONAL)\s*\{", re.IGNORECASE)
_UNSAFE: Final = re.compile(
    r"\b(?:LIMIT|OFFSET)\b|\bOPTIONAL\s*\{[^{}]*(?:\{|\bBIND\b)|\bFILTER\s+(?!(?:NOT\s+)?EXISTS\b)\w", re.IGNORECASE
)
_CONDITION: Final = re.compile(r"\bNOT\s+EXISTS\s*\{|\b(FILTER|HAVING)\s*\(", re.IGNORECASE)


def sparql_query(helper: SPARQLQueryHelper) -> str:
    """Return the query of a constraint for all focus nodes at once, without prefixes.

    Raises NotCompiledError for a query with UNION, LIMIT, or another group in which `$this` might have no value before the
    group is joined to the focus nodes (section 5.3.1).
    """
    bound, text = helper.pre_bind_variables(RDF.nil)  # type: ignore[no-untyped-call]
    fixed = iter(_FIXED.findall(text))  # nothing is looked for in strings, IRIs and comments

    def full_name(name: re.Match[str]) -> str:
        return f"<{helper.prefixes[name[1]]}{name[2]}>" if name[1] in helper.prefixes else name[0]

    head, _, body = _NAME.sub(full_name, _FIXED.sub("\0", text)).partition("{")
    other_groups = body.count("{") - len(_SUBGROUP.findall(body))
    if {*bound} != {"this"} or not _SELECT.match(head) or other_groups or _UNSAFE.search(body):
        raise NotCompiledError(str(helper.node))
    text = f"SELECT DISTINCT {FOCUS} {{ {{ {head}{{{TARGET}{_lenient(body)} }} }}"
    return re.sub("\0", lambda _: next(fixed, ""), text)


def _lenient(text: str) -> str:
    """Return a part of a query in which an error in a FILTER or HAVING lets a solution pass.

    For rdflib may have a value there, or fail. In NOT EXISTS, an error has that effect anyway.
    """
    if not (found := _CONDITION.search(text)):
        return text
    depth, end = 1, found.end()
    while depth:
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(text[end], 0)
        end += 1
    inner = text[found.end() : end - 1]
    if found[1]:
        inner = f"COALESCE({_lenient(inner)}, true)"
    return text[: found.end()] + inner + _lenient(text[end - 1 :])

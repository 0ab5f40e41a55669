"""What a shape asks of a focus node, as functions that say whether pyshacl could have a result: true where it could.

Each is exact, or true too often; never false where pyshacl has a result. What a value alone decides is asked of pyshacl
itself, once for the same value. Of a shape with anything else in it, all focus nodes are suspect (`UndecidableError`).
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core import (
    cardinality_constraints,
    other_constraints,
    property_pair_constraints,
    shape_based_constraints,
    string_based_constraints,
    value_constraints,
    value_range_constraints,
)
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from rdflib import RDF, RDFS, XSD, Graph

from cper_lod.rdf.shacl.prefilter.conditions import UndecidableError
from cper_lod.rdf.shacl.prefilter.graph_patterns import PatternCompiler
from cper_lod.rdf.shacl.prefilter.query_cache import parse_query
from cper_lod.rdf.shacl.prefilter.tokens import suffix_of, term_of, text_of, token_of
from cper_lod.rdf.shacl.prefilter.triple_patterns import is_local, path_function, path_predicates, shacl_path
from cper_lod.rdf.shacl.prefilter.triples import OtherNodePredicates, ReversePatterns, Triples

Check = Callable[[str], bool]
"""Whether a focus node could have a result."""

_CACHE_SIZE: Final = 8192
_WELL_FORMED: Final = {
    str(XSD.integer): re.compile(r"[-+]?[0-9]+"),
    str(XSD.decimal): re.compile(r"[-+]?[0-9]+([.][0-9]+)?"),
    str(XSD.date): re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"),
}
"""Literals that are certainly of their datatype, of all those that are; pyshacl is asked about others."""


def value_check(component: ConstraintComponent) -> Check:
    """Return whether pyshacl finds fault with a value, whatever node has it."""
    datatype = component.datatype_rule if isinstance(component, value_constraints.DatatypeConstraintComponent) else None
    form, kind = _WELL_FORMED.get(str(datatype)), f"^^<{datatype}>"
    executor, nothing = SHACLExecutor(), Graph(bind_namespaces="none")

    @lru_cache(maxsize=_CACHE_SIZE)
    def ask(value: str) -> bool:
        term = term_of(value)
        conforms, _ = component.evaluate(executor, nothing, {term: {term}}, [])
        return not conforms

    if form is None:
        return ask
    well = form.fullmatch
    return lambda value: not (value.endswith(kind) and well(text_of(value))) and ask(value)


def node_checks(component: Any, values: Callable[[str], Collection[str]], triples: Triples) -> Iterator[Check]:  # noqa: ANN401
    """Yield the checks that compare all values of a node."""
    match type(component):
        case cardinality_constraints.MinCountConstraintComponent:
            least = int(component.min_count)
            yield lambda node: len(values(node)) < least
        case cardinality_constraints.MaxCountConstraintComponent:
            most = int(component.max_count)
            yield lambda node: len(values(node)) > most
        case string_based_constraints.UniqueLangConstraintComponent:
            if True in component.string_rules:
                yield lambda node: _has_duplicate_languages(values(node))
        case other_constraints.HasValueConstraintComponent:
            for each in component.has_value_set:
                yield _lacks(token_of(each), values)
        case property_pair_constraints.EqualsConstraintComponent:
            for each in component.property_compare_set:
                yield _differs(token_of(each), values, triples)
        case property_pair_constraints.DisjointConstraintComponent:
            for each in component.property_compare_set:
                yield _shares(token_of(each), values, triples)
        case other:
            raise UndecidableError(other.__name__)


def _has_duplicate_languages(values: Collection[str]) -> bool:
    if len(values) < 2:
        return False
    kinds = [kind for each in values if each[0] == '"' and (kind := suffix_of(each)).startswith("@")]
    return len(set(kinds)) < len(kinds)


def _lacks(value: str, values: Callable[[str], Collection[str]]) -> Check:
    return lambda node: value not in values(node)


def _differs(predicate: str, values: Callable[[str], Collection[str]], triples: Triples) -> Check:
    return lambda node: set(values(node)) != set(triples.of(node).get(predicate, ()))


def _shares(predicate: str, values: Callable[[str], Collection[str]], triples: Triples) -> Check:
    return lambda node: not set(values(node)).isdisjoint(triples.of(node).get(predicate, ()))


_KEPT, _DEPTH = 8192, 8
_TYPE: Final = token_of(RDF.type)
_SUBCLASS: Final = token_of(RDFS.subClassOf)
_VALUE_CONSTRAINTS: Final = (
    other_constraints.InConstraintComponent,
    string_based_constraints.LanguageInConstraintComponent,
    string_based_constraints.MaxLengthConstraintComponent,
    string_based_constraints.MinLengthConstraintComponent,
    string_based_constraints.PatternConstraintComponent,
    value_constraints.DatatypeConstraintComponent,
    value_constraints.NodeKindConstraintComponent,
    value_range_constraints.MaxExclusiveConstraintComponent,
    value_range_constraints.MaxInclusiveConstraintComponent,
    value_range_constraints.MinExclusiveConstraintComponent,
    value_range_constraints.MinInclusiveConstraintComponent,
)


class _Context(NamedTuple):
    """Where a constraint stands: what it is about; whether its focus node is the rule's, and whether its values are.

    `told` is whether its results are the rule's: those of a shape in sh:node are not.
    """

    values: Callable[[str], Collection[str]]
    depth: int
    own: bool
    values_own: bool
    told: bool


class ConstraintCompiler:
    """Makes the checks of shapes over some triples."""

    def __init__(self, triples: Triples) -> None:
        self._triples = triples
        self.backwards: ReversePatterns = set()
        self.elsewhere: OtherNodePredicates = set()

    def of(self, shape: Shape, depth: int = 0, *, own: bool = True, told: bool = True) -> list[Check]:
        """Return the checks of a shape; raises `UndecidableError`, and whatever pyshacl raises of a faulty shape."""
        if shape.deactivated:
            return []
        if depth > _DEPTH or shape.find_custom_constraints():  # type: ignore[no-untyped-call]
            raise UndecidableError(str(shape.node))
        path = shacl_path(shape.sg, shape.path()) if shape.is_property_shape else None  # type: ignore[no-untyped-call]
        if path is not None and not (own and is_local(path)):
            self.elsewhere |= path_predicates(path)
        values: Callable[[str], Collection[str]] = (
            (lambda node: (node,))
            if path is None
            else path_function(self._triples, path, backwards=False, noted=self.backwards)
        )
        kinds = {
            CONSTRAINT_PARAMETERS_MAP[each]
            for each, _ in shape.sg.graph.predicate_objects(shape.node)
            if each in CONSTRAINT_PARAMETERS_MAP
        }
        place = _Context(values, depth, own, own and path is None, told)
        return [check for kind in sorted(kinds, key=str) for check in self._component(kind(shape), place)]

    def _component(self, component: Any, place: "_Context") -> Iterator[Check]:  # noqa: ANN401
        kind, values = type(component), place.values
        if kind in _VALUE_CONSTRAINTS:
            wrong = value_check(component)
            yield lambda node: any(map(wrong, values(node)))
        elif kind is SPARQLBasedConstraint:
            active = (each for each in component.sparql_constraints if not each.deactivated)
            yield from (self._query(each, own=place.own) for each in active)
        elif kind is value_constraints.ClassConstraintComponent:
            self.elsewhere |= {_SUBCLASS} if place.values_own else {_SUBCLASS, _TYPE}
            yield from (self._class(each, values) for each in component.class_rules)
        elif kind in (
            shape_based_constraints.PropertyConstraintComponent,
            shape_based_constraints.NodeConstraintComponent,
        ):
            nested = component.property_shapes if hasattr(component, "property_shapes") else component.node_shapes
            told = place.told and kind is shape_based_constraints.PropertyConstraintComponent
            # Its results are about the values: of which focus node, they do not tell.
            self.elsewhere |= {None} if told and not place.values_own else set()
            for each in nested:
                yield self._nested(component.shape, each, place._replace(told=told))
        else:
            if not place.own:
                compared = getattr(component, "property_compare_set", ())
                self.elsewhere |= {token_of(each) for each in compared}
            yield from node_checks(component, values, self._triples)

    def _nested(self, shape: Shape, node: Any, place: "_Context") -> Check:  # noqa: ANN401
        other = shape.get_other_shape(node)  # type: ignore[no-untyped-call]
        if other is None:
            raise UndecidableError(str(node))
        checks, values = self.of(other, place.depth + 1, own=place.values_own, told=place.told), place.values
        return lambda focus: any(check(value) for value in values(focus) for check in checks)

    def _class(self, class_: Any, values: Callable[[str], Collection[str]]) -> Check:  # noqa: ANN401
        wanted, triples = token_of(class_), self._triples

        @lru_cache(maxsize=_KEPT)
        def below(found: str) -> bool:
            seen, todo = set[str](), [found]
            while todo:
                each = todo.pop()
                if each == wanted:
                    return True
                if each not in seen:
                    seen.add(each)
                    todo += triples.of(each).get(_SUBCLASS, ())
            return False

        return lambda node: not all(any(map(below, triples.of(each).get(_TYPE, ()))) for each in values(node))

    def _query(self, helper: Any, *, own: bool) -> Check:  # noqa: ANN401
        """Return whether the pattern of a query has a solution; what pyshacl refuses, it is to refuse itself."""
        bound, text = helper.pre_bind_variables(RDF.nil)
        # rdflib takes as long for a prefix as for a triple pattern.
        used = {prefix: iri for prefix, iri in helper.prefixes.items() if f"{prefix}:" in text}
        query = parse_query("".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in used.items()) + text)
        patterns = PatternCompiler(self._triples, query.prologue, frozenset(bound), self.backwards, self.elsewhere, own=own)
        solve = patterns.query(query.algebra)
        constant = {name: token_of(term) for name, term in bound.items() if name != "this"}
        this = "this" in bound
        return lambda node: next(solve({"this": node, **constant} if this else {**constant}), None) is not None

"""Constraints of SHACL Core as functions of a focus node: what its values decide, each by itself or all together."""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Any, Final

from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core import (
    cardinality_constraints,
    other_constraints,
    property_pair_constraints,
    string_based_constraints,
    value_constraints,
)
from pyshacl.pytypes import SHACLExecutor
from rdflib import XSD, Graph

from cper_lod.rdf.shacl.prefilter.conditions import UndecidableError
from cper_lod.rdf.shacl.prefilter.tokens import suffix_of, term_of, text_of, token_of
from cper_lod.rdf.shacl.prefilter.triples import Triples

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

"""What can be seen of a query of SPARQL by the look of its algebra, as rdflib writes it."""

from typing import Any, Final

from rdflib.plugins.sparql.parserutils import CompValue

from cper_lod.rdf.shacl.prefilter.conditions import UndecidableError, variables

_WRAPPERS: Final = {"SelectQuery", "Project", "Distinct", "Reduced", "OrderBy", "Slice"}
_ORDER_INDEPENDENT: Final = {"BGP", "Union", "Join"}


def query_pattern(algebra: CompValue) -> CompValue:
    """Return the graph pattern of a query, without whose solutions it has no result; raises `UndecidableError`."""
    part, conditions = algebra, list[Any]()
    while part.name in _WRAPPERS or (part.name in ("Extend", "Filter") and is_aggregated(part)):
        conditions += [part.expr] if part.name == "Filter" else []
        part = part.p
    if part.name != "AggregateJoin":
        return part
    if part.p.expr is None or not any(fails_without_rows(each) for each in conditions):
        raise UndecidableError("Such a query has a result where its pattern has no solution.")
    pattern: CompValue = part.p.p
    return pattern


def accepts_bindings(part: CompValue) -> bool:
    """Return whether what is bound around a pattern can be pushed into it without another result."""
    children = [each for key in ("p", "p1", "p2") if isinstance(each := getattr(part, key), CompValue)]
    return part.name in _ORDER_INDEPENDENT and all(map(accepts_bindings, children))


def is_aggregated(part: CompValue) -> bool:
    """Return whether a part of a query is over groups: HAVING, or a value computed of them."""
    while part.name in ("Extend", "Filter"):
        part = part.p
    return bool(part.name == "AggregateJoin")


def fails_without_rows(expression: Any) -> bool:  # noqa: ANN401
    """Return whether a HAVING is an error, so no result, where there was nothing to aggregate."""
    if getattr(expression, "name", "") == "ConditionalOrExpression" and expression.other:
        return all(map(fails_without_rows, (expression.expr, *expression.other)))
    return (
        getattr(expression, "name", "") == "RelationalExpression"
        and expression.op in _COMPARISONS
        and any(each.startswith("__agg_") for each in variables(expression))
    )


_COMPARISONS: Final = ("<", ">", "<=", ">=", "=", "!=")

"""What a SHACL rule asks, in words: each constraint as a sentence with what fills it and what it links to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from cper_lod.core.namespaces import SH
from cper_lod.rdf.graph import Term
from cper_lod.release.docs.shapes import Rule, Rules
from cper_lod.web.components.view import Value

KINDS: Final = {
    SH + "IRI": "rule-kind-iri",
    SH + "Literal": "rule-kind-literal",
    SH + "BlankNode": "rule-kind-blank",
    SH + "BlankNodeOrIRI": "rule-kind-resource",
    SH + "BlankNodeOrLiteral": "rule-kind-no-iri",
    SH + "IRIOrLiteral": "rule-kind-no-blank",
}
FILLED: Final = {
    "minInclusive": "rule-min-inclusive",
    "maxInclusive": "rule-max-inclusive",
    "minExclusive": "rule-min-exclusive",
    "maxExclusive": "rule-max-exclusive",
    "minLength": "rule-min-length",
    "maxLength": "rule-max-length",
    "pattern": "rule-pattern",
}
"""The parameters whose value stands in the sentence, in the order in which they are said."""
LINKED: Final = {
    "class": "rule-class",
    "datatype": "rule-datatype",
    "hasValue": "rule-has-value",
    "equals": "rule-equals",
    "disjoint": "rule-disjoint",
    "lessThan": "rule-less-than",
    "lessThanOrEquals": "rule-less-than-or-equals",
    "node": "rule-node",
    "not": "rule-not",
}
"""The parameters whose value stands behind the sentence, as a link."""
LISTED: Final = {"in": "rule-in", "languageIn": "rule-language-in"}
SWITCHES: Final = {"uniqueLang": "rule-unique-lang", "closed": "rule-closed"}
WITH_OTHERS: Final = frozenset(
    {"minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "prefixes", "flags", "ignoredProperties"}
)
"""The parameters that are said together with others, or that only serve them."""


@dataclass(frozen=True)
class Ask:
    """One thing that a rule asks: the key of its sentence, what fills it, and what it links to."""

    key: str
    places: dict[str, str]
    values: list[Value]


def asks(rule: Rule, rules: Rules, value: Callable[[Term], Value]) -> Iterator[Ask]:
    """Yield what a rule asks of the values that its path leads to, numbers first (SHACL, section 4).

    `value` shows a value. A parameter that we have no words for is shown by its name.
    """
    said = rule.asks
    yield from _counts(_number(said, "minCount"), _number(said, "maxCount"))
    yield from (Ask(key, {"value": each.value}, []) for name, key in FILLED.items() for each in said.get(name, ()))
    for name, values in said.items():
        if name in LINKED:
            yield Ask(LINKED[name], {}, [value(each) for each in values])
        elif name in LISTED:
            yield Ask(LISTED[name], {}, [value(item) for each in values for item in rules.items(each)])
        elif name == "nodeKind":
            yield from (Ask(KINDS[each.value], {}, []) for each in values if each.value in KINDS)
        elif name == "qualifiedValueShape":
            yield _qualified(_number(said, "qualifiedMinCount"), _number(said, "qualifiedMaxCount"), map(value, values))
        elif name in SWITCHES:
            yield from (Ask(SWITCHES[name], {}, []) for each in values if each.value in ("true", "1"))
        elif name not in FILLED and name not in WITH_OTHERS:
            yield Ask("rule-other", {"name": f"sh:{name}"}, [value(each) for each in values])


def _counts(least: str, most: str) -> Iterator[Ask]:
    """Yield how many values there have to be."""
    if least and least == most:
        yield Ask("rule-exactly", {"count": least}, [])
    elif most == "0":
        yield Ask("rule-none", {}, [])
    else:
        yield from [Ask("rule-at-least", {"count": least}, [])] if least not in ("", "0") else []
        yield from [Ask("rule-at-most", {"count": most}, [])] if most else []


def _qualified(least: str, most: str, shapes: Iterator[Value]) -> Ask:
    """Return how many values have to follow other rules."""
    key = "rule-qualified-exactly" if least == most else "rule-qualified"
    return Ask(key, {"least": least or "0", "most": most or "∞"}, list(shapes))


def _number(said: dict[str, list[Term]], name: str) -> str:
    values = said.get(name)
    return values[0].value if values else ""

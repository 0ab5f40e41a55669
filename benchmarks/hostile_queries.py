"""Hostile queries, each with the accepted outcomes: a documented status, never a part of a result."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from benchmarks.endless_queries import CROSS

Method = Literal["GET", "POST", "form"]
ANY_END: Final = "200|400|503"
"""For what may be answered in full, found too large or too deep, or stopped at a limit."""
MIB: Final = 1024 * 1024


@dataclass(frozen=True)
class HostileQuery:
    """A hostile query: `text` makes it (the number makes it new), `wanted` is a pattern of good outcomes."""

    name: str
    text: Callable[[int], str]
    wanted: str = ANY_END
    method: Method = "POST"


def nested(opening: str, inside: str, closing: str, depth: int) -> str:
    """Return `inside` in so many brackets.

    >>> nested("(", "1", ")", 3)
    '(((1)))'
    """
    return opening * depth + inside + closing * depth


def padded(number: int, size: int = MIB) -> str:
    """Return a harmless query of `size` bytes."""
    rest = ", ".join(["1"] * (size // 3))
    return f"ASK {{ FILTER({number} IN ({rest})) }}"


def values(count: int) -> str:
    """Return a query with so many VALUES, short enough to pass a limit of its length."""
    return "SELECT ?x WHERE { VALUES ?x { " + "1 " * count + "} }"


def unions(number: int, count: int) -> str:
    """Return a query with so many UNION branches."""
    branches = " UNION ".join(f"{{ ?s ?p {number + index} }}" for index in range(count))
    return f"SELECT * WHERE {{ {branches} }}"


def doubled(number: int, times: int = 27) -> str:
    """Return a query that doubles a string of 16 characters so many times: 27 times make 2 GiB."""
    binds = " ".join(f"BIND(CONCAT(?s{index}, ?s{index}) AS ?s{index + 1})" for index in range(times))
    return f'SELECT (STRLEN(?s{times}) AS ?n) WHERE {{ BIND("{number:016d}" AS ?s0) {binds} }}'


def regex(number: int, pattern: str, length: int = 40) -> str:
    """Return a query that matches a pattern against a string which nearly fits it."""
    return (
        f'SELECT (COUNT(*) AS ?n) WHERE {{ VALUES ?s {{ "{"a" * length}!{number}" }} FILTER(REGEX(?s, "{pattern}")) }}'
    )


def not_exists(number: int, depth: int) -> str:
    """Return a query with so many FILTER NOT EXISTS in each other, over all statements."""
    inner = "?a ?b ?c ."
    for level in range(depth):
        inner = f"?a ?b{level} ?c{level} . FILTER NOT EXISTS {{ {inner} }}"
    return f"SELECT (COUNT(*) AS ?n) WHERE {{ {inner} FILTER(?a != {number}) }}"


def _text(template: str) -> Callable[[int], str]:
    """Return what writes a number in place of NTH, so that each text is new."""
    return lambda number: template.replace("NTH", str(number))


def _ask(template: str) -> Callable[[int], str]:
    return _text(f"ASK {{ {template} }}")


def _count(template: str) -> Callable[[int], str]:
    return _text(f"SELECT (COUNT(*) AS ?n) WHERE {{ {template} FILTER(?b != NTH) }}")


PATH: Final = "(<urn:p>|!<urn:p>)"
TOO_LARGE: Final = "400|503"
QUERIES: Final = (
    HostileQuery("query of 1 MB, GET", padded, "400|413|414|431", "GET"),
    HostileQuery("query of 1 MB, POST", padded, "413"),
    HostileQuery("query of 1 MB, POST form", padded, "413", "form"),
    HostileQuery("100 000 VALUES, 200 kB", lambda _: values(100_000), "200|400|413|503"),
    HostileQuery("100 000 VALUES, 1.2 MB", lambda _: values(100_000) + "#" * MIB, "413"),
    HostileQuery("5 000 nested groups", _ask(nested("{", "?s ?p NTH", "}", 5000)), "400"),
    HostileQuery("5 000 nested parentheses", _ask(f"FILTER{nested('(', 'NTH', ')', 5000)}"), "400"),
    HostileQuery("5 000 nested OPTIONAL", _ask(nested("OPTIONAL {", "?s ?p NTH", "}", 5000)), "400"),
    HostileQuery("150 nested groups, below our limit", _ask(nested("{", "?s ?p NTH", "}", 150)), "200|400|503"),
    HostileQuery("5 000 negations without a bracket", _ask(f"FILTER({'!' * 5000}NTH)"), "200|400"),
    HostileQuery("a sum of 50 000 terms", _ask(f"FILTER(NTH{'+1' * 50_000})"), "200|400|503"),
    HostileQuery("a path of 5 000 steps", _ask(f"?s {'/'.join(['<urn:p>'] * 5000)} NTH"), "200|400|503"),
    HostileQuery("3 000 UNION branches", lambda number: unions(number, 3000), "200|400|503"),
    HostileQuery("catastrophic regex", lambda number: regex(number, "^(a+)+$"), ANY_END),
    HostileQuery(
        "regex of a thousand million states", lambda number: regex(number, "((a{1,999}){1,999}){1,999}"), ANY_END
    ),
    HostileQuery("2 GiB string by CONCAT", doubled, "400|503"),
    HostileQuery(
        "ORDER BY over a cross join",
        _text(f"SELECT * WHERE {{ {CROSS} FILTER(?l != NTH) }} ORDER BY ?l ?i LIMIT 1"),
        "503",
    ),
    HostileQuery(
        "COUNT DISTINCT of a cross join", _text(f"SELECT (COUNT(DISTINCT *) AS ?n) (NTH AS ?nth) {{ {CROSS} }}"), "503"
    ),
    HostileQuery("COUNT of a cross join", _text(f"SELECT (COUNT(*) AS ?n) (NTH AS ?nth) WHERE {{ {CROSS} }}"), "503"),
    HostileQuery("path over everything", _count(f"?a {PATH}* ?b ."), "200|503"),
    HostileQuery("path of paths over everything", _count(f"?a (({PATH}+/^{PATH}+)*/{PATH}*)+ ?b ."), "200|503"),
    HostileQuery("60 nested FILTER NOT EXISTS", lambda number: not_exists(number, 60), ANY_END),
    HostileQuery(
        "GROUP_CONCAT of a cross join",
        _text(f"SELECT (GROUP_CONCAT(CONCAT(STR(?c), 'NTH')) AS ?all) WHERE {{ {CROSS} }}"),
        TOO_LARGE,
    ),
    HostileQuery("CONSTRUCT of a cross join", _text(f"CONSTRUCT {{ ?a ?e ?i, NTH }} WHERE {{ {CROSS} }}"), TOO_LARGE),
    HostileQuery("SELECT of a cross join", _text(f"SELECT * WHERE {{ {CROSS} FILTER(?l != NTH) }}"), TOO_LARGE),
    HostileQuery(
        "a file as dataset", _text("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o FILTER(?o != NTH) }"), "400"
    ),
    HostileQuery("an update in escapes", _text("\\u0049NSERT DATA { <urn:a> <urn:b> NTH }"), "400"),
)


def mix(count: int) -> list[tuple[HostileQuery, str]]:
    """Return so many hostile queries, every kind in turn, each text new where it can be."""
    return [(QUERIES[number % len(QUERIES)], QUERIES[number % len(QUERIES)].text(number)) for number in range(count)]

"""Rules that no shape states, and what comes of applying them."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from cper_lod.rdf.report import AppliedRule, Finding, Severity
from cper_lod.release.check.published import PublishedData


class DataRule(NamedTuple):
    """A rule: its name, and a function that yields the findings about each thing it looks at, none for most of them.

    The sentences `checked-<key>` and `checked-<key>-about` say what it demands, and what it looks at. Its gravest finding
    is of `severity`.
    """

    key: str
    judge: Callable[[PublishedData], Iterator[Iterable[Finding]]]
    severity: Severity = "violation"


def apply_rule(rule: DataRule, data: PublishedData) -> tuple[list[Finding], AppliedRule]:
    """Return the findings of a rule, and the rule with the number of things it looked at."""
    found, looked_at = list[Finding](), 0
    for about_one in rule.judge(data):
        found += about_one
        looked_at += 1
    return found, AppliedRule(rule.key, looked_at, rule.severity)

"""A subdivision of a contract: its figures, what it lies under, and what lies under it, with the sum of the shares where it is supported."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import FIGURES, Observation
from cper_lod.web.components.described import PageSubject
from cper_lod.web.components.subsidies import subsidy_section

MAX_BELOW: Final = 60
"""Subdivisions under one that its page shows; with more, it shows no sum."""
MAX_READ: Final = 300
"""Figures and subdivisions of the contract among which the page looks for its own."""


class ShareSum(NamedTuple):
    """The sum of the shares of what lies under a subdivision, as a calculation: terms, exact sum, and what it is rounded to.

    `total` has the digits of the least precise term; it is the sum itself if all have the same.
    """

    terms: tuple[str, ...]
    exact: str
    total: str

    @property
    def is_rounded(self) -> bool:
        """Whether the total has fewer digits than the sum."""
        return Decimal(self.total) != Decimal(self.exact)


class Below(NamedTuple):
    """A subdivision under another: its figures, and the names of the others that it lies under too."""

    subject: PageSubject
    figures: list[Observation]
    others: list[str]

    @property
    def share(self) -> Observation | None:
        """Its published share, None if there is none."""
        return next((each for each in self.figures if each.kind == "percent" and each.value and not each.derived), None)


def share_sum(shares: Sequence[Observation | None], *, alone: bool) -> ShareSum | None:
    """Return the sum of the shares of what lies under a subdivision; None where the source does not support one.

    Each must have a published share, all shares must be shares of the same whole, and each must lie under this one `alone`.
    Of a single one, the sum is its share.
    """
    known = [each for each in shares if each]
    numbers = [number for each in known if (number := formatting.exact(each.value)) is not None]
    wholes = {each.whole.href or each.whole.text if each.whole else "" for each in known}
    if not alone or not shares or len(numbers) < len(shares) or len(wholes) != 1:
        return None
    exact = sum(numbers, Decimal(0))
    if exact > 100 or any(each.nature in ("plus-de", "moins-de", "pres-de") for each in known):
        return None
    place = max(Decimal(1).scaleb(min(0, int(each.as_tuple().exponent))) for each in numbers)
    total = exact.quantize(place, ROUND_HALF_UP)
    return ShareSum(tuple(each.value for each in known), format(exact, "f"), format(total, "f"))


def content(subject: PageSubject) -> dict[str, Any]:
    """Return the figures of a subdivision, what it lies under, what lies under it, the sum of shares, and its subsidies.

    `total` is None where there is no sum, for the reason that the figures show; `whole` is what all shares are shares of.
    """
    reader, node, contract = subject.reader, subject.node, subject.one("cper:contrat")

    def within(cls: str) -> list[NamedNode]:
        found = reader.instances_below(cls, contract.value, MAX_READ) if isinstance(contract, NamedNode) else []
        return [NamedNode(each) for each in found]

    found = defaultdict[Term, list[Term]](list)
    for each in dict.fromkeys(figure for cls in FIGURES for figure in within(cls)):
        for subdivision in reader.all(each, CPER + "subdivision"):
            found[subdivision].append(each)

    def figures(of: Term) -> list[Observation]:
        return [figure for each in found[of] if (figure := subject.observations.figure(each))]

    nodes = [each for each in within(CPER + "Subdivision") if node in reader.all(each, SKOS + "broader")]
    below = []
    for each in sorted(nodes, key=reader.by_number)[:MAX_BELOW]:
        above = [other for other in reader.all(each, SKOS + "broader") if other != node]
        names = [reader.label(other, subject.lang) for other in above]
        below.append(Below(subject.at(each), figures(each), names))
    schemes = {subject.at(each).value("skos:inScheme/cper:exclusif") for each in nodes}
    alone = len(nodes) <= MAX_BELOW and schemes == {"true"} and not any(each.others for each in below)
    total = share_sum([each.share for each in below], alone=alone)
    return {
        "figures": figures(node),
        "above": [subject.at(each) for each in sorted(subject.all("skos:broader"), key=reader.by_number)],
        "below": below,
        "total": total,
        "whole": below[0].share.whole if total and below[0].share else None,
        "known_subsidies": subsidy_section(
            subject.release, subject.observations, node, "grantors", "years", "territories"
        ),
    }

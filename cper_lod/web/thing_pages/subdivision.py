"""A subdivision of a contract: its figures, what it lies under, and what lies under it, with the sum of the shares where it is supported."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from markupsafe import Markup
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.formats import CSV
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.pictures.figures import SHARES, interval_bar, priority_colours, shares_picture
from cper_lod.release.plan.observations import FIGURES, Observation, written
from cper_lod.release.plan.receipts import ReceiptBook, line_receipts, receipt
from cper_lod.web.components.comparison import summary_of
from cper_lod.web.components.described import PageSubject
from cper_lod.web.components.subsidies import subsidy_section
from cper_lod.web.components.takes import PNG, takes

MAX_BELOW: Final = 60
"""Subdivisions under one that its page shows; with more, it shows no sum."""


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


def _in_contract(subject: PageSubject, figures: list[Observation], contract: Term | None) -> dict[str, Any]:
    """Return what the page of a subdivision has from its contract.

    `line` has its main figures, `picture` is the bar of all shares with its own lit, `interval` that of its computed amount,
    `book` has its receipts. `neighbours` are those before and after it. `crossed` says whether a source tells who pays for it.
    """
    lang, href = subject.lang, subject.observations.address(subject.node)
    summary = summary_of(contract.value) if isinstance(contract, NamedNode) else None
    if summary is None:
        return dict.fromkeys(("summary", "book", "line", "picture", "interval")) | {"neighbours": {}, "colours": {}}
    lines = {line.href: line for each in summary.breakdowns for line in each.all_lines}
    line = lines.get(href)
    alike = [each.href for each in lines.values() if line and (each.kind, each.level) == (line.kind, line.level)]
    at = alike.index(href) if line else 0
    groups = summary.shared.groups if summary.shared else ()
    lit = {href, *(each.href for group in groups if group.head and group.head.href == href for each in group.lines)}
    shown = summary.shared is not None and any(each.href in lit for each in summary.shared.lines)
    picture = shares_picture(summary, lang, lit) if shown else None
    receipts = line_receipts(subject.observations, line) if line else {}
    for figure in figures:
        if figure.href not in receipts:
            receipts[figure.href] = receipt(subject.observations, (figure,))
    taken = takes(summary, {SHARES: picture}).get(SHARES, ()) if picture else ()
    return {
        "summary": summary,
        "line": line,
        "picture": picture if picture and picture.bar else None,
        "colours": priority_colours(summary.shared) if summary.shared else {},
        "interval": Markup(drawn.svg(written(line.derived, lang)))  # noqa: S704  # its texts are escaped there
        if line and line.derived and (drawn := interval_bar(line.derived, lang))
        else None,
        "book": ReceiptBook(summary, receipts).taken(taken, PNG.media_type, CSV.media_type),
        "takes": taken,
        "neighbours": {
            rel: lines[alike[place]]
            for rel, place in (("prev", at - 1), ("next", at + 1))
            if line and 0 <= place < len(alike)
        },
        "crossed": any(each.subdivision and each.subdivision.href == href for each in summary.crossed),
    }


def content(subject: PageSubject) -> dict[str, Any]:
    """Return the figures of a subdivision, what it lies under, what lies under it, its themes, the sum of shares, and its subsidies.

    `themes` lead to the list that all contracts share. `total` is None where there is no sum, for the reason that the figures show; `whole` is what all shares are shares of.
    """
    reader, node = subject.reader, subject.node

    def figures(of: Term) -> list[Observation]:
        found = reader.referring(of, CPER + "subdivision", FIGURES) if isinstance(of, NamedNode) else []
        of_classes = (each for cls in FIGURES for each in found if reader.is_of_class(each, cls))
        return [figure for each in dict.fromkeys(of_classes) if (figure := subject.observations.figure(each))]

    found = reader.referring(node, SKOS + "broadMatch", [CPER + "Subdivision"]) if isinstance(node, NamedNode) else []
    nodes = [each for each in found if CPER + "Subdivision" in reader.types(each)]
    below = []
    for each in sorted(nodes, key=reader.by_number)[:MAX_BELOW]:
        above = [other for other in reader.all(each, SKOS + "broadMatch") if other != node]
        names = [reader.label(other, subject.lang) for other in above]
        below.append(Below(subject.at(each), figures(each), names))
    schemes = {subject.at(each).value("skos:inScheme/cper:exclusif") for each in nodes}
    alone = len(nodes) <= MAX_BELOW and schemes == {"true"} and not any(each.others for each in below)
    total = share_sum([each.share for each in below], alone=alone)
    own = figures(node)
    return {
        "figures": own,
        **_in_contract(subject, own, subject.one("cper:contrat")),
        "above": [subject.at(each) for each in sorted(subject.all("skos:broadMatch"), key=reader.by_number)],
        "themes": [subject.at(each).link("") for each in subject.all("cper:theme")],
        "below": below,
        "total": total,
        "whole": below[0].share.whole if total and below[0].share else None,
        "known_subsidies": subsidy_section(
            subject.release, subject.observations, node, "grantors", "years", "territories"
        ),
    }

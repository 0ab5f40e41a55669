"""The date of the facts on a page: that of their source, else that of the release."""

import re
from typing import Literal, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, DCT, PROV
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import ObservationReader, Source
from cper_lod.web.site import site

MAX_DERIVATION_STEPS = 3
"""Derivation steps that are followed from a calculated figure to its documents."""
_MAX_ITEMS = 12
_YEAR = re.compile("[0-9]{4}(-[0-9]{2})?")


class FactDate(NamedTuple):
    """The date of the facts on a page: `said` in the sources, `dated` by the thing itself, `published` with the release.

    A `computed` value has the date of its inputs; `unknown` means that the data have no date. `day` may be a month or a
    year. `uncopied` are the sources, dated or not, that are quoted without a copy of their text.
    """

    kind: Literal["said", "computed", "dated", "published", "unknown"]
    day: str = ""
    sources: tuple[Source, ...] = ()
    uncopied: tuple[Source, ...] = ()

    @property
    def sentence(self) -> str:
        """The key of the sentence that states the date."""
        # French has *le* or *du* for a day, *en* or *de* for a year.
        return f"as-of-{self.kind}-year" if _YEAR.fullmatch(self.day) else f"as-of-{self.kind}"


def fact_date(observations: ObservationReader, node: NamedNode) -> FactDate:
    """Return the date of the facts about `node`: the latest date of its sources."""
    reader = observations.reader
    # A document that is dated by its own text is not a source of itself.
    origins = [each for each in dict.fromkeys(_origins(observations, node, MAX_DERIVATION_STEPS)) if each != node]
    found = [observations.source(origin) for origin in origins[:_MAX_ITEMS]]
    sources, uncopied = tuple(each for each in found if each.day), tuple(each for each in found if not each.copied)
    if sources:
        computed = CPER + "ValeurDerivee" in reader.types(node)
        return FactDate("computed" if computed else "said", max(each.day for each in sources), sources, uncopied)
    own = reader.value(node, DCT + "modified") or reader.value(node, DCT + "issued")
    return (FactDate("dated", own) if own else publication_date())._replace(uncopied=uncopied)


def publication_date() -> FactDate:
    """Return the day of the release, `unknown` for data without our catalogue."""
    day = site().release_day
    return FactDate("published", day) if day else FactDate("unknown")


def _origins(observations: ObservationReader, node: Term, steps: int) -> list[Term]:
    """Return the documents of the statements about `node`, followed through calculations.

    If there are no statements, return the dated things that `node` was derived from.
    """
    reader = observations.reader
    statements = reader.all(node, CPER + "enonce")[:_MAX_ITEMS]
    if CPER + "Enonce" in reader.types(node):
        statements = [node]
    found = [origin for each in statements for origin in reader.all(each, PROV + "wasQuotedFrom")]
    if not found and steps:
        used = reader.all(node, PROV + "wasDerivedFrom")[:_MAX_ITEMS]
        found = [
            origin
            for each in used
            for origin in ([each] if observations.source(each).day else _origins(observations, each, steps - 1))
        ]
    return found

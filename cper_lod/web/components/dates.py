"""Of which day the facts on a page are, as the data say it: the day of their source, else that of the publication."""

import re
from dataclasses import dataclass
from typing import Literal

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, DCAT, DCT, OA, PROV
from cper_lod.rdf.graph import Term
from cper_lod.web.components.observations import ObservationReader, Source

MAX_DERIVATION_STEPS = 3
"""How many steps of derivation are followed from a calculated figure to the documents."""
_FEW = 12
_YEAR = re.compile("[0-9]{4}(-[0-9]{2})?")
_SENTENCES = {
    "said": ("as-of-said", "as-of-said-year"),
    "computed": ("as-of-computed", "as-of-computed-year"),
    "dated": ("as-of-dated", "as-of-dated-year"),
    "published": ("as-of-published", "as-of-published-year"),
    "unknown": ("as-of-unknown", "as-of-unknown"),
}
"""What is said before a day, and before a year: the one is *le* or *du*, the other *en* or *de*."""


@dataclass(frozen=True)
class FactDate:
    """The day of a page's facts: `said` in its sources, `dated` by the thing itself, `publication_date` with the catalogue.

    What we `computed` is of the day of the facts that it starts from. `unknown` is where the data do not tell. A day
    may be no more than a year, or the month of one.
    """

    kind: Literal["said", "computed", "dated", "published", "unknown"]
    day: str = ""
    sources: tuple[Source, ...] = ()

    @property
    def sentence(self) -> str:
        """The key of the sentence that says it."""
        return _SENTENCES[self.kind][bool(_YEAR.fullmatch(self.day))]


def fact_date(observations: ObservationReader, node: NamedNode) -> FactDate:
    """Return the day of the facts about `node`: the latest, where its sources have several."""
    reader = observations.reader
    # A document that its own words date is no source of itself.
    origins = [each for each in dict.fromkeys(_origins(observations, node, MAX_DERIVATION_STEPS)) if each != node]
    sources = tuple(each for origin in origins[:_FEW] if (each := observations.source(origin)).day)
    if sources:
        computed = CPER + "ValeurDerivee" in reader.types(node)
        return FactDate("computed" if computed else "said", max(each.day for each in sources), sources)
    own = next((day for name in ("modified", "issued") if (day := reader.value(node, DCT + name))), "")
    if own:
        return FactDate("dated", own)
    return publication_date(observations)


def publication_date(observations: ObservationReader) -> FactDate:
    """Return the day of the catalogue in the data, else `unknown`."""
    reader = observations.reader
    for iri in reader.instances(DCAT + "Catalog", 1):
        for name in ("modified", "issued"):
            day = reader.value(NamedNode(iri), DCT + name)
            if day:
                return FactDate("published", day)
    return FactDate("unknown")


def _origins(observations: ObservationReader, node: Term, deep: int) -> list[Term]:
    """Return the documents that the statements about `node` were taken from, through calculations too.

    Where there are no statements, they are the things with a day that `node` was derived from.
    """
    reader = observations.reader
    statements = reader.all(node, CPER + "enonce")[:_FEW]
    if CPER + "Enonce" in reader.types(node):
        statements = [node]
    found = [origin for each in statements for origin in reader.all(each, PROV + "wasDerivedFrom")]
    found = found or reader.all(node, OA + "hasSource")  # of a passage
    if not found and deep:
        used = reader.all(node, PROV + "wasDerivedFrom")[:_FEW]
        found = [
            origin
            for each in used
            for origin in ([each] if observations.source(each).day else _origins(observations, each, deep - 1))
        ]
    return found

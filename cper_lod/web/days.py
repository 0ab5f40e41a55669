"""Of which day the facts on a page are, as the data say it: the day of their source, else that of the publication."""

from dataclasses import dataclass
from typing import Literal

from pyoxigraph import NamedNode

from cper_lod.release.graph import Term
from cper_lod.terms.namespaces import CPER, DCAT, DCT, PROV
from cper_lod.web.observations import Observations, Source

DEEP = 3
"""How many steps of derivation are followed from a calculated figure to the documents."""
_FEW = 12
_SENTENCES = {
    "said": "as-of-said",
    "dated": "as-of-dated",
    "published": "as-of-published",
    "unknown": "as-of-unknown",
}


@dataclass(frozen=True)
class AsOf:
    """The day of a page's facts: `said` in its sources, `dated` by the thing itself, `published` with the catalogue.

    `unknown` is where the data do not tell.
    """

    kind: Literal["said", "dated", "published", "unknown"]
    day: str = ""
    sources: tuple[Source, ...] = ()

    @property
    def sentence(self) -> str:
        """The key of the sentence that says it."""
        return _SENTENCES[self.kind]


def as_of(observations: Observations, node: NamedNode) -> AsOf:
    """Return the day of the facts about `node`: the latest, where its sources have several."""
    reader = observations.reader
    # A document that its own words date is no source of itself.
    origins = [each for each in dict.fromkeys(_origins(observations, node, DEEP)) if each != node]
    sources = tuple(each for origin in origins[:_FEW] if (each := observations.source(origin)).day)
    if sources:
        return AsOf("said", max(each.day for each in sources), sources)
    own = next((day for name in ("modified", "issued") if (day := reader.value(node, DCT + name))), "")
    if own:
        return AsOf("dated", own)
    return published(observations)


def published(observations: Observations) -> AsOf:
    """Return the day of the catalogue in the data, else `unknown`."""
    reader = observations.reader
    for iri in reader.instances(DCAT + "Catalog", 1):
        for name in ("modified", "issued"):
            day = reader.value(NamedNode(iri), DCT + name)
            if day:
                return AsOf("published", day)
    return AsOf("unknown")


def _origins(observations: Observations, node: Term, deep: int) -> list[Term]:
    """Return the documents that the statements about `node` were taken from, through calculations too."""
    reader = observations.reader
    statements = reader.all(node, CPER + "enonce")[:_FEW]
    if CPER + "Enonce" in reader.types(node):
        statements = [node]
    found = [origin for each in statements for origin in reader.all(each, PROV + "wasDerivedFrom")]
    if not found and deep:
        used = reader.all(node, PROV + "wasDerivedFrom")[:_FEW]
        found = [origin for each in used for origin in _origins(observations, each, deep - 1)]
    return found

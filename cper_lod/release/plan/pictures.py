"""The pictures of a contract by the name that they have in addresses."""

from collections.abc import Callable, Mapping
from typing import Final

from cper_lod.core.errors import Language
from cper_lod.release.plan import payers, shares, timeline
from cper_lod.release.plan.contract import ContractSummary
from cper_lod.release.plan.picture import Picture

FIGURES: Final[Mapping[str, Callable[[ContractSummary, Language], Picture | None]]] = {
    shares.NAME: shares.shares_picture,
    payers.NAME: payers.payers_picture,
    timeline.NAME: timeline.timeline_picture,
}


def pictures(contract: ContractSummary, lang: Language) -> dict[str, Picture]:
    """Return the pictures that can be drawn of a contract, by name: `parts`, `financeurs`, `calendrier`."""
    drawn = ((name, draw(contract, lang)) for name, draw in FIGURES.items())
    return {name: picture for name, picture in drawn if picture}

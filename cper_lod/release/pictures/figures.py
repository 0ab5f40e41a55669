"""The pictures of a contract by the name that they have in addresses: `parts`, `financeurs`, `calendrier`."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from cper_lod.core.errors import Language
from cper_lod.release.pictures import shares, timeline
from cper_lod.release.pictures.picture import Picture
from cper_lod.release.plan.contract import ContractSummary

FIGURES: Final[Mapping[str, Callable[[ContractSummary, Language], Picture | None]]] = {
    shares.SHARES: shares.shares_picture,
    shares.PAYERS: shares.payers_picture,
    timeline.NAME: timeline.timeline_picture,
}


def pictures(contract: ContractSummary, lang: Language) -> dict[str, Picture]:
    """Return the pictures of a contract by name; one that cannot be drawn is not there."""
    drawn = ((name, _drawn(name, contract, lang)) for name in FIGURES)
    return {name: picture for name, picture in drawn if picture}


@lru_cache(maxsize=64)  # saves a fifth of the home page and of the page of a contract, which show the same figures
def _drawn(name: str, contract: ContractSummary, lang: Language) -> Picture | None:
    return FIGURES[name](contract, lang)


def picture(contract: ContractSummary, lang: Language, name: str) -> Picture | None:
    """Return a picture of a contract by its name, None if there is no such picture, or if it cannot be drawn."""
    return _drawn(name, contract, lang) if name in FIGURES else None

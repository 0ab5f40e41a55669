"""The words of synthetic data: invented places, bodies, titles and purposes."""

import re
import unicodedata
from typing import Final

from cper_lod.core.check_digits import luhn

# fmt: off
REGIONS: Final = (
    "Val-Exemple", "Haute-Invention", "Côtes-de-Feinte", "Plaine-Imaginaire", "Monts-d'Essai", "Rives-de-Fable",
    "Landes-Inventées", "Bas-Mirage", "Pays-de-Fiction", "Deux-Chimères", "Outre-Conte", "Marches-d'Emprunt",
    "Vallée-Factice", "Archipel-Supposé", "Grand-Simulacre", "Terres-de-Légende", "Petite-Hypothèse", "Cap-Prétexte",
)
"""Eighteen regions, as France has, none of which is one of France."""
SIZES: Final = (12, 10, 9, 8, 6, 6, 5, 5, 5, 5, 4, 4, 3, 2, 0.9, 0.8, 0.4, 0.3)
"""How many people they have, in millions: a few are large."""
_FIRST: Final = (
    "Aubeterre", "Brévigny", "Chantelys", "Doucelande", "Estrevault", "Fontclaire", "Grisolles", "Hautepierre",
    "Issolud", "Jonquerette", "Lavernaz", "Malaucène", "Noirval", "Orgelet", "Pierrefeu", "Quincieux", "Rochebrune",
    "Sauvagnac", "Trémeur", "Uzelande", "Valsonne", "Ychoux",
)
_SECOND: Final = (
    "la-Fable", "l'Essai", "le-Conte", "la-Feinte", "l'Exemple", "le-Mirage", "les-Chimères", "la-Légende",
    "les-Contes", "le-Prétexte", "l'Hypothèse", "les-Mirages", "la-Fiction", "le-Songe", "les-Fables",
)
_LINKS: Final = ("sous", "sur", "lès", "près")
BODIES: Final = (
    "Commune fictive de {}", "Commune fictive de {}", "Commune fictive de {}", "Communauté de communes fictive de {}",
    "Association fictive des amis de {}", "Université fictive de {}", "Centre hospitalier fictif de {}",
    "Société fictive d'aménagement de {}", "Office fictif de l'habitat de {}", "Lycée fictif de {}",
)
WORKS: Final = (
    "rénovation énergétique", "construction", "extension", "mise en accessibilité", "étude préalable",
    "équipement numérique", "restauration", "dépollution", "aménagement paysager", "acquisition de matériel",
    "programme d'animation", "remise en état",
)
PLACES: Final = (
    "du collège", "de la gare", "du campus", "de la médiathèque", "du centre de santé", "de la friche industrielle",
    "des berges", "du pôle d'échanges", "de la halle", "du laboratoire", "de la piste cyclable", "de l'abbaye",
    "du tiers-lieu", "des logements", "de la station d'épuration", "du port",
)
# fmt: on
CONDITIONS: Final = ("unique", "échelonné", "autre : avance de 30 %, puis solde sur justificatifs")


def town(number: int) -> str:
    """Return the name of a place that does not exist, another one for each number.

    >>> town(0), town(23), town(1320)
    ('Aubeterre-sous-la-Fable', "Brévigny-sous-l'Essai", 'Aubeterre-sous-la-Fable 2')
    """
    count, rest = divmod(number, len(_FIRST) * len(_SECOND) * len(_LINKS))
    rest, first = divmod(rest, len(_FIRST))
    link, second = divmod(rest, len(_SECOND))
    return f"{_FIRST[first]}-{_LINKS[link]}-{_SECOND[second]}" + (f" {count + 1}" if count else "")


def slug(name: str) -> str:
    """Return a name as it stands in an address.

    >>> slug("Côtes-de-Feinte 2")
    'cotes-de-feinte-2'
    """
    plain = unicodedata.normalize("NFD", name.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)


def siren(number: int) -> str:
    """Return a SIREN with its key that begins with 00, as none of the register does.

    >>> siren(1), len({siren(number) for number in range(500)})
    ('000000018', 500)
    """
    return _keyed(f"00{number:06}")


def siret(siren_: str) -> str:
    """Return the SIRET of the seat of a body.

    >>> siret("000000018")
    '00000001800012'
    """
    return _keyed(f"{siren_}0001")


def _keyed(digits: str) -> str:
    return next(f"{digits}{key}" for key in range(10) if luhn(f"{digits}{key}"))

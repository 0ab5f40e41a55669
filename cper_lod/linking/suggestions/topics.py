"""What data on public contracts are joined with: subjects of datasets, and the words that tell them; the regions."""

from dataclasses import dataclass
from typing import Final, Literal

Needs = Literal["siren", "place", "money", "contract"]
"""What a thing must have for a subject to be of use to it: bodies with a SIREN, a territory, a part in the contract."""


@dataclass(frozen=True)
class Field:
    """A subject: its names, phrases that tell it (their words in any order, folded), and words to search with."""

    fr: str
    en: str
    needs: Needs
    phrases: tuple[str, ...]
    queries: tuple[str, ...]


FIELDS: Final = (
    Field(
        "répertoires d'entreprises et d'organismes, dont la clé est le SIREN",
        "registers of enterprises and bodies, whose key is the SIREN",
        "siren",
        ("sirene", "siren", "siret", "repertoire entreprise", "annuaire administration"),
        ("sirene", "siret"),
    ),
    Field(
        "référentiels de territoires, dont la clé est le code Insee",
        "registers of territories, whose key is the Insee code",
        "place",
        (
            "code officiel geographique", "cog", "code insee", "geographie administrative", "decoupage administratif",
            "admin express", "limite administrative", "intercommunalite", "epci", "region departement",
            "commune departement",
        ),
        ("code officiel géographique", "intercommunalité", "epci", "région département", "admin express"),
    ),
    Field(
        "subventions et aides versées",
        "subsidies and aid paid",
        "money",
        ("subvention", "aide entreprise", "aide publique", "concour financier", "beneficiaire"),
        ("subvention", "aides entreprises"),
    ),
    Field(
        "dépenses et comptes des collectivités",
        "spending and accounts of local authorities",
        "money",
        (
            "depense region", "depense departement", "depense collectivite", "compte region", "compte departement",
            "compte collectivite", "budget region", "budget departement", "budget collectivite", "finance locale",
        ),
        ("dépense région", "compte région", "dépense département", "finances locales"),
    ),
    Field(
        "commande publique, dont la clé est le SIRET de l'acheteur",
        "public procurement, whose key is the SIRET of the buyer",
        "siren",
        ("commande publique", "marche public", "decp", "concession", "autorite concedante"),
        ("commande publique", "concession", "marchés publics"),
    ),
    Field(
        "contrats de plan et fonds européens",
        "plan contracts and European funds",
        "contract",
        ("contrat plan", "cper", "fond europeen", "feder", "plan relance", "sraddet", "srdeii", "sresri"),
        ("contrat de plan", "cper", "fonds européens", "plan de relance"),
    ),
)  # fmt: skip

REGIONS: Final = (
    "Auvergne-Rhône-Alpes", "Bourgogne-Franche-Comté", "Bretagne", "Centre-Val de Loire", "Corse", "Grand Est",
    "Guadeloupe", "Guyane", "Hauts-de-France", "Île-de-France", "La Réunion", "Martinique", "Mayotte", "Normandie",
    "Nouvelle-Aquitaine", "Occitanie", "Pays de la Loire", "Provence-Alpes-Côte d'Azur",
)  # fmt: skip
"""The regions of France: a dataset named after another one than that of the thing is about somewhere else."""

"""Topics of datasets that are useful to join with public contracts, with their keywords; names of the regions."""

from dataclasses import dataclass
from typing import Final, Literal

Requirement = Literal["siren", "place", "money", "contract"]
"""What a thing must have for a topic to be useful: bodies with a SIREN, a territory, money, a contract."""


@dataclass(frozen=True)
class Topic:
    """A topic: its names, phrases that indicate it (normalized words in any order), and search terms."""

    fr: str
    en: str
    needs: Requirement
    phrases: tuple[str, ...]
    queries: tuple[str, ...]


TOPICS: Final = (
    Topic(
        "répertoires d'entreprises et d'organismes, dont la clé est le SIREN",
        "registers of enterprises and bodies, whose key is the SIREN",
        "siren",
        ("sirene", "siren", "siret", "repertoire entreprise", "annuaire administration"),
        ("sirene", "siret"),
    ),
    Topic(
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
    Topic(
        "subventions et aides versées",
        "subsidies and aid paid",
        "money",
        ("subvention", "aide entreprise", "aide publique", "concour financier", "beneficiaire"),
        ("subvention", "aides entreprises"),
    ),
    Topic(
        "dépenses et comptes des collectivités",
        "spending and accounts of local authorities",
        "money",
        (
            "depense region", "depense departement", "depense collectivite", "compte region", "compte departement",
            "compte collectivite", "budget region", "budget departement", "budget collectivite", "finance locale",
        ),
        ("dépense région", "compte région", "dépense département", "finances locales"),
    ),
    Topic(
        "commande publique, dont la clé est le SIRET de l'acheteur",
        "public procurement, whose key is the SIRET of the buyer",
        "siren",
        ("commande publique", "marche public", "decp", "concession", "autorite concedante"),
        ("commande publique", "concession", "marchés publics"),
    ),
    Topic(
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
"""The regions of France. A dataset named after another region than that of the thing is about another place."""

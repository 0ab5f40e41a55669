"""The facts of the 2021-2027 contract of Hauts-de-France as rows of a workbook, under a fictitious name (a trial)."""

from typing import Any

from tests.support.workbooks import Answers

P1 = (
    "Accompagner la transition grâce à la décarbonation de l'économie tout en préservant les ressources et milieux "
    "naturels (Axe 1 « Accélérer le changement de modèle de développement » – 19% des crédits)"
)
P2 = (
    "Répondre aux fragilités sociales et soutenir les territoires (Axe 2 « Soutenir les territoires » – 57,3% des "
    "crédits)"
)
P2_3 = f"{P2} et la lutte contre les exclusions Axe 3 « Lutter contre les exclusions » – 8,8% des crédits)"
P3 = (
    "Soutenir et accélérer les potentialités de développement, en favorisant l'attractivité de la région en matière de "
    "culture, d'enseignement supérieur, recherche et innovation (Axe 4 « Développer l'attractivité de la "
    "région » – 14,8 % des crédits)"
)
MOBILITY = (
    "Favoriser la mobilité des personnes et des marchandises au sein des territoires et conforter les infrastructures "
    "de transports"
)
P3_5 = f"{P3} et en matière de mobilités (Axe 5 « {MOBILITY} » – avenant mobilités prévu en 2023)"
MODEL = "Accélérer le changement de modèle de développement"
GOVERNANCE = "Gouvernance et conduite partagée de l'action publique"
P4 = (
    "Renforcer la conduite partagée de l'action publique et coordonner la stratégie de la connaissance "
    f"(Axe 6 « {GOVERNANCE} »)"
)
BOTH = "Outre l'État et la Région, il a, en effet, été également signé"
DEPARTMENTS = "par les cinq Départements de la région"
SCHEMES = "en lien avec les principaux schémas régionaux (SRADDET, SRDEII, SRESRI, S3...)"
FUNDS = (
    "en les articulant avec les opportunités de financement des fonds européens mais aussi des plans de relance de "
    "l'État et de la Région"
)


def axis(number: int, title: str, priority: int, link: str, share: str, quoted: str) -> dict[str, Any]:
    missing = {} if share else {"motif": f"Le communiqué ne donne pas de part pour l'axe {number}."}
    return {
        "numero": number,
        "intitule": title,
        "citation": f"Axe {number} « {title} »",
        "priorites": priority,
        "citation_lien": link,
        "part": share,
        "citation_part": quoted,
        **missing,
    }


def commitment(funder: str, amount: str, share: str) -> dict[str, Any]:
    return {
        "objet": "Engagement",
        "financeur": funder,
        "montant": amount,
        "nature": "Arrondie",
        "part": share,
        "perimetre": "Hors mobilités",
        "citation": f"{funder} : {amount} ({share})",
    }


NORTH: Answers = {
    "contrat": [
        {
            "region": "Nord-Test",
            "region:citation": "en partenariat dans le Nord-Test",
            "periode": "2021-2027",
            "periode:citation": "2021-2027",
            "intitule": "Contrat de plan État-Région 2021-2027 Nord-Test",
            "intitule:citation": "Le contrat de plan État-région (CPER) 2021-2027",
            "signe_le": "9 janvier 2023",
            "signe_le:citation": "ce lundi 9 janvier 2023",
            "lieu": "préfecture du Nord",
            "lieu:citation": "à la préfecture du Nord",
            "page": "https://www.prefectures-regions.gouv.fr/hauts-de-france",
            "page:citation": "Vous pouvez retrouver l'accord sur le site : "
            "https://www.prefectures-regions.gouv.fr/hauts-de-france",
            "remarque": "Premier CPER signé à l'échelle de la région depuis sa création.",
            "remarque:citation": "Il est le premier CPER signé à l'échelle de la région Hauts-de-France depuis sa "
            "création.",
            "parts_de_la_somme": "oui",
            "essai": "oui",
        }
    ],
    "source": [
        {
            "titre": "SIGNATURE DU CONTRAT DE PLAN ÉTAT-REGION 2021-2027",
            "date": "2023-01-09",
            "date:citation": "Lille, le 09/01/2023",
            "editeur": "Préfecture du Nord-Test",
        }
    ],
    "signataires": [
        {"nom": "État", "type": "État", "citation": BOTH},
        {"nom": "Région Nord-Test", "type": "Région", "citation": BOTH},
        *(
            {
                "nom": f"Département-Test {n}",
                "type": "Département",
                "citation": DEPARTMENTS,
                "note": "Le communiqué ne nomme pas les départements.",
            }
            for n in range(1, 6)
        ),
        {"nom": "Métropole européenne de Lille", "type": "EPCI", "citation": "la Métropole européenne de Lille"},
        {
            "nom": "Communauté d'agglomération Amiens métropole",
            "type": "EPCI",
            "citation": "la Communauté d'agglomération Amiens métropole",
        },
    ],
    "priorites": [
        {"numero": 1, "intitule": "Accompagner la transition", "citation": P1},
        {
            "numero": 2,
            "intitule": "Répondre aux fragilités sociales",
            "citation": P2_3,
        },
        {
            "numero": 3,
            "intitule": "Soutenir et accélérer les potentialités de développement",
            "citation": P3_5,
        },
        {
            "numero": 4,
            "intitule": "Renforcer la conduite partagée de l'action publique",
            "citation": P4,
        },
    ],
    "axes": [
        axis(1, MODEL, 1, P1, "19%", "19% des crédits"),
        axis(2, "Soutenir les territoires", 2, P2, "57,3%", "57,3% des crédits"),
        axis(3, "Lutter contre les exclusions", 2, P2_3, "8,8%", "8,8% des crédits"),
        axis(4, "Développer l'attractivité de la région", 3, P3, "14,8 %", "14,8 % des crédits"),
        axis(5, MOBILITY, 3, P3_5, "", f"(Axe 5 « {MOBILITY} » – avenant mobilités prévu en 2023)"),
        axis(6, GOVERNANCE, 4, P4, "", f"(Axe 6 « {GOVERNANCE} »)"),
    ],
    "montants": [
        {
            "objet": "Enveloppe",
            "montant": "2,7 milliards d'euros",
            "nature": "minimum",
            "perimetre": "Hors mobilités",
            "duree": 7,
            "citation": "une enveloppe globale (hors mobilités) de plus de 2,7 milliards d'euros sur 7 ans",
        },
        commitment("État", "994 M€", "36 %"),
        commitment("Région", "995 M€", "36 %"),
        commitment("Autres signataires", "768 M€", "28 %"),
    ],
    "avenants": [
        {
            "intitule": "Avenant mobilités",
            "statut": "Prévu",
            "date": 2023,
            "axes": 5,
            "citation": "avenant mobilités prévu en 2023",
        }
    ],
    "schemas": [{"nom": name, "citation": SCHEMES} for name in ("SRADDET", "SRDEII", "SRESRI", "S3")],
    "financements": [
        {"nom": name, "citation": FUNDS}
        for name in ("Fonds européens", "Plan de relance de l'État", "Plan de relance de la Région")
    ],
}

"""The fictitious contract of `tests/fictif/communique-fictif.md`, as whoever fills a workbook would write it."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from pyoxigraph import Literal, Quad

from cper_lod.core.namespaces import CPER
from tests.support.paths import FICTION as FICTIF
from tests.support.workbooks import Answers, changed

PRIORITIES = (
    "Apprendre en fiction dès le plus jeune âge (axe 1 « Écoles fictives » – 40 % des crédits ; "
    "axe 2 « Ports fictifs » – 25,5 % des crédits)",
    "Naviguer en fiction par tous les temps (axe 2 « Ports fictifs » déjà cité ; "
    "axe 3 « Phares fictifs » – 24,5 % des crédits)",
    "Veiller en fiction sur les landes (axe 4 « Landes fictives » – 10 % des crédits)",
)
BOTH = " | ".join(PRIORITIES[:2])


def signatory(name: str, quality: str, quotation: str, **more: str) -> dict[str, Any]:
    return {"nom": name, "type": quality, "citation": quotation, **more}


def axis(number: int, title: str, serves: str, link: str, share: Any, quoted: str, english: str) -> dict[str, Any]:  # noqa: ANN401
    return {
        "numero": number,
        "intitule": title,
        "intitule_en": english,
        "citation": f"axe {number} « {title} »",
        "priorites": serves,
        "citation_lien": link,
        "part": share,
        "citation_part": quoted,
    }


FICTION: Answers = {
    "contrat": [
        {
            "region": "Armorique-Test",
            "region:citation": "dans la région fictive d'Armorique-Test",
            "periode": "2030-2034",
            "periode:citation": "2030-2034",
            "intitule": "Contrat de plan État-Région 2030-2034 Armorique-Test",
            "intitule:citation": "Le contrat de plan État-Région fictif (CPER) 2030-2034",
            "nom_court": "CPER 2030-2034",
            "signe_le": date(2030, 2, 1),
            "signe_le:citation": "le vendredi 1er février 2030",
            "lieu": "hôtel fictif de la région",
            "lieu:citation": "à l'hôtel fictif de la région",
            "nombre_signataires": 5,
            "nombre_signataires:citation": "unit cinq signataires fictifs",
            "parts_de_la_somme": "oui",
            "essai": "oui",
        }
    ],
    "source": [
        {
            "titre": "SIGNATURE FICTIVE DU CONTRAT DE PLAN ÉTAT-RÉGION 2030-2034",
            "date": "01/02/2030",
            "date:citation": "Fausseville, le 01/02/2030",
            "editeur": "Préfecture fictive d'Armorique-Test",
        }
    ],
    "signataires": [
        signatory("État fictif", "État", "L'État fictif"),
        signatory("Région fictive d'Armorique-Test", "Région", "la Région fictive d'Armorique-Test"),
        signatory("Département fictif du Cap-Test", "Département", "le Département fictif du Cap-Test"),
        signatory(
            "Département fictif de la Lande-Test",
            "departement",
            "le Département fictif de la Lande-Test",
            territoire="Lande-Test",
            note="Organisme inventé pour un test.",
        ),
        signatory("Agglomération fictive de Fausseville", "EPCI", "l'Agglomération fictive de Fausseville"),
    ],
    "priorites": [
        {
            "numero": 1,
            "intitule": "Apprendre en fiction",
            "intitule_en": "Learning in fiction",
            "description": "dès le plus jeune âge",
            "description_en": "from the earliest age",
            "citation": PRIORITIES[0],
        },
        {
            "numero": "2",
            "intitule": "Naviguer en fiction",
            "description": "par tous les temps",
            "citation": PRIORITIES[1],
        },
        {"numero": 3.0, "intitule": "Veiller en fiction", "citation": PRIORITIES[2]},
    ],
    "axes": [
        axis(1, "Écoles fictives", "1", PRIORITIES[0], "40 %", "40 % des crédits", "Fictitious schools"),
        axis(2, "Ports fictifs", "1 et 2", BOTH, 25.5, "25,5 % des crédits", "Fictitious harbours"),
        axis(3, "Phares fictifs", "2", PRIORITIES[1], "24,5", "24,5 % des crédits", "Fictitious lighthouses"),
        axis(4, "Landes fictives", "3", PRIORITIES[2], "10\u202f%", "10\u00a0% des crédits", ""),
    ],
    "montants": [
        {
            "objet": "Enveloppe",
            "montant": "plus de 190 M€",
            "nature": "Borne inférieure",
            "perimetre": "Total",
            "duree": 5,
            "citation": "Le contrat mobilise une enveloppe fictive de plus de 190 M€ sur 5 ans",
        },
        {
            "objet": "Engagement",
            "financeur": "État",
            "montant": "120 M€",
            "nature": "Arrondie",
            "perimetre": "Total",
            "part": "60 %",
            "citation": "État fictif : 120 M€ (60 %)",
        },
        {
            "objet": "Engagement",
            "financeur": "Région",
            "montant": 80000000,
            "nature": "Arrondie",
            "perimetre": "total",
            "part": 40,
            "citation": "Région fictive : 80 M€ (40 %)",
        },
    ],
    "schemas": [
        {"nom": "SRF-TEST", "citation": "Il s'accorde avec le schéma régional fictif SRF-TEST."},
    ],
}


SIGNED = changed(
    FICTION,
    ("contrat", 0, "essai", "non"),
    ("contrat", 0, "nombre_signataires", None),
    ("contrat", 0, "nombre_signataires:citation", None),
)
"""The same, not as a trial, for other signatories."""


WHOLE = changed(
    FICTION | {"catalogue": [{}]},
    ("contrat", 0, "intitule_en", "State-Region plan contract 2030-2034, Armorique-Test"),
    ("contrat", 0, "page", "https://www.prefectures-regions.gouv.fr/armorique"),
    ("contrat", 0, "page:citation", "L'accord est sur https://www.prefectures-regions.gouv.fr/armorique"),
    ("contrat", 0, "remarque", "Premier contrat signé à cette échelle."),
    ("contrat", 0, "remarque:citation", "Il est le premier contrat signé à cette échelle."),
    ("contrat", 0, "remarque_en", "First contract signed at this scale."),
    ("contrat", 0, "lieu_en", "fictitious hall of the region"),
    ("contrat", 0, "nombre_priorites", 3),
    ("contrat", 0, "nombre_priorites:citation", "autour de trois priorités fictives"),
    ("contrat", 0, "porteurs", "une action de l'État fictif et de la Région fictive"),
    ("contrat", 0, "porteurs_en", "an action of the fictitious State and Region"),
    ("contrat", 0, "porteurs:citation", "Il permet une action de l'État fictif et de la Région fictive."),
    ("contrat", 0, "description", "un partenariat fictif"),
    ("contrat", 0, "description_en", "a fictitious partnership"),
    ("contrat", 0, "description:citation", "Il constitue un partenariat fictif."),
    ("contrat", 0, "objectif", "mettre en cohérence les fonds fictifs"),
    ("contrat", 0, "objectif_en", "to make fictitious funds consistent"),
    ("contrat", 0, "objectif:citation", "Il permet de mettre en cohérence les fonds fictifs."),
    ("contrat", 0, "note", "Contrat inventé."),
    ("contrat", 0, "note_en", "Invented contract."),
    ("source", 0, "nom", "Communiqué fictif"),
    ("source", 0, "nom_en", "Fictitious press release"),
    ("source", 0, "lieu", "Fausseville"),
    ("source", 0, "lieu:citation", "Fausseville, le 01/02/2030"),
    ("source", 0, "editeur:citation", "Préfecture fictive d'Armorique-Test, service de presse"),
    ("source", 0, "note", "Document inventé."),
    ("source", 0, "note_en", "Invented document."),
    ("source", 0, "adresse", "https://www.prefectures-regions.gouv.fr/armorique/communique"),
    ("axes", 4, "numero", 5),
    ("axes", 4, "intitule", "Routes fictives"),
    ("axes", 4, "citation", "axe 5 « Routes fictives »"),
    ("axes", 4, "priorites", "3"),
    ("axes", 4, "citation_lien", "Veiller en fiction sur les routes (axe 5 « Routes fictives »)"),
    ("axes", 4, "motif", "Le communiqué ne donne pas de part pour l'axe 5."),
    ("axes", 4, "motif_en", "The press release gives no share for axis 5."),
    ("axes", 4, "citation_part", "axe 5 « Routes fictives »"),
    ("signataires", 3, "note_en", "Body invented for a test."),
    ("signataires", 3, "nom_en", "Fictitious department of Lande-Test"),
    ("montants", 0, "description", "Le contrat mobilise une enveloppe fictive"),
    ("montants", 0, "description_en", "The contract raises a fictitious envelope"),
    ("montants", 1, "note_en", "Amount without European funds."),
    ("avenants", 0, "note_en", "A note."),
    ("schemas", 0, "nom_en", "Fictitious scheme"),
    ("schemas", 0, "note", "Schéma inventé."),
    ("schemas", 0, "note_en", "Invented scheme."),
    ("schemas", 0, "citation_nom", "le schéma régional fictif SRF-TEST"),
    ("financements", 0, "note", "Fonds inventé."),
    ("financements", 0, "note_en", "Invented fund."),
    ("financements", 0, "citation_nom", "avec les fonds fictifs"),
    ("sources", 0, "numero", 2),
    ("sources", 0, "titre", "DOSSIER DE PRESSE FICTIF"),
    ("sources", 0, "date", "02/02/2030"),
    ("sources", 0, "citation", "Fausseville, le 02/02/2030"),
    ("sources", 0, "editeur", "Préfecture fictive d'Armorique-Test"),
    ("sources", 0, "nom", "Dossier fictif"),
    ("sources", 0, "nom_en", "Fictitious file"),
    ("sources", 0, "note", "Document inventé."),
    ("sources", 0, "note_en", "Invented document."),
    ("montants", 1, "note", "Montant hors fonds européens."),
    ("avenants", 0, "intitule", "Avenant mobilités fictives"),
    ("avenants", 0, "intitule_en", "Amendment on fictitious mobility"),
    ("avenants", 0, "statut", "Prévu"),
    ("avenants", 0, "date", 2032),
    ("avenants", 0, "axes", "4"),
    ("avenants", 0, "note", "Une note."),
    ("avenants", 0, "citation", "un avenant mobilités fictives est prévu en 2032 pour l'axe 4"),
    ("financements", 0, "nom", "Fonds fictifs"),
    ("financements", 0, "nom_en", "Fictitious funds"),
    ("financements", 0, "citation", "en les articulant avec les fonds fictifs"),
)
"""The same contract with something in every column, but for those of what contradicts the rest."""


def quotations(quads: Iterable[Quad]) -> list[tuple[str, bool]]:
    """Return each quotation, and whether the invented document has these words."""
    text = _plain((FICTIF / "communique-fictif.md").read_text("utf-8"))
    quoted = (
        quad.object.value
        for quad in quads
        if quad.predicate.value == CPER + "citation" and isinstance(quad.object, Literal)
    )
    return [(each, _plain(each) in text) for each in quoted]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"\*\*|^\s*- |⇒", " ", text, flags=re.MULTILINE).split())

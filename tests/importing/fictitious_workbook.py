"""The fictitious contract of `tests/fictif/data/sources`, as a person would write it in a workbook."""

from typing import Any

from tests.importing.workbooks import Answers
from tests.support.names import BASE
from tests.support.paths import FICTION as FICTIF

PRIORITIES = (
    "Apprendre en fiction dès le plus jeune âge (axe 1 « Écoles fictives » – 40 % des crédits ; "
    "axe 2 « Ports fictifs » – 25,5 % des crédits)",
    "Naviguer en fiction par tous les temps (axe 2 « Ports fictifs » déjà cité ; "
    "axe 3 « Phares fictifs » – 24,5 % des crédits)",
    "Veiller en fiction sur les landes (axe 4 « Landes fictives » – 10 % des crédits)",
)


def axis(number: int, title: str, under: str, link: str, english: str) -> dict[str, Any]:
    names = {"liste": "Axes", "mot": "axe", "numero": number, "nom": title, "nom_en": english}
    return names | {"citation": f"axe {number} « {title} »", "sous": under, "citation_lien": link}


def priority(name: str, quotation: str, **more: str) -> dict[str, Any]:
    return {"liste": "Priorités", "mot": "Priorité", "nom": name, "citation": quotation, **more}


def share(axis: int, value: str, words: str) -> dict[str, Any]:
    of = {"subdivision": f"axe {axis}", "part_de": "credits"}
    return {"nom": f"axe-{axis}", "valeur": value, **of, "citation": words}


def funder(row: str, name: str, value: str, words: str, **more: str) -> dict[str, Any]:
    return {"nom": row, "valeur": value, "financeur": name, "citation": words, **more}


TEXT = FICTIF / "data" / "sources" / "communique-fictif-armorique-test.md"
"""The document, which the workbook calls by another code."""
FICTION: Answers = {
    "documents": [
        {
            "code": "communique-fictif",
            "titre": "SIGNATURE FICTIVE DU CONTRAT DE PLAN ÉTAT-RÉGION 2030-2034",
            "emetteur": "Préfecture fictive d'Armorique-Test",
            "sorte": "Préfecture",
            "jour": "01/02/2030",
            "citation": "Fausseville, le 01/02/2030",
        }
    ],
    "contrat": [
        {
            "nom": "Contrat de plan État-Région 2030-2034 Armorique-Test",
            "citation": "Le contrat de plan État-Région fictif (CPER) 2030-2034",
            "sorte": "cper",
            "region": "Armorique-Test",
            "citation_region": "dans la région fictive d'Armorique-Test",
            "periode": "2030-2034",
            "citation_periode": "2030-2034",
            "citation_periode:occurrence": 2,
            "nom_court": "CPER 2030-2034",
            "lu_par": "Région fictive d'Armorique-Test",
            "lu_le": "02/02/2030",
        }
    ],
    "etapes": [
        {
            "statut": "Signé",
            "date": "1er février 2030",
            "citation": "l'ont signé le vendredi 1er février 2030",
            "lieu": "hôtel fictif de la région",
            "citation_lieu": "à l'hôtel fictif de la région",
        }
    ],
    "signataires": [
        {"nom": "État", "citation": "L'État fictif"},
        {"nom": "Région fictive d'Armorique-Test", "sorte": "Région", "citation": "la Région fictive d'Armorique-Test"},
        {
            "nom": "Département fictif du Cap-Test",
            "sorte": "Département",
            "citation": "le Département fictif du Cap-Test",
        },
        {
            "nom": "Département fictif de la Lande-Test",
            "sorte": "departement",
            "citation": "le Département fictif de la Lande-Test",
            "territoire": "Lande-Test",
            "note": "Organisme inventé pour un test.",
        },
        {
            "nom": "Agglomération fictive de Fausseville",
            "sorte": "EPCI",
            "citation": "l'Agglomération fictive de Fausseville",
        },
    ],
    "subdivisions": [
        priority(
            "Apprendre en fiction",
            PRIORITIES[0],
            numero="1",
            nom_en="Learning in fiction",
            description="dès le plus jeune âge",
            description_en="from the earliest age",
        ),
        priority("Naviguer en fiction", PRIORITIES[1], numero="2", description="par tous les temps"),
        priority("Veiller en fiction", PRIORITIES[2], numero="3"),
        axis(1, "Écoles fictives", "Apprendre en fiction", PRIORITIES[0], "Fictitious schools")
        | {
            "exclusif": "oui",
            "lecture_liste": "Les parts des quatre axes font 100 %.",
            "theme": "Enseignement supérieur, recherche et innovation",
            "lecture": "Thème lu dans le nom de l'axe.",
        },
        axis(
            2,
            "Ports fictifs",
            "Apprendre en fiction | Naviguer en fiction",
            " | ".join(PRIORITIES[:2]),
            "Fictitious harbours",
        )
        | {
            "citation:occurrence": 1,
            "theme": "mobilites | Eau, mer et biodiversité",
            "lecture": "Thème lu dans le nom de l'axe.",
        },
        axis(3, "Phares fictifs", "Naviguer en fiction", PRIORITIES[1], "Fictitious lighthouses"),
        axis(4, "Landes fictives", "Veiller en fiction", PRIORITIES[2], ""),
    ],
    "chiffres": [
        {
            "nom": "total",
            "valeur": "plus de 190 M€",
            "citation": "Le contrat mobilise une enveloppe fictive de plus de 190 M€ sur 5 ans",
        },
        funder("etat", "État", "120 M€", "État fictif : 120 M€ (60 %)"),
        funder("region", "Région fictive d'Armorique-Test", "80 M€", "Région fictive : 80 M€ (40 %)"),
        funder("part/etat", "État", "60 %", "État fictif : 120 M€ (60 %)", part_de="montants-par-financeur"),
        funder(
            "part/region",
            "Région fictive d'Armorique-Test",
            "40 %",
            "Région fictive : 80 M€ (40 %)",
            part_de="montants-par-financeur",
        ),
        share(1, "40 %", "axe 1 « Écoles fictives » – 40 % des crédits"),
        share(2, "25,5 %", "axe 2 « Ports fictifs » – 25,5 % des crédits"),
        share(3, "24,5 %", "axe 3 « Phares fictifs » – 24,5 % des crédits"),
        share(4, "10\u202f%", "axe 4 « Landes fictives » – 10\u00a0% des crédits"),
    ],
    "avenants": [
        {"nom": "SRF-TEST", "sorte": "Schéma", "citation": "Il s'accorde avec le schéma régional fictif SRF-TEST."}
    ],
}


DOCUMENT = f"""@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<{BASE}id/document/communique-2023-01-09> a foaf:Document ;
    skos:prefLabel "Communiqué"@fr, "Press release"@en ;
    dct:title "Communiqué"@fr ; dct:issued "2023-01-09"^^<http://www.w3.org/2001/XMLSchema#date> ;
    dct:publisher <{BASE}id/organisme/prefecture-de-la-region-hauts-de-france> .
"""
"""The only resource of the data that the ontology refers to."""

"""What a data officer gets wrong in a workbook and its documents: each with its cell, and its message as it is printed.

The list reads as a list: what was done, where it is told, what is said and what to do. Nothing else is told.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook as Book

from cper_lod.core.errors import Problem
from cper_lod.importing.contracts.importer import Workbook
from cper_lod.rdf.report import Report
from tests.support.corruption import fact_findings
from tests.support.document_files import docx
from tests.support.hostile_workbooks import zipped
from tests.support.workbooks import Answers, at, changed, plain

TEXT = """CPER 2021-2027 : le contrat de plan État-Région Occitanie est signé à Toulouse, le 3 décembre 2022, par l'État et la Région Occitanie.

Toulouse Métropole signe aussi le contrat, ainsi que le Département du Gers.

Le contrat mobilise 975 M€ : l'État apporte 475 M€, la Région Occitanie apporte 500 M€.

L'axe 1 « Mobilités » reçoit 57,3 % des crédits, l'axe 2 « Transition » 42,7 % des crédits.

L'Agglomération du Grand Test finance 12 M€ ; l'agglomération du Grand-Teste apporte 13 M€. Le port reçoit 0 €.
"""
OTHER_TEXT = "CPER Bretagne 2021-2027. L'État apporte 900 M€ et la Région Bretagne 880 M€.\n"


def figure(nom: str, valeur: str, citation: str, **more: str) -> dict[str, str]:
    return {"nom": nom, "valeur": valeur, "citation": citation, **more}


GOOD: Answers = {
    "documents": [
        {
            "code": "presse",
            "titre": "CPER 2021-2027",
            "emetteur": "Préfecture de la région Occitanie",
            "sorte": "Préfecture",
            "jour": "3 décembre 2022",
            "citation": "le 3 décembre 2022",
        }
    ],
    "contrat": [
        {
            "nom": "contrat de plan État-Région Occitanie",
            "nom:citation": "le contrat de plan État-Région Occitanie",
            "sorte": "cper",
            "region": "Occitanie",
            "region:citation": "État-Région Occitanie",
            "periode": "2021-2027",
            "periode:citation": "CPER 2021-2027",
        }
    ],
    "etapes": [{"statut": "Signé", "date": "3 décembre 2022", "citation": "est signé à Toulouse, le 3 décembre 2022"}],
    "signataires": [
        {"nom": "État", "citation": "par l'État et"},
        {"nom": "Région Occitanie", "citation": "la Région Occitanie."},
        {"nom": "Toulouse Métropole", "citation": "Toulouse Métropole signe"},
        {"nom": "Département du Gers", "citation": "le Département du Gers"},
    ],
    "subdivisions": [
        {"liste": "Axes", "mot": "axe", "numero": 1, "nom": "Mobilités", "citation": "L'axe 1 « Mobilités »"},
        {"liste": "Axes", "mot": "axe", "numero": 2, "nom": "Transition", "citation": "l'axe 2 « Transition »"},
    ],
    "chiffres": [
        figure("total", "975 M€", "Le contrat mobilise 975 M€"),
        figure("etat", "475 M€", "l'État apporte 475 M€", financeur="État"),
        figure("region", "500 M€", "la Région Occitanie apporte 500 M€", financeur="Région Occitanie"),
        figure("axe-1", "57,3 %", "L'axe 1 « Mobilités » reçoit 57,3 % des crédits", subdivision="axe 1"),
        figure("axe-2", "42,7 %", "l'axe 2 « Transition » 42,7 % des crédits", subdivision="axe 2"),
    ],
}
GRAND_TEST = {"financeur": "Agglomération du Grand Test", "sorte_financeur": "EPCI"}
GRAND_TESTE = {"financeur": "agglomération du Grand-Teste", "sorte_financeur": "EPCI"}

Mistake = Answers | Callable[[Book], object]


def cells(*cells: tuple[str, int, str, Any]) -> Answers:
    """Return the good answers with other cells."""
    return changed(GOOD, *cells)


def row(sheet: str, **answer: Any) -> Answers:  # noqa: ANN401
    """Return the good answers with a row more."""
    return {**GOOD, sheet: [*GOOD[sheet], answer]}


def typed(sheet: str, cell: str, value: object, format_: str = "General") -> Callable[[Book], None]:
    """Return a change of a cell."""

    def change(book: Book) -> None:
        book[sheet][cell] = value
        book[sheet][cell].number_format = format_

    return change


def hide(sheet: str, row: int = 0, column: str = "") -> Callable[[Book], None]:
    """Return a change that hides a sheet, a row or a column."""

    def change(book: Book) -> None:
        if row:
            book[sheet].row_dimensions[row].hidden = True
        elif column:
            book[sheet].column_dimensions[column].hidden = True
        else:
            book[sheet].sheet_state = "hidden"

    return change


MISTAKES: dict[str, tuple[Mistake, str, str]] = {
    "a value in the column of reasons": (
        cells(("chiffres", 0, "valeur", None), ("chiffres", 0, "motif", "975 M€")),
        "Chiffres!D5",
        "Ce motif est un chiffre. → Déplacez-le dans la colonne Valeur imprimée ; le motif dit pourquoi le document ne donne pas de valeur.",
    ),
    "merged headings": (
        lambda book: book["Chiffres"].merge_cells("C1:D1"),
        "Chiffres!C1",
        "Les cellules C1:D1 sont fusionnées. → Annulez la fusion et répétez la valeur dans chaque ligne.",
    ),
    "merged cells": (
        lambda book: book["Chiffres"].merge_cells("F6:F7"),
        "Chiffres!F6",
        "Les cellules F6:F7 sont fusionnées. → Annulez la fusion et répétez la valeur dans chaque ligne.",
    ),
    "a number without its unit": (
        cells(("chiffres", 0, "valeur", 975)),
        "Chiffres!C5",
        "Ce nombre n'a pas d'unité. → Recopiez l'unité avec le nombre, comme le document l'imprime : 855 M€, 57,3 %, 86 projets.",
    ),
    "an amount in euros as a number": (
        cells(("chiffres", 0, "valeur", 975000000)),
        "Chiffres!C5",
        "Ce nombre n'a pas d'unité. → Recopiez l'unité avec le nombre, comme le document l'imprime : 855 M€, 57,3 %, 86 projets.",
    ),
    "an amount in English": (
        cells(("chiffres", 0, "valeur", "1,975.5 M€")),
        "Chiffres!C5",
        "Aucun chiffre ne se lit dans cette valeur. → Recopiez le chiffre avec son unité, sans le reste de la phrase, une virgule devant les décimales : 994 M€, plus de 2,7 milliards d'euros, 57,3 %, 86 projets, 611 € par habitant, à parité. Ce qui n'est pas un chiffre n'a pas de ligne ici : dites-le dans une description ou une note.",
    ),
    "a point for thousands or for decimals": (
        cells(("chiffres", 0, "valeur", "2.700 M€")),
        "Chiffres!C5",
        "Un point devant trois chiffres : est-ce « 2 700 M€ » ou « 2,700 M€ » ? → Écrivez celle de ces deux valeurs que dit le document, et laissez vide la cellule des mots.",
    ),
    "a share as a fraction": (
        cells(("chiffres", 3, "valeur", 0.573)),
        "Chiffres!C8",
        "Un texte est attendu ; le tableur l'a converti en date ou en nombre. → Mettez la cellule au format Texte, puis retapez-y ce que le document imprime, comme « 57,3 % ».",
    ),
    "a share in the format of percentages": (
        typed("Chiffres", "C8", 0.573, "0.0%"),
        "Chiffres!C8",
        "Un texte est attendu ; le tableur l'a converti en date ou en nombre. → Mettez la cellule au format Texte, puis retapez-y ce que le document imprime, comme « 57,3 % ».",
    ),
    "a share of more than 100 %": (
        cells(("chiffres", 3, "valeur", "573 %"), ("chiffres", 3, "citation", None)),
        "Chiffres!C8",
        "Une part dépasse 100 %. → Relisez-la dans le document.",
    ),
    "milliards for millions": (
        cells(("chiffres", 0, "valeur", "975 Md€")),
        "Chiffres!C5",
        "Les mots cités ne contiennent pas cette valeur : « Le contrat mobilise 975 M€ ». → Corrigez la valeur d'après le document, ou citez les mots où elle est imprimée.",
    ),
    "another figure": (
        cells(("chiffres", 1, "valeur", "457 M€")),
        "Chiffres!C6",
        "Les mots cités ne contiennent pas cette valeur : « l'État apporte 475 M€ ». → Corrigez la valeur d'après le document, ou citez les mots où elle est imprimée.",
    ),
    "a zero": (
        row("chiffres", nom="port", valeur="0 €", perimetre="hors mobilités", citation="Le port reçoit 0 €"),
        "Chiffres!C10",
        "AVERTISSEMENT Cette valeur est zéro. → Gardez-la si le document imprime un zéro ; s'il ne donne pas de chiffre, videz-la et dites-le dans la colonne Motif.",
    ),
    "a part above its whole": (
        cells(("chiffres", 0, "partie_de", "etat")),
        "Chiffres!J5",
        "Une partie ne peut dépasser son tout : « 975 M€ », dont « 475 M€ » (ligne etat), arrondis compris. → Relisez les deux valeurs ; si le document ne dit pas « dont », videz la cellule.",
    ),
    "parts above their whole": (
        cells(
            ("chiffres", 0, "compose_de", "etat | region"),
            ("chiffres", 0, "valeur", "475 M€"),
            ("chiffres", 0, "citation", None),
            ("chiffres", 1, "perimetre", "Relance"),
        ),
        "Chiffres!K5",
        "Les parties font plus que le tout, arrondis compris : 475 M€ + 500 M€ pour 475 M€. → Relisez les valeurs ; si le document ne dit pas que ces lignes font le tout, retirez celles qui n'en sont pas.",
    ),
    "shares above 100 %": (
        cells(
            ("chiffres", 4, "valeur", "57,3 %"),
            ("chiffres", 4, "citation", None),
            ("subdivisions", 0, "exclusif", "oui"),
        ),
        "Chiffres!C9",
        "Les parts d'un même tout, où un euro ne compte qu'une fois, dépassent 100 % : 57,3 % + 57,3 %. → Relisez-les ; si un euro peut y compter plusieurs fois, répondez « non » dans la feuille Subdivisions.",
    ),
    "a row twice": (
        {**GOOD, "chiffres": [*GOOD["chiffres"], GOOD["chiffres"][1]]},
        "Chiffres!B10",
        "Déjà indiqué à la ligne 6. → N'en gardez qu'une, ou corrigez-la.",
    ),
    "a figure twice": (
        {**GOOD, "chiffres": [*GOOD["chiffres"], {**GOOD["chiffres"][1], "nom": "etat-2"}]},
        "Chiffres!C10",
        "La ligne 6 donne déjà, pour la même chose, « 475 M€ ». → Retirez cette ligne si c'est la même ; sinon, dites ce qui les distingue : « diverge de » (une autre source), « remplace » (mise à jour), « dont » (une partie), le périmètre ou les années.",
    ),
    "a body that signs twice": (
        row("signataires", nom="Region occitanie", citation="la Région Occitanie."),
        "Signataires!B9",
        "Déjà indiqué à la ligne 6. → N'en gardez qu'une, ou corrigez-la.",
    ),
    "a misspelt body": (
        cells(("chiffres", 2, "financeur", "Région Ocitanie")),
        "Chiffres!F7",
        "« Région Ocitanie » est inconnu de ces données et de la table des régions, départements, intercommunalités et communes. Vouliez-vous dire « Région Occitanie » ? → Corrigez le nom ; si c'est un autre organisme, dites de quelle sorte.",
    ),
    "one body in two spellings": (
        {
            **GOOD,
            "chiffres": [
                *GOOD["chiffres"],
                {**figure("agglo", "12 M€", "L'Agglomération du Grand Test finance 12 M€"), **GRAND_TEST},
                {**figure("agglo-2", "13 M€", "l'agglomération du Grand-Teste apporte 13 M€"), **GRAND_TESTE},
            ],
        },
        "Chiffres!F11",
        "AVERTISSEMENT « agglomération du Grand-Teste » et « Agglomération du Grand Test » deviennent deux organismes de ce contrat, alors que leurs noms sont presque les mêmes. → Si c'est un seul organisme, écrivez partout le même nom.",
    ),
    "a SIREN with a wrong digit": (
        cells(("signataires", 1, "siren", "200053792")),
        "Signataires!H6",
        "La clé de ce SIREN est fausse : un chiffre est faux, ou deux chiffres sont inversés. → Recopiez-le depuis l'annuaire des entreprises, ou laissez la cellule vide.",
    ),
    "a SIREN of eight digits": (
        cells(("signataires", 1, "siren", "20005379")),
        "Signataires!H6",
        "Ce n'est pas un SIREN : il a neuf chiffres, comme 123 456 782. → Recopiez-le depuis l'annuaire des entreprises, ou laissez la cellule vide.",
    ),
    "a SIREN of another body": (
        cells(("signataires", 3, "siren", "243100518")),
        "Signataires!H8",
        "Ce SIREN est celui de « Toulouse Métropole », et non de « Département du Gers ». → Corrigez le SIREN ; si c'est le même organisme, écrivez le nom « Toulouse Métropole ».",
    ),
    "a kind of another body": (
        cells(("signataires", 3, "sorte", "Région")),
        "Signataires!C8",
        "« Département du Gers » n'est pas le nom d'un organisme de ce type. → Choisissez le type que dit le nom, ou corrigez le nom.",
    ),
    "a département for the region": (
        cells(("contrat", 0, "region", "Gers")),
        "Contrat!C4",
        "Ce n'est le nom d'aucune des régions de France. → Corrigez-le, s'il s'agit d'une région ; pour un contrat inventé, répondez « oui » à « Contrat d'essai (fictif) ? ».",
    ),
    "a misspelt region": (
        cells(("contrat", 0, "region", "Ocitanie")),
        "Contrat!C4",
        "Ce n'est le nom d'aucune des régions de France. Vouliez-vous dire « Occitanie » ? → Corrigez-le, s'il s'agit d'une région ; pour un contrat inventé, répondez « oui » à « Contrat d'essai (fictif) ? ».",
    ),
    "another period": (
        cells(("contrat", 0, "periode", "2015-2020")),
        "Contrat!C5",
        "La citation (colonne D) ne contient pas ces deux années. Elle dit : « CPER 2021-2027 ». → Corrigez la période, ou citez les mots qui la donnent.",
    ),
    "a period turned round": (
        cells(("contrat", 0, "periode", "2027-2021")),
        "Contrat!C5",
        "Ce n'est pas une période. → Tapez la première et la dernière année : 2021-2027.",
    ),
    "the month before the day": (
        cells(("documents", 0, "jour", "12/03/2022")),
        "Documents!F5",
        "La citation (colonne H) ne contient pas cette date. Elle dit : « le 3 décembre 2022 ». → Corrigez la date, ou citez les mots qui la donnent.",
    ),
    "a month that is none": (
        cells(("documents", 0, "jour", "12/31/2022")),
        "Documents!F5",
        "Ce n'est pas une date. → Écrivez-la telle qu'elle est connue : 01/12/2022, 25/02, juin 2022, juin, 2022.",
    ),
    "a date whose order the spreadsheet turned": (
        typed("Documents", "F5", datetime(2022, 3, 12), "dd/mm/yyyy"),
        "Documents!F5",
        "La citation (colonne H) ne contient pas cette date. Elle dit : « le 3 décembre 2022 ». → Corrigez la date, ou citez les mots qui la donnent.",
    ),
    "a date as a number": (
        cells(("documents", 0, "jour", 44898)),
        "Documents!F5",
        "C'est un nombre, et non une date. → Mettez la cellule au format Date, ou tapez jour/mois/année, comme 15/03/2022.",
    ),
    "another day of the signing": (
        cells(("etapes", 0, "date", "3 décembre 2021")),
        "Étapes!C5",
        "La citation (colonne G) ne contient pas cette date. Elle dit : « est signé à Toulouse, le 3 décembre 2022 ». → Corrigez la date, ou citez les mots qui la donnent.",
    ),
    "words that are not in the text": (
        cells(("chiffres", 1, "citation", "l'État apporte finalement 475 M€")),
        "Chiffres!M6",
        "Ces mots ne sont pas dans le texte de « presse ». Le passage le plus proche : « l'État apporte 475 M€ ». Première différence : dans le texte rien, dans le classeur « finalement ». → Recopiez le passage tel qu'il y est, mots et nombres entiers. S'il est d'un autre document, nommez celui-ci dans la colonne Document.",
    ),
    "straight quotation marks": (
        cells(("subdivisions", 0, "citation", 'L\'axe 1 "Mobilités"')),
        "Subdivisions!I5",
        "Ces mots ne sont pas dans le texte de « presse ». Le passage le plus proche : « L'axe 1 « Mobilités » ». Première différence : dans le texte « « Mobilités », dans le classeur rien. → Recopiez le passage tel qu'il y est, mots et nombres entiers. S'il est d'un autre document, nommez celui-ci dans la colonne Document.",
    ),
    "another document": (
        cells(("chiffres", 1, "document", "press")),
        "Chiffres!L6",
        "« press » n'est pas dans la feuille Documents. Vouliez-vous dire « presse » ? → Corrigez le nom, ou ajoutez la ligne à la feuille Documents.",
    ),
    "a subdivision that is not there": (
        cells(("chiffres", 1, "subdivision", "axe 4")),
        "Chiffres!H6",
        "« axe 4 » n'est pas dans la feuille Subdivisions. Vouliez-vous dire « axe 2 » ? → Corrigez le nom, ou ajoutez la ligne à la feuille Subdivisions.",
    ),
    "two subdivisions, without a bar": (
        cells(("chiffres", 1, "subdivision", "axe 1 ; axe 2")),
        "Chiffres!H6",
        "« axe 1 ; axe 2 » nomme plusieurs lignes. → Séparez les noms par une barre : axe 1 | axe 2.",
    ),
    "a heading of an older workbook": (
        typed("Chiffres", "C1", "Montant (M€)"),
        "Chiffres!C1",
        "Cette colonne est inconnue : son contenu serait ignoré. → Rendez-lui l'intitulé du modèle, ou supprimez-la.",
    ),
    "a heading that was deleted": (
        typed("Chiffres", "B1", None),
        "Chiffres!1",
        "La colonne « Ligne » manque en première ligne. → Rétablissez les intitulés du modèle en première ligne.",
    ),
    "a sheet renamed": (
        lambda book: setattr(book["Chiffres"], "title", "Chiffre"),
        "Chiffre",
        "Aucune feuille du modèle ne porte ce nom ; le plus proche est « Chiffres ». → Renommez-la « Chiffres », ou supprimez-la.",
    ),
    "a sheet of one's own": (
        lambda book: book.create_sheet("Calculs"),
        "Calculs",
        "Aucune feuille du modèle ne porte ce nom : son contenu serait ignoré. → Renommez-la ou supprimez-la ; les feuilles sont : Documents, Contrat, Étapes, Signataires, Subdivisions, Chiffres, Avenants et cadres, Autres faits, Listes.",
    ),
    "a sheet deleted": (
        lambda book: book.remove(book["Documents"]),
        "Documents",
        "Cette feuille manque. → Copiez-la depuis un classeur neuf (cper-lod new contract), ou rendez-lui son nom d'origine.",
    ),
    "a hidden sheet": (
        hide("Signataires"),
        "Signataires",
        "Cette feuille est masquée. → Affichez-la et relisez-la : le contenu masqué n'est pas publié.",
    ),
    "a hidden row": (
        hide("Chiffres", row=6),
        "Chiffres!6",
        "Cette ligne est masquée ou filtrée. → Affichez-la (ou supprimez-la) : le contenu masqué n'est pas publié.",
    ),
    "a hidden column": (
        hide("Chiffres", column="F"),
        "Chiffres!F",
        "Cette colonne est masquée. → Affichez-la et relisez-la : le contenu masqué n'est pas publié.",
    ),
    "a formula": (
        typed("Chiffres", "C6", "=B5*2"),
        "Chiffres!C6",
        "La cellule contient une formule ; elle n'est pas calculée, et le résultat enregistré n'est pas fiable. → Copiez la cellule, puis faites un collage spécial des valeurs.",
    ),
    "a reference that was lost": (
        typed("Chiffres", "C6", "#REF!"),
        "Chiffres!C6",
        "Cette cellule ne contient ni texte, ni nombre, ni date. → Tapez la valeur.",
    ),
    "a note beside the table": (
        typed("Chiffres", "AX6", "à vérifier avec Paul"),
        "Chiffres!AX6",
        "Cette cellule est remplie, mais sa colonne n'a pas d'intitulé. → Déplacez-la dans la colonne qui convient, ou videz-la.",
    ),
    "a note in the column of marks": (
        typed("Chiffres", "A6", "à vérifier"),
        "Chiffres!A6",
        "La première colonne est réservée aux repères : elle doit rester vide dans les lignes à lire. → Videz cette cellule, ou écrivez « Exemple / Example » pour que la ligne soit ignorée.",
    ),
    "a note in a value": (
        cells(("chiffres", 1, "valeur", "475 M€ (à vérifier)")),
        "Chiffres!C6",
        "Aucun chiffre ne se lit dans cette valeur. → Recopiez le chiffre avec son unité, sans le reste de la phrase, une virgule devant les décimales : 994 M€, plus de 2,7 milliards d'euros, 57,3 %, 86 projets, 611 € par habitant, à parité. Ce qui n'est pas un chiffre n'a pas de ligne ici : dites-le dans une description ou une note.",
    ),
    "a note in a number": (
        cells(("subdivisions", 0, "numero", "1 (ex-3)")),
        "Subdivisions!E5",
        "Un nombre entier supérieur ou égal à 1 est attendu. → Tapez un nombre entier, comme 1.",
    ),
    "an unknown body": (
        cells(("chiffres", 1, "financeur", "Europe"), ("chiffres", 1, "citation", None)),
        "Chiffres!G6",
        "« Europe » est inconnu de ces données et de la table des régions, départements, intercommunalités et communes, ou y figure plusieurs fois. → Indiquez de quelle sorte d'organisme il s'agit (commune, établissement public, Union européenne… ; « groupe » pour plusieurs ensemble), ou corrigez le nom.",
    ),
    "a word for yes": (
        cells(("subdivisions", 0, "exclusif", "X")),
        "Subdivisions!G5",
        "Cette valeur n'est pas dans la liste. → Choisissez parmi : oui | non.",
    ),
    "signatories before the signing": (
        cells(("etapes", 0, "statut", "Annoncé")),
        "Signataires!B5",
        "Des signataires, mais aucune étape « Signé ». → S'il est signé, ajoutez l'étape à la feuille Étapes ; sa date et son lieu peuvent rester vides. S'il ne l'est pas encore, personne ne l'a signé : retirez ces lignes, un financeur se dit dans Chiffres.",
    ),
    "a mistyped status": (
        cells(("etapes", 0, "statut", "Signer")),
        "Étapes!B5",
        "Ce mot n'est pas dans la liste, mais presque : « Signé ». → Écrivez « Signé » ; si c'est un autre mot, ajoutez-le à la feuille Listes.",
    ),
    "an address without https": (
        cells(("documents", 0, "adresse", "occitanie.gouv.fr")),
        "Documents!G5",
        "Ce n'est pas une adresse qui commence par http:// ou https://. → Corrigez l'adresse, ou laissez la cellule vide.",
    ),
    "a code with accents": (
        cells(("documents", 0, "code", "communiqué")),
        "Documents!B5",
        "Un identifiant n'a que des minuscules sans accent, des chiffres et des tirets. → Écrivez « communique » ; ce qui est déjà publié garde l'identifiant que l'export a écrit.",
    ),
}
"""Each mistake, the cell where it is told, what is told → what to do."""
OLD = bytes.fromhex("d0cf11e0a1b11ae1")
FILES: dict[str, tuple[Callable[[Path], bytes | None], str, str]] = {
    "moved": (lambda _: None, "contrat.xlsx", "n'existe pas"),
    "a CSV file renamed": (lambda _: "Ligne;Valeur\ntotal;975 M€\n".encode(), "contrat.xlsx", "peut-être du CSV"),
    "a web page saved": (lambda _: b"<!DOCTYPE html><html>503", "contrat.xlsx", "C'est une page web"),
    "an old .xls renamed": (
        lambda _: OLD,
        "contrat.xlsx",
        "Il est d'un ancien format (.xls, .doc), ou protégé par un mot de passe",
    ),
    "an .ods renamed": (
        lambda _: zipped("content.xml", b"<a/>"),
        "contrat.xlsx",
        "C'est un classeur de LibreOffice (.ods)",
    ),
    "a document for the workbook": (lambda _: docx("<w:p/>"), "contrat.xlsx", "C'est une archive ZIP sans classeur"),
    "half a file": (lambda good: good.read_bytes()[:9000], "contrat.xlsx", "Il est endommagé ou incomplet"),
    "open in the spreadsheet": (lambda _: b"\x05Agent", "~$contrat.xlsx", "C'est le verrou d'un classeur ouvert"),
}
"""Other files than the workbook, and what is said of them."""
TEXTS: dict[str, tuple[list[str], str, str]] = {
    "a text that is not there": (["rien.txt"], "source-missing", "rien.txt n'existe pas."),
    "a text of a document that is none": (["press=texte.txt"], "text-document", "Documents du classeur : presse."),
    "a text of a format that is not read": (["texte.odt"], "document-format", ".txt, .md, .docx, .pdf"),
    "two texts of one document": (["texte.txt", "presse=autre.txt"], "text-document", "une fois chacun"),
}
"""What is given with --text, and what is said of it."""


def told(workbook: Workbook) -> list[tuple[str, str]]:
    """Return the places of findings, each with what is told and what to do."""
    severities = {"violation": "", "warning": "AVERTISSEMENT "}
    return [
        (at(each.location), severities[each.severity] + " → ".join(each.words("fr")))
        for each in workbook.cell_findings
        if each.severity != "info"
    ]


@pytest.fixture(autouse=True)
def facts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apply the rules about facts alone, which are quick."""
    name = "cper_lod.importing.contracts.importer.check"
    monkeypatch.setattr(name, lambda sources, *_: Report(tuple(fact_findings(sources))))


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "texte.txt").write_text(TEXT, "utf-8")
    return tmp_path / "texte.txt"


def imported(path: Path, sources: Path, text: Path) -> Workbook:
    workbook = Workbook(path, sources, [str(text)])
    if not workbook.has_violations:
        workbook.check()
    assert workbook.source_findings == []
    return workbook


def test_nothing_is_told_of_the_good_workbook(small: Path, text: Path, tmp_path: Path) -> None:
    assert told(imported(plain(tmp_path / "contrat.xlsx", GOOD), small, text)) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_once_at_its_cell(name: str, small: Path, text: Path, tmp_path: Path) -> None:
    mistake, place, words = MISTAKES[name]
    path = plain(tmp_path / "contrat.xlsx", GOOD if callable(mistake) else mistake)
    if callable(mistake):
        book = load_workbook(path)
        mistake(book)
        book.save(path)
    assert told(imported(path, small, text)) == [(place, words)]


def test_a_text_of_another_contract_is_told_once(small: Path, text: Path, tmp_path: Path) -> None:
    text.write_text(OTHER_TEXT, "utf-8")
    ((place, words),) = told(imported(plain(tmp_path / "contrat.xlsx", GOOD), small, text))
    assert place == "Documents!5"
    assert words.startswith("Le texte de « presse » n'a que 0 des 17 citations de ce document")


@pytest.mark.parametrize("name", FILES)
def test_another_file_is_told_for_what_it_is(name: str, small: Path, tmp_path: Path) -> None:
    make, file, words = FILES[name]
    if content := make(plain(tmp_path / "good.xlsx", GOOD)):
        (tmp_path / file).write_bytes(content)
    with pytest.raises(Problem) as raised:
        Workbook(tmp_path / file, small)
    assert words in raised.value.words("fr").detail


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_text_is_told(
    name: str, small: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, code, words = TEXTS[name]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problem) as raised:
        Workbook(plain(tmp_path / "contrat.xlsx", GOOD), small, given)
    said = raised.value.words("fr")
    assert (raised.value.kind.code, words in f"{said.detail} {said.remedy}") == (code, True)

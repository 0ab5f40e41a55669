"""What the words of a document do not say: a row says why it is read so, and has a reading with an owner and a day."""

from collections import defaultdict
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, DCT, DEFINITIONS, shorten
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from tests.importing.workbooks import MINIMAL, Answers, at, parsed
from tests.support.names import BASE
from tests.support.paths import ROOT

SOURCES = [quad for name in ("bodies", "territories") for quad in read(ROOT / "data" / f"{name}.ttl", names=PROGRAM)]

PUBLISHER = NamedNode(f"{BASE}id/organisme/observatoire")
CATALOGUED = Quad(
    NamedNode(PROGRAM.catalogue), NamedNode(DCT + "publisher"), PUBLISHER, NamedNode(PROGRAM.catalogue_graph)
)
WHY = "La phrase d'avant le dit."
AXES = [{"liste": "Axes", "mot": "axe", "nom": name, "numero": n} for n, name in enumerate(("Mer", "Terre"), 1)]


def row(nom: str, valeur: str, **more: str) -> dict[str, Any]:
    return {"nom": nom, "valeur": valeur, **more}


def answers(*figures: dict[str, Any], form: dict[str, str] | None = None, **more: list[dict[str, Any]]) -> Answers:
    """Return the minimal workbook with other rows, and other cells of the contract."""
    return {**MINIMAL, "contrat": [MINIMAL["contrat"][0] | (form or {})], "chiffres": list(figures), **more}


def made(book: Answers, *more: Quad) -> ContractGraph:
    """Return the triples of a workbook; `more` are sources beside bodies and territories."""
    return parsed(book).graph(ExistingEntities([*SOURCES, *more]), {})


def facts(graph: ContractGraph) -> Graph:
    return Graph(quad for quads in graph.files.values() for quad in quads)


def readings(graph: ContractGraph) -> dict[str, tuple[list[str], list[str]]]:
    """Return the properties that each reading attests, and the things that have it, by the ends of their IRIs."""
    said, of = facts(graph), defaultdict[Any, list[str]](list)
    for node in said.subjects():
        for each in said.all(node, CPER + "lecture"):
            of[each].append(node.value.removeprefix(f"{graph.contract}/"))
    return {
        node.value.partition("/lecture/")[2]: (
            sorted(shorten(each.value) for each in said.all(node, CPER + "atteste")),
            sorted(things),
        )
        for node, things in of.items()
    }


def found(graph: ContractGraph) -> list[tuple[str, str]]:
    return [(at(each.location), each.key) for each in graph.findings]


def test_what_words_do_not_say_has_one_reading_for_each_reason() -> None:
    graph = made(
        answers(
            row("total", "100 M€", compose_de="etat | region", lecture=WHY),
            row("etat", "60 M€", financeur="État"),
            row("region", "plus de 40 M€", financeur="Région"),
            row("mer", "9 M€", partie_de="total", perimetre="Relance", lecture=WHY, citation="dont 9 M€ de relance"),
            row("terre", "8 M€", partie_de="total", lecture=WHY, citation="dont 8 M€ pour la terre"),
            row("projets", "12 projets"),
            subdivisions=[AXES[0] | {"exclusif": "oui", "lecture_liste": WHY}, AXES[1]],
            signataires=[{"nom": "État", "citation": "le préfet de région", "lecture": "Il signe pour l'État."}],
            etapes=[{"statut": "Signé", "citation": "signé"}],
        )
    )
    assert found(graph) == []
    assert readings(graph) == {
        "arrondi": (["cper:nature"], ["montant/etat", "montant/mer", "montant/terre", "montant/total"]),
        "montant-total": (["cper:composeDe"], ["montant/total"]),
        "montant-mer": (["cper:partieDe"], ["montant/mer", "montant/terre"]),
        "decoupage-axes": (["cper:exclusif"], ["decoupage/axes"]),
        "signataire-etat": (["prov:agent"], ["signataire/etat"]),
    }
    said = facts(graph)
    reading = NamedNode(f"{graph.contract}/lecture/montant-mer")
    assert said.value(reading, DCT + "date") == "2026-12-07"
    assert said.value(reading, DCT + "creator") == f"{BASE}id/organisme/region-occitanie"
    assert said.text(reading, DCT + "description", "fr")[0] == WHY


def test_words_that_print_the_whole_or_the_parts_need_no_reading() -> None:
    words = "100 M€ : 60 M€ de l'État et 40 M€ de la Région, dont 9 M€ de relance"
    graph = made(
        answers(
            row("total", "100 M€", compose_de="etat | region", citation=words),
            row("etat", "60 M€", financeur="État", citation=words),
            row("region", "40 M€", financeur="Région", citation=words),
            row("relance", "9 M€", partie_de="region", perimetre="Relance", citation=words),
        )
    )
    assert {key for _, key in found(graph)} == {"quotation-long"}
    assert [*readings(graph)] == ["arrondi"]


def test_a_document_is_read_in_full_for_what_its_row_says() -> None:
    documents = [MINIMAL["documents"][0] | {"lu_en_entier": "signataires | montants-par-financeur"}]
    graph = made(answers(documents=documents))
    reading = NamedNode(f"{BASE}id/document/presse/lecture")
    assert facts(graph).all(NamedNode(f"{BASE}id/document/presse"), CPER + "lecture") == [reading]
    assert {each.value for each in facts(graph).all(reading, CPER + "luEnEntierPour")} == {
        f"{DEFINITIONS}code/objet-de-lecture/{each}" for each in ("signataires", "montants-par-financeur")
    }
    wrong = parsed(answers(documents=[documents[0] | {"lu_en_entier": "signataires | météo"}]))
    assert [(at(each.location), each.key) for each in wrong.findings] == [("Documents!N5", "cell-choice")]


BAD: dict[str, tuple[Answers, str, str]] = {
    "a scope": (answers(row("total", "5 M€", perimetre="Relance")), "Chiffres!I5", "reading-missing"),
    "of which": (
        answers(row("total", "5 M€"), row("mer", "2 M€", partie_de="total", citation="dont 2 M€")),
        "Chiffres!J6",
        "reading-missing",
    ),
    "parts": (answers(row("total", "5 M€", compose_de="a"), row("a", "5 M€")), "Chiffres!K5", "reading-missing"),
    "another source": (
        answers(row("total", "5 M€"), row("b", "6 M€", diverge_de="total")),
        "Chiffres!Q6",
        "reading-missing",
    ),
    "a list": (answers(subdivisions=[AXES[0] | {"exclusif": "non"}]), "Subdivisions!G5", "reading-missing"),
    "a scope of a subdivision": (
        answers(subdivisions=[AXES[0] | {"perimetre": "Relance"}]),
        "Subdivisions!P5",
        "reading-missing",
    ),
    "a reason for nothing": (answers(row("total", "plus de 5 M€", lecture=WHY)), "Chiffres!N5", "reading-alone"),
    "a reason for no list": (
        answers(subdivisions=[AXES[0] | {"lecture_liste": WHY}]),
        "Subdivisions!H5",
        "reading-alone",
    ),
    "no day": (answers(row("total", "5 M€"), form={"lu_le": ""}), "Contrat!M5", "reading-without-day"),
    "a month": (answers(row("total", "5 M€"), form={"lu_le": "mars 2026"}), "Contrat!M5", "reading-without-day"),
    "no owner": (answers(row("total", "5 M€"), form={"lu_par": ""}), "Contrat!L5", "reading-without-owner"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_lacks_for_a_reading_is_told_at_its_cell(case: str) -> None:
    book, place, key = BAD[case]
    assert found(made(book)) == [(place, key)]


def test_the_reader_is_the_publisher_unless_another_is_named() -> None:
    for form, more, reader in (
        ({"lu_par": ""}, [CATALOGUED], PUBLISHER.value),
        (
            {"lu_par": "", "editeur": "Observatoire d'Occitanie"},
            [CATALOGUED],
            f"{BASE}id/organisme/observatoire-d-occitanie",
        ),
        ({"lu_par": "Région Occitanie"}, [CATALOGUED], f"{BASE}id/organisme/region-occitanie"),
    ):
        graph = made(answers(row("total", "5 M€"), form=form), *more)
        assert found(graph) == []
        assert facts(graph).value(NamedNode(f"{graph.contract}/lecture/arrondi"), DCT + "creator") == reader

"""What real announcements say and people do: each is accepted as it is, or told in words that a data officer understands."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, PREFIXES, SHAPES, SKOS
from cper_lod.core.quoted_text import QuotableText
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.cell_findings import CellFindings
from cper_lod.importing.contracts.graph import ContractGraph
from cper_lod.importing.contracts.importer import Parsed, Workbook
from cper_lod.importing.contracts.model import CellFinding, RawCell
from cper_lod.importing.contracts.template import prefilled_values
from cper_lod.importing.contracts.texts import DocumentText
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding
from tests.importing.workbooks import MINIMAL, Answers, at, cell, facts, parsed, plain
from tests.support.names import BASE
from tests.support.paths import ROOT

KNOWN = ExistingEntities(
    quad for name in ("bodies", "territories") for quad in read(ROOT / "data" / f"{name}.ttl", names=PROGRAM)
)
AXES = [{"liste": "Axes", "mot": "axe", "nom": name, "numero": n} for n, name in enumerate(("Mer", "Terre"), 1)]
SIGNED = {"statut": "Signé", "citation": "signé"}


def row(nom: str, valeur: str, **more: str) -> dict[str, str]:
    return {"nom": nom, "valeur": valeur, **more}


def answers(*figures: dict[str, Any], **more: list[dict[str, Any]]) -> Answers:
    """Return the minimal workbook with other rows."""
    return {**MINIMAL, "chiffres": list(figures), **more}


def workbook(*figures: dict[str, Any], **more: list[dict[str, Any]]) -> Parsed:
    """Return the minimal workbook with other rows, read."""
    return parsed(answers(*figures, **more))


def made(
    book: Parsed, texts: Mapping[str, DocumentText] = MappingProxyType({})
) -> tuple[ContractGraph, list[CellFinding]]:
    """Return the triples of a workbook, and everything found."""
    if any(each.severity == "violation" for each in book.findings):
        pytest.fail("\n".join(each.describe("fr") for each in book.findings))
    graph = book.graph(KNOWN, texts)
    return graph, [*book.findings, *graph.findings]


WHY = "La phrase d'avant le dit."
UNPUBLISHED = "Le document n'en donne pas."
OTHERS = answers(
    row("jusqu-a", "115 M€", annees="-2023", perimetre="Mobilités", citation="115 M€ jusqu'en 2023", lecture=WHY),
    row("esr", "400 M€", subdivision="Recherche", perimetre="tous-financeurs", lecture=WHY),
    row("avenant", "12 M€", avenant="Avenant mobilités", pas="1 M€"),
    row("autres", "768 M€", financeur="autres signataires", sorte_financeur="groupe"),
    {"nom": "recherche", "sorte": "part", "motif": UNPUBLISHED, "subdivision": "Recherche"},
    row("etat", "48 %", financeur="État"),
    row("etat-defi", "25 M€", financeur="État", subdivision="La péninsularité"),
    row("ue", "100 M€", financeur="Union européenne", sorte_financeur="Union européenne"),
    subdivisions=[
        {
            "liste": "Thématiques citées",
            "mot": "thématique",
            "nom": "Recherche",
            "exclusif": "non",
            "lecture_liste": WHY,
        },
        {"liste": "Défis", "mot": "défi", "nom": "La péninsularité"},
    ],
    etapes=[
        SIGNED
        | {"date": "25/02", "lieu": "université du Mans", "citation": "signé le 25 février à l'université du Mans"},
        {"statut": "Délibéré", "date": "juin", "citation": "délibéré en juin"},
        {"statut": "prévu", "date": "2023", "texte": "avenant mobilites", "citation": "prévu en 2023"},
    ],
    signataires=[{"nom": "ADEME", "sorte": "établissement public"}, {"nom": "Ville de Toulouse"}],
    documents=[{**MINIMAL["documents"][0], "titre": "4,4 milliards"}, MINIMAL["documents"][1]],  # not the English 4
    avenants=[
        {"nom": "Avenant mobilités", "sorte": "avenant"},
        {"nom": "Contrat des Alpes", "sorte": "CPIER"},
        {"nom": "SRADDET", "sorte": "schéma", "autre_nom": "schéma d'aménagement"},
    ],
)
"""What announcements say that no contract in `data` or `tests/contracts` has."""
EXPECTED = [
    "periode/jusqu-en-2023 endDate 2023",
    "decoupage/thematiques-citees exclusif false",
    "defi/la-peninsularite inScheme {}decoupage/defis",
    "defi/la-peninsularite type code/type-de-subdivision/defi",
    "montant/esr perimetre code/perimetre/tous-financeurs",
    "montant/avenant avenant {}avenant/avenant-mobilites",
    "montant/avenant pas 1000000",
    "part/recherche subdivision {}thematique/recherche",
    f"part/recherche motif {UNPUBLISHED}",
    f"part/recherche motif The source gives no figure; reason, in French: {UNPUBLISHED}",
    "part/etat financeur organisme/etat",
    "part/etat nature code/nature-de-la-valeur/arrondi",
    "montant/etat-defi subdivision {}defi/la-peninsularite",
    "montant/ue financeur organisme/union-europeenne",
    "groupe/autres-signataires type code/type-d-organisme/groupe",
    "etape/signe date --02-25",
    "etape/signe status code/statut/signe",
    "etape/delibere date --06",
    "etape/avenant-mobilites-prevu avenant {}avenant/avenant-mobilites",
    "signataire/ville-de-toulouse agent organisme/ville-de-toulouse",
    "texte/contrat-des-alpes type code/type-de-contrat/cpier",
    "texte/contrat-des-alpes contrat contrat/occitanie-2021-2027",
    "cadre/sraddet altLabel schéma d'aménagement",
]


@pytest.mark.slow
def test_the_check_accepts_it_too(small: Path, tmp_path: Path) -> None:
    imported = Workbook(plain(tmp_path / "contrat.xlsx", OTHERS), small)
    imported.check()
    assert [each.describe("fr") for each in imported.cell_findings if each.severity == "violation"] == []
    assert imported.source_findings == []


def test_what_a_document_says_is_accepted_as_it_is() -> None:
    graph, findings = made(parsed(OTHERS))
    assert [each.describe("fr") for each in findings if each.key != "word-new"] == []
    start = f"{graph.contract}/".removeprefix(f"{BASE}id/")
    assert {start + each.format(start) for each in EXPECTED} - {
        *map(" ".join, facts(graph.files["contracts"]))
    } == set()


def test_a_word_that_a_contract_adds_is_attested_by_the_quotation_that_has_it() -> None:
    quoted = "115 M€ jusqu'en 2023 | le volet mobilité du CPER 2015-2020 est prorogé"
    graph, _ = made(workbook(row("a", "115 M€", perimetre="Volet mobilité du CPER 2015-2020", citation=quoted)))
    attesting = [each.quotation for each in graph.statements.values() if "cper:perimetre" in each.attests]
    assert attesting == ["le volet mobilité du CPER 2015-2020 est prorogé"]


BAD: list[tuple[str, str, Parsed]] = [
    (
        "Chiffres!C6",
        "funder-above",
        workbook(
            row("etat", "100 M€", financeur="État"),
            row("mer", "160 M€", financeur="État", subdivision="Mer"),
            subdivisions=AXES,
        ),
    ),
    ("Chiffres!U5", "nature-contradicts", workbook(row("total", "plus de 5 M€", nature="exacte"))),
    ("Chiffres!U5", "nature-not-told", workbook(row("total", "5 M€", nature="plus-de"))),
    ("Chiffres!E5", "figure-kind", workbook(row("total", "975 M€", sorte="part"))),
    (
        "Chiffres!J6",
        "units-differ",
        workbook(row("projets", "86 projets"), row("total", "975 M€", partie_de="projets")),
    ),
    ("Chiffres!D5", "figure-and-reason", workbook(row("total", "975 M€", motif="Le document n'en donne pas."))),
    ("Chiffres!C5", "figure-without-reason", workbook(row("total", ""))),
    ("Chiffres!E5", "missing-of-what", workbook({"nom": "mer", "motif": "Le document n'en donne pas."})),
    ("Chiffres!F5", "equal-without-funder", workbook(row("etat", "à parité"))),
    ("Chiffres!S5", "share-only", workbook(row("total", "975 M€", part_de="credits"))),
    ("Subdivisions!G5", "cell-truth", workbook(subdivisions=[AXES[0] | {"exclusif": RawCell(True, "truth")}])),
    ("Contrat!D5", "cell-empty", workbook(contrat=[{**MINIMAL["contrat"][0], "region": ""}])),
    ("Contrat!K5", "cell-contact", workbook(contrat=[{**MINIMAL["contrat"][0], "contact": "http://exemple.fr/"}])),
    ("Contrat!B6", "row-double", workbook(contrat=[*MINIMAL["contrat"], MINIMAL["contrat"][0]])),
    ("Signataires!B5", "name-unusable", workbook(etapes=[SIGNED], signataires=[{"nom": "北", "sorte": "EPCI"}])),
    ("Chiffres!P5", "years-same", workbook(row("total", "975 M€", annees="2021-2027"))),
    (
        "Avenants et cadres!D5",
        "amendment-is-none",
        workbook(subdivisions=AXES, avenants=[{"nom": "FEDER", "sorte": "fonds", "subdivisions": "axe 1"}]),
    ),
    (
        "Chiffres!H7",
        "reference-ambiguous",
        workbook(
            row("part/etat", "48 %", financeur="État"),
            row("montant/etat", "9 M€", financeur="État"),
            row("a", "1 M€", partie_de="Mer", subdivision="Mer"),
            subdivisions=[AXES[0], AXES[0] | {"liste": "Défis", "mot": "défi"}],
        ),
    ),
]


@pytest.mark.parametrize(("place", "key", "book"), BAD)
def test_what_contradicts_itself_is_told_at_its_cell(place: str, key: str, book: Parsed) -> None:
    found = [each for each in book.findings if each.key == key]
    assert [at(each.location) for each in found] == [place], [
        f"{at(each.location)} {each.key}" for each in book.findings
    ]
    assert found[0].severity == "violation"


def test_what_contradicts_other_rows_is_told_by_the_rules_at_its_row(small: Path, tmp_path: Path) -> None:
    """The rules that any contract follows, also one in Turtle."""
    said = answers(
        row("total", "100 M€", compose_de="a | b", lecture=WHY),
        row("a", "60 M€", partie_de="total", perimetre="Relance", lecture=WHY),
        row("b", "20 M€", perimetre="Mobilités", partie_de="c", lecture=WHY),
        row("c", "10 M€", perimetre="Hors mobilités", lecture=WHY),
        row("d", "1 M€", partie_de="e", perimetre="Relance", lecture=WHY),
        row("e", "1 M€", partie_de="d", perimetre="Relance", lecture=WHY),
        row("etat", "70 M€", financeur="État"),
        row("mer", "40 M€", financeur="État", subdivision="Mer"),
        row("terre", "40 M€", financeur="État", subdivision="Terre"),
        row("part/etat", "60 %", financeur="État"),
        row("part/region", "50 %", financeur="Région"),
        row("feder", "9 M€", avenant="FEDER", perimetre="Relance", lecture=WHY),
        row("relance", "2 Md€", annees="2020", citation="dont plus de 2 Md€ de relance en 2020"),
        subdivisions=[
            *(AXES[0] | {"exclusif": "oui", "lecture_liste": WHY}, AXES[1]),
            *(
                {"liste": "Défis", "mot": "défi", "nom": each, "exclusif": each, "lecture_liste": WHY}
                for each in ("oui", "non")
            ),
        ],
        avenants=[{"nom": "FEDER", "sorte": "fonds"}],
        etapes=[{"statut": "prévu", "texte": "FEDER", "citation": "prévu"}],
    )
    imported = Workbook(plain(tmp_path / "contrat.xlsx", said), small)
    imported.check()
    assert imported.source_findings == []
    assert [(at(each.location), each.key) for each in imported.cell_findings if each.severity == "violation"] == [
        ("Contrat!5", "shares-above"),
        ("Étapes!5", "rule-broken"),
        ("Subdivisions!B7", "rule-broken"),
        ("Chiffres!5", "parts-differ"),
        ("Chiffres!J7", "part-above"),
        ("Chiffres!J9", "row-circle"),
        ("Chiffres!J10", "row-circle"),
        ("Chiffres!11", "funder-above"),
        ("Chiffres!T16", "rule-broken"),
        ("Chiffres!C17", "nature-cut"),
    ]
    assert not [each for each in imported.cell_findings if "{" in each.describe("fr")]


def test_a_period_that_is_not_that_of_the_name_is_told() -> None:
    contract = {**MINIMAL["contrat"][0], "nom": "CPER 2021-2027 Occitanie"}
    assert made(workbook(contrat=[contract]))[1] == []
    (finding,) = workbook(contrat=[contract | {"periode": "2021"}]).findings
    assert (at(finding.location), finding.key, finding.severity) == ("Contrat!E5", "period-otherwise", "warning")


def signs(*bodies: dict[str, str]) -> Parsed:
    return workbook(etapes=[SIGNED], signataires=list(bodies))


LILLE = "Métropole européenne de Lille"
MADE: list[tuple[str, str, Parsed]] = [
    ("Signataires!C5", "kind-known", signs({"nom": LILLE, "sorte": "Commune"})),
    ("Signataires!I5", "siren-unknown", signs({"nom": "Métropole d'Ailleurs", "sorte": "EPCI", "siren": "356000000"})),
    ("Signataires!I5", "siren-differs", signs({"nom": "Département de l'Aisne", "siren": "732829320"})),
    ("Signataires!J5", "territory-known", signs({"nom": LILLE, "territoire": "Nord"})),
    (
        "Signataires!B6",
        "body-double",
        signs({"nom": "Département du Nord"}, {"nom": "Nord, Département", "siren": "225900018"}),
    ),
    (
        cell("contrat", 0, "citation_page"),
        "quotation-alone",
        workbook(contrat=[{**MINIMAL["contrat"][0], "citation_page": "ici"}]),
    ),
    (
        cell("chiffres", 1, "citation:statement"),
        "statement-differs",
        workbook(
            *(
                {**row(name, value, financeur=name), "citation:statement": "x"}
                for name, value in (("etat", "9 M€"), ("region", "8 M€"))
            )
        ),
    ),
]
"""What is told when the triples are made, from the data that are there."""


@pytest.mark.parametrize(("place", "key", "book"), MADE)
def test_what_does_not_fit_the_data_is_told_at_its_cell(place: str, key: str, book: Parsed) -> None:
    assert [(at(each.location), each.key) for each in made(book)[1]] == [(place, key)]


def test_what_a_rule_says_of_a_body_names_it_and_the_one_that_is_meant() -> None:
    book = workbook(
        row("region", "9 M€", financeur="Région Occitannie", sorte_financeur="groupe"),
        etapes=[SIGNED],
        signataires=[{"nom": "Ville de Toulousse", "sorte": "Commune"}],
    )
    graph, _ = made(book)
    town, group = f"{BASE}id/organisme/ville-de-toulousse", f"{graph.contract}/groupe/region-occitannie"
    rules = (
        Finding("warning", town, {}, {}, SHAPES + "organisme-sans-siren"),
        Finding("violation", group, {}, {}, rule="kind-differs"),
    )
    (kind, siren), _ = CellFindings(graph, book.records, {}, ()).sort(rules)
    assert (at(kind.location), kind.key) == ("Chiffres!G5", "kind-not-named")
    assert (at(siren.location), siren.key) == ("Signataires!I5", "siren-missing-near")
    assert "Vouliez-vous dire « Ville de Toulouse » ?" in siren.describe("fr")


def test_a_document_of_another_contract_keeps_its_code() -> None:
    known = ExistingEntities(read(ROOT / "data" / "statements" / "hauts-de-france-2021-2027.ttl", names=PROGRAM))
    code = next(iri for iri in known.used_iris if "/document/" in iri and iri.count("/") == 6).rpartition("/")[2]
    book = workbook(documents=[{**MINIMAL["documents"][0], "code": code}])
    assert [each.key for each in book.graph(known, {}).findings] == ["document-known"]


@pytest.mark.parametrize("name", ["ÉTAT", "L’Etat"])
def test_the_state_is_known_however_it_is_written(name: str) -> None:
    """Also where no contract names it yet."""
    graph = workbook(row("total", "9 M€", financeur=name)).graph(ExistingEntities([]), {})
    assert [each.key for each in graph.findings] == []
    assert f"{BASE}id/organisme/etat" in {getattr(each.object, "value", "") for each in graph.files["contracts"]}
    territory = NamedNode(CPER + "territoire")
    assert [each.object for each in graph.files["bodies"] if each.predicate == territory] == [
        NamedNode(f"{BASE}id/territoire/france")
    ]


def test_a_new_word_is_accepted_told_and_confirmed_once() -> None:
    figures, axes = [row("total", "975 M€", perimetre="hors outre-mer", lecture=WHY)], [AXES[0] | {"mot": "pilier"}]
    book = workbook(*figures, subdivisions=axes)
    graph, findings = made(book)
    assert [(at(each.location), each.key, each.severity) for each in findings] == [
        ("Chiffres!I5", "word-new", "warning"),
        ("Subdivisions!C5", "word-new", "warning"),
    ]
    described = {quad.subject.value for quad in graph.files["codes"] if quad.predicate.value == SKOS + "prefLabel"}  # type: ignore[union-attr]
    assert described == {
        f"{PROGRAM.things}code/perimetre/hors-outre-mer",
        f"{PROGRAM.things}code/type-de-subdivision/pilier",
    }
    confirmed = [
        {"liste": "Périmètre", "mot": "hors outre-mer", "mot_en": "overseas excluded"},
        {"liste": "Word", "mot": "pilier", "definition": "Partie d'un contrat."},
    ]
    graph, findings = made(workbook(*figures, subdivisions=axes, listes=confirmed))
    assert findings == []
    (known,) = workbook(listes=[{"liste": "Statut", "mot": "signé"}]).findings
    assert (at(known.location), known.key, known.severity) == ("Listes!C5", "word-known", "warning")
    labels = {quad.object.value for quad in graph.files["codes"] if isinstance(quad.object, Literal)}
    assert {"overseas excluded", "“pilier” (in French)", "Partie d'un contrat."} <= labels


def test_of_the_pages_of_others_a_dozen_words_are_quoted() -> None:
    words = "La Région et l'État ont signé ce jour un contrat de 9 M€ pour la mer"
    _, (finding,) = made(workbook(row("total", "9 M€", citation=words)))
    assert (at(finding.location), finding.key, finding.severity) == ("Chiffres!M5", "quotation-long", "warning")
    titled = [{**MINIMAL["documents"][0], "titre": words}]
    assert made(workbook(documents=titled))[1] == [], "a title is quoted whole"
    text = f"Presse. CPER Occitanie, Région Occitanie, 2021-2027. {words}"
    copied = {f"{BASE}id/document/presse": DocumentText("", text.encode(), text, QuotableText(text))}
    assert made(workbook(row("total", "9 M€", citation=words)), copied)[1] == []


def test_a_region_and_bodies_are_those_of_the_table() -> None:
    """Nobody looks up numbers, and an old region or a valley is told, not refused."""
    book = workbook(
        contrat=[{**MINIMAL["contrat"][0], "region": "occitanie"}],
        etapes=[SIGNED],
        signataires=[
            *({"nom": each} for each in ("Région", "Département du Gers", "Département du Nord")),
            {"nom": "La métropole de Lille", "siren": "200 093 201"},
        ],
    )
    graph, findings = made(book)
    assert findings == []
    numbers = {each.object.value for each in graph.files["bodies"] if each.predicate.value == CPER + "siren"}  # type: ignore[union-attr]
    assert numbers == {"200053791", "223200015"}, "the data describe the others"
    other = {each.object.value for each in graph.files["bodies"] if each.predicate.value == SKOS + "altLabel"}  # type: ignore[union-attr]
    assert other == {"La métropole de Lille"}, "as the document calls it"
    labels = {each.object.value for each in graph.files["territories"] if isinstance(each.object, Literal)}
    assert "Occitanie" in labels
    assert prefilled_values("auvergne rhone alpes", None)["contrat"][0]["region"] == "Auvergne-Rhône-Alpes"
    _, (finding,) = made(workbook(contrat=[{**MINIMAL["contrat"][0], "region": "Vallée de la Seine"}]))
    assert (at(finding.location), finding.key, finding.severity) == ("Contrat!D5", "region-unknown", "warning")


def test_a_new_site_knows_who_signs_for_the_state_and_the_codes_of_departments() -> None:
    """Where no contract has described them: words that name the prefect name the State, and a department is matched by its code."""
    signing = [
        {"nom": "État", "sorte": "État", "citation": "le préfet de région", "lecture": WHY},
        {"nom": "Département du Gers", "sorte": "Département", "citation": "le Département du Gers"},
    ]
    graph = workbook(etapes=[SIGNED], signataires=signing).graph(ExistingEntities([]), {})
    stated = {(str(quad.subject), quad.predicate.value): quad for part in graph.files.values() for quad in part}
    offices = {
        quad.object.value
        for quad in graph.files["bodies"]
        if quad.predicate.value == SKOS + "hiddenLabel" and quad.subject == NamedNode(f"{BASE}id/organisme/etat")
    }
    assert "préfet de région" in offices
    assert stated[f"<{BASE}id/territoire/gers>", PREFIXES["igeo"] + "codeINSEE"].object.value == "32"

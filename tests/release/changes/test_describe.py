"""A change told: names of both releases in both languages, the statement of each fact, hostile texts shown as texts."""

from pathlib import Path

import pytest

from cper_lod.release.changes import describe as told
from cper_lod.release.changes.changelog import stream_changes
from cper_lod.release.changes.describe import ChangeDescriber, Row
from cper_lod.release.changes.text import describe, sentence, title
from tests.release.changes.trig_release import release_of_trig

FRAME = """
cper:Part rdfs:label "part"@fr, "share"@en .
:doc skos:prefLabel "Communiqué"@fr, "Press release"@en .
:e a cper:Enonce ; cper:atteste cper:valeur ; oa:exact "57,3% des crédits" ; prov:wasQuotedFrom :doc .
:f a cper:Enonce ; cper:atteste skos:notation ; oa:exact "autre chose" .
"""
SHARE = ':part a cper:Part ; skos:prefLabel "Part de l\'axe 2"@fr, "Share of axis 2"@en ; cper:enonce :e, :f ; '


def rows(folder: Path, before: str, after: str) -> list[Row]:
    return list(ChangeDescriber(release_of_trig(folder, FRAME + before), release_of_trig(folder, FRAME + after)).rows())


def test_a_corrected_fact_with_its_statement(tmp_path: Path) -> None:
    (row,) = rows(tmp_path, *(f'{SHARE} cper:valeur "{each}"^^cper:nombre .' for each in (57.3, 57.4)))
    assert sentence(row, "fr") == "« Part de l'axe 2 » passe de 57,3 à 57,4 (Communiqué)."
    assert sentence(row, "en") == "“Share of axis 2” changes from 57.3 to 57.4 (Press release)."
    supports = row["facts"][0]["new_statements"]
    assert [each["statement"] for each in supports] == ["http://e.org/e"], "the other one attests something else"


def test_a_withdrawn_fact_names_its_statement_and_a_statement_supports_itself(tmp_path: Path) -> None:
    statement = ':g a cper:Enonce ; oa:exact "mots" ; cper:atteste :p . :x cper:enonce :g ; :p 1 .'
    found = {row["thing"]: row for row in rows(tmp_path, statement, ":x :q 1 .")}
    assert found["http://e.org/g"]["change"] == "gone"
    assert [each["words"] for each in found["http://e.org/g"]["facts"][0]["old_statements"]] == ["mots"]
    withdrawn = [each for each in found["http://e.org/x"]["facts"] if each["property"] == "http://e.org/p"]
    assert withdrawn[0]["old_statements"][0]["words"] == "mots"
    assert withdrawn[0]["new_statements"] == []


def test_a_resource_with_many_changes_has_several_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(told, "MAX_FACTS_PER_ROW", 2)
    found = rows(tmp_path, "", ":x :p 1, 2, 3, 4, 5 .")
    assert [(len(row["facts"]), row.get("continued", False)) for row in found] == [(2, False), (2, True), (1, True)]
    assert title(found[1], "en") == "“http://e.org/x” is added (continued)"


IDS = '@base <https://w3id.org/cper-lod/id/> . cper:Montant rdfs:label "montant"@fr . '
PLAN = '<contrat/a> a cper:Contrat ; skos:prefLabel "Contrat A"@fr . <contrat/b> a cper:Contrat ; skos:prefLabel "Contrat B"@fr . '
AMOUNT = '<contrat/a/montant/x> a cper:Montant ; skos:prefLabel "Montant : {}"@fr, "Amount: {}"@en ; cper:valeurPubliee "{}"@fr ; '
AMOUNT += "cper:valeur {} ; cper:montantTotal {}.0 . "
NOTE = '<organisme/{}> skos:prefLabel "{}"@fr . '


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (
            PLAN + AMOUNT.format("X", "X", "40 M€", 40, 40),
            PLAN + AMOUNT.format("X", "X", "45 M€", 45, 45),
            ["Contrat A", "  « Montant : X » passe de « 40 M€ » à « 45 M€ »."],
        ),
        (
            PLAN + AMOUNT.format("X", "X", "40 M€", 40, 40),
            PLAN + AMOUNT.format("Mer", "Sea", "40 M€", 40, 41),
            ["Contrat A", "  « Montant : Mer » : skos:prefLabel : « Montant : X » devient « Montant : Mer »."],
        ),
        (
            PLAN + AMOUNT.format("X", "X", "40 M€", 40, 40),
            PLAN + AMOUNT.format("X", "X", "40 M€", 40, 41),
            ["En conséquence, ou en nombre : valeurs calculées (1)."],
        ),
        (
            PLAN.partition(" . ")[2] + NOTE.format("o", "O"),
            PLAN + AMOUNT.format("X", "X", "40 M€", 40, 40) + ":terme :p 1 .",
            [
                "« Contrat A » (cper:Contrat) s'ajoute.",
                "  Avec lui : montants et parts (1).",
                "Hors des contrats",
                "  « O » disparaît.",
                "En conséquence, ou en nombre : termes du programme (1).",
            ],
        ),
        (
            PLAN
            + "".join(f'<contrat/b/note/{n}> skos:note "1"@fr . ' for n in range(18))
            + "<contrat/a/signataire/s> a cper:Signataire ; :p 1 . <contrat/a/etape/e> a cper:Etape ; :p 1 .",
            PLAN
            + "<organisme/o> cper:siren 1 ."
            + "<contrat/a/signataire/s> a cper:Signataire ; :p 2 . <contrat/a/etape/e> a cper:Etape ; :p 2 .",
            [
                "Contrat A",
                "  « cper:Signataire (signataire/s) » : http://e.org/p : 1 devient 2.",
                "  « cper:Etape (etape/e) » : http://e.org/p : 1 devient 2.",
                "Hors des contrats",
                "  « https://w3id.org/cper-lod/id/organisme/o » s'ajoute.",
                "Contrat B",
                *["…"] * 15,
                "  et 3 autres.",
            ],
        ),
    ],
)
def test_the_most_important_first(tmp_path: Path, before: str, after: str, expected: list[str]) -> None:
    *found, _ = stream_changes(release_of_trig(tmp_path, IDS + before), release_of_trig(tmp_path, IDS + after))
    for line, words in zip(describe(found, "fr"), expected, strict=True):
        assert words in ("…", line)
    assert len([*describe(found, "en", None)]) >= len(found)

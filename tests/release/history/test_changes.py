"""Two releases compared, whatever the files are like; and in words: names in both languages, the document of each fact."""

from pathlib import Path

import pytest

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.release.history.changes import ChangesInWords, read_changes, write_changes
from cper_lod.release.history.comparison import ResourceChange, compare
from tests.release.history.trig_release import release_of_trig

FRAME = """
cper:Part rdfs:label "part"@fr, "share"@en .
:doc skos:prefLabel "Communiqué"@fr, "Press release"@en .
:e a cper:Enonce ; cper:atteste cper:valeur ; oa:exact "57,3% des crédits" ; prov:wasQuotedFrom :doc .
:f a cper:Enonce ; cper:atteste skos:notation ; oa:exact "autre chose" .
"""
SHARE = (
    '<contrat/x/part> a cper:Part ; skos:prefLabel "Part de l\'axe 2"@fr, "Share of axis 2"@en ; cper:enonce :e, :f ; '
)


def told(folder: Path, before: str, after: str, lang: Language = "fr") -> list[str]:
    found = ChangesInWords(release_of_trig(folder, IDS + FRAME + before), release_of_trig(folder, IDS + FRAME + after))
    return [*found.lines(lang)]


def test_a_corrected_fact_with_the_document_that_states_it(tmp_path: Path) -> None:
    states = [f'{SHARE} cper:valeur "{each}"^^xsd:decimal .' for each in (57.3, 57.4)]
    assert told(tmp_path, *states)[1:] == ["  « Part de l'axe 2 » passe de 57,3 à 57,4 (Communiqué)."]
    assert told(tmp_path, *states, lang="en")[1:] == ["  “Share of axis 2” changes from 57.3 to 57.4 (Press release)."]


def test_a_withdrawn_fact_names_the_document_that_stated_it(tmp_path: Path) -> None:
    (line,) = told(tmp_path, f'{SHARE} cper:valeur "57"^^xsd:decimal .', f"{SHARE} :p 1 .")[1:]
    assert line.endswith("disparaît, http://e.org/p : 1 s'ajoute (Communiqué).")


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
            PLAN + AMOUNT.format("X", "X", "40 M€", 40, 41) + "<contrat/a/montant/x> cper:enonce :e .",
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
                "  et 3 de plus.",
            ],
        ),
    ],
)
def test_the_most_important_first(tmp_path: Path, before: str, after: str, expected: list[str]) -> None:
    releases = (release_of_trig(tmp_path, IDS + before), release_of_trig(tmp_path, IDS + after))
    for line, words in zip(ChangesInWords(*releases).lines("fr"), expected, strict=True):
        assert words in ("…", line)
    found = ChangesInWords(*releases, whole=True)
    assert len([*found.lines("en")]) >= sum(found.summary["things"].values())


def test_stored_changes_equal_a_comparison(tmp_path: Path) -> None:
    before = release_of_trig(tmp_path, IDS + " ".join(f"<note/{n}> :p {n} ; :q 1 ." for n in range(7)))
    after = release_of_trig(tmp_path, IDS + " ".join(f"<note/{n}> :p {n * 2} ." for n in range(2, 9)))
    changed = list[tuple[bytes, int, int]]()
    write_changes(tmp_path, before, after, lambda resource, old, new: changed.append((resource, len(old), len(new))))
    stored, found = read_changes(tmp_path), ChangesInWords(before, after)
    assert stored == (found.summary, {lang: [*found.lines(lang)] for lang in LANGUAGES})
    assert found.summary["things"] == {"new": 2, "gone": 2, "changed": 5}
    assert found.summary["facts"] == {"added": 2, "withdrawn": 9, "corrected": 5}
    note = b"<https://w3id.org/cper-lod/id/note/%d>"
    numbers = [(2, 0)] * 2 + [(2, 1)] * 5 + [(0, 1)] * 2
    assert changed == [(note % n, *lines) for n, lines in enumerate(numbers)]


B_C = "<http://e.org/b> <http://e.org/c>"


def compared(folder: Path, before: str, after: str) -> list[ResourceChange]:
    return list(compare(release_of_trig(folder, before), release_of_trig(folder, after)))


def facts(folder: Path, before: str, after: str) -> list[tuple[str, str, str]]:
    changes = compared(folder, before, after)
    return [(fact.kind, fact.old, fact.new) for change in changes for fact in change.facts]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (':a :p "x"@fr, "y"@en .', ':a :p "x"@fr, "z"@en .', [("corrected", '"y"@en', '"z"@en')]),
        (
            ":a :p :b, :c .",
            ":a :p :b, :d .",
            [("added", "", "<http://e.org/d>"), ("withdrawn", "<http://e.org/c>", "")],
        ),
        (':a :p "1", "2" .', ':a :p "3" .', [("added", "", '"3"'), ("withdrawn", '"1"', ""), ("withdrawn", '"2"', "")]),
        (':a :p "1" .', ':a :q "1" .', [("withdrawn", '"1"', ""), ("added", "", '"1"')]),
        (
            ':a :p <<( :b :c "d" )>> .',
            ':a :p <<( :b :c "e" )>> .',
            [("corrected", f'<<( {B_C} "d" )>>', f'<<( {B_C} "e" )>>')],
        ),
    ],
)
def test_what_counts_as_a_correction(
    tmp_path: Path, before: str, after: str, expected: list[tuple[str, str, str]]
) -> None:
    assert facts(tmp_path, before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        (':a :p "<x>" .', ':a :p "<y>" . :g { :a :p "<y>" }', ["changed"]),
        (":g { :a :p 1 }", ":a :p 1 .", ["new"]),  # it was not published, only spoken of elsewhere
    ],
)
def test_the_default_graph_is_compared(tmp_path: Path, before: str, after: str, kinds: list[str]) -> None:
    assert [change.kind for change in compared(tmp_path, before, after)] == kinds

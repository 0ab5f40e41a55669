"""Import of files of subsidies, from the command line to the triples."""

import csv
import io
import json
import sys
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, Quad
from rdflib import Graph

from cper_lod.cli.main import main
from cper_lod.core.errors import table
from cper_lod.core.formats import RDF_XML
from cper_lod.core.namespaces import BASE, CPER, DCAT, FOAF, PREFIXES, RDF
from cper_lod.importing.subsidies import importer
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from tests.support.subsidies import CONTRACT, EXAMPLE, HEADER, ROW, RULES, Make

DQV = PREFIXES["dqv"]
AMOUNT = CPER + "montantAvantRepartition"
KEPT = Path("data", "subventions", CONTRACT)
"""The folder of the subsidies of the contract, below the sources."""


def run(place: Path, *words: object, contract: str = CONTRACT) -> Result:
    told = [*map(str, words), "--contract", contract, "--sources", str(place)]
    return CliRunner().invoke(main, ["import", "subventions", *told], env={"CPER_LOD_LANG": "en"})


def report(place: Path, *words: object) -> tuple[int, dict[str, Any]]:
    result = run(place, *words, "--format", "json")
    return result.exit_code, json.loads(result.stdout)[0]


def written(place: Path, name: str = "x") -> list[Quad]:
    return read(place / KEPT / f"{name}.nt")


def values(quads: list[Quad], predicate: str) -> list[str]:
    return sorted(str(getattr(quad.object, "value", "")) for quad in quads if quad.predicate.value == predicate)


def found(told: dict[str, Any]) -> set[tuple[str, int, str | None, str]]:
    return {(each["severity"], each["line"], each["column"], each["code"]) for each in told["findings"]}


@pytest.fixture(autouse=True)
def in_2032(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the day of the imports: the invented subsidies are of 2031."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1969660800")  # 1 June 2032


FAULTS = {
    "idAttribuant": ("00000001800011", "siret-key"),
    "dateConvention": ("31/04/2024", "date-unreadable"),
    "nomBeneficiaire": ("", "value-missing"),
    "idBeneficiaire": ("123", "siret-digits"),
    "rnaBeneficiaire": ("W1", "rna-form"),
    "objet": ("x" * 257, "value-too-long"),
    "montant": ("beaucoup", "amount-number"),
    "nature": ("en or", "nature-unknown"),
    "conditionsVersement": ("a\x1bb", "value-characters"),
    "datesPeriodeVersement": ("2024-02-01/2024-01-01", "period-order"),
    "idRAE": ("123456", "value-too-long"),
    "notificationUE": ("peut-être", "yes-or-no"),
    "pourcentageSubvention": ("2", "share-range"),
    "dispositifAide": ("a\u202eb", "value-characters"),
    "referenceDecision": ("\ufffd", "value-characters"),
    "nomAttribuant": (" \u00a0", "value-missing"),
}


def test_errors_of_each_column_have_a_location_a_message_and_a_remedy(place: Path, made: Make):
    assert set(FAULTS) == set(HEADER)
    path = made({"objet": "sans faute"}, *({column: cell} for column, (cell, _) in FAULTS.items()))
    code, told = report(place, path)
    assert (code, told["rows"], told["kept"], told["errors"]) == (1, 17, 1, 16)
    expected = {("error", line, column, fault) for line, (column, (_, fault)) in enumerate(FAULTS.items(), 3)}
    assert found(told) == expected
    for each in told["findings"]:
        assert all(each[kind][lang] for kind in ("messages", "remedies") for lang in ("fr", "en"))
        assert each["messages"]["fr"] != each["messages"]["en"]
        assert (each["value"] or "").isprintable()
    assert values(written(place), PREFIXES["dct"] + "description") == ["sans faute"]


def test_a_report_in_words_says_file_line_column_value_and_remedy(place: Path, made: Make):
    result = run(place, made({"montant": "1,234"}, {}), "--lang", "en")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:3] == [
        "ERROR x.csv, line 2, column montant",
        "  Value: 1,234",
        "  Finding: Three digits after a comma: thousands or decimals?"
        " To do: Write the number with a decimal point and no thousands separator.",
    ]
    assert result.stdout.endswith("sources/data/subventions/armorique-test-2030-2034/x.nt\n")
    french = run(place, made({"montant": "1,234"}), "--lang", "fr").stdout
    assert "ERREUR x.csv, ligne 2, colonne montant" in french
    assert french.endswith("Rien n'a été écrit.\n")


PERSONS = [
    *("M. Fictif Exemple", "Mme EXEMPLE", "Monsieur Exemple", "EXEMPLE Jean EI", "M EXEMPLE Jean", "Exemple (Mme Eva)"),
    *("Jean Exemple, entrepreneur individuel", "MADEMOISELLE EXEMPLE", "Auto-entrepreneur Exemple"),
]
BODIES = ["Notre-Dame (exemple)", "Mairie d'Exemple", "Eiffage exemple", "SARL M'Exemple", "Musée M exemple"]


def test_natural_persons_are_not_published(place: Path, made: Make):
    people = [{"nomBeneficiaire": name, "rnaBeneficiaire": ""} for name in PERSONS]
    others = [{"nomBeneficiaire": name, "rnaBeneficiaire": "", "objet": name} for name in BODIES]
    associations = [{"nomBeneficiaire": "Les amis de Monsieur Fabuleux", "objet": "a"}]
    unknown = [{"idBeneficiaire": "", "rnaBeneficiaire": "", "nomBeneficiaire": "Anonyme Exemple", "objet": "b"}]
    purpose = [{"objet": "bourse de Mme Exemple"}]
    code, told = report(place, made(*people, *others, *associations, *unknown, *purpose))
    assert (code, told["persons"], told["errors"]) == (1, len(PERSONS) + 1, 1)
    assert told["kept"] == len(BODIES) + 1
    text = (place / KEPT / "x.nt").read_text("utf-8")
    assert not [name for name in (*PERSONS, "Anonyme", "bourse") if name in text]
    assert ("error", 17, "idBeneficiaire", "beneficiary-unidentified") in found(told)
    assert not [each for each in told["findings"] if each["severity"] == "person" and each["value"]]


def test_what_became_of_the_rows_is_said_of_the_file(place: Path, made: Make):
    """Six counts, of which the first is the sum of the others; then rows by reason. No word comes from a cell."""
    person = {"nomBeneficiaire": "Mme SECRET Anne", "rnaBeneficiaire": "", "objet": "confidence"}
    two_faults = {"montant": "beaucoup", "nature": "en or", "objet": "confidence"}
    rows = [{}, {}, {"montant": "5"}, two_faults, two_faults | {"nature": ""}, person]
    code, told = report(place, made(*rows, {"objet": "ailleurs"}), "--rules", rules(place, ";*bancs*"))
    quads = written(place)
    assert (code, told["rows"]) == (1, 7)
    assert ("SECRET" in str(quads), "confidence" in str(quads), "beaucoup" in str(quads)) == (False, False, False)
    number = {quad.subject: quad.object for quad in quads if quad.predicate.value == DQV + "value"}
    counts = {each.value.partition("/compte/")[2]: int(found.value) for each, found in number.items()}
    rows_by_fate = {"lues": 7, "gardees": 1, "refusees": 3, "personnes": 1, "sans-regle": 1, "repetees": 1}
    by_reason = {"montant-amount-number": 2, "nature-nature-unknown": 1, "nature-value-missing": 1}
    assert counts == rows_by_fate | by_reason | {"ligne-row-contradicts": 1}
    assert [told[key] for key in ("kept", "refused", "persons", "not_attached", "repeated")] == [1, 3, 1, 1, 1]
    labels = {quad.object.value for quad in quads if quad.subject in number and quad.predicate.value.endswith("Label")}
    assert {"montant – Ce n'est pas un nombre.", "nature – The nature is not in the list."} <= labels


def rules(place: Path, patterns: str) -> Path:
    path = place / "rules.csv"
    path.write_text(f"dispositif;objet;subdivision;date;raison\n{patterns};axe/1;2031-01-15;Exemple\n", "utf-8")
    return path


DATES = {
    "2029-12-31": ("warning", "date-before-contract"),
    "2030-01-01": None,
    "2032-01-31": None,
    "2032-02-01": ("error", "date-after-file"),
    "2032-06-02": ("error", "date-future"),
    "2035-03-14": ("error", "date-future"),
}


def test_dates_to_come_are_refused_and_those_outside_the_contract_explained(place: Path, made: Make):
    path = made(*({"dateConvention": date, "referenceDecision": date} for date in DATES))
    code, told = report(place, path, "--date", "2032-01-31")
    assert (code, told["kept"], told["refused"]) == (1, 3, 3)
    expected = [(*each, date) for date, each in DATES.items() if each]
    assert sorted((each["severity"], each["code"], each["value"]) for each in told["findings"]) == sorted(expected)
    period = [quad for quad in written(place) if quad.subject.value == BASE + "id/fichier/x/periode"]
    assert values(period, DCAT + "startDate") + values(period, DCAT + "endDate") == ["2029-12-31", "2032-01-31"]
    _, told = report(place, path)
    assert (told["kept"], told["refused"]) == (4, 2), "without a date of the file, today is the limit"


def test_after_the_contract_a_row_is_kept_with_a_warning(place: Path, made: Make, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2100000000")  # 18 July 2036
    code, told = report(place, made({"dateConvention": "2035-01-01"}, {"dateConvention": "2034-12-31"}))
    assert (code, told["kept"]) == (0, 2)
    assert found(told) == {("warning", 2, "dateConvention", "date-after-contract")}


def test_a_natural_person_is_not_an_error(place: Path, made: Make):
    assert run(place, made({"nomBeneficiaire": "Mme EXEMPLE", "rnaBeneficiaire": ""}, {}), "--strict").exit_code == 0


@pytest.mark.parametrize(
    ("encoding", "separator", "said"),
    [
        ("utf-8", ",", "UTF-8"),
        ("utf-8-sig", ";", "UTF-8"),
        ("cp1252", ";", "Windows-1252"),
        ("cp1252", "\t", "Windows-1252"),
    ],
)
def test_every_file_format_gives_the_same_result(place: Path, made: Make, encoding: str, separator: str, said: str):
    row = {"montant": "12000,50" if separator == ";" else "12000.50", "dateConvention": "14/03/2031"}
    code, told = report(place, made(row, encoding=encoding, separator=separator))
    assert (code, told["encoding"], told["separator"], told["kept"]) == (0, said, separator, 1)
    quads = written(place)
    assert values(quads, AMOUNT) == ["12000.5"]
    assert values(quads, PREFIXES["dct"] + "date") == ["2031-03-14"]
    assert "Association fictive des écoles" in values(quads, FOAF + "name")
    assert ("warning", 2, "dateConvention", "french-date") in found(told)


def test_the_older_form_of_fourteen_columns(place: Path, made: Make):
    row = {"datesPeriodeVersement": "2031-04-01_2031-05-01"}
    code, told = report(place, made(row, rnaBeneficiaire="", dispositifAide=""))
    assert (code, told["kept"]) == (0, 1)
    assert found(told) == {
        ("warning", 1, "rnaBeneficiaire", "header-missing"),
        ("warning", 1, "dispositifAide", "header-missing"),
        ("warning", 2, "datesPeriodeVersement", "old-period"),
    }


def test_columns_in_another_order_or_spelling_are_warnings(place: Path, tmp_path: Path):
    names = {name: name.upper() for name in HEADER} | {"nomBeneficiaire": "Nom_Bénéficiaire", "objet": "objet "}
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(names[name] for name in reversed(HEADER)), "commentaire"])
        writer.writerow([*(ROW[name] for name in reversed(HEADER)), "=cmd|' /C calc'!A0"])
    code, told = report(place, tmp_path / "x.csv")
    assert (code, told["kept"]) == (0, 1)
    codes = Counter(each["code"] for each in told["findings"])
    assert codes == {"header-spelling": 15, "header-order": 1, "header-unknown": 1}
    assert "cmd" not in (place / KEPT / "x.nt").read_text("utf-8")


@pytest.mark.parametrize(
    ("header", "said"),
    [("a,b", "nomAttribuant"), (",".join([*HEADER, "montant"]), "montant"), ("Éé;" * 20, "idAttribuant")],
)
def test_a_file_without_the_columns_is_refused(place: Path, tmp_path: Path, header: str, said: str):
    (tmp_path / "x.csv").write_text(f"{header}\n1,2\n", "utf-8")
    result = run(place, tmp_path / "x.csv")
    assert result.exit_code == 2
    assert said in result.stderr
    assert not (place / "data" / "subventions").exists() or not list((place / "data" / "subventions").iterdir())


def test_a_duplicate_subsidy_is_kept_once(place: Path, made: Make):
    again = {"montant": "12000.5"}
    other = {"montant": "5", "nomBeneficiaire": "Nom d'une ligne refusée"}
    code, told = report(place, made({}, again, other, {"referenceDecision": "EXEMPLE-2"}, {}))
    assert (code, told["rows"], told["kept"]) == (1, 5, 2)
    assert [(each["code"], each["line"], each["value"]) for each in told["findings"]] == [
        ("row-contradicts", 4, "2"),
        ("row-again", 3, "2"),
        ("row-again", 6, "2"),
    ]
    assert values(written(place), AMOUNT) == ["12000.5", "12000.5"]
    assert "Association fictive des écoles" in values(written(place), FOAF + "name")
    assert "Nom d'une ligne refusée" not in str(written(place)), "nothing of a row that is refused"


def test_a_row_of_another_length_and_cells_with_line_breaks(place: Path, tmp_path: Path):
    cells = [ROW[name] for name in HEADER]
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerows(
            [HEADER, [*cells[:7], 'un "objet"\nsur deux lignes \\ fin', *cells[8:]], cells[:9], [*cells, "17"]]
        )
    code, told = report(place, tmp_path / "x.csv")
    assert (code, told["kept"]) == (1, 1)
    assert [(each["code"], each["line"], each["value"]) for each in told["findings"]] == [
        ("row-length", 4, "9 ≠ 16"),
        ("row-length", 5, "17 ≠ 16"),
    ]
    assert values(written(place), PREFIXES["dct"] + "description") == ['un "objet" sur deux lignes \\ fin']


def test_strict_refuses_and_keeps_what_was_there(place: Path, made: Make):
    assert run(place, made({})).exit_code == 0
    before = (place / KEPT / "x.nt").read_bytes()
    result = run(place, made({"objet": "autre"}, {"montant": ""}), "--strict")
    assert result.exit_code == 1
    assert "File refused (--strict)." in result.stderr
    assert "Nothing was written." in result.stdout
    assert (place / KEPT / "x.nt").read_bytes() == before
    assert len(list((place / KEPT).iterdir())) == 1


def test_a_dry_run_writes_nothing(place: Path):
    code, told = report(place, EXAMPLE, "--dry-run")
    assert (code, told["kept"], told["written"]) == (0, 6, None)
    assert not (place / "data" / "subventions").exists()


def test_the_same_file_gives_the_same_bytes_and_a_corrected_one_takes_its_place(place: Path, made: Make):
    path = place / KEPT / "x.nt"
    rows = [{"objet": f"Exemple {number}"} for number in range(50)]
    run(place, made(*rows))
    first = path.read_bytes()
    run(place, made(*rows))
    assert path.read_bytes() == first
    assert first == b"".join(sorted(first.splitlines(keepends=True)))
    run(place, made(*({**row, "montant": "7"} for row in reversed(rows))))
    subjects = {quad.subject for quad in written(place) if quad.predicate.value == AMOUNT}
    assert values(written(place), AMOUNT) == ["7"] * 50
    assert len(subjects) == 50
    assert all(str(subject).encode() in first for subject in subjects), "an amount that is corrected keeps its name"


def test_what_is_sorted_on_disk_is_what_is_sorted_in_memory(place: Path, made: Make, monkeypatch: pytest.MonkeyPatch):
    path = place / KEPT / "x.nt"
    file = made(*({"objet": f"Exemple {number}", "nomBeneficiaire": f"É {number % 7}"} for number in range(200)))
    run(place, file)
    whole = path.read_bytes()
    monkeypatch.setattr(importer, "SORTED_BYTES", 4000)
    monkeypatch.setattr(importer, "MAX_RECENT", 3)
    run(place, file)
    assert path.read_bytes() == whole


def test_many_errors_are_counted_and_a_few_are_shown(place: Path, made: Make):
    path = made(*({"montant": "x"} for _ in range(200)), {"montant": "y" * 90})
    code, told = report(place, path)
    assert (code, told["errors"], len(told["findings"])) == (1, 201, 10)
    assert {each["count"] for each in told["findings"]} == {201}
    assert "… and 191 more findings" in run(place, path, "--dry-run").stdout


def test_bodies_that_are_known_are_not_described_again(place: Path, made: Make):
    run(place, made({}, {"nomBeneficiaire": "ASSOCIATION FICTIVE", "objet": "autre"}), "--subdivision", "axe/3")
    quads = written(place)
    assert set(values(quads, CPER + "attribuant")) == {BASE + "id/organisme/region-fictive-armorique-test"}
    assert values(quads, CPER + "siren") == ["000000034"]
    assert values(quads, FOAF + "name") == ["ASSOCIATION FICTIVE", "Association fictive des écoles"]
    axes = set(values([quad for quad in quads if "/subvention/" in str(quad.subject)], CPER + "subdivision"))
    assert axes == {f"{BASE}id/contrat/{CONTRACT}/axe/3"}


ALONE = {"idBeneficiaire": "", "objet": "par son RNA seul"}
BOTH = {"objet": "par ses deux numéros"}
SIRET = {"rnaBeneficiaire": "", "objet": "par son SIRET seul"}


@pytest.mark.parametrize("rows", [*permutations((ALONE, BOTH, SIRET))])
def test_an_association_has_one_iri_whatever_number_a_row_gives(
    place: Path, made: Make, rows: tuple[dict[str, str], ...]
):
    assert run(place, made(*rows)).exit_code == 0
    quads = written(place)
    iri = f"{BASE}id/organisme/siren-{ROW['idBeneficiaire'][:9]}"
    assert values(quads, CPER + "beneficiaire") == [iri] * 3
    named = [
        quad for quad in quads if quad.predicate.value in (CPER + "rna", CPER + "siren") and quad.subject.value == iri
    ]
    assert {quad.object.value for quad in named} == {ROW["rnaBeneficiaire"], ROW["idBeneficiaire"][:9]}
    assert f"{BASE}id/organisme/rna-" not in str(quads)


@pytest.mark.parametrize("files", [(ALONE, BOTH, SIRET, BOTH), (BOTH, ALONE, SIRET, ALONE)], ids=["rna", "siren"])
def test_an_association_keeps_the_iri_that_another_file_gave_it(
    place: Path, made: Make, files: tuple[dict[str, str], ...]
):
    first, second, *more = files
    assert run(place, made(first, name="a.csv")).exit_code == 0
    (iri,) = set(values(written(place, "a"), CPER + "beneficiaire"))
    before = (place / KEPT / "a.nt").read_bytes()
    assert run(place, made(second, *more, name="b.csv")).exit_code == 0
    assert set(values(written(place, "b"), CPER + "beneficiaire")) == {iri}
    assert run(place, made(first, name="a.csv")).exit_code == 0
    assert (place / KEPT / "a.nt").read_bytes() == before


def test_an_rna_number_of_two_bodies_is_that_of_neither(place: Path, made: Make):
    other = {**BOTH, "idBeneficiaire": "00000004200010", "objet": "un autre"}
    assert run(place, made(ALONE, BOTH, other)).exit_code == 0
    found = {each.rpartition("/")[2] for each in values(written(place), CPER + "beneficiaire")}
    assert found == {f"rna-{ROW['rnaBeneficiaire']}", "siren-000000034", "siren-000000042"}


def test_provenance_is_recorded(place: Path, made: Make):
    told = ("--date", "31/01/2032", "--url", "https://exemple.invalid/x.csv?a=1", "--name", "Été 2031")
    assert run(place, made({}), *told).exit_code == 0
    quads = [quad for quad in written(place, "ete-2031") if quad.subject.value == BASE + "id/fichier/ete-2031"]
    assert values(quads, PREFIXES["dct"] + "date") == ["2032-01-31"]
    assert values(quads, PREFIXES["schema"] + "contentUrl") == ["https://exemple.invalid/x.csv?a=1"]
    assert values(quads, PREFIXES["dct"] + "identifier")[0].startswith("sha256:")


WRONG = {
    "contract": (["--contract", "inconnu"], "import-contract"),
    "subdivision": (["--subdivision", "axe/9"], "import-subdivision"),
    "date": (["--date", "hier"], "parameter-invalid"),
    "date to come": (["--date", "2032-06-02"], "parameter-invalid"),
    "url": (["--url", "javascript:alert(1)"], "parameter-invalid"),
    "url with blanks": (["--url", "https://exemple.invalid/a b"], "parameter-invalid"),
    "url with a password": (["--url", "https://a:b@exemple.invalid/"], "parameter-invalid"),
    "url without a host": (["--url", "https://[/"], "parameter-invalid"),
    "name": (["--name", "…"], "parameter-invalid"),
    "two of one name": ([str(EXAMPLE)], "parameter-invalid"),
    "subdivision and rules": (["--subdivision", "axe/1", "--rules", str(RULES)], "parameter-invalid"),
    "no rules there": (["--rules", "none.csv"], "source-missing"),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_command_line_says_so_and_writes_nothing(place: Path, fault: str):
    words, code = WRONG[fault]
    contract = {"contract": words[1]} if fault == "contract" else {}
    result = run(place, EXAMPLE, *([] if contract else words), **contract)
    assert result.exit_code == 2
    assert table()[code].words["en"].title in result.stderr
    assert result.stderr.startswith("Error: ")
    assert not (place / "data" / "subventions").exists()


RULE = "dispositif,objet,subdivision,date,raison\n"
BAD_RULES = {
    "columns": "a,b\n1,2\n",
    "no reason": RULE + "X,,axe/1,2031-01-01,\n",
    "no date": RULE + "X,,axe/1,,parce que\n",
    "date to come": RULE + "X,,axe/1,2032-06-02,parce que\n",
    "a cell too many": RULE + "X,,axe/1,2031-01-01,a,b\n",
    "too many": RULE + "X,,axe/1,2031-01-01,a\n" * 501,
}


@pytest.mark.parametrize("fault", BAD_RULES)
def test_a_rule_without_what_it_needs_is_refused(place: Path, tmp_path: Path, fault: str):
    (tmp_path / "r.csv").write_text(BAD_RULES[fault], "utf-8")
    result = run(place, EXAMPLE, "--rules", tmp_path / "r.csv")
    assert result.exit_code == 2
    assert "Unreadable attachment rule." in result.stderr


def test_a_name_that_a_file_of_another_contract_has_is_refused(place: Path, made: Make):
    other = place / "data" / "subventions" / "ailleurs-2030-2034" / "x.nt"
    other.parent.mkdir(parents=True)
    other.write_text("<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n", "utf-8")
    result = run(place, made({}))
    assert result.exit_code == 2
    assert "data/subventions/ailleurs-2030-2034/x.nt" in result.stderr
    assert not (place / KEPT).exists()
    assert run(place, made({}), "--name", "y").exit_code == 0
    assert other.exists()
    assert (place / KEPT / "y.nt").exists()


def test_a_folder_that_cannot_be_written_to(place: Path, made: Make):
    (place / "data" / "subventions").write_text("a file where a folder is wanted", "utf-8")
    result = run(place, made({}))
    assert result.exit_code == 2
    assert "subventions" in result.stderr
    assert "Traceback" not in result.stderr


def test_nothing_in_a_cell_breaks_a_form_or_an_iri(place: Path, made: Make):
    nasty = ["a<b>&c", '"> <http://x/> "', "\\u0000 \\n", "<script>alert(1)</script>", "=HYPERLINK()", "𝄞 é", "{}|^`"]
    rows = [dict.fromkeys(("objet", "referenceDecision", "dispositifAide", "nomBeneficiaire"), text) for text in nasty]
    code, told = report(place, made(*rows))
    assert (code, told["kept"]) == (0, len(nasty))
    quads = written(place)
    assert values(quads, PREFIXES["dct"] + "description") == sorted(nasty)
    Graph().parse(data=write(quads, RDF_XML).decode(), format="xml")
    named = {quad.subject.value for quad in quads}
    assert all(iri.isascii() and not set(iri) & set('<>"{}|\\^` ') for iri in named)
    assert not [quad for quad in quads if isinstance(quad.object, Literal) and not quad.object.value]
    assert {RDF + "type"} <= {quad.predicate.value for quad in quads}


def test_a_terminal_sees_a_bar(place: Path, made: Make, monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    words = ["import", "subventions", str(made({})), "--contract", CONTRACT, "--sources", str(place)]
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert "100%" in terminal.getvalue()


def test_the_sources_of_an_installed_package_are_not_written_to(place: Path, made: Make):
    packed = place.rename(place.with_name("_sources"))
    result = run(packed, made({}))
    assert result.exit_code == 2
    assert "go with its next version" in result.stderr
    assert run(packed, made({}), "--dry-run").exit_code == 0

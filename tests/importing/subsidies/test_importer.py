"""Import of files of subsidies, from the command line to the triples."""

import csv
import json
from collections import Counter
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pyoxigraph import Literal, Quad
from rdflib import Graph

from cper_lod.core.check_digits import is_siret
from cper_lod.core.errors import table
from cper_lod.core.formats import RDF_XML
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, DCAT, FOAF, PREFIXES, RDF, SUBV, expand
from cper_lod.importing.subsidies.attachment import data_files, find_contract
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from tests.importing.subsidies.example import CONTRACT, EXAMPLE, HEADER, ROW, RULES, Make
from tests.importing.workbooks import run as invoke
from tests.support.names import BASE
from tests.support.paths import ROOT

DQV = PREFIXES["dqv"]
AMOUNT = SUBV + "montantAttribue"
KEPT = Path("data", "subventions", CONTRACT)
"""The folder of the subsidies of the contract, below the sources."""


def run(place: Path, *words: object) -> Result:
    return invoke("import", "subventions", "--contract", CONTRACT, "--sources", place, *words, "--lang", "en")


def report(place: Path, *words: object) -> tuple[int, dict[str, Any]]:
    result = run(place, *words, "--format", "json")
    return result.exit_code, json.loads(result.stdout)[0]


def written(place: Path, name: str = "x") -> list[Quad]:
    return read(place / KEPT / f"{name}.nt", names=PROGRAM)


def values(quads: list[Quad], predicate: str) -> list[str]:
    return sorted(str(getattr(quad.object, "value", "")) for quad in quads if quad.predicate.value == predicate)


def found(told: dict[str, Any]) -> set[tuple[str, int, str | None, str]]:
    return {
        (each["severity"], line, each["column"], each["code"]) for each in told["findings"] for line in each["lines"]
    }


def siret(siren: str) -> str:
    """Return a SIRET of a body."""
    return next(number for key in range(10) if is_siret(number := f"{siren}0001{key}"))


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


NAMED = [
    *("M. Fictif Exemple", "Mme EXEMPLE", "Monsieur Exemple", "EXEMPLE Jean EI", "M EXEMPLE Jean", "Exemple (Mme Eva)"),
    *("Jean Exemple, entrepreneur individuel", "MADEMOISELLE EXEMPLE", "Auto-entrepreneur Exemple", "EIRL EXEMPLE"),
]
LIKELY = ["EXEMPLE Jean-Marc", "Hélène d'Exemple", "DE LA FICTION PAUL", "Exemple, Zoé"]
PERSONS = dict.fromkeys(NAMED, "person-named") | dict.fromkeys(LIKELY, "person-likely")
BODIES = [
    *("Notre-Dame (exemple)", "Mairie d'Exemple", "Eiffage exemple", "SARL M'Exemple", "Musée M exemple", "Paul"),
    *("Lycée Jean Exemple", "SAINT PAUL", "Les amis de Pierre", "PIERRE & FILS", "Exemple 2 Marc"),
]


def test_natural_persons_are_not_published(place: Path, made: Make):
    def named(name: str, **more: str) -> dict[str, str]:
        return {"nomBeneficiaire": name, "rnaBeneficiaire": "", **more}

    people, others = [named(name) for name in PERSONS], [named(name, objet=name) for name in BODIES]
    association = {"nomBeneficiaire": "Les amis de Monsieur Fabuleux", "objet": "a"}
    town = named("Fabuleux Jean", idBeneficiaire=siret("215903501"), objet="c")
    unknown = named("Anonyme Exemple", idBeneficiaire="", objet="b")
    columns = ("objet", "referenceDecision", "conditionsVersement", "dispositifAide", "nomAttribuant")
    elsewhere = [{column: "bourse de Mme Exemple"} for column in columns]
    code, told = report(place, made(*people, *others, association, town, unknown, *elsewhere))
    assert (code, told["persons"], told["errors"]) == (1, len(PERSONS) + len(columns), 1)
    assert told["kept"] == len(BODIES) + 2
    text = (place / KEPT / "x.nt").read_text("utf-8")
    assert not [name for name in (*PERSONS, "Anonyme", "bourse") if name in text]
    assert not [each for each in told["findings"] if each["severity"] == "person" and each["value"]]
    persons = Counter(
        each["code"] for each in told["findings"] for _ in range(each["count"]) if each["severity"] == "person"
    )
    assert persons == Counter([*PERSONS.values(), *["person-named"] * len(columns)])


def test_a_review_says_which_rows_may_be_published(place: Path, made: Make, tmp_path: Path):
    """The list is what was decided before and what is new; a spreadsheet may have saved it in its own encoding."""
    listed = tmp_path / "persons.csv"
    names = ("Hélène d'Exemple", "EXEMPLE Jean-Marc", "Mme EXEMPLE")
    rows = [
        {"nomBeneficiaire": name, "rnaBeneficiaire": "", "montant": "50000", "pourcentageSubvention": "0.4"}
        for name in names
    ]
    path = made(*rows, rows[0] | {"montant": "90000", "objet": "autre"})
    code, told = report(place, path, "--dry-run", "--persons", listed)
    assert (code, told["kept"], told["persons"], listed.stat().st_mode & 0o777) == (0, 0, 4, 0o600)
    header, *found = csv.reader(listed.read_text("utf-8-sig").splitlines(), delimiter=";")
    assert header[-1] == "Publish? (yes or no)"
    assert found[0] == ["x.csv", "2", "nomBeneficiaire", names[0], "000 000 034 00017", "20000.00", "no", ""]
    assert found[3][5:] == ["36000.00", "yes", ""]
    text = (
        listed.read_text("utf-8-sig")
        .replace(";no;", ";no;oui", 1)
        .replace("Mme EXEMPLE;000 000 034 00017", "Mme EXEMPLE;00000003400017")
    )
    listed.write_bytes(text.encode("cp1252"))
    code, told = report(place, path, "--persons", listed)
    assert (code, told["kept"], told["persons"]) == (0, 2, 2)
    assert {each["code"]: each["count"] for each in told["findings"]} == {
        "person-reviewed": 2,
        "person-likely": 1,
        "person-named": 1,
    }
    assert set(values(written(place), FOAF + "name")) == {names[0]}
    run(place, made({}, name="y.csv"), "--persons", listed)
    assert names[0] in listed.read_text("utf-8-sig"), "what was decided about another file stays"
    (tmp_path / "other.csv").write_text("a;b\n1;2\n", "utf-8")
    assert "Unreadable list of persons." in run(place, path, "--persons", tmp_path / "other.csv").stderr
    listed.write_text(listed.read_text("utf-8-sig").replace("oui", "peut-être"), "utf-8")
    assert "line 2" in run(place, path, "--persons", listed).stderr


def test_who_may_be_published_says_nothing_of_another_person_of_the_row(place: Path, made: Make, tmp_path: Path):
    listed = tmp_path / "persons.csv"
    row = {"nomBeneficiaire": "Mme EXEMPLE", "rnaBeneficiaire": ""}
    path = made(row, row | {"objet": "bourse de M. Fabuleux"})
    report(place, path, "--dry-run", "--persons", listed)
    text = listed.read_text("utf-8-sig")
    assert text.count(";no;") == 3
    listed.write_text(text.replace(";no;", ";no;oui", 1), "utf-8")
    code, told = report(place, path, "--persons", listed)
    assert (code, told["kept"], told["persons"]) == (0, 1, 1)
    assert "Fabuleux" not in (place / KEPT / "x.nt").read_text("utf-8")


def test_what_became_of_the_rows_is_said_of_the_file(place: Path, made: Make):
    """Six counts, of which the first is the sum of the others; then rows by reason. No word comes from a cell."""
    person = {"nomBeneficiaire": "Mme SECRET Anne", "rnaBeneficiaire": "", "objet": "bancs : confidence"}
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


BRITTANY = {"nomAttribuant": "Région Bretagne", "idAttribuant": siret("233500016")}
OTHER_NAME = {"nomBeneficiaire": "Ville de Roubaix", "idBeneficiaire": siret("215903501"), "rnaBeneficiaire": ""}
LINE = ",".join(f'"{ROW[name]}"' for name in HEADER)
TITLES = ",".join(HEADER)
MISTAKES: dict[str, tuple[dict[str, str] | str, str]] = {
    "other schema": ("nom;siret;montant\nX;1;2\n", "import-columns"),
    "two columns of a name": (f"{TITLES},montant\n{LINE},1\n", "import-columns"),
    "title only": (f"{TITLES}\n", ""),
    "row cut short": (f"{TITLES}\n{LINE.rpartition(',')[0]}\n", "row-length"),
    "totals": (f'{TITLES}\n{LINE}\n"TOTAL",,,,,,,,12000.50,,,,,,,\n', "row-total"),
    "a zero": ({"montant": "0,00"}, "amount-zero"),
    "an amount in French": ({"montant": "12 000,50 €"}, ""),
    "another region": (BRITTANY, "grantor-elsewhere"),
    "another body's SIREN": (OTHER_NAME, "siren-of"),
}
"""What an officer does: other cells of a row, or the file; the code of the problem or of the finding."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_an_officer_is_told(fictitious: Path, made: Make, tmp_path: Path, mistake: str):
    content, code = MISTAKES[mistake]
    if isinstance(content, dict):
        path = made(content)
    else:
        path = tmp_path / "x.csv"
        path.write_text(content, "utf-8")
    result = run(fictitious, path, "--dry-run", "--format", "json")
    if result.exit_code == 2:
        assert table()[code].words["en"].title in result.stderr
    else:
        told = json.loads(result.stdout)[0]
        assert {each["code"] for each in told["findings"]} == ({code} if code else set())
        assert result.exit_code == int(told["errors"] > 0)


def test_grants_of_another_territory_are_kept_when_confirmed(place: Path, made: Make):
    """The reason is told either way; a signatory, an authority of the region, and what no table has need no flag."""
    path = made(BRITTANY, BRITTANY | {"objet": "autre"}, {})
    assert report(place, path)[1]["kept"] == 1
    code, told = report(place, path, "--other-grantors")
    assert (code, told["kept"]) == (0, 3)
    (finding,) = told["findings"]
    assert (finding["severity"], finding["code"], finding["lines"]) == ("warning", "grantor-elsewhere", [2, 3])
    contract = find_contract(data_files(ROOT), "bretagne-2021-2027", PROGRAM)
    authorities = {
        "233500016": "signed it",
        "222900011": "Finistère",
        "213502388": "Rennes",
        "385290309": "no authority",
    }
    assert not [siren for siren in authorities if contract.grantor_is_elsewhere(siren)]
    assert contract.grantor_is_elsewhere("225900018"), "Nord"


def test_two_names_of_a_number_and_two_spellings_are_told(place: Path, made: Make):
    names = ("Club fictif", "CLUB FICTIF", "Mairie fictive")
    code, told = report(place, made(*({"nomBeneficiaire": name, "objet": name} for name in names)))
    assert (code, told["kept"]) == (0, 3)
    assert {(each["code"], each["lines"][0], each["value"]) for each in told["findings"]} == {
        ("two-spellings", 2, "000000034 : CLUB FICTIF ≠ Club fictif"),
        ("two-names", 4, "000000034 : CLUB FICTIF ≠ Mairie fictive"),
    }


DATES = {
    "2029-12-31": ("warning", "date-before-contract"),
    "2030-01-01": None,
    "2034-12-31": None,
    "2035-01-01": ("warning", "date-after-contract"),
    "2036-02-01": ("error", "date-after-file"),
    "2036-07-19": ("error", "date-future"),
}


def test_dates_to_come_are_refused_and_those_outside_the_contract_explained(
    place: Path, made: Make, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2100000000")  # 18 July 2036
    path = made(*({"dateConvention": date, "referenceDecision": date} for date in DATES))
    code, told = report(place, path, "--date", "2036-01-31")
    assert (code, told["kept"], told["refused"]) == (1, 4, 2)
    expected = [(*each, date) for date, each in DATES.items() if each]
    assert sorted((each["severity"], each["code"], each["value"]) for each in told["findings"]) == sorted(expected)
    period = [quad for quad in written(place) if quad.subject.value == BASE + "id/fichier/x/periode"]
    assert values(period, DCAT + "startDate") + values(period, DCAT + "endDate") == ["2029-12-31", "2035-01-01"]
    assert report(place, path)[1]["kept"] == 5, "without a date of the file, today is the limit"


def test_columns_in_another_order_or_spelling_are_known_and_two_may_lack(place: Path, tmp_path: Path):
    """The older form has fourteen columns, and another mark between the days of a period."""
    columns = [name for name in reversed(HEADER) if name not in ("rnaBeneficiaire", "dispositifAide")]
    names = {name: name.upper() for name in HEADER} | {"nomBeneficiaire": "Nom_Bénéficiaire", "objet": "objet "}
    row = ROW | {"datesPeriodeVersement": "2031-04-01_2031-05-01"}
    with (tmp_path / "x.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*(names[name] for name in columns), "commentaire"])
        writer.writerow([*(row[name] for name in columns), "=cmd|' /C calc'!A0"])
    code, told = report(place, tmp_path / "x.csv")
    assert (code, told["kept"], [each["code"] for each in told["findings"]]) == (0, 1, ["header-unknown"])
    assert "cmd" not in (place / KEPT / "x.nt").read_text("utf-8")


def test_a_duplicate_subsidy_is_kept_once(place: Path, made: Make):
    again = {"montant": "12000.5"}
    other = {"montant": "5", "nomBeneficiaire": "Nom d'une ligne refusée"}
    code, told = report(place, made({}, again, other, {"referenceDecision": "EXEMPLE-2"}, {}))
    assert (code, told["rows"], told["kept"]) == (1, 5, 2)
    assert [(each["code"], each["lines"], each["value"], each["count"]) for each in told["findings"]] == [
        ("row-contradicts", [4], "2", 1),
        ("row-again", [3, 6], "2", 2),
    ]
    assert values(written(place), AMOUNT) == ["12000.5", "12000.5"]
    assert "Association fictive des écoles" in values(written(place), FOAF + "name")
    assert "Nom d'une ligne refusée" not in str(written(place)), "nothing of a row that is refused"


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
    assert all(f"<{PROGRAM.relative(subject.value)}>".encode() in first for subject in subjects), (
        "an amount that is corrected keeps its name"
    )


def test_many_errors_are_counted_a_few_are_shown_and_a_file_has_all(place: Path, made: Make, tmp_path: Path):
    path = made(*({"montant": "x"} for _ in range(200)), *({"montant": "y" * number} for number in range(1, 15)))
    code, told = report(place, path)
    assert (code, told["errors"]) == (1, 214)
    assert [each["count"] for each in told["findings"]] == [200, *[1] * 9]
    assert told["findings"][0]["lines"] == [*range(2, 12)]
    text = run(place, path, "--dry-run", "--findings", tmp_path / "all.csv").stdout
    assert "x.csv, lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 (200 in all), column montant" in text
    assert f"All findings (214): {tmp_path / 'all.csv'}" in text
    _, *rows = csv.reader((tmp_path / "all.csv").read_text("utf-8-sig").splitlines(), delimiter=";")
    assert rows[-1][:7] == ["ERROR", "amount-number", "x.csv", "", "215", "montant", "y" * 14]
    assert len(rows) == 214


def test_bodies_that_are_known_are_not_described_again(place: Path, made: Make):
    run(place, made({}, {"nomBeneficiaire": "ASSOCIATION FICTIVE", "objet": "autre"}), "--subdivision", "axe/3")
    quads = written(place)
    assert set(values(quads, SUBV + "attribuant")) == {BASE + "id/organisme/region-fictive-armorique-test"}
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
    assert values(quads, SUBV + "beneficiaire") == [iri] * 3
    named = [values(quads, each) for each in expand("subv:rna cper:siren")]
    assert named == [[ROW["rnaBeneficiaire"]], [ROW["idBeneficiaire"][:9]]]
    assert f"{BASE}id/organisme/rna-" not in str(quads)


def test_an_rna_number_of_two_bodies_is_that_of_neither(place: Path, made: Make):
    other = {**BOTH, "idBeneficiaire": "00000004200010", "objet": "un autre"}
    assert run(place, made(ALONE, BOTH, other)).exit_code == 0
    found = {each.rpartition("/")[2] for each in values(written(place), SUBV + "beneficiaire")}
    assert found == {f"rna-{ROW['rnaBeneficiaire']}", "siren-000000034", "siren-000000042"}


WRONG = {
    "contract": (["--contract", "inconnu"], "import-contract"),
    "subdivision": (["--subdivision", "axe/9"], "import-subdivision"),
    "date to come": (["--date", "2032-06-02"], "parameter-invalid"),
    "url": (["--url", "javascript:alert(1)"], "parameter-invalid"),
    "url with a password": (["--url", "https://a:b@exemple.invalid/"], "parameter-invalid"),
    "name": (["--name", "…"], "parameter-invalid"),
    "two of one name": ([str(EXAMPLE)], "parameter-invalid"),
    "subdivision and rules": (["--subdivision", "axe/1", "--rules", str(RULES)], "parameter-invalid"),
    "no rules there": (["--rules", "none.csv"], "source-missing"),
}


RULE = "dispositif,objet,subdivision,date,raison\n"
BAD_RULES = {
    "columns": "a,b\n1,2\n",
    "no reason": RULE + "X,,axe/1,2031-01-01,\n",
    "no date": RULE + "X,,axe/1,,parce que\n",
    "a day to come": RULE + "X,,axe/1,2032-06-02,parce que\n",
    "a cell too many": RULE + "X,,axe/1,2031-01-01,a,b\n",
    "too many": RULE + "X,,axe/1,2031-01-01,a\n" * 501,
}


@pytest.mark.parametrize("fault", [*WRONG, *BAD_RULES])
def test_a_wrong_command_line_or_rule_is_told_and_nothing_is_written(place: Path, tmp_path: Path, fault: str):
    (tmp_path / "r.csv").write_text(BAD_RULES.get(fault, ""), "utf-8")
    words, code = WRONG.get(fault, (["--rules", str(tmp_path / "r.csv")], "import-rules"))
    result = run(place, EXAMPLE, *words)
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert table()[code].words["en"].title in result.stderr
    assert not (place / "data" / "subventions").exists()


def test_a_name_that_a_file_of_another_contract_has_is_refused(place: Path, made: Make):
    other = place / "data" / "subventions" / "ailleurs-2030-2034" / "x.nt"
    other.parent.mkdir(parents=True)
    other.write_text("<http://e.org/a> <http://e.org/p> <http://e.org/b> .\n", "utf-8")
    result = run(place, made({}))
    assert result.exit_code == 2
    assert "data/subventions/ailleurs-2030-2034/x.nt" in result.stderr
    assert not (place / KEPT).exists()
    assert run(place, made({}), "--name", "Été 2031").exit_code == 0
    assert other.exists()
    assert (place / KEPT / "ete-2031.nt").exists()


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

"""The sealed tables: which there are, what is said of them, and that other programs read them as we mean them."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, XSD
from cper_lod.release.release import DUMP, Release
from cper_lod.release.tables import csv as sealed_tables
from cper_lod.release.tables.csv import CsvTable
from cper_lod.release.tables.metadata import METADATA, PACKAGE, SCHEMA, TableLabels, csvw_metadata, write_data_package
from cper_lod.release.tables.rows import NameCache, column_headings, table_rows
from tests.support.web import ID

E = "http://e.org/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def package(release: Release) -> dict[str, Any]:
    return dict(json.loads((release.folder / DUMP / PACKAGE).read_bytes()))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def odd(release_of: Callable[[str], Release]) -> Release:
    """A release of data with every kind of column, one thing of which has what no other has."""
    kinds = {
        "whole": ('"1"^^<{x}integer>', '"-2"^^<{x}integer>'),
        "decimal": ('"1"^^<{x}integer>', '"2.5"^^<{x}decimal>'),
        "float": ('"1.5"^^<{x}decimal>', '"1E3"^^<{x}double>'),
        "day": ('"2023-01-09"^^<{x}date>', '"2023-01-10"^^<{x}date>'),
        "truth": ('"true"^^<{x}boolean>', '"false"^^<{x}boolean>'),
        "mixed": ('"1"^^<{x}integer>', '"2023-01-09"^^<{x}date>'),
        "wrong": ('"1"^^<{x}integer>', '"one"^^<{x}integer>'),
        "year": ('"2021"^^<{x}gYear>', '"2022"^^<{x}gYear>'),
        "to": (f"<{E}t/2>", f"<{E}t/1>"),
        "accent": (f"<{E}é>", f"<{E}è>"),
    }
    lines = [f"<{E}t/{number}> {TYPE} <{CPER}Axe> ." for number in (1, 2, 10)]
    for name, values in kinds.items():
        lines += [f"<{E}t/{n}> <{E}{name}> {each.format(x=XSD)} ." for n, each in enumerate(values, 1)]
    lines += [f'<{E}t/1> <{E}two> "a" .', f'<{E}t/1> <{E}two> "b" .', f'<{E}t/1> <{E}formula> "=1+1" .']
    lines += [f"<{E}t/1> <{E}far> <{E}x/{number:02}> ." for number in range(30)]
    lines += [f'<{E}t/1> <{E}a-b> "x" .', f'<{E}t/1> <{E}a_b> "y" .']
    return release_of("\n".join(lines))


@pytest.fixture(scope="module")
def axes(odd: Release, tmp_path_factory: pytest.TempPathFactory) -> CsvTable:
    (only,) = sealed_tables.write_tables(odd, tmp_path_factory.mktemp("tables"), {})
    return only


@pytest.mark.parametrize("most", [10_000, 0])
def test_things_of_a_contract_have_a_table_of_their_own(
    odd: Release, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A table of few things has the properties that these have; one too long to be kept in memory has all."""
    monkeypatch.setattr(sealed_tables, "MOST_TRACKED", most)
    lines = [f"<{E}t/{number}> {TYPE} <{CPER}Axe> ." for number in (10, 1)]  # sorted as lines
    for name, held in {
        "a.nt": lines,
        "b.nt": [f"<{E}t/10> {TYPE} <{CPER}Axe> .", f"<{E}z> {TYPE} <{CPER}Part> ."],
    }.items():
        (tmp_path / name).write_text("\n".join([*held, ""]), "utf-8")
    contracts = {"nul-2030": [], "petit-2030": [tmp_path / "a.nt", tmp_path / "b.nt"]}
    rest, own = sealed_tables.write_tables(odd, tmp_path, contracts)
    assert [(each.name, each.contract, each.rows) for each in (rest, own)] == [
        ("axe", "", 1),
        ("axe-petit-2030", "petit-2030", 2),
    ]
    assert [row["iri"] for row in table(rest.path)] == [f"{E}t/2"]
    assert {row["iri"] for row in table(own.path)} == {f"{E}t/1", f"{E}t/10"}
    assert (f"{E}two" in table(rest.path)[0]) is (most == 0), "only t/1 has it"
    assert {row["iri"]: row[f"{E}two"] for row in table(own.path)}[f"{E}t/1"] == "a | b"


def test_every_class_of_ours_has_a_table(release: Release):
    named = {each["name"] for each in package(release)["resources"]}
    ours = {each.slug for each in release.listing.classes if each.iri.startswith(CPER) and each.count}
    # The datasets of a contract that the catalogue does not state have tables of their own.
    contracts = sorted(iri.rpartition("/")[2] for iri in release.listing.things(CPER + "Contrat"))
    classes = {
        next((name.removesuffix(f"-{slug}") for slug in contracts if name.endswith(f"-{slug}")), name) for name in named
    }
    assert classes == ours | {"org-formal-organization", "geo-feature"}
    assert len(named) > 12
    for name in named:
        for end in (".csv", SCHEMA, METADATA):
            assert f"{DUMP}/{name}{end}" in release.manifest["files"]


def test_a_package_says_whose_it_is_and_what_is_in_it(release: Release):
    told = package(release)
    assert told["title"].startswith("Contrats de plan")
    assert "State-Region plan contracts" in told["description"]
    assert told["licenses"] == [{"path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}]
    assert any("9 janvier 2023" in each["title"] for each in told["sources"])
    for each in told["resources"]:
        known = release.manifest["files"][f"{DUMP}/{each['path']}"]
        assert (each["bytes"], each["hash"]) == (known["bytes"], f"sha256:{known['sha256']}")
        assert each["description"]
        heads = (release.folder / DUMP / each["path"]).read_text("utf-8").partition("\n")[0]
        assert next(csv.reader([heads])) == [field["name"] for field in each["schema"]["fields"]]


def test_columns_have_types_names_and_keys(release: Release):
    told = {each["name"]: each["schema"] for each in package(release)["resources"]}
    fields = {each["name"]: each for each in told["montant"]["fields"]}
    assert fields["iri"]["constraints"] == {"required": True, "unique": True}
    assert {fields[f"cper:{name}"]["type"] for name in ("montantTotal", "montantParFinanceur", "valeur")} == {"number"}
    assert fields["cper:valeurPubliee@fr"]["type"] == "string"
    assert fields["cper:financeur/iri"]["format"] == "uri"
    assert fields["cper:financeur/label_fr"]["title"].endswith(": nom (en français)")
    assert " / " in fields["cper:financeur/iri"]["description"]
    keys = {
        name: {each["fields"][0]: each["reference"] for each in told[name]["foreignKeys"]}
        for name in ("part", "subdivision")
    }
    assert keys["part"]["cper:subdivision/iri"]["resource"] == "subdivision"
    assert keys["subdivision"]["skos:inScheme/iri"] == {"resource": "decoupage", "fields": ["iri"]}


def test_each_measure_has_a_column_whose_sum_is_right_and_values_to_be_read_are_plain(release: Release):
    amounts = table(release.folder / DUMP / "montant.csv")
    sums = {
        name: sum(Decimal(row[f"cper:{name}"] or 0) for row in amounts)
        for name in ("montantTotal", "montantParFinanceur")
    }
    assert sums == {"montantTotal": 2_700_000_000, "montantParFinanceur": 2_757_000_000}
    told = {row["iri"].rpartition("/")[2]: row for row in amounts}
    assert (told["etat"]["cper:valeur"], told["etat"]["cper:valeurPubliee@fr"]) == ("994000000", "994 M€")
    shares = {row["iri"].rpartition("/")[2]: row for row in table(release.folder / DUMP / "part.csv")}
    assert (shares["axe-2"]["cper:pas"], shares["axe-6"]["cper:valeur"]) == ("0.1", "")
    # A number in a table would become a triple that adds up.
    columns = json.loads((release.folder / DUMP / f"montant{METADATA}").read_bytes())["tableSchema"]["columns"]
    assert next(each for each in columns if each.get("titles") == "cper:valeur")["suppressOutput"]


def test_kinds_of_columns(axes: CsvTable):
    seen = {each.heading.name.removeprefix(E): each for each in axes.columns}
    assert axes.rows == 3
    assert {name: (seen[name].kind, seen[name].multivalued) for name in seen if not name.startswith("label_")} == {
        **dict.fromkeys(("iri", "to/iri"), ("uri", False)),
        "whole": ("integer", False),
        "decimal": ("number", False),
        "float": ("float", False),
        "day": ("date", False),
        "truth": ("boolean", False),
        **dict.fromkeys(("mixed", "wrong", "year", "formula", "accent/iri", "a-b", "a_b"), ("string", False)),
        **dict.fromkeys(("two", "far/iri"), ("string", True)),
    }
    assert seen["to/iri"].targets == {f"{E}t/1", f"{E}t/2"}


def test_metadata_of_odd_columns(odd: Release, axes: CsvTable):
    told = {each.get("titles", ""): each for each in csvw_metadata(axes, TableLabels(odd))["tableSchema"]["columns"]}
    assert told[f"{E}two"]["separator"] == " | "
    assert told[f"{E}to/iri"]["valueUrl"] == "{+http_e_org_to_iri}"
    assert "valueUrl" not in told[f"{E}far/iri"]
    # A reader of CSV on the Web would make texts of several addresses, and a value of what stands for more of them.
    assert told[f"{E}far/iri"]["suppressOutput"]
    assert "suppressOutput" not in told[f"{E}two"]
    assert told[f"{E}a-b"]["name"] != told[f"{E}a_b"]["name"]
    assert told[f"{E}float"]["datatype"] == "double"


def test_a_value_that_contains_the_separator_is_not_split(odd: Release, axes: CsvTable):
    columns = deepcopy(axes.columns)
    next(each for each in columns if each.heading.name == f"{E}two").add((Literal("one | and the same"),))
    told = csvw_metadata(replace(axes, columns=columns), TableLabels(odd))["tableSchema"]["columns"]
    assert next(each for each in told if each.get("titles") == f"{E}two")["suppressOutput"]


def test_texts_keep_their_datatypes(release: Release):
    found = {}
    for name in ("document", "geo-feature", "org-formal-organization"):
        columns = json.loads((release.folder / DUMP / f"{name}{METADATA}").read_bytes())["tableSchema"]["columns"]
        found |= {each["titles"]: each["datatype"] for each in columns if "titles" in each}
    assert found["dct:issued"] == "date"
    assert found["cper:siren"] == "string"
    assert found["dcat:bbox"]["base"] == "string"
    assert found["dcat:bbox"]["@id"].endswith("#wktLiteral")


def test_rows_are_in_natural_order_and_formulas_are_unchanged(axes: CsvTable):
    found = table(axes.path)
    assert [each["iri"] for each in found] == [f"{E}t/1", f"{E}t/2", f"{E}t/10"]
    assert found[0][f"{E}formula"] == "=1+1"


def test_triples_come_back_from_the_csv_by_its_metadata(release: Release):
    """CSV on the Web (csv2rdf): what the table of shares says stands in the data."""
    folder = release.folder / DUMP
    told = json.loads((folder / f"part{METADATA}").read_bytes())
    assert told["url"] == "part.csv"
    known = {str(quad).partition(" <https://w3id.org/cper-lod/graph")[0] for quad in _quads(release)}
    looked_at = 0
    for row in table(folder / "part.csv"):
        for column in told["tableSchema"]["columns"]:
            if "propertyUrl" not in column or column.get("virtual") or column.get("suppressOutput"):
                continue
            if column["titles"].startswith("label_"):
                continue
            cell = row[column["titles"]]
            for value in filter(None, cell.split(column["separator"]) if "separator" in column else [cell]):
                uri = column.get("valueUrl") == f"{{+{column['name']}}}"
                node = NamedNode(value) if uri else typed(value, column)
                assert f"<{row['iri']}> <{column['propertyUrl']}> {node}" in known
                looked_at += 1
    assert looked_at > 30


def typed(value: str, column: dict[str, Any]) -> Literal:
    if "lang" in column:
        return Literal(value, language=column["lang"])
    return Literal(value, datatype=NamedNode(XSD + column["datatype"]))


def _quads(release: Release) -> list[str]:
    return [line.decode().removesuffix(" .") for line in release.lines() if line.startswith(f"<{ID}/".encode())]


def test_the_name_cache_is_bounded(release: Release, monkeypatch: pytest.MonkeyPatch):
    cls = release.listing.called("signataire")
    assert cls
    iris = list(release.listing.things(cls.iri))
    whole = list(table_rows(release, cls, iris, NameCache(release)))
    monkeypatch.setattr(NameCache, "MAX_CACHED", 2)
    assert list(table_rows(release, cls, iris, NameCache(release))) == whole
    fewer = list(table_rows(release, cls, iris, NameCache(release, limit=1)))
    assert fewer != whole
    assert [row[0] for row in fewer] == iris
    assert len(column_headings(cls)) == len(whole[0])


def test_no_foreign_key_to_a_table_that_is_too_long(release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealed_tables, "MOST_TRACKED", 3)
    write_data_package(release, tmp_path)
    told = {each["name"]: each for each in json.loads((tmp_path / PACKAGE).read_bytes())["resources"]}
    assert len(table(tmp_path / "signataire.csv")) == release.listing.instance_counts()[CPER + "Signataire"] > 3
    named = {key["reference"]["resource"] for each in told.values() for key in each["schema"].get("foreignKeys", ())}
    assert "avenant" in named
    assert "part" not in named


def test_data_served_as_given_have_no_sealed_table(odd: Release):
    assert not [name for name in odd.manifest["files"] if name.endswith((".csv", PACKAGE))]


def frictionless(path: Path) -> "subprocess.CompletedProcess[str]":
    command = [Path(sys.executable).parent / "frictionless", "validate", path.name]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_frictionless_agrees(release: Release):
    done = frictionless(release.folder / DUMP / PACKAGE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("VALID") == len(package(release)["resources"])
    done = frictionless(release.folder / DUMP / f"montant{SCHEMA}")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "found"),
    [
        ("part.csv", "57.3", "57,3", "hash-count"),
        ("part.csv", "/axe/4,", "/axe/9,", "foreign-key"),
        ("part.csv", "/part/axe-6,", "/part/axe-5,", "primary-key"),
        ("part.csv", "cper:partParSubdivision", "cper:partParAxe", "incorrect-label"),
    ],
)
def test_frictionless_finds_what_is_spoilt(release: Release, tmp_path: Path, name: str, old: str, new: str, found: str):
    folder = Path(shutil.copytree(release.folder / DUMP, tmp_path / "dump"))
    body = (folder / name).read_bytes()
    assert old.encode() in body
    (folder / name).write_bytes(body.replace(old.encode(), new.encode()))
    if found != "hash-count":  # it looks no further where the bytes are others
        told = json.loads((folder / PACKAGE).read_bytes())
        for each in told["resources"]:
            del each["hash"], each["bytes"]
        (folder / PACKAGE).write_text(json.dumps(told), "utf-8")
    done = frictionless(folder / PACKAGE)
    assert done.returncode == 1
    assert found in done.stdout

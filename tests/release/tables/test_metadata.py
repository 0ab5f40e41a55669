"""The tables as files: which there are, what is said of them, and that other programs read them as we mean them."""

import csv
import gzip
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.i18n import translate
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, VOCABULARIES, XSD
from cper_lod.release.release import DUMP, Release
from cper_lod.release.tables import metadata
from cper_lod.release.tables.metadata import METADATA, PACKAGE, SCHEMA, write_data_package
from tests.support.nquads_release import TYPE, release_of_quads

E = "http://e.org/"


def package(release: Release) -> dict[str, Any]:
    return dict(json.loads((release.folder / DUMP / PACKAGE).read_bytes()))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_things_of_a_contract_have_a_file_of_their_own(tmp_path: Path) -> None:
    """Each file has the columns that are not empty in it, and its rows as people count: 2 before 10."""
    lines = [f"<{E}t/{number}> {TYPE} <{CPER}Subdivision>" for number in (1, 2, 10)]
    lines += [f'<{E}t/2> <{E}n> "x"', f'<{E}t/10> <{E}m> "=1+1"']
    (tmp_path / "own.nt").write_text("".join(f"{line} .\n" for line in (lines[2], lines[0])), "utf-8")
    release_of_quads(tmp_path, lines, contracts={"nul-2030": [], "petit-2030": [tmp_path / "own.nt"]})
    write_data_package(Release(tmp_path, {"address": PROGRAM.address}), tmp_path)
    told = json.loads((tmp_path / PACKAGE).read_bytes())["resources"]
    assert [each["name"] for each in told] == ["subdivision", "subdivision-petit-2030"]
    for each, said in zip(told, (translate("table-of-the-others", "fr"), "contrat/petit-2030"), strict=True):
        assert said in each["title"], "which contracts it has"
        assert said in (tmp_path / f"{each['name']}{METADATA}").read_text("utf-8")
    assert table(tmp_path / "subdivision.csv") == [{"nom": f"{E}t/2", "n": "x", "id": f"{E}t/2"}]
    assert table(tmp_path / "subdivision-petit-2030.csv") == [
        {"nom": f"{E}t/1", "m": "", "id": f"{E}t/1"},
        {"nom": f"{E}t/10", "m": "=1+1", "id": f"{E}t/10"},
    ]


def test_the_file_of_a_large_table_is_compressed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "MAX_SORTED", 2)
    release = release_of_quads(tmp_path, [f"<{E}t/{number}> {TYPE} <{CPER}Subdivision>" for number in range(3)])
    write_data_package(release, tmp_path)
    (told,) = json.loads((tmp_path / PACKAGE).read_bytes())["resources"]
    packed = (tmp_path / "subdivision.csv.gz").read_bytes()
    assert (told["path"], told["compression"], told["bytes"]) == ("subdivision.csv.gz", "gz", len(packed))
    assert packed[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "no name and no time"
    assert gzip.decompress(packed).decode().split() == [
        "nom,id",
        *(f"{E}t/{number},{E}t/{number}" for number in range(3)),
    ]
    assert "subdivision.csv.gz" in (tmp_path / f"subdivision{METADATA}").read_text()


def test_a_package_says_whose_it_is_and_what_is_in_it(release: Release) -> None:
    told = package(release)
    assert told["title"].startswith("Contrats de plan")
    assert "State-Region plan contracts" in told["description"]
    assert told["licenses"] == [{"path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence"}]
    assert any("9 janvier 2023" in each["title"] for each in told["sources"])
    ours = {each.slug for each in release.listing.classes if each.iri.startswith(VOCABULARIES) and each.count}
    names = [each["name"] for each in told["resources"]]
    ours.remove("rapprochement")  # a rule of the catalogue: not a thing that the contracts describe
    for slug in (*ours, "org-formal-organization", "geo-feature"):
        assert any(each == slug or each.startswith(f"{slug}-") for each in names), slug
    for each in told["resources"]:
        assert each["description"]
        schema = json.loads((release.folder / DUMP / f"{each['name']}{SCHEMA}").read_bytes())
        assert schema == each["schema"]


def test_triples_come_back_from_the_csv_by_its_metadata(release: Release) -> None:
    """CSV on the Web (csv2rdf): what the tables say stands in the data."""
    folder, looked_at = release.folder / DUMP, 0
    known = {
        line.decode().partition(" <https://w3id.org/cper-lod/graph")[0].removesuffix(" .\n").removesuffix(" .")
        for line in release.lines()
    }
    for each in package(release)["resources"]:
        columns = json.loads((folder / f"{each['name']}{METADATA}").read_bytes())["tableSchema"]["columns"]
        stated = [column for column in columns if "propertyUrl" in column and "virtual" not in column]
        for row in table(folder / each["path"]):
            for column in stated:
                if value := row[column["name"]]:
                    node = Literal(value, datatype=NamedNode(XSD + column["datatype"]))
                    assert f"<{row['id']}> <{column['propertyUrl']}> {node}" in known
                    looked_at += 1
    assert looked_at > 30


def test_other_programs_read_numbers_as_numbers_and_codes_as_texts(release: Release) -> None:
    import duckdb  # noqa: PLC0415  # each of them takes longer to import than all that most tests need
    import pandas  # noqa: PLC0415

    amounts, bodies = (release.folder / DUMP / f"{name}.csv" for name in ("montant", "org-formal-organization"))
    added = duckdb.read_csv(str(amounts)).filter("mesure = 'montant par financeur' AND unite = 'EUR'")
    assert added.sum("montant").fetchall() == [(2_757_000_000,)]
    frame = pandas.read_csv(amounts)
    assert frame[frame.mesure == "montant par financeur"].montant.sum() == 2_757_000_000
    values = {"montant": ["montant"], "part": ["part"], "valeur-derivee": ["montant", "min", "max"]}
    for name, columns in values.items():
        path = release.folder / DUMP / f"{name}.csv"
        largest = [max(Decimal(row[column] or 0) for row in table(path)) for column in columns]
        read, found = pandas.read_csv(path), duckdb.read_csv(str(path))
        assert [Decimal(str(read[column].max())) for column in columns] == largest, name
        assert [Decimal(str(found.max(f'"{column}"').fetchall()[0][0])) for column in columns] == largest, name
        assert not {str(found[column].types[0]) for column in columns} - {"BIGINT", "DOUBLE"}, name
    assert pandas.read_csv(bodies, dtype={"siren": str}).siren.dropna().str.fullmatch("[0-9]{9}").all()


@pytest.mark.r
def test_r_reads_a_table(release: Release) -> None:
    path = release.folder / DUMP / "montant.csv"
    script = f"""x <- read.csv("{path}"); y <- x[x$mesure == "montant par financeur", ]
        cat(format(sum(y$montant), scientific = FALSE), ncol(x))"""
    utf_8 = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, timeout=120, check=True, env=utf_8)
    assert done.stdout.split() == ["2757000000", str(len(table(path)[0]))]


def frictionless(path: Path) -> "subprocess.CompletedProcess[str]":
    command = [Path(sys.executable).parent / "frictionless", "validate", path.name]
    return subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.slow
def test_frictionless_agrees_and_finds_what_is_spoilt(release: Release, tmp_path: Path) -> None:
    done = frictionless(release.folder / DUMP / PACKAGE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("VALID") == len(package(release)["resources"])
    folder = Path(shutil.copytree(release.folder / DUMP, tmp_path / "spoilt"))
    for name, old, new in (
        ("part.csv", ",57.3,", ",beaucoup,"),
        ("part.csv", "/part/axe-6", "/part/axe-5"),
        ("montant.csv", "mesure", "mesures"),
    ):
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8", newline="")
    told = json.loads((folder / PACKAGE).read_bytes())
    for each in told["resources"]:
        del each["hash"], each["bytes"]  # it looks no further where the bytes are others
    (folder / PACKAGE).write_text(json.dumps(told), "utf-8")
    done = frictionless(folder / PACKAGE)
    assert done.returncode == 1
    assert [each for each in ("type-error", "primary-key", "incorrect-label") if each not in done.stdout] == []

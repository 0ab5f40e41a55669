"""Withdrawals: what goes from the sources, what stays, what is refused, and what becomes of the record."""

import json
import shutil
from pathlib import Path

import pytest

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import DCT, SUBV
from cper_lod.importing.contracts import kept_workbook
from cper_lod.importing.contracts.kept_workbook import export_contract
from cper_lod.importing.withdrawal import (
    Kind,
    Withdrawal,
    check_without,
    described,
    request_purge,
    restore,
    withdraw,
    without,
)
from cper_lod.rdf.reader import read
from cper_lod.release.sources.files import WITHDRAWALS
from cper_lod.release.sources.writing import write_all
from tests.importing.workbooks import run
from tests.support.names import BASE
from tests.support.paths import FICTION, ROOT
from tests.support.refusals import refused

ID = f"{BASE}id/"
FICTITIOUS = "armorique-test-2030-2034"
ROWS = f"data/subventions/{FICTITIOUS}/exemple-subventions.nt"
REASON = {"fr": "Publié par erreur"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data of the project and those of the fictitious contract; not to be written to."""
    folder = tmp_path_factory.mktemp("shipped") / "sources"
    for place, name in ((ROOT, "data"), (FICTION, "data"), (ROOT, "shapes")):
        shutil.copytree(place / name, folder / name, dirs_exist_ok=True)
    (folder / "ontology").symlink_to(ROOT / "ontology")
    return folder


@pytest.fixture
def sources(shipped: Path, tmp_path: Path) -> Path:
    """Return the same, which a test may change."""
    return Path(shutil.copytree(shipped, tmp_path / "sources", symlinks=True))


def contents(sources: Path) -> dict[str, bytes]:
    return {path.relative_to(sources).as_posix(): path.read_bytes() for path in sources.rglob("*.*") if path.is_file()}


def add(path: Path, text: str) -> None:
    """Write a line at the end of a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"\n{text}\n")


def recorded(sources: Path) -> set[str]:
    """Return all that the record of withdrawals names."""
    return {getattr(quad.object, "value", "") for quad in read(sources / WITHDRAWALS, names=PROGRAM)}


def done(sources: Path, kind: Kind, name: str) -> Withdrawal:
    """Withdraw something; return what was done."""
    plan = withdraw(sources, kind, name, REASON)
    write_all(sources, plan.files, plan.gone)
    return plan


CONTRACTS = sorted(path.stem for path in (ROOT / "data" / "contracts").glob("*.ttl"))


@pytest.mark.parametrize("slug", [*CONTRACTS, FICTITIOUS])
def test_a_contract_goes_with_what_only_it_needs(sources: Path, slug: str) -> None:
    before = contents(sources)
    plan = done(sources, "contract", slug)
    after = contents(sources)
    # The ontology names a document.
    assert [name for name in after if slug in name and not name.startswith("data/statements/")] == []
    # No statement about another contract has gone, and nothing names what has.
    files = [path for path in (sources / "data").rglob("*.ttl") if path.name != "withdrawals.ttl"]
    quads = [quad for path in files for quad in read(path, names=PROGRAM)]
    left = {quad.subject.value for quad in quads if hasattr(quad.subject, "value")}
    assert not left & plan.things
    assert not {getattr(quad.object, "value", "") for quad in quads} & plan.things
    for other in {*CONTRACTS, FICTITIOUS} - {slug}:
        names = [name for name in before.keys() | after.keys() if other in name]
        assert [name for name in names if before.get(name) != after.get(name)] == []
    assert {f"{ID}contrat/{slug}", "Publié par erreur"} <= recorded(sources)


@pytest.mark.slow
def test_what_is_left_conforms(sources: Path) -> None:
    (slug,) = (path.stem for path in (ROOT / "shapes" / "profiles").glob("*.ttl"))
    report = check_without(sources, withdraw(sources, "contract", slug, REASON))
    assert [each for each in report.findings if each.severity == "violation"] == []


def test_what_another_contract_uses_stays(sources: Path) -> None:
    slug, other, body = CONTRACTS[0], CONTRACTS[1], "region-bretagne"
    said = f"<{ID}contrat/{other}> cper:signePar <{ID}organisme/{body}> ."
    add(sources / "data" / "contracts" / f"{other}.ttl", said)
    plan = done(sources, "contract", slug)
    kept = {quad.subject.value for quad in read(sources / "data" / f"bodies-{slug}.ttl", names=PROGRAM)}  # type: ignore[union-attr]
    assert kept == {f"{ID}organisme/{body}"}
    assert (sources / "data" / f"territories-{slug}.ttl").is_file()  # where that body is
    assert f"data/codes-{slug}.ttl" in plan.gone


@pytest.mark.parametrize(
    ("kind", "name", "end"),
    [
        ("contract", FICTITIOUS, f"contrat/{FICTITIOUS}"),
        ("contract", f" {ID}contrat/{FICTITIOUS}/ ", f"contrat/{FICTITIOUS}"),
        ("contract", f"https://x.fr/sous/doc/contrat/{FICTITIOUS}.jsonld?lang=en#a", f"contrat/{FICTITIOUS}"),
        ("subsidies", FICTITIOUS, f"contrat/{FICTITIOUS}"),
        ("subsidies", "exemple-subventions", "fichier/exemple-subventions"),
        ("body", "siren-000000034", "organisme/siren-000000034"),
        ("body", "000 000 034 00010", "organisme/siren-000000034"),
        ("body", "w000000002", "organisme/rna-W000000002"),
    ],
)
def test_a_thing_is_found_by_any_of_its_names(shipped: Path, kind: Kind, name: str, end: str) -> None:
    assert withdraw(shipped, kind, name, REASON).iri == ID + end


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        ("contract", "armorique-test-2030-2035", "withdraw-unknown"),
        ("contract", "", "withdraw-unknown"),
        ("subsidies", CONTRACTS[0], "withdraw-unknown"),
        ("body", "region-bretagne", "withdraw-used"),
        ("body", "233 500 016", "withdraw-used"),  # its SIREN
        ("body", "siren-000000026", "withdraw-used"),  # it grants subsidies
    ],
)
def test_what_is_refused(shipped: Path, kind: Kind, name: str, code: str) -> None:
    with refused(code):
        withdraw(shipped, kind, name, REASON)


def test_a_contract_that_another_one_names_is_refused(sources: Path) -> None:
    said = f"<{ID}contrat/{CONTRACTS[1]}> cper:composeDe <{ID}contrat/{FICTITIOUS}> ."
    add(sources / "data" / "contracts" / f"{CONTRACTS[1]}.ttl", said)
    with refused("withdraw-used", f"data/contracts/{CONTRACTS[1]}.ttl"):
        withdraw(sources, "contract", FICTITIOUS, REASON)


def test_a_beneficiary_goes_with_its_subsidies(sources: Path) -> None:
    before = dict(described(sources / ROWS, PROGRAM))
    body = f"{ID}organisme/siren-000000034"
    rows = {each for each, objects in before.items() if body in objects.get(SUBV + "beneficiaire", ())}
    plan = done(sources, "body", "000000034")
    after = dict(described(sources / ROWS, PROGRAM))
    gone = before.keys() - after.keys()
    assert plan.subsidies == rows
    used = {value for row in before.keys() - rows for values in before[row].values() for value in values}
    periods = {value for row in rows for values in before[row].values() for value in values if "/versement/" in value}
    assert plan.things == {body, *(periods - used)}
    assert {each for each in gone if "/versement/" not in each} == {body, *rows}
    kept = {value for each in after.values() for values in each.values() for value in values}
    assert {each for each in before if "/versement/" in each} - gone <= kept  # each period is used
    assert not gone & kept
    # The file counts what it has, and says from when to when.
    file = f"{ID}fichier/exemple-subventions"
    left = [objects for each, objects in after.items() if SUBV + "attribuant" in objects]
    value = "http://www.w3.org/ns/dqv#value"
    assert after[f"{file}/compte/gardees"][value] == [str(len(left))]
    days = sorted(day for objects in left for day in objects[DCT + "date"])
    period = after[f"{file}/periode"]
    assert [period[f"http://www.w3.org/ns/dcat#{each}Date"] for each in ("start", "end")] == [[days[0]], [days[-1]]]
    # With the last subsidies the file goes.
    for number in ("000000042", "000000059", "000000067", "rna-W000000002"):
        done(sources, "body", number)
    assert not (sources / ROWS).exists()
    gone_at = [
        quad
        for quad in read(sources / WITHDRAWALS, names=PROGRAM)
        if quad.predicate.value.endswith("/prov#invalidated")
    ]
    assert len(gone_at) >= 5


def test_subsidies_go_with_the_record_of_their_import(sources: Path) -> None:
    catalogue = sources / "data" / "catalog" / f"subventions-{FICTITIOUS}.ttl"
    dataset = f"{ID}jeu-de-donnees/subventions-{FICTITIOUS}"
    catalogue.write_text(
        f'<{dataset}> <{DCT}issued> "2026-11-30"^^<http://www.w3.org/2001/XMLSchema#date> .\n', "utf-8"
    )
    plan = done(sources, "subsidies", FICTITIOUS)
    assert {ROWS, f"data/catalog/subventions-{FICTITIOUS}.ttl"} == {*plan.gone}
    assert (plan.files.keys(), len(plan.subsidies)) == ({WITHDRAWALS}, 5)
    assert (sources / "data" / "contracts" / f"{FICTITIOUS}.ttl").is_file()
    assert f"{ID}fichier/exemple-subventions" in recorded(sources)
    assert f"{ID}contrat/{FICTITIOUS}" not in recorded(sources)


def test_a_body_that_another_file_describes_too_stays(sources: Path, tmp_path: Path) -> None:
    other = sources / ROWS.replace("exemple-", "autres-")
    text = (sources / ROWS).read_text("utf-8").replace("/subvention/", "/subvention/autre-")
    other.write_text(text.replace("/exemple-", "/autres-"), "utf-8")
    kept = sources / f"data/.workbooks/{FICTITIOUS}.json"
    kept.write_text('{"cells": "000 000 034"}', "utf-8")
    plan, request = request_purge(sources, tmp_path / "releases", "subsidies", "exemple-subventions")
    assert [each for each in (*plan.things, *request.parts) if "/organisme/" in each] == []
    assert plan.gone == [ROWS]


def test_what_is_described_again_is_no_longer_withdrawn(sources: Path) -> None:
    done(sources, "contract", CONTRACTS[0])
    done(sources, "contract", CONTRACTS[2])
    contract = f"{ID}contrat/{CONTRACTS[0]}"
    assert restore(sources, {contract, f"{ID}code/unite"}) == [contract]
    left = recorded(sources)
    assert contract not in left
    assert f"{ID}contrat/{CONTRACTS[2]}" in left
    assert restore(sources, left)
    assert not (sources / WITHDRAWALS).exists()
    assert restore(sources, left) == []


def test_cells_that_name_a_body_go_unless_they_can_be_exported(sources: Path, tmp_path: Path) -> None:
    """What can be exported says what is published, which a withdrawal leaves; what cannot would keep the name for nothing."""
    body, live = f"{ID}organisme/jeanne-dupont", f"data/.workbooks/{CONTRACTS[0]}.json"
    (sources / "data" / "bodies-a.ttl").write_text(
        f'<{body}> a <http://www.w3.org/ns/org#FormalOrganization> ; <http://xmlns.com/foaf/0.1/name> "Jeanne Dupont"@fr .\n',
        "utf-8",
    )
    for contract in CONTRACTS[:2]:
        path = sources / f"data/.workbooks/{contract}.json"
        cells = json.loads(path.read_bytes())
        cells["cells"]["contrat"][0]["note"] = "signé par Mme JEANNE DUPONT"
        path.write_text(json.dumps(cells), "utf-8")
    said = sources / f"data/contracts/{CONTRACTS[1]}.ttl"
    add(said, "")
    outdated = f"data/.workbooks/{CONTRACTS[1]}.json"
    plan = withdraw(sources, "body", body, REASON)
    assert (set(plan.gone), plan.left) == ({"data/bodies-a.ttl", outdated}, [live])
    plan, _ = request_purge(sources, tmp_path / "releases", "body", body)
    assert (set(plan.gone), plan.left) == ({"data/bodies-a.ttl", outdated, live}, [])
    contract = f"{ID}contrat/{CONTRACTS[1]}"
    said.write_text(f'<{contract}> <http://www.w3.org/2004/02/skos/core#note> "Relu par Jeanne DUPONT"@fr .\n', "utf-8")
    document = sources / "data/sources/communique-2023-01-09.md"
    add(document, "Contact : Jeanne Dupont")
    for left in (
        withdraw(sources, "body", body, REASON).left,
        request_purge(sources, tmp_path / "releases", "body", body)[0].left,
    ):
        assert left[:2] == [f"data/contracts/{CONTRACTS[1]}.ttl ({contract})", f"data/sources/{document.name}"]


def test_a_contract_can_be_exported_after_a_body_that_it_does_not_name_has_gone(sources: Path, tmp_path: Path) -> None:
    """Its subsidies named the body, which the file of the contract describes; a purge of that name takes the cells too."""
    slug, body = CONTRACTS[0], f"{ID}organisme/jeanne-dupont"
    bodies, kept = sources / f"data/bodies-{slug}.ttl", sources / f"data/.workbooks/{slug}.json"
    add(bodies, f'<{body}> a org:FormalOrganization ; skos:prefLabel "Jeanne Dupont"@fr, "Jeanne Dupont"@en .')
    cells = json.loads(kept.read_bytes())
    cells["digest"] = kept_workbook._digest(kept_workbook._contents(sources, slug))
    cells["cells"]["contrat"][0]["note"] = "Jeanne Dupont"
    kept.write_text(json.dumps(cells), "utf-8")
    plan, _ = request_purge(sources, tmp_path / "releases", "body", body)
    assert (kept.name in str(plan.gone), kept.name in str(plan.files.keys())) == (True, False)
    done(sources, "body", body)
    assert export_contract(sources, slug)["contrat"][0]["note"] == "Jeanne Dupont"


def test_purged_subsidies_leave_the_cells_of_their_contract(sources: Path, tmp_path: Path) -> None:
    kept = sources / f"data/.workbooks/{FICTITIOUS}.json"
    kept.write_text("{}", "utf-8")
    plan, _ = request_purge(sources, tmp_path / "releases", "subsidies", FICTITIOUS)
    assert plan.gone == [ROWS]
    kept.write_text('{"cells": "000 000 034"}', "utf-8")
    plan, _ = request_purge(sources, tmp_path / "releases", "subsidies", FICTITIOUS)
    assert set(plan.gone) == {ROWS, f"data/.workbooks/{FICTITIOUS}.json"}


def test_a_purge_removes_the_cells_of_a_workbook_whose_contract_is_gone(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of others stay; a purge that is run again removes the same."""
    kept, others = f"data/.workbooks/{CONTRACTS[0]}.json", [f"data/.workbooks/{each}.json" for each in CONTRACTS[1:]]
    cells = (sources / kept).read_bytes()
    done(sources, "contract", CONTRACTS[0])
    assert not (sources / kept).exists()
    (sources / kept).write_bytes(cells)
    contract = f"{ID}contrat/{CONTRACTS[0]}"
    monkeypatch.setattr("cper_lod.importing.withdrawal.withdrawn_iris", lambda _: {contract})
    plan, request = request_purge(sources, tmp_path / "releases", "contract", contract)
    assert (request.workbooks, set(plan.gone) & {kept, *others}) == ([kept], {kept})
    assert kept in without(sources, request).gone


def test_a_short_name_of_a_file_is_part_of_other_words() -> None:
    assert not Withdrawal(f"{ID}fichier/s").is_repeated_in("Erasure")
    assert Withdrawal(f"{ID}fichier/aides-2023").is_repeated_in("Les aides-2023")


def test_a_reason_is_needed(shipped: Path) -> None:
    before = contents(shipped)
    for reasons in ((), ("  ",), ("fr=",), ("deux\nlignes",)):
        told = run("withdraw", "contract", FICTITIOUS, "--sources", shipped, *(f"--reason={each}" for each in reasons))
        assert (told.exit_code, "--reason" in told.stderr) == (1 if reasons else 2, True), told.output
    assert contents(shipped) == before

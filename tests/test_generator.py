"""The synthetic data that are measured with: the same by the same seed, all said to be fictitious, conforming."""

import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, QuerySolution, Store

from benchmarks import generator
from benchmarks.generator import PLANTED, generate
from benchmarks.harness import ROOT
from benchmarks.synthetic_faults import KINDS
from benchmarks.synthetic_names import siren, siret, town
from benchmarks.synthetic_subsidies import beneficiary
from cper_lod.core.check_digits import is_rna, is_siret, luhn
from cper_lod.core.namespaces import CPER, FOAF, PREFIXES, RDF, SHAPES, SKOS
from cper_lod.rdf.reader import read
from cper_lod.release.check.check import check
from cper_lod.release.sources.read import read_sources

NAMES = {SKOS + "prefLabel", FOAF + "name"}


def added(folder: Path) -> dict[str, bytes]:
    """Return the files that the project does not have itself."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        name: path.read_bytes() for path in paths if not (ROOT / (name := path.relative_to(folder).as_posix())).exists()
    }


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    told = generate(tmp_path / "a", 3_000, seed=7, faults=0.1)
    assert generate(tmp_path / "b", 3_000, seed=7, faults=0.1) == told
    generate(tmp_path / "c", 3_000, seed=8, faults=0.1)
    first, same, other = (added(tmp_path / name) for name in "abc")
    assert len(first) > 10
    assert first == same
    # Of another seed, the bodies and the counts of a region stay: the rest is other.
    assert sum(first[name] != other[name] for name in first if name in other) > 5


@pytest.mark.slow
def test_as_many_triples_as_were_asked_for_and_as_it_says(tmp_path: Path):
    told = generate(tmp_path / "sources", 20_000)
    names = [name for name in added(tmp_path / "sources") if name.startswith("data/")]
    quads = {quad for at, name in enumerate(names) for quad in read(tmp_path / "sources" / name, scope=f"f{at}")}
    assert told.triples == len(quads) == pytest.approx(20_000, rel=0.1)
    kinds = [quad.object for quad in quads if quad.predicate.value == RDF + "type"]
    assert kinds.count(NamedNode(CPER + "Subvention")) == told.subsidies > 200
    assert kinds.count(NamedNode(CPER + "ContratDePlan")) == told.contracts == 3
    slugs = {name.rpartition("/")[2] for name in names if name.startswith("data/contracts/")}
    assert len({slug[-13:] for slug in slugs}) == 3, "several generations"
    with pytest.raises(FileExistsError):
        generate(tmp_path / "sources", 20_000)


@pytest.mark.slow
def test_later_contracts_of_a_region_have_its_bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Their subsidies do not describe them again under an IRI of their own."""
    monkeypatch.setattr(generator, "REGIONS", generator.REGIONS[:1])
    assert generate(tmp_path / "sources", 20_000).contracts == 3
    siren_of, files = dict[str, set[str]](), [name for name in added(tmp_path / "sources") if name.startswith("data/")]
    for quad in (quad for name in files for quad in read(tmp_path / "sources" / name)):
        if quad.predicate.value == CPER + "siren":
            siren_of.setdefault(str(quad.object), set()).add(str(quad.subject))
    assert len(siren_of) > 50
    assert [number for number, bodies in siren_of.items() if len(bodies) > 1] == []


def test_everything_says_that_it_is_fictitious(tmp_path: Path):
    generate(tmp_path / "sources", 6_000)
    named = 0
    for name in added(tmp_path / "sources"):
        assert "fictif" in name or name == PLANTED, name
        if not name.startswith("data/"):
            continue
        quads = read(tmp_path / "sources" / name)
        things = {quad.subject for quad in quads if quad.object == NamedNode(CPER + "Contrat")}
        things |= {
            quad.subject for quad in quads if quad.object == NamedNode(PREFIXES["rov"] + "RegisteredOrganization")
        }
        for quad in quads:
            if quad.subject in things and quad.predicate.value in NAMES:
                named += 1
                assert "ficti" in str(quad.object), quad
    assert named > 20


def test_identifiers_are_well_formed_and_of_no_register():
    numbers = [siren(number) for number in range(2_000)]
    assert len(set(numbers)) == 2_000
    assert all(luhn(number) and number.startswith("00") and is_siret(siret(number)) for number in numbers[1:])
    bodies = [beneficiary(number) for number in range(1_000)]
    assert len({(number, rna) for _, number, rna in bodies}) == 1_000
    assert all("ficti" in name and (is_siret(number) if number else is_rna(rna)) for name, number, rna in bodies)
    assert len({town(number) for number in range(5_000)}) == 5_000


def test_faults_are_where_they_are_said_to_be_and_nowhere_else(tmp_path: Path):
    generate(tmp_path / "sound", 10_000)
    told = generate(tmp_path / "faulty", 10_000, faults=0.1)
    assert json.loads((tmp_path / "faulty" / PLANTED).read_bytes())["planted"] == [vars(each) for each in told.faults]
    sound, faulty = added(tmp_path / "sound"), added(tmp_path / "faulty")
    assert set(sound) == set(faulty)
    differing = set()
    for name in set(sound) - {PLANTED}:
        lines = set(sound[name].splitlines()) ^ set(faulty[name].splitlines())
        differing |= {(name, line.split(b"> ")[0][1:].decode()) for line in lines if name.endswith(".nt")}
    in_subsidies = {(each.path, each.node) for each in told.faults if each.path.endswith(".nt")}
    assert differing == in_subsidies
    assert {each.shape.removeprefix(SHAPES) for each in told.faults} == {*KINDS, "signataire-groupe"}


@pytest.mark.slow
def test_ten_thousand_triples_conform(tmp_path: Path):
    generate(tmp_path / "sources", 10_000)
    report = check(read_sources(tmp_path / "sources"))
    assert report.nodes > 1_500
    assert report.findings == ()


@pytest.mark.slow
def test_each_planted_fault_is_found_by_its_rule_and_nothing_else(tmp_path: Path):
    told = generate(tmp_path / "sources", 10_000, faults=0.1)
    report = check(read_sources(tmp_path / "sources"))
    assert {(each.shape, each.node) for each in report.findings} == {(each.shape, each.node) for each in told.faults}
    assert len(report.findings) == len(told.faults) > len(KINDS)


def test_the_command_tells_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "sources"
    words = ["generator", str(folder), "--triples", "2000", "--faults", "0.5"]
    monkeypatch.setattr(sys, "argv", words)
    generator.main()
    assert "1 contracts" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        generator.main()
    assert "is not empty" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", [*words[:-1], "2"])
    with pytest.raises(SystemExit):
        generator.main()
    assert "--faults" in capsys.readouterr().err


def test_the_questions_count_the_subsidies_of_a_contract(tmp_path: Path):
    """Of a contract with many subsidies, some without an axis, as counted here by hand."""
    generate(tmp_path / "sources", 8_000)
    store = Store()
    for path in sorted((tmp_path / "sources" / "data").rglob("*fictif*")):
        if path.suffix in (".ttl", ".nt") and path.parent.name != "catalog":
            store.load(path=path)
    axis_of = NamedNode(CPER + "axeConcerne")
    told: Any = store.query(
        f"PREFIX c: <{CPER}> SELECT * {{ ?s a c:Subvention ; c:partDuBeneficiaire ?part ;"
        " c:montantAvantRepartition ?amount }"
    )
    subsidies = list(told)
    for subsidy in subsidies[::7]:
        for quad in [*store.quads_for_pattern(subsidy["s"], axis_of, None)]:
            store.remove(quad)
    by_axis: dict[str, list[Decimal]] = {}
    for subsidy in subsidies:
        axes = [quad.object.value.rpartition("/")[2] for quad in store.quads_for_pattern(subsidy["s"], axis_of, None)]
        amount = Decimal(subsidy["amount"].value) * Decimal(subsidy["part"].value) / 100
        by_axis.setdefault("".join(axes), []).append(amount)
    slug = next(iter((tmp_path / "sources" / "data" / "contracts").glob("*fictif*"))).stem

    def asked(name: str) -> list[QuerySolution]:
        text = (ROOT / "ontology" / "questions" / f"{name}.rq").read_text("utf-8")
        return list(store.query(text.replace("hauts-de-france-2021-2027", slug)))  # type: ignore[arg-type]

    known = {row["axe"].value: row for row in asked("axes-et-subventions")}
    assert {axis for axis in by_axis if axis} <= set(known)
    for axis, amounts in by_axis.items():
        if axis:
            assert int(known[axis]["subventions"].value) == len(amounts)
            assert Decimal(known[axis]["connu"].value) == sum(amounts)
    rows = asked("subventions-par-axe-attribuant-et-territoire")
    for axis, amounts in by_axis.items():
        of_axis = [row for row in rows if (row["axe"].value if row["axe"] else "") == axis]
        assert sum(int(row["subventions"].value) for row in of_axis) == len(amounts)
        assert sum(Decimal(row["total"].value) for row in of_axis) == sum(amounts)
        assert all("fictif" in row["attribuant"].value for row in of_axis)

"""The questions about subsidies, on a synthetic contract with many of them, some without an axis, counted here by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, QuerySolution, Store

from benchmarks.generator import generate
from cper_lod.core.namespaces import CPER
from tests.support.paths import ROOT


def test_the_questions_count_the_subsidies_of_a_contract(tmp_path: Path):
    generate(tmp_path / "sources", 4_000)
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
        assert all("ficti" in row["attribuant"].value for row in of_axis)

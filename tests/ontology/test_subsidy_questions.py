"""The question about subsidies, on a synthetic contract with many of them, some without an axis, counted here by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Store

from benchmarks.generator import generate
from cper_lod.core.namespaces import CPER, SKOS
from tests.support.paths import ROOT


def test_the_question_counts_the_subsidies_of_a_contract(tmp_path: Path):
    generate(tmp_path / "sources", 4_000)
    store = Store()
    for path in sorted((tmp_path / "sources" / "data").rglob("*fictif*")):
        if path.suffix in (".ttl", ".nt") and path.parent.name != "catalog":
            store.load(path=path)
    axis_of = NamedNode(CPER + "subdivision")
    told: Any = store.query(f"PREFIX c: <{CPER}> SELECT * {{ ?s a c:Subvention ; c:montantAttribue ?amount }}")
    subsidies = list(told)
    for subsidy in subsidies[::7]:
        for quad in [*store.quads_for_pattern(subsidy["s"], axis_of, None)]:
            store.remove(quad)
    by_axis: dict[str, list[Decimal]] = {}
    for subsidy in subsidies:
        axes = [quad.object.value.rpartition("/")[2] for quad in store.quads_for_pattern(subsidy["s"], axis_of, None)]
        by_axis.setdefault("".join(axes), []).append(Decimal(subsidy["amount"].value))
    text = (ROOT / "ontology" / "questions" / "subventions-par-subdivision-et-attribuant.rq").read_text("utf-8")
    found: Any = store.query(text)
    named: Any = store.query(
        f"SELECT ?axis ?name {{ ?axis a <{CPER}Subdivision> ; <{SKOS}prefLabel> ?name FILTER(LANG(?name) = 'fr') }}"
    )
    rows, names = list(found), {each["axis"].value.rpartition("/axe/")[2]: each["name"].value for each in named}
    assert len(by_axis) == 7, "six axes, and none"
    for axis, amounts in by_axis.items():
        of_axis = [
            row for row in rows if (row["subdivision"].value if row["subdivision"] else "") == names.get(axis, "")
        ]
        assert sum(int(row["subventions"].value) for row in of_axis) == len(amounts)
        assert sum(Decimal(row["total"].value) for row in of_axis) == sum(amounts)
        assert all("ficti" in row["attribuant"].value for row in of_axis)

"""Effects of a change: an incremental report equals a full report."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyoxigraph import Quad, RdfFormat, parse

from cper_lod.rdf.report import Report
from cper_lod.rdf.shacl.api import Since, validate_file
from cper_lod.rdf.shacl.prefilter import prefilter
from cper_lod.rdf.shacl.prefilter.graphs import graph_of
from cper_lod.rdf.shacl.prefilter.rules import DataChange
from cper_lod.rdf.shacl.prefilter.triples import MemoryTriples
from tests.support.shacl_reports import lines, quads
from tests.support.shacl_shapes import CORE, GRAPHS, SHAPES, TARGET

ASKED = [each for each in parse("\n".join(SHAPES).encode(), format=RdfFormat.N_QUADS) if isinstance(each, Quad)]


def written(folder: Path, data: set[str]) -> Path:
    path = folder / "data.nq"
    path.write_bytes(b"".join(sorted(f"{line}\n".encode() for line in data)))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("graphs", [200])
def test_an_incremental_report_equals_a_full_report(graphs: int, tmp_path: Path):
    looked = []

    @settings(
        max_examples=graphs,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(GRAPHS, st.data())
    def compare(data: list[str], chance: st.DataObject):
        before = {line for line in data if "_:" not in line}
        gone = set(chance.draw(st.lists(st.sampled_from(sorted(before)), max_size=2)))
        came = {line for line in chance.draw(GRAPHS)[: chance.draw(st.integers(0, 2))] if "_:" not in line}
        after = (before - gone) | came
        earlier = validate_file(written(tmp_path, before), ASKED)
        path = written(tmp_path, after)
        full = earlier if after == before else validate_file(path, ASKED)
        assert validate_file(path, ASKED, since=Since(earlier, before ^ after)) == full
        looked.append((len(earlier.findings), len(before ^ after)))

    compare()
    assert sum(findings > 0 and changes > 0 for findings, changes in looked) > graphs / 2


def test_unaffected_nodes_are_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shapes = quads(f"ex:few {CORE['minCount']} .")
    data = set(lines("ex:a a ex:C . ex:b a ex:C ."))
    earlier = validate_file(written(tmp_path, data), shapes)
    assert len(earlier.findings) == 2
    asked = []
    results = prefilter.run_pyshacl
    monkeypatch.setattr(prefilter, "run_pyshacl", lambda *given: asked.extend(given[-1]) or results(*given))
    assert validate_file(tmp_path / "data.nq", shapes, since=Since(earlier, ())) == earlier
    assert asked == []
    came = set(lines("ex:b ex:p 1 , 2 ."))
    report = validate_file(written(tmp_path, data | came), shapes, since=Since(earlier, came))
    assert [each.node for each in report.findings] == ["https://example.org/a"]
    assert asked == []


OF_VALUES = f"a sh:PropertyShape ; {TARGET} ; sh:path ex:p ; sh:property ex:none"


def test_a_result_about_a_value_is_found_if_only_the_value_changed(tmp_path: Path):
    shapes = quads(f"ex:of {OF_VALUES} . ex:none a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 0 .")
    data, came = set(lines("ex:a a ex:C ; ex:p ex:b . ex:b ex:q 1 .")), set(lines("ex:b ex:r 1 ."))
    earlier = validate_file(written(tmp_path, data), shapes)
    assert [each.node for each in earlier.findings] == ["https://example.org/b"]
    assert validate_file(written(tmp_path, data | came), shapes, since=Since(earlier, came)) == earlier


def query(text: str) -> str:
    return f'a sh:NodeShape ; {TARGET} ; sh:sparql [ sh:select "SELECT $this WHERE {{ {text} }}" ]'


@pytest.mark.parametrize(
    ("shape", "predicates"),
    [
        (CORE["minCount"], ""),
        (CORE["equals"], ""),
        (CORE["alternative"], ""),
        (CORE["off"], ""),
        (CORE["class"], "CT"),
        (CORE["inverse"], "p"),
        (CORE["sequence"], "pq"),
        (CORE["repeated"], "pCT"),
        (CORE["node"], "p"),
        (CORE["property"], ""),
        (CORE["undecided"], "pqrCT"),
        (OF_VALUES, "pqrCT"),
        (query("$this <https://example.org/p>|<https://example.org/q> ?x"), ""),
        (query("$this <https://example.org/p> ?x FILTER NOT EXISTS { ?x <https://example.org/q> ?y }"), "q"),
        (query("$this ?any ?x"), ""),
        (query("$this ?any ?x . ?x ?any ?y"), "pqrCT"),
        (query("?x <https://example.org/r> $this"), "r"),
        (query("$this <https://example.org/p>/a ?x"), "pT"),
    ],
)
def test_a_rule_reads_of_other_nodes(shape: str, predicates: str):
    names = {each: f"<https://example.org/{each}>" for each in "pqr"}
    names |= {"C": "<http://www.w3.org/2000/01/rdf-schema#subClassOf>"}
    names |= {"T": "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"}
    other = f"ex:minCount {CORE['minCount']} . ex:none a sh:PropertyShape ; sh:path ex:q ; sh:maxCount 0 ."
    done = prefilter.Prefilter(MemoryTriples(), graph_of(lines(f"ex:a {shape} . {other}")))
    rule = next(number for number, each in enumerate(done.rules) if str(each.shape.node).endswith("/a"))
    affecting = {
        each
        for each, name in names.items()
        if rule in done.restrict_to_change(DataChange(frozenset({name}), frozenset()))
    }
    # A change of the class hierarchy can change the focus nodes of any rule.
    assert affecting == {*predicates, "C"}


def test_a_change_uses_the_names_of_reports():
    change = DataChange.of(lines('ex:a ex:p "x"@fr , ex:b .'))
    assert change.predicates == {"<https://example.org/p>"}
    assert change.nodes == {"https://example.org/a", "https://example.org/b", "x"}
    assert Report().findings == ()

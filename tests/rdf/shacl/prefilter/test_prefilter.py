"""Suspects: for any graph, the results are those of pyshacl, with every kind of constraint that is compiled."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from cper_lod.rdf.shacl.prefilter import prefilter
from cper_lod.rdf.shacl.prefilter.constraints import ConstraintCompiler
from tests.support.shacl_reports import prefilter_results, prefilter_results_of_file, pyshacl_results, quads, validate
from tests.support.shacl_shapes import CORE, GRAPHS, QUERIES, SHAPES


@pytest.mark.slow
@pytest.mark.parametrize("graphs", [6, 300])
def test_the_results_are_those_of_pyshacl_whatever_the_graph(graphs: int, tmp_path: Path):
    with_result, without = Counter[str](), Counter[str]()

    @seed(14)  # six graphs are enough for what is asserted in the end; another Hypothesis may need another seed
    @settings(
        max_examples=graphs,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(GRAPHS)
    def compare(data: list[str]):
        theirs = pyshacl_results(data, SHAPES)
        found, done = prefilter_results(data, SHAPES)
        assert found == theirs
        assert prefilter_results_of_file(data, SHAPES, tmp_path) == theirs
        with_result.update({str(shape).rpartition("/")[2] for *_, shape in theirs})
        # Private: a node that passes leaves no trace in the result.
        without.update(str(done.rules[each].shape.node).rpartition("/")[2] for each in done._passed_counts)

    compare()
    # The test is effective: each rule had a result, and each compiled rule let a focus node pass.
    rules = {*CORE, *QUERIES, "sum"}
    # The results of a property shape name that shape.
    assert rules - set(with_result) == {"off", "property"}
    assert with_result["none"]
    assert rules - set(without) == {"undecided"}


@pytest.mark.slow
def test_the_sample_reveals_a_rule_that_misses_results(monkeypatch: pytest.MonkeyPatch):
    data = "".join(f"ex:n{each} a ex:C ; ex:p {each % 2} ." for each in range(40))
    shapes = f"ex:odd {CORE['in'].replace('1 )', '0 )')} ."
    monkeypatch.setattr(prefilter, "SAMPLE_INTERVAL", 10)
    sound = validate(quads(data), quads(shapes))
    assert len(sound.findings) == 20
    monkeypatch.setattr(ConstraintCompiler, "checks", lambda *_: [lambda node: node.endswith("1>")])
    assert validate(quads(data), quads(shapes)) == sound

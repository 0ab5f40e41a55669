"""The package of the prefilter: its README's example, and that it needs nothing else of cper_lod."""

import ast
import doctest

from tests.support.paths import ROOT

PACKAGE = ROOT / "cper_lod" / "rdf" / "shacl" / "prefilter"


def test_it_imports_nothing_else_of_cper_lod():
    trees = [ast.parse(path.read_text("utf-8")) for path in PACKAGE.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    assert not [node.level for node in nodes if isinstance(node, ast.ImportFrom) and node.level]
    found = {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)}
    found |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    ours = {name for name in found if name.partition(".")[0] == "cper_lod"}
    assert len(ours) > 5
    assert {name for name in ours if not name.startswith("cper_lod.rdf.shacl.prefilter.")} == set()


def test_the_example_of_its_readme():
    result = doctest.testfile(str(PACKAGE / "README.md"), module_relative=False)
    assert result.attempted > 5
    assert result.failed == 0

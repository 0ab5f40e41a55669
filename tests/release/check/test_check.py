"""Checking sources: what SHACL finds, and what only the files show; each finding with file, words and remedy."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.rdf.report import Finding, Report, as_json
from cper_lod.release.check import check as checking
from cper_lod.release.check.check import check
from cper_lod.release.sources.read import read_sources
from tests.support.names import BASE

BAC = BASE + "id/bac/fictif-1"


def found(folder: Path) -> Report:
    return check(read_sources(folder))


def only(report: Report) -> Finding:
    (finding,) = report.findings
    assert all(finding.messages[lang] and finding.remedies[lang] for lang in ("fr", "en"))
    return finding


def test_conforming_sources_have_no_findings(tiny: Path) -> None:
    report = found(tiny)
    assert (report.findings, report.conforms, report.shapes, report.nodes) == ((), True, 1, 1)
    assert as_json(found(tiny)) == as_json(report)
    looked_at = {rule.key: rule.looked_at for rule in report.rules}
    assert (looked_at["uncanonical"], looked_at["anonymous"], looked_at["unassigned"]) == (4, 2, 0)


def test_large_sources_are_checked_in_other_processes_with_the_same_report(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tiny / "data" / "a.ttl").write_text(f'<{BAC}> <http://www.w3.org/2004/02/skos/core#notation> "19.0" .\n')
    here = found(tiny)
    monkeypatch.setattr(checking, "PARALLEL_BYTES", 0)
    assert as_json(found(tiny)) == as_json(here)
    assert here.findings


def test_file_that_is_not_canonical(tiny: Path) -> None:
    path = next((tiny / "shapes").glob("*.ttl"))
    path.write_bytes(path.read_bytes() + b"\n")
    report = found(tiny)
    finding = only(report)
    assert report.conforms
    assert (finding.severity, finding.files) == ("warning", (f"shapes/{path.name}",))
    # The name below the sources, never the folder of this machine: the report is published and sealed.
    assert f"cper-lod format shapes/{path.name}" in finding.remedies["fr"]


def test_a_literal_that_is_not_canonical_is_named_with_its_line(tiny: Path) -> None:
    """Of each kind of file; where the parser tells no line, without one."""
    (tiny / "data" / "n.nt").write_text(
        f'# plain\n<{BAC}> <urn:p> "01"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .\n'
    )
    (tiny / "data" / "t.ttl").write_text(f"<{BAC}> <urn:p> 19 ;\n    <urn:q> 19.0 .\n")
    (tiny / "data" / "j.jsonld").write_text(
        f'{{"@id": "{BAC}", "urn:r": {{"@value": "+1", "@type": "http://www.w3.org/2001/XMLSchema#integer"}}}}'
    )
    findings = [each for each in found(tiny).findings if "canoni" not in each.messages["en"] or each.value]
    assert [(each.severity, each.files, each.line, each.value) for each in findings] == [
        ("warning", ("data/j.jsonld",), None, '"+1"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("warning", ("data/n.nt",), 2, '"01"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger>'),
        ("warning", ("data/t.ttl",), 2, '"19.0"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
    ]
    assert '"1"^^<http://www.w3.org/2001/XMLSchema#integer>' in findings[1].messages["fr"]


def test_a_file_with_a_blank_node_is_named(tiny: Path) -> None:
    (tiny / "data" / "t.ttl").write_text(f"<{BAC}> <urn:p> <urn:x> ;\n    <urn:q> [ <urn:r> 1 ] .\n")
    (tiny / "data" / "j.jsonld").write_text(f'{{"@id": "{BAC}", "urn:r": {{"urn:s": 1}}}}')
    report = found(tiny)
    assert not report.conforms
    wrong = [each.files for each in report.findings if each.severity == "violation"]
    assert wrong == [("data/j.jsonld",), ("data/t.ttl",)]


CROSS_PRODUCT = " ".join(f"?s{number} ?p{number} ?o{number} ." for number in range(12))
ENDLESS = {
    "_judge": 'sh:path skos:notation ; sh:pattern "^(a+)+$"',
    "_suspects": 'a sh:NodeShape ; sh:sparql [ sh:select """SELECT $this (COUNT(?o1) AS ?value) WHERE {'
    f' {CROSS_PRODUCT} }} GROUP BY $this""" ]',
}
"""Rules that never end, and where: in pyshacl, or in a query."""
CHECK = """
import signal, sys
from pathlib import Path
from cper_lod.core.errors import Problem
from cper_lod.rdf.shacl import api
from cper_lod.release.check.check import check
from cper_lod.release.sources.read import read_sources

def limited(work):
    def run(*arguments):  # starts the time limit, so that it is reached in the rule on any machine
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        return work(*arguments)
    return run

setattr(api.Validation, sys.argv[2], limited(getattr(api.Validation, sys.argv[2])))
try:
    check(read_sources(Path(sys.argv[1])))
except Problem as problem:
    print(problem.kind.code, problem.kind.exit_code, problem.params["rule"], problem.words("fr").detail, problem.words("en").remedy)
"""


@pytest.mark.slow
@pytest.mark.parametrize("rule", ENDLESS)
def test_a_rule_that_never_ends_is_given_up_and_named(tiny: Path, rule: str) -> None:
    (tiny / "shapes" / "lent.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        f"<{BASE}lent> sh:targetClass <https://w3id.org/cper-lod/ontology#Bac> ; {ENDLESS[rule]} .\n"
    )
    (tiny / "data" / "a.ttl").write_text(f'<{BAC}> <http://www.w3.org/2004/02/skos/core#notation> "{40 * "a"}b" .\n')
    (tiny / "shapes" / "petit.ttl").unlink()
    # A process of its own: a query goes on until the process ends.
    command = [sys.executable, "-c", CHECK, str(tiny), rule]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    assert ended.stdout.startswith("check-timeout 2 ['lent'] La règle lent ")


def test_a_rule_in_python_that_is_given_up_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Path) -> bool:
        os.kill(os.getpid(), signal.SIGALRM)
        return True

    monkeypatch.setattr(checking, "is_canonical", interrupt)
    with pytest.raises(Problem) as caught:
        found(tiny)
    assert caught.value.params["rule"] == "uncanonical"

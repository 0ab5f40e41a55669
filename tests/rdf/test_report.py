"""Reports: order, messages and counts in two languages, and three reproducible output formats."""

import dataclasses
import json

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.names import PROGRAM
from cper_lod.rdf.report import AppliedRule, Finding, Report, as_json, as_quads, as_text

SH = "http://www.w3.org/ns/shacl#"
WORDS = {"fr": "Ce n'est pas bon.", "en": "This is not good."}
REMEDIES = {"fr": "Corrigez.", "en": "Mend it."}
SIREN = Finding(
    "violation",
    "https://w3id.org/cper-lod/id/organisme/fictif",
    WORDS,
    REMEDIES,
    shape="https://w3id.org/cper-lod/shapes#siren-neuf-chiffres",
    path="https://w3id.org/cper-lod/ontology#siren",
    value="123456789",
    files=("data/bodies.ttl",),
    component=SH + "SPARQLConstraintComponent",
)
FILE = Finding("violation", "data/a.ttl", WORDS, REMEDIES, files=("data/a.ttl",), line=7)
RULE = AppliedRule("unassigned", 29, "warning")


def test_text_says_severity_file_node_what_value_and_what_to_do():
    first, second, _ = as_text(Report((SIREN, FILE)), "fr").split("\n\n")
    assert first.startswith("VIOLATION data/a.ttl, ligne 7\n  Nœud : data/a.ttl\n")
    assert [line.partition(" : ")[2] for line in second.splitlines()[1:]] == [
        *("id/organisme/fictif", "cper:siren", "123456789"),
        *("Ce n'est pas bon.", "Corrigez.", "cpers:siren-neuf-chiffres"),
    ]


def test_rdf_is_a_shacl_report_without_blank_nodes():
    quads = as_quads(Report((SIREN, FILE)), PROGRAM)
    assert not any(isinstance(term, BlankNode) for quad in quads for term in quad)
    said = {(quad.subject, quad.predicate.value.removeprefix(SH), quad.object) for quad in quads}
    assert (NamedNode("https://w3id.org/cper-lod/graph/rapport"), "conforms", Literal(False)) in said
    results = [quad.object for quad in quads if quad.predicate.value == SH + "result"]
    assert [each.value for each in results] == [f"https://w3id.org/cper-lod/id/rapport/{n}" for n in (1, 2)]
    assert {(predicate, object_) for subject, predicate, object_ in said if subject == results[1]} >= {
        ("resultSeverity", NamedNode(SH + "Violation")),
        ("focusNode", NamedNode(SIREN.node)),
        ("sourceShape", NamedNode(str(SIREN.shape))),
        ("sourceConstraintComponent", NamedNode(str(SIREN.component))),
        ("resultPath", NamedNode(str(SIREN.path))),
        ("value", Literal("123456789")),
        *(("resultMessage", Literal(text, language=lang)) for lang, text in WORDS.items()),
    }


def test_a_rule_that_no_shape_states_is_told_with_what_it_looked_at():
    report = Report(shapes=2, nodes=3, rules=(RULE,))
    assert as_text(report, "en").endswith("(2 shapes, 3 nodes examined, 1 other rules).\n")
    (rule,) = json.loads(as_json(report))["rules"]
    assert (rule["key"], rule["looked_at"], rule["severity"]) == ("unassigned", 29, "warning")
    assert {*rule["labels"]} == {*rule["descriptions"]} == {"fr", "en"}


def test_rdf_takes_any_value_and_path():
    odd = dataclasses.replace(SIREN, node="_:b1", value="https://exa mple.org/", path="<https://a/b> / <https://c/d>")
    said = {quad.predicate.value.removeprefix(SH): quad.object for quad in as_quads(Report((odd,)), PROGRAM)}
    assert said["focusNode"] == Literal("_:b1")
    assert said["value"] == Literal("https://exa mple.org/")
    assert "resultPath" not in said

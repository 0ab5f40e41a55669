"""Validation: findings with messages, nodes and files."""

import pytest
import rdflib

from cper_lod.core.errors import Problem
from cper_lod.rdf.report import Report
from cper_lod.rdf.shacl.api import validate
from tests.rdf.shacl.shacl_reports import quads

EX = "https://example.org/"
RULE = """
ex:rule a sh:NodeShape ; sh:targetClass ex:Thing ; sh:severity sh:Warning ; sh:sparql ex:query ;
  rdfs:label "Règle"@fr, "Rule"@en ; rdfs:comment "À faire."@fr, "To do."@en .
ex:query sh:select "SELECT $this ?path ?value WHERE { $this ?path ?value . FILTER(isLiteral(?value)) }" ;
  sh:message "{$this} dit « {?value} » ({?path})."@fr, "{$this} says “{?value}” ({?path})."@en .
"""
COUNTED = """
ex:counted a sh:PropertyShape ; sh:targetClass ex:Thing ; sh:path ( ex:part ex:name ) ; sh:minCount 2 ;
  sh:message "Trop peu."@fr, "Too few."@en ; rdfs:comment "Ajoutez."@fr, "Add."@en .
"""
SHAPE = "a sh:PropertyShape ; sh:targetClass ex:Thing ; sh:path ex:name"
DATA = r"""
ex:a a ex:Thing ; ex:name "one\\d" . ex:b a ex:Thing ; ex:name "two"@fr ; ex:size "1.50"^^xsd:decimal .
ex:Small rdfs:subClassOf ex:Thing . ex:c a ex:Small ; ex:name "three" .
"""


def check(data: str, shapes: str) -> Report:
    return validate(quads(data), quads(shapes))


def test_a_finding_has_node_value_path_severity_and_messages_in_both_languages():
    report = check(DATA, RULE)
    assert [(each.node, each.value) for each in report.findings] == [
        ("https://example.org/a", "one\\d"),
        ("https://example.org/b", "two"),
        ("https://example.org/b", "1.5"),
        ("https://example.org/c", "three"),
    ]
    first = report.findings[0]
    assert first.severity == "warning"
    assert first.shape == EX + "rule"
    assert first.path == "https://example.org/name"
    assert first.messages == {
        "fr": "https://example.org/a dit « one\\d » (https://example.org/name).",
        "en": "https://example.org/a says “one\\d” (https://example.org/name).",
    }
    assert first.remedies == {"fr": "À faire.", "en": "To do."}
    assert (report.shapes, report.nodes, report.conforms) == (1, 3, True)


def test_words_that_a_shape_lacks_are_those_of_the_other_language_its_rule_or_its_constraint():
    shapes = COUNTED.replace('"Trop peu."@fr, ', "").replace(' rdfs:comment "Ajoutez."@fr, "Add."@en', "")
    (finding,) = check("ex:a a ex:Thing .", shapes).findings
    assert (finding.messages, finding.remedies) == (dict.fromkeys(("fr", "en"), "Too few."), {"fr": "", "en": ""})
    (finding,) = check("ex:a a ex:Thing .", shapes.replace('sh:message "Too few."@en ;', "")).findings
    assert "MinCount" in finding.messages["fr"]
    nameless = """ex:rule a sh:NodeShape ; sh:targetClass ex:Thing ; sh:property [ sh:path ex:part ; sh:minCount 1 ] ;
      sh:message "Pas de {?path}."@fr, "No {?path}."@en ; rdfs:comment "Ajoutez."@fr, "Add."@en ."""
    (finding,) = check("ex:a a ex:Thing .", nameless).findings
    assert (finding.shape, finding.messages["en"]) == (EX + "rule", "No https://example.org/part.")
    assert finding.remedies == {"fr": "Ajoutez.", "en": "Add."}


def test_a_shape_without_focus_nodes_is_a_remark():
    report = check("ex:a a ex:Other .", RULE)
    (finding,) = report.findings
    assert (finding.severity, finding.node, finding.shape) == ("info", *2 * (EX + "rule",))
    assert "“Rule”" in finding.messages["en"]
    assert report.conforms
    assert (report.shapes, report.nodes) == (1, 0)


@pytest.mark.parametrize(
    ("shapes", "shape", "message"),
    [
        (RULE.replace("isLiteral(", "isLitteral("), EX + "rule", "Expected"),
        (RULE.replace("isLiteral(?value)", "true) MINUS { $this a ?value } FILTER(true"), EX + "rule", "MINUS"),
        ("ex:p a sh:NodeShape ; sh:targetClass ex:Thing ; sh:path ex:name .", "shapes/", "sh:path"),
        ('ex:p a sh:NodeShape ; sh:targetClass ex:Thing ; sh:pattern "(" .', EX + "p", "unterminated"),
        (f"ex:p {SHAPE} ; sh:minCount 1.5 .", EX + "p", "xsd:integer"),
        ('ex:p a sh:NodeShape ; sh:targetSubjectsOf "p" ; sh:nodeKind sh:IRI .', EX + "p", "takes IRIs"),
        (f"ex:p {SHAPE} ; sh:or ex:x .", "shapes/", "list"),
        ("ex:p sh:node ex:nowhere .", EX + "p", "sh:node names https://example.org/nowhere"),
        ("ex:p sh:or ( [ sh:nodeKind sh:IRI ] [ ] ) .", EX + "p", "sh:or names [ … ]"),
        ("ex:p sh:property [ sh:minCount 1 ] .", EX + "p", "sh:property names [ … ]"),
        ("ex:p sh:or _:a . _:a rdf:first ex:p ; rdf:rest _:a .", "shapes/", "recursive"),
    ],
)
def test_an_invalid_shape_is_a_problem_that_names_it(shapes: str, shape: str, message: str):
    with pytest.raises(Problem) as caught:
        check(DATA, shapes)
    assert caught.value.kind.code == "shapes-invalid"
    assert caught.value.kind.exit_code == 2
    assert caught.value.params["shape"] == shape
    assert message in str(caught.value.params["message"])
    assert "\n" not in caught.value.words("fr").detail


def test_a_shape_that_refers_to_itself_is_left_to_pyshacl():
    report = check(DATA, "ex:p sh:targetClass ex:Thing ; sh:node ex:p ; sh:nodeKind sh:Literal .")
    assert len(report.findings) == 3


def test_rdflib_is_left_as_it_was():
    with pytest.raises(Problem):
        check(DATA, RULE.replace("isLiteral(", "isLitteral("))
    assert (rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS) == (True, True)


def test_a_node_that_cannot_be_computed_is_a_violation_and_others_are_checked():
    shapes = quads(
        'ex:sum a sh:NodeShape ; sh:targetClass ex:Thing ; sh:sparql [ sh:select "SELECT $this (SUM(?one) AS ?value) '
        'WHERE { $this <https://example.org/size> ?one } GROUP BY $this HAVING (SUM(?one) > 1)" ] .'
    )
    data = quads('ex:a a ex:Thing ; ex:size 1 , "x" . ex:b a ex:Thing ; ex:size 1 , 2 . ex:c a ex:Thing ; ex:size 1 .')
    found = {each.node.rpartition("/")[2]: each for each in validate(data, shapes).findings}
    assert {node: each.severity for node, each in found.items()} == {"a": "violation", "b": "violation"}
    assert found["b"].value == "3"
    assert "cannot be computed for this node (SPARQLTypeError)" in found["a"].messages["en"]


def test_a_path_of_several_properties_is_written_as_in_sparql():
    (finding,) = check("ex:a a ex:Thing .", COUNTED).findings
    assert finding.severity == "violation"
    assert finding.value is None
    assert finding.path == "<https://example.org/part> / <https://example.org/name>"
    assert finding.component == "http://www.w3.org/ns/shacl#MinCountConstraintComponent"
    assert finding.messages["fr"] == "Trop peu."

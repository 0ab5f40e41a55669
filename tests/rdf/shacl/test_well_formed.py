"""Shapes that are not well-formed: each value that its property cannot have, and each circle, is a finding."""

import pytest

from cper_lod.rdf.shacl.well_formed import shape_findings
from tests.rdf.shacl.shacl_reports import quads

VALUES = {
    "sh:minCount": ('"abc" -1 1.5 "2" "x"^^xsd:integer ex:x []', "0 2 +3"),
    "sh:maxCount": ("1.5 true", "1"),
    "sh:minLength": ('"3" 3.5', "3"),
    "sh:uniqueLang": ('"abc" 2 "yes"^^xsd:boolean', "true false"),
    "sh:deactivated": ('"true"', "false"),
    "sh:pattern": ('12 ex:x "a"@fr', '"^a\\\\n$" ""'),
    "sh:minInclusive": ("ex:x []", '1 "2020-01-01"^^xsd:date'),
    "sh:class": ('"ex:Thing" [] 1', "ex:Thing"),
    "sh:severity": ('"Warning"', "sh:Warning"),
    "sh:targetSubjectsOf": ('"p"', "ex:p"),
    "sh:nodeKind": ('ex:IRI "IRI" sh:Iri', "sh:IRI sh:BlankNodeOrLiteral"),
    "sh:in": ('ex:x "x" []', "( 1 ) ()"),
    "sh:languageIn": ('"fr"', '( "fr" )'),
    "sh:node": ('"x" ex:nowhere []', "ex:other"),
    "sh:property": ("ex:nowhere", "ex:part"),
    "sh:or": ('ex:x "x" () ( ex:nowhere )', "( ex:other ex:part )"),
    "sh:path": (
        '() [] "x" ( ex:p ) ( ex:p "x" ) [ sh:inversePath "x" ] [ sh:alternativePath ex:p ] [ sh:zeroPath ex:p ]',
        "ex:p ( ex:p ex:q ) [ sh:inversePath ex:p ] [ sh:alternativePath ( ex:p [ sh:oneOrMorePath ex:q ] ) ]",
    ),
}
"""Wrong and right values of each property; of each kind of values at least one."""
OTHERS = "ex:other a sh:NodeShape ; sh:nodeKind sh:IRI . ex:part sh:path ex:p ; sh:minCount 1 ."


def split(values: str) -> list[str]:
    """Return the values, of which those in brackets have spaces."""
    found, depth = [""], 0
    for char in values:
        depth += (char in "([") - (char in ")]")
        if char == " " and not depth:
            found.append("")
        else:
            found[-1] += char
    return found


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_a_property_cannot_have_is_a_finding(name: str) -> None:
    wrong, right = map(split, VALUES[name])
    for value in wrong:
        (finding,) = shape_findings(quads(f"ex:rule sh:targetClass ex:Thing ; {name} {value} . {OTHERS}"))
        assert (finding.severity, finding.node) == ("violation", "https://example.org/rule")
        assert finding.path == name.replace("sh:", "http://www.w3.org/ns/shacl#")
        for lang in ("fr", "en"):
            assert finding.messages[lang].startswith(f"{name} ")
            assert "shapes/" in finding.remedies[lang]
    for value in right:
        assert not [*shape_findings(quads(f"ex:rule sh:targetClass ex:Thing ; {name} {value} . {OTHERS}"))], value


@pytest.mark.parametrize(
    ("shapes", "count"),
    [
        ("ex:rule a sh:PropertyShape ; sh:minCount 1 .", 0),
        ("ex:rule a sh:PropertyShape ; sh:path ex:p , ex:q .", 2),
        ("ex:rule sh:property [ sh:minCount 1 ] .", 0),
    ],
)
def test_a_property_shape_has_one_path(shapes: str, count: int) -> None:
    (finding,) = shape_findings(quads(shapes))
    assert finding.node == "https://example.org/rule"
    assert f"(ici : {count})" in finding.messages["fr"]
    assert f"(here: {count})" in finding.messages["en"]


@pytest.mark.parametrize(
    ("shapes", "names"),
    [
        ("ex:a sh:node ex:a .", "a → a"),
        ("ex:a sh:not ex:a .", "a → a"),
        ("ex:a sh:property [ sh:path ex:p ; sh:node ex:a ] .", "a → a"),
        ("ex:a sh:or ( [ sh:path ex:p ; sh:minCount 5 ] ex:a ) .", "a → a"),
        ("ex:a sh:path ex:p ; sh:qualifiedValueShape [ sh:node ex:a ] .", "a → a"),
        ("ex:a sh:node ex:b . ex:b sh:and ( [ sh:xone ( ex:a ) ] ) .", "a → b → a"),
    ],
)
def test_a_shape_that_refers_to_itself_is_a_finding(shapes: str, names: str) -> None:
    (finding,) = shape_findings(quads(shapes))
    assert finding.node == "https://example.org/a"
    for lang in ("fr", "en"):
        assert f"({names})" in finding.messages[lang].replace("https://example.org/", "")


def test_a_list_without_an_end_and_a_path_through_itself_are_findings() -> None:
    rdf = "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . "
    endless = rdf + "ex:rule sh:in _:list . _:list rdf:first 1 ; rdf:rest _:list ."
    assert [each.path for each in shape_findings(quads(endless))] == ["http://www.w3.org/ns/shacl#in"]
    through = "ex:rule sh:path _:path . _:path sh:inversePath _:path ."
    assert [each.path for each in shape_findings(quads(through))] == ["http://www.w3.org/ns/shacl#path"]

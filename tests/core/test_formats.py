"""The table of formats."""

from cper_lod.core.formats import ALL, GRAPH_FORMATS, JSON_LD, SOLUTION_FORMATS
from cper_lod.core.namespaces import FORMATS


def test_names_and_types_are_unique():
    assert len({each.name for each in ALL}) == len(ALL)
    assert len({each.media_type for each in ALL}) == len(ALL)
    assert len({each.suffix for each in ALL}) == len(ALL)


def test_every_text_says_its_charset():
    assert all(each.content_type.endswith("; charset=utf-8") for each in ALL if each.media_type.startswith("text/"))
    assert JSON_LD.content_type == "application/ld+json"


def test_every_form_of_an_answer_has_the_name_that_w3c_gives_it():
    results = {f"{FORMATS}SPARQL_Results_{name}" for name in ("JSON", "XML", "CSV", "TSV")}
    graphs = {FORMATS + name for name in ("Turtle", "N-Triples", "N-Quads", "TriG", "JSON-LD", "RDF_XML")}
    assert {form.iri for form in (*SOLUTION_FORMATS, *GRAPH_FORMATS)} == results | graphs

"""Writing: round trips in every format, reproducible bytes, readable Turtle."""

from pathlib import Path
from xml.parsers import expat

import pytest
import rdflib
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from rdflib.compare import isomorphic

from cper_lod.core.errors import Problem
from cper_lod.core.formats import GRAPH_FORMATS, JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from cper_lod.core.namespaces import PREFIXES, RDF, XSD
from cper_lod.rdf.formatter import is_canonical
from cper_lod.rdf.reader import parse
from cper_lod.rdf.serialize import write
from cper_lod.rdf.shacl.store import literals_as_written
from tests.support.graphs import canonical, graphs, statements, union
from tests.support.paths import ROOT
from tests.support.properties import examples
from tests.support.refusals import refused
from tests.support.work import count_calls

WRITTEN = tuple(each for each in GRAPH_FORMATS if each is not JSON_LD)
DATASETS = (TRIG, N_QUADS)

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.text(st.sampled_from("\"\\n\n\r\t'#<>&]]>\u0000\u007f\u0085\u2028\ufeff\ufffe😀 "), max_size=8),
)
tags = st.sampled_from(["fr", "en", "fr-fr", "zh-hant-tw", "x-a1"])
FORMS = "1 -0 01 +5 -0.50 00.5 0.0000000001 994000000 .5 1. 1e3 true 2020-01-01 a"
forms = st.sampled_from(["", *FORMS.split()])
NAMES = ("integer", "decimal", "boolean", "double", "date", "nonNegativeInteger")
datatypes = st.sampled_from([*(XSD + name for name in NAMES), RDF + "XMLLiteral", "http://x/t", "urn:t"])
literals = st.one_of(
    st.builds(Literal, texts),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, tags),
    st.builds(lambda text, type_: Literal(text, datatype=NamedNode(type_)), st.one_of(forms, texts), datatypes),
)
ODD = "http://x/ http://x/?q=a&b='c' http://x/%41 http://x/é/名 urn:x:y http://x/\U0001f600 x:# http://x/a.b. http://x/a/2 http://x/a/10"
LOCAL = ("", "a", "A-1", "1a", "-a", "a.", "a.b", "é", "né")
ours = [namespace + name for namespace in (*[*PREFIXES.values()][:4], "http://x/p/", "urn:p:") for name in LOCAL]
iris = st.sampled_from([*ODD.split(), *ours]).map(NamedNode)
predicates = st.sampled_from(ours).map(NamedNode)
blanks = st.builds(BlankNode, st.sampled_from(["a", "b1", "b2", "0", "é", "x.y", "b10"]))
nodes = st.one_of(iris, blanks)
in_graphs = st.builds(
    lambda quad, name: Quad(quad.subject, quad.predicate, quad.object, name),
    statements(nodes, predicates, literals),
    st.one_of(nodes, st.none()),
)
trees = graphs(nodes, predicates, literals)


def back(data: bytes, format_: Format) -> list[Quad]:
    return parse(data, path=Path(f"a.{format_.suffix}"))


def written_as_xml(quads: list[Quad]) -> bytes | None:
    """Return the RDF/XML, or None if the graph cannot be represented."""
    try:
        data = write(quads, RDF_XML)
    except Problem as problem:
        assert problem.kind.code == "rdfxml-impossible"
        return None
    expat.ParserCreate().Parse(data, True)
    return data


@given(st.one_of(st.lists(in_graphs, max_size=14), trees))
@settings(deadline=None)
def test_every_format_round_trips(quads: list[Quad]):
    """Also with the same bytes, unless blank nodes have labels."""
    for format_ in WRITTEN:
        expected = quads if format_ in DATASETS else union(quads)
        data = written_as_xml(quads) if format_ is RDF_XML else write(quads, format_)
        if data is not None:
            assert canonical(back(data, format_)) == canonical(expected), data.decode()
            if format_.syntax == "lines":
                assert data.split(b"\n")[:-1] == sorted(data.split(b"\n")[:-1])
            if b"_:" not in data and b"nodeID" not in data:
                assert write(back(data, format_), format_) == data


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Serializing weird numerical")  # rdflib of "true"^^xsd:decimal
@given(graphs(iris, predicates, literals))  # rdflib reads no other letters in the label of a blank node
@settings(max_examples=examples(30))
@example([Quad(NamedNode("http://x/a"), NamedNode("http://x/p"), Literal("a\rb"))])
def test_rdflib_reads_the_same_graph(quads: list[Quad]):
    with literals_as_written():
        expected = rdflib.Graph().parse(data=write(quads, N_TRIPLES), format="nt")
        assert isomorphic(rdflib.Graph().parse(data=write(quads, TURTLE), format="turtle"), expected)
        xml = written_as_xml(quads)
        if xml is not None:
            assert isomorphic(rdflib.Graph().parse(data=xml, format="xml"), expected)


SAMPLE = r"""@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix x: <http://x/> .
x:c\/1\/axe\/10 x:v 1 . x:c\/1\/axe\/2 x:n 10, 2, 1.50, true, 1e0, "01"^^<http://www.w3.org/2001/XMLSchema#integer> ;
  skos:prefLabel "Two"@en, "Deux"@fr ; a skos:Concept .
x:c\/1 x:text "a \"b\"\nand \"\"\"\"", "\\n" ; x:list (1 "a" (2 ()) [ x:v [] ]) ; x:shared _:s .
x:a x:shared _:s . _:s x:v 1 . [] x:v 2 . [] x:v 1 .
"""
TIDY = r'''@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<http://x/c/1> <http://x/list> ( 1 "a" ( 2 rdf:nil ) [ <http://x/v> [] ] ) ;
    <http://x/shared> _:b9 ;
    <http://x/text>
        "\\n",
        """a "b"
and \"\"\"\"""" .

<http://x/c/1/axe/2> a skos:Concept ;
    skos:prefLabel "Deux"@fr, "Two"@en ;
    <http://x/n> true, 1.50, "1e0"^^xsd:double, "01"^^xsd:integer, 2, 10 .

<http://x/c/1/axe/10> <http://x/v> 1 .

<http://x/a> <http://x/shared> _:b9 .

_:b9 <http://x/v> 1 .

[] <http://x/v> 1 .

[] <http://x/v> 2 .
'''


def test_turtle_is_readable():
    quads = parse(SAMPLE.encode(), path=Path("a.ttl"))
    assert write(quads, TURTLE, root="http://x/c/1").decode() == TIDY
    without_root = write(quads, TURTLE).decode()
    assert without_root.index("<http://x/a> ") < without_root.index("<http://x/c/1> ")


def test_what_is_published_is_written_as_its_files_are():
    """The rest of the layout: nested blank nodes, lists, long lines and long texts."""
    paths = [path for folder in ("ontology", "shapes", "data") for path in (ROOT / folder).rglob("*.ttl")]
    assert len(paths) > 25
    assert [path for path in paths if not is_canonical(path)] == []


A = NamedNode("http://x/a")


@pytest.mark.parametrize(
    "quad",
    [
        *(Quad(A, NamedNode(iri), A) for iri in ("http://x/2024", "http://x/a/名\u0301", "urn:1", RDF + "li")),
        Quad(A, NamedNode("http://www.w3.org/2000/xmlns/p"), A),
        *(Quad(A, NamedNode("http://x/p"), Literal(text)) for text in ("a\x1fb", "\uffff")),
        Quad(A, NamedNode("http://x/p"), Triple(A, A, A)),
    ],
    ids=lambda quad: ascii(str(quad)),
)
def test_rdf_xml_rejects_what_it_cannot_represent(quad: Quad):
    with refused("rdfxml-impossible", quad.predicate.value):
        write([quad], RDF_XML)
    assert back(write([quad], TURTLE), TURTLE) == [quad]


HOSTILE = {
    "long list": "<http://x/a> <http://x/b> (" + " 1" * 10_000 + ") .",
    "nested nodes": "<http://x/a> <http://x/b> " + "[ <http://x/b> " * 5_000 + "1" + "]" * 5_000 + " .",
    "nested lists": "<http://x/a> <http://x/b> " + "(" * 5_000 + "1" + ")" * 5_000 + " .",
    "circle": "\n".join(f"_:c{n} <http://x/b> _:c{(n + 1) % 2_000} ." for n in range(2_000)),
    "clique": "\n".join(f"_:c{n} <http://x/b> _:c{m} ." for n in range(40) for m in range(40) if n != m),
    "pairs": "\n".join(f"_:c{n} <http://x/b> _:d{n} ; <http://x/c> _:d{n} ." for n in range(1_000)),
    "list in a circle": f"_:l <{RDF}first> _:l ; <{RDF}rest> (" + " 1" * 3_000 + " ) .",
}


@pytest.mark.slow
@pytest.mark.parametrize("format_", [TURTLE, RDF_XML], ids=lambda each: each.name)
@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_graphs_take_bounded_time(shape: str, format_: Format):
    quads = parse(HOSTILE[shape].encode(), path=Path("a.ttl"))
    data = write(quads, format_)
    assert count_calls(lambda: write(quads, format_)) < 300 * len(quads)
    assert len(back(data, format_)) == len(quads)

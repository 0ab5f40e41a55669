"""Writing: round trips in every format, reproducible bytes, readable Turtle."""

import os
import random
import subprocess
import sys
from itertools import permutations
from pathlib import Path
from xml.parsers import expat

import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Literal, NamedNode, Quad, Triple
from rdflib.compare import isomorphic

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format
from cper_lod.core.namespaces import PREFIXES, RDF, XSD
from cper_lod.rdf.reader import parse
from cper_lod.rdf.serialize import write
from tests.support.properties import examples
from tests.support.work import count_calls

GRAPHS = (TURTLE, N_TRIPLES, RDF_XML)
DATASETS = (TRIG, N_QUADS)
NIL = NamedNode(RDF + "nil")

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.text(st.sampled_from("\"\\n\n\r\t'#<>&]]>\u0000\u007f\u0085\u2028\ufeff\ufffe😀 "), max_size=8),
)
tags = st.sampled_from(["fr", "en", "fr-fr", "zh-hant-tw", "x-a1"])
FORMS = "1 -0 01 +5 -0.50 00.5 0.0000000001 994000000 .5 1. 1e3 true 2020-01-01 a"
forms = st.sampled_from(["", *FORMS.split()])
types = st.sampled_from(
    [XSD + name for name in ("integer", "decimal", "boolean", "double", "date", "nonNegativeInteger")]
)
datatypes = st.one_of(types, st.sampled_from([RDF + "XMLLiteral", "http://x/t", "urn:t"]))
literals = st.one_of(
    st.builds(Literal, texts),
    st.builds(lambda text, tag: Literal(text, language=tag), texts, tags),
    st.builds(lambda text, type_: Literal(text, datatype=NamedNode(type_)), st.one_of(forms, texts), datatypes),
)
ODD = "http://x/ http://x/?q=a&b='c' http://x/%41 http://x/é/名 urn:x:y http://x/\U0001f600 x:# http://x/a.b."
ours = [
    namespace + name
    for namespace in list(PREFIXES.values())[:4]
    for name in ("", "a", "A-1", "1a", "-a", "a.", "a.b", "é")
]
iris = st.builds(NamedNode, st.sampled_from([*ODD.split(), *ours, *(f"http://x/a/{number}" for number in (1, 2, 10))]))
names = [*PREFIXES.values(), "http://x/", "http://x/p/", "urn:p:"]
predicates = st.builds(
    lambda start, end: NamedNode(start + end), st.sampled_from(names), st.sampled_from(["p", "né", "a.b-c"])
)
types_too = st.one_of(predicates, st.sampled_from([NamedNode(RDF + name) for name in ("type", "first", "rest", "_1")]))
blanks = st.builds(BlankNode, st.sampled_from(["a", "b1", "b2", "0", "é", "x.y", "b10"]))
nodes = st.one_of(iris, blanks)
quads = st.builds(Quad, nodes, types_too, st.one_of(nodes, literals, st.just(NIL)))
in_graphs = st.builds(
    lambda quad, name: Quad(quad.subject, quad.predicate, quad.object, name), quads, st.one_of(iris, blanks, st.none())
)
datasets = st.lists(in_graphs, max_size=14)


@st.composite
def trees(draw: st.DrawFn) -> list[Quad]:
    """Draw lists and nested blank nodes, some of them shared."""
    found: list[Quad] = []
    made: list[BlankNode] = []

    def node(depth: int) -> NamedNode | BlankNode | Literal:
        kind = draw(st.integers(0, 5 if depth < 4 else 1))
        if kind < 2:
            return draw(st.one_of(iris, literals))
        if kind == 2 and made:
            return draw(st.sampled_from(made))
        here = BlankNode(f"n{len(made)}")
        made.append(here)
        if kind == 3:
            found.extend(Quad(here, draw(predicates), node(depth + 1)) for _ in range(draw(st.integers(0, 3))))
            return here
        items = [node(depth + 1) for _ in range(draw(st.integers(1, 4)))]
        cells = [here, *(BlankNode(f"l{len(made)}.{number}") for number in range(1, len(items)))]
        for cell, item, rest in zip(cells, items, [*cells[1:], NIL], strict=True):
            found.extend([Quad(cell, NamedNode(RDF + "first"), item), Quad(cell, NamedNode(RDF + "rest"), rest)])
        return here

    root = draw(iris)
    found.extend(Quad(root, draw(predicates), node(0)) for _ in range(draw(st.integers(1, 3))))
    return found


def canonical(quads: list[Quad]) -> list[str]:
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(map(str, dataset))


def union(quads: list[Quad]) -> list[Quad]:
    return [Quad(quad.subject, quad.predicate, quad.object) for quad in quads]


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


def check(quads: list[Quad]) -> None:
    """Assert that every format round-trips `quads`, and that Turtle then gives the same bytes."""
    for format_ in (*GRAPHS, *DATASETS):
        expected = quads if format_ in DATASETS else union(quads)
        data = written_as_xml(quads) if format_ is RDF_XML else write(quads, format_)
        if data is not None:
            assert canonical(back(data, format_)) == canonical(expected), data.decode()
            again = back(data, format_)
            if format_ not in (N_TRIPLES, N_QUADS):
                assert write(again, format_) == data


@given(datasets)
@settings(deadline=None)
def test_every_format_round_trips_a_dataset(quads: list[Quad]):
    check(quads)


@given(trees())
@settings(deadline=None)
def test_every_format_round_trips_lists_and_nested_nodes(quads: list[Quad]):
    check(quads)


@given(trees(), st.randoms(use_true_random=False))
@settings(max_examples=examples(50))
def test_bytes_do_not_depend_on_order_nor_on_names_of_blank_nodes(quads: list[Quad], chance: random.Random):
    found = sorted({term.value for quad in quads for term in quad if isinstance(term, BlankNode)})
    others = [f"z{number}" for number in range(len(found))]
    chance.shuffle(others)
    new = dict(zip(found, others, strict=True))
    renamed = [
        Quad(*(BlankNode(new[term.value]) if isinstance(term, BlankNode) else term for term in quad))  # type: ignore[arg-type]
        for quad in quads
    ]
    chance.shuffle(renamed)
    for format_ in (TURTLE, TRIG):
        assert write(renamed, format_) == write(quads, format_)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Serializing weird numerical")  # rdflib of "true"^^xsd:decimal
@given(trees())
@settings(max_examples=examples(30))
def test_rdflib_reads_the_same_graph(quads: list[Quad]):
    normalize, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        expected = rdflib.Graph().parse(data=write(quads, N_TRIPLES), format="nt")
        assert isomorphic(rdflib.Graph().parse(data=write(quads, TURTLE), format="turtle"), expected)
        xml = written_as_xml(quads)
        if xml is not None:
            assert isomorphic(rdflib.Graph().parse(data=xml, format="xml"), expected)
    finally:
        rdflib.NORMALIZE_LITERALS = normalize


SAMPLE = """
@prefix cper: <https://w3id.org/cper-lod/ontology#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix x: <http://x/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix dct: <http://purl.org/dc/terms/> .
x:c\\/1\\/axe\\/10 a cper:Axe ; skos:prefLabel "Dix"@fr .
x:c\\/1\\/axe\\/2 skos:prefLabel "Deux"@fr, "Two"@en ; a cper:Axe ;
  x:n 10, 2, 1.50, true, "994000000"^^xsd:decimal, 1e0, "01"^^xsd:integer ;
  rdfs:comment "C:\\\\new a \\"b\\"\\nand \\"\\"\\"\\"", "\\t\\n\\r", "\\\\n" ;
  dct:references skos:Concept, <http://www.w3.org/2004/02/skos/core#> .
x:c\\/1 cper:part x:c\\/1\\/axe\\/2, x:c\\/1\\/axe\\/10 ; x:list (1 "a" (2 ()) [ x:v [] ]) ;
  a cper:Contrat, cper:Autre ; x:shared _:s ; x:long [ a x:T ; x:v "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" ] .
x:a x:shared _:s . _:s x:v 1 . [] x:v 2 . [] x:v 1 . x:b x:v <http://x/a.> .
"""
TIDY = '''@prefix cper: <https://w3id.org/cper-lod/ontology#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<http://x/c/1> a cper:Autre, cper:Contrat ;
    <http://x/list> ( 1 "a" ( 2 rdf:nil ) [ <http://x/v> [] ] ) ;
    <http://x/long> [
        a <http://x/T> ;
        <http://x/v>
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
    ] ;
    <http://x/shared> _:b1 ;
    cper:part <http://x/c/1/axe/2>, <http://x/c/1/axe/10> .

<http://x/c/1/axe/2> a cper:Axe ;
    skos:prefLabel "Deux"@fr, "Two"@en ;
    rdfs:comment
        """C:\\\\new a "b"
and \\"\\"\\"\\"""",
        "\\\\n",
        """\\t
\\r""" ;
    <http://x/n> true, 1.50, "994000000"^^xsd:decimal, "1e0"^^xsd:double, "01"^^xsd:integer, 2, 10 ;
    dct:references <http://www.w3.org/2004/02/skos/core#>, skos:Concept .

<http://x/c/1/axe/10> a cper:Axe ;
    skos:prefLabel "Dix"@fr .

<http://x/a> <http://x/shared> _:b1 .

<http://x/b> <http://x/v> <http://x/a.> .

_:b1 <http://x/v> 1 .

[] <http://x/v> 1 .

[] <http://x/v> 2 .
'''


def test_turtle_is_readable():
    quads = parse(SAMPLE.encode(), path=Path("a.ttl"))
    assert write(quads, TURTLE, root="http://x/c/1").decode() == TIDY
    assert canonical(back(TIDY.encode(), TURTLE)) == canonical(quads)
    without_root = write(quads, TURTLE).decode()
    assert without_root.index("<http://x/a> ") < without_root.index("<http://x/c/1> ")


def test_an_ontology_comes_first_without_a_root():
    a, type_, ontology = NamedNode("http://x/z"), NamedNode(RDF + "type"), NamedNode(PREFIXES["owl"] + "Ontology")
    quads = [Quad(NamedNode("http://x/a"), type_, NamedNode("http://x/T")), Quad(a, type_, ontology)]
    assert write(quads, TURTLE).split(b"\n\n")[1].startswith(b"<http://x/z> a owl:Ontology")
    assert write(quads, RDF_XML).index(b"http://x/z") < write(quads, RDF_XML).index(b"http://x/a")


def test_trig_has_each_graph_and_turtle_their_union():
    a, b, g = (NamedNode(f"http://x/{name}") for name in "abg")
    shared, own = BlankNode("s"), BlankNode("o")
    quads = [
        Quad(a, b, Literal("x\ny")),
        Quad(a, b, own, g),
        Quad(own, b, Literal(1), g),
        Quad(a, b, Literal("x\ny"), g),
        Quad(a, b, shared),
        Quad(b, b, shared, g),
        Quad(shared, b, a, NamedNode("http://x/g/2")),
    ]
    assert write(quads, TRIG).decode() == (
        '<http://x/a> <http://x/b>\n        """x\ny""",\n        _:b1 .\n\n'
        '<http://x/g> {\n    <http://x/a> <http://x/b>\n            """x\ny""",\n            [ <http://x/b> 1 ] .\n\n'
        "    <http://x/b> <http://x/b> _:b1 .\n}\n\n<http://x/g/2> {\n    _:b1 <http://x/b> <http://x/a> .\n}\n"
    )
    assert len(back(write(quads, TURTLE), TURTLE)) == 6
    assert write(quads, N_TRIPLES).count(b"\n") == 6
    assert write(quads, N_QUADS).count(b"\n") == 7


def test_n_triples_are_canonical_and_sorted_as_bytes():
    a, b = NamedNode("http://x/a"), NamedNode("http://x/b")
    quads = [
        Quad(a, b, Literal("\U0001f600")),
        Quad(a, b, Literal("\uffee\t\x01")),
        Quad(a, b, BlankNode("n")),
        Quad(a, b, a),
    ]
    data = write([*quads, *quads], N_TRIPLES)
    assert data.splitlines() == sorted(set(data.splitlines()))
    assert (
        data
        == (
            '<http://x/a> <http://x/b> "\uffee\\t\\u0001" .\n<http://x/a> <http://x/b> "\U0001f600" .\n'
            "<http://x/a> <http://x/b> <http://x/a> .\n<http://x/a> <http://x/b> _:n .\n"
        ).encode()
    )
    assert write(quads, N_QUADS) == data


@pytest.mark.parametrize("format_", [*GRAPHS, *DATASETS], ids=lambda each: each.name)
def test_nothing_is_written_as_an_empty_document(format_: Format):
    assert back(write([], format_), format_) == []
    assert (write([], format_) == b"") == (format_ is not RDF_XML)


def test_other_formats_have_other_writers():
    with pytest.raises(ValueError, match="html"):
        write([], HTML)


A = NamedNode("http://x/a")


@pytest.mark.parametrize(
    "quad",
    [
        *(
            Quad(A, NamedNode(iri), A)
            for iri in (
                "http://x/",
                "http://x/2024",
                "http://x/a/名\u0301",
                "urn:1",
                "http://x/p?",
                RDF + "li",
                RDF + "Description",
                "http://www.w3.org/2000/xmlns/p",
            )
        ),
        *(Quad(A, NamedNode("http://x/p"), Literal(text)) for text in ("\x00", "a\x1fb", "\ufffe", "\uffff")),
        Quad(A, NamedNode("http://x/p"), Triple(A, A, A)),
    ],
    ids=lambda quad: ascii(str(quad)),
)
def test_rdf_xml_rejects_what_it_cannot_represent(quad: Quad):
    with pytest.raises(Problem) as caught:
        write([quad], RDF_XML)
    assert caught.value.kind.code == "rdfxml-impossible"
    assert quad.predicate.value in caught.value.words("fr").detail
    assert back(write([quad], TURTLE), TURTLE) == [quad]


def test_rdf_xml_begins_with_the_root_and_declares_only_what_it_uses():
    axe = NamedNode(PREFIXES["cper"] + "Axe")
    quads = [
        Quad(A, NamedNode("http://x/1p"), Literal("a\r\n<&>\"'", language="fr")),
        Quad(A, NamedNode(RDF + "type"), axe),
    ]
    quads.append(Quad(NamedNode("http://x/b?a&b"), NamedNode("http://x/1p"), BlankNode("0")))
    assert write(quads, RDF_XML, root="http://x/b?a&b").decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF\n    xmlns:cper="https://w3id.org/cper-lod/ontology#"\n'
        '    xmlns:ns1="http://x/1"\n    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about="http://x/b?a&amp;b">\n    <ns1:p rdf:nodeID="b1"/>\n  </rdf:Description>\n'
        '  <cper:Axe rdf:about="http://x/a">\n    <ns1:p xml:lang="fr">a&#13;\n&lt;&amp;&gt;"\'</ns1:p>\n'
        "  </cper:Axe>\n</rdf:RDF>\n"
    )


def test_triple_terms_and_directions_survive_turtle():
    text = b'<http://x/a> <http://x/b> <<( _:n <http://x/b> "a b"@fr )>>, "x"@fr--ltr . _:n <http://x/b> 1 .'
    quads = parse(text, path=Path("a.ttl"))
    data = write(quads, TURTLE)
    assert b'<<( _:b1 <http://x/b> "a b"@fr )>>' in data
    assert canonical(back(data, TURTLE)) == canonical(quads)


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
@pytest.mark.parametrize(
    ("shape", "format_"),
    [*((shape, TURTLE) for shape in HOSTILE), *((shape, RDF_XML) for shape in ("nested nodes", "clique", "pairs"))],
)
def test_hostile_graphs_take_bounded_time(shape: str, format_: Format):
    quads = parse(HOSTILE[shape].encode(), path=Path("a.ttl"))
    data = write(quads, format_)
    assert count_calls(lambda: write(quads, format_)) < 300 * len(quads)
    again = back(data, format_)
    assert len(again) == len(quads)
    assert write(again, format_) == data


def test_similar_but_different_cycles_are_distinguished():
    def circles(*groups: str) -> list[Quad]:
        p = NamedNode("http://x/p")
        return [
            Quad(BlankNode(a), p, BlankNode(b))
            for each in groups
            for a, b in zip(each, each[1:] + each[0], strict=True)
        ]

    written = {write(circles("".join(order[:3]), "".join(order[3:])), TURTLE) for order in permutations("abcde")}
    assert len(written) == 1
    assert write(circles("abcde"), TURTLE) not in written


SCRIPT = """
import sys
from pathlib import Path
from cper_lod.rdf import jsonld
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from cper_lod.core.formats import N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE
context = jsonld.Context.parse({"@context": {"x": "http://x/", "v": {"@id": "http://x/v", "@container": "@set"}}})
for path in sys.argv[1:]:
    quads = read(Path(path))
    for format in (TURTLE, TRIG, N_TRIPLES, N_QUADS, RDF_XML):
        sys.stdout.buffer.write(write(quads, format))
    sys.stdout.buffer.write(jsonld.write(quads, "http://x/c/1", context, address=None))
"""


@pytest.mark.slow
def test_the_bytes_are_the_same_in_every_process(tmp_path: Path):
    circle = "_:a <http://x/p> _:b . _:b <http://x/p> _:a . _:c <http://x/p> _:d, _:c . <http://x/z> <http://x/p> _:d ."
    (tmp_path / "a.ttl").write_text(SAMPLE + circle, "utf-8")
    (tmp_path / "b.jsonld").write_text(
        '[{"http://x/p": [{"http://x/q": {"@list": [1, {}]}}, {"@id": "_:b"}]}]', "utf-8"
    )
    answers = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT, tmp_path / "a.ttl", tmp_path / "b.jsonld"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    ]
    assert len(answers[0]) > 10_000
    assert answers[0] == answers[1] == answers[2]


def test_writing_takes_linear_time():
    def document(size: int) -> list[Quad]:
        label = NamedNode(PREFIXES["skos"] + "prefLabel")
        return [
            Quad(NamedNode(f"http://x/{n // 10}"), label, Literal(f"valeur {n}", language="fr")) for n in range(size)
        ]

    small, large = document(500), document(5_000)
    assert write(large, TURTLE).count(b"@fr") == 5_000
    assert count_calls(lambda: write(large, TURTLE)) < 11 * count_calls(lambda: write(small, TURTLE))


def test_given_predicate_order_comes_after_the_fixed_one():
    base = "http://example.org/"
    names = ["a", "b", "c", RDF + "type", PREFIXES["skos"] + "prefLabel"]
    node = NamedNode(base + "s")
    quads = [Quad(node, NamedNode(name if ":" in name else base + name), NamedNode(base + "o")) for name in names]
    text = write(quads, TURTLE, order={f"<{base}c>": 0, f"<{base}a>": 1}).decode()
    places = [text.index(word) for word in (" a ", "skos:prefLabel ", f"<{base}c>", f"<{base}a>", f"<{base}b>")]
    assert places == sorted(places)

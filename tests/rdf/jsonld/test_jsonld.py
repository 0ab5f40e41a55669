"""The JSON-LD writer: exact documents, and three parsers (pyld, rdflib, Oxigraph) that return the same triples."""

import json
import random
from functools import partial
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Quad, RdfFormat

from cper_lod.core.namespaces import CPER, RDF, SKOS, XSD
from cper_lod.rdf.jsonld import expanded, flattened, write
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.jsonld.graph import DEPTH, LIST_DEPTH
from tests.support.graphs import READERS, canonical, graphs
from tests.support.json_objects import objects

ADDRESS = "http://127.0.0.1:8000/context/2.0.0.jsonld"


def compiled(document: dict[str, Any]) -> Context:
    return Context.parse(json.dumps(document).encode())


RICH = compiled(
    {
        "@context": {
            "@version": 1.1,
            "id": "@id",
            "type": {"@id": "@type", "@container": "@set"},
            "valeur": "@value",
            "langue": "@language",
            "liste": "@list",
            "inclus": "@included",
            "graphe": "@graph",
            "ex": "http://ex/",
            "skos": SKOS,
            "nom": {"@id": "skos:prefLabel", "@container": "@language"},
            "exv": "http://ex/v/",
            "xsd": XSD,
            "rdf": RDF,
            "mailto": "http://ex/mail#",
            "Classe": "ex:Classe",
            "entier": {"@id": "ex:p1", "@type": "xsd:integer"},
            "decimal": {"@id": "ex:p1", "@type": "xsd:decimal"},
            "lien": {"@id": "ex:p1", "@type": "@id"},
            "liens": {"@id": "ex:p8", "@type": "@id", "@container": "@set"},
            "noms": {"@id": "ex:p2", "@container": "@language"},
            "nomsListe": {"@id": "ex:p3", "@container": ["@language", "@set"]},
            "brut": "ex:p3",
            "ensemble": {"@id": "ex:p4", "@container": "@set"},
            "code": {"@id": "ex:p5", "@type": "@vocab"},
            "date": {"@id": "ex:p5", "@type": "xsd:date"},
            "double": {"@id": "ex:p6", "@type": "xsd:double"},
            "booleen": {"@id": "ex:p6", "@type": "xsd:boolean", "@container": "@set"},
            "texte": {"@id": "ex:p6", "@language": None},
            "annee": {"@id": "ex:p6", "@type": "xsd:nonNegativeInteger"},
        }
    }
)


def parsed(turtle: str) -> list[Quad]:
    return list(pyoxigraph.parse(turtle.encode(), RdfFormat.TURTLE))


def round_trip(quads: list[Quad], root: str | None = None, context: Context = RICH) -> dict[str, Any]:
    """Write each form, check that every parser returns the triples, check the layout, and return the nested document."""
    expected = canonical(quads)
    shuffled = random.sample(quads, len(quads))
    for document, again in zip(forms(quads, root, context), forms(shuffled, root, context), strict=True):
        for read in READERS:
            nquads = pyoxigraph.parse(read(json.loads(document)), RdfFormat.N_QUADS)
            assert canonical(nquads) == expected, (read, document.decode())
        assert document.decode() == json.dumps(json.loads(document), ensure_ascii=False, indent=1) + "\n"
        assert document == again
    tree: dict[str, Any] = json.loads(write(quads, root, context, address=None))
    return tree


def forms(quads: list[Quad], root: str | None, context: Context) -> tuple[bytes, bytes, bytes]:
    """Write the nested, the flattened and the expanded document, with an inline context or without one."""
    nested = write(quads, root, context, address=None)
    return nested, flattened(quads), expanded(quads)


def iri(name: str) -> NamedNode:
    return NamedNode(name if ":" in name else "http://ex/" + name)


def quad(subject: str, predicate: str, value: "str | NamedNode | BlankNode | Literal") -> Quad:
    """Make a quad; `_:x` is a blank node, another plain string an IRI (under http://ex/ unless it is absolute)."""

    def node(text: str) -> NamedNode | BlankNode:
        return BlankNode(text[2:]) if text.startswith("_:") else iri(text)

    return Quad(node(subject), iri(predicate), node(value) if isinstance(value, str) else value)


def rows(*triples: tuple[str, str, "str | NamedNode | BlankNode | Literal"]) -> list[Quad]:
    return [quad(*each) for each in triples]


def typed(lexical: str, datatype: str) -> Literal:
    return Literal(lexical, datatype=NamedNode(datatype if ":" in datatype else XSD + datatype))


# --- Layout ---------------------------------------------------------------------------------------------------------


LAYOUT = """PREFIX e: <http://ex/> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
e:root a e:Autre, e:Classe ; e:p2 "Plan"@fr, "Outline"@en ; e:p4 e:a10, e:a2 ; e:p8 e:named ; e:page <http://else/> .
e:a10 e:p1 10 ; e:p4 e:shared ; e:of e:named . e:a2 e:p1 2 ; e:p4 e:shared ; e:part [ e:p1 "19.0"^^xsd:decimal ] ; e:p8 e:root ; e:of e:named .
e:shared skos:notation "I" ; skos:prefLabel "Un"@fr, "One"@en ; skos:definition "Longue"@fr ; e:p4 e:a10 .
e:named skos:prefLabel "Nom"@fr .
"""


def test_a_document_is_one_nested_object_in_the_order_of_its_keys() -> None:
    """A node that is reached twice is complete at the first place, and has its names and number at the second; one with a name only
    has it wherever a key leads to it.
    """
    names = {"nom": {"fr": "Un", "en": "One"}, "skos:notation": "I"}
    shared, named = {"id": "http://ex/shared", **names}, {"id": "http://ex/named", "nom": {"fr": "Nom"}}
    expected = {
        "@context": ADDRESS,
        "id": "http://ex/root",
        "type": ["Classe", "ex:Autre"],
        "liens": ["http://ex/named"],
        "noms": {"fr": "Plan", "en": "Outline"},
        "ensemble": [
            {
                "id": "http://ex/a2",
                "entier": 2,
                "ensemble": [
                    shared
                    | {"ensemble": [{"id": "http://ex/a10"}], "skos:definition": {"valeur": "Longue", "langue": "fr"}}
                ],
                "liens": ["http://ex/root"],
                "ex:of": named,
                "ex:part": {"decimal": "19.0"},
            },
            {"id": "http://ex/a10", "entier": 10, "ensemble": [shared], "ex:of": named},
        ],
        "ex:page": {"id": "http://else/"},
    }
    written = write(parsed(LAYOUT), "http://ex/root", RICH, address=ADDRESS)
    assert json.loads(written) == expected
    assert [*json.loads(written)] == [*expected]
    round_trip(parsed(LAYOUT), "http://ex/root")
    long = round_trip(parsed(LAYOUT.replace("One", "One" * 1000)), "http://ex/root")
    assert long["ensemble"][1]["ensemble"] == [{"id": "http://ex/shared"}]


def test_the_nearest_parent_wins_then_the_first_key() -> None:
    far = [("root", "x", "a"), ("a", "x", "b"), ("b", "x", "c"), ("root", "z", "c")]
    tree = round_trip(rows(*far, ("c", "w", Literal("1"))), "http://ex/root")
    assert tree["ex:z"] == {"id": "http://ex/c", "ex:w": "1"}
    assert tree["ex:x"]["ex:x"]["ex:x"] == {"id": "http://ex/c"}
    # Two parents as near: `ensemble` is a key of the context, `ex:a` is none, though its parent comes first.
    tie = [("root", "x", "a1"), ("root", "x", "a2"), ("a1", "a", "c"), ("a2", "p4", "c"), ("c", "w", Literal("1"))]
    tree = round_trip(rows(*tie), "http://ex/root")
    assert tree["ex:x"][0]["ex:a"] == {"id": "http://ex/c"}
    assert tree["ex:x"][1]["ensemble"] == [{"id": "http://ex/c", "ex:w": "1"}]


@pytest.mark.parametrize(
    ("predicate", "value", "key", "form"),
    [
        ("p1", typed("7", "integer"), "entier", 7),
        ("p1", typed("07", "integer"), "ex:p1", {"valeur": "07", "@type": "xsd:integer"}),
        ("p1", typed(str(2**53 - 1), "integer"), "entier", 2**53 - 1),
        ("p1", typed(str(2**53), "integer"), "ex:p1", {"valeur": str(2**53), "@type": "xsd:integer"}),
        ("p1", typed("٣", "integer"), "ex:p1", {"valeur": "٣", "@type": "xsd:integer"}),
        ("p1", iri("urn:x"), "lien", "urn:x"),
        ("p1", Literal("x", language="fr"), "ex:p1", {"valeur": "x", "langue": "fr"}),
        ("p2", Literal("x"), "noms", {"@none": "x"}),
        ("p3", Literal("x", language="en"), "nomsListe", {"en": ["x"]}),
        ("p7", typed("true", "boolean"), "ex:p7", True),
        ("p7", typed("1", "boolean"), "ex:p7", {"valeur": "1", "@type": "xsd:boolean"}),
        ("p7", typed('{"a":  1}', RDF + "JSON"), "ex:p7", {"valeur": '{"a":  1}', "@type": "rdf:JSON"}),
        ("p5", iri("Classe"), "code", "Classe"),
        ("p5", iri("inconnu"), "code", "ex:inconnu"),
        ("p6", typed("false", "boolean"), "booleen", [False]),
        ("p6", Literal("x"), "texte", "x"),
        ("http://ex/v/q", Literal("x"), "exv:q", "x"),
        ("http://ex///q", Literal("x"), "http://ex///q", "x"),
        ("mailto:q", Literal("x"), "mailto:q", "x"),
        (RDF + "type", iri("Classe"), "type", ["Classe"]),
        (RDF + "type", Literal("x"), "rdf:type", "x"),
        (RDF + "type", BlankNode(), "rdf:type", {"id": "_:b0"}),
        (RDF + "value", NamedNode(RDF + "nil"), "rdf:value", {"liste": []}),
    ],
)
def test_each_value_takes_the_term_that_fits(
    predicate: str, value: NamedNode | BlankNode | Literal, key: str, form: object
) -> None:
    tree = round_trip(rows(("a", predicate, value)), "http://ex/a")
    del tree["@context"], tree["id"]
    assert tree == {key: form}
    assert type(tree[key]) is type(form)


# --- Lists, depth, blank nodes --------------------------------------------------------------------------------------


def test_a_chain_of_any_length_is_cut_into_pieces() -> None:
    length = 2000  # twice what recursion permits
    quads = rows(("root", "x", "_:n0"))
    for at in range(length):  # the number tells blank nodes apart for the comparison below
        quads += rows((f"_:n{at}", "x", f"_:n{at + 1}"), (f"_:n{at}", "w", Literal(str(at))))
    document = write(quads, "http://ex/root", RICH, address=None)
    assert len(json.loads(document)["inclus"]) == length // DEPTH
    assert canonical(quads) == canonical(pyoxigraph.parse(document, RdfFormat.JSON_LD))


def test_well_formed_lists_are_lists() -> None:
    turtle = """PREFIX e: <http://ex/>
    e:a e:x ( 1 "deux" ( e:b ) ) ; e:p4 ( ), ( [ e:w ( 3 ) ] ) ; e:p1 ( 1 2 ), ( e:c ), ( 1 e:c ) ; e:p2 ( "x"@fr ) ."""
    tree = round_trip(parsed(turtle), "http://ex/a")
    assert tree["ex:x"] == {"liste": [1, "deux", {"liste": [{"id": "http://ex/b"}]}]}
    assert tree["ex:p4"] == [{"liste": []}, {"liste": [{"ex:w": {"liste": [3]}}]}]
    assert {"liste": [1, {"id": "http://ex/c"}]} in tree["ex:p1"]
    assert len(tree["ex:p1"]) == 3
    assert tree["ex:p2"] == {"liste": [{"valeur": "x", "langue": "fr"}]}


MALFORMED = {
    "two firsts": "e:a e:x [ rdf:first 1, 2 ; rdf:rest () ] .",
    "no rest": "e:a e:x [ rdf:first 1 ] .",
    "more said": "e:a e:x [ rdf:first 1 ; rdf:rest () ; a rdf:List ] .",
    "shared head": "e:a e:x _:l ; e:y _:l . _:l rdf:first 1 ; rdf:rest () .",
    "shared tail": "e:a e:x [ rdf:first 1 ; rdf:rest _:t ], _:t . _:t rdf:first 2 ; rdf:rest () .",
    "no owner": "_:l rdf:first 1 ; rdf:rest () .",
    "ring of rests": "e:a e:x _:l . _:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 ; rdf:rest _:l .",
    "holds itself": "_:l rdf:first _:l ; rdf:rest () .",
    "named cell": "e:a e:x e:l . e:l rdf:first 1 ; rdf:rest ( 2 ) .",
    "owned by an item": "e:a e:w 1 . _:x e:x ( _:x ) .",
}


@pytest.mark.parametrize("turtle", MALFORMED.values(), ids=MALFORMED)
def test_other_lists_lose_no_triple(turtle: str) -> None:
    quads = parsed(f"PREFIX e: <http://ex/> PREFIX rdf: <{RDF}> {turtle}")
    for root in (None, "http://ex/a"):
        tree = round_trip(quads, root)
        assert len(tree) > 1


def test_lists_within_lists_within_objects_stay_within_the_limit() -> None:
    turtle = (
        "PREFIX e: <http://ex/> e:a e:x " + "".join(f"( {at} [ e:x " for at in range(200)) + "1" + " ] )" * 200 + "."
    )
    quads = parsed(turtle)
    document = write(quads, "http://ex/a", RICH, address=None)
    assert canonical(pyoxigraph.parse(document, RdfFormat.JSON_LD)) == canonical(quads)
    inner = parsed("<http://ex/a> <http://ex/x> " + "( " * 30 + "1" + " )" * 30 + ".")
    text = json.dumps(round_trip(inner, "http://ex/a")["ex:x"])
    assert [text.startswith('{"liste": [' * depth) for depth in (LIST_DEPTH, LIST_DEPTH + 1)] == [True, False]


def test_hostile_blank_nodes_take_bounded_time() -> None:
    """Twelve equal nodes, all linked."""
    knot = rows(*((f"_:n{a}", "x", f"_:n{b}") for a in range(12) for b in range(12) if a != b))
    tree = json.loads(write(knot, None, RICH, address=None))
    assert json.dumps(tree).count('"ex:x"') == 12
    assert len(set(pyoxigraph.parse(json.dumps(tree), RdfFormat.JSON_LD))) == len(knot)


def test_a_base_direction_is_kept() -> None:
    """Only Oxigraph parses it: pyld and rdflib ignore the direction, as section 4.2.4.1 permits."""
    quads = rows(("a", "p2", Literal("x", language="ar", direction=BaseDirection.RTL)))
    document = write(quads, "http://ex/a", RICH, address=None)
    assert json.loads(document)["ex:p2"] == {"valeur": "x", "langue": "ar", "@direction": "rtl"}
    assert canonical(pyoxigraph.parse(document, RdfFormat.JSON_LD)) == canonical(quads)


# --- Hostile data ---------------------------------------------------------------------------------------------------


ODD_IRIS = (
    "urn:x http:foo xsd:integer ex:p1 ex:a?u=http://b/ ex://p1 xsd: Classe:x entier:x http://ex/a/../b http://ex "
    "http://ex/ HTTP://EX/p a:@id tag:@type x:%40 http://ex/é http://ex/%C3%A9 http://ex/?q#f http://ex/: http://ex// "
    "rdf:type type:x id:x"
)


@pytest.mark.parametrize("name", ODD_IRIS.split())
def test_any_iri_round_trips_in_every_position(name: str) -> None:
    places = rows(
        (name, "x", name),
        (name, name, name),
        (name, RDF + "type", name),
        (name, "p1", name),
        (name, "p5", name),
        (name, "x", typed("1", name)),
        (name, "p2", name),
        (name, "p4", "_:b"),
        ("_:b", name, "_:b"),
    )
    assert round_trip(places, name)["id"] == name
    assert "graphe" in round_trip(places)


def test_what_json_ld_cannot_represent_is_rejected() -> None:
    triple = pyoxigraph.Triple(iri("a"), iri("b"), iri("c"))
    quads = [Quad(iri("a"), iri("b"), triple)]
    for form in (partial(write, root=None, context=RICH, address=None), flattened, expanded):
        with pytest.raises(ValueError, match="triple term"):
            form(quads)


# --- Any graph ------------------------------------------------------------------------------------------------------

IRIS = ["http://ex/a", "http://ex/b", "http://ex/Classe", "http://ex/v/x", "mailto:x", "xsd:x", "urn:x", RDF + "nil"]
PROPERTIES = [*(f"http://ex/p{at}" for at in range(1, 7)), "http://ex/v/q", "mailto:q", "http://else/q"]
LEXICAL = ["0", "1", "-5", "01", "57.3", "1.0E0", "true", "1" * 20, "2023-01-09", "x", "", "@id", "ex:a"]
DATATYPES = ["integer", "decimal", "boolean", "date", "nonNegativeInteger", "gYear"]
text = st.sampled_from(LEXICAL) | st.text(st.characters(codec="utf-8"), max_size=6)
literals = (
    st.builds(Literal, text)
    | st.builds(lambda lexical, tag: Literal(lexical, language=tag), text, st.sampled_from(["fr", "en", "fr-ca"]))
    | st.builds(typed, text, st.sampled_from(DATATYPES))
    | st.builds(typed, st.sampled_from(["1.0E0", "5.73E1"]), st.just("double"))
)
drawn = graphs(
    st.sampled_from([*map(NamedNode, IRIS), *map(BlankNode, "stuvw")]),
    st.sampled_from(PROPERTIES).map(NamedNode),
    literals,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(drawn, st.sampled_from([None, *IRIS[:3]]))
def test_any_graph_round_trips_and_describes_each_node_once(quads: list[Quad], root: str | None) -> None:
    tree = round_trip(quads, root)
    described = [node["id"] for node in objects(tree) if "id" in node and len(node) > 1 and "@context" not in node]
    described += [tree["id"]] if "id" in tree else []
    assert len(described) == len(set(described))


# --- The context file -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (b"[]", "@context"),
        (b'{"@context": {"a": "http://ex/a", "a": "http://ex/b"}}', "twice"),
        (b"{", "Expecting"),
        ({"@context": {"@vocab": CPER}}, "@vocab"),
        ({"@context": {"id": "@context"}}, "'id'"),
        ({"@context": {"urn": "http://ex/"}}, "'urn'"),
        ({"@context": {"a": "ex:a"}}, "'ex:a'"),
        ({"@context": {"a": {"@reverse": "http://ex/a"}}}, "@reverse"),
        ({"@context": {"a": {"@id": "http://ex/a", "@type": "date"}}}, "'date'"),
        ({"@context": {"a": {"@id": "http://ex/a", "@container": "@index"}}}, "@index"),
        ({"@context": {"a": {"@id": "http://ex/a", "@language": "fr"}}}, "@language"),
        ({"@context": {"a": {"@id": "http://ex/a", "@type": XSD + "string"}}}, "xsd:string"),
        ({"@context": {"a": {"@id": "http://ex/a", "@container": "@language", "@type": "@id"}}}, "'a'"),
    ],
)
def test_unsupported_context_entries_are_named(document: bytes | dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Context.parse(document if isinstance(document, bytes) else json.dumps(document).encode())

"""The class diagram: every class has a box, edges agree with the ontology, nothing overlaps or sticks out."""

import re
from itertools import combinations

import pytest
from pyoxigraph import RdfFormat, parse

from cper_lod.core.namespaces import CPER, ONTOLOGY
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.documents import document
from cper_lod.release.release import Release
from cper_lod.web.docs.class_diagram import MAX_CLASSES, WIDTH, ClassBox, Diagram, diagram

HEAD = """@prefix : <http://ex.org/o#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def made(turtle: str) -> Ontology:
    context = Context.parse({"@context": {}})
    return Ontology(parse((HEAD + turtle).encode(), RdfFormat.TURTLE), "http://ex.org/o", context)


def drawn(ontology: Ontology, name: str = "") -> Diagram:
    found = diagram(ontology, lambda iri: name or iri.partition("#")[2], "several", "is a")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def ours(release: Release) -> Ontology:
    return Ontology(document(release, ONTOLOGY).quads, ONTOLOGY, release.context)


def sound(found: Diagram) -> None:
    """Check that boxes lie inside, apart from one another, and hold what is written in them."""
    for box in found.boxes:
        assert 0 <= box.x <= box.x + WIDTH <= found.width
        assert 0 <= box.y <= box.y + box.height <= found.height
        assert box.title
        lines, rows = range(len(box.title)), range(len(box.rows))
        for baseline in (*map(box.title_baseline, lines), *(box.row_middle(each) + 4 for each in rows)):
            assert box.y < baseline < box.y + box.height
    for one, other in combinations(found.boxes, 2):
        apart = one.x + WIDTH < other.x or other.x + WIDTH < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y, (one.iri, other.iri)


def touches(box: ClassBox, x: int, y: int) -> bool:
    return box.y <= y <= box.y + box.height and (abs(x - box.x) <= 2 or abs(x - box.x - WIDTH) <= 2)


def test_every_class_has_a_box_and_every_link_a_tie(ours: Ontology):
    found = drawn(ours)
    assert {box.iri for box in found.boxes} == {*ours.classes, ""}
    links = {(edge.property, edge.source, edge.target) for edge in found.edges if edge.kind == "link"}
    assert links == {(link.property, link.source, link.target) for link in ours.class_links()}
    supers = {(edge.source, edge.target) for edge in found.edges if edge.kind == "super"}
    assert supers == {(CPER + "ContratDePlan", CPER + "Contrat")}
    assert len(found.edges) == len(links) + len(supers) > 20
    sound(found)


def test_a_tie_begins_at_its_row_and_ends_at_its_class(ours: Ontology):
    found = drawn(ours)
    boxes = {box.iri: box for box in found.boxes}
    for edge in found.edges:
        numbers = [int(each) for each in re.findall(r"-?[0-9]+", edge.path)]
        assert touches(boxes[edge.source], *numbers[:2])
        assert touches(boxes[edge.target], *numbers[-2:])


def test_it_fits_a_page(ours: Ontology):
    found = drawn(ours)
    assert found.width <= 990
    assert found.height <= 700


def test_the_same_ontology_gives_the_same_drawing(ours: Ontology, release: Release):
    again = Ontology(reversed(document(release, ONTOLOGY).quads), ONTOLOGY, release.context)
    assert drawn(again) == drawn(ours)


def test_circles_loops_and_long_names_are_drawn():
    found = drawn(
        made(
            """:a a owl:Class ; rdfs:subClassOf :a, :b . :b a owl:Class ; rdfs:subClassOf :a .
            :p a rdf:Property ; rdfs:domain :a ; rdfs:range :a, :b .
            :q a rdf:Property ; rdfs:domain :b ; rdfs:range :a ."""
        ),
        "a-name-without-a-space-" * 20,
    )
    assert len(found.edges) == 6
    assert all(len(each) <= 23 for box in found.boxes for each in (*box.title, *(row.short for row in box.rows)))
    sound(found)


def test_none_and_too_many_are_not_drawn():
    for count, shown in ((0, False), (MAX_CLASSES, True), (MAX_CLASSES + 1, False)):
        ontology = made("".join(f":c{number} a owl:Class .\n" for number in range(count)))
        assert (diagram(ontology, str, "several", "is a") is not None) is shown

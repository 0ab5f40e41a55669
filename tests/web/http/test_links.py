"""Typed links: the header (RFC 8288), FAIR Signposting level 2, link sets (RFC 9264)."""

import json
import re

from cper_lod.core.formats import HTML, JSON, JSON_LD, TURTLE
from cper_lod.web.http.links import Link, Signposts, fitting, header, linkset_json, linkset_text

HOST = "http://127.0.0.1:8000"
POSTS = Signposts(
    landing=f"{HOST}/doc/x",
    forms=[(each, f"{HOST}/doc/x.{each.suffix}") for each in (TURTLE, HTML, JSON_LD, JSON)],
    linkset=f"{HOST}/linkset?iri=https%3A%2F%2Fw3id.org%2Fx",
    iri="https://w3id.org/cper-lod/id/x",
    types=["https://w3id.org/cper-lod/ontology#Axe"],
    licence="https://licence.example/",
    publisher="https://publisher.example/",
    schemas={JSON: f"{HOST}/schema/1/Axe.json"},
    files=[(f"{HOST}/dump/tout.nt.gz", "application/gzip")],
)
VALUE = re.compile(r'<([^<>\s]+)>; rel="([^"]+)"(?:; type="([^"]+)")?')


def said(links: list[Link]) -> dict[str, list[str]]:
    """Return the targets by relation, read back from the header."""
    found: dict[str, list[str]] = {}
    for value in header(links):
        parts = VALUE.fullmatch(value)
        assert parts, value
        for relation in parts[2].split():
            found.setdefault(relation, []).append(parts[1])
    return found


def test_a_page_has_all_that_signposting_asks_of_a_landing_page() -> None:
    links = said(POSTS.of(HTML))
    assert links["cite-as"] == ["https://w3id.org/cper-lod/id/x"]
    assert links["type"] == ["https://schema.org/AboutPage", "https://w3id.org/cper-lod/ontology#Axe"]
    assert links["author"] == ["https://publisher.example/"]
    assert links["license"] == ["https://licence.example/"]
    assert "item" not in links, "their number grows with the data: they stand in the link set"
    assert links["linkset"] == [POSTS.linkset]
    assert links["describedby"] == [f"{HOST}/doc/x.{suffix}" for suffix in ("ttl", "jsonld", "json")]
    assert links["canonical"] == [f"{HOST}/doc/x"]
    assert links["alternate"] == [f"{HOST}/doc/x.{suffix}" for suffix in ("ttl", "html", "jsonld", "json")]


def test_data_lead_back_to_the_page_and_on_to_their_schema() -> None:
    assert said(POSTS.of(TURTLE))["describes"] == [f"{HOST}/doc/x"]
    assert "describedby" not in said(POSTS.of(TURTLE))
    assert "item" not in said(POSTS.of(TURTLE))
    assert said(POSTS.of(JSON))["describedby"] == [f"{HOST}/schema/1/Axe.json"]


def test_what_is_not_known_is_not_linked() -> None:
    bare = Signposts(f"{HOST}/doc/x", [(HTML, f"{HOST}/doc/x.html")], "")
    assert said(bare.of(HTML)).keys() == {"canonical", "alternate", "type"}


def test_an_iri_is_sent_as_a_uri() -> None:
    assert header([Link('http://ex.org/été?a="b">', "type")]) == [
        '<http://ex.org/%C3%A9t%C3%A9?a=%22b%22%3E>; rel="type"'
    ]


def test_a_link_set_says_the_same_in_both_forms() -> None:
    anchored = POSTS.anchored()
    assert [anchor for anchor, _ in anchored] == [
        f"{HOST}/doc/x",
        f"{HOST}/doc/x.ttl",
        f"{HOST}/doc/x.jsonld",
        f"{HOST}/doc/x.json",
        f"{HOST}/dump/tout.nt.gz",
    ]
    triples = {
        (context["anchor"], relation, target["href"], target.get("type"))
        for context in json.loads(linkset_json(anchored))["linkset"]
        for relation, targets in context.items()
        if relation != "anchor"
        for target in targets
    }
    read = set()
    for line in linkset_text(anchored).decode().rstrip("\n").split(",\n"):
        value, _, anchor = line.rpartition('; anchor="')
        parts = VALUE.fullmatch(value)
        assert parts, line
        read |= {(anchor[:-1], relation, parts[1], parts[3]) for relation in parts[2].split()}
    assert read == triples
    assert (f"{HOST}/dump/tout.nt.gz", "collection", f"{HOST}/doc/x", None) in triples


def test_the_link_to_all_links_is_the_last_that_is_left_out() -> None:
    values = header(POSTS.of(TURTLE))
    whole = sum(len(f"Link: {value}\r\n") for value in values)
    assert fitting(values, whole) == values
    left = fitting(values, whole - 1)
    assert left == [each for each in values if each in left] != values
    (only,) = fitting(values, 150)
    assert 'rel="linkset"' in only
    assert fitting(values, 50) == []

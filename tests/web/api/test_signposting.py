"""Typed links: the header (RFC 8288), FAIR Signposting level 2, link sets (RFC 9264)."""

import re

from cper_lod.core.formats import HTML, JSON, JSON_LD, TURTLE
from cper_lod.web.api.signposting import Signposts
from cper_lod.web.http.headers import Link, leading, link_values

HOST = "http://127.0.0.1:8000"
POSTS = Signposts(
    landing=f"{HOST}/doc/x",
    forms=[(each, f"{HOST}/doc/x.{each.suffix}") for each in (TURTLE, HTML, JSON_LD, JSON)],
    linkset=f"{HOST}/linkset?iri=https%3A%2F%2Fw3id.org%2Fx",
    iri="https://w3id.org/cper-lod/id/x",
    types=["https://w3id.org/cper-lod/ontology#Axe"],
    licence="https://licence.example/",
    publisher="https://publisher.example/",
    schema=f"{HOST}/schema/1/Axe.json",
    files=[(f"{HOST}/dump/tout.nt.gz", "application/gzip")],
)
VALUE = re.compile(r'<([^<>\s]+)>; rel="([^"]+)"(?:; type="([^"]+)")?')


def test_an_iri_is_sent_as_a_uri() -> None:
    assert link_values([Link('http://ex.org/été?a="b">', "type")]) == [
        '<http://ex.org/%C3%A9t%C3%A9?a=%22b%22%3E>; rel="type"'
    ]


def test_what_leads_to_all_links_is_the_last_that_is_left_out() -> None:
    (only,) = leading(link_values(POSTS.of(TURTLE)))
    assert 'rel="linkset"' in only

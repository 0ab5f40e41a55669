"""The folder to submit to w3id.org: redirects for the namespace, and a README with the contact."""

from collections.abc import Iterator
from typing import Final

NAMES: Final = (
    ("a thing", "id/(.+)"),
    ("its document, with or without a suffix", "doc(/.*|\\..*)?"),
    ("the ontology; fragments stay with the client", "ontology(/.*|\\..*)?"),
    ("the shapes", "shapes(\\..*)?"),
    ("the JSON-LD contexts, and the schemas of JSON documents", "(?:context|schema)/.+"),
    ("the kinds of errors", "problem(/.*|\\..*)?"),
    ("catalogue and counts", "(?:catalog|void)(\\..*)?"),
    ("dated releases, and the stream of what changed with each", "(?:release|changes)(/.*)?"),
)
"""The kinds of names below https://w3id.org/cper-lod/, each with its pattern."""


def htaccess(public: str) -> Iterator[str]:
    """Yield the lines of the redirects to the public URL."""
    yield "# https://w3id.org/cper-lod/ : State-Region plan contracts as linked data. The server below negotiates.\n"
    yield "Options +FollowSymLinks -MultiViews\nRewriteEngine On\n"
    for what, pattern in NAMES:
        yield f"\n# {what}\nRewriteRule ^{pattern}$ {public}/$0 [R=302,L]\n"
    yield "\n# names of the catalogue, its datasets and graphs: described by the server\n"
    yield f"RewriteRule ^$ {public}/ [R=302,L]\n"
    yield f"RewriteRule ^(.+)$ {public}/describe?iri=https\\%3A\\%2F\\%2Fw3id.org\\%2Fcper-lod\\%2F$1 [R=302,L,B,NE]\n"


def readme(public: str, contact: str) -> Iterator[str]:
    """Yield the lines of the README: what the names are, and the contact."""
    yield "# cper-lod\n\nFrench State-Region plan contracts (CPER) as linked open data: ontology, shapes, things.\n\n"
    yield f"- Home: {public}/\n- Ontology: https://w3id.org/cper-lod/ontology\n"
    yield f"- Contact: {contact or '<name, mail address and GitHub account of the maintainer>'}\n"

"""Typed links of a document: Link headers (RFC 8288), FAIR Signposting level 2, and link sets (RFC 9264)."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import quote

from cper_lod.core.formats import HTML, Format

LINKSET_JSON: Final = Format(
    "linkset-json", "json", "application/linkset+json", "JSON", ("application/json",), charset=False
)
SCHEMA_TYPE: Final = "application/schema+json"
"""The media type of a JSON Schema."""
_ABOUT: Final = "https://schema.org/AboutPage"
_LEADING: Final = re.compile(r'; rel="[^"]*\b(?:linkset|original)\b')
_URI: Final = "!#$%&'()*+,/:;=?@[]~-._"
_WHOLE_URI: Final = re.compile(f"[A-Za-z0-9{re.escape(_URI)}]*")


class Link(NamedTuple):
    """A link: its target, relations separated by spaces, the media type of the target."""

    target: str
    rel: str
    type: str = ""


class Signposts(NamedTuple):
    """The typed links of one document: to its thing, classes, licence and publisher, and to its other addresses.

    `landing` is the URL of its page, `canonical` that of its current state if this is an earlier one, `forms` those of
    its formats, `schemas` that of the JSON Schema of a format, `files` those of the datasets that the page is about.
    """

    landing: str
    forms: Sequence[tuple[Format, str]]
    linkset: str
    iri: str = ""
    types: Sequence[str] = ()
    licence: str = ""
    publisher: str = ""
    schemas: Mapping[Format, str] = MappingProxyType({})
    files: Sequence[tuple[str, str]] = ()
    canonical: str = ""

    def of(self, form: Format) -> list[Link]:
        """Return the links of the document in one format, without its files: their number grows with the data."""
        if self.canonical in ("", self.landing):
            links = [Link(self.landing, "canonical" if form is HTML else "canonical describes")]
        else:
            links = [Link(self.canonical, "canonical"), *([] if form is HTML else [Link(self.landing, "describes")])]
        for each, address in self.forms:
            relation = "alternate describedby" if form is HTML and each is not HTML else "alternate"
            links.append(Link(address, relation, each.media_type))
        links += [Link(self.iri, "cite-as")] if self.iri else []
        links += [Link(self.publisher, "author")] if self.publisher else []
        links += [Link(self.licence, "license")] if self.licence else []
        links += [Link(each, "type") for each in (*([_ABOUT] if form is HTML else []), *self.types)]
        if form in self.schemas:
            links.append(Link(self.schemas[form], "describedby", SCHEMA_TYPE))
        if self.linkset:
            links.append(Link(self.linkset, "linkset", LINKSET_JSON.media_type))
        return links

    def anchored(self) -> list[tuple[str, list[Link]]]:
        """Return every address of the document with its links (FAIR Signposting, level 2); files link back to it."""
        items = [Link(address, "item", media_type) for address, media_type in self.files]
        pages = [(self.landing, [link for link in self.of(HTML) if "linkset" not in link.rel] + items)]
        own = [(address, self.of(form)) for form, address in self.forms if form is not HTML]
        return pages + own + [(address, [Link(self.landing, "collection")]) for address, _ in self.files]


def header(links: Iterable[Link]) -> list[str]:
    """Return links as values of the Link header, IRIs as URIs (RFC 8288, section 3)."""
    return [_value(link) for link in links]


def leading(values: Iterable[str]) -> list[str]:
    """Return the values of the Link header that lead to all links of the document and to its earlier states."""
    return [each for each in values if _LEADING.search(each)]


def _value(link: Link) -> str:
    media_type = f'; type="{link.type}"' if link.type else ""
    return f'<{_uri(link.target)}>; rel="{link.rel}"{media_type}'


def _uri(iri: str) -> str:
    """Return an IRI as a URI; most are one, and `quote` takes long to find that out."""
    return iri if _WHOLE_URI.fullmatch(iri) else quote(iri, safe=_URI)


def linkset_json(anchored: Iterable[tuple[str, Sequence[Link]]]) -> bytes:
    """Return a link set as JSON (RFC 9264, section 4.2)."""
    contexts = []
    for anchor, links in anchored:
        made: dict[str, list[dict[str, str]]] = {}
        for link in links:
            for relation in link.rel.split():
                target = {"href": link.target} | ({"type": link.type} if link.type else {})
                made.setdefault(relation, []).append(target)
        contexts.append({"anchor": anchor, **made})
    return json.dumps({"linkset": contexts}, ensure_ascii=False, indent=2).encode() + b"\n"

"""The typed links of the documents of this site (FAIR Signposting), and /linkset with all links of one document."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from flask import Blueprint, Response

from cper_lod.core.formats import DOCUMENT_FORMATS, HTML, JSON, Format
from cper_lod.release.documents import Document, document
from cper_lod.release.release import DUMP, Release, document_name
from cper_lod.release.tables.metadata import METADATA, PACKAGE
from cper_lod.web.api.schemas import RESOURCE, main_type, schema_path
from cper_lod.web.http import urls
from cper_lod.web.http.headers import Link
from cper_lod.web.http.representation import Selection, select
from cper_lod.web.site import site

blueprint = Blueprint("document_signposts", __name__)
LINKSET_JSON: Final = Format(
    "linkset-json", "json", "application/linkset+json", "JSON", ("application/json",), charset=False
)
SCHEMA_TYPE: Final = "application/schema+json"
"""The media type of a JSON Schema."""
_ABOUT: Final = "https://schema.org/AboutPage"
MAX_CLASSES: Final = 10
"""Classes of a thing that are linked: proxies refuse long headers."""
DUMP_TYPES: Final = {
    ".ttl": "text/turtle",  # Flask adds the charset to text
    ".jsonld": "application/ld+json",
    ".gz": "application/gzip",
    ".csv": "text/csv",
    ".json": "application/json",
}
"""The media types of datasets and tables, by the suffix of their files."""
CSVW: Final = "application/csvm+json"
"""The media type of metadata for CSV on the Web."""


class Signposts(NamedTuple):
    """The typed links of one document: to its thing and classes, and to its other addresses.

    `landing` is the URL of its page, `forms` those of its formats, `schema` that of the JSON Schema of its plain JSON,
    `text` that of the text that the page is about.
    """

    landing: str
    forms: Sequence[tuple[Format, str]] = ()
    linkset: str = ""
    iri: str = ""
    types: Sequence[str] = ()
    schema: str = ""
    text: str = ""

    def of(self, form: Format) -> list[Link]:
        """Return the links of the document in one format, with those to licence, publisher and current state; without its text."""
        rights, current = site().rights, urls.canonical_url(self.landing)
        if current == self.landing:
            links = [Link(self.landing, "canonical" if form is HTML else "canonical describes")]
        else:
            links = [Link(current, "canonical"), *([] if form is HTML else [Link(self.landing, "describes")])]
        for each, address in self.forms:
            relation = "alternate describedby" if form is HTML and each is not HTML else "alternate"
            links.append(Link(address, relation, each.media_type))
        links += [Link(self.iri, "cite-as")] if self.iri else []
        links += [Link(rights.publisher, "author")] if rights.publisher else []
        links += [Link(rights.licence, "license")] if rights.licence else []
        links += [Link(each, "type") for each in (*([_ABOUT] if form is HTML else []), *self.types)]
        if form is JSON and self.schema:
            links.append(Link(self.schema, "describedby", SCHEMA_TYPE))
        if self.linkset:
            links.append(Link(self.linkset, "linkset", LINKSET_JSON.media_type))
        return links

    def anchored(self) -> list[tuple[str, list[Link]]]:
        """Return every address of the document with its links (FAIR Signposting, level 2); a text links back to it."""
        found = [(self.landing, [link for link in self.of(HTML) if "linkset" not in link.rel])]
        found += [(address, self.of(form)) for form, address in self.forms if form is not HTML]
        if self.text:
            found[0][1].append(Link(self.text, "item", "text/plain"))
            found.append((self.text, [Link(self.landing, "collection")]))
        return found


def context_address() -> str:
    """Return the public URL of the JSON-LD context."""
    return f"{site().settings.public_url}/context/{site().release.manifest['context']}.jsonld"


def document_signposts(
    about: Document, path: str, query: dict[str, str], offers: Sequence[Format] = DOCUMENT_FORMATS
) -> Signposts:
    """Return the typed links of a document that is offered in some formats, as public URLs."""
    name = document_name(about.iri)
    return Signposts(
        urls.public_address(path, query | urls.language_parameter()),
        urls.format_addresses(path, query, offers, public=True),
        # The link set is about the addresses of the document of an IRI, not about those of the ontology or the shapes.
        urls.public_address("/linkset", {"iri": about.iri}) if (path, query) == document_address(about.iri) else "",
        iri=about.iri if about.described and site().release.names.path(about.iri) else "",
        types=about.types[:MAX_CLASSES],
        schema=urls.public_address(schema_path(main_type(site().release, about.types) or RESOURCE)),
        text=urls.public_address(f"/text/{name}") if site().release.has_text(name) else "",
    )


def description_links(selected: Selection, schema: str = "", iri: str = "", types: Sequence[str] = ()) -> list[Link]:
    """Return the typed links of what has no link set, a list or a description: `schema` is that of its plain JSON."""
    here = urls.public_url(urls.address(selected.path, dict(selected.query)))
    address = urls.public_address(schema_path(schema)) if schema else ""
    return Signposts(here, selected.public_addresses(), "", iri, types, address).of(selected.format)


def home_links() -> list[Link]:
    """Return the typed links of the home page, whose data are in the catalogue."""
    return Signposts(f"{site().settings.public_url}/").of(HTML)


def dataset_names(release: Release) -> list[str]:
    """Return the names of the files of whole datasets, and of the data package, which lists the tables.

    A link to each table would make a long header, which proxies refuse.
    """
    names = sorted(path.name for path in (release.folder / DUMP).iterdir())
    return [name for name in names if name == PACKAGE or not name.endswith((".csv", ".csv.gz", ".json"))]


def dump_media_type(name: str) -> str:
    """Return the media type of a dataset file."""
    return CSVW if name.endswith(METADATA) else DUMP_TYPES[Path(name).suffix]


def document_address(iri: str) -> tuple[str, dict[str, str]]:
    """Return the path and the query of the document about an IRI."""
    has_own = urls.page_address(iri)[0].startswith("/doc/")
    return (f"/doc/{urls.local_name(iri)}", {}) if has_own else ("/describe", {"iri": iri})


@blueprint.get("/linkset", defaults={"suffix": ""})
@blueprint.get("/linkset.<suffix>")
def linkset(suffix: str) -> Response:
    """The typed links of one document (RFC 9264, FAIR Signposting): `/linkset?iri=…`."""
    iri = urls.iri_parameter("iri")
    selected = select("/linkset", suffix, (LINKSET_JSON,), {"iri": iri})
    anchored = document_signposts(document(site().release, iri), *document_address(iri)).anchored()
    return selected.respond(linkset_json(anchored))


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

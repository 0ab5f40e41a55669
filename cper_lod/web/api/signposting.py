"""The typed links of the documents of this site (FAIR Signposting), and /linkset with all links of one document."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from flask import Blueprint, Response

from cper_lod.core.formats import DOCUMENT_FORMATS, JSON, JSON_LD, PROFILES, Format
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.documents import Document, document, types
from cper_lod.release.release import DUMP, Release, document_name
from cper_lod.release.tables.metadata import METADATA, PACKAGE
from cper_lod.web.api.schemas import JSON_LD_DOCUMENT, RESOURCE, main_type, schema_path
from cper_lod.web.http import links, urls
from cper_lod.web.http.links import LINKSET_JSON, Link, Signposts
from cper_lod.web.http.representation import Selection, select
from cper_lod.web.site import site

blueprint = Blueprint("document_signposts", __name__)
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


def context_address() -> str:
    """Return the public URL of the JSON-LD context."""
    return f"{site().settings.public_url}/context/{site().release.manifest['context']}.jsonld"


def schema_addresses(shape: str = "") -> dict[Format, str]:
    """Return the public URL of the JSON Schema of each format: of the plain JSON of a shape, and of any JSON-LD."""
    plain, linked = (urls.public_address(schema_path(name)) for name in (shape, JSON_LD_DOCUMENT))
    return dict.fromkeys((JSON_LD, *PROFILES.values()), linked) | ({JSON: plain} if shape else {})


def document_signposts(
    about: Document, path: str, query: dict[str, str], offers: Sequence[Format] = DOCUMENT_FORMATS
) -> Signposts:
    """Return the typed links of a document that is offered in some formats, as public URLs."""
    rights, name = site().rights, document_name(about.iri)
    landing = urls.public_address(path, query | urls.language_parameter())
    return Signposts(
        landing=landing,
        forms=urls.format_addresses(path, query, offers, public=True),
        linkset=urls.public_address("/linkset", {"iri": about.iri}),
        iri=about.iri if about.described and about.iri.startswith(site().settings.base_iri) else "",
        types=about.types[:MAX_CLASSES],
        licence=rights.licence,
        publisher=rights.publisher,
        schemas=schema_addresses(main_type(site().release, about.types) or RESOURCE),
        files=[(urls.public_address(f"/text/{name}"), "text/plain")] if site().release.has_text(name) else (),
        canonical=urls.canonical_url(landing),
    )


def description_links(selected: Selection, schema: str = "", iri: str = "", types: Sequence[str] = ()) -> list[Link]:
    """Return the typed links of what has no link set, a list or a description: `schema` is that of its plain JSON."""
    here, rights = urls.public_url(urls.address(selected.path, dict(selected.query))), site().rights
    signposts = Signposts(
        landing=here,
        forms=selected.public_addresses(),
        linkset="",
        iri=iri,
        types=types,
        licence=rights.licence,
        publisher=rights.publisher,
        schemas=schema_addresses(schema),
        canonical=urls.canonical_url(here),
    )
    return signposts.of(selected.format)


def home_signposts() -> Signposts:
    """Return what `_home_signposts` does, once for a site and what its links depend on."""
    return site().memoize(_home_signposts, urls.canonical_url(f"{site().settings.public_url}/"))


def _home_signposts(canonical: str) -> Signposts:
    """Return the typed links of the home page, the page about all datasets; the dumps are its files.

    They stand in the link set of the catalogue.
    """
    release, base = site().release, site().settings.public_url
    listed = any(types(release, CATALOGUE))
    dumps = [(f"{base}/dump/{name}", dump_media_type(name)) for name in dataset_names(release)]
    return Signposts(
        landing=f"{base}/",
        forms=(),
        linkset=urls.public_address("/linkset", {"iri": CATALOGUE}) if listed else "",
        licence=site().rights.licence,
        publisher=site().rights.publisher,
        files=dumps,
        canonical=canonical,
    )


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
    if iri == CATALOGUE:
        anchored += home_signposts().anchored()
    return selected.respond(links.linkset_json(anchored))

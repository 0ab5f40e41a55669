"""The page of what can be downloaded: tables, everything in RDF; the page for developers: what there is for programs, and formats."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import CSV, DOCUMENT_FORMATS, XLSX
from cper_lod.core.i18n import translate
from cper_lod.core.text import folded
from cper_lod.release.plan.contract import ContractSummary
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.release import DUMP
from cper_lod.release.tables.class_table import class_table, table_classes
from cper_lod.release.tables.metadata import PACKAGE, table_file, table_name
from cper_lod.web.components.comparison import summaries
from cper_lod.web.components.dates import FactDate, fact_date, publication_date
from cper_lod.web.components.described import observations_in
from cper_lod.web.documents import contracts
from cper_lod.web.documents.catalog import file_size
from cper_lod.web.documents.class_list import class_label, list_address
from cper_lod.web.documents.dataset_links import CLASS as JOINS
from cper_lod.web.documents.lists import MAX_PAGE_SIZE
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("download", __name__)
MAX_CONTRACTS: Final = 20
"""Contracts whose tables the page lists, as files of a class, too; those of further ones are at addresses of the same form."""
DUMPS: Final = ("tout.ttl", "tout.jsonld", "tout.nt.gz", "tout.nq.gz")
"""The files of all data; a sentence with the name of the format says what each is for: `download-nt`."""
_ENTRIES: Final = (
    *("/api", "/openapi.json", "/sparql", "/ontology", "/shapes", "/report", "/catalog", "/links", "/doc"),
    *("/search.json", "/reconcile", "/changes", "/changes.atom", "/dump/tout.nt.gz", "/void.ttl"),
)
"""Pages and files for programs."""


class File(NamedTuple):
    """A file: the name of its format, its address, and its size if it is stored."""

    form: str
    address: str
    size: str = ""


@blueprint.get("/download")
def download() -> Response:
    """What can be downloaded, the table of each contract, those of the classes, everything in RDF."""
    flask_responses.negotiate_page()
    return flask_responses.page("download.html", **site().memoize(_content, flask_responses.lang(), urls.link("")))


def _content(lang: Language, _link: str) -> dict[str, Any]:
    """Return the values of the page, which depend on what all links depend on; keeping them saves 2 of 3 ms."""
    licence = site().rights.licence
    observations = observations_in(lang)
    return {
        "contracts": list(_contracts(observations)),
        "tables": sorted(_tables(), key=lambda each: folded(each[0].text)),
        "dumps": [(_sealed(name), f"download-{name.split('.')[1]}") for name in DUMPS if _size(name)],
        "package": _sealed(PACKAGE) if _size(PACKAGE) else None,
        "licence": licence and Hyperlink(observations.reader.label(NamedNode(licence), lang), licence),
    }


def _contracts(observations: ObservationReader) -> Iterator[tuple[ContractSummary, FactDate | None, list[File]]]:
    """Yield the contracts with their tables, and the date of their facts where no figure says it; none whose IRI is not below ours."""
    for contract in summaries():
        files = [File(form.label, address) for form, address in contracts.table_forms(contract.iri)]
        if files:
            day = None if contract.leading_sources else fact_date(observations, NamedNode(contract.iri))
            yield contract, day, sorted(files, key=lambda each: each.form != "XLSX")


def _tables() -> Iterator[tuple[Hyperlink, list[File]]]:
    """Yield the tables of the classes with their files: the list, where one page has all its rows, then those of the release."""
    release, lang = site().release, flask_responses.lang()
    for cls in table_classes(release):
        table = class_table(release, cls.iri)
        names = [table_file(release, table_name(cls.slug, each)) for each in table.contracts()] if table.stored else []
        if sealed := [_sealed(name) for name in names[:MAX_CONTRACTS] if name]:
            path, query = list_address(cls)
            in_language = query | flask_responses.lang_parameter()
            forms = (CSV, XLSX) if cls.count <= MAX_PAGE_SIZE else ()
            files = [File(form.label, urls.format_address(form, path, in_language)) for form in forms]
            yield Hyperlink(formatting.capital(class_label(cls.iri, lang)), urls.link(path, **query)), [*files, *sealed]


def _size(name: str) -> int:
    """Return the size of a sealed file, 0 if the release has none of this name."""
    return int(site().release.manifest["files"].get(f"{DUMP}/{name}", {}).get("bytes", 0))


def _sealed(name: str) -> File:
    return File(name, urls.address(f"/{DUMP}/{name}", {}), file_size(_size(name), flask_responses.lang()))


@blueprint.get("/developers")
def developers() -> Response:
    """For developers: every page and file made for programs, and the formats."""
    flask_responses.negotiate_page()
    lang = flask_responses.lang()
    return flask_responses.page(
        "developers.html",
        entries=_entries(lang),
        formats=[*DOCUMENT_FORMATS, CSV, XLSX],
        published=publication_date(),
    )


def _entries(lang: Language) -> list[tuple[str, str]]:
    """Return what there is for programs, each with the key of its name; what this release does not have is left out."""
    has = {
        "/ontology": site().documentation.has_ontology,
        "/shapes": site().documentation.has_shapes,
        "/catalog": site().has_catalogue,
        "/void.ttl": site().release.names.void_graph in site().release.graphs,
        "/links": site().release.listing.of(JOINS) is not None,
        **dict.fromkeys(("/changes", "/changes.atom"), bool(site().timeline and not site().moment)),
    }
    query = {"/search.json": {"q": translate("entry-search-json-example", lang)}}
    return [
        (urls.link(path, **query.get(path, {})), "entry-" + path[1:].replace("/", "-").replace(".", "-"))
        for path in _ENTRIES
        if has.get(path, True)
    ]

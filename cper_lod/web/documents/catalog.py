"""The catalogue of the datasets (DCAT) and the statistics of the data (VoID), for harvesters and for people."""

from typing import Final

from babel.numbers import format_decimal
from flask import Blueprint, Response, request
from pyoxigraph import NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import HTML, RDF, VOCABULARY_FORMATS
from cper_lod.core.formatting import LOCALES
from cper_lod.core.namespaces import DCAT, VOID
from cper_lod.rdf.graph import Graph
from cper_lod.release.catalog.datasets import catalogue_datasets
from cper_lod.release.catalog.distributions import served_catalogue
from cper_lod.release.catalog.void import void_description
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.api.signposting import description_links
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.components.described import Described
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.representation import select, serialize
from cper_lod.web.site import site

blueprint = Blueprint("catalog", __name__)
FORMS: Final = VOCABULARY_FORMATS
"""The formats of the catalogue; the first is what a harvester gets, which accepts anything."""
_UNITS: Final = {"fr": ("o", "ko", "Mo", "Go"), "en": ("B", "kB", "MB", "GB")}


@blueprint.get("/catalog", defaults={"suffix": ""})
@blueprint.get("/catalog.<suffix>")
def catalogue(suffix: str) -> Response:
    """The catalogue (DCAT-AP 3.0.1): datasets, files, endpoint. Never a redirect, since data.gouv.fr follows none.

    Without a catalogue in the data: 404 `catalogue-absent`.
    """
    selected = select("/catalog", suffix, FORMS)
    quads = site().memoize(_served)
    name = site().release.names.catalogue
    links = description_links(selected, iri=name, types=[DCAT + "Catalog"])
    if selected.format is HTML:
        return selected.respond(
            _page(Described(Graph(quads), NamedNode(name), flask_responses.lang())),
            links=links,
        )
    body = serialize(quads, selected.format, name, order=site().release.property_order)
    return selected.respond(body, links=links)


def _served() -> list[Quad]:
    """Return the catalogue as this site serves it; kept, since it takes 97 ms and its page 5 ms."""
    settings = site().settings
    return served_catalogue(site().release, settings.public_url, settings.contact)


def _page(catalogue: Described) -> Response:
    """Return the page of the catalogue: each dataset with its files, and how to have data.gouv.fr harvest them."""
    public, release = site().settings.public_url, ReleaseGraph(site().release)
    datasets = sorted((each.value, each) for each in catalogue.all("dcat:dataset") if isinstance(each, NamedNode))
    described = embedded_jsonld.schema_org_catalogue(catalogue, f"{public}/catalog")
    return flask_responses.page(
        "catalog.html",
        forms=urls.format_addresses("/catalog", {}, FORMS),
        title=catalogue.text("dct:title"),
        description=catalogue.text("dct:description"),
        datasets=[
            (
                each,
                each.node.value.rpartition("/")[2],
                each.text("dct:title"),
                release.value(each.node, VOID + "triples"),
            )
            for each in (catalogue.at(node) for _, node in datasets)
        ],
        files_of=_files,
        harvested=f"{public}/catalog.ttl",
        embedded_jsonld=[embedded_jsonld.script(described)],
    )


def _files(dataset: Described) -> list[tuple[bool, bool, str, str, str, str]]:
    """Return the files of a dataset, and the endpoint, which has no size: CSV last; format, address, use and size."""
    rows = []
    for each in map(dataset.at, dataset.all("dcat:distribution")):
        form, size = each.label("dct:format"), each.value("dcat:byteSize")
        use = formatting.capital(each.text("dct:description"))
        shown = file_size(int(size), dataset.lang) if size else ""
        rows.append((not size, form == "CSV", form, each.value("dcat:accessURL"), use, shown))
    return sorted(rows, key=lambda row: row[:4])


def file_size(size: int, lang: Language) -> str:
    """Return a number of bytes in decimal units, for a reader.

    >>> file_size(17478, "fr").split(), file_size(512, "en").split()
    (['17,5', 'ko'], ['512', 'B'])
    """
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS[lang]) - 1:
        value, unit = value / 1000, unit + 1
    text = format_decimal(round(value, 1), format="#,##0.#", locale=LOCALES[lang])
    return f"{text}\u00a0{_UNITS[lang][unit]}"


@blueprint.get("/.well-known/void")
def well_known() -> Response:
    """The VoID description at its well-known address (RFC 8615), without a redirect."""
    return void("")


@blueprint.get("/void", defaults={"suffix": ""})
@blueprint.get("/void.<suffix>")
def void(suffix: str) -> Response:
    """Counts (VoID), in RDF: the whole, its parts, each class and property, the links to other data."""
    selected = select("/void", suffix, RDF)
    quads = void_description(site().release, site().settings.public_url)
    body = serialize(quads, selected.format, site().release.names.dataset, order=site().release.property_order)
    return selected.respond(body, links=description_links(selected, types=[VOID + "Dataset"]))


_OF_GRAPHS: Final = {"catalogue": "/catalog", "documentation": "/ontology", "rapport": "/report", "void": "/void"}
"""Where the content of each named graph is to be read, by the end of its name."""


@blueprint.get("/catalogue")
def catalogue_name() -> Response:
    """The name of the catalogue: 303 to `/catalog`."""
    return flask_responses.see_other(urls.link("/catalog"))


@blueprint.get("/dataset")
def dataset_name() -> Response:
    """The name of everything that is published: 303 to `/void`, which describes it."""
    return flask_responses.see_other(urls.link("/void"))


@blueprint.get("/graph/<name>")
def graph_name(name: str) -> Response:
    """The name of a named graph: 303 to the document that has its content."""
    if name not in _OF_GRAPHS:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.see_other(urls.link(_OF_GRAPHS[name]))


@blueprint.get("/source/<path:path>")
def source_name(path: str) -> Response:
    """The name of a source file: 303 to the catalogue, if a dataset is made from it."""
    release = site().release
    datasets = catalogue_datasets(release.triples.mentions(release.names.catalogue_graph), release.names)
    if not any(path in each.paths for each in datasets):
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.see_other(urls.link("/catalog"))

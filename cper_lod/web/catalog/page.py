"""The page of the catalogue: each dataset with its files, and how to have data.gouv.fr harvest them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from babel.numbers import format_decimal
from flask import Response
from pyoxigraph import NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import Format
from cper_lod.core.formatting import LOCALES
from cper_lod.core.namespaces import DCAT, DCT, RDFS, VOID
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

_UNITS: Final = {"fr": ("o", "ko", "Mo", "Go"), "en": ("B", "kB", "MB", "GB")}


@dataclass(frozen=True)
class DistributionView:
    """A file of a dataset, or the endpoint, which has no size: its format, its use, its address and size."""

    form: str
    use: str
    address: str
    size: str


@dataclass(frozen=True)
class DatasetView:
    """A dataset as the page shows it; `anchor` is the id of its section."""

    anchor: str
    link: Hyperlink
    description: str
    triples: str
    start: str
    end: str
    territory: Hyperlink
    licence: Hyperlink
    provenance: str
    rights: str
    modified: str
    frequency: str
    files: tuple[DistributionView, ...]


def page(quads: Iterable[Quad], forms: list[tuple[Format, str]]) -> Response:
    """Return the page of a catalogue."""
    graph, lang, catalogue = Graph(quads), flask_responses.lang(), NamedNode(CATALOGUE)
    datasets = [each for each in graph.all(catalogue, DCAT + "dataset") if isinstance(each, NamedNode)]
    public = site().settings.public_url
    return flask_responses.page(
        "catalog.html",
        forms=forms,
        title=graph.text(catalogue, DCT + "title", lang)[0],
        description=graph.text(catalogue, DCT + "description", lang)[0],
        publisher=_link(graph, graph.one(catalogue, DCT + "publisher"), lang),
        datasets=[_dataset(graph, each, lang) for each in sorted(datasets, key=lambda node: node.value)],
        harvested=f"{public}/catalog.ttl",
        embedded_jsonld=[
            embedded_jsonld.script(embedded_jsonld.schema_org_catalogue(graph, catalogue, lang, f"{public}/catalog"))
        ],
    )


def _dataset(graph: Graph, node: NamedNode, lang: Language) -> DatasetView:
    period = graph.one(node, DCT + "temporal")
    start, end = (graph.value(period, DCAT + name) if period else "" for name in ("startDate", "endDate"))
    files = [_file(graph, each, lang) for each in graph.all(node, DCAT + "distribution")]
    return DatasetView(
        anchor=node.value.rpartition("/")[2],
        link=Hyperlink(graph.text(node, DCT + "title", lang)[0], urls.page_link(node.value)),
        description=graph.text(node, DCT + "description", lang)[0],
        triples=ReleaseGraph(site().release).value(node, VOID + "triples"),
        start=start,
        end=end,
        territory=_link(graph, graph.one(node, DCT + "spatial"), lang),
        licence=Hyperlink(graph.label(graph.one(node, DCT + "license"), lang), graph.value(node, DCT + "license")),
        provenance=_label(graph, graph.one(node, DCT + "provenance"), lang),
        rights=_label(graph, graph.one(node, DCT + "rights"), lang),
        modified=graph.value(node, DCT + "modified"),
        frequency=graph.label(graph.one(node, DCT + "accrualPeriodicity"), lang),
        files=tuple(sorted(files, key=lambda file: (not file.size, file.form == "CSV", file.form, file.address))),
    )


def _link(graph: Graph, node: Term | None, lang: Language) -> Hyperlink:
    return (
        Hyperlink(graph.label(node, lang), urls.page_link(node.value)) if isinstance(node, NamedNode) else Hyperlink("")
    )


def _label(graph: Graph, node: Term | None, lang: Language) -> str:
    return graph.text(node, RDFS + "label", lang)[0] if node is not None else ""


def _file(graph: Graph, node: Term, lang: Language) -> DistributionView:
    size = graph.value(node, DCAT + "byteSize")
    return DistributionView(
        form=graph.label(graph.one(node, DCT + "format"), lang),
        use=formatting.capital(graph.text(node, DCT + "description", lang)[0]),
        address=graph.value(node, DCAT + "accessURL"),
        size=file_size(int(size), lang) if size else "",
    )


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

"""The home page: what a contract comes to, several compared, or the classes of data without a contract."""

from itertools import islice
from typing import Any, Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import HTML, JSON, TURTLE
from cper_lod.core.namespaces import DCAT, shorten
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures.figures import pictures
from cper_lod.release.plan.contract import ContractSummary, contracts_of
from cper_lod.release.plan.finding import finding, headline
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.components.citation import citation
from cper_lod.web.components.comparison import comparison, range_said, summaries
from cper_lod.web.components.dates import fact_date, publication_date
from cper_lod.web.documents.embed import frames
from cper_lod.web.history.changes import ATOM
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.representation import service_links
from cper_lod.web.http.signposting import home_signposts
from cper_lod.web.site import site

blueprint = Blueprint("home", __name__)
MAX_CLASSES: Final = 100
"""Classes and graphs that the home page of data without a contract lists."""


@blueprint.get("/")
def home() -> Response:
    """The contracts at a glance; without any, the classes and their counts. A client of JSON is led to the classes."""
    if flask_responses.negotiate_page(JSON) is JSON:
        return flask_responses.see_other(urls.link("/doc.json"))
    served = site()
    observations = ObservationReader(ReleaseGraph(served.release), flask_responses.lang(), urls.page_link)
    found = contracts_of(served.release)
    everything = home_signposts()
    has_feed = served.timeline and not served.moment  # an earlier release has no feed
    links = header(
        [
            *everything.of(HTML),
            *(
                [Link(f"{everything.landing}catalog.ttl", "describedby", TURTLE.media_type)]
                if served.has_catalogue
                else []
            ),
            *service_links(),
            *([Link(f"{everything.landing}changes.atom", "alternate", ATOM.media_type)] if has_feed else []),
        ]
    )
    if len(found) == 1:
        template, values = "home.html", _one(observations, summaries()[0])
    elif found:
        template, values = "home.html", _several(observations)
    else:
        template, values = "data.html", _classes(observations)
    embedded = served.memoize(_embedded, observations.lang, everything.landing, tuple(everything.files))
    return flask_responses.page(template, links=links, embedded_jsonld=embedded, **values)


def _embedded(lang: Language, landing: str, files: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the schema.org description of the datasets; keeping it saves a quarter of the home page."""
    reader = ReleaseGraph(site().release)
    return [
        embedded_jsonld.script(embedded_jsonld.schema_org_dataset(reader, iri, lang, landing, files))
        for iri in reader.instances(DCAT + "Catalog", 1)
    ]


def _one(observations: ObservationReader, summary: ContractSummary) -> dict[str, Any]:
    """Return what the home page says of the only contract: its finding, three figures, and its pictures."""
    lang = observations.lang
    found = finding(observations, summary)
    said, drawn = formatting.capital(headline(summary, lang)), pictures(summary, lang)
    return {
        "contract": summary,
        "found": found,
        "title": said,
        "day": None if summary.leading_sources else fact_date(observations, NamedNode(summary.iri)),
        "pictures": drawn,
        "cited": citation(observations, summary.iri),
        "embeds": frames(summary, drawn.values()),
        "description": formatting.brief(f"{said}. {found.definition}"),
    }


def _several(observations: ObservationReader) -> dict[str, Any]:
    """Return what the home page says of several contracts: what each states, nothing added up."""
    compared = comparison()
    definitions = (finding(observations, each.contract).definition for each in compared.rows)
    return {
        "compared": compared,
        "title": range_said(compared, observations.lang),
        "definition": next(filter(None, definitions), ""),
    }


def _classes(observations: ObservationReader) -> dict[str, Any]:
    """Return what the home page says of data without a contract: classes, counts, named graphs."""
    release, lang = site().release, observations.lang
    listing = release.listing
    rows = []
    for each in listing.classes[:MAX_CLASSES]:
        example = next(listing.things(each.iri), "")
        name = observations.reader.name(NamedNode(each.iri), lang) or formatting.address(shorten(each.iri))
        shown = observations.reader.name(NamedNode(example), lang) if example else ""
        page = urls.page_link(example) if example else ""
        count = each.count + each.nameless
        rows.append((name, urls.page_link(each.iri), count, shown or formatting.address(shorten(example)), page))
    # A graph may be named by a blank node, which has no page.
    graphs = [
        (iri, urls.page_link(iri) if urls.ABSOLUTE.fullmatch(iri) else "", count)
        for iri, count in islice(release.graphs.items(), MAX_CLASSES)
    ]
    more = listing.more or len(listing.classes) > MAX_CLASSES
    return {"rows": rows, "more": more, "graphs": graphs, "day": publication_date(observations)}

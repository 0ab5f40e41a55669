"""The home page: what a contract comes to, several compared, or the classes of data without a contract."""

from collections.abc import Sequence
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
from cper_lod.release.plan.contract import ContractSummary, contract_summary, contracts_of
from cper_lod.release.plan.finding import finding, headline
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.sources.questions import in_language
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.components.citation import citation
from cper_lod.web.components.comparison import comparison, range_said
from cper_lod.web.components.dates import fact_date, publication_date
from cper_lod.web.documents.embed import frames
from cper_lod.web.history.atom import ATOM
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.representation import service_links
from cper_lod.web.http.signposting import home_signposts
from cper_lod.web.site import site
from cper_lod.web.sparql import questions

blueprint = Blueprint("home", __name__)
MAX_QUESTIONS: Final = 12
"""Questions that the home page asks with one click; the query page has all."""
MAX_CLASSES: Final = 100
"""Classes and graphs that the home page of data without a contract lists."""


@blueprint.get("/")
def home() -> Response:
    """The contracts at a glance; without any, the classes and their counts. A client of JSON is led to the classes."""
    if flask_responses.negotiate_page() is JSON:
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
    only = contract_summary(observations, found[0]) if len(found) == 1 else None
    if only:
        template, values = "home.html", _one(observations, only)
    elif len(found) > 1:
        template, values = "home.html", _several(observations, found)
    else:
        template, values = "data.html", _classes(observations)
    embedded = [
        embedded_jsonld.script(
            embedded_jsonld.schema_org_dataset(
                observations.reader, iri, observations.lang, everything.landing, everything.files
            )
        )
        for iri in observations.reader.instances(DCAT + "Catalog", 1)
    ]
    path = "/doc/contrat.json" if served.release.listing.called("contrat") else "/doc.json"
    fetch = f"curl {urls.shell_url(served.settings.public_url + path, urls.language_parameter())}"
    asked = _questions(observations.lang) if found else []
    return flask_responses.page(template, links=links, embedded_jsonld=embedded, fetch=fetch, questions=asked, **values)


def _questions(lang: Language) -> list[Hyperlink]:
    """Return questions about the money, or about what there is, with the links to their answers."""
    topics = dict(questions.grouped(site().release.questions))
    chosen = topics.get("query-topic-money") or next(iter(topics.values()), [])
    return [
        Hyperlink(
            formatting.typeset(each["title"][lang], lang), urls.link("/sparql", query=in_language(each["text"], lang))
        )
        for each in chosen[:MAX_QUESTIONS]
    ]


def _one(observations: ObservationReader, summary: ContractSummary) -> dict[str, Any]:
    """Return what the home page says of the only contract: its finding, three figures, and its pictures."""
    lang = observations.lang
    found = finding(observations, summary)
    said, drawn = headline(summary, lang), pictures(summary, lang)
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


def _several(observations: ObservationReader, iris: Sequence[str]) -> dict[str, Any]:
    """Return what the home page says of several contracts: what each states, nothing added up."""
    compared = comparison(observations, iris)
    definitions = (finding(observations, each.contract).definition for each in compared.rows)
    return {
        "compared": compared,
        "title": range_said(compared, observations.lang),
        "definition": next(filter(None, definitions), ""),
        "published": publication_date(observations),
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

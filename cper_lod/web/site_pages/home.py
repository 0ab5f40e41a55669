"""The home page: the contracts at a glance, or the classes of data served as given."""

from itertools import islice
from typing import Final

from flask import Blueprint, Response
from pyoxigraph import NamedNode

from cper_lod.core.formats import HTML, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, shorten
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.components import embedded_jsonld
from cper_lod.web.components.contract import contract_summary
from cper_lod.web.components.dates import fact_date, publication_date
from cper_lod.web.components.drawings.contract import contract_drawings
from cper_lod.web.components.observations import Hyperlink, ObservationReader
from cper_lod.web.history.atom import ATOM
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, Signposts, header
from cper_lod.web.http.signposting import of_everything
from cper_lod.web.http.urls import command
from cper_lod.web.site import site

blueprint = Blueprint("home", __name__)
MAX_SUMMARIES: Final = 2
"""Up to how many contracts the home page shows each at a glance; more are a list of names."""
MAX_LINKS: Final = 20
"""How many contracts that list names."""
MAX_CLASSES: Final = 100
"""How many classes and graphs the home page of data served as given names."""


@blueprint.get("/")
def home() -> Response:
    """The contracts at a glance; with `--data`, the classes and their counts."""
    responses.require_html()
    served = site()
    if served.release.mode == "data":
        return _data()
    observations = ObservationReader(ReleaseGraph(served.release), responses.lang())
    found = observations.reader.instances(CPER + "Contrat", MAX_LINKS + 1)
    glances = (
        [glance for iri in found[:MAX_SUMMARIES] if (glance := contract_summary(observations, iri))]
        if _few(found)
        else []
    )
    everything = of_everything()
    followed = served.timeline and not served.moment  # what changes is told of what is served now, not of the past
    links = [Hyperlink(observations.reader.label(NamedNode(iri), observations.lang), urls.page(iri)) for iri in found]
    listed = served.release.listing.of(CPER + "Contrat")
    return responses.page(
        "home.html",
        links=header(
            [
                *everything.of(HTML),
                Link(f"{everything.landing}catalog.ttl", "describedby", TURTLE.media_type),
                *([Link(f"{everything.landing}changes.atom", "alternate", ATOM.media_type)] if followed else []),
            ]
        ),
        glances=[
            (glance, contract_drawings(served.release, observations.reader, glance.iri, observations.lang))
            for glance in glances
        ],
        days={glance.iri: fact_date(observations, NamedNode(glance.iri)) for glance in glances},
        others=[] if glances else links[:MAX_LINKS],
        count=listed.count if listed else len(found),
        fetch=_fetching(found),
        published=publication_date(observations),
        embedded_jsonld=_embedded(observations, everything),
    )


def _few(found: list[str]) -> bool:
    return len(found) <= MAX_SUMMARIES


def _fetching(found: list[str]) -> str:
    """Return the command line that fetches the first of these contracts by its name, else the list of classes."""
    name = urls.thing(found[0]) if found else None
    return command(f"/id/{name}", {}, follow=True) if name else command("/doc", {})


def _embedded(observations: ObservationReader, everything: Signposts) -> list[str]:
    """Return what the home page says to machines: all that is published, as a dataset of schema.org."""
    made = (
        embedded_jsonld.schema_org_dataset(
            observations.reader, iri, observations.lang, everything.landing, everything.files
        )
        for iri in observations.reader.instances(DCAT + "Catalog", 1)
    )
    return [embedded_jsonld.script(each) for each in made]


def menu() -> list[tuple[str, str]]:
    """Return the paths and the names of the sections of the site, for the menu of every page."""
    lang, release = responses.lang(), site().release
    if release.mode == "data":
        return [("/doc", translate("nav-browse", lang)), ("/sparql", translate("nav-query", lang))]
    found = ReleaseGraph(release).instances(CPER + "Contrat", 2)
    contract = urls.thing(found[0]) if len(found) == 1 else None
    first = (f"/doc/{contract}", "nav-contract") if contract else ("/doc/contrat", "nav-contracts")
    rest = (
        *([first] if found else []),
        ("/doc", "nav-browse"),
        ("/sparql", "nav-query"),
        ("/catalog", "nav-catalogue"),
        ("/ontology", "nav-ontology"),
        ("/shapes", "nav-shapes"),
        ("/report", "nav-report"),
    )
    return [(path, translate(name, lang)) for path, name in rest]


def _data() -> Response:
    """The home page of data served as given: classes, counts, named graphs."""
    release, lang = site().release, responses.lang()
    observations = ObservationReader(ReleaseGraph(release), lang)
    listing = release.listing
    rows = []
    for each in listing.classes[:MAX_CLASSES]:
        example = next(listing.things(each.iri), "")
        name = observations.reader.name(NamedNode(each.iri), lang) or shorten(each.iri)
        page = urls.page(example) if example else ""
        rows.append((name, urls.page(each.iri), each.count + each.nameless, example, page))
    # A graph may be named by a blank node, which has no page.
    graphs = [
        (iri, urls.page(iri) if urls.ABSOLUTE.fullmatch(iri) else "", count)
        for iri, count in islice(release.graphs.items(), MAX_CLASSES)
    ]
    more = listing.more or len(listing.classes) > MAX_CLASSES
    return responses.page("data.html", rows=rows, more=more, graphs=graphs, day=publication_date(observations))

"""The home page: the contracts at a glance, or the classes of data served as given."""

from flask import Blueprint, Response

from cper_lod.release.resource import document, labels
from cper_lod.release.resource import label as best_label
from cper_lod.release.statistics import classes
from cper_lod.terms.namespaces import CPER, DCT, RDF, shorten
from cper_lod.web import addresses, responses
from cper_lod.web.contract import Glance, contract_of
from cper_lod.web.responses import site

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def home() -> Response:
    """The home page."""
    served = site()
    if served.release.mode == "data":
        return _data()
    glances = [each for iri in contracts() if (each := _glance(iri))]
    first = glances[0].iri if glances else ""
    return responses.page("home.html", glances=glances, days=_days(glances), first=first)


def contracts() -> list[str]:
    """Return the IRIs of the contracts of the release, sorted."""
    key = f"<{CPER}Contrat>\t<".encode()
    lines = site().release.mentions.beginning(key)
    # A mention line holds the quad: its subject is the contract where the property is rdf:type.
    typed = (line.split(b"\t", 1)[1].decode().split(" ", 2) for line in lines)
    named = ((subject[1:-1], predicate) for subject, predicate, _ in typed if subject.startswith("<"))
    return sorted({subject for subject, predicate in named if predicate == f"<{RDF}type>"})


def _glance(iri: str) -> Glance | None:
    return contract_of(document(site().release, iri).quads, iri, responses.lang())


def _days(glances: list[Glance]) -> dict[str, str]:
    """Return for each contract the day on which its document speaks."""
    days = {}
    for glance in glances:
        if glance.as_of:
            quads = document(site().release, glance.as_of).quads
            issued = [quad.object for quad in quads if quad.predicate.value == DCT + "issued"]
            days[glance.iri] = getattr(issued[0], "value", "") if issued else ""
    return days


def _data() -> Response:
    """The home page of data served as given: classes, counts, named graphs."""
    served, lang = site(), responses.lang()
    rows = [
        (
            best_label(labels(served.release, row.iri), lang) or shorten(row.iri),
            addresses.page(row.iri),
            row.count,
            row.example,
            addresses.page(row.example) if row.example else "",
        )
        for row in classes(served.release)
    ]
    # A graph may be named by a blank node, which has no page.
    graphs = [
        (iri, addresses.page(iri) if addresses.ABSOLUTE.fullmatch(iri) else "", count)
        for iri, count in served.release.graphs.items()
    ]
    return responses.page("data.html", rows=rows, graphs=graphs)

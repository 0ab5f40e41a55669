"""The page for developers: three uses of the data in a minute, then every entry to them."""

import json
import shlex
from typing import Final

from flask import Blueprint, Response

from cper_lod.core.errors import Language
from cper_lod.core.formats import CSV, DOCUMENT_FORMATS, JSON, XLSX
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.web.api.resources import ResourceReader
from cper_lod.web.components.dates import publication_date
from cper_lod.web.documents.dataset_links import CLASS as JOINS
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("developers", __name__)
ANSWER_LINES: Final = 14
"""Lines of the answer that the page shows."""
_ENTRIES: Final = (
    *("/api", "/openapi.json", "/sparql", "/ontology", "/shapes", "/report", "/catalog", "/links", "/doc"),
    *("/search.json", "/reconcile", "/changes", "/changes.atom", "/dump/tout.nt.gz", "/void.ttl"),
)
_SHARES: Final = (
    "SELECT ?subdivision ?part WHERE { ?x cper:subdivision/skos:prefLabel ?subdivision ; cper:partParSubdivision ?part . "
    'FILTER(lang(?subdivision) = "LANG") } ORDER BY DESC(?part)'
)
_CLASSES: Final = "SELECT ?class (COUNT(?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) LIMIT 5"


@blueprint.get("/developers")
def developers() -> Response:
    """For developers: how to fetch, ask and link the data in a minute, then every page and file made for programs."""
    flask_responses.negotiate_page()
    lang = flask_responses.lang()
    observations = ObservationReader(ReleaseGraph(site().release), lang, urls.page_link)
    query = example_query(lang)
    has_joins = site().release.listing.of(JOINS) is not None
    return flask_responses.page(
        "developers.html",
        fetch=_fetch(lang),
        ask=f"curl -H 'Accept: text/csv' {site().settings.public_url}/sparql --data-urlencode {shlex.quote('query=' + query)}",
        ask_page=urls.link("/sparql", query=query),
        join=f"curl -O {site().settings.public_url}{'/links.csv' if has_joins else '/dump/tout.nt.gz'}",
        has_joins=has_joins,
        entries=_entries(lang),
        formats=[*DOCUMENT_FORMATS, CSV, XLSX],
        published=publication_date(observations),
        curl=True,
    )


def _fetch(lang: Language) -> tuple[str, str] | None:
    """Return a command line that fetches a thing, and the first lines of its answer; None if nothing has a name."""
    listing = site().release.listing
    classes = [CPER + "Part", CPER + "Contrat", *(each.iri for each in listing.classes[:1])]
    iri = next((thing for cls in classes for thing in listing.things(cls)), None)
    if iri is None:
        return None
    path, query = urls.page_address(iri)
    address, _, said = urls.format_address(JSON, path, query | urls.language_parameter()).partition("?")
    url = urls.public_url(address) + (f"?{said}" if said else "")
    # The command says the language, since curl does not: without one, the answer is in French.
    header = "" if lang == "fr" or urls.language_parameter() else f"-H 'Accept-Language: {lang}' "
    lines = json.dumps(ResourceReader(site().release, lang).document(iri), indent=4, ensure_ascii=False).splitlines()
    command = f"curl -s {header}'{url}' | python3 -m json.tool --no-ensure-ascii | head -n {ANSWER_LINES}"
    return command, "\n".join(lines[:ANSWER_LINES])


def example_query(lang: Language) -> str:
    """Return a query that the data can answer: the shares of subdivisions, else the classes and how many things they have."""
    known = site().release.triples.of_property(CPER + "partParSubdivision", 1)
    return _SHARES.replace("LANG", lang) if known else _CLASSES


def _entries(lang: Language) -> list[tuple[str, str]]:
    """Return what there is for programs, each with the key of its name; what this release does not have is left out."""
    has = {
        "/ontology": site().documentation.has_ontology,
        "/shapes": site().documentation.has_shapes,
        "/catalog": site().has_catalogue,
        "/links": site().release.listing.of(JOINS) is not None,
        **dict.fromkeys(("/changes", "/changes.atom"), bool(site().timeline and not site().moment)),
    }
    query = {"/search.json": {"q": translate("entry-search-json-example", lang)}}
    return [
        (urls.link(path, **query.get(path, {})), "entry-" + path[1:].replace("/", "-").replace(".", "-"))
        for path in _ENTRIES
        if has.get(path, True)
    ]

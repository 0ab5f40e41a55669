"""The releases that were served: /release lists them, /release/<id> describes one, and its documents are below it."""

from functools import partial
from itertools import pairwise
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, RDF
from cper_lod.release.history import provenance
from cper_lod.release.release import DUMP
from cper_lod.web.api.pagination import page_links, requested_rows
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link, Signposts
from cper_lod.web.http.representation import Selection, select, serialize
from cper_lod.web.http.signposting import schema_addresses
from cper_lod.web.http.urls import curl_command
from cper_lod.web.site import REFUSED, published_releases, site

blueprint = Blueprint("releases", __name__)
_DUMPS: Final = ("tout.nt.gz", "tout.ttl", "tout.jsonld")
FORMS: Final = (HTML, *RDF)


@blueprint.get("/release", defaults={"suffix": ""})
@blueprint.get("/release.<suffix>")
def index(suffix: str) -> Response:
    """All publications, the last one first, page by page."""
    timeline, rows = published_releases(), requested_rows()
    count = len(timeline.entries)
    query, queries = rows.own_query, rows.others(count)
    selected = select("/release", suffix, FORMS, query)
    address = partial(urls.address, "/release") if selected.negotiated else partial(selected.address, None)
    addresses = {relation: address(each) for relation, each in queries.items()}
    current = urls.public_url(urls.address(f"/release/{timeline.current.release}", {}))
    links = [*_links(selected, provenance.RELEASES), Link(current, "latest-version"), *page_links(addresses)]
    part = slice(max(count - rows.part.stop, 0), max(count - rows.after, 0))
    if selected.format is not HTML:
        # The first page as a view is not the list itself.
        here, *views = (urls.public_address("/release", {"after": "0"} | each) for each in (query, *queries.values()))
        pages = dict(zip(queries, views, strict=True))
        quads = provenance.describe_releases(timeline, part, here, pages, site().settings.public_url)
        return selected.respond(serialize(quads, selected.format, provenance.RELEASES), links=links)
    page = flask_responses.page(
        "releases.html",
        rows=[(each, timeline.stored(each.release) is not None) for each in reversed(timeline.entries[part])],
        current=timeline.current.number,
        pager={relation: urls.link("/release", **each) for relation, each in queries.items()},
        forms=urls.format_addresses("/release", query, FORMS),
        curl=curl_command("/release", query),
    )
    return selected.respond(page, links=links)


@blueprint.get("/release/<name>")
def release_page(name: str) -> Response:
    """One release: who made it, when, from which sources, what came before and after (PROV-O)."""
    release, _, suffix = name.partition(".")
    timeline = published_releases()
    if isinstance(refused := request.environ.get(REFUSED), Problem):  # the request was for its home page
        raise refused
    entry, selected = timeline.first_publication(release), select(f"/release/{release}", suffix, FORMS)
    iri = provenance.release_iri(release)
    opened = timeline.stored(release)
    links = _links(selected, iri)
    if selected.format is HTML:
        pairs = list(pairwise(timeline.entries))
        page = flask_responses.page(
            "release.html",
            entry=entry,
            publications=[each for each in timeline.entries if each.release == release],
            kept=opened is not None,
            dumps=[each for each in _DUMPS if opened and f"{DUMP}/{each}" in opened.manifest["files"]],
            current=timeline.current.release == release,
            before=dict.fromkeys(before.release for before, after in pairs if after.release == release),
            after=dict.fromkeys(after.release for before, after in pairs if before.release == release),
            forms=urls.format_addresses(selected.path, {}, FORMS),
            curl=curl_command(selected.path, {}),
            iri=iri,
        )
        return selected.respond(page, links=links)
    quads = provenance.describe_release(timeline, entry, opened, site().settings.public_url)
    return selected.respond(serialize(quads, selected.format, iri), links=links)


@blueprint.get("/release/<name>/<path:rest>")
@blueprint.post("/release/<name>/<any(sparql, reconcile):rest>")
@blueprint.post("/release/<name>/<any(sparql, reconcile):rest>/<path:more>")
def below(name: str, rest: str, more: str = "") -> Response:
    """What that release has at `/<rest>`, unchanged: `/release/<name>/doc/…`, `/sparql`, `/dump/…`.

    410 if the release is no longer kept.
    """
    published_releases().first_publication(name)
    refused = request.environ.get(REFUSED)
    raise refused if isinstance(refused, Problem) else Problem("page-not-found", path=request.path[:200])


def _links(selected: Selection, iri: str) -> list[Link]:
    """Return the typed links of a description."""
    landing = urls.public_url(urls.address(selected.path, {}))
    signposts = Signposts(landing, selected.public_addresses(), "", iri=iri, schemas=schema_addresses())
    return signposts.of(selected.format)

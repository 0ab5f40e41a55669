"""The releases that were served: /release lists them, /release/<id> describes one, and its documents are below it."""

from itertools import pairwise
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML
from cper_lod.release.release import DUMP
from cper_lod.web.api.parameters import page_links, requested_rows
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.links import Link
from cper_lod.web.http.representation import select
from cper_lod.web.site import REFUSED, published_releases

blueprint = Blueprint("releases", __name__)
_DUMPS: Final = ("tout.nt.gz", "tout.ttl", "tout.jsonld")


@blueprint.get("/release", defaults={"suffix": ""})
@blueprint.get("/release.<suffix>")
def index(suffix: str) -> Response:
    """All publications, the last one first, page by page."""
    timeline, rows = published_releases(), requested_rows()
    count = len(timeline.entries)
    queries, selected = rows.others(count), select("/release", suffix, (HTML,), rows.own_query)
    current = urls.public_url(urls.address(f"/release/{timeline.current.release}", {}))
    addresses = {relation: urls.address("/release", each) for relation, each in queries.items()}
    part = slice(max(count - rows.part.stop, 0), max(count - rows.after, 0))
    page = flask_responses.page(
        "releases.html",
        rows=[(each, timeline.stored(each.release) is not None) for each in reversed(timeline.entries[part])],
        current=timeline.current.number,
        pager={relation: urls.link("/release", **each) for relation, each in queries.items()},
    )
    return selected.respond(page, links=[Link(current, "latest-version"), *page_links(addresses)])


@blueprint.get("/release/<name>")
def release_page(name: str) -> Response:
    """One release: when it was served, from which sources, by which program, what came before and after."""
    release, _, suffix = name.partition(".")
    timeline = published_releases()
    if isinstance(refused := request.environ.get(REFUSED), Problem):  # the request was for its home page
        raise refused
    entry, selected = timeline.first_publication(release), select(f"/release/{release}", suffix, (HTML,))
    opened, pairs = timeline.stored(release), list(pairwise(timeline.entries))
    page = flask_responses.page(
        "release.html",
        entry=entry,
        publications=[each for each in timeline.entries if each.release == release],
        kept=opened is not None,
        dumps=[each for each in _DUMPS if opened and f"{DUMP}/{each}" in opened.manifest["files"]],
        current=timeline.current.release == release,
        before=dict.fromkeys(before.release for before, after in pairs if after.release == release),
        after=dict.fromkeys(after.release for before, after in pairs if before.release == release),
    )
    return selected.respond(page)


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

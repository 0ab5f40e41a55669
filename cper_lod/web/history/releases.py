"""The releases that were served, which /changes lists: /release/<id> describes one, and its documents are below it."""

from itertools import pairwise
from typing import Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML
from cper_lod.release.release import DUMP
from cper_lod.web.history.changes import told
from cper_lod.web.http import flask_responses
from cper_lod.web.http.representation import select
from cper_lod.web.site import REFUSED, published_releases

blueprint = Blueprint("releases", __name__)
_DUMPS: Final = ("tout.nt.gz", "tout.ttl", "tout.jsonld")


@blueprint.get("/release/<name>")
def release_page(name: str) -> Response:
    """One release: when it was served, what changed with it, from which sources, by which program, what came before and after."""
    release, _, suffix = name.partition(".")
    timeline, lang = published_releases(), flask_responses.lang()
    if isinstance(refused := request.environ.get(REFUSED), Problem):  # the request was for its home page
        raise refused
    entry, selected = timeline.first_publication(release), select(f"/release/{release}", suffix, (HTML,))
    opened, pairs = timeline.stored(release), list(pairwise(timeline.entries))
    page = flask_responses.page(
        "release.html",
        entry=entry,
        publications=[told(timeline, each, lang) for each in timeline.entries if each.release == release],
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

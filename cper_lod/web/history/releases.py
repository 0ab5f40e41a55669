"""The releases that were served: /release lists them, /release/<id> describes each, and below it are its documents."""

from collections.abc import Iterable
from typing import Any, Final

from flask import Blueprint, Response, request
from pyoxigraph import Quad

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format, by_suffix
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.release.history import provenance
from cper_lod.release.history.history import Publication
from cper_lod.release.history.publications import HELD
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.release import DUMP, Release
from cper_lod.web.http import responses, urls
from cper_lod.web.http.links import Link, Signposts, header
from cper_lod.web.http.signposting import context_address
from cper_lod.web.http.urls import command
from cper_lod.web.site import REFUSED, site

blueprint = Blueprint("releases", __name__)
MAX_ROWS: Final = 2 * HELD
"""How many publications the page shows."""
_DUMPS: Final = ("tout.nt.gz", "tout.ttl", "tout.jsonld")
FORMS: Final = (HTML, TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG)


@blueprint.get("/release", defaults={"suffix": ""})
@blueprint.get("/release.<suffix>")
def index(suffix: str) -> Response:
    """All publications, the last one first."""
    timeline, form = _timeline(), _form(suffix)
    if form is HTML:
        held = {each.entry.release for each in timeline.moments}
        shown = timeline.entries[-MAX_ROWS:]
        rows = [(each, each.release in held) for each in reversed(shown)]
        page = responses.page(
            "releases.html",
            rows=rows,
            older=(len(timeline.entries) - len(shown) - 1) // HELD + 1,  # none where all are shown
            how=provenance.HOW,
            forms=urls.forms("/release", {}, FORMS),
            curl=command("/release", {}),
        )
        return _sent(page, "/release", form, suffix, provenance.RELEASES)
    quads = provenance.history(timeline, site().settings.public_url)
    return _data(quads, "/release", form, suffix, provenance.RELEASES)


@blueprint.get("/release/<name>")
def release_page(name: str) -> Response:
    """One release: who made it, when, from which sources, what came before and after (PROV-O)."""
    release, _, suffix = name.partition(".")
    timeline = _timeline()
    if isinstance(refused := request.environ.get(REFUSED), Problem):  # its home page was asked for, `/release/<id>/`
        raise refused
    entry, form = timeline.first(release), _form(suffix)
    path, iri = f"/release/{release}", provenance.name(release)
    opened = next((each.release for each in timeline.moments if each.entry.release == release), None)
    if form is HTML:
        page = responses.page("release.html", **_shown(timeline, entry, opened))
        return _sent(page, path, form, suffix, iri)
    quads = provenance.release(timeline, entry, opened, site().settings.public_url)
    return _data(quads, path, form, suffix, iri)


@blueprint.route("/release/<name>/<path:rest>", methods=["GET", "POST"])
def below(name: str, rest: str) -> Response:
    """What that release has at `/<rest>`, unchanged: `/release/<name>/doc/…`, `/sparql`, `/dump/…`.

    410 if the release is no longer kept.
    """
    timeline = _timeline()
    timeline.first(name)
    refused = request.environ.get(REFUSED)
    raise refused if isinstance(refused, Problem) else Problem("page-not-found", path=f"{name}/{rest}"[:200])


def _timeline() -> Timeline:
    """Return the history; raises `history-absent` for data served as given, and below the address of a release."""
    served = site()
    if served.timeline is None or served.moment:
        raise Problem("history-absent")
    return served.timeline


def _form(suffix: str) -> Format:
    form = by_suffix(suffix, FORMS) if suffix else responses.negotiate_format(FORMS)
    if form is None:
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=", ".join("." + each.suffix for each in FORMS))
    return form


def _shown(timeline: Timeline, entry: Publication, opened: Release | None) -> dict[str, Any]:
    """Return what the page of a release shows, with its files where it can still be opened."""
    path = f"/release/{entry.release}"
    publications = [each for each in timeline.entries if each.release == entry.release]
    pairs = list(zip(timeline.entries, timeline.entries[1:], strict=False))
    return {
        "entry": entry,
        "publications": publications,
        "held": opened is not None,
        "dumps": [each for each in _DUMPS if opened and f"{DUMP}/{each}" in opened.manifest["files"]],
        "how": provenance.HOW,
        "current": timeline.current.release == entry.release,
        "before": dict.fromkeys(before.release for before, after in pairs if after.release == entry.release),
        "after": dict.fromkeys(after.release for before, after in pairs if before.release == entry.release),
        "forms": urls.forms(path, {}, FORMS),
        "curl": command(path, {}),
        "iri": provenance.name(entry.release),
    }


def _data(quads: Iterable[Quad], path: str, form: Format, suffix: str, iri: str) -> Response:
    """Return a description in an RDF form; JSON-LD holds its context, as that of the catalogue does."""
    if form is JSON_LD:
        body = jsonld.write(quads, iri, site().release.context, address=None)
    else:
        body = write(quads, form, root=iri)
    return _sent(responses.representation(body, form), path, form, suffix, iri)


def _sent(response: Response, path: str, form: Format, suffix: str, iri: str) -> Response:
    """Add the typed links, and, where the client chose the form, which address has this form alone."""
    own = [(each, urls.public(urls.form(each, path, {}))) for each in FORMS]
    posts = Signposts(urls.public(urls.whole(path, {})), own, "", context_address(), iri=iri)
    links = posts.of(form)
    if path == "/release":
        latest = urls.whole(f"/release/{_timeline().current.release}", {})
        links.append(Link(urls.public(latest), "latest-version"))
    for link in header(links):
        response.headers.add("Link", link)
    if not suffix:
        response.vary.add("Accept")
        response.headers["Content-Location"] = urls.form(form, path, urls.language_asked() if form is HTML else {})
    return response

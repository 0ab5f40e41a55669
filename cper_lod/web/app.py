"""The Flask application, complete by itself under any WSGI server: routes, errors, earlier releases."""

import logging
import secrets
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from cper_lod.core.errors import Problem
from cper_lod.core.files import machine_problem
from cper_lod.core.settings import Settings
from cper_lod.core.text import did_you_mean
from cper_lod.engine.base import Engine
from cper_lod.release.history.history import History
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.release import Release, program_id
from cper_lod.web import reconciliation
from cper_lod.web.api import openapi as api
from cper_lod.web.api import parameters, signposting
from cper_lod.web.documents import (
    catalog,
    contracts,
    dataset_links,
    embed,
    lists,
    lookup,
    search,
    sitemap,
    things,
    values,
    vocabulary,
)
from cper_lod.web.history import changes, timegate
from cper_lod.web.history.release_pool import ReleasePool
from cper_lod.web.http import delivery, flask_responses, static, urls
from cper_lod.web.http.headers import MAX_HEADER
from cper_lod.web.http.limits import Limits
from cper_lod.web.readiness import UNREADABLE
from cper_lod.web.site import REFUSED, Site, site
from cper_lod.web.site_pages import download, home, legal, menu, problems, status
from cper_lod.web.sparql import chart
from cper_lod.web.sparql import views as sparql
from cper_lod.web.sparql.endpoint import SparqlEndpoint

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("cper_lod")
_VIEWS: Final = (
    *(home, download, signposting, things, vocabulary, sparql, chart, status, legal, problems),
    *(lists, values, search, sitemap, reconciliation, catalog),
    *(changes, dataset_links, contracts, api, embed),
)


def create_app(
    release: Release,
    engine: Engine,
    settings: Settings,
    *,
    history: History | None = None,
    limits: Limits | None = None,
) -> Flask:
    """Return the application that serves `release`, with `engine` for its queries, and earlier ones below /release.

    `limits` are those of the server.
    """
    app = Flask("cper_lod.web", static_folder=None)
    app.url_map.strict_slashes = False  # a thing may have a name that ends with a slash
    app.url_map.merge_slashes = False
    for views in _VIEWS:
        app.register_blueprint(views.blueprint)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=static.static_file)
    app.add_url_rule("/favicon.ico", endpoint="favicon", view_func=static.favicon)
    app.extensions["cper_lod.limits"] = limits or Limits()
    timeline = Timeline(history, release.id) if history else None
    if timeline and not timeline.entries:
        timeline = None
    site = app.extensions["cper_lod"] = Site(release, engine, settings, program_id(), timeline)
    app.wsgi_app = SparqlEndpoint(app.wsgi_app, site, app.extensions["cper_lod.limits"])  # type: ignore[method-assign]
    app.before_request(_check_request)
    app.before_request(_without_trailing_slash)
    if timeline:
        pool = app.extensions["cper_lod.pool"] = ReleasePool(site, timeline)
        app.before_request(timegate.timegate)
        app.wsgi_app = pool.mount(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.after_request(_finish)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    app.context_processor(_shared)
    return app


def _check_request() -> None:
    """Refuse headers that may take long to parse, and methods in small letters, which Flask would take for others.

    Raises `header-too-large` and `method-not-allowed`.
    """
    for name, value in request.headers:
        if len(value) > MAX_HEADER:
            raise Problem("header-too-large", name=name, limit=MAX_HEADER)
    if request.environ["REQUEST_METHOD"] != request.method:
        allowed = sorted(request.url_rule.methods or ()) if request.url_rule else ["GET", "HEAD", "OPTIONS"]
        raise Problem("method-not-allowed", method=request.environ["REQUEST_METHOD"][:40], offers=allowed)


def _finish(response: Response) -> Response:
    """Return what is sent of the response of a view; the last steps may find an error of the request."""
    response = _with_headers(parameters.check(response))
    try:
        return delivery.deliver(response)
    except Problem as error:
        return delivery.as_list(_with_headers(_problem(error)))


def _with_headers(response: Response) -> Response:
    return flask_responses.shorten_head(timegate.add_memento_headers(flask_responses.add_headers(response)))


def _without_trailing_slash() -> Response | None:
    """Redirect an address that ends with a slash to the one without it, for good; None for any other address.

    Home pages keep their slash, also that of an earlier release, and so does a thing whose name ends with one. 308 keeps a method other than GET and HEAD
    (RFC 9110, section 15.4.9); a preflight request may not be redirected (Fetch, section 4.8).
    """
    path = request.path  # Werkzeug gives it one slash at the beginning: `//host` would lead to another host
    if path == "/" or not path.endswith("/") or request.method == "OPTIONS" or REFUSED in request.environ:
        return None
    kind, _, name = path[1:].partition("/")
    if kind == "source":  # the name of a folder ends with a slash
        return None
    if kind in ("id", "doc") and name and lookup.find_document(name):
        return None
    location = request.script_root + urls.requested_path(path.rstrip("/"))
    return flask_responses.see_other(location, 301 if request.method in ("GET", "HEAD") else 308, vary="")


def _shared() -> dict[str, Any]:
    """Return what every template can use, besides the sentences of its language."""
    return {
        "site": site(),
        "here": urls.other_language(),
        "static": static.address,
        "now": urls.current_release_link,
        "menu": menu.sections,
        "share_image": embed.share_image,
    }


def _http_error(error: HTTPException) -> Response:
    """Return an error of Flask as a problem document."""
    if isinstance(error, NotFound):
        return flask_responses.problem(_no_page(request.path[1:]))
    if isinstance(error, MethodNotAllowed):
        offers = sorted(error.valid_methods or ())
        return flask_responses.problem(Problem("method-not-allowed", method=request.method, offers=offers))
    if error.code is not None and error.code < 500:
        return flask_responses.problem(Problem("request-invalid", message=error.description or error.name))
    return _unexpected(getattr(error, "original_exception", None) or error)  # of the handler of another error


def _no_page(path: str) -> Problem:
    """Return what is told of a path that no address has: `/contracts` and `/contrat/…` are documents below `/doc`."""
    near = menu.nearest_page("/" + path)
    for each in dict.fromkeys((path, path.rpartition("/")[2])):
        name, form = lookup.split_form(each)
        if lookup.is_meant(name) and not (near and each == path):
            return lookup.missing(name, form)
    links = (Hyperlink(near, urls.link(near)),) if near else ()
    return Problem("page-not-found", path=f"/{path}"[:200], hint=did_you_mean(near), links=links)


def _problem(error: Problem) -> Response:
    """Return an error as a problem document; a file that cannot be read also makes /ready red."""
    if error.kind.code in UNREADABLE:
        site().readiness.note(error)  # it is logged with the response
    return flask_responses.problem(error)


def _unexpected(error: Exception) -> Response:
    """Return what is wrong with the files of the release, or with this machine, if that explains an unexpected error.

    Else log it under a reference, which is all that the client sees.
    """
    if problem := site().release.damage(error) or machine_problem(error):
        return _problem(problem)
    reference = secrets.token_hex(6)
    log.error("unexpected error %s at %s", reference, request.path, exc_info=error)
    return flask_responses.problem(Problem("unexpected", reference=reference))


def behind_prefix(app: Flask, prefix: str) -> Flask:
    """Mount `app` below a path prefix; a reverse proxy may pass the whole path or remove the prefix."""
    inner = app.wsgi_app

    def mounted(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
        if path == prefix or path.startswith(prefix + "/"):
            environ["PATH_INFO"] = path[len(prefix) :] or "/"
        return inner(environ, start_response)

    app.wsgi_app = mounted  # type: ignore[method-assign]
    return app

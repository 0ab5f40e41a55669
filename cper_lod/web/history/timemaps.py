"""Earlier states of documents (Memento, RFC 7089): each document is its own TimeGate, and /timemap lists its states."""

from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import parse_qs

from flask import Blueprint, Response, request
from werkzeug.http import http_date

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, Format, by_suffix
from cper_lod.core.namespaces import ONTOLOGY, SHAPES
from cper_lod.release.catalog.dcat import CATALOGUE
from cper_lod.release.documents import speaks_of
from cper_lod.release.release import Release
from cper_lod.web.documents.list_query import FORMS
from cper_lod.web.documents.lookup import spellings
from cper_lod.web.http import memento, responses, urls
from cper_lod.web.http.links import Link, header
from cper_lod.web.http.memento import LINK_FORMAT, Memento
from cper_lod.web.site import site

blueprint = Blueprint("timemaps", __name__)
DATED: Final = frozenset(
    {
        "resources.doc",
        "resources.describe",
        "lists.index",
        "lists.named",
        "ontology.ontology",
        "ontology.shapes",
        "catalog.catalogue",
        "catalog.void",
    }
)
"""The views whose addresses have states in time."""
_LASTING: Final = frozenset({*DATED, "resources.dump", "resources.context"}) - {"catalog.catalogue", "catalog.void"}
"""The views whose data, below the address of a release, never change; a catalogue tells the contact of today too."""
_ALONE: Final[Mapping[str, Callable[[Release], bool]]] = {
    "/doc": lambda _: True,
    "/void": lambda _: True,
    "/ontology": lambda release: speaks_of(release, ONTOLOGY),
    "/shapes": lambda release: f"<{SHAPES.rstrip('#')}> ".encode() in release.shapes,
    "/catalog": lambda release: f"<{CATALOGUE}> ".encode() in release.data,
}
"""The documents that are at one address, and which releases have them."""
IMMUTABLE: Final = "public, max-age=31536000, immutable"


def _holds(path: str, query: str) -> Callable[[Release], bool] | None:
    """Return how to tell whether a release has a document at an address; None for what is no document."""
    stem, dot, suffix = path.rpartition(".")
    known = bool(dot) and by_suffix(suffix, FORMS) is not None
    names = [path.removeprefix("/doc/"), *([stem.removeprefix("/doc/").removesuffix(".tableur")] if known else [])]
    if path.startswith("/doc/"):
        keys = [f"<{iri}> ".encode() for name in names for iri in spellings(name)]
        return lambda release: any(key in release.data for key in keys) or any(map(release.listing.called, names))
    if path == "/describe" or (known and stem == "/describe"):
        iri = "".join(parse_qs(query).get("iri", [])[:1])
        return lambda release: bool(urls.ABSOLUTE.fullmatch(iri)) and speaks_of(release, iri)
    return _ALONE.get(path) or (_ALONE.get(stem) if known else None)


def _mementos(path: str, query: str, address: str) -> list[Memento]:
    """Return the states that the document at an address has in the releases that are held, the first one first."""
    holds, timeline = _holds(path, query), site().timeline
    if holds is None or timeline is None:
        return []
    base = urls.canonical_url(site().settings.public_url)
    states = timeline.where(holds)
    return [Memento(f"{base}/release/{each.release}{address}", each.at, each.release) for each in states]


def gate() -> Response | None:
    """Send whoever asks for another time to the state of that time (RFC 7089, section 4.1.1); raises
    `accept-datetime-invalid`.
    """  # noqa: D205
    wanted = request.headers.get("Accept-Datetime")
    if wanted is None or request.endpoint not in DATED or site().moment or request.method not in ("GET", "HEAD"):
        return None
    at = memento.seconds(wanted)
    found = _mementos(request.path, request.query_string.decode("latin-1"), urls.asked())
    base = site().settings.public_url
    timeline = site().timeline
    if not found or timeline is None:
        return None
    chosen = memento.best(found, ((each.at, each.release) for each in timeline.entries), at)
    response = responses.see_other(request.script_root + chosen.address.removeprefix(base), 302, "Accept-Datetime")
    for link in header(memento.memento_links(found, chosen)):
        response.headers.add("Link", link)
    return response


def dated(response: Response) -> Response:
    """Add to a document where its earlier states are, or to such a state which one it is."""
    served, timeline = site(), site().timeline
    if timeline is None or request.endpoint not in DATED | _LASTING:
        return response
    ended = response.status_code in (200, 206, 304)
    if served.moment and ended and request.endpoint in _LASTING and response.mimetype != HTML.media_type:
        response.headers["Cache-Control"] = IMMUTABLE
    if request.endpoint not in DATED:
        return response
    original, timemap = _addresses(urls.asked())
    if served.moment is None:
        response.vary.add("Accept-Datetime")
        links = memento.gate_links(original, timemap) if ended or response.status_code in (302, 410) else []
    elif ended:
        response.headers["Memento-Datetime"] = http_date(served.moment.at)
        links = memento.gate_links(original, timemap) + _neighbours()
    else:
        links = []
    for link in header(links):
        response.headers.add("Link", link)
    return response


def _neighbours() -> list[Link]:
    found = _mementos(request.path, request.query_string.decode("latin-1"), urls.asked())
    here = urls.public(request.script_root + urls.asked())
    own = next((each for each in found if each.address == here), None)
    return memento.memento_links(found, own) if own else []


def _addresses(address: str) -> tuple[str, str]:
    """Return the public addresses of a document and of the list of its states."""
    base = urls.canonical_url(site().settings.public_url)
    return base + address, f"{base}/timemap/link{address}"


@blueprint.get("/timemap/link/<path:path>", defaults={"form": LINK_FORMAT})
@blueprint.get("/timemap/json/<path:path>", defaults={"form": JSON})
def timemap(path: str, form: Format) -> Response:
    """The states of a document in all releases that are kept (RFC 7089): `/timemap/link/doc/…`."""
    kind = "/timemap/link" if form is LINK_FORMAT else "/timemap/json"
    address = urls.asked().removeprefix(kind)
    found = _mementos("/" + path, request.query_string.decode("latin-1"), address)
    if not found or site().moment:
        raise Problem("timemap-absent", path=address[:400])
    original, text = _addresses(address)
    base = urls.canonical_url(site().settings.public_url)
    here = f"{base}{kind}{address}"
    if form is LINK_FORMAT:
        body = memento.timemap_text(original, here, found)
    else:
        body = memento.timemap_json(original, here, text, found)
    return responses.representation(body, form)

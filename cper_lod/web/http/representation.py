"""The representation of a document that a request gets: its format, its address, its bytes, its headers.

A view calls `select` with the suffix of the address and the formats it offers, then `Selection.respond` with the body.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Response, g, request
from pyoxigraph import Quad, Triple

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, JSON, JSON_LD, JSON_LD_NS, PROFILES, Format, by_suffix
from cper_lod.rdf import jsonld
from cper_lod.rdf.serialize import write
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.headers import Link, link_values
from cper_lod.web.site import site


@dataclass(frozen=True)
class Selection:
    """The format selected for a response, and the address of the document that it represents.

    `path` and `query` are the address of the document without a suffix. `parameters` are the further query parameters
    that select the same bytes: the language, the JSON-LD profile. `negotiated` says that the Accept header selected the
    format, not a suffix.
    """

    format: Format
    offers: Sequence[Format]
    path: str
    query: Mapping[str, str]
    parameters: Mapping[str, str]
    negotiated: bool

    def address(self, path: str | None = None, query: Mapping[str, str] | None = None) -> str:
        """Return the address of this format on this host: of the document, or of the one at `path` and `query`."""
        own = {**(self.query if query is None else query), **self.parameters}
        return urls.format_address(self.format, self.path if path is None else path, own)

    def public_addresses(self) -> list[tuple[Format, str]]:
        """Return every format on offer with its public address; profiles have none of their own."""
        offers = [each for each in self.offers if not each.profile.startswith(JSON_LD_NS)]
        return urls.format_addresses(self.path, dict(self.query), offers, public=True)

    def respond(
        self,
        body: bytes | Response,
        *,
        links: Iterable[Link] = (),
        vary: Iterable[str] = (),
        dated: bool = False,
    ) -> Response:
        """Return the response with `body`: bytes in the selected format, or a page that is complete but for its address.

        Adds the typed links and, where the format was negotiated, `Vary: Accept` and the Content-Location. The other
        parameters are those of `responses.representation`, and mean nothing for a page.
        """
        vary = (*(["Accept"] if self.negotiated else []), *vary)
        if isinstance(body, bytes):
            body = flask_responses.representation(body, self.format, vary=vary, dated=dated)
        else:
            body.vary.update(vary)
        if self.negotiated:
            body.headers["Content-Location"] = self.address()
        services = service_links() if self.format is JSON else ()
        for value in link_values((*links, *services)):
            body.headers.add("Link", value)
        return body


def service_links() -> list[Link]:
    """Return the links to the descriptions of the API, for programs and for people (RFC 8631)."""
    base = site().settings.public_url
    return [
        Link(f"{base}/openapi.json", "service-desc", JSON.media_type),
        Link(f"{base}/api", "service-doc", HTML.media_type),
    ]


def select(
    path: str,
    suffix: str,
    offers: Sequence[Format],
    query: Mapping[str, str] | None = None,
    *,
    localized: Sequence[Format] = (HTML,),
) -> Selection:
    """Return the format that the suffix names, or that the Accept header prefers where `suffix` is empty.

    `localized` are the formats whose address keeps the language asked for in the URL. Where JSON-LD profiles are on offer,
    `?profile=` selects one of them; unknown profiles are ignored, as in an Accept header.
    Raises `format-unknown` and `not-acceptable`, which name the formats on offer.
    """
    found = _by_suffix(suffix, offers) if suffix else flask_responses.negotiate_format(offers)
    g.selected_format = found
    parameters = urls.language_parameter() if found in localized else {}
    if found.profile.startswith(JSON_LD_NS):
        parameters = parameters | {"profile": found.profile.removeprefix(JSON_LD_NS)}
    return Selection(found, offers, path, query or {}, parameters, not suffix)


def _by_suffix(suffix: str, offers: Sequence[Format]) -> Format:
    found = by_suffix(suffix, offers)
    if found is None:
        raise format_unknown(suffix, offers)
    profile = PROFILES.get(request.args.get("profile", "").removeprefix(JSON_LD_NS)) if found is JSON_LD else None
    return profile if profile and profile in offers else found


def format_unknown(suffix: str, offers: Iterable[Format]) -> Problem:
    """Return the error for a suffix that none of `offers` has."""
    suffixes = dict.fromkeys("." + each.suffix for each in offers)
    return Problem("format-unknown", suffix="." + suffix[:40], offers=[*suffixes])


def serialize(
    quads: Sequence[Quad],
    format: Format,
    root: str,
    *,
    context_url: str | None = None,
    order: Mapping[str, int] | None = None,
) -> bytes:
    """Return the document of `root` in an RDF format.

    JSON-LD refers to its context at `context_url`, or contains it where that is None; `order` is the order of the
    predicates in Turtle and TriG. Raises `jsonld-impossible` for triple terms in JSON-LD, and what `write` raises.
    """
    if format.media_type != JSON_LD.media_type:
        return write(quads, format, root=root, order=order)
    if any(isinstance(quad.object, Triple) for quad in quads):
        raise Problem("jsonld-impossible")
    context = site().release.context
    if format is PROFILES["expanded"]:
        return jsonld.expanded(quads)
    if format is PROFILES["flattened"]:
        return jsonld.flattened(quads)
    return jsonld.write(quads, root, context, address=context_url)

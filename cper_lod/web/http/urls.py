"""URLs of this site: from IRIs to pages, from documents to their formats, and the parameters of the request URL."""

import re
import shlex
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache, partial
from typing import Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes, urlencode

from flask import request

from cper_lod.core import i18n
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import DOCUMENT_FORMATS, LOCALIZED, Format
from cper_lod.core.names import PROGRAM, SiteNames
from cper_lod.core.namespaces import (
    DEFINITIONS,
    MODULES,
    ONTOLOGY,
    PREFIXES,
    SHAPES,
    VOCABULARIES,
    VOCABULARY,
)
from cper_lod.core.text import did_you_mean
from cper_lod.web.site import current_g, site


def curl_command(path: str, query: Mapping[str, str], media_type: str = "application/ld+json") -> str:
    """Return the command line that fetches a document of this site as `media_type`."""
    return f"curl -H 'Accept: {media_type}' {shlex.quote(public_address(path, dict(query)))}"


ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\x22{}|\\^`]*")
"""An absolute IRI as Turtle's IRIREF allows it (RFC 3987; RDF 1.1 Turtle, section 6.5)."""

SAFE: Final = "/:@!$&'()*+,;=~-._"
"""Characters that need no quoting in the path of a URL (RFC 3986, section 3.3)."""
quoted: Final = partial(quote, safe=SAFE)
"""Return a path as it stands in a URL."""
_VERSION: Final = re.compile(f"{re.escape(ONTOLOGY)}/((?:(?:{'|'.join(MODULES)})/)?[0-9.]+|{'|'.join(MODULES)})")
"""The IRI of a version of the ontology or of a module, or of a module: its page is at the same path below /ontology."""
_TERM_PAGES: Final = {
    ONTOLOGY + "#": "/ontology/term/",
    **{f"{iri}#": f"/ontology/term/{name}/" for name, iri in MODULES.items()},
}
"""The start of the paths of the pages of terms, by their namespace."""
"""The IRI of a version of the ontology."""
_MAX_CACHED = 300
"""Characters of the longest IRI whose path is cached."""


class _RequestContext(NamedTuple):
    """What links depend on within one request.

    `root` is the prefix where the application is mounted, `lang` the language parameter of the request URL, empty if it
    has none, `names` what the site gives names to; `digest`, that of the release, determines which terms and shapes have pages.
    """

    root: str
    lang: str
    names: SiteNames
    public_url: str
    digest: str


def _request_context() -> _RequestContext:
    kept = current_g()
    try:
        context: _RequestContext = kept.link_context
    except AttributeError:
        served = site()
        context = kept.link_context = _RequestContext(
            request.script_root,
            i18n.requested_language(request.args.get("lang")) or "",
            served.release.names,
            served.settings.public_url,
            served.release.digest,
        )
    return context


def link(path: str, **query: str) -> str:
    """Return the link to a path of this site, below its prefix; the language requested in the URL is kept."""
    return _link(_request_context(), path, query)


def _link(context: _RequestContext, path: str, query: dict[str, str]) -> str:
    if context.lang and "lang" not in query:
        query = query | {"lang": context.lang}
    if not query:  # most frequent case
        return context.root + path
    path, _, fragment = path.partition("#")
    end = f"#{fragment}" if fragment else ""
    return context.root + with_query(path, query) + end


def other_language() -> dict[str, str]:
    """Return the link to this page in each language, relative to itself: it works with and without a suffix."""
    arguments = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    before = f"?{urlencode(arguments)}&" if arguments else "?"
    return {lang: f"{before}lang={lang}" for lang in LANGUAGES}


def local_name(iri: str) -> str | None:
    """Return what follows /doc/ in the path of the document about a thing, None for any other IRI."""
    return _request_context().names.path(iri)


def page_link(iri: str) -> str:
    """Return the link to the page about any IRI, in the language requested in the URL."""
    return page_linker()(iri)


def page_linker() -> Callable[[str], str]:
    """Return `page_link` for the links of one page: what they depend on is looked up once."""
    context = _request_context()
    return lambda iri: (_cached_page_link if len(iri) < _MAX_CACHED else _page_link)(context, iri)


def _page_link(context: _RequestContext, iri: str) -> str:
    return _link(context, *_page_address(context, iri))


_cached_page_link: Final = lru_cache(maxsize=4096)(_page_link)
"""The same, for what many pages link to: saves 5 to 11 % of the page of a thing."""


def page_address(iri: str) -> tuple[str, dict[str, str]]:
    """Return the quoted path and the query of the page about any IRI: /doc/… for a thing, /ontology/term/… and /shapes/… for a term and a shape, else /describe."""
    return _page_address(_request_context(), iri)


def page_url(iri: str) -> str:
    """Return the public URL of the page about any IRI."""
    return _request_context().public_url + with_query(*page_address(iri))


def _page_address(context: _RequestContext, iri: str) -> tuple[str, dict[str, str]]:
    path = _page_path(context, iri)
    return (path, {}) if path else ("/describe", {"iri": iri})


def _page_path(context: _RequestContext, iri: str) -> str:
    """Return the path of the page of an IRI that has its own page, "" for others."""
    starts = {context.names.things: "/doc/", DEFINITIONS: "/doc/def/"}
    version = _VERSION.fullmatch(iri)
    if iri.startswith((*VOCABULARIES, SHAPES)) or version:  # looked up for these alone: few pages link to them
        known = site().documentation
        starts |= _TERM_PAGES if known.has_ontology else {}
        starts |= {SHAPES: "/shapes/"} if known.has_shapes else {}
        version = version if known.has_ontology else None
    for start, page in starts.items():
        name = iri.removeprefix(start) if iri.startswith(start) else ""
        # Browsers resolve `.` and `..` in paths; a name that begins with `/` would leave the route.
        if name and not name.startswith("/") and not {".", ".."} & set(name.split("/")):
            return page + quoted(name)
    if version:
        return f"/ontology/{version[1]}"
    release = iri.removeprefix(context.names.releases) if iri.startswith(context.names.releases) else ""
    return "/release/" + quote(release.partition("#")[0], safe=SAFE) if release and "/" not in release else ""


def external_link(iri: str) -> str | None:
    """Return `iri` if it is safe as a link to another host (http or https, not ours), else None."""
    own = iri.startswith(_request_context().names.address)
    # What the program defines; a thing of its data is one of another site.
    ours = iri.startswith(VOCABULARY) and PROGRAM.relative(iri) == iri
    return iri if iri.startswith(("http://", "https://")) and not own and not ours else None


def language_parameter() -> dict[str, str]:
    """Return the language parameter of the request URL, if it names one of our languages."""
    lang = _request_context().lang
    return {"lang": lang} if lang else {}


def address(path: str, query: dict[str, str]) -> str:
    """Return the address of an unquoted path of this site, with its query, below its prefix."""
    return _request_context().root + with_query(quoted(path), query)


def format_addresses(
    path: str,
    query: dict[str, str],
    offers: Iterable[Format] = DOCUMENT_FORMATS,
    *,
    localized: Collection[Format] = (),
    lang: Mapping[str, str] | None = None,
    public: bool = False,
) -> list[tuple[Format, str]]:
    """Return each format of a document with its address, or with its public URL.

    Those of `localized`, which are in one language, have the parameter `lang`, by default that of the request URL.
    """
    start = (public_address if public else address)(path, {})
    in_language = {**query, **(language_parameter() if lang is None else lang)}
    return [
        (each, with_query(f"{start}.{each.suffix}", in_language if each in localized else query)) for each in offers
    ]


forms_of_page: Final = partial(format_addresses, localized=LOCALIZED)
"""Return each format that a page links, as `format_addresses` does."""


def format_address(format: Format, path: str, query: dict[str, str]) -> str:
    """Return the address of a document in one format."""
    return with_query(f"{address(path, {})}.{format.suffix}", query)


def public_url(address: str) -> str:
    """Return the public URL of an address of this site."""
    context = _request_context()
    return context.public_url + address.removeprefix(context.root)


def public_address(path: str, query: dict[str, str] | None = None) -> str:
    """Return the public URL of an unquoted path of this site, with its query."""
    return _request_context().public_url + with_query(quoted(path), query or {})


def canonical_url(address: str) -> str:
    """Return the public URL of the current state of what is at a public URL, which may be that of an earlier state."""
    moment = site().moment
    return address.replace(f"/release/{moment.release}", "", 1) if moment else address


def current_release_link(path: str = "") -> str:
    """Return the link to a path in the current release; without one, to the current state of this page."""
    moment = site().moment
    root = request.script_root.removesuffix(f"/release/{moment.release}") if moment else request.script_root
    return root + (path or requested_path())


def requested_path(path: str = "") -> str:
    """Return the path of this request below the prefix, or another one, with the query as the client wrote it."""
    query = quote(request.query_string, safe="/:@!$&'()*+,;=~-._?%")
    return quoted(path or request.path) + (f"?{query}" if query else "")


def with_query(path: str, query: dict[str, str]) -> str:
    """Return a quoted path with a query."""
    return path + (f"?{urlencode(query)}" if query else "")


def path_without_html() -> str:
    """Return the path of this page without the suffix `.html`, which does not change its bytes."""
    return request.path.removesuffix(".html")


def canonical_page_url() -> str:
    """Return the public URL of this page in any language; "" if it has a query of its own."""
    return "" if set(request.args) - {"lang"} else public_url(address(path_without_html(), {}))


def iri_parameter(name: str) -> str:
    """Return a parameter that must be an absolute IRI; raises `iri-invalid`, and what `single_parameter` raises."""
    iri = single_parameter(name)
    prefix, _, local = iri.partition(":")
    if prefix in PREFIXES and local.isidentifier():
        raise Problem("iri-invalid", name=name, iri=iri[:200], hint=did_you_mean(PREFIXES[prefix] + local))
    if not ABSOLUTE.fullmatch(iri) or len(iri) > 8192:
        raise Problem("iri-invalid", name=name, iri=iri[:200])
    return iri


def single_parameter(name: str) -> str:
    """Return a parameter that must be given exactly once.

    Raises `parameter-missing`, `parameter-repeated`, `parameter-encoding`.
    """
    values = request.args.getlist(name)
    if not values:
        raise Problem("parameter-missing", name=name)
    if len(values) > 1:
        raise Problem("parameter-repeated", name=name, count=len(values))
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        raise Problem("parameter-encoding", name=name) from None
    return values[0]

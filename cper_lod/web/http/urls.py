"""Where a name has its page on this host: IRIs to paths, and the addresses of a document's other forms."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import quote, urlencode

from flask import g, request

from cper_lod.core import i18n
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import DOCUMENT_FORMATS, Format
from cper_lod.core.namespaces import ONTOLOGY, ONTOLOGY_VERSION, SHAPES
from cper_lod.release.docs.versions import NUMBER
from cper_lod.web.site import site


def quoted(address: str, query: Mapping[str, str]) -> str:
    """Return an address with its query, quoted for a shell where it needs it."""
    text = quote(address, safe=":/@!$&()*+,;=~-._")
    if query:
        text += "?" + "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return f"'{text}'" if any(char in text for char in "?&;()*!$#'") else text


def command(
    path: str, query: Mapping[str, str], media_type: str = "application/ld+json", *, follow: bool = False
) -> str:
    """Return the command line that fetches a document of this site in the form of `media_type`.

    With `follow`, from the name of a thing to the document about it.
    """
    return f"curl {'-L ' if follow else ''}-H 'Accept: {media_type}' {quoted(site().settings.public_url + path, query)}"


ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]*")
"""An absolute IRI as Turtle's IRIREF allows it (RFC 3987; RDF 1.1 Turtle, section 6.5)."""

SAFE = "/:@!$&'()*+,;=~-._"
"""What stands as it is in the path of a URL (RFC 3986, section 3.3)."""
_LONG = 300
"""Characters of an IRI whose address is not remembered."""


class _Asked(NamedTuple):
    """What addresses depend on in one request, read once, since a page has some hundred links.

    `root` is the prefix that the application is mounted at, `lang` the parameter of the language where the address of
    the request has it, `base` how our names begin, `public` where this host is; `vocabulary` says that our terms have
    pages.
    """

    root: str
    lang: dict[str, str]
    base: str
    public: str
    vocabulary: bool


def _asked() -> _Asked:
    known: _Asked | None = g.get("asked")
    if known is None:
        wanted, served = i18n.requested_language(request.args.get("lang")), site()
        base, public = served.settings.base_iri, served.settings.public_url
        ours = served.release.mode == "contract"
        known = g.asked = _Asked(request.script_root, {"lang": wanted} if wanted else {}, base, public, ours)
    return known


def at(path: str, **query: str) -> str:
    """Return the path on this host, below the prefix it is mounted at; the language asked for in the URL is kept."""
    asked = _asked()
    if "lang" not in query:
        query |= asked.lang
    path, _, fragment = path.partition("#")
    end = f"#{fragment}" if fragment else ""
    return asked.root + path + (f"?{urlencode(query)}" if query else "") + end


def other_language() -> dict[str, str]:
    """Return this page's address in each language, relative to itself: the same under its suffix and without."""
    arguments = [(key, value) for key, value in request.args.items(multi=True) if key != "lang"]
    return {lang: "?" + urlencode([*arguments, ("lang", lang)]) for lang in LANGUAGES}


def thing(iri: str) -> str | None:
    """Return what follows `id/` in one of our names, None for any other IRI."""
    start = _asked().base + "id/"
    return iri[len(start) :] if iri.startswith(start) and len(iri) > len(start) else None


def page(iri: str) -> str:
    """Return the address of the page about any IRI, in the language asked for in the URL."""
    path, query = place(iri)
    return at(path, **query)


def place(iri: str) -> tuple[str, dict[str, str]]:
    """Return path and query of the page about any IRI: /doc/… for a thing, /ontology#… for a term, else /describe."""
    asked = _asked()
    path = (_remembered if len(iri) < _LONG else _path)(iri, asked.base, vocabulary=asked.vocabulary)
    return (path, {}) if path else ("/describe", {"iri": iri})


def _path(iri: str, base: str, *, vocabulary: bool) -> str:
    """Return the path of the page about an IRI that has one of its own, empty for others."""
    path = iri.removeprefix(base + "id/") if iri.startswith(base + "id/") else ""
    # A browser takes `.` and `..` for steps in the path; a name that begins with `/` would leave the route.
    if path and not path.startswith("/") and not {".", ".."} & set(path.split("/")):
        return "/doc/" + quote(path, safe=SAFE)
    if vocabulary and iri.startswith(ONTOLOGY + "#"):
        return "/ontology#" + iri.partition("#")[2]
    if vocabulary and NUMBER.fullmatch(iri.removeprefix(ONTOLOGY_VERSION)):
        return "/ontology/" + iri.removeprefix(ONTOLOGY_VERSION)
    if vocabulary and iri.startswith(SHAPES):
        return "/shapes#" + iri.partition("#")[2]
    release = iri.removeprefix(base + "release/") if iri.startswith(base + "release/") else ""
    return "/release/" + quote(release.partition("#")[0], safe=SAFE) if release and "/" not in release else ""


_remembered: Final = lru_cache(maxsize=4096)(_path)  # pages name the same things again and again


def outside(iri: str) -> str | None:
    """Return `iri` where a browser may follow it as a link to another host; never a `javascript:` or `data:` one."""
    return iri if iri.startswith(("http://", "https://")) and not iri.startswith(_asked().base) else None


def language_asked() -> dict[str, str]:
    """Return the parameter of the language, where the address of this request names one that we speak."""
    return _asked().lang


def whole(path: str, query: dict[str, str]) -> str:
    """Return a path on this host with its query, below the prefix it is mounted at."""
    return _asked().root + quote(path, safe=SAFE) + (f"?{urlencode(query)}" if query else "")


def form(form: Format, path: str, query: dict[str, str]) -> str:
    """Return the address of one form of a document on this host."""
    return forms(path, query, (form,))[0][1]


def forms(path: str, query: dict[str, str], offers: Iterable[Format] = DOCUMENT_FORMATS) -> list[tuple[Format, str]]:
    """Return each form of a document with its address on this host."""
    start, end = whole(path, {}), f"?{urlencode(query)}" if query else ""
    return [(each, f"{start}.{each.suffix}{end}") for each in offers]


def public(address: str) -> str:
    """Return an address on this host as a URL under the public address."""
    asked = _asked()
    return asked.public + address.removeprefix(asked.root)


def canonical_url(address: str) -> str:
    """Return the public address of the state of today of what is at a public address, be it that of a past state."""
    moment = site().moment
    return address.replace(f"/release/{moment.release}", "", 1) if moment else address


def now(path: str = "") -> str:
    """Return the path on this host of something of today, of this very page if nothing is named."""
    moment = site().moment
    root = request.script_root.removesuffix(f"/release/{moment.release}") if moment else request.script_root
    return root + (path or asked())


def asked() -> str:
    """Return the path of this request, below what it is mounted at, with its query as it was written."""
    query = quote(request.query_string, safe="/:@!$&'()*+,;=~-._?%")
    return quote(request.path, safe=SAFE) + (f"?{query}" if query else "")


def joined(path: str, query: dict[str, str]) -> str:
    """Return a path, quoted already, with its query."""
    return path + (f"?{urlencode(query)}" if query else "")


def here() -> str:
    """Return the path of this page without the ending `.html`, which gives the very same bytes."""
    return request.path.removesuffix(".html")


def canonical() -> str:
    """Return the public address of this page in any language; empty where it has a query of its own."""
    return "" if set(request.args) - {"lang"} else public(whole(here(), {}))


def checked(iri: str) -> str:
    """Return `iri` where it is an absolute IRI; raises `iri-invalid`."""
    if not ABSOLUTE.fullmatch(iri) or len(iri) > 8192:
        raise Problem("iri-invalid", iri=iri[:200])
    return iri


def only(name: str) -> str:
    """Return the parameter that has to be there exactly once; raises `parameter-missing` and `parameter-repeated`."""
    values = request.args.getlist(name)
    if not values:
        raise Problem("parameter-missing", name=name)
    if len(values) > 1:
        raise Problem("parameter-repeated", name=name, count=len(values))
    return values[0]

"""Response cache: whole responses that depend on the release alone, compressed, sent again without entering Flask."""

from typing import Final, NamedTuple

from cper_lod.core import i18n
from cper_lod.core.formats import Format, negotiate
from cper_lod.engine.spool import Spool
from cper_lod.web.gateway.query_cache import BoundedCache
from cper_lod.web.http.compression import MAX_SIZE
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import FileResponse, Response

_MAX_KEY: Final = 2048
"""Characters of the longest URL and Accept header under which a response is stored."""
_VARY: Final = frozenset({"accept", "accept-language", "accept-encoding", "accept-datetime"})
"""The request headers that a stored response may vary with; requests with Accept-Datetime never get a stored one."""


class CacheEntry(NamedTuple):
    """A response and the 304 in its place; both keep their headers ready to be sent."""

    response: Response
    not_modified: Response
    etag: str
    modified: str

    def respond(self, conditions: Conditions) -> Response:
        """Return what the conditions of a request make of the response; raises precondition-failed."""
        if any(conditions) and self.response.status == 200 and conditions.is_unchanged(self.etag, self.modified):
            return self.not_modified
        return self.response


class _Variants(NamedTuple):
    """What the responses at one URL vary with: request headers, and the formats among which Accept chooses."""

    headers: frozenset[str]
    offers: tuple[Format, ...]


class ResponseCache:
    """The responses of one release that were used last, up to a size in bytes; used in one event loop."""

    def __init__(self, limit: int) -> None:
        """Store up to `limit` bytes."""
        self.limit = limit
        self._variants = BoundedCache[_Variants](limit // 8)
        self._entries = BoundedCache[CacheEntry](limit - limit // 8, MAX_SIZE)

    @property
    def size(self) -> int:
        """The stored bytes."""
        return self._variants.size + self._entries.size

    def find(self, request: Request, coding: str) -> CacheEntry | None:
        """Return the stored response to a request in a coding, or None."""
        variants = self._variants.get((request.raw_path, request.query_string))
        return None if variants is None else self._entries.get(_key(request, coding, variants))

    def store(self, request: Request, coding: str, response: Response) -> None:
        """Store a whole response, unless it is in a file or varies with a header that the cache does not know."""
        url = request.raw_path, request.query_string
        names = {name.strip().lower() for name in response.headers.get("Vary", "").split(",") if name.strip()}
        # The formats at one URL vary with different headers: the key of a request contains all of them.
        if known := self._variants.get(url):
            names |= known.headers
        variants = _Variants(frozenset(names), response.offers)
        has_other_coding = response.headers.get("Content-Encoding", coding) != coding
        too_long = len(request.raw_path) + len(request.query_string) + len(request.headers.get("accept", "")) > _MAX_KEY
        in_file = isinstance(response, FileResponse) or isinstance(response.body, Spool)
        if too_long or has_other_coding or in_file or not _VARY.issuperset(names):
            return
        etag, modified = response.headers.get("ETag", "").strip('"'), response.headers.get("Last-Modified", "")
        entry = CacheEntry(response, response.not_modified(), etag, modified)
        self._variants.put(url, variants, 0)
        cost = response.size + 2 * sum(len(name) + len(value) for name, value in response.wire_headers)
        self._entries.put(_key(request, coding, variants), entry, cost)


def _key(request: Request, coding: str, variants: _Variants) -> tuple[str, ...]:
    """Return everything that selects a response among the variants at its URL: language, coding and format as chosen.

    Browsers express the same choice by many different Accept headers.
    """
    get, names = request.headers.get, variants.headers
    accept = get("accept", "*/*") if "accept" in names else ""
    if accept and variants.offers:
        format = negotiate(accept, variants.offers)
        accept = f"\0{format.name if format else ''}"  # no header contains a NUL: none is equal to a format
    return (
        request.raw_path,
        request.query_string,
        coding if "accept-encoding" in names else "",
        accept,
        i18n.choose(get("accept-language")) if "accept-language" in names else "",
    )

"""Replies that the release has fixed: made once, compressed once, sent again without entering Flask."""

from dataclasses import replace
from typing import Final, NamedTuple

from cper_lod.core import i18n
from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format, negotiate
from cper_lod.engine.spool import Spool
from cper_lod.web.gateway.query_cache import BoundedCache
from cper_lod.web.http import compression
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Request
from cper_lod.web.http.response import Response, all_headers, not_modified
from cper_lod.web.http.wsgi import FileResponse

Pairs = list[tuple[str, str]]
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of the largest reply that is compressed and kept; of larger ones there are files."""
_LONGEST: Final = 2048
"""Characters of the longest address and Accept header that a reply is kept under."""
_KNOWN: Final = frozenset({"accept", "accept-language", "accept-encoding", "accept-datetime"})
"""The request headers that a kept reply may vary with; who asks for a datetime gets none that is kept."""


class CachedResponse(NamedTuple):
    """A whole reply as granian takes it: with a body, and without one where the client has it (304)."""

    status: int
    pairs: Pairs
    unchanged: Pairs
    body: bytes
    etag: str
    modified: str
    reply: Response

    def answer(self, conditions: Conditions) -> tuple[int, Pairs, bytes]:
        """Return status, headers and body for a client that asks so; raises precondition-failed."""
        if self.status == 200 and conditions.unchanged(self.etag, self.modified):
            return 304, self.unchanged, b""
        return self.status, self.pairs, self.body


class _Varies(NamedTuple):
    """What the replies at one address vary with: headers, and the forms among which Accept chooses."""

    names: frozenset[str]
    offers: tuple[Format, ...]


class ResponseCache:
    """The replies of one release that were used last, up to so many bytes in all; used in one event loop."""

    def __init__(self, limit: int) -> None:
        """Keep up to `limit` bytes."""
        self.limit = limit
        self._varies = BoundedCache[_Varies](limit // 8)
        self._replies = BoundedCache[CachedResponse](limit - limit // 8, LARGEST)

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return self._varies.size + self._replies.size

    def find(self, request: Request, coding: str) -> CachedResponse | None:
        """Return the reply to a request in a coding, None where it is not ready."""
        varies = self._varies.get((request.path, request.query_string))
        return None if varies is None else self._replies.get(_key(request, coding, varies))

    def keep(self, request: Request, coding: str, reply: Response) -> None:
        """Keep a reply that any such request gets; one that hangs on more than we know of is not kept."""
        address = request.path, request.query_string
        said = {name.strip().lower() for name in reply.headers.get("Vary", "").split(",") if name.strip()}
        before = self._varies.get(address)
        # The forms at one address vary with different headers: a request is told apart by all of them.
        names = said.union(before.names) if before else said
        varies = _Varies(frozenset(names), reply.offers)
        other = reply.headers.get("Content-Encoding", coding) != coding
        too_long = len(request.path) + len(request.query_string) + len(request.headers.get("accept", "")) > _LONGEST
        if (
            too_long
            or other
            or not _KNOWN.issuperset(names)
            or isinstance(reply, FileResponse)
            or isinstance(reply.body, Spool)
        ):
            return
        pairs, unchanged = all_headers(reply), all_headers(not_modified(reply))
        etag, modified = reply.headers.get("ETag", "").strip('"'), reply.headers.get("Last-Modified", "")
        cached = CachedResponse(reply.status, pairs, unchanged, reply.body, etag, modified, reply)
        self._varies.put(address, varies, 0)
        cost = reply.size + 2 * sum(len(name) + len(value) for name, value in pairs)
        self._replies.put(_key(request, coding, varies), cached, cost)


def _key(request: Request, coding: str, varies: _Varies) -> tuple[str, ...]:
    """Return all that a reply which varies so hangs on: of languages, codings and known forms, the one chosen.

    Browsers say the same in many an Accept header, and one reply is right for all of them.
    """
    get, names = request.headers.get, varies.names
    accept = get("accept", "*/*") if "accept" in names else ""
    if accept and varies.offers:
        form = negotiate(accept, varies.offers)
        accept = f"\0{form.name if form else ''}"  # no header has a NUL: none can pass for a form
    return (
        request.path,
        request.query_string,
        coding if "accept-encoding" in names else "",
        accept,
        i18n.choose(get("accept-language")) if "accept-language" in names else "",
    )


def is_cacheable(reply: Response) -> bool:
    """Say whether the release alone has made a reply, so that the next one who asks so gets the same."""
    return reply.status in (200, 303) and "no-store" not in reply.headers.get("Cache-Control", "no-store")


def compress(reply: Response, coding: str | None) -> Response:
    """Return a 200 in a coding, with a validator of its own; raises not-acceptable where the client takes none.

    Each coding is a representation of its own (RFC 9110, section 8.8.3.3). What compressing does not pay for, and what
    has a coding, stays as it is.
    """
    if isinstance(reply, FileResponse) and reply.status == 200 and reply.size <= LARGEST:
        reply = Response(200, reply.headers, reply.path.read_bytes(), offers=reply.offers)
    headers = reply.headers
    pays = compression.pays(headers.get("Content-Type", ""), reply.size) and "Content-Encoding" not in headers
    if reply.status != 200 or not pays or not isinstance(reply.body, bytes) or reply.size > LARGEST:
        return reply
    if coding is None:
        raise Problem("not-acceptable", accept="Accept-Encoding", offers=", ".join((*compression.ENCODE, IDENTITY)))
    said = headers.get("Vary", "")
    vary = said if "Accept-Encoding" in said else ", ".join(filter(None, (said, "Accept-Encoding")))
    if coding == IDENTITY:
        return replace(reply, headers=headers | {"Vary": vary})
    made = headers | {"Vary": vary, "Content-Encoding": coding}
    made.pop("Accept-Ranges", None)  # ranges are those of the file
    if "ETag" in headers:
        made["ETag"] = f'"{headers["ETag"].strip(chr(34))}-{coding}"'
    return Response(200, made, compression.ENCODE[coding](reply.body), offers=reply.offers)

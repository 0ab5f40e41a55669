"""Handing a reply to granian, which sends it without a thread: from memory, or from its file."""

from typing import Any

from cper_lod.engine.spool import Spool
from cper_lod.web.gateway.response_cache import CachedReply
from cper_lod.web.http.conditional import Conditions
from cper_lod.web.http.request import Incoming
from cper_lod.web.http.response import Reply, all_headers
from cper_lod.web.http.wsgi import FileReply


def send_cached(channel: Any, request: Incoming, cached: CachedReply) -> tuple[int, int]:  # noqa: ANN401
    """Hand over a kept reply; return its status and size. Raises precondition-failed."""
    status, pairs, body = cached.answer(Conditions.of(request.headers.get))
    if request.method == "HEAD" or status != 200:
        channel.response_empty(status, pairs)
        return status, 0
    channel.response_bytes(status, pairs, body)
    return status, len(body)


def send(channel: Any, method: str, reply: Reply) -> tuple[int, int]:  # noqa: ANN401
    """Hand over a reply: small bodies from memory, others from their file; return its status and size."""
    pairs, body = all_headers(reply), reply.body
    if method == "HEAD" or reply.status in (204, 304):
        channel.response_empty(reply.status, pairs)
        return reply.status, 0
    if isinstance(reply, FileReply):
        channel.response_file_range(reply.status, pairs, str(reply.path), reply.start, reply.start + reply.size)
    elif isinstance(body, Spool):
        channel.response_file(reply.status, pairs, body.path)
    else:
        channel.response_bytes(reply.status, pairs, body)
    return reply.status, reply.size

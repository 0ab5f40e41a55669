"""An ASGI application that answers each path with the same bytes: what granian costs without a program behind it."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from benchmarks.client import Reply
from cper_lod.web.http.request import Receive, Scope, Send

REPLIES: Final = "CPER_LOD_BENCHMARK_REPLIES"
LOG: Final = "CPER_LOD_BENCHMARK_LOG"
"""The environment variables that name the file of replies, and the access log."""
_BY_GRANIAN: Final = ("date", "server")
_OF_BODY: Final = ("content-encoding", "content-language", "content-length", "content-type", "link")
"""The headers that our 304 does not have."""


def write(file: Path, replies: Mapping[str, Reply]) -> None:
    """Write the headers and the body that each path is answered with."""
    told = {
        path: ([pair for pair in reply.headers.items() if pair[0] not in _BY_GRANIAN], reply.body.decode("latin-1"))
        for path, reply in replies.items()
    }
    file.write_text(json.dumps(told))


class Application:
    """Answers from the file of replies; 304 if the request has a validator."""

    def __init__(self) -> None:
        """Read the replies; raises KeyError without the variables."""
        self._whole, self._unchanged = {}, {}
        for path, (headers, body) in json.loads(Path(os.environ[REPLIES]).read_text()).items():
            pairs = [(name.encode(), value.encode()) for name, value in headers]
            self._whole[path] = pairs, body.encode("latin-1")
            self._unchanged[path] = [pair for pair in pairs if pair[0].decode() not in _OF_BODY]
        self._log = Path(os.environ[LOG]).open("w", buffering=4096)  # noqa: SIM115  # as long as the process

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, and write its line."""
        path = scope["path"]
        if any(name == b"if-none-match" for name, _ in scope["headers"]):
            status, headers, body = 304, self._unchanged[path], b""
        else:
            status, (headers, body) = 200, self._whole[path]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        request = f"{scope['method']} {path} HTTP/{scope['http_version']}"
        self._log.write(f'{scope["client"]} - - [{int(time.time())}] "{request}" {status} {len(body)}\n')

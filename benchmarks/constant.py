"""A WSGI application that answers each path with the same bytes: what granian costs without a program behind it."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.client import Reply
from cper_lod.web.http.environ import Environ

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

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
            pairs = [(name, value) for name, value in headers]
            self._whole[path] = pairs, body.encode("latin-1")
            self._unchanged[path] = [pair for pair in pairs if pair[0] not in _OF_BODY]
        self._log = Path(os.environ[LOG]).open("w", buffering=4096)  # noqa: SIM115  # as long as the process

    def __call__(self, environ: Environ, start_response: "StartResponse") -> list[bytes]:
        """Answer one request, and write its line."""
        path = environ["PATH_INFO"]
        if "HTTP_IF_NONE_MATCH" in environ:
            status, headers, body = "304 NOT MODIFIED", self._unchanged[path], list[bytes]()
        else:
            status, (headers, body) = "200 OK", (self._whole[path][0], [self._whole[path][1]])
        start_response(status, headers)
        request = f"{environ['REQUEST_METHOD']} {path} {environ['SERVER_PROTOCOL']}"
        self._log.write(
            f'{environ["REMOTE_ADDR"]} - - [{int(time.time())}] "{request}" {status[:3]} {sum(map(len, body))}\n'
        )
        return body

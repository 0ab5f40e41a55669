"""Queries to the SPARQL endpoint: how they are run, what their answers are sent with, and the way without Flask."""

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import HTML, RESULTS_JSON, XLSX
from cper_lod.engine.base import Answer, Query
from cper_lod.release.docs.empty_results import EmptyReason, is_empty
from cper_lod.web.http import compression
from cper_lod.web.http.compression import ENCODE, IDENTITY, coded_etag
from cper_lod.web.http.environ import STORE, Application, Environ, client
from cper_lod.web.http.headers import CORS, MAX_HEADER, SECURITY
from cper_lod.web.http.limits import Limits, read_body
from cper_lod.web.observability.logs import anonymize
from cper_lod.web.site import REFUSED, SITE, Site
from cper_lod.web.sparql import protocol
from cper_lod.web.sparql.protocol import ParsedQuery, ProtocolRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

log = logging.getLogger("cper_lod")
OUTCOME: Final = "cper_lod.outcome"
"""Key of the WSGI environment: the `Answer` to a query that has been run, or the error that it met, for Flask to send."""
MESSAGE: Final = "cper_lod.message"
"""Key of the WSGI environment: the request as the protocol reads it, or the error of its body."""
MAX_STORED: Final = 128 * 1024
"""Bytes of the largest answer that the response cache stores: it is there for pages too."""
MAX_REASONS: Final = 1024
"""Bytes of the header SPARQL-Empty-Result: proxies allow 4 KiB for all headers of a response."""
_CHANGING: Final = ("now", "rand", "uuid", "bnode")
"""Functions whose result differs each time."""
_CALLED: Final = re.compile(r"\b(?:now|rand|(?:str)?uuid|bnode)\b|\\u", re.ASCII)
"""Such a function in lower case, or an escape, which could hide one."""
_SUFFIXES: Final = {"/sparql": "", **{f"/sparql.{suffix}": suffix for suffix in protocol.SUFFIXES}}
_SPECIAL: Final = frozenset(
    {
        *("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_RANGE"),
        *("HTTP_ACCEPT_DATETIME", REFUSED),
    }
)
"""What a request has that is left to Flask."""
_EVERYWHERE: Final = [*(SECURITY | CORS).items()]


class SparqlEndpoint:
    """A WSGI application that answers plain queries, and passes everything else to the Flask application behind it.

    Flask can answer all of them; this way takes two fifths of the processor time. What is left to Flask: pages, spreadsheets,
    errors, large answers, conditional requests. A query is not run twice: Flask finds its `OUTCOME`.
    """

    def __init__(self, application: Application, site: Site, limits: Limits) -> None:
        self._application, self._site, self._limits = application, site, limits

    def __call__(self, environ: Environ, start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request; the answer to a query is a list."""
        suffix, method = _SUFFIXES.get(environ["PATH_INFO"]), environ["REQUEST_METHOD"]
        if suffix is None or method not in ("GET", "POST", "QUERY") or not environ.keys().isdisjoint(_SPECIAL):
            return self._application(environ, start_response)
        accept, accepted_codings = environ.get("HTTP_ACCEPT"), environ.get("HTTP_ACCEPT_ENCODING", "")
        if len(accept or "") + len(accepted_codings) + len(environ.get("CONTENT_TYPE", "")) > MAX_HEADER:
            return self._application(environ, start_response)
        served: Site = environ.get(SITE) or self._site
        try:
            found = self._answer(environ, served, suffix)
        except Exception as error:  # Flask answers it, whatever it is
            environ[OUTCOME], found = error, None
        if found is None:
            return self._application(environ, start_response)
        message, parsed, answer, reasons, body = found
        headers = answer_headers(message, parsed, answer, reasons)
        if not may_be_stored(parsed, answer):
            environ.pop(STORE, None)
        return _send(environ, start_response, body, headers, compression.choose(accepted_codings))

    def _answer(
        self, environ: Environ, served: Site, suffix: str
    ) -> tuple[ProtocolRequest, ParsedQuery, Answer, Sequence[EmptyReason], bytes] | None:
        """Return a query that was run, its answer, why that is empty, and its bytes; None for what is left to Flask.

        Raises the problems of the protocol and of the query.
        """
        message, parsed = read(environ, served, self._limits, suffix)
        if parsed is None or parsed.wants_page or parsed.solutions is XLSX:
            return None
        caller = client(environ, served.settings.trusted_proxy)
        environ[OUTCOME] = answer = run(served, self._limits, parsed.query(caller))
        answer, reasons = explained(served, self._limits, parsed, answer, caller)
        return (message, parsed, answer, reasons, answer.body) if isinstance(answer.body, bytes) else None


def read(environ: Environ, served: Site, limits: Limits, suffix: str) -> tuple[ProtocolRequest, ParsedQuery | None]:
    """Return a request with its body, which is read once, and its query, None if it has none.

    Raises the problems of `read_body` and of the protocol.
    """
    message: ProtocolRequest | Exception | None = environ.get(MESSAGE)
    if message is None:
        message = ProtocolRequest.of(environ, suffix, served.settings.table_formats)
        if message.has_body:
            caller, allowed = client(environ, served.settings.trusted_proxy), protocol.body_limit(message)
            try:
                message = message._replace(body=read_body(environ, limits, caller, allowed))
            except Exception as error:
                message = error
        environ[MESSAGE] = message
    if isinstance(message, Exception):
        raise message
    return message, protocol.read(message)


def _send(
    environ: Environ, start_response: "StartResponse", body: bytes, headers: dict[str, str], coding: str
) -> list[bytes]:
    """Send an answer in a coding, and have the response cache store it."""
    worthwhile = compression.is_worthwhile(headers["Content-Type"], len(body))
    if worthwhile and coding != IDENTITY:
        body = ENCODE[coding](body)
        headers["Content-Encoding"] = coding
        headers["ETag"] = coded_etag(headers["ETag"], coding)
    if store := environ.get(STORE):
        store(200, [*headers.items(), *_EVERYWHERE], body)
    start_response("200 OK", [*headers.items(), *_EVERYWHERE, ("Content-Length", str(len(body)))])
    return [body]


def run(served: Site, limits: Limits, query: Query, convert: Callable[[Answer], Answer] | None = None) -> Answer:
    """Return the answer to a query, or what `convert` makes of it, within the limits of its client.

    Raises client-busy, query-queue, and the problems of the query and of `convert`.
    """
    began = time.monotonic()
    try:
        with limits.hold("query", query.client):
            answer = served.engine.query(query)
            return convert(answer) if convert else answer
    except Problem as problem:
        if problem.kind.status >= 500 and problem.kind.code != "query-queue":  # that one is counted by the metrics
            caller = anonymize(query.client)
            seconds = time.monotonic() - began
            log.warning("%d %s for %s after %.1f s", problem.kind.status, problem.kind.code, caller, seconds)
        raise


def explained(
    served: Site, limits: Limits, parsed: ParsedQuery, answer: Answer, caller: str
) -> tuple[Answer, Sequence[EmptyReason]]:
    """Return an answer and, if it is empty, why; in JSON, a link of the head leads to the page that says so."""
    if not is_empty(answer):
        return answer, ()
    reasons = served.empty_results.reasons(parsed.query(caller), partial(run, served, limits))
    if reasons and answer.format is RESULTS_JSON:
        parameters = [("query", parsed.text), *parsed.graph_parameters, ("format", HTML.name)]
        results = json.loads(answer.read())
        results["head"]["link"] = [f"{served.settings.endpoint}?{urlencode(parameters)}"]
        answer = answer._replace(body=json.dumps(results, ensure_ascii=False, separators=(",", ":")).encode())
    return answer, reasons


def may_be_stored(parsed: ParsedQuery, answer: Answer) -> bool:
    """Return whether the response cache may send an answer again."""
    return answer.size <= MAX_STORED and is_deterministic(parsed.text)


def answer_headers(
    message: ProtocolRequest, parsed: ParsedQuery, answer: Answer, reasons: Iterable[EmptyReason]
) -> dict[str, str]:
    """Return the headers with which an answer is sent; its validator is made of its bytes alone."""
    names = (("Accept", not message.suffix), ("Accept-Language", parsed.solutions is XLSX), ("Accept-Encoding", True))
    digest = hashlib.blake2b(answer.body if isinstance(answer.body, bytes) else b"", digest_size=16)
    if not isinstance(answer.body, bytes):
        hashlib.file_digest(answer.body, lambda: digest)
        answer.body.seek(0)
    headers = {
        "Content-Type": answer.format.content_type,
        "ETag": f'"{digest.hexdigest()}"',
        "Cache-Control": "no-store" if message.method == "POST" else "no-cache",
        "Vary": ", ".join(name for name, varies in names if varies),
    }
    return headers | empty_result_header(reasons)


def empty_result_header(reasons: Iterable[EmptyReason]) -> dict[str, str]:
    """Return the header SPARQL-Empty-Result, {} without reasons: a list of strings (RFC 9651), percent-encoded beyond ASCII.

    Warning, made for such notes, is withdrawn (RFC 9111, section 5.5).

    >>> empty_result_header([EmptyReason("property", "http://e.org/#é", "http://e.org/#e")])
    {'SPARQL-Empty-Result': '"Nothing here has the property http://e.org/#%C3%A9; the nearest one is http://e.org/#e."'}
    """
    quotes = str.maketrans("“”", "''")
    words = [quote(each.words("en").translate(quotes), " :/?#[]@!$&'()*+,;=%<>{}|^") for each in reasons]
    while len(text := ", ".join(f'"{each}"' for each in words)) > MAX_REASONS:
        words.pop()
    return {"SPARQL-Empty-Result": text} if words else {}


def is_deterministic(text: str) -> bool:
    """Return whether a query has the same answer each time, so that it may be sent again.

    >>> is_deterministic("SELECT ?now { ?s ?p ?now }"), is_deterministic("ASK { FILTER(rand() < 0.5) }")
    (False, False)
    """
    text = text.lower()
    if "\\u" not in text and not any(name in text for name in _CHANGING):  # saves 25 µs
        return True
    return _CALLED.search(text) is None

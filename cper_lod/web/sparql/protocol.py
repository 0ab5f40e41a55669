"""The SPARQL 1.1 Protocol (query operation) as pure functions: what a request asks, and in which form it wants it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header

from cper_lod.core.errors import Problem
from cper_lod.core.formats import (
    GRAPH_FORMATS,
    HTML,
    RESULTS_JSON,
    SOLUTION_FORMATS,
    SPREADSHEET_FORMATS,
    TURTLE,
    Format,
    by_suffix,
    negotiate,
)
from cper_lod.engine.base import Form, Query

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "QUERY")
"""The methods of the endpoint. QUERY is a GET with a body: safe, and its answer may be kept."""
_SOLUTIONS: Final = (*SOLUTION_FORMATS, *SPREADSHEET_FORMATS, HTML)
_GRAPH: Final = (*GRAPH_FORMATS, HTML)
DESCRIPTION: Final = _GRAPH
"""The forms of what a request without a query gets: the service description, or the query page."""
PARAMETERS: Final = frozenset({"query", "update", "default-graph-uri", "named-graph-uri"})
"""The names that the protocol gives a meaning; others are let pass."""
FIELDS: Final = 1000
"""Parameters that one request may have."""


@dataclass(frozen=True)
class Message:
    """What the protocol reads of a request; `suffix` is the ending of the address (`csv`), empty where it has none."""

    method: str
    query_string: bytes
    suffix: str = ""
    content_type: str = ""
    content_encoding: str = ""
    body: bytes = b""
    accept: str | None = None

    @property
    def has_body(self) -> bool:
        """Whether the query is to be sought in the body."""
        return self.method in ("POST", "QUERY")


@dataclass(frozen=True)
class ParsedQuery:
    """A query and the graphs of its dataset, and the forms that the client would have of its answer.

    `solutions` is that of a SELECT or ASK answer, `graph` that of a CONSTRUCT or DESCRIBE answer; HTML is a page, None
    says that the client takes no form of that kind. `wanted` is the suffix or the Accept header that says so.
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    solutions: Format | None = None
    graph: Format | None = None
    wanted: str = ""

    def query(self, client: str) -> Query:
        """Return what the engine is asked: a page or a spreadsheet is made of results JSON, a page may show Turtle."""
        solutions = RESULTS_JSON if self.solutions in (HTML, *SPREADSHEET_FORMATS) else self.solutions
        graph = TURTLE if self.graph is HTML else self.graph
        return Query(self.text, solutions, graph, self.default_graphs, self.named_graphs, self.wanted, client)

    def form(self, kind: Form) -> Format | None:
        """Return the form wanted of an answer, once it is known of which kind that is."""
        return self.graph if kind == "graph" else self.solutions

    @property
    def page(self) -> bool:
        """Whether the answer, or the error instead of it, may have to be a page."""
        return HTML in (self.solutions, self.graph)


def form_limit(limit: int) -> int:
    """Return how many bytes a form may have whose field may have `limit`: it spends up to three on one."""
    return limit * 3 + 4096


def allowed(message: Message, limit: int) -> int:
    """Return how many bytes the body may have, where a query may have `limit`."""
    return form_limit(limit) if _content_type(message)[0] == FORM else limit


def fields(message: Message, body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of the address and those of a form in the body, where there is to be one.

    Raises media-type-unsupported, body-encoding, request-invalid.
    """
    pairs = _pairs(message.query_string)
    if not message.has_body:
        return pairs
    _check_type(message, (FORM,))
    return [*pairs, *_pairs(body)]


def read(message: Message, limit: int) -> ParsedQuery | None:
    """Return what is asked, None where nothing is: the description of the service, or the page, is wanted.

    `limit` is the length of a query in bytes. Raises the problems of the protocol's rules: method-not-allowed,
    media-type-unsupported, query-update, parameter-missing, parameter-repeated, body-too-large, body-encoding,
    request-invalid, format-unknown. Source: SPARQL 1.1 Protocol, section 2.1.
    """
    if message.method not in METHODS:
        raise Problem("method-not-allowed", method=message.method[:40], offers=", ".join(METHODS))
    solutions, graph = _forms(message)
    pairs = _pairs(message.query_string)
    if message.has_body:
        if len(message.body) > allowed(message, limit):
            raise Problem("body-too-large", limit=limit)
        pairs = _with_body(message, pairs)
    elif not any(name in PARAMETERS for name, _ in pairs):
        return None

    def values(name: str) -> tuple[str, ...]:
        return tuple(value for key, value in pairs if key == name)

    if values("update"):
        raise Problem("query-update", operation="update=")
    queries = values("query")
    if not queries:
        raise Problem("parameter-missing", name="query")
    if len(queries) > 1:
        raise Problem("parameter-repeated", name="query", count=len(queries))
    if len(queries[0].encode()) > limit:
        raise Problem("body-too-large", limit=limit)
    wanted = "." + message.suffix if message.suffix else message.accept or ""
    return ParsedQuery(queries[0], values("default-graph-uri"), values("named-graph-uri"), solutions, graph, wanted)


def _forms(message: Message) -> tuple[Format | None, Format | None]:
    """Return the forms of solutions and of graphs that the address or the client names."""
    if not message.suffix:
        return negotiate(message.accept, _SOLUTIONS), negotiate(message.accept, _GRAPH)
    solutions = by_suffix(message.suffix, (*SOLUTION_FORMATS, *SPREADSHEET_FORMATS))
    graph = by_suffix(message.suffix, GRAPH_FORMATS)
    if not (solutions or graph):
        suffixes = ", ".join("." + each.suffix for each in (*SOLUTION_FORMATS, *GRAPH_FORMATS, *SPREADSHEET_FORMATS))
        raise Problem("format-unknown", suffix="." + message.suffix[:40], offers=suffixes)
    return solutions, graph


def _content_type(message: Message) -> tuple[str, str]:
    """Return the media type of the body and its charset, both in small letters."""
    media_type, parameters = parse_options_header(message.content_type)
    return media_type.lower(), parameters.get("charset", "utf-8").lower()


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form, decoded once and as UTF-8 only."""
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS)
    except UnicodeError as error:
        raise Problem("body-encoding") from error
    except ValueError as error:
        raise Problem("request-invalid", message=str(error)) from error


def _with_body(message: Message, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters of the address and those that the body gives."""
    media_type = _content_type(message)[0]
    if media_type == UPDATE:
        raise Problem("query-update", operation=UPDATE)
    _check_type(message, (FORM, DIRECT))
    if media_type == FORM:
        return [*pairs, *_pairs(message.body)]
    try:
        return [*pairs, ("query", message.body.decode("utf-8"))]
    except UnicodeDecodeError as error:
        raise Problem("body-encoding") from error


def _check_type(message: Message, offers: Sequence[str]) -> None:
    """Refuse a body of another type, charset or coding; raises media-type-unsupported."""
    media_type, charset = _content_type(message)
    if media_type not in offers:
        raise Problem("media-type-unsupported", media_type=media_type[:80], offers=", ".join(offers))
    if charset not in ("utf-8", "utf8"):
        raise Problem(
            "media-type-unsupported", media_type=message.content_type[:80], offers=f"{media_type}; charset=utf-8"
        )
    if message.content_encoding.strip().lower() not in ("", "identity"):
        raise Problem(
            "media-type-unsupported",
            media_type=f"{media_type} ({message.content_encoding[:40]})",
            offers=f"{media_type} (identity)",
        )

"""The SPARQL 1.1 Protocol (query operation) as pure functions: the query of a request, and the formats it accepts."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header

from cper_lod.core.errors import Problem
from cper_lod.core.formats import (
    GRAPH_FORMATS,
    HTML,
    JSON,
    JSON_LD,
    RDF_XML,
    RESULTS_JSON,
    TABLE_FORMATS,
    TURTLE,
    XLSX,
    Format,
    by_suffix,
)
from cper_lod.engine.base import Form, Query
from cper_lod.web.http.environ import Environ
from cper_lod.web.http.limits import MAX_QUERY
from cper_lod.web.http.negotiation import media_ranges, negotiate

FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "QUERY")
"""The methods of the endpoint. QUERY is a GET with a body: safe, and its response may be stored."""
DESCRIPTION: Final = (*GRAPH_FORMATS, HTML)
"""The formats of the response to a request without a query (the service description, or the query page), and of a graph."""
SUFFIXES: Final = tuple(each.suffix for each in (*TABLE_FORMATS, JSON, *GRAPH_FORMATS))
"""The suffixes of the address; `json` is that of results in JSON, as for `Accept: application/json`."""
FORMAT_NAMES: Final = {
    "json": JSON.media_type,
    "xml": "application/xml",
    "json-ld": JSON_LD.media_type,  # these three as SPARQLWrapper calls them
    "rdf+xml": RDF_XML.media_type,
    "n3": TURTLE.media_type,
    **{each.suffix: each.content_type for each in (*TABLE_FORMATS, *DESCRIPTION)},
    **{each.name: each.content_type for each in DESCRIPTION},
}
"""The formats that `format` and `output` may name, besides media types."""
PARAMETERS: Final = frozenset({"query", "update", "default-graph-uri", "named-graph-uri", "format", "output"})
"""The parameters that the protocol defines, and those that name a format as on other endpoints; others are ignored."""
MAX_FIELDS: Final = 1000
"""Parameters that one request may have."""


class ProtocolRequest(NamedTuple):
    """What the protocol reads of a request; `suffix` is that of the address (`csv`), or empty.

    `tables` are the formats that SELECT and ASK may be answered in.
    """

    method: str
    query_string: bytes
    suffix: str = ""
    content_type: str = ""
    content_encoding: str = ""
    body: bytes = b""
    accept: str | None = None
    tables: tuple[Format, ...] = TABLE_FORMATS

    @classmethod
    def of(cls, environ: Environ, suffix: str, tables: tuple[Format, ...] = TABLE_FORMATS) -> Self:
        """Return a request without its body."""
        get, query_string = environ.get, environ["QUERY_STRING"].encode("latin-1")
        coding, media_type = get("HTTP_CONTENT_ENCODING", ""), get("CONTENT_TYPE", "")
        method, accept = environ["REQUEST_METHOD"], get("HTTP_ACCEPT")
        return cls(method, query_string, suffix, media_type, coding, b"", accept, tables)

    @property
    def has_body(self) -> bool:
        """Whether the query may be in the body."""
        return self.method in ("POST", "QUERY")


class ParsedQuery(NamedTuple):
    """A query with the graphs of its dataset, and the formats in which the client accepts its answer.

    `solutions` is the format of a SELECT or ASK answer, `graph` that of a CONSTRUCT or DESCRIBE answer; HTML is a page,
    None means that the client accepts none. `accept` is the parameter, the suffix or the Accept header that names them.
    """

    text: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    solutions: Format | None = None
    graph: Format | None = None
    accept: str = ""

    def query(self, client: str) -> Query:
        """Return the query for the engine: pages and spreadsheets are made of results JSON, pages also of Turtle."""
        solutions = RESULTS_JSON if self.solutions in (HTML, XLSX) else self.solutions
        graph = TURTLE if self.graph is HTML else self.graph
        return Query(self.text, solutions, graph, self.default_graphs, self.named_graphs, self.accept, client)

    @property
    def graph_parameters(self) -> list[tuple[str, str]]:
        """The parameters with the dataset."""
        graphs = {"default-graph-uri": self.default_graphs, "named-graph-uri": self.named_graphs}
        return [(name, iri) for name, iris in graphs.items() for iri in iris]

    def format_for(self, kind: Form) -> Format | None:
        """Return the format wanted for an answer of a kind, which only the engine knows."""
        return self.graph if kind == "graph" else self.solutions

    @property
    def wants_page(self) -> bool:
        """Whether the answer, or the error in its place, may have to be a page."""
        return HTML in (self.solutions, self.graph)


MAX_FORM: Final = MAX_QUERY * 3 + 4096
"""Bytes of the longest form: each byte of a query may take three."""


def body_limit(request: ProtocolRequest) -> int:
    """Return how many bytes the body may have."""
    return MAX_FORM if _content_type(request)[0] == FORM else MAX_QUERY


def fields(request: ProtocolRequest, body: bytes) -> list[tuple[str, str]]:
    """Return the parameters of the address, and of the form in the body if the method has a body.

    Raises media-type-unsupported, body-encoding, request-invalid.
    """
    pairs = _pairs(request.query_string)
    if not request.has_body:
        return pairs
    _check_type(request, (FORM,))
    return [*pairs, *_pairs(body)]


def read(request: ProtocolRequest) -> ParsedQuery | None:
    """Return the query of a request; None if there is none: then the client wants the service description or the page.

    Raises the problems that the protocol defines: method-not-allowed,
    media-type-unsupported, query-update, parameter-missing, parameter-repeated, parameter-invalid, body-too-large,
    body-encoding, request-invalid, format-unknown. Source: SPARQL 1.1 Protocol, section 2.1.
    """
    if request.method not in METHODS:
        raise Problem("method-not-allowed", method=request.method[:40], offers=[*METHODS])
    solutions, graph = forms(request)
    pairs = _pairs(request.query_string)
    if request.has_body:
        if len(request.body) > body_limit(request):
            raise Problem("body-too-large", limit=MAX_QUERY)
        pairs = _with_body(request, pairs)
    values: dict[str, list[str]] = {name: [] for name in PARAMETERS}
    for name, value in pairs:
        if name in values:
            values[name].append(value)
    if not (request.has_body or any(values.values()) or any("{" in value for _, value in pairs)):  # `?q=SELECT…`
        return None
    if values["update"]:
        raise Problem("query-update", operation="update=")
    queries = values["query"]
    if not queries:
        raise Problem("parameter-missing", name="query")
    if len(queries) > 1:
        raise Problem("parameter-repeated", name="query", count=len(queries))
    if len(queries[0].encode()) > MAX_QUERY:
        raise Problem("body-too-large", limit=MAX_QUERY)
    accept = "." + request.suffix if request.suffix else request.accept or ""
    named = dict.fromkeys(filter(None, (*values["format"], *values["output"])))
    # SPARQLWrapper gives a format by its name and by its media type.
    found = {selected[:2]: selected for name in named if (selected := _named_format(name, request.tables))}
    if len(found) > 1:
        raise Problem("parameter-repeated", name="format", count=len(found))
    if found:
        ((solutions, graph, accept),) = found.values()
    graphs = tuple(values["default-graph-uri"]), tuple(values["named-graph-uri"])
    return ParsedQuery(queries[0], *graphs, solutions, graph, accept)


def forms(request: ProtocolRequest) -> tuple[Format | None, Format | None]:
    """Return the formats of solutions and of graphs that the suffix or the Accept header selects; raises `format-unknown`."""
    if not request.suffix:
        return negotiate(request.accept, (*request.tables, HTML)), negotiate(request.accept, DESCRIPTION)
    suffix = RESULTS_JSON.suffix if request.suffix == JSON.suffix else request.suffix
    solutions = by_suffix(suffix, request.tables)
    graph = by_suffix(request.suffix, GRAPH_FORMATS)
    if not (solutions or graph):
        offers = [f".{each.suffix}" for each in (*request.tables, JSON, *GRAPH_FORMATS)]
        raise Problem("format-unknown", suffix="." + request.suffix[:40], offers=offers)
    return solutions, graph


def _named_format(name: str, tables: tuple[Format, ...]) -> tuple[Format | None, Format | None, str]:
    """Return the formats of solutions and of graphs that a name or a media type selects, and the media type."""
    name = name.replace(" ", "+")  # a plus sign that was not encoded
    media_type = FORMAT_NAMES.get(name.lower(), name)
    solutions, graph = (negotiate(media_type, offers) for offers in ((*tables, HTML), DESCRIPTION))
    if not media_ranges(media_type) or not (solutions or graph):
        raise Problem("parameter-invalid", name="format", value=name[:80], expected=[*FORMAT_NAMES, "…/…"])
    return solutions, graph, media_type


def _content_type(request: ProtocolRequest) -> tuple[str, str]:
    """Return the media type of the body and its charset, both in lower case."""
    media_type, parameters = parse_options_header(request.content_type)
    return media_type.lower(), parameters.get("charset", "utf-8").lower()


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form, decoded once, as UTF-8 only."""
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeError as error:
        raise Problem("body-encoding") from error
    except ValueError as error:
        raise Problem("request-invalid", message=str(error)) from error


def _with_body(request: ProtocolRequest, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parameters of the address and those of the body."""
    media_type = _content_type(request)[0]
    if media_type == UPDATE:
        raise Problem("query-update", operation=UPDATE)
    _check_type(request, (FORM, DIRECT))
    if media_type == FORM:
        return [*pairs, *_pairs(request.body)]
    try:
        return [*pairs, ("query", request.body.decode("utf-8"))]
    except UnicodeDecodeError as error:
        raise Problem("body-encoding") from error


def _check_type(request: ProtocolRequest, offers: Sequence[str]) -> None:
    """Raise media-type-unsupported for a body of another type, charset or coding."""
    media_type, charset = _content_type(request)
    if media_type not in offers:
        raise Problem("media-type-unsupported", media_type=media_type[:80], offers=[*offers])
    if charset not in ("utf-8", "utf8"):
        raise Problem(
            "media-type-unsupported", media_type=request.content_type[:80], offers=[f"{media_type}; charset=utf-8"]
        )
    if request.content_encoding.strip().lower() not in ("", "identity"):
        raise Problem(
            "media-type-unsupported",
            media_type=f"{media_type} ({request.content_encoding[:40]})",
            offers=[f"{media_type} (identity)"],
        )

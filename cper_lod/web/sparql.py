"""The SPARQL endpoint (SPARQL 1.1 Protocol, query operation): GET and both forms of POST; a page for a browser."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, Response, request

from cper_lod.engine.engine import Answer, Query
from cper_lod.terms.formats import (
    GRAPH_ANSWER,
    HTML,
    RESULTS_JSON,
    SOLUTIONS_ANSWER,
    TURTLE,
    Format,
    by_suffix,
    negotiate,
)
from cper_lod.terms.namespaces import PREFIXES, XSD
from cper_lod.terms.problems import Problem
from cper_lod.web import responses, wording
from cper_lod.web.responses import site
from cper_lod.web.view import Value, View

blueprint = Blueprint("sparql", __name__)
FORM: Final = "application/x-www-form-urlencoded"
DIRECT: Final = "application/sparql-query"
UPDATE: Final = "application/sparql-update"
DRAINED: Final = 16 * 1024 * 1024
"""Bytes of a body beyond its limit that are read and dropped, so that the client gets to hear why it is refused."""
SHOWN: Final = 1000
"""How many solutions a page shows; it says how many there are, and where all can be downloaded."""
FIRST: Final = """SELECT ?axe ?titre ?part WHERE {
  ?axe a cper:Axe ; skos:prefLabel ?titre ; cper:part/cper:pourcentage ?part
  FILTER(LANG(?titre) = "fr")
} ORDER BY DESC(?part)"""


@dataclass(frozen=True)
class Asked:
    """What a request asks: the query, the graphs of its dataset, and everything for sharing it as a link."""

    text: str
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


@blueprint.route("/sparql", methods=["GET", "POST"], defaults={"suffix": ""})
@blueprint.route("/sparql.<suffix>", methods=["GET"])
def sparql(suffix: str) -> Response:
    """Answer a query in the form that its suffix or the client says, or show the query page."""
    if suffix:
        return _answer(_asked(), *_forms(suffix), vary=())
    if request.method == "GET" and not request.args.getlist("query") and _page_wanted():
        return _page(None)
    accept = responses.accept()
    return _answer(_asked(), negotiate(accept, (*SOLUTIONS_ANSWER, HTML)), negotiate(accept, (*GRAPH_ANSWER, HTML)))


def _forms(suffix: str) -> tuple[Format | None, Format | None]:
    """Return the forms of solutions and of graphs that a suffix names; raises `format-unknown`."""
    solutions, graph = by_suffix(suffix, SOLUTIONS_ANSWER), by_suffix(suffix, GRAPH_ANSWER)
    if not (solutions or graph):
        offers = ", ".join("." + each.suffix for each in (*SOLUTIONS_ANSWER, *GRAPH_ANSWER))
        raise Problem("format-unknown", suffix="." + suffix[:40], offers=offers)
    return solutions, graph


def _page_wanted() -> bool:
    return negotiate(responses.accept(), (RESULTS_JSON, *SOLUTIONS_ANSWER, HTML)) is HTML


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    """Return the parameters of a form, decoded once and as UTF-8 only; raises `body-encoding`."""
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except UnicodeError as error:
        raise Problem("body-encoding") from error
    except ValueError as error:
        raise Problem("request-invalid", message=str(error)) from error


def _body() -> bytes:
    """Return the body of the request; raises `body-too-large` without keeping more than a query may be."""
    limit = site().settings.query_length
    # A form spends up to three bytes on one of the query's.
    allowed = limit * 3 + 4096 if request.mimetype == FORM else limit
    body = bytes(request.stream.read(allowed + 1))
    if len(body) > allowed:
        # A client that is still sending would meet a closed connection instead of the answer.
        for _ in range(DRAINED // 65536):
            if not request.stream.read(65536):
                break
        raise Problem("body-too-large", limit=limit)
    return body


def _asked() -> Asked:
    """Return what is asked, from the address, a form or the body; raises the problems of the protocol's rules."""
    pairs = _pairs(request.query_string)
    if request.method == "POST":
        if request.mimetype == UPDATE:
            raise Problem("query-update", operation=UPDATE)
        if request.mimetype == FORM:
            pairs = pairs + _pairs(_body())
        elif request.mimetype == DIRECT:
            if any(name == "query" for name, _ in pairs):
                raise Problem("parameter-repeated", name="query", count=2)
            pairs = [*pairs, ("query", _direct())]
        else:
            raise Problem("media-type-unsupported", media_type=request.mimetype or "", offers=f"{FORM}, {DIRECT}")
    return _of(pairs)


def _direct() -> str:
    if request.mimetype_params.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise Problem("body-encoding")
    try:
        return _body().decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("body-encoding") from error


def _of(pairs: list[tuple[str, str]]) -> Asked:
    """Return what the parameters ask: exactly one query, any number of graphs, no update."""

    def values(name: str) -> list[str]:
        return [value for key, value in pairs if key == name]

    if values("update"):
        raise Problem("query-update", operation="update=")
    queries = values("query")
    if not queries:
        raise Problem("parameter-missing", name="query")
    if len(queries) > 1:
        raise Problem("parameter-repeated", name="query", count=len(queries))
    if len(queries[0].encode()) > site().settings.query_length:
        raise Problem("body-too-large", limit=site().settings.query_length)
    return Asked(queries[0], tuple(values("default-graph-uri")), tuple(values("named-graph-uri")))


def _answer(
    asked: Asked, solutions: Format | None, graph: Format | None, vary: tuple[str, ...] = ("Accept",)
) -> Response:
    """Run a query; the form of the answer was chosen for each form of query before it runs."""
    page = HTML in (solutions, graph)
    query = Query(asked.text, _engine_form(solutions, RESULTS_JSON), _engine_form(graph, TURTLE),
                  asked.default_graphs, asked.named_graphs, responses.accept() or "")  # fmt: skip
    try:
        answer = site().engine.ask(query)
    except Problem as error:
        if page:
            return _page(asked, error=error)
        raise
    if (answer.form == "graph" and graph is HTML) or (answer.form != "graph" and solutions is HTML):
        return _page(asked, answer=answer)
    cache = "no-store" if request.method == "POST" else "no-cache"
    return responses.representation(answer.body, answer.format, vary=vary, cache=cache)


def _engine_form(chosen: Format | None, instead: Format) -> Format | None:
    """Return what the engine writes: a page is made of results JSON, or shows Turtle."""
    return instead if chosen is HTML else chosen


def _page(asked: Asked | None, answer: Answer | None = None, error: Problem | None = None) -> Response:
    """Return the query page, with results or an error where there are some."""
    served, lang = site(), responses.lang()
    prefixes = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in ("cper", "skos"))
    text = asked.text if asked else prefixes + FIRST
    if served.release.mode == "data" and not asked:
        text = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10"
    response = responses.page(
        "sparql.html",
        status=error.kind.status if error else 200,
        query=text,
        kept_lang=lang if request.args.get("lang") else "",
        graphs=_graphs(asked) if asked else (),
        words=error.words(lang) if error else None,
        answer=answer,
        result=_table(answer) if answer else None,
        downloads=_downloads(asked, answer) if asked and answer else (),
        questions=[
            (wording.spaced(each["title"][lang], lang), urlencode({"query": each["text"]}))
            for each in served.release.questions
        ],
    )
    if request.method == "POST":
        response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def _table(answer: Answer) -> dict[str, Any] | None:
    """Return the solutions as a table of values with labels, a truth value, or None for a graph."""
    if answer.form == "graph":
        return {"graph": answer.body.decode()}
    found = json.loads(answer.body)
    if answer.form == "ask":
        return {"truth": found["boolean"]}
    view = View(site().release, (), responses.lang())
    names = found["head"]["vars"]
    bindings = found["results"]["bindings"]
    rows = [[_cell(view, row.get(name)) for name in names] for row in bindings[:SHOWN]]
    return {"names": names, "rows": rows, "count": len(bindings)}


def _cell(view: View, binding: dict[str, Any] | None) -> Value | None:
    """Return one binding of SPARQL results JSON as it is shown."""
    if binding is None:
        return None
    if binding["type"] == "uri":
        return view.iri(binding["value"])
    if binding["type"] == "bnode":
        return Value("_:" + binding["value"])
    if binding["type"] == "literal":
        language = binding.get("xml:lang", "")
        return view.literal(binding["value"], binding.get("datatype", XSD + "string"), language)
    return Value(json.dumps(binding["value"], ensure_ascii=False))


def _graphs(asked: Asked) -> list[tuple[str, str]]:
    """Return the parameters that give the dataset of a query."""
    graphs = [("default-graph-uri", iri) for iri in asked.default_graphs]
    return graphs + [("named-graph-uri", iri) for iri in asked.named_graphs]


def _downloads(asked: Asked, answer: Answer) -> Sequence[tuple[str, str]]:
    """Return the label and the address of each form in which the same answer can be downloaded."""
    query = urlencode([("query", asked.text), *_graphs(asked)])
    offers = GRAPH_ANSWER if answer.form == "graph" else SOLUTIONS_ANSWER
    return [(form.label, f"{request.script_root}/sparql.{form.suffix}?{query}") for form in offers]

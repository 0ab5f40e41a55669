"""A query process that forwards queries to another endpoint: parses the query, sends it, and reads the response.

Limits of memory and rows, output formats and their bytes are those of `worker`; only the store is elsewhere.
"""

from __future__ import annotations

import json
import time

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from cper_lod.engine.worker import http, worker
from cper_lod.engine.worker.http import EndpointClient, EndpointError, EndpointResponse
from cper_lod.engine.worker.output import BUFFERED_FORMATS, BoundedOutput, RowCounter
from cper_lod.engine.worker.postprocess import check_well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from pyoxigraph import Triple

VERIFIED_SECONDS = 10.0
"""Seconds after which to check again that the endpoint holds the release."""
MAX_BOOLEAN_BYTES = 65_536
"""Maximum size of a response to ASK."""
_RESULTS_FORMATS = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML}
_RDF_FORMATS = {"ntriples": RdfFormat.N_TRIPLES, "turtle": RdfFormat.TURTLE, "rdfxml": RdfFormat.RDF_XML}


class RemoteWorker(worker.Worker):
    """Runs queries on one endpoint, within the limits of a query."""

    def __init__(self, limits: dict[str, Any]) -> None:
        super().__init__(Store(), limits)
        self._client = EndpointClient(limits["endpoint"])
        self._verified_until = 0.0

    def _failure(self, error: Exception) -> dict[str, Any]:
        """Return the reply to an error."""
        if isinstance(error, EndpointError):
            return {**error.reply, "what": error.reply["what"][: http.MAX_MESSAGE]}
        return super()._failure(error)

    def _run(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput:
        """Run the query on the endpoint; before that, raises the parser's error, as the embedded engine does."""
        parsed = self._store.query(
            text, **self.known(text)
        )  # on an empty store: gives the query form and variables, or a syntax error
        kind = {QuerySolutions: "select", QueryTriples: "graph", QueryBoolean: "ask"}[type(parsed)]
        sent_text, star = details["text"], details["star"]
        variables = list(map(str, parsed.variables)) if isinstance(parsed, QuerySolutions) else []
        if star >= 0 and variables:
            # Engines order the variables of `*` differently: name them in our order.
            sent_text = f"{sent_text[:star]} {' '.join(variables)} {sent_text[star + 1 :]}"
        del parsed
        if not (graph if kind == "graph" else solutions):
            return BoundedOutput(self._limits, kind)
        if time.monotonic() >= self._verified_until:
            self._verify_release(details)
        output = self._query_endpoint(kind, sent_text, graph if kind == "graph" else solutions, details, variables)
        if details["reads_named_graphs"]:
            with output:  # named graphs keep their names in the next release: they may have been replaced meanwhile
                self._verify_release(details)
        return output

    def _verify_release(self, details: dict[str, Any]) -> None:
        """Raise EndpointError if the endpoint does not hold this release."""
        self._verified_until = 0.0
        try:
            answer = self._query_endpoint(
                "ask",
                details["release_check"],
                "results-json",
                {**details, "dataset": details["release_check_dataset"]},
            )
        except EndpointError as error:  # never the fault of a client's query
            if error.reply["error"] == "query-failed":
                error.reply["error"] = "engine-answer"
            error.reply["own"] = True
            raise
        if not json.loads(answer.body)["boolean"]:
            raise EndpointError("engine-release", "engine-other")
        self._verified_until = time.monotonic() + VERIFIED_SECONDS

    def _query_endpoint(
        self, kind: str, text: str, form: str, details: dict[str, Any], variables: Sequence[str] = ()
    ) -> BoundedOutput:
        """Query the endpoint and return the answer in the format `form`; `variables` are the expected ones."""
        complete = False
        types = http.GRAPH_TYPES if kind == "graph" else http.SOLUTIONS_TYPES
        try:
            body = self._client.query(text, details["dataset"], types, details["authorization"])
            output = (
                self._graph(_triples(body), form) if kind == "graph" else self._results(kind, body, form, variables)
            )
            complete = True
        finally:
            self._client.close_response(reuse=complete)
        return output

    def _results(self, kind: str, body: EndpointResponse, form: str, variables: Sequence[str]) -> BoundedOutput:
        """Return solutions or a truth value in the format `form`; raises EndpointError if the response is something else."""
        output = BoundedOutput(self._limits, kind, form, RowCounter(form) if kind == "select" else None)
        stream: Any = output
        source: Any = body
        with output:
            try:
                if kind == "ask":
                    source = body.read_all(MAX_BOOLEAN_BYTES)
                    if body.form == "json":
                        json.loads(source)  # the parser of results stops after the boolean
                results = parse_query_results(source, _RESULTS_FORMATS[body.form])
                if isinstance(results, QueryBoolean) != (kind == "ask"):
                    raise EndpointError("engine-answer", "engine-unreadable", body.form)
                if isinstance(results, QuerySolutions) and list(map(str, results.variables)) != variables:
                    raise EndpointError("engine-answer", "engine-variables", " ".join(map(str, results.variables)))
                results.serialize(stream, worker.SOLUTIONS_FORMATS[form])
            except (SyntaxError, ValueError, RecursionError):
                raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
            body.finish()
            if form in BUFFERED_FORMATS:
                check_well_formed(output.body)
            output.finish()
        return output


def _triples(body: EndpointResponse) -> Iterator[Triple]:
    """Yield the triples of a response; raises EndpointError if it cannot be read completely."""
    source: Any = body
    try:
        for quad in parse(source, _RDF_FORMATS[body.form]):
            yield quad.triple
    except (SyntaxError, ValueError):
        raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
    body.finish()

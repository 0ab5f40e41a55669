"""What a query process does whose data are elsewhere: it reads the query, has another endpoint answer, reads that.

It is a query process like any other: its limits of memory and of rows, the forms that it writes and the bytes of them
are those of `worker`, the part of whose store another server plays.
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
from cper_lod.engine.worker.postprocess import NotRepresentableError, check_well_formed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from pyoxigraph import Triple

VERIFIED_SECONDS = 10.0
"""Seconds for which it is known that the other endpoint holds the release; then it is asked again."""
MAX_BOOLEAN_BYTES = 65_536
"""Bytes of an answer that is true or false."""
_RESULTS_FORMATS = {"json": QueryResultsFormat.JSON, "xml": QueryResultsFormat.XML}
_RDF_FORMATS = {"ntriples": RdfFormat.N_TRIPLES, "turtle": RdfFormat.TURTLE, "rdfxml": RdfFormat.RDF_XML}


class RemoteWorker(worker.Worker):
    """A query process that asks one endpoint, and the limits of a query there."""

    def __init__(self, limits: dict[str, Any]) -> None:
        super().__init__(Store(), limits)
        self._client = EndpointClient(limits["endpoint"])
        self._verified_until = 0.0

    def _failure(self, error: Exception) -> dict[str, Any]:
        """Return what there is to tell of an error."""
        if isinstance(error, EndpointError):
            return {**error.told, "what": error.told["what"][: http.MAX_MESSAGE]}
        return super()._failure(error)

    def _run(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput:
        """Have the query answered; raises what the parser says of it, as the engine inside does, before it is sent."""
        parsed = self._store.query(text)  # of no data: this says what is asked, and what no engine is to be asked
        kind = (
            "select" if isinstance(parsed, QuerySolutions) else "graph" if isinstance(parsed, QueryTriples) else "ask"
        )
        sent_text, star = details["text"], details["star"]
        variables = list(map(str, parsed.variables)) if isinstance(parsed, QuerySolutions) else []
        if star >= 0 and variables:
            # Engines differ in the order of the variables of `*`: ours is asked for.
            sent_text = f"{sent_text[:star]} {' '.join(variables)} {sent_text[star + 1 :]}"
        del parsed
        if not (graph if kind == "graph" else solutions):
            return BoundedOutput(self._limits, kind)
        if time.monotonic() >= self._verified_until:
            self._verify_release(details)
        output = self._query_endpoint(kind, sent_text, graph if kind == "graph" else solutions, details, variables)
        if details["reads_named_graphs"]:
            with output:  # those keep their names from one release to the next: they may have been replaced meanwhile
                self._verify_release(details)
        return output

    def _verify_release(self, details: dict[str, Any]) -> None:
        """Raise FarError where the other endpoint holds another release than ours, or none."""
        self._verified_until = 0.0
        try:
            answer = self._query_endpoint(
                "ask",
                details["release_check"],
                "results-json",
                {**details, "dataset": details["release_check_dataset"]},
            )
        except EndpointError as error:
            raise error.as_internal() from None
        if not json.loads(answer.body)["boolean"]:
            raise EndpointError("engine-release", "engine-other")
        self._verified_until = time.monotonic() + VERIFIED_SECONDS

    def _query_endpoint(
        self, kind: str, text: str, form: str, details: dict[str, Any], variables: Sequence[str] = ()
    ) -> BoundedOutput:
        """Return the whole answer of the other endpoint, written in a form of ours; `variables` are those asked for."""
        complete = False
        types = http.GRAPH_TYPES if kind == "graph" else http.SOLUTIONS_TYPES
        try:
            body = self._client.query(text, details["dataset"], types, details["authorization"])
            if kind == "graph":
                output = self._graph(_triples(body), form)
            elif kind == "ask":
                output = self._boolean(body, form)
            else:
                output = self._solutions(body, form, variables)
            complete = True
        finally:
            self._client.close_response(reuse=complete)
        return output

    def _solutions(self, body: EndpointResponse, form: str, variables: Sequence[str]) -> BoundedOutput:
        output = BoundedOutput(self._limits, "select", form, RowCounter(form))
        stream: Any = output
        source: Any = body
        with output:
            try:
                results = parse_query_results(source, _RESULTS_FORMATS[body.form])
                if isinstance(results, QueryBoolean):
                    raise EndpointError("engine-answer", "engine-unreadable", body.form)
                if list(map(str, results.variables)) != variables:
                    raise EndpointError("engine-answer", "engine-variables", " ".join(map(str, results.variables)))
                results.serialize(stream, worker.SOLUTIONS_FORMATS[form])
            except (SyntaxError, ValueError):
                raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
            body.finish()
            if form in BUFFERED_FORMATS:
                check_well_formed(output.body)
            output.finish()
        return output

    def _boolean(self, body: EndpointResponse, form: str) -> BoundedOutput:
        output = BoundedOutput(self._limits, "ask", form)
        stream: Any = output
        data = body.read_all(MAX_BOOLEAN_BYTES)
        try:
            if body.form == "json":
                json.loads(data)  # whole: the parser of results stops at the truth
            else:
                check_well_formed(bytearray(data))
            results = parse_query_results(data, _RESULTS_FORMATS[body.form])
        except (SyntaxError, ValueError, NotRepresentableError, RecursionError):
            raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
        if not isinstance(results, QueryBoolean):
            raise EndpointError("engine-answer", "engine-unreadable", body.form)
        with output:
            results.serialize(stream, worker.SOLUTIONS_FORMATS[form])
            if form in BUFFERED_FORMATS:
                check_well_formed(output.body)
        return output


def _triples(body: EndpointResponse) -> Iterator[Triple]:
    """Yield the triples of an answer; raises FarError where it cannot be read to its end."""
    source: Any = body
    try:
        for quad in parse(source, _RDF_FORMATS[body.form]):
            yield quad.triple
    except (SyntaxError, ValueError):
        raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
    body.finish()

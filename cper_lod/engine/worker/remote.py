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
        self._far = EndpointClient(limits["far"])
        self._sure_until = 0.0

    def _failed(self, error: Exception) -> dict[str, Any]:
        """Return what there is to tell of an error."""
        if isinstance(error, EndpointError):
            return {**error.told, "what": error.told["what"][: http.MAX_MESSAGE]}
        return super()._failed(error)

    def _run(self, text: str, solutions: str, graph: str, details: dict[str, Any]) -> BoundedOutput:
        """Have the query answered; raises what the parser says of it, as the engine inside does, before it is sent."""
        read = self._store.query(text)  # of no data: this says what is asked, and what no engine is to be asked
        kind = "select" if isinstance(read, QuerySolutions) else "graph" if isinstance(read, QueryTriples) else "ask"
        sent, star = details["sent"], details["star"]
        variables = list(map(str, read.variables)) if isinstance(read, QuerySolutions) else []
        if star >= 0 and variables:
            # Engines differ in the order of the variables of `*`: ours is asked for.
            sent = f"{sent[:star]} {' '.join(variables)} {sent[star + 1 :]}"
        del read
        if not (graph if kind == "graph" else solutions):
            return BoundedOutput(self._limits, kind)
        if time.monotonic() >= self._sure_until:
            self._be_sure(details)
        sink = self._asked(kind, sent, graph if kind == "graph" else solutions, details, variables)
        if details["graphs"]:
            with sink:  # those keep their names from one release to the next: they may have been replaced meanwhile
                self._be_sure(details)
        return sink

    def _be_sure(self, details: dict[str, Any]) -> None:
        """Raise FarError where the other endpoint holds another release than ours, or none."""
        self._sure_until = 0.0
        try:
            held = self._asked("ask", details["mark"], "results-json", {**details, "dataset": details["marked"]})
        except EndpointError as error:
            raise error.of_its_own() from None
        if not json.loads(held.body)["boolean"]:
            raise EndpointError("engine-release", "engine-other")
        self._sure_until = time.monotonic() + VERIFIED_SECONDS

    def _asked(
        self, kind: str, text: str, form: str, details: dict[str, Any], variables: Sequence[str] = ()
    ) -> BoundedOutput:
        """Return the whole answer of the other endpoint, written in a form of ours; `variables` are those asked for."""
        whole = False
        types = http.GRAPH_TYPES if kind == "graph" else http.SOLUTIONS_TYPES
        try:
            body = self._far.ask(text, details["dataset"], types, details["authorization"])
            if kind == "graph":
                sink = self._graph(_triples(body), form)
            elif kind == "ask":
                sink = self._truth(body, form)
            else:
                sink = self._solutions(body, form, variables)
            whole = True
        finally:
            self._far.end(kept=whole)
        return sink

    def _solutions(self, body: EndpointResponse, form: str, variables: Sequence[str]) -> BoundedOutput:
        sink = BoundedOutput(self._limits, "select", form, RowCounter(form))
        output: Any = sink
        source: Any = body
        with sink:
            try:
                found = parse_query_results(source, _RESULTS_FORMATS[body.form])
                if isinstance(found, QueryBoolean):
                    raise EndpointError("engine-answer", "engine-unreadable", body.form)
                if list(map(str, found.variables)) != variables:
                    raise EndpointError("engine-answer", "engine-variables", " ".join(map(str, found.variables)))
                found.serialize(output, worker.SOLUTIONS_FORMATS[form])
            except (SyntaxError, ValueError):
                raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
            body.finish()
            if form in BUFFERED_FORMATS:
                check_well_formed(sink.body)
            sink.settle()
        return sink

    def _truth(self, body: EndpointResponse, form: str) -> BoundedOutput:
        sink = BoundedOutput(self._limits, "ask", form)
        output: Any = sink
        data = body.whole(MAX_BOOLEAN_BYTES)
        try:
            if body.form == "json":
                json.loads(data)  # whole: the parser of results stops at the truth
            else:
                check_well_formed(bytearray(data))
            found = parse_query_results(data, _RESULTS_FORMATS[body.form])
        except (SyntaxError, ValueError, NotRepresentableError, RecursionError):
            raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
        if not isinstance(found, QueryBoolean):
            raise EndpointError("engine-answer", "engine-unreadable", body.form)
        with sink:
            found.serialize(output, worker.SOLUTIONS_FORMATS[form])
            if form in BUFFERED_FORMATS:
                check_well_formed(sink.body)
        return sink


def _triples(body: EndpointResponse) -> Iterator[Triple]:
    """Yield the triples of an answer; raises FarError where it cannot be read to its end."""
    source: Any = body
    try:
        for quad in parse(source, _RDF_FORMATS[body.form]):
            yield quad.triple
    except (SyntaxError, ValueError):
        raise EndpointError("engine-answer", "engine-unreadable", body.form) from None
    body.finish()

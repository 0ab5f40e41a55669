"""Metrics for Prometheus: what the server process counts and measures."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cper_lod.core.errors import Problem
from cper_lod.engine.base import Answer, Engine, Query

if TYPE_CHECKING:
    from cper_lod.web.site import Site

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds


class Metrics(Collector):
    """The metrics of the server process, and those of the release that it serves; used by any thread."""

    def __init__(self, count_waiting: Callable[[], None]) -> None:
        """Measure; before it is read, `count_waiting` counts what has not been counted yet."""
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each counter was made, in half as many lines again
        self._count_waiting = count_waiting
        self.registry = CollectorRegistry()
        self.registry.register(self)  # the first that is asked
        count = partial(Counter, namespace="cper_lod", registry=self.registry)
        measure = partial(Histogram, namespace="cper_lod", registry=self.registry, buckets=BOUNDS)
        self.requests = count("requests", "Requests answered.", ("method", "route", "status", "cache"))
        self.bytes = count("response_bytes", "Bytes of response bodies.", ["route"])
        self.seconds = measure("request_seconds", "Seconds until a response was ready to be sent.", ["route"])
        self.queries = count("queries", "Queries run, by outcome.", ["outcome"])
        self.query_seconds = measure("query_seconds", "Seconds until a query was answered, waiting included.")
        self.lost = count("log_lines_lost", "Log lines that nobody read, or that could not be written to their file.")
        ProcessCollector(registry=self.registry)
        self.site: Site | None = None
        """What is served now."""

    def collect(self) -> Iterator[Metric]:
        """Yield what is measured when somebody asks."""
        self._count_waiting()
        if site := self.site:
            status, fault = site.engine.status(), "1 if a remote engine did not answer correctly the last time."
            yield GaugeMetricFamily("cper_lod_queries_running", "Queries running now.", status.running)
            yield GaugeMetricFamily("cper_lod_queries_waiting", "Queries waiting for a process.", status.waiting)
            yield GaugeMetricFamily("cper_lod_engine_fault", fault, status.fault is not None)
            refused = "1 if the present sources are rejected; the release served before stays."
            yield GaugeMetricFamily("cper_lod_release_refused", refused, site.rejection is not None)
            names, told = ("release", "digest", "program"), "Always 1; the labels say what is served."
            info = GaugeMetricFamily("cper_lod_release_info", told, labels=names)
            info.add_metric((site.release.digest[:16], site.release.digest, site.program), 1)
            yield info


class InstrumentedEngine:
    """An `Engine` that passes every query to another one, and counts and measures it."""

    def __init__(self, engine: Engine, metrics: Metrics) -> None:
        self._engine, self.metrics = engine, metrics
        self.status, self.close = engine.status, engine.close

    def query(self, query: Query) -> Answer:
        """Return the whole answer to `query`; raises what the engine raises."""
        try:
            with self.metrics.query_seconds.time():
                answer = self._engine.query(query)
        except Exception as error:
            self.metrics.queries.labels(error.kind.code if isinstance(error, Problem) else "unexpected").inc()
            raise
        self.metrics.queries.labels("answered").inc()
        return answer

"""Metrics for Prometheus: what the server process counts and measures, and /metrics, which returns it."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Final

from flask import Blueprint, Response, request
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from cper_lod.core.errors import Problem
from cper_lod.web.http.environ import REGISTRY
from cper_lod.web.http.flask_responses import accept
from cper_lod.web.site import Site, site

blueprint = Blueprint("metrics", __name__)
BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_PROXY_HEADERS: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
_LOOPBACK: Final = re.compile(r"::1|(?:::ffff:)?127(?:\.[0-9]+){3}")  # the addresses of this machine
_MEASURED: Final = {
    "running": ("queries_running", "Queries running now."),
    "waiting": ("queries_waiting", "Queries waiting for a process."),
    "processes": ("query_processes", "Live query processes."),
    "ended": ("query_processes_ended", "Query processes that have ended, most of them killed at a limit."),
    "fault": ("engine_fault", "1 if a remote engine did not answer correctly the last time."),
    "cached": ("reply_cache_bytes", "Memory of the response cache."),
    "refused": ("release_refused", "1 if the present sources are rejected; the release served before stays."),
    "sealed": ("release_sealed_timestamp_seconds", "When the served release was built (Unix time)."),
}
"""Name and meaning of what is read when somebody asks, by its key."""


class Metrics(Collector):
    """The metrics of the server process, and those of the release that it serves; used by any thread."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each counter was made, in half as many lines again
        self.registry = CollectorRegistry()
        count = partial(Counter, namespace="cper_lod", registry=self.registry)
        measure = partial(Histogram, namespace="cper_lod", registry=self.registry, buckets=BOUNDS)
        self.requests = count("requests", "Requests answered.", ("method", "route", "status", "cache"))
        self.bytes = count("response_bytes", "Bytes of response bodies.", ["route"])
        self.seconds = measure("request_seconds", "Seconds until a response was ready to be sent.", ["route"])
        self.queries = count("queries", "Queries run, by outcome.", ["outcome"])
        self.query_seconds = measure("query_seconds", "Seconds until a query was answered, waiting included.")
        self.lost = count("log_lines_lost", "Log lines that nobody read, or that could not be written to their file.")
        self.swaps = count("release_swaps", "Times that another release was switched to, or a rejection to report.")
        ProcessCollector(registry=self.registry)
        self.registry.register(self)
        self.release: tuple[Site, Callable[[], Mapping[str, float]]] | None = None
        """What is served, and returns the measurements of it (`Recorder.set_release`)."""
        self.ended = 0.0
        """How many query processes of earlier releases have ended."""

    def collect(self) -> Iterator[Metric]:
        """Yield the measurements of the release that is served."""
        if self.release:
            served, values = self.release[0], {"ended": 0.0, **self.release[1]()}
            values["ended"] += self.ended
            values |= {"refused": served.rejection is not None, "sealed": served.release.built_at}
            for key, (name, told) in _MEASURED.items():
                family = CounterMetricFamily if key == "ended" else GaugeMetricFamily
                yield family(f"cper_lod_{name}", told, float(values.get(key, 0)))
            names, told = ("release", "digest", "program"), "Always 1; the labels say what is served."
            info = GaugeMetricFamily("cper_lod_release_info", told, labels=names)
            info.add_metric((served.release.digest[:16], served.release.digest, served.program), 1)
            yield info


@blueprint.get("/metrics")
def metrics() -> Response:
    """Metrics of the server for Prometheus, as text or OpenMetrics."""
    setting, registry = site().settings.metrics, request.environ.get(REGISTRY)
    if setting == "none" or not isinstance(registry, CollectorRegistry):
        raise Problem("page-not-found", path=request.path[:200])
    # Whoever comes by a proxy has the address of the proxy.
    is_direct = not any(name in request.environ for name in _PROXY_HEADERS)
    is_local = is_direct and _LOOPBACK.fullmatch(request.environ.get("REMOTE_ADDR", ""))
    if not {"all": True, "direct": is_direct, "local": is_local}[setting]:
        raise Problem("metrics-refused", setting=setting)
    encode, content_type = choose_encoder(accept() or "")
    return Response(encode(registry), content_type=content_type, headers={"Cache-Control": "no-store"})

"""Metrics for Prometheus: their table, and /metrics, which returns them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from flask import Blueprint, Response, request
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from cper_lod.core.errors import Problem
from cper_lod.web.http.flask_responses import accept
from cper_lod.web.observability.counters import BOUNDS, Counters, Histogram, Totals
from cper_lod.web.site import site

blueprint = Blueprint("metrics", __name__)
COUNTERS: Final = "cper_lod.counters"
"""Key of the WSGI environment, set by the gateway: the counters of the process; other WSGI servers count nothing."""
PEER: Final = "cper_lod.peer"
"""Key of the WSGI environment, set by the gateway: the address at the other end of the connection."""
_PROXY_HEADERS: Final = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")
"""Headers that show that a proxy passed the request on: then every client has the address of the proxy."""
_LOOPBACK: Final = re.compile(r"::1|(?:::ffff:)?127(?:\.[0-9]+){3}")
"""The addresses of this machine, as its network tells them."""
LABELS: Final = {"request": ("method", "route", "status", "cache"), "query": ("outcome", "lane")}
"""The labels of what is counted, by its kind."""


class Series(NamedTuple):
    """A metric: its name, its kind, where its values come from, its help text, and its labels.

    `times` and `bytes` count the requests or queries (`source`) and their bytes, `seconds` is the histogram of their
    durations; `gauge` and `counter` are measurements or plain counts.
    """

    name: str
    kind: Literal["times", "bytes", "seconds", "gauge", "counter"]
    source: str
    help: str
    labels: tuple[str, ...] = ()


TABLE: Final = (
    Series("requests", "times", "request", "Requests answered.", LABELS["request"]),
    Series("response_bytes", "bytes", "request", "Bytes of response bodies.", ("route",)),
    Series("request_seconds", "seconds", "request", "Seconds until a response was ready to be sent.", ("route",)),
    Series("queries", "times", "query", "Queries run, by outcome.", LABELS["query"]),
    Series("query_seconds", "seconds", "query", "Seconds until a query was answered, waiting included.", ("lane",)),
    Series("queries_running", "gauge", "running", "Queries running now."),
    Series("queries_waiting_short", "gauge", "waiting_short", "Short queries waiting for a process."),
    Series("queries_waiting_long", "gauge", "waiting_long", "Long queries waiting for a process."),
    Series("query_processes", "gauge", "query_processes", "Live query processes."),
    Series(
        "query_processes_ended", "counter", "ended", "Query processes that have ended, most of them killed at a limit."
    ),
    Series("engine_fault", "gauge", "engine_fault", "1 if a remote engine did not answer correctly the last time."),
    Series("reply_cache_bytes", "gauge", "cached", "Memory of the response cache."),
    Series("server_processes", "gauge", "processes", "Live server processes."),
    Series("server_cpu_seconds", "counter", "cpu", "CPU time of the server processes."),
    Series("server_memory_bytes", "gauge", "memory", "Memory of the server processes, without their query processes."),
    Series("server_open_files", "gauge", "files", "Files and connections that the server processes have open."),
    Series(
        "log_lines_lost",
        "counter",
        "lost",
        "Log lines lost because nobody read the log, or its file could not be written.",
    ),
    Series("release_info", "gauge", "", "Always 1; the labels say what is served.", ("release", "digest", "program")),
    Series(
        "release_swaps",
        "counter",
        "swaps",
        "Times that a server process switched to another release, or to report a rejection.",
    ),
    Series(
        "release_refused",
        "gauge",
        "refused",
        "1 if the present sources are rejected; the release that was served before stays.",
    ),
    Series("release_sealed_timestamp_seconds", "gauge", "sealed", "When the served release was built (Unix time)."),
)


@dataclass(frozen=True)
class _Exposition(Collector):
    """All metrics, as families of the Prometheus client; `release` are the label values of `release_info`."""

    totals: Totals
    release: tuple[str, ...]

    def collect(self) -> Iterator[Metric]:
        """Yield each family of the table."""
        for row in TABLE:
            name, totals = f"cper_lod_{row.name}", self.totals
            measured = totals.measurements.get(row.source, totals.counts.get(row.source, 0.0))
            if row.kind == "gauge":
                gauge = GaugeMetricFamily(name, row.help, labels=row.labels)
                gauge.add_metric(self.release if row.labels else (), 1 if row.labels else measured)
                yield gauge
            elif row.kind == "seconds":
                seconds = HistogramMetricFamily(name, row.help, labels=row.labels)
                for labels, histogram in self._grouped(row):
                    buckets = zip((*map(str, BOUNDS), "+Inf"), accumulate(histogram.buckets), strict=True)
                    seconds.add_metric(labels, [*buckets], histogram.totals[0])
                yield seconds
            else:
                counter = CounterMetricFamily(name, row.help, labels=row.labels)
                if row.kind == "counter":
                    counter.add_metric((), measured)
                for labels, histogram in self._grouped(row):
                    counter.add_metric(labels, sum(histogram.buckets) if row.kind == "times" else histogram.totals[1])
                yield counter

    def _grouped(self, row: Series) -> list[tuple[tuple[str, ...], Histogram]]:
        """Return the histograms of a metric, added up for each combination of its labels; none for a plain count."""
        places = [LABELS[row.source].index(label) + 1 for label in row.labels]
        groups: dict[tuple[str, ...], list[Histogram]] = {}
        for key, histogram in self.totals.histograms.items():
            if key[0] == row.source:
                groups.setdefault(tuple(key[place] for place in places), []).append(histogram)
        return [(labels, Histogram.sum(group)) for labels, group in sorted(groups.items())]


@blueprint.get("/metrics")
def metrics() -> Response:
    """Metrics of all server processes for Prometheus, as text or OpenMetrics."""
    served, counters = site(), request.environ.get(COUNTERS)
    if served.settings.metrics == "none" or not isinstance(counters, Counters):
        raise Problem("page-not-found", path=request.path[:200])
    if not _may_read(served.settings.metrics):
        raise Problem("metrics-refused", setting=served.settings.metrics)
    totals, release = counters.totals(), served.release
    totals.measurements.update(sealed=release.built_at, refused=served.rejection is not None)
    encode, content_type = choose_encoder(accept() or "")
    body = encode(_Exposition(totals, (release.digest[:16], release.digest, served.program)))
    return Response(body, content_type=content_type, headers={"Cache-Control": "no-store"})


def _may_read(setting: str) -> bool:
    """Return whether the setting `metrics` allows the client of this request."""
    if setting == "all" or any(name in request.environ for name in _PROXY_HEADERS):
        return setting == "all"
    return setting == "direct" or _LOOPBACK.fullmatch(request.environ.get(PEER, "")) is not None

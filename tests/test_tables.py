"""One command for all tables, and their charts: on made-up figures, nothing is timed."""

import importlib
import json
import math
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import charts, endpoints, harness, peers, serving, serving_requests
from benchmarks.client import Reply
from benchmarks.generator import generate
from benchmarks.servers import OURS
from benchmarks.synthetic_release import of_sources
from cper_lod.release.release import Release

SVG = "{http://www.w3.org/2000/svg}"


def test_each_table_says_what_it_measures_and_is_a_program() -> None:
    told = command.list_tables()
    assert len(told.splitlines()) == len(command.TABLES) > 10
    for name, table in command.TABLES.items():
        assert callable(importlib.import_module(f"benchmarks.{name}").main)
        assert set(table.peers) <= {*peers.PACKAGED, *peers.SYSTEM}
        assert f"{name} " in told


def test_all_tables_are_made_in_turn_and_one_that_fails_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[list[str]] = []

    def run(words: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        made.append(list(words[2:]))
        return subprocess.CompletedProcess(words, int("benchmarks.ready" in words))

    wanted: list[str] = []
    monkeypatch.setattr(command.subprocess, "run", run)
    monkeypatch.setattr(command.peers, "require", wanted.extend)
    monkeypatch.setattr(command.peers, "versions", lambda: {"nginx": "1.2.3"})
    monkeypatch.setattr(command, "RESULTS", Path("/nowhere"))
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--all", "--quick"])
    with pytest.raises(SystemExit, match="not made: ready"):
        command.main()
    assert made == [[f"benchmarks.{name}", "--quick"] for name in command.TABLES]
    assert {"virtuoso", "nginx", "oxigraph"} <= set(wanted)
    assert "nginx 1.2.3" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["benchmarks", "nonsense"])
    with pytest.raises(SystemExit):
        command.main()
    assert "no such table: nonsense" in capsys.readouterr().err


def test_a_chart_tells_every_value_and_draws_it() -> None:
    bars = [charts.Bar("a & b", "ours", 2.0), charts.Bar("a & b", "theirs", 20.0), charts.Bar("c", "ours", math.nan)]
    drawn = ET.fromstring(charts.chart("Title <1>", "ms", bars, "Medians"))  # noqa: S314 - written here
    assert drawn.get("role") == "img"
    assert drawn.findtext(f"{SVG}title") == "Title <1>"
    assert "a & b: ours 2, theirs 20." in str(drawn.findtext(f"{SVG}desc"))
    assert "prefers-color-scheme:dark" in str(drawn.findtext(f"{SVG}style"))
    short, long = (float(str(bar.get("width"))) for bar in drawn.findall(f"{SVG}rect")[1:])
    assert 0 < short < long
    with pytest.raises(ValueError, match="no figures"):
        charts.chart("Title", "ms", [charts.Bar("c", "ours", math.nan)])


def test_charts_are_of_the_tables_that_have_the_columns(tmp_path: Path) -> None:
    tables = {
        "Medians": [{"query": "q", "peer": "ours", "CPU ms": 2.5}, {"query": "q", "peer": "theirs", "CPU ms": None}],
        "Others": [{"what": "memory", "MiB": 3}],
    }
    (tmp_path / "x.json").write_text(json.dumps({"title": "T", "tables": tables}))
    (path,) = command.charts(tmp_path / "x.json", command.TABLES["endpoints"], "x")
    assert path == tmp_path / "x.svg"
    assert path.read_text().count("<rect") == 2
    assert command.charts(tmp_path / "x.json", command.TABLES["serving"], "x") == []


def test_raw_figures_are_kept_beside_the_medians(tmp_path: Path) -> None:
    numbers = iter(range(10))
    harness.alternate(2, {"a": lambda: next(numbers), "b": lambda: next(numbers)})
    harness.publish(tmp_path / "x.json", "T", {"c": (("a",), [(1,)])})
    *_, last = json.loads((tmp_path / "x.raw.json").read_text())  # after those of other tests
    assert last == {"a": [0, 3], "b": [1, 2]}
    assert "peers" in json.loads((tmp_path / "x.json").read_text())["machine"]


@pytest.fixture(scope="module")
def grown(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("grown")
    generate(folder / "sources", 6_000)
    return of_sources(release, folder / "releases" / "grown", folder / "sources")


def test_a_grown_release_is_queried_and_searched_whole(grown: Release) -> None:
    assert grown.search.find("commune fictive", 0, 5).count > 5
    assert grown.search.find("Amiens métropole", 0, 5).count > 0
    assert grown.manifest["triples"] > 9_000


def test_requests_are_of_every_kind_and_pages_are_asked_once(grown: Release) -> None:
    found = serving_requests.kinds(grown, 3)
    assert sum(kind.startswith("question: ") for kind in found) > 30
    for kind, requests in found.items():
        first, second = next(requests, b""), next(requests, b"")
        assert first.startswith(b"GET /"), kind
        assert first != second, kind
    mixed = serving_requests.traffic(grown, 200)
    assert len(mixed) == 200
    assert mixed == serving_requests.traffic(grown, 200) or "heavy query" in dict(mixed)
    assert {"page, known", "page, again (304)", "page, cold", "list", "search", "question"} <= {
        kind for kind, _ in mixed
    }


def test_a_request_that_grows_misses_its_target() -> None:
    small, large, grows = serving.Requests(), serving.Requests(), serving.Requests()
    small.cpu = small.wall = [1.0, 2.0, 3.0]
    large.cpu = large.wall = [2.0, 3.0, 4.0]
    grows.cpu = grows.wall = [9.0]
    for each in (small, large, grows):
        each.bytes = [10]
    rows = serving.rows({"page": {10: large, 1: small}, "list": {1: small, 10: grows}})
    assert [(row[0], row[4], row[-1]) for row in rows] == [
        ("page", 1.5, "met (≤ 2)"),
        ("list", 4.5, "MISSED (≤ 2)"),
    ]


def test_the_tables_of_serving_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"page": [Reply(200, seconds=0.001 * each) for each in range(1, 101)], "list": [Reply(503, seconds=1)]}
    processes = [("server", 180.0), ("query process", 40.0), ("query process", 151.0)]
    serving.report(
        tmp_path / "x.json", (10, 20), [], {10: [(0.5, 0.3)], 20: [(9.5, 8.0), (1.7, 0.4)]}, answers, processes, 300.0
    )
    told = capsys.readouterr().out
    assert "MISSED (≤ 150)" in told
    assert "503: 1" in told
    tables = json.loads((tmp_path / "x.json").read_text())["tables"]
    (traffic,) = (rows for caption, rows in tables.items() if caption.startswith("Mixed"))
    assert next(row["p99 ms"] for row in traffic if row["request"] == "page") == pytest.approx(99)
    assert [row["target"] for row in tables["From the start of a server to its first answer"]] == [
        "met (≤ 1)",
        "MISSED (≤ 1)",
    ]


def test_peers_that_disagree_are_no_table() -> None:
    cost = endpoints.Cost(2.0, 1.0, 3)
    found = {"q": {OURS: [cost], "virtuoso": [endpoints.Cost(4.0, 3.0, 3)]}}
    assert endpoints.rows(found)[1] == ("q", "virtuoso", 3, 4.0, 3.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="q: "):
        endpoints.rows({"q": {OURS: [cost], "virtuoso": [cost._replace(rows=4)]}})


def test_what_peers_are_asked_is_of_the_data(tmp_path: Path) -> None:
    ntriples, subsidy, contract = endpoints.load_all(tmp_path, 3_000)
    text = ntriples.read_text("utf-8")
    assert f"<{subsidy}> <https://w3id.org/cper-lod/ontology#contrat> <{contract}> ." in text

"""What the benchmarks reckon with, on figures and processes made up here; nothing that is timed is asserted."""

import contextlib
import gzip
import json
import math
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import brotli
import pyoxigraph
import pytest

from benchmarks import (
    building,
    client,
    cold,
    cold_pages,
    costs,
    endless_queries,
    harness,
    instances,
    load_balancer,
    outcomes,
    page_servers,
    peers,
    processes,
    ready,
    servers,
    shacl,
    shacl_engines,
    small,
    soak,
    soak_requests,
    synthetic_release,
    synthetic_triples,
)
from benchmarks import jsonld as jsonld_benchmark
from benchmarks.hostile import require_loopback
from benchmarks.hostile_queries import QUERIES, HostileQuery, doubled, mix
from cper_lod.core.errors import Problem
from cper_lod.engine.syntax.checks import check
from cper_lod.release.build.build import build_data
from cper_lod.release.release import DATA, INDEX, LISTING, MEMBERS, MENTIONS, Release
from tests.support.cases import each_case
from tests.support.fake_endpoint import Endpoint
from tests.support.paths import ROOT
from tests.support.processes import ended, eventually

BUSY = "import time\nend = time.process_time() + {}\nwhile time.process_time() < end: pass"
GRANDCHILD = f"""
import subprocess, sys, time
subprocess.run([sys.executable, "-c", {BUSY.format(0.2)!r}])   # buried: in cutime
up = "import time\\nprint('up', flush=True)\\ntime.sleep(600)"
living = subprocess.Popen([sys.executable, "-c", up], stdout=subprocess.PIPE)
living.stdout.readline()   # it is Python by now, not yet another process that begins
print(living.pid, flush=True)
time.sleep(600)
"""


@contextlib.contextmanager
def a_parent() -> Iterator[tuple[int, int]]:
    """Run a process that has buried a busy child; yield it and its living child."""
    with subprocess.Popen([sys.executable, "-c", GRANDCHILD], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        living = int(process.stdout.readline())
        yield process.pid, living
        os.kill(living, 9)
        process.kill()


@pytest.fixture(scope="module")
def parent() -> Iterator[tuple[int, int]]:
    """Return a process that has buried a busy child, and its living child."""
    with a_parent() as found:
        yield found


def test_a_tree_holds_its_root_and_those_below(parent: tuple[int, int]) -> None:
    root, living = parent
    assert processes.tree(root) == [root, living]
    assert processes.tree(living) == [living]
    assert set(processes.tree(os.getpid())) >= {os.getpid(), root, living}
    assert processes.tree(2**22 + 1) == []  # no process has so high a number (proc(5), pid_max)


def test_processor_time_counts_the_living_and_the_buried(parent: tuple[int, int]) -> None:
    root, living = parent
    assert processes.cpu_seconds(root) >= 0.2
    assert processes.cpu_seconds(root) > processes.own_seconds(root) + processes.own_seconds(living)
    assert processes.own_seconds(2**22 + 1) == 0


def test_own_processor_time_is_that_of_the_kernel() -> None:
    before, mine = processes.own_seconds(os.getpid()), time.process_time()
    exec(BUSY.format(0.05))  # noqa: S102
    assert processes.own_seconds(os.getpid()) - before == pytest.approx(time.process_time() - mine, abs=0.02)


def test_memory_of_a_tree_is_that_of_its_members(parent: tuple[int, int]) -> None:
    root, living = parent
    both, one = processes.memory_bytes(root, "Rss"), processes.memory_bytes(living, "Rss")
    assert both > one > processes.MIB
    assert processes.memory_bytes(root) < both
    assert 0 < processes.memory_bytes(root, "Anonymous") < both
    assert one <= processes.peak_bytes(root) <= both
    assert processes.memory_bytes(2**22 + 1) == 0


@pytest.mark.slow
def test_a_dead_process_that_nobody_buried_is_not_alive() -> None:
    with a_parent() as (_, living):
        assert processes.alive(living)
        os.kill(living, 9)
        assert eventually(lambda: not processes.alive(living))
        assert Path(f"/proc/{living}").exists()


def test_memory_beyond_the_ceiling_ends_the_tree() -> None:
    ended: list[int] = []
    with processes.MemoryWatch(os.getpid(), lambda: ended.append(1), ceiling=1, step=0.01) as watch:
        time.sleep(0.1)
    assert watch.peak > processes.MIB
    assert (ended, watch.ended) == ([1], True)


def test_medians_and_percentiles() -> None:
    assert harness.median([3, 1, 2]) == 2
    assert harness.ratio([10, 30, 20], [4, 5, 6]) == 4
    assert math.isnan(harness.ratio([1], []))
    assert math.isnan(harness.percentile([], 0.95))
    assert harness.percentile(list(range(1, 101)), 0.95) == 95
    assert harness.percentile([1.0, 9.0], 1.0) == 9


@each_case(
    ("value", "text"), [(0.01234, "0.0123"), (1234.5, "1234"), (12.34, "12.3"), (3, "3"), (math.nan, "–"), (None, "–")]
)
def test_figures_are_written_with_three_digits(value: object, text: str) -> None:
    assert harness.number(value) == text


def test_a_verdict_needs_a_figure() -> None:
    assert harness.verdict(3.2, 5) == "met (≤ 5)"
    assert harness.verdict(3.2, 4, at_least=True) == "MISSED (≥ 4)"
    assert harness.verdict(math.nan, 5).startswith("MISSED")
    assert harness.verdict(math.nan, 5, at_least=True).startswith("MISSED")


def test_rounds_go_in_turn_and_back() -> None:
    order: list[str] = []

    def note(name: str) -> Callable[[], int]:
        return lambda: order.append(name) or len(order)  # type: ignore[func-returns-value]

    found = harness.alternate(2, {"a": note("a"), "b": note("b")})
    assert order == ["a", "b", "b", "a"]
    assert found == {"a": [1, 4], "b": [2, 3]}


def test_tables_are_markdown_and_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = ("query", "ms")
    rows = [("a|b", 1.5), ("c", math.nan)]
    assert harness.table(head, rows) == "| query | ms  |\n|-------|-----|\n| a\\|b  | 1.5 |\n| c     | –   |"
    harness.publish(tmp_path / "new" / "x.json", "Title", {"caption": (head, rows)})
    assert "# Title\n\ncaption\n\n| query | ms  |" in capsys.readouterr().out
    kept = json.loads((tmp_path / "new" / "x.json").read_text())
    assert kept["tables"]["caption"] == [{"query": "a|b", "ms": 1.5}, {"query": "c", "ms": None}]
    assert kept["machine"]["versions"]["pyoxigraph"]


def test_data_is_the_same_from_the_same_seed(tmp_path: Path) -> None:
    lines = list(synthetic_triples.lines(8000))
    assert lines == list(synthetic_triples.lines(8000))
    assert lines != list(synthetic_triples.lines(8000, seed=1))
    assert len(set(lines)) == len(lines) == 8000
    ntriples = synthetic_triples.write_ntriples(tmp_path / "d.nt", 8000)
    store = synthetic_triples.Store.read_only(str(synthetic_triples.write_index(tmp_path / "index", ntriples)))
    assert len(store) == 8000
    prefix = f"PREFIX def: <{synthetic_triples.EX}def/>"
    for name in ("beneficiary", "amount", "year", "territory", "programme"):
        assert store.query(f"{prefix} ASK {{ ?s a def:Subsidy ; def:{name} ?o }}"), name


def test_small_queries_are_new_each_time_and_the_repeated_one_is_not() -> None:
    for case in small.TARGETS:
        stream = small.requests(case, "/sparql")
        sent = {next(stream) for _ in range(3)}
        assert len(sent) == (3 if "each text new" in case else 1), case
    assert f"<{small.CONTRACT}>" in small.select(1)


def test_runaways_are_new_each_time() -> None:
    stream, same = endless_queries.each_new(), endless_queries.always_the_same()
    assert len({next(stream) for _ in range(20)}) == 20
    assert next(same) == next(same) == endless_queries.runaway()
    assert "NTH" not in endless_queries.runaway(2, 5)


def test_hostile_queries_are_large_and_differ() -> None:
    assert doubled(1).count("CONCAT") == 27
    assert len(QUERIES[0].text(1)) > 1_000_000
    assert len({text for _, text in mix(3 * len(QUERIES))}) > 2 * len(QUERIES)


@each_case("query", QUERIES, ids=lambda query: query.name)
def test_a_hostile_query_is_hostile_and_not_merely_wrong(query: HostileQuery) -> None:
    """What may be answered with 200 or 503 is well-formed: a store parses it, where it is not deeper than we allow."""
    text = query.text(7)
    assert "NTH" not in text
    if "503" not in query.wanted or "5 000" in query.name or "50 000" in query.name or "3 000" in query.name:
        return
    check(text, (), (), ())
    store = synthetic_triples.Store()
    try:
        store.query(text)
    except SyntaxError as error:
        raise AssertionError(f"{query.name}: {error}") from None


def test_what_came_back_is_held_against_what_is_wanted() -> None:
    assert outcomes.Outcome("503 query-timeout", 1).kept("400|503")
    assert outcomes.Outcome("closed", 1).kept("408|closed")
    for broken in (
        *("200 cut", "cut", "no answer in 30 s", "200 IT CALLED", "500 unexpected", "200 FILE READ", "200 INJECTED"),
    ):
        assert not outcomes.Outcome(broken, 1).kept("200|400|503"), broken
    assert outcomes.summarize([outcomes.Outcome(what, 1) for what in ("200", "closed", "200")]) == "2 × 200, closed"


def test_only_loopback_is_attacked() -> None:
    assert require_loopback("http://127.0.0.1:8000/sparql").query == "/sparql"
    for url in ("http://example.org/sparql", "http://10.0.0.1:80/", "http://127.0.0.1/"):
        with pytest.raises(ValueError, match="127"):
            require_loopback(url)


JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"


@each_case(
    ("answer", "what"),
    [
        (JSON_HEAD + b"Content-Length: 2\r\n\r\n{}", "200"),
        (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "200"),
        (JSON_HEAD + b"Content-Length: 1\r\n\r\n{", "200 cut"),
        (JSON_HEAD + b"Content-Length: 9\r\n\r\n{}", "cut"),
        (JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", "cut"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "204"),
        (b"HTTP/1.1 200 OK\r\nX-Injected: yes\r\nContent-Length: 0\r\n\r\n", "200 INJECTED"),
        (b"HTTP/1.1 200 OK\r\n\r\nroot:x:0:0", "200 FILE READ"),
        (
            b"HTTP/1.1 503 Busy\r\nContent-Type: application/problem+json\r\nContent-Length: 25\r\n\r\n"
            b'{"type": "http://x/y/z"} ',
            "503 z",
        ),
        (b"", "closed"),
        (b"nothing of the kind\r\n\r\n", "no HTTP/1.1"),
    ],
)
def test_client_tells_a_whole_answer_from_a_part(answer: bytes, what: str) -> None:
    with Endpoint(answer) as endpoint:
        server = servers.Server(servers.OURS, endpoint.port, "/sparql", "/health", "/")
        assert outcomes.attempt(server, client.asking("/sparql", "ASK {}"), 5).what == what


def test_client_tells_an_answer_that_never_comes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = servers.Server(servers.OURS, silent.getsockname()[1], "/sparql", "/health", "/")
        assert outcomes.attempt(server, client.get("/"), 0.2).what == "no answer in 0 s"
        with client.Connection(server.port, 1) as connection:
            assert outcomes.until_closed(connection, 0.2, b"x", 0.1).what == "open after 0 s"


def test_listener_notices_a_caller() -> None:
    listener = outcomes.Listener()
    assert not listener.called()
    with socket.create_connection(("127.0.0.1", listener.port)):
        assert listener.called()
    listener.close()


def test_every_server_has_its_command_on_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "program", lambda name: Path("/usr/bin") / name)  # nothing is installed for this
    with_ = servers.Material(tmp_path, tmp_path / "releases", tmp_path / "index", tmp_path / "d.nt", frozenset(), None)
    for name in servers.NAMES:
        words = " ".join(servers.command(name, with_, 1234, 3))
        assert "1234" in words
        assert "0.0.0.0" not in words  # noqa: S104
    assert "--timeout-s 3" in " ".join(servers.command(servers.OXIGRAPH, with_, 1, 3))
    assert "--query-timeout 3" in " ".join(servers.command(servers.OURS, with_, 1, 3))


def test_deep_queries_are_deeper_than_we_allow() -> None:
    deep = [each for each in QUERIES if each.name.startswith("5 000 nested")]
    assert len(deep) == 3
    for each in deep:
        with pytest.raises(Problem, match="200"):
            check(each.text(1), (), (), ())


def material_of(release: Release, folder: Path) -> servers.Material:
    """Return a release as the programs want it, in a folder of releases that holds no other."""
    releases = folder / "releases"
    releases.mkdir()
    (releases / release.folder.name).symlink_to(release.folder)
    index = release.folder / INDEX
    return servers.Material(folder, releases, index, Path(os.devnull), frozenset(release.graphs), None)


def test_every_peer_of_a_page_has_its_command_and_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "packages", lambda name: tmp_path / name)
    monkeypatch.setattr(peers, "program", lambda name: tmp_path / name)
    for name in (each for each in page_servers.ALL if each != servers.OURS):
        words = " ".join(page_servers.words(name, 1234, tmp_path, tmp_path / "release"))
        assert "0.0.0.0" not in words  # noqa: S104
        assert name == page_servers.NGINX or ("1234" in words and f"{tmp_path / 'release'}" in words), name
    assert len({page_servers.log_of(name, tmp_path) for name in page_servers.ALL}) == len(page_servers.ALL)
    assert str(tmp_path / "gunicorn") in " ".join(page_servers.words(page_servers.GUNICORN, 1, tmp_path, tmp_path))


def test_a_peer_that_cannot_be_had_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> Path:
        raise peers.MissingPeer(f"{name} is not there: do this")

    monkeypatch.setattr(peers, "program", none)
    monkeypatch.setattr(peers, "environment", none)
    assert page_servers.absent() == {
        page_servers.NGINX: "nginx is not there: do this",
        page_servers.GUNICORN: "gunicorn is not there: do this",
    }
    with pytest.raises(SystemExit, match="oxigraph is not there: do this\nvirtuoso is not there: do this"):
        peers.require(["oxigraph", "virtuoso"])


@pytest.mark.slow
def test_a_missing_package_of_the_tests_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "pyld.py").write_text("raise ModuleNotFoundError('No module named pyld', name='pyld')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return ended(sys.executable, "-m", *arguments, cwd=ROOT, env=environment)

    tables = run("benchmarks")
    assert (tables.returncode, tables.stderr) == (0, "")
    assert "\njsonld " in tables.stdout
    for made in (run("benchmarks", "jsonld"), run("benchmarks.jsonld")):
        assert (made.returncode, made.stdout) == (1, "")
        assert "package pyld is missing" in made.stderr
        assert "`make .venv/.installed-test`, or `pip install -e '.[test]'`" in made.stderr
        assert "Traceback" not in made.stderr


def test_an_environment_is_made_once_and_anew_for_other_requirements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []
    asked: list[list[str]] = []

    def pip(words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(words)
        return subprocess.CompletedProcess(words, int("nonsense" in words[-1]), "", "line\nERROR: no such thing")

    monkeypatch.setattr(peers, "PLACE", tmp_path)
    monkeypatch.setattr(peers.venv, "create", lambda folder, **_: (made.append(folder), folder.mkdir()))
    monkeypatch.setattr(peers.subprocess, "run", pip)
    assert peers.environment("oxigraph") == peers.environment("oxigraph") == tmp_path / "oxigraph"
    assert peers.program("oxigraph") == tmp_path / "oxigraph" / "bin" / "oxigraph"
    assert len(made) == 1
    assert asked[0][-1] == "oxigraph>=0.5.5,<0.6"
    monkeypatch.setitem(peers.PACKAGED, "oxigraph", peers.Packaged(("oxigraph==0.5.6",)))
    peers.environment("oxigraph")
    assert len(made) == 2
    monkeypatch.setitem(peers.PACKAGED, "oxigraph", peers.Packaged(("nonsense",)))
    with pytest.raises(peers.MissingPeer, match="oxigraph: pip could not install nonsense: ERROR: no such thing"):
        peers.environment("oxigraph")


def test_nginx_has_the_same_bytes_under_the_same_paths(tmp_path: Path) -> None:
    coded = {"content-type": "text/html; charset=utf-8", "content-encoding": "br"}
    plain = {"content-type": "text/plain"}
    replies = {"/doc/b": client.Reply(200, coded, b"bb"), "/doc/a.html": client.Reply(200, plain, b"a")}
    text = page_servers.configuration(tmp_path, 1234, replies)
    assert f'location = /doc/a.html {{ alias "{tmp_path}/0"; types {{}} default_type "text/plain";  }}' in text
    assert 'default_type "text/html; charset=utf-8"; add_header Content-Encoding "br"; }' in text
    assert ((tmp_path / "0").read_bytes(), (tmp_path / "1").read_bytes()) == (b"a", b"bb")
    assert "listen 127.0.0.1:1234;" in text
    assert f'access_log "{page_servers.log_of(page_servers.NGINX, tmp_path)}";' in text
    assert text.count("{") == text.count("}")


def test_a_page_is_the_same_whatever_its_coding() -> None:
    body = b"<p>" * 100
    for coding, encoded in (("", body), ("gzip", gzip.compress(body)), ("br", brotli.compress(body))):
        assert ready.content(client.Reply(200, {"content-encoding": coding} if coding else {}, encoded)) == body
    with pytest.raises(KeyError):
        ready.content(client.Reply(200, {"content-encoding": "zstd"}, body))


def test_ready_pages_are_held_against_nginx_and_the_application_alone() -> None:
    spent = {ready.NGINX: 10, page_servers.ALONE: 25, servers.OURS: 19, ready.GUNICORN: 140}
    samples = {name: [small.Sample(cpu, [cpu, cpu])] for name, cpu in spent.items()}
    told = {name: ready.row("page", name, samples)[-1] for name in spent}
    assert told[ready.NGINX] == told[page_servers.ALONE] == ""
    assert told[servers.OURS] == "met (≤ 2)"
    assert told[ready.GUNICORN] == "MISSED (≥ 8)"
    del samples[ready.NGINX]
    assert ready.row("page", servers.OURS, samples)[-1] == "not held: no nginx"


def test_a_304_is_asked_for_with_the_validator_of_the_server() -> None:
    by_status = {case.status: case for case in ready.CASES}
    assert set(by_status) == {200, 304}
    assert b"If-None-Match: W/x\r\n" in by_status[304].request("W/x")
    assert b"If-None-Match" not in by_status[304].first + by_status[200].request("W/x")


@pytest.mark.slow
def test_ready_runs_without_its_peers_and_says_so(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The peers that come with the program itself are measured; one round, so short that its figures mean nothing."""
    missing = {page_servers.NGINX: "no nginx: do this", page_servers.GUNICORN: "no gunicorn: do that"}
    monkeypatch.setattr(ready, "absent", lambda: missing)
    monkeypatch.setattr(ready, "CASES", ready.CASES[:3])
    monkeypatch.setattr(ready, "material", lambda: contextlib.nullcontext(material_of(release, tmp_path)))
    monkeypatch.setattr(ready, "alternate", lambda _, works: harness.alternate(1, works))
    monkeypatch.setattr(sys, "argv", ["ready", "--quick", "--json", str(tmp_path / "ready.json")])
    before = os.sched_getaffinity(0)
    with pytest.raises(SystemExit) as ended:
        ready.main()
    os.sched_setaffinity(0, before)
    assert ended.value.code == 1
    out = capsys.readouterr().out
    for name, reason in missing.items():
        assert f"{reason}; the target beside {name} was held against nothing" in out
    (rows,) = json.loads((tmp_path / "ready.json").read_text())["tables"].values()
    assert [(row["request"], row["server"]) for row in rows] == [
        (case.name, name) for case in ready.CASES for name in (page_servers.ALONE, servers.OURS)
    ]
    for row in rows:
        assert row["requests"] >= 20
        assert row["CPU µs"] > 0
        assert row["CPU × nginx"] is None
        assert (row["target"] == "not held: no nginx") == (row["server"] == servers.OURS)
    for name in (page_servers.ALONE, servers.OURS):
        assert page_servers.log_of(name, tmp_path).read_text().count(" 304 ") >= 20


def test_a_release_that_does_not_grow_stays_as_build_made_it(release: Release, tmp_path: Path) -> None:
    same = synthetic_release.grow(release, tmp_path / "same", (release.folder / DATA).read_bytes().count(b"\n"))
    assert same.digest == release.digest
    for name in (DATA, MENTIONS, MEMBERS, LISTING):
        assert (same.folder / name).read_bytes() == (release.folder / name).read_bytes(), name


@pytest.fixture(scope="module")
def larger(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Return a release of 20 000 triples, which no test changes."""
    return synthetic_release.grow(release, tmp_path_factory.mktemp("grown") / "larger", 20_000)


@pytest.mark.slow
def test_a_grown_release_is_what_build_would_make_of_its_data(
    release: Release, larger: Release, tmp_path: Path
) -> None:
    assert (larger.folder / DATA).read_bytes().count(b"\n") == 20_000
    assert larger.digest != release.digest
    (tmp_path / "data.nq").write_bytes((larger.folder / DATA).read_bytes())
    built = build_data(tmp_path / "releases", harness.ROOT, (tmp_path / "data.nq",))
    assert built.manifest["triples"] == larger.manifest["triples"]
    for name in (DATA, MENTIONS, MEMBERS, LISTING):
        # `build` names blank nodes by the file that they came from, and those of derived datasets by their dataset.
        grown_, built_ = (re.sub(rb"_:[\w-]+", b"_:b", (each.folder / name).read_bytes()) for each in (larger, built))
        assert sorted(grown_.splitlines()) == sorted(built_.splitlines()), name


LISTS = ("long list", "short list", "list of classes", "search", "home")


@pytest.mark.slow
def test_cold_pages_are_asked_once_and_of_every_kind(release: Release, larger: Release) -> None:
    wanted = cold.pages(larger, 2)
    assert set(wanted) == {*cold_pages.OWN, *cold.MADE, *LISTS}
    paths = [path for each in wanted.values() for path in each]
    assert len(set(paths)) == len(paths) > 20
    assert cold.pages(larger, 2) == wanted
    with pytest.raises(LookupError, match="subsidy, beneficiary, programme, territory"):
        cold.pages(release, 2)
    costs = cold_pages.in_process(larger.folder, {"axis": wanted["axis"], "subsidy": wanted["subsidy"]})
    assert costs.first > 0
    assert [(kind, len(spent)) for kind, spent in costs.plain.items()] == [("axis", 2), ("subsidy", 2)]
    with pytest.raises(RuntimeError, match="404"):
        cold_pages.in_process(larger.folder, {"axis": ("/doc/no/such.html",)})


def test_cold_pages_are_held_against_the_target_and_the_first_size() -> None:
    small_one = cold_pages.Costs(90, {"axis": [1.0, 3.0]}, {"axis": [2.0]})
    large_one = cold_pages.Costs(90, {"axis": [1.0]}, {"axis": [8.0]})
    rows = cold.rows({20_000: (small_one, small_one), 10_000_000: (large_one, large_one)})
    assert rows == [
        ("axis", "20 000", 3, 2.0, 3.0, 2.0, 2.0, 2.0, 1.0, "met (≤ 2.5)"),
        ("axis", "10 000 000", 2, 1.0, 1.0, 1.0, 8.0, 8.0, 4.0, "MISSED (≤ 2.5)"),
    ]


def test_cold_pages_are_held_beside_another_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = {ROOT: iter([{"axis": [3.0, 2.0], "new": [1.0]}] * 2), Path("/base"): iter([{"axis": [5.0, 4.0]}] * 2)}
    monkeypatch.setattr(cold, "alone", lambda checkout, _: next(spent[checkout]))
    told = {row[0]: row[1:] for row in cold.beside(Path("/base"), 2)}
    assert told["axis"] == (2, 4.5, 5.0, 2.5, 3.0, 2.5 / 4.5, "met (≤ 2.5)")
    assert told["new"][0] == 1
    assert math.isnan(float(str(told["new"][1])))


@pytest.mark.slow
def test_cold_pages_through_http(release: Release, tmp_path: Path) -> None:
    larger = synthetic_release.grow(release, tmp_path / "releases" / "grown", 20_000)
    index = larger.folder / INDEX
    data_ = servers.Material(tmp_path, tmp_path / "releases", index, Path(os.devnull), frozenset(larger.graphs), None)
    inside, outside, told = cold.both(data_, larger, 2)
    assert set(outside.coded) == set(inside.plain) == {*cold_pages.OWN, *cold.MADE, *LISTS}
    assert all(spent > 0 for costs in (inside.plain, outside.coded) for each in costs.values() for spent in each)
    assert len(told) == 5
    assert all(isinstance(each, float) and each > 1 for each in told)


def test_every_writer_of_json_ld_says_the_same_triples(release: Release) -> None:
    axis = jsonld_benchmark.writers(release, jsonld_benchmark.RESOURCES["axis"])
    with jsonld_benchmark.quiet():
        made = {name: work() for name, work in axis.by_name.items()}
    told = {}
    for name, body in made.items():
        tree = json.loads(body)
        if isinstance(tree, dict) and tree["@context"] == jsonld_benchmark.ADDRESS:
            tree["@context"] = dict(release.context.document)
        told[name] = {str(quad) for quad in pyoxigraph.parse(json.dumps(tree), pyoxigraph.RdfFormat.JSON_LD)}
    assert len(told) == 6
    assert len(told[jsonld_benchmark.OURS]) > 20
    for name, triples in told.items():
        assert triples == told[jsonld_benchmark.OURS], name


def test_writers_of_json_ld_are_held_against_rdflib_and_pyld() -> None:
    ours, compared, plain, pyld = (getattr(jsonld_benchmark, name) for name in ("OURS", "RDFLIB", "PLAIN", "PYLD"))
    spent = {ours: [10.0], compared: [40.0], plain: [20.0], pyld: [100.0]}
    made = {ours: b"x" * 6, compared: b"x" * 20, plain: b"x" * 10, pyld: b"x" * 20}
    told = {name: jsonld_benchmark.row("axis", name, spent, made) for name in spent}
    assert told[ours][-1] == ""
    assert told[compared][-1] == "met (≥ 3)"
    assert told[plain][-1] == "bytes MISSED (≤ 0.5)"
    assert told[pyld][-1] == "MISSED (≥ 15)"
    assert told[pyld][3:5] == (10.0, 20)


def test_a_timer_tells_the_time_of_one_call() -> None:
    calls = []
    run = jsonld_benchmark.timer(lambda: calls.append(time.sleep(0)) or b"", 0.01)  # type: ignore[func-returns-value]
    assert 0 < run() < 10_000
    assert len(calls) > 1


def test_shacl_aims_are_held_where_both_sides_were_measured():
    measured = [("cper-lod", 1, 50.0, 40.0, 500.0), ("pyrudof", 1, 90.0, 80.0, 8e3)]
    rows = [(1_000_000, *row, 1.0, 5) for row in measured]
    told = {name: (value, aim) for name, value, aim, _ in shacl.verdicts(rows)}
    assert told["our CPU by pyrudof's, 1 000 000"] == (0.5, 1)
    assert told["our memory by pyrudof's, 1 000 000"] == (0.0625, 0.25)
    assert math.isnan(told["pyshacl's CPU by ours, 1 000"][0])


def test_every_shacl_engine_finds_the_same(tmp_path: Path):
    turtle = "<urn:a> a <urn:C> . <urn:b> a <urn:C> ; <urn:p> _:x ."
    shapes = "<urn:s> a sh:PropertyShape ; sh:targetClass <urn:C> ; sh:path <urn:p> ; sh:minCount 1 ."
    for name, text in (("data", turtle), ("shapes", f"@prefix sh: <http://www.w3.org/ns/shacl#> . {shapes}")):
        lines = sorted(f"{each} .\n" for each in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE))
        for ending in ("nq", "nt"):
            (tmp_path / f"{name}.{ending}").write_text("".join(lines))
    engines = (shacl_engines.OURS, shacl_engines.STOCK)
    assert [shacl_engines.ENGINES[each](tmp_path) for each in engines] == [1, 1]
    # Private: what calls it reads all sources and generates others, which takes long.
    assert "_:" not in "".join(shacl._triples(tmp_path / "data.nq", named=True))
    assert "_:" in "".join(shacl._triples(tmp_path / "data.nq", named=False))


def test_what_a_build_costs_is_reckoned() -> None:
    def took(triples: int, seconds: float) -> dict[str, object]:
        steps = {"read": seconds / 4, "divide": 0.0, "count": 0.0, "index": seconds / 4, "search": 9.0}
        common = {"seconds": seconds, "processor": 2 * seconds, "check processor": 0.0, "memory": 2**30}
        return common | {"triples": triples, "steps": steps}

    results = {
        1000: {"bare": [took(1000, 1.0)] * 3, "build": [took(1000, each) for each in (9.0, 2.0, 4.0)]},
        10_000: {"bare": [took(10_000, 5.0)], "build": [took(10_000, 40.0)]},
    }
    line = dict(zip(building.HEAD, building.row(1000, results[1000]), strict=True))
    assert line["quads"] == "1,000"
    assert (line["core CPU s"], line["core ÷ bare, CPU"], line["build ÷ bare, s"]) == (2.0, 1.0, 4.0)
    assert (line["build MiB"], line["check CPU s"]) == (1024, None)
    assert building.growth(results) == [["1,000 → 10,000", pytest.approx(1.0), pytest.approx(1.0)]]
    assert ["search", 9.0, 9.0] in building.steps(results)


def test_steps_of_a_build_are_timed_wherever_they_run() -> None:
    told = building.Timed()
    told.begin("read", 10)
    told.advance("read", 5)
    told.end("read")
    told.begin("index")
    told.cpu_seconds |= {"index": 3.0, "dumps": 1.0, "dumps 1": 2.0}
    told.end("index")
    assert set(told.seconds) == {"read", "index"}
    assert (told.of("index"), told.of("dumps"), told.of("search")) == (3.0, 3.0, 0.0)
    assert 0 <= told.of("read") < 1


def test_a_balancer_has_every_copy_in_its_turn(tmp_path: Path) -> None:
    text = load_balancer.configuration(tmp_path, 8000, [8001, 8002])
    assert "upstream copies { least_conn; server 127.0.0.1:8001; server 127.0.0.1:8002; keepalive 64; }" in text
    assert "listen 127.0.0.1:8000;" in text


def test_what_copies_are_asked_is_new_where_it_says_so() -> None:
    asked = {kind: list(islice(instances.requests(kind, ["/a", "/b"], '"x"', 1), 20)) for kind in instances.KINDS}
    assert {kind: len(set(found)) for kind, found in asked.items()} == dict(
        zip(instances.KINDS, (1, 1, 20, 20, 1), strict=True)
    )
    assert {status for found in asked.values() for _, status in found} == {200, 304}


def test_the_figures_of_copies_are_medians_of_rounds() -> None:
    loads = [instances.LoadResult(100, 2.0, copies, 0.001, (0.001, 0.003)) for copies in (0.01, 0.02, 0.09)]
    ((kind, name, a_second, ours, nginx, p50, p99, count),) = instances.rows("2 behind nginx", {"x": loads})
    assert (kind, name, count) == ("x", "2 behind nginx", 6)
    assert [a_second, ours, nginx, p50, p99] == pytest.approx([50, 200, 10, 2, 3])


def test_what_a_million_requests_cost_follows_from_figures_and_prices() -> None:
    spent = {"CPU µs, copies": 300.0, "CPU µs, nginx or store": 60.0}
    row = {"request": instances.KINDS[3], "copies": "2 behind nginx", **spent}
    prices = costs.Prices(core_hour=0.1, busy=0.5, gigabyte=0.01, cdn_gigabyte=1, cdn_million=3)
    found = costs.rows([row], prices)
    kind, where, micro, a_core, cores, sent, whole = found[0]
    assert (kind, where, micro) == (instances.KINDS[3], "2 behind nginx", 360)
    # 360 s of a core are 0.1 h, which take 0.2 h of a core that is half busy.
    assert [a_core, cores, sent, whole] == pytest.approx([1388.9, 0.02, 0.013, 0.033], rel=1e-3)
    assert [each[4:] for each in found[1:]] == [pytest.approx((3, 6, 9)), pytest.approx((3, 2, 5))]


SOAKED = {"aaaaab": "1" * 16, "aaaaac": "2" * 16, "aaaaad": "3" * 16}
"""The releases of a soak, by the state that each says."""


def said(state: str, more: str = "", release: str = "") -> client.Reply:
    """Return an answer of a release, or one that is mixed."""
    return client.Reply(200, body=f"essai de duree {state} {(release or SOAKED[state])[:12]}{more}".encode())


@pytest.fixture
def oracle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> soak_requests.Oracle:
    """Return what knows the answers of a server, and of two publications, the second since a minute and more."""
    publications = soak_requests.Publications(tmp_path)
    monkeypatch.setattr(soak_requests.Publications, "EVERY", 0)
    publications.states = {release[:12]: state for state, release in SOAKED.items()}
    now = time.monotonic()
    for number, (state, since, until) in enumerate((("aaaaab", -200, -90), ("aaaaac", -90, math.inf))):
        seen = soak_requests.Publication(number, SOAKED[state], state, now + since)
        seen.until = now + until
        publications.seen.append(seen)

    class Answering:
        def ask(self, request: bytes) -> client.Reply:
            status = next(kind.status for kind in soak_requests.KINDS.values() if kind.request(1) == request)
            return client.Reply(status, body=said("aaaaab").body)

    monkeypatch.setattr(time, "monotonic_ns", lambda: 1)
    made = soak_requests.Oracle(publications)
    assert made.record(Answering()) == made.record(Answering(), "aaaaab") == []  # type: ignore[arg-type]
    assert made.record(Answering(), "aaaaac")  # type: ignore[arg-type]
    return made


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (said("aaaaac"), ""),
        (said("aaaaac", " more"), "not what the release says"),
        (said("aaaaac", release=SOAKED["aaaaab"]), "two releases in one answer"),
        (said("aaaaab"), "of a release that is not served (aaaaab)"),
        (said("aaaaad"), "of a release that is not served (aaaaad)"),
        (client.Reply(500), "status 500"),
        (client.Reply(304), ""),
    ],
)
def test_the_soak_sees_what_is_no_answer_of_a_release(
    oracle: soak_requests.Oracle, reply: client.Reply, fault: str
) -> None:
    assert oracle.fault("Turtle", reply, time.monotonic()).partition(":")[0] == fault
    packed = client.Reply(reply.status, body=gzip.compress(reply.body))
    assert oracle.fault("dump", packed, time.monotonic()).partition(":")[0] == fault


def test_the_soak_knows_which_answer_is_still_good(oracle: soak_requests.Oracle) -> None:
    for state, fault in (("aaaaac", ""), ("aaaaab", "of a release that is not served (aaaaab)")):
        assert oracle.fault("Turtle", client.Reply(304), time.monotonic(), {state}) == fault
    assert oracle.fault("Turtle", said("aaaaab"), time.monotonic() - 60) == "", "a minute ago"


def test_an_error_in_a_soak_is_explained_while_something_is_wrong(oracle: soak_requests.Oracle, tmp_path: Path) -> None:
    injector, now = soak.FaultInjector(tmp_path, oracle.publications, False), time.monotonic()
    injector.done.append(soak.InjectedFault("kill", now - 20, now - 10))
    assert [injector.explains(now - ago, 503) for ago in (30, 15, 5)] == ["kill", "kill", ""]
    assert [injector.explains(now - 15, status) for status in (0, 500)] == ["kill", ""]


def test_growth_in_a_soak_leaves_out_the_first_third() -> None:
    floors = [soak.Sample(minute, mib, 10, 3) for minute, mib in enumerate((10, 20, 30, 30, 31, 30))]
    assert soak.growth(floors, 1) == (30, 30.5)
    assert soak.slope(floors[:4], 1) == pytest.approx(60 * 7)

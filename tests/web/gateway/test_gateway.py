"""The gateway as clients meet it, above all those that are slow, disconnect, lie or send malformed requests."""

import http.client
import os
import re
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from cper_lod.release.release import Release
from tests.support.cases import each_case
from tests.support.paths import ROOT
from tests.support.processes import alive, clock_ticks, descendants, eventually, is_for_queries
from tests.support.server import Server, asking_again_and_again
from tests.support.web import TRACES, HttpClient, HttpResponse

pytestmark = pytest.mark.server
ASK = b"ASK { ?s ?p ?o }"
SLOW = "SELECT (COUNT(*) AS ?n) { " + " . ".join(f"?a{n} ?b{n} ?c{n}" for n in range(6)) + " }"
LARGE = "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 100000"
HEAD = b"Host: localhost\r\n"
DIRECT = b"Content-Type: application/sparql-query\r\n"


@pytest.fixture(scope="module")
def impatient(release: Release, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits a second for its clients and two for their queries, behind a proxy on this machine."""
    assert release.folder.parent == releases
    flags = ["--releases", str(releases), "--sources", str(ROOT), "--client-timeout", "1", "--query-timeout", "2"]
    flags += ["--trusted-proxy", "127.0.0.1", "--query-wait", "2"]
    with closing(Server(flags, tmp_path_factory.mktemp("impatient") / "log")) as running:
        yield running
    assert "Traceback" not in running.log.read_text("utf-8")


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=10)


def answer_on(made: socket.socket) -> HttpResponse:
    """Read one answer from a connection."""
    response = http.client.HTTPResponse(made)
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    return HttpResponse(response.status, headers, response.read())


def send(server: Server, data: bytes, *, ended: bool = False) -> HttpResponse:
    """Send just these bytes, and read the answer; `ended` says that no more will come."""
    with closing(connect(server)) as made:
        made.sendall(data)
        if ended:
            made.shutdown(socket.SHUT_WR)
        return answer_on(made)


def get(path: str, headers: bytes = b"") -> bytes:
    return b"GET " + path.encode() + b" HTTP/1.1\r\n" + HEAD + headers + b"\r\n"


def asking(text: str, suffix: str = "") -> bytes:
    return get(f"/sparql{suffix}?query={quote(text)}")


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /sparql HTTP/1.1\r\n" + HEAD + DIRECT + headers + b"\r\n" + body


def problem(answer: HttpResponse, status: int, code: str) -> bool:
    """Whether an answer is this problem, as data, with the headers of every answer."""
    assert answer.status == status, answer.body
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-security-policy" in answer.headers
    assert b"Traceback" not in answer.body
    return bool(answer.json()["type"].endswith(f"/{code}"))


def answers_others(server: Server) -> None:
    """See that the health, a document and a short query are answered."""
    for path in ("/health", "/ontology.ttl", "/sparql?query=ASK%7B%7D"):
        assert send(server, get(path)).status == 200


def readable(connections: list[socket.socket]) -> list[socket.socket]:
    """Return the connections on which something, or their end, has come."""
    return select.select(connections, [], [], 0)[0]


# Bodies


@pytest.mark.slow
def test_bodies_that_do_not_come_cost_their_senders_only(impatient: Server) -> None:
    before = impatient.log.read_text("utf-8").count("408 request-timeout")
    halves = [post(b"Content-Length: 99\r\n", b"ASK {"), post(b"Transfer-Encoding: chunked\r\n", b"5\r\nASK {\r\n")]
    halves.append(b"PUT /health HTTP/1.1\r\n" + HEAD + b"Content-Length: 9\r\n\r\n")
    with asking_again_and_again(lambda number: send(impatient, halves[number % 3]), 30) as answers:
        for _ in range(3):
            answers_others(impatient)
    assert all(problem(each, 408, "request-timeout") for each in answers)
    assert len(answers) >= 30
    assert eventually(lambda: impatient.log.read_text("utf-8").count("408 request-timeout") == before + len(answers))


@pytest.mark.slow
def test_a_body_that_comes_drop_by_drop_has_as_long_as_another(impatient: Server) -> None:
    with closing(connect(impatient)) as made:
        made.sendall(post(b"Content-Length: 1000\r\n", b""))
        for _ in range(200):
            if readable([made]):
                break
            made.sendall(b"A")
            time.sleep(0.05)
        else:
            pytest.fail("no answer while the body came")
        assert problem(answer_on(made), 408, "request-timeout")


CHUNKED = b"Transfer-Encoding: chunked\r\n"
IN_CHUNKS = b"".join(b"%x\r\n%b\r\n" % (len(ASK[at : at + 5]), ASK[at : at + 5]) for at in range(0, len(ASK), 5))
LARGEST = ASK + b"#" * (262_144 - len(ASK))


@each_case(
    ("headers", "body"),
    [
        (b"Content-Length: 99\r\n", ASK),
        *((CHUNKED, chunks) for chunks in (IN_CHUNKS, b"FF\r\n" + ASK, IN_CHUNKS + b"zz\r\n", b"zz\r\n")),
    ],
)
def test_a_body_that_ends_early_is_not_run(server: Server, headers: bytes, body: bytes) -> None:
    assert problem(send(server, post(headers, body), ended=True), 400, "request-invalid")


@each_case(
    ("headers", "body"),
    [(CHUNKED, IN_CHUNKS + b"0\r\n\r\n"), (b"Content-Length: %d\r\n" % len(LARGEST), LARGEST)],
    ids=["in chunks", "as large as allowed"],
)
def test_a_whole_body_is_run(server: Server, headers: bytes, body: bytes) -> None:
    answer = send(server, post(headers, body))
    assert (answer.status, answer.json()["boolean"]) == (200, True)


def test_a_client_that_waits_to_be_told_to_send_is_told(server: Server) -> None:
    with closing(connect(server)) as made:
        made.sendall(post(b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(ASK), b""))
        assert made.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        made.sendall(ASK)
        assert answer_on(made).status == 200


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [262_145, 2_000_000])
def test_a_body_that_is_too_large_is_taken_to_its_end_and_refused(server: Server, chunked: bool, size: int) -> None:
    """The connection serves on: nothing of the body is left on it to be taken for the next request."""
    body = b"#" * size
    with closing(connect(server)) as made:
        if chunked:
            made.sendall(post(CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)))
        else:
            made.sendall(post(b"Content-Length: %d\r\n" % size, body))
        assert problem(answer_on(made), 413, "body-too-large")
        made.sendall(get("/health"))
        assert answer_on(made).status == 200


def test_a_body_where_none_belongs_is_dropped(server: Server) -> None:
    with closing(connect(server)) as made:
        for request in (asking("ASK {}"), get("/health")):
            made.sendall(request[:-2] + b"Content-Length: 20\r\n\r\n" + b"GET /nope HTTP/1.1\r\n")
            assert answer_on(made).status == 200


# Clients that leave


def busy(server: Server) -> set[int]:
    """The query processes that have computed within the last moment."""
    before = {pid: clock_ticks(pid) for pid in descendants(server.process.pid)}
    time.sleep(0.08)
    found = filter(is_for_queries, descendants(server.process.pid))
    return {pid for pid in found if clock_ticks(pid) > before.get(pid, 0) + 1}


def one_more_is_busy(server: Server, before: set[int]) -> int:
    seen: list[set[int]] = []

    def one_more() -> bool:
        seen.append(busy(server) - before)
        return len(seen[-1]) == 1

    assert eventually(one_more), "the query runs"
    return seen[-1].pop()


def test_a_query_ends_when_its_client_leaves(server: Server) -> None:
    assert eventually(lambda: not busy(server), 4)
    made = connect(server)
    made.sendall(asking(SLOW + " # leaves"))
    process = one_more_is_busy(server, set())
    made.close()
    assert eventually(lambda: not Path(f"/proc/{process}").exists())
    answers_others(server)


def test_a_query_that_two_wait_for_ends_when_both_have_left(server: Server) -> None:
    assert eventually(lambda: not busy(server), 4)
    first, second = connect(server), connect(server)
    first.sendall(asking(SLOW + " # two"))
    process = one_more_is_busy(server, set())
    second.sendall(asking(SLOW + " # two"))
    time.sleep(0.1)
    assert busy(server) <= {process}, "it is run once"
    first.close()
    time.sleep(0.2)
    assert busy(server) <= {process}
    assert Path(f"/proc/{process}").exists()
    second.close()
    assert eventually(lambda: not Path(f"/proc/{process}").exists())


@pytest.mark.slow
def test_a_query_that_waits_is_never_run_when_its_client_has_left(impatient: Server) -> None:
    assert eventually(lambda: not busy(impatient))
    holders = [connect(impatient) for _ in range(2)]
    for number, each in enumerate(holders):
        each.sendall(asking(f"{SLOW} # holder {number}"))
    running: set[int] = set()

    def both_run() -> bool:
        running.update(busy(impatient))
        return len(running) >= 2

    assert eventually(both_run)
    waiting = connect(impatient)
    waiting.sendall(asking(SLOW + " # waits"))
    time.sleep(0.3)
    waiting.close()
    assert busy(impatient) <= running
    for each in holders:
        each.close()
    assert eventually(lambda: not busy(impatient))
    time.sleep(0.2)
    assert not busy(impatient)


@pytest.mark.slow
def test_the_same_slow_query_of_many_is_run_once_and_all_hear_of_its_end(impatient: Server) -> None:
    text = impatient.log.read_text("utf-8")
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(send, impatient, asking(SLOW + " # same")) for _ in range(6)]
        time.sleep(0.6)
        assert eventually(lambda: len(busy(impatient)) == 1)
        for each in asked:
            answer = each.result()
            assert problem(answer, 503, "query-timeout")
            assert int(answer.headers["retry-after"]) > 0
    said = impatient.log.read_text("utf-8").removeprefix(text).splitlines()
    assert 1 <= len([line for line in said if "503 query-timeout for 127.0.0.0 after 2." in line]) <= 6


def server_side(server: Server, client_port: int) -> str:
    """The state of the server's end of a connection (01: established), empty where there is none."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, here, there, state = line.split()[:4]
        if here.endswith(f":{server.port:04X}") and there.endswith(f":{client_port:04X}"):
            return state
    return ""


@pytest.mark.slow
def test_answers_that_are_not_read_are_cut_and_held_in_no_memory(impatient: Server) -> None:
    """Each is many times what the system takes for a client that does not read."""
    assert eventually(lambda: send(impatient, asking(LARGE, ".csv")).status == 200)
    pids = descendants(impatient.process.pid)
    before = memory(pids)
    connections = []
    for number in range(24):
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", impatient.port))
        made.sendall(asking(f"{LARGE} # unread {number % 4}", ".csv"))
        connections.append(made)
    time.sleep(0.8)
    answers_others(impatient)
    assert memory(pids) - before < 48 * 1024 * 1024, "24 × 13 MB are in files"
    ports = [each.getsockname()[1] for each in connections]
    assert eventually(lambda: not any(server_side(impatient, port) in ("01", "04") for port in ports), 8)
    for each in connections:
        each.close()


def other_processes(pids: set[int]) -> set[int]:
    """Return those processes of the server that are not for queries."""
    return {pid for pid in alive(pids) if not is_for_queries(pid)}


def memory(pids: set[int]) -> int:
    """What processes of the server hold in memory, those of queries not counted."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in other_processes(pids))
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_large_answers_hold_no_file_open_for_long(impatient: Server) -> None:
    def unnamed_files() -> int:
        """How many files without a name, as those of large answers, are open in other processes than those of queries."""
        found = 0
        for pid in other_processes(descendants(impatient.process.pid)):
            for file in Path(f"/proc/{pid}/fd").glob("*"):
                with suppress(OSError):
                    found += str(file.readlink()).endswith(" (deleted)")
        return found

    text = "SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 600 #"
    before, sizes, seen = unnamed_files(), set(), 0
    for number in range(100):
        sizes.add(len(send(impatient, asking(f"{text}{number}", ".csv")).body))
        seen = max(seen, unnamed_files())
    assert len(sizes) == 1
    assert min(sizes) > 64 * 1024
    assert seen > before
    assert eventually(lambda: unnamed_files() <= before), f"{before} files before, {unnamed_files()} after"


# Heads


@pytest.mark.slow
def test_a_head_that_does_not_come_is_cut(server: Server) -> None:
    connections = [connect(server) for _ in range(20)]
    for each in connections:
        each.sendall(b"GET /health HTTP/1.1\r\nHo")
    answers_others(server)
    assert not readable(connections), "others are answered first"
    for each in connections:
        with closing(each):
            assert each.recv(100) == b""


@each_case(
    ("request_", "statuses"),
    [
        (get("/sparql?query=" + "a" * 66_000), {414}),
        (get("/health", b"".join(b"X-%d: a\r\n" % number for number in range(150))), {431}),
        (get("/sparql?query=ASK%7B%7D", b"Accept: " + b"a/b," * 3000 + b"\r\n"), {431}),
        (get("/", b"Accept-Language: " + b"fr," * 4000 + b"\r\n"), {431}),
        (get("/health", b"X-A: " + b"a" * 600_000 + b"\r\n"), {400, 431}),
        (get("/sparql?query=ASK%7B%7D\xff"), {200, 400}),
        (b"GET /sparql?query=ASK%7B%7D\xff HTTP/1.1\r\n" + HEAD + b"\r\n", {400}),
        (b"GET /health HTTP/9.9\r\n" + HEAD + b"\r\n", {400, 505}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
        (post(b"Content-Length: 6\r\nContent-Length: 7\r\n", b"ASK {}"), {400}),
        (post(b"Content-Length: -1\r\n", b""), {400}),
    ],
)
def test_heads_that_are_too_large_or_wrong(server: Server, request_: bytes, statuses: set[int]) -> None:
    with closing(connect(server)) as made, suppress(BrokenPipeError, ConnectionResetError):
        made.sendall(request_)
        answer = answer_on(made)
        assert answer.status in statuses
        assert b"Traceback" not in answer.body
    answers_others(server)


def test_requests_one_after_another_are_answered_in_order(server: Server) -> None:
    with closing(connect(server)) as made:
        made.sendall(
            asking("ASK {}", ".csv") + get("/nope") + post(b"Content-Length: 6\r\n", b"ASK {}") + get("/health")
        )
        statuses = []
        for _ in range(4):
            # One reader at a time: http.client would read ahead into the next answer.
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += made.recv(1)
            fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
            left = int(fields[b"content-length"])
            while left:
                left -= len(made.recv(left))
            statuses.append(int(head.split()[1]))
        assert statuses == [200, 404, 200, 200]


@each_case("name", [b"Content_Type", b"Accept_", b"X_Forwarded_For", b"Content_Length", b"If_None_Match"])
def test_a_header_with_an_underscore_means_nothing(server: Server, name: bytes) -> None:
    plain = send(server, asking("ASK {}"))
    assert send(server, get("/sparql?query=ASK%20%7B%7D", name + b": *\r\n")).body == plain.body
    assert send(server, get("/nope", name + b": 7\r\n")).status == 404


FOLDERS = ("dump", "doc", "id", "static", "context")
NAMES = (
    *("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd.ttl", "%2e%2e%5cmanifest.json"),
    *("../manifest.json", "..%2fapp.py", "%2e%2e/templates/base.html", "/etc/passwd", ".", ".ttl", "/x"),
    *("%00", "%ff%fe", "%FF%FE.ttl", "%0d%0aSet-Cookie:%20a=b", "a%0D%0AX-Evil:1", "a" * 20_000),
)
HOSTILE = [
    *(f"/{folder}/{name}" for folder in FOLDERS for name in NAMES),
    *("/%00", "/%2f%2fevil.example", "/\\evil.example", "//evil.example/x", "/%", "/%zz"),
    *("/" + "%41" * 5000, "/" + "a" * 5000, "/doc" + "/.." * 500, "/report.%2e%2e", "/ontology./x"),
    *("/describe?iri[]=http://a", "/describe?iri=%0D%0AX-Evil:1", "/describe?iri=http://e/%00"),
    "/describe?" + "&".join(f"a{n}=1" for n in range(2000)),
    *("/sparql.%00", "/sparql.%0D%0AX-Evil:1", "/sparql?query=", "/sparql?%FF", "/sparql/../health"),
    *(f"/sparql?query=ASK%7B{more}%7D" for more in ("%00", "%FF", "%0D%0AX-Evil:%201")),
    *(f"/sparql?query=ASK%7B%7D&{more}" for more in ("query=ASK%7B%7D", "default-graph-uri=%0D%0AX-Evil:1")),
    "/sparql?query=%0D%0AX-Evil:1&lang=%0D%0AX-Evil:1",
]
SOUND = ("/?lang=%0D%0AX-Evil:1", "//evil.example/")
"""Addresses that look hostile and are answered, or lead to another."""


@each_case("path", [*HOSTILE, *SOUND], ids=[path[:60] for path in [*HOSTILE, *SOUND]])
@each_case("headers", [b"", b"Accept: text/html\r\n", b"Accept: \xff\xfe, a/b;q=x\r\nAccept-Language: \xff\r\n"])
def test_hostile_addresses_harm_nobody(server: Server, path: str, headers: bytes) -> None:
    answer = send(server, get(path, headers))
    if path in SOUND:
        assert answer.status < 400
    else:
        assert 400 <= answer.status < 500
        assert len(answer.body) < 6000 + 8 * path.count("&") * 5
    assert not [name for name in answer.headers if "evil" in name or name == "set-cookie"]
    assert not any(each in answer.text for each in ("root:", *TRACES))
    assert 'href="//' not in answer.text
    assert re.match("/(?!/)", answer.headers.get("location", "/"))


@each_case("method", ["PUT", "DELETE", "PATCH", "TRACE", "get", "M-SEARCH", "X" * 100])
def test_other_methods(server: Server, method: str) -> None:
    answer = send(server, method.encode() + b" /sparql HTTP/1.1\r\n" + HEAD + b"\r\n")
    assert problem(answer, 405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


# Caches


def test_a_large_answer_is_whole_and_known_by_its_tag(web: HttpClient) -> None:
    path = "/sparql.csv?query=" + quote(LARGE.replace("100000", "20000"))
    first = web.get(path)
    assert first.status == 200
    assert int(first.headers["content-length"]) == len(first.body) > 1_000_000
    assert first.body.count(b"\r\n") == 20_001
    assert web.get(path, If_None_Match=first.headers["etag"]).status == 304
    assert web.get(path).body == first.body


# Crowds


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/sparql", "//sparql"])
def test_pages_and_short_queries_are_answered_while_sixty_slow_ones_are_asked(impatient: Server, path: str) -> None:
    def ask(number: int) -> HttpResponse:
        return send(impatient, get(f"{path}?query={quote(f'{SLOW} # {path} {number}')}"))

    with asking_again_and_again(ask, 60) as answers:
        for _ in range(8):
            answers_others(impatient)
    assert {each.status for each in answers} == {503}
    answers_others(impatient)


@pytest.mark.slow
def test_who_asked_is_told_by_a_trusted_proxy_only(impatient: Server, server: Server) -> None:
    forwarded = b"X-Forwarded-For: 203.0.113.9, 198.51.100.4\r\n"
    for asked, client in ((impatient, "198.51.100.0"), (server, "127.0.0.0")):
        before = asked.log.read_text("utf-8")
        send(asked, asking(SLOW + " # forwarded")[:-2] + forwarded + b"\r\n")
        (line,) = [line for line in asked.log.read_text("utf-8").removeprefix(before).splitlines() if "503" in line]
        assert f"query-timeout for {client} after" in line

"""Clients that hold what they can: uploads, downloads and queries that do not end take no page from anybody."""

import random
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import quote

import pytest

from cper_lod.web.http.delivery import WHOLE
from cper_lod.web.http.limits import MAX_OF_CLIENT
from deploy.behind_nginx import Nginx
from tests.support.processes import eventually
from tests.support.server import Server

pytestmark = [pytest.mark.server, pytest.mark.slow]
ATTACKER, OTHER = "127.0.0.1", "127.0.0.2"
CLIENTS = 60
HEAD = b" HTTP/1.1\r\nHost: data.example.org\r\n"
DUMP = b"GET /dump/tout.nt.gz" + HEAD + b"\r\n"
POST = b"POST /sparql.csv" + HEAD + b"Content-Type: application/sparql-query\r\nContent-Length: "
HALF = POST + b"99\r\n\r\nASK {"
ASK = POST + b"6\r\n\r\nASK {}"
SMALL = tuple(
    b"GET " + path + HEAD + b"Accept: text/html, */*;q=0.1\r\n\r\n"
    for path in (b"/", b"/health", b"/nowhere", b"/describe.ttl?iri=http%3A%2F%2Fe.org%2Fhub")
)


UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE
STATUS = re.compile(rb"HTTP/1\.1 (\d+) ")


def connection(port: int, address: str, *, tls: bool = False, narrow: bool = False) -> socket.socket:
    """Return a connection from an address; a `narrow` one takes little at once that its client does not read."""
    made = socket.socket()
    made.settimeout(30)
    if narrow:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    made.bind((address, 0))
    made.connect(("127.0.0.1", port))
    return UNVERIFIED.wrap_socket(made, server_hostname="data.example.org") if tls else made


def answer(port: int, address: str, request: bytes, *, tls: bool = False) -> tuple[int, bytes]:
    """Return the status and the body of the answer to a request from an address; it has half a minute to come."""
    with closing(connection(port, address, tls=tls)) as made:
        made.sendall(request)
        response = HTTPResponse(made)
        response.begin()
        return response.status, response.read()


class Crowd:
    """So many clients, each with a connection and a request of its own; those that are refused come again at once.

    What is answered otherwise is not read beyond its head. `refused` counts the refusals, `untold` those that do not say
    when to come again.
    """

    def __init__(
        self, port: int, clients: int, request: Callable[[int], bytes], addresses: Sequence[str], *, tls: bool = False
    ) -> None:
        self.refused, self.untold, self.answered = 0, 0, Counter[int]()
        self._port, self._request, self._addresses, self._tls = port, request, addresses, tls
        self._held, self._ended = set[socket.socket](), threading.Event()
        self._threads = [threading.Thread(target=self._stay, args=(number,)) for number in range(clients)]
        for each in self._threads:
            each.start()

    def _stay(self, number: int) -> None:
        while not self._ended.is_set():
            address = self._addresses[number % len(self._addresses)]
            with suppress(OSError), closing(connection(self._port, address, tls=self._tls, narrow=True)) as made:
                self._held.add(made)
                made.sendall(self._request(number))
                head = made.recv(2000)
                status = int(match[1]) if (match := STATUS.match(head)) else 0
                if status in (429, 503):
                    self.refused += 1
                    self.untold += b"retry-after: " not in head.lower()
                    self._held.discard(made)
                elif not self._ended.is_set():
                    self.answered[status] += 1
                    self._ended.wait()

    def close(self) -> None:
        """Have all of them leave."""
        self._ended.set()
        for each in [*self._held]:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()


def endless(number: int) -> bytes:
    """Return a query without end, another for each number."""
    joined = " . ".join(f"?a{each} ?b{each} ?c{each}" for each in range(7))
    text = f"SELECT (COUNT(*) AS ?n) {{ {joined} }} # {number}"
    return b"GET /sparql?query=" + quote(text).encode() + HEAD + b"\r\n"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data of which everything is a download of some MiB, and one thing a document of some hundred KiB."""
    path = tmp_path_factory.mktemp("data") / "big.nt"
    chance = random.Random(1)  # noqa: S311  # what does not compress
    lines = [f'<http://e.org/{n}> <http://e.org/p> "{chance.randbytes(400).hex()}" .' for n in range(5500)]
    lines += [f'<http://e.org/hub> <http://e.org/p> "{n:0100}" .' for n in range(2000)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def big(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("big")
    flags = ["--data", str(data), "--releases", str(folder / "releases"), "--query-timeout", "2"]
    with closing(Server(flags, folder / "log")) as running:
        yield running
    assert "Traceback" not in running.log.read_text("utf-8")


def is_as_before(server: Server, address: str) -> bool:
    """Return whether a client may do everything: read pages, send a query, download more than one piece."""
    if not all(answer(server.port, address, each)[0] in (200, 404) for each in SMALL):
        return False
    status, found = answer(server.port, address, ASK)
    downloaded, body = answer(server.port, address, DUMP)
    return (status, downloaded) == (200, 200) and b"true" in found and len(body) > 2 * WHOLE


def is_whole(status: int, body: bytes) -> bool:
    """Return whether a download was answered with more than one piece, or must come again."""
    assert status in (200, 503)
    return status == 200 and len(body) > 2 * WHOLE


@pytest.mark.parametrize(
    ("request_", "held"),
    [
        (lambda _: HALF, MAX_OF_CLIENT["transfer"]),
        (lambda _: DUMP, MAX_OF_CLIENT["transfer"]),
        (endless, MAX_OF_CLIENT["query"]),
    ],
    ids=["half-sent bodies", "downloads that are not read", "endless queries"],
)
def test_one_client_takes_nothing_from_others_and_no_page_from_itself(
    big: Server, request_: Callable[[int], bytes], held: int
) -> None:
    with closing(Crowd(big.port, CLIENTS, request_, [ATTACKER])) as attack:
        assert eventually(lambda: attack.refused >= CLIENTS - held), "the others are refused at once"
        assert [answer(big.port, ATTACKER, each)[0] for each in SMALL] == [200, 200, 404, 200]
        assert is_as_before(big, OTHER)
    assert not attack.untold, "each refusal says when to come again"
    assert set(attack.answered) <= {200}
    assert eventually(lambda: is_as_before(big, ATTACKER)), "nothing is held once they have left"


@pytest.mark.nginx
def test_forty_clients_behind_the_proxy_of_the_example(data: Path, tmp_path: Path) -> None:
    clients = [f"127.0.1.{number}" for number in range(1, 41)]
    kinds = [lambda _: HALF, lambda _: DUMP, endless]

    def request(number: int) -> bytes:
        return kinds[number // len(clients) % len(kinds)](number)

    flags = ["--data", str(data), "--releases", str(tmp_path / "releases"), "--public-url", "https://data.example.org"]
    flags += ["--trusted-proxy", "127.0.0.1", "--query-timeout", "2"]
    with closing(Server(flags, tmp_path / "log")) as server, closing(Nginx(tmp_path, server.port)) as proxy:
        with closing(Crowd(proxy.port, len(kinds) * len(clients), request, clients, tls=True)) as attack:
            assert eventually(lambda: attack.answered[200] >= len(clients) // 4), "dumps are being read"
            assert [answer(proxy.port, "127.0.2.1", each, tls=True)[0] for each in SMALL] == [200, 200, 404, 200]
            # 503 until nginx has taken enough of theirs: 32 downloads of all clients go on at once (`web.http.limits`).
            assert eventually(lambda: is_whole(*answer(proxy.port, "127.0.2.1", DUMP, tls=True)))
        assert eventually(lambda: answer(proxy.port, clients[0], ASK, tls=True)[0] == 200)
    assert "Traceback" not in server.log.read_text("utf-8")

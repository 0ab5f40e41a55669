"""A running `cper-lod serve`."""

import fcntl
import os
import random
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

from tests.support.processes import descendants, eventually

T = TypeVar("T")

FERRY = "/doc/bac/fictif-1.ttl"
"""The document of the only thing that the smallest sources describe."""


def free_port() -> int:
    """Return a port that was free a moment ago, below those that the system gives to clients meanwhile (Linux: from 32768)."""
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answers(url: str) -> bool:
    """Return whether a server answers at an address, without an error."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.read())
    except OSError:
        return False


OFTEN_LOOKING = """
from cper_lod.__main__ import main
from cper_lod.engine import remote
from cper_lod.release.history.watcher import Watcher
from cper_lod.web.server import release_server

Watcher.interval = 0.4
remote.RETRY = release_server.RETRY = 0.5
release_server.POLL_INTERVAL = 0.1
main()
"""
"""Runs `cper-lod` with short pauses between two looks at sources, releases and stores: tests would wait for nothing else."""


class ServerAddress:
    """Where a server listens."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"


class Server(ServerAddress):
    """A running `cper-lod serve`, and its address; `often_looking` has it see at once what changes."""

    def __init__(
        self,
        arguments: list[str],
        log: Path,
        environment: dict[str, str] | None = None,
        *,
        often_looking: bool = False,
    ) -> None:
        super().__init__(free_port())
        self.log = log
        program = ["-c", OFTEN_LOOKING] if often_looking else ["-m", "cper_lod"]
        command = [sys.executable, *program, "serve", "--port", str(self.port), *arguments]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})}
            )
        health = self.url + "/health"
        try:
            assert eventually(lambda: self.process.poll() is not None or answers(health), 300), log.read_text()
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}: {log.read_text()}"
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def shared_server(folder: Path, arguments: list[str]) -> Iterator[ServerAddress]:
    """Yield the address of a server that all processes of pytest-xdist share: it makes sixty pages before it is idle.

    Whoever comes first starts it, and ends it once nobody uses it: each user holds a lock that ends with its process.
    """
    folder.mkdir(exist_ok=True)
    with ExitStack() as stack, (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port, own = folder / "port", None
        if not port.exists():
            own = stack.enter_context(closing(Server(arguments, folder / "log")))
            port.write_text(str(own.port))
        address = ServerAddress(int(port.read_text()))
        users = stack.enter_context((folder / f"users-{address.port}").open("w"))
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield address
        fcntl.flock(users, fcntl.LOCK_UN)

        def is_unused() -> bool:
            fcntl.flock(lock, fcntl.LOCK_EX)  # nobody comes between the look and the end
            with suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                port.unlink()
                return True
            fcntl.flock(lock, fcntl.LOCK_UN)
            return False

        assert own is None or eventually(is_unused, 3600)
    assert own is None or "unexpected error" not in own.log.read_text("utf-8")


def listening(port: int) -> bool:
    """Return whether something accepts connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def workers_of(server: Server) -> list[int]:
    """Return the server processes that have all their query processes: a fork server, and its four forks."""
    return sorted(pid for pid in descendants(server.process.pid) if len(descendants(pid)) >= 5)


@contextmanager
def serving(server: HTTPServer) -> Iterator[str]:
    """Have a server of this process answer until the end; yield its address."""
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving_files(folder: Path) -> Iterator[str]:
    """Serve the files of a folder, as another site; yield its address."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), handler)) as url:
        yield url


@contextmanager
def asking_again_and_again(ask: Callable[[int], T], clients: int) -> Iterator[list[T]]:
    """Have so many clients ask, each again as soon as it is answered, as long as the context lasts; yield the answers.

    It begins when all have asked once.
    """
    ended, answers = threading.Event(), list[T]()

    def client(number: int) -> None:
        while not ended.is_set():
            answers.append(ask(number))

    with ThreadPoolExecutor(clients) as pool:
        running = [pool.submit(client, number) for number in range(clients)]
        try:
            assert eventually(lambda: len(answers) >= clients)
            yield answers
        finally:
            ended.set()
    for each in running:
        each.result()

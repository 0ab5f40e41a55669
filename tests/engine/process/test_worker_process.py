"""The server's end of a query process: replies in several reads or with a file, and an end at any moment."""

import asyncio
import gc
import os
import signal
import socket
import threading
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cper_lod.core.errors import Problem
from cper_lod.engine.process.worker_process import ReplyBuffer, ReplyReader, WorkerProcess, WorkerReply
from cper_lod.engine.process.zygote_client import ZygoteClient
from cper_lod.engine.spool import Spool
from cper_lod.engine.worker.messages import HAS_BLANK_NODES, RETIRE, SPOOLED, encode_request, json_reply, reply_header
from cper_lod.engine.worker.output import unnamed_file
from tests.support.engine import ENDLESS, WORKER_LIMITS
from tests.support.processes import open_files

pytestmark = pytest.mark.slow

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A pair of connected sockets: ours, and that of a process."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


FILE = reply_header("graph", SPOOLED, 0.25, 9)
"""A reply whose body, of nine bytes, is in a file."""


def received(receive: Callable[[], WorkerReply | None]) -> WorkerReply:
    """Receive until a reply is whole."""
    return next(filter(None, iter(receive, object())))


@pytest.mark.parametrize("size", [1, 3, 17, 18, 19, 50, 1000])
def test_a_reply_in_several_reads(pair: Pair, size: int) -> None:
    ours, theirs = pair
    whole = reply_header("select", HAS_BLANK_NODES, 1.5, 200) + b"body" * 50
    buffer = ReplyBuffer()
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    for piece in pieces[:-1]:
        theirs.sendall(piece)
        assert buffer.receive(ours) is None
        with pytest.raises(BlockingIOError):
            buffer.receive(ours, socket.MSG_DONTWAIT)
    theirs.sendall(pieces[-1])
    assert buffer.receive(ours) == WorkerReply("select", b"body" * 50, has_blank_nodes=True, cpu_time=1.5)


def test_error_messages(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(json_reply({"error": "é"}, RETIRE, 2.0))
    found = ReplyBuffer().receive(ours)
    assert found
    assert (found.details, found.retire, found.cpu_time) == ({"error": "é"}, True, 2.0)
    assert WorkerReply("ask", b'{"error": 1}').details == {}


class Stub:
    """What a reader of replies uses of a process."""

    def __init__(self, ours: socket.socket) -> None:
        self.socket = ours
        self.released = False

    def acquire_socket(self) -> None:
        """Do nothing."""

    def release_socket(self) -> None:
        self.released = True

    def receive(self, buffer: ReplyBuffer, flags: int) -> WorkerReply | None:
        return buffer.receive(self.socket, flags)


@pytest.mark.parametrize("awaited", [True, False])
def test_a_process_that_ended_is_an_error_to_who_waits_for_it_alone(pair: Pair, awaited: bool) -> None:
    ours, theirs = pair
    logged: list[object] = []

    async def ask() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
        child: Any = Stub(ours)
        reply = ReplyReader(child, lambda: None).next_reply()
        theirs.close()
        while not child.released:
            await asyncio.sleep(0)
        if awaited:
            with pytest.raises(EOFError):
                await reply

    asyncio.run(ask())
    gc.collect()
    assert logged == []


def test_a_large_reply(pair: Pair) -> None:
    ours, theirs = pair
    body = os.urandom(2_000_000)
    sender = threading.Thread(target=theirs.sendall, args=(reply_header("graph", 0, 0, len(body)) + body,))
    sender.start()
    buffer = ReplyBuffer()
    found = received(lambda: buffer.receive(ours))
    sender.join()
    assert found == WorkerReply("graph", body)


@pytest.mark.parametrize("cut", [1, 12, 18])
def test_a_reply_with_a_file(pair: Pair, tmp_path: Path, cut: int) -> None:
    ours, theirs = pair
    before = open_files()
    file = unnamed_file(str(tmp_path))
    os.write(file, b"all of it")
    socket.send_fds(theirs, [FILE[:cut]], [file])
    os.close(file)
    theirs.sendall(FILE[cut:])
    buffer = ReplyBuffer()
    kind, body, *_ = received(lambda: buffer.receive(ours, socket.MSG_DONTWAIT))
    buffer.close()
    assert kind == "graph"
    assert isinstance(body, Spool)
    assert (len(body), body.read()) == (9, b"all of it")
    body.close()
    assert open_files() == before


@pytest.mark.parametrize("sent", [0, 5, 17])
def test_a_process_ends_during_its_reply(pair: Pair, tmp_path: Path, sent: int) -> None:
    """Also a process that had already sent its file: no file descriptor leaks."""
    ours, theirs = pair
    before = open_files()
    file = unnamed_file(str(tmp_path))
    if sent:
        theirs.sendmsg([FILE[:sent]], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [file]))])
    os.close(file)
    theirs.close()
    buffer = ReplyBuffer()
    with pytest.raises(EOFError):
        received(lambda: buffer.receive(ours, socket.MSG_DONTWAIT))
    buffer.close()
    assert open_files() == before - 1  # the process's own end of the pair


def test_a_missing_file_descriptor_is_an_error(pair: Pair) -> None:
    """If this process has no file descriptor left, the system silently drops the file."""
    ours, theirs = pair
    theirs.sendall(FILE)
    with pytest.raises(Problem) as caught:
        ReplyBuffer().receive(ours)
    assert caught.value.kind.status == 503


@pytest.fixture
def zygote_client(index: Path) -> Iterator[ZygoteClient]:
    """A running zygote."""
    made = ZygoteClient(index, WORKER_LIMITS)
    WorkerProcess(made).reap()
    yield made
    made.close()


@pytest.fixture
def child(zygote_client: ZygoteClient) -> Iterator[WorkerProcess]:
    """A process that has sent its first message."""
    born = WorkerProcess(zygote_client)
    assert received_first(born).details == {"pid": born.pid}
    yield born
    born.reap()


def received_first(child: WorkerProcess) -> WorkerReply:
    buffer = ReplyBuffer()
    return received(lambda: child.receive(buffer))


def test_an_exchange(child: WorkerProcess) -> None:
    begun = child.cpu_time_before
    found = child.exchange(encode_request("ASK {}", "csv"))
    assert found == WorkerReply("ask", b"true", cpu_time=found.cpu_time)
    assert begun < child.cpu_time_before == found.cpu_time <= child.cpu_time()
    kind, body, *_ = child.exchange(encode_request("SELECT * { ?s ?p ?o . ?a ?b ?c } LIMIT 5000", "csv"))
    assert kind == "select"
    assert isinstance(body, Spool)
    assert body.read().count(b"\n") == 5001


def test_killed_while_running(child: WorkerProcess) -> None:
    threading.Timer(0.05, child.kill).start()
    with pytest.raises((EOFError, OSError)):
        child.exchange(encode_request(ENDLESS, "csv"))
    assert child.reap() == -signal.SIGKILL
    child.kill()  # does nothing: the process id may have been reused
    with pytest.raises(OSError, match="Bad file descriptor"):
        child.exchange(b"")
    child.acquire_socket()  # for the end of the fixture


def test_the_socket_stays_open_while_it_is_used(zygote_client: ZygoteClient) -> None:
    before = open_files()
    child = WorkerProcess(zygote_client)
    child.acquire_socket()
    child.reap()
    assert child.ended.is_set()
    assert child.socket.fileno() >= 0
    child.release_socket()
    assert child.socket.fileno() < 0
    assert open_files() == before


def test_a_waiting_thread_wakes_when_its_process_dies(zygote_client: ZygoteClient) -> None:
    child = WorkerProcess(zygote_client)
    received_first(child)
    ended: list[type[BaseException]] = []

    def wait() -> None:
        child.acquire_socket()
        try:
            child.exchange(encode_request(ENDLESS, "csv"))
        except (EOFError, OSError) as error:
            ended.append(type(error))
        finally:
            child.release_socket()

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.05)
    child.reap()
    waiting.join(2)
    assert len(ended) == 1
    assert child.socket.fileno() < 0


def test_a_failed_fork_leaks_no_file_descriptor(index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = open_files()
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(FileNotFoundError):
        WorkerProcess(ZygoteClient(index, WORKER_LIMITS))
    assert open_files() == before


def test_environment_of_a_worker(monkeypatch: pytest.MonkeyPatch, index: Path) -> None:
    monkeypatch.setenv("SECRET", "x")
    with closing(ZygoteClient(index, WORKER_LIMITS)) as zygote_client:
        child = WorkerProcess(zygote_client)
        received_first(child)
        seen = Path(f"/proc/{child.pid}/environ").read_bytes()
        files = list(Path(f"/proc/{child.pid}/fd").iterdir())
        child.reap()
    assert {line.split(b"=")[0] for line in seen.split(b"\0") if line} <= {
        b"LD_LIBRARY_PATH",
        b"MALLOC_ARENA_MAX",
        b"RUST_BACKTRACE",
        b"LC_ALL",
        b"LC_CTYPE",
        b"SSL_CERT_FILE",
        b"SSL_CERT_DIR",
    }
    assert len(files) < 30

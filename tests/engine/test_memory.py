"""Small data are in memory, once for all query processes of a release."""

import gzip
import os
import signal
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat

from cper_lod.core.formats import CSV
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.worker import load_store
from tests.engine.engines import PATIENT, ask, forker, processes, settings
from tests.support.processes import alive, child_processes, eventually
from tests.support.refusals import refused

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some 60 000 statements as N-Quads, none of them in the index."""
    path = tmp_path_factory.mktemp("data") / "data.nq.gz"
    lines = (f'<http://e.org/s{n}> <http://e.org/p> "value number {n}" .\n' for n in range(60_000))
    path.write_bytes(gzip.compress("".join(lines).encode(), 1))
    return path


def kib(pid: int, *names: str) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(names))


@pytest.mark.slow
def test_data_are_loaded_once(index: Path, data: Path) -> None:
    """A child has little private memory until a query reads all data: then as much again, and no more."""
    with ProcessEngine(index, settings(), [], PATIENT, data) as engine:
        assert ask(engine, COUNT, CSV).body == b"n\r\n60000\r\n"
        held = kib(forker(engine), "Rss:")
        *unasked, asked = sorted(kib(pid, "Private_Dirty:", "Private_Clean:") for pid in processes(engine))
        assert len(unasked) == 3
        assert max(unasked) < 4 * 1024 < 20 * 1024 < held
        assert asked < held


def test_two_releases_at_once_have_each_its_own_data(index: Path, data: Path, tmp_path: Path) -> None:
    """As when the server changes to the next one: each has a fork server of its own, which ends with it."""
    (small := tmp_path / "small.nq.gz").write_bytes(gzip.compress(b'<http://e.org/s> <http://e.org/p> "one" .\n'))
    with ProcessEngine(index, settings(query_workers=1), [], PATIENT, small) as second:
        with ProcessEngine(index, settings(query_workers=1), [], PATIENT, data) as first:
            assert ask(first, COUNT, CSV).body == b"n\r\n60000\r\n"
            assert ask(second, COUNT, CSV).body == b"n\r\n1\r\n"
            gone = {forker(first), *processes(first)}
        assert eventually(lambda: not alive(gone))
        for pid in processes(second):
            os.kill(pid, signal.SIGKILL)
        assert ask(second, COUNT, CSV).body == b"n\r\n1\r\n"


def test_unreadable_data_is_a_damaged_release(index: Path, tmp_path: Path) -> None:
    (broken := tmp_path / "broken.nq.gz").write_bytes(gzip.compress(b"<http://e.org/s> oops\n"))
    before, engine = child_processes(), ProcessEngine(index, settings(), [], PATIENT, broken)
    with refused("release-damaged") as caught:
        engine.start()
    engine.close()
    assert "line 1" in str(caught.value.params["message"])
    assert child_processes() == before


def test_blank_nodes_keep_their_labels_in_memory(tmp_path: Path) -> None:
    (named := tmp_path / "named.nq.gz").write_bytes(gzip.compress(b'_:a <http://e.org/p> "1" .\n'))
    assert b"_:a " in (load_store(str(named)).dump(format=RdfFormat.N_QUADS) or b"")

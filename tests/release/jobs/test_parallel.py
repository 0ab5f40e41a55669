"""Steps side by side: what each returns and raises; none outlives who started it."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from cper_lod.release.jobs.parallel import run_parallel
from cper_lod.release.jobs.progress import SILENT, WEIGHTS, Progress
from tests.release.jobs import job_steps
from tests.support.processes import alive, eventually
from tests.support.refusals import refused


@pytest.mark.slow
def test_what_one_raises_is_raised_and_no_other_begins(tmp_path: Path) -> None:
    tasks = {"search": job_steps.fail, **{f"count {number}": partial(time.sleep, 0.5) for number in range(20)}}
    tasks["index"] = (tmp_path / "begun").touch
    with refused("search-impossible"):
        run_parallel(tasks, SILENT, parallel=True)
    assert not (tmp_path / "begun").exists()
    with refused("build-process", match="index"):
        run_parallel({"index": job_steps.die}, SILENT, parallel=True)


@pytest.mark.slow
def test_none_outlives_who_started_it(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom functools import partial\n"
        "from cper_lod.release.jobs.parallel import run_parallel\nfrom cper_lod.release.jobs.progress import SILENT\n"
        "from tests.release.jobs import job_steps\n"
        "if __name__ == '__main__':\n"
        "    tasks = {'index': partial(job_steps.sleep, 600), 'search': partial(job_steps.sleep, 600)}\n"
        "    run_parallel(tasks, SILENT, parallel=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pids = {int(process.stdout.readline()) for _ in range(2)}
        assert len(pids) == 2
        process.kill()
    eventually(lambda: not alive(pids), 20)
    left = alive(pids)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left


def test_a_build_tells_how_far_it_is() -> None:
    shares: list[float] = []
    progress = Progress(shares.append, without=("check",))
    progress.set_share("read", 0.5)
    for step in WEIGHTS:
        progress.end(step)
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 1

"""Requests of every kind that the OpenAPI description allows, and that it forbids, against the running server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.server import Server
from tests.support.web import HttpClient

CASES_AN_OPERATION = 5
"""Cases of each operation that are made up; beside them come those that its schemas imply."""


@pytest.mark.server
@pytest.mark.slow
def test_schemathesis_finds_nothing(server: Server, web: HttpClient, tmp_path: Path):
    paths = web.get("/openapi.json").json()["paths"]
    count = sum(len(methods) for methods in paths.values()) - 1  # it leaves out the description itself
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests/web/api/schemathesis.toml")]
    command += ["run", f"{server.url}/openapi.json", "--url", server.url, "--generation-deterministic", "--no-color"]
    command += ["--max-examples", str(CASES_AN_OPERATION), "--continue-on-failure", "--no-shrink"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.web.api.schemathesis_hooks"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-20_000:] + told.stderr[-5_000:]
    assert re.search(rf"Selected: {count}/{count}\b", told.stdout)
    tested = re.search(r"(\d+) generated, (\d+) passed", told.stdout)
    assert tested, told.stdout[-2_000:]
    assert int(tested[1]) == int(tested[2]) > 30 * count
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in told.stdout

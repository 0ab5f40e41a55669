"""Requests of every kind that the OpenAPI description allows, and that it forbids, against the running server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.server import ServerAddress
from tests.support.web import HttpClient

CASES_AN_OPERATION = 2
"""Cases of each operation that are made up; beside them come those that its schemas imply."""
ALIKE = re.compile(r"^/doc/(?!decoupage\.|contrat/|organisme/)")
"""Paths that are described as others are: one list stands for all, and contracts and bodies for all things.

Of a list whose columns are many it makes hundreds of cases.
"""


@pytest.mark.server
@pytest.mark.slow
def test_schemathesis_finds_nothing(server: ServerAddress, web: HttpClient, tmp_path: Path):
    paths = web.get("/openapi.json").json()["paths"]
    count = sum(not ALIKE.search(path) for path in paths)
    assert count >= 7
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(ROOT / "tests/web/api/schemathesis.toml")]
    command += ["run", f"{server.url}/openapi.json", "--url", server.url, "--generation-deterministic", "--no-color"]
    command += ["--max-examples", str(CASES_AN_OPERATION), "--continue-on-failure", "--no-shrink"]
    command += ["--exclude-path-regex", ALIKE.pattern]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "tests.web.api.schemathesis_hooks"}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    told = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-20_000:] + told.stderr[-5_000:]
    assert re.search(rf"Selected: {count}/\d+\b", told.stdout)
    cases = re.search(r"(\d+) generated, (\d+) passed", told.stdout)
    assert cases, told.stdout[-2_000:]
    assert int(cases[1]) == int(cases[2]) > 20 * count
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in told.stdout

"""Generators and validators take our OpenAPI description, and clients that they make add up the shares of a contract."""

import json
import os
import sys
from pathlib import Path

import pytest

from tests.support.paths import NPM_PACKAGES
from tests.support.processes import ended
from tests.support.server import ServerAddress
from tests.support.web import CONTRACT, HttpClient

pytestmark = [pytest.mark.server, pytest.mark.slow, pytest.mark.node]

BIN = Path(sys.executable).parent
NAME = CONTRACT.rpartition("/")[2]
TOOLS = {
    "openapi-spec-validator": [BIN / "openapi-spec-validator", "openapi.json"],
    "redocly": ["redocly", "lint", "--format", "json", "openapi.json"],
    "openapi-typescript": ["openapi-typescript", "openapi.json", "--output", "schema.ts"],
    "openapi-python-client": [
        *(BIN / "openapi-python-client", "generate", "--path", "openapi.json", "--fail-on-warning"),
        *("--meta", "none", "--output-path", "python_client"),
    ],
    "datamodel-codegen": [
        *(BIN / "datamodel-codegen", "--input", "openapi.json", "--output", "models.py"),
        *("--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"),
    ],
}
"""What each tool is asked; those without a path are of npm."""
COMPILE = (
    *("tsc", "--strict", "--target", "es2022", "--module", "node16", "--lib", "es2022,dom,dom.iterable"),
    *("--skipLibCheck", "--outDir", "compiled", "contract.ts"),
)
PYTHON = """
import sys
from python_client import Client
from python_client.api.things import get_contrat
from python_client.models import Contrat, Part

server, name = sys.argv[1:]
fetched = get_contrat.sync(name, client=Client(server))
assert isinstance(fetched, Contrat)
assert set(str(Part.__annotations__["valeur"]).split(" | ")) == {"float", "None"}
shares = [each for each in fetched.chiffres if isinstance(each, Part) and each.somme and each.somme.value == "par-subdivision"]
print("openapi-python-client", round(sum(each.valeur for each in shares), 1))
"""


@pytest.fixture(scope="module")
def workplace(packages: Path, web: HttpClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the description, and whatever the tools make of it."""
    place = tmp_path_factory.mktemp("generated")
    (place / "node_modules").symlink_to(packages)
    (place / "contract.ts").symlink_to(NPM_PACKAGES / "contract.ts")
    (place / "openapi.json").write_bytes(web.get("/openapi.json").body)
    return place


def run(place: Path, *command: str | Path) -> str:
    """Return what a program prints; it succeeds."""
    program = place / "node_modules/.bin" / command[0]  # a path stays as it is
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "CI": "1"}
    done = ended(program, *command[1:], cwd=place, env=environment, timeout=300)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    return done.stdout


def test_each_tool_takes_it_and_generated_clients_add_up_shares(workplace: Path, server: ServerAddress) -> None:
    said = {tool: run(workplace, *command) for tool, command in TOOLS.items()}
    assert json.loads(said["redocly"])["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}
    run(workplace, *COMPILE)
    sums = run(workplace, "/usr/bin/env", "node", "compiled/contract.js", server.url, NAME)
    sums += run(workplace, sys.executable, "-c", PYTHON, server.url, NAME)
    assert sums.splitlines() == [f"{name} 99.9" for name in ("openapi-typescript", "openapi-python-client")]

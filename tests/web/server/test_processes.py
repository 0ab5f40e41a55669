"""The processes and threads that docs/explanation/how-it-works.md lists are those that run."""

import ast
import re

import pytest

from tests.support.paths import ROOT
from tests.support.processes import below, descendants, eventually, is_for_queries
from tests.support.server import Server

DOC = ROOT / "docs" / "explanation" / "how-it-works.md"
SERVE, SERVER, FORK_SERVER, QUERY = "`cper-lod serve`", "server", "fork server", "query process"


def table(heading: str) -> dict[str, str]:
    """Return the first two columns of the table whose first column has this heading."""
    lines = iter(DOC.read_text().splitlines())
    assert any(line.startswith(f"| {heading} |") for line in lines)
    assert next(lines).startswith("|---")
    rows: dict[str, str] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, second = (cell.strip() for cell in line.split("|")[1:3])
        rows[first] = second
    return rows


def kind(pid: int, server: int) -> str:
    """Return what a process is, from its command line and from its place below the server."""
    if pid == server:
        return SERVE
    if not is_for_queries(pid):
        return SERVER
    return FORK_SERVER if below(pid) else QUERY


@pytest.mark.server
def test_the_processes_that_run(server: Server) -> None:
    pid, query_workers = server.process.pid, 3  # the default
    numbers = {"1": 1, "1 for each server": 1, "0 or 1": 0, "`query_workers` + 1 for each server": query_workers + 1}
    expected = {process: numbers[number] for process, number in table("process").items()}
    assert set(expected) == {SERVE, SERVER, FORK_SERVER, QUERY, "build"}

    def counted() -> dict[str, int]:
        kinds = [kind(each, pid) for each in (pid, *descendants(pid))]
        return {process: kinds.count(process) for process in expected}

    assert eventually(lambda: counted() == expected), counted()


def thread_names() -> set[str]:
    """Return the name of each thread and pool of threads that the server's code makes; each has one."""
    found: set[str] = set()
    for path in (ROOT / "cper_lod").rglob("*.py"):
        tree = ast.parse(path.read_text())
        classes = [each for each in ast.walk(tree) if isinstance(each, ast.ClassDef)]
        threads = [each for each in classes if any(ast.unparse(base).endswith("Thread") for base in each.bases)]
        calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]
        made = [each for each in calls if re.search(r"(^|\.)(Thread|ThreadPoolExecutor)$", ast.unparse(each.func))]
        made += [
            call
            for each in threads
            for call in ast.walk(each)
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__"
        ]
        for call in made:
            names = [word.value for word in call.keywords if word.arg in ("name", "thread_name_prefix")] + call.args[
                1:2
            ]
            assert names, f"{path}:{call.lineno}: a thread without a name"
            found.add(ast.literal_eval(names[0]))
    return found


def test_the_threads_that_the_code_makes() -> None:
    listed = {name for row in table("thread") for name in re.findall("`(.*?)`", row)}
    assert thread_names() == listed
    assert "the main thread, and those of granian" in table("thread")

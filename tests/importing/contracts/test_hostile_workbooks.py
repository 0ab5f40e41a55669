"""Workbooks made to take all memory or time: each is read or refused with little of either."""

import os
import resource
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from tests.support.hostile_workbooks import ARCHIVES, CHANGES, write_all
from tests.support.workbooks import read

MEMORY = 250 << 20
"""Bytes beyond those of the process of the tests."""
SECONDS = 20
"""Of processor time: far more than the two that they need, so that a slow machine does not matter."""


def outcome(path: Path) -> str:
    """Return the code of the problem of a file, "" if it is read, in a process of limited memory and time."""
    reading, writing = os.pipe()
    if not (child := os.fork()):
        found = "not finished"
        try:
            used = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_DATA, (used + MEMORY, used + MEMORY))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            read(read_xlsx(path)[0])
            found = ""
        except Problem as error:
            found = error.kind.code
        except BaseException as error:  # the child must not return to the tests
            found = repr(error)
        finally:
            os.write(writing, found.encode())
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor
        found = pipe.read()
    status = os.waitpid(child, 0)[1]
    return found if status == 0 else f"killed: {status}"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """Return the files by name, and what each becomes."""
    return {path.stem: (path, code) for path, code in write_all(tmp_path_factory.mktemp("hostile")).items()}


@pytest.mark.parametrize("name", [*CHANGES, *ARCHIVES])
def test_a_hostile_workbook_is_read_or_refused_within_limits(name: str, files: dict[str, tuple[Path, str]]) -> None:
    path, code = files[name]
    assert outcome(path) == code

"""Workbooks made to take all memory or time: each is read or refused with little of either."""

from functools import partial
from pathlib import Path

import pytest

from cper_lod.core.errors import Problem
from cper_lod.importing.contracts.read_xlsx import read_xlsx
from tests.support.hostile_workbooks import ARCHIVES, CHANGES, write_all
from tests.support.limited import limited
from tests.support.workbooks import read

SECONDS = 20
"""Of processor time: far more than the two that they need, so that a slow machine does not matter."""


def outcome(path: Path) -> str:
    """Return the code of the problem of a file, "" if it is read."""
    try:
        read(read_xlsx(path)[0])
    except Problem as error:
        return error.kind.code
    return ""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """Return the files by name, and what each becomes."""
    return {path.stem: (path, code) for path, code in write_all(tmp_path_factory.mktemp("hostile")).items()}


@pytest.mark.parametrize("name", [*CHANGES, *ARCHIVES])
def test_a_hostile_workbook_is_read_or_refused_within_limits(name: str, files: dict[str, tuple[Path, str]]) -> None:
    path, code = files[name]
    assert limited(partial(outcome, path), SECONDS) == code

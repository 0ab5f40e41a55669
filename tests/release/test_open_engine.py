"""From where the queries of a release are answered: small data from memory, others from the index."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from cper_lod.core.settings import Settings
from cper_lod.engine import embedded
from cper_lod.release.release import DATA, Release, open_engine


def test_data_larger_than_the_setting_are_read_from_the_index(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Path | None] = []

    def engine(*_: Any, data: Path | None) -> Mock:  # noqa: ANN401
        held.append(data)
        return Mock()

    monkeypatch.setattr(embedded, "ProcessEngine", engine)
    for size in (1, 2):
        manifest = {**release.manifest, "quads": {"bytes": size << 20}}
        open_engine(replace(release, manifest=manifest), Settings(index_memory=1))
    assert held == [release.folder / DATA, None]

"""Which engine answers the queries of a release, and from where it reads the data."""

from dataclasses import replace
from pathlib import Path

import pytest

from cper_lod.core.settings import Settings
from cper_lod.release import engines
from cper_lod.release.release import DATA, Release


def test_data_larger_than_the_setting_are_read_from_the_index(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Path | None] = []
    monkeypatch.setattr(engines, "ProcessEngine", lambda *given: held.append(given[-1]))
    small, large = (replace(release, manifest={**release.manifest, "quads": {"bytes": size << 20}}) for size in (1, 2))
    for each in (small, large):
        engines.open_engine(each, Settings(index_memory=1))
    assert held == [release.folder / DATA, None]

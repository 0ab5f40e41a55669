"""From where the queries of a release are answered: small data from memory, others from the index."""

from dataclasses import replace
from unittest.mock import Mock

import pytest

from cper_lod.core.settings import Settings
from cper_lod.engine import embedded
from cper_lod.release.release import DATA, Release, open_engine


@pytest.mark.parametrize(("size", "in_memory"), [(1, True), (2, False)])
def test_data_larger_than_the_setting_are_read_from_the_index(
    release: Release, monkeypatch: pytest.MonkeyPatch, size: int, in_memory: bool
) -> None:
    engine = Mock()
    monkeypatch.setattr(embedded, "ProcessEngine", engine)
    open_engine(
        replace(release, manifest={**release.manifest, "quads": {"bytes": size << 20}}), Settings(index_memory=1)
    )
    assert engine.call_args.kwargs["data"] == (release.folder / DATA if in_memory else None)

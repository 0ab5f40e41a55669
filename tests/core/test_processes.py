"""Pools of processes that end with this one."""

import time
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context
from typing import Any

import pytest

from cper_lod.core.processes import SpawnPoolExecutor
from tests.support.processes import eventually


def do_nothing() -> None:
    """Start a process."""


@pytest.mark.parametrize("early", [False, True])
def test_a_process_that_starts_as_another_dies_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, *, early: bool
) -> None:
    process_class: Any = get_context("spawn").Process
    start = process_class.start
    pool = SpawnPoolExecutor(2, do_nothing)
    first = pool.submit(time.sleep, 60)

    def start_as_the_first_dies(process: Any) -> None:  # noqa: ANN401
        before = active_children()
        if early:
            start(process)
        for each in before:
            each.kill()
        assert eventually(first.done)
        if not early:
            start(process)

    monkeypatch.setattr(process_class, "start", start_as_the_first_dies)
    with pytest.raises(BrokenProcessPool):
        pool.submit(time.sleep, 60).result()
    pool.kill_workers()
    assert not active_children()

"""A release that is open: what is computed once, and from where its queries are answered."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from unittest.mock import Mock

import pytest

from cper_lod.core.settings import Settings
from cper_lod.engine import embedded
from cper_lod.release.release import DATA, Memo, Release, open_engine


def test_functions_that_ask_for_each_other_in_several_threads_end() -> None:
    memo, begun, computed = Memo(), Barrier(2), []

    def sum_to(number: int) -> int:
        computed.append(number)
        return number + (sum_to_kept(number - 1) if number else 0)

    def sum_to_kept(number: int) -> int:
        return memo.get(sum_to, number, 50, lambda: sum_to(number))

    def ask(numbers: range) -> list[int]:
        begun.wait(10)
        return [sum_to_kept(number) for number in numbers]

    with ThreadPoolExecutor(2) as pool:
        rising, falling = pool.submit(ask, range(40)), pool.submit(ask, range(39, -1, -1))
        assert rising.result(20) == falling.result(20)[::-1] == [n * (n + 1) // 2 for n in range(40)]
    assert sorted(computed) == [*range(40)]


def test_of_each_function_the_last_results_are_kept() -> None:
    memo, computed = Memo(), []

    def kept(function: str, argument: int) -> str:
        return memo.get(function, argument, 2, lambda: computed.append((function, argument)) or function)  # type: ignore[func-returns-value]

    for function, argument in (("a", 1), ("b", 1), ("a", 2), ("a", 1), ("a", 3), ("a", 1), ("a", 2), ("b", 1)):
        assert kept(function, argument) == function
    assert computed == [("a", 1), ("b", 1), ("a", 2), ("a", 3), ("a", 2)]


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

"""Results that are computed once and kept."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from cper_lod.release.release import Memo


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

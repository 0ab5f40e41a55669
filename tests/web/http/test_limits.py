"""How many threads uploads, downloads and queries hold: of one client, of all, and none once they have ended."""

from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.web.http.limits import MAX_HELD, MAX_OF_ALL, MAX_OF_CLIENT, THREADS, Limits, Use
from tests.support.refusals import refused

USES: tuple[Use, ...] = ("transfer", "query")


@pytest.mark.parametrize("use", USES)
def test_one_client_leaves_something_for_the_others(use: Use) -> None:
    limits = Limits()
    assert THREADS - MAX_HELD == 8, "which are left for pages"
    for _ in range(MAX_OF_CLIENT[use]):
        limits.hold(use, "one")
    with refused("client-busy"):
        limits.hold(use, "one")
    for number in range(MAX_OF_ALL[use] - MAX_OF_CLIENT[use]):
        limits.hold(use, str(number))
    with refused("query-queue"):  # which is no fault of theirs: 503, not 429
        limits.hold(use, "another")


def test_a_thread_is_given_back_once_however_its_use_ends() -> None:
    limits = Limits()
    with pytest.raises(RuntimeError), limits.hold("query", "one"):
        raise RuntimeError
    assert is_unused(limits)
    again = limits.hold("query", "one")
    limits.hold("query", "one")
    again.close()
    again.close()  # a server may close a response twice
    assert not is_unused(limits)


@given(st.lists(st.tuples(st.sampled_from(USES), st.sampled_from("abc"), st.booleans()), max_size=300))
def test_counts_are_those_of_a_model(steps: list[tuple[Use, str, bool]]) -> None:
    limits, held = Limits(), list[tuple[Use, str, ExitStack]]()
    for use, client, ends in steps:
        if ends and held:
            held.pop(0)[2].close()
            continue
        of_client = sum((use, client) == each[:2] for each in held)
        of_all = sum(use == each[0] for each in held)
        free = of_client < MAX_OF_CLIENT[use] and of_all < MAX_OF_ALL[use] and len(held) < MAX_HELD
        try:
            held.append((use, client, limits.hold(use, client)))
            assert free
        except Problem:
            assert not free
    for *_, thread in held:
        thread.close()
    assert is_unused(limits)


def is_unused(limits: Limits) -> bool:
    """Return whether nothing is counted any more, also of no client."""
    return not limits._of_client and not limits._of_all.total()  # Private: what is left would be memory only.

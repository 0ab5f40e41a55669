"""Many cases of a table in one test: pytest takes 3 ms for each test, which is more than most cases take."""

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def each_case(
    names: str | tuple[str, ...], cases: Iterable[Any], ids: Callable[[Any], object] | Iterable[str] = repr
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Have one test try every case, as `pytest.mark.parametrize` has a test for each; it fails with all cases that fail.

    For cases that leave nothing behind. Those that are slow, or want a folder or a `monkeypatch`, are tests of their own.
    """
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    several = [
        case if isinstance(case, type(pytest.param())) else pytest.param(*((case,) if names == arguments[0] else case))
        for case in cases
    ]
    assert several, "no case"
    assert not any(case.marks for case in several)
    called = [", ".join(str(ids(value)) for value in case.values) for case in several] if callable(ids) else list(ids)

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def try_all(**fixtures: object) -> None:
            failures = list[BaseException]()
            for name, case in zip(called, several, strict=True):
                try:
                    test(**fixtures, **dict(zip(arguments, case.values, strict=True)))
                except (Exception, pytest.fail.Exception) as failure:
                    failure.add_note(f"case: {case.id or name:.500}")
                    failures.append(failure)
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(several)} cases fail", failures)

        signature = inspect.signature(test)
        fixtures = [parameter for name, parameter in signature.parameters.items() if name not in arguments]
        try_all.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        return try_all

    return decorate

"""Results that are computed once and kept as long as what they are computed from."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Any, Final, TypeVar

T = TypeVar("T")
_MISSING: Final = object()


class _Result:
    """A result; the thread that computes it holds the lock."""

    __slots__ = ("lock", "value")

    def __init__(self) -> None:
        self.lock = RLock()
        self.value: Any = _MISSING


class Memo:
    """The results of functions by their arguments: of each function those that were asked for last.

    Threads that ask for the same result wait for the one that computes it. While a result is computed, its own lock is
    held, not that of the memo: functions may ask for each other's results. Two threads never wait for each other, since
    a function that needs its own result would not end without a memo either.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: dict[Hashable, OrderedDict[Hashable, _Result]] = {}

    def get(self, function: Hashable, arguments: Hashable, limit: int, compute: Callable[[], T]) -> T:
        """Return a result of a function, of which `limit` are kept; what `compute` raises is raised and not kept."""
        with self._lock:
            results = self._results.setdefault(function, OrderedDict())
            result = results.get(arguments)
            if result is None:
                result = results[arguments] = _Result()
            results.move_to_end(arguments)
        if result.value is _MISSING:
            with result.lock:
                if result.value is _MISSING:
                    try:
                        result.value = compute()
                    finally:
                        self._tidy(results, arguments, result, limit)
        return result.value  # type: ignore[no-any-return]

    def _tidy(self, results: OrderedDict[Hashable, _Result], arguments: Hashable, result: _Result, limit: int) -> None:
        """Forget a result that could not be computed, and those that are too many."""
        with self._lock:
            if result.value is _MISSING:
                results.pop(arguments, None)
            while len(results) > limit:
                results.popitem(last=False)

"""One query on its way to a process, and what its client has used of late."""

import re
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cper_lod.engine.process.child import Child

LONG: Final = "long"
"""Why the process of a short query was ended that turned out to be a long one: it may come again as such."""
REMEMBERED: Final = 10_000
"""How many clients are remembered, and how many texts of long queries."""
_VARIABLE: Final = re.compile(r"[?$][A-Za-z_0-9]+")
_READ: Final = 10_000
"""Characters of a text in which variables are counted."""
_HALF_LIFE: Final = 10.0
"""Seconds after which half of what a client has used is forgotten."""

Rank = tuple[float, float, float]
"""Where a turn stands among others; the least comes first."""


@dataclass(eq=False)
class Turn:
    """One query on its way through the lanes: whose it is, what was given to it, how it has to end.

    `called` is called, by any thread, when a child was given or the turn was sent away; `code` is the problem then, and
    it is the reason where the child was ended while it ran: a code of the table, or `LONG` where it has to come again.
    """

    client: str
    key: int
    text: str
    called: Callable[[], object] = lambda: None
    slow: bool = False
    child: Child | None = None
    code: str = ""
    began: float = 0.0
    arrived: float = 0.0
    variables: int = 0

    def worked(self) -> float:
        """Return the seconds of processor time that the query has used, 0 where the system does not tell."""
        return max(0.0, self.child.worked() - self.child.worked_before) if self.child else 0.0

    def count_variables(self) -> None:
        """Count the variables of the text: few of them cannot make much work."""
        self.variables = len(set(_VARIABLE.findall(self.text, 0, _READ)))


@dataclass
class Lane:
    """Those who wait for a place of one kind, the first come first, and how many run."""

    waiting: deque[Turn] = field(default_factory=deque)
    running: int = 0

    def first(self, rank: Callable[[Turn], Rank]) -> Turn:
        """Take out the turn that comes first by its rank."""
        found = self.waiting[0] if len(self.waiting) == 1 else min(self.waiting, key=rank)
        self.waiting.remove(found)
        return found

    def last(self, rank: Callable[[Turn], Rank]) -> Turn:
        """Take out the turn that would come last."""
        found = max(self.waiting, key=rank)
        self.waiting.remove(found)
        return found


class Remembered:
    """The keys that were noted last, `REMEMBERED` of them at most."""

    def __init__(self) -> None:
        self._keys: OrderedDict[int, None] = OrderedDict()

    def __contains__(self, key: int) -> bool:
        return key in self._keys

    def add(self, key: int) -> None:
        """Note a key; the one noted longest ago makes room."""
        self._keys[key] = None
        self._keys.move_to_end(key)
        if len(self._keys) > REMEMBERED:
            self._keys.popitem(last=False)

    def discard(self, key: int) -> None:
        """Forget a key."""
        self._keys.pop(key, None)


class Debts:
    """What each client has used of late (seconds, or occasions); old uses count less and less."""

    def __init__(self) -> None:
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def of(self, client: str, now: float) -> float:
        """Return what counts of a client's uses."""
        used, then = self._used.get(client, (0.0, now))
        return float(used * 0.5 ** ((now - then) / _HALF_LIFE))

    def add(self, client: str, amount: float, now: float) -> None:
        """Note a use."""
        self._used[client] = (self.of(client, now) + amount, now)
        self._used.move_to_end(client)
        if len(self._used) > REMEMBERED:
            self._used.popitem(last=False)

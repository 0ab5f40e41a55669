"""An engine that answers at once as a test says, without processes."""

from collections.abc import Callable

from cper_lod.core.formats import RESULTS_JSON
from cper_lod.engine.base import Answer, EngineStatus, Query

ONE_ROW = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'


def one_row(query: Query) -> Answer:
    """Return the answer to a SELECT, in the format that is wanted."""
    return Answer(ONE_ROW, query.solutions or RESULTS_JSON, "select")


class CountingEngine:
    """Notes the queries, and answers each with what `outcome` makes of it, or fails with it."""

    def __init__(self, outcome: Callable[[Query], Answer] | Exception = one_row) -> None:
        self.outcome = outcome
        self.asked: list[Query] = []
        self.closed = False

    def query(self, query: Query) -> Answer:
        self.asked.append(query)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome(query)

    def status(self) -> EngineStatus:
        return EngineStatus()

    def close(self) -> None:
        self.closed = True

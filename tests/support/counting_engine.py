"""An engine that answers at once as a test says, without processes."""

from collections.abc import Callable

from cper_lod.core.formats import RESULTS_JSON
from cper_lod.engine.base import Answer, EngineStatus, Query

NO_ROWS = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'


def no_rows(query: Query) -> Answer:
    """Return an empty answer to a SELECT, in the format that is wanted."""
    return Answer(NO_ROWS, query.solutions or RESULTS_JSON, "select")


class CountingEngine:
    """Notes the queries, and answers each with what `outcome` makes of it, or fails with it."""

    def __init__(self, outcome: Callable[[Query], Answer] | Exception = no_rows) -> None:
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

"""The form of every line of the log, text or JSON: nothing that a client sends can break one, or begin another."""

import json
import logging
import re
import sys
import time
import traceback
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cper_lod.core.settings import Settings
from cper_lod.core.text import escaped

LONGEST: Final = 3000
"""Bytes of the longest text in a line; a line of less than 4096 bytes is written into a pipe whole."""
_LOGGERS: Final = ("cper_lod", "_granian", "py.warnings")
"""Whose messages are told: ours, those of the HTTP server, and Python's warnings."""
_PLAIN: Final = re.compile(r"[!#-<>-\[\]-~]+")
"""A value that stands in a line of text as it is; another is quoted."""


def line(form: str, level: str, event: str, details: Mapping[str, object], at: float | None = None) -> str:
    r"""Return one line: when, how grave, what, and the values that tell more; those that are None are left out.

    >>> line("text", "info", "request", {"path": "/", "status": 200, "client": None}, at=0)
    '1970-01-01T00:00:00.000Z info request path=/ status=200\n'
    """
    told = {name: value for name, value in details.items() if value is not None}
    when = _time(time.time() if at is None else at)
    if form == "json":
        return json.dumps({"time": when, "level": level, "event": event, **told}) + "\n"
    values = [f"{name}={value if isinstance(value, int | float) else _quoted(value)}" for name, value in told.items()]
    return " ".join((when, level, event, *values)) + "\n"


def _time(seconds: float) -> str:
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(whole: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))


@lru_cache(maxsize=1024)
def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def cut(text: str) -> str:
    """Return the beginning of a text that fits into a line, however it has to be escaped."""
    text = text[:LONGEST]
    while (size := len(json.dumps(text))) > LONGEST:
        text = text[: max(1, len(text) * LONGEST // size - 1)]
    return text


class LineFormatter(logging.Formatter):
    """What makes a line of a message of `logging`, the trace of an error with it."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        level, trace = record.levelname.lower(), ""
        if record.exc_info and record.exc_info[0]:
            trace = "".join(traceback.format_exception(*record.exc_info))
        values: dict[str, object] = {"message": record.getMessage(), "process": record.process}
        if self._form == "json":
            return line("json", level, "message", values | ({"trace": trace} if trace else {}), record.created)[:-1]
        told = f"{_time(record.created)} {level} {escaped(record.getMessage())}"
        # Indented, a line of a trace can pass for none of the log.
        return "\n  ".join((told, *map(escaped, trace.splitlines())))


def configure(settings: Settings) -> None:
    """Have every message of this process told on standard error, in the form that is set."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(settings.log_format))
    logging.captureWarnings(True)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger("cper_lod").setLevel(logging.INFO)

"""The format of log lines, text or JSON: nothing that a client sends can break a line or begin another."""

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

MAX_TEXT: Final = 3000
"""Bytes of the longest text in a line; a pipe takes a line of less than 4096 bytes whole."""
_LOGGERS: Final = ("cper_lod", "_granian", "py.warnings")
"""The loggers that are written: our own, that of the HTTP server, and Python's warnings."""
_PLAIN: Final = re.compile(r"[!#-<>-\[\]-~]+")
"""A value that needs no quotes in a text line."""


def line(form: str, level: str, event: str, details: Mapping[str, object], at: float | None = None) -> str:
    r"""Return one line: time, level, event, and details; those that are None are left out.

    >>> line("text", "info", "request", {"path": "/", "status": 200, "client": None}, at=0)
    '1970-01-01T00:00:00.000Z info request path=/ status=200\n'
    """
    values = {name: value for name, value in details.items() if value is not None}
    when = _time(time.time() if at is None else at)
    if form == "json":
        return json.dumps({"time": when, "level": level, "event": event, **values}) + "\n"
    pairs = [f"{name}={value if isinstance(value, int | float) else _quoted(value)}" for name, value in values.items()]
    return " ".join((when, level, event, *pairs)) + "\n"


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


def truncate(text: str) -> str:
    """Return the beginning of a text that fits in a line after it has been escaped."""
    text = text[:MAX_TEXT]
    while (size := len(json.dumps(text))) > MAX_TEXT:
        text = text[: max(1, len(text) * MAX_TEXT // size - 1)]
    return text


class LineFormatter(logging.Formatter):
    """Formats the messages of `logging`, with the traceback of an error."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its line end."""
        level, trace = record.levelname.lower(), ""
        if record.exc_info and record.exc_info[0]:
            trace = "".join(traceback.format_exception(*record.exc_info))
        values: dict[str, object] = {"message": record.getMessage(), "process": record.process}
        if self._form == "json":
            return line("json", level, "message", values | ({"trace": trace} if trace else {}), record.created)[:-1]
        first = f"{_time(record.created)} {level} {escaped(record.getMessage())}"
        # Lines of a traceback are indented, so that none looks like a line of the log.
        return "\n  ".join((first, *map(escaped, trace.splitlines())))


def configure(settings: Settings) -> None:
    """Write every message of this process to standard error, in the format of the settings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(settings.log_format))
    logging.captureWarnings(True)
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger("cper_lod").setLevel(logging.INFO)

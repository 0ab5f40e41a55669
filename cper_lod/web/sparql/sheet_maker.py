"""The one thread in which the gateway has spreadsheets made: pages and short queries are not held up by them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.engine.base import Answer
from cper_lod.web.site import Site
from cper_lod.web.sparql import spreadsheets
from cper_lod.web.sparql.protocol import Asked

WAITING: Final = 8
"""Spreadsheets that are made or wait at once: each may hold an answer in memory."""


class SheetMaker:
    """Makes one spreadsheet after the other, so that the memory that they take is that of one."""

    def __init__(self, site: Site) -> None:
        """Make spreadsheets of the answers of `site`."""
        self._site = site
        self._thread = ThreadPoolExecutor(1, "sheets")
        self._waiting = 0

    def close(self) -> None:
        """End its thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def answer(self, asked: Asked, answer: Answer, form: Format, lang: Language) -> Answer | Problem:
        """Return an answer as a spreadsheet, or why it cannot be one; query-queue where too many wait."""
        if self._waiting >= WAITING:
            return Problem("query-queue")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._thread, spreadsheets.made, self._site, asked, answer, form, lang)
        except Problem as problem:
            return problem
        finally:
            self._waiting -= 1

"""The mirror for a store of objects, which knows a key, a file and fixed headers: a table of keys, one of redirects."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from cper_lod.core.formats import HTML
from cper_lod.mirror.folder import SITE
from cper_lod.mirror.manifest import Facts, Manifest, ManifestEntry
from cper_lod.mirror.paths import ERRORS

COLUMNS: Final = ("key", "file", "content-type", "content-language", "cache-control")
_PAGE: Final = re.compile(r"(?P<stem>.+)\.(?P<variant>fr|en|lang-fr|lang-en)\.(?P<suffix>html|xlsx)")


def _line(*cells: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def keys(ledger: Manifest, facts: Facts) -> Iterator[str]:
    """Yield the lines of the table: each key with the file to put there, uncompressed, and its headers.

    An address without a suffix has its French page. An English page has a key of its own, `….en.html`, since a store
    does not look at a query or at what a reader prefers.
    """
    yield _line(*COLUMNS)
    placed = {place: address for address, place in ledger.placed() if "?" not in address}
    for entry in ledger.entries():
        head = facts.kinds.get(entry.kind, {})
        said = head.get("Content-Type", ""), head.get("Content-Language", ""), head.get("Cache-Control", "")
        for key in _keys(entry, placed):
            yield _line(key, f"{SITE}/{entry.file}", *said)


def _keys(entry: ManifestEntry, placed: dict[str, str]) -> list[str]:
    page = _PAGE.fullmatch(entry.file)
    if entry.file.startswith(f"{ERRORS}/"):
        return [entry.file]
    if not page:
        stem, _, suffix = entry.file.rpartition(".")
        return [f"{placed[stem][1:]}.{suffix}"] if stem in placed else [entry.file]
    stem = placed[page["stem"]][1:] if page["stem"] in placed else page["stem"]
    if page["variant"] == "en":
        return [f"{stem}.en.{page['suffix']}"]
    if page["variant"] != "fr":
        return []
    whole = [stem] if page["suffix"] == HTML.suffix else []
    return ["index.html" if stem == "index" else f"{stem}.{page['suffix']}", *whole]


def redirects(ledger: Manifest, prefix: str) -> Iterator[str]:
    """Yield the lines of the table of redirects: from the name of each thing to its page, for want of a choice."""
    yield _line("key", "location")
    for entry in ledger.entries(things=True):
        page = _PAGE.fullmatch(entry.file)
        if page and page["variant"] == "fr" and page["suffix"] == HTML.suffix and page["stem"].startswith("doc/"):
            name = page["stem"].removeprefix("doc/")
            yield _line(f"id/{name}", f"{prefix}/doc/{name}.html")

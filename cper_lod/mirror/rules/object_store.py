"""Tables for an object store, which only supports keys and fixed headers: a table of keys and a table of redirects."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from cper_lod.core.formats import HTML
from cper_lod.mirror.folder import SITE
from cper_lod.mirror.manifest import HeaderRules, Manifest, ManifestEntry
from cper_lod.mirror.paths import ERROR_FOLDER, LANGUAGE_FILES

COLUMNS: Final = ("key", "file", "content-type", "content-language", "cache-control")
_PAGE: Final = re.compile(
    rf"(?P<stem>.+)\.(?P<variant>fr|en|lang-fr|lang-en)\.(?P<suffix>{'|'.join(each.suffix for each in LANGUAGE_FILES)})"
)


def _csv_row(*cells: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()


def key_table(manifest: Manifest, header_rules: HeaderRules) -> Iterator[str]:
    """Yield the table of keys: each key with its file (uncompressed) and headers.

    An address without a suffix gets its French page. The English page has its own key, `….en.html`, since an object store
    ignores queries and Accept headers.
    """
    yield _csv_row(*COLUMNS)
    addresses_by_stem = {place: address for address, place in manifest.stems() if "?" not in address}
    for entry in manifest.entries():
        headers = header_rules.header_sets.get(entry.header_set, {})
        values = headers.get("Content-Type", ""), headers.get("Content-Language", ""), headers.get("Cache-Control", "")
        for key in _keys(entry, addresses_by_stem):
            yield _csv_row(key, f"{SITE}/{entry.file}", *values)


def _keys(entry: ManifestEntry, addresses_by_stem: dict[str, str]) -> list[str]:
    page = _PAGE.fullmatch(entry.file)
    if entry.file.startswith(f"{ERROR_FOLDER}/"):
        return [entry.file]
    if not page:
        stem, _, suffix = entry.file.rpartition(".")
        return [f"{addresses_by_stem[stem][1:]}.{suffix}"] if stem in addresses_by_stem else [entry.file]
    stem = addresses_by_stem[page["stem"]][1:] if page["stem"] in addresses_by_stem else page["stem"]
    if page["variant"] == "en":
        return [f"{stem}.en.{page['suffix']}"]
    if page["variant"] != "fr":
        return []
    no_suffix = [stem] if page["suffix"] == HTML.suffix else []
    return ["index.html" if stem == "index" else f"{stem}.{page['suffix']}", *no_suffix]


def redirect_table(manifest: Manifest, prefix: str) -> Iterator[str]:
    """Yield the table of redirects from the IRI of each thing to its page, since a store cannot negotiate."""
    yield _csv_row("key", "location")
    for entry in manifest.entries(things=True):
        page = _PAGE.fullmatch(entry.file)
        if page and page["variant"] == "fr" and page["suffix"] == HTML.suffix and page["stem"].startswith("doc/"):
            name = page["stem"].removeprefix("doc/")
            yield _csv_row(f"id/{name}", f"{prefix}/doc/{name}.html")

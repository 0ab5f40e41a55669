"""The JSON Schemas of the documents in plain JSON (`schemas.json`), one document for each shape."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.web.http import urls
from cper_lod.web.http.plain_json import schema_path

_REFERENCE = re.compile(r'"\$ref": "#/\$defs/(\w+)"')


@cache  # a file of the program
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(__file__).parent / "schemas.json").read_text("utf-8"))
    return found


@cache  # the same in two languages
def definitions(lang: Language) -> dict[str, Any]:
    """Return the definition of each shape, by name, with descriptions in one language; not to be modified."""
    made: dict[str, Any] = _in_language(_file()["$defs"], lang)
    return made


def _in_language(part: Any, lang: Language) -> Any:  # noqa: ANN401
    """Return a part of the file with the text of one language in place of texts by language."""
    if isinstance(part, list):
        return [_in_language(each, lang) for each in part]
    if not isinstance(part, dict):
        return part
    if part.keys() == set(LANGUAGES) and all(isinstance(each, str) for each in part.values()):
        return part[lang]
    return {name: _in_language(each, lang) for name, each in part.items()}


def names() -> Iterator[str]:
    """Yield the names of the schemas."""
    yield from _file()["$defs"]


def document(name: str, lang: Language) -> bytes | None:
    """Return one schema with the definitions that it refers to; None if there is none of this name."""
    known = definitions(lang)
    if name not in known:
        return None
    needed = {name: known[name]}
    waiting = [name]
    while waiting:
        for other in _REFERENCE.findall(json.dumps(known[waiting.pop()])):
            if other not in needed:
                needed[other] = known[other]
                waiting.append(other)
    head = {
        "$schema": _file()["$schema"],
        "$id": urls.public_url(urls.address(schema_path(name), {})),
        "title": name,
        "$ref": f"#/$defs/{name}",
    }
    return json.dumps({**head, "$defs": needed}, ensure_ascii=False, indent=1).encode() + b"\n"

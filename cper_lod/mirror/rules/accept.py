"""Regular expressions for content negotiation: Accept, Accept-Language and Accept-Encoding without a program."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import Format
from cper_lod.web.http.compression import ENCODE, IDENTITY

NONE: Final = "none"
"""The value if nothing acceptable is offered (406)."""
_END: Final = r"\s*(?:;[^,]*)?(?:,|$)"
_WEIGHTS: Final = (
    rf"(?:;\s*q\s*=\s*1(?:\.0*)?{_END}|(?:,|$))",
    *(rf";\s*q\s*=\s*0\.{tenth}[0-9]*{_END}" for tenth in range(9, 0, -1)),
    rf";\s*q\s*=\s*0\.0(?:[1-9][0-9]?|0[1-9]){_END}",
)
"""Patterns of the weights that are distinguished, highest first: 1, each tenth, and below one tenth."""


class Pattern(NamedTuple):
    """A case-insensitive pattern, and the value for headers that match it; the first match counts, as nginx has it."""

    regex: str
    value: str


def _weighted(name: str, weight: str, parameters: str = r"(?:;(?!\s*q\s*=)[^,;]*)*") -> str:
    """Return the pattern of a list element: a name (itself a pattern), its parameters and its weight."""
    return rf"(?:^|,)\s*{name}\s*{parameters}{weight}"


def _without(names: Iterable[str]) -> str:
    """Return the pattern of a header that contains none of these names."""
    listed = "|".join(names)
    return rf"^(?!(?:.*,)?\s*(?:{listed})\s*(?:[,;]|$))" if listed else ""


def format_patterns(offers: Sequence[Format]) -> Iterator[Pattern]:
    """Yield the patterns by which Accept chooses a format, like `core.formats` does.

    Not distinguished: weights that differ by less than a tenth, and profiles of JSON-LD (the plain format is sent).
    """
    names_of_each = [[re.escape(name) for name in (each.media_type, *each.aliases)] for each in offers]
    for weight in _WEIGHTS:
        for form in offers:
            if form.profile:
                profile = rf'(?:;(?!\s*q\s*=)[^,;]*)*;\s*profile="?[^",]*{re.escape(form.profile)}[^,;]*'
                yield Pattern(_weighted(re.escape(form.media_type), weight, profile), form.suffix)
        plain = [(form, names) for form, names in zip(offers, names_of_each, strict=True) if not form.profile]
        for form, (media_type, *_) in plain:
            yield Pattern(_weighted(media_type, weight), form.suffix)
        for form, (media_type, *aliases) in plain:
            if aliases:
                yield Pattern(
                    _without([media_type]) + ".*?" + _weighted(f"(?:{'|'.join(aliases)})", weight), form.suffix
                )
        for form, names in plain:
            family = re.escape(form.media_type.partition("/")[0]) + r"/\*"
            yield Pattern(_without(names) + ".*?" + _weighted(family, weight), form.suffix)
            yield Pattern(_without([*names, family]) + ".*?" + _weighted(r"\*/\*", weight), form.suffix)
    yield Pattern(r"(?:^|,)\s*[^/\s,;]+/[^/\s,;]+\s*(?:[,;]|$)", NONE)


def language_patterns() -> Iterator[Pattern]:
    """Yield the patterns by which Accept-Language chooses; the default is French."""
    named: dict[str, str] = {lang: rf"{lang}(?:-[^,;]*)?" for lang in LANGUAGES}
    yield from _ranked_patterns(named)
    yield Pattern(
        _without([named["en"], r"\*"]) + ".*?" + _weighted(named["fr"], rf";\s*q\s*=\s*0(?:\.0*)?{_END}"), "en"
    )


def encoding_patterns() -> Iterator[Pattern]:
    """Yield the patterns by which Accept-Encoding chooses, like `web.http.compression` does; the default is identity."""
    named = {name: "(?:x-)?gzip" if name == "gzip" else name for name in ENCODE}
    refused = rf";\s*q\s*=\s*0(?:\.0*)?{_END}"
    for weight in _WEIGHTS:
        yield from _ranked_patterns(named, (weight,))
        yield Pattern(_weighted(IDENTITY, weight), IDENTITY)
    yield Pattern(_weighted(IDENTITY, refused), NONE)
    yield Pattern(_without([IDENTITY]) + ".*?" + _weighted(r"\*", refused), NONE)


def _ranked_patterns(named: Mapping[str, str], weights: Iterable[str] = _WEIGHTS) -> Iterator[Pattern]:
    """Yield patterns for names in order of preference, and for the wildcard."""
    for weight in weights:
        for value, name in named.items():
            yield Pattern(_weighted(name, weight), value)
            yield Pattern(_without([name]) + ".*?" + _weighted(r"\*", weight), value)

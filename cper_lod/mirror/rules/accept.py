"""What a reader prefers, as patterns in order: Accept, Accept-Language and Accept-Encoding without a program."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import Format
from cper_lod.web.http.compression import ENCODE, IDENTITY

NONE: Final = "none"
"""What the patterns answer where nothing that is offered is acceptable: 406."""
_END: Final = r"\s*(?:;[^,]*)?(?:,|$)"
_WEIGHTS: Final = (
    rf"(?:;\s*q\s*=\s*1(?:\.0*)?{_END}|(?:,|$))",
    *(rf";\s*q\s*=\s*0\.{tenth}[0-9]*{_END}" for tenth in range(9, 0, -1)),
    rf";\s*q\s*=\s*0\.0(?:[1-9][0-9]?|0[1-9]){_END}",
)
"""The weights told apart, from the highest on: 1, each tenth, and what is below a tenth but not nothing."""


class Pattern(NamedTuple):
    """A pattern without regard to case, and what it means for whoever's header has it; the first that fits counts."""

    regex: str
    value: str


def decide(patterns: Iterable[Pattern], header: str, default: str) -> str:
    """Return what the patterns say of a header, as nginx does: the first that fits, else the default.

    >>> decide(of_languages(), "en-GB, fr;q=0.5", "fr")
    'en'
    """
    return next((each.value for each in patterns if re.search(each.regex, header, re.IGNORECASE)), default)


def _weighted(name: str, weight: str, parameters: str = r"(?:;(?!\s*q\s*=)[^,;]*)*") -> str:
    """Return the pattern of an element of a list: a name (a pattern itself), its parameters, its weight."""
    return rf"(?:^|,)\s*{name}\s*{parameters}{weight}"


def _absent(names: Iterable[str]) -> str:
    """Return the pattern of a header that names none of these; what it names has the weight that it gives."""
    listed = "|".join(names)
    return rf"^(?!(?:.*,)?\s*(?:{listed})\s*(?:[,;]|$))" if listed else ""


def of_forms(offers: Sequence[Format]) -> Iterator[Pattern]:
    """Yield the patterns by which Accept chooses among some forms, as `terms.formats.negotiate` does.

    What they do not tell apart: weights that differ by less than a tenth; and they know no profile of JSON-LD, whose
    plain form is then sent.
    """
    every = [[re.escape(name) for name in (each.media_type, *each.aliases)] for each in offers]
    for weight in _WEIGHTS:
        for form in offers:
            if form.profile:
                profile = rf'(?:;(?!\s*q\s*=)[^,;]*)*;\s*profile="?[^",]*{re.escape(form.profile)}[^,;]*'
                yield Pattern(_weighted(re.escape(form.media_type), weight, profile), form.suffix)
        plain = [(form, names) for form, names in zip(offers, every, strict=True) if not form.profile]
        for form, (own, *_) in plain:
            yield Pattern(_weighted(own, weight), form.suffix)
        for form, (own, *aliases) in plain:
            if aliases:
                yield Pattern(_absent([own]) + ".*?" + _weighted(f"(?:{'|'.join(aliases)})", weight), form.suffix)
        for form, names in plain:
            family = re.escape(form.media_type.partition("/")[0]) + r"/\*"
            yield Pattern(_absent(names) + ".*?" + _weighted(family, weight), form.suffix)
            yield Pattern(_absent([*names, family]) + ".*?" + _weighted(r"\*/\*", weight), form.suffix)
    yield Pattern(r"(?:^|,)\s*[^/\s,;]+/[^/\s,;]+\s*(?:[,;]|$)", NONE)


def of_languages() -> Iterator[Pattern]:
    """Yield the patterns by which Accept-Language chooses, as `terms.language.choose` does; French else."""
    named: dict[str, str] = {lang: rf"{lang}(?:-[^,;]*)?" for lang in LANGUAGES}
    yield from _ranked(named, r"\*")
    yield Pattern(
        _absent([named["en"], r"\*"]) + ".*?" + _weighted(named["fr"], rf";\s*q\s*=\s*0(?:\.0*)?{_END}"), "en"
    )


def of_codings() -> Iterator[Pattern]:
    """Yield the patterns by which Accept-Encoding chooses, as `web.codings.choose` does; identity else."""
    named = {name: "(?:x-)?gzip" if name == "gzip" else name for name in ENCODE}
    refused = rf";\s*q\s*=\s*0(?:\.0*)?{_END}"
    for weight in _WEIGHTS:
        yield from _ranked(named, r"\*", (weight,))
        yield Pattern(_weighted(IDENTITY, weight), IDENTITY)
    yield Pattern(_weighted(IDENTITY, refused), NONE)
    yield Pattern(_absent([IDENTITY]) + ".*?" + _weighted(r"\*", refused), NONE)


def _ranked(named: Mapping[str, str], others: str, weights: Iterable[str] = _WEIGHTS) -> Iterator[Pattern]:
    """Yield patterns for names in order of preference; `others` is what stands for those that are not named."""
    for weight in weights:
        for value, name in named.items():
            yield Pattern(_weighted(name, weight), value)
            yield Pattern(_absent([name]) + ".*?" + _weighted(others, weight), value)

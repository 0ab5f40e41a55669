"""A French text and its English translation: both have the same numbers."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core import french
from cper_lod.core.namespaces import BASE
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import numbers

COUNTED: Final = 100
"""Smaller numbers in words may be in one language only: « une dizaine », « un lycée neuf », “both”."""
_LANGUAGES: Final = ("fr", "en")
_DIGIT: Final = re.compile("[0-9]")
_POWERS: Final = {"t": 3, "k": 3, "m": 6, "b": 9}
_ENGLISH_NUMBER: Final = re.compile(
    r"(?<![0-9.,])(?P<number>[0-9]{1,3}(?:,[0-9]{3}){1,4}(?:\.[0-9]{1,6})?|[0-9]{1,15}(?:\.[0-9]{1,6})?)(?![0-9])"
    r"(?: ?(?P<word>thousand|million|billion|bn)\b| ?(?P<letter>[mk])(?=€|\b))?",
    re.IGNORECASE,
)
_VAGUE: Final = re.compile(
    r"\b(?:tens|hundreds|thousands|millions|billions)\b|\b(?:half|quarters? of) an? \w+", re.IGNORECASE
)
_VAGUE_FRENCH: Final = re.compile(r"(?<![0-9] )\b(?:millions|milliards)\b|\bdemi-m\w+", re.IGNORECASE)
"""Words of great numbers that are none: « des millions », “half a million”."""
_FRACTION: Final = re.compile(r"\b(?:moitié|quarts?)\b", re.IGNORECASE)
"""Words of shares, of which the English text has words too."""
_QUOTED: Final = re.compile("[“«]([^“”«»]+)[”»]")


def english_numbers(text: str) -> set[Decimal]:
    """Return the values of the numbers of an English text, in figures and in words.

    >>> sorted(map(int, english_numbers("more than 2.7 billion euros, €994m, one hundred million, nine signatories, 300 m")))
    [9, 300, 100000000, 994000000, 2700000000]
    """
    plain = french.single_spaced(text)
    in_words = french.in_figures(_VAGUE.sub(" ", _ENGLISH_NUMBER.sub(" ; ", plain)), "en")
    return {_value(match) for part in (plain, in_words) for match in _ENGLISH_NUMBER.finditer(part)}


def _value(match: re.Match[str]) -> Decimal:
    around = match.string[max(0, match.start() - 2) : match.end() + 2]  # without a sign, « 300 m » is a length
    unit = match["word"] or (match["letter"] if "€" in around else "") or " "
    return Decimal(match["number"].replace(",", "")).scaleb(_POWERS.get(unit[0].lower(), 0))


def french_numbers(text: str) -> set[Decimal]:
    """Return the values of the numbers of a French text, in figures and in words.

    >>> sorted(map(int, french_numbers("plus de 2,7 milliards d'euros, 994 M€, cent millions, neuf signataires, 300 m")))
    [9, 300, 100000000, 994000000, 2700000000]
    """
    plain = french.single_spaced(_FRACTION.sub(" ", text)).replace("pour cent", "%")
    plain = _VAGUE_FRENCH.sub(" ", french.multiples_in_figures(plain))
    has_one = _DIGIT.search(plain) or french.in_figures(plain) != plain  # most texts have none, which is seen faster
    return {each.value for each in french.quantities(plain)} if has_one else set()


def figures(text: str, lang: str) -> set[Decimal]:
    """Return the numbers that a text writes in figures, without their multiples, and the values of `COUNTED` or more.

    >>> sorted(map(int, figures("neuf axes, cent millions d'euros, 36 %", "fr")))
    [36, 100000000]
    """
    values = english_numbers(text) if lang == "en" else french_numbers(text)
    return _written(text, lang) | {each for each in values if each >= COUNTED}


def _written(text: str, lang: str) -> set[Decimal]:
    if lang != "en":
        return numbers(text)
    return {Decimal(each["number"].replace(",", "")) for each in _ENGLISH_NUMBER.finditer(text)}


_WRITTEN_BY_IMPORT: Final = (f"<{BASE}id/subvention/", f"<{BASE}id/fichier/")
"""What `cper-lod import subventions` describes, hundreds of thousands of things: it writes both texts from the same cells."""


def translations(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each thing of ours with an English text: it does not say what the French one says."""
    for subject in dict.fromkeys(line[0] for line in data.triples_with('"@en ')):
        if not subject.startswith(f"<{BASE}id/") or subject.startswith(_WRITTEN_BY_IMPORT):
            continue
        node, found, seen = NamedNode(subject[1:-1]), list[Finding](), set[str]()
        for predicate, values in data.graph.properties(node).items():
            texts = [each for each in values if isinstance(each, Literal)]
            one, other = ([each for each in texts if each.language == lang] for lang in _LANGUAGES)
            if len(one) == len(other) == 1 and one[0].value != other[0].value and other[0].value not in seen:
                seen.add(other[0].value)  # a label follows from a name
                if _differ(one[0].value, other[0].value):
                    found.append(data.finding("figures-differ", node.value, predicate, other[0], french=one[0].value))
        yield found


def _differ(one: str, other: str) -> bool:
    """Return whether a French and an English text have other numbers."""
    plain = _translated(one, other)
    values = french_numbers(plain[0]), english_numbers(plain[1])
    written = _written(plain[0], "fr") | _written(plain[1], "en")
    lost, added = values[0] - values[1], values[1] - values[0]
    # What one text alone says may be told otherwise in the other, but for numbers in figures and great ones.
    return bool(lost and added) or any(each >= COUNTED or each in written for each in lost | added)


def _translated(one: str, other: str) -> list[str]:
    """Return what is translated of two texts: without what the English one quotes in French, and the months of days in figures.

    >>> _translated("Elle dit « 57,3 % » le 9/01/2023", "It says “57,3 %” on 9 January 2023")
    ['Elle dit «  » le 9 2023', 'It says “” on 9 January 2023']
    """
    plain = [french.single_spaced(each).replace("’", "'") for each in (one, other)]
    if plain[0] in plain[1]:
        return ["", ""]
    for quoted in _QUOTED.findall(plain[1]):
        if (words := quoted.strip()) in plain[0]:
            plain = [each.replace(words, "") for each in plain]
    days = (french.ISO_DATE.sub(lambda match: f"{int(match[3])} {match[1]}", each) for each in plain)
    return [french.SLASHED_DATE.sub(lambda match: f"{int(match[1])} {match[4]}", each) for each in days]

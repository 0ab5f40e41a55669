"""A French text and its English translation: both have the same numbers, months, units, places, bodies and codes."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core import french
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.formatting import LOCALES
from cper_lod.core.identifiers import INSEE, TERRITORIES, identifiers_like
from cper_lod.core.namespaces import CPER, DEFINITIONS, ORG, RDF, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import numbers, without_qualifier

COUNTED: Final = 100
"""Smaller numbers in words may be in one language only: « une dizaine », « un lycée neuf », “both”."""
_CODES: Final = f"{DEFINITIONS}code/"
_KINDS: Final = _CODES + "type-d-organisme"
_WITH_A_PLACE: Final = tuple(f"{_KINDS}/{name}" for name in ("commune", "departement", "etat", "region"))
"""Kinds of bodies whose territory distinguishes them."""
_LISTS: Final = (_KINDS, *(_CODES + name for name in ("nature-de-la-valeur", "perimetre", "statut")))
_LABEL: Final = SKOS + "prefLabel"
_MONTHS: Final = {lang: tuple(LOCALES[lang].months["format"]["wide"].values()) for lang in LANGUAGES}
_UNIT: Final = re.compile(
    r"(?P<euro>€|\beuros?\b|\bEUR\b)|(?P<dollar>\$|\bdollars?\b|\bUSD\b)|(?P<livre>£|\bpounds?\b|\blivres sterling\b|\bGBP\b)"
    r"|(?P<percent>%|\bper ?cent\b|\bpour cent\b)"
)
"""How texts of either language write units."""
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
_WORD: Final = re.compile(r"\w+(?:-\w+)*")
"""A word; « Seine-Nord » is one."""
_QUOTED: Final = re.compile("[“«]([^“”«»]+)[”»]")
_MAX_WORDS: Final = 4096
"""Words whose stems are remembered."""


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


def without_french(text: str, originals: str) -> str:
    """Return an English text without what it quotes word for word from French texts, whose numbers are written otherwise.

    >>> without_french("“4,4 milliards pour « la mer »” (in French, 2022)", "4,4 milliards pour « la mer » (2022)")
    '“” (in French, 2022)'
    """
    return re.sub("(?<=“)[^“”]+(?=”)", lambda quoted: "" if quoted[0] in originals else quoted[0], text)


def _written(text: str, lang: str) -> set[Decimal]:
    if lang != "en":
        return numbers(text)
    return {Decimal(each["number"].replace(",", "")) for each in _ENGLISH_NUMBER.finditer(text)}


class _Name(NamedTuple):
    words: list[str]
    group: str
    """What it may be exchanged with."""
    of: str
    has_capital: bool


class _Names:
    """The names that are compared, by language and first word; the longest first."""

    def __init__(self, data: PublishedData) -> None:
        self._graph = data.graph
        self._shown = dict[str, str]()
        self._by_word = {lang: defaultdict[str, list[_Name]](list) for lang in LANGUAGES}
        for cls, group in TERRITORIES.items():
            for known in identifiers_like(f"{INSEE}{group}/").values():
                self._add(known.name, LANGUAGES, group, known.name)
            for place in data.subjects(RDF + "type", cls):
                self._add_all(place, group)
        for body in (*data.subjects(ORG + "classification"), *data.subjects(RDF + "type", CPER + "Groupe")):
            if not {each.value for each in data.graph.all(body, ORG + "classification")} & {*_WITH_A_PLACE}:
                self._add_all(body, "body")
        codes = [NamedNode(each) for each in _WITH_A_PLACE]
        for code in (*codes, *(code for scheme in _LISTS[1:] for code in data.concepts(scheme))):
            self._add_all(code, code.value.rpartition("/")[0])
        for lang, months in _MONTHS.items():
            for month, name in zip(french.MONTHS, months, strict=True):
                self._by_word[lang][_stem(name)].append(_Name([_stem(name)], "month", month, lang == "en"))
        for names in (each for found in self._by_word.values() for each in found.values()):
            names.sort(key=lambda name: -len(name.words))

    def _add_all(self, node: NamedNode, group: str) -> None:
        """Add the names of a thing; the French ones stand in English texts too, but for codes."""
        of = without_qualifier(self._graph.label(node, "fr"))
        for name in (each for predicate in (_LABEL, SKOS + "altLabel") for each in self._graph.all(node, predicate)):
            if isinstance(name, Literal):
                own: Language = "en" if name.language == "en" else "fr"
                langs = LANGUAGES if own == "fr" and group not in _LISTS else (own,)
                self._add(without_qualifier(name.value), langs, group, of)

    def _add(self, name: str, langs: tuple[Language, ...], group: str, of: str) -> None:
        words = [_stem(each) for each in _WORD.findall(name)]
        shown = self._shown.setdefault(folded(of), of)
        for lang in langs if words else ():
            self._by_word[lang][words[0]].append(_Name(words, group, shown, group not in _LISTS[1:]))

    def mentioned(self, text: str, lang: Language) -> dict[str, set[str]]:
        """Return what a text names, by group; a name within a longer one is none, but for a place in the name of a body."""
        found, words = defaultdict[str, set[str]](set), _WORD.findall(text)
        stems, place = [_stem(each) for each in words], 0
        while place < len(words):
            for each in self._by_word[lang].get(stems[place], ()):
                end = place + len(each.words)
                if stems[place:end] == each.words and (words[place][0].isupper() or not each.has_capital):
                    found[each.group].add(each.of)
                    place = end - 1 if each.group != "body" else place  # « Agence Bretagne Presse »
                    break
            place += 1
        for unit in _UNIT.finditer(text):
            found["unit"].add(str(unit.lastgroup))
        return found


@lru_cache(_MAX_WORDS)
def _stem(word: str) -> str:
    """Return a word without case, accents and the marks of the plural and the feminine.

    >>> _stem("signées"), _stem("Signé"), _stem("Côtes-d")
    ('sign', 'sign', 'cotes-d')
    """
    plain = folded(word)
    return plain.rstrip("s").rstrip("e") if len(plain) > 3 else plain


_WRITTEN_BY_IMPORT: Final = ("subvention/", "fichier/")
"""What `cper-lod import subventions` describes, hundreds of thousands of things: it writes both texts from the same cells."""


def translations(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each thing of ours with an English text: it does not say what the French one says."""
    names, start = _Names(data), f"<{data.sources.names.things}"
    for subject in dict.fromkeys(line[0] for line in data.triples_with('"@en ')):
        if not subject.startswith(start) or subject.startswith(_WRITTEN_BY_IMPORT, len(start)):
            continue
        node, found, seen = NamedNode(subject[1:-1]), list[Finding](), set[str]()
        for predicate, values in data.graph.properties(node).items():
            texts = [each for each in values if isinstance(each, Literal)]
            one, other = ([each for each in texts if each.language == lang] for lang in LANGUAGES)
            if len(one) == len(other) == 1 and one[0].value != other[0].value and other[0].value not in seen:
                seen.add(other[0].value)  # a label follows from a name
                found += _compared(data, names, node.value, predicate, one[0], other[0])
        yield found


def _compared(
    data: PublishedData, names: _Names, node: str, predicate: str, one: Literal, other: Literal
) -> Iterator[Finding]:
    plain = _translated(one.value, other.value)
    values = french_numbers(plain[0]), english_numbers(plain[1])
    written = _written(plain[0], "fr") | _written(plain[1], "en")
    lost, added = values[0] - values[1], values[1] - values[0]
    # What one text alone says may be told otherwise in the other, but for numbers in figures and great ones.
    if (lost and added) or any(each >= COUNTED or each in written for each in lost | added):
        yield data.finding("figures-differ", node, predicate, other, french=one.value)
    in_french = names.mentioned(plain[0], "fr")
    in_english = names.mentioned(plain[1], "en") if in_french else {}
    for group in in_french.keys() & in_english.keys():
        of_one, of_other = in_french[group] - in_english[group], in_english[group] - in_french[group]
        if of_one and of_other and (group != _KINDS or predicate == _LABEL):
            shown = {"french": ", ".join(sorted(of_one)), "english": ", ".join(sorted(of_other))}
            yield data.finding("translation-of-another", node, predicate, other, **shown)


def _translated(one: str, other: str) -> tuple[str, str]:
    """Return what is translated of two texts: without what the English one quotes in French, with days told alike.

    >>> _translated("Elle dit « 57,3 % » le 9/01/2023", "It says “57,3 %” on 9 January 2023")
    ('Elle dit «  » le 9 janvier 2023', 'It says “” on 9 January 2023')
    """
    plain = [french.single_spaced(each).replace("’", "'") for each in (one, other)]
    if plain[0] in plain[1]:
        return "", ""
    for quoted in _QUOTED.findall(plain[1]):
        if (words := quoted.strip()) in plain[0]:
            plain = [each.replace(words, "") for each in plain]
    french_text, english_text = (_with_months(text, lang) for text, lang in zip(plain, LANGUAGES, strict=True))
    return french_text, english_text


def _with_months(text: str, lang: Language) -> str:
    """Return a text with the days in figures as days with the name of the month."""

    def day(number: str, month: str, year: str) -> str:
        return f"{int(number)} {_MONTHS[lang][int(month) - 1]} {year}" if 1 <= int(month) <= len(french.MONTHS) else ""

    text = french.ISO_DATE.sub(lambda match: day(match[3], match[2], match[1]) or match[0], text)
    return french.SLASHED_DATE.sub(lambda match: day(match[1], match[3], match[4]) or match[0], text)

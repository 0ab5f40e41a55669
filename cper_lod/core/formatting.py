"""Amounts, numbers, dates and URLs as readers write them (Unicode CLDR, through Babel)."""

import datetime
import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Final

from babel.core import Locale
from babel.numbers import format_currency, format_decimal, get_currency_name, get_currency_symbol

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.text import folded

LOCALES: Final = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
_PLAIN: Final = re.compile(r"[+-]?(?:[0-9]{1,18}(?:\.[0-9]{0,9})?|\.[0-9]{1,9})")
"""A decimal that fits Python's 28 digits exactly; data may contain 1E999999999, which nobody could read."""
_DATE: Final = re.compile("(?:([0-9]{4})|-)-([0-9]{2})(?:-([0-9]{2}))?")
"""A day or a month, perhaps without its year, as XML Schema writes them."""
_MILLIONS: Final = {9: {"fr": "Md", "en": "bn"}, 6: {"fr": "M", "en": "m"}}
"""Powers of ten that amounts are shortened to, the largest first, and their signs."""
_PRECISE: Final = Decimal("0.01")
"""Half the width of the bounds, relative to the value, up to which a computed amount is one number."""
_APOSTROPHE: Final = re.compile(r"'(?<=[^\W\d_]')(?=\w)")
"""Patterns begin with the character that they look for: Python then skips to the next one."""
_TIED_SPACE: Final = re.compile(
    r" (?:(?=[:;?!»%])|(?<=« )|(?<=1er )(?=[a-zéû])|(?<=\b[Aa]xe )(?=[0-9])|(?<=\b[Pp]riorité )(?=[0-9])"
    r"|(?<=[0-9] )(?=(?:M|Md|k)?€|millions?\b|milliards?\b|[0-9]{3}(?![0-9])"
    r"|(?:janv|févr|mars|avr|mai|juin|juil|août|sept|oct|nov|déc)))"
)
_MAX_CACHED: Final = 200
"""Characters of the longest text that is cached once it is typeset."""
_FIRST: Final = re.compile(r"1er(?<=\b1er)\b")
_IRI_OR_NAME: Final = re.compile(r"\S+[:/]\S*")
_SCHEME: Final = re.compile("https?://(?:www\\.)?|mailto:|tel:")


def exact(value: str | int) -> Decimal | None:
    """Return a number that can be shown digit by digit, None for any other text.

    >>> exact("57.3"), exact("1e9"), exact("beaucoup"), exact("9" * 27)
    (Decimal('57.3'), None, None, None)
    """
    return Decimal(value) if _PLAIN.fullmatch(str(value)) else None


def number(value: str | int, lang: Language) -> str:
    """Return a number as a reader of `lang` writes it; any other text comes back unchanged.

    >>> number("57.3", "fr")
    '57,3'
    """
    if exact(value) is None:
        return str(value)
    return _number(str(value), lang)


@lru_cache(maxsize=1024)  # saves up to 9 % of a page with figures: Babel takes 20 µs, and pages repeat their numbers
def _number(plain: str, lang: Language) -> str:
    """Return a number as a reader writes it."""
    return str(format_decimal(Decimal(plain), locale=LOCALES[lang], decimal_quantization=False))


def percent(value: str, lang: Language) -> str:
    """Return a percentage with its sign, spaced as the language requires.

    >>> percent("57.3", "en")
    '57.3%'
    """
    return number(value, lang) + ("\u202f%" if lang == "fr" else "%")


def typeset(text: str, lang: Language) -> str:
    r"""Return one of our texts with typographic signs and spaces; quotations are shown as they are.

    Apostrophes are curved; in French, double punctuation, numbers and their units do not begin a line, and the first of
    a month is 1ᵉʳ. Hyphens stay, so that names can be found and copied. A text keeps its length.

    >>> typeset("Qui l'a dit ? Le 1er mars 2023 : 57,3 %", "fr")
    'Qui l’a dit\xa0? Le 1ᵉʳ\xa0mars 2023\xa0: 57,3\xa0%'
    >>> typeset("La part de l'axe 5 : 2 757 M€", "fr")
    'La part de l’axe\xa05\xa0: 2\xa0757\xa0M€'
    >>> typeset("the reader's `'code'`", "en")
    "the reader’s `'code'`"
    """
    return (_typeset_cached if len(text) <= _MAX_CACHED else _typeset)(text, lang)


def _typeset(text: str, lang: Language) -> str:
    curved = _APOSTROPHE.sub("’", text)
    return _FIRST.sub("1ᵉʳ", _TIED_SPACE.sub("\u00a0", curved)) if lang == "fr" else curved


_typeset_cached: Final = lru_cache(maxsize=4096)(_typeset)
"""The same, for the names and sentences that pages repeat: saves 1 to 7 % of a page."""


def amount(value: str, currency: str, lang: Language) -> str:
    """Return an amount of money with all its digits; what is no plain number keeps its text.

    >>> amount("994000000", "EUR", "en")
    '€994,000,000'
    >>> amount("12000.50", "EUR", "en"), amount("12000.5", "EUR", "en")
    ('€12,000.50', '€12,000.50')
    """
    if exact(value) is None:
        return f"{value} {currency}"
    return _amount(str(value), currency, lang)


@lru_cache(maxsize=1024)  # saves 5 % of the page of a figure, which repeats its amounts
def _amount(plain: str, currency: str, lang: Language) -> str:
    """Return an amount as a reader writes it."""
    value = Decimal(plain)
    # Cents are two digits or none: 12 000,50 €, 994 000 000 €.
    digits = "#,##0" if value == value.to_integral_value() else "#,##0.00######"
    return format_currency(
        value,
        currency,
        format=f"{digits}\u00a0¤" if lang == "fr" else f"¤{digits}",
        locale=LOCALES[lang],
        currency_digits=False,
        decimal_quantization=False,
    )


def short_amount(value: str, currency: str, lang: Language) -> str:
    r"""Return an amount of money in millions or thousand millions if that loses no digit, else with all its digits.

    >>> short_amount("2700000000", "EUR", "fr"), short_amount("2757000000", "EUR", "fr")
    ('2,7\xa0Md€', '2\u202f757\xa0M€')
    >>> short_amount("994000000", "EUR", "en"), short_amount("12500", "EUR", "en")
    ('€994m', '€12,500')
    """
    plain = exact(value)
    if plain is not None and (scaled := _scaled([plain])):
        return _shortened(*scaled, currency, lang)
    return amount(value, currency, lang)


def short_amounts(values: list[Decimal], currency: str, lang: Language) -> list[str]:
    r"""Return amounts of money all in one unit, for a scale.

    >>> short_amounts([Decimal(1_570_000_000), Decimal(1_575_000_000)], "EUR", "fr")
    ['1\u202f570\xa0M€', '1\u202f575\xa0M€']
    """
    if scaled := _scaled(values):
        units, power = scaled
        return [_shortened([each], power, currency, lang) for each in units]
    return [short_amount(format(each, "f"), currency, lang) for each in values]


def _scaled(values: list[Decimal]) -> tuple[list[Decimal], int] | None:
    """Return values in thousand millions or millions, and that power of ten; None if that loses a digit."""
    for power in _MILLIONS:
        units = [each.scaleb(-power) for each in values]
        if min(map(abs, units)) >= 1 and all(each == round(each, 2) for each in units):
            return units, power
    return None


def computed_amount(value: str, low: str, high: str, currency: str, lang: Language) -> str:
    r"""Return a computed amount with the digits that its bounds support: at most four, or the bounds, rounded outwards.

    It is one number if the bounds are within 1 % of the value.

    >>> computed_amount("1579761000", "1577523750", "1581999750", "EUR", "fr")
    '≈\xa01,58\xa0Md€'
    >>> computed_amount("2757000000", "2755500000", "2758500000", "EUR", "en")
    '≈€2,757m'
    >>> computed_amount("523830000", "509767500", "537907500", "EUR", "fr")
    '509–538\xa0M€'
    >>> computed_amount("523830000", "509767500", "537907500", "EUR", "en")
    '€509m–538m'
    """
    middle, least, most = exact(value), exact(low), exact(high)
    if middle is None or least is None or most is None or least == most:
        return short_amount(value, currency, lang)
    doubt = max(most - middle, middle - least, abs(middle) / 10**4)
    if doubt <= abs(middle) * _PRECISE:
        place = Decimal(1).scaleb((doubt / 2).adjusted() + 1)
        shown = short_amount(format(middle.quantize(place), "f"), currency, lang)
        return "≈" + ("\u00a0" if lang == "fr" else "") + shown
    return amount_range(low, high, currency, lang)


def amount_range(low: str, high: str, currency: str, lang: Language) -> str:
    r"""Return the bounds of an amount, rounded outwards to two digits of their distance; one amount if they are equal.

    >>> amount_range("241106250", "244127250", "EUR", "fr"), amount_range("5", "5", "EUR", "en")
    ('241,1–244,2\xa0M€', '€5')
    """
    least, most = exact(low), exact(high)
    if least is None or most is None or most <= least:
        return short_amount(low, currency, lang)
    place = Decimal(1).scaleb((most - least).adjusted() - 1)
    bounds = [least.quantize(place, ROUND_FLOOR), most.quantize(place, ROUND_CEILING)]
    if scaled := _scaled(bounds):
        return _shortened(*scaled, currency, lang)
    first, last = (amount(format(each, "f"), currency, lang) for each in bounds)
    return f"{first}–{last}"


def amount_in_words(value: str, currency: str, lang: Language) -> str:
    r"""Return an amount for a sentence: millions and thousand millions as words if that loses no digit.

    >>> amount_in_words("2700000000", "EUR", "fr"), amount_in_words("2700000000", "EUR", "en")
    ('2,7\xa0milliards d’euros', '€2.7\xa0billion')
    >>> amount_in_words("1500000", "CHF", "fr"), amount_in_words("12500", "EUR", "en")
    ('1,5\xa0million de francs suisses', '€12,500')
    """
    plain = exact(value)
    scaled = _scaled([plain]) if plain is not None else None
    if not scaled:
        return amount(value, currency, lang)
    (units,), power = scaled
    shown = number(format(units.normalize(), "f"), lang)
    if lang == "en":
        symbol = get_currency_symbol(currency, locale=LOCALES[lang])
        gap = "\u00a0" if symbol.isalpha() else ""
        return f"{symbol}{gap}{shown}\u00a0{'billion' if power == 9 else 'million'}"
    scale = ("milliard" if power == 9 else "million") + ("s" if abs(units) >= 2 else "")
    name = get_currency_name(currency, count=2, locale=LOCALES[lang])
    of = "d’" if folded(name)[:1] in "aeiouy" else "de "
    return f"{shown}\u00a0{scale} {of}{name}"


def _shortened(values: list[Decimal], power: int, currency: str, lang: Language) -> str:
    """Return one or two numbers of millions, or of thousand millions, with their unit and currency."""
    sign = _MILLIONS[power][lang]
    numbers = [number(format(each.normalize(), "f"), lang) for each in values]
    symbol = get_currency_symbol(currency, locale=LOCALES[lang])
    gap = "\u00a0" if symbol.isalpha() else ""
    if lang == "fr":
        return "–".join(numbers) + f"\u00a0{sign}{gap}{symbol}"
    return symbol + gap + "–".join(each + sign for each in numbers)


def date(value: str, lang: Language) -> str:
    """Return a date in words, which may be a month, or a day or a month without a year; any other text comes back unchanged.

    >>> date("2023-01-09", "fr"), date("2021-12", "en")
    ('9 janvier 2023', 'December 2021')
    >>> date("--02-01", "fr"), date("--06", "en"), date("2023", "fr")
    ('1er février', 'June', '2023')
    """
    return _date(value, lang, "wide")


def _date(value: str, lang: Language, width: str) -> str:
    """Return a date with the name of its month in a width of CLDR; `format_date` of Babel takes four times as long."""
    found = _DATE.fullmatch(value)
    if found is None:
        return value
    year, month, day = found.groups()
    try:
        datetime.date(int(year or 2000), int(month), int(day or 1))  # 2000 has a 29 February
    except ValueError:
        return value
    # In French the first day of a month is an ordinal; CLDR does not do that.
    number = "1er" if lang == "fr" and day == "01" else day.lstrip("0") if day else ""
    return " ".join(filter(None, (number, LOCALES[lang].months["format"][width][int(month)], year)))


def short_date(value: str, lang: Language) -> str:
    """Return a date with an abbreviated month; a year, and any other text, come back unchanged.

    >>> short_date("2023-01-09", "fr"), short_date("2023", "fr")
    ('9 janv. 2023', '2023')
    """
    return _date(value, lang, "abbreviated")


def cardinal(count: int, lang: Language) -> str:
    """Return a number of things in words up to twelve, else in digits.

    >>> cardinal(7, "fr"), cardinal(13, "en")
    ('sept', '13')
    """
    words = translate("cardinals", lang).split()
    return words[count] if 0 <= count < len(words) else number(count, lang)


def ordinal(position: int, lang: Language) -> str:
    """Return the position of a year in words up to the twelfth, else in digits.

    >>> ordinal(6, "fr"), ordinal(13, "fr")
    ('sixième', '13e')
    """
    words = translate("ordinals", lang).split()
    return words[position - 1] if 0 < position <= len(words) else f"{position}{'e' if lang == 'fr' else 'th'}"


def truth(value: str, lang: Language) -> str:
    """Return « oui » or « non » for a truth value; any other text comes back unchanged.

    >>> truth("true", "fr"), truth("0", "en")
    ('oui', '0')
    """
    return {"true": translate("value-true", lang), "false": translate("value-false", lang)}.get(value, value)


def address(iri: str) -> str:
    """Return a URL as people write it, without its scheme.

    >>> address("https://www.wikidata.org/entity/Q3093"), address("mailto:a@example.org"), address("urn:x:y")
    ('wikidata.org/entity/Q3093', 'a@example.org', 'urn:x:y')
    """
    found = _SCHEME.match(iri)
    return iri[found.end() :].rstrip("/") or iri if found else iri


def brief(text: str, length: int = 200) -> str:
    """Return a text cut at a word, with an ellipsis, if it is longer than `length`.

    >>> brief("one two three", 9)
    'one two…'
    """
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    return (text[:length].rpartition(" ")[0].rstrip(" ,;:.") or text[:length]) + "…"


def capital(text: str) -> str:
    """Return a label with a capital first letter; a URL or a prefixed name stays as it is.

    >>> capital("étape"), capital("example.org/Node"), capital("ex:Node")
    ('Étape', 'example.org/Node', 'ex:Node')
    """
    return text if _IRI_OR_NAME.fullmatch(text) else text[:1].upper() + text[1:]

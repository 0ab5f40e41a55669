"""Amounts, numbers and dates in the reader's language (Unicode CLDR, through Babel)."""

import datetime
from decimal import Decimal, InvalidOperation

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal

from cper_lod.terms.problems import Language

LOCALES = {"fr": "fr_FR", "en": "en_GB"}


def number(value: str | int, lang: Language) -> str:
    """Return a number as a reader of `lang` writes it; what is no number comes back unchanged.

    >>> number("57.3", "fr")
    '57,3'
    """
    try:
        exact = Decimal(value)
    except InvalidOperation:
        return str(value)
    if not exact.is_finite():
        return str(value)
    return str(format_decimal(exact, locale=LOCALES[lang], decimal_quantization=False))


def amount(value: str, currency: str, lang: Language) -> str:
    """Return an amount of money, exact to the last digit given.

    >>> amount("994000000", "EUR", "en")
    '€994,000,000'
    """
    exact = Decimal(value)
    pattern = "#,##0.######## ¤" if lang == "fr" else "¤#,##0.########"
    return format_currency(
        exact, currency, format=pattern, locale=LOCALES[lang], currency_digits=False, decimal_quantization=False
    )


def date(value: str, lang: Language) -> str:
    """Return a day in words, a year as it is; what is no date comes back unchanged.

    >>> date("2023-01-09", "fr")
    '9 janvier 2023'
    """
    try:
        day = datetime.date.fromisoformat(value)
    except ValueError:
        return value
    return str(format_date(day, format="long", locale=LOCALES[lang]))

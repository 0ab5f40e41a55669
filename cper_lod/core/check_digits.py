"""Identifiers of French organisations: SIREN and SIRET (Luhn check digit), and RNA numbers."""

import re
from typing import Final

LA_POSTE: Final = "356000000"
"""The SIREN of La Poste. The SIRETs of its establishments follow another rule than Luhn."""

_DOUBLED: Final = "0246813579"
_RNA: Final = re.compile(r"W[0-9]{9}")


def luhn(digits: str) -> bool:
    """Return whether the last digit is the Luhn check digit of the digits before it.

    >>> luhn("200053742"), luhn("200053743")
    (True, False)
    """
    pairs = enumerate(reversed(digits))
    return sum(int(_DOUBLED[int(digit)] if index % 2 else digit) for index, digit in pairs) % 10 == 0


def is_siret(text: str) -> bool:
    """Return whether `text` is a SIRET: 14 digits, SIREN and SIRET both valid under Luhn.

    The digits of a SIRET of La Poste add up to a multiple of five instead.

    >>> is_siret("20005374200017"), is_siret("20005374200018"), is_siret("35600000049837"), is_siret("0" * 14)
    (True, False, True, False)
    """
    if len(text) != 14 or not (text.isascii() and text.isdigit()) or not text.strip("0"):
        return False
    if luhn(text[:9]) and text[:9].strip("0") and luhn(text):
        return True
    return text.startswith(LA_POSTE) and sum(map(int, text)) % 5 == 0


def is_rna(text: str) -> bool:
    """Return whether `text` has the form of an RNA number.

    >>> is_rna("W380475558"), is_rna("W38047555")
    (True, False)
    """
    return _RNA.fullmatch(text) is not None

"""SIREN, SIRET and RNA numbers: their keys, and their forms (pure functions)."""

import re
from typing import Final

LA_POSTE: Final = "356000000"
"""The SIREN of La Poste, whose many establishments have a key of their own."""

_DOUBLED: Final = "0246813579"
_RNA: Final = re.compile(r"W[0-9]{9}")


def luhn(digits: str) -> bool:
    """Return whether the last digit is the Luhn key of those before it.

    >>> luhn("200053742"), luhn("200053743")
    (True, False)
    """
    pairs = enumerate(reversed(digits))
    return sum(int(_DOUBLED[int(digit)] if place % 2 else digit) for place, digit in pairs) % 10 == 0


def is_siret(text: str) -> bool:
    """Return whether `text` is a SIRET: fourteen digits, both keys right; La Poste's digits sum to a multiple of five.

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

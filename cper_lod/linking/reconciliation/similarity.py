"""Similarity of names: normalized, without small words, abbreviations expanded; rapidfuzz for misspellings."""

import re
from typing import Final

from cper_lod.core.text import folded
from cper_lod.release.storage.text import words

SMALL: Final = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "the", "and", "in", "for")
)
"""Words that hardly distinguish names: « Métropole européenne Lille » means « Métropole européenne de Lille »."""
ABBREVIATIONS: Final = {
    "agglo": "agglomeration",
    "ca": "communaute agglomeration",
    "cc": "communaute commune",
    "cd": "departement",
    "cper": "contrat plan etat region",
    "cu": "communaute urbaine",
    "dep": "departement",
    "dept": "departement",
    "dpt": "departement",
    "hdf": "haut france",
    "pref": "prefecture",
    "reg": "region",
    "st": "saint",
    "ste": "sainte",
}
"""Abbreviations in French tables, in the form of `name_core`."""
_PHRASES: Final = (("conseil departemental", "departement"), ("conseil regional", "region"))
"""Bodies named after the assembly that governs them."""
ORDER: Final = 0.98
"""Factor for the same words in another order."""
PART: Final = 0.8
"""Factor for words that are all contained in a longer name: « Nord » is part of « Département du Nord », and of many others."""
_NOT_CODE: Final = re.compile(r"[\W_]+")


def code_key(text: str) -> str:
    """Return a code in comparable form: no case, spaces or punctuation.

    >>> code_key("225 900 018"), code_key("fr-HDF")
    ('225900018', 'frhdf')
    """
    return _NOT_CODE.sub("", folded(text))


def name_key(text: str) -> str:
    """Return a name in comparable form: its normalized words.

    >>> name_key("Département du Nord")
    'departement du nord'
    """
    return " ".join(words(text))


def name_core(name: str) -> str:
    """Return a name key without its small words; a key of small words only is unchanged.

    >>> name_core("metropole europeenne de lille"), name_core("la")
    ('metropole europeenne lille', 'la')
    """
    return " ".join(word for word in name.split() if word not in SMALL) or name


def expand_abbreviations(name: str) -> str:
    """Return a name core with its abbreviations expanded.

    >>> expand_abbreviations("dept nord"), expand_abbreviations("conseil departemental nord")
    ('departement nord', 'departement nord')
    """
    for phrase, short in _PHRASES:
        name = re.sub(rf"\b{phrase}\b", short, name)
    return " ".join(ABBREVIATIONS.get(word, word) for word in name.split())


def similarity(query: str, name: str) -> float:
    """Return the similarity of two name cores, 0 to 100: best of character order, word sets in any order, and parts.

    A name that is only a small part of the query scores less: « État » in « contrat de plan État-Région ».
    """
    from rapidfuzz import fuzz  # noqa: PLC0415 - the server starts without it

    share = min(1.0, len(name) / len(query))
    return max(
        fuzz.ratio(query, name),
        fuzz.token_sort_ratio(query, name) * ORDER,
        fuzz.token_set_ratio(query, name) * PART * (1 + share) / 2,
    )

"""How like two names are: folded, without small words, abbreviations written out; rapidfuzz for what is misspelt."""

import re
from typing import Final

from cper_lod.release.storage.text import folded, words

SMALL: Final = frozenset(
    ("a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "the", "and", "in", "for")
)
"""Words that names are told apart by least: « Métropole européenne Lille » is that « de Lille »."""
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
"""What French tables shorten, as `core` has it."""
_PHRASES: Final = (("conseil departemental", "departement"), ("conseil regional", "region"))
"""Bodies called by the assembly that governs them."""
ORDER: Final = 0.98
"""What the same words in another order are worth of the likeness of words in order,"""
PART: Final = 0.8
"""and what words are that are all in a longer name: « Nord » is some of « Département du Nord », and of much else."""
_NOT_CODE: Final = re.compile(r"[\W_]+")


def code(text: str) -> str:
    """Return a code as codes are compared: without case, spaces and punctuation.

    >>> code("225 900 018"), code("fr-HDF")
    ('225900018', 'frhdf')
    """
    return _NOT_CODE.sub("", folded(text))


def key(text: str) -> str:
    """Return a name as names are compared: its words, folded.

    >>> key("Département du Nord")
    'departement du nord'
    """
    return " ".join(words(text))


def core(name: str) -> str:
    """Return a key without its small words; a key of small words alone stays.

    >>> core("metropole europeenne de lille"), core("la")
    ('metropole europeenne lille', 'la')
    """
    return " ".join(word for word in name.split() if word not in SMALL) or name


def written_out(name: str) -> str:
    """Return a core with its abbreviations written out.

    >>> written_out("dept nord"), written_out("conseil departemental nord")
    ('departement nord', 'departement nord')
    """
    for phrase, short in _PHRASES:
        name = re.sub(rf"\b{phrase}\b", short, name)
    return " ".join(ABBREVIATIONS.get(word, word) for word in name.split())


def likeness(asked: str, name: str) -> float:
    """Return how like two cores are, from 0 to 100: of the letters in order, of the words in any order, of a part.

    A name that is but a small part of what is asked is worth less: « État » of « contrat de plan État-Région ».
    """
    from rapidfuzz import fuzz  # noqa: PLC0415  # serving starts without it

    share = min(1.0, len(name) / len(asked))
    return max(
        fuzz.ratio(asked, name),
        fuzz.token_sort_ratio(asked, name) * ORDER,
        fuzz.token_set_ratio(asked, name) * PART * (1 + share) / 2,
    )

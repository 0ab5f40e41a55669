"""Texts as they are compared, named in an address, and shown on a terminal."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from typing import Final

from cper_lod.core.errors import Phrase

_LETTERS: Final = {"œ": "oe", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
"""Letters that Unicode does not decompose, and the ASCII letters that stand for them."""
_LETTER: Final = re.compile(f"[{''.join(_LETTERS)}]")
_MARKS: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
"""Accents and other combining marks: Latin, Greek, Cyrillic, Hebrew, Arabic."""

_LONGEST_NAME: Final = 100
"""Characters of the longest name for which a near one is looked for: it takes quadratic time."""


def folded(text: str) -> str:
    """Return `text` without case, accents and ligatures.

    >>> folded("Œuvres de l'ÉTAT")
    "oeuvres de l'etat"
    """
    if text.isascii():
        return text.lower()
    # Decomposed before and after: a letter such as 𝕬 has a case only once it is decomposed.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _LETTER.sub(lambda letter: _LETTERS[letter[0]], _MARKS.sub("", decomposed))


def single_stopped(text: str) -> str:
    """Return a text in which a value with a full stop is followed by no second one.

    >>> single_stopped("Ce texte : Un emprunt.. Mots cités : …")
    'Ce texte : Un emprunt. Mots cités : …'
    """
    return re.sub(r"(?<!\.)\.\.(?=\s|$)", ".", text)


def slug(text: str) -> str:
    """Return `text` as a part of an address: ASCII letters and digits with hyphens; empty if there are none.

    >>> slug("Région fictive d'Armorique – Œuvres"), slug("北")
    ('region-fictive-d-armorique-oeuvres', '')
    """
    return re.sub("[^a-z0-9]+", "-", folded(text)).strip("-")


NEARLY: Final = 0.85
"""How much a name is like another one, from 0 to 1, to be taken for it with a mistake."""


def nearest(name: str, names: Iterable[str], likeness: float = 0.6) -> str:
    """Return the one of `names` that is nearest to `name`, whatever their case and accents; "" if none is near.

    Near is what is alike by so much, from 0 to 1.

    >>> nearest("Axee", ("axe", "Axe", "Contrat")), nearest("PRIORITÉ", ("priorite",)), nearest("Bac", ("Contrat",))
    ('Axe', 'priorite', '')
    """
    if len(name) > _LONGEST_NAME:
        return ""
    by_folded = dict[str, list[str]]()
    for each in sorted(names):
        by_folded.setdefault(folded(each), []).append(each)
    near = get_close_matches(folded(name), by_folded, 1, likeness)
    return max(by_folded[near[0]], key=lambda each: SequenceMatcher(None, name, each).ratio()) if near else ""


def did_you_mean(near: str) -> Phrase | None:
    """Return the question whether `near` was meant, as a sentence; None if nothing is near.

    >>> did_you_mean("axe"), did_you_mean("")
    ('Did you mean “axe”?', None)
    """
    return Phrase(f"Did you mean “{near}”?", fr=f"Vouliez-vous dire « {near} » ?") if near else None


def escaped(text: str) -> str:
    r"""Return `text` on one line, with control characters escaped, so that it cannot control a terminal.

    >>> escaped("a\x1b[2J\nb")
    'a\\x1b[2J\\nb'
    """
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def lowered(text: str) -> str:
    """Return a label with a small first letter, for the middle of a sentence; an acronym stays as it is.

    >>> lowered("Hors mobilités"), lowered("CPER")
    ('hors mobilités', 'CPER')
    """
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def natural_text(text: str) -> str:
    """Return a text that sorts as the given one does without case and accents, numbers by value.

    >>> sorted(["Axe 10", "axe 2", "Âge"], key=natural_text)
    ['Âge', 'axe 2', 'Axe 10']
    """
    return re.sub("[0-9]+", _padded, folded(text))


def _padded(digits: re.Match[str]) -> str:
    bare = digits[0].lstrip("0")
    return f"{len(bare):04}{bare}"

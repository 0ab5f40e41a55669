"""The communes of France found by name or postcode, also by the name of a part; they are read when one is first looked for."""

import re
from bisect import bisect_left, bisect_right
from functools import cache
from typing import Final, NamedTuple

from cper_lod.core.identifiers import Body, Commune, by_code, communes, comparable, department
from cper_lod.core.text import nearest as nearest_name

MAX_LENGTH: Final = 100
"""Characters of a name at most; further ones are not read."""
MAX_FOUND: Final = 50
"""Communes that are found at most."""
_MAX_COMPARED: Final = 2000
"""Names that a misspelt one is compared with at most: those with its first two letters."""
_NEARLY: Final = 0.75
"""How much a misspelt name is like the right one, from 0 to 1."""
_LAST: Final = "\U0010ffff"
_POSTCODE: Final = re.compile(r"(?<!\d)\d{5}(?!\d)")


class FoundCommune(NamedTuple):
    """A commune that was found: by its own name or postcode, or by the name of a `part` of it, such as a former commune."""

    code: str
    name: str
    department: str
    postcodes: str
    part: str


@cache
def _by_code() -> dict[str, Commune]:
    return {each.code: each for each in communes() if not each.is_part}


@cache
def _by_key() -> dict[str, dict[str, str]]:
    """Return the codes of the communes of each name and postcode, each with the name of the part that has it, "" for the whole."""
    found = dict[str, dict[str, str]]()
    for each in communes():
        for key in (comparable(each.name), *each.postcodes):
            found.setdefault(key, {}).setdefault(each.code, each.name if each.is_part else "")
    return found


@cache
def _keys() -> list[str]:
    return sorted(_by_key())


def _between(first: str, last: str) -> list[str]:
    return _keys()[bisect_left(_keys(), first) : bisect_right(_keys(), last)]


def find(text: str, *, exact: bool = False) -> list[FoundCommune]:
    """Return the communes of a name, a postcode or both: those of just that name, else those whose names begin with it.

    With `exact`, only those of just that name. `MAX_FOUND` at most, in the order of their names; empty if there are none.

    >>> [(each.code, each.part) for each in find("59160 Lomme")], [each.name for each in find("roubai")]
    ([('59350', 'Lomme')], ['Roubaix'])
    """
    posted, name = _parts(text)
    for end in ("", _LAST) if name and not exact else ("",):
        found = dict[str, FoundCommune]()
        for key in _between(name or posted, (name or posted) + end):
            for code, part in sorted(_by_key()[key].items()):
                commune, within = _by_code()[code], by_code("departement", department(code))
                if not posted or posted in commune.postcodes:
                    postcodes, above = " ".join(commune.postcodes), within.name if within else ""
                    found.setdefault(code, FoundCommune(code, commune.name, above, postcodes, part))
            if len(found) >= MAX_FOUND:
                break
        if found:
            return [*found.values()][:MAX_FOUND]
    return []


def nearest(text: str) -> str:
    """Return the name of the commune that a name is nearly, "" if it is nearly none.

    >>> nearest("Dunkerke"), nearest("Qwxyz")
    ('Dunkerque', '')
    """
    _, name = _parts(text)
    keys = _between(name[:2], name[:2] + _LAST)[:_MAX_COMPARED] if len(name) > 2 else []
    names = {key: part or _by_code()[code].name for key in keys for code, part in _by_key()[key].items()}
    return names.get(nearest_name(name, names, _NEARLY), "")


def areas(code: str) -> list[Body]:
    """Return the commune with a code of Insee, its intercommunality, its department and its region; empty if there is none.

    >>> [each.name for each in areas("35238")]
    ['Rennes', 'Rennes Métropole', 'Ille-et-Vilaine', 'Bretagne']
    """
    commune = _by_code().get(code)
    if commune is None:
        return []
    within = by_code("departement", department(code))
    region = by_code("region", within.regions[0]) if within else None
    above = (by_code("epci", commune.intercommunality), within, region)
    own = Body("commune", code, commune.name, commune.siren, (department(code),), within.regions if within else ())
    return [own, *filter(None, above)]


def _parts(text: str) -> tuple[str, str]:
    """Return the postcode in a text, and the name as names are compared; "" for what it has not.

    >>> _parts("59100 Roubaix"), _parts("Le Havre")
    (('59100', 'roubaix'), ('', 'havre'))
    """
    text = text[:MAX_LENGTH]
    posted = _POSTCODE.search(text)
    return posted[0] if posted else "", comparable(_POSTCODE.sub(" ", text))

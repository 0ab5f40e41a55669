"""Names, codes and SIREN of regions, departments, intercommunalities and communes, from the table beside this file.

`LICENSE` says where the table is from, `rebuild` makes it anew. It is read when something is first looked up.
"""

import lzma
import re
from collections.abc import Collection
from functools import cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple, get_args

from cper_lod.core.text import NEARLY, folded
from cper_lod.core.text import nearest as nearest_name

Kind = Literal["region", "departement", "epci", "commune"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

TABLE: Final = "table.xz"
"""Four lines for each of `KINDS`, each a column: codes, names, SIREN, and what they lie in (the regions of departments,
the departments of intercommunalities; nothing for the others). Compressed, columns take a quarter less than rows."""

_WORD: Final = re.compile("[a-z0-9]+")
_ARTICLES: Final = frozenset(("le", "la", "les", "l", "de", "du", "des", "d"))
_LITTLE: Final = re.compile(r"^(?:(?:l[ae]s?|d(?:e|u|es))\s|[ld]['’])*")
_SAINT: Final = {"st": "saint", "ste": "sainte"}
_LEGAL_FORMS: Final = {
    "CC ": "Communauté de communes ",
    "CA ": "Communauté d'agglomération ",
    "CU ": "Communauté urbaine ",
}
_BEFORE_NAMES: Final = re.compile(
    r"(?P<region>conseil regional|region)\s|(?P<departement>conseil departemental|departement)\s"
    r"|(?P<both>collectivite(?: territoriale)?)\s|(?P<commune>commune|mairie|ville)\s"
    r"|(?P<epci>communaute(?: des? communes| d.agglomeration| urbaine)|c[acu])\s"
)
"""What may stand before a name, without case and accents, by the kind of bodies that it is said of."""


class Body(NamedTuple):
    """A body with the name of the table, Insee's code (the SIREN of an intercommunality), and what it lies in."""

    kind: Kind
    code: str
    name: str
    siren: str
    """Empty for a department whose body is another one: the Collectivité de Corse, the City of Paris."""
    departments: tuple[str, ...]
    """Codes, in their order; several for an intercommunality that lies in several, none for a region."""
    regions: tuple[str, ...]


def by_name(name: str, kind: Kind | None = None) -> list[Body]:
    """Return the bodies of that name, whatever its case, accents, hyphens and articles; all of them if it is ambiguous.

    Words such as Région, Ville de, CA or Communauté d'agglomération may stand before the name: then only bodies of that
    kind are returned.

    >>> [body.code for body in by_name("Communauté d'agglomération Amiens métropole")]
    ['248000531']
    >>> [(body.kind, body.code) for body in by_name("ARRAS")], [body.code for body in by_name("Ville d’Arras")]
    ([('epci', '200033579'), ('commune', '62041')], ['62041'])
    >>> [body.siren for body in by_name("Région Provence Alpes Cote d'Azur")], by_name("Arras", "region")
    (['231300021'], [])
    """
    found = _names().get(_key(name))
    if found is None:
        named, rest = _kinds_and_name(name)
        found = [body for body in _names().get(_key(rest), []) if body.kind in named]
    return [body for body in found if kind in {None, body.kind}]


def nearest(name: str, kind: str = "") -> str:
    """Return what a name should be if it is nearly that of a body, of that kind if one is given; "" if it is of none, or is one.

    >>> nearest("Région Ocitanie"), nearest("Ville de Toulousse", "commune"), nearest("Région Occitanie"), nearest("Gazette")
    ('Région Occitanie', 'Ville de Toulouse', '', '')
    """
    kinds, rest = _kinds_and_name(name)
    names = {
        key: body.name
        for key, found in _names().items()
        for body in found
        if body.kind in kinds and kind in ("", body.kind)
    }
    key = _key(rest)
    if key in names or not (near := nearest_name(key, names, NEARLY)):
        return ""
    before = len(rest) - len(_LITTLE.sub("", rest))
    return name.strip()[: before - len(rest)] + names[near]


def by_siren(siren: str) -> Body | None:
    """Return the body that has this SIREN, None if the table has none.

    >>> by_siren("225900018")
    Body(kind='departement', code='59', name='Nord', siren='225900018', departments=('59',), regions=('32',))
    """
    return _sirens().get(siren)


def department(code: str) -> str:
    """Return the code of the department of a commune.

    >>> department("59350"), department("97411")
    ('59', '974')
    """
    return code[:3] if code.startswith("97") else code[:2]


def _key(name: str) -> str:
    """Return the words of a name as they are compared: “Rennes Métropole” and “Métropole de Rennes” have the same ones."""
    words = [_SAINT.get(word, word) for word in _WORD.findall(folded(name))]
    words = [word for word in words if word not in _ARTICLES] or words
    return " ".join(sorted(words, key=lambda word: word != "metropole"))


def _kinds_and_name(name: str) -> tuple[Collection[str], str]:
    """Return the kinds that the words before a name allow, and the name without them."""
    text = folded(name).strip()
    before = _BEFORE_NAMES.match(text)
    if before is None:
        return KINDS, text
    kind = str(before.lastgroup)
    return ("region", "departement") if kind == "both" else (kind,), text[before.end() :]


@cache
def _bodies() -> tuple[Body, ...]:
    lines = lzma.decompress((files(__name__) / TABLE).read_bytes()).decode().split("\n")
    columns = [line.split("\t") if line else [] for line in lines]
    region_of = dict(zip(columns[4], columns[7], strict=True))
    bodies = list[Body]()
    for index, kind in enumerate(KINDS):
        codes, names, sirens, within = columns[4 * index : 4 * index + 4]
        for row, (code, name, siren) in enumerate(zip(codes, names, sirens, strict=True)):
            if kind == "region":
                bodies.append(Body(kind, code, name, siren, (), (code,)))
                continue
            if kind == "departement":
                departments: tuple[str, ...] = (code,)
            elif kind == "epci":
                departments = tuple(within[row].split(" "))
            else:
                departments = (department(code),)
            form = _LEGAL_FORMS.get(name[:3]) if kind == "epci" else None
            regions = tuple(sorted({region_of[code] for code in departments}))
            bodies.append(Body(kind, code, form + name[3:] if form else name, siren, departments, regions))
    return tuple(bodies)


@cache
def _names() -> dict[str, list[Body]]:
    by_key = dict[str, list[Body]]()
    for body in _bodies():
        name = _kinds_and_name(body.name)[1] if body.kind == "epci" else body.name
        by_key.setdefault(_key(name), []).append(body)
    return by_key


@cache
def _sirens() -> dict[str, Body]:
    # Reversed: where a region and its only department are one body, it is the region.
    return {body.siren: body for body in reversed(_bodies()) if body.siren}

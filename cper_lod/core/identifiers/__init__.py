"""Names, codes and SIREN of regions, departments, intercommunalities and communes, and what other lists call them.

The tables are beside this file: `LICENSE` says where they are from, and `rebuild` makes that of bodies and communes anew each
year. They are read when something is first looked up.
"""

import csv
import lzma
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Final, Literal, NamedTuple, get_args

from cper_lod.core.namespaces import expand
from cper_lod.core.text import NEARLY, folded
from cper_lod.core.text import nearest as nearest_name

Kind = Literal["region", "departement", "epci", "commune"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TERRITORIES: Final[Mapping[str, Kind]] = dict(
    zip(expand("igeo:Region igeo:Departement igeo:Commune"), KINDS[:2] + KINDS[3:], strict=True)
)
"""The kinds of the territories of Insee, from the highest level to the lowest, by their classes."""

TABLE: Final = "table.xz"
"""Five lines for each of `KINDS` and for `PART`, each a column: codes, names, SIREN, what they lie in (the region of a
department, the departments of an intercommunality, the SIREN of the intercommunality of a commune), and postcodes.
Compressed, columns take a quarter less than rows."""
PART: Final = "part"
"""What is a part of a commune today, such as a former commune; it has the code of the whole."""

INSEE: Final = "http://id.insee.fr/geo/"
COMMUNES: Final = INSEE + "commune/"
_NUTS: Final = "http://data.europa.eu/nuts/code"
_ATU: Final = "http://publications.europa.eu/resource/authority/atu/FRA_DPT_"
"""Before the number of a department, in three digits."""
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
    found = _names().get(comparable(name))
    if found is None:
        named, rest = _kinds_and_name(name)
        found = [body for body in _names().get(comparable(rest), []) if body.kind in named]
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
    key = comparable(rest)
    if key in names or not (near := nearest_name(key, names, NEARLY)):
        return ""
    before = len(rest) - len(_LITTLE.sub("", rest))
    return name.strip()[: before - len(rest)] + names[near]


class Commune(NamedTuple):
    """A commune, or a part of one, which has the code of the whole: `name` is what it is looked for by."""

    code: str
    name: str
    siren: str
    intercommunality: str
    """SIREN, empty for a commune that is in none, and for a part."""
    postcodes: tuple[str, ...]
    is_part: bool


def communes() -> Iterator[Commune]:
    """Yield the communes of today in the order of their codes, then the parts of them.

    >>> next(each for each in communes() if each.code == "59350")[3:]
    ('200093201', ('59000', '59160', '59260', '59777', '59800'), False)
    """
    for kind in ("commune", PART):
        for code, name, siren, within, postcodes in zip(*_columns()[kind], strict=True):
            yield Commune(code, name, siren, within, tuple(postcodes.split()), kind == PART)


def by_siren(siren: str) -> Body | None:
    """Return the body that has this SIREN, None if the table has none; a region before its only department.

    >>> by_siren("225900018")
    Body(kind='departement', code='59', name='Nord', siren='225900018', departments=('59',), regions=('32',))
    """
    return next(iter(with_siren(siren)), None)


def with_siren(siren: str) -> Sequence[Body]:
    """Return the bodies that have this SIREN: a region and its only department may be one body.

    >>> [body.kind for body in with_siren("229850003")]
    ['region', 'departement']
    """
    return _holders().get(siren, ())


def by_code(kind: Kind, code: str) -> Body | None:
    """Return the body of a kind that has this code of Insee (the SIREN of an intercommunality), None if there is none.

    >>> by_code("departement", "59").name, by_code("region", "59")
    ('Nord', None)
    """
    return _coded(kind).get(code)


def is_named(name: str, kind: str, known: str) -> bool:
    """Return whether a name is that of a body or a territory of some kind, whose name is known.

    As for `by_name`, but the words may be in another order, and those of an intercommunality may be more or fewer.

    >>> is_named("Département de l'Oise", "departement", "Oise"), is_named("Val-d'Oise", "departement", "Oise")
    (True, False)
    >>> is_named("Région Guadeloupe", "departement", "Guadeloupe"), is_named("Rennes", "epci", "Rennes Métropole")
    (False, True)
    """
    kinds, rest = _kinds_and_name(name)
    own, words, all_words = (
        {*each.split()} for each in (_telling_key(kind, known), comparable(rest), comparable(name))
    )
    extended = kind == "epci" and bool(words) and (words <= own or own <= words)
    return own == all_words - {kind} or (kind in kinds and (own == words or extended))


class Named(NamedTuple):
    """What an identifier identifies: a kind, one of `KINDS` or "pays", the name, and where it lies if others bear that name."""

    kind: str
    name: str
    departments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()


def identified(identifier: str) -> Named | None:
    """Return what an IRI or a code of Insee, Eurostat, the EU, ISO or Wikidata identifies, None if no table here has it.

    >>> identified("http://data.europa.eu/nuts/code/FRE11").name, identified("http://id.insee.fr/geo/commune/59350")
    ('Nord', Named(kind='commune', name='Lille', departments=('59',), regions=('32',)))
    """
    commune = by_code("commune", identifier.removeprefix(COMMUNES)) if identifier.startswith(COMMUNES) else None
    return named(commune) if commune else identifiers_like(identifier).get(identifier)


def named(body: Body) -> Named:
    """Return the kind and the name of a body, and where it lies."""
    return Named(body.kind, body.name, *((body.departments, body.regions) if body.kind in ("epci", "commune") else ()))


def iris_of(kind: str, code: str) -> list[str]:
    """Return the IRIs of a region, a department or a commune by its code of Insee, or of a country by its name, sorted.

    They are those of Insee and of the lists beside this file: NUTS, the tables of the EU, Wikidata. Of NUTS, one: the largest
    unit that is the territory, since a smaller one with the same name and outline is the same once more.

    >>> iris_of("region", "53")
    ['http://data.europa.eu/nuts/code/FRH', 'http://id.insee.fr/geo/region/53']
    """
    body = next((each for each in (by_code(own, code) for own in KINDS if own == kind) if each), None)
    if kind in KINDS and not body:
        return []
    found = _iris().get((kind, comparable(body.name if body else code)), ())
    return sorted((*found, COMMUNES + code) if kind == "commune" else found)


@cache
def _iris() -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the IRIs of the lists by kind and name, of NUTS the shortest: the largest unit."""
    found = dict[tuple[str, str], tuple[str, ...]]()
    for start, known in _lists().items():
        for iri, each in sorted(known.items(), key=lambda row: len(row[0])):
            key = each.kind, comparable(each.name)
            if ":" in iri and not (start == _NUTS and any(other.startswith(_NUTS) for other in found.get(key, ()))):
                found[key] = (*found.get(key, ()), iri)
    return found


def identifiers_like(identifier: str) -> Mapping[str, Named]:
    """Return the identifiers of the same list, with what they identify; without those of communes.

    >>> identifiers_like("http://data.europa.eu/nuts/code/XX")["http://data.europa.eu/nuts/code/FRH"].name
    'Bretagne'
    """
    return _lists().get(_list_of(identifier), {})


@cache
def _lists() -> dict[str, dict[str, Named]]:
    lists = dict[str, dict[str, Named]]()
    for file in ("lists.csv", "confirmed.csv"):
        rows = csv.reader((files(__name__) / file).read_text("utf-8").splitlines()[1:])
        for identifier, kind, name in rows:
            lists.setdefault(_list_of(identifier), {})[identifier] = Named(kind, name)
    regions, departments = (dict(zip(*_columns()[kind][:2], strict=True)) for kind in KINDS[:2])
    numbered = {f"{_ATU}{code:0>3}": name for code, name in departments.items() if code.isdecimal()}
    for kind, prefix, named in (
        ("region", f"{INSEE}region/", regions),
        ("departement", f"{INSEE}departement/", departments),
        ("departement", "", numbered),
    ):
        for code, name in named.items():
            lists.setdefault(_list_of(prefix + code), {})[prefix + code] = Named(kind, name)
    return lists


def _list_of(identifier: str) -> str:
    """Return the list of an identifier: the beginning of its IRI; UUIDs are a list of their own."""
    start, _, last = identifier.rpartition("/")
    return start + "/-" * (start != "" and "-" in last)


def department(code: str) -> str:
    """Return the code of the department of a commune.

    >>> department("59350"), department("97411")
    ('59', '974')
    """
    return code[:3] if code.startswith("97") else code[:2]


def departments_of(body: Body) -> tuple[str, ...]:
    """Return the codes of the departments in which a body lies, of a region those that lie in it.

    >>> departments_of(by_code("region", "53")), departments_of(by_code("commune", "59350"))
    (('22', '29', '35', '56'), ('59',))
    """
    return body.departments or tuple(code for code, region in _region_of().items() if region == body.code)


def comparable(name: str) -> str:
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
def _columns() -> dict[str, tuple[list[str], ...]]:
    lines = lzma.decompress((files(__name__) / TABLE).read_bytes()).decode().split("\n")
    columns = [line.split("\t") for line in lines]
    return {kind: tuple(columns[5 * index : 5 * index + 5]) for index, kind in enumerate((*KINDS, PART))}


@cache
def bodies(kind: Kind) -> tuple[Body, ...]:
    """Return the bodies of a kind, in the order of their codes, without the communes that have no SIREN."""
    made = []
    for code, name, siren, within, _ in zip(*_columns()[kind], strict=True):
        if kind == "region":
            made.append(Body(kind, code, name, siren, (), (code,)))
        elif siren or kind != "commune":  # communes overseas that lie in no region have none
            form = _LEGAL_FORMS.get(name[:3]) if kind == "epci" else None
            lies_in = within.split() if kind == "epci" else [code if kind == "departement" else department(code)]
            regions = tuple(sorted({_region_of()[each] for each in lies_in}))
            made.append(Body(kind, code, form + name[3:] if form else name, siren, tuple(lies_in), regions))
    return tuple(made)


@cache
def _coded(kind: Kind) -> dict[str, Body]:
    return {body.code: body for body in bodies(kind)}


@cache
def _holders() -> dict[str, list[Body]]:
    found = dict[str, list[Body]]()
    for body in chain.from_iterable(map(bodies, KINDS)):
        found.setdefault(body.siren, []).append(body)
    return {siren: holders for siren, holders in found.items() if siren}


@cache
def _region_of() -> dict[str, str]:
    codes, _, _, regions, _ = _columns()["departement"]
    return dict(zip(codes, regions, strict=True))


@cache
def _names() -> dict[str, list[Body]]:
    by_key = dict[str, list[Body]]()
    for body in chain.from_iterable(map(bodies, KINDS)):
        by_key.setdefault(_telling_key(body.kind, body.name), []).append(body)
    return by_key


def _telling_key(kind: str, name: str) -> str:
    """Return the words of the name of a body that are compared: those of its legal form are not."""
    return comparable(_kinds_and_name(name)[1] if kind == "epci" else name)

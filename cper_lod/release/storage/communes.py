"""Communes in a release: found by name or postcode, with the department, the intercommunality and the region of each."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

from cper_lod.core.identifiers import KINDS, Body, bodies, communes, comparable, department
from cper_lod.core.namespaces import CPER
from cper_lod.core.text import nearest
from cper_lod.release.storage.class_listing import open_readonly

MAX_LENGTH: Final = 100
"""Characters of a name at most; further ones are not read."""
MAX_FOUND: Final = 50
"""Communes that are found at most."""
_MAX_COMPARED: Final = 2000
"""Names that a misspelt one is compared with at most: those with its first two letters."""
_NEARLY: Final = 0.75
"""How much a misspelt name is like the right one, from 0 to 1."""
_POSTCODE: Final = re.compile(r"(?<!\d)\d{5}(?!\d)")
_TABLES: Final = """
CREATE TABLE communes(code TEXT PRIMARY KEY, name TEXT, postcodes TEXT, siren TEXT, department TEXT, intercommunality TEXT) WITHOUT ROWID;
CREATE TABLE commune_keys(key TEXT, code TEXT, part TEXT, PRIMARY KEY(key, code)) WITHOUT ROWID;
CREATE TABLE areas(kind TEXT, code TEXT, name TEXT, siren TEXT, region TEXT, PRIMARY KEY(kind, code)) WITHOUT ROWID;
"""


class Area(NamedTuple):
    """A commune, or what it lies in: one of `identifiers.KINDS`, Insee's code, the name, the SIREN of its body ("" if none)."""

    kind: str
    code: str
    name: str
    siren: str


class FoundCommune(NamedTuple):
    """A commune that was found: by its own name or postcode, or by the name of a `part` of it, such as a former commune."""

    code: str
    name: str
    department: str
    postcodes: str
    part: str


def write_communes(target: Path) -> None:
    """Add the communes of France to the SQLite file of a release, if it has a contract."""
    with closing(sqlite3.connect(target)) as index:
        if not index.execute("SELECT 1 FROM classes WHERE iri = ?", (CPER + "Contrat",)).fetchone():
            return
    keys = dict[tuple[str, str], str]()
    rows = []
    for each in communes():
        for key in (comparable(each.name), *each.postcodes):
            keys.setdefault((key, each.code), each.name if each.is_part else "")
        if not each.is_part:
            within = department(each.code), each.intercommunality
            rows.append((each.code, each.name, " ".join(each.postcodes), each.siren, *within))
    with closing(sqlite3.connect(target, isolation_level=None)) as index:
        index.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_TABLES} BEGIN;")
        index.executemany("INSERT INTO communes VALUES (?, ?, ?, ?, ?, ?)", rows)
        index.executemany(
            "INSERT INTO commune_keys VALUES (?, ?, ?)", sorted((*key, part) for key, part in keys.items())
        )
        index.executemany(
            "INSERT INTO areas VALUES (?, ?, ?, ?, ?)", (_row(each) for kind in KINDS[:3] for each in bodies(kind))
        )
        index.execute("COMMIT")


def _row(body: Body) -> tuple[str, str, str, str, str]:
    """Return the row of a region, of a department with its region, or of an intercommunality."""
    return body.kind, body.code, body.name, body.siren, body.regions[0] if body.kind == "departement" else ""


def open_communes(path: Path) -> "CommuneIndex | None":
    """Return the communes in the SQLite file of a release, None if it has none."""
    with closing(open_readonly(path)) as index:
        found = index.execute("SELECT 1 FROM sqlite_master WHERE name = 'communes'").fetchone()
    return CommuneIndex(path) if found else None


class CommuneIndex:
    """The communes of one release; each look-up opens the file, so that threads share nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def find(self, text: str, *, exact: bool = False) -> list[FoundCommune]:
        """Return the communes of a name, a postcode or both: those of just that name, else those whose names begin with it.

        With `exact`, only those of just that name. `MAX_FOUND` at most, in the order of their names; empty if there are none.
        """
        posted, name = _parts(text)
        with closing(open_readonly(self._path)) as index:
            for end in ("", "\U0010ffff") if name and not exact else ("",):
                if found := _select(index, posted, name or posted, end):
                    return found
        return []

    def nearest(self, text: str) -> str:
        """Return the name of the commune that a name is nearly, "" if it is nearly none."""
        _, name = _parts(text)
        if len(name) < 3:
            return ""
        with closing(open_readonly(self._path)) as index:
            rows = index.execute(
                "SELECT key, part, name FROM commune_keys JOIN communes USING (code) WHERE key BETWEEN ? AND ? LIMIT ?",
                (name[:2], name[:2] + "\U0010ffff", _MAX_COMPARED),
            )
            names = {key: part or own for key, part, own in rows}
        return str(names.get(nearest(name, names, _NEARLY), ""))

    def areas(self, code: str) -> list[Area]:
        """Return the commune with a code of Insee, its intercommunality, its department and its region; empty if there is none."""
        with closing(open_readonly(self._path)) as index:
            row = index.execute(
                "SELECT name, siren, department, intercommunality FROM communes WHERE code = ?", (code,)
            ).fetchone()
            if row is None:
                return []
            name, siren, department_code, intercommunality = row
            found = [Area("commune", code, name, siren)]
            region = ""
            for kind, key in (("epci", intercommunality), ("departement", department_code), ("region", None)):
                area = index.execute(
                    "SELECT kind, code, name, siren, region FROM areas WHERE kind = ? AND code = ?",
                    (kind, region if key is None else key),
                ).fetchone()
                if area:
                    *values, region = area
                    found.append(Area(*values))
            return found


def _parts(text: str) -> tuple[str, str]:
    """Return the postcode in a text, and the name as names are compared; "" for what it has not.

    >>> _parts("59100 Roubaix"), _parts("Le Havre")
    (('59100', 'roubaix'), ('', 'havre'))
    """
    text = text[:MAX_LENGTH]
    posted = _POSTCODE.search(text)
    return posted[0] if posted else "", comparable(_POSTCODE.sub(" ", text))


def _select(index: sqlite3.Connection, posted: str, key: str, end: str) -> list[FoundCommune]:
    """Return the communes with a key from `key` to `key` and `end`, of them those with a postcode if one is given."""
    rows = index.execute(
        "SELECT communes.code, communes.name, areas.name, postcodes, part FROM commune_keys JOIN communes USING (code) "
        "LEFT JOIN areas ON areas.kind = 'departement' AND areas.code = department "
        "WHERE key BETWEEN ? AND ? AND (? = '' OR instr(postcodes, ?)) ORDER BY key, communes.code LIMIT ?",
        (key, key + end, posted, posted, MAX_FOUND + 1),
    )
    found = {code: FoundCommune(code, *others) for code, *others in rows}
    return [*found.values()][:MAX_FOUND]

"""What the rows of a workbook describe: the IRI of each, and the rows that its cells name."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import repeat
from typing import Final

from cper_lod.core.namespaces import CPER
from cper_lod.core.text import did_you_mean, nearest, slug
from cper_lod.importing.contracts.graph import Labels
from cper_lod.importing.contracts.model import (
    CellFinding,
    Record,
    WorkbookRecords,
    normalized_name,
    sheet,
    sheets,
)

KINDS: Final = {CPER + "Avenant": "avenant", "type-de-cadre": "cadre", "type-de-contrat": "texte"}
"""What a row of the sheet of amendments and frames is, by its class or the list of its kind; `texte` is a contract in a contract."""


_MAX_COMPARED: Final = 50
"""Names for which the nearest is looked for: each is compared with all."""


def contract_slug(region: str, years: tuple[int, int] | None) -> str:
    """Return the slug of a contract.

    >>> contract_slug("Provence-Alpes-Côte d'Azur", (2021, 2027)), contract_slug("Bretagne", None)
    ('provence-alpes-cote-d-azur-2021-2027', 'bretagne')
    """
    return "-".join(filter(None, (slug(region), *map(str, years or ()))))


def slug_of(form: Record) -> str:
    """Return the slug of the contract of a form: that under which it is published, or the one of its region and period."""
    return form.text("identifiant") or contract_slug(form.text("region"), form.get("periode", tuple))


def text_kind(record: Record) -> str:
    """Return what a row of the sheet of amendments and frames is: `avenant`, `cadre` or `texte`."""
    kind = record.text("sorte")
    return KINDS.get(kind) or KINDS.get(kind.rpartition("/code/")[2].partition("/")[0], "cadre")


def name_rows(records: WorkbookRecords, contract: str, documents: str) -> Iterator[CellFinding]:
    """Give each row the IRI of what it describes; yield a finding for each that another row describes too. Figures have been read."""
    for record in records["contrat"]:
        record.iri = contract
        if record is not records["contrat"][0]:
            yield record.finding("nom", "row-double", {"row": records["contrat"][0].location.row})
        record.typed.setdefault("identifiant", contract.rpartition("/")[2])
    for key, paths in _PATHS.items():
        taken: dict[str, int] = {}
        for record in records[key]:
            path = paths(record)
            if key == "etapes" and path in taken:  # a contract may be presented twice
                path = next(f"{path}-{number}" for number in range(2, 999) if f"{path}-{number}" not in taken)
            record.iri = f"{documents}{path}" if key == "documents" else f"{contract}/{path}"
            if any(column.key == "identifiant" for column in sheet(key).columns):
                record.typed.setdefault("identifiant", path if key == "subdivisions" else path.partition("/")[2])
            column = _telling(key, record)
            if path.endswith("/") and column in record.values:
                yield record.finding(column, "name-unusable")
            elif path in taken and path:
                yield record.finding(column, "row-double", {"row": taken[path]})
                record.iri += f"#{record.location.row}"  # so that nothing said of one row is taken for the other's
                record.unreadable.add(column)
            taken.setdefault(path, record.location.row)


def _own(kind: str, name: str) -> str:
    return f"{kind}/{slug(name)}"


def _step(record: Record) -> str:
    status = record.text("statut").rpartition("/")[2]
    return f"etape/{record.text('identifiant') or '-'.join((*map(slug, record.items('texte')), status))}"


def _subdivision(record: Record) -> str:
    word = record.text("mot").rpartition("/")[2]
    return record.text("identifiant") or _own(word, record.text("numero") or record.text("nom"))


_PATHS: Final[Mapping[str, Callable[[Record], str]]] = {
    "documents": lambda record: record.text("code"),
    "etapes": _step,
    "signataires": lambda record: f"signataire/{record.text('identifiant') or slug(record.text('nom'))}",
    "subdivisions": _subdivision,
    "chiffres": lambda record: _own(record.text("classe").lower() or "-", record.text("nom").rpartition("/")[2]),
    "avenants": lambda record: f"{text_kind(record)}/{record.text('identifiant') or slug(record.text('nom'))}",
}
"""The end of the IRI of a row, after that of the contract."""


def _telling(key: str, record: Record) -> str:
    """Return the column that makes the IRI of a row."""
    first = next(each.key for each in sheet(key).columns if each.required)
    return next((each for each in ("identifiant", "numero", "nom") if each in record.values), first)


def _names(key: str, record: Record, codes: Mapping[str, Labels]) -> Iterator[str]:
    """Yield what a row may be called in other rows."""
    name, path = record.text("code") or record.text("nom"), "/".join(record.iri.split("/")[-2:])
    yield name
    if key == "subdivisions":
        yield f"{record.text('liste')} : {name}"
        if "numero" in record.values:
            yield from (f"{word} {record.text('numero')}" for word in codes.get(record.text("mot"), ()))
    yield path


def resolve(records: WorkbookRecords, codes: Mapping[str, Labels]) -> Iterator[CellFinding]:
    """Replace the names of rows by IRIs; yield a finding for each name that is no row's, or that of several."""
    known: dict[str, dict[str, set[str]]] = {}
    compared = repeat(None, _MAX_COMPARED)
    incomplete = set[str]()
    """The sheets of which a row was told to be misnamed: a name that is not there may be its own."""
    for key in _PATHS:
        for record in records[key]:
            lacks = bool({_telling(key, record), "numero"} & record.unreadable)
            incomplete |= {key} if lacks else set()
            for name in _names(key, record, codes):
                iris = known.setdefault(key, {}).setdefault(normalized_name(name), set())
                iris |= set() if iris and lacks else {record.iri}
    for each in sheets():
        for record in records[each.key]:
            columns = {column.key: column.refers for column in each.columns if column.kind == "refs"}
            for key, target in columns.items():
                if names := record.items(key):
                    found = known.get(target, {})
                    for wrong in _wrong(record, key, names, found, sheet(target).names["fr"], compared):
                        if wrong.key == "reference-ambiguous" or target not in incomplete:
                            yield wrong
                    named = [sorted(found.get(normalized_name(name), ())) for name in names]
                    record.values[key] = tuple(one[0] for one in named if one)


def _wrong(
    record: Record,
    key: str,
    names: tuple[str, ...],
    known: Mapping[str, set[str]],
    title: str,
    compared: Iterator[None],
) -> Iterator[CellFinding]:
    for name in names:
        found = known.get(normalized_name(name), set())
        if not found:
            several = [part.strip() for part in re.split(" ?[;,] ", name)]
            if len(several) > 1 and all(known.get(normalized_name(part)) for part in several):
                yield record.finding(key, "reference-several", {"name": name, "whole": " | ".join(several)})
                continue
            near = nearest(normalized_name(name), known) if next(compared, False) is None else ""
            yield record.finding(
                key, "reference-unknown", {"name": name, "sheet": title, "near": did_you_mean(near) or ""}
            )
        elif len(found) > 1:
            yield record.finding(key, "reference-ambiguous", {"name": name, "sheet": title})

"""Makes the table of bodies and communes anew, which change each year: `python -m cper_lod.core.identifiers.rebuild PACKAGE`.

PACKAGE is the archive that `npm pack @etalab/decoupage-administratif` downloads. It has no SIREN of regions and
departments: those are in `sirens.csv` beside this file. After a new version, correct the numbers in `LICENSE`, which says where
the other tables are from: they were made once, and are corrected by hand.
"""

import csv
import json
import lzma
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

from cper_lod.core.check_digits import luhn
from cper_lod.core.identifiers import KINDS, PART, TABLE, department

_FOLDER: Final = Path(__file__).parent
_ZONES: Final = frozenset(("metro", "drom"))
"""Where regions and departments are; the other zones are those of overseas collectivities."""
Row = tuple[str, str, str, str, str]


def rows(package: Path) -> dict[str, list[Row]]:
    """Return the rows of the table, whose cells are those of `TABLE`, of each kind in the order of the codes.

    Raises ValueError if a SIREN has a wrong check digit, or if `sirens.csv` has one of a body that is not there.
    """
    with tarfile.open(package) as archive, (_FOLDER / "sirens.csv").open(encoding="utf-8", newline="") as file:
        regions, departments, intercommunalities, communes = (
            _read(archive, name) for name in ("regions", "departements", "epci", "communes")
        )
        sirens = {(row["kind"], row["code"]): row["siren"] for row in csv.DictReader(file)}
    members = {member["code"]: each["code"] for each in intercommunalities for member in each["membres"]}
    by_kind: dict[str, list[Row]] = {
        "region": [
            (each["code"], each["nom"], sirens.pop(("region", each["code"])), "", "")
            for each in regions
            if each["zone"] in _ZONES
        ],
        "departement": [
            (each["code"], each["nom"], sirens.pop(("departement", each["code"]), ""), each["region"], "")
            for each in departments
            if each["zone"] in _ZONES
        ],
        "epci": [
            (each["code"], each["nom"], each["code"], _departments(each["membres"]), "") for each in intercommunalities
        ],
        "commune": [],
        PART: [],  # such as former communes and the arrondissements of Paris
    }
    for each in communes:
        postcodes = " ".join(each.get("codesPostaux", ()))
        if each["type"] != "commune-actuelle":
            by_kind[PART].append((each.get("chefLieu") or each["commune"], each["nom"], "", "", postcodes))
        else:
            within = members.get(each["code"], "")
            by_kind["commune"].append((each["code"], each["nom"], each.get("siren", ""), within, postcodes))
    # The package has no code for it: this is Insee's code of the collectivity that replaced two departments.
    region = next(each["region"] for each in departments if each["code"] == "67")
    alsace = ("6AE", "Collectivité européenne d'Alsace", sirens.pop(("departement", "6AE")), region, "")
    by_kind["departement"].append(alsace)
    wrong = [row for kind in KINDS for row in by_kind[kind] if row[2] and not luhn(row[2])]
    if wrong or sirens:
        raise ValueError(f"wrong check digit: {wrong}; not in the package: {sorted(sirens)}")
    return {kind: sorted(found) for kind, found in by_kind.items()}


def _read(archive: tarfile.TarFile, name: str) -> list[dict[str, Any]]:
    file = archive.extractfile(f"package/data/{name}.json")
    if file is None:
        raise ValueError(f"{name}.json is a folder")
    read: list[dict[str, Any]] = json.load(file)
    return read


def _departments(members: list[dict[str, Any]]) -> str:
    return " ".join(sorted({department(member["code"]) for member in members}))


def main() -> None:
    """Write the table, and print how many bodies of each kind it has and its size."""
    by_kind = rows(Path(sys.argv[1]))
    text = "\n".join("\t".join(column) for found in by_kind.values() for column in zip(*found, strict=True))
    (_FOLDER / TABLE).write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in by_kind.items())
    print(f"{counts}; {(_FOLDER / TABLE).stat().st_size} bytes")


if __name__ == "__main__":
    main()

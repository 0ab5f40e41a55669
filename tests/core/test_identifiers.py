"""The table of regions, departments, intercommunalities and communes: looked up by name, code and SIREN, and rebuilt."""

import io
import json
import shutil
import tarfile
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from cper_lod.core import identifiers
from cper_lod.core.check_digits import luhn
from cper_lod.core.identifiers import Body, Commune, by_name, rebuild

BODIES = [*chain.from_iterable(map(identifiers.bodies, identifiers.KINDS))]


def test_every_body_has_its_own_code_and_a_valid_siren() -> None:
    assert Counter(body.kind for body in BODIES) == {"region": 18, "departement": 102, "epci": 1255, "commune": 34875}
    assert not [body for body in BODIES if body.siren and not luhn(body.siren)]
    assert not [body for body in BODIES if not body.regions]
    without = {body.name for body in BODIES if not body.siren}
    assert without == {"Bas-Rhin", "Haut-Rhin", "Corse-du-Sud", "Haute-Corse", "Paris"}
    twice = {siren for siren, count in Counter(body.siren for body in BODIES if body.siren).items() if count > 1}
    # One body is both: the department is of no other name than its region.
    assert {body.name for body in BODIES if body.siren in twice} == {"Martinique", "Guyane", "Mayotte"}


@pytest.mark.parametrize(
    ("name", "sirens"),
    [
        ("Région des Pays-de-la-Loire", ["234400034"]),
        ("Collectivité européenne d'Alsace", ["200094332"]),
        ("Métropole de Rennes", ["243500139"]),
        ("Le Mans", ["217201813"]),
        ("Ville de Saint-Denis", ["211103395", "213002470", "929939411", "219740115"]),
        ("Armorique", []),
    ],
)
def test_names_are_compared_without_accents_articles_and_words_of_their_kind(name: str, sirens: list[str]) -> None:
    assert [body.siren for body in by_name(name)] == sirens


def test_every_region_and_department_has_its_identifiers_in_other_lists() -> None:
    known: dict[str, set[str]] = {}
    for listed in identifiers._lists().values():
        for identifier, (kind, name, *_) in listed.items():
            for body in by_name(name, kind) if kind in identifiers.KINDS else ():  # type: ignore[arg-type]
                known.setdefault(identifier.rpartition("/")[0], set()).add(f"{body.kind} {body.code}")
    bodies = {f"{body.kind} {body.code}" for body in BODIES if body.kind in ("region", "departement")}
    assert known["http://data.europa.eu/nuts/code"] == bodies - {"departement 6AE"}
    assert known["http://id.insee.fr/geo/region"] | known["http://id.insee.fr/geo/departement"] == bodies
    overseas = {f"region {code}" for code in ("01", "02", "03", "04", "06")}
    assert known[""] == {each for each in bodies if each.startswith("region")} - overseas
    assert len(known["http://publications.europa.eu/resource/authority/atu"]) == 99


PACKAGE: dict[str, list[dict[str, Any]]] = {
    "regions": [{"code": body.code, "nom": body.name, "zone": "metro"} for body in identifiers.bodies("region")],
    "departements": [
        {"code": body.code, "nom": body.name, "zone": "metro", "region": body.regions[0]}
        for body in identifiers.bodies("departement")
        if body.code != "6AE"
    ],
    "epci": [{"code": "200027217", "nom": "CC du Pays", "membres": [{"code": "97101"}, {"code": "80021"}]}],
    "communes": [
        {"code": "80021", "nom": "Amiens", "siren": "218000198", "type": "commune-actuelle", "codesPostaux": ["80000"]},
        {"code": "80022", "nom": "Ancienne", "type": "commune-deleguee", "chefLieu": "80021"},
    ],
}
"""All regions and departments, one intercommunality and one commune, as npm has them."""


def package(folder: Path, **changes: list[dict[str, Any]]) -> Path:
    """Return an archive of them."""
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, bodies in (PACKAGE | changes).items():
            data = json.dumps(bodies).encode()
            member = tarfile.TarInfo(f"package/data/{name}.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_the_table_is_made_of_the_package_and_of_the_sirens_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(Path(identifiers.__file__).parent / "sirens.csv", tmp_path)
    monkeypatch.setattr(rebuild, "_FOLDER", tmp_path)
    monkeypatch.setattr("sys.argv", ["rebuild", str(package(tmp_path))])
    regions = identifiers.bodies("region")
    rebuild.main()
    monkeypatch.setattr(identifiers, "files", lambda _: tmp_path)
    for cached in ("_columns", "_region_of", "bodies"):
        monkeypatch.setattr(identifiers, cached, getattr(identifiers, cached).__wrapped__)
    assert identifiers.bodies("region") == regions
    assert [*identifiers.communes()] == [
        Commune("80021", "Amiens", "218000198", "200027217", ("80000",), is_part=False),
        Commune("80021", "Ancienne", "", "", (), is_part=True),
    ]
    assert [*identifiers.bodies("epci"), *identifiers.bodies("commune")] == [
        Body("epci", "200027217", "Communauté de communes du Pays", "200027217", ("80", "971"), ("01", "32")),
        Body("commune", "80021", "Amiens", "218000198", ("80",), ("32",)),
    ]


def test_a_wrong_check_digit_and_an_unknown_region_are_refused(tmp_path: Path) -> None:
    wrong = [{"code": "80021", "nom": "Amiens", "siren": "218000199", "type": "commune-actuelle"}]
    with pytest.raises(ValueError, match="218000199"):
        rebuild.rows(package(tmp_path, communes=wrong))
    with pytest.raises(ValueError, match=r"not in the package: .*'32'"):
        rebuild.rows(package(tmp_path, regions=[{"code": "53", "nom": "Bretagne", "zone": "metro"}]))

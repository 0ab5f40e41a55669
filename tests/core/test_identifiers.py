"""The table of regions, departments, intercommunalities and communes: looked up by name, code and SIREN, and rebuilt."""

import io
import json
import tarfile
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from cper_lod.core import identifiers
from cper_lod.core.check_digits import luhn
from cper_lod.core.identifiers import Body, Commune, by_name, rebuild


def test_every_body_has_its_own_code_and_a_valid_siren() -> None:
    bodies = [*chain.from_iterable(map(identifiers.bodies, identifiers.KINDS))]
    assert Counter(body.kind for body in bodies) == {"region": 18, "departement": 102, "epci": 1255, "commune": 34875}
    assert not [body for body in bodies if body.siren and not luhn(body.siren)]
    assert not [body for body in bodies if not body.regions]
    without = {body.name for body in bodies if not body.siren}
    assert without == {"Bas-Rhin", "Haut-Rhin", "Corse-du-Sud", "Haute-Corse", "Paris"}
    twice = {siren for siren, count in Counter(body.siren for body in bodies if body.siren).items() if count > 1}
    # One body is both: the department is of no other name than its region.
    assert {body.name for body in bodies if body.siren in twice} == {"Martinique", "Guyane", "Mayotte"}


@pytest.mark.parametrize(
    ("name", "sirens"),
    [
        ("Région des Pays-de-la-Loire", ["234400034"]),
        ("Collectivité européenne d'Alsace", ["200094332"]),
        ("Collectivité de Corse", ["200076958"]),
        ("Métropole de Rennes", ["243500139"]),
        ("CC du Pays de Pontchâteau Saint-Gildas-des-Bois", ["200000438"]),
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
    bodies = {
        f"{body.kind} {body.code}"
        for body in chain.from_iterable(map(identifiers.bodies, identifiers.KINDS))
        if body.kind in ("region", "departement")
    }
    assert known["http://data.europa.eu/nuts/code"] == bodies - {"departement 6AE"}
    assert known["http://id.insee.fr/geo/region"] | known["http://id.insee.fr/geo/departement"] == bodies
    overseas = {f"region {code}" for code in ("01", "02", "03", "04", "06")}
    assert known[""] == {each for each in bodies if each.startswith("region")} - overseas
    assert len(known["http://publications.europa.eu/resource/authority/atu"]) == 99


def package(folder: Path, **changes: list[dict[str, Any]]) -> Path:
    """Return an archive as npm has it, with all regions and departments, one intercommunality and one commune."""
    content: dict[str, list[dict[str, Any]]] = {
        "regions": [{"code": body.code, "nom": body.name, "zone": "metro"} for body in identifiers.bodies("region")],
        "departements": [
            {"code": body.code, "nom": body.name, "zone": "metro", "region": body.regions[0]}
            for body in identifiers.bodies("departement")
            if body.code != "6AE"
        ],
        "epci": [{"code": "200027217", "nom": "CC du Pays", "membres": [{"code": "97101"}, {"code": "80021"}]}],
        "communes": [
            {
                "code": "80021",
                "nom": "Amiens",
                "siren": "218000198",
                "type": "commune-actuelle",
                "codesPostaux": ["80000"],
            },
            {"code": "80022", "nom": "Ancienne", "type": "commune-deleguee", "chefLieu": "80021"},
        ],
    }
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for name, bodies in (content | changes).items():
            data = json.dumps(bodies).encode()
            member = tarfile.TarInfo(f"package/data/{name}.json")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_the_table_is_made_of_the_package_and_of_the_sirens_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rebuild.rows(package(tmp_path))
    assert rows["epci"] == [("200027217", "CC du Pays", "200027217", "80 971", "")]
    assert rows["commune"] == [("80021", "Amiens", "218000198", "200027217", "80000")]
    kinds: tuple[identifiers.Kind, ...] = ("region", "departement")
    for kind in kinds:
        assert [row[2] for row in rows[kind]] == [body.siren for body in identifiers.bodies(kind)]
    with (Path(identifiers.__file__).parent / "sirens.csv").open(encoding="utf-8", newline="") as file:
        (tmp_path / "sirens.csv").write_text(file.read(), "utf-8")
    monkeypatch.setattr(rebuild, "_FOLDER", tmp_path)
    monkeypatch.setattr("sys.argv", ["rebuild", str(tmp_path / "package.tgz")])
    rebuild.main()
    out = capsys.readouterr().out
    assert out.startswith("18 region, 102 departement, 1 epci, 1 commune, 1 part; ")
    monkeypatch.setattr(identifiers, "files", lambda _: tmp_path)
    for cached in ("_columns", "_region_of", "bodies"):
        monkeypatch.setattr(identifiers, cached, getattr(identifiers, cached).__wrapped__)
    assert [*identifiers.communes()] == [
        Commune("80021", "Amiens", "218000198", "200027217", ("80000",), is_part=False),
        Commune("80021", "Ancienne", "", "", (), is_part=True),
    ]
    assert [*chain.from_iterable(map(identifiers.bodies, identifiers.KINDS))][-2:] == [
        Body("epci", "200027217", "Communauté de communes du Pays", "200027217", ("80", "971"), ("01", "32")),
        Body("commune", "80021", "Amiens", "218000198", ("80",), ("32",)),
    ]


def test_a_wrong_check_digit_and_an_unknown_region_are_refused(tmp_path: Path) -> None:
    wrong = {"code": "80021", "nom": "Amiens", "siren": "218000199", "type": "commune-actuelle"}
    with pytest.raises(ValueError, match="218000199"):
        rebuild.rows(package(tmp_path, communes=[wrong]))
    bretagne = {"code": "53", "nom": "Bretagne", "zone": "metro"}
    with pytest.raises(ValueError, match=r"not in the package: .*'32'"):
        rebuild.rows(package(tmp_path, regions=[bretagne]))

"""Purges: nothing of what was purged is left in sources and releases, earlier releases are gone, and a kill loses nothing."""

import gzip
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from cper_lod.cli.main import main
from cper_lod.core.namespaces import SUBV
from cper_lod.release.history import purge as purging
from cper_lod.release.history.history import History
from cper_lod.release.history.publish import publish_sources
from cper_lod.release.history.tombstones import read_purge
from cper_lod.release.jobs.locks import shared_lock
from tests.faults import run
from tests.release.history.release_history import app_of
from tests.support.changing_sources import ChangingSources, PersistentClient
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES
from tests.support.processes import eventually
from tests.support.refusals import refused
from tests.support.server import Server

ID = f"{BASE}id/"
NUMBER, NAME, OTHER = "123456782", "Jeanne Dupont", "Régie des bacs"
BODY, TOWN = f"{ID}organisme/siren-{NUMBER}", f"{ID}organisme/siren-987654324"
ROW, TOWNS_ROW = (f"{ID}subvention/200000008/{each}" for each in ("2023-05-01-aaaa", "2023-06-01-bbbb"))
FILE = "data/subventions/bacs/aides-2023.nt"
WITH_HER, WITHOUT = "data/.workbooks/bacs.json", "data/.workbooks/autres.json"
"""The cells of imported workbooks, one with the person."""
REASON = ("--reason", "Demande du 3 mars", "--reason", "en=Request of 3 March")


HEADER = PREFIX_LINES + f"@base <{ID}> .\n"


def row(iri: str, body: str, siret: str, name: str, year: str = "2023") -> str:
    """Return a subsidy in Turtle."""
    return f'''<{iri}> a subv:Subvention ; subv:attribuant <bac/fictif-1> ; subv:beneficiaire <{body}> ;
        skos:prefLabel "Subvention à {name} ({year})"@fr, "Subsidy to {name} ({year})"@en ;
        subv:siretBeneficiaire "{siret}" ; dct:date "{iri[-15:-5]}"^^xsd:date .
    '''


def described(body: str, name: str) -> str:
    """Return a body in Turtle."""
    kind = "http://www.w3.org/ns/regorg#RegisteredOrganization"
    return f'<{body}> a <{kind}> ; foaf:name "{name}"@fr ; cper:siren "{body[-9:]}" .\n'


HER_BODY, HER_ROW = described(BODY, NAME), row(ROW, BODY, f"{NUMBER}00010", NAME)
TOWNS = described(TOWN, OTHER) + row(TOWNS_ROW, TOWN, "98765432400019", OTHER)
TERMS = "".join(
    f'{name} a rdfs:{kind} ; rdfs:label "{name}"@fr, "{name}"@en ; rdfs:comment "{name}"@fr, "{name}"@en .\n'
    for kind, names in (
        ("Class", ("subv:Subvention",)),
        ("Resource", ("subv:attribuant", "subv:beneficiaire", "subv:siretBeneficiaire", "cper:siren")),
    )
    for name in names
)


class Place(ChangingSources):
    """Tiny sources with subsidies, and their history."""

    def write(self, *turtle: str) -> None:
        path = self.sources / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        triples = parse((HEADER + "".join(turtle)).encode(), RdfFormat.TURTLE)
        path.write_text("".join(f"{triple} .\n" for triple in triples), "utf-8")

    def run(self, *arguments: str) -> Result:
        folders = ("--sources", str(self.sources), "--releases", str(self.releases))
        return CliRunner().invoke(main, [*arguments, *folders, "--lang", "fr"])

    def purge(self, kind: str, name: str) -> str:
        """Purge a thing; return what is printed. Nothing of her is left."""
        done = self.run("purge", kind, name, *REASON)
        assert (done.exit_code, self.left()) == (0, []), done.output
        return done.output

    def left(self) -> list[str]:
        """Return the files of sources and releases with the name or the number, compressed ones too."""
        found = []
        for path in sorted([*self.sources.rglob("*"), *self.releases.rglob("*")]):
            if path.is_file():
                data = path.read_bytes()
                data = gzip.decompress(data) if path.suffix == ".gz" else data
                if any(each.encode() in data or each in str(path) for each in (NUMBER, NAME, NAME.upper())):
                    found.append(path.name)
        return found

    def answers(self, path: str, **headers: str) -> tuple[int, str, str]:
        """Return status, kind of problem and text that the current release answers."""
        current = self.history.current()
        assert current
        app = app_of(self.history, current.release)
        try:
            told = app.test_client().get(path, headers=headers)
            return told.status_code, (told.get_json(silent=True) or {}).get("type", "").rpartition("/")[2], told.text
        finally:
            app.extensions["cper_lod.pool"].close()


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return sources of which three releases were published: without a person, with her, with her subsidy corrected."""
    place = Place(tmp_path_factory.mktemp("published"))
    with (place.sources / "ontology" / "petit.ttl").open("a") as file:
        file.write(f"@prefix subv: <{SUBV}> .\n{TERMS}")
    corrected = row(ROW, BODY, f"{NUMBER}00010", NAME, "2024")
    for turtle in ((TOWNS,), (HER_BODY, TOWNS, HER_ROW), (HER_BODY, TOWNS, corrected)):
        place.write(*turtle)
        publish_sources(place.settings)
    (place.sources / WITH_HER).parent.mkdir()
    for name, cell in ((WITH_HER, f"Mme {NAME.upper()}"), (WITH_HER.replace("json", "txt"), NUMBER), (WITHOUT, OTHER)):
        (place.sources / name).write_text(json.dumps({"cells": {"organismes": [{"nom": cell}]}}), "utf-8")
    return place.sources.parent


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Place:
    """Return a copy of them."""
    copied = Place(tmp_path / "copy")
    for name in ("sources", "releases"):
        shutil.rmtree(tmp_path / "copy" / name, ignore_errors=True)
        shutil.copytree(published / name, tmp_path / "copy" / name)
    return copied


@pytest.mark.parametrize(
    "arguments",
    [
        ("body", f"https://donnees.exemple.fr/doc/organisme/siren-{NUMBER}.html?lang=fr"),
        pytest.param(("subsidy", ROW), marks=pytest.mark.slow),
    ],
)
def test_nothing_is_left(place: Place, arguments: tuple[str, str]) -> None:
    without, *with_her = [each.release for each in place.history.entries()]
    assert place.left()
    assert not {NUMBER, NAME} & {*place.purge(*arguments).split()}
    assert (place.sources / WITHOUT).is_file()
    assert [each.how for each in place.history.entries()] == ["build", "build", "build", "purge"]
    # The release from before has it all, and its changes too.
    iri = ROW if arguments[0] == "subsidy" else BODY
    for path, told in (
        (iri.removeprefix(BASE), (410, "purged")),
        (f"doc/{iri.removeprefix(ID)}/partie", (410, "purged")),
        (TOWN.removeprefix(BASE), (303, "")),
        *(
            (f"release/{each}{rest}", (410, "release-purged"))
            for each in with_her
            for rest in ("", "/", "/changes", "/doc/bac/fictif-1")
        ),
        (f"release/{without}/doc/bac/fictif-1.ttl", (200, "")),
        *((each, (200, "")) for each in ("changes", "changes/2", "changes/4?lang=en")),
    ):
        status, kind, text = place.answers(f"/{path}")
        assert (status, kind) == told, path
        assert NUMBER not in text and NAME not in text, path
    assert place.answers("/doc/bac/fictif-1", **{"Accept-Datetime": "Mon, 09 Jan 2023 10:00:00 GMT"})[0] == 302
    assert "Request of 3 March" in place.answers("/changes.atom?lang=en")[2]
    purge = read_purge(place.history.folder(place.history.entries()[3]))
    assert (purge.kind, purge.reason("en"), len(purge.releases)) == (arguments[0], "Request of 3 March", 2)
    with refused("release-purged"):
        place.history.open(with_her[0])
    # What is published later is compared with what is left, and what was purged may come again.
    place.say(7)
    publish_sources(place.settings)
    assert place.answers("/changes")[0] == 200
    assert place.left() == []


def test_what_was_withdrawn_before_can_be_purged(place: Place) -> None:
    assert place.run("withdraw", "body", NUMBER, *REASON).exit_code == 0
    publish_sources(place.settings)
    status, kind, text = place.answers(f"/doc/{ROW.removeprefix(ID)}")
    assert (status, kind, "Demande du 3 mars" in text) == (410, "withdrawn-reason", True)
    place.purge("body", NUMBER)
    assert place.answers(f"/doc/{BODY.removeprefix(ID)}")[:2] == (410, "purged")


def test_a_whole_file_goes(place: Place) -> None:
    assert " : 3" in place.purge("subsidies", "aides-2023")
    assert (place.sources / FILE).exists() is False
    assert place.answers("/doc/fichier/aides-2023")[:2] == (410, "purged")


@pytest.mark.parametrize(("kind", "name"), [("subsidies", "aides-2023"), ("subsidy", ROW)])
def test_the_beneficiary_of_what_was_withdrawn_before_goes_too(place: Place, kind: str, name: str) -> None:
    """Her name is in the cells of a workbook, and in no source."""
    origin = f"<{ROW}> prov:wasDerivedFrom <fichier/aides-2023> . <fichier/aides-2023> a subv:Subvention ."
    for turtle in ((HER_BODY, HER_ROW, origin), (TOWNS,)):
        place.write(*turtle)
        publish_sources(place.settings)
    place.purge(kind, name)
    assert (place.sources / WITHOUT).is_file()


def test_what_is_refused_changes_nothing(place: Place) -> None:
    before = place.left()
    for arguments, words in (
        (("body", NUMBER, "--reason", f"Demande de {NAME.upper()}"), "--reason"),
        (("body", NUMBER, "--reason", f"SIREN {NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}"), "--reason"),
        (("subsidy", ROW, "--reason", f"Demande de {NAME}"), "--reason"),
        (("body", NUMBER, "--reason", " "), "--reason"),
        (("body", NUMBER), "--reason"),
        (("body", "siren-123456728", *REASON), f"siren-{NUMBER}"),
        (("subsidies", "aides-2024", *REASON), "aides-2023"),
    ):
        told = place.run("purge", *arguments)
        assert (told.exit_code != 0, words in told.stderr) == (True, True), told.output
        assert (place.left(), len(place.history.entries())) == (before, 3)


def test_a_rollback_is_ended_first(place: Place) -> None:
    assert place.run("rollback").exit_code == 0
    told = place.run("purge", "body", NUMBER, *REASON)
    assert (told.exit_code, "build --resume" in told.stderr) == (1, True), told.output
    assert (place.history.entries()[-1].how, bool(place.left())) == ("rollback", True)


def test_a_release_that_a_server_does_not_give_up_goes_too(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "PATIENCE", 0.0)
    (held,) = place.history.folders_of(place.history.entries()[1].release)
    unlock = shared_lock(held)
    place.purge("body", NUMBER)
    unlock()


@pytest.mark.slow
def test_a_purge_that_is_killed_at_any_step_is_finished(place: Place, tmp_path: Path) -> None:
    """Whatever is asked for next, it is finished first, and told once."""
    where = ("--sources", place.sources, "--releases", place.releases)
    ended = run(place.sources.parent, ["purge", "body", NUMBER, *REASON, *where], copies=tmp_path / "copies")
    assert ended.code == 0, ended.text
    begun = [path.parent.parent for path in sorted(tmp_path.glob("copies/*/releases/.purge.json"))]
    assert len(begun) > 15
    for copy in begun:
        place.sources, place.releases = copy / "sources", copy / "releases"
        place.history = History(place.releases)
        place.purge("body", "987654324")
        assert [each.how for each in place.history.entries()] == ["build", "build", "build", "purge"], copy
        assert not [*place.releases.rglob(".building-*"), *place.releases.glob(".purge.json")], copy
        assert place.answers(f"/{TOWN.removeprefix(BASE)}")[0] == 303, copy


@pytest.mark.server
@pytest.mark.slow
def test_a_running_server_goes_on_without_it(place: Place, tmp_path: Path) -> None:
    held = place.history.entries()[1].release
    log = tmp_path / "log"
    paths = [
        f"/doc/{BODY.removeprefix(ID)}.html",
        f"/release/{held}/doc/{BODY.removeprefix(ID)}.ttl",
        f"/search.json?q={NAME[:6]}",
    ]
    with closing(Server(place.flags(), log)) as server:
        with closing(PersistentClient(server)) as client:
            tags = [client.get(path) for path in paths]
        assert [status for status, *_ in tags] == [200, 200, 200]
        place.purge("body", NUMBER)
        with closing(PersistentClient(server)) as client:
            assert eventually(lambda: client.get(paths[0])[0] == 410)
            told = [client.get(path, **{"If-None-Match": tag}) for path, (_, _, tag) in zip(paths, tags, strict=True)]
            assert [status for status, *_ in told] == [410, 410, 200]
            assert not any(each.encode() in body for _, body, _ in told for each in (NAME, NUMBER))
            assert client.get("/ready")[0] == 200
    assert NAME not in log.read_text()
    assert place.left() == []

"""The command line: output and exit code of each command, and one clear sentence for bad input."""

import json
import math
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import Literal, NamedNode, parse

from cper_lod.cli import options
from cper_lod.cli.commands import DEBUG
from cper_lod.cli.main import main
from cper_lod.core.config import LoadedSettings, load
from cper_lod.core.errors import LANGUAGES, table
from cper_lod.core.settings import ROWS
from cper_lod.rdf.reader import FORMATS
from cper_lod.release.check import check
from tests.support.names import BASE
from tests.support.paths import TINY
from tests.support.processes import eventually
from tests.support.refusals import full_disk
from tests.support.server import free_port

BAC = BASE + "id/bac/fictif-1"


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a group and all that is below it, each with its whole name."""
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with none of our settings in the environment."""
    for name in [name for name in os.environ if name.startswith("CPER_LOD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(options, "PROGRESS_DELAY", math.inf)  # however slow this machine is
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def run(*arguments: object, lang: str = "en", given: bytes | None = None, **environment: str) -> Result:
    settings = {"CPER_LOD_LANG": lang or None, **environment}
    result = CliRunner().invoke(main, [str(each) for each in arguments], input=given, env=settings)
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def rename(folder: Path) -> None:
    """Remove the name of the only ferry, so that the sources do not conform."""
    path = folder / "data" / "bacs.ttl"
    path.write_text(path.read_text("utf-8").replace("skos:prefLabel", "skos:altLabel"), "utf-8")


# check


def test_check(tiny: Path, tmp_path: Path) -> None:
    result = run("check", "--sources", tiny)
    assert (result.exit_code, len(result.stdout.splitlines())) == (0, 1)
    assert f" build --sources {tiny} " in result.stderr, "what to do next"
    (tmp_path / "plus.ttl").write_text(f"<{BASE}id/bac/plus> a <https://w3id.org/cper-lod/ontology#Bac> .\n")
    result = run("check", "--sources", tiny, tmp_path / "plus.ttl")
    assert (result.exit_code, f"VIOLATION {tmp_path}/plus.ttl" in result.stdout) == (1, True)


def test_check_for_programs(tiny: Path) -> None:
    rename(tiny)
    result = run("check", "--sources", tiny, "--format", "json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["conforms"], result.stderr) == (1, False, "")
    (finding,) = (each for each in report["findings"] if each["severity"] == "violation")
    assert (finding["node"], finding["files"]) == (BAC, ["data/bacs.ttl"])
    result = run("check", "--sources", tiny, "--format", "rdf")
    found = {quad.object for quad in parse(result.stdout_bytes, format=FORMATS[".ttl"])}
    assert result.exit_code == 1
    assert {NamedNode(BAC), Literal(False), Literal("Name it.", language="en")} <= found


# format


def test_format_rewrites_once(tiny: Path) -> None:
    path = tiny / "data" / "bacs.ttl"
    whole = path.read_bytes()
    path.write_bytes(b"@prefix c: <https://w3id.org/cper-lod/ontology#> .\n" + whole.replace(b"cper:Bac", b"c:Bac"))
    path.chmod(0o640)
    assert run("format", "--check", path).exit_code == 1
    assert path.read_bytes() != whole
    result = run("format", path, tiny / "shapes", lang="fr")
    assert (result.exit_code, path.read_bytes(), path.stat().st_mode & 0o777) == (0, whole, 0o640)
    assert result.stdout.splitlines()[0].endswith(str(path))
    before = path.stat()
    again = run("format", tiny, lang="en")
    assert (again.exit_code, again.stdout) == (0, "4 file(s) already canonical, 0 rewritten.\n")
    assert path.stat() == before
    assert run("format", "--check", tiny).output == ""


def test_a_format_that_the_disk_refuses_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sources = tmp_path / "a.ttl", list[Path]()
    path.write_bytes(untidy := b"<urn:s>   <urn:p> 1 .\n")

    def full(_: int) -> None:
        sources.extend(tmp_path.glob("*.ttl"))
        full_disk()

    monkeypatch.setattr(os, "fsync", full)
    told = run("format", path).stderr
    assert "No space left on device." in told
    assert str(path) in told
    assert sources == [path], "nothing takes the temporary file for a source"
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir() if each.is_file()] == [("a.ttl", untidy)]


def test_format_refuses_comments_and_loses_none_of_the_others(tmp_path: Path) -> None:
    texts = {
        "a.ttl": b"<urn:s>   <urn:p> 1 .\n",
        "b.ttl": b"\xef\xbb\xbf<urn:s> <urn:p> 1 .\n# relu en mai\r\n# encore\n",
        "c.ttl": b"<urn:s> <urn:p> oops .\n",
        "d.ttl": b"<urn:s>   <urn:p> 2 .\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text)
    result = run("format", *(tmp_path / name for name in texts))
    assert result.exit_code == 2, "the gravest"
    first, second = result.stderr.splitlines()
    assert all(words in first for words in ("b.ttl", "line 2", "# relu en mai"))
    assert "c.ttl" in second
    assert [(tmp_path / name).read_bytes() == text for name, text in texts.items()] == [False, True, True, False]
    assert [line.rpartition("/")[2] for line in result.stdout.splitlines()[:2]] == ["a.ttl", "d.ttl"]
    assert run("format", "--check", tmp_path / "b.ttl").exit_code == 1


# build


def test_build_prints_folder_and_digest(tiny: Path, tmp_path: Path) -> None:
    result = run("build", "--sources", tiny, "--releases", tmp_path / "r", lang="fr")
    (folder,) = (path.parent for path in (tmp_path / "r").glob("*/manifest.json"))
    digest = json.loads((folder / "manifest.json").read_bytes())["digest"]
    assert (result.exit_code, result.stdout) == (0, f"Empreinte : {digest}\n")
    assert str(folder) in result.stderr
    assert f"cper-lod serve --sources {tiny} --releases {tmp_path}/r\n" in result.stderr, "what to do next"
    again = run("build", "--sources", tiny, "--releases", tmp_path / "r", lang="en")
    assert (again.stdout, str(folder) in again.stderr) == (f"Digest: {digest}\n", True)


@pytest.mark.parametrize("command", ["build", "serve", "query"])
def test_what_does_not_conform_is_not_sealed(tiny: Path, tmp_path: Path, command: str) -> None:
    rename(tiny)
    options = ["bacs"] if command == "query" else ["--port", str(free_port())] if command == "serve" else []
    result = run(command, *options, "--sources", tiny, "--releases", tmp_path / "r")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "VIOLATION data/bacs.ttl" in result.stderr
    assert table()["not-conforming"].words["en"].title in result.stderr.splitlines()[-1]
    assert not list((tmp_path / "r").glob("*/manifest.json"))


# query


def test_query(tiny: Path, tmp_path: Path) -> None:
    where = ("--sources", tiny, "--releases", tmp_path / "r")
    assert run("query", "bacs", *where, lang="fr").stdout.splitlines()[2:] == [BAC, "1 ligne(s)"]
    again = run("query", "SELECT ?b { ?b a cper:Bac }", "--format", "csv", *where)
    assert (again.stdout, again.stderr) == (f"b\n{BAC}\n", ""), "nothing is said of a release that is there"
    (tmp_path / "q.rq").write_text("# une remarque\nSELECT ?b { ?b a cper:Bac }")
    assert run("query", tmp_path / "q.rq", "--format", "csv", *where).stdout == again.stdout
    named = "SELECT ?n ?x { ?b a cper:Bac ; skos:prefLabel ?n FILTER(LANG(?n) = 'fr') }"
    assert run("query", named, "--format", "tsv", *where).stdout == '?n\t?x\n"Bac fictif n° 1"@fr\t\n'
    (row,) = json.loads(run("query", named, "--format", "json", *where).stdout)["results"]["bindings"]
    assert row == {"n": {"type": "literal", "value": "Bac fictif n° 1", "xml:lang": "fr"}}
    assert "@prefix cper:" in run("query", "CONSTRUCT WHERE { ?bac a cper:Bac }", *where).stdout
    assert run("query", "-", *where, given="ASK { ?s ?p 'été' }".encode()).stdout == "No (false)\n"
    assert run("query", "-", *where, given=b"ASK { ?s ?p '\xe9' }").exit_code == 2


def test_an_empty_result_is_explained_on_standard_error(tiny: Path, tmp_path: Path) -> None:
    """Tests of empty results say which reasons there are."""
    where = ("--sources", tiny, "--releases", tmp_path / "r")
    empty = run("query", "SELECT ?b { ?b a cper:Bacs }", *where)
    assert (empty.exit_code, empty.stdout.splitlines()) == (0, ["b", "-", "0 row(s)"])
    assert re.findall(r"cper:\w+", empty.stderr) == ["cper:Bacs", "cper:Bac"]
    none = run("query", "ASK { ?b a cper:Inconnu\\-x }", *where, "--format", "json")
    assert (none.stdout[0], none.stderr) == ("{", "Nothing here is of the class cper:Inconnu-x.\n")


@pytest.mark.slow
def test_every_kind_of_value_is_printed_on_one_line_without_control_characters(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text('<urn:s> <urn:p> "a\\u001B[31mrouge\\n\\u202E", _:b, <urn:o>, 1 .')
    where = ("--data", tmp_path / "a.ttl", "--releases", tmp_path / "r")
    shown = run("query", "SELECT ?o { ?s ?p ?o }", *where).stdout
    assert len(shown.splitlines()) == 7
    assert "\x1b" not in shown
    assert "a\\u001b[31mrouge\\u000a\\u202e" in shown
    assert run("query", "SELECT * { }", *where, lang="fr").stdout.splitlines() == ["", "", "", "1 ligne(s)"]


def test_questions_are_listed_and_looked_up_without_a_release(tiny: Path, tmp_path: Path) -> None:
    where = ("--sources", tiny, "--releases", tmp_path / "r")
    assert run("query", "--list", *where).stdout.startswith("bacs  ")
    assert "“bacs”" in run("query", "bac", *where).stderr
    for argument in ("nope.rq", "", "x" * 5000):
        assert "one of: bacs." in run("query", argument, *where).stderr, argument
    assert not (tmp_path / "r").exists()
    (tmp_path / "d.ttl").write_text("<urn:s> a <urn:C> .")
    assert run("query", "--list", "--data", tmp_path / "d.ttl", *where).stdout == ""


# settings


def test_settings_shows_every_setting_with_its_origin_and_no_secret(tmp_path: Path) -> None:
    """Tests of settings say which value wins."""
    (tmp_path / "s.toml").write_text('port = 8080\nengine_login = "name:secret-word"\n', "utf-8-sig")
    result = run("settings", "--settings", tmp_path / "s.toml", "--format", "json")
    rows = json.loads(result.stdout)
    assert (result.exit_code, list(rows)) == (0, list(ROWS))
    assert (rows["port"]["value"], rows["port"]["origin"]) == (8080, f"file {tmp_path}/s.toml")
    text = run("settings", "--settings", tmp_path / "s.toml").stdout
    assert [shown.count("***") for shown in (result.stdout, text)] == [1, 1]
    assert "secret-word" not in result.output + text


def test_what_a_server_starts_reads_the_settings_that_the_server_was_given(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its builds would otherwise read the settings of the working folder."""
    (elsewhere / "given.toml").write_text('lang = "en"\n')
    monkeypatch.setenv("CPER_LOD_SETTINGS", "")  # as it was, in the end
    read = list[LoadedSettings]()
    monkeypatch.setattr("cper_lod.web.server.server.serve", lambda *_, **__: read.append(load()))
    monkeypatch.setattr("cper_lod.web.server.server.check_port", lambda *_: None)
    monkeypatch.setattr("cper_lod.cli.publish.publish_or_keep_release", lambda *_: None)
    assert run("serve", "--settings", "given.toml", lang="").exit_code == 0
    assert [each.origins["lang"] for each in read] == [f"file {elsewhere}/given.toml"]


# Bad input


@pytest.fixture
def taken_port() -> Iterator[int]:
    """Return a port on which another program listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        yield int(other.getsockname()[1])


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of files and folders, each invalid in another way; no test changes it."""
    files = {
        "faute.ttl": b"<urn:s> <urn:p>\n oops .\n",
        "vide.ttl": b"",
        "inconnus.toml": b"prot = 8000\n",
        "un-fichier": b"",
        "q.rq": "ASK { ?s ?p 'é' }".encode("cp1252"),
    }
    folder = tmp_path_factory.mktemp("faulty")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "dossier-vide").mkdir()
    os.mkfifo(folder / "tube.ttl")
    shutil.copytree(TINY, folder / "sans-data", ignore=shutil.ignore_patterns("data"))
    return folder


BAD: dict[str, str | None] = {
    "check --sources {t} {f}/faute.ttl": "source-syntax",
    "check --sources {t} {f}/dossier-vide": "source-empty",
    "check --sources {t} {f}/tube.ttl": "source-endless",
    "build --sources {f}/un-fichier": "source-missing",
    "build --sources {t} --releases {f}/un-fichier": "permission",
    "build --settings {f}/inconnus.toml": "settings-unknown",
    "format {f}/un-fichier": "source-format",
    "format {f}/faute.ttl": "source-syntax",
    "query {f}/q.rq --sources {t}": "source-encoding",
    "query {f} --sources {t}": "permission",
    "query bacs --sources {f}/sans-data": "source-missing",
    "serve --port {p} --data {f}/vide.ttl": "source-empty",
    "serve --port {p} --sources {f}/sans-data": "source-missing",
    "serve --port {taken} --sources {f}/nulle-part": "port-in-use",
    "serve --port {p} --host 192.0.2.1": "settings-invalid",
    "serve --port {p} --host a..b": "settings-invalid",
    "settings --settings {f}/tube.ttl": "source-missing",
    "settings --lang de": "settings-invalid",
    "nope": None,
    "check --format xml": None,
    "query": None,
    "serve {f}/vide.ttl": None,
}
"""Tests of reading and importing say which faults there are; this one, that each command prints them."""


@pytest.mark.parametrize("arguments", BAD)
def test_bad_input_is_one_clear_sentence(faulty: Path, taken_port: int, arguments: str) -> None:
    line = arguments.format(f=faulty, t=TINY, p=free_port(), taken=taken_port).split()
    code = BAD[arguments]
    result = run(*line)
    *before, said = result.stderr.splitlines()
    assert said.startswith("Error: ")
    assert all(line.startswith("Release sealed: ") for line in before)
    assert result.stdout == ("0 file(s) already canonical, 0 rewritten.\n" if line[0] == "format" else "")
    if code is None:
        assert (result.exit_code, "--help" in said) == (2, True)
    else:
        kind = table()[code]
        assert result.exit_code == kind.exit_code
        assert kind.words["en"].title in said
        assert "{" not in said.replace("{…}", "")


def test_help_is_in_one_language() -> None:
    for name, command in commands(main, "cper-lod"):
        texts = [each.help for each in command.params if isinstance(each, click.Option)] + [command.help]
        for paragraph in [each for text in texts for each in (text or "").split("\n\n")]:
            assert paragraph.count(" / ") == 1, paragraph
        french, english = (run(*name.split()[1:], "--help", lang=lang).output for lang in LANGUAGES)
        for shown, usage in ((french, "Usage : "), (english, "Usage: ")):
            assert shown.startswith(usage + name)
            assert " / " not in shown
            assert "--help" in shown


def test_help_is_in_the_language_of_messages(elsewhere: Path) -> None:
    assert run("check", "--lang", "en", "--help", lang="fr").output.startswith("Usage: ")
    assert run("check", "--help", lang="", LANG="en_GB.UTF-8").output.startswith("Usage: ")
    (elsewhere / "cper-lod.toml").write_text('lang = "en"\n')
    assert run("check", "--help", lang="", LANG="fr_FR.UTF-8").output.startswith("Usage: ")
    assert run("check", "--sources", "none", lang="", LANG="fr_FR.UTF-8").stderr.startswith("Error: ")
    (elsewhere / "cper-lod.toml").write_text("wrong")
    assert run("check", "--help", lang="", LANG="fr_FR.UTF-8").output.startswith("Usage : ")


def test_work_that_takes_long_says_how_far_it_is(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(options, "PROGRESS_DELAY", 0)
    monkeypatch.setattr(options, "PROGRESS_INTERVAL", 0)
    shown = run("check", "--sources", tiny, lang="fr").stderr
    assert len(re.findall(r"^Vérification : \d+ %$", shown, re.MULTILINE)) >= 2, "the end of each step"
    with options.show_progress("en", "check-progress") as show:
        show(1, 4)
        show(0)
    assert re.findall(r"\d+", capsys.readouterr().err) == ["25", "25", "100"], (
        "it never goes back, and comes to its end"
    )


# What is not foreseen


def test_unexpected_fault_is_one_sentence(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(check, "check", fail)
    results = [run("check", "--sources", tiny) for _ in range(2)]
    assert results[0].exit_code == 3
    assert "secret detail" not in results[0].output
    assert len(results[0].stderr.splitlines()) == 1
    assert results[0].stderr == results[1].stderr, "the same fault has the same reference"
    shown = CliRunner().invoke(main, ["check", "--sources", str(tiny)], env={DEBUG: "1"})
    assert shown.exit_code == 3
    assert "secret detail" in shown.stderr
    assert "Traceback" in shown.stderr
    reference = re.search(r"[0-9a-f]{12}", results[0].stderr)
    assert reference
    assert reference[0] in shown.stderr.splitlines()[-1]


def test_slow_imports_are_deferred() -> None:
    slow = {"babel", "flask", "granian", "httpx", "pyoxigraph", "pyshacl", "rdflib"}
    code = f"import sys, cper_lod.cli.main; print(*{slow} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == ""


# Real processes


@pytest.mark.parametrize(
    ("handler", "code"), [("default_int_handler", -signal.SIGINT), ("SIG_IGN", 0)], ids=["heeded", "in the background"]
)
def test_ctrl_c_while_modules_are_imported(handler: str, code: int) -> None:
    interrupted = f"""
import os, runpy, signal, sys
class Finder:
    def find_spec(name, *_):
        if name == "click":
            print("interrupted", flush=True)
            os.kill(os.getpid(), signal.SIGINT)
signal.signal(signal.SIGINT, signal.{handler})
sys.meta_path.insert(0, Finder)
sys.argv = ["cper-lod", "--version"]
runpy.run_module("cper_lod", run_name="__main__")
"""
    ended = subprocess.run([sys.executable, "-c", interrupted], check=False, capture_output=True, text=True, timeout=60)
    assert ended.stdout.startswith("interrupted\n")
    assert (ended.returncode, ended.stderr) == (code, "")


def process(*arguments: object, out: Any = subprocess.PIPE, **environment: str) -> subprocess.Popen[bytes]:  # noqa: ANN401
    command = [sys.executable, "-m", "cper_lod", *map(str, arguments)]
    environment = {**os.environ, "CPER_LOD_LANG": "fr", "PYTHONUNBUFFERED": "", **environment}
    return subprocess.Popen(command, stdout=out, stderr=subprocess.PIPE, env=environment)


@pytest.mark.parametrize("arguments", [("settings",), ("query", "-h")])
def test_a_full_output_is_no_fault_of_the_program(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        command = process(*arguments, out=full)
        _, err = command.communicate(timeout=120)
    assert (command.returncode, err.count(b"\n"), b"No space left" in err) == (os.EX_IOERR, 1, True)


@pytest.mark.slow
def test_ctrl_c_ends_a_real_build_quietly(sources: Path, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background: it is ignored
    build = process("build", "--sources", sources, "--releases", tmp_path / "r")
    signal.signal(signal.SIGINT, before)
    assert eventually(lambda: bool(list(tmp_path.glob("r/**/.building-*"))))
    build.send_signal(signal.SIGINT)
    out, err = build.communicate(timeout=120)
    told = [line for line in err.decode().splitlines() if not re.fullmatch(r"Publication : \d+ %", line)]
    assert (build.returncode, out, told) == (130, b"", [])
    assert not list(tmp_path.glob("r/[!.]*"))


@pytest.mark.slow
def test_terminals_and_pipes(tiny: Path, tmp_path: Path) -> None:
    where = ("--sources", tiny, "--releases", tmp_path / "r")
    latin = process("diff", "--help", PYTHONIOENCODING="latin-1", CPER_LOD_LANG="en")
    out, _ = latin.communicate(timeout=120)
    assert (latin.returncode, b"\\u201ccurrent\\u201d" in out) == (0, True)
    data = process("query", "SELECT ?n { ?b skos:prefLabel ?n }", "--format", "csv", *where, PYTHONIOENCODING="ascii")
    out, _ = data.communicate(timeout=120)
    assert "Bac fictif n° 1" in out.decode("utf-8"), "data stay UTF-8 whatever the terminal"
    many = process("query", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", "--format", "csv", *where)
    assert many.stdout
    assert many.stderr
    many.stdout.readline()
    many.stdout.close()
    assert many.wait(120) == 0, "whoever reads has had enough"
    assert many.stderr.read() == b""
    many.stderr.close()


def test_push_says_what_it_needs(tmp_path: Path) -> None:
    refused = run("push", "--sources", TINY, "--releases", tmp_path)
    assert (refused.exit_code, "engine_store" in refused.output) == (2, True)


def test_push_to_a_file(tmp_path: Path) -> None:
    """Tests of push say what the file holds."""
    file, command = tmp_path / "release.nq", ("push", "--sources", TINY, "--releases", tmp_path / "releases", "--file")
    told = run(*command, file)
    assert f"{len(file.read_text('utf-8').splitlines())} quads written to {file}." in told.stdout
    whole = file.read_bytes()
    file.write_text("keep\n")
    refused = run(*command, file)
    assert (refused.exit_code, "--force" in refused.output, file.read_text()) == (2, True, "keep\n")
    assert (run(*command, file, "--force").exit_code, file.read_bytes()) == (0, whole)
    for name in ("keep.txt", "no/folder.nq"):
        assert (run(*command, tmp_path / name).exit_code, (tmp_path / name).exists()) == (2, False), name


def test_a_folder_served_as_given_may_hold_other_files(tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    (folder / "a.nt").write_text("<urn:s> <urn:p> <urn:o> .\n")
    for name in ("LICENSE", "README.md", "map.png"):
        (folder / name).write_text("x")
    asked = ("query", "ASK { <urn:s> ?p ?o }", "--releases", tmp_path / "releases", "--data")
    told = run(*asked, folder)
    assert (told.exit_code, told.stdout) == (0, "Yes (true)\n")
    assert "Files left out, which are no RDF: LICENSE, map.png (2)." in told.stderr
    assert run(*asked, folder / "LICENSE").exit_code == 2, "a file that is named itself"

"""The command line: check, format, build, serve, query and settings."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from cper_lod.failing import Command, Commands, Failed, speak
from cper_lod.terms.configuration import Loaded, load
from cper_lod.terms.language import say, system_language
from cper_lod.terms.problems import Language, Problem
from cper_lod.terms.settings import Settings, describe, names

# The rooms that cost time to import (rdflib, Flask, granian) are imported by the commands that need them.


def _options(*chosen: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a flag for each setting named, and --settings for the file."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for name in reversed((*chosen, "lang")):
            text = f"{describe(name, 'fr')} / {describe(name, 'en')}"
            command = click.option(f"--{name.replace('_', '-')}", name, default=None, help=text)(command)
        text = "fichier de réglages TOML / settings file, TOML"
        return click.option("--settings", "settings_file", type=click.Path(path_type=Path), help=text)(command)

    return add


def _loaded(settings_file: Path | None, flags: dict[str, object]) -> tuple[Settings, Language]:
    settings = load(flags, file=settings_file).settings
    lang = system_language(settings.lang, dict(os.environ))
    speak(lang)
    return settings, lang


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="cper-lod")
def main() -> None:
    """Publie des contrats de plan en données liées / Publishes plan contracts as linked data."""


@main.command(cls=Command)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "rdf"]), default="text", show_default=True)
@_options("sources")
def check(paths: tuple[Path, ...], form: str, settings_file: Path | None, **flags: object) -> None:
    """Valide les sources / Check the sources.

    PATHS : fichiers de données ajoutés à la vérification / data files checked together with the sources.

    Exit: 0 conforme / conforms, 1 violations, 2 illisible / unreadable.
    """
    from cper_lod.rdf.report import as_json, as_quads, as_text
    from cper_lod.rdf.writing import write
    from cper_lod.release.checking import check as check_sources
    from cper_lod.release.sources import read_sources
    from cper_lod.terms.formats import TURTLE

    settings, lang = _loaded(settings_file, flags)
    report = check_sources(read_sources(settings.sources, paths))
    if form == "json":
        click.echo(as_json(report), nl=False)
    elif form == "rdf":
        click.echo(write(as_quads(report), TURTLE), nl=False)
    else:
        click.echo(as_text(report, lang), nl=False)
    sys.exit(0 if report.conforms else 1)


@main.command("format", cls=Command)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--check", "dry", is_flag=True, help="dire sans réécrire / tell, do not rewrite")
@_options()
def format_(paths: tuple[Path, ...], dry: bool, settings_file: Path | None, **flags: object) -> None:
    """Réécrit des fichiers Turtle sous forme canonique / Rewrite Turtle files in canonical form.

    Un fichier refusé n'arrête pas les autres / A file that is refused does not stop the others.
    """
    from cper_lod.rdf.formatting import is_canonical, rewrite

    _, lang = _loaded(settings_file, flags)
    files = [file for path in paths for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    if not files:
        raise Problem("source-empty", path=", ".join(map(str, paths)))
    changed, refused = 0, list[Failed]()
    for path in files:
        try:
            if not is_canonical(path) if dry else rewrite(path):
                click.echo(say("cli-would-change" if dry else "cli-formatted", lang, path=path))
                changed += 1
        except Problem as problem:
            refused.append(Failed(problem, lang))
            refused[-1].show()
    if not dry:
        click.echo(say("cli-canonical", lang, count=len(files) - changed - len(refused), changed=changed))
    sys.exit(max((1 if dry and changed else 0, *(failed.exit_code for failed in refused))))


def _ensure(settings: Settings, lang: Language, data: tuple[Path, ...] = (), aloud: bool = True) -> Path:
    """Return the folder of the sealed release, built where needed; end with the findings where it is refused.

    What was built is said on standard error; what is used again too, where it is to be `aloud`.
    """
    from cper_lod.release.build import Refused, ensure

    started = time.perf_counter()
    try:
        release, built = ensure(settings.releases, settings.sources, data)
    except Refused as refused:
        _refuse(refused, lang)
    triples = release.manifest["triples"]
    seconds = f"{time.perf_counter() - started:.1f}"
    if built or aloud:
        key = "cli-built" if built else "cli-reused"
        click.echo(say(key, lang, folder=release.folder, triples=triples, seconds=seconds), err=True)
    return release.folder


def _refuse(refused: Any, lang: Language) -> NoReturn:  # noqa: ANN401 - release.build is imported late
    from cper_lod.rdf.report import as_text

    click.echo(as_text(refused.report, lang), nl=False, err=True)
    raise Failed(refused.problem, lang) from refused


@main.command(cls=Command)
@_options("sources", "releases")
def build(settings_file: Path | None, **flags: object) -> None:
    """Scelle une publication / Seal a release."""
    from cper_lod.release.release import open_release

    settings, lang = _loaded(settings_file, flags)
    folder = _ensure(settings, lang)
    click.echo(say("cli-digest", lang, digest=open_release(folder).digest))


@main.command(cls=Command)
@click.option(
    "--data", multiple=True, type=click.Path(path_type=Path),
    help="fichiers RDF servis tels quels / RDF files served as given",
)  # fmt: skip
@click.argument("more", nargs=-1, type=click.Path(path_type=Path))
@_options(*(name for name in names() if name != "lang"))
def serve(data: tuple[Path, ...], more: tuple[Path, ...], settings_file: Path | None, **flags: object) -> None:
    """Sert la publication sur HTTP / Serve the release over HTTP.

    `--data FICHIER…` : tout fichier RDF, tel quel / any RDF file, exactly as given.
    """
    from cper_lod.engine.addresses import refuse_private
    from cper_lod.web.server import check_port
    from cper_lod.web.server import serve as serve_http

    settings, lang = _loaded(settings_file, flags)
    if more and not data:
        raise click.UsageError(f"Got unexpected extra argument ({more[0]})")
    refuse_private(settings.service_allow.split())
    check_port(settings.host, settings.port)
    folder = _ensure(settings, lang, (*data, *more))
    serve_http(settings, folder, lambda: click.echo(say("cli-serving", lang, url=settings.public_url + "/")))


@main.command(cls=Command)
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--data", multiple=True, type=click.Path(path_type=Path), help="fichiers RDF / RDF files")
@_options("sources", "releases", "query_timeout", "query_memory", "query_bytes")
def query(query: str, form: str, data: tuple[Path, ...], settings_file: Path | None, **flags: object) -> None:
    """Exécute une requête / Run a query.

    QUERY : texte SPARQL, fichier .rq, question de compétence ou - / SPARQL text, .rq file, competency question or -.
    """
    from cper_lod.release.asking import answer

    settings, lang = _loaded(settings_file, flags)
    folder = _ensure(settings, lang, data, aloud=False)
    shown = answer(folder, settings, query, form, lang)
    click.echo(shown if form == "table" else shown.encode(), nl=False)


@main.command("settings", cls=Command)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@_options(*(name for name in names() if name != "lang"))
def settings_(form: str, settings_file: Path | None, **flags: object) -> None:
    """Montre chaque réglage, sa valeur et son origine / Show every setting, its value and its origin."""
    loaded = load(flags, file=settings_file)
    lang = system_language(loaded.settings.lang, dict(os.environ))
    speak(lang)
    if form == "json":
        rows = {
            name: {"value": _plain(loaded, name), "origin": loaded.origins[name], "meaning": describe(name, lang)}
            for name in names()
        }
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2).encode())
        return
    for name in names():
        click.echo(f"{name:<15} {_plain(loaded, name)!s:<34} {loaded.origins[name]}")
        click.echo(f"{'':<15} {describe(name, lang)}")


def _plain(loaded: Loaded, name: str) -> str | int:
    value = getattr(loaded.settings, name)
    return value if isinstance(value, int) else str(value)

"""The commands that publish: check, format, build, rollback, serve, query and settings; and `diff`, which says what changed."""

import gc
import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from cper_lod.cli.commands import CommandFailed
from cper_lod.cli.options import (
    A_PATH,
    build_progress,
    command,
    ensure_release,
    flag,
    format_option,
    load_settings,
    lock_sources,
    print_next_step,
    print_waiting,
    publish_or_keep_release,
    publish_sources,
)
from cper_lod.core.config import today
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.processes import ignore_interruptions
from cper_lod.core.settings import ROWS, Settings, describe, displayed_value


@command("sources", "releases")
@click.argument("paths", nargs=-1, type=A_PATH)
@format_option("text", "json", "rdf")
def check(settings: Settings, lang: Language, paths: tuple[Path, ...], form: str) -> None:
    """Valide les sources / Check the sources.

    PATHS : fichiers de données ajoutés à la vérification / PATHS: data files checked together with the sources.

    Codes de sortie : 0 conforme, 1 violations, 2 illisible / Exit codes: 0 conforms, 1 violations, 2 unreadable.
    """
    from cper_lod.core.formats import TURTLE
    from cper_lod.rdf.report import as_json, as_quads, as_text
    from cper_lod.rdf.serialize import write
    from cper_lod.release.check.check import check as check_sources
    from cper_lod.release.jobs.progress import AFTER_CHECK
    from cper_lod.release.sources.read import read_sources

    with build_progress(lang, *AFTER_CHECK, label="check-progress") as progress:
        sources = read_sources(settings.sources, paths, progress=progress)
        report = check_sources(sources, progress)
    if form == "json":
        click.echo(as_json(report), nl=False)
    elif form == "rdf":
        click.echo(write(as_quads(report, sources.names), TURTLE), nl=False)
    else:
        click.echo(as_text(report, lang), nl=False)
        if report.conforms:
            print_next_step("next-build", lang)
    sys.exit(0 if report.conforms else 1)


@command(name="format")
@click.argument("paths", nargs=-1, required=True, type=A_PATH)
@flag(
    "--check",
    "signaler sans réécrire ; sortie 1 si un fichier changerait / report only; exit 1 if a file would change",
    "dry",
)
def format_(_: Settings, lang: Language, paths: tuple[Path, ...], dry: bool) -> None:
    """Réécrit des fichiers Turtle sous forme canonique / Rewrite Turtle files in canonical form.

    Un fichier refusé n'arrête pas les autres / A file that is refused does not stop the others.
    """
    from cper_lod.rdf.formatter import is_canonical, rewrite

    files = [file for path in paths for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    if not files:
        raise Problem("source-empty", path=", ".join(map(str, paths)), offers=".ttl")
    changed, refused = 0, list[CommandFailed]()
    for path in files:
        try:
            if is_canonical(path):
                continue
            data = next((parent for parent in path.resolve().parents if parent.name == "data"), None)
            if data and not dry:
                lock_sources(data.parent, lang)
            if dry or rewrite(path):
                click.echo(translate("cli-would-change" if dry else "cli-formatted", lang, path=path))
                changed += 1
        except Problem as problem:
            refused.append(CommandFailed(problem, lang))
            refused[-1].show()
    if not dry:
        click.echo(translate("cli-canonical", lang, count=len(files) - changed - len(refused), changed=changed))
    sys.exit(max((1 if dry and changed else 0, *(failed.exit_code for failed in refused))))


@command("sources", "releases", "keep_releases", "keep_days")
@flag("--resume", "publier à nouveau après un retour en arrière / publish again after a rollback")
@click.option(
    "--date",
    default="",
    metavar="AAAA-MM-JJ / YYYY-MM-DD",
    help="jour de publication, si l'horloge est mise en doute / day of the publication, if the clock is doubted",
)
@flag(
    "--automatic",
    "lancé par le serveur, parce que les sources ont changé / run by the server, since the sources changed",
)
def build(settings: Settings, lang: Language, resume: bool, date: str, automatic: bool) -> None:
    """Construit une version des données et la met en service / Build a release and publish it.

    Refuse les sources non conformes ; affiche l'empreinte / Rejects sources that do not conform; prints the digest.

    Après un retour en arrière, rien n'est publié sans --resume / After a rollback, nothing is published without --resume.

    Codes de sortie : 0 publié, 1 refusé, 2 erreur / Exit codes: 0 published, 1 refused, 2 error.
    """
    from cper_lod.importing.subsidies.attachment import parse_date_option

    if automatic:  # a server sends a signal to have a check given up; what follows the check does not heed it
        ignore_interruptions()
    if (day := parse_date_option(date)) and day != today():
        os.environ["SOURCE_DATE_EPOCH"] = str(int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()))
    published = publish_sources(settings, lang, resume=resume, trust_clock=bool(day))
    if published.entry.how == "rollback":
        sys.exit(1)
    click.echo(translate("cli-digest", lang, digest=published.release.digest))
    if not automatic:  # a server keeps the last line in its log
        print_next_step("next-serve", lang, url=settings.public_url)


@command("sources", "releases")
@click.argument("release", default="")
def rollback(settings: Settings, lang: Language, release: str) -> None:
    """Remet en service une version antérieure des données / Serve an earlier release again.

    RELEASE : le début de son identifiant ; défaut : la précédente / RELEASE: the beginning of its id; default: the one before.

    Ensuite, rien n'est publié jusqu'à « build --resume » / From then on nothing is published until “build --resume”.
    """
    from cper_lod.release.history.publish import roll_back

    entry, changed = roll_back(settings, release, lambda: print_waiting(lang))
    key = "cli-rolled-back" if changed else "cli-rolled-already"
    click.echo(translate(key, lang, release=entry.release, number=entry.number))


@command(*(name for name in ROWS if name != "lang"))
@click.option("--data", multiple=True, type=A_PATH, help="fichiers RDF servis tels quels / RDF files served as given")
@flag("--no-watch", "ne surveille pas les sources / do not watch the sources", "unwatched")
@click.argument("more", nargs=-1, type=A_PATH)
def serve(settings: Settings, lang: Language, data: tuple[Path, ...], unwatched: bool, more: tuple[Path, ...]) -> None:
    """Sert les données sur HTTP / Serve the release over HTTP.

    Construit les données si nécessaire ; avec --data, sert des fichiers RDF tels quels, sans rien ajouter ni valider / Builds the release if needed; with --data, serves RDF files exactly as given: nothing is added or validated.
    """
    gc.disable()  # imports create no garbage; collection would take a tenth of their time
    from cper_lod.web.server.server import check_port
    from cper_lod.web.server.server import serve as serve_http

    gc.freeze()  # imported objects are never collected, so forked processes share their pages
    gc.enable()
    if settings_file := click.get_current_context().params[
        "settings_file"
    ]:  # builds that the server starts must use the same file, not the default one
        os.environ["CPER_LOD_SETTINGS"] = str(settings_file.absolute())
    if more and not data:
        raise click.UsageError(f"Got unexpected extra argument ({more[0]})")
    check_port(settings.host, settings.port)
    folder = None
    if files := (*data, *more):
        folder = ensure_release(settings, lang, files)
        settings = replace(settings, engine="embedded")  # these files are never pushed to an endpoint
    else:
        publish_or_keep_release(settings, lang)
    key = "cli-serving" if settings.public_url == settings.local_url else "cli-serving-for"
    words = translate(key, lang, url=settings.public_url + "/", local=settings.local_url + "/")
    serve_http(settings, folder, lambda: click.echo(words), watch=not unwatched)


@command("sources", "releases", "query_timeout", "query_memory")
@click.argument("query", required=False)
@flag("--list", "montre les questions de compétence / list the competency questions", "listed")
@format_option("table", "csv", "tsv", "json")
@click.option(
    "--data",
    multiple=True,
    type=A_PATH,
    help="fichiers RDF à interroger au lieu des données publiées / RDF files to query instead of the release",
)
def query(
    settings: Settings, lang: Language, query: str | None, listed: bool, form: str, data: tuple[Path, ...]
) -> None:
    """Exécute une requête / Run a query.

    QUERY : texte SPARQL, fichier .rq, nom d'une question de compétence, ou - (entrée standard) / QUERY: SPARQL text, .rq file, name of a competency question, or - (standard input).
    """
    from cper_lod.cli.query import list_questions, query_text, run_query
    from cper_lod.release.sources.files import source_folder
    from cper_lod.release.sources.questions import load_questions

    if query is None and not listed:
        raise click.MissingParameter(param_hint="QUERY", param_type="argument")
    if query is not None and listed:
        raise click.UsageError(f"Got unexpected extra argument ({query})")
    # From the sources, since a release takes seconds to build; data served as given have no questions.
    questions = [] if data else load_questions(source_folder(settings.sources, "ontology") / "questions")
    if listed or query is None:
        click.echo(list_questions(questions, lang), nl=False)
        print_next_step("next-query", lang)
        return
    text = query_text(query, questions, lang)
    if data:
        settings = replace(settings, engine="embedded")  # these files are never pushed to an endpoint
    shown = run_query(ensure_release(settings, lang, data), settings, text, form, lang)
    click.echo(shown if form == "table" else shown.encode(), nl=False)


@command(*(name for name in ROWS if name != "lang"), name="settings")
@format_option("text", "json")
def settings_(settings: Settings, lang: Language, form: str) -> None:
    """Montre chaque réglage, sa valeur et son origine / Show every setting, its value and its origin."""
    rows = {
        name: {"value": displayed_value(settings, name), "origin": origin, "meaning": describe(name, lang)}
        for name, origin in load_settings().origins.items()
    }
    if form == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2).encode())
        return
    for name, row in rows.items():
        click.echo(f"{name:<15} {str(row['value']) or '–':<34} {row['origin']}\n{'':<15} {row['meaning']}")


@command("releases")
@click.argument("before", default="")
@click.argument("after", default="current")
@flag("--all", "sans rien abréger / nothing shortened", "whole")
def diff(settings: Settings, lang: Language, before: str, after: str, whole: bool) -> None:
    """Dit ce qui a changé entre deux versions des données / Say what changed between two releases.

    Le plus important d'abord : contrats, montants et parts, signataires, étapes, le reste / The most important first: contracts, amounts and shares, signatories, steps, the rest.

    BEFORE, AFTER : le début de l'identifiant d'une version publiée, ou « current » ; défaut : les deux dernières versions / BEFORE, AFTER: the beginning of the id of a release that was published, or “current”; default: the last two publications.

    Codes de sortie : 0 identiques, 1 différentes, 2 erreur / Exit codes: 0 same, 1 different, 2 error.
    """
    from cper_lod.release.history.changes import ChangesInWords, counts
    from cper_lod.release.history.history import CURRENT, History, find_release

    entries = () if before else History(settings.releases).entries()
    if len(entries) == 1:
        click.echo(translate("changes-first", lang))
        return
    old = find_release(settings.releases, before or (entries[-2].release if entries else CURRENT))
    new = find_release(settings.releases, after)
    click.echo(translate("changes-between", lang, before=old.id, after=new.id) + "\n")
    found = ChangesInWords(old, new, whole=whole)
    for line in found.lines(lang):
        click.echo(line)
    if found.summary["same"]:
        lines = [translate("changes-none", lang)] if old.digest == new.digest else counts(found.summary, lang)
        click.echo("\n".join(lines))
    elif not whole:
        print_next_step("next-diff", lang)
    sys.exit(0 if old.digest == new.digest else 1)

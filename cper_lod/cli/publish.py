"""The commands that publish: check, format, build, rollback, serve, query and settings."""

import gc
import json
import os
import sys
from pathlib import Path

import click

from cper_lod.cli.errors import Command, CommandFailed, remember_language
from cper_lod.cli.options import (
    LOG_FORM,
    build_progress,
    ensure_release,
    format_option,
    load_settings,
    print_message,
    print_next_step,
    print_waiting,
    publish_or_keep_release,
    publish_sources,
    settings_options,
)
from cper_lod.core.config import load
from cper_lod.core.errors import Problem
from cper_lod.core.i18n import system_language, translate
from cper_lod.core.settings import ROWS, describe, displayed_value
from cper_lod.core.time_limit import ignore_interruptions


@click.command(cls=Command)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@format_option("text", "json", "rdf")
@settings_options("sources", "check_timeout")
def check(paths: tuple[Path, ...], form: str, settings_file: Path | None, **flags: object) -> None:
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

    settings, lang = load_settings(settings_file, flags)
    with build_progress(lang, *AFTER_CHECK, label="check-progress") as progress:
        sources = read_sources(settings.sources, paths, progress=progress)
        report = check_sources(sources, progress, None, settings.check_timeout)
    if form == "json":
        click.echo(as_json(report), nl=False)
    elif form == "rdf":
        click.echo(write(as_quads(report), TURTLE), nl=False)
    else:
        click.echo(as_text(report, lang), nl=False)
        if report.conforms:
            print_next_step("next-build", lang, flags)
    sys.exit(0 if report.conforms else 1)


@click.command("format", cls=Command)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--check",
    "dry",
    is_flag=True,
    help="signaler sans réécrire ; sortie 1 si un fichier changerait / report only; exit 1 if a file would change",
)
@settings_options()
def format_(paths: tuple[Path, ...], dry: bool, settings_file: Path | None, **flags: object) -> None:
    """Réécrit des fichiers Turtle sous forme canonique / Rewrite Turtle files in canonical form.

    Un fichier refusé n'arrête pas les autres / A file that is refused does not stop the others.
    """
    from cper_lod.rdf.formatter import is_canonical, rewrite

    _, lang = load_settings(settings_file, flags)
    files = [file for path in paths for file in (sorted(path.rglob("*.ttl")) if path.is_dir() else [path])]
    if not files:
        raise Problem("source-empty", path=", ".join(map(str, paths)))
    changed, refused = 0, list[CommandFailed]()
    for path in files:
        try:
            if not is_canonical(path) if dry else rewrite(path):
                click.echo(translate("cli-would-change" if dry else "cli-formatted", lang, path=path))
                changed += 1
        except Problem as problem:
            refused.append(CommandFailed(problem, lang))
            refused[-1].show()
    if not dry:
        click.echo(translate("cli-canonical", lang, count=len(files) - changed - len(refused), changed=changed))
    sys.exit(max((1 if dry and changed else 0, *(failed.exit_code for failed in refused))))


@click.command(cls=Command)
@click.option(
    "--changed",
    is_flag=True,
    help="sauf si un retour en arrière écarte ces sources / unless a rollback holds these sources back",
)
@settings_options("sources", "releases", "check_timeout", "keep_releases", "keep_days")
def build(changed: bool, settings_file: Path | None, **flags: object) -> None:
    """Construit une publication et la met en service / Build a release and publish it.

    Refuse les sources non conformes ; affiche l'empreinte / Rejects sources that do not conform; prints the digest.
    """
    settings, lang = load_settings(settings_file, flags)
    if changed:  # a server sends a signal to have a check given up; what follows the check does not heed it
        ignore_interruptions()
    published = publish_sources(settings, lang, by_itself=changed)
    click.echo(translate("cli-digest", lang, digest=published.release.digest))
    if not changed:  # a server builds with --changed, and keeps the last line in its log
        print_next_step("next-serve", lang, flags, url=settings.public_url)


@click.command(cls=Command)
@click.argument("release", default="")
@settings_options("sources", "releases")
def rollback(release: str, settings_file: Path | None, **flags: object) -> None:
    """Remet en service une publication antérieure / Serve an earlier release again.

    RELEASE : le début de son identifiant ; défaut : la précédente / RELEASE: the beginning of its id; default: the one before.

    Les sources actuelles ne seront publiées que si elles changent, ou par build / The current sources are published only when they change, or by build.
    """
    from cper_lod.release.history.publish import roll_back

    settings, lang = load_settings(settings_file, flags)
    rolled = roll_back(settings, release, lambda: print_waiting(lang))
    key = "cli-rolled-back" if rolled.held_back else "cli-rolled-already"
    click.echo(translate(key, lang, release=rolled.release.id, number=rolled.entry.number))


@click.command(cls=Command)
@click.option(
    "--data",
    multiple=True,
    type=click.Path(path_type=Path),
    help="fichiers RDF servis tels quels / RDF files served as given",
)
@click.argument("more", nargs=-1, type=click.Path(path_type=Path))
@settings_options(*(name for name in ROWS if name != "lang"))
def serve(data: tuple[Path, ...], more: tuple[Path, ...], settings_file: Path | None, **flags: object) -> None:
    """Sert la publication sur HTTP / Serve the release over HTTP.

    Construit la publication si nécessaire ; avec --data, sert des fichiers RDF tels quels, sans rien ajouter ni valider / Builds the release if needed; with --data, serves RDF files exactly as given: nothing is added or validated.
    """
    gc.disable()  # imports create no garbage; collection would take a tenth of their time
    from cper_lod.engine.service.fetch import reject_private_endpoints
    from cper_lod.web.server.server import serve as serve_http
    from cper_lod.web.server.sockets import check_port

    gc.freeze()  # imported objects are never collected, so forked processes share their pages
    gc.enable()
    settings, lang = load_settings(settings_file, flags)
    if settings_file:  # builds that the server starts must use the same file, not the default one
        os.environ["CPER_LOD_SETTINGS"] = str(settings_file.absolute())
    LOG_FORM.set(settings.log_format)
    if more and not data:
        raise click.UsageError(f"Got unexpected extra argument ({more[0]})")
    reject_private_endpoints(settings.service_allow.split())
    check_port(settings.host, settings.port)
    files = (*data, *more)
    folder = ensure_release(settings, lang, files) if files else None
    if not folder:
        publish_or_keep_release(settings, lang)
    key = "cli-serving" if settings.public_url == settings.local_url else "cli-serving-for"
    words = translate(key, lang, url=settings.public_url + "/", local=settings.local_url + "/")
    serve_http(settings, folder, lambda: print_message(words, err=False))


@click.command(cls=Command)
@click.argument("query", required=False)
@click.option(
    "--list", "listed", is_flag=True, help="montre les questions de compétence / list the competency questions"
)
@format_option("table", "csv", "tsv", "json")
@click.option(
    "--data",
    multiple=True,
    type=click.Path(path_type=Path),
    help="fichiers RDF à interroger au lieu de la publication / RDF files to query instead of the release",
)
@settings_options("sources", "releases", "query_timeout", "query_memory", "query_bytes")
def query(
    query: str | None,
    listed: bool,
    form: str,
    data: tuple[Path, ...],
    settings_file: Path | None,
    **flags: object,
) -> None:
    """Exécute une requête / Run a query.

    QUERY : texte SPARQL, fichier .rq, nom d'une question de compétence, ou - (entrée standard) / QUERY: SPARQL text, .rq file, name of a competency question, or - (standard input).
    """
    from cper_lod.cli.query import list_questions, query_text, run_query
    from cper_lod.release.sources.questions import load_questions

    if query is None and not listed:
        raise click.MissingParameter(param_hint="QUERY", param_type="argument")
    if query is not None and listed:
        raise click.UsageError(f"Got unexpected extra argument ({query})")
    settings, lang = load_settings(settings_file, flags)
    # From the sources, since a release takes seconds to build; data served as given have no questions.
    questions = [] if data else load_questions(settings.sources / "ontology" / "questions")
    if listed or query is None:
        click.echo(list_questions(questions, lang), nl=False)
        print_next_step("next-query", lang, flags)
        return
    text = query_text(query, questions, lang)
    shown = run_query(ensure_release(settings, lang, data), settings, text, form, lang)
    click.echo(shown if form == "table" else shown.encode(), nl=False)


@click.command("settings", cls=Command)
@format_option("text", "json")
@settings_options(*(name for name in ROWS if name != "lang"))
def settings_(form: str, settings_file: Path | None, **flags: object) -> None:
    """Montre chaque réglage, sa valeur et son origine / Show every setting, its value and its origin."""
    found = load(flags, file=settings_file)
    lang = system_language(found.settings.lang, dict(os.environ))
    remember_language(lang)
    if form == "json":
        rows = {
            name: {
                "value": displayed_value(found.settings, name),
                "origin": found.origins[name],
                "meaning": describe(name, lang),
            }
            for name in ROWS
        }
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2).encode())
        return
    for name in ROWS:
        value = str(displayed_value(found.settings, name)) or "–"
        click.echo(f"{name:<15} {value:<34} {found.origins[name]}")
        click.echo(f"{'':<15} {describe(name, lang)}")

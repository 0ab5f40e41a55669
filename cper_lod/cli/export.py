"""What takes data elsewhere: `export site` (a static copy), `export contract` (a workbook), `push` (into another triple store)."""

import shlex
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from cper_lod.cli.commands import FILE, CommandGroup, main
from cper_lod.cli.options import A_PATH, command, flag, print_next_step, publish_sources, show_progress
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import decimal, translate
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.engine.remote import RemoteEngine
    from cper_lod.push.push import PushPlan
    from cper_lod.release.release import Release

FILE_ENDINGS: Final = (".nq", ".nq.gz")
"""How the name of an N-Quads file ends."""


@main.group(cls=CommandGroup)
def export() -> None:
    """Écrit une copie statique, ou le classeur d'un contrat / Write a static copy, or the workbook of a contract."""


@command("sources", group=export, name="contract")
@click.argument("contract")
@click.argument("file", type=A_PATH)
def export_contract(settings: Settings, lang: Language, contract: str, file: Path) -> None:
    """Écrit le classeur d'où un contrat a été importé / Write the workbook that a contract was imported from.

    Réimporté avec --replace, il ne change que ce que vous y changez / Imported again with --replace, it changes only what you change in it.

    CONTRACT : IRI du contrat ou fin de l'IRI / CONTRACT: IRI of the contract or the end of it.

    FILE : fichier XLSX / FILE: XLSX file.
    """
    from cper_lod.importing.contracts.kept_workbook import export_contract as exported
    from cper_lod.importing.contracts.model import read_codes
    from cper_lod.importing.contracts.template import write_xlsx

    if file.suffix.lower() != ".xlsx":
        raise Problem("parameter-invalid", name="FILE", value=file, expected=".xlsx")
    answers = exported(settings.sources, contract)
    write_xlsx(file, answers, read_codes(settings.sources), lang, exported=True)
    click.echo(translate("cli-workbook-exported", lang, path=file))
    print_next_step("next-export", lang, path=shlex.quote(str(file)))


@command("sources", "releases", "public_url", "contact", "hosting", group=export, name="site")
@click.argument("folder", type=A_PATH)
def export_site(settings: Settings, lang: Language, folder: Path) -> None:
    """Écrit une copie statique, et son archive FOLDER.zip / Write a static copy, and an archive of it, FOLDER.zip.

    index.html s'ouvre depuis un disque ; tout serveur de fichiers convient / index.html opens from a disk; any file server will do.

    FOLDER : dossier vide, ou celui d'un export précédent, qui est remplacé / FOLDER: an empty folder, or that of an earlier export, which is replaced.
    """
    from cper_lod.web.static_copy import export_site as export_to

    release = publish_sources(settings, lang).release
    started = time.perf_counter()
    with show_progress(lang, "export-progress") as on_progress:
        summary = export_to(folder, release, settings, on_progress)
    seconds = decimal(time.perf_counter() - started, lang)
    click.echo(translate("export-whole", lang, files=summary.files, archive=summary.archive, seconds=seconds))
    print_next_step("next-export-site", lang, folder=shlex.quote(str(folder)))


@command("sources", "releases", "engine", "engine_store", "engine_login")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=FILE,
    help="écrire un fichier N-Quads (.nq, .nq.gz) à charger soi-même / write an N-Quads file (.nq, .nq.gz) to load with other tools",
)
@flag(
    "--force",
    "remplacer le fichier s'il existe, retirer la marque d'un chargement interrompu / replace the file if it exists, remove the mark of a push that was broken off",
)
@flag("--dry-run", "montrer sans rien envoyer / show, send nothing", "dry")
def push(settings: Settings, lang: Language, file: Path | None, force: bool, dry: bool) -> None:
    """Charge les données publiées dans une autre base / Load the release into another store.

    Graphe par graphe, le nom de la version en dernier ; rien n'est envoyé si elles y sont déjà / Graph by graph, the name of the release last; sends nothing if it is there already.
    """
    missing = "engine_store" if not settings.engine_store else "engine" if settings.engine == "embedded" else ""
    if missing and not file:
        raise Problem("push-store", name=missing)
    if file and not file.name.lower().endswith(FILE_ENDINGS):
        raise Problem("parameter-invalid", name="--file", value=file, expected=" | ".join(FILE_ENDINGS))
    if file and file.exists() and not force:
        raise Problem("file-exists", path=file)
    release = publish_sources(settings, lang).release
    if file:
        _write(release, file, lang)
    else:
        _send(release, settings, lang, dry=dry, force=force)
        if not dry:
            print_next_step("next-push", lang)


def _write(release: "Release", file: Path, lang: Language) -> None:
    from cper_lod.push.push import write_file

    with show_progress(lang, "push-progress") as on_progress:
        quads = write_file(release, file, on_progress)
    click.echo(translate("push-written", lang, quads=quads, path=file))


def _send(release: "Release", settings: Settings, lang: Language, *, dry: bool, force: bool) -> None:
    from cper_lod.push.graph_store import GraphStore
    from cper_lod.push.push import exclusive_push, plan_push, push, read_state
    from cper_lod.release.release import open_engine

    started = time.perf_counter()
    with ExitStack() as stack:
        store = stack.enter_context(GraphStore(settings.engine_store, settings.engine_login))
        engine = cast("RemoteEngine", stack.enter_context(open_engine(release, settings)))

        def plan_now() -> "PushPlan":
            return plan_push(release, read_state(store), engine.count_triples())

        plan = plan_now()
        _show_plan(plan, lang)
        if dry:
            return
        if not plan.is_done:
            with exclusive_push(store, force=force), show_progress(lang, "push-progress") as on_progress:
                if plan.found_state != read_state(store):  # another push has ended meanwhile
                    plan = plan_now()
                push(store, plan, on_progress, engine.count_triples)
        if problem := engine.check_endpoint():
            raise problem
    click.echo(translate("push-whole", lang, release=release.id, seconds=f"{time.perf_counter() - started:.1f}"))


def _show_plan(plan: "PushPlan", lang: Language) -> None:
    """Print the graphs that will be sent and removed."""
    if plan.is_done:
        click.echo(translate("push-held", lang, release=plan.release.id))
    for upload in plan.uploads:
        click.echo(translate("push-graph", lang, graph=upload.graph, size=upload.size))
    for graph in plan.removals:
        click.echo(translate("push-gone", lang, graph=graph))

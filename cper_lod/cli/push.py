"""The command that loads a release into another store: push."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cper_lod.cli.errors import Command
from cper_lod.cli.options import loaded, options, progress, publish
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate

if TYPE_CHECKING:
    from cper_lod.core.settings import Settings
    from cper_lod.push.push import Plan
    from cper_lod.release.release import Release


@click.command(cls=Command)
@click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="écrire un fichier N-Quads (.nq, .nq.gz) à charger soi-même / write a file of N-Quads to be loaded otherwise",
)
@click.option("--dry-run", "dry", is_flag=True, help="dire sans rien envoyer / tell, send nothing")
@click.option("--again", is_flag=True, help="tout envoyer, même ce qui y est / send all, even what is there")
@options("sources", "releases", "engine", "engine_store", "engine_login")
def push(file: Path | None, dry: bool, again: bool, settings_file: Path | None, **flags: object) -> None:
    """Charge la publication dans une autre base / Load the release into another store."""
    settings, lang = loaded(settings_file, flags)
    if not (file or settings.engine_store):
        raise Problem("push-store")
    release = publish(settings, lang, by_itself=True).release
    if file:
        _write(release, file, lang)
    else:
        _send(release, settings, lang, dry=dry, again=again)


def _write(release: "Release", file: Path, lang: Language) -> None:
    from cper_lod.push.push import write_file

    with progress(lang, "push-progress", "push-done") as tell:
        quads = write_file(release, file, tell)
    click.echo(translate("push-written", lang, quads=quads, path=file))


def _send(release: "Release", settings: "Settings", lang: Language, *, dry: bool, again: bool) -> None:
    from cper_lod.push.graph_store import GraphStore
    from cper_lod.push.push import plan, push, read_marker
    from cper_lod.release.engines import ask_whether_held, engine_of

    started = time.perf_counter()
    with GraphStore(settings.engine_store, settings.engine_login) as store:
        work = plan(release, read_marker(store), again=again)
        _tell(work, lang)
        if dry:
            return
        with progress(lang, "push-progress", "push-done") as tell:
            push(store, work, tell)
    with engine_of(release, settings) as engine:
        ask_whether_held(engine, needed=True)
    click.echo(translate("push-whole", lang, release=release.id, seconds=f"{time.perf_counter() - started:.1f}"))


def _tell(work: "Plan", lang: Language) -> None:
    """Say what is sent and what is removed."""
    if not (work.steps or work.last):
        click.echo(translate("push-held", lang, release=work.release.id))
    for step in work.steps:
        click.echo(translate("push-graph", lang, graph=step.graph, size=step.size))
    for step in work.last:
        click.echo(translate("push-gone", lang, graph=step.graph))

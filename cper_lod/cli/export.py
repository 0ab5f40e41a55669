"""The commands `export` (a static mirror of the release) and `export contract` (the workbook of a contract)."""

import os
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from cper_lod.cli.commands import CommandGroup, main
from cper_lod.cli.options import A_PATH, command, print_next_step, publish_sources, show_progress
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import decimal, translate
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.mirror.export import Summary


_SITE: Final = "site"


class _ExportGroup(CommandGroup):
    """A group whose first argument may be a folder: then the site is exported into it."""

    default = _SITE

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command that exports the site before arguments that name no command."""
        if args and args[0] not in (*self.commands, *ctx.help_option_names):
            args.insert(0, self.default)
        return super().parse_args(ctx, args)


@main.group(cls=_ExportGroup)
def export() -> None:
    """Écrit une copie statique, ou le classeur d'un contrat / Write a static mirror, or the workbook of a contract.

    export FOLDER équivaut à export site FOLDER / export FOLDER is short for export site FOLDER.
    """


@command("sources", group=export, name="contract")
@click.argument("contract")
@click.argument("file", type=A_PATH)
def export_contract(settings: Settings, lang: Language, contract: str, file: Path) -> None:
    """Écrit le classeur d'un contrat publié / Write the workbook of a published contract.

    Réimporté avec --replace, il ne change que ce que vous y changez / Imported again with --replace, it changes only what you change in it.

    CONTRACT : IRI du contrat ou fin de l'IRI / CONTRACT: IRI of the contract or the end of it.

    FILE : fichier XLSX, ou dossier de CSV / FILE: XLSX file, or folder of CSV.
    """
    from cper_lod.importing.contracts.export import export_contract as exported
    from cper_lod.importing.contracts.model import read_codes
    from cper_lod.importing.contracts.template import write_folder, write_xlsx

    answers = exported(settings.sources, contract)
    write = write_xlsx if file.suffix.lower() == ".xlsx" else write_folder
    write(file, answers, read_codes(settings.sources), lang, exported=True)
    click.echo(translate("cli-workbook-exported", lang, path=file, count=len(answers["faits"])))
    print_next_step("next-export", lang, path=shlex.quote(str(file)))


@command("sources", "releases", "base_iri", "public_url", "contact", "hosting", group=export, name=_SITE)
@click.argument("folder", type=A_PATH)
@click.option(
    "--live",
    metavar="URL",
    default="",
    help="serveur qui répond à /sparql, /search… / server that answers /sparql, /search…",
)
@click.option(
    "--processes", type=click.IntRange(1, 64), show_default="un par cœur / one per core", help="processus / processes"
)
@click.option(
    "--exact",
    type=click.IntRange(0, 10_000_000),
    default=100_000,
    show_default=True,
    help="nombre de fichiers de choses dont nginx connaît l'ETag exact / number of files of things whose exact ETag nginx knows",
)
def export_site(settings: Settings, lang: Language, folder: Path, live: str, processes: int | None, exact: int) -> None:
    """Écrit une copie statique / Write a static mirror.

    Avec des règles pour nginx, Apache, un stockage d'objets et w3id.org / With rules for nginx, Apache, object stores and w3id.org.

    FOLDER : dossier vide, ou celui d'un export précédent / FOLDER: an empty folder, or that of an earlier export.
    """
    from cper_lod.mirror.export import Options
    from cper_lod.mirror.export import export as export_to

    live = _checked_live_url(live)
    release = publish_sources(settings, lang, by_itself=True).release
    started = time.perf_counter()
    mirror_options = Options(live, processes or os.cpu_count() or 1, exact)
    with show_progress(lang, "export-progress") as on_progress:
        summary = export_to(folder, release, settings, mirror_options, on_progress)
    _print_summary(summary, lang, time.perf_counter() - started)
    print_next_step("next-mirror", lang, folder=folder)


def _checked_live_url(live: str) -> str:
    """Return the URL of a live server without its final slash; raises `settings-invalid`."""
    if live and not (live.startswith(("http://", "https://")) and not set(live) & set(' "<>{};$\\?#\r\n\t')):
        raise Problem("settings-invalid", name="live", value=live, origin="--live", expected="http(s)://…")
    return live.rstrip("/")


def _print_summary(summary: "Summary", lang: Language, seconds: float) -> None:
    """Print the summary of an export, and the addresses without a file."""
    for each in summary.left_out:
        click.echo(each, err=True)
    key = "export-unchanged" if summary.unchanged else "export-whole"
    words = {"things": summary.things, "files": summary.files, "seconds": decimal(seconds, lang)}
    click.echo(translate(key, lang, written=summary.written, removed=summary.removed, refused=summary.refused, **words))

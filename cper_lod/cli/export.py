"""The commands `export site` (a static copy of the release) and `export contract` (the workbook of a contract)."""

import shlex
import time
from pathlib import Path

import click

from cper_lod.cli.commands import CommandGroup, main
from cper_lod.cli.options import A_PATH, command, print_next_step, publish_sources, show_progress
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import decimal, translate
from cper_lod.core.settings import Settings


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


@command("sources", "releases", "base_iri", "public_url", "contact", "hosting", group=export, name="site")
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

"""The group of commands that import: what others wrote becomes RDF in data/, or findings."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cper_lod.cli.errors import Command, Commands, Failed
from cper_lod.cli.options import loaded, options
from cper_lod.core.errors import Problem

if TYPE_CHECKING:
    from cper_lod.importing.subsidies.rows import Progress


@click.group("import", cls=Commands)
def import_() -> None:
    """Importe ce que d'autres ont écrit / Import what others wrote."""


@import_.command(cls=Command)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--contract", required=True, help="contrat : fin de son IRI / contract: the end of its IRI")
@click.option("--axis", default="", help="numéro de l'axe / number of the axis")
@click.option("--rules", type=click.Path(path_type=Path), help="règles de rattachement, CSV / rules of attachment, CSV")
@click.option("--strict", is_flag=True, help="refuser le fichier à la première faute / refuse a file with a fault")
@click.option("--dry-run", is_flag=True, help="dire sans écrire / tell, do not write")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--name", default="", help="nom sous lequel garder le fichier / name to keep the file by")
@click.option("--date", default="", help="date du fichier / date of the file")
@click.option("--url", default="", help="adresse d'où vient le fichier / address that the file comes from")
@options("sources")
def subventions(
    files: tuple[Path, ...],
    rules: Path | None,
    strict: bool,
    dry_run: bool,
    form: str,
    settings_file: Path | None,
    **flags: str,
) -> None:
    """Importe des fichiers de subventions (SCDL) / Import files of subsidies (SCDL).

    FILES : CSV publiés selon le schéma SCDL subventions / CSV files published by the schema SCDL subventions.

    Exit: 0 tout est gardé / all is kept, 1 des lignes ont des fautes / rows have faults, 2 illisible / unreadable.
    """
    from cper_lod.importing.subsidies import attach, provenance, report
    from cper_lod.importing.subsidies.importer import convert
    from cper_lod.importing.subsidies.inspect import inspect

    contract, axis, *said = (flags.pop(name) for name in ("contract", "axis", "name", "date", "url"))
    settings, lang = loaded(settings_file, dict(flags))
    known = provenance.data_files(settings.sources)
    under = attach.find_contract(known, contract)
    decisions = provenance.decisions(under, axis, rules)
    provenance.refuse_one_name(files, said[0])
    reports, faulty = [], False
    for path in files:
        file = inspect(path)
        origin = provenance.origin(file, known, under, decisions, *said)
        place = None if dry_run else provenance.place(settings.sources, origin)
        with _progress(file.size) as progress:
            outcome = convert(file, origin, place, strict, progress)
        faulty = faulty or outcome.faults > 0
        if form == "json":
            reports.append(report.as_object(file, outcome))
        else:
            click.echo("\n".join(report.as_text(file, outcome, lang)))
        if strict and outcome.faults:
            Failed(Problem("import-refused", path=path, count=outcome.faults), lang).show()
    if form == "json":
        click.echo(json.dumps(reports, ensure_ascii=False, indent=2).encode())
    sys.exit(1 if faulty else 0)


@contextmanager
def _progress(size: int) -> Iterator["Progress"]:
    """Give what is told how many bytes are read: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=size, file=sys.stderr, show_pos=False) as bar:
        yield bar.update

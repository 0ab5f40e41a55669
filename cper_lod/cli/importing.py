"""The commands `import` (contracts and subsidies) and `new contract`: spreadsheets and CSV files to RDF."""

import json
import shlex
import sys
from collections import Counter
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cper_lod.cli.commands import FILE, FOLDER, CommandGroup, main
from cper_lod.cli.options import (
    A_PATH,
    build_progress,
    command,
    flag,
    format_option,
    lock_sources,
    print_next_step,
    show_progress,
)
from cper_lod.core.errors import Language, Phrase, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.importing.contracts.importer import Workbook
    from cper_lod.importing.contracts.model import CellFinding
    from cper_lod.rdf.report import Finding


_FINDINGS_OPTION = click.option(
    "--findings",
    type=A_PATH,
    metavar=FILE,
    help="fichier CSV où écrire tous les constats / CSV file to write all findings to",
)


@main.group("import", cls=CommandGroup)
def import_() -> None:
    """Importe un contrat ou des subventions / Import a contract or subsidies."""


@main.group(cls=CommandGroup)
def new() -> None:
    """Prépare un fichier à remplir / Prepare a file to fill."""


@command("sources", group=new, name="contract")
@click.option("--region", required=True, metavar="NOM / NAME", help="nom de la région / name of the region")
@click.option(
    "--period",
    default="",
    metavar="AAAA-AAAA / YYYY-YYYY",
    help="période, comme 2021-2027, si un document la donne / period, such as 2021-2027, if a document gives it",
)
@click.option(
    "--output",
    type=A_PATH,
    show_default="contrat-RÉGION-PÉRIODE.xlsx / contrat-REGION-PERIOD.xlsx",
    help="fichier à écrire / file to write",
)
def new_contract(settings: Settings, lang: Language, region: str, period: str, output: Path | None) -> None:
    """Prépare le classeur d'un contrat / Prepare the workbook of a contract."""
    from cper_lod.importing.contracts.model import read_codes
    from cper_lod.importing.contracts.rows import contract_slug
    from cper_lod.importing.contracts.template import prefilled_values, write_xlsx

    name, years = _parse_arguments(region, period)
    codes = read_codes(settings.sources)
    target = output or Path(f"contrat-{contract_slug(name, years)}.xlsx")
    if target.suffix.lower() != ".xlsx":
        raise Problem("parameter-invalid", name="--output", value=target, expected=".xlsx")
    write_xlsx(target, prefilled_values(name, years), codes, lang)
    click.echo(translate("cli-workbook-new", lang, path=target))
    print_next_step("next-workbook", lang, path=shlex.quote(str(target)))


def _parse_arguments(region: str, period: str) -> tuple[str, tuple[int, int] | None]:
    """Return the region and the years of a command line, None without years; raises `parameter-invalid`."""
    from cper_lod.core.text import slug
    from cper_lod.importing.contracts.parse_cells import UnreadableCell, clean_text
    from cper_lod.importing.contracts.parse_cells import whole_period as years

    try:
        name = clean_text(region)
    except UnreadableCell:
        name = ""
    if not slug(name) or not name[0].isalnum():
        expected = Phrase("a name that begins with a letter", "un nom qui commence par une lettre")
        raise Problem("parameter-invalid", name="--region", value=region, expected=expected)
    try:
        return name, years(period) if period else None
    except UnreadableCell as error:
        raise Problem("parameter-invalid", name="--period", value=period, expected="2021-2027") from error


@command("sources", "releases", group=import_, name="contract")
@_FINDINGS_OPTION
@click.argument("file", type=A_PATH)
@click.option(
    "--output",
    type=A_PATH,
    metavar=FOLDER,
    show_default="--sources",
    help="dossier de sources à compléter / folder of sources to add to",
)
@flag("--replace", "remplacer le même contrat / replace the same contract")
@flag(
    "--older",
    "remplacer aussi ce qui a changé depuis l'export du classeur / replace also what has changed since the workbook was exported",
)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="[CODE=]FILE",
    help="texte d'un document, où chaque citation est cherchée : txt, md, docx ou pdf / text of a document, in which each quotation is looked for: txt, md, docx or pdf",
)
def import_contract(
    settings: Settings,
    lang: Language,
    file: Path,
    output: Path | None,
    replace: bool,
    older: bool,
    texts: tuple[str, ...],
    findings: Path | None,
) -> None:
    """Importe le classeur d'un contrat, quel qu'il soit / Import the workbook of a contract, whatever it says.

    Le texte donné par --text est gardé et publié ; s'il y a plusieurs documents, nommez-le par son code : --text CODE=FILE / The text given with --text is kept and published; if there are several documents, name it by its code: --text CODE=FILE.

    Rien n'est écrit tant que tout n'est pas juste ; un mot nouveau est accepté et signalé / Nothing is written before everything is right; a new word is accepted and told.

    FILE : fichier XLSX / FILE: XLSX file.

    Codes de sortie : 0 écrit, 1 constats, 2 illisible / Exit codes: 0 written, 1 findings, 2 unreadable.
    """
    from cper_lod.importing.contracts.importer import Workbook
    from cper_lod.importing.contracts.kept_workbook import is_older, kept_file
    from cper_lod.importing.withdrawal import subjects_of
    from cper_lod.release.jobs.progress import AFTER_CHECK
    from cper_lod.release.sources.writing import write_all

    folder = output or settings.sources
    lock_sources(folder, lang, "--output")
    imported = Workbook(file, settings.sources, texts, folder)
    if not imported.has_violations:
        for path in () if replace else imported.paths(folder):
            if (folder / path).exists() and (folder / path).read_bytes() != imported.files.get(path):
                raise Problem("contract-exists", path=folder / path)
        click.echo(translate("cli-workbook-checking", lang), err=True)
        with build_progress(lang, *AFTER_CHECK, label="check-progress") as progress:
            imported.check(progress)
    _print_findings(imported.cell_findings, imported.source_findings, lang)
    _write_findings(findings, file.name, imported.cell_findings, imported.source_findings, lang)
    if imported.has_violations:
        click.echo(translate("cli-workbook-refused", lang))
        sys.exit(1)
    if replace and folder == settings.sources:
        _print_differences(imported, folder, lang)
    if not older and is_older(imported, folder):
        raise Problem("workbook-older", path=file, contract=imported.slug)
    gone = [path for path in imported.paths(folder) if path not in imported.files]
    write_all(folder, {**imported.files, **kept_file(imported, folder)}, gone)
    print_restored(folder, subjects_of(imported.files.values(), imported.site), lang)
    for path in imported.files:
        click.echo(translate("cli-workbook-file", lang, path=folder / path))
    counts = {"statements": imported.statements, "found": imported.found}
    click.echo(translate("cli-workbook-written", lang, slug=imported.slug, **counts))
    print_next_step("next-build", lang, output)


def print_restored(folder: Path, things: set[str], lang: Language, *, err: bool = False) -> None:
    """Print what an import describes again though it was withdrawn; its withdrawal is no longer recorded."""
    from cper_lod.importing.withdrawal import restore

    for iri in restore(folder, things):
        click.echo(translate("cli-restored", lang, iri=iri), err=err)


def _print_differences(workbook: "Workbook", sources: Path, lang: Language) -> None:
    """Say what an import changes in a contract that is there."""
    from cper_lod.importing.contracts.kept_workbook import differences

    found = differences(workbook, sources, lang)
    if found is None:
        return
    click.echo(translate("amended" if found else "amended-nothing", lang, count=len(found)))
    for text in found:
        click.echo(f"  {text}")


def _print_findings(cell_findings: "list[CellFinding]", source_findings: "list[Finding]", lang: Language) -> None:
    from cper_lod.importing.findings import MAX_SHOWN
    from cper_lod.rdf.report import Report, as_text

    counts = Counter[str]()
    for found in cell_findings:
        counts[found.key] += 1
        if counts[found.key] <= MAX_SHOWN:
            click.echo(found.describe(lang))
    if hidden := sum(max(count - MAX_SHOWN, 0) for count in counts.values()):
        click.echo(translate("findings-hidden", lang, count=hidden, shown=MAX_SHOWN))
    if source_findings:
        click.echo(translate("cli-workbook-sources", lang))
        click.echo(as_text(Report(tuple(source_findings)), lang), nl=False)


def _write_findings(
    path: Path | None,
    name: str,
    cell_findings: "list[CellFinding]",
    source_findings: "list[Finding]",
    lang: Language,
) -> None:
    """Write all findings to `path`, if one is given, and say so."""
    from cper_lod.importing.findings import FindingRow, findings_file

    with findings_file(path, lang) as write:
        for each in cell_findings:
            write(each.row(name, lang))
        for found in source_findings:
            severity, files = translate(f"severity-{found.severity}", lang).upper(), " ".join(found.files)
            kind, line, texts = found.rule or found.shape or "", str(found.line or ""), found.messages[lang]
            write(FindingRow(severity, kind, files, "", line, "", found.value or "", texts, found.remedies[lang]))
    if path:
        click.echo(translate("findings-written", lang, count=len(cell_findings) + len(source_findings), path=path))


@command("sources", "releases", group=import_)
@click.argument("files", nargs=-1, required=True, type=A_PATH)
@click.option(
    "--contract", required=True, metavar="IRI", help="contrat : IRI ou fin de l'IRI / contract: IRI or the end of it"
)
@click.option("--subdivision", default="", metavar="axe/2", help="subdivision du contrat / subdivision of the contract")
@click.option(
    "--rules",
    type=A_PATH,
    metavar=FILE,
    help="règles de rattachement des lignes, CSV / rules that attach rows to the contract, CSV",
)
@flag(
    "--other-grantors",
    "garder ce qu'accordent des collectivités d'autres territoires / keep what local authorities of other territories grant",
)
@click.option(
    "--persons",
    type=A_PATH,
    metavar=FILE,
    help="liste à relire des personnes physiques, CSV, écrite puis relue / list of natural persons to review, CSV, written and then read again",
)
@_FINDINGS_OPTION
@flag("--dry-run", "montrer sans écrire / show, write nothing")
@format_option("text", "json")
@click.option(
    "--name",
    default="",
    metavar="NOM / NAME",
    show_default="celui du fichier / its own",
    help="nom du fichier dans les données / name of the file in the data",
)
@click.option("--date", default="", metavar="AAAA-MM-JJ / YYYY-MM-DD", help="date du fichier / date of the file")
@click.option("--url", default="", metavar="URL", help="adresse d'origine du fichier / URL of the file")
def subventions(
    settings: Settings,
    lang: Language,
    files: tuple[Path, ...],
    rules: Path | None,
    other_grantors: bool,
    persons: Path | None,
    findings: Path | None,
    dry_run: bool,
    form: str,
    **given: str,
) -> None:
    """Importe des fichiers de subventions (SCDL) / Import files of subsidies (SCDL).

    FILES : CSV publiés selon le schéma SCDL subventions / FILES: CSV files in the format SCDL subventions.

    Codes de sortie : 0 aucune ligne n'a d'erreur, 1 des lignes ont des erreurs, 2 illisible / Exit codes: 0 no row has an error, 1 rows have errors, 2 unreadable.
    """
    from cper_lod.importing.csv_file import inspect_csv
    from cper_lod.importing.findings import findings_file
    from cper_lod.importing.subsidies import attachment, report
    from cper_lod.importing.subsidies.importer import Choices, import_file
    from cper_lod.importing.subsidies.persons import person_list
    from cper_lod.importing.withdrawal import described
    from cper_lod.release.release import file_digest
    from cper_lod.release.sources.address import site_names
    from cper_lod.release.sources.writing import change_files, staged

    site = site_names(settings.sources)
    contract, subdivision, *file_options = (given[name] for name in ("contract", "subdivision", "name", "date", "url"))
    if not dry_run:
        lock_sources(settings.sources, lang)
    found = attachment.find_contract(attachment.data_files(settings.sources), contract, site)
    attachment_rules = attachment.attachment_rules(found, subdivision, rules)
    attachment.refuse_duplicate_names(files, file_options[0])
    reports, faulty, count = [], False, 0
    with findings_file(findings, lang) as write, person_list(persons, lang) as listed:
        for path in files:
            file = inspect_csv(path)
            origin = attachment.file_origin(file, found, attachment_rules, *file_options)
            output = None if dry_run else attachment.output_path(settings.sources, origin)
            before = file_digest(output) if output and output.exists() else ""
            tell = partial(report.write_finding, write, file, lang)
            choices = Choices(listed, other_grantors, tell)
            written = (output, attachment.dates_path(settings.sources, origin)) if output else ()
            names = [each.relative_to(settings.sources).as_posix() for each in written]
            with change_files(settings.sources, names) if names else nullcontext():
                with show_progress(lang, "import-progress") as show:
                    result = import_file(file, origin, output, choices, show)
                if result.written:
                    changed = before != file_digest(staged(result.written))
                    attachment.record_import(settings.sources, origin, changed=changed)
            if result.written:
                again = {iri for iri, _ in described(result.written, site)}
                again.add(f"{site.datasets}subventions-{found.iri.rpartition('/')[2]}")
                print_restored(settings.sources, again, lang, err=True)
            faulty, count = faulty or result.counts()["errors"] > 0, count + result.findings.counts.total()
            if form == "json":
                reports.append(report.as_json_object(file, result))
            else:
                click.echo("\n".join(report.as_text(file, result, lang)))
    if form == "text" and findings:
        click.echo(translate("findings-written", lang, count=count, path=findings))
    if form == "text" and persons and listed.count:
        click.echo(translate("persons-written", lang, path=persons))
    if form == "json":
        click.echo(json.dumps(reports, ensure_ascii=False, indent=2).encode())
    else:
        print_next_step("next-not-dry" if dry_run else "next-build", lang)
    sys.exit(1 if faulty else 0)

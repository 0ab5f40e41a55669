"""The commands `withdraw` and `purge`: remove from the sources; and from all earlier releases."""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import click

from cper_lod.cli.commands import TEXT, CommandFailed
from cper_lod.cli.options import (
    build_progress,
    building,
    command,
    flag,
    lock_sources,
    print_next_step,
    print_waiting,
)
from cper_lod.core.errors import LANGUAGES, Language, Phrase, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.importing.withdrawal import Kind, Withdrawal

_KINDS = ("contract", "subsidies", "body")
_MAX_NAMED = 5
"""Things that are named before a withdrawal."""
_reason = click.option(
    "--reason",
    "reasons",
    multiple=True,
    required=True,
    metavar=f"[fr=|en=]{TEXT.partition(' / ')[0]} / [fr=|en=]{TEXT.rpartition(' / ')[2]}",
    help="pourquoi : publié avec le retrait, une fois par langue / why: published with the withdrawal, once for each language",
)


@command("sources", "releases")
@click.argument("kind", type=click.Choice(_KINDS))
@click.argument("name", metavar="ID")
@_reason
@flag("--dry-run", "montrer sans écrire / show, write nothing")
def withdraw(
    settings: Settings, lang: Language, kind: "Kind", name: str, reasons: tuple[str, ...], dry_run: bool
) -> None:
    """Retire des sources un contrat, des subventions ou un organisme / Withdraw a contract, subsidies or a body from the sources.

    Ce dont d'autres se servent reste. Les adresses de ce qui est retiré répondent 410, avec le motif, après la prochaine version / What others use stays. Addresses of what is withdrawn answer 410, with the reason, from the next release on.

    ID : fin de l'IRI, IRI ou adresse ; pour des subventions, le nom du fichier ou le contrat ; pour un organisme, aussi son SIREN / ID: end of the IRI, IRI or address; for subsidies, name of the file or contract; for a body, its SIREN too.
    """
    from cper_lod.importing.withdrawal import withdraw as plan_withdrawal
    from cper_lod.release.sources.writing import write_all

    if not dry_run:
        lock_sources(settings.sources, lang)
    plan = plan_withdrawal(settings.sources, kind, name, _parse_reasons(reasons, lang))
    _show(plan, lang)
    _check(settings, plan, lang)
    if dry_run:
        print_next_step("next-not-dry", lang)
        return
    write_all(settings.sources, plan.files, plan.gone)
    click.echo(translate("cli-withdrawn", lang, iri=plan.iri))
    print_next_step("next-build", lang)


@command("sources", "releases")
@click.argument("kind", type=click.Choice((*_KINDS, "subsidy")))
@click.argument("name", metavar="ID")
@_reason
@flag("--dry-run", "montrer sans écrire / show, write nothing")
def purge(settings: Settings, lang: Language, kind: "Kind", name: str, reasons: tuple[str, ...], dry_run: bool) -> None:
    """Efface des données personnelles des sources et de toutes les versions / Purge personal data from the sources and all releases.

    Publie sans elles, puis supprime chaque version antérieure qui les contient ; rien ne peut les rétablir. Interrompue, la commande se relance telle quelle / Publishes without them, then removes each earlier release that has them; nothing can bring them back. If it is interrupted, run it again as it is.

    ID : comme pour withdraw, ou l'IRI d'une subvention / ID: as for withdraw, or the IRI of a subsidy.
    """
    from cper_lod.importing.withdrawal import request_purge, without
    from cper_lod.release.history.history import History
    from cper_lod.release.history.purge import begin_purge, finish_purge, pending_purge
    from cper_lod.release.sources.writing import write_all

    if not dry_run:
        lock_sources(settings.sources, lang)
    given = _parse_reasons(reasons, lang)
    if rolled_back := History(settings.releases).rolled_back():
        raise Problem("purge-rolled-back", release=rolled_back.release)
    if request := pending_purge(settings.releases):
        click.echo(translate("cli-purge-again", lang), err=True)
        plan = without(settings.sources, request)
    else:
        plan, request = request_purge(settings.sources, settings.releases, kind, name)
        if any(map(plan.is_repeated_in, given.values())):
            message = Phrase("The reason repeats what is to be purged.", "Le motif répète ce qui doit être effacé.")
            raise Problem("withdraw-reason", message=message)
    if dry_run:
        _show(plan, lang)
    _check(settings, plan, lang)
    if dry_run:
        print_next_step("next-not-dry", lang)
        return
    if not request.token:
        request = begin_purge(settings.releases, request._replace(reasons=given))
    write_all(settings.sources, plan.files, plan.gone)
    with building(lang) as progress:
        done = finish_purge(settings, request, partial(print_waiting, lang), progress)
    click.echo(translate("cli-purged", lang, count=len(done.releases)))
    print_next_step("next-purged", lang)


def _parse_reasons(reasons: Iterable[str], lang: Language) -> dict[str, str]:
    """Return the reasons by language; raises `withdraw-reason` for an empty one."""
    found = dict[str, str]()
    for given in reasons:
        language, text = next(((each, given[3:]) for each in LANGUAGES if given.startswith(f"{each}=")), (lang, given))
        if not text.strip() or not text.isprintable():
            message = Phrase(
                "The reason is empty, or has more than one line.", "Le motif est vide, ou a plus d'une ligne."
            )
            raise Problem("withdraw-reason", message=message)
        found[language] = text.strip()
    return found


def _show(plan: "Withdrawal", lang: Language) -> None:
    """Print what goes: how many things, some of them, and the files."""
    things = [each for each in sorted(plan.things) if not each.startswith(f"{plan.iri}/")]
    click.echo(translate("cli-withdraws", lang, count=len(plan.things), subsidies=len(plan.subsidies)))
    for each in things[:_MAX_NAMED]:
        click.echo(f"  {each}")
    if len(things) > _MAX_NAMED:
        click.echo(f"  … (+{len(things) - _MAX_NAMED})")
    for path in plan.gone:
        click.echo(translate("cli-withdraws-file", lang, path=path))
    for path in plan.files:
        click.echo(translate("cli-changes-file", lang, path=path))


def _check(settings: Settings, plan: "Withdrawal", lang: Language) -> None:
    """Say which texts still name what goes; refuse a withdrawal after which the sources would not conform."""
    from cper_lod.importing.withdrawal import check_without
    from cper_lod.rdf.report import Report, as_text
    from cper_lod.release.jobs.progress import AFTER_CHECK

    if plan.left:
        more = f" … (+{len(plan.left) - _MAX_NAMED})" if len(plan.left) > _MAX_NAMED else ""
        click.echo(translate("cli-still-named", lang, places=", ".join(plan.left[:_MAX_NAMED]) + more), err=True)
    with build_progress(lang, *AFTER_CHECK, label="check-progress") as progress:
        report = check_without(settings.sources, plan, progress)
    if not report.conforms:
        violations = tuple(each for each in report.findings if each.severity == "violation")
        click.echo(as_text(Report(violations), lang).rstrip("\n"), err=True)
        raise CommandFailed(Problem("not-conforming", count=report.count("violation")), lang)

"""The command `diff`: says what changed between two releases."""

import sys

import click

from cper_lod.cli.options import command, flag, print_next_step
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings


@command("releases")
@click.argument("before", default="")
@click.argument("after", default="current")
@flag("--all", "sans rien abréger / nothing shortened", "whole")
def diff(settings: Settings, lang: Language, before: str, after: str, whole: bool) -> None:
    """Dit ce qui a changé entre deux versions des données / Say what changed between two releases.

    Le plus important d'abord : contrats, montants et parts, signataires, étapes, textes, identifiants / The most important first: contracts, amounts and shares, signatories, steps, words, identifiers.

    BEFORE, AFTER : le début de l'identifiant, « current » ou le dossier d'une version ; défaut : les deux dernières versions / BEFORE, AFTER: the beginning of the id, “current” or a sealed folder; default: the last two publications.

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

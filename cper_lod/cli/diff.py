"""The command `diff`: lists the changes between two releases."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from cper_lod.cli.options import command, flag, format_option, print_next_step
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings


@command("releases")
@click.argument("before", default="")
@click.argument("after", default="current")
@flag("--all", "sans rien abréger / nothing shortened", "whole")
@format_option("text", "json")
def diff(settings: Settings, lang: Language, before: str, after: str, whole: bool, form: str) -> None:
    """Dit ce qui a changé entre deux versions des données / Say what changed between two releases.

    Le plus important d'abord : contrats, montants et parts, signataires, étapes, textes, identifiants / The most important first: contracts, amounts and shares, signatories, steps, words, identifiers.

    BEFORE, AFTER : le début de l'identifiant, « current » ou le dossier d'une version ; défaut : les deux dernières versions / BEFORE, AFTER: the beginning of the id, “current” or a sealed folder; default: the last two publications.

    Codes de sortie : 0 identiques, 1 différentes, 2 erreur / Exit codes: 0 same, 1 different, 2 error.
    """
    from cper_lod.release.changes.changelog import stream_changes
    from cper_lod.release.changes.text import MAX_SENTENCES, counts, describe
    from cper_lod.release.history.history import CURRENT, History, find_release

    entries = () if before else History(settings.releases).entries()
    if len(entries) == 1:
        click.echo("null" if form == "json" else translate("changes-first", lang))
        return
    old = find_release(settings.releases, before or (entries[-2].release if entries else CURRENT))
    new = find_release(settings.releases, after)
    changes = stream_changes(old, new)
    if form == "json":
        _json(changes)
    else:
        summary: dict[str, Any] = {}
        rows = (each for each in changes if "thing" in each or summary.update(each))
        click.echo(translate("changes-between", lang, before=old.id, after=new.id) + "\n")
        for line in describe(rows, lang, None if whole else MAX_SENTENCES):
            click.echo(line)
        if summary["same"]:
            click.echo(
                "\n".join([translate("changes-none", lang)] if old.digest == new.digest else counts(summary, lang))
            )
        if not (whole or summary["same"]):
            print_next_step("next-diff", lang)
    sys.exit(0 if old.digest == new.digest else 1)


def _json(changes: Iterator[dict[str, Any]]) -> None:
    """Write one JSON object, streaming the things; the counts are known only at the end."""
    separator = "\n"
    click.echo('{"changes": [', nl=False)
    for each in changes:
        text = json.dumps(each, ensure_ascii=False).encode()
        if "thing" in each:
            click.echo(separator.encode() + text, nl=False)
            separator = ",\n"
        else:
            click.echo(b"\n],\n" + b'"summary": ' + text + b"}")

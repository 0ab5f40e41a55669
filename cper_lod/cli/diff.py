"""The command `diff`: lists the changes between two releases."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from cper_lod.cli.options import command, format_option
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.settings import Settings


@command("releases")
@click.argument("before")
@click.argument("after")
@format_option("text", "json")
def diff(settings: Settings, lang: Language, before: str, after: str, form: str) -> None:
    """Dit ce qui a changé entre deux versions des données / Say what changed between two releases.

    Choses ajoutées et retirées, faits ajoutés, retirés et corrigés, avec l'énoncé qui les appuie / Things added and removed, facts added, withdrawn and corrected, with the statement that supports them.

    BEFORE, AFTER : le début de l'identifiant, « current » ou le dossier d'une version / BEFORE, AFTER: the beginning of the id,
    “current” or a sealed folder.

    Codes de sortie : 0 identiques, 1 différentes, 2 erreur / Exit codes: 0 same, 1 different, 2 error.
    """
    from cper_lod.release.changes.changelog import stream_changes
    from cper_lod.release.changes.text import counts, lines
    from cper_lod.release.history.history import find_release

    old, new = find_release(settings.releases, before), find_release(settings.releases, after)
    changes = stream_changes(old, new)
    if form == "json":
        _json(changes)
    else:
        click.echo(translate("changes-between", lang, before=old.id, after=new.id))
        for each in changes:
            text = "\n".join(lines(each, lang)) if "thing" in each else _summary(counts(each, lang), old, new, lang)
            click.echo(f"\n{text}")
    sys.exit(0 if old.digest == new.digest else 1)


def _summary(counts: Iterator[str], old: Any, new: Any, lang: Language) -> str:  # noqa: ANN401 - release.release is imported late
    return translate("changes-none", lang) if old.digest == new.digest else "\n".join(counts)


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

"""What the commands of `link` share: their flags, the data they look in, the site they ask, a bar for long work."""

import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cper_lod.cli.options import options
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import say
from cper_lod.core.settings import Settings

if TYPE_CHECKING:
    from cper_lod.linking.datagouv.dataset import Dataset
    from cper_lod.linking.datagouv.http import Asker
    from cper_lod.rdf.graph import Graph


def network(command: Callable[..., None]) -> Callable[..., None]:
    """Add the settings of a command that asks data.gouv.fr."""
    return options("sources", "datagouv_url", "datagouv_timeout", "link_cache")(command)


def things(command: Callable[..., None]) -> Callable[..., None]:
    """Add the flags by which a person says what a decision is about and why."""
    for name, text in (
        ("--reason-en", "motif en anglais / reason in English"),
        ("--reason", "motif en français / reason in French"),
    ):
        command = click.option(name, default="", help=text)(command)
    text = "notre ressource : IRI ou fin de l'IRI, répétable / our thing: IRI or its end, repeatable"
    command = click.option("--for", "targets", multiple=True, required=True, help=text)(command)
    return click.argument("dataset")(command)


def data(settings: Settings) -> "Graph":
    """Return what the data say that are published."""
    from cper_lod.rdf.graph import Graph
    from cper_lod.release.sources.read import published_data

    return Graph(published_data(settings.sources))


def asker(settings: Settings, cached: bool) -> "Asker":
    """Return the client that asks data.gouv.fr."""
    from cper_lod.linking.datagouv.cache import Cache, own_folder
    from cper_lod.linking.datagouv.http import Asker

    folder = own_folder() if settings.link_cache == Path() else settings.link_cache
    return Asker(settings.datagouv_url, settings.datagouv_timeout, Cache(folder) if cached else None)


def read(settings: Settings, dataset: str, lang: Language) -> "Dataset":
    """Return a dataset as it is now, by whatever a person calls it; raises `link-dataset` for what names none."""
    from cper_lod.linking.datagouv.client import DataGouv
    from cper_lod.linking.datagouv.dataset import name_in

    name = name_in(dataset)
    if name is None:
        raise Problem("link-dataset", name=dataset)
    with asker(settings, cached=False) as asking:
        elsewhere(settings, lang)
        return DataGouv(asking).dataset(name)


def elsewhere(settings: Settings, lang: Language) -> None:
    """Warn where what is read is not read from data.gouv.fr."""
    if settings.datagouv_url != Settings().datagouv_url:
        click.echo(say("link-elsewhere", lang, url=settings.datagouv_url), err=True)


def progress(items: Sequence[Any], key: str, lang: Language) -> AbstractContextManager[Iterable[Any]]:
    """Return the items, with a bar on standard error as they pass where that is a terminal."""
    if not sys.stderr.isatty():
        return nullcontext(items)
    return click.progressbar(items, label=say(key, lang), file=sys.stderr)

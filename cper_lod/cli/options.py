"""Shared parts of commands: options for settings, loading of settings, building and publishing, messages, progress."""

import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from cper_lod.cli.commands import FILE, NUMBER, PATH, TEXT, Command, CommandFailed, main, remember_language
from cper_lod.core.config import LoadedSettings, load, reject_packaged
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.i18n import decimal, system_language, translate
from cper_lod.core.names import PROGRAM
from cper_lod.core.settings import ROWS, Settings, describe

if TYPE_CHECKING:
    from cper_lod.release.jobs.progress import Progress

PROGRESS_DELAY: Final = 2
PROGRESS_INTERVAL: Final = 10
"""Seconds until the first progress line, and between lines."""

_VALUE_NAMES: Final[Mapping[type, str]] = {int: NUMBER, str: TEXT}
"""What stands for the value of a setting, by the type of its default; for the others a path."""
A_PATH: Final = click.Path(path_type=Path)
_ROLLED_BACK: Final = "cper_lod.rolled_back"
"""The key under which the context of a command notes that nothing is published since a rollback."""

Decorator = Callable[[Callable[..., None]], Callable[..., None]]


def command(
    *chosen: str, group: click.Group | None = None, name: str | None = None
) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a function, in the root group unless another is given, with an option for each of the settings `chosen`.

    The function gets the settings and their language, then what is given for its own arguments and options.
    """

    def make(function: Callable[..., None]) -> click.Command:
        @wraps(function)
        def run(**given: object) -> None:
            settings = load_settings().settings
            lang = system_language(settings.lang, dict(os.environ))
            remember_language(lang)
            own = {name: value for name, value in given.items() if name not in ROWS and name != "settings_file"}
            if "releases" in chosen and not given.get("resume") and made.name not in ("rollback", "settings"):
                _print_rollback(settings, lang)
            function(settings, lang, **own)

        made = click.command(name, cls=Command)(run)
        text = "fichier de réglages TOML / settings file, TOML"
        file = click.Option(["--settings", "settings_file"], type=A_PATH, metavar=FILE, is_eager=True, help=text)
        made.params += [file, *map(_setting_option, (*chosen, "lang"))]
        (group or main).add_command(made)
        return made

    return make


def _print_rollback(settings: Settings, lang: Language) -> None:
    """Print on standard error that nothing is published since a rollback, if so; a damaged history is not told here."""
    from cper_lod.release.history.history import History
    from cper_lod.release.history.timeline import rollback_notice

    with suppress(Problem):
        if entry := History(settings.releases).rolled_back():
            click.get_current_context().meta[_ROLLED_BACK] = True
            click.echo(rollback_notice(entry, lang), err=True)


def load_settings() -> LoadedSettings:
    """Return the settings for the command line under way; raises the problems of configuration.

    A site is served at the address of its names unless a setting says otherwise.
    """
    from cper_lod.release.sources.address import CATALOGUE_FILE, site_names

    given = click.get_current_context().params
    loaded = load({name: given.get(name) for name in ROWS}, file=given["settings_file"])
    if loaded.origins["public_url"] != "default":
        return loaded
    with suppress(Problem):  # that the sources cannot be read is told when they are
        names = site_names(loaded.settings.sources)
        if names != PROGRAM:
            settings = replace(loaded.settings, public_url=names.address.rstrip("/"))
            origin = f"file {loaded.settings.sources / CATALOGUE_FILE}"
            return LoadedSettings(settings, {**loaded.origins, "public_url": origin})
    return loaded


def _setting_option(name: str) -> click.Option:
    row = ROWS[name]
    low, high = row.metadata["minimum"], row.metadata["maximum"]
    key = "cli-setting" if low is None else "cli-setting-range"
    words = {lang: translate(key, lang, words=describe(name, lang), low=low, high=high) for lang in LANGUAGES}
    return click.Option(
        [f"--{name.replace('_', '-')}", name],
        metavar="|".join(filter(None, row.metadata["choices"])) or _VALUE_NAMES.get(type(row.default), PATH),
        show_default=str(row.default) if row.default not in ("", Path()) else None,
        is_eager=name == "lang",  # so that --help after it is in that language
        help=" / ".join(words.values()),
    )


def format_option(*choices: str) -> Decorator:
    """Add the option --format; the first choice is the default."""
    text = "forme du résultat / form of the result"
    return click.option(
        "--format", "form", type=click.Choice(choices), default=choices[0], show_default=True, help=text
    )


def flag(name: str, text: str, *attribute: str) -> Decorator:
    """Add an option without a value."""
    return click.option(name, *attribute, is_flag=True, help=text)


_MAX_NAMED: Final = 5
"""Skipped files that are named."""


def ensure_release(settings: Settings, lang: Language, data: tuple[Path, ...] = ()) -> Path:
    """Return the folder of the sealed release, built if needed; exits with the findings if the sources are rejected."""
    from cper_lod.release.build import build
    from cper_lod.release.sources.files import skipped_files

    if skipped := skipped_files(data):
        names = [path.name for path in skipped]
        listed = ", ".join(names[:_MAX_NAMED]) + (", …" if len(names) > _MAX_NAMED else "")
        click.echo(translate("files-skipped", lang, count=len(names), names=listed), err=True)
    start_time, waiting = time.perf_counter(), partial(print_waiting, lang)
    with building(lang, *(("check",) if data else ())) as on_progress:
        release, built = build.ensure_release(settings.releases, settings.sources, data, waiting, on_progress)
    if built:
        print_release(release, lang, start_time)
    return release.folder


def publish_sources(settings: Settings, lang: Language, **request: bool) -> Any:  # noqa: ANN401 - release.publishing is imported late
    """Publish the sources and return what is served; exits with the findings if the sources are rejected."""
    from cper_lod.release.history import publish

    asked = publish.Request(**request)
    start_time, waiting = time.perf_counter(), partial(print_waiting, lang)
    with building(lang) as on_progress:
        published = publish.publish_sources(settings, asked, on_wait=waiting, progress=on_progress)
    print_release(published.release, lang, None if not published.built else start_time)
    return published


def publish_or_keep_release(settings: Settings, lang: Language) -> None:
    """Publish the sources; if they are rejected and another release is served, report it and keep that release."""
    from cper_lod.release.history.history import History

    try:
        publish_sources(settings, lang)
    except (CommandFailed, Problem) as error:
        current = History(settings.releases).current()
        if current is None or not settings.sources.is_dir():
            raise
        click.echo((error if isinstance(error, CommandFailed) else CommandFailed(error, lang)).message, err=True)
        click.echo(translate("cli-stays", lang, release=current.release), err=True)


@contextmanager
def building(lang: Language, *skipped_steps: str) -> "Iterator[Progress]":
    """Return the progress of a build; exit with what rejects the sources."""
    from cper_lod.rdf.report import as_text
    from cper_lod.release.build.build import ValidationFailed

    try:
        with build_progress(lang, *skipped_steps) as progress:
            yield progress
    except ValidationFailed as error:
        click.echo(as_text(error.report, lang).rstrip("\n"), err=True)
        raise CommandFailed(error.problem, lang) from error


@contextmanager
def build_progress(lang: Language, *skipped_steps: str, label: str = "build-progress") -> "Iterator[Progress]":
    """Return the progress of a build without some of its steps."""
    from cper_lod.release.jobs.progress import Progress

    with show_progress(lang, label) as show_share:
        yield Progress(show_share, skipped_steps)


@contextmanager
def show_progress(lang: Language, label: str) -> Iterator[Callable[..., None]]:
    """Return a function that shows how much is done, of 1 or of a given total, in a line after `PROGRESS_DELAY` seconds, then
    in one every `PROGRESS_INTERVAL`. What has begun never goes back, and ends with all of it unless there was an error.
    """
    words, next_line, most = translate(label, lang), time.monotonic() + PROGRESS_DELAY, -1.0

    def show(done: float, total: float = 1) -> None:
        nonlocal next_line, most
        share = done / max(total, 1)
        if time.monotonic() >= next_line or (share == 1 and 0 <= most < 1):
            next_line, most = time.monotonic() + PROGRESS_INTERVAL, max(share, most)
            click.echo(translate("cli-progress", lang, label=words, percent=int(most * 100)), err=True)

    yield show
    if most >= 0:
        show(1)


def print_next_step(key: str, lang: Language, sources: Path | None = None, **values: object) -> None:
    """Print what to do next, which needs the same sources (or those given) and releases."""
    context = click.get_current_context()
    given = context.params | ({"sources": sources} if sources else {})
    key = "next-resume" if key == "next-build" and _ROLLED_BACK in context.meta else key
    options = [f" --{name} {shlex.quote(str(given[name]))}" for name in ("sources", "releases") if given.get(name)]
    click.echo(translate(key, lang, options="".join(options), **values), err=True)


def print_release(release: Any, lang: Language, start_time: float | None = None) -> None:  # noqa: ANN401
    """Print on standard error which release is used, and how long its build took."""
    seconds = decimal(time.perf_counter() - start_time, lang) if start_time else ""
    key, triples = "cli-built" if start_time else "cli-reused", release.manifest["triples"]
    click.echo(translate(key, lang, folder=release.folder, triples=triples, seconds=seconds), err=True)


def print_waiting(lang: Language) -> None:
    """Print on standard error that another process is building, and that this command waits for it."""
    click.echo(translate("cli-waits", lang), err=True)


def lock_sources(folder: Path, lang: Language, option: str = "--sources") -> None:
    """Keep other commands from writing the sources in `folder` until this command ends; says for whom it waits.

    Raises `permission`, and `sources-packaged` for the sources of an installed package, with the option for others.
    """
    from cper_lod.release.sources.writing import sources_lock

    reject_packaged(folder, option)
    context = click.get_current_context()

    def on_wait(holder: Any) -> None:  # noqa: ANN401 - release.sources.writing is imported late
        click.echo(translate("cli-sources-wait", lang, command=holder.command, pid=holder.pid), err=True)

    context.with_resource(sources_lock(folder, context.command_path, on_wait))

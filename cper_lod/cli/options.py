"""Shared parts of commands: options for settings, loading of settings, building and publishing, messages, progress."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from cper_lod.cli.errors import CommandFailed, remember_language
from cper_lod.core.config import load
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import decimal, system_language, translate
from cper_lod.core.settings import Settings, describe

if TYPE_CHECKING:
    from cper_lod.release.jobs.progress import Progress

_BAR_LENGTH: Final = 1000
LOG_FORM: Final[ContextVar[str]] = ContextVar("log_form", default="text")
"""The setting `log_format` of the server being started; `text` for all other commands."""

PROGRESS_INTERVAL: Final = 10
"""Seconds between progress lines without a terminal."""


def settings_options(*chosen: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add an option for each setting, and --settings for the file."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for name in reversed((*chosen, "lang")):
            text = f"{describe(name, 'fr')} / {describe(name, 'en')}"
            command = click.option(f"--{name.replace('_', '-')}", name, default=None, help=text)(command)
        text = "fichier de réglages TOML / settings file, TOML"
        return click.option("--settings", "settings_file", type=click.Path(path_type=Path), help=text)(command)

    return add


def load_settings(settings_file: Path | None, flags: dict[str, object]) -> tuple[Settings, Language]:
    """Return the settings of a command and its language; raises the problems of configuration."""
    settings = load(flags, file=settings_file).settings
    lang = system_language(settings.lang, dict(os.environ))
    remember_language(lang)
    return settings, lang


def ensure_release(settings: Settings, lang: Language, data: tuple[Path, ...] = ()) -> Path:
    """Return the folder of the sealed release, built if needed; exits with the findings if the sources are rejected."""
    from cper_lod.release.build import build

    start_time = print_reading(lang)
    try:
        with build_progress(lang, *(("check",) if data else ())) as on_progress:
            release, built = build.ensure_release(
                settings.releases, settings.sources, data, lambda: print_waiting(lang), on_progress
            )
    except build.ValidationFailed as error:
        fail_validation(error, lang)
    if built:
        print_release(release, lang, start_time)
    return release.folder


def publish_sources(settings: Settings, lang: Language, *, by_itself: bool) -> Any:  # noqa: ANN401 - release.publishing is imported late
    """Publish the sources and return what is served; exits with the findings if the sources are rejected."""
    from cper_lod.release.build.build import ValidationFailed
    from cper_lod.release.history import publish

    start_time = print_reading(lang)
    try:
        with build_progress(lang) as on_progress:
            published = publish.publish_sources(
                settings, automatic=by_itself, on_wait=lambda: print_waiting(lang), progress=on_progress
            )
    except ValidationFailed as error:
        fail_validation(error, lang)
    print_release(published.release, lang, None if not published.built else start_time)
    if published.held_back:
        print_message(translate("cli-held", lang, release=published.release.id))
    return published


def publish_or_keep_release(settings: Settings, lang: Language) -> None:
    """Publish the sources; if they are rejected and another release is served, report it and keep that release."""
    from cper_lod.release.history.history import History

    try:
        publish_sources(settings, lang, by_itself=True)
    except (CommandFailed, Problem) as error:
        current = History(settings.releases).current()
        if current is None or not settings.sources.is_dir():
            raise
        print_message(
            (error if isinstance(error, CommandFailed) else CommandFailed(error, lang)).message, level="warning"
        )
        print_message(translate("cli-stays", lang, release=current.release))


@contextmanager
def build_progress(lang: Language, *skipped_steps: str) -> "Iterator[Progress]":
    """Return the progress of a build without some of its steps: a bar on a terminal."""
    from cper_lod.release.jobs.progress import SILENT, Progress

    if LOG_FORM.get() == "json" or not sys.stderr.isatty():
        yield SILENT
        return
    with ExitStack() as stack:
        bars: list[Any] = []

        def show_share(share: float) -> None:
            if not bars:  # no bar if there is nothing to do
                label = translate("build-progress", lang)
                bars.append(stack.enter_context(click.progressbar(length=_BAR_LENGTH, label=label, file=sys.stderr)))
            bars[0].update(round(share * _BAR_LENGTH) - bars[0].pos)

        yield Progress(show_share, skipped_steps)


def print_message(text: str, *, err: bool = True, level: str = "info") -> None:
    """Print a message (not a result), as text or as a JSON log line while a server starts."""
    if LOG_FORM.get() == "json":
        from cper_lod.web.observability.log_format import line

        click.echo(line("json", level, "message", {"message": text, "process": os.getpid()}), nl=False, err=True)
    else:
        click.echo(text, err=err)


def print_release(release: Any, lang: Language, start_time: float | None = None) -> None:  # noqa: ANN401
    """Print on standard error which release is used, and how long its build took."""
    seconds = decimal(time.perf_counter() - start_time, lang) if start_time else ""
    key, triples = "cli-built" if start_time else "cli-reused", release.manifest["triples"]
    print_message(translate(key, lang, folder=release.folder, triples=triples, seconds=seconds))


def print_reading(lang: Language) -> float:
    """Print on a terminal that the sources are being read, which may take a while; return the start time."""
    if sys.stderr.isatty() and LOG_FORM.get() == "text":
        print_message(translate("cli-reads", lang))
    return time.perf_counter()


@contextmanager
def work_progress(lang: Language, label: str, done_so_far: str) -> Iterator[Callable[[int, int], None]]:
    """Return a progress callback: a bar on a terminal, else a line every `PROGRESS_INTERVAL` seconds."""
    if sys.stderr.isatty():
        with click.progressbar(length=1, label=translate(label, lang), file=sys.stderr) as bar:

            def move(done: int, total: int) -> None:
                bar.length = max(total, 1)
                bar.update(done - bar.pos)

            yield move
        return
    last = time.monotonic()

    def line(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= PROGRESS_INTERVAL:
            last = time.monotonic()
            click.echo(translate(done_so_far, lang, done=done, total=total), err=True)

    yield line


def print_waiting(lang: Language) -> None:
    """Print on standard error that another process is building, and that this command waits for it."""
    print_message(translate("cli-waits", lang))


def fail_validation(error: Any, lang: Language) -> NoReturn:  # noqa: ANN401
    """Exit with the findings that reject the sources."""
    from cper_lod.rdf.report import as_text

    text = as_text(error.report, lang).rstrip("\n")
    for block in text.split("\n\n") if LOG_FORM.get() == "json" else [text]:
        print_message(block, level="warning")
    raise CommandFailed(error.problem, lang) from error

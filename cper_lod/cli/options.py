"""What several commands share: the flags of settings, the language they speak, the release that they begin with."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from cper_lod.cli.errors import Failed, speak
from cper_lod.core.config import load
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import decimal, system_language, translate
from cper_lod.core.settings import Settings, describe

if TYPE_CHECKING:
    from cper_lod.release.jobs.progress import Progress

_WHOLE: Final = 1000
LOG_FORM: Final[ContextVar[str]] = ContextVar("log_form", default="text")
"""The setting `log_format` of the server that is started, `text` for every other command."""

EVERY: Final = 10
"""Seconds between the lines that tell how far a long work is, where there is no terminal."""


def options(*chosen: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a flag for each setting named, and --settings for the file."""

    def add(command: Callable[..., None]) -> Callable[..., None]:
        for name in reversed((*chosen, "lang")):
            text = f"{describe(name, 'fr')} / {describe(name, 'en')}"
            command = click.option(f"--{name.replace('_', '-')}", name, default=None, help=text)(command)
        text = "fichier de réglages TOML / settings file, TOML"
        return click.option("--settings", "settings_file", type=click.Path(path_type=Path), help=text)(command)

    return add


def loaded(settings_file: Path | None, flags: dict[str, object]) -> tuple[Settings, Language]:
    """Return the settings of a command, and the language that it speaks; raises the problems of configuration."""
    settings = load(flags, file=settings_file).settings
    lang = system_language(settings.lang, dict(os.environ))
    speak(lang)
    return settings, lang


def ensure_release(settings: Settings, lang: Language, data: tuple[Path, ...] = ()) -> Path:
    """Return the folder of the sealed release, built where needed, and say so; end with the findings where refused."""
    from cper_lod.release.build.build import ValidationFailed, ensure_release

    started = reads(lang)
    try:
        with building(lang, *(("check",) if data else ())) as shown:
            release, built = ensure_release(settings.releases, settings.sources, data, lambda: wait(lang), shown)
    except ValidationFailed as refused:
        refuse(refused, lang)
    if built:
        tell(release, lang, started)
    return release.folder


def publish(settings: Settings, lang: Language, *, by_itself: bool) -> Any:  # noqa: ANN401 - release.publishing is imported late
    """Return what is served now that the sources are published, and say it; end with the findings where refused."""
    from cper_lod.release.build.build import ValidationFailed
    from cper_lod.release.history.publish import publish

    started = reads(lang)
    try:
        with building(lang) as shown:
            published = publish(settings, by_itself=by_itself, on_wait=lambda: wait(lang), progress=shown)
    except ValidationFailed as refused:
        refuse(refused, lang)
    tell(published.release, lang, None if not published.built else started)
    if published.held:
        note(translate("cli-held", lang, release=published.release.id))
    return published


def publish_or_stay(settings: Settings, lang: Language) -> None:
    """Publish the sources; where they are refused and another release is served already, say so, and stay with that."""
    from cper_lod.release.history.history import History

    try:
        publish(settings, lang, by_itself=True)
    except (Failed, Problem) as refused:
        current = History(settings.releases).current()
        if current is None or not settings.sources.is_dir():
            raise
        note((refused if isinstance(refused, Failed) else Failed(refused, lang)).message, level="warning")
        note(translate("cli-stays", lang, release=current.release))


@contextmanager
def building(lang: Language, *without: str) -> "Iterator[Progress]":
    """Give what a build, without some of its steps, tells how far it is: a bar where there is a terminal."""
    from cper_lod.release.jobs.progress import SILENT, Progress

    if LOG_FORM.get() == "json" or not sys.stderr.isatty():
        yield SILENT
        return
    with ExitStack() as stack:
        bars: list[Any] = []

        def show(share: float) -> None:
            if not bars:  # where there is nothing to do, there is nothing to show
                label = translate("build-progress", lang)
                bars.append(stack.enter_context(click.progressbar(length=_WHOLE, label=label, file=sys.stderr)))
            bars[0].update(round(share * _WHOLE) - bars[0].pos)

        yield Progress(show, without)


def note(words: str, *, err: bool = True, level: str = "info") -> None:
    """Say something that is no result: as words, or as a line of the log where a server is started that writes JSON."""
    if LOG_FORM.get() == "json":
        from cper_lod.web.observability.log_format import line

        click.echo(line("json", level, "message", {"message": words, "process": os.getpid()}), nl=False, err=True)
    else:
        click.echo(words, err=err)


def tell(release: Any, lang: Language, started: float | None = None) -> None:  # noqa: ANN401
    """Say on standard error which release there is, and how long it took to build where it was built."""
    seconds = decimal(time.perf_counter() - started, lang) if started else ""
    key, triples = "cli-built" if started else "cli-reused", release.manifest["triples"]
    note(translate(key, lang, folder=release.folder, triples=triples, seconds=seconds))


def reads(lang: Language) -> float:
    """Say on a terminal that the sources are read, which may take a while; return the moment."""
    if sys.stderr.isatty() and LOG_FORM.get() == "text":
        note(translate("cli-reads", lang))
    return time.perf_counter()


@contextmanager
def progress(lang: Language, label: str, done_so_far: str) -> Iterator[Callable[[int, int], None]]:
    """Give what is told how far a long work is: a bar on a terminal, else a line now and then."""
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
        if time.monotonic() - last >= EVERY:
            last = time.monotonic()
            click.echo(translate(done_so_far, lang, done=done, total=total), err=True)

    yield line


def wait(lang: Language) -> None:
    """Say on standard error that another builds, and that this command goes on after it."""
    note(translate("cli-waits", lang))


def refuse(refused: Any, lang: Language) -> NoReturn:  # noqa: ANN401
    """End with the findings for which the sources are refused."""
    from cper_lod.rdf.report import as_text

    text = as_text(refused.report, lang).rstrip("\n")
    for block in text.split("\n\n") if LOG_FORM.get() == "json" else [text]:
        note(block, level="warning")
    raise Failed(refused.problem, lang) from refused

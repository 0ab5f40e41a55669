"""What several commands share: the flags of settings, the language they speak, the release that they begin with."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from cper_lod.failing import Failed, speak
from cper_lod.terms.configuration import load
from cper_lod.terms.language import say, system_language
from cper_lod.terms.problems import Language
from cper_lod.terms.settings import Settings, describe


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


def ensure(settings: Settings, lang: Language, data: tuple[Path, ...] = (), aloud: bool = True) -> Path:
    """Return the folder of the sealed release, built where needed; end with the findings where it is refused.

    What was built is said on standard error; what is used again too, where it is to be `aloud`.
    """
    from cper_lod.release.build import Refused, ensure

    started = time.perf_counter()
    try:
        release, built = ensure(settings.releases, settings.sources, data)
    except Refused as refused:
        _refuse(refused, lang)
    triples = release.manifest["triples"]
    seconds = f"{time.perf_counter() - started:.1f}"
    if built or aloud:
        key = "cli-built" if built else "cli-reused"
        click.echo(say(key, lang, folder=release.folder, triples=triples, seconds=seconds), err=True)
    return release.folder


def _refuse(refused: Any, lang: Language) -> NoReturn:  # noqa: ANN401 - release.build is imported late
    from cper_lod.rdf.report import as_text

    click.echo(as_text(refused.report, lang), nl=False, err=True)
    raise Failed(refused.problem, lang) from refused

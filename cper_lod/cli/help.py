"""Help in one language: texts of commands and options are written `français / English`, paragraph by paragraph."""

import os
import re
from inspect import cleandoc
from pathlib import Path
from typing import Final

import click

from cper_lod.core.config import load
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.i18n import sentence, system_language, translate
from cper_lod.core.settings import ROWS

NUMBER: Final = "N"
FILE: Final = "FICHIER / FILE"
FOLDER: Final = "DOSSIER / FOLDER"
PATH: Final = "CHEMIN / PATH"
TEXT: Final = "TEXTE / TEXT"
"""What stands for the value of an option, in usage and help."""


def language(ctx: click.Context | None) -> Language:
    """Return the language of help and errors: that of the settings; before they are loaded, that of the flag, the
    environment or the settings file.
    """
    known = (ctx.find_root().obj, ctx.params.get("lang"), os.environ.get("CPER_LOD_LANG")) if ctx else ()
    wanted = next((each for each in known if each in LANGUAGES), "")
    if not wanted:
        file = ctx.params.get("settings_file") if ctx else None
        try:
            wanted = load(file=file if isinstance(file, Path) else None).settings.lang
        except Problem:  # told when the command loads its settings
            wanted = ""
    return system_language(wanted, dict(os.environ))


def in_language(text: str, lang: Language) -> str:
    """Return a text in `lang`.

    >>> in_language("Valide / Check", "en"), in_language("CSV", "en")
    ('Check', 'CSV')
    """
    paragraphs = [each.split(" / ") for each in cleandoc(text).split("\n\n")]
    return "\n\n".join(halves[min(LANGUAGES.index(lang), len(halves) - 1)] for halves in paragraphs)


def paragraphs(command: click.Command, lang: Language) -> list[str]:
    """Return what the help of a command says, the first paragraph being its summary."""
    texts = in_language(command.help or "", lang).split("\n\n")
    return [" ".join(each.split()).rstrip(".") + "." for each in texts]


def value_name(parameter: click.Parameter, lang: Language) -> str:
    """Return what stands for a value: the choices, or what kind of value it is."""
    match parameter:
        case click.Parameter(metavar=str(metavar)):
            return in_language(metavar, lang)
        case click.Parameter(type=click.Choice(choices=choices)):
            return "|".join(choices)
        case click.Parameter(type=click.IntRange()):
            return NUMBER
        case click.Parameter(type=click.Path()):
            return in_language(PATH, lang)
    return in_language(TEXT, lang)


def describe_option(option: click.Option, lang: Language) -> tuple[str, str]:
    """Return an option as it is typed; and what it does, whether it is required, its limits and its default."""
    words = [in_language(option.help or "", lang)]
    if option.required:
        words.append(sentence("cli-required", lang))
    if isinstance(option.type, click.IntRange):
        words.append(translate("cli-range", lang, low=option.type.min, high=option.type.max))
    if isinstance(option.show_default, str):
        words.append(translate("cli-default", lang, value=in_language(option.show_default, lang)))
    elif option.show_default:
        words.append(translate("cli-default", lang, value=option.default))
    typed = ", ".join(option.opts) + ("" if option.is_flag else " " + value_name(option, lang))
    return typed, (" ; " if lang == "fr" else "; ").join(filter(None, words))


def _unbroken(text: str) -> str:
    """Return a text in which no line ends before a French colon."""
    return re.sub(r" (?=[:;»])|(?<=«) ", "\u00a0", text)


def write_section(formatter: click.HelpFormatter, heading: str, rows: list[tuple[str, str]]) -> None:
    """Write a heading, and rows of two columns below it; nothing without rows."""
    if rows:
        formatter.write_paragraph()
        formatter.write(f"{heading}\n")
        with formatter.indentation():
            formatter.write_dl([(first, _unbroken(words)) for first, words in rows])


class HelpInOneLanguage(click.Command):
    """A command with `--help` in the language of messages."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of usage."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, sentence("cli-usage", language(ctx)) + " ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(_unbroken("\n\n".join(paragraphs(self, language(ctx)))))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, those of settings last."""
        lang = language(ctx)
        options = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        for key, chosen in (("cli-options", False), ("cli-settings", True)):
            rows = [describe_option(each, lang) for each in options if (each.name in ROWS) is chosen]
            write_section(formatter, sentence(key, lang), rows)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option --help."""
        if option := super().get_help_option(ctx):
            option.help = "montre cette aide / show this help"
        return option

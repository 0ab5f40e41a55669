"""Commands of click in one language: help, and errors as one sentence with an exit code, without a traceback.

Texts of commands and options are written `français / English`, paragraph by paragraph.
"""

import hashlib
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from inspect import cleandoc
from pathlib import Path
from typing import Any, Final

import click

from cper_lod.core.config import load
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.files import machine_problem
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


class Command(click.Command):
    """A command with help and problems in the user's language; a problem sets the exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        with _translate_errors(ctx):
            return super().invoke(ctx)

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


DEBUG: Final = "CPER_LOD_DEBUG"
"""The environment variable that shows the traceback of an internal error if set to 1."""

INTERRUPTED: Final = 130
"""The exit code after Ctrl+C: 128 plus the number of SIGINT, as in shells."""


class _Sentence(click.ClickException):
    """An error whose message is all that is printed, and its exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        # Set per instance: some versions of click type it as a class attribute.
        vars(self)["exit_code"] = exit_code

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print the message on standard error, unless that is full: the exit code remains."""
        try:
            click.echo(self.message, err=True, file=file, nl=self.message != "")
        except OSError:
            sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - it replaces a stream


class CommandFailed(_Sentence):
    """A problem as a click exception: one sentence, no traceback, its exit code."""

    def __init__(self, problem: Problem, lang: Language) -> None:
        super().__init__(translate("cli-error", lang, message=problem.words(lang)), problem.kind.exit_code)


class CommandGroup(Command, click.Group):
    """A group of commands that translates usage errors."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:  # noqa: ANN401 - click's own
        """Run a command line."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not cause an error
        return super().main(args, *rest, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:  # noqa: ANN401 - click's own signature
        """Parse the options of the group."""
        with _translate_errors():
            return super().make_context(*args, **extra)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the parts of the line of usage."""
        return [*super().collect_usage_pieces(ctx)[:-1], sentence("cli-subcommand", language(ctx))]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and the commands with the first sentence of each."""
        super().format_options(ctx, formatter)
        lang = language(ctx)
        rows = [(name, paragraphs(self.commands[name], lang)[0].rstrip(".")) for name in self.list_commands(ctx)]
        write_section(formatter, sentence("cli-commands", lang), rows)


def remember_language(lang: Language) -> None:
    """Remember the language of the settings for error messages."""
    click.get_current_context().find_root().obj = lang


@contextmanager
def _translate_errors(ctx: click.Context | None = None) -> Iterator[None]:
    """Raise what happens inside as what click prints: a sentence in the user's language, and an exit code."""
    try:
        yield
    except click.UsageError as error:
        raise _translate_usage_error(error) from error
    except (click.ClickException, click.Abort, click.exceptions.Exit):
        raise
    except Problem as problem:
        raise CommandFailed(problem, language(ctx)) from problem
    except KeyboardInterrupt as stop:
        raise _Sentence("", INTERRUPTED) from stop
    except Exception as error:
        if isinstance(error, OSError) and _is_from_output(error):
            # What is left in its buffer would be written once more when the process ends.
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - it replaces a stream
            if isinstance(error, BrokenPipeError):  # the reader has stopped reading (head, less)
                sys.exit(0)
            raise CommandFailed(Problem("output-failed", message=error.strerror), language(ctx)) from error
        if lacking := machine_problem(error):
            raise CommandFailed(lacking, language(ctx)) from error
        raise _unexpected_error(error, language(ctx)) from error


def _is_from_output(error: OSError) -> bool:
    """Return whether click.echo, which writes all output, raised an error."""
    return any(frame.f_code is click.echo.__code__ for frame, _ in traceback.walk_tb(error.__traceback__))


def _unexpected_error(error: Exception, lang: Language) -> CommandFailed:
    """Return an internal error as one sentence. Equal errors have the same reference; DEBUG=1 shows the traceback."""
    frames = [(frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)]
    reference = hashlib.sha256(repr((type(error).__name__, frames)).encode()).hexdigest()[:12]
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    else:
        reference += f" ({DEBUG}=1)"
    return CommandFailed(Problem("unexpected", reference=reference), lang)


def _translate_usage_error(error: click.UsageError) -> click.ClickException:
    """Return a usage error of click in the user's language (click's messages are English only)."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return error
    lang = language(error.ctx)
    key, values = _classify(error, lang)
    help_command = f"{error.ctx.command_path if error.ctx else 'cper-lod'} --help"
    words = f"{translate(key, lang, **values)} {translate('cli-usage-remedy', lang, command=help_command)}"
    return _Sentence(translate("cli-error", lang, message=words), 2)


def _classify(error: click.UsageError, lang: Language) -> tuple[str, dict[str, str]]:
    """Return the key of the sentence for `error`, and its values."""
    match error:
        case click.NoSuchOption():
            return "cli-usage-option", {"name": error.option_name}
        case click.BadOptionUsage():
            return "cli-usage-bare", {"name": error.option_name}
        case click.MissingParameter():
            return "cli-usage-missing", {"name": _parameter_name(error)}
        case click.BadParameter(param=click.Parameter() as parameter):
            limits = (getattr(parameter.type, "min", None), getattr(parameter.type, "max", None))
            expected = value_name(parameter, lang) if None in limits else "–".join(map(str, limits))
            return "cli-usage-value", {"name": _parameter_name(error), "expected": expected}
    named = re.findall(r"['(]([^')]+)[')]", error.message)
    for key, words in (("cli-usage-command", "No such command"), ("cli-usage-extra", "extra argument")):
        if words in error.message and named:
            return key, {"name": named[0]}
    return "cli-usage-other", {"message": error.message.rstrip(".")}


def _parameter_name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.make_metavar(error.ctx) if parameter and error.ctx else str(error.param_hint)


@click.group(
    "cper-lod", cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="cper-lod", help="montre la version / show the version")
def main() -> None:
    """Publie des contrats de plan en données liées / Publishes plan contracts as linked data."""

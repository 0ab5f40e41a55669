"""Errors of the command line: one sentence in the user's language, no traceback, an exit code."""

import hashlib
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.i18n import system_language, translate

DEBUG: Final = "CPER_LOD_DEBUG"
"""The environment variable that shows the traceback of an internal error if set to 1."""

INTERRUPTED: Final = 130
"""The exit code after Ctrl+C: 128 plus the number of SIGINT, as in shells."""

_MAX_SUMMARY_LENGTH: Final = 200
"""Characters of the summary of a command in `--help`; longer than any summary."""

_USAGE_SENTENCES: Final[Mapping[str, Mapping[Language, str]]] = {
    "command": {"fr": "Commande inconnue : {}.", "en": "Unknown command: {}."},
    "option": {"fr": "Option inconnue : {}.", "en": "Unknown option: {}."},
    "missing": {"fr": "Il manque {}.", "en": "{} is missing."},
    "choice": {"fr": "{} : valeur non admise ({}).", "en": "{}: value not allowed ({})."},
    "bare": {
        "fr": "L'option {} est mal employée : il lui faut une valeur, si elle en prend une.",
        "en": "The option {} is used wrongly: it needs a value, where it takes one.",
    },
    "extra": {"fr": "Argument de trop : {}.", "en": "Unexpected extra argument: {}."},
    "other": {"fr": "Ligne de commande mal formée ({}).", "en": "Malformed command line ({})."},
    "remedy": {"fr": "{} montre ce qui est possible.", "en": "{} shows what is possible."},
}


class CommandFailed(click.ClickException):
    """A problem as a click exception: one sentence, no traceback, its exit code."""

    def __init__(self, problem: Problem, lang: Language) -> None:
        super().__init__(translate("cli-error", lang, message=problem.words(lang)))
        # Set per instance: some versions of click type it as a class attribute.
        vars(self)["exit_code"] = problem.kind.exit_code

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print the sentence on standard error."""
        click.echo(self.message, err=True, file=file)


class Interrupted(click.ClickException):
    """Ctrl+C: prints nothing."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("")

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print nothing."""


class Command(click.Command):
    """A command whose problems are printed in the user's language and set the exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise CommandFailed(problem, _lang(ctx)) from problem
        except KeyboardInterrupt as stop:
            raise Interrupted from stop
        except BrokenPipeError:
            # The reader of our output has stopped reading (head, less).
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - it replaces a stream
            sys.exit(0)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            raise _unexpected_error(error, _lang(ctx)) from error


class CommandGroup(click.Group):
    """A group of commands that translates usage errors."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:  # noqa: ANN401 - click's own
        """Run a command line."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal without UTF-8 must not cause an error
        return super().main(args, *rest, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:  # noqa: ANN401 - click's own signature
        """Parse the options of the group."""
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as error:
            raise _translate_usage_error(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands in one language: two do not fit beside their names."""
        language_index = LANGUAGES.index(_lang(ctx))
        summaries = {
            name: self.commands[name].get_short_help_str(_MAX_SUMMARY_LENGTH).split(" / ")
            for name in self.list_commands(ctx)
        }
        with formatter.section("CommandGroup"):
            formatter.write_dl(
                [(name, words[min(language_index, len(words) - 1)].rstrip(".")) for name, words in summaries.items()]
            )

    def invoke(self, ctx: click.Context) -> object:
        """Find the command, parse its options and run it."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _translate_usage_error(error) from error


def remember_language(lang: Language) -> None:
    """Remember the language of the settings for error messages."""
    click.get_current_context().find_root().obj = lang


def _lang(ctx: click.Context | None) -> Language:
    """Return the language for errors: that of the settings; before they are loaded, that of the flag or environment."""
    known = (ctx.find_root().obj, ctx.params.get("lang")) if ctx else ()
    wanted = next((each for each in (*known, os.environ.get("CPER_LOD_LANG")) if each in LANGUAGES), "")
    return system_language(str(wanted), dict(os.environ))


def _unexpected_error(error: Exception, lang: Language) -> CommandFailed:
    """Return an internal error as one sentence. Equal errors have the same reference; DEBUG=1 shows the traceback."""
    frames = [(frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)]
    reference = hashlib.sha256(repr((type(error).__name__, frames)).encode()).hexdigest()[:12]
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    else:
        reference += f" ({DEBUG}=1)"
    return CommandFailed(Problem("unexpected", reference=reference), lang)


class _UsageFailed(click.ClickException):
    """A usage error."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print the sentence on standard error."""
        click.echo(self.message, err=True, file=file)


def _translate_usage_error(error: click.UsageError) -> click.ClickException:
    """Return a usage error of click in the user's language (click's messages are English only)."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return error
    lang = _lang(error.ctx)
    key, values = _classify(error)
    help_command = f"{error.ctx.command_path if error.ctx else 'cper-lod'} --help"
    words = f"{_USAGE_SENTENCES[key][lang].format(*values)} {_USAGE_SENTENCES['remedy'][lang].format(help_command)}"
    return _UsageFailed(translate("cli-error", lang, message=words))


def _classify(error: click.UsageError) -> tuple[str, tuple[str, ...]]:
    """Return the key of the sentence for `error`, and its values."""
    match error:
        case click.NoSuchOption() | click.BadOptionUsage():
            return "option" if isinstance(error, click.NoSuchOption) else "bare", (error.option_name,)
        case click.MissingParameter():
            return "missing", (_parameter_name(error),)
        case click.BadParameter():
            choices = getattr(error.param and error.param.type, "choices", None)
            return "choice", (_parameter_name(error), " | ".join(map(str, choices)) if choices else error.message)
    named = re.findall(r"['(]([^')]+)[')]", error.message)
    for key, words in (("command", "No such command"), ("extra", "extra argument")):
        if words in error.message and named:
            return key, (named[0],)
    return "other", (error.message.rstrip("."),)


def _parameter_name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.make_metavar(error.ctx) if parameter and error.ctx else str(error.param_hint)

"""How the command line ends when something is wrong: one sentence in the reader's language, no trace, an exit code."""

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
"""The environment variable that, set to 1, shows the trace of a fault of ours."""

INTERRUPTED: Final = 130
"""The exit code after Ctrl+C: 128 and the number of SIGINT, as shells have it."""

_WHOLE: Final = 200
"""Characters of what a command does that `--help` tells beside its name: no sentence has more."""

_USAGE: Final[Mapping[str, Mapping[Language, str]]] = {
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


class Failed(click.ClickException):
    """An error of the table, as click ends with it: one clear sentence, no trace, its exit code."""

    def __init__(self, problem: Problem, lang: Language) -> None:
        super().__init__(translate("cli-error", lang, message=problem.words(lang)))
        # One for each error: some versions of click declare it to be one of the class, and set it so themselves.
        vars(self)["exit_code"] = problem.kind.exit_code

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print the sentence on standard error."""
        click.echo(self.message, err=True, file=file)


class Interrupted(click.ClickException):
    """Ctrl+C: nothing to say."""

    exit_code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("")

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print nothing."""


class Command(click.Command):
    """A command whose problems are said in the reader's language and end with their exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Problem as problem:
            raise Failed(problem, _lang(ctx)) from problem
        except KeyboardInterrupt as stop:
            raise Interrupted from stop
        except BrokenPipeError:
            # Whoever read our output has had enough (head, less).
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 - it replaces a stream
            sys.exit(0)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            raise _unexpected(error, _lang(ctx)) from error


class Commands(click.Group):
    """The group of commands: it says what is wrong with a command line itself."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:  # noqa: ANN401 - click's own
        """Run a command line."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # a terminal that is not UTF-8 must not end us
        return super().main(args, *rest, **extra)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:  # noqa: ANN401 - click's own signature
        """Read the options of the group."""
        try:
            return super().make_context(*args, **extra)
        except click.UsageError as error:
            raise _usage(error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Tell the commands in one language: there is no room for both beside their names."""
        place = LANGUAGES.index(_lang(ctx))
        told = {name: self.commands[name].get_short_help_str(_WHOLE).split(" / ") for name in self.list_commands(ctx)}
        with formatter.section("Commands"):
            formatter.write_dl([(name, words[min(place, len(words) - 1)].rstrip(".")) for name, words in told.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Find the command, read its options and run it."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            raise _usage(error) from error


def speak(lang: Language) -> None:
    """Remember the language that the settings ask for."""
    click.get_current_context().find_root().obj = lang


def _lang(ctx: click.Context | None) -> Language:
    """Return the language to fail in: that of the settings, else, before they could be read, of flag or environment."""
    known = (ctx.find_root().obj, ctx.params.get("lang")) if ctx else ()
    wanted = next((each for each in (*known, os.environ.get("CPER_LOD_LANG")) if each in LANGUAGES), "")
    return system_language(str(wanted), dict(os.environ))


def _unexpected(error: Exception, lang: Language) -> Failed:
    """Return a fault of ours as one sentence; the same fault has the same reference, and DEBUG=1 shows its trace."""
    frames = [(frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)]
    reference = hashlib.sha256(repr((type(error).__name__, frames)).encode()).hexdigest()[:12]
    if os.environ.get(DEBUG) == "1":
        traceback.print_exception(error)
    else:
        reference += f" ({DEBUG}=1)"
    return Failed(Problem("unexpected", reference=reference), lang)


class _Misused(click.ClickException):
    """A command line that cannot be read."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        """Print the sentence on standard error."""
        click.echo(self.message, err=True, file=file)


def _usage(error: click.UsageError) -> click.ClickException:
    """Return a fault of click's in the reader's language (its own words are English only)."""
    if type(error).__name__ == "NoArgsIsHelpError":
        return error
    lang = _lang(error.ctx)
    key, values = _what(error)
    asked = f"{error.ctx.command_path if error.ctx else 'cper-lod'} --help"
    words = f"{_USAGE[key][lang].format(*values)} {_USAGE['remedy'][lang].format(asked)}"
    return _Misused(translate("cli-error", lang, message=words))


def _what(error: click.UsageError) -> tuple[str, tuple[str, ...]]:
    """Return which sentence says `error`, and what fills it."""
    match error:
        case click.NoSuchOption() | click.BadOptionUsage():
            return "option" if isinstance(error, click.NoSuchOption) else "bare", (error.option_name,)
        case click.MissingParameter():
            return "missing", (_name(error),)
        case click.BadParameter():
            choices = getattr(error.param and error.param.type, "choices", None)
            return "choice", (_name(error), " | ".join(map(str, choices)) if choices else error.message)
    named = re.findall(r"['(]([^')]+)[')]", error.message)
    for key, words in (("command", "No such command"), ("extra", "extra argument")):
        if words in error.message and named:
            return key, (named[0],)
    return "other", (error.message.rstrip("."),)


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.make_metavar(error.ctx) if parameter and error.ctx else str(error.param_hint)

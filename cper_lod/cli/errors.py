"""Errors of the command line: one sentence in the user's language, no traceback, an exit code."""

import hashlib
import os
import re
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import click

from cper_lod.cli.help import HelpInOneLanguage, language, paragraphs, value_name, write_section
from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import sentence, translate

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


class Command(HelpInOneLanguage):
    """A command whose problems are printed in the user's language and set the exit code."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        with _translate_errors(ctx):
            return super().invoke(ctx)


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

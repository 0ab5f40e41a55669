"""Writes the reference pages from the tables of the program: `make docs`.

A test compares the pages with what this module returns, so that a page is never older than its table.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields
from inspect import cleandoc
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, cast

import click

from cper_lod.cli.commands import describe_option, paragraphs
from cper_lod.cli.main import main
from cper_lod.core.errors import Language, table
from cper_lod.core.formats import ALL, DOCUMENT_FORMATS, GRAPH_FORMATS, SOLUTION_FORMATS, XLSX
from cper_lod.core.settings import ROWS, Settings, describe, environment_variable
from cper_lod.engine.base import EngineStatus
from cper_lod.web.app import create_app
from cper_lod.web.observability.metrics import Metrics

DOCS: Final = Path(__file__).parents[1]
HOW: Final = {
    "en": "<!-- Written by `make docs` from the tables of the program: change the table, not this page. -->",
    "fr": "<!-- Écrit par `make docs` d’après les tables du programme : changez la table, non cette page. -->",
}


def pages() -> dict[str, str]:
    """Return every page by its path below docs/."""
    return {
        "reference/settings.md": _page("en", *_settings("en")),
        "reference/commands.md": _page("en", *_commands("en")),
        "reference/errors.md": _page("en", *_errors("en")),
        "reference/urls.md": _page("en", *_urls()),
        "reference/metrics.md": _page("en", *_metrics()),
        "fr/reglages.md": _page("fr", *_settings("fr")),
        "fr/commandes.md": _page("fr", *_commands("fr")),
        "fr/erreurs.md": _page("fr", *_errors("fr")),
    }


def _page(lang: Language, title: str, *blocks: str) -> str:
    text = "\n\n".join((f"# {title}", HOW[lang], *blocks)) + "\n"
    return _french(text) if lang == "fr" else text


def _french(text: str) -> str:
    """Set the apostrophes and the spaces that French typography wants, outside code."""
    parts = re.split(r"(`[^`]*`|<!--.*?-->|https?://\S+)", text)
    for place in range(0, len(parts), 2):
        parts[place] = re.sub(r"(?<=\w)'(?=\w)", "’", parts[place])
        parts[place] = re.sub(r"(?<=[\w)”»`…]) (?=[;!?])|(?<=^) (?=[;!?])", "\u202f", parts[place])
        parts[place] = re.sub(r"(?<! \|) (?=[:»])(?!:-)|(?<=«) ", "\u00a0", parts[place])
    return "".join(parts)


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown."""
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _code(text: object) -> str:
    return f"`{text}`" if str(text) else "–"


def _coded(text: str) -> str:
    """Mark what is typed or answered literally: names of settings, codes of errors, paths, values."""
    words = "|".join(sorted((each for each in (*ROWS, *table()) if "_" in each or "-" in each), key=len, reverse=True))
    paths = r"/(?:[a-z]+|…)[\w/…-]*(?:\.\w+)*|(?:ontology|shapes|data)/[\w/.-]*\w|(?:ontology|shapes|data)/"
    literal = rf"(?<![\w/`-])((?:{words})(?![\w-])|CPER_LOD_\w+|--[a-z-]+|http://<host>:<port>|\?\S+=…|{paths})(?!`)"
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if place % 2 else re.sub(literal, r"`\1`", part) for place, part in enumerate(parts))


def _settings(lang: Language) -> Iterator[str]:
    if lang == "en":
        yield "Settings"
        yield (
            "Each setting can be given in four ways. The first one found counts:\n\n"
            f"1. a flag: `--query-timeout 5`;\n2. an environment variable: `{environment_variable('query_timeout')}=5`;\n"
            "3. a TOML file: `query_timeout = 5` in `cper-lod.toml` in the current folder, or in the file named by "
            "`--settings FILE` or `CPER_LOD_SETTINGS`;\n4. the default.\n\n"
            "A wrong value, an unknown key and an unknown variable that begins with `CPER_LOD_` end the command with exit "
            "code 2. `cper-lod settings` shows every value and where it comes from."
        )
        head = ("setting", "default", "values", "meaning")
    else:
        yield "Réglages"
        yield (
            "Un réglage se donne de quatre façons ; la première trouvée l'emporte :\n\n"
            f"1. une option : `--query-timeout 5` ;\n2. une variable d'environnement : `{environment_variable('query_timeout')}=5` ;\n"
            "3. un fichier TOML : `query_timeout = 5` dans `cper-lod.toml`, dans le dossier courant, ou dans le fichier "
            "désigné par `--settings FICHIER` ou par `CPER_LOD_SETTINGS` ;\n4. la valeur par défaut.\n\n"
            "Une valeur fausse, une clé inconnue, une variable inconnue dont le nom commence par `CPER_LOD_` arrêtent la "
            "commande, avec le code de sortie 2. `cper-lod settings` montre chaque valeur et d'où elle vient."
        )
        head = ("réglage", "défaut", "valeurs", "sens")
    rows = []
    for row in fields(Settings):
        told, default = row.metadata, "" if row.default == Path() else row.default
        low, high, choices = told["minimum"], told["maximum"], [each for each in told["choices"] if each]
        values = ", ".join(map(_code, choices))
        if low is not None:
            values = f"{low}–{high}"
        rows.append((_code(row.name), _code(default), values or "–", _coded(describe(row.name, lang))))
    yield _rows(head, rows)


def _leaves(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its whole name."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{path}{name} ")
        else:
            yield path + name, command


def _commands(lang: Language) -> Iterator[str]:
    if lang == "en":
        yield "Commands"
        yield (
            "Every command has `--help`, and `--settings FILE` and the flags of the [settings](settings.md) that it names. "
            "An error is one sentence and an exit code (see [errors](errors.md)); `CPER_LOD_DEBUG=1` adds the trace of an "
            "unexpected error."
        )
        head, all_settings = ("option", "meaning"), "Settings: all."
    else:
        yield "Commandes"
        yield (
            "Toute commande a `--help`, `--settings FICHIER` et les options des [réglages](reglages.md) qu'elle nomme. "
            "Une erreur est une phrase et un code de sortie (voir [erreurs](erreurs.md))."
        )
        head, all_settings = ("option", "sens"), "Réglages : tous."
    for name, command in _leaves(main, "cper-lod "):
        options = [each for each in command.params if isinstance(each, click.Option) and each.name not in _SHARED]
        own = [describe_option(each, lang) for each in options]
        arguments = [
            each.make_metavar(click.Context(command)) for each in command.params if isinstance(each, click.Argument)
        ]
        yield f"## {name}"
        yield _code(" ".join((name, *arguments)))
        yield from map(_coded, paragraphs(command, lang))
        if own:
            yield _rows(head, ((_code(typed), _coded(words)) for typed, words in own))
        shared = [each.name for each in command.params if each.name in ROWS and each.name != "lang"]
        if len(shared) > len(ROWS) - 2:
            yield all_settings
        elif shared:
            yield ("Settings: " if lang == "en" else "Réglages : ") + ", ".join(map(_code, shared)) + "."


_SHARED: Final = {*ROWS, "settings_file"}


def _errors(lang: Language) -> Iterator[str]:
    if lang == "en":
        yield "Errors"
        yield (
            "Over HTTP an error is `application/problem+json` (RFC 9457), or a page for a browser, with the status of this "
            "table. On the command line it is one sentence and the exit code. `…` stands for what the error names: a file, "
            "a line, a parameter. A running server explains each of them at `/problem/<code>`."
        )
        head = ("code", "HTTP", "exit", "what happened", "what to do")
    else:
        yield "Erreurs"
        yield (
            "Sur HTTP, une erreur est un document `application/problem+json` (RFC 9457), ou une page dans un navigateur, avec "
            "le statut de cette table. Sur la ligne de commande, c'est une phrase et le code de sortie. `…` tient lieu de ce "
            "que l'erreur nomme : un fichier, une ligne, un paramètre. Un serveur explique chacune à `/problem/<code>`."
        )
        head = ("code", "HTTP", "sortie", "ce qui s'est passé", "que faire")
    rows = []
    for code, kind in sorted(table().items()):
        words = kind.words[lang]
        remedy = re.sub(r"\{\w[^{}]*\}", "…", words.remedy).replace("{{", "{").replace("}}", "}")
        rows.append(
            (
                _code(code),
                str(kind.status),
                str(kind.exit_code),
                words.title,
                _coded(remedy).replace("<", "&lt;") or "–",
            )
        )
    yield _rows(head, rows)


def _urls() -> Iterator[str]:
    yield "URLs"
    yield (
        "A name in angle brackets stands for one part of the path, or for the rest of it. Pages and errors are in the language "
        "that `?lang=` or `Accept-Language` asks for, French by default; lists in CSV and XLSX are in that of `?lang=` alone. Addresses without "
        "a suffix negotiate by `Accept`; a suffix decides."
    )
    app = create_app(cast("Any", None), cast("Any", None), Settings())
    rules: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        rules.setdefault(rule.endpoint, set()).add(re.sub(r"<[^<>:]+:(\w+)>", r"<\1>", rule.rule))
    rows = [
        (sorted(paths), " ".join(cleandoc(app.view_functions[endpoint].__doc__ or "").split()))
        for endpoint, paths in rules.items()
    ]
    yield _rows(("URL", "answer"), ((", ".join(map(_code, paths)), answer) for paths, answer in sorted(rows)))
    yield "## Forms"
    yield "The forms that a suffix or `Accept` can ask for. Lists come as pages, JSON, CSV and spreadsheets, those of territories as GeoJSON, too."
    offered = (
        ("documents", DOCUMENT_FORMATS),
        ("CONSTRUCT, DESCRIBE", GRAPH_FORMATS),
        ("SELECT, ASK", SOLUTION_FORMATS),
        ("SELECT, ASK as a spreadsheet", (XLSX,)),
    )
    yield _rows(
        ("form", "suffix", "media type", "offered for"),
        (
            (
                each.label,
                _code("." + each.suffix),
                _code(each.media_type),
                ", ".join(name for name, group in offered if each in group) or "–",
            )
            for each in ALL
        ),
    )


def _metrics() -> Iterator[str]:
    yield "Metrics"
    yield "`/metrics` tells what the server process has counted since its start. Through a proxy it is 404."
    yield (
        "`route` is the first part of an address (`doc`, `sparql`, `home`…), or `other`. `cache` is `hit` for an answer from "
        "the cache, `miss` for one that had to be made, `none` for what is never cached. `outcome` is `answered` or the code "
        "of an [error](errors.md). `process_…` are measured by prometheus-client, on Linux."
    )
    metrics = Metrics(lambda: None)
    served = {"release": SimpleNamespace(digest=""), "engine": SimpleNamespace(status=EngineStatus)}
    metrics.site = cast("Any", SimpleNamespace(**served, rejection=None, program=""))
    metrics.requests.labels("GET", "doc", "200", "hit")  # a metric tells its labels once it has values
    for labelled in (metrics.bytes, metrics.seconds, metrics.queries):
        labelled.labels("")
    yield _rows(
        ("metric", "type", "labels", "meaning"),
        (
            (
                _code(family.name + ("_total" if family.type == "counter" else "")),
                family.type,
                ", ".join(_code(label) for label in family.samples[0].labels if label != "le") or "–",
                family.documentation,
            )
            for family in metrics.registry.collect()
        ),
    )


if __name__ == "__main__":
    for path, text in pages().items():
        (DOCS / path).write_text(text, "utf-8")

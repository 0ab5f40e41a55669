"""Jinja templates in a language, with the filters that write sentences, figures, dates and links in it."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from flask import current_app, url_for
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, pass_context
from jinja2.bccache import Bucket
from jinja2.utils import Namespace
from markupsafe import Markup

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.files import make_folder
from cper_lod.core.text import lowered
from cper_lod.release.history.timeline import format_time
from cper_lod.release.pictures.text import phrase
from cper_lod.release.plan.finding import step_said
from cper_lod.release.plan.observations import written
from cper_lod.release.release import program_id
from cper_lod.web.http import urls
from cper_lod.web.http.values import ValueMarkup
from cper_lod.web.site import site

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"


def render(template: str, lang: Language, **values: Any) -> str:  # noqa: ANN401
    """Return a page: a template rendered with values, and with those that all pages have.

    These are what the context processor of the application adds, `frame`, `page_address`, the public address of the page in its
    current state, and `language_asked`, whether the URL asks for a language.
    """
    current_app.update_template_context(values)
    values["page_address"] = urls.canonical_url(values.get("canonical") or urls.canonical_page_url())
    values["language_asked"] = bool(urls.language_parameter())
    values["frame"] = site().memoize(_frame, lang, urls.link(""))
    return environment(lang).get_template(template).render(values)


def article(template: str, lang: Language, **values: Any) -> Markup:  # noqa: ANN401
    """Return the article of a page; its template has no more than these values and the filters, so that it can be kept."""
    return Markup(environment(lang).get_template(template).render(values))  # noqa: S704  # the template escapes its values


class Frame(NamedTuple):
    """The parts that are the same on all pages in a language."""

    style: Markup
    header: Markup
    footer: Markup
    edition: Markup


def _frame(lang: Language, _link: str) -> Frame:
    """Return the parts that all pages share; they depend on what all links depend on, which one of them stands for.

    Keeping them saves 4 to 7 % of the page of a thing.
    """
    values: dict[str, Any] = {"language_asked": bool(urls.language_parameter())}
    current_app.update_template_context(values)
    module: Any = environment(lang).get_template("frame.html").make_module(values)
    return Frame(*(getattr(module, part) for part in Frame._fields))


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates in a folder: to compile those of the home page takes a quarter of the time of a start."""

    def get_source_checksum(self, source: str) -> str:
        """Return what a template was compiled from: its source, and sentences of the program."""
        return super().get_source_checksum(program_id() + source)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a compiled template, unless the disk refuses it."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def keep_compiled(releases: Path) -> None:
    """Keep compiled templates in the folder of releases, if the disk lets us."""
    with suppress(OSError):
        make_folder(releases / ".templates")
    for lang in LANGUAGES:
        environment(lang).bytecode_cache = CompiledTemplates(str(releases / ".templates"), f"{lang}-%s")


@cache  # compiling the templates of one page takes 60 ms
def environment(lang: Language) -> Environment:
    """Return the templates in a language.

    What writes a value is a filter: Jinja calls filters directly, functions in 1 µs more, and what a filter makes of a
    constant is made when the template is compiled. So a filter may not depend on the request. Globals are few, since
    Jinja copies them for each page and compares them at each import of macros.
    """
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    trans = partial(phrase, lang)
    markup = ValueMarkup(lang, trans)
    made.filters |= {
        "trans": trans,
        "link": markup.link,
        "to": markup.to,
        "out": markup.out,
        "show": markup.value,
        "properties": markup.properties,
        "rows": markup.rows,
        "alternates": markup.alternates,
        "addresses": markup.addresses,
        "at": _in_request(urls.link),
        "page_link": _in_request(urls.page_link),
        "typeset": partial(formatting.typeset, lang=lang),
        "amount": lambda value, currency="EUR": formatting.amount(value, currency, lang),
        "amount_range": lambda low, high, currency="EUR": formatting.amount_range(low, high, currency, lang),
        "computed_amount": lambda value, low, high, currency="EUR": formatting.computed_amount(
            value, low, high, currency, lang
        ),
        "figure_value": lambda figure: written(figure, lang),
        "lowered": lowered,
        "step_said": lambda step: step_said(step, lang),
        "count_word": lambda count: formatting.cardinal(count, lang),
        "percent": lambda value: formatting.percent(value, lang),
        "number": lambda value: formatting.number(value, lang),
        "date": lambda value: formatting.date(value, lang),
        "day_of": lambda at: formatting.date(format_time(at)[:10], lang),
        "time_of": lambda at: format_time(at)[11:16],
    }
    made.globals = {"lang": lang, "url_for": url_for, "namespace": Namespace}
    return made


def _in_request(link: Callable[..., str]) -> Callable[..., str]:
    """Return a filter that depends on the request: Jinja does not compute it in advance, since it is passed the context."""
    return pass_context(lambda _, of, **query: link(of, **query))

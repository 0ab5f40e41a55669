"""Jinja templates in a language: compiled once per process, with the sentences of that language."""

from collections.abc import Callable, Hashable, MutableMapping
from functools import cache, partial
from pathlib import Path
from types import CodeType
from typing import Any, Final

from flask import current_app, url_for
from jinja2 import BytecodeCache, Environment, FileSystemLoader, Template, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension
from jinja2.parser import Parser

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import sentence
from cper_lod.release.plan.observations import rounded_bounds, written
from cper_lod.web.http import urls
from cper_lod.web.http.memento import moment
from cper_lod.web.http.values import ValueMarkup, escaped
from cper_lod.web.site import site


class _MemoryCache(BytecodeCache):
    """Keeps compiled templates, which are the same in every language, in memory."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code of a template, if it has been compiled for another language."""
        bucket.code = self._codes.get(bucket.key)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the code of a template."""
        self._codes[bucket.key] = bucket.code


_CACHE: Final = _MemoryCache()
MAX_FRAGMENTS: Final = 1024
"""Fragments of a site that are kept; a map of a region, the largest, has 10 kB."""


class _Generator(CodeGenerator):
    """Compiles attributes and calls of templates as Python has them: Jinja's ways of asking for them take several times as long.

    What has no such attribute is an error; an item of a mapping is written as one. No function is passed the context.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 (the name that Jinja looks for)
        """Write `node.attr`."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """Write `node(…)`."""
        self.visit(node.node, frame)
        self.write("(")
        given = [*(("", each) for each in (*node.args, *node.kwargs)), ("*", node.dyn_args), ("**", node.dyn_kwargs)]
        for stars, each in given:
            if each is not None:
                self.write(stars)
                self.visit(each, frame)
                self.write(", ")
        self.write("caller=caller)" if forward_caller else ")")


class _Fragments(Extension):
    """`{% fragment 'name', of %}…{% endfragment %}`: a part that depends on `of`, and on what all links depend on, alone.

    It is written once for each site, language, prefix and language asked for.
    """

    tags = {"fragment"}  # noqa: RUF012 (as Jinja declares it)

    def parse(self, parser: Parser) -> nodes.Node:
        """Return the call of `_written`, to which the content is passed as a macro."""
        line = next(parser.stream).lineno
        key = parser.parse_tuple()
        body = parser.parse_statements(("name:endfragment",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_written", [key]), [], [], body).set_lineno(line)

    def _written(self, key: Hashable, caller: Callable[[], str]) -> str:
        kept, key = site().fragments, (key, self.environment, urls.link(""))
        written = kept.get(key)
        if written is None:
            if len(kept) >= MAX_FRAGMENTS:
                kept.clear()
            written = kept[key] = caller()
        return written


class _Template(Template):
    """A template whose output is escaped by `escaped`."""

    @classmethod
    def from_code(
        cls,
        environment: Environment,
        code: CodeType,
        globals: MutableMapping[str, Any],
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        """Return the template; the functions that it is compiled to call `escape` for what they write and nothing else."""
        made = super().from_code(environment, code, globals, uptodate)
        made.root_render_func.__globals__["escape"] = escaped
        return made


class _Templates(Environment):
    """The templates in one language."""

    code_generator_class = _Generator
    template_class = _Template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals that all templates share: Jinja would copy them for each page and for each import."""
        return self.globals


def render(template: str, lang: Language, **values: object) -> str:
    """Return a page: a template rendered with values, and with those of the application's context processor."""
    current_app.update_template_context(values)
    return environment(lang).get_template(template).render(values)


@cache
def environment(lang: Language) -> Environment:
    """Return the templates in a language.

    Values that all pages share are globals, so that macros are imported once, without the context of a page.
    """
    made = _Templates(
        loader=FileSystemLoader(Path(__file__).parents[1] / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_CACHE,
        extensions=[_Fragments],
    )
    say = _translator(lang)
    made.globals |= {
        "lang": lang,
        "_": say,
        "values": ValueMarkup(lang, say),
        "amount": lambda value, currency="EUR": formatting.amount(value, currency, lang),
        "short_amount": lambda value, currency="EUR": formatting.short_amount(value, currency, lang),
        "amount_range": lambda low, high, currency="EUR": formatting.amount_range(low, high, currency, lang),
        "computed_amount": lambda value, low, high, currency="EUR": formatting.computed_amount(
            value, low, high, currency, lang
        ),
        "bounds": lambda figure: formatting.amount_range(figure.low, figure.high, figure.currency, lang),
        "figure_value": lambda figure: written(figure, lang),
        "rounded_bounds": lambda figure: rounded_bounds(figure, lang),
        "count_word": lambda count: formatting.cardinal(count, lang),
        "percent": lambda value: formatting.percent(value, lang),
        "number": lambda value: formatting.number(value, lang),
        "form_name": lambda form: formatting.form(form, lang),
        "date": lambda value: formatting.date(value, lang),
        "day_of": lambda at: formatting.date(moment(at)[:10], lang),
        "time_of": lambda at: moment(at)[11:16],
        "url_for": url_for,
        "page_link": urls.page_link,
        "typeset": partial(formatting.typeset, lang=lang),
    }
    return made


def _translator(lang: Language) -> Callable[..., str]:
    """Return the function that translates sentence keys; what a sentence is filled with is not typeset."""
    template = cache(lambda key: formatting.typeset(sentence(key, lang), lang))
    plain = cache(lambda key: template(key).format_map({}))
    return lambda key, **values: template(key).format_map(values) if values else plain(key)

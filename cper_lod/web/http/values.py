"""Values, rows and sections as a page shows them, and how they are written.

Functions write them, since a page has some hundred, and macros take twice as long.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import Final, NamedTuple

from markupsafe import Markup

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.formats import HTML, Format

_LONG: Final = 24
"""Characters of the longest address that never breaks."""
_MANY: Final = 8
"""Values of a property that stand below each other; more of them are a list in columns."""
_COLON: Final = {"fr": "\u00a0: ", "en": ": "}


def escaped(text: str) -> str:
    """Return a text for a page, as `markupsafe.escape` does, which takes 2 % of a page to make a `Markup` of each."""
    quoted = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return quoted.replace("'", "&#39;").replace('"', "&#34;")


_markup: Final[Callable[[str], Markup]] = partial(str.__new__, Markup)
"""Return HTML as `Markup`; its own constructor looks first whether it is given an object that writes itself."""


class Value(NamedTuple):
    """A value: its text and language, its page here (`href`) and elsewhere (`outside`), and its datatype if it matters.

    `raw` is the literal in the data if the text is formatted; `machine` is the element that carries it, `data` or `time`.
    A blank node with a single reference is shown in place: as `items` if it is a list, else as `nested`.
    """

    text: str
    lang: str = ""
    href: str = ""
    outside: str = ""
    datatype: str = ""
    items: tuple["Value", ...] = ()
    nested: "Section | None" = None
    raw: str = ""
    machine: str = ""


class Row(NamedTuple):
    """A property with its first values; `more` is the total number, empty if all are shown.

    `said_by` are the statements and readings that attest it.
    """

    name: str
    title: str
    href: str
    values: tuple[Value, ...]
    more: str = ""
    more_href: str = ""
    said_by: tuple[Value, ...] = ()


class Section(NamedTuple):
    """A subject: its title, its own page if it has one, its id on this page, its classes and its rows."""

    iri: str
    title: str
    href: str
    anchor: str
    types: tuple[Value, ...]
    rows: tuple[Row, ...]


class ValueMarkup:
    """Writes links, values, rows and sections in one language; every text of theirs is escaped here."""

    def __init__(self, lang: Language, say: Callable[..., str]) -> None:
        """Write in `lang`; `say` translates the keys of sentences."""
        self._lang = lang
        self._say = say
        # Pages name and link the same properties and things: saves 1 to 3 % of the page of a thing.
        self.link = lru_cache(maxsize=4096)(self._link)

    def _link(self, href: str, text: str) -> Markup:
        """Return a link, or the text alone if it leads nowhere."""
        mark = ' class="iri"' if "://" in text else ""
        shown = escaped(formatting.typeset(text, self._lang))
        if not href:
            return _markup(f'<span{mark} dir="auto">{shown}</span>')
        return _markup(f'<a{mark} href="{escaped(href)}" dir="auto">{shown}</a>')

    def to(self, href: str, text: str) -> Markup:
        """Return a link in a long list: nothing but the address and the text; the text alone if it leads nowhere."""
        shown = escaped(formatting.typeset(text, self._lang))
        return _markup(f'<a href="{escaped(href)}">{shown}</a>' if href else shown)

    def out(self, address: str, text: str) -> Markup:
        """Return a link to another site."""
        mark = "outside iri" if len(text) > _LONG else "outside"
        start = f'<a class="{mark}" href="{escaped(address)}" rel="external" dir="auto">'
        return _markup(f'{start}{escaped(text)}<span class="arrow" aria-hidden="true"> ↗</span></a>')

    def value(self, value: Value | None) -> Markup:
        """Return a value: a list, a section in place, a link, a number or a day for programs too, or a text."""
        if value is None:
            return _markup('<span class="none">–</span>')
        if value.items:
            return _markup(f'<ol class="list">{self._listed(value.items)}</ol>')
        if value.nested:
            return _markup(f'<div class="within">{self.rows(value.nested)}</div>')
        if value.href:
            link = self.link(value.href, value.text)
            if value.machine == "data":
                return _markup(f'<data value="{escaped(value.raw)}">{link}</data>')
            return _markup(f"{link}{self._beside(value)}") if value.outside else link
        if value.outside:
            return self.out(value.outside, value.text)
        text = escaped(value.text)
        if value.machine == "data":
            return _markup(f'<data value="{escaped(value.raw)}">{text}</data>')
        if value.machine == "time":
            return _markup(f'<time datetime="{escaped(value.raw)}">{text}</time>')
        lang = f' lang="{escaped(value.lang)}"' if value.lang else ""
        title = f' title="{escaped(value.datatype)}"' if value.datatype else ""
        tag = f' <small class="tag">{escaped(value.lang)}</small>' if value.lang not in ("", self._lang) else ""
        return _markup(f'<span dir="auto"{lang}{title}>{text}</span>{tag}')

    def _beside(self, value: Value) -> str:
        """Return the link to the other site that a value has besides its page here."""
        words = escaped(self._say("external") + _COLON[self._lang] + value.text)
        return f' <a class="out" href="{escaped(value.outside)}" rel="external" aria-label="{words}">↗</a>'

    def _listed(self, values: Iterable[Value]) -> str:
        return "".join(f"<li>{self.value(each)}</li>" for each in values)

    def properties(self, rows: Iterable[Row], *, attested: bool = False) -> Markup:
        """Return the entries of a description list; many values stand in columns, below them what attests them, if asked for."""
        written = []
        for row in rows:
            if len(row.values) > _MANY:
                shown = f'<dd><ul class="index">{self._listed(row.values)}</ul></dd>\n'
            else:
                shown = "".join(f"<dd>{self.value(each)}</dd>" for each in row.values)
            if row.more:
                shown += f'<dd class="more">{self.link(row.more_href, self._say("all-values", count=row.more))}</dd>'
            if attested and row.said_by:
                words = ", ".join(map(self.value, row.said_by))
                shown += f'<dd class="more">{escaped(self._say("said-by") + _COLON[self._lang])}{words}</dd>'
            written.append(f"<div><dt>{self.link(row.href, row.title)}</dt>\n{shown}</div>\n")
        return _markup("".join(written))

    def alternates(self, forms: Iterable[tuple[Format, str]]) -> Markup:
        """Return the links to the other forms of a page, for its head."""
        links = (
            f'<link rel="alternate" type="{escaped(form.media_type)}" href="{escaped(address)}">\n'
            for form, address in forms
            if form is not HTML
        )
        return _markup("".join(links))

    def addresses(self, forms: Iterable[tuple[Format, str]]) -> Markup:
        """Return the entries of a list of the other forms of a page, with their addresses."""
        entries = []
        for form, address in forms:
            if form is not HTML:
                name, href = escaped(form.label), escaped(address)
                link = f'<a href="{href}" type="{escaped(form.media_type)}">{name}</a>'
                entries.append(f'<li>{link} <code class="iri">{href}</code></li>\n')
        return _markup("".join(entries))

    def rows(self, section: Section) -> Markup:
        """Return a section as a description list: its classes, then its properties."""
        types = ", ".join(self.value(each) for each in section.types)
        first = f"<div><dt>{escaped(self._say('types'))}</dt><dd>{types}</dd></div>\n" if types else ""
        return _markup(f'<dl class="facts">\n{first}{self.properties(section.rows, attested=True)}\n</dl>\n')

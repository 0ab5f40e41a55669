"""How links, values and rows are written."""

import pytest
from markupsafe import escape

from cper_lod.web.http.templating import environment
from cper_lod.web.http.values import Row, Section, Value, ValueMarkup, escaped

BAD = "<b> & 'c' \"d\""
SAFE = "&lt;b&gt; &amp; &#39;c&#39; &#34;d&#34;"


@pytest.fixture(scope="module")
def written() -> ValueMarkup:
    return ValueMarkup("fr", environment("fr").filters["trans"])


@pytest.mark.parametrize("text", [BAD, "", SAFE])
def test_escaped_is_what_markupsafe_escapes(text: str) -> None:
    assert escaped(text) == escape(text)


@pytest.mark.parametrize(
    ("value", "html"),
    [
        (None, '<span class="none">–</span>'),
        (Value(BAD), f'<span dir="auto">{SAFE}</span>'),
        (Value("a", lang="en"), '<span dir="auto" lang="en">a</span> <small class="tag">en</small>'),
        (Value("a", lang="fr", datatype=BAD), f'<span dir="auto" lang="fr" title="{SAFE}">a</span>'),
        (Value(BAD, href=BAD), f'<a href="{SAFE}" dir="auto">{SAFE}</a>'),
        (
            Value("a", href="/a", outside=BAD),
            f'<a href="/a" dir="auto">a</a> <a class="out" href="{SAFE}" rel="external"'
            ' aria-label="Adresse d’origine\u00a0: a">↗</a>',
        ),
        (
            Value(BAD, outside=BAD),
            f'<a class="outside" href="{SAFE}" rel="external" dir="auto">{SAFE}'
            '<span class="arrow" aria-hidden="true"> ↗</span></a>',
        ),
        (Value(BAD, raw=BAD, machine="data"), f'<data value="{SAFE}">{SAFE}</data>'),
        (Value(BAD, raw=BAD, machine="time"), f'<time datetime="{SAFE}">{SAFE}</time>'),
        (
            Value("", items=(Value("a"), Value("b"))),
            '<ol class="list"><li><span dir="auto">a</span></li><li><span dir="auto">b</span></li></ol>',
        ),
    ],
)
def test_values(written: ValueMarkup, value: Value | None, html: str) -> None:
    assert written.value(value) == html


def test_rows_of_a_section_and_of_one_in_place(written: ValueMarkup) -> None:
    many = Row("p", "http://p.example", "", (Value("a"),) * 9, "1 000", "/all")
    inner = Section("", "", "", "", (Value("C", href="/c"), Value("D")), (many,))
    html = written.value(Value("", nested=inner))
    assert html.startswith('<div class="within"><dl class="facts">\n<div><dt>')
    assert '<dd><a href="/c" dir="auto">C</a>, <span dir="auto">D</span></dd></div>\n' in html
    assert '<dt><span class="iri" dir="auto">http://p.example</span></dt>\n<dd><ul class="index"><li>' in html
    assert html.count("<li>") == 9
    assert '<dd class="more"><a href="/all" dir="auto">' in html
    assert html.endswith("</a></dd></div>\n\n</dl>\n</div>")

"""Changes as text, in French and English: counts, each resource, each fact with what supports it."""

import re
from collections.abc import Iterator
from typing import Any, Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DECIMALS, NUMBER
from cper_lod.release.changes.describe import Row

_NUMBER: Final = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?")
_NUMBERS: Final = DECIMALS | {NUMBER}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Characters that break a line, move the cursor of a terminal, or change the text direction."""


def plain(text: str) -> str:
    r"""Return a text as one line that is safe to print on a terminal.

    >>> plain("a\nb\x1b[31mc")
    'a b [31mc'
    """
    return _CONTROL.sub(" ", text)


def number(text: str, lang: Language) -> str:
    """Return a number as a reader of `lang` writes it.

    >>> number("994000000", "en"), number("57.3", "fr")
    ('994,000,000', '57,3')
    """
    whole, _, rest = text.partition(".")
    grouped = f"{int(whole):,}" if not whole.lstrip("-").startswith("0") or whole in ("0", "-0") else whole
    if lang == "fr":
        return grouped.replace(",", "\u202f") + (f",{rest}" if rest else "")
    return grouped + (f".{rest}" if rest else "")


def value(row: Row, term: dict[str, str], lang: Language) -> str:
    """Return a value as text: the name of a resource, a number, a quoted text."""
    text = term["value"]
    if term["type"] == "uri":
        return plain(row["names"][text][lang])
    if term["type"] == "bnode":
        return translate("change-nameless", lang)
    if term.get("datatype") in _NUMBERS and _NUMBER.fullmatch(text):
        return number(formatting.plain(text) if term["datatype"] == NUMBER else text, lang)
    if "datatype" in term or term["type"] == "triple":
        return plain(text)
    tag = term.get("xml:lang")
    return translate("quoted", lang, words=plain(text)) + (f" ({tag})" if tag and tag != lang else "")


def title(row: Row, lang: Language) -> str:
    """Return the name and class of a resource, and whether it is new, withdrawn or changed."""
    name = plain(row["names"][row["thing"]][lang])
    kind = f" ({plain(row['names'][row['class']][lang])})" if row["class"] else ""
    more = f" {translate('change-continued', lang)}" if row.get("continued") else ""
    return translate(f"change-{row['change']}", lang, name=name) + kind + more


def fact_text(row: Row, fact: dict[str, Any], lang: Language) -> str:
    """Return a fact as text, without what supports it."""
    values = {name: value(row, fact[name], lang) for name in ("old", "new") if name in fact}
    return translate(f"fact-{fact['change']}", lang, property=plain(row["names"][fact["property"]][lang]), **values)


def supports(row: Row, fact: dict[str, Any], lang: Language) -> Iterator[str]:
    """Yield what supports a fact as text, or that nothing does.

    If both values of a corrected fact have the same support, it is yielded once.
    """
    old, new = fact["old_statements"], fact["new_statements"]
    for support in new:
        yield _support(row, support, "fact-stated", lang)
    for support in old:
        if support not in new:
            yield _support(row, support, "fact-was-stated", lang)
    if not old and not new:
        yield translate("fact-unstated", lang)


def _support(row: Row, support: dict[str, str], sentence: str, lang: Language) -> str:
    if not support["words"]:
        return translate("fact-computed", lang, name=plain(row["names"][support["statement"]][lang]))
    words = translate("quoted", "fr" if support["language"] == "fr" else lang, words=plain(support["words"]))
    document = support["document"]
    return translate(sentence, lang, words=words, document=plain(row["names"][document][lang]) if document else "–")


def lines(row: Row, lang: Language) -> Iterator[str]:
    """Yield the changes of a resource as indented lines."""
    yield title(row, lang)
    for fact in row["facts"]:
        yield f"  {fact_text(row, fact, lang)}"
        yield from (f"      {each}" for each in supports(row, fact, lang))


def counts(summary: dict[str, Any], lang: Language) -> Iterator[str]:
    """Yield the counts as sentences."""
    if summary["same"]:
        yield translate("changes-none", lang)
        if not summary["graphs"]:
            yield translate("changes-beside", lang)
    else:
        yield translate("changes-things", lang, **summary["things"])
        yield translate("changes-facts", lang, **summary["facts"])
    if summary["graphs"]:
        graphs = ", ".join(name.rpartition("/")[2] or name for name in summary["graphs"])
        yield translate("changes-graphs", lang, graphs=plain(graphs))

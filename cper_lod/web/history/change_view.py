"""What changed as a page shows it: each thing with its facts, their values old and new, and the words of statements."""

from typing import Any, Final, NamedTuple

from cper_lod.core.errors import Language
from cper_lod.core.i18n import say
from cper_lod.release.changes.describe import Row
from cper_lod.release.changes.text import plain, title, value
from cper_lod.web.http import formatting, urls

_DID: Final = {"added": "did-added", "withdrawn": "did-withdrawn", "corrected": "did-corrected"}
_LONGEST: Final = 2000
"""Characters of a text that a page shows; its statement, and the other forms, have it whole."""


class Side(NamedTuple):
    """A value: its text, its language, and the page of the thing that it is."""

    text: str
    lang: str
    href: str


class Words(NamedTuple):
    """What supports a fact: a sentence that says how, the words quoted, the pages of statement and document."""

    how: str
    text: str
    lang: str
    href: str
    document: str
    document_href: str


class ShownFact(NamedTuple):
    """A fact that changed."""

    did: str
    property: str
    href: str
    old: Side | None
    new: Side | None
    words: tuple[Words, ...]


class ShownChange(NamedTuple):
    """A thing with what changed of it."""

    title: str
    href: str
    facts: tuple[ShownFact, ...]


def shown(row: Row, lang: Language) -> ShownChange:
    """Return what changed of a thing, for a reader of `lang`."""
    thing = row["thing"]
    facts = tuple(_fact(row, told, lang) for told in row["facts"])
    return ShownChange(title(row, lang), _page(thing), facts)


def _fact(row: Row, told: dict[str, Any], lang: Language) -> ShownFact:
    sides = [_side(row, told[name], lang) if name in told else None for name in ("old", "new")]
    words = [_words(row, each, "stated", lang) for each in told["new_statements"]]
    words += [
        _words(row, each, "was-stated", lang) for each in told["old_statements"] if each not in told["new_statements"]
    ]
    name = plain(row["names"][told["property"]][lang])
    return ShownFact(say(_DID[told["change"]], lang), name, _page(told["property"]), sides[0], sides[1], tuple(words))


def _side(row: Row, term: dict[str, str], lang: Language) -> Side:
    if term["type"] == "uri":
        return Side(plain(row["names"][term["value"]][lang]), "", _page(term["value"]))
    text = term["value"] if term["type"] == "literal" and "datatype" not in term else value(row, term, lang)
    return Side(formatting.brief(text, _LONGEST), term.get("xml:lang", ""), "")


def _words(row: Row, support: dict[str, str], how: str, lang: Language) -> Words:
    names, statement, document = row["names"], support["statement"], support["document"]
    if not support["words"]:
        return Words(say("fact-computed", lang, name=""), names[statement][lang], "", _page(statement), "", "")
    title = names[document][lang] if document else ""
    words = formatting.brief(support["words"], _LONGEST)
    return Words(
        say(how, lang), words, support["language"], _page(statement), title, _page(document) if document else ""
    )


def _page(iri: str) -> str:
    return urls.page(iri) if urls.ABSOLUTE.fullmatch(iri) else ""

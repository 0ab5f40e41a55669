"""The last publications as an Atom feed (RFC 4287): what changed with each."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE
from cper_lod.release.changes.words import counts, plain
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, format_time, publication_iri

log = logging.getLogger("cper_lod")
ATOM: Final = Format("atom", "atom", "application/atom+xml", "Atom", charset=False)


def title(entry: Publication, lang: Language) -> str:
    """Return the title of a publication."""
    day = formatting.date(format_time(entry.at)[:10], lang)
    return translate(f"publication-{entry.how}", lang, number=entry.number, date=day, release=entry.release)


def summary(publications: Timeline, entry: Publication, lang: Language) -> list[str]:
    """Return sentences with the number of changes of a publication, or what it purged; what cannot be read is logged."""
    if purge := publications.purges.get(entry.number):
        thing, count = translate(f"purge-{purge.kind}", lang), len(purge.releases)
        return [translate("changes-purge", lang, thing=thing, count=count, reason=purge.reason(lang))]
    try:
        recorded = publications.changes_of(entry)
    except Problem as problem:
        log.error("%s", problem)  # noqa: TRY400  # the problem says which file; a traceback would say nothing more
        return [translate("changes-damaged", lang)]
    if recorded:
        return list(counts(recorded.summary, lang))
    previous = publications.previous(entry)
    if previous and publications.purged.keys() & {previous.release, entry.release}:
        return [translate("changes-forgotten", lang)]
    return [translate("changes-untold" if previous else "changes-first", lang)]


def changes_in_words(publications: Timeline, entry: Publication, lang: Language) -> list[str]:
    """Return the most important changes of a publication as lines of text; none if they cannot be read."""
    with suppress(Problem):  # told by the summary
        recorded = publications.changes_of(entry)
        return recorded.lines[lang] if recorded else []
    return []


class AtomFeed:
    """Writes feeds in one language, with public addresses; they name the language if `keep_language` says so."""

    def __init__(self, log: Timeline, public_url: str, publisher: str, lang: Language, *, keep_language: bool) -> None:
        self._log = log
        self._url = public_url
        self._publisher = publisher
        self._lang = lang
        self._query = f"?lang={lang}" if keep_language else ""

    def write(self, entries: Sequence[Publication]) -> bytes:
        """Return the feed of some publications, given the last one first."""
        links = (("self", "/changes.atom", ATOM.media_type), ("alternate", "/changes.html", "text/html"))
        parts = [
            '<?xml version="1.0" encoding="utf-8"?>\n',
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{self._lang}">\n',
            _text("id", BASE + "changes"),
            _text("title", translate("changes", self._lang)),
            _text("subtitle", translate("changes-tagline", self._lang)),
            _text("updated", format_time(self._log.current.at)),
            f"<author>{_text('name', self._publisher).strip()}</author>\n",
            *(self._link(*link) for link in links),
            *chain.from_iterable(self._entry(entry) for entry in entries),
            "</feed>\n",
        ]
        return "".join(parts).encode()

    def _link(self, relation: str, path: str, media_type: str) -> str:
        target = quoteattr(f"{self._url}{path}{self._query}")
        return f'<link rel="{relation}" type="{media_type}" href={target}/>\n'

    def _entry(self, entry: Publication) -> Iterator[str]:
        when = format_time(entry.at)
        yield "<entry>\n" + _text("id", publication_iri(entry)) + _text("title", title(entry, self._lang))
        yield _text("updated", when) + _text("published", when)
        yield f'<category term="{entry.how}" label={quoteattr(translate(f"release-how-{entry.how}", self._lang))}/>\n'
        yield self._link("alternate", f"/release/{entry.release}.html", "text/html")
        yield _text("summary", " ".join(summary(self._log, entry, self._lang)))
        if told := changes_in_words(self._log, entry, self._lang):
            yield _text("content", "\n".join(told))  # as plain text, so that no text of the data is taken for markup
        yield "</entry>\n"


def _text(name: str, text: str) -> str:
    """Return an element with plain text, without the characters that XML does not allow."""
    cleaned = "\n".join(plain(line) for line in text.split("\n"))
    safe = "".join("\ufffd" if char in "\ufffe\uffff" or "\ud800" <= char <= "\udfff" else char for char in cleaned)
    return f"<{name}>{escape(safe)}</{name}>\n"

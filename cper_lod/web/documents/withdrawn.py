"""What a reader is told of something that is described no longer: 410, what replaced it, its last state."""

from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.history.tombstones import Tombstone
from cper_lod.release.reader import Reader
from cper_lod.release.release import Release
from cper_lod.web.components.observations import Hyperlink
from cper_lod.web.components.view import View
from cper_lod.web.http import formatting, responses, urls
from cper_lod.web.site import site


def check(iri: str) -> None:
    """Raise `withdrawn`, or `withdrawn-replaced`, where an earlier release described `iri`, and this one does not."""
    timeline = site().timeline
    gone = timeline.gone(iri, site().release) if timeline else None
    if timeline and gone:
        raise _problem(iri, gone, timeline)


def _problem(iri: str, gone: Tombstone, timeline: Timeline) -> Problem:
    """Return the error that says so, with links for people.

    `last_release` is the last release that described it, `memento` the address of its last state that is still held;
    where none is, that of the release.
    """
    lang, held, (path, query) = responses.lang(), _last_state(iri, timeline), urls.place(iri)
    last = urls.joined(f"/release/{held.id}{path}", query) if held else f"/release/{gone.release}"
    name = Reader(held).name(NamedNode(iri), lang) if held else ""
    replaced, names = formatting.spaced(translate("withdrawn-replaced", lang), lang), View(site().release, (), lang)
    links = [Hyperlink(f"{replaced} {names.name(each)}", urls.page(each)) for each in gone.replaced_by]
    links.append(Hyperlink(translate("withdrawn-memento", lang) + (f" ({name})" if name else ""), urls.now(last)))
    told = {
        "iri": iri[:400],
        "last_release": gone.release,
        "memento": urls.canonical_url(site().settings.public_url) + last,
        "links": tuple(links),
    }
    if not gone.replaced_by:
        return Problem("withdrawn", **told)
    return Problem(
        "withdrawn-replaced", **told, replaced_by=[*gone.replaced_by], replacement=", ".join(gone.replaced_by)
    )


def _last_state(iri: str, timeline: Timeline) -> Release | None:
    """Return the last release that described something and is still held, None where there is none."""

    def describes(release: Release) -> bool:
        return f"<{iri}> ".encode() in release.data

    entries = timeline.where(describes)
    return next((each.release for each in timeline.moments if entries and each.entry == entries[-1]), None)

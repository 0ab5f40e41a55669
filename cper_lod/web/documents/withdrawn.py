"""410 Gone: the error for a thing that is no longer described, with what replaced it and its last state."""

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.history.tombstones import Tombstone
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site


def raise_if_gone(iri: str) -> None:
    """Raise `withdrawn` or `withdrawn-replaced` if an earlier release described `iri` and this one does not."""
    timeline = site().timeline
    tombstone = timeline.tombstone(iri, site().release) if timeline else None
    if timeline and tombstone:
        raise _problem(iri, tombstone, timeline)


def _problem(iri: str, tombstone: Tombstone, timeline: Timeline) -> Problem:
    """Return the error with links for people.

    `last_release` is the last release that described the thing; `memento` is the address of its last state that is
    kept, or of that release if none is kept.
    """
    lang, kept, (path, query) = flask_responses.lang(), _last_state(iri, timeline), urls.page_address(iri)
    last = urls.with_query(f"/release/{kept.id}{path}", query) if kept else f"/release/{tombstone.release}"
    name = ReleaseGraph(kept).name(NamedNode(iri), lang) if kept else ""
    replaced = formatting.typeset(translate("withdrawn-replaced", lang), lang)
    view = DocumentView(site().release, (), lang)
    links = [Hyperlink(f"{replaced} {view.name(each)}", urls.page_link(each)) for each in tombstone.replaced_by]
    links.append(
        Hyperlink(
            translate("withdrawn-memento", lang) + (f" ({name})" if name else ""), urls.current_release_link(last)
        )
    )
    params = {
        "iri": iri[:400],
        "last_release": tombstone.release,
        "memento": urls.canonical_url(site().settings.public_url) + last,
        "links": tuple(links),
    }
    if not tombstone.replaced_by:
        return Problem("withdrawn", **params)
    return Problem(
        "withdrawn-replaced",
        **params,
        replaced_by=[*tombstone.replaced_by],
        replacement=", ".join(tombstone.replaced_by),
    )


def _last_state(iri: str, timeline: Timeline) -> Release | None:
    """Return the last kept release that described a thing, None if there is none."""

    def describes(release: Release) -> bool:
        return f"<{iri}> ".encode() in release.data

    entries = timeline.publications_where(describes)
    return next((each.release for each in timeline.stored_releases if entries and each.entry == entries[-1]), None)

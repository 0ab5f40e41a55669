"""From paths to things: the IRIs that a path may stand for, the document about it, what is gone, what lies nearest."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.formats import CSV, DOCUMENT_FORMATS, GEOJSON, LOCALIZED, XLSX, Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, DEFINITIONS, PROV, RDFS, SKOS
from cper_lod.core.text import NEARLY, did_you_mean, nearest, slug
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.documents import Document, document, nothing_about, types
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.timeline import format_time
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.release.storage.class_listing import Class
from cper_lod.web.components.groups import reading_order
from cper_lod.web.components.labels import names_here
from cper_lod.web.documents.class_list import class_label, forms_of, list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

FORMS: Final = (*DOCUMENT_FORMATS, CSV, XLSX, GEOJSON)
"""The formats of documents and of lists."""
MAX_NEIGHBOURS: Final = 12
"""Things below the path of the missing one, or beside it, that an error names."""
_MAX_CHILDREN: Final = 50
"""Things below a path that are looked at, so that the cost does not grow with the data."""
_OTHER_NAMES: Final = (SKOS + "altLabel", SKOS + "hiddenLabel")
"""The properties with the other names of a class."""
_MAX_STEPS: Final = 8
"""Parts of a path that are left out to find what lies above; none of our things has more."""


def candidate_iris(path: str) -> list[str]:
    """Return the IRIs that a path may stand for: as decoded, or as written in the URL."""
    iri = site().release.names.iri
    iris = dict.fromkeys((iri(path), iri(urls.quoted(path))))
    return [iri for iri in iris if urls.ABSOLUTE.fullmatch(iri)]


def find_document(path: str) -> Document | None:
    """Return the document about the thing at a path, None if there is none; raises `withdrawn` (410 Gone).

    A thing that is no longer described is gone, even if other things still mention it.
    """
    only_mentioned = None
    for iri in candidate_iris(path):
        try:
            about = document(site().release, iri)
        except Problem as error:
            if error.kind.code != "not-found":
                raise
            continue
        if about.described:
            return about
        only_mentioned = only_mentioned or about
    for iri in candidate_iris(path):
        raise_if_gone(iri)
    return only_mentioned


def raise_if_gone(iri: str) -> None:
    """Raise `withdrawn`, `withdrawn-replaced`, `withdrawn-reason` or `purged` if `iri` is not described any more.

    A withdrawal and a purge hold for what lies below as well; the answer to what was purged does not repeat its name.

    `last_release` is the last release that described the thing; `memento` is the address of its state in that release,
    or of its publication if it is no longer kept. `links` are for people.
    """
    timeline, lang = site().timeline, flask_responses.lang()
    _raise_if_withdrawn(_with_those_above(iri), iri)
    changes = urls.canonical_url(site().settings.public_url) + "/changes"
    if timeline and (purge := timeline.purge_of(_with_those_above(iri))):
        raise Problem(
            "purged", date=formatting.date(format_time(purge.at)[:10], lang), reason=purge.reason(lang), changes=changes
        )
    tombstone = timeline.tombstone(iri, site().release) if timeline else None
    if timeline is None or tombstone is None:
        return
    kept = timeline.stored(tombstone.release)
    last = f"/changes/{timeline.first_publication(tombstone.release).number}"
    if kept:
        last = f"/release/{kept.id}{urls.with_query(*urls.page_address(iri))}"
    name = ReleaseGraph(kept).name(NamedNode(iri), lang) if kept else ""
    if kept:  # a subsidy goes with its file, its contract or its beneficiary
        _raise_if_withdrawn(
            [each.object.value for each in kept.triples.about(iri) if isinstance(each.object, NamedNode)], iri
        )
    replaced = formatting.typeset(translate("withdrawn-replaced", lang), lang)
    names = names_here()
    links = [Hyperlink(f"{replaced} {names.name(each)}", urls.page_link(each)) for each in tombstone.replaced_by]
    state = translate("withdrawn-memento", lang) + (f" ({name})" if name else "")
    by = [*tombstone.replaced_by]
    raise Problem(
        "withdrawn-replaced" if by else "withdrawn",
        iri=iri[:400],
        last_release=tombstone.release,
        memento=urls.canonical_url(site().settings.public_url) + last,
        links=(*links, Hyperlink(state, urls.current_release_link(last))),
        **({"replaced_by": by, "replacement": ", ".join(by)} if by else {}),
    )


def _raise_if_withdrawn(iris: Iterable[str], iri: str) -> None:
    """Raise `withdrawn-reason` about `iri` if the data record the withdrawal of one of `iris`."""
    reader, lang = ReleaseGraph(site().release), flask_responses.lang()
    for each in iris:
        records = (quad.subject for quad in site().release.triples.referring(PROV + "invalidated", each, 1))
        for record in (each for each in records if isinstance(each, NamedNode)):
            raise Problem(
                "withdrawn-reason",
                iri=iri[:400],
                date=formatting.date(reader.value(record, DCT + "date"), lang),
                reason=reader.text(record, RDFS + "comment", lang)[0],
                changes=urls.canonical_url(site().settings.public_url) + "/changes",
            )


def _with_those_above(iri: str) -> list[str]:
    """Return an IRI and those above it, the longest first."""
    parts = iri.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts), max(len(parts) - _MAX_STEPS, 0), -1)]


def find_contract(path: str) -> str | None:
    """Return the IRI of the contract at a path, None if there is none."""
    return next((iri for iri in candidate_iris(path) if CPER + "Contrat" in types(site().release, iri)), None)


def split_form(path: str, offers: Sequence[Format] = FORMS) -> tuple[str, Format | None]:
    """Return a path without the suffix of a form, by default of documents and lists, and the form; None without one."""
    forms = (each for each in offers if path.endswith("." + each.suffix))
    form = max(forms, key=lambda each: len(each.suffix), default=None)
    return (path.removesuffix("." + form.suffix) if form else path), form


def is_meant(path: str) -> bool:
    """Return whether a path that has no page is that of a thing, or nearly a name of a list, so that `missing` tells which."""
    return _is_described(path) or bool(_list_called(path, NEARLY))


def _list_called(name: str, likeness: float = 0.6) -> Class | None:
    """Return the class whose list is called nearly so, None if there is none."""
    by_name = site().memoize(_lists_by_name)
    return by_name.get(nearest(re.sub("ies$", "y", name), by_name, likeness))  # “signatories” are not a “signature”


def missing(path: str, form: Format | None = None) -> Problem:
    """Return `not-found` for a path, with what was probably meant, what lies nearest to it, and all lists, in a form.

    What was meant is a thing whose path is spelt nearly so, else the list whose slug or whose class is called nearly so,
    in either language. `near` are the addresses of the thing above, and of those below the path of the missing one, else beside it.
    """
    names = site().release.names
    path = names.path(path) or path
    meant = path if _is_described(path) else _respelt(path)
    near = None if meant else _list_called(path)
    address = _address(f"/doc/{meant}", {}, form) if meant else ""
    if near:
        address = _address(*list_address(near), form if form in forms_of(near.iri) else None)
    labels = names_here()
    above, beside = _above(path), [] if meant else _directly_below(path)
    beside = beside or _directly_below((meant or path).rpartition("/")[0])
    places = [*([above] if above else []), *(each for each in beside if each not in (above, meant))]
    iris = [*([meant] if meant else []), *places]
    links = [Hyperlink(labels.name(iri), urls.page_link(iri)) for each in iris for iri in candidate_iris(each)[:1]]
    return nothing_about(
        names.iri(path)[:200],
        hint=did_you_mean(address),
        lists=_address("/doc", {}, form if form in LOCALIZED else None),
        near=[_address(f"/doc/{each}", {}, form) for each in places if form in (None, *DOCUMENT_FORMATS)],
        links=tuple(links),
    )


def _respelt(path: str) -> str:
    """Return the path of a thing that is spelt nearly so, "" if there is none."""
    names = site().release.names
    start = DEFINITIONS if path.startswith("def/") else names.things
    return names.path(site().release.listing.respelt(start, names.iri(path)[len(start) :])) or ""


def _lists_by_name() -> dict[str, Class]:
    """Return the classes that have a list, by their names in each language, other names too, and by the slug of the list.

    Of classes with the same name, the one that readers look for first has it. Kept: it takes 5 ms, and the rest of an
    answer that there is no such thing 2.5 ms.
    """
    graph, by_name = ReleaseGraph(site().release), dict[str, Class]()
    classes = [each for each in site().release.listing.classes if each.slug]
    for cls in sorted(classes, key=lambda each: reading_order(each.iri))[::-1]:
        node = NamedNode(cls.iri)
        others = (each.value for name in _OTHER_NAMES for each in graph.all(node, name))
        names = (*(class_label(cls.iri, lang) for lang in LANGUAGES), *others)
        by_name |= dict.fromkeys(map(slug, names), cls)
    return by_name | {each.slug: each for each in classes}


def _is_described(path: str) -> bool:
    return any(map(site().release.triples.describes, candidate_iris(path)))


def _above(path: str) -> str:
    """Return the longest beginning of a path that is a thing, "" if there is none."""
    for _ in range(_MAX_STEPS):
        path = path.rpartition("/")[0]
        if not path or _is_described(path):
            return path
    return ""


def _directly_below(path: str) -> list[str]:
    """Return the things right below a path, in natural order, `MAX_NEIGHBOURS` at most; nothing is below an empty one."""
    names = site().release.names
    found = islice(_children(names.iri(path)), _MAX_CHILDREN) if path else ()
    paths = sorted((names.path(iri) or "" for iri in found), key=natural_sort_key)
    return [each for each in paths if _is_described(each)][:MAX_NEIGHBOURS]


def _address(path: str, query: dict[str, str], form: Format | None) -> str:
    """Return the address of a document in a form, or without one, in the language asked for in the URL."""
    query = query | urls.language_parameter()
    return urls.format_address(form, path, query) if form else urls.address(path, query)


def _children(iri: str) -> Iterator[str]:
    """Yield the IRIs directly below another, each once, that are described or have something described below them."""
    found = islice(site().release.listing.segments(f"{iri}/"), 2 * _MAX_CHILDREN)
    return (f"{iri}/{name}" for name in dict.fromkeys(found) if name)

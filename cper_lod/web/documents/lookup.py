"""Paths to things: which IRI a path may stand for, and the document about it, or what became of it."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final, NoReturn
from urllib.parse import quote

from flask import Response
from pyoxigraph import NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.formats import Format
from cper_lod.rdf.graph import Graph
from cper_lod.release.documents import Document, document
from cper_lod.release.reader import Reader
from cper_lod.web.components.labels import Names
from cper_lod.web.documents import withdrawn
from cper_lod.web.documents.list_query import place_of
from cper_lod.web.http import responses, urls
from cper_lod.web.site import site


def spellings(path: str) -> list[str]:
    """Return the IRIs that a path may stand for: spelled as decoded, or as it stood in the URL."""
    start = site().settings.base_iri + "id/"
    iris = dict.fromkeys((start + path, start + quote(path, safe=urls.SAFE)))
    return [iri for iri in iris if urls.ABSOLUTE.fullmatch(iri)]


def found(path: str) -> Document | None:
    """Return the document about the thing at a path, None for none; raises `withdrawn` for what is described no more.

    That it is still mentioned, by what replaces it if by nothing else, makes no document of it.
    """
    only_mentioned = None
    for iri in spellings(path):
        try:
            about = document(site().release, iri)
        except Problem as error:
            if error.kind.code != "not-found":
                raise
            continue
        if about.described:
            return about
        only_mentioned = only_mentioned or about
    for iri in spellings(path):
        withdrawn.check(iri)
    return only_mentioned


def absent(path: str) -> NoReturn:
    """Raise `not-found` for a path."""
    raise Problem("not-found", iri=(site().settings.base_iri + "id/" + path)[:200])


_LOOKED: Final = 50
"""Things right under a path that are looked at, so that it costs the same at any size."""


def to_list(path: str, form: Format | None = None) -> Response | None:
    """Return the 303 to the list of the class that most things right under a path are of; None where nothing is there.

    The list has all things of the class, wherever they lie: the path names no thing, so that nothing is said of it.
    A path that is that of a list itself leads there.
    """
    cut = path.rstrip("/")
    named = site().release.listing.called(cut)
    cls = named or site().release.listing.of(_class_under(cut))
    if cls is None:
        return None
    place, query = (f"/doc/{cut}", {}) if named else place_of(cls)
    whole = query | urls.language_asked()
    return responses.see_other(urls.form(form, place, whole) if form else urls.whole(place, whole))


def _class_under(path: str) -> str:
    """Return the IRI of the class that most things right under a path are of, empty where there are none."""
    names = Names(Reader(site().release), Graph(()), responses.lang())
    things = (each for iri in spellings(path) for each in islice(_under(iri), _LOOKED))
    counts = Counter(cls for each in things for cls in set(names.reader.types(NamedNode(each))))
    most = max(counts.values(), default=0)
    return names.kind(cls for cls, count in counts.items() if count == most)


def _under(iri: str) -> Iterator[str]:
    """Yield the IRIs right under another, each once, that are described or have something described under them."""
    lines, key, told = site().release.data, f"<{iri}/".encode(), set[bytes]()
    line = next(lines.beginning(key), None)
    while line is not None and line.startswith(key):
        step = re.match(rb"[^/#>]*.", line[len(key) :])
        if step is None:
            return
        child = key + step[0]
        if child[:-1] not in told:
            told.add(child[:-1])
            yield child[1:-1].decode()
        line = lines.next_after(child)

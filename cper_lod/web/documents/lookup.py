"""From paths to things: the IRIs that a path may stand for, the document about it, or a list to redirect to."""

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
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.documents import withdrawn
from cper_lod.web.documents.class_list import list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site


def candidate_iris(path: str) -> list[str]:
    """Return the IRIs that a path may stand for: as decoded, or as written in the URL."""
    start = site().settings.base_iri + "id/"
    iris = dict.fromkeys((start + path, start + quote(path, safe=urls.SAFE)))
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
        withdrawn.raise_if_gone(iri)
    return only_mentioned


_MAX_CHILDREN: Final = 50
"""Things below a path that are looked at, so that the cost does not grow with the data."""


def not_found(path: str) -> NoReturn:
    """Raise `not-found` for a path."""
    raise Problem("not-found", iri=(site().settings.base_iri + "id/" + path)[:200])


def redirect_to_list(path: str, form: Format | None = None) -> Response | None:
    """Return the 303 to the list of the most frequent class of the things below a path; None if there are none.

    The list has all things of the class, wherever they are. A path that is the slug of a list leads to that list.
    """
    named = site().release.listing.called(path)
    cls = named or site().release.listing.of(_most_frequent_class(path))
    if cls is None:
        return None
    list_path, query = (f"/doc/{path}", {}) if named else list_address(cls)
    query = query | urls.language_parameter()
    return flask_responses.see_other(
        urls.format_address(form, list_path, query) if form else urls.address(list_path, query)
    )


def _most_frequent_class(path: str) -> str:
    """Return the IRI of the class of most things directly below a path, empty if there are none."""
    names = LabelReader(ReleaseGraph(site().release), Graph(()), flask_responses.lang())
    things = (each for iri in candidate_iris(path) for each in islice(_children(iri), _MAX_CHILDREN))
    counts = Counter(cls for each in things for cls in set(names.reader.types(NamedNode(each))))
    most = max(counts.values(), default=0)
    return names.main_class(cls for cls, count in counts.items() if count == most)


def _children(iri: str) -> Iterator[str]:
    """Yield the IRIs directly below another, each once, that are described or have something described below them."""
    lines, key, seen = site().release.data, f"<{iri}/".encode(), set[bytes]()
    line = next(lines.beginning(key), None)
    while line is not None and line.startswith(key):
        step = re.match(rb"[^/#>]*.", line[len(key) :])
        if step is None:
            return
        child = key + step[0]
        if child[:-1] not in seen:
            seen.add(child[:-1])
            yield child[1:-1].decode()
        line = lines.next_after(child)

"""Paths to things: which IRI a path may stand for, and the document about it, or what became of it."""

from typing import NoReturn
from urllib.parse import quote

from cper_lod.core.errors import Problem
from cper_lod.release.documents import Document, document
from cper_lod.web.documents import withdrawn
from cper_lod.web.http import urls
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

"""The address of a site: its sources state it once, and every name of the site begins with it."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import SH, VOCABULARY, VOID
from cper_lod.rdf.reader import parse, read_bytes
from cper_lod.release.storage.quad_file import QuadFile, parse_lines

CATALOGUE_FILE: Final = "data/catalog.ttl"
"""The file that states the address, below the folder of sources: `<catalogue> void:uriSpace "https://contrats.exemple.fr/"`."""
URI_SPACE: Final = VOID + "uriSpace"
_ANY: Final = SiteNames("https://site.invalid/")
"""Names by which the file is read before the address is known."""
_SPACE: Final = f"<{URI_SPACE}> "
_OURS: Final = VOCABULARY.replace(".", "[.]")
"""How the names of a site begin in the patterns of shapes: as those of the program."""
_SPECIAL: Final = re.compile(r"[.+*?()|{}$\[\]]")


def site_names(sources: Path) -> SiteNames:
    """Return the names of the site of some sources: those of the program's data if no address is stated.

    Raises `site-address` if what is stated is no http(s) address that ends with a slash, or if there are several, and the
    problems of reading.
    """
    path = sources / CATALOGUE_FILE
    if not path.is_file():
        return SiteNames()
    data = read_bytes(path)
    stated = [
        quad.object
        for quad in parse(data, path=path, names=_ANY)
        if quad.subject == NamedNode(_ANY.catalogue) and quad.predicate.value == URI_SPACE
    ]
    if not stated:
        return SiteNames()
    address = stated[0].value if isinstance(stated[0], Literal) else ""
    if len(stated) > 1 or not is_address(address):
        lines = data.decode("utf-8", "replace").splitlines()
        line = next((number for number, each in enumerate(lines, 1) if "uriSpace" in each), 1)
        written = ", ".join(getattr(each, "value", str(each)) for each in stated)
        raise Problem("site-address", path=path, line=line, address=written)
    return SiteNames(address)


def is_address(text: str) -> bool:
    """Return whether a text is the address of a site: http(s), a host, no query, no fragment, a slash at the end.

    >>> is_address("https://contrats.exemple.fr/"), is_address("https://contrats.exemple.fr/?x=/"), is_address("ftp://x/")
    (True, False, False)
    """
    try:
        parts = urlsplit(text)
        NamedNode(text)
    except ValueError:
        return False
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path.endswith("/")
    return plain and not {"?", "#", "@"} & {*text} and "/../" not in text and "/./" not in text


def names_of_dump(quads: QuadFile) -> SiteNames:
    """Return the names of the site that a dump is of, as its VoID description states them; else those of the program's data."""
    for quad in parse_lines(line for line in quads.lines() if _SPACE.encode() in line):
        space = quad.object.value if isinstance(quad.object, Literal) else ""
        if isinstance(quad.subject, NamedNode) and quad.subject.value == f"{space}dataset" and is_address(space):
            return SiteNames(space)
    return SiteNames()


def patterns_of_site(shapes: Iterable[Quad], names: SiteNames) -> Iterator[Quad]:
    """Yield the quads of shapes; a pattern that admits names of the program's data (sh:pattern) admits those of the site."""
    own = _SPECIAL.sub(lambda match: f"[{match[0]}]" if match[0] not in "[]" else f"\\{match[0]}", names.address)
    for quad in shapes:
        text = quad.object.value if isinstance(quad.object, Literal) and quad.predicate.value == SH + "pattern" else ""
        if names.address == VOCABULARY or _OURS not in text:
            yield quad
        else:
            yield Quad(quad.subject, quad.predicate, Literal(text.replace(_OURS, f"({_OURS}|{own})")), quad.graph_name)

"""Making the lists of things by class when a release is built: who is in them, how many, with which columns."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.release.listing import Column, slug
from cper_lod.terms.namespaces import LABELS, RDF

CLASSES: Final = 300
"""How many classes the index names, the most frequent; any other is listed by its IRI."""
COLUMNS: Final = 24
"""How many columns a table of things has at most, the most used ones."""
PART: Final = 2500
"""How many things one part of the site map names."""
_TYPE: Final = RDF + "type"


@dataclass
class _Tally:
    count: int = 0
    nameless: int = 0
    columns: Counter[Column] = field(default_factory=Counter)


def write(data: Path, members: Path, listing: Path) -> None:
    """Read sorted N-Quads; write to `members` a line for each class and thing, to `listing` what is said of classes."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    lines: list[bytes] = []
    parts: list[str] = []
    quads = (quad for quad in parse(path=data, format=RdfFormat.N_QUADS, lenient=True) if isinstance(quad, Quad))
    named = 0
    for subject, group in groupby(quads, key=lambda quad: quad.subject):
        classes, columns = _read(group)
        if isinstance(subject, NamedNode):
            if named % PART == 0:
                parts.append(subject.value)
            named += 1
        for cls in classes:
            tallies[cls].columns.update(columns)
            if isinstance(subject, NamedNode):
                tallies[cls].count += 1
                lines.append(f"<{cls}>\t{subject}\n".encode())
            elif isinstance(subject, BlankNode):
                tallies[cls].nameless += 1
    members.write_bytes(b"".join(sorted(lines)))
    listing.write_bytes(json.dumps(_described(tallies, parts), ensure_ascii=False, separators=(",", ":")).encode())


def _read(quads: Iterator[Quad]) -> tuple[list[str], set[Column]]:
    """Return the classes of a thing, and the columns that it fills."""
    classes: dict[str, None] = {}
    columns = set()
    for quad in quads:
        name, value = quad.predicate.value, quad.object
        if name == _TYPE and isinstance(value, NamedNode):
            classes[value.value] = None
        elif isinstance(value, Literal) and name not in LABELS:
            columns.add(Column(name, value.language or ""))
    return list(classes), columns


def _described(tallies: dict[str, _Tally], parts: list[str]) -> dict[str, Any]:
    frequent = sorted(tallies, key=lambda iri: (-tallies[iri].count, iri))[:CLASSES]
    rows = []
    for iri in frequent:
        tally = tallies[iri]
        used = sorted(tally.columns, key=lambda column: (-tally.columns[column], column))[:COLUMNS]
        rows.append([iri, tally.count, tally.nameless, slug(iri), sorted(used)])
    return {"classes": rows, "more": len(tallies) > CLASSES, "parts": parts}

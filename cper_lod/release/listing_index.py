"""Making the lists of things by class when a release is built: who is in them, how many, with which columns."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.release.lines import SortedLines
from cper_lod.release.listing import Column, slug
from cper_lod.terms.namespaces import LABELS, RDF

CLASSES: Final = 300
"""How many classes the index names, the most frequent; any other is listed by its IRI."""
COLUMNS: Final = 24
"""How many columns a table of things has at most, the most used ones."""
REFERENCES: Final = 16
"""How many properties that lead to other things it has at most, the most used ones."""
_TRIED: Final = 3
"""Of how many of these other things a name is looked for, to say whether they have one."""
PART: Final = 2500
"""How many things one part of the site map names."""
_TYPE: Final = RDF + "type"


@dataclass
class _Tally:
    count: int = 0
    nameless: int = 0
    columns: Counter[Column] = field(default_factory=Counter)
    references: Counter[str] = field(default_factory=Counter)
    targets: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def lead(self, references: dict[str, str]) -> None:
        """Take in the properties of a thing that lead to others, each with the first of these."""
        for name, target in references.items():
            self.references[name] += 1
            if len(self.targets[name]) < _TRIED and target not in self.targets[name]:
                self.targets[name].append(target)


def write(data: Path, members: Path, listing: Path) -> None:
    """Read sorted N-Quads; write to `members` a line for each class and thing, to `listing` what is said of classes."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    lines: list[bytes] = []
    parts: list[str] = []
    quads = (quad for quad in parse(path=data, format=RdfFormat.N_QUADS, lenient=True) if isinstance(quad, Quad))
    named = 0
    for subject, group in groupby(quads, key=lambda quad: quad.subject):
        classes, columns, references = _read(group)
        if isinstance(subject, NamedNode):
            if named % PART == 0:
                parts.append(subject.value)
            named += 1
        for cls in classes:
            tallies[cls].columns.update(columns)
            tallies[cls].lead(references)
            if isinstance(subject, NamedNode):
                tallies[cls].count += 1
                lines.append(f"<{cls}>\t{subject}\n".encode())
            elif isinstance(subject, BlankNode):
                tallies[cls].nameless += 1
    members.write_bytes(b"".join(sorted(lines)))
    with SortedLines(data) as known:
        described = _described(tallies, parts, known)
    listing.write_bytes(json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode())


def _read(quads: Iterator[Quad]) -> tuple[list[str], set[Column], dict[str, str]]:
    """Return the classes of a thing, the columns that it fills, and the properties that lead on, each with a target."""
    classes: dict[str, None] = {}
    columns = set()
    references: dict[str, str] = {}
    for quad in quads:
        name, value = quad.predicate.value, quad.object
        if name == _TYPE and isinstance(value, NamedNode):
            classes[value.value] = None
        elif isinstance(value, Literal) and name not in LABELS:
            columns.add(Column(name, value.language or ""))
        elif isinstance(value, NamedNode):
            references.setdefault(name, value.value)
    return list(classes), columns, references


def _described(tallies: dict[str, _Tally], parts: list[str], known: SortedLines) -> dict[str, Any]:
    frequent = sorted(tallies, key=lambda iri: (-tallies[iri].count, iri))[:CLASSES]
    rows = []
    for iri in frequent:
        tally = tallies[iri]
        used = sorted(tally.columns, key=lambda column: (-tally.columns[column], column))[:COLUMNS]
        leading = sorted(tally.references, key=lambda name: (-tally.references[name], name))[:REFERENCES]
        references = [[name, any(_has_name(known, each) for each in tally.targets[name])] for name in sorted(leading)]
        rows.append([iri, tally.count, tally.nameless, slug(iri), sorted(used), references])
    return {"classes": rows, "more": len(tallies) > CLASSES, "parts": parts}


def _has_name(known: SortedLines, iri: str) -> bool:
    return any(f"<{iri}> <{name}> ".encode() in known for name in LABELS)

"""Builds the indexes of a release except the search index: class listings, backlinks and the Oxigraph store."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad, RdfFormat, Store, parse

from cper_lod.core.external_sort import Sorter
from cper_lod.core.namespaces import CPER, LABELS, RDF, STANDARD_TERMS
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.storage.class_listing import Column, class_slug
from cper_lod.release.storage.quad_file import graph_of, lines_of

MAX_CLASSES: Final = 300
"""Most classes that the listing names, the most frequent ones; others are listed by IRI."""
MAX_COLUMNS: Final = 24
"""Most columns of a table, the most used ones."""
MAX_REFERENCES: Final = 16
"""Most properties with references in a table, the most used ones."""
_SAMPLED_TARGETS: Final = 3
"""Targets of a property that are checked for a label."""
SITEMAP_PART: Final = 2500
"""Resources in one part of the site map."""
_TYPE: Final = f"<{RDF}type>".encode()
_LABELS: Final = frozenset(f"<{name}>".encode() for name in LABELS)
_OURS: Final = f"<{CPER}".encode()
_REPEATED: Final = tuple(f"<{name}>".encode() for name in sorted(STANDARD_TERMS))
"""Standard terms, which only repeat one of our properties."""


@dataclass
class _Tally:
    count: int = 0
    nameless: int = 0
    columns: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    references: Counter[bytes] = field(default_factory=Counter)
    targets: dict[bytes, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def add_references(self, references: dict[bytes, bytes]) -> None:
        """Count the properties of a resource that refer to others, each with its first target."""
        for name, target in references.items():
            self.references[name] += 1
            if len(self.targets[name]) < _SAMPLED_TARGETS and target not in self.targets[name]:
                self.targets[name].append(target)


def write_class_listing(data: Path, members: Path, listing: Path) -> None:
    """Read sorted N-Quads; write a line for each class and instance to `members`, and what is known of classes to
    `listing`.

    Raises OSError.
    """
    tallies: dict[bytes, _Tally] = defaultdict(_Tally)
    parts: list[str] = []
    named = 0
    with Sorter(members) as sorter:
        for subject, group in groupby(map(_split, lines_of(data)), key=itemgetter(0)):
            classes, columns, references = _read(group)
            if subject[:1] == b"<":
                if named % SITEMAP_PART == 0:
                    parts.append(subject[1:-1].decode())
                named += 1
            for cls in classes:
                tallies[cls].columns.update(columns)
                tallies[cls].add_references(references)
                if subject[:1] == b"<":
                    tallies[cls].count += 1
                    sorter.write(b"%b\t%b\n" % (cls, subject))
                else:
                    tallies[cls].nameless += 1
    with SortedLines(data) as known:
        table = _listing_table(tallies, parts, known)
    listing.write_bytes(json.dumps(table, ensure_ascii=False, separators=(",", ":")).encode())


def _split(line: bytes) -> list[bytes]:
    return line.split(b" ", 2)


def _read(lines: Iterable[list[bytes]]) -> tuple[list[bytes], set[tuple[bytes, bytes]], dict[bytes, bytes]]:
    """Return the classes of a resource, the columns it fills, and its properties with references, each with a target.

    Works on text, since parsing ten million lines would take longer than everything else here.
    """
    classes: dict[bytes, None] = {}
    columns = set()
    references: dict[bytes, bytes] = {}
    for _, name, value in lines:
        first = value[:1]
        if first == b"<" != value[1:2]:
            iri = value[: value.index(b">") + 1]
            if name == _TYPE:
                classes[iri] = None
            else:
                references.setdefault(name, iri)
        elif first == b'"' and name not in _LABELS:
            suffix = value[value.rindex(b'"') + 1 :]
            columns.add((name, suffix[1:].partition(b" ")[0].partition(b"--")[0] if suffix[:1] == b"@" else b""))
    if any(name.startswith(_OURS) for name in references) or any(name.startswith(_OURS) for name, _ in columns):
        for name in _REPEATED:
            references.pop(name, None)
            columns.discard((name, b""))
    return list(classes), columns, references


def _listing_table(tallies: dict[bytes, _Tally], parts: list[str], known: SortedLines) -> dict[str, Any]:
    rows = []
    for cls in _most_used({cls: tally.count for cls, tally in tallies.items()}, MAX_CLASSES):
        tally, iri = tallies[cls], _iri(cls)
        columns = {Column(_iri(name), lang.decode()): count for (name, lang), count in tally.columns.items()}
        used = sorted(columns, key=lambda column: (-columns[column], column))[:MAX_COLUMNS]
        references = [
            [_iri(name), any(_has_name(known, each) for each in tally.targets[name])]
            for name in sorted(_most_used(tally.references, MAX_REFERENCES), key=_iri)
        ]
        rows.append([iri, tally.count, tally.nameless, class_slug(iri), sorted(used), references])
    return {"classes": rows, "more": len(tallies) > MAX_CLASSES, "parts": parts}


def _most_used(counts: Mapping[bytes, int], most: int) -> list[bytes]:
    return sorted(counts, key=lambda node: (-counts[node], node[:-1]))[:most]


def _iri(node: bytes) -> str:
    return node[1:-1].decode()


def _has_name(known: SortedLines, node: bytes) -> bool:
    return any(b"%b <%b> " % (node, name.encode()) in known for name in LABELS)


_BATCH: Final = 5000


def write_backlinks(data: Path, target: Path) -> Counter[str]:
    """Write a line for each quad and each IRI or blank node in it except the subject: the term, a tab and the quad.

    Returns the number of quads of each graph, by its IRI or blank node label; the default graph is the empty string.
    Raises OSError.
    """
    graphs = Counter[bytes]()
    with Sorter(target) as sorter:
        pending: list[bytes] = []
        for line in lines_of(data):
            graph = graph_of(line)
            graphs[graph] += 1
            _, predicate, rest = line.split(b" ", 2)
            pending.append(b"%b\t%b\n" % (predicate, line))
            if rest[:1] in b"<_" and rest[:3] != b"<<(":
                pending.append(b"%b\t%b\n" % (rest.partition(b" ")[0], line))
            if graph:
                pending.append(b"%b\t%b\n" % (graph, line))
            if len(pending) > _BATCH:
                sorter.write(b"".join(pending))
                pending.clear()
        sorter.write(b"".join(pending))
    return Counter({name.removeprefix(b"_:").strip(b"<>").decode(): count for name, count in graphs.items()})


def load_store(data: Path, folder: Path) -> None:
    """Load the N-Quads of a file into a new Oxigraph store; raises OSError.

    The store is made in two steps, since the published data are known before their counts. Each step closes its
    store, so that others can open the folder read-only.
    """
    store = Store(folder)
    # bulk_load would give blank nodes random labels; results must be the same for every build.
    # bulk_extend takes the same time and memory.
    quads = parse(path=data, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.flush()
    del store


def complete_store(lines: bytes, folder: Path) -> None:
    """Add N-Quads to an Oxigraph store and optimise it for reading; raises OSError."""
    store = Store(folder)
    quads = parse(lines, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.optimize()
    store.flush()
    del store

"""Making the lists of things by class when a release is built: who is in them, how many, with which columns."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad, RdfFormat, Store, parse

from cper_lod.core.external_sort import Sorter
from cper_lod.core.namespaces import LABELS, RDF
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.release.storage.class_listing import Column, class_slug
from cper_lod.release.storage.quad_file import graph_of, lines_of

MAX_CLASSES: Final = 300
"""How many classes the index names, the most frequent; any other is listed by its IRI."""
MAX_COLUMNS: Final = 24
"""How many columns a table of things has at most, the most used ones."""
MAX_REFERENCES: Final = 16
"""How many properties that lead to other things it has at most, the most used ones."""
_TRIED: Final = 3
"""Of how many of these other things a name is looked for, to say whether they have one."""
SITEMAP_PART: Final = 2500
"""How many things one part of the site map names."""
_TYPE: Final = f"<{RDF}type>".encode()
_LABELS: Final = frozenset(f"<{name}>".encode() for name in LABELS)


@dataclass
class _Tally:
    count: int = 0
    nameless: int = 0
    columns: Counter[tuple[bytes, bytes]] = field(default_factory=Counter)
    references: Counter[bytes] = field(default_factory=Counter)
    targets: dict[bytes, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def lead(self, references: dict[bytes, bytes]) -> None:
        """Take in the properties of a thing that lead to others, each with the first of these."""
        for name, target in references.items():
            self.references[name] += 1
            if len(self.targets[name]) < _TRIED and target not in self.targets[name]:
                self.targets[name].append(target)


def write_class_listing(data: Path, members: Path, listing: Path) -> None:
    """Read sorted N-Quads; write to `members` a line for each class and thing, to `listing` what is said of classes.

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
                tallies[cls].lead(references)
                if subject[:1] == b"<":
                    tallies[cls].count += 1
                    sorter.write(b"%b\t%b\n" % (cls, subject))
                else:
                    tallies[cls].nameless += 1
    with SortedLines(data) as known:
        described = _described(tallies, parts, known)
    listing.write_bytes(json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode())


def _split(line: bytes) -> list[bytes]:
    return line.split(b" ", 2)


def _read(lines: Iterable[list[bytes]]) -> tuple[list[bytes], set[tuple[bytes, bytes]], dict[bytes, bytes]]:
    """Return the classes of a thing, the columns that it fills, and the properties that lead on, each with a target.

    Read as text, since making terms of ten million lines takes longer than anything else here.
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
            behind = value[value.rindex(b'"') + 1 :]
            columns.add((name, behind[1:].partition(b" ")[0].partition(b"--")[0] if behind[:1] == b"@" else b""))
    return list(classes), columns, references


def _described(tallies: dict[bytes, _Tally], parts: list[str], known: SortedLines) -> dict[str, Any]:
    frequent = sorted(tallies, key=lambda cls: (-tallies[cls].count, cls[:-1]))[:MAX_CLASSES]
    rows = []
    for cls in frequent:
        tally, iri = tallies[cls], _iri(cls)
        columns = {Column(_iri(name), lang.decode()): count for (name, lang), count in tally.columns.items()}
        used = sorted(columns, key=lambda column: (-columns[column], column))[:MAX_COLUMNS]
        leading = sorted(tally.references, key=lambda name: (-tally.references[name], name[:-1]))[:MAX_REFERENCES]
        references = [
            [_iri(name), any(_has_name(known, each) for each in tally.targets[name])]
            for name in sorted(leading, key=_iri)
        ]
        rows.append([iri, tally.count, tally.nameless, class_slug(iri), sorted(used), references])
    return {"classes": rows, "more": len(tallies) > MAX_CLASSES, "parts": parts}


def _iri(node: bytes) -> str:
    return node[1:-1].decode()


def _has_name(known: SortedLines, node: bytes) -> bool:
    return any(b"%b <%b> " % (node, name.encode()) in known for name in LABELS)


_BATCH: Final = 5000


def write_backlinks(data: Path, to: Path) -> Counter[str]:
    """Write to the file `to`, for each line of sorted N-Quads and each IRI or blank node in it but its subject, a line.

    Return how many quads each graph has, by its IRI or the label of its blank node; the default graph is the empty
    string. Raises OSError.
    """
    graphs = Counter[bytes]()
    with Sorter(to) as sorter:
        held: list[bytes] = []
        for line in lines_of(data):
            graph = graph_of(line)
            graphs[graph] += 1
            _, predicate, rest = line.split(b" ", 2)
            held.append(b"%b\t%b\n" % (predicate, line))
            if rest[:1] in b"<_" and rest[:3] != b"<<(":
                held.append(b"%b\t%b\n" % (rest.partition(b" ")[0], line))
            if graph:
                held.append(b"%b\t%b\n" % (graph, line))
            if len(held) > _BATCH:
                sorter.write(b"".join(held))
                held.clear()
        sorter.write(b"".join(held))
    return Counter({name.removeprefix(b"_:").strip(b"<>").decode(): count for name, count in graphs.items()})


def load_store(data: Path, folder: Path) -> None:
    """Begin the index in a folder with the N-Quads of a file; raises OSError."""
    store = Store(folder)
    # Of a file, a bulk load would give blank nodes names by chance: answers are to be the same wherever it is made.
    # Of quads it costs the same, and takes no more memory.
    quads = parse(path=data, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.flush()
    del store


def complete_store(more: bytes, folder: Path) -> None:
    """Put some N-Quads more into an index, and have it ready to be read; raises OSError."""
    store = Store(folder)
    quads = parse(more, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.optimize()
    store.flush()
    del store

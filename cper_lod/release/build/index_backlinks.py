"""Making the lines by which an IRI is found where it is object, predicate or graph name."""

from collections import Counter
from pathlib import Path
from typing import Final

from cper_lod.release.storage.external_sort import Sorter
from cper_lod.release.storage.quad_file import graph_of, lines_of

_TOGETHER: Final = 5000


def write(data: Path, to: Path) -> Counter[str]:
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
            if len(held) > _TOGETHER:
                sorter.write(b"".join(held))
                held.clear()
        sorter.write(b"".join(held))
    return Counter({name.removeprefix(b"_:").strip(b"<>").decode(): count for name, count in graphs.items()})

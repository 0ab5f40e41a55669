"""Making the index that a release is queried by: an Oxigraph store on disk, of the same data the same answers.

It is made in two steps, since what is published is known before it is counted. Each writes with a store of its own,
which is gone before anybody opens the folder read-only.
"""

from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, parse


def load(data: Path, folder: Path) -> None:
    """Begin the index in a folder with the N-Quads of a file; raises OSError."""
    store = Store(folder)
    # Of a file, a bulk load would give blank nodes names by chance: answers are to be the same wherever it is made.
    # Of quads it costs the same, and takes no more memory.
    quads = parse(path=data, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.flush()
    del store


def complete(more: bytes, folder: Path) -> None:
    """Put some N-Quads more into an index, and have it ready to be read; raises OSError."""
    store = Store(folder)
    quads = parse(more, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.optimize()
    store.flush()
    del store

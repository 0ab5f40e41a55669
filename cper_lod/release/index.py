"""Making the index that a release is queried by: an Oxigraph store on disk, of the same data the same answers."""

from pathlib import Path

from pyoxigraph import Quad, RdfFormat, Store, parse


def write(data: Path, folder: Path) -> None:
    """Write the index of sorted N-Quads to a folder; the writing store is gone before anybody opens it read-only.

    Raises OSError.
    """
    store = Store(folder)
    # Of a file, a bulk load would give blank nodes names by chance: answers are to be the same wherever it is made.
    # Of quads it costs the same, and takes no more memory.
    quads = parse(path=data, format=RdfFormat.N_QUADS, lenient=True)
    store.bulk_extend(quad for quad in quads if isinstance(quad, Quad))
    store.optimize()
    store.flush()
    del store

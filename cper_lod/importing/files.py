"""Write several files together, all of them or none; and the days on which datasets were imported."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import today
from cper_lod.core.errors import Problem
from cper_lod.core.files import AtomicFile
from cper_lod.core.namespaces import DCT, XSD
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read


def refuse_existing(folder: Path, paths: Iterable[str], files: Mapping[str, bytes]) -> None:
    """Raise `contract-exists` where one of the paths is there already, unless it has the bytes that it has in `files`."""
    for path in paths:
        if (folder / path).exists() and (folder / path).read_bytes() != files.get(path):
            raise Problem("contract-exists", path=folder / path)


def write_all(folder: Path, files: Mapping[str, bytes], gone: Iterable[str]) -> None:
    """Write `files` below `folder` and remove `gone`, or change nothing; raises `permission`.

    All files are written under temporary names before the first is moved to its place. When a later step fails, the
    earlier content is restored.
    """
    before: dict[Path, bytes | None] = {}
    removed = [path for name in gone if (path := folder / name).exists()]
    try:
        with ExitStack() as stack:
            written = []
            for name, data in files.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                written.append(stack.enter_context(AtomicFile(folder / name, mode=0o644, sync=True)))
                written[-1].file.write(data)
                written[-1].close()  # a full disk shows now, before any file is replaced
            for path in (*(new.path for new in written), *removed):
                before[path] = path.read_bytes() if path.exists() else None
            for new in written:
                new.commit()
            for path in removed:
                path.unlink()
    except BaseException as error:
        _restore(before)
        if isinstance(error, OSError):
            raise Problem("permission", path=error.filename or folder, message=error.strerror or error) from error
        raise


def _restore(before: Mapping[Path, bytes | None]) -> None:
    for path, data in before.items():
        with suppress(OSError):
            if data is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != data if path.exists() else True:
                path.write_bytes(data)


def import_dates(path: Path, datasets: Iterable[str], *, changed: bool) -> Iterator[Quad]:
    """Yield the day on which each dataset was first imported, and that of its last change.

    Both are those of the catalogue file at `path` where it has them, and they are not in the future: an import that
    changes nothing keeps them.
    """
    earlier = Graph(read(path) if path.exists() else ())
    for iri in datasets:
        for name, known in (("issued", True), ("modified", not changed)):
            day = min((known and earlier.value(NamedNode(iri), DCT + name)) or today(), today())
            yield Quad(NamedNode(iri), NamedNode(DCT + name), Literal(day, datatype=NamedNode(XSD + "date")))

"""One validation in a process of its own, by one engine; prints its results and its processor time as JSON.

pyrudof's environment has nothing but pyrudof: each engine is imported where it runs, and this module by its path.
"""

import json
import resource
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

OURS: Final = "ours"
HELD: Final = "held"
STOCK: Final = "pyshacl"
REMEMBERING: Final = "cached_queries"
PYRUDOF: Final = "pyrudof"


class Outcome(NamedTuple):
    """What a validation cost: seconds by the clock and of processors, MiB at most; and how many results it had."""

    wall: float
    cpu: float
    peak: float
    results: int | None


def _ours(folder: Path, processes: int) -> int:
    from pyoxigraph import parse  # noqa: PLC0415

    from cper_lod.rdf.shacl.api import validate_file  # noqa: PLC0415

    shapes = list(parse(path=folder / "shapes.nq"))
    report = validate_file(folder / "data.nq", shapes, processes=processes)
    return sum(each.component is not None for each in report.findings)


def _held(folder: Path, _: int) -> int:
    from pyoxigraph import parse  # noqa: PLC0415

    from cper_lod.rdf.shacl.api import validate_file  # noqa: PLC0415

    (folder / "empty.nq").touch()
    shapes, data = parse(path=folder / "shapes.nq"), parse(path=folder / "data.nq")
    report = validate_file(folder / "empty.nq", shapes, more=data)
    return sum(each.component is not None for each in report.findings)


def _pyshacl(folder: Path, _: int) -> int:
    import pyshacl  # noqa: PLC0415
    import rdflib  # noqa: PLC0415

    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        data, shapes = rdflib.Graph(), rdflib.Graph()
        data.parse(folder / "data.nt", format="nt")
        shapes.parse(folder / "shapes.nt", format="nt")
        _, found, _ = pyshacl.validate(data, shacl_graph=shapes, inplace=True)
    finally:
        rdflib.NORMALIZE_LITERALS = before
    return len(set(found.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult)))


def _remembering(folder: Path, _: int) -> int:
    from cper_lod.rdf.shacl.prefilter.query_cache import cached_queries  # noqa: PLC0415

    with cached_queries():
        return _pyshacl(folder, _)


def _pyrudof(folder: Path, _: int) -> int:
    import pyrudof  # noqa: PLC0415

    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_data(str(folder / "named.nt"), pyrudof.RDFFormat.NTriples)
    engine.read_shacl(str(folder / "named-shapes.nt"), pyrudof.ShaclFormat.NTriples)
    return len(engine.validate_shacl(pyrudof.ShaclValidationMode.Native))


ENGINES: Final[Mapping[str, Callable[[Path, int], int]]] = {
    OURS: _ours,
    HELD: _held,
    STOCK: _pyshacl,
    REMEMBERING: _remembering,
    PYRUDOF: _pyrudof,
}


def main() -> None:
    """Validate, and print."""
    engine, folder, processes = sys.argv[1:4]
    results = ENGINES[engine](Path(folder), int(processes))
    spent = [resource.getrusage(each) for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps({"results": results, "cpu": sum(each.ru_utime + each.ru_stime for each in spent)}))


if __name__ == "__main__":
    main()

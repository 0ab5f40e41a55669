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
STOCK: Final = "pyshacl"
PYRUDOF: Final = "pyrudof"


class Outcome(NamedTuple):
    """What a validation cost: seconds by the clock and of processors, MiB at most; and how many results it had."""

    wall: float
    cpu: float
    peak: float
    results: int | None


def _ours(folder: Path) -> int:
    from pyoxigraph import parse  # noqa: PLC0415

    from cper_lod.rdf.shacl.api import validate  # noqa: PLC0415

    report = validate(parse(path=folder / "data.nq"), parse(path=folder / "shapes.nq"))
    return sum(each.component is not None for each in report.findings)


def _pyshacl(folder: Path) -> int:
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


def _pyrudof(folder: Path) -> int:
    import pyrudof  # noqa: PLC0415

    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_data(str(folder / "named.nt"), pyrudof.RDFFormat.NTriples)
    engine.read_shacl(str(folder / "named-shapes.nt"), pyrudof.ShaclFormat.NTriples)
    return len(engine.validate_shacl(pyrudof.ShaclValidationMode.Native))


ENGINES: Final[Mapping[str, Callable[[Path], int]]] = {
    OURS: _ours,
    STOCK: _pyshacl,
    PYRUDOF: _pyrudof,
}


def main() -> None:
    """Validate, and print."""
    engine, folder = sys.argv[1:3]
    results = ENGINES[engine](Path(folder))
    spent = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({"results": results, "cpu": spent.ru_utime + spent.ru_stime}))


if __name__ == "__main__":
    main()

"""W3C's test suite of SHACL, which pyshacl's source distribution contains: the results are those of pyshacl alone."""

import importlib.metadata
import sys
import tarfile
from pathlib import Path

import pytest
from pyoxigraph import Quad, RdfFormat, parse

from cper_lod.core.errors import Problem
from tests.rdf.shacl.shacl_reports import Results, pyshacl_results, validated
from tests.support.processes import ended

DATA, SHAPES = (f"http://www.w3.org/ns/shacl-test#{name}Graph" for name in ("data", "shapes"))
INVALID = {
    *("prefixes-001", "pre-binding-006", "shapesGraph-001"),
    *(f"unsupported-sparql-00{each}" for each in range(1, 7)),
}
"""Shapes that pyshacl refuses, as most of them ask for."""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the suite, from the package registry."""
    folder, version = tmp_path_factory.mktemp("suite"), importlib.metadata.version("pyshacl")
    asked = ("download", "--quiet", "--no-deps", "--no-binary", "pyshacl", "--dest", str(folder), f"pyshacl=={version}")
    done = ended(sys.executable, "-m", "pip", *asked, timeout=300)
    assert done.returncode == 0, done.stderr
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    (found,) = folder.glob("*/test/resources/sht_tests")
    return found


def read(path: Path) -> list[Quad]:
    found = parse(path=str(path), format=RdfFormat.TURTLE, base_iri=path.as_uri(), lenient=True)
    return [each for each in found if isinstance(each, Quad)]


def graphs(path: Path) -> list[list[Quad]]:
    """Return the data and the shapes that a test names; [] if it names none."""
    quads = read(path)
    named = [[quad.object for quad in quads if quad.predicate.value == each] for each in (DATA, SHAPES)]
    files = [[Path(each.value.removeprefix("file://")) for each in some] for some in named]  # type: ignore[union-attr]
    return [[quad for file in some for quad in read(file)] for some in files] if all(files) else []


def told(results: Results) -> set[tuple[str | None, ...]]:
    """Return focus nodes, paths, values and components: ours name a shape without an IRI by the one around it."""
    return {result[:4] for result in results}


@pytest.mark.slow
def test_the_results_are_those_of_pyshacl(suite: Path):
    compared, with_results, refused = 0, 0, set[str]()
    for path in sorted(suite.rglob("*.ttl")):
        if not (both := graphs(path)):
            continue
        if path.stem in INVALID:
            with pytest.raises(Exception, match=r"."):  # of any kind: pyshacl has none for all of them
                pyshacl_results(*both)
            with pytest.raises(Problem) as caught:
                validated(*both)
            assert caught.value.kind.code == "shapes-invalid"
            refused.add(path.stem)
        else:
            theirs = told(pyshacl_results(*both))
            assert told(validated(*both)) == theirs, path.name
            compared += 1
            with_results += bool(theirs)
    assert refused == INVALID
    assert compared > 100
    assert with_results > 80

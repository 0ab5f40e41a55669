"""The small tasks whose instructions are counted; `benchmarks.regression` runs this module in Callgrind."""

import ctypes
import gc
import mmap
import sys
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Final

from pyoxigraph import Store
from werkzeug.test import create_environ, run_wsgi_app

from benchmarks.cold_pages import BROWSER, Unasked
from benchmarks.synthetic_names import siret
from cper_lod.core.namespaces import BASE, CPER, PREFIXES
from cper_lod.core.settings import Settings
from cper_lod.engine.syntax.checks import check
from cper_lod.engine.syntax.tokenizer import tokens
from cper_lod.engine.worker.worker import Worker
from cper_lod.importing.subsidies.parse_rows import COLUMNS, parse_row
from cper_lod.importing.subsidies.report import Findings
from cper_lod.rdf.formatter import is_canonical
from cper_lod.rdf.reader import read
from cper_lod.release.docs.unknown_terms import Vocabularies
from cper_lod.release.release import INDEX, open_release
from cper_lod.release.storage import search
from cper_lod.web.app import create_app

_REQUEST: Final = bytes.fromhex("4889f84889f248c1c70348c1c70d48c1c73d48c1c7334887db4889d0c3")
"""A function of machine code, x86-64, that asks Valgrind something (valgrind.h, VALGRIND_DO_CLIENT_REQUEST)."""
_DUMP_AT, _ZERO, _START, _STOP = ((ord("C") << 24 | ord("T") << 16) + each for each in (3, 1, 4, 5))
"""Client requests of Callgrind (callgrind.h, Vg_CallgrindClientRequest)."""
Work = Callable[[], object]
NAMES: Final = (
    "page of a subsidy",
    "page of an axis",
    "axis as Turtle",
    "axis as JSON-LD",
    "axis as JSON",
    "contract as JSON",
    "303",
    "search",
    "list",
    "query without unknown terms",
    "query run",
    "query checked",
    "query that is no query",
    "Turtle read",
    "Turtle formatted",
    "rows of subsidies",
)
"""What is counted, as the baseline knows it, with hyphens."""

REPEATED: Final = tuple(
    piece * (2_000 // len(piece))
    for piece in ('"""\\', '"\\', "a.", "<a", "'", "?a<", "ex:a.", "_:.", "@a-", "1e", "a..", ":", "\\")
)
"""Texts that a tokenizer reads in quadratic time if each of its tokens looks for an end that is not there."""

ENDPOINT: Final = "https://example.org/sparql"
SMALL_QUERY: Final = f"PREFIX cper: <{CPER}>\nASK {{ ?axe a cper:Axe }}"


class Counter:
    """What starts and stops Callgrind from within; outside of Valgrind it does nothing."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self._memory.write(_REQUEST)
        address = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._call = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64)(address)

    def _ask(self, request: int, argument: int = 0) -> None:
        words = (ctypes.c_uint64 * 6)(request, argument)
        self._call(ctypes.addressof(words), 0)

    def count(self, name: str, work: Work) -> None:
        """Do the work and have its instructions written under this name."""
        text = ctypes.create_string_buffer(name.encode())
        self._ask(_START)
        self._ask(_ZERO)
        work()
        self._ask(_DUMP_AT, ctypes.addressof(text))
        self._ask(_STOP)


def requests(folder: Path) -> Iterator[tuple[str, Work]]:
    """Yield what the Flask application is asked for: pages that nobody has asked for yet, and the rest."""
    release = open_release(folder)
    search.MAX_SECONDS = 600.0  # type: ignore[misc]  # Callgrind takes fifty times as long
    app = create_app(release, Unasked(), Settings())

    def asked(path: str, status: str, **headers: str) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        body, told, answered = run_wsgi_app(app, create_environ(path, headers=named), buffered=True)
        if not told.startswith(status) or (status == "200" and not any(body)):
            raise RuntimeError(f"{path}: {told}")
        return answered.get("ETag", "")

    subsidies = (iri.removeprefix(f"{BASE}id/") for iri in release.listing.page(CPER + "Subvention", "", 20).iris)
    contract, axis = (
        release.listing.page(CPER + name, "", 1).iris[0].removeprefix(f"{BASE}id/") for name in ("Contrat", "Axe")
    )

    words = cycle(("fictif axe", "fictif collège", "fictif région", "fictif priorité"))
    yield "page of a subsidy", lambda: asked(f"/doc/{next(subsidies)}.html", "200", Accept=BROWSER)
    yield "page of an axis", lambda: asked(f"/doc/{axis}.html", "200", Accept=BROWSER)
    yield "axis as Turtle", lambda: asked(f"/doc/{axis}.ttl", "200")
    yield "axis as JSON-LD", lambda: asked(f"/doc/{axis}.jsonld", "200")
    yield "axis as JSON", lambda: asked(f"/doc/{axis}.json", "200")
    yield "contract as JSON", lambda: asked(f"/doc/{contract}.json", "200")
    yield "303", lambda: asked(f"/id/{axis}", "303", Accept=BROWSER)

    yield "search", lambda: release.search.find(next(words), 0, 20)
    yield "list", lambda: release.listing.page(CPER + "Subvention", "", 100)

    vocabularies = Vocabularies(release, Settings())
    limits = {"prefixes": PREFIXES, "base": ENDPOINT, "bytes": 1000, "rows": 1000}
    worker = Worker(Store.read_only(str(release.folder / INDEX)), limits)
    yield "query without unknown terms", lambda: vocabularies.unknown_terms(SMALL_QUERY)
    yield "query run", lambda: answered_by(worker)


def answered_by(worker: Worker) -> None:
    """Have a worker answer the small query; raises TypeError where it does not."""
    answer = worker.answer(SMALL_QUERY, "results-json", "", {})
    if isinstance(answer, dict):
        raise TypeError(answer)


def works(folder: Path) -> Iterator[tuple[str, Work]]:
    """Yield everything that is counted."""
    yield from requests(folder)
    root = Path(__file__).parent.parent
    bodies = root / "data" / "bodies.ttl"
    question = (root / "ontology" / "questions" / "signataires.rq").read_text("utf-8")
    number = siret("000000018")
    cells = (
        "Fictif",
        number,
        "2024-03-01",
        "R-1",
        "Commune fictive",
        number,
        "",
        "Exemple fictif",
        "1234.50",
        "aide en numéraire",
        "unique",
        "2024-03-01/2024-12-31",
        "",
        "non",
        "0.8",
        "FICTIF",
    )
    names = [*COLUMNS]
    yield "query checked", lambda: check(question, frozenset(), (), ())
    yield "query that is no query", lambda: [sum(1 for _ in tokens(text)) for text in REPEATED]
    yield "Turtle read", lambda: read(bodies)
    yield "Turtle formatted", lambda: is_canonical(bodies)
    yield "rows of subsidies", lambda: [parse_row(cells, line, names, Findings()) for line in range(20)]


def main() -> None:
    """Do each work once, then count it: what is made once in a process is no part of it.

    A work that is named is done twice.
    """
    gc.disable()  # a collection that all works together have made due would fall into one of them
    folder, plant = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    counter, seen = Counter(), set()
    for name, work in works(folder):
        seen.add(name)
        work()
        counter.count(name.replace(" ", "-"), (lambda: (work(), work())) if plant == name else work)  # noqa: B023
    if plant and plant not in seen:
        raise SystemExit(f"no such work: {plant} ({', '.join(sorted(seen))})")


if __name__ == "__main__":
    main()

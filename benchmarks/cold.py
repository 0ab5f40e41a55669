"""What the first request of a page costs, by kind; with --base, beside another checkout of the project."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.client import BROWSER, Connection, get
from benchmarks.harness import ROOT, alternate, flags, median, publish, ratio
from benchmarks.processes import cpu_seconds
from benchmarks.servers import PUBLIC_URL, Server, free_port, material, pin_client, started
from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, PREFIXES

CLASSES: Final = {
    "contract": CPER + "Contrat",
    "subdivision": CPER + "Subdivision",
    "figure": CPER + "Montant",
    "signatory": CPER + "Signataire",
    "statement": CPER + "Enonce",
    "body": PREFIXES["org"] + "FormalOrganization",
    "concept": PREFIXES["skos"] + "Concept",
}
SEARCHES: Final = ("transition", "territoire", "credits", "region", "mobilite", "lille")


def pages(server: Server, most: int) -> dict[str, list[str]]:
    """Return the paths of pages by kind, so many of a class at most."""
    found = {"home": ["/"], "search": [f"/search?q={word}" for word in SEARCHES]}
    found["list"] = ["/doc.html", *(f"/doc/{slug}.html" for slug in ("subdivision", "signataire", "enonce", "montant"))]
    for kind, iri in CLASSES.items():
        text = f'SELECT DISTINCT ?s {{ ?s a <{iri}> FILTER(STRSTARTS(STR(?s), "{PROGRAM.address}id/")) }} ORDER BY ?s LIMIT {most}'
        found[kind] = [f"/doc/{each.removeprefix(PROGRAM.address + 'id/')}.html" for each in server.select(text)]
    return found


def ask_each(server: Server, wanted: dict[str, list[str]]) -> dict[str, list[float]]:
    """Return the milliseconds of processor time that each page costs, by kind; raises RuntimeError for no page.

    The first page of each kind is asked for before, in the other language: it compiles the template.
    """
    found = {}
    for kind, paths in wanted.items():
        server.ask(get(f"{paths[0]}{'&' if '?' in paths[0] else '?'}lang=en", BROWSER))
        server.wait_until_idle()
        with Connection(server.port) as connection:
            spent, costs = cpu_seconds(server.pid), []
            for path in paths:
                reply = connection.ask(get(path, BROWSER, Accept_Encoding="gzip, br"))
                if reply.status != 200:
                    raise RuntimeError(f"{path}: {reply.status}")
                # From one response to the next, so that what the server does after one is not lost.
                before, spent = spent, cpu_seconds(server.pid)
                costs.append((spent - before) * 1e3)
            found[kind] = costs
    return found


@contextmanager
def serving(checkout: Path, keep: Path | None, core: int | None) -> Iterator[Server]:
    """Yield the server of a checkout, with a release of its own sources."""
    with material(checkout, keep) as data:
        port = free_port()
        where = ["--sources", checkout, "--releases", data.releases, "--port", port, "--public-url", PUBLIC_URL]
        words = ["env", f"PYTHONPATH={checkout}", sys.executable, "-m", "cper_lod", "serve", *where]
        with started(Server("cper-lod", port), words, data.folder, core) as server:
            server.wait_until_idle()
            yield server


def measure(checkout: Path, keep: Path | None, most: int, core: int | None) -> dict[str, list[float]]:
    """Return what the pages cost a new server of a checkout."""
    with serving(checkout, keep, core) as server:
        return ask_each(server, pages(server, most))


def main() -> None:
    """Measure this checkout, and the other one if given, in turn."""
    parser = flags("cold", __doc__)
    parser.add_argument("--base", type=Path, help="another checkout, measured in turn with this one")
    options = parser.parse_args()
    core = pin_client()
    rounds, most = (1, 2) if options.quick else (5, 60)
    works = {"this": partial(measure, ROOT, options.keep, most, core)}
    if options.base:
        works["base"] = partial(measure, options.base.resolve(), None, most, core)
    found = alternate(rounds, works)
    rows: list[Sequence[object]] = []
    for kind in found["this"][0]:
        # Of each page the cheapest request counts: what else the machine does only adds.
        best = {
            name: [min(times) for times in zip(*(run[kind] for run in runs), strict=True)]
            for name, runs in found.items()
        }
        times = ratio(best["this"], best.get("base", []))
        rows.append((kind, len(best["this"]), median(best["this"]), max(best["this"]), times))
    head = ("page", "pages", "CPU ms", "max", "× base")
    publish("A page that nobody has asked for yet", {"CPU of the first request, compressed": (head, rows)})


if __name__ == "__main__":
    main()

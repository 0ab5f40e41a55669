"""Requests pages once each: from the Flask application in one process, and over HTTP.

As a program, prints what pages of the project's own release cost the checkout that PYTHONPATH names.
"""

import gc
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from werkzeug.test import create_environ, run_wsgi_app

from benchmarks.client import Connection, get
from benchmarks.processes import cpu_seconds
from benchmarks.servers import Server
from benchmarks.synthetic_release import THINGS
from cper_lod.core.namespaces import CPER, SKOS
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Answer, EngineStatus, Query
from cper_lod.release.build.build import ensure_release
from cper_lod.release.release import Release, open_release
from cper_lod.web.app import create_app
from cper_lod.web.server.warmup import freeze_heap

Pages = Mapping[str, tuple[str, ...]]
"""The paths of pages, by kind."""
OWN: Final = {
    "contract": CPER + "ContratDePlan",
    "axis": CPER + "Axe",
    "priority": CPER + "Priorite",
    "signatory": CPER + "Signataire",
    "statement": CPER + "Enonce",
    "derived figure": CPER + "ValeurDerivee",
    "body": "http://www.w3.org/ns/org#FormalOrganization",
    "department": "http://rdf.insee.fr/def/geo#Departement",
    "concept": SKOS + "Concept",
}
"""Kinds of things of the project, each with its class."""
WORDS: Final = ("transition", "territoire", "credits", "region", "mobilite", "lille")
LONG: Final = 20
"""Things of a list that is long."""
BROWSER: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CODINGS: Final = "gzip, deflate, br, zstd"


@dataclass
class Costs:
    """Milliseconds of processor time a page, by kind: of pages as they are, and of those compressed for a browser.

    `first` is what the very first page of the process cost: it finds no template compiled.
    """

    first: float = 0.0
    plain: dict[str, list[float]] = field(default_factory=dict)
    coded: dict[str, list[float]] = field(default_factory=dict)


class Unasked:
    """An engine that pages have no question for."""

    def query(self, query: Query) -> Answer:
        """Raise RuntimeError: a page that needs the engine is not the page that is measured here."""
        raise RuntimeError(query.text)

    def status(self) -> EngineStatus:
        """Return that nothing runs."""
        return EngineStatus()

    def close(self) -> None:
        """Do nothing."""


def warming(pages: Pages) -> list[str]:
    """Return what is asked before anything is measured: a page of each kind, in the language that is not measured.

    Templates are compiled then, once in the life of a process; what release and reader make of a page is not kept.
    """
    return [f"{paths[0]}{'&' if '?' in paths[0] else '?'}lang=en" for paths in pages.values()]


def in_turn(pages: Pages) -> list[tuple[str, tuple[str, ...]]]:
    """Return the pages by kind, kinds of one page last: the first page in a language loads what a process keeps for it."""
    return sorted(pages.items(), key=lambda each: len(each[1]) == 1)


def own_pages(release: Release, most: int) -> dict[str, tuple[str, ...]]:
    """Return the paths of pages of the project, at most `most` of each kind."""
    found = {}
    for kind, iri in OWN.items():
        iris = release.listing.page(iri, "", 1000).iris
        found[kind] = tuple(f"/doc/{each.removeprefix(THINGS)}.html" for each in iris if each.startswith(THINGS))[:most]
    lists = sorted((each for each in release.listing.classes if each.slug), key=lambda each: -each.count)
    found["long list"] = tuple(f"/doc/{each.slug}.html" for each in lists if each.count >= LONG)[:most]
    found["short list"] = tuple(f"/doc/{each.slug}.html" for each in lists if each.count < LONG)[:most]
    found |= {"search": tuple(f"/search?q={word}" for word in WORDS), "home": ("/",), "list of classes": ("/doc.html",)}
    return found


def in_process(folder: Path, pages: Pages) -> Costs:
    """Return what the pages of the release in `folder` cost a Flask application alone; raises RuntimeError."""
    app = create_app(open_release(folder), Unasked(), Settings(public_url="http://localhost"))

    def ask(path: str) -> float:
        environ = create_environ(path, headers={"Accept": BROWSER})
        before = time.process_time()
        body, status, _ = run_wsgi_app(app, environ, buffered=True)
        spent = time.process_time() - before
        if not (status.startswith("200") and any(body)):
            raise RuntimeError(f"{path}: {status}")
        return spent * 1000

    costs = Costs()
    costs.first, *_ = [ask(path) for path in warming(pages)]
    freeze_heap()
    try:
        for kind, paths in in_turn(pages):
            costs.plain[kind] = [ask(path) for path in paths]
    finally:
        gc.unfreeze()
    return costs


def at_rest(pid: int) -> None:
    """Wait until a server has made what it makes before anybody asks; raises RuntimeError where it does not end."""
    spent = cpu_seconds(pid)
    for _ in range(100):
        time.sleep(0.2)
        before, spent = spent, cpu_seconds(pid)
        if spent - before < 0.005:
            return
    raise RuntimeError("the server does not come to rest")


def through_server(server: Server, pages: Pages) -> Costs:
    """Return what they cost `cper-lod serve`, every other one compressed; raises RuntimeError for no page."""
    costs = Costs()
    at_rest(server.pid)
    with Connection(server.port) as connection:
        spent = cpu_seconds(server.pid)

        def ask(path: str, **more: str) -> float:
            nonlocal spent
            reply = connection.ask(get(path, BROWSER, **more))
            if reply.status != 200 or ("Accept_Encoding" in more) != ("content-encoding" in reply.headers):
                raise RuntimeError(f"{path}: {reply.status} {reply.headers}")
            # From answer to answer, so that what the server does after one is not lost.
            before, spent = spent, cpu_seconds(server.pid)
            return (spent - before) * 1000

        costs.first, *_ = [ask(path) for path in warming(pages)]
        for kind, paths in in_turn(pages):
            costs.coded[kind] = [ask(path, Accept_Encoding=CODINGS) for path in paths[::2]]
            costs.plain[kind] = [ask(path) for path in paths[1::2]]
    return costs


def main() -> None:
    """Print the milliseconds of each page by kind; the arguments are the folders of the sources and of the releases."""
    release, _ = ensure_release(Path(sys.argv[2]), Path(sys.argv[1]))
    print(json.dumps(in_process(release.folder, own_pages(release, 60)).plain))


if __name__ == "__main__":
    main()

"""The requests of the soak, and what is known of their answers: the release that each must belong to."""

import gzip
import re
import threading
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from benchmarks.client import FORM, Reply, asking, get, post
from benchmarks.servers import Server
from cper_lod.core.errors import Problem
from cper_lod.release.history.history import History
from cper_lod.release.release import DATA
from cper_lod.release.storage.quad_file import gzip_lines

STATE: Final = re.compile(rb"essai de duree ([a-j]{6})")
"""What the sources say of their state, in a note on several things: six letters, since no quotation holds figures."""
_SHOWN: Final = 12
"""Digits of the id of a release that pages show; addresses have all sixteen."""
_ID: Final = re.compile(rb"\b[0-9a-f]{12}(?:[0-9a-f]{4})?\b")
"""What may be the id of a release."""
PAGE, NT, TTL, CSV_TYPE = "text/html", "application/n-triples", "text/turtle", "text/csv"
CONTRACT: Final = "contrat/hauts-de-france-2021-2027"
NOTED: Final = ("contrat/hauts-de-france-2021-2027", "contrat/hauts-de-france-2021-2027/axe/1")
"""The things that have the note."""
SKOS: Final = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "
NOTES: Final = SKOS + "SELECT ?s ?note { ?s skos:note ?note } ORDER BY ?s ?note"
CROSS: Final = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?c != ?i || ?a != ?d) } # "


def letters(state: int) -> str:
    """Return a state as six letters, a letter for each digit.

    >>> letters(27)
    'aaaach'
    """
    return f"{state:06}".translate(str.maketrans("0123456789", "abcdefghij"))


def source(state: str) -> str:
    """Return a file of sources that says its state."""
    note = f'<http://www.w3.org/2004/02/skos/core#note> "Essai : essai de duree {state}."@fr'
    return "".join(f"<https://w3id.org/cper-lod/id/{thing}> {note} .\n" for thing in NOTED)


@dataclass(frozen=True)
class Kind:
    """One kind of request; `request` gets a number that is never the same.

    `status` is what it is answered with. With `varies`, its body is not that of a release alone: only its status counts.
    """

    request: Callable[[int], bytes]
    status: int = 200
    varies: bool = False
    weight: int = 4


def _select(text: str, accept: str) -> Kind:
    return Kind(lambda _: asking("/sparql", text, accept))


KINDS: Final[Mapping[str, Kind]] = {
    "page of the contract": Kind(lambda _: get(f"/doc/{CONTRACT}.html", PAGE), weight=12),
    "page in English": Kind(lambda _: get(f"/doc/{CONTRACT}.html?lang=en", PAGE)),
    "page of an axis": Kind(lambda _: get(f"/doc/{NOTED[1]}.html", PAGE)),
    "home page": Kind(lambda _: get("/", PAGE), weight=8),
    "catalogue": Kind(lambda _: get("/catalog.html", PAGE)),
    "list": Kind(lambda _: get("/doc/axe.html", PAGE)),
    "documentation": Kind(lambda _: get("/ontology.html", PAGE), weight=2),
    "search": Kind(lambda _: get("/search?q=mobilit%C3%A9s", PAGE)),
    "search, JSON": Kind(lambda _: get("/search.json?q=essai+duree", "application/json")),
    "JSON": Kind(lambda _: get(f"/doc/{CONTRACT}.json", "application/json"), weight=8),
    "JSON of a list": Kind(lambda _: get("/doc/axe.json", "application/json")),
    "JSON-LD": Kind(lambda _: get(f"/doc/{NOTED[1]}.jsonld", "application/ld+json")),
    "Turtle": Kind(lambda _: get(f"/doc/{CONTRACT}.ttl", TTL), weight=8),
    "negotiated": Kind(lambda _: get(f"/doc/{NOTED[1]}", NT)),
    "table": Kind(lambda _: get("/doc/axe.csv", CSV_TYPE)),
    "SELECT": _select(NOTES, "application/sparql-results+json"),
    "SELECT, CSV": _select(NOTES, CSV_TYPE),
    "SELECT, a new text": Kind(lambda n: asking("/sparql", f"{NOTES} # {n}", CSV_TYPE), weight=8),
    "SELECT of everything": Kind(
        lambda n: asking("/sparql", f"SELECT * {{ ?s ?p ?o FILTER(!ISBLANK(?o)) }} ORDER BY ?s ?p ?o # {n}", CSV_TYPE),
        weight=1,
    ),
    "CONSTRUCT": Kind(
        lambda n: asking("/sparql", f"{SKOS}CONSTRUCT WHERE {{ ?s skos:note ?note }} # {n}", NT),
    ),
    "ASK by POST": Kind(lambda n: post("/sparql", f"ASK {{ ?s ?p {n} }}".encode())),
    "COUNT by form": Kind(
        lambda n: post(
            "/sparql", urlencode({"query": f"SELECT ?p (COUNT(*) AS ?n) {{ ?s ?p ?o }} GROUP BY ?p ORDER BY ?p # {n}"}).encode(), FORM
        )
    ),
    "wrong query": Kind(lambda n: asking("/sparql", f"SELECT {{ {n}"), 400),
    "runaway query": Kind(lambda n: asking("/sparql", CROSS + str(n)), 503, weight=1),
    "dump": Kind(lambda _: get("/dump/tout.nt.gz", "*/*"), weight=1),
    "dump, Turtle": Kind(lambda _: get("/dump/tout.ttl", "*/*"), weight=1),
    "not found": Kind(lambda n: get(f"/doc/nothing/{n}", PAGE), 404, varies=True),
    "not found, data": Kind(lambda _: get("/doc/nothing.ttl", TTL), 404),
    "not acceptable": Kind(lambda _: get(f"/doc/{CONTRACT}", "image/png"), 406),
    "health": Kind(lambda _: get("/health", "*/*"), varies=True, weight=2),
    "metrics": Kind(lambda _: get("/metrics", "*/*"), varies=True, weight=1),
    "changes": Kind(lambda _: get("/changes.atom", "*/*"), varies=True, weight=1),
    "releases": Kind(lambda _: get("/release.ttl", "*/*"), varies=True, weight=1),
}  # fmt: skip


class Publication:
    """One publication as it was seen: the state that its release says, and since when it was the last one."""

    def __init__(self, number: int, release: str, state: str, since: float) -> None:
        self.number, self.release, self.state, self.since = number, release, state, since
        self.until = float("inf")


class Publications(threading.Thread):
    """A thread that sees each publication as it comes to the history; a state is read from the data of its release."""

    EVERY: Final = 0.1
    """Seconds between two looks."""

    def __init__(self, releases: Path) -> None:
        super().__init__(daemon=True)
        self.seen: list[Publication] = []
        self._history = History(releases)
        self.states: dict[str, str] = {}
        """The state of each release, by the digits of its id that pages show."""
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until stopped."""
        while not self._ended.wait(self.EVERY):
            with suppress(OSError, Problem):  # a publication that is being removed
                self._look()

    def stop(self) -> None:
        """Stop looking."""
        self._ended.set()
        self.join()

    def _look(self) -> None:
        for entry in self._history.entries()[len(self.seen) :]:
            key = entry.release[:_SHOWN]
            if key not in self.states:
                (folder, *_) = self._history.folders_of(entry.release)
                found = STATE.search(b"\n".join(gzip_lines(folder / DATA)))
                self.states[key] = found[1].decode() if found else ""
            now = time.monotonic()
            if self.seen:
                self.seen[-1].until = now
            self.seen.append(Publication(entry.number, entry.release, self.states[key], now))

    def current(self, state: str, since: float, until: float) -> bool:
        """Return whether a state was that of the last publication at some moment of a time."""
        return any(each.state == state and each.since <= until and each.until >= since for each in [*self.seen])


class Oracle:
    """What answers must be: as they were when nothing else was going on, but for the state and the id of the release."""

    LAG: Final = 60.0
    """Seconds in which each server process must have opened a new publication, while both cores are busy."""

    def __init__(self, publications: Publications) -> None:
        self.publications = publications
        self._known: dict[str, bytes] = {}

    def record(self, server: Server, state: str = "") -> list[str]:
        """Ask each kind once and keep the answers; return what is wrong.

        With a state, the answers have to be the same as before, and of the release that says it.
        """
        others = []
        for name, kind in KINDS.items():
            reply = server.ask(kind.request(time.monotonic_ns()))
            if reply.status != kind.status:
                others.append(f"{name}: {reply.status} {reply.code()}, not {kind.status}")
            if kind.varies:
                continue
            body = self._timeless(unpacked(reply))
            if state and self._known[name] != body:
                others.append(f"{name}: {_difference(body, self._known[name])}")
            if state and self.states(unpacked(reply)) - {state}:
                others.append(f"{name}: of another release")
            self._known[name] = body
        return others

    def _timeless(self, body: bytes) -> bytes:
        """Return a body without what is of its release alone: the state and the id."""
        return _ID.sub(self._without_id, STATE.sub(b"STATE", body))

    def _without_id(self, found: re.Match[bytes]) -> bytes:
        return b"ID" if self._state(found[0]) else found[0]

    def _state(self, release: bytes) -> str:
        return self.publications.states.get(release[:_SHOWN].decode(), "")

    def states(self, body: bytes) -> set[str]:
        """Return the states that a body says, by the note and by the ids of releases."""
        found = {each.decode() for each in STATE.findall(body)}
        return found | {state for each in _ID.findall(body) if (state := self._state(each))}

    def fault(self, name: str, reply: Reply, began: float, sent: Set[str] = frozenset()) -> str:
        """Return what is wrong with an answer of a kind to a request that began then, "" if nothing is.

        `sent` are the states of the answer whose ETag was sent.
        """
        if self._fault(name, reply, began, sent):
            time.sleep(5 * Publications.EVERY)  # it may be of a publication that was not yet seen
        return self._fault(name, reply, began, sent)

    def _fault(self, name: str, reply: Reply, began: float, sent: Set[str]) -> str:
        kind, body, now = KINDS[name], unpacked(reply), time.monotonic()
        if reply.status not in (kind.status, 304):
            return f"status {reply.status} {reply.code()}".strip()
        if kind.varies:
            return ""
        states = sent if reply.status == 304 else self.states(body)
        if len(states) > 1:
            return "two releases in one answer"
        if not all(self.publications.current(state, began - self.LAG, now) for state in states):
            return f"of a release that is not served ({''.join(states)})"
        if reply.status == 304 or self._timeless(body) == self._known[name]:
            return ""
        return f"not what the release says: {_difference(self._timeless(body), self._known[name])}"


def _difference(body: bytes, known: bytes) -> str:
    """Return the first line that differs, around the place where it does, and what it should be."""
    for line, wanted in zip_longest(body.splitlines(), known.splitlines(), fillvalue=b""):
        if line != wanted:
            at = next((at for at, (one, other) in enumerate(zip(line, wanted, strict=False)) if one != other), 0)
            at = max(at - 40, 0)
            return f"{line[at : at + 160]!r} instead of {wanted[at : at + 160]!r}"
    return ""


def unpacked(reply: Reply) -> bytes:
    """Return the body of an answer, unpacked."""
    return gzip.decompress(reply.body) if reply.body.startswith(b"\x1f\x8b") else reply.body


def of_release(release: str) -> bytes:
    """Return the request of a document of an earlier release."""
    return get(f"/release/{release}/doc/{quote(CONTRACT)}.ttl", TTL)

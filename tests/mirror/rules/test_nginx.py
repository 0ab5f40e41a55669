"""The mirror under a real nginx gives the same responses as the live server, byte for byte."""

import http.client
import os
import random
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from cper_lod.core.config import load
from cper_lod.mirror.export import Options
from cper_lod.release.history.history import History
from cper_lod.web.http.static import hashed_name
from tests.support.mirror import ID, MANY, ODD, Mirror, written
from tests.support.requirements import NEEDS
from tests.support.server import Server, free_port

pytestmark = [pytest.mark.nginx, pytest.mark.slow, pytest.mark.server]

BY_NATURE = {
    "date": "each server says its own time",
    "server": "each server says its own name",
    "connection": "nginx says that it keeps the connection, HTTP/1.1 has it so",
    "keep-alive": "the same",
    "accept-ranges": "the server says it of files that it does not compress only",
}
"""Headers that may differ for any address, and why."""
AT_SOME = {
    (303, "content-type"): "nginx sends a short page with a redirect; nobody is to read it",
    (303, "content-length"): "the same",
    (301, "content-type"): "the same",
    (301, "content-length"): "the same",
    (404, "content-length"): "a file cannot repeat the address that is not there",
    (406, "content-length"): "nor the header that cannot be met",
    (405, "content-length"): "nor the method",
    (406, "content-type"): "a browser that refuses every coding gets a page from the server, data from nginx",
    (304, "last-modified"): "nginx says it; the server does not, as HTTP has it where there is an ETag",
    (304, "content-length"): "nginx says how long the whole is, as HTTP allows; the server says nothing",
}
"""Headers that may differ for a status, and why."""
CURSOR = "CURSOR"
"""Placeholder for the query of the second page of a list, which is known only at run time."""
STATUS = {
    (404, 400): "nginx refuses an address that leaves the root, or holds a NUL; the server finds nothing there",
}
"""Statuses of the server and of the mirror that may differ, and why."""
LINKS = {
    # The pages of a list link to each other by the address of the form, which leads to the same.
    lambda path, headers: re.match(r"/(doc(/bac)?|links)([?]|$)", path) is not None,
    # Data are nowhere linked to with a language: their links lead to the page in any.
    lambda path, headers: "lang=" in path and not headers.get("content-type", "text/html").startswith("text/html"),
    lambda path, headers: "lang=" in path and "content-type" not in headers,
}
"""Addresses whose links are not compared."""
ACCEPT = (
    None,
    "*/*",
    "text/turtle",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "application/ld+json",
    "application/json, text/plain;q=0.5",
    "application/rdf+xml;q=0.3, application/n-triples;q=0.7",
    "image/png",
    "text/csv",
    "application/trig;q=0.2, text/*;q=0.1",
    "nonsense",
)
LANGUAGE = (None, "en", "fr-FR,fr;q=0.9,en;q=0.8", "en-GB,en;q=0.9,fr;q=0.1", "de")
CODING = (None, "br", "gzip", "zstd", "gzip, deflate, br, zstd", "gzip;q=0.5, br;q=0.1", "identity;q=0")
ASKED = (None, "fr", "en")
HARM = (
    "/../../etc/passwd",
    "/doc/../../../etc/passwd",
    "/doc/%2e%2e/%2e%2e/etc/passwd",
    "/doc/%2e%2e%2f%2e%2e%2fmirror.json",
    "/static/..%2f..%2fmirror.json",
    "/doc/%00",
    "/mirror.json",
    "/.mirror.sqlite",
    "/.htaccess",
    "/site/robots.txt",
    "/site/doc/bac/n1.ttl",
    "/rules/nginx/maps.conf",
    "/errors/404.fr.json",
    "/doc/bac/n1.fr.html",
    "/doc/bac/n1.ttl.br",
    "/nothing",
    "/id/nothing",
    "/doc/bac/nothing",
    "/doc/bac/nothing.ttl",
    "/dump/nothing.ttl",
    "/ontology.xyz",
    "/doc/bac/n1.xyz",
    "/static/style.css/x",
)

SLASHES = (
    "/doc/",
    "/doc/bac/",
    "/doc/bac/n1/",
    "/doc/bac/n1//",
    "/doc/bac/n1.ttl/",
    "/doc/bac/n1%2F",
    "/doc/bac/%C3%A9t%C3%A9/",
    "/doc/bac/ends//",
    "/doc/nothing/?size=2",
    "/id/bac/n1/",
    "/links/",
    "/catalog.ttl/",
    "/ontology/1.0.0/",
    "/problem/not-found/",
    "/dump/tout.nt.gz/",
    "/static/",
    "/legal/",
    "/nothing/here/",
    "//evil.example/",
    "///evil.example/x//",
)
"""Addresses that end with a slash, of which a home page and a thing whose name ends with one are not."""


class Asked:
    """A connection that sends the given characters verbatim."""

    def __init__(self, port: int) -> None:
        self._port, self._connection = port, http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def __call__(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        try:
            return self._once(method, path, headers)
        except (http.client.HTTPException, ConnectionError):  # it was kept for too long
            self._connection.close()
            return self._once(method, path, headers)

    def _once(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, dict[str, str], bytes]:
        self._connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        answer = self._connection.getresponse()
        body, names = answer.read(), {name.lower() for name, _ in answer.getheaders()}
        return answer.status, {name: ", ".join(answer.headers.get_all(name, [])) for name in names}, body

    def close(self) -> None:
        self._connection.close()


class Nginx:
    """A real, unprivileged nginx with the rules of a mirror, on a free port."""

    def __init__(self, folder: Path, mirror: Path) -> None:
        self.port = free_port()
        rules, folder = mirror / "rules" / "nginx", folder / "nginx"
        folder.mkdir(parents=True)
        temporary = "".join(
            f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        user = "user root; " if os.geteuid() == 0 else ""  # it would give up what it needs to read our folders
        (folder / "nginx.conf").write_text(
            f"{user}daemon off; worker_processes 1; pid {folder}/pid;\n"
            f"error_log {folder}/error.log warn; events {{ }}\n"
            f"http {{ access_log off; {temporary} include {rules}/maps.conf;\n"
            f"server {{ listen 127.0.0.1:{self.port}; include {rules}/server.conf; }} }}\n"
        )
        self.log = folder / "error.log"
        command = [str(NEEDS["nginx"]), "-c", str(folder / "nginx.conf"), "-e", str(self.log)]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self.log.read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("live")
    flags = ["--sources", str(written(folder / "sources")), "--releases", str(folder / "releases")]
    with closing(Server(flags, folder / "log")) as server:
        yield server


def mirrored(live: Server, **flags: object) -> Mirror:
    folder = live.log.parent
    told = {"releases": folder / "releases", "public_url": live.url, **flags}
    settings = load(told, environment={}).settings
    history = History(settings.releases)
    published = history.current()
    assert published
    return Mirror(folder / f"mirror{len(list(folder.glob('mirror*')))}", history.open(published.release), settings)


@pytest.fixture(scope="module")
def static(live: Server) -> Iterator[Nginx]:
    mirror = mirrored(live)
    summary = mirror.export()
    assert summary.refused == 0
    assert summary.things > len(ODD) + MANY
    with closing(Nginx(live.log.parent, mirror.root)) as nginx:
        yield nginx


def requests(paths: list[str], each: int, cursor: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield addresses with headers: for each path a reproducible sample of all combinations."""
    every, chance = list(product(ACCEPT, LANGUAGE, CODING, ASKED)), random.Random(7)  # noqa: S311
    for path in paths:
        for accept, language, coding, asked in chance.sample(every, each):
            told = {"Accept": accept, "Accept-Language": language, "Accept-Encoding": coding}
            has_language = asked and not path.startswith(("/linkset", "/schema"))
            query = f"{'&' if '?' in path else '?'}lang={asked}" if has_language else ""
            headers = {name: value for name, value in told.items() if value is not None}
            yield path.replace(CURSOR, cursor) + query, headers


def second_page(ask: Asked) -> str:
    """Return the query of the second page of the list, which the first one links to."""
    found = re.search(r'/doc/bac.ttl[?]([^>]*)>; rel="next"', ask("GET", "/doc/bac.ttl", {})[1]["link"])
    assert found
    return found[1]


def paths_of_site() -> list[str]:
    single = [
        "/",
        "/legal",
        "/accessibility",
        "/ontology",
        "/catalog",
        "/void",
        "/.well-known/void",
        "/report",
        "/problem",
        "/problem/not-found",
        "/problem/not-found.json",
        "/problem.html",
        "/doc",
        "/doc/bac",
        "/links",
        "/links.csv",
        "/links.html",
        "/links.json",
        "/links.json?after=",
        "/doc/bac.csv?after=",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap-site.xml",
        "/sitemap-1.xml",
        "/download",
        "/static/style.css",
        f"/static/{hashed_name('style.css')}",
        "/static/logo.svg",
        "/context/1.0.0.jsonld",
        "/sparql/terms.json",
        "/schema/1.0.0/Liste.json",
        "/schema/1.0.0/Ressource.json",
        "/dump/tout.nt.gz",
        "/dump/tout.ttl",
        "/dump/bac.csv",
        "/dump/datapackage.json",
        "/dump/bac.csv-metadata.json",
        "/report.json",
        "/report.ttl",
        "/report.html",
    ]
    many = ["ttl", "html", "jsonld", "nt", "rdf", "trig", "json"]
    for stem in ("/ontology", "/catalog", "/void", "/doc", "/doc/bac"):
        single += [f"{stem}.{suffix}" for suffix in many]
    single += [f"{stem}.{suffix}" for stem in ("/doc", "/doc/bac") for suffix in ("csv", "tableur.csv", "xlsx")]
    return [*single, *(f"/doc/bac{dot}?{CURSOR}" for dot in ("", ".ttl", ".html", ".csv", ".json"))]


def paths_of_things() -> list[str]:
    found = []
    for name in (*ODD, "fictif-1", "n1", "n50", "n102"):
        path = "bac/" + quote(name, safe="/:@!$&'()*+,;=~-._")
        if name != "x.ttl":  # without its suffix this address says a form of x
            found += [f"/doc/{path}", f"/id/{path}"]
        found += [f"/doc/{path}.{suffix}" for suffix in ("ttl", "html", "jsonld", "nt", "rdf", "trig", "json")]
        if name not in ODD:
            found += [f"/linkset{dot}?iri={quote_plus(f'{ID}bac/{name}')}" for dot in ("", ".json", ".txt")]
            found.append(f"/linkset.json?iri={ID}bac/{name}")
    return found


def vary(headers: Mapping[str, str]) -> set[str]:
    return {each.strip().lower() for each in headers.get("vary", "").split(",") if each.strip()}


def is_plain(path: str, headers: Mapping[str, str]) -> bool:
    """Return whether an answer is plain JSON of things or a schema, of which a mirror has the French."""
    kind = headers.get("content-type")
    return (path.startswith(("/doc", "/links")) and kind == "application/json") or kind == "application/schema+json"


LONG = 200
"""Characters of a path of which not all links fit into a head."""


def timeless(headers: Mapping[str, str]) -> list[str]:
    """Return the links except those to other states, since a file has those of its own address."""
    links = headers.get("link", "").removeprefix("<").split(", <")
    return [each for each in links if 'rel="original timegate"' not in each]


def dated(status: int, path: str) -> set[str]:
    """Return what Vary may name besides: a mirror has one state, and proxies requests for others or answers 501."""
    one = status == 301 or status >= 400 or path.startswith("/.well-known/void")
    return {"accept-datetime"} if one else set()


def differences(ours: Any, theirs: Any, path: str) -> Iterator[str]:  # noqa: ANN401
    (status, headers, body), (other, others, other_body) = ours, theirs
    if status != other:
        if (status, other) not in STATUS:
            yield f"status {status} {other}"
        return
    if status == 200 and body != other_body:
        yield "body"
    for name in {*headers, *others} - set(BY_NATURE):
        if (status, name) in AT_SOME or (name == "link" and any(leave(path, headers) for leave in LINKS)):
            continue
        if name == "vary" and (vary(headers) ^ vary(others)) <= dated(status, path):
            continue
        if name == "link" and timeless(headers) == timeless(others):
            continue
        # A server leaves out links that would make a head too long for a proxy before it.
        if name == "link" and len(path) > LONG and set(timeless(headers)) < set(timeless(others)):
            continue
        if headers.get(name) != others.get(name):
            yield f"{status} {name}: {str(headers.get(name))[-300:]!r} {str(others.get(name))[-300:]!r}"


@pytest.mark.parametrize(
    ("what", "paths", "each", "least"),
    [
        ("site", paths_of_site(), 12, 1500),
        ("things", paths_of_things(), 6, 1000),
        ("harm", list(HARM), 6, 200),
        ("slashes", list(SLASHES), 6, 200),
    ],
)
def test_mirror_answers_as_the_live_server(
    what: str,
    paths: list[str],
    each: int,
    least: int,
    live: Server,
    static: Nginx,
    record_property: Any,  # noqa: ANN401
) -> None:
    ask, asked = Asked(live.port), Asked(static.port)
    found, statuses = Counter[str](), Counter[int]()
    examples: dict[str, str] = {}
    for path, headers in requests(paths, each, second_page(ask)):
        first = ask("GET", path, headers)
        if is_plain(path, first[1]):
            if "lang=" in path:
                assert asked("GET", path, headers)[0] == 501, "in a language that was asked for, a program alone has it"
                statuses[501] += 1
                continue
            headers = headers | {"Accept-Language": "fr"}  # noqa: PLW2901
            first = ask("GET", path, headers)
        etag = first[1].get("etag")
        conditions: list[tuple[str, dict[str, str]]] = [("GET", {}), ("HEAD", {})]
        if etag:
            conditions += [("GET", {"If-None-Match": f'"x", W/{etag}'}), ("HEAD", {"If-None-Match": etag})]
            conditions += [("GET", {"If-None-Match": '"x"'}), ("GET", {"If-None-Match": "*"})]
        if dated := first[1].get("last-modified"):
            conditions.append(("GET", {"If-Modified-Since": dated}))
        for method, condition in conditions:
            told = headers | condition
            ours = ask(method, path, told)
            statuses[ours[0]] += 1
            for difference in differences(ours, asked(method, path, told), path):
                found[difference] += 1
                examples.setdefault(difference, f"{method} {path} {told}")
    ask.close()
    asked.close()
    record_property("comparisons", sum(statuses.values()))
    print(
        what, dict(statuses), *(f"{count} {key}\n    {examples[key]}" for key, count in found.most_common(20)), sep="\n"
    )
    assert found == {}
    assert sum(statuses.values()) > least
    assert set(statuses) >= {"harm": {404}, "slashes": {301}}.get(what, {200, 304, 406, 501})


def test_a_live_server_answers_what_no_file_can(live: Server) -> None:
    mirror = mirrored(live)
    mirror.export(Options(live_server=live.url))
    query = "/sparql.csv?query=" + quote_plus("SELECT ?x { VALUES ?x { 7 } }")
    with (
        closing(Nginx(live.log.parent / "proxied", mirror.root)) as nginx,
        closing(Asked(live.port)) as ask,
        closing(Asked(nginx.port)) as asked,
    ):
        for path in (
            query,
            "/search.json?q=ferry",
            "/doc/bac.csv?size=2",
            "/changes.atom",
            "/changes/1.json",
            "/describe.ttl?iri=" + quote_plus(f"{ID}bac/n1"),
        ):
            ours, theirs = ask("GET", path, {}), asked("GET", path, {})
            assert ours[0] == theirs[0] == 200, path
            assert ours[2] == theirs[2]
            assert theirs[1].get("etag") == ours[1].get("etag")
        then = {"Accept-Datetime": "Thu, 01 Jan 2026 00:00:00 GMT"}
        assert asked("GET", "/doc/bac/n1.ttl", then)[0] == ask("GET", "/doc/bac/n1.ttl", then)[0] == 302


def test_without_a_live_server_what_no_file_can_answer_is_501(static: Nginx) -> None:
    asked = Asked(static.port)
    for path in (
        "/sparql",
        "/sparql.csv?query=x",
        "/search?q=x",
        "/reconcile",
        "/describe?iri=x",
        "/doc/bac?size=2",
        "/changes",
    ):
        for accept, start in (
            ("application/json", b'{\n  "type": "https://w3id.org/cper-lod/problem/mirror-static"'),
            ("text/html", b"<!DOCTYPE"),
        ):
            status, headers, body = asked("GET", path, {"Accept": accept})
            assert (status, headers["cache-control"]) == (501, "no-store"), path
            assert body.lower().startswith(start.lower())
    first, same = asked("GET", "/links", {}), asked("GET", "/links?after=", {})
    assert (same[0], same[2]) == (200, first[2]), "the first page is the list itself"
    assert asked("GET", "/doc/bac/n1", {"Accept-Datetime": "Thu, 01 Jan 2026 00:00:00 GMT"})[0] == 501
    status, headers, _ = asked("POST", "/doc/bac/n1", {"Content-Length": "0"})
    assert (status, headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    status, headers, _ = asked("OPTIONS", "/doc/bac/n1", {})
    assert (status, headers["access-control-allow-methods"]) == (200, "GET, HEAD, OPTIONS")
    status, headers, body = asked("GET", "/dump/tout.ttl", {"Range": "bytes=0-9"})
    assert (status, headers["content-range"][:10], len(body)) == (206, "bytes 0-9/", 10)
    asked.close()


def test_rules_by_pattern_say_the_same_but_for_validators_and_kinds(live: Server) -> None:
    """As for a release that is too large for one rule per file."""
    mirror = mirrored(live)
    mirror.export(Options(max_exact_rules=0))
    count = 0
    with (
        closing(Nginx(live.log.parent / "patterns", mirror.root)) as nginx,
        closing(Asked(live.port)) as ask,
        closing(Asked(nginx.port)) as asked,
    ):
        for path, headers in requests(paths_of_things(), 2, ""):
            ours, theirs = ask("GET", path, headers), asked("GET", path, headers)
            if is_plain(path, ours[1]):
                if "lang=" in path:
                    continue
                ours = ask("GET", path, headers | {"Accept-Language": "fr"})
            found = [each for each in differences(ours, theirs, path) if not re.match("200 (etag|link|vary):", each)]
            assert found == [], (path, headers)
            if theirs[0] == 200:
                again = asked("GET", path, headers | {"If-None-Match": theirs[1]["etag"]})
                assert again[0] == 304
                assert again[1]["etag"] == theirs[1]["etag"]
                assert "lang=" in path or len(path) > LONG or set(timeless(theirs[1])) <= set(timeless(ours[1]))
                count += 1
    assert count > 100
    facts = (mirror.root / "rules/nginx/facts.map").read_text()
    assert '"~^/doc/.*' in facts
    assert "/doc/bac/n1" not in facts, "no rule is about one thing"

"""How the tests of the server ask it: plain HTTP, the application in this process, and data that means harm."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from cper_lod.release.release import Release
from cper_lod.web.http.templating import keep_compiled
from tests.release.plan.small_contracts import CONTRACTS, figure, release_of
from tests.support.npm_packages import npm_packages
from tests.support.nquads_release import PREFIX_LINES, client_without_engine, given_release
from tests.support.server import Server, ServerAddress
from tests.support.web import HttpClient, client_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from tests.web.chromium import BrowserPage


@pytest.fixture(scope="session")
def packages() -> Path:
    """Return the folder of the npm packages."""
    return npm_packages()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """One Chromium for all tests of a module."""
    from tests.web.chromium import chromium  # noqa: PLC0415  # most modules do without

    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def french_reader(browser: "Browser") -> "Iterator[BrowserContext]":
    """What a reader of French has open: a new one takes longer than most pages."""
    context = browser.new_context(locale="fr-FR")
    yield context
    context.close()


@pytest.fixture
def visit(french_reader: "BrowserContext", server: ServerAddress) -> "Iterator[BrowserPage]":
    """A window of common size on the server of the contract, in French."""
    from tests.web.chromium import BrowserPage  # noqa: PLC0415  # most modules do without

    visited = BrowserPage(french_reader, server.url)
    yield visited
    visited.page.close()


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(releases: Path) -> None:
    """Have all processes of pytest-xdist share what templates are compiled to."""
    keep_compiled(releases)


@pytest.fixture(scope="session")
def web(server: ServerAddress) -> HttpClient:
    """A client of the running server."""
    return HttpClient(server.url)


@pytest.fixture(scope="session")
def client(release: Release) -> Iterator[FlaskClient]:
    """A client of the application in this process, serving the release of the real sources."""
    yield from client_of(release, query_workers=1)


@pytest.fixture(scope="session")
def small(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client that serves small contracts of every kind, one of them made up."""
    contracts = CONTRACTS | {"of-nowhere": '<> skos:altLabel "x" .' + figure("montant/total", "9 M€", "9000000")}
    release = release_of(releases, tmp_path_factory.mktemp("small"), contracts, fictitious=("of-nowhere",))
    return client_without_engine(release)


HOSTILE = (
    PREFIX_LINES
    + r"""
@prefix ex: <http://ex.org/> . @prefix id: <https://w3id.org/cper-lod/id/thing/> .
ex:a a ex:Evil, cper:Contrat ;
    rdfs:label "<script>alert(1)</script> \"quoted\" 'single' & amp"@en, "\u202Eمرحبا"@ar ;
    ex:p <javascript:alert(1)>, <data:text/html,x>, "1E9999999"^^xsd:decimal,
        "123456789012345678901234567890.5"^^xsd:decimal, "20230109"^^xsd:date, "x"^^<javascript:dt>,
        "</textarea><script>" ;
    cper:engagement ex:e1, "text", [ cper:valeur "abc" ] ;
    cper:enveloppe ex:env ; cper:priorite ex:p1, "literal" ; cper:signature ex:sig ; cper:valeurDerivee ex:der ;
    cper:signePar ex:sign, [] .
<http://ex.org/a/e1> cper:valeur "-5"^^xsd:decimal ; cper:financeur "someone" .
ex:quoted ex:q <<( ex:s ex:p "<script>" )>> .
<http://ex.org/a/sub> cper:pourcentage "NaN"^^xsd:double ; skos:notation "²" .
ex:b a cper:Contrat ; cper:territoire "nowhere" ; dct:temporal "never" .
<http://ex.org/b/1> a cper:Montant ; cper:contrat ex:b ; cper:valeur "-5" ; cper:financeur "someone", [] .
<http://ex.org/b/2> a cper:Montant ; cper:contrat ex:b ; cper:valeur "1E99999999" ; cper:financeur ex:b ; cper:nature "x" .
<http://ex.org/b/part> a cper:Part ; cper:contrat ex:b ; cper:valeur "-12", "1200" ; cper:subdivision <http://ex.org/b/y> .
<http://ex.org/b/part2> a cper:Part ; cper:contrat ex:b ; cper:valeur "1200" ; cper:subdivision <http://ex.org/b/x>, "x" ;
    cper:partieDe <http://ex.org/b/part2> ; cper:divergeDe ex:nothing .
<http://ex.org/b/env> a cper:Montant ; cper:contrat ex:b ; cper:valeur "beaucoup" ; cper:montantTotal "beaucoup" .
<http://ex.org/b/sum> a cper:ValeurDerivee ; cper:contrat ex:b ; cper:valeur "1E99999999" ; cper:borneInferieure "x" .
<http://ex.org/b/sig> a cper:Etape ; cper:contrat ex:b ; dct:date "never", "--13-45" ; prov:atLocation "x" .
<http://ex.org/b/x> a cper:Subdivision ; cper:contrat ex:b ; skos:notation "x" ; skos:broadMatch <http://ex.org/b/p1> .
<http://ex.org/b/p1> a cper:Subdivision ; cper:contrat ex:b ; skos:notation "²" ; skos:broadMatch <http://ex.org/b/x> .
<http://ex.org/b/y> a cper:Subdivision ; cper:contrat ex:b ; skos:inScheme "scheme", ex:b .
<http://ex.org/b/z> a cper:Subdivision ; cper:contrat "a text" .
ex:b dcat:qualifiedRelation <http://ex.org/b/link> . <http://ex.org/b/link> dct:relation <javascript:alert(2)> ;
    schema:value "x", "y" ; schema:url "javascript:alert(3)", <data:text/html,y/data/?> .
<http://ex.org/a%20b> ex:p ex:é .
ex:é ex:p ex:a ; rdfs:label "été" .
<http://ex.org/a'b> a ex:Q ; ex:p 1 .
ex:notype ex:p rdf:type .
ex:literal-type a "a literal type", <<( ex:s ex:p ex:o )>> .
ex:control rdfs:label "bell \u0007" .
ex:digit <http://ex.org/1> "x" .
ex:list ex:p ( "one" ex:two ( "deeper" ) ), [ ex:p [ ex:p "inside" ] ] .
ex:loop ex:p _:c1 . _:c1 ex:p _:c2 . _:c2 ex:p _:c1 .
id:file.ttl rdfs:label "a thing named like a file" .
<https://w3id.org/cper-lod/id/thing/a/../b> rdfs:label "dots" .
<https://w3id.org/cper-lod/id/thing/q?x=1&y=2> rdfs:label "query" .
<https://w3id.org/cper-lod/id/thing/f#frag> rdfs:label "fragment" .
id:é rdfs:label "accent" .
<https://w3id.org/cper-lod/id/thing/%C3%A8> rdfs:label "encoded" .
<https://w3id.org/cper-lod/id//evil.example/x> rdfs:label "slashes" .
<https://w3id.org/cper-lod/id/thing/ends/> rdfs:label "slash at the end" .
<https://w3id.org/cper-lod/id/thing/o'q> rdfs:label "apostrophe" .
<https://w3id.org/cper-lod/id/thing/100%25> rdfs:label "percent" .
GRAPH ex:g { ex:a ex:p ex:other . _:x a ex:InG . }
GRAPH _:nameless { ex:a ex:p ex:c }
"""
)


@pytest.fixture(scope="session")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TriG file that tries what data can try against pages and writers."""
    path = tmp_path_factory.mktemp("hostile") / "hostile.trig"
    path.write_text(HOSTILE, "utf-8")
    return path


@pytest.fixture(scope="session")
def hostile(hostile_file: Path, releases: Path) -> Release:
    """The release of the hostile file, served as given."""
    return given_release(releases, hostile_file)


@pytest.fixture(scope="session")
def hostile_client(hostile: Release) -> Iterator[FlaskClient]:
    """A client of the application in this process, serving the hostile file."""
    yield from client_of(hostile, query_workers=1)


@pytest.fixture(scope="session")
def no_contract_client(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> FlaskClient:
    """A client of the application in this process, serving the hostile data without their contracts."""
    path = tmp_path_factory.mktemp("hostile") / "no-contract.trig"
    path.write_text(HOSTILE.replace("cper:Contrat", "ex:Contract"), "utf-8")
    return client_without_engine(given_release(releases, path))


@pytest.fixture(scope="session")
def data_server(hostile_file: Path, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server that serves the hostile file as given."""
    log = tmp_path_factory.mktemp("data-server") / "log"
    with closing(Server(["--releases", str(releases), "--data", str(hostile_file)], log)) as running:
        yield running

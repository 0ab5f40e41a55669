"""The names of things: everything that can be opened has one in each language."""

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.namespaces import shorten
from cper_lod.rdf.graph import Graph
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release
from cper_lod.release.storage.quad_file import parse_lines
from cper_lod.web.components.labels import LabelReader
from tests.support.names import BASE


@pytest.fixture(params=["fr", "en"])
def lang(request: pytest.FixtureRequest) -> Language:
    return request.param  # type: ignore[no-any-return]


def test_all_that_is_described_has_words_for_a_name(client: FlaskClient, release: Release, lang: Language) -> None:
    quads = parse_lines(release.lines())
    described = {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}
    with client.application.test_request_context():
        names = LabelReader(ReleaseGraph(release), Graph(()), lang)
        named = {iri: names.name(iri) for iri in described}
    assert len(named) > 900
    nameless = {iri for iri, name in named.items() if name in (iri, shorten(iri), formatting.address(iri))}
    assert {iri for iri in nameless if iri.startswith(BASE)} == set()
    assert {iri.rpartition("/media-types/")[0] for iri in nameless} == {"https://www.iana.org/assignments"}


NAMES = {
    "id/organisme/region-hauts-de-france/lien/comptes-regions": (
        "Région Hauts-de-France dans « Comptes consolidés des régions (OFGL) »",
        "Hauts-de-France Region in “Consolidated accounts of regions (OFGL)”",
    ),
    "def/structure/composant/subdivision": ("Dimension : subdivision", "Dimension: subdivision"),
    "dataset#classe=cper:Part": ("Classe : part", "Class: share"),
    "ontology#prefixe-adms": ("Préfixe : adms", "Prefix: adms"),
    "graph/rapport": ("Rapport de validation (graph/rapport)", "Validation report (graph/rapport)"),
}


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_what_has_no_name_is_called_after_something(
    client: FlaskClient, release: Release, name: str, expected: tuple[str, str]
) -> None:
    with client.application.test_request_context():
        readers = [LabelReader(ReleaseGraph(release), Graph(()), each) for each in ("fr", "en")]
        assert tuple(each.name(BASE + name) for each in readers) == expected

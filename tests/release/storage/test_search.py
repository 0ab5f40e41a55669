"""Search: what is found, in which order, and what absurd searches come to."""

import sqlite3
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import BASE, CPER, OWL, SKOS
from cper_lod.release.build import index_search
from cper_lod.release.storage.search import MAX_HITS, SearchIndex, parse_search, with_synonyms
from cper_lod.release.storage.text import words
from tests.support.refusals import refused

E = "http://e.org/"
ID = BASE + "id/"
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
LABEL = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
ALT = "<http://www.w3.org/2004/02/skos/core#altLabel>"
NOTATION = "<http://www.w3.org/2004/02/skos/core#notation>"
TEXT = "<http://purl.org/dc/terms/description>"
SELECT = "<http://www.w3.org/ns/shacl#select>"
XSD = "http://www.w3.org/2001/XMLSchema#"


def made(folder: Path, lines: list[str], *, every_graph: bool = False) -> SearchIndex:
    """Return the index of a few N-Quads."""
    folder.mkdir(exist_ok=True)
    (folder / "data.nq").write_bytes(b"".join(sorted(f"{line} .\n".encode() for line in lines)))
    index_search.write_search_index(folder / "data.nq", folder / "site.sqlite", every_graph=every_graph)
    return SearchIndex(folder / "site.sqlite")


def found(index: SearchIndex, text: str) -> list[str]:
    hits = index.find(text, 0, 20)
    assert hits.count == len(hits.iris)
    assert not hits.more
    return [iri.removeprefix(ID).removeprefix(E).removeprefix(BASE) for iri in hits.iris]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    return made(
        tmp_path_factory.mktemp("search"),
        [
            f'<{ID}a> {TEXT} "La mobilité des personnes"@fr',
            f'<{ID}a> {LABEL} "Transports"@fr',
            f'<{ID}b> {LABEL} "Mobilité"@fr',
            f'<{ID}b> {LABEL} "Mobility"@en',
            f'<{ID}c> {LABEL} "Mobilité durable des personnes"@fr',
            f'<{ID}c> {ALT} "Œuvre des routes"@fr',
            f'<{ID}d> {LABEL} "Mobilités"@fr',
            f'<{ID}e/1> {LABEL} "Mobilité durable"@fr',
            f'<{E}x> {LABEL} "Mobilité durable"@fr',
            f'<{ID}f> {NOTATION} "FRE"^^<{E}code>',
            f'<{ID}f> {TEXT} "994"^^<{XSD}integer>',
            f'<{ID}g/sans-nom> {TEXT} "de la personne"@fr',
            f'<{ID}h> {SELECT} "SELECT introuvable"',
            f'<{ID}h> {LABEL} "Question"@fr',
            f'_:q {LABEL} "Enfouie"@fr',
            f'<{ID}i> {LABEL} "Hôte"@fr',
            f'<{ID}j> {LABEL} "dans un graphe"@fr <{E}g>',
            f'<{ID}l> {LABEL} "Sept"@fr',
            f"<{ID}l> {TYPE} <{CPER}Chose>",
            f'<{ID}l> {NOTATION} "7"^^<{XSD}integer>',
            f'<{ID}l> <{E}n> "57.3"^^<{XSD}decimal>',
            f"<{ID}l> <{OWL}sameAs> <http://wiki.org/entity/Q42>",
            f"<{ID}l> <{SKOS}exactMatch> <http://nuts.org/code/XYZ9>",
            f"<{ID}l> <{SKOS}closeMatch> <http://e.org/weak>",
            f'<{CPER}Chose> {LABEL} "Chose"@fr',
            f'<{CPER}Chose> {LABEL} "Thing"@en',
            f'<{ID}k> {LABEL} "Axe 10"@fr',
            f'<{ID}k/2> {LABEL} "Axe deux"@fr',
            f'<{ID}k/10> {LABEL} "Axe dix"@fr',
        ],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mobilité", ["b", "d", "c", "e/1", "x", "a"]),
        ("mobil", ["b", "d", "c", "e/1", "x", "a"]),
        ("personnes mobilité", ["c", "a"]),
        ("Œuvre rout", ["c"]),
        ("fre", ["f"]),
        ("994", ["f"]),
        ("chose 7", ["l"]),
        ("57,3", ["l"]),
        ("Q42", ["l"]),
        ("weak", []),
        ("cper:Chose", ["ontology#Chose"]),
        ("introuvable", []),
        ("enfouie", []),
        ("sans nom", ["g/sans-nom"]),
        ("graphe", []),
        ("axe", ["k", "k/2", "k/10"]),
        ("mobilité mobilité", ["b", "d", "c", "e/1", "x", "a"]),
        ("durable mobi", ["c", "e/1", "x"]),
    ],
)
def test_what_is_found_and_in_which_order(small: SearchIndex, text: str, expected: list[str]):
    assert found(small, text) == expected


SYNTAX = [
    *("NEAR(mobilité durable)", "name:mobilité", "mobilité OR x", 'mobilité" OR "x', "^mobilité", "mobil*"),
    "'; DROP TABLE things; --",
]


@pytest.mark.parametrize("text", SYNTAX)
def test_nothing_that_is_written_is_syntax(small: SearchIndex, text: str):
    plain = " ".join(words(text))
    assert small.find(text, 0, 20) == small.find(plain, 0, 20)


@given(st.text(max_size=60))
def test_any_text_is_answered(small: SearchIndex, text: str):
    try:
        hits = small.find(text, 0, 5)
    except Problem as problem:
        assert problem.kind.code in ("search-empty", "search-too-long")
    else:
        assert hits.count >= len(hits.iris)
        assert parse_search(text).words


def test_a_python_without_fts5_is_told_so(tmp_path: Path, small: SearchIndex, monkeypatch: pytest.MonkeyPatch):
    sqlite = Mock()
    sqlite.execute.side_effect = sqlite3.OperationalError("no such module: fts5")
    monkeypatch.setattr(sqlite3, "connect", lambda *_, **__: sqlite)
    with refused("search-impossible"):
        made(tmp_path, [])
    with refused("search-impossible"):
        small.find("mobilité", 0, 10)


def test_contracts_and_axes_come_first_and_sparql_last(tmp_path: Path):
    sparql = "<http://www.w3.org/ns/shacl#SPARQLSelectExecutable>"
    index = made(
        tmp_path / "kinds",
        [
            f'<{ID}a/q> {LABEL} "Mobilités"@fr',
            f"<{ID}a/q> {TYPE} {sparql}",
            f'<{ID}b> {LABEL} "Autre mobilité"@fr',
            f'<{ID}z/9/axe> {LABEL} "Favoriser la mobilité"@fr',
            f"<{ID}z/9/axe> {TYPE} <{CPER}Subdivision>",
            f"<{ID}z/9/axe> <http://purl.org/dc/terms/type> <{ID}code/axe>",
            f'<{ID}c> {TEXT} "mobilité"@fr',
            f'<{ID}z/9/axe> {NOTATION} "9"',
            f'<{ID}code/axe> {LABEL} "Axe"@fr',
            f"<{ID}code/axe> {TYPE} <{SKOS}Concept>",
            f'<{CPER}Axe> {LABEL} "axe"@fr',
            f"<{CPER}Axe> {TYPE} <{OWL}Class>",
            f'<{ID}d> {LABEL} "Part de l\'axe 9"@fr',
        ],
    )
    assert found(index, "axe") == ["z/9/axe", "d", "code/axe", "ontology#Axe"], "the axes before the word for them"
    assert found(index, "axe 9")[0] == "z/9/axe"
    assert found(index, "cper:Axe")[0] == "ontology#Axe"
    assert found(index, "mobilités") == ["z/9/axe", "b", "c", "a/q"], "even what has exactly this name"
    assert [index.find("mobilités", each, 1).iris[0].removeprefix(ID) for each in (2, 3)] == ["c", "a/q"]


def test_the_nearest_words(small: SearchIndex):
    assert small.nearest_words(parse_search("mobilitee personne")) == {"mobilitee": "mobilite"}
    assert small.nearest_words(parse_search("zzz " + "m" * 90)) == {}
    assert small.nearest_words(parse_search("mobilitee"), deadline=0.0) == {}, "no time is left"


@pytest.mark.parametrize("text", ["chose", "chos"])
def test_more_than_can_be_told_apart_is_said(tmp_path: Path, text: str):
    index = made(tmp_path, [f'<{ID}n/{number}> {LABEL} "chose {number}"' for number in range(MAX_HITS + 5)])
    hits = index.find(text, MAX_HITS - 5, 20)
    assert (len(hits.iris), hits.count, hits.more) == (5, MAX_HITS, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("TER", ["m", "d"]), ("trains", ["z", "m", "y", "d"]), ("territ", ["a"]), ("gares", ["c", "m", "d"])],
)
def test_synonyms_are_found_after_the_word_itself_which_is_whole(tmp_path: Path, text: str, expected: list[str]):
    """« TER » does not begin « territoires », nor « trains » “training”; other words are prefixes."""
    names = {"a": "Territoires", "b": "Vocational training", "c": "Une gare", "m": "Mobilités", "z": "Un train"}
    texts = {"d": "mobilité", "y": "train"}
    lines = [f'<{ID}{iri}> {LABEL} "{name}"' for iri, name in names.items()]
    index = made(tmp_path, [*lines, *(f'<{ID}{iri}> {TEXT} "{text}"' for iri, text in texts.items())])
    query = with_synonyms(parse_search(text))
    assert [iri.removeprefix(ID) for iri in index.find(text, 0, 20, query).iris] == expected
    assert [query.share((names | texts)[iri]) for iri in ("b", *expected)] == [0] + [1] * len(expected)

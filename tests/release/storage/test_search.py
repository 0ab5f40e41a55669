"""Search: words as a reader looks for them, what is found, in which order, and what absurd searches come to."""

import sqlite3
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.names import PROGRAM
from cper_lod.release.build import index_search
from cper_lod.release.storage.search import MAX_HITS, SearchIndex, parse_search, with_synonyms
from cper_lod.release.storage.text import SearchWords, highlight, snippet, words
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES
from tests.support.refusals import refused

ID = f"{BASE}id/"
HEADER = PREFIX_LINES + f"@prefix e: <urn:> . @base <{ID}> .\n"


def made(folder: Path, trig: str) -> SearchIndex:
    """Return the index of what TriG says, the default graph of it."""
    lines = sorted(f"{quad} .\n".encode() for quad in parse((HEADER + trig).encode(), RdfFormat.TRIG))
    (folder / "data.nq").write_bytes(b"".join(lines))
    index_search.write_search_index(folder / "data.nq", folder / "site.sqlite", PROGRAM, every_graph=False)
    return SearchIndex(folder / "site.sqlite")


def found(index: SearchIndex, text: str) -> list[str]:
    hits = index.find(text, 0, 20)
    assert hits.count == len(hits.iris)
    assert not hits.more
    return [iri.removeprefix(ID).removeprefix("urn:").removeprefix(BASE) for iri in hits.iris]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    return made(tmp_path_factory.mktemp("search"), SMALL)


SMALL = """
<a> dct:description "La mobilité des personnes"@fr ; skos:prefLabel "Transports"@fr .
<b> skos:prefLabel "Mobilité"@fr, "Mobility"@en .
<c> skos:prefLabel "Mobilité durable des personnes"@fr ; skos:altLabel "Œuvre des routes"@fr .
<d> skos:prefLabel "Mobilités"@fr . <e/1> skos:prefLabel "Mobilité durable"@fr . e:x skos:prefLabel "Mobilité durable"@fr .
<f> skos:notation "FRE"^^e:code ; dct:description 994 .
<g/sans-nom> dct:description "de la personne"@fr .
<h> sh:select "SELECT introuvable" ; skos:prefLabel "Question"@fr .
_:q skos:prefLabel "Enfouie"@fr . <i> skos:prefLabel "Hôte"@fr . e:g { <j> skos:prefLabel "dans un graphe"@fr }
<l> skos:prefLabel "Sept"@fr ; a cper:Chose ; skos:notation 7 ; e:n 57.3 ; owl:sameAs <http://wiki.org/entity/Q42> ;
    skos:exactMatch <http://nuts.org/code/XYZ9> ; skos:closeMatch e:weak .
cper:Chose skos:prefLabel "Chose"@fr, "Thing"@en .
<k> skos:prefLabel "Axe 10"@fr . <k/2> skos:prefLabel "Axe deux"@fr . <k/10> skos:prefLabel "Axe dix"@fr .
"""


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
        made(tmp_path, "")
    with refused("search-impossible"):
        small.find("mobilité", 0, 10)


def test_contracts_and_axes_come_first_and_sparql_last(tmp_path: Path):
    index = made(
        tmp_path,
        """
        <a/q> skos:prefLabel "Mobilités"@fr ; a sh:SPARQLSelectExecutable . <b> skos:prefLabel "Autre mobilité"@fr .
        <z/9/axe> skos:prefLabel "Favoriser la mobilité"@fr ; a cper:Subdivision ; dct:type <code/axe> ; skos:notation "9" .
        <c> dct:description "mobilité"@fr . <code/axe> skos:prefLabel "Axe"@fr ; a skos:Concept .
        cper:Axe skos:prefLabel "axe"@fr ; a owl:Class . <d> skos:prefLabel "Part de l'axe 9"@fr .
        """,
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
    index = made(tmp_path, "".join(f'<n/{n}> skos:prefLabel "chose {n}" .' for n in range(MAX_HITS + 5)))
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
    named = (f'<{iri}> skos:prefLabel "{name}" .' for iri, name in names.items())
    index = made(
        tmp_path, " ".join([*named, *(f'<{iri}> dct:description "{words}" .' for iri, words in texts.items())])
    )
    query = with_synonyms(parse_search(text))
    assert [iri.removeprefix(ID) for iri in index.find(text, 0, 20, query).iris] == expected
    assert [query.share((names | texts)[iri]) for iri in ("b", *expected)] == [0] + [1] * len(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Œuvre d'ÉTAT", ["oeuvre", "d", "etat"]),
        ("Straße, ﬁn, Łódź", ["strasse", "fin", "lodz"]),
        ("snake_case", ["snake", "case"]),
        ("½ x²", ["1", "2", "x2"]),
        ("des pas, os, 12s", ["des", "pas", "os", "12s"]),
        ("process, Hess, xxss, 2021s", ["process", "hess", "xxss", "2021"]),
    ],
)
def test_words_are_folded(text: str, expected: list[str]):
    assert words(text) == expected


@given(st.text())
def test_folding_is_done_once(text: str):
    once = words(text)
    assert words(" ".join(once)) == once
    assert all(word.isalnum() for word in once)


@given(st.text(), st.text(min_size=1))
def test_marks_stand_in_the_text_and_lose_nothing(text: str, sought: str):
    looked_for = SearchWords(tuple(words(sought)))
    for made in (highlight(text, looked_for), snippet(text, looked_for)):
        assert "".join(piece for piece, _ in made.pieces) == made.text
        assert all(0 <= start < end <= len(made.text) for start, end in made.marks)
    assert highlight(text, looked_for).text == text

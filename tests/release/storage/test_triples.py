"""What the index tells: of one node, read once where it is little; of what mentions it, sorted, counted and page by page."""

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.release.storage import triples as module
from cper_lod.release.storage.triples import SMALL_NODE_QUADS, Count, Triples

E = "https://example.org/"
LITTLE, MUCH = NamedNode(E + "little"), NamedNode(E + "much")
NAME = E + "name"


def triples_of(trig: str) -> Triples:
    store = Store()
    store.bulk_extend(parse(f"@prefix : <{E}> . {trig}".encode(), RdfFormat.TRIG))  # type: ignore[arg-type]
    return Triples(store)


def test_many_subsidies_hide_no_figure_of_a_contract() -> None:
    """What refers to a node is read whole while it is little; beyond that, only what is among others."""
    of, every = E + "of", [f"{E}{number:03}" for number in range(50)]
    found, few = triples_of("".join(f"<{iri}> :of :much . " for iri in every)), every[::10]
    assert found.referring_of(of, MUCH.value, few, 50) == every
    assert found.referring_of(of, MUCH.value, [*few[::-1], f"{E}other", "no IRI"], 20) == few
    assert found.referring_of(of, MUCH.value, every, 20) == every
    assert found.referring_of(of, "no IRI", few, 20) == []


def test_of_a_large_node_no_more_is_read_than_is_wanted() -> None:
    triples = triples_of(f":much :name {', '.join(map(str, range(SMALL_NODE_QUADS + 10)))} .")
    found, whole = triples.description(MUCH, SMALL_NODE_QUADS + 5)
    values = [each.value for each in found[NAME]]
    assert (len(values), values, whole) == (SMALL_NODE_QUADS + 5, sorted(values), False)
    assert triples.description(MUCH, SMALL_NODE_QUADS + 10)[1]


def test_each_mention_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    few = " ".join(f":{number} :name :x ." for number in range(5))
    found = triples_of(f'{few} :a :x "predicate" . :x {{ :b :name "graph" . :c :x :x }} :x :name "own" .')
    subjects = [str(quad.subject) for quad in found.mentions(E + "x")]
    assert subjects == sorted(f"<{E}{name}>" for name in "01234abc")
    assert found.count_mentions(E + "x") == Count(8, exact=True)
    rows, count = found.page_of_mentions(E + "x", 0, 100)
    assert ([str(row.subject) for row in rows], count.number) == (subjects, 8)
    assert [found.page_of_mentions(E + "x", start, 3)[0] for start in (0, 3, 6)] == [rows[:3], rows[3:6], rows[6:]]
    monkeypatch.setattr(module, "MAX_COUNTED", 4)
    assert found.count_mentions(E + "x") == Count(4, exact=False)
    pages = [row for start in (0, 3, 6) for row in found.page_of_mentions(E + "x", start, 3)[0]]
    assert sorted(pages, key=str) == rows
    assert [row.object.value for row in found.page_of_values(E + "x", NAME, 0, 9)[0]] == ["own"]  # type: ignore[union-attr]

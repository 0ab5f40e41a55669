"""Reading a release node by node: the same as its data say, bounded for what is large."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, RDFS, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import MAX_READ, ReleaseGraph
from cper_lod.release.release import Release, once_per_release
from cper_lod.release.storage.quad_file import parse_lines

HUB = NamedNode("https://example.org/hub")


@pytest.fixture(scope="module")
def large(release_of: Callable[[str], Release]) -> Release:
    """A release in which one thing has more values than are read, of a property that sorts before its label."""
    many = "\n".join(f"<{HUB.value}> <http://a.example/p> <https://example.org/{n}> ." for n in range(2 * MAX_READ))
    named = f'<{HUB.value}> <{RDFS}label> "Moyeu"@fr, "Hub"@en .\n<{HUB.value}> a <https://example.org/Hub> .'
    twice = f'GRAPH <http://g.example/> {{ <{HUB.value}> <{RDFS}label> "Hub"@en }}'
    return release_of(f"{many}\n{named}\n{twice}\n")


def test_a_node_has_its_properties(release: Release):
    quads = list(parse_lines(release.lines()))
    reader, looked = ReleaseGraph(release), 0
    for subject in sorted({quad.subject for quad in quads}, key=str)[::7]:
        own = {(quad.predicate.value, str(quad.object)) for quad in quads if quad.subject == subject}
        if len(own) <= MAX_READ:
            told = reader.properties(subject)
            assert {(name, str(value)) for name, values in told.items() for value in values} == own
            looked += 1
    assert looked > 50


def test_large_subjects_are_read_by_property(large: Release):
    reader = ReleaseGraph(large)
    assert len(reader.all(HUB, "http://a.example/p")) == MAX_READ
    assert len(reader.properties(HUB)["http://a.example/p"]) <= MAX_READ
    assert (reader.name(HUB, "fr"), reader.name(HUB, "en")) == ("Moyeu", "Hub")
    assert reader.types(HUB) == ["https://example.org/Hub"]


def test_known_subjects_are_not_read_again(release: Release):
    axis = NamedNode("https://w3id.org/cper-lod/id/contrat/hauts-de-france-2021-2027/axe/1")
    told = ReleaseGraph(release).properties(axis)
    assert len(told) > 5
    invented: dict[str, list[Term]] = {SKOS + "prefLabel": [Literal("Connu", language="fr")]}
    assert ReleaseGraph(release, {axis: invented}).properties(axis) == invented


def test_names_prefer_the_language_of_the_reader_then_french(release: Release):
    reader = ReleaseGraph(release)
    statement = NamedNode("https://w3id.org/cper-lod/id/organisme/etat")
    assert (reader.name(statement, "fr"), reader.name(statement, "en")) == ("État", "State (France)")
    assert reader.name(NamedNode("https://example.org/nothing"), "fr") is None
    assert reader.properties(Literal("a text")) == {}
    assert not reader.is_described("https://example.org/nothing")


def test_instances_are_limited_and_sorted(release: Release):
    reader = ReleaseGraph(release)
    found = reader.instances(CPER + "Subdivision", 4)
    assert len(found) == 4
    assert found == sorted(found)
    assert reader.instances("https://example.org/Nothing", 4) == []


def test_a_result_is_computed_once_for_each_release_and_its_arguments(release: Release):
    computed = []

    @once_per_release(2)
    def kept(of: Release, name: str) -> str:
        computed.append((of.folder.name, name))
        return name

    other = replace(release, folder=release.folder / "other")
    assert [kept(each, name) for each in (release, release, other, other) for name in ("a", "a")] == ["a"] * 8
    assert computed == [(release.folder.name, "a"), ("other", "a")]
    for name in "bacb":
        kept(release, name)
    assert [name for _, name in computed[2:]] == ["b", "c", "b"], "the last two are kept"


def test_of_several_threads_one_computes_a_result(release: Release):
    computed, may_end = [], Event()

    @once_per_release(2)
    def kept(of: Release) -> str:
        computed.append(of.digest)
        may_end.wait(10)
        return of.digest

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(kept, release) for _ in range(4)]
        assert not wait(asked, 0.1).done
        may_end.set()
        assert {each.result() for each in asked} == {release.digest}
    assert computed == [release.digest]

"""Reading a release node by node: the same as its data say, bounded for what is large."""

from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.core.namespaces import CPER, SUBV
from cper_lod.release.graph import MANY, MAX_READ, ReleaseGraph
from cper_lod.release.release import Release, once_per_release
from tests.release.history.trig_release import release_of_trig
from tests.support.names import BASE
from tests.support.nquads_release import TYPE, release_of_quads

HUB = NamedNode("https://example.org/hub")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release in which one thing has more values than are read, of a property that sorts before its label."""
    said = ['rdfs:label "Moyeu"@fr, "Hub"@en', "a <https://example.org/Hub>"]
    said += [f"<http://a.example/p> <https://example.org/{n}>" for n in range(2 * MAX_READ)]
    twice = f':g {{ <{HUB.value}> rdfs:label "Hub"@en }}'
    return release_of_trig(tmp_path_factory.mktemp("large"), f"<{HUB.value}> {' ; '.join(said)} . {twice}")


def test_large_subjects_are_read_by_property(large: Release):
    reader = ReleaseGraph(large)
    assert len(reader.all(HUB, "http://a.example/p")) == MAX_READ
    assert len(reader.properties(HUB)["http://a.example/p"]) <= MAX_READ
    assert (reader.name(HUB, "fr"), reader.name(HUB, "en")) == ("Moyeu", "Hub")
    assert reader.types(HUB) == ["https://example.org/Hub"]


def test_a_result_is_computed_once_for_each_release_and_its_arguments(release: Release):
    computed = []

    @once_per_release(2)
    def kept(of: Release, name: str) -> str:
        computed.append((of.folder.name, name))
        return name

    other = replace(release, folder=release.folder / "other")
    assert [kept(each, name) for each in (release, release, other, other) for name in ("a", "a")] == ["a"] * 8
    assert computed == [(release.folder.name, "a"), ("other", "a")]


@pytest.mark.parametrize("contract", [f"{BASE}id/contrat/a", "http://e.org/a"])
def test_many_subsidies_hide_no_figure_wherever_it_lies(contract: str, tmp_path: Path):
    """Figures are below their contract, or have addresses of their own; a contract elsewhere has any addresses."""
    figures = [f"{contract}/montant/1", f"{BASE}id/montant/2", "http://other.org/3"]
    lines = [f"<{contract}> {TYPE} <{CPER}Contrat>", f"<{BASE}id/contrat/b/montant/4> {TYPE} <{CPER}Montant>"]
    lines += [f"<{each}> {TYPE} <{CPER}Montant>" for each in figures]
    subsidies = [f"http://e.org/s/{number}" for number in range(MANY)]
    lines += [f"<{each}> {TYPE} <{SUBV}Subvention>" for each in subsidies]
    lines += [f"<{each}> <{CPER}contrat> <{contract}>" for each in (*figures, *subsidies)]
    found = ReleaseGraph(release_of_quads(tmp_path, lines)).referring(
        NamedNode(contract), CPER + "contrat", [CPER + "Montant"]
    )
    assert {each.value for each in found} == set(figures)

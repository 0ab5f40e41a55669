"""What a page shows of a document: never more than a little, and said where it is less than all."""

from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from cper_lod.release.documents import (
    MAX_EXCERPT_QUADS,
    MAX_PARTS,
    MAX_PROPERTIES,
    MAX_VALUES,
    document,
    excerpt,
)
from cper_lod.release.release import Release
from tests.support.nquads_release import release_of_quads as made

E = "http://e.org/"
MANY = 3000


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A thing with many values of one property, few of others, many parts, and many things that mention it."""
    lines = [f'<{E}hub> <{E}a> "before"', f'<{E}hub> <{E}z> "after"', f"<{E}hub> <{E}few> <{E}1>"]
    lines += [f"<{E}hub> <{E}many> <{E}{number}>" for number in range(MANY)]
    lines += [f'<{E}hub/part/{number:04}> <{E}n> "{number}"' for number in range(MANY)]
    lines += [f'<{E}hub#fragment> <{E}n> "x"', f'<{E}hub/part/0001/below> <{E}n> "y"', f'<{E}hubby> <{E}n> "other"']
    lines += [f"<{E}user/{number}> <{E}uses> <{E}mentioned>" for number in range(MANY)]
    return made(tmp_path_factory.mktemp("hub"), lines)


def test_of_each_property_the_first_values(hub: Release):
    found = excerpt(hub, document(hub, E + "hub"))
    own = [quad for quad in found.quads if quad.subject == NamedNode(E + "hub")]
    by_property = {name: sum(quad.predicate.value == E + name for quad in own) for name in ("a", "few", "many", "z")}
    assert by_property == {"a": 1, "few": 1, "many": MAX_VALUES, "z": 1}
    assert found.value_counts == {(E + "hub", E + "many"): (MANY, True)}


def test_the_first_parts(hub: Release):
    found = excerpt(hub, document(hub, E + "hub"))
    subjects = {quad.subject.value for quad in found.quads if isinstance(quad.subject, NamedNode)} - {E + "hub"}
    assert len(subjects) == MAX_PARTS
    assert E + "hub#fragment" in subjects
    assert E + "hubby" not in subjects
    assert found.part_count is not None
    assert not found.part_count.exact
    assert MAX_PARTS < found.part_count.number < MANY


def of(iri: str, properties: int, values: int) -> list[str]:
    """Return lines that say of a thing so many values of each of so many properties."""
    return [f'<{iri}> <{E}p{number:03}> "{value}"' for number in range(properties) for value in range(values)]


@pytest.mark.parametrize(
    ("properties", "values"), [(199, 60), (MAX_PROPERTIES, MAX_VALUES), (31, MAX_VALUES), (200, 8)]
)
def test_a_resource_with_many_values_of_many_properties_is_bounded(tmp_path: Path, properties: int, values: int):
    """Each property has some of its values there, and leads to the others."""
    release = made(tmp_path, of(f"{E}wide", properties, values))
    found = excerpt(release, document(release, E + "wide"))
    shown = [quad.predicate.value for quad in found.quads]
    assert MAX_EXCERPT_QUADS - properties < len(shown) <= MAX_EXCERPT_QUADS
    assert len({shown.count(name) for name in shown}) == 1
    assert len(set(shown)) == properties
    assert found.value_counts == {(E + "wide", name): (values, True) for name in shown}
    assert not found.truncated

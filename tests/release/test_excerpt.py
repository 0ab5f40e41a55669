"""What a page shows of a document: never more than a little, and said where it is less than all."""

from pathlib import Path

import pytest

from cper_lod.release.documents import (
    MAX_EXCERPT_QUADS,
    MAX_PROPERTIES,
    MAX_VALUES,
    document,
    excerpt,
)
from tests.support.nquads_release import release_of_quads as made

E = "http://e.org/"


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

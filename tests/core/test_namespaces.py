"""Prefixes, and the short form of IRIs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.namespaces import BASE, CPER, PREFIXES, SHAPES, SKOS, shorten


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        (CPER + "Axe", "cper:Axe"),
        (SHAPES + "prefixe-adms", "cpers:prefixe-adms"),
        (SKOS + "prefLabel", "skos:prefLabel"),
        ("http://purl.org/linked-data/sdmx/2009/attribute#unitMeasure", "sdmx-attribute:unitMeasure"),
        (CPER, CPER),
        (CPER + "a/b", CPER + "a/b"),
        (CPER + "a-", CPER + "a-"),
        (BASE + "id/contrat/x", BASE + "id/contrat/x"),
        ("https://example.org/x", "https://example.org/x"),
    ],
)
def test_short_form(iri: str, expected: str):
    assert shorten(iri) == expected


@given(st.sampled_from(sorted(PREFIXES)), st.text(max_size=12))
def test_a_short_form_stands_for_its_iri(prefix: str, name: str):
    iri = PREFIXES[prefix] + name
    short = shorten(iri)
    if short != iri:
        head, _, tail = short.partition(":")
        assert PREFIXES[head] + tail == iri


def test_prefixes_are_namespaces():
    assert len(set(PREFIXES.values())) == len(PREFIXES)
    assert list(PREFIXES) == sorted(PREFIXES)
    assert all(each.startswith(("http://", "https://")) and each[-1] in "#/" for each in PREFIXES.values())

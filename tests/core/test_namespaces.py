"""Prefixes, and the short form of IRIs."""

from hypothesis import given
from hypothesis import strategies as st

from cper_lod.core.namespaces import CPER, PREFIXES, shorten
from tests.support.names import BASE


def test_what_has_no_short_form():
    for iri in (CPER, CPER + "a/b", CPER + "a-", BASE + "id/contrat/x"):
        assert shorten(iri) == iri


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

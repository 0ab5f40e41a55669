"""The terms of a release: counted, labelled in every language, and known even where they are not counted."""

import pytest

from cper_lod.core.namespaces import CPER
from cper_lod.release.docs import vocabulary
from cper_lod.release.docs.vocabulary import terms
from cper_lod.release.release import Release


def test_terms_have_labels_and_counts_the_most_used_first(release: Release) -> None:
    found = terms(release)
    counts = [term.count for term in found]
    assert len(found) > 100
    assert counts == sorted(counts, reverse=True)
    by_iri = {term.iri: term for term in found}
    assert len(by_iri) == len(found)
    axis = by_iri[CPER + "Axe"]
    assert (axis.kind, axis.count, axis.labels) == ("class", 6, {"fr": "axe", "en": "axis"})
    funder = by_iri[CPER + "financeur"]
    assert (funder.kind, funder.labels) == ("property", {"fr": "financeur", "en": "funder"})
    lines = [line for line in release.data.beginning(b"") if f"<{CPER}financeur>".encode() == line.split(b" ")[1]]
    assert funder.count == len(lines) > 0


def test_in_large_data_properties_are_known_and_not_counted(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MAX_COUNTED_BYTES", 0)
    by_iri = {term.iri: term for term in terms(release)}
    assert by_iri[CPER + "Axe"].count == 6
    assert by_iri[CPER + "financeur"].count == 0
    assert by_iri[CPER + "financeur"].labels["en"] == "funder"

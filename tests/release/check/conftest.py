"""What tests of rules about words read again and again."""

import functools
from collections.abc import Iterator

import pytest

from cper_lod.core.quoted_text import QuotableText
from cper_lod.rdf.graph import Graph
from cper_lod.release.check import documents, published


@pytest.fixture(scope="module")
def read_once() -> Iterator[None]:
    """Make the graphs of ontology and shapes, and fold a text, once for many sources that differ in their data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(published, "Graph", functools.cache(Graph))
        patch.setattr(documents, "QuotableText", functools.cache(QuotableText))
        yield

"""What tables and their columns are called, in French and English, by the words of the release itself."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import RDFS, SKOS, shorten
from cper_lod.rdf.graph import Graph, label
from cper_lod.release.documents import labels, summaries
from cper_lod.release.release import Release
from cper_lod.release.tables.csv import ColumnProfile

_CALLED: Final = {
    "iri": "table-iri",
    "name": "table-name",
    "value": "table-value",
    "target": "table-target",
    "target-name": "table-target-name",
}
_IN: Final = {"fr": "in-fr", "en": "in-en"}
"""The sentences that say what stands in a column, and in which language."""


@dataclass(frozen=True)
class TableLabels:
    """What the release calls properties and classes, and how it defines them."""

    release: Release

    def name(self, iri: str, lang: Language) -> str:
        """Return the name of a property, a class or another thing, else its prefixed name."""
        return label(labels(self.release, iri), lang) or shorten(iri)

    def definition(self, iri: str, lang: Language) -> str:
        """Return how the release defines a property or a class in a language, empty where it does not."""
        graph, node = Graph(summaries(self.release, [iri])), NamedNode(iri)
        told = (graph.text(node, each, lang) for each in (SKOS + "definition", RDFS + "comment"))
        return next((text for text, language in told if text and language == lang), "")

    def title(self, column: ColumnProfile, lang: Language) -> str:
        """Return what a column is called."""
        about = self.name(column.heading.predicate, lang) if column.heading.predicate else ""
        language = _IN.get(column.heading.language)
        end = f" ({translate(language, lang)})" if language else ""
        return translate(_CALLED[column.heading.holds], lang, name=about) + end

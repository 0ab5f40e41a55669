"""Titles and definitions of tables and columns, in French and English, from the labels of the release."""

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

_TITLES: Final = {
    "iri": "table-iri",
    "name": "table-name",
    "value": "table-value",
    "target": "table-target",
    "target-name": "table-target-name",
}
_LANGUAGE_NOTES: Final = {"fr": "in-fr", "en": "in-en"}
"""The sentences that say what a column contains, and in which language."""


@dataclass(frozen=True)
class TableLabels:
    """Labels and definitions of properties and classes in a release."""

    release: Release

    def name(self, iri: str, lang: Language) -> str:
        """Return the label of a resource, else its prefixed name."""
        return label(labels(self.release, iri), lang) or shorten(iri)

    def definition(self, iri: str, lang: Language) -> str:
        """Return the definition of a property or class in a language, empty if there is none."""
        graph, node = Graph(summaries(self.release, [iri])), NamedNode(iri)
        definitions = (graph.text(node, each, lang) for each in (SKOS + "definition", RDFS + "comment"))
        return next((text for text, language in definitions if text and language == lang), "")

    def title(self, column: ColumnProfile, lang: Language) -> str:
        """Return the title of a column."""
        about = self.name(column.heading.predicate, lang) if column.heading.predicate else ""
        language = _LANGUAGE_NOTES.get(column.heading.language)
        suffix = f" ({translate(language, lang)})" if language else ""
        return translate(_TITLES[column.heading.content], lang, name=about) + suffix

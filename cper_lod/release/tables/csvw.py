"""CSV on the Web (W3C): metadata that turn the cells of a table back into triples."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, count
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import RDF, RDFS, SKOS, XSD, shorten
from cper_lod.rdf.graph import Graph, label
from cper_lod.release.documents import labels as stored_labels
from cper_lod.release.documents import summaries
from cper_lod.release.release import Release
from cper_lod.release.tables.csv import ColumnProfile, CsvTable
from cper_lod.release.tables.rows import SEPARATOR

_DATATYPES: Final = {"uri": "anyURI", "number": "decimal", "float": "double"}
"""The CSVW datatypes that differ from the names of our kinds."""


@dataclass(frozen=True)
class TableLabels:
    """Labels and definitions of properties and classes in a release."""

    release: Release

    def name(self, iri: str, lang: Language) -> str:
        """Return the label of a resource, else its prefixed name."""
        return label(stored_labels(self.release, iri), lang) or shorten(iri)

    def definition(self, iri: str) -> str:
        """Return the definition of a property or class in each language in which there is one."""
        graph, node = Graph(summaries(self.release, [iri])), NamedNode(iri)
        found = []
        for lang in LANGUAGES:
            definitions = (graph.text(node, each, lang) for each in (SKOS + "definition", RDFS + "comment"))
            found.append(next((text for text, language in definitions if text and language == lang), ""))
        return " / ".join(filter(None, found))

    def title(self, column: ColumnProfile, lang: Language) -> str:
        """Return the title of a column."""
        about = self.name(column.heading.predicate, lang) if column.heading.predicate else ""
        language = column.heading.language
        suffix = " (" + translate(f"in-{language}", lang) + ")" if language in LANGUAGES else ""
        return translate(f"table-{column.heading.content}", lang, name=about) + suffix


def metadata(table: CsvTable, labels: TableLabels) -> dict[str, Any]:
    """Return the metadata of a table (Metadata Vocabulary for Tabular Data, W3C Recommendation of 2015)."""
    rights = labels.release.rights
    names = _unique(re.sub("[^A-Za-z0-9]+", "_", each.heading.name).strip("_") for each in table.columns)
    columns = [_column(column, name, labels) for column, name in zip(table.columns, names, strict=True)]
    columns.append({"name": "class", "virtual": True, "propertyUrl": RDF + "type", "valueUrl": table.cls.iri})
    links = {"dc:license": rights.licence, "dc:publisher": rights.publisher}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "url": table.path.name,
        "dc:title": [{"@value": labels.name(table.cls.iri, lang), "@language": lang} for lang in LANGUAGES],
        **{name: {"@id": iri} for name, iri in links.items() if iri},
        "tableSchema": {"aboutUrl": "{+iri}", "primaryKey": "iri", "columns": columns},
    }


def _column(column: ColumnProfile, name: str, labels: TableLabels) -> dict[str, Any]:
    """Return the metadata of a column; labels of other resources are for readers and make no triples."""
    heading, kind = column.heading, column.kind or "string"
    metadata: dict[str, Any] = {
        "name": name,
        "titles": heading.name,
        "dc:title": [{"@value": labels.title(column, lang), "@language": lang} for lang in LANGUAGES],
        "datatype": _DATATYPES.get(kind, kind),
    }
    if column.multivalued:
        metadata["separator"] = SEPARATOR
    if heading.language:
        metadata["lang"] = heading.language
    match heading.content:
        case "iri":
            metadata |= {"required": True, "suppressOutput": True}
        case "name":
            metadata["propertyUrl"] = RDFS + "label"
        case "target-name":
            metadata["suppressOutput"] = True
        case _:
            metadata |= {"propertyUrl": heading.predicate} | _cell_properties(column, name)
    return metadata


def _cell_properties(column: ColumnProfile, name: str) -> dict[str, Any]:
    """Return how the cells of a column become triples; only triples of the data are stated.

    Several IRIs in a cell would become literals (`valueUrl` takes one), and a value that contains the separator would
    become two.
    """
    if column.heading.content != "target":
        return {"suppressOutput": True} if column.multivalued and column.has_separator else _datatype(column.datatypes)
    if column.multivalued or column.kind != "uri":
        return {"suppressOutput": True}
    return {"valueUrl": f"{{+{name}}}"}


def _datatype(datatypes: set[str]) -> dict[str, Any]:
    """Return the datatype of typed text (a year, a duration, WKT); nothing is stated if there are several."""
    if not datatypes - {XSD + "string", RDF + "langString"}:
        return {}
    if len(datatypes) > 1:
        return {"suppressOutput": True}
    (iri,) = datatypes
    return {"datatype": iri.removeprefix(XSD) if iri.startswith(XSD) else {"@id": iri, "base": "string"}}


def _unique(names: Iterable[str]) -> list[str]:
    """Return names with a number added to duplicates."""
    unique: dict[str, None] = {}
    for name in names:
        candidates = chain([name], (f"{name}_{number}" for number in count(2)))
        unique[next(each for each in candidates if each not in unique)] = None
    return list(unique)

"""The metadata of the tables: Frictionless (Table Schema and Data Package, version 1) and CSV on the Web; writing it all.

Version 1 of Frictionless is what data.gouv.fr and Validata read. It has no type for several values in a cell; CSV on
the Web has, and its metadata turn the cells of a table back into triples.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, DCAT, DCT, NUMBER, RDF, RDFS, SKOS, XSD, shorten
from cper_lod.rdf.graph import Graph, label
from cper_lod.release.documents import labels as stored_labels
from cper_lod.release.documents import references, summaries
from cper_lod.release.release import Release
from cper_lod.release.tables import csv
from cper_lod.release.tables.csv import ColumnProfile, CsvTable
from cper_lod.release.tables.rows import SEPARATOR

PACKAGE: Final = "datapackage.json"
SCHEMA: Final = ".schema.json"
METADATA: Final = ".csv-metadata.json"
"""The file name of a table is followed by these in its Table Schema and in its CSV on the Web metadata."""
_TYPES: Final = {"uri": "string", "float": "number"}
"""The types of Table Schema that differ from the names of our kinds."""
_DATATYPES: Final = {"uri": "anyURI", "number": "decimal", "float": "double"}
"""The CSVW datatypes that differ from the names of our kinds."""
_CATALOGUE: Final = BASE + "catalogue"


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


def write_data_package(
    release: Release, folder: Path, contracts: Mapping[str, Sequence[Path]] = MappingProxyType({})
) -> None:
    """Write the tables of a release and their metadata to a folder; `contracts` is what `csv.write_tables` takes."""
    tables, labels = csv.write_tables(release, folder, contracts), TableLabels(release)
    resources = []
    for table in tables:
        fields = _fields(table, labels)
        _write_json(folder / f"{table.name}{SCHEMA}", _schema(fields))
        _write_json(folder / f"{table.name}{METADATA}", csvw_metadata(table, labels))
        resources.append(_resource(table, labels, _schema(fields) | _keys(table, tables)))
    _write_json(folder / PACKAGE, _package(labels, resources))


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _schema(fields: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"fields": fields, "primaryKey": ["iri"], "missingValues": [""]}


def _fields(table: CsvTable, labels: TableLabels) -> list[dict[str, Any]]:
    """Return the fields of a Table Schema; cells with several values are strings."""
    fields = []
    for column in table.columns:
        kind = column.kind or "string"
        field: dict[str, Any] = {"name": column.heading.name, "title": labels.title(column, "fr")}
        if column.heading.predicate and (definition := labels.definition(column.heading.predicate)):
            field["description"] = definition
        field["type"] = "string" if column.multivalued else _TYPES.get(kind, kind)
        if kind == "uri" and not column.multivalued:
            field["format"] = "uri"
        if column.heading.content == "iri":
            field["constraints"] = {"required": True, "unique": True}
        fields.append(field)
    return fields


def _keys(table: CsvTable, tables: Sequence[CsvTable]) -> dict[str, Any]:
    """Return the foreign keys of a table: columns whose IRIs are all rows of another table, the smallest such."""
    keys = []
    for column in table.columns:
        if column.heading.content == "target" and not column.multivalued and (targets := column.targets):
            holding = [each for each in tables if targets <= each.resources and each is not table]
            if holding:
                other = min(holding, key=lambda each: (each.rows, each.name))
                reference = {"resource": other.name, "fields": ["iri"]}
                keys.append({"fields": [column.heading.name], "reference": reference})
    return {"foreignKeys": keys} if keys else {}


def _resource(table: CsvTable, labels: TableLabels, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": " / ".join(dict.fromkeys(_title(table, labels, lang) for lang in LANGUAGES)),
        "description": labels.definition(table.cls.iri) or table.cls.iri,
        "path": table.path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.size,
        "hash": f"sha256:{table.sha256}",
        "schema": schema,
    }


def _title(table: CsvTable, labels: TableLabels, lang: Language) -> str:
    """Return the name of the class of a table, and of the contract whose things it holds."""
    names = [labels.name(table.cls.iri, lang)]
    if table.contract:
        names.append(labels.name(f"{BASE}id/contrat/{table.contract}", lang))
    return ", ".join(names)


def _package(labels: TableLabels, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the Data Package: the description of the catalogue, and the tables."""
    release, rights = labels.release, labels.release.rights
    datasets = references(release, _CATALOGUE, [DCAT + "dataset"])[DCAT + "dataset"]
    sources = [each for iri in datasets for each in references(release, iri, [DCT + "source"])[DCT + "source"]]
    graph, node = Graph(summaries(release, [_CATALOGUE])), NamedNode(_CATALOGUE)
    descriptions = (graph.text(node, DCT + "description", lang)[0] for lang in LANGUAGES)
    publisher = {"title": labels.name(rights.publisher, "fr"), "path": rights.publisher, "role": "publisher"}
    package = {
        "profile": "tabular-data-package",
        "name": "cper-lod",
        "id": _CATALOGUE,
        "title": labels.name(_CATALOGUE, "fr"),
        "description": "\n\n".join(filter(None, descriptions)),
        "licenses": [{"path": rights.licence}] if rights.licence else [],
        "contributors": [publisher] if rights.publisher else [],
        "sources": [{"title": labels.name(iri, "fr"), "path": iri} for iri in dict.fromkeys(sources)],
        "resources": resources,
    }
    return {name: value for name, value in package.items() if value}


def csvw_metadata(table: CsvTable, labels: TableLabels) -> dict[str, Any]:
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
    """Return the datatype of typed text (a year, WKT); several, and numbers that do not add up, make no triples."""
    if not datatypes - {XSD + "string", RDF + "langString"}:
        return {}
    if len(datatypes) > 1 or NUMBER in datatypes:  # a number of a table would become a triple that adds up
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

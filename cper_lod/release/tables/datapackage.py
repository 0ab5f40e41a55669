"""Frictionless metadata of the tables (Table Schema and Data Package, version 1), and writing it all.

Version 1 is what data.gouv.fr and Validata read. It has no type for several values in a cell; CSV on the Web has.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.namespaces import BASE, DCAT, DCT
from cper_lod.rdf.graph import Graph
from cper_lod.release.documents import summaries
from cper_lod.release.release import Release
from cper_lod.release.storage.nodes import references
from cper_lod.release.tables import csv, csvw
from cper_lod.release.tables.csv import CsvTable
from cper_lod.release.tables.csvw import TableLabels

PACKAGE: Final = "datapackage.json"
SCHEMA: Final = ".schema.json"
METADATA: Final = ".csv-metadata.json"
"""The file name of a table is followed by these in its Table Schema and in its CSV on the Web metadata."""
_TYPES: Final = {"uri": "string", "float": "number"}
"""The types of Table Schema that differ from the names of our kinds."""
_CATALOGUE: Final = BASE + "catalogue"


def write_data_package(
    release: Release, folder: Path, contracts: Mapping[str, Sequence[Path]] = MappingProxyType({})
) -> None:
    """Write the tables of a release and their metadata to a folder; `contracts` is what `csv.write_tables` takes."""
    tables, labels = csv.write_tables(release, folder, contracts), TableLabels(release)
    resources = []
    for table in tables:
        fields = _fields(table, labels)
        _write_json(folder / f"{table.name}{SCHEMA}", _schema(fields))
        _write_json(folder / f"{table.name}{METADATA}", csvw.metadata(table, labels))
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
    datasets = references(release.data, _CATALOGUE, [DCAT + "dataset"])[DCAT + "dataset"]
    sources = [each for iri in datasets for each in references(release.data, iri, [DCT + "source"])[DCT + "source"]]
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

"""What is said of sealed tables: Table Schema and Data Package (Frictionless, version 1), and it all written.

Version 1, since that is what data.gouv.fr and Validata read; it has no type for several values in one cell, which
CSV on the Web has.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import BASE, DCAT, DCT
from cper_lod.rdf.graph import Graph
from cper_lod.release.documents import summaries
from cper_lod.release.release import Release
from cper_lod.release.storage.nodes import references
from cper_lod.release.tables import csv, csvw
from cper_lod.release.tables.csv import CsvTable
from cper_lod.release.tables.labels import TableLabels

PACKAGE: Final = "datapackage.json"
SCHEMA: Final = ".schema.json"
METADATA: Final = ".csv-metadata.json"
"""What follows the name of a table in the names of its Table Schema, and of its metadata for CSV on the Web."""
_TYPES: Final = {"uri": "string", "float": "number"}
"""The types of Table Schema that are not called as our kinds are."""
_CATALOGUE: Final = BASE + "catalogue"


def write_data_package(release: Release, folder: Path) -> None:
    """Write the tables of a release into a folder, with what is said of them."""
    tables, words = csv.write_tables(release, folder), TableLabels(release)
    resources = []
    for table in tables:
        fields = _fields(table, words)
        _put(folder / f"{table.name}{SCHEMA}", _schema(fields))
        _put(folder / f"{table.name}{METADATA}", csvw.metadata(table, words))
        resources.append(_resource(table, words, _schema(fields) | _keys(table, tables)))
    _put(folder / PACKAGE, _package(words, resources))


def _put(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _schema(fields: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"fields": fields, "primaryKey": ["iri"], "missingValues": [""]}


def _fields(table: CsvTable, words: TableLabels) -> list[dict[str, Any]]:
    """Return the fields of a Table Schema; several values in one cell are a text there."""
    fields = []
    for column in table.columns:
        kind = column.kind or "string"
        told = column.heading.predicate or table.of.iri
        definitions = [words.definition(told, lang) for lang in LANGUAGES] if column.heading.predicate else []
        each: dict[str, Any] = {"name": column.heading.name, "title": words.title(column, "fr")}
        if description := " / ".join(filter(None, definitions)):
            each["description"] = description
        each["type"] = "string" if column.several else _TYPES.get(kind, kind)
        if kind == "uri" and not column.several:
            each["format"] = "uri"
        if column.heading.holds == "iri":
            each["constraints"] = {"required": True, "unique": True}
        fields.append(each)
    return fields


def _keys(table: CsvTable, tables: Sequence[CsvTable]) -> dict[str, Any]:
    """Return the foreign keys of a table: the columns whose things all stand in one other table, the smallest such."""
    keys = []
    for column in table.columns:
        if column.heading.holds != "target" or column.several or not column.targets:
            continue
        found = [each for each in tables if column.targets <= each.things and each is not table]
        if found:
            other = min(found, key=lambda each: (each.rows, each.name))
            reference = {"resource": other.name, "fields": ["iri"]}
            keys.append({"fields": [column.heading.name], "reference": reference})
    return {"foreignKeys": keys} if keys else {}


def _resource(table: CsvTable, words: TableLabels, schema: dict[str, Any]) -> dict[str, Any]:
    definitions = [words.definition(table.of.iri, lang) for lang in LANGUAGES]
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "title": " / ".join(dict.fromkeys(words.name(table.of.iri, lang) for lang in LANGUAGES)),
        "description": " / ".join(filter(None, definitions)) or table.of.iri,
        "path": table.path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.size,
        "hash": f"sha256:{table.sha256}",
        "schema": schema,
    }


def _package(words: TableLabels, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the Data Package: what the catalogue says of all, and the tables."""
    release, known = words.release, words.release.rights
    datasets = references(release.data, _CATALOGUE, [DCAT + "dataset"])[DCAT + "dataset"]
    sources = [each for iri in datasets for each in references(release.data, iri, [DCT + "source"])[DCT + "source"]]
    graph, node = Graph(summaries(release, [_CATALOGUE])), NamedNode(_CATALOGUE)
    package = {
        "profile": "tabular-data-package",
        "name": "cper-lod",
        "id": _CATALOGUE,
        "title": words.name(_CATALOGUE, "fr"),
        "description": "\n\n".join(
            filter(None, (graph.text(node, DCT + "description", lang)[0] for lang in LANGUAGES))
        ),
        "licenses": [{"path": known.licence}] if known.licence else [],
        "contributors": [{"title": words.name(known.publisher, "fr"), "path": known.publisher, "role": "publisher"}]
        if known.publisher
        else [],
        "sources": [{"title": words.name(iri, "fr"), "path": iri} for iri in dict.fromkeys(sources)],
        "resources": resources,
    }
    return {name: value for name, value in package.items() if value}

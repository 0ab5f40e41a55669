"""The tables of a release as files: CSV, described for Frictionless (Table Schema and Data Package, version 1) and CSV on the Web.

Version 1 of Frictionless is what data.gouv.fr and Validata read.
"""

import gzip
import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCAT, DCT, RDF, RDFS, SKOS, XSD, shorten
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import DUMP, Release, file_digest
from cper_lod.release.tables.class_table import MAX_SORTED, ClassTable, TableColumn, class_table, table_classes
from cper_lod.release.tables.rows import ID, csv_lines

PACKAGE: Final = "datapackage.json"
SCHEMA: Final = ".schema.json"
METADATA: Final = ".csv-metadata.json"
"""The file name of a table is followed by these in its Table Schema and in its CSV on the Web metadata."""
_TYPES: Final = {"text": {"type": "string"}, "url": {"type": "string", "format": "uri"}}
"""The types of Table Schema that differ from the names of our kinds."""
_DATATYPES: Final = {"text": "string", "url": "anyURI", "number": "decimal"}
"""The CSVW datatypes that differ from the names of our kinds."""


@dataclass(frozen=True)
class TableFile:
    """A CSV file: its table, the slug of the contract whose things it holds (empty: of no such contract), and its path.

    It has the `columns` that are not empty in it. That of a table with more than `MAX_SORTED` rows is compressed.
    """

    table: ClassTable
    contract: str
    path: Path
    columns: tuple[TableColumn, ...]

    @property
    def name(self) -> str:
        """Its name without suffixes."""
        return self.path.name.partition(".")[0]


def table_name(slug: str, contract: str) -> str:
    """Return the file name, without suffix, of the table of a class; `contract` is empty or the slug of a contract.

    >>> table_name("axe", ""), table_name("axe", "bretagne-2021-2027")
    ('axe', 'axe-bretagne-2021-2027')
    """
    return f"{slug}-{contract}" if contract else slug


def table_file(release: Release, name: str) -> str:
    """Return the file of a table in a release by its name, which may be compressed; "" if there is none."""
    return next(
        (each for each in (f"{name}.csv", f"{name}.csv.gz") if f"{DUMP}/{each}" in release.manifest["files"]), ""
    )


def _name(graph: ReleaseGraph, iri: str, lang: Language) -> str:
    """Return the label of a resource, else its prefixed name."""
    return graph.name(NamedNode(iri), lang) or shorten(iri)


def _definition(graph: ReleaseGraph, iri: str) -> str:
    """Return the definition of a property or class in each language in which there is one."""
    found = []
    for lang in LANGUAGES:
        definitions = (graph.text(NamedNode(iri), each, lang) for each in (SKOS + "definition", RDFS + "comment"))
        found.append(next((text for text, language in definitions if text and language == lang), ""))
    return " / ".join(filter(None, found))


def write_data_package(release: Release, folder: Path) -> None:
    """Write the tables of a release and their metadata to a folder.

    The things of a contract with derived datasets are in files of their own, so that another contract changes none of them.
    """
    graph, resources = ReleaseGraph(release), []
    for cls in table_classes(release):
        table = class_table(release, cls.iri)
        for contract in table.contracts():
            file = _write_file(table, contract, folder / table_name(cls.slug, contract))
            schema = {"fields": _fields(file, graph), "primaryKey": [ID], "missingValues": [""]}
            _write_json(folder / f"{file.name}{SCHEMA}", schema)
            _write_json(folder / f"{file.name}{METADATA}", csvw_metadata(file, graph))
            resources.append(_resource(file, graph, schema))
    _write_json(folder / PACKAGE, _package(release, graph, resources))


def _write_file(table: ClassTable, contract: str, path: Path) -> TableFile:
    is_large, columns = table.count > MAX_SORTED, table.filled(contract)
    to = path.with_suffix(".csv.gz" if is_large else ".csv")
    # No name and no time in the header: the same release has the same bytes.
    with to.open("wb") as whole, gzip.GzipFile("", "wb", 9, whole, 0) if is_large else nullcontext(whole) as file:
        file.writelines(csv_lines([[each.name for each in columns]]))
        file.writelines(csv_lines(table.rows(columns, contract)))
    return TableFile(table, contract, to, columns)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _fields(file: TableFile, graph: ReleaseGraph) -> list[dict[str, Any]]:
    """Return the fields of a Table Schema."""
    fields = []
    for column in file.columns:
        field: dict[str, Any] = {"name": column.name, "title": " / ".join(dict.fromkeys(map(column.title, LANGUAGES)))}
        if column.term and (definition := _definition(graph, column.term)):
            field["description"] = definition
        field |= _TYPES.get(column.kind, {"type": column.kind})
        if column.name == ID:
            field["constraints"] = {"required": True, "unique": True}
        fields.append(field)
    return fields


def _resource(file: TableFile, graph: ReleaseGraph, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": file.name,
        "title": " / ".join(dict.fromkeys(_title(file, graph, lang) for lang in LANGUAGES)),
        "description": _definition(graph, file.table.cls) or file.table.cls,
        "path": file.path.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **({"compression": "gz"} if file.path.suffix == ".gz" else {}),
        "bytes": file.path.stat().st_size,
        "hash": f"sha256:{file_digest(file.path)}",
        "schema": schema,
    }


def _title(file: TableFile, graph: ReleaseGraph, lang: Language) -> str:
    """Return the name of the class of a table, and of the contract whose things it holds, or that those of others are elsewhere."""
    names = [_name(graph, file.table.cls, lang)]
    if file.contract:
        names.append(_name(graph, graph.site.contracts + file.contract, lang))
    elif file.table.contracts() != [""]:
        names.append(translate("table-of-the-others", lang))
    return ", ".join(names)


def _package(release: Release, graph: ReleaseGraph, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the Data Package: the description of the catalogue, and the tables."""
    node, rights = NamedNode(release.names.catalogue), release.rights
    sources = (each.value for one in graph.all(node, DCAT + "dataset") for each in graph.all(one, DCT + "source"))
    descriptions = (graph.text(node, DCT + "description", lang)[0] for lang in LANGUAGES)
    publishers = [
        {"title": _name(graph, iri, "fr"), "path": iri, "role": "publisher"} for iri in filter(None, [rights.publisher])
    ]
    package = {
        "profile": "tabular-data-package",
        "name": "cper-lod",
        "id": release.names.catalogue,
        "title": _name(graph, release.names.catalogue, "fr"),
        "description": "\n\n".join(filter(None, descriptions)),
        "licenses": [{"path": rights.licence}] if rights.licence else [],
        "contributors": publishers,
        "sources": [{"title": _name(graph, iri, "fr"), "path": iri} for iri in dict.fromkeys(sources)],
        "resources": resources,
    }
    return {name: value for name, value in package.items() if value}


def csvw_metadata(file: TableFile, graph: ReleaseGraph) -> dict[str, Any]:
    """Return the metadata of a table (Metadata Vocabulary for Tabular Data, W3C Recommendation of 2015)."""
    rights = file.table.release.rights
    columns = [_column(column) for column in file.columns]
    columns.append({"name": "class", "virtual": True, "propertyUrl": RDF + "type", "valueUrl": file.table.cls})
    links = {"dc:license": rights.licence, "dc:publisher": rights.publisher}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "url": file.path.name,
        "dc:title": [{"@value": _title(file, graph, lang), "@language": lang} for lang in LANGUAGES],
        **{name: {"@id": iri} for name, iri in links.items() if iri},
        "tableSchema": {"aboutUrl": f"{{+{ID}}}", "primaryKey": ID, "columns": columns},
    }


def _column(column: TableColumn) -> dict[str, Any]:
    """Return the metadata of a column; where its cells are the one literal of a property, they are triples of the data."""
    metadata: dict[str, Any] = {
        "name": column.name,
        "titles": column.name,
        "dc:title": [{"@value": column.title(lang), "@language": lang} for lang in LANGUAGES],
        "datatype": _DATATYPES.get(column.kind, column.kind),
    }
    if column.name == ID:
        metadata["required"] = True
    if not column.datatype:
        return metadata | {"suppressOutput": True}
    is_basic = column.datatype.startswith(XSD)
    datatype = column.datatype.removeprefix(XSD) if is_basic else {"@id": column.datatype, "base": "string"}
    return metadata | {"propertyUrl": column.term, "datatype": datatype}

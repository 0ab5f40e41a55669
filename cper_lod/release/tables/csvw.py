"""CSV on the Web (W3C): what the columns of a sealed table mean, so that its cells are triples again."""

import re
from collections.abc import Iterable
from typing import Any, Final

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import RDF, RDFS, XSD
from cper_lod.release.tables.csv import ColumnProfile, CsvTable
from cper_lod.release.tables.labels import TableLabels
from cper_lod.release.tables.rows import SEPARATOR

_DATATYPES: Final = {"uri": "anyURI", "number": "decimal", "float": "double"}
"""The datatypes of CSV on the Web that are not called as our kinds are."""


def metadata(table: CsvTable, words: TableLabels) -> dict[str, Any]:
    """Return the metadata of a table (Metadata Vocabulary for Tabular Data, W3C Recommendation of 2015)."""
    known = words.release.rights
    names = _unique(re.sub("[^A-Za-z0-9]+", "_", each.heading.name).strip("_") for each in table.columns)
    columns = [_column(column, name, words) for column, name in zip(table.columns, names, strict=True)]
    columns.append({"name": "class", "virtual": True, "propertyUrl": RDF + "type", "valueUrl": table.of.iri})
    links = {"dc:license": known.licence, "dc:publisher": known.publisher}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "fr"}],
        "url": table.path.name,
        "dc:title": [{"@value": words.name(table.of.iri, lang), "@language": lang} for lang in LANGUAGES],
        **{name: {"@id": iri} for name, iri in links.items() if iri},
        "tableSchema": {"aboutUrl": "{+iri}", "primaryKey": "iri", "columns": columns},
    }


def _column(column: ColumnProfile, name: str, words: TableLabels) -> dict[str, Any]:
    """Return a column of the metadata; names of other things are for the reader, no triples of theirs."""
    heading, kind = column.heading, column.kind or "string"
    told: dict[str, Any] = {
        "name": name,
        "titles": heading.name,
        "dc:title": [{"@value": words.title(column, lang), "@language": lang} for lang in LANGUAGES],
        "datatype": _DATATYPES.get(kind, kind),
    }
    if column.several:
        told["separator"] = SEPARATOR
    if heading.language:
        told["lang"] = heading.language
    match heading.holds:
        case "iri":
            told |= {"required": True, "suppressOutput": True}
        case "name":
            told["propertyUrl"] = RDFS + "label"
        case "target-name":
            told["suppressOutput"] = True
        case _:
            told |= {"propertyUrl": heading.predicate} | _stated(column, name)
    return told


def _stated(column: ColumnProfile, name: str) -> dict[str, Any]:
    """Return how the cells of a column are triples; nothing is stated that the data do not state.

    Several addresses in a cell would come back as texts (`valueUrl` takes one), and a value that has the separator in
    it as two.
    """
    if column.heading.holds != "target":
        return {"suppressOutput": True} if column.several and column.joined else _typed(column.datatypes)
    if column.several or column.kind != "uri":
        return {"suppressOutput": True}
    return {"valueUrl": f"{{+{name}}}"}


def _typed(datatypes: set[str]) -> dict[str, Any]:
    """Return the datatype of texts that are more than texts (a year, a duration, an outline); of several, none."""
    if not datatypes - {XSD + "string", RDF + "langString"}:
        return {}
    if len(datatypes) > 1:
        return {"suppressOutput": True}
    (iri,) = datatypes
    return {"datatype": iri.removeprefix(XSD) if iri.startswith(XSD) else {"@id": iri, "base": "string"}}


def _unique(names: Iterable[str]) -> list[str]:
    """Return names, each made another where it was there already."""
    found: dict[str, None] = {}
    for name in names:
        number, unique = 1, name
        while unique in found:
            number += 1
            unique = f"{name}_{number}"
        found[unique] = None
    return list(found)

"""What the pages of the catalogue and of contracts say of their datasets with schema.org, for search engines."""

import json
from collections.abc import Iterable
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import DCAT
from cper_lod.rdf.graph import Term
from cper_lod.web.components.described import Described
from cper_lod.web.site import site

_CONTEXT: Final = {"@context": "https://schema.org"}
SchemaOrgNode = dict[str, Any]
_ESCAPES: Final = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
MAX_PARTS: Final = 20
"""Datasets of a catalogue that are described."""


def schema_org_entity(thing: Described) -> SchemaOrgNode:
    """Return the schema.org description of a dataset or a catalogue; missing values are left out.

    Source: https://schema.org.
    """
    is_catalogue = DCAT + "Catalog" in thing.reader.types(thing.node)
    return _known(
        _reference(thing, thing.node, "DataCatalog" if is_catalogue else "Dataset")
        | {
            "description": thing.text("dct:description"),
            "datePublished": thing.value("dct:issued"),
            "dateModified": thing.value("dct:modified"),
            "publisher": _named(thing, "dct:publisher", "Organization"),
            "license": thing.value("dct:license"),
            "keywords": sorted({each.value for each in thing.all("dcat:keyword")}),
            "temporalCoverage": "/".join(_period(thing)),
            "spatialCoverage": _named(thing, "dct:spatial", "Place"),
            "isBasedOn": _addresses(thing, "dct:source"),
            "isAccessibleForFree": thing.value("dct:accessRights").endswith("/access-right/PUBLIC"),
        }
    )


def _known(entity: SchemaOrgNode) -> SchemaOrgNode:
    """Return an entity without the members that have no value; a list of one is its item."""
    single = {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in entity.items()
    }
    return {name: value for name, value in single.items() if value}


def _period(thing: Described) -> list[str]:
    """Return the start and the end of what a thing is about, nothing if they are not both known."""
    dates = [thing.value(f"dct:temporal/dcat:{name}") for name in ("startDate", "endDate")]
    return dates if all(dates) else []


def _reference(thing: Described, node: Term, kind: str) -> SchemaOrgNode:
    return _known({"@type": kind, "@id": node.value, "name": thing.reader.name(NamedNode(node.value), thing.lang)})


def _named(thing: Described, path: str, kind: str) -> list[SchemaOrgNode]:
    """Return the things at the end of a path with their names."""
    return [_reference(thing, each, kind) for each in thing.all(path) if isinstance(each, NamedNode)]


def _addresses(thing: Described, path: str) -> list[str]:
    """Return the IRIs at the end of a path that are addresses on the web."""
    found = (each.value for each in thing.all(path) if isinstance(each, NamedNode))
    return [each for each in found if each.startswith(("http://", "https://"))]


def schema_org_contract(contract: Described, address: str, files: Iterable[tuple[str, str]]) -> SchemaOrgNode:
    """Return the data about a contract as a dataset, whose page is `address`, with its files.

    The dataset has no IRI: that of the contract is what it is about.
    """
    about, rights = _reference(contract, contract.node, "Thing"), site().rights
    return _CONTEXT | _known(
        {
            "@type": "Dataset",
            "name": about.get("name"),
            "description": contract.text("dct:description"),
            "url": address,
            "about": about,
            "license": rights.licence,
            "publisher": _reference(contract, NamedNode(rights.publisher), "Organization") if rights.publisher else {},
            "dateModified": rights.modified,
            "version": site().release.id,
            "temporalCoverage": "/".join(_period(contract)),
            "spatialCoverage": _named(contract, "cper:territoire", "Place"),
            "distribution": [_download(*each) for each in files],
        }
    )


def _download(address: str, media_type: str) -> SchemaOrgNode:
    return {"@type": "DataDownload", "contentUrl": address, "encodingFormat": media_type}


def schema_org_catalogue(catalogue: Described, address: str) -> SchemaOrgNode:
    """Return a catalogue, whose page is `address`, with its datasets and their files."""
    datasets = []
    for each in map(catalogue.at, catalogue.all("dcat:dataset")[:MAX_PARTS]):
        files = map(each.at, each.all("dcat:distribution"))
        links = {
            "url": each.value("dcat:landingPage"),
            "distribution": [_file(file) for file in files if file.value("dcat:downloadURL")],
        }
        datasets.append(schema_org_entity(each) | links)
    return _CONTEXT | schema_org_entity(catalogue) | {"url": address, "dataset": datasets}


def _file(file: Described) -> SchemaOrgNode:
    media_type = "/".join(file.value("dcat:mediaType").split("/")[-2:])
    return _download(file.value("dcat:downloadURL"), media_type) | {"contentSize": file.value("dcat:byteSize")}


def script(document: SchemaOrgNode) -> str:
    """Return a document as the text of a script element, without characters that could end the element.

    `<`, `>`, `&`, U+2028 and U+2029 only occur in strings, so they can be escaped (JSON-LD 1.1, section 7.2).
    """
    text = _ENCODER.encode(document)
    for char, escape in _ESCAPES.items():  # five replacements take a tenth of the time of str.translate
        text = text.replace(char, escape)
    return text

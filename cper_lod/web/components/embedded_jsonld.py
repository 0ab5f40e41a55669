"""What pages say of themselves in JSON-LD, with schema.org, for search engines; our own JSON-LD is a form beside them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import DCAT
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.described import Described
from cper_lod.web.http import urls
from cper_lod.web.site import site

_SCHEMA: Final = "https://schema.org"
_CLASSES: Final = {DCAT + "Dataset": "Dataset", DCAT + "Catalog": "DataCatalog"}
"""The classes of schema.org for ours: search engines look for datasets; our own JSON-LD says what other things are."""
SchemaOrgNode = dict[str, Any]
_ESCAPES: Final = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
MAX_PARTS: Final = 20
"""Datasets of a catalogue that are described."""


def schema_org_entity(thing: Described) -> SchemaOrgNode:
    """Return the schema.org description of a dataset or a catalogue, the name of any other thing; missing values are left out.

    Source: https://schema.org.
    """
    kind = next((_CLASSES[each] for each in thing.reader.types(thing.node) if each in _CLASSES), "Thing")
    entity = _reference(thing, thing.node, kind)
    if kind != "Thing":
        entity |= {
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
    return {key: _one(value) for key, value in entity.items() if value}


def _period(thing: Described) -> list[str]:
    """Return the start and the end of what a thing is about, nothing if they are not both known."""
    dates = [thing.value(f"dct:temporal/dcat:{name}") for name in ("startDate", "endDate")]
    return dates if all(dates) else []


def _reference(thing: Described, node: Term, kind: str) -> SchemaOrgNode:
    return {"@type": kind, "@id": node.value, "name": thing.reader.name(NamedNode(node.value), thing.lang)}


def _named(thing: Described, path: str, kind: str) -> list[SchemaOrgNode]:
    """Return the things at the end of a path with their names."""
    found = [_reference(thing, each, kind) for each in thing.all(path) if isinstance(each, NamedNode)]
    return [{key: value for key, value in each.items() if value} for each in found]


def _addresses(thing: Described, path: str) -> list[str]:
    """Return the IRIs at the end of a path that are addresses on the web."""
    found = (each.value for each in thing.all(path) if isinstance(each, NamedNode))
    return [each for each in found if each.startswith(("http://", "https://"))]


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def schema_org_page(
    about: SchemaOrgNode, address: str, crumbs: Sequence[Hyperlink], lang: Language, title: str
) -> SchemaOrgNode:
    """Return the schema.org description of a page: the entity it is about and its breadcrumb trail."""
    trail = [(each.text, {"item": urls.public_url(each.href)} if each.href else {}) for each in crumbs]
    steps = [
        {"@type": "ListItem", "position": position, "name": name, **item}
        for position, (name, item) in enumerate([*trail, (title, {})], 1)
    ]
    return {
        "@context": _SCHEMA,
        "@type": "WebPage",
        "url": address,
        "name": title,
        "inLanguage": lang,
        "mainEntity": about,
        "breadcrumb": {"@type": "BreadcrumbList", "itemListElement": steps},
    }


def schema_org_contract(contract: Described, address: str, files: Iterable[tuple[str, str]]) -> SchemaOrgNode:
    """Return the data about a contract as a dataset, whose page is `address`, with its files.

    The dataset has no IRI: that of the contract is what it is about.
    """
    listed, rights = schema_org_entity(contract), site().rights
    known = {
        "@type": "Dataset",
        "name": listed.get("name"),
        "description": contract.text("dct:description"),
        "url": address,
        "about": _brief(listed),
        "license": rights.licence,
        "publisher": _named(contract.at(NamedNode(rights.publisher)), "", "Organization") if rights.publisher else [],
        "dateModified": rights.modified,
        "version": site().release.id,
        "temporalCoverage": "/".join(_period(contract)),
        "spatialCoverage": _named(contract, "cper:territoire", "Place"),
    }
    return {key: _one(value) for key, value in known.items() if value} | {"distribution": _downloads(files)}


def _brief(entity: SchemaOrgNode) -> SchemaOrgNode:
    return {key: entity[key] for key in ("@type", "@id", "name") if key in entity}


def _downloads(files: Iterable[tuple[str, str]]) -> list[SchemaOrgNode]:
    return [{"@type": "DataDownload", "contentUrl": file, "encodingFormat": media_type} for file, media_type in files]


def schema_org_catalogue(catalogue: Described, address: str) -> SchemaOrgNode:
    """Return a catalogue, whose page is `address`, with its datasets and their files."""
    datasets = []
    for each in map(catalogue.at, catalogue.all("dcat:dataset")[:MAX_PARTS]):
        if isinstance(each.node, NamedNode):
            files = [_download(each.at(file)) for file in each.all("dcat:distribution")]
            links = {
                "url": each.value("dcat:landingPage"),
                "distribution": [file for file in files if file["contentUrl"]],
            }
            datasets.append(schema_org_entity(each) | links)
    return {"@context": _SCHEMA, **schema_org_entity(catalogue), "url": address, "dataset": datasets}


def _download(file: Described) -> SchemaOrgNode:
    media_type = "/".join(file.value("dcat:mediaType").split("/")[-2:])
    (entity,) = _downloads([(file.value("dcat:downloadURL"), media_type)])
    return entity | {"contentSize": file.value("dcat:byteSize")}


def script(document: SchemaOrgNode) -> str:
    """Return a document as the text of a script element, without characters that could end the element.

    `<`, `>`, `&`, U+2028 and U+2029 only occur in strings, so they can be escaped (JSON-LD 1.1, section 7.2).
    """
    text = _ENCODER.encode(document)
    for char, escape in _ESCAPES.items():  # five replacements take a tenth of the time of str.translate
        text = text.replace(char, escape)
    return text

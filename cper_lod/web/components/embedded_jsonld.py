"""What pages say of themselves in JSON-LD, with schema.org, for search engines; our own JSON-LD is a form beside them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import SCHEMA, expand
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.described import Described
from cper_lod.web.http import urls
from cper_lod.web.site import site

_SCHEMA: Final = "https://schema.org"
_CLASSES: Final = {
    "Country": "igeo:Pays",
    "AdministrativeArea": "igeo:Region igeo:Departement igeo:Commune",
    "Quotation": "cper:Enonce",
    "CreativeWork": "foaf:Document",
    "Dataset": "dcat:Dataset",
    "DataCatalog": "dcat:Catalog",
}
"""The classes of schema.org for ours, as far as the data support it: a closer match would be an opinion."""
_CLASS_OF: Final = {iri: name for name, ours in _CLASSES.items() for iri in expand(ours)}
SchemaOrgNode = dict[str, Any]
_ESCAPES: Final = {char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_IDENTIFIERS: Final = (("cper:siren", "SIREN"), ("cper:siret", "SIRET"), ("igeo:codeINSEE", "Insee"))
MAX_PARTS: Final = 20
"""Datasets of a catalogue that are described."""


def schema_org_entity(thing: Described) -> SchemaOrgNode:
    """Return the schema.org description of a thing; missing values are left out.

    Source: https://schema.org; the class is `Thing` if no other class fits.
    """
    types = thing.reader.types(thing.node)
    own = [each.removeprefix(SCHEMA) for each in types if each.startswith(SCHEMA)]
    kind = (own or [_CLASS_OF[each] for each in types if each in _CLASS_OF] or ["Thing"])[0]
    entity = _reference(thing, thing.node, kind)
    entity["alternateName"] = _texts(thing, "skos:altLabel")
    entity["description"] = thing.text("dct:description")
    entity["identifier"] = [
        {"@type": "PropertyValue", "propertyID": name, "value": each.value}
        for property_, name in _IDENTIFIERS
        for each in thing.all(property_)
    ]
    entity["sameAs"] = _addresses(thing, "skos:exactMatch")
    if kind in ("Dataset", "DataCatalog", "CreativeWork"):
        entity |= _work(thing)
    if kind == "Dataset":
        entity |= _dataset(thing)
    return {key: _one(value) for key, value in entity.items() if value}


def _work(thing: Described) -> SchemaOrgNode:
    return {
        "datePublished": thing.value("dct:issued"),
        "dateModified": thing.value("dct:modified"),
        "publisher": _named(thing, "dct:publisher", "Organization"),
        "license": thing.value("dct:license"),
    }


def _dataset(thing: Described) -> SchemaOrgNode:
    return {
        "keywords": _texts(thing, "dcat:keyword"),
        "temporalCoverage": "/".join(_period(thing)),
        "spatialCoverage": _named(thing, "dct:spatial", "Place"),
        "isBasedOn": _addresses(thing, "dct:source"),
        "isAccessibleForFree": thing.value("dct:accessRights").endswith("/access-right/PUBLIC"),
    }


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


def _texts(thing: Described, path: str) -> list[str]:
    return sorted({each.value for each in thing.all(path)})


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
        "description": listed.get("description"),
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

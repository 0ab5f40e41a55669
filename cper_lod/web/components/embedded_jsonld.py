"""What pages say of themselves in JSON-LD, with schema.org, for search engines; our own JSON-LD is a form beside them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, DCAT, DCT, FOAF, PREFIXES, PROV, SCHEMA, SKOS
from cper_lod.rdf import jsonld
from cper_lod.rdf.graph import Graph, Term
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.site import site

_SCHEMA: Final = "https://schema.org"
_GEO, _IGEO = PREFIXES["geo"], PREFIXES["igeo"]
_CLASSES: Final = {
    _IGEO + "Pays": "Country",
    _IGEO + "Region": "AdministrativeArea",
    _IGEO + "Departement": "AdministrativeArea",
    _IGEO + "Commune": "AdministrativeArea",
    CPER + "Enonce": "Quotation",
    FOAF + "Document": "CreativeWork",
    DCAT + "Dataset": "Dataset",
    DCAT + "Catalog": "DataCatalog",
}
"""Our classes in schema.org, as far as the data support it: a closer match would be an opinion."""
SchemaOrgNode = dict[str, Any]
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def schema_org_entity(graph: Graph, node: NamedNode, lang: Language) -> SchemaOrgNode:
    """Return the schema.org description of `node` in `graph`; missing values are left out.

    Source: https://schema.org; the class is `Thing` if no other class fits.
    """
    types = graph.types(node)
    own = [each.removeprefix(SCHEMA) for each in types if each.startswith(SCHEMA)]
    kind = (own or [_CLASSES[each] for each in types if each in _CLASSES] or ["Thing"])[0]
    entity: SchemaOrgNode = {"@type": kind, "@id": node.value, "name": graph.name(node, lang)}
    entity["alternateName"] = _texts(graph, node, SKOS + "altLabel")
    entity["description"] = graph.text(node, DCT + "description", lang)[0]
    entity["identifier"] = _identifiers(graph, node)
    entity["sameAs"] = [each.value for each in graph.all(node, SKOS + "exactMatch") if _is_web(each)]
    if kind in _PROPERTIES_BY_CLASS:
        entity |= _PROPERTIES_BY_CLASS[kind](graph, node, lang)
    return {key: _one(value) for key, value in entity.items() if value}


def _organisation(graph: Graph, node: NamedNode, lang: Language) -> SchemaOrgNode:
    return {"areaServed": _named(graph, graph.all(node, CPER + "territoire"), "Place", lang)}


def _area(graph: Graph, node: NamedNode, lang: Language) -> SchemaOrgNode:
    return {"containedInPlace": _named(graph, graph.all(node, _GEO + "sfWithin"), "Place", lang)}


def _quotation(graph: Graph, node: NamedNode, lang: Language) -> SchemaOrgNode:
    words, language = graph.text(node, CPER + "citation", lang)
    origin = _named(graph, graph.all(node, PROV + "wasDerivedFrom"), "CreativeWork", lang)
    about = _named(graph, graph.all(node, PREFIXES["oa"] + "hasBody"), "Thing", lang)
    return {"text": words, "inLanguage": language, "isPartOf": origin, "about": about}


def _work(graph: Graph, node: NamedNode, lang: Language) -> SchemaOrgNode:
    return {
        "datePublished": graph.value(node, DCT + "issued"),
        "dateModified": graph.value(node, DCT + "modified"),
        "publisher": _named(graph, graph.all(node, DCT + "publisher"), "Organization", lang),
        "license": graph.value(node, DCT + "license"),
    }


def _period(graph: Graph, node: NamedNode) -> tuple[str, str]:
    """Return the start and the end of what a thing is about, both empty if they are not known."""
    period = graph.one(node, DCT + "temporal")
    start, end = ((graph.value(period, DCAT + name) if period else "") for name in ("startDate", "endDate"))
    return (start, end) if start and end else ("", "")


def _dataset(graph: Graph, node: NamedNode, lang: Language) -> SchemaOrgNode:
    return _work(graph, node, lang) | {
        "keywords": _texts(graph, node, DCAT + "keyword"),
        "temporalCoverage": "/".join(filter(None, _period(graph, node))),
        "spatialCoverage": _named(graph, graph.all(node, DCT + "spatial"), "Place", lang),
        "isBasedOn": [each.value for each in graph.all(node, DCT + "source") if _is_web(each)],
        "isAccessibleForFree": graph.value(node, DCT + "accessRights").endswith("/access-right/PUBLIC"),
    }


_PROPERTIES_BY_CLASS: Final = {
    "GovernmentOrganization": _organisation,
    "AdministrativeArea": _area,
    "Country": _area,
    "Quotation": _quotation,
    "CreativeWork": _work,
    "Dataset": _dataset,
    "DataCatalog": _work,
}


def _identifiers(graph: Graph, node: NamedNode) -> list[SchemaOrgNode]:
    known = ((CPER + "siren", "SIREN"), (CPER + "siret", "SIRET"), (_IGEO + "codeINSEE", "Insee"))
    return [
        {"@type": "PropertyValue", "propertyID": name, "value": each.value}
        for property_, name in known
        for each in graph.all(node, property_)
    ]


def _named(graph: Graph, nodes: Iterable[Term], kind: str, lang: Language) -> list[SchemaOrgNode]:
    return [
        {"@type": kind, "@id": each.value, **({"name": name} if (name := graph.name(each, lang)) else {})}
        for each in nodes
        if isinstance(each, NamedNode)
    ]


def _texts(graph: Graph, node: NamedNode, predicate: str) -> list[str]:
    return sorted({each.value for each in graph.all(node, predicate)})


def _is_web(term: Term) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(("http://", "https://"))


def _one(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def schema_org_page(
    about: SchemaOrgNode, address: str, trail: Sequence[Hyperlink], lang: Language, title: str
) -> SchemaOrgNode:
    """Return the schema.org description of a page: the entity it is about and its breadcrumb trail."""
    steps = [
        {"@type": "ListItem", "position": position, "name": link.text, **({"item": link.href} if link.href else {})}
        for position, link in enumerate((*trail, Hyperlink(title)), 1)
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


def schema_org_dataset(
    graph: Graph, iri: str, lang: Language, address: str, files: Iterable[tuple[str, str]]
) -> SchemaOrgNode:
    """Return everything in the catalogue `iri` as one dataset, with its parts and its files (address and media type).

    The dataset has no IRI but its page, `address`: the IRI is that of the catalogue.
    """
    node = NamedNode(iri)
    parts = [each for each in graph.all(node, DCAT + "dataset") if isinstance(each, NamedNode)]
    listed = schema_org_entity(graph, node, lang)
    whole = {"@context": _SCHEMA, **listed, "@type": "Dataset", "url": address}
    whole["includedInDataCatalog"] = {key: listed[key] for key in ("@type", "@id", "name") if key in listed}
    del whole["@id"]
    whole["distribution"] = _downloads(files)
    periods = [period for each in parts if (period := _period(graph, each))[0]]
    if periods:
        whole["temporalCoverage"] = f"{min(start for start, _ in periods)}/{max(end for _, end in periods)}"
    return whole | ({"hasPart": [schema_org_entity(graph, each, lang) for each in parts[:20]]} if parts else {})


def schema_org_contract(
    graph: Graph, node: NamedNode, lang: Language, address: str, files: Iterable[tuple[str, str]]
) -> SchemaOrgNode:
    """Return the data about the contract `node` as a dataset, whose page is `address`, with its files.

    The dataset has no IRI: that of the contract is what it is about.
    """
    listed, rights = schema_org_entity(graph, node, lang), site().rights
    known = {
        "@type": "Dataset",
        "name": listed.get("name"),
        "description": listed.get("description"),
        "url": address,
        "about": {key: listed[key] for key in ("@type", "@id", "name") if key in listed},
        "license": rights.licence,
        "publisher": _named(graph, [NamedNode(rights.publisher)], "Organization", lang) if rights.publisher else [],
        "dateModified": rights.modified,
        "version": site().release.id,
        "temporalCoverage": "/".join(filter(None, _period(graph, node))),
        "spatialCoverage": _named(graph, graph.all(node, CPER + "territoire"), "Place", lang),
        "distribution": _downloads(files),
    }
    return {key: value if key == "distribution" else _one(value) for key, value in known.items() if value}


def _downloads(files: Iterable[tuple[str, str]]) -> list[SchemaOrgNode]:
    return [{"@type": "DataDownload", "contentUrl": file, "encodingFormat": media_type} for file, media_type in files]


def schema_org_catalogue(graph: Graph, node: NamedNode, lang: Language, address: str) -> SchemaOrgNode:
    """Return a catalogue, whose page is `address`, with its datasets and their files."""
    datasets = []
    for each in graph.all(node, DCAT + "dataset")[:20]:
        if isinstance(each, NamedNode):
            files = [_download(graph, file) for file in graph.all(each, DCAT + "distribution")]
            page = graph.value(each, DCAT + "landingPage")
            datasets.append(
                schema_org_entity(graph, each, lang) | {"url": page, "distribution": [each for each in files if each]}
            )
    return {"@context": _SCHEMA, **schema_org_entity(graph, node, lang), "url": address, "dataset": datasets}


def _download(graph: Graph, node: Term) -> SchemaOrgNode:
    address = graph.value(node, DCAT + "downloadURL")
    media_type = "/".join(graph.value(node, DCAT + "mediaType").split("/")[-2:])
    size = graph.value(node, DCAT + "byteSize")
    entity = {"@type": "DataDownload", "contentUrl": address, "encodingFormat": media_type, "contentSize": size}
    return entity if address else {}


def script(document: SchemaOrgNode) -> str:
    """Return a document as the text of a script element, escaped so that it cannot end the element."""
    return jsonld.for_script(_ENCODER.encode(document))

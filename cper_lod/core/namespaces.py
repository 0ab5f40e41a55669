"""Namespaces, prefixes, and the names that the program gives."""

from typing import Final

VOCABULARY: Final = "https://w3id.org/cper-lod/"
"""The start of the names that the program gives: the same on every site. A site names its own things (`core.names`)."""

DEFINITIONS: Final = VOCABULARY + "def/"
"""The start of the IRIs of what the program defines beside the ontology: codes, structures, rules, questions, joins."""
CPER: Final = VOCABULARY + "ontology#"
ONTOLOGY: Final = VOCABULARY + "ontology"
ONTOLOGY_VERSION: Final = ONTOLOGY + "/"
"""The start of the IRI of each version of the ontology (owl:versionIRI); the number follows."""
SUBV: Final = ONTOLOGY + "/subventions#"
LIENS: Final = ONTOLOGY + "/liens#"
"""The modules beside the ontology: subsidies, and links with datasets of other publishers. Each has a header of its own."""
VOCABULARIES: Final = (CPER, SUBV, LIENS)
"""The namespaces of our terms: of the ontology, then of its modules."""
MODULES: Final = {
    SUBV.rstrip("#").rpartition("/")[2]: SUBV.rstrip("#"),
    LIENS.rstrip("#").rpartition("/")[2]: LIENS.rstrip("#"),
}
"""The IRI of each module by its name, which is the last part of the IRI."""
SHAPES: Final = VOCABULARY + "shapes#"
PUBLICATION_SHAPES: Final = VOCABULARY + "shapes/publication"
"""The shapes about what is published beside the data, and their graph: ontology, prefixes, questions, catalogue."""
GRAPH_STORED: Final = VOCABULARY + "graph/depot"
"""The graph of an external store that says which release it has; a release's default graph is the graph below it."""
GRAPH_PUSHING: Final = VOCABULARY + "graph/chargement"
"""The graph of an external store that has a mark while a release is pushed there."""
GRAPH_EMPTY: Final = VOCABULARY + "graph/vide"
"""A graph without triples in an external store: names an empty part of the dataset of a query."""

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
DCT: Final = "http://purl.org/dc/terms/"
PROV: Final = "http://www.w3.org/ns/prov#"
ORG: Final = "http://www.w3.org/ns/org#"
QB: Final = "http://purl.org/linked-data/cube#"
OA: Final = "http://www.w3.org/ns/oa#"
SH: Final = "http://www.w3.org/ns/shacl#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
SCHEMA: Final = "http://schema.org/"
VOID: Final = "http://rdfs.org/ns/void#"
SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = "http://www.w3.org/ns/formats/"

PREFIXES: Final[dict[str, str]] = {
    "a4g": "http://data.europa.eu/a4g/ontology#",
    "adms": "http://www.w3.org/ns/adms#",
    "cper": CPER,
    "cpers": SHAPES,
    "dcat": DCAT,
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": DCT,
    "dqv": "http://www.w3.org/ns/dqv#",
    "foaf": FOAF,
    "formats": FORMATS,
    "geo": "http://www.opengis.net/ont/geosparql#",
    "igeo": "http://rdf.insee.fr/def/geo#",
    "liens": LIENS,
    "oa": OA,
    "obeu-dimension": "http://data.openbudgets.eu/ontology/dsd/dimension/",
    "org": ORG,
    "owl": OWL,
    "prov": PROV,
    "qb": QB,
    "rdf": RDF,
    "rdfs": RDFS,
    "rov": "http://www.w3.org/ns/regorg#",
    "schema": SCHEMA,
    "sd": SD,
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sh": SH,
    "skos": SKOS,
    "spdx": "http://spdx.org/rdf/terms#",
    "subv": SUBV,
    "vann": "http://purl.org/vocab/vann/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": VOID,
    "xsd": XSD,
}
"""Prefix to namespace: what we write in Turtle, in error messages and beside queries."""

LABELS: Final = (SKOS + "prefLabel", RDFS + "label", DCT + "title", FOAF + "name", SCHEMA + "name")
"""The properties that give the name of a thing, the preferred one first."""
NAMED_BY: Final = (*LABELS, OA + "exact")
"""The properties that say what a thing is: its names; of a statement, which has none, the words."""
STANDARD_TERMS: Final = frozenset({DCT + "spatial", ORG + "identifier"})
"""Superproperties written beside our own properties, so that plain SPARQL answers them (`release.sources.read`)."""
KNOWN_BY: Final = (*NAMED_BY, SKOS + "notation")
"""The properties that identify a thing in the description of another: its names and its number."""
WHOLE_NUMBERS: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
"""The datatypes of whole numbers (XML Schema, xsd:integer and what is derived from it)."""
NUMBERS: Final = WHOLE_NUMBERS | {XSD + "decimal"}
"""The datatypes of numbers that are written in figures."""


def own_name(iri: str) -> str:
    """Return the name of a term of ours in its vocabulary, "" for any other IRI.

    >>> own_name("https://w3id.org/cper-lod/ontology/subventions#rna"), own_name("http://purl.org/dc/terms/date")
    ('rna', '')
    """
    return next((iri[len(space) :] for space in VOCABULARIES if iri.startswith(space)), "")


def shorten(iri: str) -> str:
    """Return `iri` as a prefixed name if it has one of our prefixes and a simple local name, else unchanged.

    >>> shorten("https://w3id.org/cper-lod/ontology#Montant")
    'cper:Montant'
    >>> shorten("https://example.org/x")
    'https://example.org/x'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            name = iri[len(namespace) :]
            if name and name.replace("-", "").replace("_", "").isalnum() and name[-1] != "-":
                return f"{prefix}:{name}"
    return iri


def expand(names: str) -> tuple[str, ...]:
    """Return the IRIs of prefixed names with a space between them; raises KeyError for a prefix that is not ours.

    >>> expand("cper:Montant skos:note")
    ('https://w3id.org/cper-lod/ontology#Montant', 'http://www.w3.org/2004/02/skos/core#note')
    """
    pairs = (each.partition(":") for each in names.split())
    return tuple(PREFIXES[prefix] + name for prefix, _, name in pairs)

"""The section of a page in which each property is shown: most useful first, technical properties last."""

from typing import Final, Literal

from cper_lod.core.namespaces import (
    CPER,
    DCAT,
    DCT,
    FOAF,
    LABELS,
    OWL,
    PREFIXES,
    PROV,
    QB,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SKOS,
    VOID,
)
from cper_lod.release.plan.observations import AMOUNT, CURRENCY, SUBSIDY_AMOUNT

PageSection = Literal["heading", "lead", "quote", "figure", "fact", "note", "elsewhere", "technical"]

HAS_GEOMETRY: Final = PREFIXES["geo"] + "hasGeometry"
_FIGURE: Final = frozenset(
    {AMOUNT, CURRENCY, SUBSIDY_AMOUNT}
    | {CPER + name for name in ("pourcentage", "minimum", "motif", "valeurPubliee", "hypothese")}
    | {CPER + name for name in ("montantDerive", "borneInferieure", "borneSuperieure", "partDe")}
    | {CPER + "perimetre", PROV + "wasGeneratedBy"}
)
"""Properties of a figure, shown with its value."""
_QUOTE: Final = frozenset({PROV + "wasDerivedFrom"})
"""Properties of a statement, shown with its words."""
_SECTIONS: Final[dict[str, PageSection]] = {
    **dict.fromkeys(LABELS, "heading"),
    SKOS + "notation": "heading",
    **dict.fromkeys((DCT + "description", SKOS + "definition", RDFS + "comment", SCHEMA + "description"), "lead"),
    CPER + "citation": "quote",
    CPER + "enonce": "quote",
    **dict.fromkeys((SKOS + n for n in ("note", "scopeNote", "historyNote", "editorialNote", "changeNote")), "note"),
    **dict.fromkeys((SKOS + n for n in ("exactMatch", "closeMatch", "relatedMatch")), "elsewhere"),
    **dict.fromkeys((OWL + "sameAs", RDFS + "seeAlso", FOAF + "page", FOAF + "homepage"), "elsewhere"),
    SKOS + "inScheme": "technical",
    **dict.fromkeys((DCT + "identifier", DCT + "conformsTo", RDFS + "isDefinedBy", CPER + "precision"), "technical"),
    **dict.fromkeys((DCAT + "bbox", DCAT + "centroid"), "technical"),
    HAS_GEOMETRY: "technical",
    **dict.fromkeys((CPER + "jeuLie", DCAT + "qualifiedRelation"), "technical"),  # a table shows them
    PREFIXES["geo"] + "asWKT": "technical",
    VOID + "exampleResource": "technical",
}
_TECHNICAL_CLASSES: Final = (PROV, DCAT + "Relationship", PREFIXES["geo"], *(RDF, QB, OWL, SH))
"""Vocabularies whose classes only programs need."""
_TECHNICAL_PROPERTIES: Final = (RDF, QB, OWL, SH, PREFIXES["sdmx-attribute"], PREFIXES["adms"] + "identifier")
"""Vocabularies whose properties only programs need."""


def is_technical_class(cls: str) -> bool:
    """Return whether only programs need the things of a class.

    >>> is_technical_class(PROV + "Activity"), is_technical_class(CPER + "Axe")
    (True, False)
    """
    return cls.startswith(_TECHNICAL_CLASSES)


def page_section(predicate: str, *, figure: bool = False, quote: bool = False) -> PageSection:
    """Return the section of a property, on the page of a figure, a quotation or another thing.

    >>> page_section(SKOS + "exactMatch"), page_section(CPER + "sert"), page_section(QB + "dataSet")
    ('elsewhere', 'fact', 'technical')
    """
    if figure and predicate in _FIGURE:
        return "figure"
    if quote and predicate in _QUOTE:
        return "quote"
    return _SECTIONS.get(predicate) or ("technical" if predicate.startswith(_TECHNICAL_PROPERTIES) else "fact")

"""Where on the page of a thing each property has its place: what people come for first, what machines need last."""

from typing import Final, Literal

from cper_lod.core.namespaces import CPER, DCT, FOAF, LABELS, OA, OWL, PREFIXES, PROV, QB, RDF, RDFS, SCHEMA, SH, SKOS
from cper_lod.web.components.observations import AMOUNT, CURRENCY

PageSection = Literal["heading", "lead", "quote", "figure", "fact", "note", "elsewhere", "technical"]

HAS_GEOMETRY: Final = PREFIXES["geo"] + "hasGeometry"
_FIGURE: Final = frozenset(
    {AMOUNT, CURRENCY}
    | {CPER + name for name in ("pourcentage", "minimum", "maximum", "motif", "valeurPubliee", "hypothese")}
    | {CPER + "perimetre", PROV + "wasGeneratedBy"}
)
"""What a figure says of itself: shown where the resource is one."""
_GLANCE: Final = frozenset(
    CPER + name
    for name in ("priorite", "signataire", "signature", "engagement", "enveloppe", "valeurDerivee", "territoire")
)
"""What the summary of a contract shows."""
_QUOTE: Final = frozenset(
    {PROV + "wasDerivedFrom", *(OA + name for name in ("hasSelector", "exact", "prefix", "suffix"))}
)
"""What a quotation says of itself, shown with its words."""
_EXACTLY: Final[dict[str, PageSection]] = {
    **dict.fromkeys(LABELS, "heading"),
    SKOS + "notation": "heading",
    **dict.fromkeys((DCT + "description", SKOS + "definition", RDFS + "comment", SCHEMA + "description"), "lead"),
    CPER + "citation": "quote",
    CPER + "enonce": "quote",
    **dict.fromkeys((SKOS + n for n in ("note", "scopeNote", "historyNote", "editorialNote", "changeNote")), "note"),
    **dict.fromkeys((SKOS + n for n in ("exactMatch", "closeMatch", "relatedMatch")), "elsewhere"),
    **dict.fromkeys((OWL + "sameAs", RDFS + "seeAlso", FOAF + "page", FOAF + "homepage"), "elsewhere"),
    **dict.fromkeys((SKOS + n for n in ("inScheme", "topConceptOf")), "technical"),
    OA + "motivatedBy": "technical",
    **dict.fromkeys((DCT + "identifier", DCT + "conformsTo", RDFS + "isDefinedBy", CPER + "precision"), "technical"),
    PREFIXES["dcat"] + "bbox": "technical",
    HAS_GEOMETRY: "technical",
    PREFIXES["geo"] + "asWKT": "technical",
}
_MACHINERY: Final = (PROV, OA, PREFIXES["geo"], *(RDF, QB, OWL, SH))
"""Vocabularies whose classes only machines ask for."""
_TECHNICAL: Final = (RDF, QB, OWL, SH, PREFIXES["sdmx-attribute"], PREFIXES["adms"] + "identifier")
"""Vocabularies of machinery."""


def is_technical_class(cls: str) -> bool:
    """Return whether things of a class are of use to machines only.

    >>> machinery(PROV + "Activity"), machinery(CPER + "Axe")
    (True, False)
    """
    return cls.startswith(_MACHINERY)


def page_section(predicate: str, *, contract: bool = False, figure: bool = False, quote: bool = False) -> PageSection:
    """Return where a property is told: of a contract with a summary, of a figure, of a statement, or of another thing.

    >>> place(SKOS + "exactMatch"), place(CPER + "sert"), place(QB + "dataSet")
    ('elsewhere', 'fact', 'technical')
    """
    if (contract and predicate in _GLANCE) or (figure and predicate in _FIGURE):
        return "figure"
    if quote and predicate in _QUOTE:
        return "quote"
    if quote and predicate == OA + "hasTarget":  # the passage; of a link it is what the link is for
        return "technical"
    return _EXACTLY.get(predicate) or ("technical" if predicate.startswith(_TECHNICAL) else "fact")

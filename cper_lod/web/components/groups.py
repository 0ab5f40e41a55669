"""The groups of classes that readers look for, and the section of a page in which each property is shown."""

from typing import Final, Literal, get_args

from cper_lod.core.namespaces import LABELS, expand, own_name

ClassGroup = Literal["plan", "actors", "places", "words", "data", "machinery"]
"""The plan, who takes part, places, words; classes of other vocabularies; how data are made."""
GROUPS: Final[tuple[ClassGroup, ...]] = get_args(ClassGroup)
"""The groups in the order of a page."""
_GROUPED: Final[dict[ClassGroup, str]] = {
    "words": "cper:Enonce cper:Lecture cper:Document",
    "actors": "cper:Signataire cper:Groupe schema:GovernmentOrganization foaf:Organization org: rov:",
    "places": "prov:Location igeo:",
    "machinery": "liens:Rapprochement schema:Dataset rdf: rdfs: owl: skos: qb: sh: void: dcat: dct: prov: foaf: oa: adms: dcatap: dqv:"
    " formats: geo: sd: spdx: vann: vcard:",
    "plan": "cper: subv: liens:",
}
"""The classes of each group, and the vocabularies whose other classes belong to it."""
_GROUP_OF: Final = {iri: group for group, names in _GROUPED.items() for iri in expand(names)}
_VOCABULARIES: Final = tuple(iri for iri in _GROUP_OF if iri.endswith(("#", "/")))
_FIRST: Final = (
    *("Contrat", "Decoupage", "Subdivision", "Montant", "Part", "Chiffre", "ValeurDerivee"),
    *("Etape", "Avenant", "Cadre", "Signataire", "Groupe"),
)
"""Our classes in the order in which a contract is read."""

PageSection = Literal["heading", "lead", "quote", "fact", "note", "elsewhere", "technical"]
"""The sections of the page of a thing: most useful first, technical properties last."""
_SECTIONS: Final[dict[PageSection, str]] = {
    "heading": "skos:notation",
    "lead": "dct:description skos:definition rdfs:comment schema:description",
    "quote": "oa:exact cper:enonce cper:lecture",
    "note": "skos:note skos:scopeNote skos:historyNote skos:editorialNote skos:changeNote",
    "elsewhere": "skos:exactMatch skos:closeMatch skos:relatedMatch owl:sameAs rdfs:seeAlso foaf:page foaf:homepage",
    # A card shows the first two, a table the last two.
    "technical": "cper:valeur subv:montantAttribue skos:inScheme skos:hiddenLabel dct:identifier dct:conformsTo rdfs:isDefinedBy cper:pas dcat:bbox dcat:centroid"
    " geo:hasGeometry geo:asWKT void:exampleResource liens:jeuLie dcat:qualifiedRelation",
}
_SECTION_OF: Final[dict[str, PageSection]] = {
    **dict.fromkeys(LABELS, "heading"),
    **{iri: section for section, names in _SECTIONS.items() for iri in expand(names)},
}
(_ORIGIN,) = expand("prov:wasQuotedFrom")
"""The property of a statement that is shown with its words."""
_TECHNICAL_CLASSES: Final = expand("prov: dcat:Relationship geo: rdf: qb: owl: sh:")
"""Vocabularies whose classes only programs need, and one class."""
_TECHNICAL_PROPERTIES: Final = expand("rdf: qb: owl: sh: sdmx-attribute: adms:identifier")
"""Vocabularies whose properties only programs need, and one property."""


def class_group(iri: str) -> ClassGroup:
    """Return the group of a class.

    >>> [class_group(iri) for iri in expand("cper:Montant org:Organization qb:Slice")], class_group("urn:x")
    (['plan', 'actors', 'machinery'], 'data')
    """
    return _GROUP_OF.get(iri) or _GROUP_OF.get(next(filter(iri.startswith, _VOCABULARIES), ""), "data")


def reading_order(iri: str) -> int:
    """Return the place of a class in its group: the contract before its parts; the same for all others."""
    name = own_name(iri)
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def is_technical_class(cls: str) -> bool:
    """Return whether only programs need the things of a class.

    >>> [is_technical_class(iri) for iri in expand("prov:Activity cper:Montant")]
    [True, False]
    """
    return cls.startswith(_TECHNICAL_CLASSES)


def page_section(predicate: str, *, quote: bool = False) -> PageSection:
    """Return the section of a property, on the page of a quotation or another thing.

    >>> [page_section(iri) for iri in expand("skos:exactMatch cper:signePar qb:dataSet")]
    ['elsewhere', 'fact', 'technical']
    """
    if quote and predicate == _ORIGIN:
        return "quote"
    return _SECTION_OF.get(predicate) or ("technical" if predicate.startswith(_TECHNICAL_PROPERTIES) else "fact")

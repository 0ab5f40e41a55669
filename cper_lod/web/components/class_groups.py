"""The groups of classes that readers look for: the plan, who takes part, places, words; the rest is how data are made."""

from typing import Final, Literal, get_args

from cper_lod.core.namespaces import (
    CPER,
    DCAT,
    DCT,
    FOAF,
    OA,
    ORG,
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

ClassGroup = Literal["plan", "actors", "places", "words", "data", "machinery"]
GROUPS: Final[tuple[ClassGroup, ...]] = get_args(ClassGroup)
"""The groups in the order of a page; `data` are the classes of other vocabularies, in data served as given."""
_CLASSES: Final[dict[str, ClassGroup]] = {
    **dict.fromkeys((CPER + "Enonce", FOAF + "Document"), "words"),
    **dict.fromkeys((CPER + "Signataire", CPER + "CategorieDeFinanceur", CPER + "Beneficiaire"), "actors"),
    **dict.fromkeys((SCHEMA + "GovernmentOrganization", FOAF + "Agent", FOAF + "Organization"), "actors"),
    **dict.fromkeys((DCT + "Location", PROV + "Location", PREFIXES["geo"] + "Feature"), "places"),
    SCHEMA + "Dataset": "machinery",
}
_NAMESPACES: Final[tuple[tuple[str, ClassGroup], ...]] = (
    (CPER, "plan"),
    (ORG, "actors"),
    (PREFIXES["rov"], "actors"),
    (PREFIXES["vcard"], "actors"),
    (PREFIXES["igeo"], "places"),
    *((name, "machinery") for name in (RDF, RDFS, OWL, SKOS, QB, SH, VOID, DCAT, DCT, PROV, FOAF, OA)),
    *(
        (PREFIXES[name], "machinery")
        for name in ("adms", "dcatap", "dqv", "formats", "geo", "hydra", "sd", "spdx", "vann")
    ),
)
"""The group of the classes of a vocabulary."""
_FIRST: Final = (
    *("Contrat", "ContratDePlan", "Priorite", "Axe", "Enveloppe", "Engagement", "Part", "ValeurDerivee"),
    *("Signature", "Avenant", "Signataire", "CategorieDeFinanceur"),
)
"""Our classes in the order in which a contract is read."""


def class_group(iri: str) -> ClassGroup:
    """Return the group of a class.

    >>> class_group(CPER + "Axe"), class_group(ORG + "Organization"), class_group(QB + "Slice"), class_group("urn:x")
    ('plan', 'actors', 'machinery', 'data')
    """
    found: list[ClassGroup] = [group for namespace, group in _NAMESPACES if iri.startswith(namespace)]
    return _CLASSES.get(iri, found[0] if found else "data")


def reading_order(iri: str) -> int:
    """Return the place of a class in its group: the contract before its parts; the same for all others."""
    name = iri.removeprefix(CPER)
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)

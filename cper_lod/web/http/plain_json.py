"""Which shape of the plain JSON a thing has, and the address of its schema; `web.api` makes the JSON."""

from collections.abc import Iterable
from typing import Final

from cper_lod.core.namespaces import CPER, DCAT, DCT, ORG, PREFIXES, SCHEMA
from cper_lod.release.release import Release

VERSION: Final = "2.0.0"
"""The version of the shapes."""
RESOURCE: Final = "Ressource"
"""The shape of a thing whose class has none of its own."""
JSON_LD_DOCUMENT: Final = "DocumentJsonLd"
"""The schema of every document in JSON-LD, which is not plain: its profiles, lists, catalogue."""
FIGURES: Final = ("Montant", "Part", "Chiffre")
"""The shapes of published figures."""
_BODIES: Final = (ORG + "FormalOrganization", ORG + "Organization", PREFIXES["rov"] + "RegisteredOrganization")
TYPES: Final[dict[str, str]] = {
    **{CPER + name: name for name in ("Contrat", *FIGURES, "ValeurDerivee", "Decoupage", "Subdivision", "Groupe")},
    **{CPER + name: name for name in ("Signataire", "Etape", "Avenant", "Cadre", "Document", "Enonce", "Subvention")},
    SCHEMA + "Dataset": "JeuExterieur",
    DCAT + "Relationship": "Lien",
    DCT + "PeriodOfTime": "Periode",
    **dict.fromkeys(_BODIES, "Organisme"),
    PREFIXES["geo"] + "Feature": "Territoire",
}
"""The `type` of a thing, which is the name of its shape, by its class, the most telling class first."""
SHAPES: Final = tuple(dict.fromkeys(TYPES.values()))
"""The shapes of things, the contract first."""


def main_type(release: Release, classes: Iterable[str]) -> str:
    """Return the `type` of a thing with a shape of its own, "" for any other thing.

    Only a release that was validated is known to conform to the shapes.
    """
    known = set(classes) if release.has_shapes else set()
    return next((name for cls, name in TYPES.items() if cls in known), "")


def schema_path(name: str) -> str:
    """Return the path of a schema: that of a `type`, or of another document by its name."""
    return f"/schema/{VERSION}/{name}.json"

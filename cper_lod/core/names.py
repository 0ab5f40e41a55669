"""The names that a site gives: everything below its address, which the names of the vocabulary do not depend on."""

from typing import Final

from cper_lod.core.namespaces import DEFINITIONS


class SiteNames:
    """The names of one site, which begin with `address`."""

    def __init__(self, address: str) -> None:
        self.address: Final = address
        self.things: Final = address + "id/"
        self.releases: Final = address + "release/"
        self.shared_start: Final = (self.things, DEFINITIONS)
        """How the IRIs begin that have documents below /doc/: things of the site, definitions of the program."""

    def path(self, iri: str) -> str | None:
        """Return what follows /doc/ in the path of the document about a thing; None for other IRIs.

        >>> names = SiteNames("https://contrats.exemple.fr/")
        >>> names.path("https://contrats.exemple.fr/id/contrat/x"), names.path(DEFINITIONS + "question/total-et-somme")
        ('contrat/x', 'def/question/total-et-somme')
        """
        if iri.startswith(self.things):
            return iri[len(self.things) :] or None
        if iri.startswith(DEFINITIONS):
            return f"def/{iri[len(DEFINITIONS) :]}" if len(iri) > len(DEFINITIONS) else None
        return None

    def iri(self, path: str) -> str:
        """Return the IRI of the thing whose document has that path below /doc/."""
        return DEFINITIONS + path.removeprefix("def/") if path.startswith("def/") else self.things + path

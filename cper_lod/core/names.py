"""The names that a site gives: everything below its address, which the names of the vocabulary do not depend on."""

from dataclasses import dataclass
from typing import Final

from cper_lod.core.namespaces import DEFINITIONS, VOCABULARY

PARTS: Final = ("id/", "source/", "graph/", "release/", "catalogue", "dataset")
"""How the names of a site go on after its address. Sources write them so, without the address."""


@dataclass(frozen=True)
class SiteNames:
    """The names of one site, which begin with `address`, an http(s) IRI that ends with a slash.

    The sources of a site do not hold its address: they name its things `<id/contrat/…>`, and the names are resolved when
    they are read (RFC 3986, section 5). What the program defines has the same names on every site.
    """

    address: str = VOCABULARY
    """That of the data of the program."""

    @property
    def things(self) -> str:
        """How the names of things begin."""
        return self.address + "id/"

    @property
    def contracts(self) -> str:
        """How the names of contracts, and of the things of contracts, begin."""
        return self.address + "id/contrat/"

    @property
    def documents(self) -> str:
        """How the names of documents begin."""
        return self.address + "id/document/"

    @property
    def datasets(self) -> str:
        """How the names of the datasets of the catalogue begin."""
        return self.address + "id/jeu-de-donnees/"

    @property
    def sources(self) -> str:
        """How the names of source files begin; the path below the folder of sources follows: `…/source/data/x.ttl`."""
        return self.address + "source/"

    @property
    def releases(self) -> str:
        """How the names of releases begin."""
        return self.address + "release/"

    @property
    def catalogue(self) -> str:
        """The catalogue."""
        return self.address + "catalogue"

    @property
    def dataset(self) -> str:
        """Everything that is published: the default graph (VoID)."""
        return self.address + "dataset"

    @property
    def service(self) -> str:
        """The SPARQL endpoint."""
        return self.address + "id/service/sparql"

    @property
    def catalogue_graph(self) -> str:
        """The graph of the catalogue."""
        return self.address + "graph/catalogue"

    @property
    def documentation_graph(self) -> str:
        """The graph of what documents the vocabulary."""
        return self.address + "graph/documentation"

    @property
    def report_graph(self) -> str:
        """The graph of the report of the check, and the report."""
        return self.address + "graph/rapport"

    @property
    def void_graph(self) -> str:
        """The graph of the counts."""
        return self.address + "graph/void"

    @property
    def shared_start(self) -> tuple[str, str]:
        """How the IRIs begin that have documents below /doc/: things of the site, definitions of the program."""
        return self.things, DEFINITIONS

    def relative(self, iri: str) -> str:
        """Return a name of the site as sources write it, without the address; any other IRI as it is.

        >>> SiteNames("https://contrats.exemple.fr/").relative("https://contrats.exemple.fr/id/contrat/x")
        'id/contrat/x'
        >>> SiteNames().relative(DEFINITIONS + "code/unite")
        'https://w3id.org/cper-lod/def/code/unite'
        """
        rest = iri.removeprefix(self.address)
        return rest if rest != iri and rest.startswith(PARTS) else iri

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


PROGRAM: Final = SiteNames()
"""The names of the data of the program."""

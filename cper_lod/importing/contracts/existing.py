"""What the sources describe already: bodies and territories that a new contract names again."""

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import CPER, ORG, PREFIXES, RDF, SKOS
from cper_lod.importing.contracts.model import folded

_BODIES = {ORG + "FormalOrganization", ORG + "Organization"}
_TERRITORY = PREFIXES["geo"] + "Feature"


class Known:
    """The bodies and territories of the sources, by SIREN and by French name, and every IRI that is taken."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.taken: set[str] = set()
        self.bodies: dict[str, str] = {}
        self.territories: dict[str, str] = {}
        self.sirens: dict[str, str] = {}
        self.governed: dict[str, str] = {}
        kinds: dict[str, set[str]] = {}
        names: list[tuple[str, str]] = []
        for quad in quads:
            if not isinstance(quad.subject, NamedNode):
                continue
            iri, predicate, value = quad.subject.value, quad.predicate.value, quad.object
            self.taken.add(iri)
            if isinstance(value, NamedNode) and predicate == RDF + "type":
                kinds.setdefault(iri, set()).add(value.value)
            elif isinstance(value, NamedNode) and predicate == CPER + "territoire":
                self.governed[iri] = value.value
            elif isinstance(value, Literal) and predicate == SKOS + "prefLabel" and value.language == "fr":
                names.append((folded(value.value), iri))
            elif isinstance(value, Literal) and predicate == CPER + "siren":
                self.sirens[iri] = value.value
        for name, iri in names:
            if kinds.get(iri, set()) & _BODIES:
                self.bodies[name] = iri
            elif _TERRITORY in kinds.get(iri, ()):
                self.territories[name] = iri

    def body(self, name: str, siren: str) -> str | None:
        """Return the body of that number, else the one of that name."""
        by_number = next((iri for iri, known in self.sirens.items() if siren and known == siren), None)
        return by_number or self.bodies.get(folded(name))

    def territory(self, name: str) -> str | None:
        """Return the territory of that name."""
        return self.territories.get(folded(name))

    def free(self, iri: str, also: str) -> str:
        """Return `iri`, or where it is taken by something else, `iri` with `also` behind it."""
        return f"{iri}-{also}" if iri in self.taken else iri

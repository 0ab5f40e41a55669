"""Bodies and territories of a contract: its region, signatories and publisher. Those in the sources are reused."""

from collections.abc import Callable, Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import CPER, ORG, PREFIXES, RDF, SKOS
from cper_lod.core.text import slug
from cper_lod.importing.contracts.graph import ID, ContractGraph
from cper_lod.importing.contracts.model import CellLocation, Record, normalized_name

_BODIES = {ORG + "FormalOrganization", ORG + "Organization"}
_TERRITORY = PREFIXES["geo"] + "Feature"


class ExistingEntities:
    """The bodies and territories in the sources, by SIREN and by French name, and every IRI in use."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.used_iris: set[str] = set()
        self.bodies: dict[str, str] = {}
        self.territories: dict[str, str] = {}
        self.siren_of: dict[str, str] = {}
        self.territory_of: dict[str, str] = {}
        self.kind_of: dict[str, str] = {}
        kinds: dict[str, set[str]] = {}
        names: list[tuple[str, str]] = []
        for quad in quads:
            if not isinstance(quad.subject, NamedNode):
                continue
            iri, predicate, value = quad.subject.value, quad.predicate.value, quad.object
            self.used_iris.add(iri)
            if isinstance(value, NamedNode) and predicate == RDF + "type":
                kinds.setdefault(iri, set()).add(value.value)
            elif isinstance(value, NamedNode) and predicate == CPER + "territoire":
                self.territory_of[iri] = value.value
            elif isinstance(value, NamedNode) and predicate == ORG + "classification":
                self.kind_of[iri] = value.value
            elif isinstance(value, Literal) and predicate == SKOS + "prefLabel" and value.language == "fr":
                names.append((normalized_name(value.value), iri))
            elif isinstance(value, Literal) and predicate == CPER + "siren":
                self.siren_of[iri] = value.value
        self.described = {iri for iri, classes in kinds.items() if classes & _BODIES}
        """The bodies that are described as such; of others, a file of subsidies gives the number and a name."""
        for name, iri in names:
            if iri in self.described:
                self.bodies[name] = iri
            elif _TERRITORY in kinds.get(iri, ()):
                self.territories[name] = iri

    def find_body(self, name: str, siren: str) -> str | None:
        """Return the body with that SIREN, else the one with that name."""
        by_number = next((iri for iri, existing in self.siren_of.items() if siren and existing == siren), None)
        return by_number or self.bodies.get(normalized_name(name))

    def find_territory(self, name: str) -> str | None:
        """Return the territory with that name."""
        return self.territories.get(normalized_name(name))

    def unused_iri(self, iri: str, suffix: str) -> str:
        """Return `iri`, with `suffix` appended if it is in use."""
        return f"{iri}-{suffix}" if iri in self.used_iris else iri


_KIND: Final = f"{ID}code/type-d-organisme/"
_FUNDER: Final = f"{ID}code/financeur/"
_BODY: Final = "org:FormalOrganization schema:GovernmentOrganization"


def funder_group(kind: str) -> str:
    """Return the group in which the funds of a body of that kind are counted."""
    name = kind.removeprefix(_KIND)
    return _FUNDER + (name if name in ("etat", "region") else "autres-signataires")


class Actors:
    """Adds the bodies and territories of one contract to its graph, unless the sources describe them."""

    def __init__(self, graph: ContractGraph, existing: ExistingEntities, region: str, location: CellLocation) -> None:
        self.graph = graph
        self.existing = existing
        self.location = location
        self.region = self._territory(region, location, "igeo:Region", self._country)

    def add_signatory(self, record: Record) -> str:
        """Describe a signatory of the signing, and its body if it is new; return the key of the signatory."""
        graph, name, kind = self.graph, record.text("nom"), record.text("type")
        kind_name = kind.removeprefix(_KIND)
        key = record.text("identifiant") or (kind_name if kind_name in ("etat", "region") else slug(name))
        iri = f"{graph.contract}/signataire/{key}"
        graph.describe(
            "contracts",
            iri,
            record.location,
            "cper:Signataire",
            (f"{name}, signataire", f"{record.text('nom_en') or name}, signatory"),
        )
        graph.add(iri, "cper:contrat", graph.contract)
        graph.add(f"{graph.contract}/signature", "prov:qualifiedAssociation", iri)
        graph.add(iri, "cper:groupe", funder_group(kind))
        body = self._body(record, kind_name)
        graph.add(iri, "prov:agent", body)
        graph.add(graph.contract, "cper:signePar", body)
        graph.add_texts(iri, "skos:note", record, "note")
        if record.text("origine"):
            graph.add(iri, "prov:wasDerivedFrom", record.text("origine"))
        graph.quote(record, "citation", f"signataire-{key}", (iri,), "prov:agent")
        return key

    def commune(self, source: Record) -> str:
        """Return the IRI of the place from which a document is dated; describe it if it is new."""
        return self._territory(source.text("lieu"), source.location_of("lieu"), "igeo:Commune", lambda: self.region)

    def publisher(self, name: str, location: CellLocation) -> str:
        """Return the IRI of the body that publishes the source document; describe it if it is new."""
        return self._known_body(name, "") or self._new_body(name, location)

    def _known_body(self, name: str, siren: str) -> str | None:
        return self.existing.find_body(self.graph.mark_trial((name, name))[0], siren)

    def _new_body(self, name: str, location: CellLocation, iri: str | None = None, english: str = "") -> str:
        """Describe a body, under an IRI of its own unless it has one; return the IRI."""
        own = f"{ID}organisme/{slug(self.graph.mark_trial((name, name))[0])}"
        iri = iri or self.existing.unused_iri(own, self.graph.slug)
        if iri not in self.graph.file_of:
            self.graph.describe("bodies", iri, location, _BODY, (name, english or name))
        return iri

    def _body(self, record: Record, kind_name: str) -> str:
        """Return the IRI of the body of a signatory; add what its description lacks.

        A kind other than the known one is added too: validation then reports the body.
        """
        name, siren = record.text("nom"), record.text("siren")
        existing = self._known_body(name, siren)
        is_described = existing in self.existing.described
        iri = existing if existing and is_described else ""
        iri = iri or self._new_body(name, record.location, existing, record.text("nom_en"))
        self.graph.file_of.setdefault(iri, "bodies")
        self.graph.locations.setdefault(iri, record.location)
        if siren and not (is_described and self.existing.siren_of.get(iri) == siren):
            self.graph.add(iri, "cper:siren", Literal(siren))
            self.graph.locations[iri] = record.location_of("siren")
        if self.existing.kind_of.get(iri) != record.text("type"):
            self.graph.add(iri, "org:classification", record.text("type"))
        if iri not in self.existing.territory_of:
            self.graph.add(iri, "cper:territoire", self._governed(record, kind_name))
        return iri

    def _governed(self, record: Record, kind_name: str) -> str:
        territory_name = record.text("territoire")
        if not territory_name and kind_name in ("etat", "region"):
            return self._country() if kind_name == "etat" else self.region
        kind = "igeo:Departement" if kind_name == "departement" else ""
        return self._territory(
            territory_name or f"Territoire : {record.text('nom')}",
            record.location_of("territoire"),
            kind,
            lambda: self.region,
        )

    def _country(self) -> str:
        return self._territory("France", self.location, "igeo:Pays")

    def _territory(self, name: str, location: CellLocation, kind: str, within: Callable[[], str] | None = None) -> str:
        """Return the IRI of the territory with that name; describe it if it is new."""
        marked = self.graph.mark_trial((name, name))[0]
        if existing := self.existing.find_territory(marked):
            return existing
        iri = self.existing.unused_iri(f"{ID}territoire/{slug(marked)}", self.graph.slug)
        if iri not in self.graph.file_of:
            self.graph.describe(
                "territories",
                iri,
                location,
                f"geo:Feature {kind}",
                (name, name.replace("Territoire : ", "Territory: ")),
            )
            if within:
                self.graph.add(iri, "geo:sfWithin", within())
        return iri


def is_named_in_quotation(record: Record) -> bool:
    """Return whether the quotation of a signatory names it."""
    return normalized_name(record.text("nom")) in normalized_name(record.text("citation"))

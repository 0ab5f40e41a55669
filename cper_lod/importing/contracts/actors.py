"""Who a contract is of: its territory, the bodies that sign it, what each governs, and who publishes its source."""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import CPER, ORG, PREFIXES, RDF, SKOS
from cper_lod.importing.contracts.model import Place, Record, folded, slug
from cper_lod.importing.contracts.graph import ID, Facts, fr

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


_QUALITY: Final = f"{ID}code/qualite/"
_FUNDER: Final = f"{ID}code/financeur/"
_BODY: Final = "org:FormalOrganization schema:GovernmentOrganization"


def funder(quality: str) -> str:
    """Return the category of funder under which a signatory is counted: the code list says which one it is."""
    own = quality.removeprefix(_QUALITY)
    return _FUNDER + (own if own in ("etat", "region") else "autres-signataires")


class Actors:
    """The bodies and territories of one contract: those of the sources where they are known, else described anew."""

    def __init__(self, facts: Facts, known: Known, region: str, place: Place) -> None:
        self.facts = facts
        self.known = known
        self.place = place
        self.country = self._territory("France", place, "igeo:Pays", None)
        self.region = self._territory(region, place, "igeo:Region", self.country)

    def sign(self, record: Record) -> str:
        """Describe a signatory, and the body where it is new; return the key of the signatory."""
        facts, name, quality = self.facts, record.text("nom"), record.text("qualite")
        own = quality.removeprefix(_QUALITY)
        key = own if own in ("etat", "region") else slug(name)
        iri = f"{facts.contract}/signataire/{key}"
        facts.describe(
            "contracts",
            iri,
            record.place,
            "cper:Signataire org:Membership",
            (f"{name}, signataire", f"{name}, signatory"),
        )
        facts.add(iri, "cper:contrat", facts.contract)
        facts.add(facts.contract, "cper:signataire", iri)
        facts.add(iri, "cper:financeur", funder(quality))
        facts.add(iri, "org:member", self._body(record, own))
        facts.add(iri, "org:role", quality)
        if record.text("note"):
            facts.add(iri, "skos:note", fr(record.text("note")))
        # Words that do not name the body show in which capacity it signs, not which one it is.
        attests = "org:member org:role" if own == "region" or is_named(record) else "org:role"
        facts.state(
            f"signataire-{key}",
            record.text("citation"),
            (iri,),
            attests,
            (f"signataire : {name}", f"signatory: {name}"),
            record.at("citation"),
        )
        return key

    def publisher(self, name: str, place: Place) -> str:
        """Return the body that publishes the source, described where it is new."""
        return self._known_body(name, "") or self._new_body(name, place)

    def _known_body(self, name: str, siren: str) -> str | None:
        return self.known.body(self.facts.marked((name, name))[0], siren)

    def _new_body(self, name: str, place: Place) -> str:
        iri = self.known.free(f"{ID}organisme/{slug(self.facts.marked((name, name))[0])}", self.facts.slug)
        if iri not in self.facts.home:
            self.facts.describe("bodies", iri, place, _BODY, (name, name))
        return iri

    def _body(self, record: Record, own: str) -> str:
        name, siren = record.text("nom"), record.text("siren")
        known = self._known_body(name, siren)
        iri = known or self._new_body(name, record.place)
        self.facts.home.setdefault(iri, "bodies")
        self.facts.origins.setdefault(iri, record.place)
        if siren and self.known.sirens.get(iri) != siren:
            self.facts.add(iri, "cper:siren", Literal(siren))
            self.facts.origins[iri] = record.at("siren")
        if iri not in self.known.governed:
            self.facts.add(iri, "cper:territoire", self._governed(record, own))
        return iri

    def _governed(self, record: Record, own: str) -> str:
        given = record.text("territoire")
        if not given and own in ("etat", "region"):
            return self.country if own == "etat" else self.region
        kind = "igeo:Departement" if own == "departement" else ""
        return self._territory(
            given or f"Territoire : {record.text('nom')}", record.at("territoire"), kind, self.region
        )

    def _territory(self, name: str, place: Place, kind: str, within: str | None) -> str:
        """Return the territory of that name, described where it is new."""
        marked = self.facts.marked((name, name))[0]
        if known := self.known.territory(marked):
            return known
        iri = self.known.free(f"{ID}territoire/{slug(marked)}", self.facts.slug)
        if iri not in self.facts.home:
            self.facts.describe(
                "territories", iri, place, f"geo:Feature {kind}", (name, name.replace("Territoire : ", "Territory: "))
            )
            if within:
                self.facts.add(iri, "geo:sfWithin", within)
        return iri


def is_named(record: Record) -> bool:
    """Return whether the quotation of a signatory names it."""
    return folded(record.text("nom")) in folded(record.text("citation"))

"""Bodies and territories of a contract: its region, signatories and publisher. Those in the sources are reused."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import CPER, DCAT, ORG, PREFIXES, RDF, SKOS
from cper_lod.core.text import slug
from cper_lod.importing.contracts.graph import ID, TRIAL_MARKS, ContractGraph, fr, words
from cper_lod.importing.contracts.model import CellFinding, CellLocation, Record, normalized_name
from cper_lod.release.check.quotations import NAMES

_BODIES = {ORG + "FormalOrganization", ORG + "Organization"}
_TERRITORY = PREFIXES["geo"] + "Feature"


class ExistingEntities:
    """The bodies and territories in the sources, by SIREN and by French name, and every IRI in use."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.used_iris: set[str] = set()
        self.bodies: dict[str, str] = {}
        self.territories: dict[str, str] = {}
        self.names: dict[str, list[str]] = {}
        """The French names of each thing; the preferred one first."""
        self.siren_of: dict[str, str] = {}
        self.territory_of: dict[str, str] = {}
        self.kind_of: dict[str, str] = {}
        self.box_of: dict[str, str] = {}
        stated = {
            CPER + "siren": self.siren_of,
            CPER + "territoire": self.territory_of,
            ORG + "classification": self.kind_of,
            DCAT + "bbox": self.box_of,
        }
        kinds: dict[str, set[str]] = {}
        for quad in quads:
            if not isinstance(quad.subject, NamedNode):
                continue
            iri, predicate, value = quad.subject.value, quad.predicate.value, quad.object
            self.used_iris.add(iri)
            if isinstance(value, NamedNode) and predicate == RDF + "type":
                kinds.setdefault(iri, set()).add(value.value)
            elif isinstance(value, NamedNode | Literal) and predicate in stated:
                stated[predicate][iri] = value.value
            elif isinstance(value, Literal) and predicate in NAMES and value.language in ("fr", None):
                names = self.names.setdefault(iri, [])
                names.insert(0 if predicate == SKOS + "prefLabel" else len(names), value.value)
        self.body_of = {siren: iri for iri, siren in self.siren_of.items()}
        self.described = {iri for iri, classes in kinds.items() if classes & _BODIES}
        """The bodies that are described as such; of others, a file of subsidies gives the number and a name."""
        called: dict[str, set[str]] = {}
        for iri, names in self.names.items():
            if iri in self.described:
                self.bodies[normalized_name(names[0])] = iri
                for name in names[1:]:
                    called.setdefault(normalized_name(name), set()).add(iri)
            elif _TERRITORY in kinds.get(iri, ()):
                self.territories[normalized_name(names[0])] = iri
        for name, iris in called.items():
            if len(iris) == 1 and len(_telling_words(name)) > 1:  # acronyms name several bodies
                self.bodies.setdefault(name, *iris)

    def is_named(self, iri: str, name: str) -> bool:
        """Return whether a name is one of a body, more or fewer words apart."""
        words = _telling_words(name)
        return any(words <= each or each <= words for each in map(_telling_words, self.names.get(iri, ())))

    def unused_iri(self, iri: str, suffix: str) -> str:
        """Return `iri`, with `suffix` appended if it is in use."""
        return f"{iri}-{suffix}" if iri in self.used_iris else iri


def _telling_words(name: str) -> set[str]:
    """Return the words of a name that tell it from others.

    >>> sorted(_telling_words("Département de l'Aisne"))
    ['aisne', 'departement']
    """
    return {each for each in slug(name).split("-") if each not in _LITTLE_WORDS}


_LITTLE_WORDS: Final = frozenset(("d", "de", "des", "du", "en", "et", "l", "la", "le", "les"))
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
        self.rows: dict[str, int] = {}
        """The row of each body that signs."""
        self.region = self._territory(region, location, "igeo:Region", self._country)

    def add_signatory(self, record: Record) -> str:
        """Describe a signatory of the signing, and its body if it is new; return the key of the signatory."""
        graph, name, kind = self.graph, record.text("nom"), record.text("type")
        kind_name = kind.removeprefix(_KIND)
        key = record.text("identifiant") or (kind_name if kind_name in ("etat", "region") else slug(name))
        iri, body = f"{graph.contract}/signataire/{key}", self._body(record, kind_name)
        known = (self._names(body) or [name])[0]
        labels = words("signatory", name=(known, record.text("nom_en") or known))
        graph.describe_part("contracts", iri, record.location, "cper:Signataire", labels)
        graph.add(f"{graph.contract}/signature", "prov:qualifiedAssociation", iri)
        graph.add(iri, "cper:groupe", funder_group(kind))
        graph.add(iri, "prov:agent", body)
        graph.add(graph.contract, "cper:signePar", body)
        graph.add_texts(iri, "skos:note", record, "note")
        graph.add(iri, "prov:wasDerivedFrom", record.text("origine"))
        graph.quote(record, "citation", f"signataire-{key}", iri, "prov:agent")
        return key

    def add_bounding_box(self, polygon: str) -> None:
        """Add a bounding box to the region, unless the sources have it."""
        if self.region not in self.existing.box_of:
            self.graph.file_of.setdefault(self.region, "territories")
            box = Literal(polygon, datatype=NamedNode(PREFIXES["geo"] + "wktLiteral"))
            self.graph.add(self.region, "dcat:bbox", box)

    def commune(self, source: Record) -> str:
        """Return the IRI of the place from which a document is dated; describe it if it is new."""
        return self._territory(source.text("lieu"), source.location_of("lieu"), "igeo:Commune", lambda: self.region)

    def publisher(self, name: str, location: CellLocation) -> str:
        """Return the IRI of the body that publishes the source document; describe it if it is new."""
        return self._known_body(name) or self._new_body(name, location)

    def _known_body(self, name: str, siren: str = "") -> str | None:
        """Return the body with that SIREN, else the one with that name."""
        return self.existing.body_of.get(siren) or self.existing.bodies.get(normalized_name(self.graph.marked(name)))

    def _new_body(self, name: str, location: CellLocation, iri: str | None = None, english: str = "") -> str:
        """Describe a body, under an IRI of its own unless it has one; return the IRI."""
        own = f"{ID}organisme/{slug(self.graph.marked(name))}"
        iri = iri or self.existing.unused_iri(own, self.graph.slug)
        if iri not in self.graph.file_of:
            self.graph.describe("bodies", iri, location, _BODY, (name, english or name))
        return iri

    def _body(self, record: Record, kind_name: str) -> str:
        """Return the IRI of the body of a signatory; add what its description lacks, and findings if it is another."""
        graph, known, name, siren = self.graph, self.existing, record.text("nom"), record.text("siren")
        existing = self._known_body(name, siren)
        graph.findings += self._identity_findings(record, existing)
        is_described = existing in known.described
        iri = existing if existing and is_described else ""
        iri = iri or self._new_body(name, record.location, existing, record.text("nom_en"))
        graph.file_of.setdefault(iri, "bodies")
        graph.locations.setdefault(iri, record.location)
        if siren and not (is_described and known.siren_of.get(iri) == siren):
            graph.add(iri, "cper:siren", Literal(siren))
        if is_described and normalized_name(name) not in map(normalized_name, self._names(iri)):
            graph.add(iri, "skos:altLabel", fr(graph.marked(name)))  # as the document calls it
        if iri not in known.kind_of:
            graph.add(iri, "org:classification", record.text("type"))
        if iri not in known.territory_of:
            graph.add(iri, "cper:territoire", self._governed(record, kind_name))
        return iri

    def _names(self, body: str) -> list[str]:
        """Return the names of a body that the sources describe, without the mark of a trial."""
        names = self.existing.names.get(body, []) if body in self.existing.described else []
        return [each.removesuffix(TRIAL_MARKS[0]) for each in names]

    def _identity_findings(self, record: Record, body: str | None) -> Iterator[CellFinding]:
        """Yield a finding if a SIREN or a name is that of another body, or cannot be confirmed; if a body signs twice."""
        name, siren, existing = record.text("nom"), record.text("siren"), self.existing
        values = {"name": name, "known": existing.names.get(body or "", [""])[0]}
        known_siren, known_kind, territory = (
            each.get(body or "", "") for each in (existing.siren_of, existing.kind_of, existing.territory_of)
        )
        if siren and siren not in existing.body_of:
            if known_siren:
                yield record.finding("siren", "siren-differs", {**values, "siren": known_siren})
            else:
                yield record.finding("siren", "siren-unknown", {"name": name, "siren": siren}, "warning")
        elif body and siren and not existing.is_named(body, name):
            yield record.finding("siren", "body-differs", values)
        elif known_kind and known_kind != record.text("type"):
            kind = existing.names.get(known_kind, [known_kind.rpartition("/")[2]])[0]
            yield record.finding("type", "kind-known", {**values, "kind": kind})
        governed, names = self.graph.marked(record.text("territoire")), existing.names.get(territory, [])
        if record.text("territoire") and names and normalized_name(governed) not in map(normalized_name, names):
            yield record.finding("territoire", "territory-known", {**values, "territory": names[0]})
        if body and body in self.rows:
            yield record.finding("nom", "body-double", {**values, "row": self.rows[body]})
        self.rows.setdefault(body or "", record.location.row)

    def _governed(self, record: Record, kind_name: str) -> str:
        name = record.text("territoire")
        if not name and kind_name in ("etat", "region"):
            return self._country() if kind_name == "etat" else self.region
        name = name or f"Territoire : {record.text('nom')}"
        kind = "igeo:Departement" if kind_name == "departement" else ""
        return self._territory(name, record.location_of("territoire"), kind, lambda: self.region)

    def _country(self) -> str:
        return self._territory("France", self.location, "igeo:Pays")

    def _territory(self, name: str, location: CellLocation, kind: str, within: Callable[[], str] | None = None) -> str:
        """Return the IRI of the territory with that name; describe it if it is new."""
        marked = self.graph.marked(name)
        if existing := self.existing.territories.get(normalized_name(marked)):
            return existing
        iri = self.existing.unused_iri(f"{ID}territoire/{slug(marked)}", self.graph.slug)
        if iri not in self.graph.file_of:
            labels = (name, name.replace("Territoire : ", "Territory: "))
            self.graph.describe("territories", iri, location, f"geo:Feature {kind}", labels)
            if within:
                self.graph.add(iri, "geo:sfWithin", within())
        return iri

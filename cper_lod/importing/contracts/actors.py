"""Bodies, groups and territories of a contract. Those in the sources, or in the table of identifiers, are reused."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core import identifiers
from cper_lod.core.names import PROGRAM, SiteNames
from cper_lod.core.namespaces import CPER, DCT, ORG, PREFIXES, RDF, SKOS
from cper_lod.core.text import NEARLY, did_you_mean, nearest, slug
from cper_lod.importing.contracts.graph import CODE, ContractGraph, fr, with_translation
from cper_lod.importing.contracts.model import CellFinding, CellLocation, Record, normalized_name
from cper_lod.rdf.report import Severity
from cper_lod.release.check.quotations import NAMES

_BODIES = {ORG + "FormalOrganization", ORG + "Organization"}
_TERRITORY = PREFIXES["geo"] + "Feature"


class ExistingEntities:
    """The bodies and territories in the sources, by SIREN and by French name, and every IRI of a described thing."""

    def __init__(self, quads: Iterable[Quad], site: SiteNames = PROGRAM) -> None:
        self.site = site
        self.used_iris: set[str] = set()
        self.bodies: dict[str, str] = {}
        self.territories: dict[str, str] = {}
        self.names: dict[str, list[str]] = {}
        """The French names of each thing; the preferred one first."""
        self.english: dict[str, str] = {}
        self.siren_of: dict[str, str] = {}
        self.territory_of: dict[str, str] = {}
        self.kind_of: dict[str, str] = {}
        stated = {
            CPER + "siren": self.siren_of,
            CPER + "territoire": self.territory_of,
            ORG + "classification": self.kind_of,
        }
        self.catalogue_publisher = ""
        self.publishers: dict[str, tuple[str, str]] = {}
        """The names in both languages of the bodies that the catalogue alone describes."""
        kinds: dict[str, set[str]] = {}
        with_data = set[str]()
        for quad in quads:
            if not isinstance(quad.subject, NamedNode):
                continue
            iri, predicate, value = quad.subject.value, quad.predicate.value, quad.object
            if iri == site.catalogue and predicate == DCT + "publisher" and isinstance(value, NamedNode):
                self.catalogue_publisher = value.value
            if predicate == RDF + "type":  # other files may say more of a thing than the one that describes it
                self.used_iris.add(iri)
            if quad.graph_name != NamedNode(site.catalogue_graph):
                with_data.add(iri)
            if isinstance(value, NamedNode) and predicate == RDF + "type":
                kinds.setdefault(iri, set()).add(value.value)
            elif isinstance(value, NamedNode | Literal) and predicate in stated:
                stated[predicate][iri] = value.value
            elif isinstance(value, Literal) and predicate in NAMES and value.language in ("fr", None):
                names = self.names.setdefault(iri, [])
                names.insert(0 if predicate == SKOS + "prefLabel" else len(names), value.value)
            elif isinstance(value, Literal) and predicate == SKOS + "prefLabel":
                self.english[iri] = value.value
        self.body_of = {siren: iri for iri, siren in self.siren_of.items()}
        bodies = {iri for iri, classes in kinds.items() if classes & _BODIES}
        for iri in bodies - with_data:
            self.publishers[iri] = (self.names[iri][0], self.english.get(iri, self.names[iri][0]))
        self.described = bodies & with_data
        """The bodies that are described as such; of others, a file of subsidies gives the number and a name."""
        called: dict[str, set[str]] = {}
        for iri, names in self.names.items():
            if iri in bodies:
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
        return any(alike(name, each) for each in self.names.get(iri, ()))

    def unused_iri(self, iri: str, suffix: str) -> str:
        """Return `iri`, with `suffix` appended if it is in use."""
        return f"{iri}-{suffix}" if iri in self.used_iris else iri


def alike(name: str, other: str) -> bool:
    """Return whether two names are those of one body, more or fewer words apart."""
    one, two = _telling_words(name), _telling_words(other)
    return one <= two or two <= one


def _telling_words(name: str) -> set[str]:
    """Return the words of a name that tell it from others.

    >>> sorted(_telling_words("Département de l'Aisne"))
    ['aisne', 'departement']
    """
    return {each for each in slug(name).split("-") if each not in _LITTLE_WORDS}


_LITTLE_WORDS: Final = frozenset(("d", "de", "des", "du", "en", "et", "l", "la", "le", "les"))
KIND: Final = f"{CODE}type-d-organisme/"
GROUP: Final = f"{KIND}groupe"
_BODY: Final = "org:FormalOrganization schema:GovernmentOrganization"
_PRIVATE: Final = "org:FormalOrganization"
_PRIVATE_KINDS: Final = ("media", "autre")
"""The kinds of bodies that may be no public ones."""
_STATE: Final = "État"
_OFFICES: Final[Mapping[str, tuple[str, ...]]] = {
    "etat": ("Gouvernement", "ministre", "préfet de région", "préfète de région"),
}
"""Who signs for a body, by its kind: a document that names the office names the body."""
_ALIASES: Final = {"etat": _STATE, "l'etat": _STATE, "la region": "", "region": "", "conseil regional": ""}
"""What documents call the State and the region (""), whose name is that of the contract's."""


_MAX_COMPARED: Final = 100
"""Bodies of a workbook up to which each new one is compared with all names of the table."""


class Actors:
    """Adds the bodies, groups and territories of one contract to its graph, unless the sources describe them."""

    def __init__(self, graph: ContractGraph, existing: ExistingEntities, region: str, location: CellLocation) -> None:
        self.graph = graph
        self.existing = existing
        self.location = location
        self.groups: dict[str, str] = {}
        self.bodies: dict[str, str] = {}
        """The bodies of the workbook by name."""
        self.rows: dict[str, int] = {}
        """The row of each body that signs."""
        found = identifiers.by_name(region, "region")
        self.region_name = region = found[0].name if len(found) == 1 else region
        self.region = self._territory(region, location, "igeo:Region", self._country)
        is_new = self.region in graph.file_of
        if is_new and len(found) == 1:
            graph.add(self.region, "igeo:codeINSEE", Literal(found[0].code))
        elif is_new and not found:
            near = identifiers.nearest(region, "region")
            severity: Severity = "violation" if near or identifiers.by_name(region) else "warning"
            values = {"near": did_you_mean(near) or ""}
            graph.findings.append(CellFinding(location, "region-unknown", values, severity, region))

    def signatory(self, record: Record) -> str:
        """Return the body of a signatory, described if it is new and put into its group; note findings about it."""
        name, english = record.text("nom"), record.text("nom_en")
        body = self._body(record, "nom", "sorte", english)
        if body in self.rows:
            known = (self.existing.names.get(body) or [name])[0]
            self.graph.findings.append(record.finding("nom", "body-double", {"known": known, "row": self.rows[body]}))
        self.rows.setdefault(body, record.location.row)
        if group := record.text("groupe"):
            iri = self._group(group, record.location_of("groupe"), record.text("groupe_en"))
            self.graph.add(iri, "foaf:member", body)
        return body

    def funder(self, record: Record) -> str:
        """Return the body or the group that pays a figure; described if it is new."""
        name, kind = record.text("financeur"), record.text("sorte_financeur")
        if kind == GROUP or (not kind and normalized_name(name) in self.groups):
            return self._group(name, record.location_of("financeur"))
        return self._body(record, "financeur", "sorte_financeur")

    def commune(self, source: Record) -> str:
        """Return the IRI of the place from which a document is dated; describe it if it is new."""
        return self._territory(source.text("lieu"), source.location_of("lieu"), "igeo:Commune", lambda: self.region)

    def publisher(self, name: str, location: CellLocation, kind: str = "") -> str:
        """Return the IRI of the body that publishes a document, or these data; describe it if it is new."""
        body = self._known(name)
        if body and body not in self.existing.publishers:
            return body
        body = self._new_body(name, location, body, kind=kind)
        if kind:
            self.graph.add(body, "org:classification", KIND + kind)
        return body

    def names(self, body: str) -> list[str]:
        """Return the names of a body that the sources describe."""
        return self.existing.names.get(body, []) if body in self.existing.described else []

    def labels(self, agent: str) -> tuple[str, str]:
        """Return the name of a body or a group in French and English."""
        if agent in self.graph.labels:
            return self.graph.labels[agent]
        names = self.names(agent)
        return names[0] if names else "", self.existing.english.get(agent, names[0] if names else "")

    def short_labels(self, agent: str) -> tuple[str, str]:
        """Return what a funder is called beside its figure: the State and the region by what they are."""
        kind = self.existing.kind_of.get(agent, "")
        if agent == self.bodies.get(normalized_name(f"Région {self.region_name}")):
            kind = f"{KIND}region"
        return self.graph.codes[kind] if kind in (f"{KIND}etat", f"{KIND}region") else self.labels(agent)

    def _group(self, name: str, location: CellLocation, english: str = "") -> str:
        """Return the IRI of a group of funders; describe it if it is new."""
        key = normalized_name(name)
        if key not in self.groups:
            self.groups[key] = iri = f"{self.graph.contract}/groupe/{slug(name)}"
            self.graph.describe_part(iri, location, "cper:Groupe", with_translation(name, english))
            self.graph.add(iri, "dct:type", GROUP)
        return self.groups[key]

    def _known(self, name: str, siren: str = "") -> str | None:
        """Return the body with that SIREN, else the one with that name."""
        known = normalized_name(name)
        return self.existing.body_of.get(siren) or self.bodies.get(known) or self.existing.bodies.get(known)

    def _new_body(
        self, name: str, location: CellLocation, iri: str | None = None, english: str = "", kind: str = ""
    ) -> str:
        """Describe a body of a kind, under an IRI of its own unless it has one; return the IRI."""
        own = f"{self.graph.site.things}organisme/{slug(name)}"
        iri = iri or self.existing.unused_iri(own, self.graph.slug)
        if iri not in self.graph.file_of:
            types = _PRIVATE if kind in _PRIVATE_KINDS else _BODY
            names = self.existing.publishers.get(iri, (name, english or name))
            self.graph.describe("bodies", iri, location, types, names)
            self.graph.add(iri, "skos:hiddenLabel", *map(fr, _OFFICES.get(kind, ())))
        self.bodies[normalized_name(name)] = iri
        return iri

    def _body(self, record: Record, column: str, kind_column: str, english: str = "") -> str:
        """Return the IRI of the body that a column names; add what its description lacks, note findings about it."""
        graph, known, typed = self.graph, self.existing, record.text(column)
        name = _ALIASES.get(normalized_name(typed), typed) or f"Région {self.region_name}"
        kind, siren = record.text(kind_column), record.text("siren")
        body = self._known(name, siren)
        if not body and not kind:
            kind = KIND + {_STATE: "etat", f"Région {self.region_name}": "region"}.get(name, "")
        is_described = body in known.described
        found = None if is_described else self._identified(name, kind.removeprefix(KIND), siren)
        if found:
            siren, kind = siren or found.siren, kind if kind not in ("", KIND) else KIND + found.kind
            body = known.body_of.get(siren) or body
        if not body and kind in ("", KIND):
            near = self._nearest(name)
            found_at, key = (column, "body-near") if near else (kind_column, "body-new")
            graph.findings.append(record.finding(found_at, key, {"name": name, "near": near}))
            return ""
        graph.findings += self._identity_findings(record, kind_column, name, body)
        if not (body or found) and (other := nearest(normalized_name(name), self.bodies, NEARLY)):
            values = {"name": name, "near": self.labels(self.bodies[other])[0]}
            graph.findings.append(record.finding(column, "body-spelled", values, "warning"))
        is_described = body in known.described
        iri = (body if body and is_described else "") or self._new_body(
            name, record.location_of(column), body, english, kind.removeprefix(KIND)
        )
        if not (body or found or siren):
            graph.near[iri] = self._nearest(name, kind.removeprefix(KIND))
        graph.file_of.setdefault(iri, "bodies")
        graph.locations.setdefault(iri, record.location)
        if siren and not (is_described and known.siren_of.get(iri) == siren):
            graph.add(iri, "cper:siren", Literal(siren))
        if is_described and normalized_name(name) not in map(normalized_name, self.names(iri)):
            graph.add(iri, "skos:altLabel", fr(name))  # as the document calls it
        if iri not in known.kind_of and kind:
            graph.add(iri, "org:classification", kind)
        if iri not in known.territory_of:
            graph.add(iri, "cper:territoire", self._governed(record, kind.removeprefix(KIND), name, found))
        return iri

    def _identified(self, name: str, kind: str, siren: str) -> identifiers.Body | None:
        """Return the body of the table of identifiers with that SIREN, else the only one of that name and kind."""
        if kind and kind not in identifiers.KINDS:
            return None
        if siren:
            return identifiers.by_siren(siren)
        found = identifiers.by_name(name, kind or None)
        if len(found) > 1:
            regions = {each.code for each in identifiers.by_name(self.region_name, "region")}
            found = [each for each in found if regions & {*each.regions}]
        return found[0] if len(found) == 1 else None

    def _nearest(self, name: str, kind: str = "") -> str:
        """Return the name of a body of the sources, or of the table of identifiers, that a name nearly is; "" if none."""
        if len(self.bodies) > _MAX_COMPARED:
            return ""
        known = [each for iri in self.existing.described for each in self.names(iri)[:1]]
        return nearest(name, known, NEARLY) or identifiers.nearest(name, kind)

    def _identity_findings(
        self, record: Record, kind_column: str, name: str, body: str | None
    ) -> Iterator[CellFinding]:
        """Yield a finding if a SIREN or a name is that of another body, or cannot be confirmed."""
        siren, existing, kind = record.text("siren"), self.existing, record.text(kind_column)
        values = {"name": name, "known": existing.names.get(body or "", [""])[0]}
        known_siren, known_kind, territory = (
            each.get(body or "", "") for each in (existing.siren_of, existing.kind_of, existing.territory_of)
        )
        holders = [*identifiers.with_siren(siren)]
        registered = holders[0] if holders else None
        if registered:
            known_kind = known_kind or KIND + registered.kind
            values["known"] = values["known"] or registered.name
        if registered and not any(identifiers.is_named(name, each.kind, each.name) for each in holders):
            yield record.finding("siren", "body-differs", {**values, "known": registered.name})
        elif siren and siren not in existing.body_of and (known_siren or not registered):
            if known_siren:
                yield record.finding("siren", "siren-differs", {**values, "siren": known_siren})
            else:
                yield record.finding("siren", "siren-unknown", {"name": name, "siren": siren}, "warning")
        elif body and siren in existing.body_of and not existing.is_named(body, name):
            yield record.finding("siren", "body-differs", values)
        elif known_kind and kind and known_kind != kind:
            label = self.graph.codes.get(known_kind, (known_kind.rpartition("/")[2],))[0]
            yield record.finding(kind_column, "kind-known", {**values, "kind": label})
        governed, names = record.text("territoire"), existing.names.get(territory, [])
        if record.text("territoire") and names and normalized_name(governed) not in map(normalized_name, names):
            yield record.finding("territoire", "territory-known", {**values, "territory": names[0]})

    def _governed(self, record: Record, kind: str, name: str, found: identifiers.Body | None) -> str:
        """Return the territory of a body: the one that is given, else the one that its kind and its name tell."""
        own = {"departement": "igeo:Departement", "commune": "igeo:Commune"}.get(kind, "")
        code = found.code if found and own else ""
        if given := record.text("territoire"):
            return self._territory(given, record.location_of("territoire"), own, lambda: self.region, code)
        if kind in ("etat", "region"):
            return self._country() if kind == "etat" else self.region
        if kind not in identifiers.KINDS:
            return ""
        name = found.name if found and own else f"Territoire : {name}"
        return self._territory(name, record.location, own, lambda: self.region, code)

    def _country(self) -> str:
        return self._territory("France", self.location, "igeo:Pays")

    def _territory(
        self,
        name: str,
        location: CellLocation,
        kind: str,
        within: Callable[[], str] | None = None,
        code: str = "",
    ) -> str:
        """Return the IRI of the territory with that name; describe it, with its code of Insee if it is known, if it is new."""
        if existing := self.existing.territories.get(normalized_name(name)):
            return existing
        iri = self.existing.unused_iri(f"{self.graph.site.things}territoire/{slug(name)}", self.graph.slug)
        if iri not in self.graph.file_of:
            labels = (name, name.replace("Territoire : ", "Territory: "))
            self.graph.describe("territories", iri, location, f"geo:Feature {kind}", labels)
            if within:
                self.graph.add(iri, "geo:sfWithin", within())
            if code:
                self.graph.add(iri, "igeo:codeINSEE", Literal(code))
        return iri

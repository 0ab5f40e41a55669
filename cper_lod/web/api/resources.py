"""Things in plain JSON: a function for each class that has a shape of its own, properties for all others.

The shapes are those of `schemas.json`.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import (
    CPER,
    DCAT,
    DCT,
    LABELS,
    ORG,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    STANDARD_TERMS,
    shorten,
)
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.release.documents import mentions
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import AMOUNT, CURRENCY, DERIVED_AMOUNT, SUBSIDY_AMOUNT
from cper_lod.release.plan.subsidies import totals_of
from cper_lod.release.release import Release
from cper_lod.web.api.values import in_one_language, number, value
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import urls
from cper_lod.web.http.plain_json import FIGURES, main_type
from cper_lod.web.http.signposting import document_address
from cper_lod.web.site import site

Json = dict[str, Any]
MAX_VALUES: Final = 100
"""Values of one list; where there are more, the thing says `tronque`."""
MAX_PROPERTIES: Final = 200
"""Properties of a thing without a shape of its own."""
MAX_ALL_VALUES: Final = 1000
"""Values of all its properties together: with more properties than ten, each has fewer."""
MAX_DEPTH: Final = 4
"""Descriptions without identifier inside each other."""
MAX_WRITTEN: Final = 3000
"""Values of a thing and of all descriptions inside it: these may be shared, so that few nodes make many values."""
MAX_NODES: Final = 10_000
"""Nodes that are read for one document; beyond that lists stay empty, and the thing says `tronque`."""
MAX_SUBSIDY_GROUPS: Final = 20
"""Grantors, territories, files, rules of one total of subsidies; where there are more, the thing says `tronque`."""
_SUBSIDY_GROUPS: Final = {
    "axes": ("parAxe", "axe"),
    "grantors": ("parAttribuant", "attribuant"),
    "years": ("parAnnee", "annee"),
    "territories": ("parTerritoire", "territoire"),
    "files": ("parFichier", "fichier"),
    "rules": ("parRattachement", "rattachement"),
}
"""The groups of subsidies: the list, and what names a group in it."""
_MAX_CLASSES: Final = 20
"""Classes of a thing among which the main one is looked for."""
_GEO: Final = PREFIXES["geo"]
_IGEO: Final = PREFIXES["igeo"]
_DESCRIPTIONS: Final = (DCT + "description", SKOS + "definition", RDFS + "comment")
_NOTES: Final = tuple(SKOS + name for name in ("note", "scopeNote", "historyNote"))
_UNSTATED: Final = frozenset({*LABELS, RDF + "type", DCT + "description"})
"""Properties that `nom`, `type` and `description` stand for."""


def document_url(iri: str) -> str:
    """Return the public URL of the JSON document about an IRI, in the language asked for in the URL."""
    path, query = document_address(iri)
    suffixed, address = path + ".json", query | urls.language_parameter()
    return urls.public_url(urls.address(suffixed, address))


class ResourceReader:
    """Reads things of a release as plain JSON, in one language; each is made once."""

    def __init__(self, release: Release, lang: Language) -> None:
        self.graph = ReleaseGraph(release)
        self.lang = lang
        self._release = release
        self._names = LabelReader(self.graph, Graph(()), lang)
        self._made: dict[NamedNode, Json] = {}
        self._references: dict[NamedNode, Json] = {}
        self._cut = False
        self._limit = MAX_NODES
        self._left = MAX_WRITTEN

    @property
    def nodes_read(self) -> int:
        """How many nodes were read: what the document costs."""
        return self.graph.nodes_read

    def document(self, iri: str) -> Json:
        """Return the document about an IRI."""
        self._limit, self._left = self.nodes_read + MAX_NODES, MAX_WRITTEN
        return self.thing(NamedNode(iri))

    def thing(self, node: NamedNode) -> Json:
        """Return a thing in the shape of its class."""
        if node not in self._made:
            outer, self._cut = self._cut, False
            made = self._thing(node)
            if self._cut:
                made["tronque"] = True
            self._made[node], self._cut = made, outer
        return self._made[node]

    def _thing(self, node: NamedNode) -> Json:
        kind = self.type(node)
        if not kind:
            return self._resource(node)
        own = {"description": self.text(node, DCT + "description"), **READERS[kind](self, node)}
        own["note"] = " ".join(text for name in _NOTES for text in self.texts(node, name)) or None
        members = {name: held for name, held in own.items() if held is not None or name in _NULLABLE.get(kind, ())}
        return self._head(node, kind) | members

    def _head(self, node: NamedNode, kind: str | None) -> Json:
        """Return what every thing begins with."""
        named = self.reference(node)
        return {"id": named["id"], "url": named["url"], **({"type": kind} if kind else {}), "nom": named["nom"]}

    def type(self, node: Term) -> str:
        """Return the `type` of a thing with a shape of its own, "" for any other."""
        return main_type(self._release, self.graph.types(node))

    def reference(self, node: NamedNode) -> Json:
        """Return a reference to a thing."""
        if node not in self._references:
            iri = node.value
            self._references[node] = {"id": iri, "url": document_url(iri), "nom": self._names.name(iri)}
        return self._references[node]

    def main_class(self, node: Node) -> str | None:
        """Return the name of the main class of a node without a shape of its own, None if it has none.

        It is never the `type` of a shape, which data served as given need not fit.
        """
        cls = self._names.main_class(self.graph.types(node)[:_MAX_CLASSES])
        name = self.term(cls) if cls else None
        return shorten(cls) if name in READERS else name

    def term(self, iri: str) -> str:
        """Return the name of a class or property: the term of the JSON-LD context, else the prefixed name, else the IRI."""
        known = self._release.context.vocabulary.get(iri)
        return known.name if known else shorten(iri)

    def parent(self, iri: str) -> Json | None:
        """Return a reference to what a thing belongs to, None if to nothing."""
        found = self._names.parent_iri(iri)
        return self.reference(NamedNode(found)) if found else None

    # Values of one property

    def text(self, node: Term, predicate: str) -> str | None:
        """Return the text of a property in the best language."""
        return self.graph.text(node, predicate, self.lang)[0] or None

    def texts(self, node: Term, predicate: str) -> list[str]:
        """Return the texts of a property in the best language there is."""
        found = in_one_language(self.some(self.graph.all(node, predicate)), self.lang)
        return [each.value for each in found if isinstance(each, Literal)]

    def plain(self, node: Term, predicate: str) -> str | None:
        """Return the first value of a property as it is written: a code, a date, an address."""
        return self.graph.value(node, predicate) or None

    def number(self, node: Term, predicate: str) -> int | float | None:
        """Return the first value of a property as a number."""
        return number(self.graph.value(node, predicate))

    def one(self, node: Term, predicate: str) -> NamedNode | None:
        """Return the first thing that is a value of a property."""
        return next((each for each in self.graph.all(node, predicate) if isinstance(each, NamedNode)), None)

    def all(self, node: Term, predicate: str) -> list[NamedNode]:
        """Return the things that are values of a property, MAX_VALUES at most."""
        return self.some(each for each in self.graph.all(node, predicate) if isinstance(each, NamedNode))

    def addresses(self, node: Term, predicate: str) -> list[str]:
        """Return the IRIs that are values of a property."""
        return [each.value for each in self.all(node, predicate)]

    def named(self, node: Term, predicate: str) -> str | None:
        """Return the name of the first thing that is a value of a property."""
        found = self.one(node, predicate)
        return self._names.name(found.value) if found else None

    def referenced(self, node: Term, predicate: str) -> Json | None:
        """Return a reference to the first thing that is a value of a property."""
        found = self.one(node, predicate)
        return self.reference(found) if found else None

    def address(self, node: Term, predicate: str) -> str | None:
        """Return the address of the document about the first thing that is a value of a property."""
        found = self.one(node, predicate)
        return document_url(found.value) if found else None

    def references(self, nodes: Iterable[NamedNode]) -> list[Json]:
        """Return references to things."""
        return [self.reference(each) for each in nodes]

    def whole(self, nodes: Iterable[NamedNode], *kinds: str) -> list[Json]:
        """Return the things of some shapes among `nodes`, each as in its own document."""
        return [self.thing(each) for each in nodes if self.type(each) in kinds]

    def part(self, node: Term, predicate: str, *kinds: str) -> Json | None:
        """Return the first thing of some shapes that is a value of a property, as in its own document."""
        return next(iter(self.whole(self.all(node, predicate)[:1], *kinds)), None)

    def numbered(self, nodes: Iterable[NamedNode]) -> list[NamedNode]:
        """Return things in the order of their numbers."""
        return sorted(nodes, key=self.graph.by_number)

    def statements(self, node: Term) -> list[NamedNode]:
        """Return the statements about a thing, in the order of the document."""
        return sorted(self.all(node, CPER + "enonce"), key=lambda each: self.number(each, SCHEMA + "position") or 0)

    def quotations(self, node: Term) -> list[str]:
        """Return the words of the source about a thing, each once."""
        return list(dict.fromkeys(filter(None, (self.plain(s, CPER + "citation") for s in self.statements(node)))))

    def some(self, terms: Iterable[Any]) -> list[Any]:
        """Return the first of some terms, and note whether there are more."""
        found = list(terms)
        limit = MAX_VALUES if self.nodes_read < self._limit else 0
        self._cut = self._cut or len(found) > limit
        return found[:limit]

    def subsidies(self, node: NamedNode) -> Json | None:
        """Return the totals of the subsidies of a thing, with the groups by each dimension; None if none is known."""
        totals = totals_of(self._release, node.value)
        if totals is None:
            return None
        made: Json = {"nombre": totals.number, "montant": number(totals.amount), "unite": "EUR"}
        for dimension, (name, member) in _SUBSIDY_GROUPS.items():
            groups, others, without = totals.first(dimension, MAX_SUBSIDY_GROUPS)
            self._cut = self._cut or others is not None
            made[name] = [
                ({member: self._group(dimension, each.key)} if each.key else {})
                | {"nombre": each.number, "montant": number(each.amount)}
                for each in (*groups, *([without] if without else []))
            ]
        return made

    def _group(self, dimension: str, key: str) -> Json | float | None:
        return number(key) if dimension == "years" else self.reference(NamedNode(key))

    # Things without a shape of their own

    def _resource(self, node: NamedNode) -> Json:
        description = next(filter(None, (self.text(node, name) for name in _DESCRIPTIONS)), None)
        mentioned: list[NamedNode] = []
        if not self.graph.is_described(node.value):
            found = mentions(self._release, node.value, MAX_VALUES + 1)
            mentioned = self.some(dict.fromkeys(q.subject for q in found if isinstance(q.subject, NamedNode)))
        return {
            **self._head(node, self.main_class(node)),
            **({"description": description} if description else {}),
            "proprietes": self._properties(node, 1),
            "mentions": self.references(mentioned),
        }

    def _properties(self, node: Node, depth: int) -> Json:
        """Return the properties of a node of any size, with their values."""
        found, complete = self.graph.excerpt(node, MAX_PROPERTIES, MAX_VALUES, MAX_ALL_VALUES)
        self._cut = self._cut or not complete
        found = {name: terms for name, terms in found.items() if name not in _UNSTATED}
        stated = {term for name, terms in found.items() if name not in STANDARD_TERMS for term in terms}
        properties: Json = {}
        for name, terms in found.items():
            if name in STANDARD_TERMS and stated.issuperset(terms):
                continue  # what our own property says already
            for term in in_one_language(terms, self.lang):
                held = properties.setdefault(self._key(name, term), [])
                held += islice(self._values(term, depth), max(MAX_VALUES + 1 - len(held), 0))
        self._cut = self._cut or any(len(held) > MAX_VALUES for held in properties.values())
        return {name: held[:MAX_VALUES] for name, held in properties.items() if held}

    def _key(self, predicate: str, term: Term) -> str:
        """Return the name of a property; where the context has several, the one for values like `term`."""
        terms = self._release.context.by_property.get(predicate, ())
        if len(terms) < 2:
            return self.term(predicate)
        if isinstance(term, Literal):
            direction = str(term.direction) if term.direction else None
            fits = [(each.fit_literal(term.datatype.value, term.language, direction), each.rank) for each in terms]
        else:
            fits = [(each.fit_node(known=False), each.rank) for each in terms]
        possible = [(fit, rank) for fit, rank in fits if fit is not None]
        return min(possible)[1][1] if possible else self.term(predicate)

    def _values(self, term: Term, depth: int) -> Iterator[Any]:
        """Yield what a term is in plain JSON; the members of a list come one by one."""
        self._left -= 1
        if self._left < 0 or self.nodes_read > self._limit:
            self._cut = True
        elif isinstance(term, Literal):
            yield value(term)
        elif isinstance(term, NamedNode):
            if term.value != RDF + "nil":
                yield self.reference(term)
        elif self.graph.one(term, RDF + "first") is not None:
            for member in self._members(term):
                yield from self._values(member, depth)
        elif depth < MAX_DEPTH:
            kind = self.main_class(term)
            yield ({"type": kind} if kind else {}) | {"proprietes": self._properties(term, depth + 1)}
        else:
            self._cut = True

    def _members(self, node: Term) -> list[Term]:
        """Return the members of a list, MAX_VALUES at most; lists inside it are left out, as what is cut."""
        found: list[Term] = []
        cell: Term | None = node
        seen = set[Term]()
        while isinstance(cell, BlankNode) and cell not in seen and len(seen) <= MAX_VALUES:
            seen.add(cell)
            members = self.graph.all(cell, RDF + "first")
            found += [each for each in members if self.graph.one(each, RDF + "first") is None]
            cell = self.graph.one(cell, RDF + "rest")
        self._cut = self._cut or len(found) < len(seen) or cell not in (None, NamedNode(RDF + "nil"))
        return self.some(found)


Members = Callable[[ResourceReader, NamedNode], Json]
"""A function that returns the members of one shape, None for what the data do not say."""
_NULLABLE: Final = {"Signataire": ("citation",)} | dict.fromkeys((*FIGURES, "Engagement"), ("valeur", "citation"))
"""The members of a shape that are there without a value too."""


def _contract(read: ResourceReader, node: NamedNode) -> Json:
    priorities = read.numbered(read.all(node, CPER + "priorite"))
    axes = dict.fromkeys(axis for each in priorities for axis in read.all(each, CPER + "axe"))
    commitments = read.all(node, CPER + "engagement")
    signing = read.one(node, CPER + "signature")
    sources = dict.fromkeys(
        source for each in read.statements(node) for source in read.all(each, PROV + "wasDerivedFrom")
    )
    return {
        "autreNom": read.text(node, SKOS + "altLabel"),
        "periode": read.part(node, DCT + "temporal", "Periode"),
        "territoire": read.referenced(node, CPER + "territoire"),
        "signature": read.part(node, CPER + "signature", "Signature"),
        "enveloppe": read.part(node, CPER + "enveloppe", *FIGURES),
        "totalCalcule": read.part(node, CPER + "valeurDerivee", *FIGURES),
        "engagements": read.whole(
            sorted(commitments, key=lambda each: -(read.number(each, AMOUNT) or 0)), "Engagement"
        ),
        "priorites": read.references(priorities),
        "axes": read.whole(read.numbered(read.some(axes)), "Axe"),
        "signataires": read.whole(read.all(signing, PROV + "qualifiedAssociation") if signing else (), "Signataire"),
        "schemas": read.references(read.all(node, CPER + "coherentAvec")),
        "financements": read.references(read.all(node, CPER + "articuleAvec")),
        "avenants": read.references(read.all(node, CPER + "avenant")),
        "jeuxDeDonnees": read.references(read.all(node, CPER + "jeuLie")),
        "subventions": read.subsidies(node),
        "sources": read.references(read.some(sources)),
        "voirAussi": read.addresses(node, RDFS + "seeAlso"),
        "licence": site().rights.licence or None,
    }


def _axis(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "numero": read.number(node, SKOS + "notation"),
        "part": read.part(node, CPER + "part", *FIGURES),
        "montantCalcule": read.part(node, CPER + "valeurDerivee", *FIGURES),
        "subventions": read.subsidies(node),
        "priorites": read.references(read.numbered(read.all(node, CPER + "sert"))),
        "contrat": read.address(node, CPER + "contrat"),
        "citations": read.quotations(node),
    }


def _priority(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "numero": read.number(node, SKOS + "notation"),
        "axes": read.references(read.numbered(read.all(node, CPER + "axe"))),
        "contrat": read.address(node, CPER + "contrat"),
        "citations": read.quotations(node),
    }


def _figure(read: ResourceReader, node: NamedNode) -> Json:
    names = (CPER + "pourcentage", AMOUNT, CPER + "minimum", DERIVED_AMOUNT)
    given = next((found for name in names if (found := read.number(node, name)) is not None), None)
    types = read.graph.types(node)
    derived = CPER + "ValeurDerivee" in types
    nature = read.one(node, CPER + "natureDeLaValeur")
    statement = next(iter(read.statements(node)), None)
    return {
        "valeur": given,
        "unite": "%" if CPER + "Part" in types else read.graph.value(node, CURRENCY).rpartition("/")[2] or "EUR",
        "etat": "calcule" if derived else "absent" if given is None else "publie",
        "nature": read.plain(nature, SKOS + "notation") if nature else None,
        "citation": read.plain(statement, CPER + "citation") if statement else None,
        "motif": read.text(node, CPER + "motif"),
        "min": read.number(node, CPER + "borneInferieure"),
        "max": read.number(node, CPER + "borneSuperieure"),
        "hypothese": read.text(node, CPER + "hypothese"),
        "calcul": read.address(node, PROV + "wasGeneratedBy") if derived else None,
        "partDe": read.named(node, CPER + "partDe"),
        "perimetre": read.named(node, CPER + "perimetre"),
        "source": read.address(statement, PROV + "wasDerivedFrom") if statement else None,
    }


def _commitment(read: ResourceReader, node: NamedNode) -> Json:
    return _figure(read, node) | {
        "financeur": read.referenced(node, CPER + "financeur"),
        "part": read.part(node, CPER + "part", "Part"),
    }


def _period(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "debut": read.plain(node, DCAT + "startDate"),
        "fin": read.plain(node, DCAT + "endDate"),
        "citations": read.quotations(node),
    }


def _signing(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "date": read.plain(node, DCT + "date"),
        "lieu": read.referenced(node, PROV + "atLocation"),
        "citations": read.quotations(node),
    }


def _signatory(read: ResourceReader, node: NamedNode) -> Json:
    body = read.one(node, PROV + "agent")
    return {
        "organisme": read.reference(body) if body else None,
        "categorie": read.named(body, ORG + "classification") if body else None,
        "siren": read.plain(body, CPER + "siren") if body else None,
        "groupe": read.named(node, CPER + "groupe"),
        "contrat": read.address(node, CPER + "contrat"),
        "citation": next(iter(read.quotations(node)), None),
    }


def _elsewhere(read: ResourceReader, node: NamedNode) -> Json:
    """Return what leads from a thing to other data: the same thing there, and datasets of data.gouv.fr."""
    return {
        "identiques": read.addresses(node, SKOS + "exactMatch"),
        "proches": read.addresses(node, SKOS + "closeMatch"),
        "liens": read.whole(read.all(node, DCAT + "qualifiedRelation"), "Lien"),
    }


def _body(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "autreNom": read.text(node, SKOS + "altLabel"),
        "categorie": read.named(node, ORG + "classification"),
        "siren": read.plain(node, CPER + "siren"),
        "siret": read.plain(node, CPER + "siret"),
        "rna": read.plain(node, CPER + "rna"),
        "territoire": read.referenced(node, CPER + "territoire"),
        **_elsewhere(read, node),
    }


def _territory(read: ResourceReader, node: NamedNode) -> Json:
    level = next((each for each in read.graph.types(node) if each.startswith(_IGEO)), None)
    return {
        "niveau": read.reference(NamedNode(level))["nom"] if level else None,
        "codeInsee": read.plain(node, _IGEO + "codeINSEE"),
        "codeIso": read.plain(node, SKOS + "notation"),
        "dans": read.references(read.all(node, _GEO + "sfWithin")),
        **_elsewhere(read, node),
    }


def _link(read: ResourceReader, node: NamedNode) -> Json:
    dataset, key = read.one(node, DCT + "relation"), read.one(node, CPER + "cle")
    return {
        "jeu": read.reference(dataset) if dataset else None,
        "cle": read.term(key.value) if key else None,
        "valeur": read.plain(node, SCHEMA + "value"),
        "page": dataset.value if dataset else None,
    }


def _dataset(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "page": node.value,
        "editeur": read.plain(node, SCHEMA + "publisher"),
        "licence": read.plain(node, DCT + "rights"),
        "misAJour": read.plain(node, DCT + "modified"),
        "luLe": read.plain(node, SCHEMA + "sdDatePublished"),
        "nonLu": read.text(node, SKOS + "editorialNote"),
        "archiveLe": read.plain(node, SCHEMA + "expires"),
    }


def _scheme(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "autreNom": read.text(node, SKOS + "altLabel"),
        "territoire": read.referenced(node, CPER + "territoire"),
        "citations": read.quotations(node),
    }


def _funding(read: ResourceReader, node: NamedNode) -> Json:
    return {"citations": read.quotations(node)}


def _amendment(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "date": read.plain(node, DCT + "date"),
        "statut": read.named(node, PREFIXES["adms"] + "status"),
        "axes": read.references(read.numbered(read.all(node, CPER + "axeConcerne"))),
        "contrat": read.address(node, CPER + "contrat"),
        "citations": read.quotations(node),
    }


def _statement(read: ResourceReader, node: NamedNode) -> Json:
    return {
        "citation": read.plain(node, CPER + "citation"),
        "source": read.address(node, PROV + "wasDerivedFrom"),
        "position": read.number(node, SCHEMA + "position"),
        "sujets": read.references(read.all(node, PREFIXES["oa"] + "hasBody")),
        "atteste": [read.term(each.value) for each in read.all(node, CPER + "atteste")],
    }


def _subsidy(read: ResourceReader, node: NamedNode) -> Json:
    notified = read.graph.one(node, CPER + "notificationUE")
    return {
        "valeur": read.number(node, SUBSIDY_AMOUNT),
        "montantAttribue": read.number(node, CPER + "montantAttribue"),
        "unite": read.graph.value(node, CURRENCY).rpartition("/")[2] or "EUR",
        "date": read.plain(node, DCT + "date"),
        "numero": read.plain(node, DCT + "identifier"),
        "attribuant": read.referenced(node, CPER + "attribuant"),
        "siretAttribuant": read.plain(node, CPER + "siretAttribuant"),
        "beneficiaire": read.referenced(node, CPER + "beneficiaire"),
        "siretBeneficiaire": read.plain(node, CPER + "siretBeneficiaire"),
        "partDuBeneficiaire": read.number(node, CPER + "partDuBeneficiaire"),
        "natures": [read.reference(each)["nom"] for each in read.all(node, CPER + "natureDeLAide")],
        "conditions": read.text(node, CPER + "conditionsDeVersement"),
        "periode": read.part(node, DCT + "temporal", "Periode"),
        "dispositif": read.text(node, CPER + "dispositif"),
        "rae": read.plain(node, CPER + "rae"),
        "notificationUE": value(notified) is True if isinstance(notified, Literal) else None,
        "contrat": read.address(node, CPER + "contrat"),
        "axes": read.references(read.numbered(read.all(node, CPER + "axeConcerne"))),
        "rattachement": read.referenced(node, CPER + "rattachement"),
        "source": read.address(node, PROV + "wasDerivedFrom"),
        "ligne": read.number(node, CPER + "ligne"),
    }


READERS: Final[dict[str, Members]] = {
    "Contrat": _contract,
    "Axe": _axis,
    "Priorite": _priority,
    "Engagement": _commitment,
    **dict.fromkeys(FIGURES, _figure),
    "Signature": _signing,
    "Signataire": _signatory,
    "SchemaRegional": _scheme,
    "SourceDeFinancement": _funding,
    "Avenant": _amendment,
    "Enonce": _statement,
    "Subvention": _subsidy,
    "JeuExterieur": _dataset,
    "Lien": _link,
    "Periode": _period,
    "Organisme": _body,
    "Territoire": _territory,
}
"""What reads a thing, by its `type`."""

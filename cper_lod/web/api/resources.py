"""Things in plain JSON: the members of `resources.toml` for each class with a shape of its own, properties for all others.

The shapes are those of `schemas.json`.
"""

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import (
    CPER,
    DCT,
    LABELS,
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
from cper_lod.release.plan.observations import AMOUNT, CURRENCY, DERIVED_AMOUNT
from cper_lod.release.plan.subsidies import totals_of
from cper_lod.release.release import Release
from cper_lod.web.api.values import in_one_language, number, value
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import urls
from cper_lod.web.http.plain_json import FIGURES, main_type
from cper_lod.web.http.signposting import document_address
from cper_lod.web.site import site

Json = dict[str, Any]
T = TypeVar("T")
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
        self.names = LabelReader(self.graph, Graph(()), lang)
        self.url = cache(document_url)  # saves a tenth of the document of a contract, which refers to things repeatedly
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
        own: Json = {"description": self.text(node, DCT + "description")}
        for name, (method, steps, given) in READERS[kind].items():
            own[name] = method(self, self._at(node, steps) if steps else node, *given)
        notes = [in_one_language(self.some(self.graph.all(node, name)), self.lang) for name in _NOTES]
        own["note"] = " ".join(each.value for found in notes for each in found if isinstance(each, Literal)) or None
        members = {name: held for name, held in own.items() if held is not None or name in _NULLABLE.get(kind, ())}
        return self._head(node, kind) | members

    def _at(self, node: Term, steps: Iterable[str]) -> Term:
        """Return the first thing that properties lead to one after the other, or what has no properties."""
        for step in steps:
            node = self.one(node, step) or _NOTHING
        return node

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
            self._references[node] = {"id": iri, "url": self.url(iri), "nom": self.names.name(iri)}
        return self._references[node]

    def main_class(self, node: Node) -> str | None:
        """Return the name of the main class of a node without a shape of its own, None if it has none.

        It is never the `type` of a shape, which data that were not validated need not fit.
        """
        cls = self.names.main_class(self.graph.types(node)[:_MAX_CLASSES])
        name = self.term(cls) if cls else None
        return shorten(cls) if name in READERS else name

    def term(self, iri: str) -> str:
        """Return the name of a class or property: the term of the JSON-LD context, else the prefixed name, else the IRI."""
        known = self._release.context.vocabulary.get(iri)
        return known.name if known else shorten(iri)

    def parent(self, iri: str) -> Json | None:
        """Return a reference to what a thing belongs to, None if to nothing."""
        found = self.names.parent_iri(iri)
        return self.reference(NamedNode(found)) if found else None

    # Values of one property

    def text(self, node: Term, predicate: str) -> str | None:
        """Return the text of a property in the best language."""
        return self.graph.text(node, predicate, self.lang)[0] or None

    def one(self, node: Term, predicate: str) -> NamedNode | None:
        """Return the first thing that is a value of a property."""
        return next((each for each in self.graph.all(node, predicate) if isinstance(each, NamedNode)), None)

    def all(self, node: Term, predicate: str) -> list[NamedNode]:
        """Return the things that are values of a property, MAX_VALUES at most."""
        return self.some(each for each in self.graph.all(node, predicate) if isinstance(each, NamedNode))

    def numbered(self, nodes: Iterable[NamedNode]) -> list[NamedNode]:
        """Return things in the order of their numbers."""
        return sorted(nodes, key=self.graph.by_number)

    def whole(self, nodes: Iterable[NamedNode], *kinds: str) -> list[Json]:
        """Return the things of some shapes among `nodes`, each as in its own document."""
        return [self.thing(each) for each in nodes if self.type(each) in kinds]

    def statements(self, node: Term) -> list[NamedNode]:
        """Return the statements about a thing, in the order of the document."""
        found = self.all(node, CPER + "enonce")
        if len(found) > 1:
            found.sort(key=lambda each: number(self.graph.value(each, SCHEMA + "position")) or 0)
        return found

    def quotations(self, node: Term) -> list[str]:
        """Return the words of the source about a thing, each once."""
        words = (self.graph.value(each, CPER + "citation") for each in self.statements(node))
        return list(dict.fromkeys(filter(None, words)))

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
            "mentions": [self.reference(each) for each in mentioned],
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
            fits = [(each.fit_literal(term), each.rank) for each in terms]
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


_NULLABLE: Final = {"Signataire": ("citation",)} | dict.fromkeys((*FIGURES, "Engagement"), ("valeur", "citation"))
"""The members of a shape that are there without a value too."""


def _given(read: ResourceReader, node: Term) -> int | float | None:
    """Return the value of a figure: a share, an amount, the least amount, or what is computed."""
    names = (CPER + "pourcentage", AMOUNT, CPER + "minimum", DERIVED_AMOUNT)
    return next((found for name in names if (found := number(read.graph.value(node, name))) is not None), None)


def _unit(read: ResourceReader, node: Term) -> str:
    if CPER + "Part" in read.graph.types(node):
        return "%"
    return read.graph.value(node, CURRENCY).rpartition("/")[2] or "EUR"


def _state(read: ResourceReader, node: Term) -> str:
    """Return whether a figure is computed, published or missing."""
    return "calcule" if _is_derived(read, node) else "absent" if _given(read, node) is None else "publie"


def _is_derived(read: ResourceReader, node: Term) -> bool:
    return CPER + "ValeurDerivee" in read.graph.types(node)


def _calculation(read: ResourceReader, node: Term) -> str | None:
    return _address(read, node, PROV + "wasGeneratedBy") if _is_derived(read, node) else None


def _of_statement(read: ResourceReader, node: Term) -> Term:
    """Return the first statement about a thing, or what has no properties."""
    return next(iter(read.statements(node)), _NOTHING)


def _axes(read: ResourceReader, node: Term, predicate: str) -> list[Json]:
    """Return the axes of the priorities of a contract."""
    priorities = read.numbered(read.all(node, predicate))
    axes = dict.fromkeys(axis for each in priorities for axis in read.all(each, CPER + "axe"))
    return read.whole(read.numbered(read.some(axes)), "Axe")


def _commitments(read: ResourceReader, node: Term, predicate: str) -> list[Json]:
    """Return commitments, the largest first."""
    found = sorted(read.all(node, predicate), key=lambda each: -(number(read.graph.value(each, AMOUNT)) or 0))
    return read.whole(found, "Engagement")


def _sources(read: ResourceReader, node: Term) -> list[Json]:
    """Return the documents that the statements about a thing come from."""
    found = (source for each in read.statements(node) for source in read.all(each, PROV + "wasDerivedFrom"))
    return [read.reference(each) for each in read.some(dict.fromkeys(found))]


def _level(read: ResourceReader, node: Term) -> str | None:
    """Return the name of the class of a territory: region, department."""
    level = next((each for each in read.graph.types(node) if each.startswith(PREFIXES["igeo"])), None)
    return read.reference(NamedNode(level))["nom"] if level else None


def _flag(read: ResourceReader, node: Term, predicate: str) -> bool | None:
    found = read.graph.one(node, predicate)
    return value(found) is True if isinstance(found, Literal) else None


def _found(one: Callable[[ResourceReader, NamedNode], T]) -> Callable[[ResourceReader, Term, str], T | None]:
    """Return the function that reads the first thing that is a value of a property, None without one."""

    def read(reader: ResourceReader, node: Term, predicate: str) -> T | None:
        found = reader.one(node, predicate)
        return one(reader, found) if found else None

    return read


_address: Final = _found(lambda read, node: read.url(node.value))
"""Return the address of the document about the first thing that is a value of a property."""
_NOTHING: Final = Literal("")
"""A term without properties."""
_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "text": ResourceReader.text,
    "plain": lambda read, node, name: read.graph.value(node, name) or None,
    "number": lambda read, node, name: number(read.graph.value(node, name)),
    "flag": _flag,
    "iri": lambda _, node: node.value,
    "first-iri": _found(lambda _, node: node.value),
    "iris": lambda read, node, name: [each.value for each in read.all(node, name)],
    "name": _found(lambda read, node: read.names.name(node.value)),
    "names": lambda read, node, name: [read.reference(each)["nom"] for each in read.all(node, name)],
    "term": _found(lambda read, node: read.term(node.value)),
    "terms": lambda read, node, name: [read.term(each.value) for each in read.all(node, name)],
    "address": _address,
    "reference": _found(ResourceReader.reference),
    "references": lambda read, node, name: [read.reference(each) for each in read.all(node, name)],
    "numbered": lambda read, node, name: [read.reference(each) for each in read.numbered(read.all(node, name))],
    "whole": lambda read, node, name, *kinds: read.whole(read.all(node, name), *kinds),
    "part": lambda read, node, name, *kinds: next(iter(read.whole(read.all(node, name)[:1], *kinds)), None),
    "quotations": ResourceReader.quotations,
    "quotation": lambda read, node: next(iter(read.quotations(node)), None),
    "subsidies": ResourceReader.subsidies,
    "axes": _axes,
    "commitments": _commitments,
    "sources": _sources,
    "licence": lambda *_: site().rights.licence or None,
    "given": _given,
    "unit": _unit,
    "state": _state,
    "first-words": lambda read, node: read.graph.value(_of_statement(read, node), CPER + "citation") or None,
    "calculation": _calculation,
    "source": lambda read, node: _address(read, _of_statement(read, node), PROV + "wasDerivedFrom"),
    "level": _level,
}
"""The functions that read members, as `resources.toml` calls them."""


class _Member(NamedTuple):
    """How a member is read: by which function, from what which properties lead to, what it is given."""

    method: Callable[..., Any]
    steps: tuple[str, ...]
    given: tuple[str, ...]


def _member(said: str) -> _Member:
    """Return how a member is read, from a row of the table: `plain prov:agent/cper:siren`."""
    name, *given = said.split()
    pairs = (step.partition(":") for path in given[:1] for step in path.split("/"))
    path = [PREFIXES[prefix] + local for prefix, _, local in pairs]
    kinds = [each for kind in given[1:] for each in (FIGURES if kind == "Figure" else (kind,))]
    return _Member(_METHODS[name], tuple(path[:-1]), (*path[-1:], *kinds))


_TABLE: Final = {
    shape: {name: _member(said) for name, said in rows.items()}
    for shape, rows in tomllib.loads((Path(__file__).parent / "resources.toml").read_text("utf-8")).items()
}
READERS: Final = {
    **{shape: members for shape, members in _TABLE.items() if shape != "Figure"},
    **dict.fromkeys(FIGURES, _TABLE["Figure"]),
    "Engagement": _TABLE["Figure"] | _TABLE["Engagement"],
}
"""What reads the members of a thing, by its `type`; each member returns None for what the data do not say."""

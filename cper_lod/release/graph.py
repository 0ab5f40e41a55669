"""A release as a graph: properties of nodes, read on demand and in bounded number."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from cper_lod.core.namespaces import CPER, LABELS
from cper_lod.rdf.graph import Graph, Node, Term, stated_place
from cper_lod.release.documents import first_values
from cper_lod.release.release import Release, document_name
from cper_lod.release.storage.triples import Count, described

MAX_READ: Final = 300
"""Most quads read of one subject, or values of one property of a larger subject."""


MANY: Final = 50
"""Things that refer to a contract or a part of it: of more, such as subsidies, a page wants some classes only."""
MAX_ORDERED: Final = 50
"""Statements about a thing that are put in order."""
QUOTED_LANGUAGE: Final = "fr"
"""The language of the documents that are quoted."""


class ReleaseGraph(Graph):
    """A graph over a release. Each node is read once, at the same cost for any size of release.

    Subjects with more than MAX_READ quads are read property by property, MAX_READ values at most. Subjects whose
    properties are all `known` are not read again.
    """

    def __init__(self, release: Release, known: Mapping[Node, dict[str, list[Term]]] | None = None) -> None:
        super().__init__(())
        self._by_subject = dict(known or {})
        self._release, self.site = release, release.names
        self._large: set[Term] = set()
        self._names: dict[tuple[Node, str], str | None] = {}
        self._referring: dict[tuple[NamedNode, str, tuple[str, ...]], list[NamedNode]] = {}

    def properties(self, node: Term) -> dict[str, list[Term]]:
        """Return the values of each property of `node`; only the first MAX_READ quads of a larger node count."""
        if isinstance(node, Literal):
            return {}
        known = self._by_subject.get(node)
        if known is not None:
            return known
        properties, complete = self._release.triples.description(node, MAX_READ)
        if not complete:
            self._large.add(node)
        self._by_subject[node] = properties
        return properties

    def checked_on(self, document: str) -> str:
        """Return the day (UTC) of the build, which finds each quotation in the text of a document; "" without a text."""
        is_built = "sealed" in self._release.manifest
        if not is_built or not self._release.has_text(document_name(document)):
            return ""
        return datetime.fromtimestamp(self._release.built_at, UTC).date().isoformat()

    def all(self, node: Term, predicate: str) -> list[Term]:
        """Return the values of a property, MAX_READ at most."""
        try:  # in place, as a page asks for it some hundred times
            properties = self._by_subject[node]  # type: ignore[index]
        except KeyError:
            properties = self.properties(node)
        if self._large and node in self._large and isinstance(node, NamedNode | BlankNode):
            quads = self._release.triples.values(node, predicate, MAX_READ)
            return [quad.object for quad in quads if not isinstance(quad.object, Triple)]
        return properties.get(predicate, [])

    def count(self, node: Term, predicate: str) -> Count:
        """Return how many values a property has; a lower bound if there are more than can be read."""
        number = len(self.all(node, predicate))
        return Count(number, exact=number < MAX_READ)

    def name(self, node: Node, lang: str) -> str | None:
        """Return the best label of `node` in `lang`, None if it has none."""
        key = node, lang
        if key not in self._names:
            found = super().name(node, lang)
            if self._large and node in self._large:
                found = next(filter(None, (self.text(node, predicate, lang)[0] for predicate in LABELS)), None)
            self._names[key] = found
        return self._names[key]

    def excerpt(self, node: Node, properties: int, values: int, together: int) -> tuple[dict[str, list[Term]], bool]:
        """Return the first values of the first properties of a node of any size, and whether these are all.

        `properties` and `values` are the most of each; with more values than `together`, each property has fewer.
        """
        found, whole = self.properties(node), True
        if node in self._large:
            read = list(islice(first_values(self._release, node, values), properties + 1))
            found = described(quad for _, quads, _ in read for quad in quads)
            whole = all(count <= values for _, _, count in read)
        whole = whole and len(found) <= properties
        found = dict(islice(found.items(), properties))
        if sum(min(len(each), values) for each in found.values()) > together:
            values = together // len(found)
        whole = whole and all(len(each) <= values for each in found.values())
        return {name: each[:values] for name, each in found.items()}, whole

    @property
    def nodes_read(self) -> int:
        """How many nodes were read."""
        return len(self._by_subject)

    @property
    def data_day(self) -> str:
        """The day of the data (`Release.data_day`)."""
        return self._release.data_day

    def is_described(self, iri: str) -> bool:
        """Return whether the data state anything about `iri`."""
        return bool(self.properties(NamedNode(iri)))

    def referring(self, node: NamedNode, predicate: str, classes: Sequence[str]) -> list[NamedNode]:
        """Return the things of which a node is a value, MAX_READ at most.

        Where there are more, those of some classes are returned. Of a contract and its parts, this begins beyond MANY, and
        what lies below other contracts is left out: so contracts do not slow down each other.
        """
        key = node, predicate, tuple(classes)
        if key not in self._referring:
            contract = node if CPER + "Contrat" in self.types(node) else self.one(node, CPER + "contrat")
            among = (each for cls in classes for each in self._candidates(cls, contract.value if contract else ""))
            most = MANY if contract and classes else MAX_READ
            found = self._release.triples.referring_of(predicate, node.value, among, most)
            self._referring[key] = [NamedNode(each) for each in islice(found, MAX_READ)]
        return self._referring[key]

    def _candidates(self, cls: str, contract: str) -> Iterator[str]:
        """Return the things of a class; for a contract with an address of ours, without those below other contracts."""
        things = self._release.listing.things
        contracts = self._release.names.contracts
        if not contract.startswith(contracts):
            return things(cls)
        return chain(things(cls, contract + "/"), self._release.listing.things_elsewhere(cls, contracts))

    def is_of_class(self, node: NamedNode, cls: str) -> bool:
        """Return whether a thing is of a class; reads no more of it (a subsidy takes 0.1 ms)."""
        return self._release.triples.is_of_class(node, cls)

    def statements(self, node: Term) -> list[Term]:
        """Return the statements about a thing: those that give its value first, then in the order of the text.

        More than MAX_ORDERED stand in no order: each would be read.
        """
        found = self.all(node, CPER + "enonce")
        return sorted(found, key=self._order_of_statement) if 1 < len(found) <= MAX_ORDERED else found

    def _order_of_statement(self, statement: Term) -> tuple[bool, int, str]:
        gives_number = NamedNode(CPER + "valeur") in self.all(statement, CPER + "atteste")
        start, _ = stated_place(self, statement)
        return not gives_number, int(start) if start.isdecimal() and len(start) < 10 else 0, statement.value

    def supported(self, statement: NamedNode) -> list[NamedNode]:
        """Return the things of which a statement supports something, sorted, MAX_READ at most."""
        return self.referring(statement, CPER + "enonce", ())

    def instances(self, cls: str, limit: int) -> list[str]:
        """Return the IRIs of instances of a class, sorted, `limit` at most."""
        return list(islice(self._release.listing.things(cls), limit))

    def instances_below(self, cls: str, iri: str, limit: int) -> list[str]:
        """Return the IRIs of instances of a class below `iri` (`…/x`, `…#x`), sorted, `limit` at most."""
        found = chain.from_iterable(self._release.listing.things(cls, iri + end) for end in "#/")
        return list(islice(found, limit))

"""The quads of a release, read from its Oxigraph index: by subject, and by what they mention.

Oxigraph orders quads by hashes. What is returned whole is sorted as N-Quads are; of what is too much, the first quads in the
order of the index are returned, sorted too. Both are the same in every build.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from cper_lod.core.namespaces import RDF
from cper_lod.rdf.graph import Node

Description = dict[str, list[NamedNode | BlankNode | Literal]]
"""The properties of a node, each with its values."""
SMALL_NODE_QUADS: Final = 64
"""Largest node, in quads, that is cached: contracts and what they are made of have fewer."""
CACHED_NODES: Final = 1024
"""Nodes that are cached, those used last: a few megabytes."""
MAX_COUNTED: Final = 1_000
"""Quads that are counted, and sorted for pages, at most: some milliseconds."""


class Count(NamedTuple):
    """A number, or a lower bound if not `exact`."""

    number: int
    exact: bool


class Triples:
    """The quads of a release in a store that is only read; many threads may read at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        # Pages read the same nodes again and again, and each node of their own several times.
        # A cached method would form a reference cycle, which a server with a frozen garbage collector never frees.
        self._small = lru_cache(CACHED_NODES)(partial(_small, store))
        self._described = lru_cache(CACHED_NODES)(partial(_described, self._small))

    def __iter__(self) -> Iterator[Quad]:
        return iter(self._store)

    def about(self, subject: Node | str, limit: int | None = None) -> list[Quad]:
        """Return the quads about a node or an IRI, `limit` at most, sorted."""
        node = _node(subject)
        if node is None:
            return []
        small = self._small(node)
        if small is not None:
            return list(small[:limit])
        return sorted(islice(self._store.quads_for_pattern(node, None, None, None), limit), key=str)

    def values(self, subject: Node | str, predicate: str, limit: int | None = None) -> list[Quad]:
        """Return the quads about a node or an IRI with a property, `limit` at most, sorted."""
        node, name = _node(subject), _valid(predicate)
        if node is None or name is None:
            return []
        small = self._small(node)
        if small is not None:
            return [quad for quad in small if quad.predicate == name][:limit]
        return sorted(islice(self._store.quads_for_pattern(node, name, None, None), limit), key=str)

    def of_property(self, predicate: str, limit: int) -> list[Quad]:
        """Return the quads with a property, `limit` at most, sorted."""
        node = _valid(predicate)
        found = self._store.quads_for_pattern(None, node, None, None) if node else ()
        return sorted(islice(found, limit), key=str)

    def referring(self, predicate: str, iri: str, limit: int | None = None) -> list[Quad]:
        """Return the quads with a property whose value is an IRI, `limit` at most, sorted."""
        node = _valid(iri)
        found = self._store.quads_for_pattern(None, NamedNode(predicate), node, None) if node else ()
        return sorted(islice(found, limit), key=str)

    def referring_of(self, predicate: str, iri: str, among: Iterable[str], limit: int) -> list[str]:
        """Return the IRIs of which an IRI is a value of a property, sorted.

        Where there are more than `limit`, such as the subsidies of a contract, those that are `among` others are returned.
        """
        find, name, node = self._store.quads_for_pattern, NamedNode(predicate), _valid(iri)
        quads = list(islice(find(None, name, node, None), limit + 1)) if node else []
        if len(quads) > limit:
            things = ((each, _valid(each)) for each in among)
            return sorted({iri for iri, thing in things if thing and any(find(thing, name, node, None))})
        return sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)})

    def is_of_class(self, node: Node, cls: str) -> bool:
        """Return whether a node is of a class, without reading what else is said of it."""
        return any(self._store.quads_for_pattern(node, NamedNode(RDF + "type"), NamedNode(cls), None))

    def mentions(self, iri: str, limit: int | None = None) -> list[Quad]:
        """Return the quads that use an IRI as object, predicate or graph name, `limit` at most, sorted."""
        return sorted(islice(self._mentions(iri), limit), key=str)

    def _mentions(self, iri: str) -> Iterator[Quad]:
        node = _valid(iri)
        if node:
            find = self._store.quads_for_pattern
            yield from find(None, None, node, None)
            yield from (quad for quad in find(None, node, None, None) if quad.object != node)
            yield from (quad for quad in find(None, None, None, node) if node not in (quad.object, quad.predicate))

    def subjects(self) -> list[str]:
        """Return the IRIs that are subjects, sorted; reads all quads."""
        return sorted({quad.subject.value for quad in self if isinstance(quad.subject, NamedNode)})

    def describes(self, iri: str) -> bool:
        """Return whether a quad has an IRI as subject."""
        node = _valid(iri)
        return node is not None and self._small(node) != ()

    def mentioned(self, iri: str) -> bool:
        """Return whether a quad uses an IRI as object, predicate or graph name."""
        return next(self._mentions(iri), None) is not None

    def count_mentions(self, iri: str) -> Count:
        """Return how many triples use an IRI as object, predicate or graph name; a lower bound beyond `MAX_COUNTED`."""
        return self._count(_mentions_of(iri))

    def page_of_mentions(self, iri: str, start: int, size: int) -> tuple[list[Quad], Count]:
        """Return the triples that use an IRI from number `start`, `size` at most, and how many there are.

        They are sorted, or in the order of the index if there are more than `MAX_COUNTED`.
        """
        return self._page(_mentions_of(iri), start, size)

    def page_of_values(self, iri: str, predicate: str, start: int, size: int) -> tuple[list[Quad], Count]:
        """Return the triples of a thing with a property from number `start`, `size` at most, and how many there are.

        They are in the same order as mentions.
        """
        subject, name = _valid(iri), _valid(predicate)
        if subject is None or name is None:
            return [], Count(0, exact=True)
        return self._page(f"SELECT ({subject} AS ?s) ({name} AS ?p) ?o {{ {subject} {name} ?o }}", start, size)

    def _page(self, query: str, start: int, size: int) -> tuple[list[Quad], Count]:
        count = self._count(query)
        if count.exact:
            return sorted(self._select(query), key=str)[start : start + size], count
        return list(self._select(f"{query} OFFSET {start} LIMIT {size}")), count

    def _select(self, query: str) -> Iterator[Quad]:
        rows = self._store.query(query, use_default_graph_as_union=True)
        return (Quad(row["s"], row["p"], row["o"]) for row in rows)  # type: ignore[union-attr]  # a SELECT

    def _count(self, query: str) -> Count:
        # Ten times as fast as counting quads, since Oxigraph reads no terms.
        text = f"SELECT (COUNT(*) AS ?n) {{ {{ {query} LIMIT {MAX_COUNTED + 1} }} }}"
        (row,) = self._store.query(text, use_default_graph_as_union=True)  # type: ignore[misc]  # a SELECT
        number = int(row["n"].value)
        return Count(min(number, MAX_COUNTED), exact=number <= MAX_COUNTED)

    def description(self, node: Node, limit: int) -> tuple[Description, bool]:
        """Return the description of a node from its first `limit` quads, and whether these are all.

        Descriptions of small nodes are shared and must not be modified.
        """
        small = self._described(node)
        if small is not None:
            return small, True
        quads = self.about(node, limit + 1)
        return described(quads[:limit]), len(quads) <= limit


def _mentions_of(iri: str) -> str:
    node = NamedNode(iri)
    return f"""SELECT ?s ?p ?o {{
        {{ ?s ?p {node} BIND({node} AS ?o) }} UNION {{ ?s {node} ?o FILTER(?o != {node}) BIND({node} AS ?p) }}
        UNION {{ GRAPH {node} {{ ?s ?p ?o FILTER({node} NOT IN (?p, ?o)) }} }}
    }}"""


def _node(name: Node | str) -> Node | None:
    return _valid(name) if isinstance(name, str) else name


def _valid(iri: str) -> NamedNode | None:
    """Return the node of an IRI, None for what is no IRI: no quad has it."""
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def _small(store: Store, node: Node) -> tuple[Quad, ...] | None:
    """Return the quads about a node, sorted; None if it is not small."""
    quads = list(islice(store.quads_for_pattern(node, None, None, None), SMALL_NODE_QUADS + 1))
    return tuple(sorted(quads, key=str)) if len(quads) <= SMALL_NODE_QUADS else None


def _described(small: Callable[[Node], tuple[Quad, ...] | None], node: Node) -> Description | None:
    """Return the description of a node, None if it is not small."""
    quads = small(node)
    return None if quads is None else described(quads)


def described(quads: Iterable[Quad]) -> Description:
    """Return the properties that quads state, each with its values; triple terms are left out."""
    found: Description = {}
    for quad in quads:
        value = quad.object
        if not isinstance(value, Triple):
            values = found.setdefault(quad.predicate.value, [])
            if not values or value != values[-1]:  # the same triple in two graphs
                values.append(value)
    return found

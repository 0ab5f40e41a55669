"""Quads as text: tuples of N-Triples terms without duplicates, their sort order, and labels of blank nodes.

Text is used because serializing quads takes a tenth of the time of accessing their terms one by one.

Blank nodes are ordered by their content instead of their names. RDFC-1.0 defines such an order, but its time is not bounded
for a few dozen similar nodes. Here, nodes are distinguished by partition refinement, which is nearly linear. Nodes that remain
similar are singled out one by one; usually they are interchangeable, and otherwise the results of each choice are compared
within a budget. Beyond it, their names decide, which `rdf.reader` gives by position in the file.
"""

import re
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Final, NamedTuple

import pyoxigraph
from pyoxigraph import Quad, RdfFormat

from cper_lod.core.namespaces import DCT, LABELS, OWL, RDF, RDFS, SKOS

TYPE: Final = f"<{RDF}type>"
FIRST, REST, NIL = (f"<{RDF}{name}>" for name in ("first", "rest", "nil"))
_ONTOLOGY: Final = f"<{OWL}Ontology>"

_READING_ORDER: Final = (
    f"{RDF}type",
    *LABELS,
    SKOS + "altLabel",
    SKOS + "notation",
    SKOS + "definition",
    DCT + "description",
    RDFS + "comment",
)
PREDICATE_RANK: Final = {f"<{iri}>": rank for rank, iri in enumerate(_READING_ORDER)}
"""Rank of the predicates that come first: type, names, then definitions."""


class Statement(NamedTuple):
    """A quad as four terms in N-Triples syntax; the default graph is the empty string."""

    subject: str
    predicate: str
    object: str
    graph: str


# The graph name is the last word of a line; the last word of a literal contains a quote, an IRI or blank node does not.
_GRAPH: Final = re.compile(r' (<[^ "<>]*>|_:[^ "]+)$')
_DIGITS: Final = re.compile(r"([0-9]+)")
_TRIPLE_TERMS: Final = re.compile(r'<<\(|\)>>|<[^ "<>]*>|_:[^ "]+|"(?:[^"\\]|\\.)*"(?:@[A-Za-z0-9-]+|\^\^<[^ "<>]*>)?')


def nquads_lines(quads: Iterable[Quad]) -> list[str]:
    """Return the canonical N-Quads lines of `quads`, unique, sorted by code point (equal to the order of UTF-8 bytes)."""
    data = pyoxigraph.serialize(quads, format=RdfFormat.N_QUADS) or b""
    return sorted(set(data.decode("utf-8").split("\n")) - {""})


def statements(quads: Iterable[Quad], *, union: bool) -> list[Statement]:
    """Return `quads` as text, sorted and unique; with `union`, all in the default graph."""
    found = []
    for line in nquads_lines(quads):
        subject, predicate, rest = line[:-2].split(" ", 2)
        graph = ""
        if " " in rest and (match := _GRAPH.search(rest)):
            graph, rest = match[1], rest[: match.start()]
        found.append(Statement(subject, predicate, rest, "" if union else graph))
    return list(dict.fromkeys(found)) if union else found


def triple_term_tokens(triple_term: str) -> list[str]:
    """Return the tokens of an RDF 1.2 triple term, including brackets.

    >>> triple_term_tokens('<<( <http://a> <http://b> "c d"@fr )>>')
    ['<<(', '<http://a>', '<http://b>', '"c d"@fr', ')>>']
    """
    return _TRIPLE_TERMS.findall(triple_term)


def blank_nodes(term: str) -> list[str]:
    """Return the blank nodes in a term: itself, or those inside a triple term."""
    if term.startswith("_:"):
        return [term]
    return [each for each in triple_term_tokens(term) if each.startswith("_:")] if term.startswith("<<(") else []


def natural_sort_key(text: str) -> tuple[list[object], str]:
    """Return a key that sorts numbers in names by value, and an IRI before longer ones that start with it.

    Numbers of any length are compared by their number of digits, then as text.

    >>> sorted(["axe/10", "axe/2", "axe"], key=natural_sort_key)
    ['axe', 'axe/2', 'axe/10']
    """
    pieces: list[object] = list(_DIGITS.split(text.removesuffix(">")))
    pieces[1::2] = [(len(digits), digits) for digits in (str(run).lstrip("0") for run in pieces[1::2])]
    return pieces, text


def subject_order(
    types: Callable[[str], Iterable[str]], root: str | None, labels: Mapping[str, str]
) -> Callable[[str], tuple[object, ...]]:
    """Return a sort key for subjects: the root, resources below it, other IRIs; blank nodes by label; in natural order.

    Without a root, subjects of class owl:Ontology, according to `types`, come first.
    """

    def key(subject: str) -> tuple[object, ...]:
        if subject.startswith("_:"):
            return 3, natural_sort_key(labels[subject])
        if root is None:
            place = 0 if _ONTOLOGY in types(subject) else 2
        elif subject == f"<{root}>":
            place = 0
        else:
            place = 1 if subject.startswith((f"<{root}/", f"<{root}#")) else 2
        return place, natural_sort_key(subject)

    return key


BUDGET: Final = 200_000
"""Maximum number of nodes and edges visited per document to compare choices: some tenths of a second."""


_Node = tuple[list[str], list[tuple[bytes, str]]]
"""The triples of a blank node without blank nodes, and the other blank nodes in them with their roles."""


def content_labels(statements: Iterable[Statement], wanted: Collection[str]) -> dict[str, str]:
    """Return labels `_:b1`, `_:b2`… for the blank nodes in `wanted`, in their order.

    The order does not depend on their names, within the budget.
    """
    order = list(wanted)
    if len(order) > 1:
        nodes = _nodes(statements)
        budget = BUDGET
        placed: list[tuple[bytes, int, list[str]]] = []
        for component in _components(nodes):
            if any(node in wanted for node in component):
                partition = _Partition(component, nodes)
                budget = partition.distinguish(budget)
                cells = sorted(zip(partition.cell_of, component, strict=True))
                placed.append((partition.picture(), len(placed), [node for _, node in cells if node in wanted]))
        order = [node for _, _, found in sorted(placed) for node in found]
    return {node: f"_:b{number}" for number, node in enumerate(order, start=1)}


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def _nodes(statements: Iterable[Statement]) -> dict[str, _Node]:
    """Return the facts and neighbours of each blank node."""
    nodes: dict[str, _Node] = defaultdict(lambda: ([], []))
    for statement in statements:
        within = [(place, node) for place, term in enumerate(statement) for node in blank_nodes(term)]
        if not within:
            continue
        fact = " ".join(_without_names(term) for term in statement)
        for at, (place, node) in enumerate(within):
            nodes[node][0].append(f"{place} {fact}")
            for other_at, (other_place, other) in enumerate(within):
                if other_at != at:
                    role = _hash(f"{place} {other_place} {other == node} {fact}")
                    nodes[node][1].append((role, other))
    return nodes


def _without_names(term: str) -> str:
    if term.startswith("_:"):
        return "_:"
    return (
        " ".join("_:" if each.startswith("_:") else each for each in triple_term_tokens(term))
        if term[:3] == "<<("
        else term
    )


def _components(nodes: Mapping[str, _Node]) -> list[list[str]]:
    """Return the connected groups of blank nodes; groups and nodes in natural order of names."""
    groups: list[list[str]] = []
    seen: set[str] = set()
    for start in sorted(nodes, key=natural_sort_key):
        if start in seen:
            continue
        seen.add(start)
        group, pending = [start], [start]
        while pending:
            for _, other in nodes[pending.pop()][1]:
                if other not in seen:
                    seen.add(other)
                    group.append(other)
                    pending.append(other)
        groups.append(sorted(group, key=natural_sort_key))
    return groups


class _Partition:
    """Connected blank nodes (numbered in order of names), partitioned into cells of nodes that are not distinguished yet.

    Cells are numbered and split only by the content of their members, never by names. The position of a node is its cell.
    """

    def __init__(self, names: list[str], nodes: Mapping[str, _Node]) -> None:
        number = {name: at for at, name in enumerate(names)}
        self.facts = [_hash("\n".join(sorted(nodes[name][0]))) for name in names]
        self.edges = [[(role, number[other]) for role, other in nodes[name][1]] for name in names]
        self.size = len(names) + sum(map(len, self.edges))
        by_facts: dict[bytes, set[int]] = defaultdict(set)
        for node, fact in enumerate(self.facts):
            by_facts[fact].add(node)
        self.cells = [by_facts[fact] for fact in sorted(by_facts)]
        self.cell_of = [0] * len(names)
        for cell, members in enumerate(self.cells):
            for node in members:
                self.cell_of[node] = cell
        self._refine(range(len(self.cells)))

    def distinguish(self, budget: int) -> int:
        """Distinguish all nodes from each other; return what remains of the budget."""
        cell = 0
        while cell < len(self.cells):
            alike = sorted(self.cells[cell])
            if len(alike) == 1:
                cell += 1
            elif budget >= len(alike) * self.size:
                budget -= len(alike) * self.size
                self._single_out(min(alike, key=self._picture_with))
            else:
                self._single_out(alike[0])
        return budget

    def picture(self) -> bytes:
        """Return a digest of the content of all nodes, identified by their cells."""
        lines = sorted(
            (self.cell_of[node], self.facts[node], sorted((role, self.cell_of[other]) for role, other in edges))
            for node, edges in enumerate(self.edges)
        )
        return _hash(repr(lines))

    def _picture_with(self, node: int) -> bytes:
        """Return the digest after singling out `node`."""
        cells, cell_of = [set(members) for members in self.cells], list(self.cell_of)
        self._single_out(node)
        picture = self.picture()
        self.cells, self.cell_of = cells, cell_of
        return picture

    def _single_out(self, node: int) -> None:
        cell = self.cell_of[node]
        self.cells[cell].remove(node)
        self._refine([self._new_cell({node})])

    def _new_cell(self, members: set[int]) -> int:
        self.cells.append(members)
        for node in members:
            self.cell_of[node] = len(self.cells) - 1
        return len(self.cells) - 1

    def _refine(self, cells: Iterable[int]) -> None:
        """Split cells whose members have different roles towards one of `cells`, and continue with the new cells."""
        pending = deque(cells)
        while pending:
            met: dict[int, dict[int, list[bytes]]] = defaultdict(lambda: defaultdict(list))
            for node in self.cells[pending.popleft()]:
                for role, other in self.edges[node]:
                    met[self.cell_of[other]][other].append(role)
            for cell in sorted(met):
                pending.extend(self._split(cell, met[cell]))

    def _split(self, cell: int, roles: Mapping[int, list[bytes]]) -> list[int]:
        """Split a cell by roles and return the new cells; the largest part keeps the number (Hopcroft)."""
        by_roles: dict[tuple[bytes, ...], set[int]] = defaultdict(set)
        for node, each in roles.items():
            by_roles[tuple(sorted(each))].add(node)
        groups = [by_roles[key] for key in sorted(by_roles)]
        rest = len(self.cells[cell]) - len(roles)
        if rest:
            if rest >= max(map(len, groups)):
                self.cells[cell].difference_update(roles)
                return [self._new_cell(group) for group in groups]
            groups.insert(0, self.cells[cell].difference(roles))
        largest = max(groups, key=len)
        self.cells[cell] = largest
        return [self._new_cell(group) for group in groups if group is not largest]

"""Blank nodes on paper: which are nested, which are lists, and what the others are called."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cper_lod.rdf.blank_node_order import content_order
from cper_lod.rdf.statements import FIRST, NIL, REST, Statement, blank_nodes

DEPTH: Final = 20
"""Blank nodes nested deeper than this are labelled: nobody reads on, and nothing recurses further."""


@dataclass
class Blanks:
    """How each blank node of a document is written.

    `nested`: in place, as `[ … ]`; `lists`: nested ones that are the head of a list, with its items; `labels`: by a
    name, in the order of the names. One that is in none of them is a subject that nothing mentions: `[]`.
    """

    nested: set[str] = field(default_factory=set)
    lists: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)


def named(labelled: Iterable[str]) -> dict[str, str]:
    """Return the labels `_:b1`, `_:b2`… for blank nodes in their order."""
    return {node: f"_:b{number}" for number, node in enumerate(labelled, start=1)}


def arrange(statements: Sequence[Statement]) -> Blanks:
    """Return how the blank nodes of `statements` are written."""
    survey = _Survey(statements)
    if not survey.nodes:
        return Blanks()
    nested = survey.nested()
    rest = survey.nodes.difference(nested, survey.anonymous())
    return Blanks(nested, survey.lists(nested), named(content_order(statements, rest)))


class _Survey:
    """Where each blank node stands: the triples about it, and the one that mentions it, if that is the only one."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.nodes: set[str] = set()
        self.about: dict[str, list[Statement]] = defaultdict(list)
        self.mentions: Counter[str] = Counter()
        self.mention: dict[str, Statement] = {}
        self.barred: set[str] = set()
        for statement in statements:
            if statement.subject.startswith("_:"):
                self.about[statement.subject].append(statement)
                self.nodes.add(statement.subject)
            if statement.object.startswith("_:"):
                self.mentions[statement.object] += 1
                self.mention[statement.object] = statement
                self.nodes.add(statement.object)
            elif statement.object.startswith("<<("):
                self.barred.update(blank_nodes(statement.object))
            if statement.graph.startswith("_:"):
                self.barred.add(statement.graph)
        self.nodes |= self.barred
        self.candidates = {node for node in self.mention if self._could_nest(node)}

    def _could_nest(self, node: str) -> bool:
        """Whether a node is mentioned once, and described only in the graph of that mention."""
        graph = self.mention[node].graph
        return (
            self.mentions[node] == 1
            and node not in self.barred
            and all(each.graph == graph for each in self.about.get(node, ()))
        )

    def anonymous(self) -> set[str]:
        """Return the subjects that nothing mentions, each described in one graph."""
        return {
            node
            for node, about in self.about.items()
            if node not in self.barred and not self.mentions[node] and len({each.graph for each in about}) == 1
        }

    def _cell(self, node: str, among: set[str]) -> tuple[str, str] | None:
        """Return first and rest of a list's cell that has nothing else, and is in `among`."""
        about = self.about.get(node, ())
        if node in among and len(about) == 2:  # sorted by predicate: first, then rest
            first, rest = about
            if first.predicate == FIRST and rest.predicate == REST:
                return first.object, rest.object
        return None

    def _continues(self, node: str, among: set[str]) -> bool:
        """Whether a cell is the rest of another."""
        mention = self.mention[node]
        return mention.predicate == REST and self._cell(mention.subject, among) is not None

    def lists(self, among: set[str]) -> dict[str, list[str]]:
        """Return the items of the well-formed lists made of nodes in `among`, by head; each cell is walked once."""
        found = {}
        for head in among:
            cell = self._cell(head, among)
            if cell is None or self._continues(head, among):
                continue
            items, rest = [], ""
            while cell is not None:
                item, rest = cell
                items.append(item)
                cell = self._cell(rest, among)
            if rest == NIL:
                found[head] = items
        return found

    def nested(self) -> set[str]:
        """Return the candidates that hang from something written, at most `DEPTH` deep."""
        tails = self._tails()
        depths: dict[str, int] = {}  # 0: labelled
        for start in self.candidates:
            path: dict[str, int] = {}
            node = start
            while node in self.candidates and node not in depths and node not in path:
                path[node] = len(path)
                node = self.mention[node].subject
            if node in path:  # a circle: its members are labelled, what hangs from it is nested
                depths.update(dict.fromkeys(list(path)[path[node] :], 0))
            for each in reversed(path):
                if each not in depths:
                    above = depths.get(self.mention[each].subject, 0)
                    # A list counts once, whatever its length.
                    depths[each] = above if above and each in tails else (above + 1) % (DEPTH + 1)
        return {node for node, depth in depths.items() if depth}

    def _tails(self) -> set[str]:
        """Return the cells of lists but for their heads."""
        found = set()
        for head, items in self.lists(self.candidates).items():
            node = head
            for _ in items[1:]:
                node = self.about[node][1].object
                found.add(node)
        return found

"""The class diagram of an ontology: a box per class with its object properties, and an edge from each to its class."""

import textwrap
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from cper_lod.release.docs.ontology import Ontology

MAX_CLASSES: Final = 40
"""No diagram is drawn of more classes: it would be unreadable, and the table gives the same information."""
WIDTH, GAP, BETWEEN, MARGIN = 160, 44, 14, 6
"""In pixels: width of a box, gap between columns, gap between the boxes of a column, margin of the drawing."""
TITLE, ROW, PADDING = 17, 19, 6
"""Height of a line of a title, height of a property, space above and below both."""
TITLE_LETTERS, ROW_LETTERS = 17, 22
"""Characters that fit into the width of a box, in the widest of the usual fonts."""


class ClassRow(NamedTuple):
    """A row of a box, which an edge leads from: to a superclass (`kind` is `super`) or along a property (`link`)."""

    kind: str
    target: str
    predicate: str
    text: str

    @property
    def short(self) -> str:
        """The text as it fits into the box."""
        return self.text if len(self.text) <= ROW_LETTERS else self.text[: ROW_LETTERS - 1].rstrip() + "…"


@dataclass
class ClassBox:
    """A class, or the box of the properties that many classes have (its `iri` is "")."""

    iri: str
    title: list[str]
    rows: list[ClassRow]
    level: int = 0
    x: int = 0
    y: int = 0

    @property
    def head(self) -> int:
        """The height of the title."""
        return len(self.title) * TITLE + 2 * PADDING

    @property
    def height(self) -> int:
        """The height of the whole box."""
        return self.head + (len(self.rows) * ROW + PADDING if self.rows else 0)

    def title_baseline(self, index: int) -> int:
        """Return the baseline of a line of the title."""
        return self.y + PADDING + (index + 1) * TITLE - 4

    def row_middle(self, index: int) -> int:
        """Return the middle of a row; its baseline is 4 pixels below."""
        return self.y + self.head + PADDING // 2 + index * ROW + ROW // 2


@dataclass(frozen=True)
class Edge:
    """The line from a row to a class, as an SVG path; `kind` is `link` or `super`."""

    kind: str
    path: str
    source: str
    target: str
    property: str


@dataclass(frozen=True)
class Diagram:
    """The drawing: its size, its boxes and its edges."""

    width: int
    height: int
    boxes: list[ClassBox]
    edges: list[Edge]


def diagram(ontology: Ontology, name: Callable[[str], str], several: str, is_a: str) -> Diagram | None:
    """Return the diagram of an ontology, None if it has no class or too many.

    `name` returns the label of a term, `several` is the title of the box of properties that many classes have, `is_a`
    the text of a superclass. The same ontology always gives the same drawing.
    """
    if not 0 < len(ontology.classes) <= MAX_CLASSES:
        return None
    boxes = _boxes(ontology, name, several, is_a)
    columns: dict[int, list[ClassBox]] = defaultdict(list)
    for box in boxes.values():
        columns[box.level].append(box)
    for index, level in enumerate(sorted(columns)):
        _stack(columns[level], MARGIN + index * (WIDTH + GAP), boxes)
    edges = [
        Edge(row.kind, _path(box, box.row_middle(index), boxes[row.target]), box.iri, row.target, row.predicate)
        for box in boxes.values()
        for index, row in enumerate(box.rows)
    ]
    last = max(box.x for box in boxes.values())
    around = any(boxes[edge.source].x == boxes[edge.target].x == last for edge in edges)
    width = last + WIDTH + (GAP // 2 if around else 0) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    return Diagram(width, height, list(boxes.values()), edges)


def _boxes(ontology: Ontology, name: Callable[[str], str], several: str, is_a: str) -> dict[str, ClassBox]:
    """Return the boxes by class, in reading order, each in the column after those that lead to it."""
    rows = {
        iri: [ClassRow("super", above, "", is_a) for above in ontology.superclasses(iri)] for iri in ontology.classes
    }
    for link in ontology.class_links():
        rows.setdefault(link.source, []).append(ClassRow("link", link.target, link.property, name(link.property)))
    boxes = {iri: ClassBox(iri, _title(name(iri) if iri else several), held) for iri, held in rows.items()}
    order = {iri: number for number, iri in enumerate(ontology.classes)}
    for iri in ontology.classes:
        box = boxes[iri]
        for row in box.rows:
            target = boxes[row.target]
            if row.kind == "super" and order[row.target] < order[iri]:
                box.level = max(box.level, target.level)
            elif row.kind == "link" and order[row.target] > order[iri]:
                target.level = max(target.level, box.level + 1)
    for row in rows.get("", ()):
        if not boxes[row.target].level and order[row.target]:
            boxes[row.target].level = 1
    return boxes


def _title(text: str) -> list[str]:
    return textwrap.wrap(text, TITLE_LETTERS, max_lines=3, placeholder="…") or [text[:TITLE_LETTERS]]


def _stack(column: list[ClassBox], x: int, boxes: dict[str, ClassBox]) -> None:
    """Place the boxes of a column, each as near as possible to the rows that lead to it."""
    free = MARGIN
    for box in column:
        box.x = x
        sources = [
            other.row_middle(index)
            for other in boxes.values()
            if other.level < box.level
            for index, row in enumerate(other.rows)
            if row.kind == "link" and row.target == box.iri
        ]
        wanted = sum(sources) // len(sources) - box.head // 2 if sources and box.level > 1 else 0
        box.y = max(free, wanted)
        free = box.y + box.height + BETWEEN


def _path(source: ClassBox, y: int, target: ClassBox) -> str:
    """Return the curve from a row to the middle of a title: forward, backward, or around if both are in one column."""
    end = target.y + target.head // 2
    bend = GAP * 3 // 5
    if target.x > source.x:
        start, stop = source.x + WIDTH, target.x - 2
        return f"M{start} {y}C{start + bend} {y} {stop - bend} {end} {stop} {end}"
    if target.x < source.x:
        start, stop = source.x, target.x + WIDTH + 2
        return f"M{start} {y}C{start - bend} {y} {stop + bend} {end} {stop} {end}"
    side = source.x + WIDTH
    return f"M{side} {y}C{side + bend} {y} {side + bend} {end} {side + 2} {end}"

"""The class diagram of an ontology: a box per class with its object properties, and an edge from each to its class."""

import textwrap
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cper_lod.release.docs.ontology import ClassLink, Ontology

MAX_CLASSES: Final = 40
"""No diagram is drawn of more classes: it would be unreadable, and the table gives the same information."""
WIDTH, GAP, BETWEEN, MARGIN = 160, 44, 14, 6
"""In pixels: width of a box, gap between columns, gap between the boxes of a column, margin of the drawing."""
TITLE, ROW, PADDING = 17, 19, 6
"""Height of a line of a title, height of a property, space above and below both."""
TITLE_LETTERS, ROW_LETTERS = 17, 22
"""Characters that fit into the width of a box, in the widest of the usual fonts."""


@dataclass(frozen=True)
class TextLine:
    """A line of text in a box, with its baseline at `y`; `title` is the whole text if it is shortened."""

    text: str
    y: int
    title: str = ""


@dataclass
class ClassBox:
    """A class, or the box of the properties that many classes have (its `iri` is "")."""

    iri: str
    title: list[str]
    links: list[ClassLink]
    super: list[str]
    level: int = 0
    x: int = 0
    y: int = 0
    lines: list[TextLine] = field(default_factory=list)
    rows: list[TextLine] = field(default_factory=list)

    @property
    def head(self) -> int:
        """The height of the title."""
        return len(self.title) * TITLE + 2 * PADDING

    @property
    def height(self) -> int:
        """The height of the whole box."""
        count = len(self.links) + len(self.super)
        return self.head + (count * ROW + PADDING if count else 0)

    def row_middle(self, index: int) -> int:
        """Return the middle of a row."""
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
    boxes = _boxes(ontology, name, several)
    columns: dict[int, list[ClassBox]] = defaultdict(list)
    for box in boxes.values():
        columns[box.level].append(box)
    for index, level in enumerate(sorted(columns)):
        _stack(columns[level], MARGIN + index * (WIDTH + GAP), boxes)
    for box in boxes.values():
        _set_text(box, name, is_a)
    edges = [edge for box in boxes.values() for edge in _edges(box, boxes)]
    last = max(box.x for box in boxes.values())
    around = any(boxes[edge.source].x == boxes[edge.target].x == last for edge in edges)
    width = last + WIDTH + (GAP // 2 if around else 0) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    return Diagram(width, height, list(boxes.values()), edges)


def _boxes(ontology: Ontology, name: Callable[[str], str], several: str) -> dict[str, ClassBox]:
    """Return the boxes by class, in reading order, each in the column after those that lead to it."""
    links: dict[str, list[ClassLink]] = defaultdict(list)
    for link in ontology.class_links():
        links[link.source].append(link)
    boxes = {iri: ClassBox(iri, _title(name(iri)), links[iri], ontology.superclasses(iri)) for iri in ontology.classes}
    order = {iri: number for number, iri in enumerate(boxes)}
    for iri, box in boxes.items():
        for above in box.super:
            if order[above] < order[iri]:
                box.level = max(box.level, boxes[above].level)
        for link in box.links:
            if order[link.target] > order[iri]:
                boxes[link.target].level = max(boxes[link.target].level, box.level + 1)
    if links[""]:
        boxes[""] = ClassBox("", _title(several), links[""], [])
        for link in links[""]:
            if not boxes[link.target].level and order[link.target]:
                boxes[link.target].level = 1
    return boxes


def _title(text: str) -> list[str]:
    return textwrap.wrap(text, TITLE_LETTERS, max_lines=3, placeholder="…") or [text[:TITLE_LETTERS]]


def _stack(column: list[ClassBox], x: int, boxes: dict[str, ClassBox]) -> None:
    """Place the boxes of a column, each as near as possible to the rows that lead to it."""
    free = MARGIN
    for box in column:
        box.x = x
        sources = [
            other.row_middle(len(other.super) + index)
            for other in boxes.values()
            if other.level < box.level
            for index, link in enumerate(other.links)
            if link.target == box.iri
        ]
        wanted = sum(sources) // len(sources) - box.head // 2 if sources and box.level > 1 else 0
        box.y = max(free, wanted)
        free = box.y + box.height + BETWEEN


def _set_text(box: ClassBox, name: Callable[[str], str], is_a: str) -> None:
    """Set the text of a box, line by line."""
    box.lines = [TextLine(text, box.y + PADDING + (index + 1) * TITLE - 4) for index, text in enumerate(box.title)]
    texts = [is_a for _ in box.super] + [name(link.property) for link in box.links]
    for index, text in enumerate(texts):
        short = text if len(text) <= ROW_LETTERS else text[: ROW_LETTERS - 1].rstrip() + "…"
        box.rows.append(TextLine(short, box.row_middle(index) + 4, text if short != text else ""))


def _edges(box: ClassBox, boxes: dict[str, ClassBox]) -> list[Edge]:
    rows = [(above, "super", "") for above in box.super] + [(link.target, "link", link.property) for link in box.links]
    return [
        Edge(kind, _path(box, box.row_middle(index), boxes[target]), box.iri, target, property_)
        for index, (target, kind, property_) in enumerate(rows)
    ]


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

"""The classes of an ontology as a diagram: boxes with their object properties, each tied to the class it leads to."""

import textwrap
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cper_lod.release.docs.ontology import ClassLink, Ontology

MOST: Final = 40
"""Classes beyond which no diagram is drawn: nobody could read it, and the table says the same."""
WIDTH, GAP, BETWEEN, MARGIN = 160, 44, 14, 6
"""Of a box, between columns, between boxes of a column, around the drawing; in pixels."""
TITLE, ROW, PADDING = 17, 19, 6
"""Height of a line of a title and of a property, and the space above and below either."""
TITLE_LETTERS, ROW_LETTERS = 17, 22
"""What fits into the width of a box, in the widest of the usual fonts."""


@dataclass(frozen=True)
class Line:
    """A line of text in a box, its baseline at `y`; `title` is the whole text where it is cut short."""

    text: str
    y: int
    title: str = ""


@dataclass
class Box:
    """A class, or the box from which the properties of many classes start (its `iri` is "")."""

    iri: str
    title: list[str]
    links: list[ClassLink]
    super: list[str]
    level: int = 0
    x: int = 0
    y: int = 0
    lines: list[Line] = field(default_factory=list)
    rows: list[Line] = field(default_factory=list)

    @property
    def head(self) -> int:
        """The height of the title."""
        return len(self.title) * TITLE + 2 * PADDING

    @property
    def height(self) -> int:
        """The height of the whole box."""
        count = len(self.links) + len(self.super)
        return self.head + (count * ROW + PADDING if count else 0)

    def row(self, place: int) -> int:
        """Return the middle of a row."""
        return self.y + self.head + PADDING // 2 + place * ROW + ROW // 2


@dataclass(frozen=True)
class Tie:
    """The line from a row to the class that it leads to, as an SVG path; `kind` is `link` or `super`."""

    kind: str
    path: str
    source: str
    target: str
    property: str


@dataclass(frozen=True)
class Diagram:
    """The drawing: its size, its boxes and its ties."""

    width: int
    height: int
    boxes: list[Box]
    ties: list[Tie]


def diagram(ontology: Ontology, name: Callable[[str], str], several: str, is_a: str) -> Diagram | None:
    """Return the diagram of an ontology, None where it has no class or too many to be read.

    `name` gives the name of a term, `several` is the title of the box of properties that many classes have, `is_a`
    the words for a superclass. The same ontology always gives the same drawing.
    """
    if not 0 < len(ontology.classes) <= MOST:
        return None
    boxes = _boxes(ontology, name, several)
    columns: dict[int, list[Box]] = defaultdict(list)
    for box in boxes.values():
        columns[box.level].append(box)
    for place, level in enumerate(sorted(columns)):
        _stack(columns[level], MARGIN + place * (WIDTH + GAP), boxes)
    for box in boxes.values():
        _write(box, name, is_a)
    ties = [tie for box in boxes.values() for tie in _ties(box, boxes)]
    last = max(box.x for box in boxes.values())
    around = any(boxes[tie.source].x == boxes[tie.target].x == last for tie in ties)
    width = last + WIDTH + (GAP // 2 if around else 0) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    return Diagram(width, height, list(boxes.values()), ties)


def _boxes(ontology: Ontology, name: Callable[[str], str], several: str) -> dict[str, Box]:
    """Return the boxes by class, in reading order, each in the column after those that lead to it."""
    links: dict[str, list[ClassLink]] = defaultdict(list)
    for link in ontology.links():
        links[link.source].append(link)
    boxes = {iri: Box(iri, _title(name(iri)), links[iri], ontology.superclasses(iri)) for iri in ontology.classes}
    place = {iri: number for number, iri in enumerate(boxes)}
    for iri, box in boxes.items():
        for above in box.super:
            if place[above] < place[iri]:
                box.level = max(box.level, boxes[above].level)
        for link in box.links:
            if place[link.target] > place[iri]:
                boxes[link.target].level = max(boxes[link.target].level, box.level + 1)
    if links[""]:
        boxes[""] = Box("", _title(several), links[""], [])
        for link in links[""]:
            if not boxes[link.target].level and place[link.target]:
                boxes[link.target].level = 1
    return boxes


def _title(text: str) -> list[str]:
    return textwrap.wrap(text, TITLE_LETTERS, max_lines=3, placeholder="…") or [text[:TITLE_LETTERS]]


def _stack(column: list[Box], x: int, boxes: dict[str, Box]) -> None:
    """Give the boxes of a column their places, each as near as can be to the rows that lead to it."""
    free = MARGIN
    for box in column:
        box.x = x
        sources = [
            other.row(len(other.super) + place)
            for other in boxes.values()
            if other.level < box.level
            for place, link in enumerate(other.links)
            if link.target == box.iri
        ]
        wanted = sum(sources) // len(sources) - box.head // 2 if sources and box.level > 1 else 0
        box.y = max(free, wanted)
        free = box.y + box.height + BETWEEN


def _write(box: Box, name: Callable[[str], str], is_a: str) -> None:
    """Put the text of a box to its places."""
    box.lines = [Line(text, box.y + PADDING + (place + 1) * TITLE - 4) for place, text in enumerate(box.title)]
    texts = [is_a for _ in box.super] + [name(link.property) for link in box.links]
    for place, text in enumerate(texts):
        short = text if len(text) <= ROW_LETTERS else text[: ROW_LETTERS - 1].rstrip() + "…"
        box.rows.append(Line(short, box.row(place) + 4, text if short != text else ""))


def _ties(box: Box, boxes: dict[str, Box]) -> list[Tie]:
    ties = [(above, "super", "") for above in box.super] + [(link.target, "link", link.property) for link in box.links]
    return [
        Tie(kind, _path(box, box.row(place), boxes[target]), box.iri, target, property_)
        for place, (target, kind, property_) in enumerate(ties)
    ]


def _path(source: Box, y: int, target: Box) -> str:
    """Return the curve from a row to the middle of a title: forward, backward, or around where both are in a column."""
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

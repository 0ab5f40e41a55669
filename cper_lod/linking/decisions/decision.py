"""One decision of a person about a dataset, kept or refused, and what was read of it that day: to RDF and back."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from babel.dates import format_date
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import say
from cper_lod.core.namespaces import BASE, CPER, DCT, OA, PROV, RDF, SCHEMA, SKOS, XSD
from cper_lod.rdf.graph import Graph, Term

LINKS: Final = BASE + "id/lien/"
REFUSALS: Final = BASE + "id/refus/"
_LINKING: Final = OA + "linking"
_ASSESSING: Final = OA + "assessing"
_READING: Final = "/lecture"
_FACTS: Final = {
    "title": (DCT + "title", "fr"),
    "slug": (DCT + "identifier", ""),
    "organization": (SCHEMA + "publisher", ""),
    "license": (DCT + "rights", ""),
    "last_update": (DCT + "modified", XSD + "date"),
    "archived": (SCHEMA + "expires", XSD + "date"),
}
"""How each fact about a dataset is said: its property, and its language or datatype."""


@dataclass(frozen=True)
class Reading:
    """What was read of a dataset on a day; a fact that was not told is not there."""

    day: str
    facts: dict[str, str]


@dataclass(frozen=True)
class Decision:
    """A link that is kept, or one that was refused; decisions taken before days and readings were kept have none."""

    iri: str
    dataset: str
    targets: tuple[str, ...]
    label: dict[str, str]
    reason: dict[str, str]
    kept: bool = True
    key: str = ""
    day: str = ""
    reading: Reading | None = None
    other: tuple[Quad, ...] = field(default=(), repr=False)
    """What else the file says of it, which is kept as it stands."""

    def quads(self) -> Iterator[Quad]:
        """Yield what is written of the decision."""
        node = NamedNode(self.iri)
        yield _quad(node, RDF + "type", NamedNode(OA + "Annotation"))
        yield _quad(node, OA + "motivatedBy", NamedNode(_LINKING if self.kept else _ASSESSING))
        yield _quad(node, OA + "hasBody", NamedNode(self.dataset))
        for target in self.targets:
            yield _quad(node, OA + "hasTarget", NamedNode(target))
        for predicate, texts in ((SKOS + "prefLabel", self.label), (SKOS + "note", self.reason)):
            for lang, text in texts.items():
                yield _quad(node, predicate, Literal(text, language=lang))
        if self.key:
            yield _quad(node, CPER + "cle", NamedNode(self.key))
        if self.day:
            yield _quad(node, DCT + "created", _day(self.day))
        if self.reading:
            yield from self._read(node, self.reading)
        yield from self.other

    def _read(self, node: NamedNode, reading: Reading) -> Iterator[Quad]:
        part = NamedNode(self.iri + _READING)
        yield _quad(node, PROV + "wasDerivedFrom", part)
        yield _quad(part, RDF + "type", NamedNode(PROV + "Entity"))
        for lang in LANGUAGES:
            words = say("link-reading", lang, day=format_date(date.fromisoformat(reading.day), "long", lang))
            yield _quad(part, SKOS + "prefLabel", Literal(words, language=lang))
        yield _quad(part, PROV + "wasDerivedFrom", NamedNode(self.dataset))
        yield _quad(part, DCT + "date", _day(reading.day))
        for name, value in reading.facts.items():
            predicate, kind = _FACTS[name]
            if kind.startswith("http"):
                literal = Literal(value, datatype=NamedNode(kind))
            else:
                literal = Literal(value, language=kind) if kind else Literal(value)
            yield _quad(part, predicate, literal)


def decisions(quads: Iterable[Quad]) -> list[Decision]:
    """Return the decisions that quads tell, by their IRIs: links to datasets, and refusals."""
    listed = list(quads)
    graph, found = Graph(listed), []
    for node in graph.subjects():
        motives = {each.value for each in graph.all(node, OA + "motivatedBy")}
        if isinstance(node, NamedNode) and motives & {_LINKING, _ASSESSING}:
            found.append(_decision(graph, node, kept=_LINKING in motives))
    told = {quad for each in found for quad in each.quads()}
    rest = [quad for quad in listed if quad not in told]
    return sorted((_with_rest(each, rest) for each in found), key=lambda each: each.iri)


def _with_rest(decision: Decision, rest: Iterable[Quad]) -> Decision:
    """Return the decision with what else is said of it and of what lies under it."""
    mine = (decision.iri, decision.iri + _READING)
    other = tuple(each for each in rest if isinstance(each.subject, NamedNode) and each.subject.value in mine)
    return Decision(**{**vars(decision), "other": other})


def _decision(graph: Graph, node: NamedNode, kept: bool) -> Decision:
    part = NamedNode(node.value + _READING)
    reading = None
    if _is_day(day := graph.value(part, DCT + "date")):
        facts = {name: value for name, (predicate, _) in _FACTS.items() if (value := graph.value(part, predicate))}
        reading = Reading(day, facts)
    return Decision(
        iri=node.value,
        dataset=graph.value(node, OA + "hasBody"),
        targets=tuple(sorted(each.value for each in graph.all(node, OA + "hasTarget"))),
        label=_texts(graph.all(node, SKOS + "prefLabel")),
        reason=_texts(graph.all(node, SKOS + "note")),
        kept=kept,
        key=graph.value(node, CPER + "cle"),
        day=graph.value(node, DCT + "created"),
        reading=reading,
    )


def _texts(values: Iterable[Term]) -> dict[str, str]:
    return {each.language or "": each.value for each in values if isinstance(each, Literal)}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(day: str) -> Literal:
    return Literal(day, datatype=NamedNode(XSD + "date"))


def _quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, NamedNode(predicate), value)

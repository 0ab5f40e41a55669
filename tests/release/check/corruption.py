"""Corrupts sources: a change of quads, and the violations that a check of one contract then has.

Contracts do not refer to each other, so one contract with what it shares (bodies, territories, codes, links) is checked alone.
What a build adds (standard terms, measures, derived values) is made anew from the changed quads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import NamedNode, Quad, RdfFormat, Triple, serialize

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, PREFIXES, PROV, RDF
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding
from cper_lod.rdf.shacl.api import Validation, literals_as_written
from cper_lod.release.check import facts, published
from cper_lod.release.check.actors import ACTOR_RULES
from cper_lod.release.check.documents import DOCUMENT_RULES
from cper_lod.release.check.published import DataRule, apply_rule
from cper_lod.release.sources.files import rdf_files
from cper_lod.release.sources.read import Entailment, Sources
from cper_lod.release.sources.rules import CONTRACT_LINE, computed, load_rules
from cper_lod.release.storage.quad_file import QuadFile, parse_quads
from tests.support.names import BASE
from tests.support.paths import ROOT

RULES = (*facts.FACT_RULES, *DOCUMENT_RULES, *ACTOR_RULES)


def fact_findings(sources: Sources, rules: Iterable[DataRule] = RULES) -> Iterator[Finding]:
    """Yield what the rules on facts, or some of them, find about sources."""
    data = published.PublishedData(sources)
    for rule in rules:
        yield from apply_rule(rule, data)[0]


def with_lines(sources: Sources, lines: Iterable[bytes], file: Path) -> Sources:
    """Return sources that publish other lines, which are written into a file."""
    file.write_bytes(b"".join(line + b"\n" for line in sorted({*lines})))
    return replace(sources, whole_dump=replace(sources.whole_dump, quads=QuadFile(file)))


Found = tuple[str, Finding]
"""The key of a rule, or the IRI of a shape, and what it found."""
_FOUND: dict[str, int] = {}
_COUNTED = count(1)


def when_found(what: str) -> int:
    """Return how late a step, a rule or a shape found its last violation: changes of a kind are mostly found by the same one."""
    return _FOUND.get(what, 0)


class Change(NamedTuple):
    """Quads that are removed and added."""

    removed: frozenset[Quad] = frozenset()
    added: frozenset[Quad] = frozenset()

    def __or__(self, other: "Change") -> "Change":  # type: ignore[override]
        return Change(self.removed | other.removed, self.added | other.added)

    @property
    def nodes(self) -> set[str]:
        """The things that the quads are about."""
        return {
            term.value
            for quad in self.removed | self.added
            for term in (quad.subject, quad.object)
            if isinstance(term, NamedNode)
        }


def exchanged(quad: Quad, value: Term) -> Change:
    """Return the change of the value of a quad."""
    return Change(frozenset([quad]), frozenset([Quad(quad.subject, quad.predicate, value)]))


class World:
    """A contract and what it shares, as its files state them."""

    def __init__(self, sources: Sources, slug: str, others: Iterable[str], folder: Path) -> None:
        self._sources, self._file = sources, folder / f"{slug}.nq"
        self.contract = NamedNode(f"{BASE}id/contrat/{slug}")
        self._entailment = Entailment(sources.ontology)
        self._rules = load_rules(ROOT / "ontology" / "rules")
        files = [path for path in rdf_files(ROOT / "data") if "catalog" not in path.as_posix().removeprefix(str(ROOT))]
        quads = {
            path: [*canonical_literals(read(path, scope=f"f{number}", names=PROGRAM))]
            for number, path in enumerate(files)
        }
        own = [path for path in files if not any(other in path.name for other in others)]
        self.quads = frozenset(quad for path in own for quad in quads[path])
        all_lines = self._publish([quad for found in quads.values() for quad in found])
        self._rest = frozenset(sources.published.lines()) - all_lines
        self.graph = Graph(self.quads)
        self._lines = self._publish(self.quads)
        quoted = {quad.object.value for quad in self.quads if quad.predicate.value == PROV + "wasQuotedFrom"}
        texts = {name: path for name, path in sources.texts.items() if f"{BASE}id/document/{name}" in quoted}
        self.texts: Mapping[str, Path] = texts
        with literals_as_written():
            of_rules = (found for _, found in self._findings(self._lines))
            self._known = [*of_rules, *self._validation.findings(lambda _: None)]

    def of(self, *predicates: str, under: str = "") -> Iterator[Quad]:
        """Yield the quads with one of some properties, in order; `under` is in the IRI of their subject."""
        found = [quad for quad in self.quads if quad.predicate.value in predicates and under in quad.subject.value]
        yield from sorted(found, key=str)

    def _publish(self, quads: Iterable[Quad]) -> frozenset[bytes]:
        """Return the lines that are published of quads: with standard terms, measures and derived values."""
        stated = serialize(quads, format=RdfFormat.N_QUADS) or b""
        contract = b"".join(CONTRACT_LINE.findall(stated))
        more = [quad for part in computed(self._rules, contract).values() for quad in part]
        pieces = [stated, serialize(more, format=RdfFormat.N_QUADS) or b""]
        return frozenset(line for piece in self._entailment.complete(pieces) for line in piece.splitlines())

    def _findings(self, lines: frozenset[bytes]) -> Iterator[Found]:
        """Yield what rules of the package find about lines."""
        changed = with_lines(self._sources, lines | self._rest, self._file)
        data = published.PublishedData(replace(changed, texts=self.texts))
        for rule in sorted(RULES, key=lambda each: when_found(each.key), reverse=True):
            yield from ((rule.key, found) for found in apply_rule(rule, data)[0])

    @cached_property
    def _validation(self) -> Validation:
        """The shapes, and what is published."""
        shapes = [quad for quad in self._sources.shapes if not isinstance(quad.subject, Triple)]
        return Validation(parse_quads({*self._lines, *self._rest}), shapes)

    def _findings_of_shapes(self, lines: frozenset[bytes]) -> Iterator[Found]:
        """Yield what the shapes find about lines; the data are changed for a while."""
        old, new = (
            [Quad(each.subject, each.predicate, each.object) for each in parse_quads(found)]
            for found in (self._lines - lines, lines - self._lines)
        )
        index = self._validation._data.index
        try:
            for quad in old:
                index.remove(quad)
            index.extend(new)
            for rule in sorted(self._validation.rules, key=lambda each: when_found(str(each.shape.node)), reverse=True):
                yield from ((str(rule.shape.node), found) for found in self._validation._apply(rule))
        finally:
            for quad in new:
                index.remove(quad)
            index.extend(old)

    def violations(self, change: Change) -> Iterator[Finding]:
        """Yield the violations that a change makes and that name a thing near it; what found the last ones is asked first."""
        lines = self._publish((self.quads - change.removed) | change.added)
        steps: dict[str, Callable[[], Iterator[Found]]] = {
            "rules": lambda: self._findings(lines),
            "shapes": lambda: self._findings_of_shapes(lines),
        }
        near = self._near(change)
        for step in sorted(steps, key=when_found, reverse=True):
            for rule, found in steps[step]():
                is_named = found.node in near or found.value in near - {self.contract.value}
                if found.severity == "violation" and is_named and found not in self._known:
                    _FOUND.update(dict.fromkeys((step, rule), next(_COUNTED)))
                    yield found

    def _near(self, change: Change) -> set[str]:
        """Return the things of a change, their statements, documents and parts, what named a thing that is gone, and the contract."""
        gone = {quad.subject.value for quad in change.removed if quad.predicate.value == RDF + "type"}
        near = {*change.nodes, self.contract.value}
        for quad in self.quads:
            if isinstance(quad.object, NamedNode):
                ends = {quad.subject.value, quad.object.value}
                if ends & (change.nodes if quad.predicate.value in _PARTS else gone):
                    near |= ends
        return near


_PARTS = {
    CPER + "enonce",
    CPER + "position",
    CPER + "signePar",
    PREFIXES["spdx"] + "checksum",
    PREFIXES["geo"] + "hasGeometry",
    PROV + "agent",
    PROV + "wasQuotedFrom",
    PREFIXES["foaf"] + "member",
    PREFIXES["dcat"] + "qualifiedRelation",
    PREFIXES["dcat"] + "contactPoint",
}
"""Properties of a thing whose values are a part of it."""

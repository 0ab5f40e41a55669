"""The published data as rules read them (by node, by property, by term), rules that no shape states, and what they find."""

from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import CPER, OA, ORG, RDF, RDFS, SKOS, shorten
from cper_lod.core.quoted_text import read_text
from cper_lod.core.text import slug
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.rdf.report import AppliedRule, Finding, Severity, finding
from cper_lod.release.check.quotations import (
    NAMES,
    QuotationReader,
    QuotedStatement,
    french_names,
    without_qualifier,
)
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.quad_file import LookupGraph, parse_lines


def files_about(sources: Sources, node: str) -> tuple[str, ...]:
    """Return the files of sources that describe a thing."""
    return tuple(path.as_posix() for path in sources.statements.files_about(node))


class PublishedData:
    """The published quads of some sources, in a sorted file, the ontology and the shapes."""

    def __init__(self, sources: Sources) -> None:
        self.graph = LookupGraph([], sources.published)
        self.ontology = Graph(sources.ontology)
        self.shapes = Graph(sources.shapes)
        self.sources = sources
        self._concepts: dict[str, list[NamedNode]] = {}

    @cached_property
    def texts(self) -> dict[str, str]:
        """The text of each document that has one, by the IRI of the document; raises the problems of `read_text`."""
        found = {}
        for name, path in self.sources.texts.items():
            found[self.sources.names.documents + name] = read_text(path)
            with path.open("rb") as file:
                if file.read(3) == BOM_UTF8:  # readers count it as a character, or do not
                    raise Problem("text-control", path=path, line=1, char="U+FEFF")
        return found

    @cached_property
    def bodies(self) -> dict[str, set[Term]]:
        """The bodies that are described, by their French names in the form of `slug`."""
        found: dict[str, set[Term]] = {}
        for node in self.subjects(RDF + "type", ORG + "FormalOrganization"):
            for name in self.french_names(node):
                found.setdefault(slug(without_qualifier(name)), set()).add(node)
        return found

    @cached_property
    def statements(self) -> dict[Node, list[QuotedStatement]]:
        """The statements about each thing."""
        found: dict[Node, list[QuotedStatement]] = defaultdict(list)
        bodies = defaultdict[Node, list[Node]](list)
        for body, node in self.pairs(CPER + "enonce"):
            if isinstance(node, NamedNode):
                bodies[node].append(body)
        for quoted, things in sorted(bodies.items(), key=str):
            attested = self.graph.all(quoted, CPER + "atteste")
            attests = frozenset(each.value for each in attested if isinstance(each, NamedNode))
            statement = QuotedStatement(quoted.value, self.graph.value(quoted, OA + "exact"), attests, tuple(things))
            for thing in things:
                found[thing].append(statement)
        return found

    @cached_property
    def reader(self) -> QuotationReader:
        """What looks for values in quotations."""
        return QuotationReader(self.graph, self.ontology, self.bodies)

    def finding(self, key: str, node: str, predicate: str = "", value: Term | None = None, **values: object) -> Finding:
        """Return a violation, or the warning that a value was not checked; `predicate` and `value` are the fact that it is about."""
        severity: Severity = "warning" if key == "quotation-unknown" else "violation"
        shown = value.value if isinstance(value, Literal | NamedNode) else ""
        values = {"property": shorten(predicate), "value": shown, **values}
        made = finding(severity, key, node, files_about(self.sources, node), **values)
        return replace(made, path=predicate or None, value=shown or None)

    def subjects(self, predicate: str, value: str = "") -> Iterator[NamedNode]:
        """Yield the things that have a property, with this IRI as its value if one is given."""
        start = value and f"<{value}>"
        found = self.triples_with(f"> <{predicate}> {start}")
        yield from dict.fromkeys(
            NamedNode(subject[1:-1])
            for subject, stated, rest in found
            if stated == f"<{predicate}>" and rest.startswith(start)
        )

    def instances(self, *classes: str) -> Iterable[NamedNode]:
        """Return the things of some classes, and of those directly below them in the ontology."""
        named = [*map(NamedNode, classes)]
        below = (
            each for each in self.ontology.subjects() if {*named} & {*self.ontology.all(each, RDFS + "subClassOf")}
        )
        return dict.fromkeys(node for each in (*named, *below) for node in self.subjects(RDF + "type", each.value))

    def pairs(self, predicate: str) -> Iterator[tuple[NamedNode, Term]]:
        """Yield the things that have a property, with each of its values.

        Not from the graph: it keeps what it reads, and all subsidies have some of these properties.
        """
        found = self.triples_with(f"> <{predicate}> ")
        lines = (" ".join(parts).encode() for parts in found if parts[1] == f"<{predicate}>")
        quads = dict.fromkeys((quad.subject, quad.object) for quad in parse_lines(lines))
        return ((node, value) for node, value in quads if isinstance(node, NamedNode) and not isinstance(value, Triple))

    def concepts(self, scheme: str) -> list[NamedNode]:
        """Return the codes of a list, which rules ask for with each figure."""
        if scheme not in self._concepts:
            self._concepts[scheme] = [*self.subjects(SKOS + "inScheme", scheme)]
        return self._concepts[scheme]

    def french_names(self, node: Term, *predicates: str) -> list[str]:
        """Return the names of a thing in French, or in no language: those of some properties, or of all that name things."""
        return french_names(self.graph, node, predicates or NAMES)

    def triples(self) -> Iterator[list[bytes]]:
        """Yield the subject, the predicate and the rest of each line."""
        return (line.split(b" ", 2) for line in self.sources.published.lines())

    def triples_with(self, text: str) -> Iterator[list[str]]:
        """Yield the subject, the predicate and the rest of each line in which `text` stands, as N-Quads writes them."""
        lines, at, needle = self.sources.published.mapped, 0, text.encode()
        while (at := lines.find(needle, at)) >= 0:
            start, at = lines.rfind(b"\n", 0, at) + 1, lines.find(b"\n", at)
            yield lines[start:at].decode().split(" ", 2)


class DataRule(NamedTuple):
    """A rule: its name, and a function that yields the findings about each thing it looks at, none for most of them.

    The sentences `checked-<key>` and `checked-<key>-about` say what it demands, and what it looks at. Its gravest finding
    is of `severity`.
    """

    key: str
    judge: Callable[[PublishedData], Iterator[Iterable[Finding]]]
    severity: Severity = "violation"


def apply_rule(rule: DataRule, data: PublishedData) -> tuple[list[Finding], AppliedRule]:
    """Return the findings of a rule, and the rule with the number of things it looked at."""
    found, looked_at = list[Finding](), 0
    for about_one in rule.judge(data):
        found += about_one
        looked_at += 1
    return found, AppliedRule(rule.key, looked_at, rule.severity)

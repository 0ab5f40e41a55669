"""The ontology and the shapes of a release, read once for its documentation."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import MODULES, ONTOLOGY, OWL, QB, RDF, RDFS, SCHEMA, SH, SHAPES
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.documents import Document, document, shapes_document, types
from cper_lod.release.release import Release

CLASSES: Final = (OWL + "Class", RDFS + "Class")
PROPERTIES: Final = (OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty", RDF + "Property")
QUERIES: Final = (SH + "select", SH + "ask")
"""The properties of a SPARQL constraint whose value is its query (SHACL, section 5.1)."""
_SHAPES: Final = frozenset({SH + "NodeShape", SH + "PropertyShape"})


def declared_prefixes(graph: Graph) -> list[tuple[str, str, str]]:
    """Return each prefix that is declared with its namespace and the IRI of its declaration (SHACL, section 5.2.1)."""
    nodes = [node for node in graph.subjects() if graph.one(node, SH + "prefix")]
    return sorted((graph.value(n, SH + "prefix"), graph.value(n, SH + "namespace"), n.value) for n in nodes)


class Ontology:
    """The terms that an ontology defines under its IRI (`<iri>#…`), in reading order.

    Properties are in the order of the JSON-LD context, which documents use as well. The class to which things of the most
    classes lead comes first, then the classes in the order of the properties that begin or end at them.
    """

    def __init__(self, quads: Iterable[Quad], iri: str, context: Context) -> None:
        self.graph = Graph(quads)
        self.header = NamedNode(iri)
        self._context = context
        rank = {property: position for position, property in enumerate(context.by_property)}
        order = sorted(self._defined(PROPERTIES), key=lambda each: (rank.get(each, len(rank)), each))
        classes = dict.fromkeys(sorted(self._defined(CLASSES)))
        ends = [cls for each in order for cls in self.iris(each, RDFS + "domain", RDFS + "range") if cls in classes]
        links = [each for each in order if not classes.keys().isdisjoint(self.iris(each, RDFS + "range"))]
        led = Counter[str]()
        for each in links:
            begin = len(self.iris(each, RDFS + "domain", SCHEMA + "domainIncludes"))
            led.update({cls: begin for cls in self.iris(each, RDFS + "range") if cls in classes})
        first = [cls for cls, _ in led.most_common(1)]
        self.classes: tuple[str, ...] = tuple(dict.fromkeys((*first, *ends, *classes)))
        self.properties: tuple[str, ...] = tuple(each for each in order if each not in classes)
        self._by_domain = self._by_class(RDFS + "domain")
        self._by_domain_includes = self._by_class(SCHEMA + "domainIncludes")
        self._owners: dict[str, str] = {}
        for cls in self.classes:
            for each in self._by_domain.get(cls, ()):
                self._owners.setdefault(each, cls)

    def _defined(self, kinds: Iterable[str]) -> list[str]:
        """Return the IRIs of the terms of these classes."""
        start, wanted = self.header.value + "#", {*kinds}
        terms = (node for node in self.graph.subjects() if isinstance(node, NamedNode) and node.value.startswith(start))
        return [node.value for node in terms if not wanted.isdisjoint(self.graph.types(node))]

    def _by_class(self, predicate: str) -> dict[str, list[str]]:
        """Return the properties that refer to each class by `predicate`."""
        found: dict[str, list[str]] = {}
        for iri in self.properties:
            for cls in self.iris(iri, predicate):
                found.setdefault(cls, []).append(iri)
        return found

    def iris(self, iri: str, *predicates: str) -> list[str]:
        """Return the IRIs that are values of these properties of `iri`, each once."""
        found = (each for name in predicates for each in self.graph.all(NamedNode(iri), name))
        return list(dict.fromkeys(each.value for each in found if isinstance(each, NamedNode)))

    def keys(self, iri: str) -> list[str]:
        """Return the JSON-LD keys of a term."""
        return [term.name for term in self._context.by_property.get(iri, ())]

    def own_properties(self, cls: str) -> list[str]:
        """Return the properties whose domain is this class, and no class before it."""
        return [each for each in self._by_domain.get(cls, ()) if self._owners[each] == cls]

    def is_own(self, iri: str) -> bool:
        """Return whether a property is among the own properties of a class."""
        return iri in self._owners

    def all_properties(self, cls: str) -> list[str]:
        """Return the properties of a class, those it shares with others, and those of its superclasses."""
        above = [cls]
        for each in above:
            above += [iri for iri in self.iris(each, RDFS + "subClassOf") if iri not in above]
        domains = (self._by_domain, self._by_domain_includes)
        return list(dict.fromkeys(iri for each in above for of in domains for iri in of.get(each, ())))

    def values_of(self, property: str) -> list[str]:
        """Return what the values of a property are: its code list, else its range."""
        return self.iris(property, QB + "codeList") or self.iris(property, RDFS + "range")


class Shapes:
    """The shapes among some quads."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.graph = Graph(quads)
        named = sorted(node.value for node in self.graph.subjects() if isinstance(node, NamedNode))
        self.all: tuple[str, ...] = tuple(
            iri for iri in named if not _SHAPES.isdisjoint(self.graph.types(NamedNode(iri)))
        )

    def targets(self, iri: str) -> list[tuple[str, str]]:
        """Return the targets of a shape, each as the property that states it and its value (SHACL, section 2.1.3)."""
        properties = self.graph.properties(NamedNode(iri))
        stated = ((name, each) for name in sorted(properties) for each in properties[name])
        return [(name, each.value) for name, each in stated if name.startswith(SH + "target")]

    def severity(self, iri: str) -> str:
        """Return the IRI of the severity of a shape; by default it is sh:Violation (SHACL, section 2.1.4)."""
        return self.graph.value(NamedNode(iri), SH + "severity") or SH + "Violation"

    def queries(self, iri: str) -> list[str]:
        """Return the queries of the SPARQL constraints of a shape, or of one such constraint."""
        nodes: tuple[Term, ...] = (NamedNode(iri), *self.graph.all(NamedNode(iri), SH + "sparql"))
        return [each.value for node in nodes for name in QUERIES for each in self.graph.all(node, name)]

    def groups(self, classes: Iterable[str]) -> dict[str, list[str]]:
        """Return the shapes by the first class that they look for: `classes` in their order, other classes, then none (“”)."""
        found: dict[str, list[str]] = {cls: [] for cls in classes}
        rest = list[str]()
        for iri in self.all:
            looked_for = [value for name, value in self.targets(iri) if name == SH + "targetClass"]
            (found.setdefault(looked_for[0], []) if looked_for else rest).append(iri)
        return {cls: shapes for cls, shapes in (*found.items(), ("", rest)) if shapes}


class Documentation:
    """Reads the ontology and the shapes of a release when they are first asked for, and keeps them; data served as given may
    have neither.
    """

    def __init__(self, release: Release) -> None:
        self._release = release

    @cached_property
    def vocabularies(self) -> dict[str, Ontology]:
        """The ontology, then its modules, by IRI; those that the release does not have are empty."""
        return {
            iri: Ontology(_quads(document, self._release, iri), iri, self._release.context)
            for iri in (ONTOLOGY, *MODULES.values())
        }

    @cached_property
    def ontology(self) -> Ontology:
        """The ontology without its modules, an empty one if the release has none."""
        return self.vocabularies[ONTOLOGY]

    def defining(self, iri: str) -> Ontology:
        """Return the ontology or the module that a term belongs to by its IRI; the ontology for any other IRI."""
        return self.vocabularies.get(iri.partition("#")[0], self.ontology)

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes."""
        return Shapes(_quads(shapes_document, self._release, SHAPES.rstrip("#")))

    @cached_property
    def has_ontology(self) -> bool:
        """Whether the data describe the ontology of the program."""
        return bool(types(self._release, ONTOLOGY))

    @cached_property
    def has_shapes(self) -> bool:
        """Whether the release has shapes of the program."""
        return self._release.shapes.describes(SHAPES.rstrip("#"))


def _quads(read: Callable[[Release, str], Document], release: Release, iri: str) -> Iterable[Quad]:
    """Return the quads of a document, none if there is no such document."""
    try:
        return read(release, iri).quads
    except Problem:
        return ()

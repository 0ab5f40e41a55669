"""The ontology of a release for its documentation: terms in reading order, links between classes, change notes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import CPER, OWL, PREFIXES, RDF, RDFS, SCHEMA, SKOS
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.statements import natural_sort_key

DEPRECATED = OWL + "deprecated"
_CHANGE_PROPERTIES = frozenset({SKOS + "changeNote", SKOS + "historyNote", DEPRECATED})
"""Properties about the changes of a term, which are no changes themselves."""


class OntologyDiff(NamedTuple):
    """The IRIs of the terms that differ; for changed terms, the properties that do."""

    added: list[str]
    withdrawn: list[str]
    deprecated: list[str]
    changed: dict[str, list[str]]


def deprecated(quads: Iterable[Quad]) -> set[str]:
    """Return the IRIs of deprecated terms (owl:deprecated `true` or `1`)."""
    return {
        each.subject.value
        for each in quads
        if each.predicate.value == DEPRECATED
        and isinstance(each.subject, NamedNode)
        and isinstance(each.object, Literal)
        and each.object.value in ("true", "1")
    }


def defined(quads: Iterable[Quad]) -> dict[str, set[Quad]]:
    """Return the terms of our ontology that are defined, that is, have a label; each with its quads."""
    found: dict[str, set[Quad]] = {}
    named = set()
    for each in quads:
        if isinstance(each.subject, NamedNode) and each.subject.value.startswith(CPER):
            found.setdefault(each.subject.value, set()).add(each)
            if each.predicate.value == RDFS + "label":
                named.add(each.subject.value)
    return {iri: found[iri] for iri in sorted(named)}


def diff_ontologies(before: Iterable[Quad], after: Iterable[Quad]) -> OntologyDiff:
    """Return the changes of terms from `before` to `after`."""
    before, after = list(before), list(after)
    old, new = defined(before), defined(after)
    changed = {}
    for iri in old.keys() & new.keys():
        differing = {each.predicate.value for each in old[iri] ^ new[iri]} - _CHANGE_PROPERTIES
        if differing:
            changed[iri] = sorted(differing)
    return OntologyDiff(
        added=sorted(new.keys() - old.keys()),
        withdrawn=sorted(old.keys() - new.keys()),
        deprecated=sorted((deprecated(after) - deprecated(before)) & new.keys()),
        changed=dict(sorted(changed.items())),
    )


CLASSES: Final = (OWL + "Class", RDFS + "Class")
PROPERTIES: Final = (OWL + "ObjectProperty", OWL + "DatatypeProperty", OWL + "AnnotationProperty", RDF + "Property")
MAX_LINK_SOURCES: Final = 4
"""A property of more classes than this is drawn once, without a source class."""
_SAFE: Final = "/:@!$&'()*+,;=~-._"
"""Characters that need no quoting in the path of a URL (RFC 3986, section 3.3)."""
_VERSION_NOTE: Final = re.compile(r"(\d+(?:\.\d+)*)\s*:\s*(\S.*)", re.DOTALL)


@dataclass(frozen=True)
class ClassLink:
    """An object property between two classes of the ontology; `source` is empty if it belongs to many classes."""

    property: str
    source: str
    target: str


@dataclass(frozen=True)
class ChangeNote:
    """A change note of a version, about the ontology or a term; `version` is empty if the note has none."""

    version: str
    iri: str
    text: str
    lang: str


class Ontology:
    """The terms defined under one IRI (`<iri>#…`), read from the quads of the document about it.

    Reading order: the class with the most properties comes first, and each class is followed by those its properties
    refer to. Properties follow the order of the JSON-LD context, which documents use as well.
    """

    def __init__(self, quads: Iterable[Quad], iri: str, context: Context) -> None:
        self.quads = tuple(quads)
        self.graph = Graph(self.quads)
        self.header = NamedNode(iri)
        self._context = context
        self._kinds = self._defined(iri + "#")
        self._by_domain = self._by_class(RDFS + "domain", "property")
        self._by_domain_includes = self._by_class(SCHEMA + "domainIncludes", "property")
        self._subclasses = self._by_class(RDFS + "subClassOf", "class")
        self.classes: tuple[str, ...] = self._ordered_classes()
        own = [iri for cls in self.classes for iri in self.domain_properties(cls)]
        self.properties: tuple[str, ...] = tuple(dict.fromkeys([*own, *self._of_kind("property")]))
        self.modules: dict[str, tuple[str, ...]] = self._modules()

    def _defined(self, start: str) -> dict[str, str]:
        """Return the kind, `class` or `property`, of each term under `start`."""
        kinds = {}
        for node in self.graph.subjects():
            types = {*self.graph.types(node)}
            if isinstance(node, NamedNode) and node.value.startswith(start) and types & {*CLASSES, *PROPERTIES}:
                kinds[node.value] = "class" if types & {*CLASSES} else "property"
        return kinds

    def _of_kind(self, kind: str) -> list[str]:
        """Return the terms of a kind, in the order of the context."""
        return sorted((iri for iri, its in self._kinds.items() if its == kind), key=self._rank)

    def iris(self, iri: str, *predicates: str) -> list[str]:
        """Return the IRIs that are values of these properties of `iri`, each once."""
        found = (each for name in predicates for each in self.graph.all(NamedNode(iri), name))
        return list(dict.fromkeys(each.value for each in found if isinstance(each, NamedNode)))

    def keys(self, iri: str) -> list[str]:
        """Return the JSON-LD keys of a term."""
        return [term.name for term in self._context.by_property.get(iri, ())]

    def _rank(self, iri: str) -> tuple[object, ...]:
        terms = self._context.by_property.get(iri)
        return (0, terms[0].rank[0], iri) if terms else (1, 0, iri)

    def _by_class(self, predicate: str, kind: str) -> dict[str, list[str]]:
        """Return the terms of a kind that refer to each class by a property, in order."""
        found: dict[str, list[str]] = defaultdict(list)
        for iri in self._of_kind(kind):
            for cls in self.iris(iri, predicate):
                found[cls].append(iri)
        return found

    def defines(self, iri: str) -> bool:
        """Return whether `iri` is a term of this ontology."""
        return iri in self._kinds

    def is_class(self, iri: str) -> bool:
        """Return whether `iri` is a class of this ontology."""
        return self._kinds.get(iri) == "class"

    def _ordered_classes(self) -> tuple[str, ...]:
        # Begin with the class that refers to most others.
        classes = sorted(
            self._of_kind("class"),
            key=lambda iri: (-len(self._referenced_classes(iri)), -len(self.domain_properties(iri))),
        )
        # First what properties of a single class lead to, then the classes of the other properties, then the rest.
        ends = [cls for each in self._of_kind("property") for cls in self.iris(each, RDFS + "domain", RDFS + "range")]
        # Each with its subclasses and the classes its properties refer to, depth first: a stack, not recursion, since data
        # served as given may be deep.
        order: dict[str, None] = {}
        waiting = [*reversed((*classes[:1], *ends, *classes))]
        while waiting:
            cls = waiting.pop()
            if cls not in order and self.is_class(cls):
                order[cls] = None
                waiting.extend(reversed([*self.subclasses(cls), *self._referenced_classes(cls)]))
        return tuple(order)

    def _referenced_classes(self, cls: str) -> list[str]:
        """Return the classes of this ontology that the properties of a class refer to."""
        ranges = (target for each in self.domain_properties(cls) for target in self.iris(each, RDFS + "range"))
        return [target for target in ranges if self.is_class(target)]

    def _modules(self) -> dict[str, tuple[str, ...]]:
        """Return the terms of each module (vann:termGroup), in order; a term of several belongs to the first."""
        left, found = dict.fromkeys((*self.classes, *self.properties)), {}
        for module in sorted(self.iris(self.header.value, PREFIXES["vann"] + "termGroup")):
            members = set(self.iris(module, RDFS + "member"))
            found[module] = tuple(iri for iri in left if iri in members)
            left = dict.fromkeys(iri for iri in left if iri not in members)
        return found

    @cached_property
    def owners(self) -> dict[str, str]:
        """The class that describes each property of its own: the first one that has it; no other property is a key."""
        owners: dict[str, str] = {}
        for cls in filter(self._has_page, self.classes):
            for iri in self.domain_properties(cls):
                owners.setdefault(iri, cls)
        return owners

    def path(self, iri: str) -> str:
        """Return the address of the description of a term, relative to that of the ontology; "" if it has none.

        A class has a page, with the properties of its own (`term/Axe#sert`); the others share one (`properties#siren`).
        """
        start = len(self.header.value) + 1
        if self.is_class(iri):
            return f"term/{quote(iri[start:], safe=_SAFE)}" if self._has_page(iri) else ""
        if not self.defines(iri):
            return ""
        owner = self.owners.get(iri)
        return f"{self.path(owner) if owner else 'properties'}#{iri[start:]}"

    def _has_page(self, cls: str) -> bool:
        """Return whether the name of a class can be part of an address: browsers resolve `.` and `..`."""
        name = cls[len(self.header.value) + 1 :]
        return bool(name) and not name.startswith("/") and not {".", ".."} & {*name.split("/")}

    def ancestors(self, cls: str) -> list[str]:
        """Return the classes that a class is a subclass of, in any number of steps, the nearest first."""
        found = {cls: None}
        waiting = [cls]
        for each in waiting:
            above = [iri for iri in self.iris(each, RDFS + "subClassOf") if iri not in found]
            found |= dict.fromkeys(above)
            waiting += above
        return [*found][1:]

    def domain_properties(self, cls: str) -> list[str]:
        """Return the properties whose domain is this class."""
        return self._by_domain.get(cls, [])

    def shared_properties(self, cls: str) -> list[str]:
        """Return the properties of several classes, this one among them."""
        return self._by_domain_includes.get(cls, [])

    def class_links(self) -> list[ClassLink]:
        """Return the object properties between classes of the ontology, in reading order."""
        found = []
        for iri in self.properties:
            domains = set(self.iris(iri, RDFS + "domain", SCHEMA + "domainIncludes"))
            sources = [each for each in self.classes if each in domains]
            for target in filter(self.is_class, self.iris(iri, RDFS + "range")):
                found += [
                    ClassLink(iri, source, target) for source in ([""] if len(sources) > MAX_LINK_SOURCES else sources)
                ]
        return found

    def subclasses(self, cls: str) -> list[str]:
        """Return the subclasses of a class, in order."""
        return self._subclasses.get(cls, [])

    def superclasses(self, cls: str) -> list[str]:
        """Return the superclasses of a class in this ontology."""
        return [each for each in self.iris(cls, RDFS + "subClassOf") if self.is_class(each)]

    def changes(self, lang: str) -> list[ChangeNote]:
        """Return the change notes (skos:changeNote) in `lang`, the newest version first.

        A note begins with its version: `1.1.0: …`.
        """
        found = [
            each for iri in (self.header.value, *self.classes, *self.properties) for each in self._notes(iri, lang)
        ]
        return sorted(found, key=lambda each: natural_sort_key(each.version), reverse=True)

    def _notes(self, iri: str, lang: str) -> Iterator[ChangeNote]:
        notes = self.graph.all(NamedNode(iri), SKOS + "changeNote")
        texts = [(each.value, getattr(each, "language", None) or "") for each in notes]
        for text, tag in [each for each in texts if each[1] == lang] or texts:
            match = _VERSION_NOTE.fullmatch(text)
            yield ChangeNote(match[1] if match else "", iri, match[2] if match else text, tag)

"""The entities of a release as reconciliation compares them: normalized names, codes, numbers and classes."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, DCT, PREFIXES, RDF, RDFS, SCHEMA, SKOS, shorten
from cper_lod.linking.reconciliation.queries import MAX_TEXT_LENGTH
from cper_lod.linking.reconciliation.similarity import code_key, name_core, name_key
from cper_lod.release.build.index_search import NAME_PROPERTIES, SAME_AS, last_part
from cper_lod.release.documents import VOCABULARY_CLASSES
from cper_lod.release.graph import ReleaseGraph

INSEE: Final = PREFIXES["igeo"]
INSEE_CODE: Final = INSEE + "codeINSEE"
CODES: Final = (
    *(CPER + name for name in ("siren", "siret")),
    *(INSEE_CODE, DCT + "identifier", SCHEMA + "identifier", PREFIXES["org"] + "identifier"),
)
"""Properties whose values are codes of one thing."""
NOTATION: Final = SKOS + "notation"
CLOSE_MATCH: Final = SKOS + "closeMatch"
_MAX_CLASSES: Final = 12
"""Classes and superclasses of a thing that are read."""
_MAX_TEXTS: Final = 40
"""Names or codes of a thing, or names of a class, that are read."""
_MAX_CLASS_NAMES: Final = 400
"""Combinations of class and name of a thing."""


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing: keys and cores of its names, codes and IRIs, numbers, classes.

    `close_codes` are codes of things that are close but not the same, `ambiguous_codes` codes that other lists use too.
    `class_numbers` combine class and number (« axe 2 »), `class_names` class and name.
    """

    iri: str
    names: tuple[str, ...]
    name_cores: tuple[str, ...]
    codes: frozenset[str]
    close_codes: frozenset[str]
    ambiguous_codes: frozenset[str]
    numbers: tuple[str, ...]
    types: frozenset[str]
    class_numbers: frozenset[str]
    class_names: frozenset[str]
    is_vocabulary: bool


class EntityLoader:
    """Loads entities of one release; caches the names of classes."""

    def __init__(self, reader: ReleaseGraph) -> None:
        self._reader = reader
        self._classes: dict[str, tuple[list[str], list[str]]] = {}

    def load(self, iri: str) -> Entity:
        """Return an entity."""
        node, reader = NamedNode(iri), self._reader
        notations = self._texts(node, (NOTATION,))
        words = [each for each in notations if each.isalpha()]
        names = [name_key(each) for each in (*self._texts(node, NAME_PROPERTIES - {NOTATION}), *words)]
        same = [each for name in sorted(SAME_AS) for each in reader.all(node, name) if isinstance(each, NamedNode)]
        close = [each for each in reader.all(node, CLOSE_MATCH) if isinstance(each, NamedNode)]
        numbers = tuple(each for each in notations if each.isdigit() and len(each) < 10)
        codes = {code_key(each) for each in (*self._texts(node, CODES), *(set(notations) - {*numbers, *words}))}
        # 32 is a region and a department; 59350 is an Insee code (Lille) and a postal code (Saint-André-lez-Lille).
        ambiguous_codes = {code_key(each) for each in self._texts(node, (INSEE_CODE,))}
        classes = reader.types(node)[:_MAX_CLASSES]
        entity_classes = [self._class(each) for each in classes]
        cores = tuple(dict.fromkeys(name_core(each) for each in names if each))
        class_names = {name for _, names_of_class in entity_classes for name in names_of_class}
        return Entity(
            iri,
            tuple(dict.fromkeys(filter(None, names))),
            cores,
            frozenset(filter(None, codes.union({iri, shorten(iri)}, *map(_written_forms, same)))),
            frozenset().union(*map(_written_forms, close)),
            frozenset(ambiguous_codes),
            numbers,
            frozenset().union(*(superclasses for superclasses, _ in entity_classes)),
            frozenset(f"{class_name} {number}" for class_name in class_names for number in numbers),
            frozenset(
                islice((f"{class_name} {name}" for class_name in class_names for name in cores), _MAX_CLASS_NAMES)
            ),
            any(each in reader.all(node, RDF + "type") for each in VOCABULARY_CLASSES),
        )

    def _class(self, iri: str) -> tuple[list[str], list[str]]:
        """Return a class with the classes above it, and what it is called (in the form of `similarity.name_core`)."""
        if iri not in self._classes:
            superclasses = [iri]
            for each in superclasses:
                higher = self._reader.all(NamedNode(each), RDFS + "subClassOf")
                superclasses += [
                    cls.value for cls in higher if isinstance(cls, NamedNode) and cls.value not in superclasses
                ]
                if len(superclasses) > _MAX_CLASSES:
                    break
            labels = self._texts(NamedNode(iri), (RDFS + "label", SKOS + "prefLabel"))
            self._classes[iri] = superclasses, [core for each in labels if (core := name_core(name_key(each)))]
        return self._classes[iri]

    def _texts(self, node: NamedNode, predicates: Iterable[str]) -> list[str]:
        """Return the texts that are short enough to match a query, up to a limit."""
        found = (each for name in sorted(predicates) for each in self._reader.all(node, name))
        return [each.value for each in found if isinstance(each, Literal) and len(each.value) <= MAX_TEXT_LENGTH][
            :_MAX_TEXTS
        ]


def _written_forms(node: NamedNode) -> set[str]:
    """Return how tables write an external IRI: the IRI itself, and its last part."""
    return {node.value, code_key(last_part(node.value))}

"""What a release's things are matched by: names, codes, numbers and classes, read of each thing once."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, DCT, PREFIXES, RDF, RDFS, SCHEMA, SKOS, shorten
from cper_lod.linking.reconciliation.queries import LONGEST
from cper_lod.linking.reconciliation.similarity import code, core, key
from cper_lod.release.build.index_search import NAMES, SAME, last_part
from cper_lod.release.documents import VOCABULARY
from cper_lod.release.reader import Reader

INSEE: Final = PREFIXES["igeo"]
INSEE_CODE: Final = INSEE + "codeINSEE"
CODES: Final = (
    *(CPER + name for name in ("siren", "siret")),
    *(INSEE_CODE, DCT + "identifier", SCHEMA + "identifier", PREFIXES["org"] + "identifier"),
)
"""The properties whose values are codes of one thing."""
NOTATION: Final = SKOS + "notation"
CLOSE: Final = SKOS + "closeMatch"
_CLASSES: Final = 12
"""How many classes of a thing, and classes above these, are looked at;"""
_TEXTS: Final = 40
"""and how many of its names, or codes, or of the names of a class."""
_CALLED: Final = 400
"""How many names with a class before them are known of a thing."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A class: itself and the classes above it, and what it is called, as `likeness.core` has it."""

    above: frozenset[str]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing as it is matched: keys of its names and their cores, its codes and IRIs, its numbers, its classes.

    `near` are the codes of things that are close and not the same, `vague` the codes that other lists have too;
    `numbered` are class and number (« axe 2 »), `called` class and name.
    """

    iri: str
    names: tuple[str, ...]
    cores: tuple[str, ...]
    codes: frozenset[str]
    near: frozenset[str]
    vague: frozenset[str]
    numbers: tuple[str, ...]
    types: frozenset[str]
    numbered: frozenset[str]
    called: frozenset[str]
    vocabulary: bool


class EntityLoader:
    """Reads things of one release; what classes are called is looked up once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._kinds: dict[str, Kind] = {}

    def read(self, iri: str) -> Entity:
        """Return a thing as it is matched."""
        node, reader = NamedNode(iri), self._reader
        notations = self._texts(node, (NOTATION,))
        words = [each for each in notations if each.isalpha()]
        names = [key(each) for each in (*self._texts(node, NAMES - {NOTATION}), *words)]
        same = [each for name in sorted(SAME) for each in reader.all(node, name) if isinstance(each, NamedNode)]
        close = [each for each in reader.all(node, CLOSE) if isinstance(each, NamedNode)]
        numbers = tuple(each for each in notations if each.isdigit() and len(each) < 10)
        codes = {code(each) for each in (*self._texts(node, CODES), *(set(notations) - {*numbers, *words}))}
        # 32 is a region and a department; 59350 is Lille for the Insee, and for the post Saint-André-lez-Lille.
        vague = {code(each) for each in self._texts(node, (INSEE_CODE,))}
        classes = reader.types(node)[:_CLASSES]
        kinds = [self.kind(each) for each in classes]
        cores = tuple(dict.fromkeys(core(each) for each in names if each))
        called = {name for each in kinds for name in each.names}
        return Entity(
            iri,
            tuple(dict.fromkeys(filter(None, names))),
            cores,
            frozenset(filter(None, codes.union({iri, shorten(iri)}, *map(_written, same)))),
            frozenset().union(*map(_written, close)),
            frozenset(vague),
            numbers,
            frozenset().union(*(each.above for each in kinds)),
            frozenset(f"{kind} {number}" for kind in called for number in numbers),
            frozenset(islice((f"{kind} {name}" for kind in called for name in cores), _CALLED)),
            any(each in reader.all(node, RDF + "type") for each in VOCABULARY),
        )

    def kind(self, iri: str) -> Kind:
        """Return what a class is called, and the classes above it."""
        if iri not in self._kinds:
            above = [iri]
            for each in above:
                higher = self._reader.all(NamedNode(each), RDFS + "subClassOf")
                above += [cls.value for cls in higher if isinstance(cls, NamedNode) and cls.value not in above]
                if len(above) > _CLASSES:
                    break
            names = [core(key(each)) for each in self._texts(NamedNode(iri), (RDFS + "label", SKOS + "prefLabel"))]
            self._kinds[iri] = Kind(frozenset(above), tuple(dict.fromkeys(filter(None, names))))
        return self._kinds[iri]

    def _texts(self, node: NamedNode, predicates: Iterable[str]) -> list[str]:
        """Return texts that are short enough to be asked for, some of them at most."""
        found = (each for name in sorted(predicates) for each in self._reader.all(node, name))
        return [each.value for each in found if isinstance(each, Literal) and len(each.value) <= LONGEST][:_TEXTS]


def _written(node: NamedNode) -> set[str]:
    """Return how a thing's name elsewhere is written in tables: the IRI, and what it ends with."""
    return {node.value, code(last_part(node.value))}

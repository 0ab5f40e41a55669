"""What a release counts of itself in the words of VoID: the whole, its parts, and its links to others' data."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import JSON_LD, N_TRIPLES, RDF_XML, TRIG, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, DCT, PREFIXES, RDF, VOID, XSD, shorten
from cper_lod.rdf.graph import Graph, Node
from cper_lod.release.catalog.datasets import CatalogueDataset
from cper_lod.release.catalog.dcat import CATALOGUE, IriTriple

LARGEST: Final = 2_000_000
"""Triples up to which distinct objects are counted: to tell them apart, all have to be held at once."""
_TYPE: Final = f"<{RDF}type>".encode()


class UsageCounts:
    """How a class or a property is used: triples, distinct subjects, distinct objects, and the first named subject."""

    __slots__ = ("example", "last", "objects", "subjects", "triples", "values")

    def __init__(self) -> None:
        self.triples = self.subjects = self.objects = 0
        self.example = ""
        self.values: set[bytes] = set()
        self.last = b""

    def end(self) -> None:
        """Know how many distinct objects there were, and no longer which."""
        self.objects = len(self.values)
        self.values, self.last = set(), b""


@dataclass
class GraphCounts:
    """A graph counted: `whole`, and each class and property by its IRI; `things` are subjects that have an IRI of ours.

    `exact` is False where the graph is so large that its distinct objects are not counted. `links` is how many triples
    lead from things of ours to those of each target, by target and property.
    """

    exact: bool = True
    whole: UsageCounts = field(default_factory=UsageCounts)
    things: int = 0
    classes: dict[str, UsageCounts] = field(default_factory=dict)
    properties: dict[str, UsageCounts] = field(default_factory=dict)
    links: dict[tuple[str, str], int] = field(default_factory=dict)


def count_graph(lines: Iterable[bytes], triples: int, space: str, targets: Iterable[str] = ()) -> GraphCounts:
    """Count the sorted lines of a graph, which are `triples` in number.

    `space` is what the IRIs of things begin with, a target is what its IRIs begin with.
    """
    start, ends = f"<{space}".encode(), tuple(f"<{target}".encode() for target in targets)
    found = GraphCounts(exact=(keep := triples <= LARGEST))
    whole, properties, classes = (
        found.whole,
        defaultdict[bytes, UsageCounts](UsageCounts),
        defaultdict[bytes, UsageCounts](UsageCounts),
    )
    last, ours = b"", False
    # As little as can be, written out: ten million lines pass here.
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        whole.triples += 1
        if subject != last:  # subjects come sorted, so that each is new but once
            last, ours = subject, subject.startswith(start)
            whole.subjects += 1
            found.things += ours
        use = properties[predicate]
        use.triples += 1
        if subject != use.last:
            use.subjects += 1
            use.last = subject
        if keep:
            value = rest[:-2]
            whole.values.add(value)
            use.values.add(value)
        if predicate == _TYPE:
            _count_class(classes[rest[:-2]], subject)
        if ours and ends and rest.startswith(ends):
            for key in [(end[1:].decode(), predicate[1:-1].decode()) for end in ends if rest.startswith(end)]:
                found.links[key] = found.links.get(key, 0) + 1
    for use in (whole, *properties.values(), *classes.values()):
        use.end()
    found.properties = {name[1:-1].decode(): use for name, use in properties.items()}
    # What is no IRI is no class that could be named.
    found.classes = {name[1:-1].decode(): use for name, use in classes.items() if name[:1] == b"<" != name[1:2]}
    return found


def _count_class(use: UsageCounts, subject: bytes) -> None:
    use.triples += 1
    if subject != use.last:
        use.subjects += 1
        use.last = subject
        if not use.example and subject[:1] == b"<":
            use.example = subject[1:-1].decode()


DATASET: Final = BASE + "dataset"
"""The name of all that is published: the default graph."""
ADDRESS_PLACEHOLDER: Final = "urn:x-cper-lod:void"
"""What stands for the address of this description where data are another's: it is known when they are served."""
MOST: Final = 1000
"""Classes and properties that are counted one by one, the most used first."""
_EXAMPLES: Final = 3
_SAID: Final = (
    DCT + "title",
    DCT + "description",
    DCT + "license",
    DCT + "publisher",
    DCT + "issued",
    DCT + "modified",
)
_KIND: Final = VOID + "Dataset"
_SPACE: Final = VOID + "uriSpace"


def describe_counts(
    counts: GraphCounts, parts: Mapping[CatalogueDataset, GraphCounts], graph: Graph, *, ours: bool
) -> list[Quad]:
    """Return the VoID description of a graph and of its parts, as they were counted.

    `graph` says who publishes it, and which datasets of others its links lead to. Data that are not `ours` have no name
    that we could give them: they are named under GIVEN. Source: VoID, W3C Interest Group Note, 3 March 2011.
    """
    name = DATASET if ours else ADDRESS_PLACEHOLDER + "#dataset"
    said = [*_counted(name, counts), *_properties(name, counts), *_examples(name, counts)]
    said += [(name, VOID + "vocabulary", NamedNode(each)) for each in _vocabularies(counts)]
    said += [(name, VOID + "feature", NamedNode(each.iri)) for each in (TURTLE, JSON_LD, N_TRIPLES, RDF_XML, TRIG)]
    if ours:
        said.append((name, _SPACE, Literal(BASE)))
        said += [(name, each, value) for each in _SAID for value in graph.all(NamedNode(CATALOGUE), each)]
        said += _linksets(name, counts, graph)
    for part, own in parts.items():
        said.append((name, VOID + "subset", NamedNode(part.iri)))
        said += [*_counted(part.iri, own), *_examples(part.iri, own)]
        said += [(part.iri, each, value) for each in _SAID for value in graph.all(NamedNode(part.iri), each)]
    return [Quad(NamedNode(s), NamedNode(p), o) for s, p, o in dict.fromkeys(said)]


def linked_datasets(graph: Graph) -> dict[str, Node]:
    """Return the datasets of others that the catalogue knows, by what their IRIs begin with."""
    return {graph.value(node, _SPACE): node for node in list(graph.subjects()) if graph.all(node, _SPACE)}


def _number(value: int) -> Literal:
    return Literal(str(value), datatype=NamedNode(XSD + "integer"))


def _counted(name: str, counts: GraphCounts) -> Iterator[IriTriple]:
    yield name, RDF + "type", NamedNode(_KIND)
    yield name, VOID + "entities", _number(counts.things)
    yield name, VOID + "classes", _number(len(counts.classes))
    yield name, VOID + "properties", _number(len(counts.properties))
    yield from _used(name, counts.whole, counts.exact)
    yield from _classes(name, counts)


def _used(name: str, use: UsageCounts, exact: bool) -> Iterator[IriTriple]:
    yield name, VOID + "triples", _number(use.triples)
    yield name, VOID + "distinctSubjects", _number(use.subjects)
    if exact:
        yield name, VOID + "distinctObjects", _number(use.objects)


def _own(name: str, kind: str, iri: str) -> str:
    """Return the name of a part of a description: a fragment that says which class or property it is of."""
    return f"{name.partition('#')[0]}#{kind}={quote(shorten(iri), safe=':')}"


def _classes(name: str, counts: GraphCounts) -> Iterator[IriTriple]:
    """Yield a partition for each class, with its things."""
    for iri, use in _most(counts.classes):
        own = _own(name, "classe", iri)
        yield name, VOID + "classPartition", NamedNode(own)
        yield own, RDF + "type", NamedNode(_KIND)
        yield own, VOID + "class", NamedNode(iri)
        yield own, VOID + "entities", _number(use.subjects)


def _properties(name: str, counts: GraphCounts) -> Iterator[IriTriple]:
    """Yield a partition for each property, with its triples."""
    for iri, use in _most(counts.properties):
        own = _own(name, "propriete", iri)
        yield name, VOID + "propertyPartition", NamedNode(own)
        yield own, RDF + "type", NamedNode(_KIND)
        yield own, VOID + "property", NamedNode(iri)
        yield from _used(own, use, counts.exact)


def _most(uses: Mapping[str, UsageCounts]) -> list[tuple[str, UsageCounts]]:
    return sorted(uses.items(), key=lambda item: (-item[1].triples, item[0]))[:MOST]


def _examples(name: str, counts: GraphCounts) -> Iterator[IriTriple]:
    """Yield a thing of the class of contracts, and of the most used classes."""
    classes = [CPER + "ContratDePlan", *(iri for iri, _ in _most(counts.classes))]
    found = [counts.classes[iri].example for iri in classes if iri in counts.classes and counts.classes[iri].example]
    for each in list(dict.fromkeys(found))[:_EXAMPLES]:
        yield name, VOID + "exampleResource", NamedNode(each)


def _vocabularies(counts: GraphCounts) -> list[str]:
    """Return the namespaces of the classes and properties in use, one of our prefixes where there is one."""
    spaces = set()
    for iri in (*counts.classes, *counts.properties):
        known = [space for space in PREFIXES.values() if iri.startswith(space)]
        space = known[0] if known else iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
        if space.startswith(("http://", "https://")):
            spaces.add(space)
    return sorted(spaces)


def _linksets(name: str, counts: GraphCounts, graph: Graph) -> Iterator[IriTriple]:
    """Yield a linkset for each property that leads to a dataset of others which the catalogue knows."""
    known = linked_datasets(graph)
    for (target, predicate), count in sorted(counts.links.items()):
        node = known[target]
        slug = (
            f"{getattr(node, 'value', '').rpartition('/')[2]}-{quote(shorten(predicate), safe='').replace('%3A', '-')}"
        )
        own = f"{name}#liens={slug}"
        yield name, VOID + "subset", NamedNode(own)
        yield own, RDF + "type", NamedNode(VOID + "Linkset")
        yield own, VOID + "linkPredicate", NamedNode(predicate)
        yield own, VOID + "subjectsTarget", NamedNode(name)
        yield own, VOID + "objectsTarget", node
        yield own, VOID + "triples", _number(count)
        for lang in LANGUAGES:
            title = translate("linkset-title", lang, predicate=shorten(predicate), title=graph.label(node, lang))
            yield own, DCT + "title", Literal(title, language=lang)
        yield from (
            (getattr(node, "value", ""), each, value)
            for each, values in graph.properties(node).items()
            for value in values
        )

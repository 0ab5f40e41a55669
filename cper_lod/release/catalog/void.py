"""The VoID description of a release: counts of the whole and of each dataset, and linksets."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from typing import Literal as OneOf
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core import formats
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import CPER, DCAT, DCT, FOAF, PREFIXES, RDF, VOID, shorten
from cper_lod.rdf.graph import Graph, IriTriple, Node, copied, to_quads
from cper_lod.release.catalog.datasets import CatalogueDataset, catalogue_datasets
from cper_lod.release.catalog.dcat import DISTRIBUTION_FORMATS
from cper_lod.release.release import DUMP, Release

_TYPE: Final = f"<{RDF}type>".encode()


@dataclass(slots=True)
class UsageCounts:
    """How a property is used: triples and distinct subjects; of a class, how many have it, and the first that has a name."""

    triples: int = 0
    subjects: int = 0
    example: str = ""
    last: bytes = b""


@dataclass
class GraphCounts:
    """The counts of a graph: as a `whole`, and of each class and property by IRI; `own_subjects` are subjects with our
    IRIs.

    `links` is the number of triples from our subjects to each target dataset, by target and property.
    """

    whole: UsageCounts = field(default_factory=UsageCounts)
    own_subjects: int = 0
    classes: dict[str, UsageCounts] = field(default_factory=dict)
    properties: dict[str, UsageCounts] = field(default_factory=dict)
    links: Counter[tuple[str, str]] = field(default_factory=Counter)


def count_graph(lines: Iterable[bytes], names: SiteNames, targets: Iterable[str] = ()) -> GraphCounts:
    """Count the sorted lines of a graph; `targets` are what the IRIs of other datasets begin with."""
    start, target_starts = f"<{names.address}".encode(), tuple(f"<{target}".encode() for target in targets)
    found = GraphCounts()
    whole, properties = found.whole, defaultdict[bytes, UsageCounts](UsageCounts)
    classes = defaultdict[bytes, UsageCounts](UsageCounts)
    last, ours = b"", False
    # Written for speed: runs once per line, for ten million lines.
    for line in lines:
        subject, predicate, rest = line.split(b" ", 2)
        whole.triples += 1
        if subject != last:  # subjects are sorted
            last, ours = subject, subject.startswith(start)
            whole.subjects += 1
            found.own_subjects += ours
        use = properties[predicate]
        use.triples += 1
        if subject != use.last:
            use.subjects += 1
            use.last = subject
        if predicate == _TYPE:
            use = classes[rest[:-2]]
            use.triples += 1
            if not use.example and subject[:1] == b"<":
                use.example = subject[1:-1].decode()
        if ours and target_starts and rest.startswith(target_starts):
            links = [target for target in target_starts if rest.startswith(target)]
            found.links.update((target[1:].decode(), predicate[1:-1].decode()) for target in links)
    found.properties = {name[1:-1].decode(): use for name, use in properties.items()}
    # Blank nodes and triple terms are not named classes.
    found.classes = {name[1:-1].decode(): use for name, use in classes.items() if name[:1] == b"<" != name[1:2]}
    return found


_MAX_EXAMPLES: Final = 3
_COPIED: Final = tuple(DCT + name for name in ("title", "description", "license", "publisher", "issued", "modified"))
_VOID_DATASET: Final = VOID + "Dataset"
_URI_SPACE: Final = VOID + "uriSpace"


def describe_counts(
    counts: GraphCounts, datasets: Mapping[CatalogueDataset, GraphCounts], graph: Graph, names: SiteNames
) -> list[Quad]:
    """Return the VoID description of a graph and of its datasets.

    `graph` states who publishes it, and which other datasets its links lead to. Source: VoID, W3C Interest Group Note,
    3 March 2011.
    """
    name = names.dataset
    triples = [*_counted(name, counts), *_partitions(name, "property", counts), *_examples(name, counts)]
    triples += [(name, VOID + "vocabulary", NamedNode(each)) for each in _vocabularies(counts)]
    triples += [(name, VOID + "feature", NamedNode(each.iri)) for each in formats.RDF]
    triples.append((name, _URI_SPACE, Literal(names.address)))
    triples += copied(name, graph, NamedNode(names.catalogue), _COPIED)
    triples += _linksets(name, counts, graph)
    for dataset, dataset_counts in datasets.items():
        triples.append((name, VOID + "subset", NamedNode(dataset.iri)))
        triples += [*_counted(dataset.iri, dataset_counts), *_examples(dataset.iri, dataset_counts)]
        triples += copied(dataset.iri, graph, NamedNode(dataset.iri), _COPIED)
    return to_quads(triples)


def linked_datasets(graph: Graph) -> dict[str, Node]:
    """Return the other datasets that the catalogue describes, by what their IRIs begin with (void:uriSpace)."""
    found = {graph.value(node, _URI_SPACE): node for node in list(graph.subjects()) if graph.all(node, _URI_SPACE)}
    return {start: node for start, node in found.items() if node.value != f"{start}catalogue"}  # which says its own


def _counted(name: str, counts: GraphCounts) -> Iterator[IriTriple]:
    yield name, RDF + "type", NamedNode(_VOID_DATASET)
    yield name, VOID + "entities", Literal(counts.own_subjects)
    yield name, VOID + "classes", Literal(len(counts.classes))
    yield name, VOID + "properties", Literal(len(counts.properties))
    yield from _used(name, counts.whole)
    yield from _partitions(name, "class", counts)


def _used(name: str, use: UsageCounts) -> Iterator[IriTriple]:
    yield name, VOID + "triples", Literal(use.triples)
    yield name, VOID + "distinctSubjects", Literal(use.subjects)


def _partitions(name: str, kind: OneOf["class", "property"], counts: GraphCounts) -> Iterator[IriTriple]:
    """Yield a partition for each class or property, whose fragment names it."""
    slug, uses = ("classe", counts.classes) if kind == "class" else ("propriete", counts.properties)
    for iri, use in _most_used(uses):
        partition = f"{name}#{slug}={quote(shorten(iri), safe=':')}"
        yield name, VOID + kind + "Partition", NamedNode(partition)
        yield partition, RDF + "type", NamedNode(_VOID_DATASET)
        yield partition, VOID + kind, NamedNode(iri)
        if kind == "class":
            yield partition, VOID + "entities", Literal(use.triples)
        else:
            yield from _used(partition, use)


def _most_used(uses: Mapping[str, UsageCounts]) -> list[tuple[str, UsageCounts]]:
    return sorted(uses.items(), key=lambda item: (-item[1].triples, item[0]))


def _examples(name: str, counts: GraphCounts) -> Iterator[IriTriple]:
    """Yield an example of contracts, and of the most used classes."""
    classes = [CPER + "Contrat", *(iri for iri, _ in _most_used(counts.classes))]
    found = [counts.classes[iri].example for iri in classes if iri in counts.classes and counts.classes[iri].example]
    for each in list(dict.fromkeys(found))[:_MAX_EXAMPLES]:
        yield name, VOID + "exampleResource", NamedNode(each)


def _vocabularies(counts: GraphCounts) -> list[str]:
    """Return the namespaces of the classes and properties in use, those of our prefixes where possible."""
    spaces = set()
    for iri in (*counts.classes, *counts.properties):
        known = [space for space in PREFIXES.values() if iri.startswith(space)]
        space = known[0] if known else iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]
        if space.startswith(("http://", "https://")):
            spaces.add(space)
    return sorted(spaces)


def _linksets(name: str, counts: GraphCounts, graph: Graph) -> Iterator[IriTriple]:
    """Yield a linkset for each property that leads to another dataset of the catalogue."""
    known = linked_datasets(graph)
    for (target, predicate), count in sorted(counts.links.items()):
        node = known[target]
        slug = f"{node.value.rpartition('/')[2]}-{quote(shorten(predicate), safe='').replace('%3A', '-')}"
        linkset = f"{name}#liens={slug}"
        yield name, VOID + "subset", NamedNode(linkset)
        yield linkset, RDF + "type", NamedNode(VOID + "Linkset")
        yield linkset, VOID + "linkPredicate", NamedNode(predicate)
        yield linkset, VOID + "subjectsTarget", NamedNode(name)
        yield linkset, VOID + "objectsTarget", node
        yield linkset, VOID + "triples", Literal(count)
        for lang in LANGUAGES:
            title = translate("linkset-title", lang, predicate=shorten(predicate), title=graph.label(node, lang))
            yield linkset, DCT + "title", Literal(title, language=lang)
        yield from copied(node.value, graph, node, graph.properties(node))


def void_description(release: Release, public_url: str) -> list[Quad]:
    """Return the VoID description of a release, with URLs below `public_url`; raises `catalogue-absent` for data served as given."""
    names = release.names
    counts = release.triples.mentions(names.void_graph)
    if not counts:
        raise Problem("catalogue-absent")
    address = f"{public_url}/void"
    triples = [
        *_dumps(release, names.dataset, "tout", public_url),
        (address, RDF + "type", NamedNode(VOID + "DatasetDescription")),
        (address, FOAF + "primaryTopic", NamedNode(names.dataset)),
        (names.dataset, VOID + "sparqlEndpoint", NamedNode(f"{public_url}/sparql")),
        (names.dataset, DCAT + "version", Literal(release.id)),
    ]
    for dataset in catalogue_datasets(release.triples.mentions(names.catalogue_graph), names):
        triples += _dumps(release, dataset.iri, dataset.slug, public_url)
    return [*(Quad(each.subject, each.predicate, each.object) for each in counts), *to_quads(triples)]


def _dumps(release: Release, name: str, slug: str, public_url: str) -> Iterator[IriTriple]:
    """Yield the URLs of the files that hold all triples of a graph."""
    for suffix in DISTRIBUTION_FORMATS:
        if f"{DUMP}/{slug}.{suffix}" in release.manifest["files"]:
            yield name, VOID + "dataDump", NamedNode(f"{public_url}/{DUMP}/{slug}.{suffix}")

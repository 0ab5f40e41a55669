"""The changes as a Linked Data Event Stream (LDES, on TREE): versions of resources on pages ordered by time.

A member is a version of a resource: which resource, since when, and whether it was created, updated or deleted. Its
triples are in a named graph with the IRI of the member, so that they are not mistaken for statements about the
version. Whoever has a release and replaces the triples of each resource by its later members, in order, has the
release that is served.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import AS, BASE, DCT, LDES, PROV, RDF, SH, TREE, XSD
from cper_lod.rdf.graph import IriTriple, to_quads, translations
from cper_lod.release.changes.changeset import short_hash, subject
from cper_lod.release.changes.describe import Row
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, publication_iri, time_literal
from cper_lod.release.storage.quad_file import parse_quads

STREAM: Final = BASE + "changes"
"""The IRI of the event stream."""
_KINDS: Final = {"new": "Create", "changed": "Update", "gone": "Delete"}
_PATHS: Final = {"timestampPath": DCT + "created", "versionOfPath": DCT + "isVersionOf"}


def root_page(log: Timeline, public_url: str) -> list[Quad]:
    """Return the first page: the description of the stream and links to its pages.

    Only this page changes with each publication.
    """
    address = f"{public_url}/changes"
    triples: list[IriTriple] = [(STREAM, RDF + "type", NamedNode(LDES + "EventStream"))]
    triples += translations(STREAM, DCT + "title", "changes")
    triples += translations(STREAM, DCT + "description", "stream-start")
    triples += [(STREAM, LDES + name, NamedNode(path)) for name, path in _PATHS.items()]
    for kind in _KINDS.values():
        triples.append((STREAM, f"{LDES}version{kind}Path", NamedNode(RDF + "type")))
        triples.append((STREAM, f"{LDES}version{kind}Object", NamedNode(AS + kind)))
    triples.append((STREAM, PROV + "wasDerivedFrom", NamedNode(f"{BASE}release/{log.start.release}")))
    triples += [*_shape(), *_retention(address, log.start)]
    triples += _node(address, immutable=False)
    triples += _page_relations(log, log.recent, log.archives, address, public_url)
    return to_quads(triples)


def archive_page(log: Timeline, number: int, public_url: str) -> list[Quad]:
    """Return the page that links to the pages of a full archive, and to the previous archive."""
    address = f"{public_url}/changes/archive/{number}"
    relations = _page_relations(log, log.archive(number), number - 1, address, public_url)
    return to_quads([*_node(address, immutable=True), *relations])


def publication_page(log: Timeline, entry: Publication, number: int, public_url: str) -> list[Quad]:
    """Return a page of the members of a publication, with a link to the next one; it never changes."""
    changes = log.changes_of(entry)
    address = _address(public_url, entry, number)
    triples = [*_node(address, immutable=True)]
    if number < log.page_count(entry):
        triples += _relation(address, _address(public_url, entry, number + 1), entry, entry)
    rows = changes.rows(number) if changes and number <= changes.pages else []
    for row in rows:
        if not row.get("continued"):
            triples += _version(entry, row)
    return [*to_quads(triples), *(_payload(entry, changes.members(number)) if changes and rows else ())]


def _address(public_url: str, entry: Publication, number: int) -> str:
    """Return the URL of a page of a publication."""
    return f"{public_url}/changes/{entry.number}" + (f"/{number}" if number > 1 else "")


def _member(entry: Publication, resource: str) -> str:
    return f"{STREAM}/{entry.number}#{short_hash(resource)}"


def _version(entry: Publication, row: Row) -> Iterator[IriTriple]:
    member = _member(entry, row["thing"])
    yield STREAM, TREE + "member", NamedNode(member)
    yield member, RDF + "type", NamedNode(AS + _KINDS[row["change"]])
    yield member, DCT + "isVersionOf", subject(row["thing"])
    yield member, DCT + "created", time_literal(entry.at)
    yield member, PROV + "wasGeneratedBy", NamedNode(publication_iri(entry))


def _payload(entry: Publication, lines: Iterable[bytes]) -> Iterator[Quad]:
    """Yield the triples of resources, each in the graph of its member."""
    for quad in parse_quads(lines):
        resource = quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.subject)
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(_member(entry, resource)))


def _node(address: str, *, immutable: bool) -> Iterator[IriTriple]:
    yield STREAM, TREE + "view", NamedNode(address)
    yield address, RDF + "type", NamedNode(TREE + "Node")
    if immutable:
        yield address, LDES + "immutable", Literal(True)


def _page_relations(
    log: Timeline, entries: Sequence[Publication], archives: int, address: str, public_url: str
) -> Iterator[IriTriple]:
    """Yield the relations to the pages of publications, and to the last archive before them."""
    if older := log.archive(archives):
        bounds = log.archive(1)[0], older[-1]
        yield from _relation(address, f"{public_url}/changes/archive/{archives}", *bounds)
    for entry in entries:
        if log.page_count(entry):
            yield from _relation(address, _address(public_url, entry, 1), entry, entry)


def _relation(address: str, target: str, first: Publication, last: Publication) -> Iterator[IriTriple]:
    """Yield two relations, since clients prune by both bounds: the members behind `target` are from `first` to
    `last`.
    """
    for kind, entry in (("GreaterThanOrEqualTo", first), ("LessThanOrEqualTo", last)):
        relation = f"{address}#{short_hash(kind, target)}"
        yield address, TREE + "relation", NamedNode(relation)
        yield relation, RDF + "type", NamedNode(f"{TREE}{kind}Relation")
        yield relation, TREE + "node", NamedNode(target)
        yield relation, TREE + "path", NamedNode(_PATHS["timestampPath"])
        yield relation, TREE + "value", time_literal(entry.at)


def _shape() -> Iterator[IriTriple]:
    """Yield the shape of members."""
    yield STREAM, TREE + "shape", NamedNode(STREAM + "#version")
    yield STREAM + "#version", RDF + "type", NamedNode(SH + "NodeShape")
    for name, path in _PATHS.items():
        shape = f"{STREAM}#{name}"
        yield STREAM + "#version", SH + "property", NamedNode(shape)
        yield shape, SH + "path", NamedNode(path)
        yield shape, SH + "minCount", Literal(1)
        yield shape, SH + "maxCount", Literal(1)
    yield STREAM + "#timestampPath", SH + "datatype", NamedNode(XSD + "dateTime")


def _retention(address: str, start: Publication) -> Iterator[IriTriple]:
    """Yield the retention policy: everything since the first release of the stream."""
    policy = STREAM + "#retention"
    yield address, LDES + "retentionPolicy", NamedNode(policy)
    yield policy, RDF + "type", NamedNode(LDES + "RetentionPolicy")
    yield policy, LDES + "startingFrom", time_literal(start.at)

"""The changes as a Linked Data Event Stream (LDES, on TREE): versions of things, on pages that are found by time.

A member is a version of a thing: what it is a version of, since when, whether it was created, updated or deleted. All
that is said of the thing since then is the named graph of the member's own name, so that nothing it says can be taken
for what is said of the version. Who has any release, and puts each later member in the place of what was said of its
thing, has the release that is served.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import AS, BASE, DCT, LDES, PROV, RDF, SH, TREE, XSD
from cper_lod.rdf.graph import IriTriple, to_quads
from cper_lod.release.changes.changeset import short_hash, subject
from cper_lod.release.changes.describe import Row
from cper_lod.release.history.history import Publication
from cper_lod.release.history.publications import PublicationLog, format_time, publication_iri

STREAM: Final = BASE + "changes"
"""The IRI of the event stream."""
_KINDS: Final = {"new": "Create", "changed": "Update", "gone": "Delete"}
_PATHS: Final = {"timestampPath": DCT + "created", "versionOfPath": DCT + "isVersionOf"}
_TRUE: Final = Literal("true", datatype=NamedNode(XSD + "boolean"))


def root_page(chronicle: PublicationLog, public_url: str) -> list[Quad]:
    """Return the first page: what the stream is, and where its pages are; it alone changes with each publication."""
    address = f"{public_url}/changes"
    said: list[IriTriple] = [(STREAM, RDF + "type", NamedNode(LDES + "EventStream"))]
    said += [(STREAM, DCT + "title", Literal(translate("changes", lang), language=lang)) for lang in LANGUAGES]
    said += [
        (STREAM, DCT + "description", Literal(translate("stream-start", lang), language=lang)) for lang in LANGUAGES
    ]
    said += [(STREAM, LDES + name, NamedNode(path)) for name, path in _PATHS.items()]
    for kind in _KINDS.values():
        said.append((STREAM, f"{LDES}version{kind}Path", NamedNode(RDF + "type")))
        said.append((STREAM, f"{LDES}version{kind}Object", NamedNode(AS + kind)))
    said.append((STREAM, PROV + "wasDerivedFrom", NamedNode(f"{BASE}release/{chronicle.start.release}")))
    said += [*_shape(), *_retention(address, chronicle.start)]
    said += _node(address, immutable=False)
    said += _page_relations(chronicle, chronicle.recent, chronicle.archives, address, public_url)
    return to_quads(said)


def archive_page(chronicle: PublicationLog, number: int, public_url: str) -> list[Quad]:
    """Return the page that leads to the pages of the publications of a full archive, and to the archive before."""
    address = f"{public_url}/changes/archive/{number}"
    ways = _page_relations(chronicle, chronicle.archive(number), number - 1, address, public_url)
    return to_quads([*_node(address, immutable=True), *ways])


def publication_page(chronicle: PublicationLog, entry: Publication, number: int, public_url: str) -> list[Quad]:
    """Return a page of the members of a publication, and where the next one is; it never changes."""
    told = chronicle.noted(entry)
    address = _address(public_url, entry, number)
    said = [*_node(address, immutable=True)]
    if number < chronicle.pages(entry):
        said += _relation(address, _address(public_url, entry, number + 1), entry, entry)
    rows = told.rows(number) if told and number <= told.pages else []
    quads = to_quads(said)
    for row in rows:
        if not row.get("continued"):
            quads += _version(entry, row)
    if told and rows:
        quads += _payload(entry, told.members(number))
    return quads


def _address(public_url: str, entry: Publication, number: int) -> str:
    """Return the address of a page of a publication."""
    return f"{public_url}/changes/{entry.number}" + (f"/{number}" if number > 1 else "")


def _member(entry: Publication, thing: str) -> str:
    return f"{STREAM}/{entry.number}#{short_hash(thing)}"


def _version(entry: Publication, row: Row) -> Iterator[Quad]:
    own, created = NamedNode(_member(entry, row["thing"])), NamedNode(DCT + "created")
    yield Quad(NamedNode(STREAM), NamedNode(TREE + "member"), own)
    yield Quad(own, NamedNode(RDF + "type"), NamedNode(AS + _KINDS[row["change"]]))
    yield Quad(own, NamedNode(DCT + "isVersionOf"), subject(row["thing"]))
    yield Quad(own, created, _moment(entry))
    yield Quad(own, NamedNode(PROV + "wasGeneratedBy"), NamedNode(publication_iri(entry)))


def _payload(entry: Publication, lines: Iterable[bytes]) -> Iterator[Quad]:
    """Yield all that is said of things, each in the graph of its member."""
    for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True):
        thing = quad.subject.value if isinstance(quad.subject, NamedNode) else str(quad.subject)
        yield Quad(quad.subject, quad.predicate, quad.object, NamedNode(_member(entry, thing)))


def _node(address: str, *, immutable: bool) -> Iterator[IriTriple]:
    yield STREAM, TREE + "view", NamedNode(address)
    yield address, RDF + "type", NamedNode(TREE + "Node")
    if immutable:
        yield address, LDES + "immutable", _TRUE


def _page_relations(
    chronicle: PublicationLog, entries: Sequence[Publication], archives: int, address: str, public_url: str
) -> Iterator[IriTriple]:
    """Yield the relations to the pages of publications, and to the last archive before them."""
    if older := chronicle.archive(archives):
        told = chronicle.archive(1)[0], older[-1]
        yield from _relation(address, f"{public_url}/changes/archive/{archives}", *told)
    for entry in entries:
        if chronicle.pages(entry):
            yield from _relation(address, _address(public_url, entry, 1), entry, entry)


def _relation(address: str, target: str, first: Publication, last: Publication) -> Iterator[IriTriple]:
    """Yield two relations, since a client prunes by both ends: all behind `target` is from `first` to `last`."""
    for kind, entry in (("GreaterThanOrEqualTo", first), ("LessThanOrEqualTo", last)):
        own = f"{address}#{short_hash(kind, target)}"
        yield address, TREE + "relation", NamedNode(own)
        yield own, RDF + "type", NamedNode(f"{TREE}{kind}Relation")
        yield own, TREE + "node", NamedNode(target)
        yield own, TREE + "path", NamedNode(_PATHS["timestampPath"])
        yield own, TREE + "value", _moment(entry)


def _shape() -> Iterator[IriTriple]:
    """Yield the shape of every member."""
    yield STREAM, TREE + "shape", NamedNode(STREAM + "#version")
    yield STREAM + "#version", RDF + "type", NamedNode(SH + "NodeShape")
    one = Literal("1", datatype=NamedNode(XSD + "integer"))
    for name, path in _PATHS.items():
        own = f"{STREAM}#{name}"
        yield STREAM + "#version", SH + "property", NamedNode(own)
        yield own, SH + "path", NamedNode(path)
        yield own, SH + "minCount", one
        yield own, SH + "maxCount", one
    yield STREAM + "#timestampPath", SH + "datatype", NamedNode(XSD + "dateTime")


def _retention(address: str, start: Publication) -> Iterator[IriTriple]:
    """Yield what is kept: all of it, since the release that the stream starts from."""
    own = STREAM + "#retention"
    yield address, LDES + "retentionPolicy", NamedNode(own)
    yield own, RDF + "type", NamedNode(LDES + "RetentionPolicy")
    yield own, LDES + "startingFrom", _moment(start)


def _moment(entry: Publication) -> Literal:
    return Literal(format_time(entry.at), datatype=NamedNode(XSD + "dateTime"))

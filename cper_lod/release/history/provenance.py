"""What a release was made of, when, by what, and which releases came before and after it, as RDF (PROV-O, DCAT)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, DCAT, DCT, ONTOLOGY, OWL, PREFIXES, PROV, RDF, RDFS, VOID, XSD
from cper_lod.rdf.graph import IriTriple, to_quads
from cper_lod.release.catalog.void import DATASET
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.release import DUMP, Release

_SPDX: Final = PREFIXES["spdx"]
HOW: Final[Mapping[str, str]] = {"build": "release-how-build", "rollback": "release-how-rollback"}
"""The sentences that tell how a release came to be served."""
RELEASES: Final = BASE + "release"
"""The IRI of the list of all releases."""


def release_iri(release: str) -> str:
    """Return the IRI of the release of an id."""
    return f"{RELEASES}/{release}"


def describe_releases(timeline: Timeline, public_url: str) -> list[Quad]:
    """Return the list of all releases: when each was served first, and what it replaced; the rest is told of each."""
    said: list[IriTriple] = [(RELEASES, RDF + "type", NamedNode(PROV + "Collection"))]
    said += [(RELEASES, DCT + "title", Literal(translate("releases", lang), language=lang)) for lang in LANGUAGES]
    said.append((DATASET, DCAT + "hasCurrentVersion", NamedNode(release_iri(timeline.current.release))))
    for entry in _firsts(timeline.entries):
        said.append((RELEASES, PROV + "hadMember", NamedNode(release_iri(entry.release))))
        said += _known(entry, public_url)
    return to_quads([*said, *_succession(timeline.entries)])


def describe_release(timeline: Timeline, entry: Publication, opened: Release | None, public_url: str) -> list[Quad]:
    """Return what there is to say of the release of a publication; of one that is held, `opened`, its files too."""
    own = release_iri(entry.release)
    said = [*_known(entry, public_url), *_made(entry), *_published(timeline.entries, entry)]
    said += [each for each in _succession(timeline.entries) if each[0] == own]
    if opened is not None:
        said += _held(entry, opened, f"{public_url}/release/{entry.release}")
    return to_quads(said)


def _firsts(entries: Iterable[Publication]) -> list[Publication]:
    found: dict[str, Publication] = {}
    for each in entries:
        found.setdefault(each.release, each)
    return [*found.values()]


def _known(entry: Publication, public_url: str) -> Iterator[IriTriple]:
    """Yield what a release is, and when it was served first."""
    own = release_iri(entry.release)
    yield own, RDF + "type", NamedNode(PROV + "Entity")
    for lang in LANGUAGES:
        yield own, DCT + "title", Literal(f"{translate('release', lang)} {entry.release}", language=lang)
    yield own, DCT + "identifier", Literal(entry.release)
    yield own, DCAT + "version", Literal(entry.release)
    yield own, DCAT + "isVersionOf", NamedNode(DATASET)
    yield own, DCAT + "landingPage", NamedNode(f"{public_url}/release/{entry.release}/")
    yield own, DCT + "issued", _moment(entry.at)


def _made(entry: Publication) -> Iterator[IriTriple]:
    """Yield by what a release was made, of what, and its digest."""
    own, build = release_iri(entry.release), release_iri(entry.release) + "#construction"
    software, sources = release_iri(entry.release) + "#logiciel", release_iri(entry.release) + "#sources"
    yield own, PROV + "wasGeneratedBy", NamedNode(build)
    yield own, PROV + "wasDerivedFrom", NamedNode(sources)
    yield from _checksum(own, entry.digest)
    yield build, RDF + "type", NamedNode(PROV + "Activity")
    yield build, PROV + "used", NamedNode(sources)
    yield build, PROV + "wasAssociatedWith", NamedNode(software)
    yield software, RDF + "type", NamedNode(PROV + "SoftwareAgent")
    yield software, RDFS + "label", Literal(f"cper-lod {entry.program}")
    yield sources, RDF + "type", NamedNode(PROV + "Entity")
    yield from _checksum(sources, entry.sources)


def _published(entries: Iterable[Publication], entry: Publication) -> Iterator[IriTriple]:
    """Yield each publication of a release: it may have come back, after a rollback."""
    own = release_iri(entry.release)
    for each in entries:
        if each.release == entry.release:
            published = f"{own}#publication-{each.number}"
            yield published, RDF + "type", NamedNode(PROV + "Activity")
            yield published, PROV + "used", NamedNode(own)
            yield published, PROV + "endedAtTime", _moment(each.at)
            for lang in LANGUAGES:
                yield published, RDFS + "label", Literal(translate(HOW[each.how], lang), language=lang)


def _succession(entries: Iterable[Publication]) -> Iterator[IriTriple]:
    """Yield what replaced what, publication by publication."""
    for before, after in pairwise(entries):
        yield release_iri(before.release), DCT + "isReplacedBy", NamedNode(release_iri(after.release))
        yield release_iri(after.release), DCT + "replaces", NamedNode(release_iri(before.release))


def _held(entry: Publication, opened: Release, address: str) -> Iterator[IriTriple]:
    """Yield what the release itself knows: when it was sealed, for whom, under which ontology, and its files."""
    own, build = release_iri(entry.release), release_iri(entry.release) + "#construction"
    yield build, PROV + "endedAtTime", _moment(opened.built_at)
    told = opened.rights
    if told.publisher:
        yield build, PROV + "wasAssociatedWith", NamedNode(told.publisher)
        yield own, DCT + "publisher", NamedNode(told.publisher)
    if told.licence:
        yield own, DCT + "license", NamedNode(told.licence)
    for version in ReleaseGraph(opened).all(NamedNode(ONTOLOGY), OWL + "versionIRI"):
        if isinstance(version, NamedNode):
            yield own, DCT + "conformsTo", version
            yield ONTOLOGY, OWL + "versionIRI", version
    yield own, VOID + "triples", Literal(str(opened.manifest["triples"]), datatype=NamedNode(XSD + "integer"))
    for suffix in ("nt.gz", "ttl", "jsonld"):
        if f"{DUMP}/tout.{suffix}" in opened.manifest["files"]:
            yield own, VOID + "dataDump", NamedNode(f"{address}/{DUMP}/tout.{suffix}")


def _checksum(own: str, digest: str) -> Iterator[IriTriple]:
    node = f"{own}-sha256" if "#" in own else f"{own}#sha256"
    yield own, _SPDX + "checksum", NamedNode(node)
    yield node, RDF + "type", NamedNode(_SPDX + "Checksum")
    yield node, _SPDX + "algorithm", NamedNode(_SPDX + "checksumAlgorithm_sha256")
    yield node, _SPDX + "checksumValue", Literal(digest, datatype=NamedNode(XSD + "hexBinary"))


def _moment(at: int) -> Literal:
    text = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Literal(text, datatype=NamedNode(XSD + "dateTime"))

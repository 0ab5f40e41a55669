"""The provenance of releases in RDF (PROV-O, DCAT): sources, build, publications, predecessors and successors."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, DCAT, DCT, HYDRA, ONTOLOGY, OWL, PREFIXES, PROV, RDF, RDFS, VOID, XSD
from cper_lod.rdf.graph import IriTriple, to_quads, translated
from cper_lod.release.catalog.void import DATASET
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import Publication
from cper_lod.release.history.timeline import Timeline, publication_iri, time_literal
from cper_lod.release.release import DUMP, Release

_SPDX: Final = PREFIXES["spdx"]
RELEASES: Final = BASE + "release"
"""The IRI of the list of all releases."""
_VIEW: Final = HYDRA + "PartialCollectionView"


def release_iri(release: str) -> str:
    """Return the IRI of a release, given by id."""
    return f"{RELEASES}/{release}"


def describe_releases(
    timeline: Timeline, part: slice, here: str, others: Mapping[str, str], public_url: str
) -> list[Quad]:
    """Return a page of the list of all releases: when each was first served, and what it replaced.

    `part` selects the publications of the page, `here` is its IRI, `others` those of the other pages by relation. Source:
    Hydra Core Vocabulary, section 5.4 (collections).
    """
    entries = timeline.entries[part]
    triples: list[IriTriple] = [(RELEASES, RDF + "type", NamedNode(PROV + "Collection"))]
    triples += translated(RELEASES, DCT + "title", "releases")
    triples.append((DATASET, DCAT + "hasCurrentVersion", NamedNode(release_iri(timeline.current.release))))
    triples += [(RELEASES, HYDRA + "view", NamedNode(here)), (here, RDF + "type", NamedNode(_VIEW))]
    for relation, page in others.items():
        triples.append((here, HYDRA + ("previous" if relation == "prev" else relation), NamedNode(page)))
    for release in dict.fromkeys(each.release for each in entries if each.release not in timeline.purged):
        triples.append((RELEASES, PROV + "hadMember", NamedNode(release_iri(release))))
        triples += _identity(timeline.first_publication(release), public_url)
    return to_quads([*triples, *_succession(timeline.entries[max(part.start - 1, 0) : part.stop])])


def describe_release(timeline: Timeline, entry: Publication, opened: Release | None, public_url: str) -> list[Quad]:
    """Return the description of the release of a publication; with its files if it is stored (`opened`)."""
    iri = release_iri(entry.release)
    triples = [
        *_identity(entry, public_url),
        *_build_activity(entry),
        *_publication_activities(timeline.entries, entry),
    ]
    triples += [each for each in _succession(timeline.entries) if each[0] == iri]
    if opened is not None:
        triples += _stored_details(entry, opened, f"{public_url}/release/{entry.release}")
    return to_quads(triples)


def _identity(entry: Publication, public_url: str) -> Iterator[IriTriple]:
    """Yield what a release is, and when it was first served."""
    iri = release_iri(entry.release)
    yield iri, RDF + "type", NamedNode(PROV + "Entity")
    for lang in LANGUAGES:
        yield iri, DCT + "title", Literal(f"{translate('release', lang)} {entry.release}", language=lang)
    yield iri, DCT + "identifier", Literal(entry.release)
    yield iri, DCAT + "version", Literal(entry.release)
    yield iri, DCAT + "isVersionOf", NamedNode(DATASET)
    yield iri, DCAT + "landingPage", NamedNode(f"{public_url}/release/{entry.release}/")
    yield iri, DCT + "issued", time_literal(entry.at)


def _build_activity(entry: Publication) -> Iterator[IriTriple]:
    """Yield which program built a release, from which sources, and its digest."""
    iri, build = release_iri(entry.release), release_iri(entry.release) + "#construction"
    software, sources = release_iri(entry.release) + "#logiciel", release_iri(entry.release) + "#sources"
    yield iri, PROV + "wasGeneratedBy", NamedNode(build)
    yield iri, PROV + "wasDerivedFrom", NamedNode(sources)
    yield from _checksum(iri, entry.digest)
    yield build, RDF + "type", NamedNode(PROV + "Activity")
    yield build, PROV + "used", NamedNode(sources)
    yield build, PROV + "wasAssociatedWith", NamedNode(software)
    yield software, RDF + "type", NamedNode(PROV + "SoftwareAgent")
    yield software, RDFS + "label", Literal(f"cper-lod {entry.program}")
    yield sources, RDF + "type", NamedNode(PROV + "Entity")
    yield from _checksum(sources, entry.sources)


def _publication_activities(entries: Iterable[Publication], entry: Publication) -> Iterator[IriTriple]:
    """Yield the publications of a release; a rollback makes more than one."""
    iri = release_iri(entry.release)
    for each in entries:
        if each.release == entry.release:
            published = publication_iri(each)
            yield published, RDF + "type", NamedNode(PROV + "Activity")
            yield published, PROV + "used", NamedNode(iri)
            yield published, PROV + "endedAtTime", time_literal(each.at)
            yield from translated(published, RDFS + "label", f"release-how-{each.how}")


def _succession(entries: Iterable[Publication]) -> Iterator[IriTriple]:
    """Yield which release replaced which, publication by publication."""
    for before, after in pairwise(entries):
        if before.release == after.release:  # a purge of earlier ones
            continue
        yield release_iri(before.release), DCT + "isReplacedBy", NamedNode(release_iri(after.release))
        yield release_iri(after.release), DCT + "replaces", NamedNode(release_iri(before.release))


def _stored_details(entry: Publication, opened: Release, address: str) -> Iterator[IriTriple]:
    """Yield what the stored release knows: build time, publisher, ontology version, files."""
    iri, build = release_iri(entry.release), release_iri(entry.release) + "#construction"
    yield build, PROV + "endedAtTime", time_literal(opened.built_at)
    rights = opened.rights
    if rights.publisher:
        yield build, PROV + "wasAssociatedWith", NamedNode(rights.publisher)
        yield iri, DCT + "publisher", NamedNode(rights.publisher)
    if rights.licence:
        yield iri, DCT + "license", NamedNode(rights.licence)
    for version in ReleaseGraph(opened).all(NamedNode(ONTOLOGY), OWL + "versionIRI"):
        if isinstance(version, NamedNode):
            yield iri, DCT + "conformsTo", version
            yield ONTOLOGY, OWL + "versionIRI", version
    yield iri, VOID + "triples", Literal(int(opened.manifest["triples"]))
    for suffix in ("nt.gz", "ttl", "jsonld"):
        if f"{DUMP}/tout.{suffix}" in opened.manifest["files"]:
            yield iri, VOID + "dataDump", NamedNode(f"{address}/{DUMP}/tout.{suffix}")


def _checksum(iri: str, digest: str) -> Iterator[IriTriple]:
    node = f"{iri}-sha256" if "#" in iri else f"{iri}#sha256"
    yield iri, _SPDX + "checksum", NamedNode(node)
    yield node, RDF + "type", NamedNode(_SPDX + "Checksum")
    yield node, _SPDX + "algorithm", NamedNode(_SPDX + "checksumAlgorithm_sha256")
    yield node, _SPDX + "checksumValue", Literal(digest, datatype=NamedNode(XSD + "hexBinary"))

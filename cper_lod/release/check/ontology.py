"""Checking the life of the ontology: the chain of its versions, what it promised to keep, deprecated terms in use."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from pyoxigraph import NamedNode, Quad

from cper_lod.core.namespaces import ONTOLOGY, OWL, shorten
from cper_lod.rdf.report import Finding
from cper_lod.release.check.findings import finding
from cper_lod.release.docs.ontology import DEPRECATED, defined, deprecated
from cper_lod.release.sources.read import Sources
from cper_lod.release.sources.versions import FOLDER, NUMBER, START, by_number
from cper_lod.release.storage.nodes import parsed

_DEPRECATED = f" <{DEPRECATED}> ".encode()
HEADER = "ontology/cper.ttl"
"""Where the ontology says its version."""


def check_versions(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each version that is named and not kept, kept and not named, or not what its name says."""
    kept = by_number(sources.versions)
    ontology = sources.ontology
    for number, quads in kept.items():
        if not NUMBER.fullmatch(number) or _said(quads, "versionIRI") != [START + number]:
            yield finding("violation", "version-name", START + number, (_file(number),), path=_file(number))
    chain: list[str] = []
    named = [(HEADER, each) for each in _said(ontology, "priorVersion")]
    while named:
        file, iri = named.pop()
        number = iri.removeprefix(START)
        if number not in kept:
            path = _file(number)
            yield finding("violation", "version-absent", ONTOLOGY, (file,), iri=iri, path=path)
        elif number not in chain:
            chain.append(number)
            named += [(_file(number), each) for each in _said(kept[number], "priorVersion")]
    for number in kept:
        if number not in chain:
            yield finding("violation", "version-unchained", START + number, (_file(number),), iri=START + number)
    yield from _promises(kept, ontology)


def _promises(kept: dict[str, list[Quad]], ontology: Sequence[Quad]) -> Iterator[Finding]:
    """Yield a finding for each term of a version with which the ontology says it is compatible, and that it lacks."""
    ours = defined(ontology)
    for iri in _said(ontology, "backwardCompatibleWith"):
        for term in defined(kept.get(iri.removeprefix(START), ())):
            if term not in ours:
                yield finding("violation", "version-broken", term, (HEADER,), term=shorten(term), iri=iri)


def check_deprecated(sources: Sources) -> Iterator[Finding]:
    """Yield a finding for each deprecated term of ours and each file of data that still uses it."""
    gone = deprecated(parsed(line for line in sources.published.lines() if _DEPRECATED in line))
    uses = sources.stated.uses(partial(_used, {f"<{term}>".encode(): term for term in gone})) if gone else {}
    for (name, term), count in uses.items():
        yield finding("warning", "deprecated", term, (name,), term=shorten(term), path=name, count=count)


def _used(terms: Mapping[bytes, str], line: bytes) -> Iterable[str]:
    """Return which of some terms a statement uses: its property, and its class or its code."""
    _, predicate, rest = line.split(b" ", 2)
    return [terms[each] for each in (predicate, rest.partition(b" ")[0]) if each in terms]


def _said(quads: Iterable[Quad], name: str) -> list[str]:
    """Return the IRIs that the header of an ontology gives for a property of OWL."""
    header, predicate = NamedNode(ONTOLOGY), NamedNode(OWL + name)
    return [
        each.object.value
        for each in quads
        if each.subject == header and each.predicate == predicate and isinstance(each.object, NamedNode)
    ]


def _file(number: str) -> str:
    return f"{FOLDER.as_posix()}/{number}.ttl"

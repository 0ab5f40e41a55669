"""What changed between two releases in RDF: a change set for each thing, each fact with what supports it.

The vocabulary is Changeset (http://purl.org/vocab/changeset/schema#), made for this: one set a thing, additions and
removals as statements of their own (rdf:Statement), so that each can name what supports it (prov:wasDerivedFrom) in
every form of RDF, those without named graphs too. A corrected value is removed and added.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CS, DCT, PROV, RDF, XSD
from cper_lod.release.changes.describe import Row

_Triple = tuple[str, str, NamedNode | BlankNode | Literal | Triple]


def changeset_iri(before: str, after: str) -> str:
    """Return the IRI of what changed between two releases, given by their ids; `before` is empty for the first one."""
    return f"{BASE}release/{after}/changes" + (f"?since={before}" if before else "")


def term_from_json(told: dict[str, str]) -> NamedNode | BlankNode | Literal | Triple:
    """Return a value as it was told as a term of RDF."""
    match told["type"]:
        case "uri":
            return NamedNode(told["value"])
        case "bnode":
            return BlankNode(told["value"])
        case "triple":
            text = f"<x:> <x:> {told['value']} .".encode()
            (quad,) = parse(text, RdfFormat.N_TRIPLES, lenient=True)
            return quad.object if isinstance(quad, Quad) else quad
        case _:
            if "xml:lang" in told:
                return Literal(told["value"], language=told["xml:lang"])
            return Literal(told["value"], datatype=NamedNode(told.get("datatype", XSD + "string")))


def subject(thing: str) -> NamedNode | BlankNode:
    """Return a thing as a term of RDF."""
    return BlankNode(thing[2:]) if thing.startswith("_:") else NamedNode(thing)


def changeset_quads(before: str, after: str, rows: Iterable[Row], at: str = "") -> Iterator[Quad]:
    """Yield the change sets of rows; `at` is when `after` came to be served, as xsd:dateTime, empty for unknown."""
    for own, predicate, value in _said(changeset_iri(before, after), before, after, rows, at):
        yield Quad(NamedNode(own), NamedNode(predicate), value)


def _said(whole: str, before: str, after: str, rows: Iterable[Row], at: str) -> Iterator[_Triple]:
    yield whole, RDF + "type", NamedNode(PROV + "Collection")
    for lang in LANGUAGES:
        title = translate("changes-between", lang, before=before or "–", after=after)
        yield whole, DCT + "title", Literal(title, language=lang)
    for release in filter(None, (before, after)):
        yield whole, PROV + "wasDerivedFrom", NamedNode(f"{BASE}release/{release}")
    for row in rows:
        own = f"{whole}#{short_hash(row['thing'])}"
        yield whole, PROV + "hadMember", NamedNode(own)
        yield own, RDF + "type", NamedNode(CS + "ChangeSet")
        yield own, CS + "subjectOfChange", subject(row["thing"])
        if at:
            yield own, CS + "createdDate", Literal(at, datatype=NamedNode(XSD + "dateTime"))
        for told in row["facts"]:
            yield from _fact(own, row["thing"], told)


def _fact(own: str, thing: str, told: dict[str, Any]) -> Iterator[_Triple]:
    for side, relation in (("old", "removal"), ("new", "addition")):
        if side in told:
            node = f"{own}-{relation}-{short_hash(told['property'], str(sorted(told[side].items())))}"
            yield own, CS + relation, NamedNode(node)
            yield node, RDF + "type", NamedNode(RDF + "Statement")
            yield node, RDF + "subject", subject(thing)
            yield node, RDF + "predicate", NamedNode(told["property"])
            yield node, RDF + "object", term_from_json(told[side])
            for support in told[f"{side}_statements"]:
                yield node, PROV + "wasDerivedFrom", NamedNode(support["statement"])


def short_hash(*texts: str) -> str:
    """Return what stands for texts at the end of an IRI: the same for the same texts, and no other's."""
    return sha256("\0".join(texts).encode()).hexdigest()[:24]

"""The changes between two releases in RDF: a change set per resource, each fact with what supports it.

The vocabulary is Changeset (http://purl.org/vocab/changeset/schema#): one set per resource, with additions and
removals as rdf:Statement, so that each can refer to what supports it (prov:wasDerivedFrom) in every RDF format, with
or without named graphs. A correction is a removal and an addition.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from cper_lod.core.namespaces import BASE, CS, DCT, PROV, RDF, XSD
from cper_lod.rdf.graph import translations
from cper_lod.release.changes.describe import Row

_Triple = tuple[str, str, NamedNode | BlankNode | Literal | Triple]


def changeset_iri(before: str, after: str) -> str:
    """Return the IRI of the changes between two releases, given by id; `before` is empty for the first release."""
    return f"{BASE}release/{after}/changes" + (f"?since={before}" if before else "")


def term_from_json(term: dict[str, str]) -> NamedNode | BlankNode | Literal | Triple:
    """Return a value in JSON form as an RDF term."""
    match term["type"]:
        case "uri":
            return NamedNode(term["value"])
        case "bnode":
            return BlankNode(term["value"])
        case "triple":
            text = f"<x:> <x:> {term['value']} .".encode()
            (quad,) = parse(text, RdfFormat.N_TRIPLES, lenient=True)
            return quad.object if isinstance(quad, Quad) else quad
        case _:
            if "xml:lang" in term:
                return Literal(term["value"], language=term["xml:lang"])
            return Literal(term["value"], datatype=NamedNode(term.get("datatype", XSD + "string")))


def subject(resource: str) -> NamedNode | BlankNode:
    """Return a resource as an RDF term."""
    return BlankNode(resource[2:]) if resource.startswith("_:") else NamedNode(resource)


def changeset_quads(before: str, after: str, rows: Iterable[Row], at: str = "") -> Iterator[Quad]:
    """Yield the change sets of rows; `at` is the time of publication of `after` as xsd:dateTime, empty if unknown."""
    for iri, predicate, value in _triples(changeset_iri(before, after), before, after, rows, at):
        yield Quad(NamedNode(iri), NamedNode(predicate), value)


def _triples(collection: str, before: str, after: str, rows: Iterable[Row], at: str) -> Iterator[_Triple]:
    yield collection, RDF + "type", NamedNode(PROV + "Collection")
    yield from translations(collection, DCT + "title", "changes-between", before=before or "–", after=after)
    for release in filter(None, (before, after)):
        yield collection, PROV + "wasDerivedFrom", NamedNode(f"{BASE}release/{release}")
    for row in rows:
        change_set = f"{collection}#{short_hash(row['thing'])}"
        yield collection, PROV + "hadMember", NamedNode(change_set)
        yield change_set, RDF + "type", NamedNode(CS + "ChangeSet")
        yield change_set, CS + "subjectOfChange", subject(row["thing"])
        if at:
            yield change_set, CS + "createdDate", Literal(at, datatype=NamedNode(XSD + "dateTime"))
        for fact in row["facts"]:
            yield from _fact(change_set, row["thing"], fact)


def _fact(change_set: str, resource: str, fact: dict[str, Any]) -> Iterator[_Triple]:
    for side, relation in (("old", "removal"), ("new", "addition")):
        if side in fact:
            node = f"{change_set}-{relation}-{short_hash(fact['property'], str(sorted(fact[side].items())))}"
            yield change_set, CS + relation, NamedNode(node)
            yield node, RDF + "type", NamedNode(RDF + "Statement")
            yield node, RDF + "subject", subject(resource)
            yield node, RDF + "predicate", NamedNode(fact["property"])
            yield node, RDF + "object", term_from_json(fact[side])
            for support in fact[f"{side}_statements"]:
                yield node, PROV + "wasDerivedFrom", NamedNode(support["statement"])


def short_hash(*texts: str) -> str:
    """Return a hash of texts for the end of an IRI."""
    return sha256("\0".join(texts).encode()).hexdigest()[:24]

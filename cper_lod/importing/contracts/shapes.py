"""The counts of a contract as SHACL shapes: signatories of each kind, priorities and axes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.namespaces import RDF, SH, SHAPES
from cper_lod.importing.contracts.graph import ContractGraph, Labels, Term, en, fr, node
from cper_lod.importing.contracts.model import Code, WorkbookRecords
from cper_lod.rdf.graph import Graph

_SHAPES: Final = node(SHAPES.removesuffix("#"))


def profile_shapes(graph: ContractGraph, records: WorkbookRecords, codes: Mapping[str, tuple[Code, ...]]) -> list[Quad]:
    """Return the SHACL profile of a contract, in the form of the files in `shapes/profiles/`."""
    quads: list[Quad] = []
    title = graph.mark_trial((graph.slug, graph.slug))
    for key, nouns, path, count in (
        ("signataires", ("signataires", "signatories"), ["cper:signePar"], len(records["signataires"])),
        ("priorites", ("priorités", "priorities"), ["cper:priorite"], len(records["priorites"])),
        ("axes", ("axes", "axes"), ["cper:priorite", "cper:axe"], len(records["axes"])),
    ):
        shape = NamedNode(f"{SHAPES}{graph.slug}-{key}")
        quads += _texts(shape, title, (f"{count} {nouns[0]}", f"{count} {nouns[1]}"))
        quads += _counts(shape, graph, path, count, "sh:minCount", "sh:maxCount")
    found = Counter(record.text("type") for record in records["signataires"])
    for code in codes["type-d-organisme"]:
        if found[code.iri]:
            quads += _kind(graph, code, found[code.iri], title)
    return quads


def counts(quads: Iterable[Quad]) -> set[tuple[str, ...]]:
    """Return what a profile counts: the thing, the path, the kind of what is counted, the least and the most."""
    graph = Graph(quads)

    def path(node: Term | BlankNode | None) -> str:
        if isinstance(node, BlankNode):
            return f"{path(graph.one(node, RDF + 'first'))} {path(graph.one(node, RDF + 'rest'))}".strip()
        return node.value if node and node.value != RDF + "nil" else ""

    found = set()
    for shape in graph.subjects():
        if target := graph.value(shape, SH + "targetNode"):
            kind = graph.one(shape, SH + "qualifiedValueShape")
            bounds = (
                graph.value(shape, f"{SH}{each}") or graph.value(shape, f"{SH}qualified{each[0].upper()}{each[1:]}")
                for each in ("minCount", "maxCount")
            )
            of = graph.value(kind, SH + "hasValue") if kind else ""
            found.add((target, path(graph.one(shape, SH + "path")), of, *bounds))
    return found


def _texts(shape: NamedNode, title: Labels, counted: Labels) -> Iterator[Quad]:
    """Yield the label, comment and message of a shape."""

    def add(predicate: str, french: str, english: str) -> Iterator[Quad]:
        yield Quad(shape, node(predicate), fr(french))
        yield Quad(shape, node(predicate), en(english))

    yield Quad(shape, NamedNode(RDF + "type"), node("sh:PropertyShape"))
    yield Quad(shape, node("rdfs:isDefinedBy"), _SHAPES)
    yield from add("rdfs:label", f"{title[0]} : {counted[0]}", f"{title[1]}: {counted[1]}")
    yield from add(
        "rdfs:comment",
        "Ce nombre vient du classeur importé : corrigez le classeur et importez-le de nouveau.",
        "This number comes from the imported workbook: correct the workbook and import it again.",
    )
    yield from add(
        "sh:message",
        f"Ce contrat n'a pas exactement {counted[0]}.",
        f"This contract does not have exactly {counted[1]}.",
    )


def _counts(
    shape: NamedNode, graph: ContractGraph, path: Sequence[str], count: int, least: str, most: str
) -> Iterator[Quad]:
    """Yield the target, the path and the required count of a shape."""
    target: Term | BlankNode = node(path[0])
    if len(path) > 1:
        target = BlankNode()
        here = target
        for position, step in enumerate(path, 1):
            rest = NamedNode(RDF + "nil") if position == len(path) else BlankNode()
            yield Quad(here, NamedNode(RDF + "first"), node(step))
            yield Quad(here, NamedNode(RDF + "rest"), rest)
            here = rest  # type: ignore[assignment]  # the last is rdf:nil and has no properties
    yield Quad(shape, node("sh:path"), target)
    yield Quad(shape, node("sh:severity"), node("sh:Violation"))
    yield Quad(shape, node("sh:targetNode"), NamedNode(graph.contract))
    for predicate in (least, most):
        yield Quad(shape, node(predicate), Literal(count))


def _kind(graph: ContractGraph, code: Code, count: int, title: Labels) -> Iterator[Quad]:
    """Yield the shape that counts the signatories of one kind, and its qualified value shape."""
    shape = NamedNode(f"{SHAPES}{graph.slug}-nombre-{code.notation}")
    value_shape = NamedNode(f"{SHAPES}{graph.slug}-type-{code.notation}")
    english = code.labels.get("en", code.notation)
    yield from _texts(
        shape,
        title,
        (f"{count} signataire(s) du type « {code.display_label} »", f"{count} signatory(ies) of the kind “{english}”"),
    )
    yield from _counts(shape, graph, ["cper:signePar"], count, "sh:qualifiedMinCount", "sh:qualifiedMaxCount")
    yield Quad(shape, node("sh:qualifiedValueShape"), value_shape)
    yield Quad(value_shape, NamedNode(RDF + "type"), node("sh:PropertyShape"))
    yield Quad(value_shape, node("rdfs:isDefinedBy"), _SHAPES)
    yield Quad(value_shape, node("rdfs:label"), fr(f"Est du type « {code.display_label} »"))
    yield Quad(value_shape, node("rdfs:label"), en(f"Is of the kind “{english}”"))
    yield Quad(value_shape, node("rdfs:comment"), fr(f"Employé par cpers:{graph.slug}-nombre-{code.notation}."))
    yield Quad(value_shape, node("rdfs:comment"), en(f"Used by cpers:{graph.slug}-nombre-{code.notation}."))
    yield Quad(value_shape, node("sh:hasValue"), NamedNode(code.iri))
    yield Quad(value_shape, node("sh:path"), node("org:classification"))

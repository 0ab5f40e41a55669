"""The counts of a contract as SHACL shapes: signatories of each kind, priorities and axes."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.namespaces import RDF, SH, SHAPES
from cper_lod.importing.contracts.graph import ContractGraph, Labels, Term, literals, node, words
from cper_lod.importing.contracts.model import Code, WorkbookRecords
from cper_lod.rdf.graph import Graph


def profile_shapes(graph: ContractGraph, records: WorkbookRecords, codes: Mapping[str, tuple[Code, ...]]) -> list[Quad]:
    """Return the SHACL profile of a contract, in the form of the files in `shapes/profiles/`."""
    title = graph.mark_trial((graph.slug, graph.slug))
    path, rest = BlankNode(), BlankNode()  # of axes, by way of the priorities
    quads = [
        Quad(path, NamedNode(RDF + "first"), node("cper:priorite")),
        Quad(path, NamedNode(RDF + "rest"), rest),
        Quad(rest, NamedNode(RDF + "first"), node("cper:axe")),
        Quad(rest, NamedNode(RDF + "rest"), NamedNode(RDF + "nil")),
    ]

    def add(shape: str, properties: Mapping[str, Term | BlankNode | tuple[Term, ...]]) -> None:
        shared = {"rdf:type": node("sh:PropertyShape"), "rdfs:isDefinedBy": node(SHAPES.removesuffix("#"))}
        for predicate, values in {**shared, **properties}.items():
            for value in values if isinstance(values, tuple) else (values,):
                quads.append(Quad(node(shape), node(predicate), value))

    def add_count(shape: str, path: Term | BlankNode, number: int, counted: Labels, qualified: str = "") -> None:
        stated = {
            "rdfs:label": literals(words("count", title=title, counted=counted)),
            "rdfs:comment": literals(words("count-comes-from")),
            "sh:message": literals(words("count-differs", counted=counted)),
            "sh:path": path,
            "sh:severity": node("sh:Violation"),
            "sh:targetNode": NamedNode(graph.contract),
        }
        least, most = ("qualifiedMinCount", "qualifiedMaxCount") if qualified else ("minCount", "maxCount")
        value_shape = {"sh:qualifiedValueShape": node(qualified)} if qualified else {}
        add(shape, {**stated, f"sh:{least}": Literal(number), f"sh:{most}": Literal(number), **value_shape})

    for key, counted_path in (
        ("signataires", node("cper:signePar")),
        ("priorites", node("cper:priorite")),
        ("axes", path),
    ):
        number = len(records[key])
        add_count(f"cpers:{graph.slug}-{key}", counted_path, number, words(f"count-{key}", count=number))
    kinds = Counter(record.text("type") for record in records["signataires"])
    for code in codes["type-d-organisme"]:
        if number := kinds[code.iri]:
            shape, value_shape = (f"cpers:{graph.slug}-{each}-{code.notation}" for each in ("nombre", "type"))
            kind = graph.codes[code.iri]
            add_count(
                shape, node("cper:signePar"), number, words("count-of-kind", count=number, kind=kind), value_shape
            )
            stated = {"sh:hasValue": NamedNode(code.iri), "sh:path": node("org:classification")}
            labels = {
                "rdfs:label": literals(words("of-kind", kind=kind)),
                "rdfs:comment": literals(words("used-by", shape=shape)),
            }
            add(value_shape, {**labels, **stated})
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

"""The flat forms of JSON-LD: expanded (without a context) and flattened (compacted with one)."""

from cper_lod.rdf.jsonld.compaction import MARGIN, STRING, TYPE, Compactor, is_class
from cper_lod.rdf.jsonld.context import Context
from cper_lod.rdf.jsonld.graph import JsonLdGraph, Value
from cper_lod.rdf.jsonld.json_text import INDENT, Json, format_array, format_object, quoted

_NONE = Context.parse({"@context": {}})


def expanded(graph: JsonLdGraph) -> list[Json]:
    """Return the node objects of a graph in expanded form (JSON-LD 1.1, section 9.2; API, section 5.1)."""
    writer = Compactor(graph, _NONE)  # for blank node labels
    return [_expanded_node(node, writer) for node in sorted(graph.nodes, key=graph.order)]


def _expanded_node(node: str, writer: Compactor) -> Json:
    graph = writer.graph
    parts: dict[str, Json] = {"@id": writer.label(node)}
    types: list[Json] = [*sorted(value for value in graph.nodes[node].get(TYPE, ()) if is_class(value))]
    if types:
        parts["@type"] = types
    for iri, values in sorted(graph.nodes[node].items()):
        others = sorted((value for value in values if iri != TYPE or not is_class(value)), key=graph.order)
        if others:
            parts[iri] = [_expanded_value(value, writer) for value in others]
    return parts


def _expanded_value(value: Value, writer: Compactor) -> Json:
    """Return a value object, a node reference or a list object; never a JSON number, so no digit is lost."""
    if isinstance(value, str):
        if value not in writer.graph.lists:
            return {"@id": writer.label(value)}
        return {"@list": [_expanded_value(item, writer) for item in writer.graph.lists[value]]}
    lexical, datatype, language, direction = value
    parts: dict[str, Json] = {"@value": lexical}
    if language is not None:
        parts["@language"] = language
        return parts | ({"@direction": direction} if direction else {})
    return parts if datatype == STRING else parts | {"@type": datatype}


def flattened(graph: JsonLdGraph, context: Context, address: str | None) -> str:
    """Return a graph as a flattened document, compacted with `context` (JSON-LD 1.1 API, section 5.3)."""
    writer = Compactor(graph, context)
    objects = []
    for node in sorted(graph.nodes, key=graph.order):
        entries = writer.entries(graph.nodes[node])
        objects.append(
            format_object([writer.identifier(node), *writer.node_members(node, entries, MARGIN + INDENT)], MARGIN)
        )
    nodes = f"{quoted(context.keyword('@graph'))}: {format_array(objects, MARGIN)}"
    return format_object([writer.context_member(address), nodes], "\n")

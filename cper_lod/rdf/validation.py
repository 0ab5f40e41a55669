"""Validation against SHACL shapes: the only room that knows pyshacl and rdflib.

Nothing is inferred, fetched or imported; `sh:targetClass` follows the `rdfs:subClassOf` that stand in the data.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import rdflib.plugins.sparql
from pyoxigraph import BlankNode, NamedNode, Quad, Triple
from pyoxigraph import Literal as OxLiteral
from pyshacl.errors import ReportableRuntimeError
from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.pytypes import SHACLExecutor
from pyshacl.shape import Shape
from pyshacl.shapes_graph import ShapesGraph
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Node

from cper_lod.rdf.report import Finding, Report, Severity, short
from cper_lod.terms.namespaces import RDFS, SH, SKOS, XSD
from cper_lod.terms.problems import LANGUAGES, Problem

_NO_FILES: Final[Mapping[str, Collection[Path]]] = MappingProxyType({})
_TARGETS: Final = tuple(URIRef(SH + "target" + kind) for kind in ("Class", "SubjectsOf", "ObjectsOf", "Node"))
_TARGET_NODE: Final = URIRef(SH + "targetNode")
_MESSAGE: Final = URIRef(SH + "message")
_LABEL: Final = URIRef(RDFS + "label")
_COMMENT: Final = URIRef(RDFS + "comment")
_SCOPE_NOTE: Final = URIRef(SKOS + "scopeNote")
_SEVERITIES: Final[Mapping[str, Severity]] = {SH + "Warning": "warning", SH + "Info": "info"}


def validate(
    data: Iterable[Quad], shapes: Iterable[Quad], *, files: Mapping[str, Collection[Path]] = _NO_FILES
) -> Report:
    """Return what the shapes find in the data (the union of its graphs).

    `files` says which files describe a subject, by its IRI. Raises `shapes-invalid` where a shape cannot be read or
    its query cannot be run.
    """
    with _literals_as_written():
        return _validate(_fill(RememberingGraph(), data), _fill(_graph(), shapes), files)


def _validate(data: Graph, shapes: Graph, files: Mapping[str, Collection[Path]]) -> Report:
    """Look at every focus node of every shape that has a target."""
    words = _Words(shapes)
    shapes.remove((None, _MESSAGE, None))  # see _Words
    executor = SHACLExecutor()
    findings: list[Finding] = []
    seen: set[Node] = set()
    count = 0
    for shape in _shapes(shapes):
        if not any((shape.node, target, None) in shapes for target in _TARGETS):
            continue
        count += 1
        missing = {node for node in shapes.objects(shape.node, _TARGET_NODE) if (node, None, None) not in data}
        nodes: set[Node] = shape.focus_nodes(data) - missing  # type: ignore[no-untyped-call]
        seen |= nodes
        # A rule that looked at nothing must not pass for one that holds, unless it says when it has nothing to look at.
        findings += [words.unreached(shape, str(node)) for node in missing]
        at_rest = nodes or missing or (shape.node, _SCOPE_NOTE, None) in shapes
        findings += [] if at_rest else [words.unreached(shape, None)]
        findings += [words.finding(shape, result) for result in _results(executor, shape, data, nodes)]
    return Report(tuple(_with_files(finding, files) for finding in findings), count, len(seen))


def _shapes(shapes: Graph) -> Collection[Shape]:
    """Return pyshacl's reading of the shapes; raises `shapes-invalid`."""
    try:
        found: Collection[Shape] = ShapesGraph(shapes).shapes
    except ReportableRuntimeError as error:
        raise Problem("shapes-invalid", shape="shapes/", message=_one_line(error)) from error
    return found


def _results(executor: SHACLExecutor, shape: Shape, data: Graph, nodes: set[Node]) -> list[dict[str, Any]]:
    """Return the results of one shape, each a mapping from the local name of its SHACL property to its value."""
    if not nodes:
        return []
    try:
        _, reports = shape.validate(executor, data, focus=list(nodes))  # type: ignore[arg-type]
    except (ReportableRuntimeError, QueryError, NotImplementedError, re.error) as error:
        raise Problem("shapes-invalid", shape=short(str(shape.node)), message=_one_line(error)) from error
    return [
        {predicate.removeprefix(SH): value[1] if isinstance(value, tuple) else value for _, predicate, value in triples}
        for _, _, triples in reports
    ]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())


def _with_files(finding: Finding, files: Mapping[str, Collection[Path]]) -> Finding:
    """Return the finding with the files that describe its node."""
    found = tuple(sorted(path.as_posix() for path in files.get(finding.node, ())))
    return Finding(**{**vars(finding), "files": found}) if found else finding


class _Words:
    """What the shapes say in French and English: what is wrong, what to do.

    Read here and kept from pyshacl, which drops the language of a message as soon as it fills in a variable, and reads
    the value as a pattern while doing so (a backslash in the data ends it). `{$this}`, `{?value}` and `{?path}` are
    filled; those are all the variables that a result keeps.
    """

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self.messages = {node: self._texts(node, _MESSAGE) for node in set(shapes.subjects(_MESSAGE, None))}

    def _texts(self, node: Node, predicate: URIRef) -> dict[str, str]:
        texts = sorted((each.language or "", str(each)) for each in self.shapes.objects(node, predicate)
                       if isinstance(each, Literal))  # fmt: skip
        return dict(reversed(texts))

    def finding(self, shape: Shape, result: Mapping[str, Any]) -> Finding:
        """Return a result of pyshacl as a finding, with the words of the shape it comes from."""
        source = result["sourceShape"]
        bound = {
            "this": _text(result["focusNode"]),
            "value": _text(result.get("value")),
            "path": _path(shape, result.get("resultPath")),
        }
        messages = self.messages.get(result.get("sourceConstraint", source)) or self.messages.get(source) or {}
        component = str(result["sourceConstraintComponent"])
        return Finding(
            severity=_SEVERITIES.get(str(result["resultSeverity"]), "violation"),
            node=bound["this"] or "",
            messages=_both({lang: _fill_in(text, bound) for lang, text in messages.items()}, component),
            remedies=_both(self._texts(source, _COMMENT), ""),
            shape=str(source) if isinstance(source, URIRef) else str(shape.node),
            path=bound["path"],
            value=bound["value"],
            component=component,
        )

    def unreached(self, shape: Shape, target: str | None) -> Finding:
        """Return the finding that a shape reached no node: a violation where it names the one that is missing."""
        labels = _both(self._texts(shape.node, _LABEL), short(str(shape.node)))
        if target is None:
            messages = {
                "fr": f"La règle « {labels['fr']} » n'a trouvé aucun nœud à examiner : elle n'a rien vérifié.",
                "en": f"The rule “{labels['en']}” found no node to examine: it has checked nothing.",
            }
        else:
            messages = {
                "fr": f"La règle « {labels['fr']} » porte sur {short(target)}, que les données ne décrivent pas.",
                "en": f"The rule “{labels['en']}” is about {short(target)}, which the data do not describe.",
            }
        return Finding("info" if target is None else "violation", target or str(shape.node), messages, _REACH,
                       shape=str(shape.node))  # fmt: skip


_REACH: Final = {
    "fr": "Vérifiez la cible de la règle (sh:target…) et le type des ressources ; retirez la règle si rien ne la"
    " concerne ici.",
    "en": "Check the target of the rule (sh:target…) and the types of the resources; remove the rule if nothing here"
    " is its concern.",
}


def _both(texts: Mapping[str, str], default: str) -> dict[str, str]:
    """Return a text for each of our languages, whatever languages there are."""
    any_ = next((texts[lang] for lang in ("en", "fr", *sorted(texts)) if lang in texts), default)
    return {lang: texts.get(lang, any_) for lang in LANGUAGES}


def _path(shape: Shape, path: Node | None) -> str | None:
    """Return a path as its IRI, or as SPARQL writes it."""
    if path is None or isinstance(path, URIRef):
        return None if path is None else str(path)
    return str(shacl_path_to_sparql_path(shape.sg, path))


def _text(term: Node | None) -> str | None:
    return None if term is None else f"_:{term}" if isinstance(term, BNode) else str(term)


_VARIABLE: Final = re.compile(r"\{[?$](this|value|path)\}")


def _fill_in(template: str, bound: Mapping[str, str | None]) -> str:
    """Return a message with its variables filled, IRIs in short; an ellipsis where a result has no such value."""
    return _VARIABLE.sub(lambda match: short(bound[match[1]] or "…"), template)


class QueryError(ValueError):
    """The query of a shape cannot be parsed."""


class RememberingGraph(Graph):
    """A graph that parses each query text once, and is the lightest that rdflib has.

    pyshacl asks the text of a constraint again for every focus node, and rdflib's parser is slow: four fifths of the
    time of a validation went there. A parsed query holds nothing of the graph nor of the focus node, which is bound
    at each evaluation.
    """

    def __init__(self) -> None:
        super().__init__("SimpleMemory", bind_namespaces="none")

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:  # noqa: ANN401
        """Evaluate a query as `Graph.query` does, parsed before where the text is known."""
        if isinstance(query_object, str):
            query_object = _parsed(query_object)
        return super().query(query_object, *args, **kwargs)


@lru_cache(maxsize=1024)
def _parsed(text: str) -> Query:
    try:
        return prepareQuery(text)
    except Exception as error:  # pyparsing, rdflib and plain Exception: whatever it is, the text is at fault
        raise QueryError(str(error)) from error


def _graph() -> Graph:
    return Graph("SimpleMemory", bind_namespaces="none")


def _fill(graph: Graph, quads: Iterable[Quad]) -> Graph:
    """Add quads to an rdflib graph, each term as it is written, whichever graph it is in."""
    terms: dict[object, Node] = {}

    def term(each: NamedNode | BlankNode | OxLiteral | Triple) -> Node:
        known = terms.get(each)
        if known is None:
            known = terms[each] = _term(each)
        return known

    for quad in quads:
        if not isinstance(quad.object, Triple):  # RDF 1.2 triple terms are nothing to rdflib
            graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph


def _term(each: NamedNode | BlankNode | OxLiteral | Triple) -> Node:
    """Return a term of pyoxigraph as a term of rdflib."""
    if isinstance(each, NamedNode):
        return URIRef(each.value)
    if isinstance(each, OxLiteral):
        # What is written without a datatype is so to rdflib, in the data as in the queries of the shapes.
        datatype = None if each.language or each.datatype.value == XSD + "string" else URIRef(each.datatype.value)
        return Literal(each.value, lang=each.language, datatype=datatype, normalize=False)
    return BNode(str(each).removeprefix("_:"))


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting literals and from loading graphs that a query names; put its settings back."""
    before = rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS
    rdflib.NORMALIZE_LITERALS = False
    rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = before

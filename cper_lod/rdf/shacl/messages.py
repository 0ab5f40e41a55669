"""Messages and remedies of findings, in French and English, from the texts of the shapes."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shape import Shape
from rdflib import RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from cper_lod.core.errors import LANGUAGES, Phrase
from cper_lod.core.text import single_stopped
from cper_lod.rdf.report import Finding, Severity, finding, short_name

_SEVERITIES: Final[Mapping[Node, Severity]] = {SH.Warning: "warning", SH.Info: "info"}


class ShapeMessages:
    """The messages of shapes, in French and English: what is wrong, and what to do.

    They are removed from the graph, which is that of pyshacl, because pyshacl drops the language of a message with variables, and
    treats the value as a regular expression replacement (a backslash in the data is an error). `{$this}`, `{?value}` and
    `{?path}` are filled in; a result contains no other variables.
    """

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self.messages = {node: self._texts(node, SH.message) for node in set(shapes.subjects(SH.message, None))}
        shapes.remove((None, SH.message, None))

    def _texts(self, node: Node, predicate: URIRef) -> dict[str, str]:
        texts = [each for each in self.shapes.objects(node, predicate) if isinstance(each, Literal)]
        return dict(sorted(((each.language or "", str(each)) for each in texts), reverse=True))

    def of_result(self, shape: Shape, node: Node, triples: Iterable[tuple[Any, Any, Any]]) -> Finding:
        """Return a result of pyshacl, given by its node and triples, with the messages of its shape."""
        result = {
            predicate.removeprefix(str(SH)): value[1] if isinstance(value, tuple) else value
            for subject, predicate, value in triples
            if subject == node
        }
        source, path = result["sourceShape"], result.get("resultPath")
        if isinstance(path, BNode):
            path = shacl_path_to_sparql_path(shape.sg, path)
        bound = {
            "this": display_name(result["focusNode"]),
            "value": display_name(result["value"]) if "value" in result else None,
            "path": None if path is None else str(path),
        }
        # The words of a query, or of a shape without a name, are those of its rule.
        nodes = (result.get("sourceConstraint", source), source, shape.node)
        messages = next((self.messages[each] for each in nodes if each in self.messages), {})
        component = str(result["sourceConstraintComponent"])
        return Finding(
            severity=_SEVERITIES.get(result["resultSeverity"], "violation"),
            node=display_name(result["focusNode"]),
            messages=_in_both_languages({lang: _fill_in(text, bound) for lang, text in messages.items()}, component),
            remedies=_in_both_languages(self._texts(source, RDFS.comment) or self._texts(shape.node, RDFS.comment), ""),
            shape=str(source) if isinstance(source, URIRef) else str(shape.node),
            path=bound["path"],
            value=bound["value"],
            component=component,
        )

    def of_rule(self, severity: Severity, key: str, shape: Shape, node: Node, **values: str) -> Finding:
        """Return a finding about a rule as such, whose texts are the sentences `finding-<key>` and `remedy-<key>`."""
        labels = _in_both_languages(self._texts(shape.node, RDFS.label), short_name(str(shape.node)))
        label = Phrase(labels["en"], labels["fr"])
        return replace(finding(severity, key, display_name(node), (), label=label, **values), shape=str(shape.node))


def _in_both_languages(texts: Mapping[str, str], default: str) -> dict[str, str]:
    """Return the text in each of our languages, or in any language it has."""
    any_ = next((texts[lang] for lang in ("en", "fr", *sorted(texts)) if lang in texts), default)
    return {lang: texts.get(lang, any_) for lang in LANGUAGES}


def display_name(term: Node) -> str:
    """Return what a report calls a node: an IRI, a blank node with `_:`, the text of a literal."""
    return f"_:{term}" if isinstance(term, BNode) else str(term)


_VARIABLE: Final = re.compile(r"\{[?$](this|value|path)\}")
_LAST: Final = re.compile(r"(?: ?: | \()\{[?$](value|path)\}\)?(?=\.$)")
"""A variable at the end of a message, after a colon or in brackets."""
_PATH_IRI: Final = re.compile(r"<([a-z]+://[^<>\s]+)>")


def _fill_in(template: str, bound: Mapping[str, str | None]) -> str:
    """Return a message with its variables filled in; without a value, the last one is left out, another is “…”.

    >>> _fill_in("{$this}: {?path} is missing: {?value}.", {"this": "x", "path": None, "value": None})
    'x: … is missing.'
    """
    plain = _LAST.sub(lambda match: "" if bound[match[1]] is None else match[0], template)
    return single_stopped(_VARIABLE.sub(lambda match: _shown(bound[match[1]] or "…"), plain))


def _shown(text: str) -> str:
    """Return a value as a message shows it: IRIs shortened, also those of a path.

    >>> _shown("<http://purl.org/dc/terms/type> / <http://www.w3.org/2004/02/skos/core#inScheme>")
    'dct:type / skos:inScheme'
    """
    return _PATH_IRI.sub(lambda match: short_name(match[1]), short_name(text))

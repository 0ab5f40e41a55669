"""Messages and remedies of findings, in French and English, from the texts of the shapes."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pyshacl.helper.path_helper import shacl_path_to_sparql_path
from pyshacl.shape import Shape
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.i18n import sentence, translate
from cper_lod.core.namespaces import RDFS, SH
from cper_lod.core.text import single_stopped
from cper_lod.rdf.report import Finding, Severity, short_name

_MESSAGE: Final = URIRef(SH + "message")
_LABEL: Final = URIRef(RDFS + "label")
_COMMENT: Final = URIRef(RDFS + "comment")
_SEVERITIES: Final[Mapping[str, Severity]] = {SH + "Warning": "warning", SH + "Info": "info"}


class ShapeMessages:
    """The messages of shapes, in French and English: what is wrong, and what to do.

    They are removed from the graph, which is that of pyshacl, because pyshacl drops the language of a message with variables, and
    treats the value as a regular expression replacement (a backslash in the data is an error). `{$this}`, `{?value}` and
    `{?path}` are filled in; a result contains no other variables.
    """

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        self.messages = {node: self._texts(node, _MESSAGE) for node in set(shapes.subjects(_MESSAGE, None))}
        shapes.remove((None, _MESSAGE, None))

    def _texts(self, node: Node, predicate: URIRef) -> dict[str, str]:
        texts = sorted(
            (each.language or "", str(each))
            for each in self.shapes.objects(node, predicate)
            if isinstance(each, Literal)
        )
        return dict(reversed(texts))

    def of_result(self, shape: Shape, result: Mapping[str, Any]) -> Finding:
        """Return a result of pyshacl, its properties by local name, with the messages of its shape."""
        source = result["sourceShape"]
        bound = {
            "this": display_name(result["focusNode"]),
            "value": display_name(result["value"]) if "value" in result else None,
            "path": _path(shape, result.get("resultPath")),
        }
        # The words of a query, or of a shape without a name, are those of its rule.
        nodes = (result.get("sourceConstraint", source), source, shape.node)
        messages = next((self.messages[each] for each in nodes if each in self.messages), {})
        component = str(result["sourceConstraintComponent"])
        return Finding(
            severity=_SEVERITIES.get(str(result["resultSeverity"]), "violation"),
            node=display_name(result["focusNode"]),
            messages=_in_both_languages({lang: _fill_in(text, bound) for lang, text in messages.items()}, component),
            remedies=_in_both_languages(self._texts(source, _COMMENT) or self._texts(shape.node, _COMMENT), ""),
            shape=str(source) if isinstance(source, URIRef) else str(shape.node),
            path=bound["path"],
            value=bound["value"],
            component=component,
        )

    def uncomputable(self, shape: Shape, node: Node, error: str) -> Finding:
        """Return the finding that a rule cannot be computed for a node: what was not checked does not conform."""
        finding = self._of_rule("violation", "uncomputable", shape, display_name(node), error=error)
        return replace(finding, component=SH + "ConstraintComponent")

    def unreached(self, shape: Shape) -> Finding:
        """Return the finding that a shape has no focus node."""
        return self._of_rule("info", "unreached", shape, str(shape.node))

    def _of_rule(self, severity: Severity, key: str, shape: Shape, node: str, **values: str) -> Finding:
        labels = _in_both_languages(self._texts(shape.node, _LABEL), short_name(str(shape.node)))
        messages: dict[str, str] = {
            lang: translate(f"rule-{key}", lang, label=labels[lang], **values) for lang in LANGUAGES
        }
        remedies: dict[str, str] = {lang: sentence(f"rule-{key}-remedy", lang) for lang in LANGUAGES}
        return Finding(severity, node, messages, remedies, shape=str(shape.node), rule=f"rule-{key}")


def _in_both_languages(texts: Mapping[str, str], default: str) -> dict[str, str]:
    """Return the text in each of our languages, or in any language it has."""
    any_ = next((texts[lang] for lang in ("en", "fr", *sorted(texts)) if lang in texts), default)
    return {lang: texts.get(lang, any_) for lang in LANGUAGES}


def _path(shape: Shape, path: Node | None) -> str | None:
    """Return a path as its IRI, or in SPARQL syntax."""
    if path is None or isinstance(path, URIRef):
        return None if path is None else str(path)
    return str(shacl_path_to_sparql_path(shape.sg, path))


def display_name(term: Node) -> str:
    """Return what a report calls a node: an IRI, a blank node with `_:`, the text of a literal."""
    return f"_:{term}" if isinstance(term, BNode) else str(term)


_VARIABLE: Final = re.compile(r"\{[?$](this|value|path)\}")
_LAST: Final = re.compile(r"(?: ?: | \()\{[?$](value|path)\}\)?(?=\.$)")
"""A variable at the end of a message, after a colon or in brackets."""
_PATH_IRI: Final = re.compile(r"<([a-z]+://[^<>\s]+)>")
_PADDED: Final = re.compile(r"0+([0-9]+(?:\.[0-9]+)?)")
"""A number padded with zeros to fifteen digits (cper:nombre)."""


def _fill_in(template: str, bound: Mapping[str, str | None]) -> str:
    """Return a message with its variables filled in; without a value, the last one is left out, another is “…”.

    >>> _fill_in("{$this}: {?path} is missing: {?value}.", {"this": "x", "path": None, "value": None})
    'x: … is missing.'
    """
    plain = _LAST.sub(lambda match: "" if bound[match[1]] is None else match[0], template)
    return single_stopped(_VARIABLE.sub(lambda match: _shown(bound[match[1]] or "…"), plain))


def _shown(text: str) -> str:
    """Return a value as a message shows it: IRIs shortened, also those of a path, and numbers without padding.

    >>> _shown("000000000000057.3"), _shown("<http://purl.org/dc/terms/type> / <http://www.w3.org/2004/02/skos/core#inScheme>")
    ('57.3', 'dct:type / skos:inScheme')
    """
    if len(text.partition(".")[0]) == 15 and (number := _PADDED.fullmatch(text)):
        return number[1]
    return _PATH_IRI.sub(lambda match: short_name(match[1]), short_name(text))

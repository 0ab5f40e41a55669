"""The code lists that the ontology defines, as its documentation shows them."""

from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import ONTOLOGY, SKOS
from cper_lod.rdf.graph import Node
from cper_lod.release.docs import usage
from cper_lod.web.components.view import Value, View
from cper_lod.web.http import responses
from cper_lod.web.site import site

MOST: Final = 500
"""Codes that the page shows of one list."""


@dataclass(frozen=True)
class CodeList:
    """A code list: its name, what it is for, and its codes with notation and meaning."""

    value: Value
    definition: str
    codes: list[tuple[Value, str, str]]


def lists(view: View) -> list[CodeList]:
    """Return the code lists that the ontology defines."""
    lang = responses.lang()

    def meaning(node: Node) -> str:
        return view.reader.text(node, SKOS + "definition", lang)[0]

    return [
        CodeList(
            view.iri(iri),
            meaning(NamedNode(iri)),
            [
                (view.iri(code.value), view.reader.value(code, SKOS + "notation"), meaning(code))
                for code in view.reader.all(NamedNode(iri), SKOS + "hasTopConcept")[:MOST]
                if isinstance(code, NamedNode)
            ],
        )
        for iri in usage.defined(site().release, ONTOLOGY, SKOS + "ConceptScheme")
    ]

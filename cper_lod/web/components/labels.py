"""What things are called on a page, and what kind of thing each is, in the reader's language."""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, OA, RDFS, shorten
from cper_lod.rdf.graph import Graph
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.components.observations import Hyperlink, exact_words
from cper_lod.web.components.property_groups import is_technical_class
from cper_lod.web.http import formatting, urls

QUOTE_LENGTH: Final = 80
"""Characters of the words by which a passage that has no name is called."""
MAX_PARENT_STEPS: Final = 8
"""How many steps above a thing it is looked for what it belongs to."""


class LabelReader:
    """Names of IRIs, each looked up once a page: in the release, then in the quads of the document."""

    def __init__(self, reader: ReleaseGraph, graph: Graph, lang: Language) -> None:
        self.reader = reader
        self.lang = lang
        self._graph = graph
        self._names: dict[str, str] = {}

    def name(self, iri: str) -> str:
        """Return the label of any IRI; else its words, or what it is and the end of its IRI; else the IRI, in short."""
        if iri not in self._names:
            self._names[iri] = formatting.address(iri)  # what is called after its class may be its own class
            node = NamedNode(iri)
            label = self.reader.name(node, self.lang) or self._graph.name(node, self.lang)
            self._names[iri] = label or self._unnamed(iri)
        return self._names[iri]

    def _unnamed(self, iri: str) -> str:
        short = shorten(iri)
        if short != iri:
            return short
        if words := exact_words(self.reader, NamedNode(iri)):
            return translate("quoted", self.lang, words=formatting.brief(words.value, QUOTE_LENGTH))
        if urls.thing(iri) and (kind := self.main_class(self.reader.types(NamedNode(iri)))):
            return f"{formatting.capital(self.name(kind))} ({'/'.join(iri.rsplit('/', 2)[1:])})"
        return formatting.address(iri)

    def main_class(self, types: Iterable[str]) -> str:
        """Return the class that says most: ours first, machinery last, no superclass of another; empty for none."""
        named = set(types)
        ranked = [
            (not name.startswith(CPER), is_technical_class(name), self._is_above(name, named), name) for name in named
        ]
        return min(ranked)[3] if ranked else ""

    def _is_above(self, name: str, others: Iterable[str]) -> bool:
        """Return whether a class is the superclass of another."""
        node = NamedNode(name)
        return any(node in self.reader.all(NamedNode(each), RDFS + "subClassOf") for each in others if each != name)

    def class_label(self, iri: str) -> str:
        """Return the name of what is said to be the kind of a thing, empty where it has none."""
        kind = self.display_class(iri)
        return self.name(kind) if kind else ""

    def display_class(self, iri: str) -> str:
        """Return what people are told is the kind of a thing: the class that says most of it, empty where it has none.

        Of an annotation that links it is this purpose: its class would say how the link is written.
        """
        node = NamedNode(iri)
        kind = self.main_class(self.reader.types(node))
        links = kind == OA + "Annotation" and NamedNode(OA + "linking") in self.reader.all(node, OA + "motivatedBy")
        return OA + "linking" if links else kind

    def parent(self, iri: str) -> Hyperlink | None:
        """Return what a thing belongs to: the largest that its IRI lies under, else the contract it names; or None."""
        above, found = iri, ""
        for _ in range(MAX_PARENT_STEPS):
            above = above.rpartition("/")[0]
            if not urls.thing(above):
                break
            found = above if self.reader.is_described(above) else found
        contract = None if found else self.reader.one(NamedNode(iri), CPER + "contrat")
        found = contract.value if isinstance(contract, NamedNode) else found
        return Hyperlink(self.name(found), urls.page(found)) if found else None

"""The labels of things on a page, and their class, in the reader's language."""

from collections.abc import Iterable
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, OA, QB, RDFS, SH, VOCABULARIES, VOCABULARY, VOID, shorten
from cper_lod.core.text import lowered
from cper_lod.rdf.graph import Graph
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.groups import is_technical_class
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

QUOTE_LENGTH: Final = 80
"""Characters of the quotation that is the label of a statement."""
CALLED_AFTER: Final = (
    *(QB + name for name in ("dimension", "measure", "attribute")),
    *(VOID + name for name in ("class", "property")),
    SH + "prefix",
)
"""Properties whose value names what has no name of its own: parts of a cube, counts by class or property, prefixes."""
MAX_PARENT_STEPS: Final = 8
"""Steps up the path of an IRI in search of what the thing belongs to."""


def names_here() -> "LabelReader":
    """Return the labels in the language of this request, read from the release alone."""
    return LabelReader(ReleaseGraph(site().release), Graph(()), flask_responses.lang())


class LabelReader:
    """Labels of IRIs, each looked up once per page: in the release, then in the quads of the document."""

    def __init__(self, reader: ReleaseGraph, graph: Graph, lang: Language) -> None:
        self.reader = reader
        self.lang = lang
        self._graph = graph
        self._names: dict[str, str] = {}

    def name(self, iri: str) -> str:
        """Return the label of an IRI; else what it is called after, or its class; else the shortened IRI."""
        if iri not in self._names:
            node = NamedNode(iri)
            label = self.reader.name(node, self.lang) or self._graph.name(node, self.lang)
            self._names[iri] = label or self._unnamed(node)
        return self._names[iri]

    def _unnamed(self, node: NamedNode) -> str:
        iri = node.value
        address = self._names[iri] = formatting.address(iri)  # ends the recursion if a thing is its own class
        if words := self.reader.value(node, OA + "exact"):
            return translate("quoted", self.lang, words=formatting.brief(words, QUOTE_LENGTH))
        if CPER + "Lecture" in self.reader.types(node):
            kind, reason = self.name(CPER + "Lecture"), self.reader.text(node, DCT + "description", self.lang)[0]
            if not reason:
                return translate("reading-in-full", self.lang, of=", ".join(self._read_in_full(node)))
            said = formatting.brief(reason, QUOTE_LENGTH)
            return translate("called-after", self.lang, kind=formatting.capital(kind), thing=said)
        for kind in CALLED_AFTER if self.reader.is_described(iri) else ():
            if value := self.reader.one(node, kind):
                said = self.name(value.value) if isinstance(value, NamedNode) else value.value
                return translate("called-after", self.lang, kind=formatting.capital(self.name(kind)), thing=said)
        short = shorten(iri)
        if short != iri:
            return short
        if iri.startswith((site().release.names.address, VOCABULARY)) and (
            kind := self.main_class(self.reader.types(node))
        ):
            return f"{formatting.capital(self.name(kind))} ({'/'.join(iri.rsplit('/', 2)[1:])})"
        return address

    def _read_in_full(self, node: NamedNode) -> list[str]:
        """Return what a document was read in full for, in a reading of it."""
        codes = (each for each in self.reader.all(node, CPER + "luEnEntierPour") if isinstance(each, NamedNode))
        return sorted(lowered(self.name(each.value)) for each in codes)

    def main_class(self, types: Iterable[str]) -> str:
        """Return the most informative class: ours first, technical ones last, superclasses and general ones after others."""
        classes = set(types)
        if len(classes) < 2:
            return next(iter(classes), "")
        above = {
            each.value
            for iri in classes
            for each in self.reader.all(NamedNode(iri), RDFS + "subClassOf")
            if each.value != iri
        }
        # The classes of Dublin Core, such as dct:Location, are the most general of their kind.
        return min(
            classes,
            key=lambda iri: (
                not iri.startswith(VOCABULARIES),
                is_technical_class(iri),
                iri in above,
                iri.startswith(DCT),
                iri,
            ),
        )

    def class_label(self, iri: str) -> str:
        """Return the label of the most informative class of a thing, empty if it has none."""
        cls = self.main_class(self.reader.types(NamedNode(iri)))
        return self.name(cls) if cls else ""

    def parent(self, iri: str) -> Hyperlink | None:
        """Return what a thing belongs to, None if to nothing."""
        found = self.parent_iri(iri)
        return Hyperlink(self.name(found), urls.page_link(found)) if found else None

    def parent_iri(self, iri: str) -> str:
        """Return what a thing belongs to: the topmost thing in the path of its IRI, else its contract, else ""."""
        above, found = iri, ""
        for _ in range(MAX_PARENT_STEPS):
            above = above.rpartition("/")[0]
            if not urls.local_name(above):
                break
            found = above if self.reader.is_described(above) else found
        contract = None if found else self.reader.one(NamedNode(iri), CPER + "contrat")
        return contract.value if isinstance(contract, NamedNode) else found

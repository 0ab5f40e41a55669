"""A change told: what things are called, in both languages, and the statement that supports each fact."""

from collections.abc import Iterator
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, OA, PROV, RDFS, XSD, shorten
from cper_lod.rdf.graph import Term, label
from cper_lod.release.changes.diff import Comparison, FactChange, ResourceChange
from cper_lod.release.documents import labels
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release

Row = dict[str, Any]
"""What changed of one thing, as it is written in JSON; every IRI in it has a name beside it, in both languages."""
MAX_FACTS_PER_ROW: Final = 500
"""How many facts a row has at most; what changed of a thing beyond is told by rows that go on with it."""
_STATEMENTS: Final = 20
_WORDS: Final = 80
_REMEMBERED: Final = 5000


class ChangeDescriber:
    """Tells what changed between two releases, each thing by itself."""

    def __init__(self, before: Release, after: Release) -> None:
        self._comparison = Comparison(before, after)
        self.graphs = self._comparison.graphs
        self._releases = (before, after)
        self._readers = (ReleaseGraph(before), ReleaseGraph(after))
        self._names: dict[str, dict[str, str]] = {}

    def rows(self) -> Iterator[Row]:
        """Yield what changed, one row a thing, or several for a thing of very many facts."""
        for change in self._comparison.changes():
            if len(self._names) > _REMEMBERED:
                self._names.clear()
            # What was read of one thing is no use for the next, and would fill the memory.
            self._readers = (ReleaseGraph(self._releases[0]), ReleaseGraph(self._releases[1]))
            for place in range(0, len(change.facts), MAX_FACTS_PER_ROW):
                yield self._row(change, change.facts[place : place + MAX_FACTS_PER_ROW], continued=place > 0)

    def _row(self, change: ResourceChange, facts: tuple[FactChange, ...], *, continued: bool) -> Row:
        thing = change.thing.strip("<>")
        told = [self._fact(change.thing, fact) for fact in facts]
        kind = self._class(thing, gone=change.kind == "gone")
        mentioned = {thing, kind} if kind else {thing}
        for each in told:
            mentioned |= {each["property"], *(side["value"] for side in _sides(each) if side["type"] == "uri")}
            for support in (*each["old_statements"], *each["new_statements"]):
                mentioned |= {support["statement"], *filter(None, [support["document"]])}
        names = {iri: self.name(iri) for iri in sorted(mentioned)}
        row = {"thing": thing, "change": change.kind, "class": kind, "facts": told, "names": names}
        return row | {"continued": True} if continued else row

    def _fact(self, thing: str, fact: FactChange) -> Row:
        told: Row = {"change": fact.did, "property": fact.property.strip("<>")}
        for name, text, reader in zip(("old", "new"), (fact.old, fact.new), self._readers, strict=True):
            if text:
                told[name] = term_as_json(text)
            told[f"{name}_statements"] = self._support(reader, thing, told["property"]) if text else []
        return told

    def _support(self, reader: ReleaseGraph, thing: str, predicate: str) -> list[dict[str, str]]:
        """Return what supports a fact in a release: statements with their words; else the calculation it comes from.

        A statement speaks for itself: what is said of it is supported by its own words.
        """
        if not thing.startswith("<"):
            return []
        node, found = NamedNode(thing[1:-1]), list[Term]()
        if CPER + "Enonce" in reader.types(node):
            found = [node]
        for each in reader.all(node, CPER + "enonce"):
            if NamedNode(predicate) in reader.all(each, CPER + "atteste"):
                found.append(each)
        if not found:
            computed = [each for each in reader.all(node, PROV + "wasGeneratedBy") if isinstance(each, NamedNode)]
            return [{"statement": each.value, "words": "", "language": "", "document": ""} for each in computed[:1]]
        return [self._statement(reader, each) for each in found[:_STATEMENTS] if isinstance(each, NamedNode)]

    def _statement(self, reader: ReleaseGraph, statement: NamedNode) -> dict[str, str]:
        words = reader.one(statement, CPER + "citation")
        document = reader.one(statement, PROV + "wasDerivedFrom")
        return {
            "statement": statement.value,
            "words": words.value if words else "",
            "language": (words.language or "") if isinstance(words, Literal) else "",
            "document": document.value if isinstance(document, NamedNode) else "",
        }

    def _class(self, iri: str, *, gone: bool) -> str:
        """Return the class that says most of a thing, ours before others; empty where it has none."""
        if iri.startswith("_:"):
            return ""
        reader = self._readers[not gone]
        types = reader.types(NamedNode(iri))
        above = {node.value for each in types for node in reader.all(NamedNode(each), RDFS + "subClassOf")}
        return min(types, key=lambda each: (not each.startswith(CPER), each in above, each), default="")

    def name(self, iri: str) -> dict[str, str]:
        """Return what an IRI is called by language: as the new release says, else as the old one did."""
        if iri not in self._names:
            self._names[iri] = dict.fromkeys(LANGUAGES, iri)  # what is called after its class may be its own class
            self._names[iri] = {lang: self._label(iri, lang) or self._unnamed(iri, lang) for lang in LANGUAGES}
        return self._names[iri]

    def _label(self, iri: str, lang: Language) -> str:
        for release in () if iri.startswith("_:") else reversed(self._releases):
            if text := label(labels(release, iri), lang):
                return text
        return ""

    def _unnamed(self, iri: str, lang: Language) -> str:
        """Return the words that a passage is known by; else what a thing is and the end of its IRI; else that."""
        if iri.startswith("_:"):
            return translate("change-nameless", lang)
        if (short := shorten(iri)) != iri:
            return short
        for reader in reversed(self._readers):
            node = NamedNode(iri)
            if words := reader.one(reader.one(node, OA + "hasSelector") or node, OA + "exact"):
                return translate("quoted", lang, words=_brief(words.value))
            for kind in sorted(reader.types(node))[:1]:
                return f"{self.name(kind)[lang]} ({'/'.join(iri.rsplit('/', 2)[1:])})"
        return iri


def _sides(told: Row) -> list[dict[str, str]]:
    return [told[name] for name in ("old", "new") if name in told]


def _brief(text: str) -> str:
    return text if len(text) <= _WORDS else text[:_WORDS].rpartition(" ")[0] + "…"


def term_as_json(text: str) -> dict[str, str]:
    """Return a term, written as in N-Triples, as SPARQL results in JSON write it.

    >>> as_json('"57,3% des crédits"@fr')
    {'type': 'literal', 'value': '57,3% des crédits', 'xml:lang': 'fr'}
    """
    term = next(iter(parse(f"<x:> <x:> {text} .".encode(), RdfFormat.N_TRIPLES, lenient=True))).object
    if isinstance(term, NamedNode | BlankNode):
        return {"type": "uri" if isinstance(term, NamedNode) else "bnode", "value": term.value}
    if isinstance(term, Triple):
        return {"type": "triple", "value": text}
    if term.language:
        return {"type": "literal", "value": term.value, "xml:lang": term.language}
    plain = term.datatype.value == XSD + "string"
    return {"type": "literal", "value": term.value} | ({} if plain else {"datatype": term.datatype.value})

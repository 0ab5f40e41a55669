"""Describes changes: names of resources in both languages, and the statements that support each fact."""

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, Final

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, OA, PROV, RDFS, XSD, expand, shorten
from cper_lod.rdf.graph import Term, label
from cper_lod.release.changes.diff import Comparison, FactChange, ResourceChange
from cper_lod.release.documents import labels
from cper_lod.release.graph import QUOTED_LANGUAGE, ReleaseGraph
from cper_lod.release.release import Release

Row = dict[str, Any]
"""The changes of one resource in JSON form; for every IRI in it, `names` has a name in both languages.

`contract` is the IRI of the contract that the resource is or belongs to, "" if none; `importance` is one of `Importance`.
"""


class Importance(IntEnum):
    """What changes are about, the most important first."""

    CONTRACTS = 0
    FIGURES = 1
    SIGNATORIES = 2
    STEPS = 3
    WORDS = 4
    IDENTIFIERS = 5
    COUNTED = 6
    """What follows from rules or comes in bulk, so that its number says enough."""


_FIGURES: Final = frozenset(expand("cper:Montant cper:Part cper:Chiffre"))
VALUES: Final = expand("cper:valeurPubliee cper:valeur")
"""The value of a figure as it is printed, and as a number: the first that has changed tells both."""
_BY_CLASS: Final = {
    **dict.fromkeys(_FIGURES, Importance.FIGURES),
    CPER + "Contrat": Importance.CONTRACTS,
    CPER + "Signataire": Importance.SIGNATORIES,
    CPER + "Etape": Importance.STEPS,
    **dict.fromkeys(expand("geo:Geometry"), Importance.IDENTIFIERS),
    **dict.fromkeys(expand("cper:Enonce cper:ValeurDerivee cper:Subvention"), Importance.COUNTED),
}
_IDENTIFIERS: Final = frozenset(
    expand("cper:siren geo:codeINSEE geo:asWKT geo:hasGeometry geo:sfWithin owl:sameAs skos:exactMatch skos:notation")
)
_NAMES: Final = frozenset(expand("skos:prefLabel skos:altLabel skos:note rdfs:label rdfs:comment dct:title"))
Summary = dict[str, Any]
"""The counts of changes in JSON form; `same` means that no published triple differs."""
MAX_FACTS_PER_ROW: Final = 500
"""Most facts of a row; further changes of a resource follow in more rows."""
_MAX_STATEMENTS: Final = 20
_MAX_QUOTE: Final = 80
_MAX_CACHED_NAMES: Final = 5000


class ChangeDescriber:
    """Describes the changes between two releases, resource by resource, and counts them."""

    def __init__(self, before: Release, after: Release) -> None:
        self._comparison = Comparison(before, after)
        self._things = Counter[str]()
        self.facts = Counter[str]()
        self._releases = (before, after)
        self._readers = (ReleaseGraph(before), ReleaseGraph(after))
        self._names: dict[str, dict[str, str]] = {}

    def rows(self) -> Iterator[Row]:
        """Yield the changes, one row per resource, or several for a resource with very many."""
        for change in self._comparison.changes():
            if len(self._names) > _MAX_CACHED_NAMES:
                self._names.clear()
            # What was read about one resource is of no use for the next one, and would fill the memory.
            self._readers = (ReleaseGraph(self._releases[0]), ReleaseGraph(self._releases[1]))
            self._things[change.kind] += 1
            for start in range(0, len(change.facts), MAX_FACTS_PER_ROW):
                facts = change.facts[start : start + MAX_FACTS_PER_ROW]
                self.facts.update(fact.kind for fact in facts)
                yield self._row(change, facts, continued=start > 0)

    def _contract(self, iri: str) -> str:
        """Return the contract that a resource is, or under whose IRI its own is; "" if there is none."""
        parts = iri.removeprefix(BASE).split("/") if iri.startswith(BASE) else []
        for end in range(3, len(parts) + 1):  # id, kind, slug
            above = NamedNode(BASE + "/".join(parts[:end]))
            if any(CPER + "Contrat" in reader.types(above) for reader in self._readers):
                return above.value
        return ""

    def summary(self) -> Summary:
        """Return the counts of the changes so far, and of the differing triples in each named graph."""
        before, after = self._releases
        return {
            "before": before.id,
            "after": after.id,
            "same": not self._things,
            "things": {name: self._things[name] for name in ("new", "gone", "changed")},
            "facts": {name: self.facts[name] for name in ("added", "withdrawn", "corrected")},
            "graphs": dict(sorted(self._comparison.graphs.items())),
        }

    def _row(self, change: ResourceChange, facts: tuple[FactChange, ...], *, continued: bool) -> Row:
        iri = change.resource.strip("<>")
        described = [self._fact(change.resource, fact) for fact in facts]
        kind, contract = self._class(iri, gone=change.kind == "gone"), self._contract(iri)
        mentioned = {iri, *filter(None, (kind, contract))}
        for each in described:
            sides = [each[name] for name in ("old", "new") if name in each]
            mentioned |= {each["property"], *(side["value"] for side in sides if side["type"] == "uri")}
            for support in (*each["old_statements"], *each["new_statements"]):
                mentioned |= {support["statement"], *filter(None, [support["document"]])}
        names = {each: self.name(each) for each in sorted(mentioned)}
        row = {
            "thing": iri,
            "change": change.kind,
            "class": kind,
            "contract": contract,
            "importance": _importance(iri, kind, change.kind, described),
            "facts": sorted(described, key=lambda fact: fact_importance(kind, fact)),
            "names": names,
        }
        return row | {"continued": True} if continued else row

    def _fact(self, resource: str, fact: FactChange) -> Row:
        row: Row = {"change": fact.kind, "property": fact.property.strip("<>")}
        for name, text, reader in zip(("old", "new"), (fact.old, fact.new), self._readers, strict=True):
            if text:
                row[name] = term_as_json(text)
            row[f"{name}_statements"] = self._support(reader, resource, row["property"]) if text else []
        return row

    def _support(self, reader: ReleaseGraph, resource: str, predicate: str) -> list[dict[str, str]]:
        """Return what supports a fact in a release: statements with their quotations, else the calculation it results
        from.

        A statement supports the facts about itself.
        """
        if not resource.startswith("<"):
            return []
        node, found = NamedNode(resource[1:-1]), list[Term]()
        if CPER + "Enonce" in reader.types(node):
            found = [node]
        for each in reader.all(node, CPER + "enonce"):
            if NamedNode(predicate) in reader.all(each, CPER + "atteste"):
                found.append(each)
        if not found:
            computed = [each for each in reader.all(node, PROV + "wasGeneratedBy") if isinstance(each, NamedNode)]
            return [{"statement": each.value, "words": "", "language": "", "document": ""} for each in computed[:1]]
        return [self._statement(reader, each) for each in found[:_MAX_STATEMENTS] if isinstance(each, NamedNode)]

    def _statement(self, reader: ReleaseGraph, statement: NamedNode) -> dict[str, str]:
        words = reader.one(statement, OA + "exact")
        document = reader.one(statement, PROV + "wasQuotedFrom")
        return {
            "statement": statement.value,
            "words": words.value if words else "",
            "language": QUOTED_LANGUAGE if words else "",
            "document": document.value if isinstance(document, NamedNode) else "",
        }

    def _class(self, iri: str, *, gone: bool) -> str:
        """Return the most specific class of a resource, ours before others; empty if it has none."""
        if iri.startswith("_:"):
            return ""
        reader = self._readers[not gone]
        types = reader.types(NamedNode(iri))
        above = {node.value for each in types for node in reader.all(NamedNode(each), RDFS + "subClassOf")}
        return min(types, key=lambda each: (not each.startswith(CPER), each in above, each), default="")

    def name(self, iri: str) -> dict[str, str]:
        """Return the name of an IRI by language: from the new release, else from the old one."""
        if iri not in self._names:
            self._names[iri] = dict.fromkeys(LANGUAGES, iri)  # prevents recursion: a resource may be its own class
            self._names[iri] = {lang: self._label(iri, lang) or self._unnamed(iri, lang) for lang in LANGUAGES}
        return self._names[iri]

    def _label(self, iri: str, lang: Language) -> str:
        for release in () if iri.startswith("_:") else reversed(self._releases):
            if text := label(labels(release, iri), lang):
                return text
        return ""

    def _unnamed(self, iri: str, lang: Language) -> str:
        """Return a name for an unlabelled resource: its quotation, else its class with the end of its IRI, else the
        IRI.
        """
        if iri.startswith("_:"):
            return translate("change-nameless", lang)
        if (short := shorten(iri)) != iri:
            return short
        for reader in reversed(self._readers):
            node = NamedNode(iri)
            if words := reader.value(node, OA + "exact"):
                return translate("quoted", lang, words=_brief(words))
            for kind in sorted(reader.types(node))[:1]:
                return f"{self.name(kind)[lang]} ({'/'.join(iri.rsplit('/', 2)[1:])})"
        return iri


def fact_importance(kind: str, fact: Row) -> Importance:
    """Return the importance of a fact about a resource of this class."""
    own = _BY_CLASS.get(kind, Importance.WORDS)
    if own is Importance.COUNTED or fact["property"] == CPER + "enonce":
        return Importance.COUNTED
    if fact["property"] in _IDENTIFIERS:
        return Importance.IDENTIFIERS
    if kind in _FIGURES:
        if either_value(fact).get("datatype") == XSD + "decimal":  # added by a rule
            return Importance.COUNTED
        return Importance.FIGURES if fact["property"] in VALUES else Importance.WORDS
    return Importance.WORDS if fact["property"] in _NAMES or own is Importance.CONTRACTS else own


def _importance(iri: str, kind: str, change: str, facts: list[Row]) -> Importance:
    """Return the importance of the changes of a resource: what it is if it is new or gone, else the first of its facts."""
    if not iri.startswith(BASE + "id/"):  # a term of the program
        return Importance.COUNTED
    if change != "changed":
        return _BY_CLASS.get(kind, Importance.WORDS)
    return min((fact_importance(kind, fact) for fact in facts), default=Importance.COUNTED)


def either_value(fact: Row) -> dict[str, str]:
    """Return the new value of a fact, else the old one."""
    found: dict[str, str] = fact["new"] if "new" in fact else fact["old"]
    return found


def _brief(text: str) -> str:
    return text if len(text) <= _MAX_QUOTE else text[:_MAX_QUOTE].rpartition(" ")[0] + "…"


def term_as_json(text: str) -> dict[str, str]:
    """Return a term in N-Triples syntax as in SPARQL results in JSON.

    >>> term_as_json('"57,3% des crédits"@fr')
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

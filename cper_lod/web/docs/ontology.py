"""What the documentation of the ontology says of its versions: which there are, and what the one shown changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import CPER, DCT, ONTOLOGY, ONTOLOGY_VERSION, OWL, QB, RDF, RDFS, SCHEMA, SKOS, shorten
from cper_lod.rdf.graph import Graph, Node
from cper_lod.release.docs import usage, versions
from cper_lod.release.docs.ontology import DEPRECATED, Ontology, revision
from cper_lod.release.docs.shapes import Rules
from cper_lod.release.docs.usage import Usage
from cper_lod.release.release import Release
from cper_lod.web.components.view import Value, View
from cper_lod.web.docs.shapes import RuleView, Text
from cper_lod.web.http import formatting, responses, urls
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


ALIGNMENTS: Final = (
    *(SKOS + kind + "Match" for kind in ("exact", "close", "broad", "narrow", "related")),
    *(OWL + name for name in ("equivalentClass", "equivalentProperty", "sameAs")),
    RDFS + "seeAlso",
)
LINKS: Final = {
    "ontology-super": (RDFS + "subClassOf", RDFS + "subPropertyOf"),
    "ontology-disjoint": (OWL + "disjointWith",),
    "ontology-domain": (RDFS + "domain",),
    "ontology-domain-includes": (SCHEMA + "domainIncludes",),
    "ontology-range": (RDFS + "range",),
    "ontology-inverse": (OWL + "inverseOf",),
    "ontology-code-list": (QB + "codeList",),
    "ontology-replaced-by": (DCT + "isReplacedBy",),
}
"""What a term says of others, in the order it is shown: the sentence that names it, and its properties."""
PLAIN: Final = frozenset({RDFS + "Class", RDF + "Property", OWL + "Class"})
"""The kinds of term that the heading of its chapter tells already."""


@dataclass(frozen=True)
class Named:
    """A link with the prefixed name of what it leads to; `code` is the IRI where no prefix of ours fits."""

    value: Value
    code: str


@dataclass(frozen=True)
class Term:
    """A term with all that is shown of it; `texts` are in the reader's language first, `facts` by their sentence."""

    iri: str
    anchor: str
    title: str
    code: str
    kinds: list[Value]
    definitions: list[Text]
    facts: list[tuple[str, list[Named]]]
    alignments: list[tuple[Value, list[Named]]]
    keys: list[str]
    examples: list[Text]
    notes: list[Text]
    usage: Usage
    about: Value | None
    questions: list[Value]
    rules: list[Value]
    deprecated: bool
    history: list[Text]


class Terms:
    """Makes the terms of one ontology for one reader."""

    def __init__(
        self, release: Release, ontology: Ontology, rules: Rules, view: View, lang: Language, path: str
    ) -> None:
        """Tell the terms of `ontology`, whose page is at `path`."""
        self._release = release
        self._ontology = ontology
        self._rules = rules
        self._view = view
        self._lang = lang
        self._path = path
        self._rule = RuleView(release, rules, lang)

    def named(self, iris: Iterable[str]) -> list[Named]:
        """Return links to terms, with their prefixed names."""
        return [Named(self._value(iri), shorten(iri)) for iri in iris]

    def _value(self, iri: str) -> Value:
        """Return how a term is shown; one of this ontology leads to its place on this page."""
        value, title = self._view.iri(iri), self._ontology.graph.name(NamedNode(iri), self._lang)
        if title is None or not self._ontology.defines(iri) or self._path == "/ontology":
            return value
        return replace(value, text=title, href=urls.at(f"{self._path}#{iri.partition('#')[2]}"))

    def texts(self, iri: str, predicate: str) -> list[Text]:
        """Return the texts of a property: the reader's language first, each language in order."""
        found = [each for each in self._ontology.graph.all(NamedNode(iri), predicate) if isinstance(each, Literal)]
        texts = [Text(each.value, each.language or "") for each in found]
        return sorted(texts, key=lambda each: (each.lang != self._lang, each.lang))

    def spoken(self, iri: str, predicate: str) -> list[Text]:
        """Return the texts that a reader needs: those in the reader's language, all where there is none."""
        texts = self.texts(iri, predicate)
        return [each for each in texts if each.lang == self._lang] or texts

    def term(self, iri: str, anchor: str) -> Term:
        """Return a term."""
        ontology, view = self._ontology, self._view
        is_class = ontology.is_class(iri)
        used = (usage.of_class if is_class else usage.of_property)(self._release, iri, self._lang)
        types = ontology.iris(iri, RDF + "type")
        return Term(
            iri=iri,
            anchor=anchor,
            title=ontology.graph.label(NamedNode(iri), self._lang),
            code=shorten(iri),
            kinds=[view.iri(each) for each in types if each not in PLAIN],
            definitions=self.texts(iri, SKOS + "definition"),
            facts=self._facts(iri),
            alignments=[
                (view.iri(each), self.named(found)) for each in ALIGNMENTS if (found := ontology.iris(iri, each))
            ],
            keys=ontology.keys(iri),
            examples=self.spoken(iri, SKOS + "example"),
            notes=self.spoken(iri, SKOS + "scopeNote") + self.spoken(iri, SKOS + "note"),
            usage=used,
            about=view.iri(used.subject) if used.subject else None,
            questions=[view.iri(each) for each in usage.questions(self._release, iri)],
            rules=[self._rule.link(rule.iri) for rule in self._rules.naming(iri)],
            deprecated=ontology.graph.value(NamedNode(iri), DEPRECATED) in ("true", "1"),
            history=self.spoken(iri, SKOS + "changeNote") + self.spoken(iri, SKOS + "historyNote"),
        )

    def _facts(self, iri: str) -> list[tuple[str, list[Named]]]:
        ontology = self._ontology
        facts = [(key, ontology.iris(iri, *predicates)) for key, predicates in LINKS.items()]
        facts.insert(1, ("ontology-sub", ontology.below(iri)))
        if ontology.is_class(iri):
            facts.append(("ontology-own", ontology.own(iri)))
            facts.append(("ontology-shared", ontology.shared(iri)))
        return [(key, self.named(iris)) for key, iris in facts if iris]


class VersionRow(NamedTuple):
    """A version: its number, its address, the day it was issued, whether it is the one shown, the present one."""

    number: str
    href: str
    day: str
    shown: bool
    current: bool


class VersionsPart(NamedTuple):
    """What a page says of versions: all of them, the number before the one shown, and what changed since, by kind."""

    rows: list[VersionRow]
    before: str
    changes: list[tuple[str, list[tuple[Value, str]]]]


def part(told: Ontology, quads: Iterable[Quad], view: View) -> VersionsPart:
    """Return what the page of the ontology `told` says of versions; nothing where it says none of itself."""
    release, lang = site().release, responses.lang()
    number = _number(told.graph.value(told.header, OWL + "versionIRI"))
    now, kept = versions.current_version(release), versions.earlier_versions(release)
    if release.mode != "contract" or not number or number not in (now, *kept):
        return VersionsPart([], "", [])
    rows = [
        VersionRow(each, urls.at(f"/ontology/{each}"), formatting.date(day, lang), each == number, each == now)
        for each, day in [(now, _issued(view)), *((each, _day(said)) for each, said in kept.items())]
        if each
    ]
    before = _number(told.graph.value(told.header, OWL + "priorVersion"))
    return VersionsPart(rows, before, _changes(before, kept.get(before, ()), quads, view) if before in kept else [])


def _changes(
    number: str, before: Iterable[Quad], after: Iterable[Quad], view: View
) -> list[tuple[str, list[tuple[Value, str]]]]:
    """Return what differs, by the sentence that names the kind: each term, and by what it is told otherwise."""
    found = revision(before, after)

    def gone(iri: str) -> Value:
        return Value(shorten(iri), href=urls.at(f"/ontology/{number}#{iri.removeprefix(CPER)}"))

    kinds: list[tuple[str, list[tuple[Value, str]]]] = [
        ("ontology-added", [(view.iri(iri), "") for iri in found.added]),
        ("ontology-withdrawn", [(gone(iri), "") for iri in found.withdrawn]),
        ("ontology-deprecations", [(view.iri(iri), "") for iri in found.deprecated]),
        (
            "ontology-changed",
            [(view.iri(iri), ", ".join(map(view.name, names))) for iri, names in found.changed.items()],
        ),
    ]
    return [(key, those) for key, those in kinds if those]


def replaced(told: Ontology) -> str:
    """Return the number of the present version where `told` is an earlier one, else nothing."""
    number, now = _number(told.graph.value(told.header, OWL + "versionIRI")), versions.current_version(site().release)
    return now if number and number != now else ""


def _number(iri: str) -> str:
    number = iri.removeprefix(ONTOLOGY_VERSION)
    return number if versions.NUMBER.fullmatch(number) else ""


def _issued(view: View) -> str:
    return view.reader.value(NamedNode(ONTOLOGY), DCT + "issued")


def _day(quads: Iterable[Quad]) -> str:
    return Graph(quads).value(NamedNode(ONTOLOGY), DCT + "issued")

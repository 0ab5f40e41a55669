"""The page of the ontology: diagram, terms, code lists, and its versions with what the shown one changed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from flask import Response
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import VOCABULARY_FORMATS
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import (
    CPER,
    DCT,
    LABELS,
    ONTOLOGY,
    ONTOLOGY_VERSION,
    OWL,
    PREFIXES,
    QB,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SHAPES,
    SKOS,
    shorten,
)
from cper_lod.rdf.graph import Graph, Node
from cper_lod.release.docs import usage, versions
from cper_lod.release.docs.ontology import DEPRECATED, Ontology, diff_ontologies
from cper_lod.release.docs.shapes import Shapes
from cper_lod.release.docs.usage import Usage
from cper_lod.release.documents import Document, shapes_document
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView, Row, Value
from cper_lod.web.docs.class_diagram import diagram
from cper_lod.web.docs.shapes import LocalizedText, RuleView, fragment
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

MAX_CODES: Final = 500
"""Codes of one list that the page shows."""


@dataclass(frozen=True)
class CodeList:
    """A code list: its name, what it is for, and its codes with notation and meaning."""

    value: Value
    definition: str
    codes: list[tuple[Value, str, str]]


def code_lists(view: DocumentView) -> list[CodeList]:
    """Return the code lists that the ontology defines."""
    lang = flask_responses.lang()

    def meaning(node: Node) -> str:
        return view.reader.text(node, SKOS + "definition", lang)[0]

    return [
        CodeList(
            view.iri(iri),
            meaning(NamedNode(iri)),
            [
                (view.iri(code.value), view.reader.value(code, SKOS + "notation"), meaning(code))
                for code in view.reader.all(NamedNode(iri), SKOS + "hasTopConcept")[:MAX_CODES]
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
RELATIONS: Final = {
    "ontology-super": (RDFS + "subClassOf", RDFS + "subPropertyOf"),
    "ontology-disjoint": (OWL + "disjointWith",),
    "ontology-domain": (RDFS + "domain",),
    "ontology-domain-includes": (SCHEMA + "domainIncludes",),
    "ontology-range": (RDFS + "range",),
    "ontology-inverse": (OWL + "inverseOf",),
    "ontology-code-list": (QB + "codeList",),
    "ontology-replaced-by": (DCT + "isReplacedBy",),
}
"""Relations of a term to others, in the order of the page: the key of the sentence, and the properties."""
GENERIC_TYPES: Final = frozenset({RDFS + "Class", RDF + "Property", OWL + "Class"})
"""Types that the heading of the chapter already says."""


@dataclass(frozen=True)
class TermLink:
    """A link to a term with its prefixed name in `code`, its IRI if no prefix fits."""

    value: Value
    code: str


@dataclass(frozen=True)
class TermEntry:
    """A term as the page shows it: texts in the reader's language come first; `relations` are links by the key of a sentence."""

    iri: str
    anchor: str
    title: str
    code: str
    kinds: list[Value]
    definitions: list[LocalizedText]
    relations: list[tuple[str, list[TermLink]]]
    alignments: list[tuple[Value, list[TermLink]]]
    keys: list[str]
    examples: list[LocalizedText]
    notes: list[LocalizedText]
    usage: Usage
    about: Value | None
    questions: list[Value]
    rules: list[Value]
    deprecated: bool
    history: list[LocalizedText]


class TermReader:
    """Reads the terms of one ontology in one language."""

    def __init__(
        self, release: Release, ontology: Ontology, rules: Shapes, view: DocumentView, lang: Language, path: str
    ) -> None:
        """Read the terms of `ontology`, whose page is at `path`."""
        self._release = release
        self._ontology = ontology
        self._rules = rules
        self._view = view
        self._lang = lang
        self._path = path
        self._rule = RuleView(release, rules, lang)

    def links(self, iris: Iterable[str]) -> list[TermLink]:
        """Return links to terms, with their prefixed names."""
        return [TermLink(self._value(iri), shorten(iri)) for iri in iris]

    def _value(self, iri: str) -> Value:
        """Return a link to a term; for a term of this ontology, to its place on this page."""
        value, title = self._view.iri(iri), self._ontology.graph.name(NamedNode(iri), self._lang)
        if title is None or not self._ontology.defines(iri) or self._path == "/ontology":
            return value
        return replace(value, text=title, href=urls.link(f"{self._path}#{iri.partition('#')[2]}"))

    def texts(self, iri: str, predicate: str) -> list[LocalizedText]:
        """Return the texts of a property: the reader's language first, then by language."""
        found = [each for each in self._ontology.graph.all(NamedNode(iri), predicate) if isinstance(each, Literal)]
        texts = [LocalizedText(each.value, each.language or "") for each in found]
        return sorted(texts, key=lambda each: (each.lang != self._lang, each.lang))

    def localized_texts(self, iri: str, predicate: str) -> list[LocalizedText]:
        """Return the texts in the reader's language, all of them if there are none."""
        texts = self.texts(iri, predicate)
        return [each for each in texts if each.lang == self._lang] or texts

    def term(self, iri: str, anchor: str) -> TermEntry:
        """Return a term."""
        ontology, view = self._ontology, self._view
        is_class = ontology.is_class(iri)
        used = (usage.of_class if is_class else usage.of_property)(self._release, iri, self._lang)
        types = ontology.iris(iri, RDF + "type")
        return TermEntry(
            iri=iri,
            anchor=anchor,
            title=ontology.graph.label(NamedNode(iri), self._lang),
            code=shorten(iri),
            kinds=[view.iri(each) for each in types if each not in GENERIC_TYPES],
            definitions=self.texts(iri, SKOS + "definition"),
            relations=self._relations(iri),
            alignments=[
                (view.iri(each), self.links(found)) for each in ALIGNMENTS if (found := ontology.iris(iri, each))
            ],
            keys=ontology.keys(iri),
            examples=self.localized_texts(iri, SKOS + "example"),
            notes=self.localized_texts(iri, SKOS + "scopeNote") + self.localized_texts(iri, SKOS + "note"),
            usage=used,
            about=view.iri(used.subject) if used.subject else None,
            questions=[view.iri(each) for each in usage.questions(self._release, iri)],
            rules=[self._rule.link(rule.iri) for rule in self._rules.mentioning(iri)],
            deprecated=ontology.graph.value(NamedNode(iri), DEPRECATED) in ("true", "1"),
            history=self.localized_texts(iri, SKOS + "changeNote") + self.localized_texts(iri, SKOS + "historyNote"),
        )

    def _relations(self, iri: str) -> list[tuple[str, list[TermLink]]]:
        ontology = self._ontology
        relations = [(key, ontology.iris(iri, *predicates)) for key, predicates in RELATIONS.items()]
        relations.insert(1, ("ontology-sub", ontology.subclasses(iri)))
        if ontology.is_class(iri):
            relations.append(("ontology-own", ontology.domain_properties(iri)))
            relations.append(("ontology-shared", ontology.shared_properties(iri)))
        return [(key, self.links(iris)) for key, iris in relations if iris]


class VersionRow(NamedTuple):
    """A version: its number, its address, its day of issue, whether the page shows it, whether it is the current one."""

    number: str
    href: str
    day: str
    shown: bool
    current: bool


class VersionSection(NamedTuple):
    """Versions on the page: all of them, the number of the previous one, and the changes since then by kind."""

    rows: list[VersionRow]
    before: str
    changes: list[tuple[str, list[tuple[Value, str]]]]


def version_section(ontology: Ontology, quads: Iterable[Quad], view: DocumentView) -> VersionSection:
    """Return the versions for the page of an ontology; an empty section if it states no version."""
    release, lang = site().release, flask_responses.lang()
    number = _number(ontology.graph.value(ontology.header, OWL + "versionIRI"))
    now, kept = versions.current_version(release), versions.earlier_versions(release)
    if release.mode != "contract" or not number or number not in (now, *kept):
        return VersionSection([], "", [])
    rows = [
        VersionRow(each, urls.link(f"/ontology/{each}"), formatting.date(day, lang), each == number, each == now)
        for each, day in [(now, _issued(view)), *((each, _day(said)) for each, said in kept.items())]
        if each
    ]
    before = _number(ontology.graph.value(ontology.header, OWL + "priorVersion"))
    return VersionSection(rows, before, _changes(before, kept.get(before, ()), quads, view) if before in kept else [])


def _changes(
    number: str, before: Iterable[Quad], after: Iterable[Quad], view: DocumentView
) -> list[tuple[str, list[tuple[Value, str]]]]:
    """Return the changed terms by the key of a sentence, each with the names of the properties that changed."""
    found = diff_ontologies(before, after)

    def withdrawn(iri: str) -> Value:
        return Value(shorten(iri), href=urls.link(f"/ontology/{number}#{iri.removeprefix(CPER)}"))

    kinds: list[tuple[str, list[tuple[Value, str]]]] = [
        ("ontology-added", [(view.iri(iri), "") for iri in found.added]),
        ("ontology-withdrawn", [(withdrawn(iri), "") for iri in found.withdrawn]),
        ("ontology-deprecations", [(view.iri(iri), "") for iri in found.deprecated]),
        (
            "ontology-changed",
            [(view.iri(iri), ", ".join(map(view.name, names))) for iri, names in found.changed.items()],
        ),
    ]
    return [(key, terms) for key, terms in kinds if terms]


def newer_version(ontology: Ontology) -> str:
    """Return the number of the current version if `ontology` is an earlier one, else an empty string."""
    number, now = (
        _number(ontology.graph.value(ontology.header, OWL + "versionIRI")),
        versions.current_version(site().release),
    )
    return now if number and number != now else ""


def _number(iri: str) -> str:
    number = iri.removeprefix(ONTOLOGY_VERSION)
    return number if versions.NUMBER.fullmatch(number) else ""


def _issued(view: DocumentView) -> str:
    return view.reader.value(NamedNode(ONTOLOGY), DCT + "issued")


def _day(quads: Iterable[Quad]) -> str:
    return Graph(quads).value(NamedNode(ONTOLOGY), DCT + "issued")


ELSEWHERE: Final = frozenset(
    {RDF + "type", *LABELS, DCT + "description", SH + "declare", SKOS + "changeNote", PREFIXES["vann"] + "termGroup"}
)
"""Properties of the ontology that the page shows outside the table of metadata."""
MAX_TERMS: Final = 500
"""Terms that the page shows; it says how many more there are."""
IDS: Final = frozenset(
    {"content", "classes", "properties", "versions", "diagram-title", "diagram-desc", "diagram-head", "search-box"}
)
"""Ids of elements of the page, which no term can have."""


def _rules() -> Shapes:
    """Return the rules of the release; data served as is has none."""
    try:
        return Shapes(shapes_document(site().release, SHAPES.rstrip("#")).quads)
    except Problem:
        return Shapes(())


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the documentation of the ontology: header, diagram, classes with their properties, code lists, changes."""
    lang, ontology = flask_responses.lang(), Ontology(about.quads, ONTOLOGY, site().release.context)
    view = DocumentView(site().release, (), lang)
    terms = TermReader(site().release, ontology, _rules(), view, lang, path)
    iris = (*ontology.classes, *ontology.properties)[:MAX_TERMS]
    anchors = {iri: anchor for iri in iris if (anchor := fragment(iri)) not in IDS}
    shown = {iri: terms.term(iri, anchors.get(iri, "")) for iri in iris}

    return flask_responses.page(
        "ontology.html",
        title=ontology.graph.label(ontology.header, lang),
        description=ontology.graph.text(ontology.header, DCT + "description", lang)[0],
        version=ontology.graph.value(ontology.header, OWL + "versionInfo"),
        header=_header(ontology, view, lang),
        diagram=diagram(ontology, view.name, translate("diagram-several", lang), translate("ontology-super", lang)),
        linked=_links(ontology, terms),
        term=shown,
        core=_module(ontology, shown, set(shown).difference(*ontology.modules.values()), lang),
        modules=[_module(ontology, shown, terms, lang, iri) for iri, terms in ontology.modules.items()],
        left_out=len(ontology.classes) + len(ontology.properties) - len(shown),
        lists=code_lists(view),
        versions=version_section(ontology, about.quads, view),
        replaced=newer_version(ontology),
        structures=[view.iri(each) for each in usage.defined(site().release, ONTOLOGY, QB + "DataStructureDefinition")],
        changes=[
            (version, [(each, view.iri(each.iri)) for each in group])
            for version, group in groupby(ontology.changes(lang), key=attrgetter("version"))
        ],
        prefixes=_prefixes(ontology),
        forms=urls.format_addresses(path, query, VOCABULARY_FORMATS),
    )


@dataclass(frozen=True)
class Module:
    """Terms that are shown together: classes with the properties of their own, then the other properties.

    The core has no title.
    """

    anchor: str
    title: str
    definition: str
    chapters: list[tuple[TermEntry, list[TermEntry]]]
    elsewhere: list[TermEntry]


def _module(
    ontology: Ontology, shown: dict[str, TermEntry], terms: Collection[str], lang: Language, iri: str = ""
) -> Module:
    """Return the terms of a module; a property that two classes own is shown with the first."""
    left = {term for term in terms if term in shown and not ontology.is_class(term)}
    chapters = []
    for cls in ontology.classes:
        if cls in terms and cls in shown:
            own = [term for term in ontology.domain_properties(cls) if term in left]
            left.difference_update(own)
            chapters.append((shown[cls], [shown[term] for term in own]))
    title = ontology.graph.label(NamedNode(iri), lang) if iri else ""
    definition = ontology.graph.text(NamedNode(iri), SKOS + "definition", lang)[0] if iri else ""
    elsewhere = [shown[term] for term in ontology.properties if term in left]
    return Module(fragment(iri) if iri else "", title, definition, chapters, elsewhere)


def _header(ontology: Ontology, view: DocumentView, lang: str) -> list[Row]:
    """Return the metadata of the ontology; texts are in the reader's language if they exist in it."""
    rows = []
    for name, values in ontology.graph.properties(ontology.header).items():
        localized = [each for each in values if isinstance(each, Literal) and each.language == lang] or values
        if name not in ELSEWHERE:
            rows.append(Row(name, view.name(name), view.iri(name).href, tuple(view.value(each) for each in localized)))
    return rows


def _links(ontology: Ontology, terms: TermReader) -> list[tuple[list[TermLink], TermLink, list[TermLink]]]:
    """Return each property of the diagram, after the classes that have it and before the classes of its values."""
    drawn = ontology.class_links()
    return [
        (
            terms.links(
                cls
                for cls in ontology.classes
                if iri in (*ontology.domain_properties(cls), *ontology.shared_properties(cls))
            ),
            terms.links([iri])[0],
            terms.links(dict.fromkeys(link.target for link in drawn if link.property == iri)),
        )
        for iri in dict.fromkeys(link.property for link in drawn)
    ]


def _prefixes(ontology: Ontology) -> list[tuple[str, str, str]]:
    """Return the prefixes that the ontology declares, each with its namespace and its fragment of the page."""
    graph, start = ontology.graph, ontology.header.value + "#"
    nodes = [node for node in graph.all(ontology.header, SH + "declare") if isinstance(node, NamedNode)]
    terms = {*ontology.classes, *ontology.properties}
    return sorted(
        (
            graph.value(node, SH + "prefix"),
            graph.value(node, SH + "namespace"),
            node.value.removeprefix(start) if node.value.startswith(start) and node.value not in terms else "",
        )
        for node in nodes
    )

"""The pages of the ontology and of its versions: contents with the diagram, a page for each class, one for other properties."""

import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from flask import Response
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import VOCABULARY_FORMATS
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, LABELS, ONTOLOGY, OWL, PREFIXES, QB, RDF, RDFS, SCHEMA, SH, SKOS, XSD, shorten
from cper_lod.rdf.graph import Graph
from cper_lod.release.docs import usage, versions
from cper_lod.release.docs.ontology import DEPRECATED, Ontology, diff_ontologies
from cper_lod.release.docs.shapes import Constraint
from cper_lod.release.documents import Document
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.docs.class_diagram import diagram
from cper_lod.web.docs.references import LinkReader, NamedLink, fragment, typeset
from cper_lod.web.documents.class_list import list_address
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.values import Value
from cper_lod.web.site import site

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
"""Types that the place of a term on the page already says."""
ELSEWHERE: Final = frozenset(
    {RDF + "type", *LABELS, DCT + "description", SH + "declare", SKOS + "changeNote", PREFIXES["vann"] + "termGroup"}
)
"""Properties of the ontology that the page shows outside the table of metadata."""
DATATYPES: Final = {
    XSD + "anyURI": "datatype-address",
    XSD + "boolean": "datatype-boolean",
    XSD + "date": "datatype-date",
    XSD + "decimal": "datatype-decimal",
    XSD + "gYear": "datatype-year",
    XSD + "integer": "datatype-integer",
    XSD + "string": "datatype-string",
    RDF + "langString": "datatype-localized",
}
"""Datatypes that the pages call by a word: the key of its sentence."""
MAX_TERMS: Final = 500
"""Terms that the pages show; the first page says how many more there are."""
MAX_CODES: Final = 500
"""Codes of one list that the page shows."""


class Term:
    """A term as the pages show it, in one language; `relations` are references by the key of a sentence.

    `gist` is the first sentence of the definition. `used` is the key of the sentence that says how often the data use it, and the number; `listed` is where.
    """

    def __init__(self, book: "Book", iri: str) -> None:
        ontology, refer, node = book.ontology, book.refer, NamedNode(iri)
        served, is_class = site(), ontology.is_class(iri)
        used = (usage.of_class if is_class else usage.of_property)(served.release, iri, refer.lang)
        uses = NamedLink("", path="/describe/mentions", query={"iri": iri})
        number = formatting.number(str(used.count), refer.lang)
        texts = partial(refer.texts, ontology.graph, iri)
        related = [(key, ontology.iris(iri, *predicates)) for key, predicates in RELATIONS.items()]
        related.insert(1, ("ontology-sub", ontology.subclasses(iri)))
        aligned = [(each, ontology.iris(iri, each)) for each in ALIGNMENTS]
        self.iri = iri
        self.anchor = fragment(iri)
        self.name = book.name(iri)
        self.deprecated = ontology.graph.value(node, DEPRECATED) in ("true", "1")
        self.definitions = texts(SKOS + "definition")
        self.kinds = refer.all(each for each in ontology.iris(iri, RDF + "type") if each not in GENERIC_TYPES)
        self.relations = [(key, book.names(iris)) for key, iris in related if iris]
        self.alignments = [(refer(each).text, book.names(iris)) for each, iris in aligned if iris]
        self.keys = ontology.keys(iri)
        self.examples = texts(SKOS + "example")
        self.notes = texts(SKOS + "scopeNote", SKOS + "note")
        self.history = texts(SKOS + "changeNote", SKOS + "historyNote")
        self.used = (
            ("ontology-usage-class" if is_class else "ontology-usage-property", number) if used.count else ("", "")
        )
        self.listed = _list(iri) if is_class else uses if used.count else None
        self.turtle = used.turtle
        self.about = refer(used.subject) if used.subject else None
        self.questions = refer.all(usage.questions(served.release, iri))
        self.rules = refer.all(each.iri for each in served.documentation.shapes.mentioning(iri))
        first = re.split(r"(?<=[.;:]) ", self.definitions[0].text)[0] if self.definitions else ""
        self.gist = first.rstrip(";: \u00a0")


def _list(cls: str) -> NamedLink | None:
    """Return the list of the things of a class, None if there is none."""
    found = next((each for each in site().release.listing.classes if each.iri == cls), None)
    if found is None:
        return None
    path, query = list_address(found)
    return NamedLink("", path=path, query=query)


PropertyRow = tuple[NamedLink, list[NamedLink], str]
"""A property that things of a class have: its name, what its values are, and how many the shapes require."""


class Module(NamedTuple):
    """Terms that belong together; those of the core have no title. `others` are the properties without a class here."""

    anchor: str
    title: str
    definition: str
    classes: list[tuple[Term, list[Term]]]
    others: list[Term]


class Book:
    """All terms of the ontology, or of one version of it, in one language; kept, since it takes 36 ms and a page 1 ms."""

    def __init__(self, number: str, lang: Language) -> None:
        self._lang = lang
        self.number = number
        self.start = f"/ontology/{number}" if number else "/ontology"
        self.ontology = site().documentation.ontology(number)
        self.refer = LinkReader(site().release, lang)
        ontology = self.ontology
        self.home = NamedLink(ontology.graph.label(ontology.header, lang), path=self.start)
        self.shared = NamedLink(translate("ontology-elsewhere", lang), path=f"{self.start}/properties")
        self.codes = NamedLink(translate("ontology-lists", lang), path="/ontology/codes")
        iris = (*ontology.classes, *ontology.properties)
        self.left_out = max(0, len(iris) - MAX_TERMS)
        self.terms = {iri: Term(self, iri) for iri in iris[:MAX_TERMS]}
        self.others = [
            each for iri, each in self.terms.items() if not ontology.is_class(iri) and iri not in ontology.owners
        ]
        self.modules = [self._module("", {*iris}.difference(*ontology.modules.values()))]
        self.modules += [self._module(iri, {*terms}) for iri, terms in ontology.modules.items()]
        self.lists = code_lists(self.refer)

    def name(self, iri: str) -> NamedLink:
        """Return the reference to a term; one of this ontology leads to its place in these pages."""
        if iri in DATATYPES:
            return NamedLink(translate(DATATYPES[iri], self._lang), shorten(iri))
        if not self.ontology.defines(iri):
            return self.refer(iri)
        path = self.ontology.path(iri)
        place = f"{self.start}/{path}" if path else f"{self.start}#{iri.partition('#')[2]}"
        return self.refer.named(iri, self.ontology.graph.label(NamedNode(iri), self._lang), place)

    def names(self, iris: Iterable[str]) -> list[NamedLink]:
        """Return the references to some terms."""
        return [self.name(iri) for iri in iris]

    def _module(self, iri: str, members: set[str]) -> Module:
        """Return the terms of a module; each class is followed by the properties of its own."""
        ontology, graph, node = self.ontology, self.ontology.graph, NamedNode(iri or ONTOLOGY)
        return Module(
            fragment(iri),
            graph.label(node, self._lang) if iri else "",
            typeset(graph.text(node, SKOS + "definition", self._lang)[0], self._lang) if iri else "",
            [(self.terms[cls], self.own(cls)) for cls in ontology.classes if cls in members and cls in self.terms],
            [each for each in self.others if each.iri in members],
        )

    def own(self, cls: str) -> list[Term]:
        """Return the properties that the page of a class describes."""
        return [self.terms[iri] for iri, owner in self.ontology.owners.items() if owner == cls and iri in self.terms]

    def rows(self, cls: str) -> list[PropertyRow]:
        """Return the properties of a class: its own, shared ones, those of its superclasses, those that shapes require."""
        ontology, above = self.ontology, self.ontology.ancestors(cls)
        constraints = site().documentation.shapes.constraints((cls, *above))
        declared = [
            iri
            for each in (cls, *above)
            for iri in (*ontology.domain_properties(each), *ontology.shared_properties(each))
        ]
        required = [iri for iri, one in constraints.items() if one.least or one.most]
        rows = []
        for iri in dict.fromkeys((*declared, *required)):
            constraint = constraints.get(iri, Constraint(0, None, ()))
            ranges = ontology.iris(iri, QB + "codeList") or ontology.iris(iri, RDFS + "range") or list(constraint.types)
            rows.append((self.name(iri), self.names(ranges), _count(constraint, self._lang)))
        return rows


def _count(constraint: Constraint, lang: Language) -> str:
    """Return how many values are required, in words; "" if any number will do."""
    least, most = constraint.least, constraint.most
    if most == 0:
        return translate("rule-none", lang)
    if least == most:
        return translate("count-exactly", lang, count=least)
    if most is not None:
        return translate("count-between", lang, least=least, most=most)
    return translate("count-least", lang, count=least) if least else ""


def code_lists(refer: LinkReader) -> list[tuple[str, NamedLink, str, list[tuple[NamedLink, str, str]]]]:
    """Return the code lists that the ontology defines.

    Each is the id of its section, its name, what it is for, and its codes with notation and meaning.
    """
    graph = refer.view.reader

    def meaning(node: NamedNode) -> str:
        return typeset(graph.text(node, SKOS + "definition", refer.lang)[0], refer.lang)

    return [
        (
            re.sub(r"\W+", "-", iri.rpartition("/")[2]) + ".codes",
            refer(iri),
            meaning(NamedNode(iri)),
            [
                (refer(code.value), graph.value(code, SKOS + "notation"), meaning(code))
                for code in graph.all(NamedNode(iri), SKOS + "hasTopConcept")[:MAX_CODES]
                if isinstance(code, NamedNode)
            ],
        )
        for iri in usage.defined(site().release, ONTOLOGY, SKOS + "ConceptScheme")
    ]


Changes = list[tuple[str, list[tuple[NamedLink, str]]]]
"""Changed terms by the key of a sentence, each with the names of the properties that changed."""


def version_section(book: Book, lang: Language) -> tuple[list[tuple[str, str]], str, Changes]:
    """Return the versions for the page of an ontology: each with its day of issue, the previous one, the changes since it.

    Empty if the ontology states no version.
    """
    release, ontology = site().release, book.ontology
    number = versions.number_of(ontology.graph.value(ontology.header, OWL + "versionIRI"))
    now, kept = versions.current_version(release), versions.earlier_versions(release)
    if release.mode != "contract" or not number or number not in (now, *kept):
        return [], "", []
    issued = {now: book.refer.view.reader.value(NamedNode(ONTOLOGY), DCT + "issued")}
    issued |= {each: Graph(said).value(NamedNode(ONTOLOGY), DCT + "issued") for each, said in kept.items()}
    rows = [(each, formatting.date(day, lang)) for each, day in issued.items() if each]
    before = versions.number_of(ontology.graph.value(ontology.header, OWL + "priorVersion"))
    return rows, before, _changes(book, before, kept.get(before, ())) if before in kept else []


def _changes(book: Book, number: str, before: Iterable[Quad]) -> Changes:
    found = diff_ontologies(before, book.ontology.quads)
    earlier = site().documentation.ontology(number)

    def withdrawn(iri: str) -> NamedLink:
        return NamedLink(shorten(iri), path=f"/ontology/{number}/{earlier.path(iri)}")

    kinds = [
        ("ontology-added", [(book.name(iri), "") for iri in found.added]),
        ("ontology-withdrawn", [(withdrawn(iri), "") for iri in found.withdrawn]),
        ("ontology-deprecations", [(book.name(iri), "") for iri in found.deprecated]),
        (
            "ontology-changed",
            [(book.name(iri), ", ".join(map(book.refer.view.name, names))) for iri, names in found.changed.items()],
        ),
    ]
    return [(key, terms) for key, terms in kinds if terms]


def cover_values(number: str, lang: Language) -> dict[str, Any]:
    """Return what the first page of an ontology shows, besides its terms; kept, since it takes 4 ms of 7."""
    book = site().memoize(Book, number, lang)
    ontology, refer = book.ontology, book.refer
    text, now = ontology.graph.value, versions.current_version(site().release)
    shown = versions.number_of(text(ontology.header, OWL + "versionIRI"))
    listed, before, since = version_section(book, lang)
    return {
        "book": book,
        "title": book.home.text,
        "description": typeset(ontology.graph.text(ontology.header, DCT + "description", lang)[0], lang),
        "version": text(ontology.header, OWL + "versionInfo"),
        "diagram": diagram(
            ontology, refer.view.name, translate("diagram-several", lang), translate("ontology-super", lang)
        ),
        "places": {iri: term.name for iri, term in book.terms.items()},
        "linked": _links(book),
        "versions": listed,
        "before": before,
        "since": since,
        "shown": shown,
        "newest": now,
        "structures": refer.all(usage.defined(site().release, ONTOLOGY, QB + "DataStructureDefinition")),
        "changes": [
            (each, [(note, book.name(note.iri)) for note in notes])
            for each, notes in groupby(ontology.changes(lang), key=attrgetter("version"))
        ],
        "header": _header(book, lang),
        "prefixes": _prefixes(ontology),
        "context": f"/context/{site().release.manifest['context']}.jsonld",
    }


def _header(book: Book, lang: str) -> list[tuple[NamedLink, list[NamedLink | Value]]]:
    """Return the metadata of the ontology; texts are in the reader's language if they exist in it."""
    graph = book.ontology.graph
    return [
        (
            book.refer(name),
            [
                book.refer.value(each)
                for each in [one for one in values if isinstance(one, Literal) and one.language == lang] or values
            ],
        )
        for name, values in graph.properties(book.ontology.header).items()
        if name not in ELSEWHERE
    ]


def _links(book: Book) -> list[tuple[list[NamedLink], NamedLink, list[NamedLink]]]:
    """Return each property of the diagram, after the classes that have it and before the classes of its values."""
    ontology, drawn = book.ontology, book.ontology.class_links()
    return [
        (
            book.names(
                cls
                for cls in ontology.classes
                if iri in (*ontology.domain_properties(cls), *ontology.shared_properties(cls))
            ),
            book.name(iri),
            book.names(dict.fromkeys(link.target for link in drawn if link.property == iri)),
        )
        for iri in dict.fromkeys(link.property for link in drawn)
    ]


def _prefixes(ontology: Ontology) -> list[tuple[str, str, str]]:
    """Return the prefixes that the ontology declares, each with its namespace and its fragment of the page."""
    graph, start = ontology.graph, ontology.header.value + "#"
    nodes = [node for node in graph.all(ontology.header, SH + "declare") if isinstance(node, NamedNode)]
    return sorted(
        (
            graph.value(node, SH + "prefix"),
            graph.value(node, SH + "namespace"),
            node.value.removeprefix(start) if node.value.startswith(start) and not ontology.defines(node.value) else "",
        )
        for node in nodes
    )


def cover(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the first page of the ontology, or of the version that `path` names: what it is, diagram, contents, versions."""
    number = path.removeprefix("/ontology").removeprefix("/")
    values = site().memoize(cover_values, number, flask_responses.lang())
    return flask_responses.page("ontology.html", forms=urls.format_addresses(path, query, VOCABULARY_FORMATS), **values)


def class_page(number: str, name: str) -> Response:
    """Return the page of a class: definition, example, properties, what it is in the data, shapes; raises `page-not-found`."""
    book = site().memoize(Book, number, flask_responses.lang())
    iri = f"{ONTOLOGY}#{name}"
    if iri not in book.terms or not book.ontology.is_class(iri):
        raise Problem("page-not-found", path=f"{book.start}/term/{name}"[:200])
    term = book.terms[iri]
    rows = site().memoize(Book.rows, book, iri)  # saves 0.3 of 1.3 ms
    group = next((each for each in site().documentation.groups.values() if each.subject == iri), None)
    values = {"term": term, "own": book.own(iri), "rows": rows, "group": group}
    return page("ontology_class.html", number, lambda _: term.name.text, **values)


def page(template: str, number: str, title: Callable[[Book], str], **values: Any) -> Response:  # noqa: ANN401
    """Return a page of an ontology, with the title that it has in the book; its other forms are those of the whole."""
    book = site().memoize(Book, number, flask_responses.lang())
    return flask_responses.page(
        template,
        book=book,
        title=formatting.capital(title(book)),
        crumbs=[Hyperlink(book.home.text, book.home.href)],
        forms=urls.format_addresses(book.start, {}, VOCABULARY_FORMATS),
        **values,
    )

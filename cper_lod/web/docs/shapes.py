"""The page of the SHACL shapes: each rule with its targets and its requirements in sentences."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from flask import Response
from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import VOCABULARY_FORMATS
from cper_lod.core.i18n import requested_language, translate
from cper_lod.core.namespaces import DCT, ONTOLOGY, OWL, PREFIXES, RDFS, SH, SKOS, shorten
from cper_lod.rdf.graph import Term
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.docs.shapes import TARGETS, Shape, Shapes, Target
from cper_lod.release.documents import Document, document
from cper_lod.release.release import Release
from cper_lod.web.components.view import DocumentView, Value
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

KINDS: Final = {
    SH + "IRI": "rule-kind-iri",
    SH + "Literal": "rule-kind-literal",
    SH + "BlankNode": "rule-kind-blank",
    SH + "BlankNodeOrIRI": "rule-kind-resource",
    SH + "BlankNodeOrLiteral": "rule-kind-no-iri",
    SH + "IRIOrLiteral": "rule-kind-no-blank",
}
FILLED: Final = {
    "minInclusive": "rule-min-inclusive",
    "maxInclusive": "rule-max-inclusive",
    "minExclusive": "rule-min-exclusive",
    "maxExclusive": "rule-max-exclusive",
    "minLength": "rule-min-length",
    "maxLength": "rule-max-length",
    "pattern": "rule-pattern",
}
"""Parameters whose value is part of the sentence, in the order of the page."""
LINKED: Final = {
    "class": "rule-class",
    "datatype": "rule-datatype",
    "hasValue": "rule-has-value",
    "equals": "rule-equals",
    "disjoint": "rule-disjoint",
    "lessThan": "rule-less-than",
    "lessThanOrEquals": "rule-less-than-or-equals",
    "node": "rule-node",
    "not": "rule-not",
    "property": "rule-property",
}
"""Parameters whose value follows the sentence, as a link."""
LISTED: Final = {"in": "rule-in", "languageIn": "rule-language-in", "or": "rule-or"}
SWITCHES: Final = {"uniqueLang": "rule-unique-lang", "closed": "rule-closed"}
WITH_OTHERS: Final = frozenset(
    {"minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "prefixes", "flags", "ignoredProperties"}
)
"""Parameters that are shown with another parameter, or that only belong to one."""


@dataclass(frozen=True)
class Requirement:
    """One requirement of a rule: the key of its sentence, the parameters of the sentence, and values to link to."""

    key: str
    params: dict[str, str]
    values: list[Value]


def requirements(rule: Shape, rules: Shapes, value: Callable[[Term], Value]) -> Iterator[Requirement]:
    """Yield the requirements of a rule on the values of its path, counts first (SHACL, section 4).

    `value` returns how a value is shown. A parameter without a sentence is shown by its name.
    """
    params = rule.parameters
    yield from _counts(_number(params, "minCount"), _number(params, "maxCount"))
    yield from (
        Requirement(key, {"value": each.value}, []) for name, key in FILLED.items() for each in params.get(name, ())
    )
    for name, values in params.items():
        if name == "property":
            yield from (Requirement(LINKED[name], {}, [value(each)]) for each in values)
        elif name in LINKED:
            yield Requirement(LINKED[name], {}, [value(each) for each in values])
        elif name in LISTED:
            yield Requirement(LISTED[name], {}, [value(item) for each in values for item in rules.items(each)])
        elif name == "nodeKind":
            yield from (Requirement(KINDS[each.value], {}, []) for each in values if each.value in KINDS)
        elif name == "qualifiedValueShape":
            yield _qualified(
                _number(params, "qualifiedMinCount"), _number(params, "qualifiedMaxCount"), map(value, values)
            )
        elif name in SWITCHES:
            yield from (Requirement(SWITCHES[name], {}, []) for each in values if each.value in ("true", "1"))
        elif name not in FILLED and name not in WITH_OTHERS:
            yield Requirement("rule-other", {"name": f"sh:{name}"}, [value(each) for each in values])


def _counts(least: str, most: str) -> Iterator[Requirement]:
    """Yield the required number of values."""
    if least and least == most:
        yield Requirement("rule-exactly", {"count": least}, [])
    elif most == "0":
        yield Requirement("rule-none", {}, [])
    else:
        yield from [Requirement("rule-at-least", {"count": least}, [])] if least not in ("", "0") else []
        yield from [Requirement("rule-at-most", {"count": most}, [])] if most else []


def _qualified(least: str, most: str, shapes: Iterator[Value]) -> Requirement:
    """Return the required number of values that conform to other shapes."""
    key = "rule-qualified-exactly" if least == most else "rule-qualified"
    return Requirement(key, {"least": least or "0", "most": most or "∞"}, list(shapes))


def _number(params: dict[str, list[Term]], name: str) -> str:
    values = params.get(name)
    return values[0].value if values else ""


_TARGET_SENTENCES: Final = {
    "Class": "rule-target-class",
    "SubjectsOf": "rule-target-subjects",
    "ObjectsOf": "rule-target-objects",
    "Node": "rule-target-node",
}
SEVERITIES: Final = {SH + "Violation": "rule-violation", SH + "Warning": "rule-warning", SH + "Info": "rule-info"}
PLACEHOLDERS: Final = {"this": "rule-this", "value": "rule-value", "path": "rule-path"}
"""Variables of a message that a SHACL result fills in, and the key of the sentence that names each."""
_PLACEHOLDER: Final = re.compile(r"\{[$?](this|value|path)\}")


@dataclass(frozen=True)
class LocalizedText:
    """A text and its language."""

    text: str
    lang: str


@dataclass(frozen=True)
class RuleQuery:
    """A SPARQL constraint: the id of its element, and its text."""

    anchor: str
    text: str


@dataclass(frozen=True)
class RuleEntry:
    """A rule as the page shows it; messages and remedies in the reader's language come first."""

    anchor: str
    title: str
    code: str
    severity: str
    messages: list[LocalizedText]
    remedies: list[LocalizedText]
    targets: list[tuple[str, Value]]
    path: str
    properties: list[Value]
    requirements: list[Requirement]
    queries: list[RuleQuery]


class RuleView:
    """Reads the rules of one release in one language."""

    def __init__(self, release: Release, rules: Shapes, lang: Language) -> None:
        self._release = release
        self._rules = rules
        self._lang = lang
        self._view = DocumentView(release, (), lang)
        self._links: dict[str, Value] = {}
        self._anchors: set[str] = {"content"}

    @cached_property
    def _shapes_view(self) -> DocumentView:
        """A view of the whole shapes graph, for blank nodes; most shapes need none."""
        return DocumentView(self._release, self._rules.quads, self._lang)

    def link(self, iri: str) -> Value:
        """Return a link to a rule by its label, to anything else by its name."""
        if iri not in self._rules.all:
            return self._view.iri(iri)
        if iri not in self._links:
            label = self._rules.graph.label(NamedNode(iri), self._lang)
            self._links[iri] = Value(label, href=urls.page_link(iri))
        return self._links[iri]

    def value(self, term: Term) -> Value:
        """Return how a value is shown."""
        if isinstance(term, NamedNode):
            return self.link(term.value)
        if not isinstance(term, BlankNode):
            return self._view.value(term)
        part = self._rules.part(term)
        return Value(self._in_words(part)) if part.parameters else self._shapes_view.value(term)

    def _in_words(self, part: Shape) -> str:
        """Return what a part of a rule, a shape without a name, requires."""
        words = [
            " ".join(
                [translate(each.key, self._lang, **each.params), ", ".join(value.text for value in each.values)]
            ).rstrip()
            for each in requirements(part, self._rules, self.value)
        ]
        french = self._lang == "fr"
        required = formatting.typeset(" ; " if french else "; ", self._lang).join(words)
        if not part.path:
            return f"({required})"
        return part.path + formatting.typeset(" : " if french else ": ", self._lang) + required

    def texts(self, iri: str, predicate: str) -> list[LocalizedText]:
        """Return the texts of a property, the reader's language first."""
        found = [each for each in self._rules.graph.all(NamedNode(iri), predicate) if isinstance(each, Literal)]
        texts = [LocalizedText(each.value, each.language or "") for each in found]
        return sorted(texts, key=lambda each: (each.lang != self._lang, each.lang))

    def _anchor(self, iri: str) -> str:
        """Return the fragment of an IRI as the id of an element, "" if it is taken: rules may share a query."""
        anchor = fragment(iri)
        if anchor in self._anchors or anchor.startswith("chapter."):
            return ""
        self._anchors.add(anchor)
        return anchor

    def entry(self, rule: Shape) -> RuleEntry:
        """Return a rule as the page shows it."""
        graph = self._rules.graph
        return RuleEntry(
            anchor=self._anchor(rule.iri),
            title=graph.label(NamedNode(rule.iri), self._lang),
            code=shorten(rule.iri),
            severity=SEVERITIES.get(rule.severity, ""),
            messages=self.texts(rule.iri, SH + "message"),
            remedies=self.texts(rule.iri, RDFS + "comment"),
            targets=[(_TARGET_SENTENCES[target.kind], self.link(target.iri)) for target in rule.targets],
            path=rule.path,
            properties=[self.link(each) for each in rule.properties],
            requirements=list(requirements(rule, self._rules, self.value)),
            queries=[
                RuleQuery(self._anchor(each.value) if isinstance(each, NamedNode) else "", text)
                for each in rule.queries
                if (text := graph.value(each, SH + "select") or graph.value(each, SH + "ask"))
            ],
        )


def message_parts(message: str, lang: str) -> list[tuple[str, str]]:
    """Return a message split at its placeholders: text, and the words that stand for what a result fills in.

    >>> message_parts("The axis serves {?value}.", "en")
    [('The axis serves ', 'this value'), ('.', '')]
    """
    texts = _PLACEHOLDER.split(message)
    language = requested_language(lang) or LANGUAGES[0]
    labels = [translate(PLACEHOLDERS[name], language) for name in texts[1::2]]
    if not texts[0] and labels:  # a sentence begins with a capital
        labels[0] = formatting.capital(labels[0])
    return list(zip((formatting.typeset(each, language) for each in texts[::2]), [*labels, ""], strict=True))


def fragment(iri: str) -> str:
    """Return what follows the `#` of an IRI."""
    return iri.partition("#")[2]


MAX_RULES: Final = 500
"""Rules that the page shows; it says how many more there are."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the page: its title, and the page and the prefixed name of the target of its rules."""

    title: str
    href: str = ""
    code: str = ""


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """Return the documentation of the shapes: the rules in chapters by their first target."""
    lang, rules = flask_responses.lang(), Shapes(about.quads)
    view = RuleView(site().release, rules, lang)
    chapters = _chapters(rules, view, lang)
    entries = {each.iri: view.entry(each) for each in list(chain(*(group for _, group in chapters)))[:MAX_RULES]}
    header = NamedNode(about.iri)
    return flask_responses.page(
        "shapes.html",
        title=rules.graph.label(header, lang),
        description=rules.graph.text(header, DCT + "description", lang)[0],
        version=rules.graph.value(header, OWL + "versionInfo"),
        notes=[
            each.value
            for each in rules.graph.all(header, SKOS + "note")
            if isinstance(each, Literal) and each.language in (lang, None)
        ],
        chapters=[
            (chapter, [entries[each.iri] for each in group if each.iri in entries]) for chapter, group in chapters
        ],
        count=len(rules.all),
        left_out=len(rules.all) - len(entries),
        message_parts=message_parts,
        prefixes=[(prefix, namespace, fragment(iri)) for prefix, namespace, iri in rules.prefixes()],
        forms=urls.format_addresses(path, query, VOCABULARY_FORMATS),
    )


def _chapters(rules: Shapes, view: RuleView, lang: Language) -> list[tuple[Chapter, list[Shape]]]:
    """Return the rules in chapters by their first target.

    There is a chapter for each of our classes, in the order of the ontology; one for our properties; one for each other
    vocabulary; one for each resource that is a target; and one for the rules that only other rules use.
    """
    order = _order()

    def key(target: Target | None) -> tuple[object, ...]:
        if target is None:
            return (4,)
        known, kind = target.iri in order, TARGETS.index(target.kind)
        rank = 3 if target.kind == "Node" else 2 if not known else 0 if target.kind == "Class" else 1
        return (rank, order.get(target.iri, 0), _vocabulary(target.iri), kind, target.iri)

    chapters: dict[Chapter, list[Shape]] = {}
    firsts = ((min(each.targets, key=key, default=None), each) for each in rules.all.values())
    for target, each in sorted(firsts, key=lambda pair: (key(pair[0]), pair[1].iri)):
        chapters.setdefault(_chapter(target, key(target)[0], view, lang), []).append(each)
    return list(chapters.items())


def _chapter(target: Target | None, rank: object, view: RuleView, lang: Language) -> Chapter:
    """Return the chapter of the rules with this first target."""
    if target is None:
        return Chapter(translate("rules-parts", lang))
    if rank == 1:
        return Chapter(translate("rules-properties", lang))
    if rank == 2:
        name = _vocabulary(target.iri)
        return Chapter(translate("rules-vocabulary", lang, name=name), code=PREFIXES.get(name, ""))
    about = view.link(target.iri)
    title = translate("rules-profile", lang, name=about.text) if rank == 3 else about.text
    return Chapter(title, about.href, shorten(target.iri) if rank == 0 else "")


def _vocabulary(iri: str) -> str:
    """Return the prefix of a term, else its namespace."""
    short = shorten(iri)
    return short.partition(":")[0] if short != iri else iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _order() -> dict[str, int]:
    """Return the position of each term in the ontology; empty if the release has no ontology."""
    try:
        ontology = Ontology(document(site().release, ONTOLOGY).quads, ONTOLOGY, site().release.context)
    except Problem:
        return {}
    return {iri: position for position, iri in enumerate((*ontology.classes, *ontology.properties))}

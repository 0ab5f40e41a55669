"""A SHACL rule as the documentation of the shapes shows it: what it looks at and what it asks, in words."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from flask import Response
from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.i18n import asked, translate
from cper_lod.core.namespaces import DCT, ONTOLOGY, OWL, PREFIXES, RDFS, SH, SKOS, shorten
from cper_lod.rdf.graph import Term
from cper_lod.release.docs.ontology import Ontology
from cper_lod.release.docs.shapes import TARGETS, Rule, Rules, Target
from cper_lod.release.documents import Document, document
from cper_lod.release.release import Release
from cper_lod.web.components.view import Value, View
from cper_lod.web.http import formatting, responses, urls
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
"""The parameters whose value stands in the sentence, in the order in which they are said."""
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
}
"""The parameters whose value stands behind the sentence, as a link."""
LISTED: Final = {"in": "rule-in", "languageIn": "rule-language-in"}
SWITCHES: Final = {"uniqueLang": "rule-unique-lang", "closed": "rule-closed"}
WITH_OTHERS: Final = frozenset(
    {"minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "prefixes", "flags", "ignoredProperties"}
)
"""The parameters that are said together with others, or that only serve them."""


@dataclass(frozen=True)
class Ask:
    """One thing that a rule asks: the key of its sentence, what fills it, and what it links to."""

    key: str
    places: dict[str, str]
    values: list[Value]


def asks(rule: Rule, rules: Rules, value: Callable[[Term], Value]) -> Iterator[Ask]:
    """Yield what a rule asks of the values that its path leads to, numbers first (SHACL, section 4).

    `value` shows a value. A parameter that we have no words for is shown by its name.
    """
    said = rule.asks
    yield from _counts(_number(said, "minCount"), _number(said, "maxCount"))
    yield from (Ask(key, {"value": each.value}, []) for name, key in FILLED.items() for each in said.get(name, ()))
    for name, values in said.items():
        if name in LINKED:
            yield Ask(LINKED[name], {}, [value(each) for each in values])
        elif name in LISTED:
            yield Ask(LISTED[name], {}, [value(item) for each in values for item in rules.items(each)])
        elif name == "nodeKind":
            yield from (Ask(KINDS[each.value], {}, []) for each in values if each.value in KINDS)
        elif name == "qualifiedValueShape":
            yield _qualified(_number(said, "qualifiedMinCount"), _number(said, "qualifiedMaxCount"), map(value, values))
        elif name in SWITCHES:
            yield from (Ask(SWITCHES[name], {}, []) for each in values if each.value in ("true", "1"))
        elif name not in FILLED and name not in WITH_OTHERS:
            yield Ask("rule-other", {"name": f"sh:{name}"}, [value(each) for each in values])


def _counts(least: str, most: str) -> Iterator[Ask]:
    """Yield how many values there have to be."""
    if least and least == most:
        yield Ask("rule-exactly", {"count": least}, [])
    elif most == "0":
        yield Ask("rule-none", {}, [])
    else:
        yield from [Ask("rule-at-least", {"count": least}, [])] if least not in ("", "0") else []
        yield from [Ask("rule-at-most", {"count": most}, [])] if most else []


def _qualified(least: str, most: str, shapes: Iterator[Value]) -> Ask:
    """Return how many values have to follow other rules."""
    key = "rule-qualified-exactly" if least == most else "rule-qualified"
    return Ask(key, {"least": least or "0", "most": most or "∞"}, list(shapes))


def _number(said: dict[str, list[Term]], name: str) -> str:
    values = said.get(name)
    return values[0].value if values else ""


_TARGET_SENTENCES: Final = {
    "Class": "rule-target-class",
    "SubjectsOf": "rule-target-subjects",
    "ObjectsOf": "rule-target-objects",
    "Node": "rule-target-node",
}
SEVERITIES: Final = {SH + "Violation": "rule-violation", SH + "Warning": "rule-warning", SH + "Info": "rule-info"}
PLACES: Final = {"this": "rule-this", "value": "rule-value", "path": "rule-path"}
"""The variables of a message that a SHACL result keeps, and the sentence that names each."""
_PLACE: Final = re.compile(r"\{[$?](this|value|path)\}")


@dataclass(frozen=True)
class Text:
    """A text and its language."""

    text: str
    lang: str


@dataclass(frozen=True)
class Query:
    """A query that finds what is wrong: the node it stands in, and its text."""

    anchor: str
    text: str


@dataclass(frozen=True)
class Shown:
    """A rule with all that is shown of it; messages and remedies are in the reader's language first."""

    anchor: str
    title: str
    code: str
    severity: str
    messages: list[Text]
    remedies: list[Text]
    targets: list[tuple[str, Value]]
    path: str
    properties: list[Value]
    asks: list[Ask]
    queries: list[Query]


class RuleView:
    """Makes what is shown of the rules of one release for one reader."""

    def __init__(self, release: Release, rules: Rules, lang: Language) -> None:
        self._release = release
        self._rules = rules
        self._lang = lang
        self._view = View(release, (), lang)
        self._links: dict[str, Value] = {}
        self._anchors: set[str] = {"content"}

    @cached_property
    def _whole(self) -> View:
        """The view of all that the shapes say, for what has no name; most shapes have none of that."""
        return View(self._release, self._rules.quads, self._lang)

    def link(self, iri: str) -> Value:
        """Return a link to a rule by its label, to anything else by its name."""
        if iri not in self._rules.all:
            return self._view.iri(iri)
        if iri not in self._links:
            label = self._rules.graph.label(NamedNode(iri), self._lang)
            self._links[iri] = Value(label, href=urls.page(iri))
        return self._links[iri]

    def value(self, term: Term) -> Value:
        """Return how a value is shown."""
        if isinstance(term, NamedNode):
            return self.link(term.value)
        return self._whole.value(term) if isinstance(term, BlankNode) else self._view.value(term)

    def texts(self, iri: str, predicate: str) -> list[Text]:
        """Return the texts of a property, the reader's language first."""
        found = [each for each in self._rules.graph.all(NamedNode(iri), predicate) if isinstance(each, Literal)]
        texts = [Text(each.value, each.language or "") for each in found]
        return sorted(texts, key=lambda each: (each.lang != self._lang, each.lang))

    def _anchor(self, iri: str) -> str:
        """Return the fragment of an IRI as the id of an element, "" where another has it: rules may share a query."""
        anchor = fragment(iri)
        if anchor in self._anchors or anchor.startswith("chapter."):
            return ""
        self._anchors.add(anchor)
        return anchor

    def shown(self, rule: Rule) -> Shown:
        """Return how a rule is shown."""
        graph = self._rules.graph
        return Shown(
            anchor=self._anchor(rule.iri),
            title=graph.label(NamedNode(rule.iri), self._lang),
            code=shorten(rule.iri),
            severity=SEVERITIES.get(rule.severity, ""),
            messages=self.texts(rule.iri, SH + "message"),
            remedies=self.texts(rule.iri, RDFS + "comment"),
            targets=[(_TARGET_SENTENCES[target.kind], self.link(target.iri)) for target in rule.targets],
            path=rule.path,
            properties=[self.link(each) for each in rule.properties],
            asks=list(asks(rule, self._rules, self.value)),
            queries=[
                Query(self._anchor(each.value) if isinstance(each, NamedNode) else "", text)
                for each in rule.queries
                if (text := graph.value(each, SH + "select") or graph.value(each, SH + "ask"))
            ],
        )


def pieces(message: str, lang: str) -> list[tuple[str, str]]:
    """Return a message cut at its places: text, and the words that stand for what a result puts there.

    >>> pieces("The axis serves {?value}.", "en")
    [('The axis serves ', 'this value'), ('.', '')]
    """
    texts = _PLACE.split(message)
    spoken = asked(lang) or LANGUAGES[0]
    words = [translate(PLACES[name], spoken) for name in texts[1::2]]
    if not texts[0] and words:  # a sentence begins with a capital
        words[0] = formatting.capital(words[0])
    return list(zip((formatting.spaced(each, spoken) for each in texts[::2]), [*words, ""], strict=True))


def fragment(iri: str) -> str:
    """Return what follows the `#` of an IRI."""
    return iri.partition("#")[2]


MOST: Final = 500
"""Rules that the page shows; it says how many there are."""


@dataclass(frozen=True)
class Chapter:
    """A chapter of the page: its title, and the page and the prefixed name of what its rules look at."""

    title: str
    href: str = ""
    code: str = ""


def page(about: Document, path: str, query: dict[str, str]) -> Response:
    """The documentation of the shapes: rule by rule in words, in chapters by what they look at."""
    lang, told = responses.lang(), Rules(about.quads)
    view = RuleView(site().release, told, lang)
    chapters = _chapters(told, view, lang)
    shown = {each.iri: view.shown(each) for each in list(chain(*(rules for _, rules in chapters)))[:MOST]}
    header = NamedNode(about.iri)
    return responses.page(
        "shapes.html",
        title=told.graph.label(header, lang),
        description=told.graph.text(header, DCT + "description", lang)[0],
        version=told.graph.value(header, OWL + "versionInfo"),
        notes=[
            each.value
            for each in told.graph.all(header, SKOS + "note")
            if isinstance(each, Literal) and each.language in (lang, None)
        ],
        chapters=[(chapter, [shown[each.iri] for each in rules if each.iri in shown]) for chapter, rules in chapters],
        count=len(told.all),
        left_out=len(told.all) - len(shown),
        pieces=pieces,
        prefixes=[(prefix, namespace, fragment(iri)) for prefix, namespace, iri in told.prefixes()],
        forms=urls.forms(path, query),
    )


def _chapters(told: Rules, view: RuleView, lang: Language) -> list[tuple[Chapter, list[Rule]]]:
    """Return the rules by what they look at first.

    A chapter for each of our classes, in the order in which the ontology tells them; one for our properties; one for
    each other vocabulary, for each resource that has rules of its own, and for what only other rules use.
    """
    order = _order()

    def key(target: Target | None) -> tuple[object, ...]:
        if target is None:
            return (4,)
        known, kind = target.iri in order, TARGETS.index(target.kind)
        rank = 3 if target.kind == "Node" else 2 if not known else 0 if target.kind == "Class" else 1
        return (rank, order.get(target.iri, 0), _vocabulary(target.iri), kind, target.iri)

    chapters: dict[Chapter, list[Rule]] = {}
    firsts = ((min(each.targets, key=key, default=None), each) for each in told.all.values())
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
    """Return the prefix of a term, else where its name begins."""
    short = shorten(iri)
    return short.partition(":")[0] if short != iri else iri[: max(iri.rfind("#"), iri.rfind("/")) + 1]


def _order() -> dict[str, int]:
    """Return the place of each term of the ontology, none where the release has no ontology."""
    try:
        told = Ontology(document(site().release, ONTOLOGY).quads, ONTOLOGY, site().release.context)
    except Problem:
        return {}
    return {iri: place for place, iri in enumerate((*told.classes, *told.properties))}

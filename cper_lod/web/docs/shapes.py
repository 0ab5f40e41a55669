"""A SHACL rule as the documentation of the shapes shows it: what it looks at and what it asks, in words."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import asked, say
from cper_lod.core.namespaces import RDFS, SH, shorten
from cper_lod.rdf.graph import Term
from cper_lod.release.docs.shapes import Rule, Rules
from cper_lod.release.release import Release
from cper_lod.web.components.view import Value, View
from cper_lod.web.docs.constraints import Ask, asks
from cper_lod.web.http import formatting, urls

TARGETS: Final = {
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
            targets=[(TARGETS[target.kind], self.link(target.iri)) for target in rule.targets],
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
    words = [say(PLACES[name], spoken) for name in texts[1::2]]
    if not texts[0] and words:  # a sentence begins with a capital
        words[0] = formatting.capital(words[0])
    return list(zip((formatting.spaced(each, spoken) for each in texts[::2]), [*words, ""], strict=True))


def fragment(iri: str) -> str:
    """Return what follows the `#` of an IRI."""
    return iri.partition("#")[2]

"""The pages of the SHACL shapes: their subjects, and each shape with its targets and its requirements in sentences."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from flask import Response
from pyoxigraph import BlankNode, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import VOCABULARY_FORMATS
from cper_lod.core.i18n import requested_language, sentence, translate
from cper_lod.core.namespaces import DCT, OWL, PREFIXES, RDFS, SH, SHAPES, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.docs.shapes import Group, Shape, Shapes
from cper_lod.release.documents import Document
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.docs.references import RESERVED_IDS, LinkReader, NamedLink, fragment, typeset
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
FILLED: Final = (
    *("minInclusive", "maxInclusive", "minExclusive", "maxExclusive", "minLength", "maxLength"),
    "pattern",
)
"""Parameters whose value is part of the sentence, in the order of the page."""
LINKED: Final = (
    *("class", "datatype", "hasValue", "equals", "disjoint", "lessThan", "lessThanOrEquals", "node", "not"),
    "property",
)
"""Parameters whose value follows the sentence, as a link."""
LISTED: Final = ("in", "languageIn", "or")
SWITCHES: Final = ("uniqueLang", "closed")
WITH_OTHERS: Final = frozenset(
    {"minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "prefixes", "flags", "ignoredProperties"}
)
"""Parameters that are shown with another parameter, or that only belong to one."""


def rule_sentence(parameter: str) -> str:
    """Return the key of the sentence for a parameter of SHACL.

    >>> rule_sentence("lessThanOrEquals")
    'rule-less-than-or-equals'
    """
    return "rule-" + re.sub("[A-Z]", lambda found: "-" + found[0].lower(), parameter)


@dataclass(frozen=True)
class Requirement:
    """One requirement of a rule: the key of its sentence, the parameters of the sentence, and values to link to."""

    key: str
    params: dict[str, str]
    values: list[NamedLink]


def requirements(rule: Shape, rules: Shapes, value: Callable[[Term], NamedLink]) -> Iterator[Requirement]:
    """Yield the requirements of a rule on the values of its path, counts first (SHACL, section 4).

    `value` returns how a value is shown. A parameter without a sentence is shown by its name.
    """
    params = rule.parameters
    yield from _counts(rule.number("minCount"), rule.number("maxCount"))
    for name in FILLED:
        yield from (Requirement(rule_sentence(name), {"value": each.value}, []) for each in params.get(name, ()))
    for name, values in params.items():
        key = rule_sentence(name)
        if name == "property":
            yield from (Requirement(key, {}, [value(each)]) for each in values)
        elif name in LINKED:
            yield Requirement(key, {}, [value(each) for each in values])
        elif name in LISTED:
            yield Requirement(key, {}, [value(item) for each in values for item in rules.items(each)])
        elif name == "nodeKind":
            yield from (Requirement(KINDS[each.value], {}, []) for each in values if each.value in KINDS)
        elif name == "qualifiedValueShape":
            yield _qualified(rule.number("qualifiedMinCount"), rule.number("qualifiedMaxCount"), map(value, values))
        elif name in SWITCHES:
            yield from (Requirement(key, {}, []) for each in values if each.value in ("true", "1"))
        elif name not in FILLED and name not in WITH_OTHERS:
            yield Requirement("rule-other", {"name": f"sh:{name}"}, [value(each) for each in values])


def _counts(least: int | None, most: int | None) -> Iterator[Requirement]:
    """Yield the required number of values."""
    if least and least == most:
        yield Requirement("rule-exactly", {"count": str(least)}, [])
    elif most == 0:
        yield Requirement("rule-none", {}, [])
    else:
        yield from [Requirement("rule-at-least", {"count": str(least)}, [])] if least else []
        yield from [Requirement("rule-at-most", {"count": str(most)}, [])] if most else []


def _qualified(least: int | None, most: int | None, shapes: Iterator[NamedLink]) -> Requirement:
    """Return the required number of values that conform to other shapes."""
    key = "rule-qualified-exactly" if least == most else "rule-qualified"
    return Requirement(key, {"least": str(least or 0), "most": "∞" if most is None else str(most)}, list(shapes))


_SEVERITIES: Final = {SH + "Violation": "rule-violation", SH + "Warning": "rule-warning", SH + "Info": "rule-info"}
VOCABULARIES: Final = frozenset(
    ("adms", "dcat", "dct", "geo", "obeu", "org", "owl", "prov", "qb", "rdf", "sh", "skos", "void")
)
"""The vocabularies that have a name in words, by prefix; those of OpenBudgets, by its beginning."""
_PLACEHOLDER: Final = re.compile(r"\{[$?](this|value|path)\}")
"""A variable of a message that a SHACL result fills in; the page has a word in brackets for it."""


class RuleEntry:
    """A shape as the pages show it, in one language; messages are cut at their placeholders (`message_parts`).

    `queries` are SPARQL constraints: the id of the element of each, "" if another has it, and its text.
    """

    def __init__(self, rules: "Rulebook", shape: Shape) -> None:
        refer, graph = rules.refer, rules.shapes.graph
        messages = refer.texts(graph, shape.iri, SH + "message")
        queries = [(each, graph.value(each, SH + "select") or graph.value(each, SH + "ask")) for each in shape.queries]
        self.anchor = rules.anchor(shape.iri)
        self.name = refer(shape.iri)
        self.severity = _SEVERITIES.get(shape.severity, "") if shape.targets else ""
        self.messages = [(each.lang, message_parts(each.text, each.lang)) for each in messages]
        self.remedies = refer.texts(graph, shape.iri, RDFS + "comment")
        self.targets = [
            (f"rule-target-{each.kind.removesuffix('Of').lower()}", refer(each.iri)) for each in shape.targets
        ]
        self.path = shape.path
        self.properties = refer.all(shape.properties)
        self.requirements = list(requirements(shape, rules.shapes, rules.value))
        self.queries = [
            (rules.anchor(node.value) if isinstance(node, NamedNode) else "", text) for node, text in queries if text
        ]


class RuleSubject:
    """A group of shapes as the pages show it: its page, its name, the class it is about, and its shapes."""

    def __init__(self, rules: "Rulebook", group: Group) -> None:
        lang, about = rules.lang, rules.refer(group.subject) if group.kind in ("class", "resource") else None
        prefix = group.subject.partition("-")[0]
        key = f"rules-vocabulary-{prefix}" if prefix in VOCABULARIES else f"rules-{group.kind}"
        title = about.text if about else translate(key, lang, name=group.subject)
        if group.kind == "resource":
            title = translate("rules-profile", lang, name=title)
        title = formatting.typeset(formatting.capital(title), lang)
        self.path = f"/shapes/{group.name}"
        self.title = title + (f" ({group.part})" if group.part > 1 else "")
        self.code = about.code if about else PREFIXES.get(group.subject, "")
        self.about = about
        self.entries = [RuleEntry(rules, shape) for shape in group.shapes]
        counted = (_SEVERITIES.get(shape.severity, "rule-info") for shape in group.shapes if shape.targets)
        self.severities = Counter(counted)


class Rulebook:
    """All shapes in one language; kept, since it takes 33 ms and a page 1 ms."""

    def __init__(self, lang: Language) -> None:
        documentation = site().documentation
        self.lang = lang
        self.shapes: Shapes = documentation.shapes
        graph = self.shapes.graph
        self.refer = LinkReader(site().release, lang)
        self._anchors = {*RESERVED_IDS}
        self.subjects = {name: RuleSubject(self, group) for name, group in documentation.groups.items()}
        self.severities = sum((each.severities for each in self.subjects.values()), Counter[str]())
        self.parts = len(self.shapes.all) - self.severities.total()
        header = NamedNode(SHAPES.rstrip("#"))
        self.title = graph.label(header, lang)
        self.description = typeset(graph.text(header, DCT + "description", lang)[0], lang)
        self.version = graph.value(header, OWL + "versionInfo")
        self.notes = self.refer.texts(graph, header.value, SKOS + "note")
        self.prefixes = [(prefix, space, fragment(iri)) for prefix, space, iri in self.shapes.prefixes()]

    def anchor(self, iri: str) -> str:
        """Return the fragment of an IRI as the id of an element, "" if it is taken: shapes may share a query."""
        anchor = fragment(iri)
        if anchor in self._anchors:
            return ""
        self._anchors.add(anchor)
        return anchor

    def value(self, term: Term) -> NamedLink:
        """Return how a value is shown; a shape without a name by what it requires."""
        if isinstance(term, NamedNode):
            return self.refer(term.value)
        words = isinstance(term, BlankNode) and self._in_words(self.shapes.part(term))
        return NamedLink(words or self.refer.view.value(term).text)

    def _in_words(self, part: Shape) -> str:
        """Return what a part of a shape requires."""
        words = [
            " ".join(
                [
                    formatting.typeset(sentence(each.key, self.lang), self.lang).format_map(each.params),
                    ", ".join(value.text for value in each.values),
                ]
            ).rstrip()
            for each in requirements(part, self.shapes, self.value)
        ]
        french = self.lang == "fr"
        required = formatting.typeset(" ; " if french else "; ", self.lang).join(words)
        if not part.path:
            return f"({required})"
        return part.path + formatting.typeset(" : " if french else ": ", self.lang) + required


def message_parts(message: str, lang: str) -> list[tuple[str, str]]:
    """Return a message split at its placeholders: text, and the words that stand for what a result fills in.

    >>> message_parts("The axis serves {?value}.", "en")
    [('The axis serves ', '[value]'), ('.', '')]
    """
    texts = _PLACEHOLDER.split(message)
    language = requested_language(lang) or LANGUAGES[0]
    labels = [translate(f"rule-{name}", language) for name in texts[1::2]]
    return list(zip((formatting.typeset(each, language) for each in texts[::2]), [*labels, ""], strict=True))


def cover(_: Document, path: str, query: dict[str, str]) -> Response:
    """Return the first page of the shapes: what they are for, how many there are of each subject, and all their names."""
    rulebook = site().memoize(Rulebook, flask_responses.lang())
    forms = urls.format_addresses(path, query, VOCABULARY_FORMATS)
    return flask_responses.page("shapes.html", title=rulebook.title, rules=rulebook, forms=forms)


def page(name: str) -> Response:
    """Return the page of the shapes of one subject; raises `page-not-found`."""
    rulebook = site().memoize(Rulebook, flask_responses.lang())
    if name not in rulebook.subjects:
        raise Problem("page-not-found", path=f"/shapes/{name}"[:200])
    return flask_responses.page(
        "shapes_subject.html",
        title=rulebook.subjects[name].title,
        rules=rulebook,
        subject=rulebook.subjects[name],
        crumbs=[Hyperlink(rulebook.title, urls.link("/shapes"))],
        forms=urls.format_addresses("/shapes", {}, VOCABULARY_FORMATS),
    )

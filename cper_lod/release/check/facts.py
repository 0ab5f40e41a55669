"""Facts against their words: quotations, texts without words, figures of translations; unknown things, links and terms.

Each rule is about a kind of fact, never about the values of one contract.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import chain, islice
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core import french
from cper_lod.core.namespaces import BASE, CPER, DCT, PREFIXES, PROV, RDF, RDFS, SCHEMA, SH, SHAPES, XSD
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.core.text import nearest
from cper_lod.rdf.graph import Node
from cper_lod.rdf.report import Finding, finding
from cper_lod.release.check.consistency import CONSISTENCY_RULES
from cper_lod.release.check.published import PublishedData, files_about
from cper_lod.release.check.quotations import (
    EURO,
    NUMBER,
    UNIT,
    UNITS,
    QuotationReader,
    QuotedStatement,
    decimal_of,
    english_numbers,
    numbers,
    read_statement,
)
from cper_lod.release.check.rules import apply_rule
from cper_lod.release.sources.read import Sources

_TERM: Final = re.compile(rb"<" + re.escape(CPER.encode()) + rb"([^>\s]+)>")
_OWN: Final = f"<{BASE}id/".encode()
_TYPE: Final = f"<{RDF}type>".encode()
_REPLACES: Final = f"<{DCT}replaces>".encode()
"""The property that names what is no longer described."""
_LINKS: Final = NamedNode(SHAPES + "lien-exterieur-permis")
"""The rule with a part for each property that leads outside."""
_INSIDE: Final = tuple(
    f"<{each}".encode() for each in (BASE, *PREFIXES.values(), "http://www.w3.org/", "http://purl.org/")
)
"""How our IRIs and the terms of vocabularies begin."""
_MAX_REMEMBERED: Final = 65_536
"""Things of which it is remembered whether they are described."""
_MAX_USES: Final = 20
"""Uses of a term whose things are named."""
_NOT_QUOTED: Final = frozenset({NUMBER, XSD + "decimal", XSD + "integer"})
"""Datatypes of numbers that need no statement: values are compared with their wording, other numbers are an order."""


def check_facts(sources: Sources) -> Iterator[Finding]:
    """Yield the findings about the facts of `sources`, each with its files."""
    with SortedLines(sources.published.path) as lines:
        data = PublishedData(sources, lines)
        yield from FactRules(data).findings()
        yield from chain.from_iterable(apply_rule(rule, data)[0] for rule in CONSISTENCY_RULES)


class FactRules:
    """The rules about facts and their words, and about terms."""

    def __init__(self, data: PublishedData) -> None:
        self._data = data
        self._reader = QuotationReader(data.graph, data.ontology)
        self._statements: dict[Node, list[QuotedStatement]] = defaultdict(list)
        bodies = defaultdict[Node, list[Node]](list)
        for body, node in data.pairs(CPER + "enonce"):
            if isinstance(node, NamedNode):
                bodies[node].append(body)
        for quoted, things in sorted(bodies.items(), key=str):
            statement = read_statement(data.graph, quoted, things)
            for thing in things:
                self._statements[thing].append(statement)

    def findings(self) -> Iterator[Finding]:
        """Yield the findings of all rules."""
        yield from self.quotations()
        for node in self._things():
            yield from self.own_texts(node)
            yield from self.translations(node)
            yield from self.published_value(node)
        yield from self.references()
        yield from self.terms()

    def quotations(self) -> Iterator[Finding]:
        """Yield a finding for each fact that its statement attests and its quotation does not hold."""
        for body, statements in self._statements.items():
            for predicate in sorted({each for statement in statements for each in statement.attests}):
                attesting = [each for each in statements if predicate in each.attests]
                for value in self._data.graph.all(body, predicate):
                    verdicts = {self._reader.verdict(each, body, predicate, value) for each in attesting}
                    if "found" not in verdicts:
                        key = "quotation-unknown" if "unknown" in verdicts else "quotation"
                        words = " / ".join(each.words for each in attesting)
                        name = "" if isinstance(value, Literal) else f" ({self._data.graph.label(value, 'fr')})"
                        iri = attesting[0].iri
                        yield self._data.finding(key, iri, predicate, value, fact=body.value, words=words, named=name)

    def _things(self) -> Iterable[Node]:
        """Return what statements speak of, and what is of a class that has statements."""
        typed = (node for cls in self._classes() for node in self._data.subjects(RDF + "type", cls))
        return dict.fromkeys((*typed, *self._statements))

    def _literals(self, node: Node) -> Iterator[tuple[str, list[Literal]]]:
        """Yield the properties of a thing with their literals."""
        for predicate, values in self._data.graph.properties(node).items():
            yield predicate, [each for each in values if isinstance(each, Literal)]

    def own_texts(self, node: Node) -> Iterator[Finding]:
        """Yield a finding for each text of a thing with figures, and each description, that no statement supports."""
        statements = self._statements.get(node, [])
        attested = {each for statement in statements for each in statement.attests}
        known = self._reader.known_numbers(node) | self._document_numbers(statements)
        for statement in statements:
            known |= numbers(statement.words) | numbers(french.in_figures(statement.words))
        for predicate, texts in self._literals(node):
            if predicate in attested:
                continue
            for text in texts:
                if text.datatype.value in _NOT_QUOTED:
                    continue
                if predicate == DCT + "description":
                    yield self._data.finding("description-unquoted", node.value, predicate, text)
                elif (english_numbers if text.language == "en" else numbers)(text.value) - known:
                    yield self._data.finding("figure-unquoted", node.value, predicate, text)

    def _classes(self) -> Iterator[str]:
        """Yield the classes whose things have statements, as the ontology says, and the classes below them."""
        ontology = self._data.ontology
        stated = ontology.all(NamedNode(CPER + "enonce"), SCHEMA + "domainIncludes")
        for cls in ontology.subjects():
            if cls in stated or any(each in stated for each in ontology.all(cls, RDFS + "subClassOf")):
                yield cls.value

    def _document_numbers(self, statements: Iterable[QuotedStatement]) -> set[Decimal]:
        """Return the numbers of the day, and in the publisher's name, of the documents that statements come from."""
        found = set[Decimal]()
        for statement in statements:
            for document in self._data.graph.all(NamedNode(statement.iri), PROV + "wasQuotedFrom"):
                for day in self._data.graph.all(document, DCT + "issued"):
                    found |= numbers(day.value.replace("-", " ; "))
                for publisher in self._data.graph.all(document, DCT + "publisher"):
                    found |= numbers(self._data.graph.label(publisher, "fr"))
        return found

    def translations(self, node: Node) -> Iterator[Finding]:
        """Yield a finding for each English text of a thing whose figures are not those of the French text."""
        for predicate, texts in self._literals(node):
            in_french = [each.value for each in texts if each.language == "fr"]
            in_english = [each for each in texts if each.language == "en"]
            if len(in_french) == len(in_english) == 1:
                one, other = in_french[0], in_english[0].value
                # A number in words may be a number in figures in the other language.
                lost = numbers(one) - english_numbers(french.in_figures(other, "en"))
                added = english_numbers(other) - numbers(french.in_figures(one))
                if lost or added:
                    yield self._data.finding("figures-differ", node.value, predicate, in_english[0], french=one)

    def published_value(self, node: Node) -> Iterator[Finding]:
        """Yield a finding if a number, or its rounding step, is not that of its published wording."""
        wording = self._data.graph.value(node, CPER + "valeurPubliee")
        if not wording:
            return
        read = list(french.quantities(wording))
        for unit in self._data.graph.all(node, UNIT):
            sign = UNITS.get(unit.value)
            for value in self._data.graph.all(node, CPER + "valeur"):
                if decimal_of(value.value) not in {each.value for each in read if sign in (None, each.unit)}:
                    yield self._data.finding("value-differs", node.value, CPER + "valeur", value, words=wording)
            if (
                any(each.unit == UNITS[EURO] for each in read)
                and unit.value != EURO
                and not unit.value.startswith(BASE)
            ):
                yield self._data.finding("value-differs", node.value, UNIT, unit, words=wording)
        steps = {each.step for each in read if each.unit}
        for step in self._data.graph.all(node, CPER + "pas"):
            # Single euros do not show how an amount is rounded.
            if steps - {Decimal(1)} and decimal_of(step.value) not in steps:
                yield self._data.finding("value-differs", node.value, CPER + "pas", step, words=wording)

    def references(self) -> Iterator[Finding]:
        """Yield a finding for each thing of ours that nothing describes, and each link outside by an unknown property."""
        parts = self._data.shapes.all(_LINKS, SH + "property")
        kinds = {f"<{path.value}>".encode() for each in parts for path in self._data.shapes.all(each, SH + "path")}

        @lru_cache(_MAX_REMEMBERED)
        def is_described(thing: bytes) -> bool:
            return b"%b %b " % (thing, _TYPE) in self._data.lines

        for subject, predicate, rest in self._data.triples():
            if not rest.startswith(b"<"):
                continue
            named, own = rest.partition(b" ")[0], rest.startswith(_OWN)
            if own:
                wrong = predicate != _REPLACES and not is_described(named)
            else:
                wrong = bool(kinds) and predicate not in kinds and not rest.startswith(_INSIDE)
            if wrong:
                node, path, value = (each.decode().strip("<>") for each in (subject, predicate, named))
                key = "reference-undescribed" if own else "link-unknown"
                yield self._data.finding(key, node, path, NamedNode(value))

    def terms(self) -> Iterator[Finding]:
        """Yield a finding for each term of our namespace that the ontology does not declare, with the nearest one."""
        declared = {
            each.value.removeprefix(CPER) for each in self._data.ontology.subjects() if isinstance(each, NamedNode)
        }
        used = {name.decode() for name in {match[1] for match in _TERM.finditer(self._data.lines.bytes)}}
        for name in sorted(used - declared):
            uses = islice(self._data.triples_with(f"<{CPER}{name}>"), _MAX_USES)
            subjects = {subject.strip("<>"): None for subject, *_ in uses}
            near = nearest(name, declared)
            yield finding(
                "violation",
                "term-undeclared" if near else "term-unknown",
                next(iter(subjects)),
                tuple(sorted({file for each in subjects for file in files_about(self._data.sources, each)})),
                term=f"cper:{name}",
                nearest=f"cper:{near}" if near else "",
            )

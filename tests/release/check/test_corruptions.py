"""Each kind of wrong change of the real data, tried at all places where it applies, is a violation that names the place.

A kind is a function that yields the changes of one contract (`tests.support.corruption`). `UNDECIDED` are the kinds that no file
can decide, each with its reason; docs/ tells readers the same. `python -m tests.release.check.test_corruptions` prints
the share caught of each kind.
"""

import functools
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, islice
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.identifiers import by_code
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, FOAF, OA, ORG, PREFIXES, PROV, RDF, RDFS, SKOS, XSD
from cper_lod.core.quoted_text import QuotableText
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.shacl.store import literals_as_written
from cper_lod.release.check import documents, published
from cper_lod.release.check.facts import ATTESTED, IN_CONTEXT
from cper_lod.release.sources.read import read_sources
from tests.support.corruption import Change, World, exchanged
from tests.support.paths import ROOT

Kind = Callable[[World], Iterator[Change]]
KINDS: dict[str, Kind] = {}
UNDECIDED: dict[str, str] = {}
"""The kinds that no file can decide, each with the reason."""

VALEUR, PUBLIEE, PAS, ENONCE = (CPER + name for name in ("valeur", "valeurPubliee", "pas", "enonce"))
EXACT, START, END, QUOTED_FROM = OA + "exact", OA + "start", OA + "end", PROV + "wasQuotedFrom"
UNIT, GEO, SPDX = PREFIXES["sdmx-attribute"] + "unitMeasure", PREFIXES["geo"], PREFIXES["spdx"]
STATUS, MATCH, LABEL = PREFIXES["adms"] + "status", SKOS + "exactMatch", SKOS + "prefLabel"
MOST = 2
"""Changes of a kind that a test tries in each contract, at regular distances; the command tries all."""


def kind(name: str, undecided: str = "") -> Callable[[Kind], Kind]:
    """Name a kind of change; `undecided` says why no file can decide it."""

    def add(function: Kind) -> Kind:
        KINDS[name] = function
        if undecided:
            UNDECIDED[name] = undecided
        return function

    return add


# What changes are made of.


def other_number(text: str) -> str:
    """Return a text with its last digit changed."""
    place = max(place for place, char in enumerate(text) if char.isdigit())
    return text[:place] + str((int(text[place]) + 1) % 10) + text[place + 1 :]


def first_number(text: str) -> str:
    """Return a text with its first digit changed."""
    return re.sub("[0-9]", lambda match: str(int(match[0]) % 9 + 1), text, count=1)


def with_text(literal: Literal, text: str) -> Literal:
    """Return a literal with another text."""
    return Literal(text, language=literal.language) if literal.language else Literal(text, datatype=literal.datatype)


def literals(world: World, *predicates: str, under: str = "") -> Iterator[Quad]:
    """Yield the quads of some properties whose values are literals, those in English left out."""
    for quad in world.of(*predicates, under=under):
        if isinstance(quad.object, Literal) and quad.object.language != "en":
            yield quad


def texts_changed(world: World, predicate: str, change: Callable[[str], str], under: str = "") -> Iterator[Change]:
    """Yield the change of each text of a property that `change` changes."""
    for quad in literals(world, predicate, under=under):
        if (text := change(quad.object.value)) != quad.object.value:
            yield exchanged(quad, with_text(quad.object, text))


def to_others(
    world: World, predicate: str, values: Iterable[Term] = (), attested: bool | None = None
) -> Iterator[Change]:
    """Yield the change of each value of a property to each other value; `attested`: of those only, or of the others."""
    quads = list(world.of(predicate))
    known = sorted({quad.object for quad in quads} | set(values), key=str)
    for quad in quads:
        if attested is None or is_attested(world, quad) == attested:
            own = world.graph.all(quad.subject, predicate)
            yield from (exchanged(quad, value) for value in known if value not in own)


def is_attested(world: World, quad: Quad) -> bool:
    """Return whether a statement attests a quad."""
    statements = world.graph.all(quad.subject, ENONCE)
    return any(NamedNode(quad.predicate.value) in world.graph.all(each, CPER + "atteste") for each in statements)


def swapped(one: Quad, other: Quad) -> Change:
    """Return the exchange of the values of two quads."""
    return exchanged(one, other.object) | exchanged(other, one.object)


def pairs(quads: Iterable[Quad]) -> Iterator[tuple[Quad, Quad]]:
    """Yield each pair of quads with two things and two values, which is not told in one language only."""
    for one, other in combinations(quads, 2):
        if one.subject != other.subject and one.object != other.object and one.predicate == other.predicate:
            yield one, other


def codes(scheme: str) -> list[NamedNode]:
    """Return the codes of a list."""
    lists = Graph(read_sources_once().ontology)
    of = f"{BASE}id/code/{scheme}"
    return [node for node in lists.subjects() if NamedNode(of) in lists.all(node, SKOS + "inScheme")]


@functools.cache
def read_sources_once():
    """Return the real sources."""
    return read_sources(ROOT)


def statements(world: World, with_a_text: bool | None = None) -> Iterator[Quad]:
    """Yield the words of statements, perhaps only of those whose document has a text, or has none."""
    names = {f"{BASE}id/document/{name}" for name in world.texts}
    for quad in world.of(EXACT):
        if with_a_text is None or (world.graph.value(quad.subject, QUOTED_FROM) in names) == with_a_text:
            yield quad


def words_changed(world: World, change: Callable[[str], str], with_a_text: bool | None = True) -> Iterator[Change]:
    """Yield the change of the words of each statement."""
    for quad in statements(world, with_a_text):
        if (text := change(quad.object.value)) != quad.object.value:
            yield exchanged(quad, Literal(text))


def place_of(world: World, statement: Term) -> list[Quad]:
    """Return the words, the places and the document of a statement."""
    return [
        Quad(statement, NamedNode(predicate), value)
        for predicate in (EXACT, START, END, QUOTED_FROM)
        for value in world.graph.all(statement, predicate)
    ]


def rewritten(subject: Term, quads: Iterable[Quad]) -> frozenset[Quad]:
    """Return quads with another subject."""
    return frozenset(Quad(subject, quad.predicate, quad.object) for quad in quads)


def values_of(world: World, figure: Term) -> list[Quad]:
    """Return what a figure says of its value."""
    return [
        Quad(figure, NamedNode(predicate), value)
        for predicate in (VALEUR, PUBLIEE, PAS, UNIT, CPER + "nature")
        for value in world.graph.all(figure, predicate)
    ]


def figure_pairs(world: World) -> Iterator[tuple[Term, Term]]:
    """Yield each pair of figures with two values."""
    figures = [quad.subject for quad in world.of(PUBLIEE)]
    for one, other in combinations(figures, 2):
        words = [
            {world.graph.value(each, EXACT) for each in world.graph.all(figure, ENONCE)} for figure in (one, other)
        ]
        values = [{quad.object for quad in values_of(world, figure)} for figure in (one, other)]
        if values[0] != values[1] and words[0] != words[1]:
            yield one, other


def exchange_of(one: Term, of_one: list[Quad], other: Term, of_other: list[Quad]) -> Change:
    """Return the change that gives each of two things the values of the other."""
    removed = frozenset([*of_one, *of_other])
    added = rewritten(one, of_other) | rewritten(other, of_one)
    return Change(removed - added, added - removed)


# One fact.

for _name, _change in {
    "a digit": other_number,
    "the first digit": first_number,
    "a thousand times": lambda text: text + "000",
}.items():
    kind(f"the value: {_name}")(functools.partial(texts_changed, predicate=VALEUR, change=_change))
for _name, _change in {"a digit": other_number, "the first digit": first_number}.items():

    @kind(f"the printed value: {_name}")
    def _(world: World, change: Callable[[str], str] = _change) -> Iterator[Change]:
        yield from texts_changed(world, PUBLIEE, lambda text: change(text) if re.search("[0-9]", text) else text)


kind("the rounding step")(
    lambda world: texts_changed(world, PAS, lambda text: "0" + text[:-1] if "." not in text else text + "1")
)
kind("the unit")(lambda world: to_others(world, UNIT))
kind("the nature, to one with a name")(
    lambda world: (
        change
        for change in to_others(world, CPER + "nature", codes("nature-de-la-valeur"))
        if not all(next(iter(each)).object.value.endswith(("/arrondi", "/exact")) for each in change[:2])
    )
)
kind("the funder")(lambda world: to_others(world, CPER + "financeur"))


@kind("the funder: a body of its kind that is none of the contract")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(CPER + "financeur"):
        other = NamedNode(f"{BASE}id/organisme/inconnu")
        facts = {LABEL: Literal("Inconnue", language="fr"), RDF + "type": NamedNode(ORG + "FormalOrganization")}
        described = [Quad(other, NamedNode(predicate), value) for predicate, value in facts.items()]
        kinds = world.graph.all(quad.object, ORG + "classification")
        described += [Quad(other, NamedNode(ORG + "classification"), each) for each in kinds]
        if "/groupe/" not in quad.object.value and is_attested(world, quad):
            yield exchanged(quad, other) | Change(added=frozenset(described))


@kind("the subdivision of an amendment, unattested")
def _(world: World) -> Iterator[Change]:
    for change in to_others(world, CPER + "subdivision"):
        (quad,) = change.removed
        if "/avenant/" in quad.subject.value:
            statements = world.graph.all(quad.subject, ENONCE)
            attests = [Quad(each, NamedNode(CPER + "atteste"), NamedNode(CPER + "subdivision")) for each in statements]
            yield change | Change(frozenset({*attests} & world.quads))


kind("the subdivision of a figure")(lambda world: to_others(world, CPER + "subdivision"))
kind("the scope, attested")(lambda world: to_others(world, CPER + "perimetre", codes("perimetre"), attested=True))
kind("the denominator")(lambda world: to_others(world, CPER + "partDe", codes("denominateur")))
kind("the whole of an “of which”, attested")(
    lambda world: to_others(world, CPER + "partieDe", [quad.subject for quad in world.of(PUBLIEE)], attested=True)
)
kind("the status of a step")(lambda world: to_others(world, STATUS, codes("statut")))
kind("the place of a step")(
    lambda world: to_others(
        world, PROV + "atLocation", [quad.subject for quad in world.of(LABEL, under="/territoire/")]
    )
)


@kind("the territory of a contract or body")
def _(world: World) -> Iterator[Change]:
    changes = to_others(world, CPER + "territoire")
    yield from (each for each in changes if "/cadre/" not in next(iter(each.added)).subject.value)


kind("the number of a subdivision, attested")(lambda world: to_others(world, SKOS + "notation", attested=True))
kind("the level above a subdivision")(lambda world: to_others(world, SKOS + "broader"))
kind("the body of a signatory")(lambda world: to_others(world, PROV + "agent"))


@kind("the kind of a body that its name says")
def _(world: World) -> Iterator[Change]:
    yield from kinds_of_bodies(world, named=True)


kind("the breakdown of a subdivision")(lambda world: to_others(world, SKOS + "inScheme"))


def kinds_of_bodies(world: World, *, named: bool) -> Iterator[Change]:
    """Yield the change of the kind of each body whose name says the kind, or does not."""
    lists = Graph(read_sources_once().ontology)
    for change in to_others(world, ORG + "classification", codes("type-d-organisme")):
        (quad,) = change.removed
        labels = " ".join(each.value.lower() for each in world.graph.all(quad.subject, LABEL))
        words = (each.value.lower() for name in (LABEL, SKOS + "hiddenLabel") for each in lists.all(quad.object, name))
        if any(word in labels for word in words) == named and "/groupe/" not in quad.subject.value:
            yield change


def _days(text: str) -> Iterator[str]:
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        day = date.fromisoformat(text)
        others = [day + timedelta(1), day + timedelta(31), day.replace(year=day.year + 1)]
        yield from (each.isoformat() for each in others)
        yield text[:4]
    elif re.fullmatch("[0-9]{4}", text):
        yield str(int(text) + 1)
        yield str(int(text) - 1)


@kind("the day of a step")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(DCT + "date"):
        yield from (
            exchanged(quad, Literal(text, datatype=NamedNode(XSD + ("gYear" if len(text) == 4 else "date"))))
            for text in _days(quad.object.value)
        )


@kind("the day of a step cut to its month")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(DCT + "date"):
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", quad.object.value):
            yield exchanged(quad, Literal(quad.object.value[:7], datatype=NamedNode(XSD + "gYearMonth")))


@kind("the prefect of another region")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(EXACT):
        if (
            text := re.sub(r"([Pp]réf(?:et|ète) de la région) .*", r"\1 Mayotte", quad.object.value)
        ) != quad.object.value:
            yield exchanged(quad, Literal(text))


@kind("an amendment is signed by the words of the contract's signing")
def _(world: World) -> Iterator[Change]:
    signed = NamedNode(f"{BASE}id/code/statut/signe")
    for step in [quad.subject for quad in world.of(CPER + "avenant") if "/etape/" in quad.subject.value]:
        for other in [quad.subject for quad in world.of(STATUS) if quad.object == signed and quad.subject != step]:
            old = [
                Quad(step, NamedNode(predicate), each)
                for predicate in (STATUS, ENONCE)
                for each in world.graph.all(step, predicate)
            ]
            new = [Quad(step, NamedNode(ENONCE), each) for each in world.graph.all(other, ENONCE)]
            yield Change(frozenset(old), frozenset([*new, Quad(step, NamedNode(STATUS), signed)]))


kind("a letter of another alphabet in a name")(
    lambda world: texts_changed(world, LABEL, lambda text: re.sub("(?<=[a-z])a", "а", text, count=1))
)


@kind("a year of a period")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(DCAT + "startDate", DCAT + "endDate"):
        yield from (exchanged(quad, with_text(quad.object, text)) for text in _days(quad.object.value))


def without_a_word(text: str) -> str:
    """Return a text without its longest word, if that stands between others; so that it is no shorter part of the text."""
    words = text.split(" ")
    inner = [
        number
        for number in range(1, len(words) - 1)
        if not {"[…]", "et", "«", "»", ":"} & {*words[number - 1 : number + 2]}
    ]
    if not inner:
        return text
    longest = max(inner, key=lambda number: len(words[number]))
    return " ".join(words[:longest] + words[longest + 1 :]) if len(words[longest]) > 3 else text


def cut_short(text: str) -> str:
    """Return a text without its first or its last word."""
    return re.sub("^[^ «]+ | [^ »]+$", "", text, count=1)


def with_another_word(text: str) -> str:
    """Return a text with a word more before its last."""
    first, space, last = text.rpartition(" ")
    return f"{first} généreusement{space}{last}" if first else text


def with_another_letter(text: str) -> str:
    """Return a text with a letter of its longest word changed."""
    word = max(re.findall(r"\w+", text), key=len)
    return text.replace(word, word[:-2] + ("x" if word[-2] != "x" else "y") + word[-1], 1) if len(word) > 2 else text


def without_accent(text: str) -> str:
    """Return a text without the first accent of a small letter."""
    return re.sub("[éèê]", "e", text, count=1)


TITLES = {
    "a word less": without_a_word,
    "a word more": with_another_word,
    "another letter": with_another_letter,
    "an accent less": without_accent,
}
for _name, _change in TITLES.items():

    @kind(f"a title: {_name}")
    def _(world: World, change: Callable[[str], str] = _change) -> Iterator[Change]:
        for quad in literals(world, LABEL):
            if (
                is_attested(world, quad)
                and quad.subject != world.contract
                and (text := change(quad.object.value)) != quad.object.value
            ):
                yield exchanged(quad, with_text(quad.object, text))

    @kind(f"a description: {_name}")
    def _(world: World, change: Callable[[str], str] = _change) -> Iterator[Change]:
        for quad in literals(
            world, DCT + "description", SKOS + "scopeNote", SKOS + "historyNote", DCT + "title", under="/"
        ):
            if is_attested(world, quad) and (text := change(quad.object.value)) != quad.object.value:
                yield exchanged(quad, with_text(quad.object, text))


@kind(
    "a title or description cut short",
    "The words quoted may say more than the title: where it begins and ends, they do not say.",
)
def _(world: World) -> Iterator[Change]:
    for quad in literals(world, LABEL, DCT + "description", SKOS + "scopeNote", SKOS + "historyNote", DCT + "title"):
        if is_attested(world, quad) and (text := cut_short(quad.object.value)) != quad.object.value:
            yield exchanged(quad, with_text(quad.object, text))


kind("the name of a contract: a word less", "We put it together from words that do not follow each other.")(
    lambda world: (
        exchanged(quad, with_text(quad.object, without_a_word(quad.object.value)))
        for quad in literals(world, LABEL)
        if quad.subject == world.contract
    )
)


@kind("two titles exchanged")
def _(world: World) -> Iterator[Change]:
    titles = [quad for quad in literals(world, LABEL) if is_attested(world, quad)]
    for one, other in pairs(titles):
        plain = [re.sub(r"\W", "", each.object.value.lower()) for each in (one, other)]
        words = [
            {world.graph.value(each, EXACT) for each in world.graph.all(quad.subject, ENONCE)} for quad in (one, other)
        ]
        # One in the other, or both in the same words: what is said stays true.
        if not (plain[0] in plain[1] or plain[1] in plain[0] or words[0] & words[1]):
            yield swapped(one, other)


kind("where to read the agreement")(
    lambda world: (exchanged(quad, NamedNode(other_letter(quad.object.value))) for quad in world.of(RDFS + "seeAlso"))
)


def other_letter(iri: str) -> str:
    """Return an address with another letter at its end."""
    return iri.rstrip("/")[:-1] + ("x" if not iri.endswith("x") else "y")


@kind("a contact")
def _(world: World) -> Iterator[Change]:
    vcard = PREFIXES["vcard"]
    for quad in world.of(*(vcard + name for name in ("hasTelephone", "hasEmail", "hasURL"))):
        value = quad.object.value
        yield exchanged(quad, NamedNode(other_number(value) if "tel:" in value else other_letter(value)))
    for name in ("postal-code", "street-address", "locality", "fn"):
        yield from texts_changed(
            world,
            vcard + name,
            lambda text: other_number(text) if re.search("[0-9]", text) else with_another_letter(text),
        )


# Two facts of one contract.

kind("the values of two figures exchanged")(
    lambda world: (
        exchange_of(one, values_of(world, one), other, values_of(world, other)) for one, other in figure_pairs(world)
    )
)


@kind("the statements of two figures exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in figure_pairs(world):
        of_one, of_other = (
            [Quad(each, NamedNode(ENONCE), value) for value in world.graph.all(each, ENONCE)] for each in (one, other)
        )
        yield exchange_of(one, of_one, other, of_other)


for _predicate in ("financeur", "subdivision"):

    @kind(f"the {_predicate} of two figures exchanged")
    def _(world: World, predicate: str = CPER + _predicate) -> Iterator[Change]:
        yield from (
            swapped(*each) for each in pairs(world.of(predicate)) if any(is_attested(world, quad) for quad in each)
        )


@kind("the numbers of two subdivisions exchanged")
def _(world: World) -> Iterator[Change]:
    yield from (
        swapped(*each)
        for each in pairs(literals(world, SKOS + "notation", under="/contrat/"))
        if "/priorite/" not in each[0].subject.value or "/priorite/" in each[1].subject.value
    )


# A quotation, and a fact with its quotation.

QUOTATIONS = {
    "a word less": without_a_word,
    "a word more": with_another_word,
    "another letter": with_another_letter,
    "an accent less": without_accent,
    "a negation": lambda text: re.sub(r"\b(est|a|permet|mobilise|pouvez)\b", r"n'\1 pas", text, count=1),
    "a digit": lambda text: other_number(text) if re.search("[0-9]", text) else text,
    "other capitals": str.upper,
    "cut within a word": lambda text: text[:-2] if text[-3:].isalpha() else text,
    "a part left out": lambda text: re.sub(" (?:[^ ]+) ", " […] ", text, count=1),
    "the words of the language": lambda text: text.replace("État", "State").replace("crédits", "funds"),
}
for _name, _change in QUOTATIONS.items():
    kind(f"a quotation: {_name}")(functools.partial(words_changed, change=_change))
kind("a part left out of a quotation without its document")(
    functools.partial(words_changed, change=QUOTATIONS["a part left out"], with_a_text=False)
)


def with_facts(world: World, change: Callable[[str], str], with_a_text: bool) -> Iterator[Change]:
    """Yield the change of words in each statement and in all that it attests."""
    for quad in statements(world, with_a_text):
        text = change(quad.object.value)
        if text == quad.object.value:
            continue
        result = exchanged(quad, Literal(text))
        for body in world.of(ENONCE):
            if body.object == quad.subject:
                for predicate, values in world.graph.properties(body.subject).items():
                    for value in values:
                        if (
                            isinstance(value, Literal)
                            and value.language == "fr"
                            and (new := change(value.value)) != value.value
                        ):
                            result |= exchanged(Quad(body.subject, NamedNode(predicate), value), with_text(value, new))
        yield result


def bigger(text: str) -> str:
    """Return a text with its numbers in figures changed."""
    return re.sub(r"(?<![0-9])[2-8](?=[0-9,]*(?: ?%| ?M| milli))", lambda match: str(int(match[0]) + 1), text)


kind("a figure and its quotation")(functools.partial(with_facts, change=bigger, with_a_text=True))
kind("a title or description and its quotation")(
    functools.partial(with_facts, change=with_another_word, with_a_text=True)
)
kind("State and Region exchanged in facts and quotations")(
    functools.partial(
        with_facts,
        change=lambda text: re.sub("État|Région", lambda match: "Région" if match[0] == "État" else "État", text),
        with_a_text=True,
    )
)
kind(
    "a title or description and its quotation, without the document",
    "The text of the document is not here: its quotation says what the fact says.",
)(functools.partial(with_facts, change=with_another_word, with_a_text=False))


@kind("the value and the words of two figures exchanged, without their places")
def _(world: World) -> Iterator[Change]:
    for one, other in placed_pairs(world):
        of_one, of_other = (words_of(world, each)[:1] for each in (one, other))
        change = exchange_of(one[1], of_one, other[1], of_other)
        yield change | exchange_of(one[0], values_of(world, one[0]), other[0], values_of(world, other[0]))


@kind("the value, the words and the places of two figures exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in placed_pairs(world):
        change = exchange_of(one[1], words_of(world, one), other[1], words_of(world, other))
        yield change | exchange_of(one[0], values_of(world, one[0]), other[0], values_of(world, other[0]))


def words_of(world: World, pair: tuple[Term, Term]) -> list[Quad]:
    """Return the words and the places of the statement of a figure."""
    return place_of(world, pair[1])


def placed_pairs(world: World) -> Iterator[tuple[tuple[Term, Term], tuple[Term, Term]]]:
    """Yield each pair of figures, each with its statement in a text."""
    placed = {quad.subject for quad in world.of(START)}
    for one, other in figure_pairs(world):
        found = [[each for each in world.graph.all(figure, ENONCE) if each in placed] for figure in (one, other)]
        if all(found) and world.graph.value(found[0][0], EXACT) != world.graph.value(found[1][0], EXACT):
            yield (one, found[0][0]), (other, found[1][0])


# The place of a quotation, its document, what it attests.

for _name, _step in {"before": -1, "after": 1}.items():
    for _end in (START, END):

        @kind(f"a place: {_end.removeprefix(OA)} one {_name}")
        def _(world: World, end: str = _end, step: int = _step) -> Iterator[Change]:
            for quad in world.of(end):
                yield exchanged(quad, with_text(quad.object, str(int(quad.object.value) + step)))

    @kind(f"a place: both one {_name}")
    def _(world: World, step: int = _step) -> Iterator[Change]:
        for quad in world.of(START):
            ends = [Quad(quad.subject, NamedNode(END), each) for each in world.graph.all(quad.subject, END)]
            both = [
                exchanged(each, with_text(each.object, str(int(each.object.value) + step))) for each in (quad, *ends)
            ]
            yield functools.reduce(Change.__or__, both)


kind("the places of two quotations exchanged")(
    lambda world: (
        swapped(one, other)
        | swapped(*(Quad(each.subject, NamedNode(END), world.graph.all(each.subject, END)[0]) for each in (one, other)))
        for one, other in pairs(world.of(START))
    )
)
kind("a place left out")(
    lambda world: (
        Change(frozenset(quad for quad in place_of(world, start.subject) if quad.predicate.value in (START, END)))
        for start in world.of(START)
    )
)


@kind("a place in a document that is not here")
def _(world: World) -> Iterator[Change]:
    for quad in statements(world, with_a_text=False):
        integer = NamedNode(XSD + "integer")
        yield Change(
            added=frozenset(
                Quad(quad.subject, NamedNode(end), Literal(str(value), datatype=integer))
                for end, value in ((START, 0), (END, len(quad.object.value)))
            )
        )


kind("a statement moved to another document, from one with a text")(
    lambda world: (
        change
        for quad in statements(world, with_a_text=True)
        for change in to_others_of(
            world, Quad(quad.subject, NamedNode(QUOTED_FROM), world.graph.all(quad.subject, QUOTED_FROM)[0])
        )
    )
)


def to_others_of(world: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a quad to another document of the contract, and to one that nothing describes."""
    known = {each.object for each in world.of(QUOTED_FROM)} | {NamedNode(f"{BASE}id/document/autre")}
    yield from (exchanged(quad, each) for each in sorted(known, key=str) if each != quad.object)


kind(
    "a statement moved to another document, neither of which has a text",
    "The texts of the documents are not here: which of them the words come from, a reader of both can say.",
)(
    lambda world: (
        exchanged(quad, each)
        for quad in world.of(QUOTED_FROM)
        if not world.texts
        for each in sorted({each.object for each in world.of(QUOTED_FROM)}, key=str)
        if each != quad.object
    )
)


def sole(world: World, *, in_context: bool = False) -> Iterator[tuple[Quad, Quad]]:
    """Yield each value that must be attested and that one statement alone attests, with what this statement attests.

    `in_context`: those that must not, since the text of the document is not here.
    """
    for body in world.of(ENONCE):
        own, classes = world.graph.all(body.subject, ENONCE), set(world.graph.types(body.subject))
        classes |= {CPER + "Chiffre"} if classes & {CPER + "Montant", CPER + "Part"} else set()
        for attested in world.graph.all(body.object, CPER + "atteste"):
            others = [
                each for each in own if each != body.object and attested in world.graph.all(each, CPER + "atteste")
            ]
            others += world.graph.all(body.subject, CPER + "motif")  # what the source does not give needs no statement
            must = not others and ATTESTED.get(attested.value, frozenset()) & classes
            if must and (not world.texts and attested.value in IN_CONTEXT) == in_context:
                for value in world.graph.all(body.subject, attested.value):
                    fact = Quad(body.subject, NamedNode(attested.value), value)
                    yield fact, Quad(body.object, NamedNode(CPER + "atteste"), attested)


@kind("a statement removed")
def _(world: World) -> Iterator[Change]:
    for statement in dict.fromkeys(attests.subject for _, attests in sole(world)):
        yield Change(frozenset(quad for quad in world.quads if statement in (quad.subject, quad.object)))


@kind("an attested property dropped")
def _(world: World) -> Iterator[Change]:
    yield from (Change(frozenset([attests])) for attests in dict.fromkeys(attests for _, attests in sole(world)))


kind("an attested property dropped and its value changed")(lambda world: changed_unattested(world, in_context=False))
kind("a funder, subdivision or year attested no more and changed, without the document")(
    lambda world: changed_unattested(world, in_context=True)
)


def changed_unattested(world: World, *, in_context: bool) -> Iterator[Change]:
    """Yield the change of each value together with what attests it."""
    for fact, attests in sole(world, in_context=in_context):
        known = {quad.object for quad in world.of(fact.predicate.value)} - {
            *world.graph.all(fact.subject, fact.predicate.value)
        }
        if isinstance(fact.object, NamedNode):
            other: Term = min(known, key=str, default=NamedNode(other_letter(fact.object.value)))
        else:
            other = with_text(fact.object, first_number(with_another_word(fact.object.value)))
        yield Change(frozenset([attests])) | exchanged(fact, other)


kind("a statement attests what the thing does not say")(
    lambda world: (
        Change(added=frozenset([Quad(quad.subject, NamedNode(CPER + "atteste"), NamedNode(PROV + "atTime"))]))
        for quad in world.of(EXACT)
    )
)


def added_thing(world: World, path: str, cls: str, facts: dict[str, Term]) -> Change:
    """Return the change that adds a thing of the contract."""
    node = NamedNode(f"{world.contract.value}/{path}")
    quads = {RDF + "type": NamedNode(CPER + cls), CPER + "contrat": world.contract, **facts}
    labels = {
        Quad(node, NamedNode(LABEL), Literal(text, language=lang)) for lang, text in (("fr", "Autre"), ("en", "Other"))
    }
    return Change(added=frozenset({*labels, *(Quad(node, NamedNode(each), value) for each, value in quads.items())}))


@kind("a fact added that nothing attests")
def _(world: World) -> Iterator[Change]:
    number = NamedNode(CPER + "nombre")
    amount: dict[str, Term] = {
        VALEUR: Literal("000000005000000", datatype=number),
        PAS: Literal("000000001000000", datatype=number),
        PUBLIEE: Literal("5 M€", language="fr"),
        CPER + "nature": NamedNode(f"{BASE}id/code/nature-de-la-valeur/arrondi"),
        UNIT: NamedNode("http://publications.europa.eu/resource/authority/currency/EUR"),
    }
    yield added_thing(world, "montant/ajoute", "Montant", amount)
    yield added_thing(world, "axe/ajoute", "Subdivision", {})
    yield added_thing(world, "cadre/ajoute", "Cadre", {})
    yield added_thing(world, "avenant/ajoute", "Avenant", {})
    yield added_thing(
        world,
        "etape/ajoutee",
        "Etape",
        {STATUS: codes("statut")[0], DCT + "date": Literal("2024", datatype=NamedNode(XSD + "gYear"))},
    )
    for quad in world.of(PROV + "agent"):
        yield added_thing(world, "signataire/ajoute", "Signataire", {PROV + "agent": quad.object})


@kind("a step or an amount given twice")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(RDF + "type"):
        if quad.object.value in (CPER + "Etape", CPER + "Montant") and not world.graph.all(
            quad.subject, CPER + "partieDe"
        ):
            again = NamedNode(f"{quad.subject.value}-bis")
            if not world.graph.all(quad.subject, CPER + "divergeDe"):
                yield Change(added=rewritten(again, (each for each in world.quads if each.subject == quad.subject)))


@kind("a fact removed that another needs")
def _(world: World) -> Iterator[Change]:
    for predicate in (
        VALEUR,
        PUBLIEE,
        PAS,
        UNIT,
        CPER + "nature",
        STATUS,
        PROV + "agent",
        DCT + "publisher",
        EXACT,
        QUOTED_FROM,
    ):
        yield from (
            Change(frozenset([quad]))
            for quad in world.of(predicate)
            if "/contrat/" in quad.subject.value or CPER + "Document" in world.graph.types(quad.subject)
        )


@kind("a thing removed that another names")
def _(world: World) -> Iterator[Change]:
    named = {
        quad.object for quad in world.quads if isinstance(quad.object, NamedNode) and "/contrat/" in quad.object.value
    }
    for node in sorted(named - {world.contract}, key=str):
        yield Change(frozenset(quad for quad in world.quads if quad.subject == node))


# Bodies, groups, periods, territories.


@kind("who signed: a body less")
def _(world: World) -> Iterator[Change]:
    yield from (Change(frozenset([quad])) for quad in world.of(CPER + "signePar"))


@kind("who signed: another body")
def _(world: World) -> Iterator[Change]:
    yield from to_others(
        world, CPER + "signePar", [quad.subject for quad in world.of(ORG + "classification", under="/organisme/")]
    )


@kind("a group: another member")
def _(world: World) -> Iterator[Change]:
    yield from to_others(world, FOAF + "member", [quad.object for quad in world.of(CPER + "signePar")])


@kind("a group of the other signatories: a member less")
def _(world: World) -> Iterator[Change]:
    yield from (Change(frozenset([quad])) for quad in world.of(FOAF + "member"))


@kind("a group: a member more")
def _(world: World) -> Iterator[Change]:
    members = {quad.object for quad in world.of(FOAF + "member")}
    for group in {quad.subject for quad in world.of(FOAF + "member")}:
        others = {quad.object for quad in world.of(CPER + "signePar")} - members
        yield from (
            Change(added=frozenset([Quad(group, NamedNode(FOAF + "member"), each)])) for each in sorted(others, key=str)
        )


@kind("a territory in another")
def _(world: World) -> Iterator[Change]:
    for change in to_others(world, GEO + "sfWithin"):
        quad = next(iter(change.added))
        if is_of_level(world, quad) and not is_around(world, quad.subject, quad.object):  # both are true
            yield change


LEVELS = frozenset(PREFIXES["igeo"] + each for each in ("Commune", "Departement", "Region"))


def is_of_level(world: World, quad: Quad) -> bool:
    """Return whether a territory is a region, a department or a commune."""
    return not LEVELS.isdisjoint(world.graph.types(quad.subject))


def is_around(world: World, place: Term, around: Term) -> bool:
    """Return whether a territory is around another, or around the one that is around it."""
    outer = world.graph.all(place, GEO + "sfWithin")
    return place != around and (around in outer or any(is_around(world, each, around) for each in outer))


@kind("the name of a body or territory")
def _(world: World) -> Iterator[Change]:
    for quad in literals(world, LABEL):
        if re.search("/(organisme|territoire)/", quad.subject.value) and world.graph.all(
            quad.subject, CPER + "territoire"
        ):
            yield exchanged(quad, with_text(quad.object, with_another_letter(quad.object.value)))


# Kinds of things.

HINTED = "Names and publishers hint at it: a warning, which a person decides."
for _name, _path, _scheme, _undecided in (
    ("subdivision", "/contrat/", "type-de-subdivision", ""),
    ("contract", "/contrat/", "type-de-contrat", HINTED),
    ("document", "/document/", "type-de-document", HINTED),
    ("figure", "/chiffre/", "type-de-chiffre", HINTED),
):

    @kind(f"the kind of a {_name}", _undecided)
    def _(world: World, path: str = _path, scheme: str = _scheme) -> Iterator[Change]:
        found = codes(scheme)
        for quad in world.of(DCT + "type", under=path):
            if quad.object in found:
                yield from (exchanged(quad, each) for each in found if each != quad.object)


# Translations, labels, notes.

kind("a translation with another figure")(
    lambda world: (
        exchanged(quad, with_text(quad.object, other_number(quad.object.value)))
        for quad in sorted(world.quads, key=str)
        if isinstance(quad.object, Literal)
        and quad.object.language == "en"
        and re.search("[0-9]", quad.object.value)
        and "/contrat/" in quad.subject.value
    )
)
kind("a note with another figure")(
    lambda world: (
        exchanged(quad, with_text(quad.object, other_number(quad.object.value)))
        for quad in literals(world, SKOS + "note", CPER + "motif", under="/contrat/")
        if re.search("[0-9]", quad.object.value)
    )
)
kind("a name of ours with another figure")(
    lambda world: (
        exchanged(quad, with_text(quad.object, other_number(quad.object.value)))
        for quad in literals(world, LABEL, under="/contrat/")
        if re.search("[0-9]", quad.object.value)
    )
)
ENGLISH = {
    "January": "February",
    "March": "April",
    "Hauts-de-France": "Normandie",
    "Bretagne": "Normandie",
    "Pays de la Loire": "Normandie",
    "Provence-Alpes-Côte d'Azur": "Normandie",
    "nine signatories": "ten signatories",
    "planned": "signed",
    "more than 2.7 billion euros": "more than 2.7 billion dollars",
    "billion": "million",
    "mobility excluded": "recovery plan",
    "State, signatory": "Region, signatory",
}
"""Words of English texts, and others that say something else."""


@kind("a translation with another month, place, number in words, unit or code")
def _(world: World) -> Iterator[Change]:
    for quad in sorted(world.quads, key=str):
        if isinstance(quad.object, Literal) and quad.object.language == "en" and "/contrat/" in quad.subject.value:
            for word, other in ENGLISH.items():
                if (text := re.sub(rf"\b{word}\b", other, quad.object.value, count=1)) != quad.object.value:
                    yield exchanged(quad, with_text(quad.object, text))


@kind("a note with a great number in words")
def _(world: World) -> Iterator[Change]:
    for quad in literals(world, SKOS + "note", under="/contrat/"):
        yield exchanged(quad, with_text(quad.object, f"{quad.object.value} C'est huit cents millions d'euros."))


@kind("the labels of two figures of several funders, subdivisions or scopes exchanged")
def _(world: World) -> Iterator[Change]:
    for predicate in ("financeur", "subdivision", "perimetre"):
        of = {quad.subject: quad.object for quad in world.of(CPER + predicate, under="/montant/")}
        labels = [quad for quad in literals(world, LABEL, under="/montant/") if quad.subject in of]
        for one, other in pairs(labels):
            own = world.graph.label(of[other.subject], "fr").lower()
            if of[one.subject] != of[other.subject] and other.object.value.lower().endswith(own):
                yield exchanged(one, other.object)


@kind("another name of a body: that of another one, an acronym of nothing")
def _(world: World) -> Iterator[Change]:
    bodies = list(literals(world, LABEL, under="/organisme/departement"))
    for quad in bodies:
        names = [each.object for each in bodies if each != quad] + [
            Literal(text, language="fr") for text in ("Département de la Marne", "XYZ")
        ]
        for name in names:
            yield Change(added=frozenset([Quad(quad.subject, NamedNode(SKOS + "altLabel"), name)]))


kind("another name of a framework: other words")(
    lambda world: (
        exchanged(quad, with_text(quad.object, without_a_word(quad.object.value) + " nucléaire"))
        for quad in literals(world, SKOS + "altLabel", SKOS + "hiddenLabel", under="/cadre/")
    )
)


@kind("a figure on the subdivision of that name in another breakdown")
def _(world: World) -> Iterator[Change]:
    named = [quad for quad in literals(world, LABEL) if world.graph.all(quad.subject, SKOS + "inScheme")]
    for quad in world.of(CPER + "subdivision"):
        own = [each.object for each in named if each.subject == quad.object]
        for each in named:
            if each.object in own and each.subject != quad.object:
                yield exchanged(quad, each.subject)


kind("a property of nobody")(
    lambda world: (
        Change(
            added=frozenset(
                [Quad(quad.subject, NamedNode(DCT + "provenanceNote"), Literal("Axe abandonné.", language="fr"))]
            )
        )
        for quad in world.of(EXACT)
    )
)
kind(
    "a wrong translation",
    "Only a reader of both languages can say it, but for numbers, months, units, names and codes.",
)(
    lambda world: (
        exchanged(quad, with_text(quad.object, with_another_letter(quad.object.value)))
        for quad in islice(
            (
                quad
                for quad in sorted(world.quads, key=str)
                if isinstance(quad.object, Literal) and quad.object.language == "en"
            ),
            5,
        )
    )
)


# Documents and their texts.


def of_texts(world: World, change: Callable[[str], str | None]) -> Iterator[Change]:
    """Yield the change of each text."""
    yield from (Change(texts={name: change(text)}) for name, text in world.texts.items())


kind("a text: each word with another letter")(
    lambda world: (
        Change(texts={name: text[: match.start()] + "¤" + text[match.start() + 1 :]})
        for name, text in world.texts.items()
        for match in re.finditer(r"\w{5,}", text)
    )
)
kind("a text: an end of line more")(functools.partial(of_texts, change=lambda text: text + "\n"))
kind("a text removed")(functools.partial(of_texts, change=lambda _: None))
kind("a text without a document")(
    lambda world: (Change(texts={f"{name}-2": text}) for name, text in world.texts.items())
)
kind("a checksum: a digit")(lambda world: texts_changed(world, SPDX + "checksumValue", other_number))
kind("a checksum removed")(
    lambda world: (Change(frozenset([quad])) for quad in world.of(SPDX + "checksum", SPDX + "checksumValue"))
)


@kind("a document: its day, title, issuer or place")
def _(world: World) -> Iterator[Change]:
    for name in world.texts:
        for quad in world.of(DCT + "issued", DCT + "title", under=f"/document/{name}"):
            change = other_number if quad.predicate.value == DCT + "issued" else with_another_letter
            yield exchanged(quad, with_text(quad.object, change(quad.object.value)))
        for predicate, among in (
            (DCT + "publisher", "/organisme/"),
            (PREFIXES["schema"] + "locationCreated", "/territoire/"),
        ):
            others = {quad.subject for quad in world.of(LABEL, under=among)}
            for quad in world.of(predicate, under=f"/document/{name}"):
                yield from (exchanged(quad, each) for each in sorted(others - {quad.object}, key=str))


kind("the day or month of a document, that its name says")(
    lambda world: texts_changed(world, DCT + "issued", lambda text: other_number(text) if "-" in text else text)
)


@kind("a document's day, and none in its name", "Most pages do not say their day, and the text is not here.")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(DCT + "issued", under="/document/"):
        if not world.texts and not is_attested(world, quad):
            labels = [each for each in world.of(LABEL) if each.subject == quad.subject]
            unnamed = (with_text(each.object, re.sub(",[^:]*:", ":", each.object.value)) for each in labels)
            nameless = [exchanged(each, text) for each, text in zip(labels, unnamed, strict=True)]
            changed = exchanged(quad, with_text(quad.object, other_number(quad.object.value)))
            yield functools.reduce(Change.__or__, nameless, changed)


@kind("the publisher of a document, that its name or its contact gives")
def _(world: World) -> Iterator[Change]:
    others = sorted({quad.object for quad in world.of(PROV + "agent")}, key=str)
    for quad in world.of(DCT + "publisher", under="/document/"):
        (label,) = (each.object.value for each in literals(world, LABEL) if each.subject == quad.subject)
        named = world.graph.label(quad.object, "fr")
        if label.startswith((f"{named},", f"Page de la {named}")) or world.graph.all(
            quad.subject, DCAT + "contactPoint"
        ):
            attesting = [
                each
                for each in world.of(CPER + "atteste", under=quad.subject.value)
                if each.object.value == DCT + "publisher"
            ]
            yield from (exchanged(quad, each) | Change(frozenset(attesting)) for each in others if each != quad.object)


kind("a document's language")(
    lambda world: (
        exchanged(quad, NamedNode(quad.object.value.replace("FRA", "ENG")))
        for quad in world.of(DCT + "language", under="/document/")
    )
)
kind("two addresses of documents exchanged", "Nothing here knows a site: a page may be that of another body.")(
    lambda world: (swapped(*each) for each in pairs(world.of(FOAF + "page", under="/document/")))
)


@kind("a figure according to another publisher")
def _(world: World) -> Iterator[Change]:
    names = {world.graph.label(quad.object, "fr") for quad in world.of(DCT + "publisher", under="/document/")}
    for quad in literals(world, LABEL):
        label, selon, name = quad.object.value.partition(", selon ")
        for other in sorted(names - {name}) if selon else ():
            yield exchanged(quad, with_text(quad.object, f"{label}{selon}{other}"))


# Identifiers, outlines.

kind("a SIREN: a digit")(lambda world: texts_changed(world, CPER + "siren", other_number))
kind("a SIRET: a digit")(lambda world: texts_changed(world, CPER + "siret", other_number))
kind("two SIREN exchanged")(lambda world: (swapped(*each) for each in pairs(world.of(CPER + "siren"))))
kind("two SIRET exchanged")(lambda world: (swapped(*each) for each in pairs(world.of(CPER + "siret"))))


@kind("the SIREN and SIRET of two bodies exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in pairs(world.of(CPER + "siren")):
        sirets = [
            [
                Quad(each.subject, NamedNode(CPER + "siret"), value)
                for value in world.graph.all(each.subject, CPER + "siret")
            ]
            for each in (one, other)
        ]
        yield exchange_of(one.subject, [one, *sirets[0]], other.subject, [other, *sirets[1]])


@kind("a SIREN of a company for the State")
def _(world: World) -> Iterator[Change]:
    state = NamedNode(f"{BASE}id/code/type-d-organisme/etat")
    for quad in world.of(ORG + "classification"):
        if quad.object == state:
            yield Change(added=frozenset([Quad(quad.subject, NamedNode(CPER + "siren"), Literal("552032534"))]))


IGEO = PREFIXES["igeo"] + "codeINSEE"
kind("an Insee code")(lambda world: texts_changed(world, IGEO, other_number))
kind("two Insee codes exchanged")(lambda world: (swapped(*each) for each in pairs(world.of(IGEO))))
for _name, _host in {"Insee": "insee.fr", "NUTS": "/nuts/", "departments of the EU": "/atu/"}.items():

    @kind(f"an identifier of {_name}: a digit")
    def _(world: World, host: str = _host) -> Iterator[Change]:
        for quad in world.of(MATCH):
            if host in quad.object.value and re.search("[0-9]", quad.object.value.rpartition("/")[2]):
                yield exchanged(quad, NamedNode(other_number(quad.object.value)))

    @kind(f"two identifiers of {_name} exchanged")
    def _(world: World, host: str = _host) -> Iterator[Change]:
        yield from (swapped(*each) for each in pairs(quad for quad in world.of(MATCH) if host in quad.object.value))


@kind("two Wikidata items exchanged")
def _(world: World) -> Iterator[Change]:
    yield from (swapped(*each) for each in pairs(quad for quad in world.of(MATCH) if "wikidata" in quad.object.value))


kind("an identifier shared by two things")(
    lambda world: (
        exchanged(one, other.object)
        for one, other in pairs(world.of(MATCH))
        if one.object.value.rpartition("/")[0] == other.object.value.rpartition("/")[0]
    )
)
kind("two outlines exchanged")(lambda world: (swapped(*each) for each in pairs(world.of(GEO + "hasGeometry"))))


kind("the points of two outlines exchanged")(lambda world: (swapped(*each) for each in pairs(world.of(GEO + "asWKT"))))


def point_moved(match: re.Match[str]) -> str:
    """Return the first point of a ring, and one that lies 40 km away."""
    west, south = float(match[1]) - 0.3, float(match[2]) - 0.3
    return f"{match[0]}{west:.3f} {south:.3f},"


kind("an outline: a point")(
    lambda world: texts_changed(
        world, GEO + "asWKT", lambda text: re.sub(r"\(([0-9.]+) ([0-9.]+),", point_moved, text, count=1)
    )
)
kind("the names of two outlines exchanged")(
    lambda world: (
        swapped(*each)
        for each in pairs(quad for quad in world.of(LABEL) if quad.subject.value.endswith("/contour"))
        if each[0].object.language == each[1].object.language
    )
)


kind("an outline moved")(
    lambda world: texts_changed(
        world, GEO + "asWKT", lambda text: re.sub(r"(?<=[( ,])([0-9])\.", lambda match: f"{int(match[1]) + 3}.", text)
    )
)
kind("a bounding box: a corner")(lambda world: texts_changed(world, DCAT + "bbox", first_number))


@kind("a bounding box: a side")
def _(world: World) -> Iterator[Change]:
    for quad in literals(world, DCAT + "bbox"):
        number = re.search(r"-?[0-9]+\.[0-9]+", quad.object.value)[0]
        wider = quad.object.value.replace(number, f"{float(number) - 1:.4f}")
        yield exchanged(quad, with_text(quad.object, wider))


@kind("the bounding box of another region")
def _(world: World) -> Iterator[Change]:
    boxes = {quad.object for each in worlds() for quad in each.of(DCAT + "bbox")}
    for quad in world.of(DCAT + "bbox"):
        yield from (exchanged(quad, box) for box in sorted(boxes - {quad.object}, key=str))


@kind("a department of another region")
def _(world: World) -> Iterator[Change]:
    for region in world.of(IGEO):
        if NamedNode(PREFIXES["igeo"] + "Region") in world.graph.all(region.subject, RDF + "type"):
            for body in (by_code("departement", code) for code in ("08", "2A", "976")):
                node = NamedNode(f"{BASE}id/territoire/{body.code.lower()}")
                facts = {
                    RDF + "type": NamedNode(PREFIXES["igeo"] + "Departement"),
                    LABEL: Literal(body.name, language="fr"),
                    GEO + "sfWithin": region.subject,
                }
                quads = [Quad(node, NamedNode(predicate), value) for predicate, value in facts.items()]
                yield Change(added=frozenset(quads))
                yield Change(added=frozenset([*quads, Quad(node, NamedNode(IGEO), Literal(body.code))]))


# What is computed, and terms.


@kind("a derived value stored")
def _(world: World) -> Iterator[Change]:
    node = NamedNode(f"{world.contract.value}/derive/somme-des-financeurs")
    number = Literal("000000000000001", datatype=NamedNode(CPER + "nombre"))
    yield Change(
        added=frozenset(
            [
                Quad(node, NamedNode(RDF + "type"), NamedNode(CPER + "ValeurDerivee")),
                Quad(node, NamedNode(VALEUR), number),
            ]
        )
    )
    other = NamedNode(f"{world.contract.value}/derive/autre")
    yield Change(
        added=frozenset(
            [
                Quad(other, NamedNode(RDF + "type"), NamedNode(CPER + "ValeurDerivee")),
                Quad(other, NamedNode(VALEUR), number),
            ]
        )
    )


@kind("a measure stored")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(VALEUR):
        for name in (
            "montantTotal",
            "montantParFinanceur",
            "montantParSubdivision",
            "partParFinanceur",
            "partParSubdivision",
        ):
            value = Literal("1", datatype=NamedNode(XSD + "decimal"))
            yield Change(added=frozenset([Quad(quad.subject, NamedNode(CPER + name), value)]))


kind("a property of ours, misspelled")(
    lambda world: (
        Change(frozenset([quad]), frozenset([Quad(quad.subject, NamedNode(quad.predicate.value + "e"), quad.object)]))
        for quad in first_of_each({quad for quad in world.quads if quad.predicate.value.startswith(CPER)}, "predicate")
    )
)
kind("a class of ours, misspelled")(
    lambda world: (
        exchanged(quad, NamedNode(quad.object.value + "e"))
        for quad in first_of_each(
            {quad for quad in world.of(RDF + "type") if quad.object.value.startswith(CPER)}, "object"
        )
    )
)


def first_of_each(quads: Iterable[Quad], part: str) -> list[Quad]:
    """Return the first quad of each property or value."""
    return list({getattr(quad, part): quad for quad in sorted(quads, key=str, reverse=True)}.values())


kind("a thing that nothing describes")(
    lambda world: (
        exchanged(quad, NamedNode(quad.object.value + "-2"))
        for quad in first_of_each(
            {quad for quad in world.quads if isinstance(quad.object, NamedNode) and f"{BASE}id/" in quad.object.value},
            "predicate",
        )
    )
)


# What a reading decides.


@kind("the kind of a framework", "What a framework is, its short name does not say: it is our reading.")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(DCT + "type", under="/cadre/"):
        yield from (exchanged(quad, each) for each in codes("type-de-cadre") if each != quad.object)


kind("the kind of a body that its name does not say", "No table here says what kind of body it is.")(
    lambda world: kinds_of_bodies(world, named=False)
)


def rounded_or_exact(world: World) -> Iterator[Change]:
    """Yield the change of each nature between rounded and exact."""
    for change in to_others(world, CPER + "nature", codes("nature-de-la-valeur")):
        if all(next(iter(each)).object.value.endswith(("/arrondi", "/exact")) for each in change[:2]):
            yield change


def step_of(world: World, change: Change) -> str:
    """Return the rounding step of the figure that a change is about."""
    return world.graph.value(next(iter(change.removed)).subject, PAS)


READING = "No statement attests it: it is our reading of the document, which a note explains."
kind("the nature: rounded or exact, of a number to the unit", "Words name no difference between the two.")(
    lambda world: (change for change in rounded_or_exact(world) if step_of(world, change).endswith("1"))
)
kind("the nature: exact, of a number with a greater step")(
    lambda world: (change for change in rounded_or_exact(world) if step_of(world, change).endswith("0"))
)
kind("the reason why there is no figure", "It is our reading of what the source does not say.")(
    lambda world: texts_changed(world, CPER + "motif", with_another_word)
)
kind(
    "the territory of a framework",
    "No statement attests it: that a regional scheme is that of the region is our reading.",
)(
    lambda world: (
        each for each in to_others(world, CPER + "territoire") if "/cadre/" in next(iter(each.added)).subject.value
    )
)
kind("the scope, which the name says")(lambda world: to_others(world, CPER + "perimetre", attested=False))
kind("the whole of an “of which”, read by us", READING)(
    lambda world: to_others(world, CPER + "partieDe", [quad.subject for quad in world.of(PUBLIEE)], attested=False)
)


@functools.cache
def worlds() -> list[World]:
    """Return each contract of the real data."""
    sources, folder = read_sources_once(), Path(tempfile.mkdtemp())
    slugs = sorted({path.stem for path in (ROOT / "data" / "contracts").glob("*.ttl")})
    return [World(sources, slug, [other for other in slugs if other != slug], folder) for slug in slugs]


@pytest.fixture(scope="module", autouse=True)
def read_once() -> Iterator[None]:
    """Make the graph of the ontology and fold a text once."""
    with pytest.MonkeyPatch.context() as patch, literals_as_written():
        patch.setattr(published, "Graph", functools.cache(Graph))
        patch.setattr(documents, "QuotableText", functools.cache(QuotableText))
        yield


def outcome(name: str, most: int = 0) -> tuple[int, list[str]]:
    """Return how many changes of a kind were made, and those that are no violation; at most so many in each contract."""
    made, missed = 0, []
    for world in worlds():
        changes = list(KINDS[name](world))
        for change in changes[:: max(1, len(changes) // most)] if most else changes:
            made += 1
            if next(world.violations(change), None) is None:
                missed.append(f"{world.slug}: {described(change)}")
    return made, missed


def described(change: Change) -> str:
    """Return a change in short."""
    parts = defaultdict[str, list[str]](list)
    for sign, quads in (("-", change.removed), ("+", change.added)):
        for quad in islice(sorted(quads, key=str), 2):
            parts[sign].append(
                " ".join(re.sub(r"\S+/(?=\S+/)", "", str(each)) for each in (quad.subject, quad.predicate, quad.object))
            )
    return "; ".join(f"{sign} {each}"[:200] for sign, found in parts.items() for each in found)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in KINDS if name not in UNDECIDED])
def test_a_wrong_change_is_a_violation(name: str) -> None:
    made, missed = outcome(name, MOST)
    assert made
    assert missed == []


@pytest.mark.slow
@pytest.mark.parametrize("name", UNDECIDED)
def test_what_is_said_to_be_undecided_is(name: str) -> None:
    made, missed = outcome(name, MOST)
    assert made
    assert missed


if __name__ == "__main__":
    import time

    published.Graph, documents.QuotableText = functools.cache(Graph), functools.cache(QuotableText)
    with literals_as_written():
        wanted = sys.argv[1] if sys.argv[1:] else ""
        for number, name in [(number, name) for number, name in enumerate(KINDS, 1) if re.search(wanted, name)]:
            began = time.process_time()
            made, missed = outcome(name, int(sys.argv[2]) if sys.argv[2:] else 0)
            print(
                f"{number:3} {name}: {made - len(missed)} of {made} ({time.process_time() - began:.1f} s)", flush=True
            )
            if missed:
                print(*(f"      {each}" for each in missed[:4]), sep="\n", flush=True)

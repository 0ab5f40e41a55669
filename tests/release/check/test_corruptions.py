"""Each kind of wrong change of the real data, tried in each contract, is a violation that names the place.

Changes of one fact follow from the data: each property of each kind of thing, with each change that its values can have.
Others are functions that yield the changes of one contract. `UNDECIDED` and `UNDECIDED_FACTS` are what no file can decide,
each with its reason; docs/ tells readers the same. `python -m tests.release.check.test_corruptions` tries all places.
"""

import functools
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, islice, pairwise
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.identifiers import by_code
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, FOAF, OA, ORG, PREFIXES, PROV, RDF, SKOS, XSD, shorten
from cper_lod.core.quoted_text import QuotableText
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.shacl.store import literals_as_written
from cper_lod.release.check import documents, published
from cper_lod.release.check.facts import ATTESTED, IN_CONTEXT
from cper_lod.release.sources.read import read_sources
from tests.support.corruption import Change, World, exchanged
from tests.support.paths import ROOT

Kind = Callable[[World], Iterable[Change]]
KINDS: dict[str, Kind] = {}
UNDECIDED: dict[str, str] = {}
"""The kinds that no file can decide, each with the reason."""

VALEUR, PUBLIEE, PAS, ENONCE = (CPER + name for name in ("valeur", "valeurPubliee", "pas", "enonce"))
EXACT, START, END, QUOTED_FROM = OA + "exact", OA + "start", OA + "end", PROV + "wasQuotedFrom"
UNIT, GEO, IGEO = PREFIXES["sdmx-attribute"] + "unitMeasure", PREFIXES["geo"], PREFIXES["igeo"]
STATUS, LABEL, ATTESTS = PREFIXES["adms"] + "status", SKOS + "prefLabel", CPER + "atteste"
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


def fact(subject: Term, predicate: str, value: Term | str) -> Quad:
    """Return a quad; a plain value is a French text."""
    return Quad(subject, NamedNode(predicate), Literal(value, language="fr") if isinstance(value, str) else value)


def facts(world: World, subject: Term, *predicates: str) -> list[Quad]:
    """Return what a thing says with some properties."""
    return [fact(subject, each, value) for each in predicates for value in world.graph.all(subject, each)]


def code(name: str) -> NamedNode:
    return NamedNode(f"{BASE}id/code/{name}")


@functools.cache
def codes(scheme: str) -> frozenset[NamedNode]:
    """Return the codes of a list."""
    lists = Graph(read_sources_once().ontology)
    return frozenset(node for node in lists.subjects() if code(scheme) in lists.all(node, SKOS + "inScheme"))


@functools.cache
def read_sources_once():
    """Return the real sources."""
    return read_sources(ROOT)


def other_number(text: str) -> str:
    """Return a text with its last digit changed."""
    return re.sub(r"[0-9](?=[^0-9]*$)", lambda match: str((int(match[0]) + 1) % 10), text)


def first_number(text: str) -> str:
    """Return a text with its first digit changed."""
    return re.sub("[0-9]", lambda match: str(int(match[0]) % 9 + 1), text, count=1)


def with_text(literal: Literal, text: str) -> Literal:
    """Return a literal with another text."""
    return Literal(text, language=literal.language) if literal.language else Literal(text, datatype=literal.datatype)


def changed(quad: Quad, change: Callable[[str], str]) -> Iterator[Change]:
    """Yield the change of the text of a quad, unless it stays the same."""
    if (text := change(quad.object.value)) != quad.object.value:
        yield exchanged(quad, with_text(quad.object, text))


def swapped(one: Quad, other: Quad) -> Change:
    """Return the exchange of the values of two quads."""
    return exchanged(one, other.object) | exchanged(other, one.object)


def pairs(quads: Iterable[Quad]) -> Iterator[tuple[Quad, Quad]]:
    """Yield each pair of quads with two things and two values."""
    for one, other in combinations(quads, 2):
        if one.subject != other.subject and one.object != other.object:
            yield one, other


def french(world: World, *predicates: str, under: str = "") -> Iterator[Quad]:
    """Yield the quads of some properties whose values are texts, those in English left out."""
    for quad in world.of(*predicates, under=under):
        if isinstance(quad.object, Literal) and quad.object.language != "en":
            yield quad


def words_of(world: World, figure: Term) -> set[str]:
    """Return the words of the statements of a thing."""
    return {world.graph.value(each, EXACT) for each in world.graph.all(figure, ENONCE)}


def is_attested(world: World, quad: Quad) -> bool:
    """Return whether a statement attests a quad."""
    statements = world.graph.all(quad.subject, ENONCE)
    return any(NamedNode(quad.predicate.value) in world.graph.all(each, ATTESTS) for each in statements)


def exchange_of(one: Term, of_one: list[Quad], other: Term, of_other: list[Quad]) -> Change:
    """Return the change that gives each of two things the values of the other."""
    removed = frozenset([*of_one, *of_other])
    added = frozenset(Quad(one, each.predicate, each.object) for each in of_other)
    added |= frozenset(Quad(other, each.predicate, each.object) for each in of_one)
    return Change(removed - added, added - removed)


# One fact: what follows from the data.


def without_a_word(text: str) -> str:
    """Return a text without its longest word, if that stands between others; so that it is no shorter part of the text."""
    words = text.split(" ")
    marks = {"[…]", "et", "«", "»", ":"}
    inner = [number for number in range(1, len(words) - 1) if not marks & {*words[number - 1 : number + 2]}]
    longest = max(inner, key=lambda number: len(words[number]), default=0)
    return " ".join(words[:longest] + words[longest + 1 :]) if longest and len(words[longest]) > 3 else text


def with_another_word(text: str) -> str:
    """Return a text with a word more before its last."""
    first, space, last = text.rpartition(" ")
    return f"{first} généreusement{space}{last}" if first else text


def with_another_letter(text: str) -> str:
    """Return a text with a letter of its longest word changed."""
    word = max(re.findall(r"\w+", text), key=len, default="")
    return text.replace(word, word[:-2] + ("x" if word[-2] != "x" else "y") + word[-1], 1) if len(word) > 2 else text


TEXTS: dict[str, Callable[[str], str]] = {
    "a word less": without_a_word,
    "a word more": with_another_word,
    "another letter": with_another_letter,
    "an accent less": lambda text: re.sub("[éèê]", "e", text, count=1),
    "a letter of another alphabet": lambda text: re.sub("(?<=[a-z])a", "а", text, count=1),
}


def days(text: str) -> list[str]:
    """Return other days than a day, its year alone and its month alone, or other years than a year."""
    if re.fullmatch("[0-9]{4}", text):
        return [str(int(text) + 1), str(int(text) - 1)]
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return []
    day = date.fromisoformat(text)
    others = [day + timedelta(1), day + timedelta(31), day.replace(year=day.year + 1)]
    return [*(each.isoformat() for each in others), text[:4], text[:7]]


DAY_TYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}


def another_value(world: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a value to each other one of its property, or code of its list."""
    known = {each.object for each in world.of(quad.predicate.value)} - {
        *world.graph.all(quad.subject, quad.predicate.value)
    }
    if scheme := re.match(f"{BASE}id/code/([^/]+)/", quad.object.value):
        known |= codes(scheme[1]) - {quad.object}
    if isinstance(quad.object, NamedNode):
        yield from (exchanged(quad, each) for each in sorted(known, key=str) if isinstance(each, NamedNode))


def another_number(world: World, quad: Quad, change: Callable[[str], str] = other_number) -> Iterator[Change]:
    if isinstance(quad.object, Literal) and not days(quad.object.value):
        yield from changed(quad, change)
    elif quad.predicate.value.endswith(("exactMatch", "hasTelephone")):
        yield from (exchanged(quad, NamedNode(each)) for each in {change(quad.object.value)} - {quad.object.value})


def another_day(world: World, quad: Quad) -> Iterator[Change]:
    if isinstance(quad.object, Literal) and not quad.object.language:
        for text in days(quad.object.value):
            yield exchanged(quad, Literal(text, datatype=NamedNode(XSD + DAY_TYPES[len(text)])))


def another_text(_: World, quad: Quad, change: Callable[[str], str]) -> Iterator[Change]:
    if isinstance(quad.object, Literal) and quad.object.language != "en" and re.search("[a-z]", quad.object.value):
        yield from changed(quad, change)


def misspelled(_: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a term of ours, of a name that is described here, or of an address."""
    if quad.predicate.value.startswith(CPER):
        yield Change(frozenset([quad]), frozenset([fact(quad.subject, quad.predicate.value + "e", quad.object)]))
    if isinstance(quad.object, NamedNode):
        yield exchanged(quad, NamedNode(quad.object.value.rstrip("/") + "e"))


FACT_CHANGES: dict[str, Callable[[World, Quad], Iterable[Change]]] = {
    "removed": lambda _, quad: [Change(frozenset([quad]))],
    "another value": another_value,
    "another digit": another_number,
    "another first digit": functools.partial(another_number, change=first_number),
    "another day": another_day,
    "misspelled": misspelled,
    **{name: functools.partial(another_text, change=change) for name, change in TEXTS.items()},
}


def places(world: World) -> dict[str, list[Quad]]:
    """Return the facts by the kind of their thing and their property."""
    found = defaultdict[str, list[Quad]](list)
    for quad in sorted(world.quads, key=str):
        path = quad.subject.value.partition("/id/")[2].split("/")
        found[f"{'/'.join(path[::2])} {shorten(quad.predicate.value)}"].append(quad)
    return found


UNDECIDED_FACTS: dict[str, dict[str, str]] = {}


# Two facts of one contract.


def figure_pairs(world: World) -> Iterator[tuple[Term, Term]]:
    """Yield each pair of figures with two values in two wordings."""
    for one, other in combinations([quad.subject for quad in world.of(PUBLIEE)], 2):
        values = [{quad.object for quad in facts(world, each, *OF_VALUE)} for each in (one, other)]
        if values[0] != values[1] and words_of(world, one) != words_of(world, other):
            yield one, other


OF_VALUE = (VALEUR, PUBLIEE, PAS, UNIT, CPER + "nature")
OF_PLACE = (EXACT, START, END, QUOTED_FROM)
for _name, _properties in {"values": OF_VALUE, "statements": (ENONCE,)}.items():

    @kind(f"the {_name} of two figures exchanged")
    def _(world: World, properties: tuple[str, ...] = _properties) -> Iterator[Change]:
        for one, other in figure_pairs(world):
            yield exchange_of(one, facts(world, one, *properties), other, facts(world, other, *properties))


for _name, _properties in {"words": (EXACT,), "words and places": OF_PLACE}.items():

    @kind(f"the value and the {_name} of two figures exchanged")
    def _(world: World, properties: tuple[str, ...] = _properties) -> Iterator[Change]:
        placed = {quad.subject for quad in world.of(START)}
        for figures in figure_pairs(world):
            found = [[each for each in world.graph.all(figure, ENONCE) if each in placed] for figure in figures]
            if all(found) and world.graph.value(found[0][0], EXACT) != world.graph.value(found[1][0], EXACT):
                one, other = (each[0] for each in found)
                change = exchange_of(one, facts(world, one, *properties), other, facts(world, other, *properties))
                values = [facts(world, each, *OF_VALUE) for each in figures]
                yield change | exchange_of(figures[0], values[0], figures[1], values[1])


for _predicate in (CPER + "financeur", CPER + "subdivision"):

    @kind(f"{shorten(_predicate)} of two figures exchanged")
    def _(world: World, predicate: str = _predicate) -> Iterator[Change]:
        for each in pairs(world.of(predicate)):
            if any(is_attested(world, quad) for quad in each):
                yield swapped(*each)


@kind("the numbers of two subdivisions exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in pairs(french(world, SKOS + "notation", under="/contrat/")):
        if "/priorite/" not in one.subject.value or "/priorite/" in other.subject.value:
            yield swapped(one, other)


@kind("two titles exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in pairs(quad for quad in french(world, LABEL) if is_attested(world, quad)):
        plain = [re.sub(r"\W", "", each.object.value.lower()) for each in (one, other)]
        # One in the other, or both in the same words: what is said stays true.
        if not (
            plain[0] in plain[1]
            or plain[1] in plain[0]
            or words_of(world, one.subject) & words_of(world, other.subject)
        ):
            yield swapped(one, other)


@kind("the labels of two figures of several funders, subdivisions or scopes exchanged")
def _(world: World) -> Iterator[Change]:
    for predicate in ("financeur", "subdivision", "perimetre"):
        of = {quad.subject: quad.object for quad in world.of(CPER + predicate, under="/montant/")}
        for one, other in pairs(quad for quad in french(world, LABEL, under="/montant/") if quad.subject in of):
            own = world.graph.label(of[other.subject], "fr").lower()
            if of[one.subject] != of[other.subject] and other.object.value.lower().endswith(own):
                yield exchanged(one, other.object)


@kind("a figure on the subdivision of that name in another breakdown")
def _(world: World) -> Iterator[Change]:
    named = [quad for quad in french(world, LABEL) if world.graph.all(quad.subject, SKOS + "inScheme")]
    for quad in world.of(CPER + "subdivision"):
        own = [each.object for each in named if each.subject == quad.object]
        yield from (
            exchanged(quad, each.subject) for each in named if each.object in own and each.subject != quad.object
        )


@kind("an amendment is signed by the words of the contract's signing")
def _(world: World) -> Iterator[Change]:
    signed = code("statut/signe")
    for step in [quad.subject for quad in world.of(CPER + "avenant") if "/etape/" in quad.subject.value]:
        for other in [quad.subject for quad in world.of(STATUS) if quad.object == signed and quad.subject != step]:
            statements = [fact(step, ENONCE, each) for each in world.graph.all(other, ENONCE)]
            yield Change(
                frozenset(facts(world, step, STATUS, ENONCE)), frozenset([*statements, fact(step, STATUS, signed)])
            )


# A quotation, and a fact with its quotation.


def statements(world: World, with_a_text: bool) -> Iterator[Quad]:
    """Yield the words of the statements whose document has a text, or has none."""
    names = {f"{BASE}id/document/{name}" for name in world.texts}
    yield from (
        quad for quad in world.of(EXACT) if (world.graph.value(quad.subject, QUOTED_FROM) in names) == with_a_text
    )


QUOTATIONS: dict[str, Callable[[str], str]] = {
    "a negation": lambda text: re.sub(r"\b(est|a|permet|mobilise|pouvez)\b", r"n'\1 pas", text, count=1),
    "other capitals": str.upper,
    "cut within a word": lambda text: text[:-2] if text[-3:].isalpha() else text,
    "a part left out": lambda text: re.sub(" (?:[^ ]+) ", " […] ", text, count=1),
    "another prefect": lambda text: re.sub(r"([Pp]réf(?:et|ète) de la région) .*", r"\1 Mayotte", text),
}
for _name, _change in QUOTATIONS.items():

    @kind(f"a quotation: {_name}")
    def _(world: World, change: Callable[[str], str] = _change) -> Iterator[Change]:
        for quad in statements(world, with_a_text=True):
            yield from changed(quad, change)


@kind("a part left out of a quotation without its document")
def _(world: World) -> Iterator[Change]:
    for quad in statements(world, with_a_text=False):
        yield from changed(quad, QUOTATIONS["a part left out"])


def bigger(text: str) -> str:
    """Return a text with its numbers in figures changed."""
    return re.sub(r"(?<![0-9])[2-8](?=[0-9,]*(?: ?%| ?M| milli))", lambda match: str(int(match[0]) + 1), text)


def of_the_other(text: str) -> str:
    return re.sub("État|Région", lambda match: "Région" if match[0] == "État" else "État", text)


NOT_HERE = "The text of the document is not here: its quotation says what the fact says."
for _name, _change, _with_a_text in (
    ("a figure and its quotation", bigger, True),
    ("a title or description and its quotation", with_another_word, True),
    ("State and Region exchanged in facts and quotations", of_the_other, True),
    ("a title or description and its quotation, without the document", with_another_word, False),
):

    @kind(_name, "" if _with_a_text else NOT_HERE)
    def _(world: World, change: Callable[[str], str] = _change, with_a_text: bool = _with_a_text) -> Iterator[Change]:
        for quad in statements(world, with_a_text):
            if change(quad.object.value) != quad.object.value:
                attesting = [body.subject for body in world.of(ENONCE) if body.object == quad.subject]
                stated = [
                    each for each in world.quads if each.subject in attesting and isinstance(each.object, Literal)
                ]
                texts = [each for each in stated if each.object.language == "fr"]
                yield functools.reduce(
                    Change.__or__, (each for text in (quad, *texts) for each in changed(text, change))
                )


# The place of a quotation, what it attests.

for _step in (-1, 1):

    @kind(f"a place: both ends by {_step}")
    def _(world: World, step: int = _step) -> Iterator[Change]:
        for quad in world.of(START):
            ends = facts(world, quad.subject, START, END)
            yield functools.reduce(
                Change.__or__,
                (exchanged(each, with_text(each.object, str(int(each.object.value) + step))) for each in ends),
            )


@kind("the places of two quotations exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in pairs(world.of(START)):
        yield exchange_of(
            one.subject, facts(world, one.subject, START, END), other.subject, facts(world, other.subject, START, END)
        )


kind("a place left out")(
    lambda world: (Change(frozenset(facts(world, quad.subject, START, END))) for quad in world.of(START))
)


@kind("a place in a document that is not here")
def _(world: World) -> Iterator[Change]:
    for quad in statements(world, with_a_text=False):
        ends = {START: 0, END: len(quad.object.value)}
        yield Change(added=frozenset(fact(quad.subject, end, Literal(value)) for end, value in ends.items()))


def sole(world: World, *, in_context: bool = False) -> Iterator[tuple[Quad, Quad]]:
    """Yield each value that must be attested and that one statement alone attests, with what this statement attests.

    `in_context`: those that must not, since the text of the document is not here.
    """
    for body in world.of(ENONCE):
        own, classes = world.graph.all(body.subject, ENONCE), set(world.graph.types(body.subject))
        classes |= {CPER + "Chiffre"} if classes & {CPER + "Montant", CPER + "Part"} else set()
        for attested in world.graph.all(body.object, ATTESTS):
            others = [each for each in own if each != body.object and attested in world.graph.all(each, ATTESTS)]
            others += world.graph.all(body.subject, CPER + "motif")  # what the source does not give needs no statement
            must = not others and ATTESTED.get(attested.value, frozenset()) & classes
            if must and (not world.texts and attested.value in IN_CONTEXT) == in_context:
                for quad in facts(world, body.subject, attested.value):
                    yield quad, fact(body.object, ATTESTS, attested)


@kind("a statement removed")
def _(world: World) -> Iterator[Change]:
    for statement in dict.fromkeys(attests.subject for _, attests in sole(world)):
        yield Change(frozenset(quad for quad in world.quads if statement in (quad.subject, quad.object)))


for _name, _in_context in {"of any kind": False, "that the context gives, without the document": True}.items():

    @kind(f"a value {_name} attested no more and changed")
    def _(world: World, in_context: bool = _in_context) -> Iterator[Change]:
        for quad, attests in sole(world, in_context=in_context):
            known = {each.object for each in world.of(quad.predicate.value)} - {
                *world.graph.all(quad.subject, quad.predicate.value)
            }
            if isinstance(quad.object, NamedNode):
                other: Term = min(known, key=str, default=NamedNode(quad.object.value[:-1] + "x"))
            else:
                other = with_text(quad.object, first_number(with_another_word(quad.object.value)))
            yield Change(frozenset([attests])) | exchanged(quad, other)


# Things and facts added or removed.

kind("a statement attests what the thing does not say")(
    lambda world: (
        Change(added=frozenset([fact(quad.subject, ATTESTS, NamedNode(PROV + "atTime"))])) for quad in world.of(EXACT)
    )
)
kind("a property of nobody")(
    lambda world: (
        Change(added=frozenset([fact(quad.subject, DCT + "provenanceNote", "Axe abandonné.")]))
        for quad in world.of(EXACT)
    )
)


@kind("a thing added that nothing attests")
def _(world: World) -> Iterator[Change]:
    things: list[tuple[str, str, dict[str, Term]]] = [
        *(("axe", "Subdivision", {}), ("cadre", "Cadre", {}), ("avenant", "Avenant", {})),
        ("etape", "Etape", {STATUS: code("statut/signe"), DCT + "date": Literal("2024", datatype=NamedNode(XSD + "gYear"))}),
        *(("signataire", "Signataire", {PROV + "agent": quad.object}) for quad in world.of(PROV + "agent")),
        *(("montant", "Montant", {each.predicate.value: each.object for each in facts(world, quad.subject, *OF_VALUE)})
          for quad in world.of(PUBLIEE, under="/montant/")),
    ]  # fmt: skip
    for path, cls, said in things:
        node = NamedNode(f"{world.contract.value}/{path}/ajoute")
        values = {RDF + "type": NamedNode(CPER + cls), CPER + "contrat": world.contract, **said}
        labels = {Quad(node, NamedNode(LABEL), Literal("Autre", language=lang)) for lang in ("fr", "en")}
        yield Change(added=frozenset({*labels, *(fact(node, each, value) for each, value in values.items())}))


@kind("a step or an amount given twice")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(RDF + "type"):
        excused = facts(world, quad.subject, CPER + "partieDe", CPER + "divergeDe")
        if quad.object.value in (CPER + "Etape", CPER + "Montant") and not excused:
            again = NamedNode(f"{quad.subject.value}-bis")
            own = (each for each in world.quads if each.subject == quad.subject)
            yield Change(added=frozenset(Quad(again, each.predicate, each.object) for each in own))


@kind("a thing removed that another names")
def _(world: World) -> Iterator[Change]:
    named = {
        quad.object for quad in world.quads if isinstance(quad.object, NamedNode) and "/contrat/" in quad.object.value
    }
    for node in sorted(named - {world.contract}, key=str):
        yield Change(frozenset(quad for quad in world.quads if quad.subject == node))


@kind("the funder: a body of its kind that is none of the contract")
def _(world: World) -> Iterator[Change]:
    other = NamedNode(f"{BASE}id/organisme/inconnu")
    for quad in world.of(CPER + "financeur"):
        if "/groupe/" not in quad.object.value and is_attested(world, quad):
            kinds = world.graph.all(quad.object, ORG + "classification")
            said = [fact(other, LABEL, "Inconnue"), fact(other, RDF + "type", NamedNode(ORG + "FormalOrganization"))]
            said += [fact(other, ORG + "classification", each) for each in kinds]
            yield exchanged(quad, other) | Change(added=frozenset(said))


@kind("a group: a member more")
def _(world: World) -> Iterator[Change]:
    members = {quad.object for quad in world.of(FOAF + "member")}
    others = {quad.object for quad in world.of(CPER + "signePar")} - members
    for group in {quad.subject for quad in world.of(FOAF + "member")}:
        yield from (Change(added=frozenset([fact(group, FOAF + "member", each)])) for each in sorted(others, key=str))


@kind("the subdivision of an amendment, unattested")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(CPER + "subdivision", under="/avenant/"):
        statements_ = world.graph.all(quad.subject, ENONCE)
        attests = {fact(each, ATTESTS, NamedNode(CPER + "subdivision")) for each in statements_}
        yield from (each | Change(frozenset(attests & world.quads)) for each in another_value(world, quad))


# Translations, names.

ENGLISH = {
    **{"January": "February", "March": "April", "Hauts-de-France": "Normandie", "Bretagne": "Normandie"},
    **{"nine signatories": "ten signatories", "planned": "signed", "billion": "million"},
    **{"more than 2.7 billion euros": "more than 2.7 billion dollars", "mobility excluded": "recovery plan"},
    **{"State, signatory": "Region, signatory", "Provence-Alpes-Côte d'Azur": "Normandie"},
}
"""Words of English texts, and others that say something else."""


def english(world: World) -> Iterator[Quad]:
    for quad in sorted(world.quads, key=str):
        if isinstance(quad.object, Literal) and quad.object.language == "en" and "/contrat/" in quad.subject.value:
            yield quad


@kind("a translation with another month, place, number in words, unit or code")
def _(world: World) -> Iterator[Change]:
    for quad in english(world):
        for word, other in ENGLISH.items():
            yield from changed(quad, lambda text, word=word, other=other: re.sub(rf"\b{word}\b", other, text, count=1))


@kind(
    "a wrong translation",
    "Only a reader of both languages can say it, but for numbers, months, units, names and codes.",
)
def _(world: World) -> Iterator[Change]:
    for quad in english(world):
        yield from changed(quad, with_another_letter)


@kind("a note with a great number in words")
def _(world: World) -> Iterator[Change]:
    for quad in french(world, SKOS + "note", under="/contrat/"):
        yield from changed(quad, lambda text: f"{text} C'est huit cents millions d'euros.")


@kind("another name of a body: that of another one, an acronym of nothing")
def _(world: World) -> Iterator[Change]:
    for one, other in pairwise(french(world, LABEL, under="/organisme/departement")):
        for name in (other.object.value, "Département de la Marne", "XYZ"):
            yield Change(added=frozenset([fact(one.subject, SKOS + "altLabel", name)]))


@kind("a figure according to another publisher")
def _(world: World) -> Iterator[Change]:
    names = {world.graph.label(quad.object, "fr") for quad in world.of(DCT + "publisher", under="/document/")}
    for quad in french(world, LABEL):
        label, selon, name = quad.object.value.partition(", selon ")
        for other in sorted(names - {name}) if selon else ():
            yield exchanged(quad, with_text(quad.object, f"{label}{selon}{other}"))


# Documents and their texts.

kind("a text: each word with another letter")(
    lambda world: (
        Change(texts={name: text[: match.start()] + "¤" + text[match.start() + 1 :]})
        for name, text in world.texts.items()
        for match in re.finditer(r"\w{5,}", text)
    )
)
for _name, _text in {"an end of line more": lambda text: text + "\n", "removed": lambda _: None}.items():

    @kind(f"a text: {_name}")
    def _(world: World, change: Callable[[str], str | None] = _text) -> Iterator[Change]:
        yield from (Change(texts={name: change(text)}) for name, text in world.texts.items())


kind("a text without a document")(
    lambda world: (Change(texts={f"{name}-2": text}) for name, text in world.texts.items())
)


# Identifiers, outlines.


@kind("the SIREN and SIRET of two bodies exchanged")
def _(world: World) -> Iterator[Change]:
    for one, other in pairs(world.of(CPER + "siren")):
        numbers = [facts(world, each.subject, CPER + "siren", CPER + "siret") for each in (one, other)]
        yield exchange_of(one.subject, numbers[0], other.subject, numbers[1])


@kind("a SIREN of a company for the State")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(ORG + "classification"):
        if quad.object == code("type-d-organisme/etat"):
            yield Change(added=frozenset([fact(quad.subject, CPER + "siren", Literal("552032534"))]))


for _property in (CPER + "siren", CPER + "siret", IGEO + "codeINSEE", GEO + "hasGeometry", GEO + "asWKT"):

    @kind(f"{shorten(_property)} of two things exchanged")
    def _(world: World, name: str = _property) -> Iterator[Change]:
        yield from (swapped(*each) for each in pairs(world.of(name)))


for _host in ("insee.fr", "/nuts/", "/atu/", "wikidata"):

    @kind(f"two identifiers of {_host} exchanged, and one given to two things")
    def _(world: World, host: str = _host) -> Iterator[Change]:
        for one, other in pairs(quad for quad in world.of(SKOS + "exactMatch") if host in quad.object.value):
            yield swapped(one, other)
            yield exchanged(one, other.object)


def point_moved(match: re.Match[str]) -> str:
    """Return the first point of a ring, and one that lies 40 km away."""
    west, south = float(match[1]) - 0.3, float(match[2]) - 0.3
    return f"{match[0]}{west:.3f} {south:.3f},"


OUTLINES: dict[str, tuple[str, Callable[[str], str]]] = {
    "an outline: a point": ("asWKT", lambda text: re.sub(r"\(([0-9.]+) ([0-9.]+),", point_moved, text, count=1)),
    "an outline moved": (
        "asWKT",
        lambda text: re.sub(r"(?<=[( ,])([0-9])\.", lambda match: f"{int(match[1]) + 3}.", text),
    ),
    "a bounding box: a side": (
        "bbox",
        lambda text: re.sub(r"-?[0-9]+\.[0-9]+", lambda match: f"{float(match[0]) - 1:.4f}", text, count=1),
    ),
}
for _name, (_property, _change) in OUTLINES.items():

    @kind(_name)
    def _(world: World, name: str = _property, change: Callable[[str], str] = _change) -> Iterator[Change]:
        for quad in french(world, GEO + name, DCAT + name):
            yield from changed(quad, change)


@kind("the bounding box of another region")
def _(world: World) -> Iterator[Change]:
    boxes = {quad.object for each in worlds() for quad in each.of(DCAT + "bbox")}
    for quad in world.of(DCAT + "bbox"):
        yield from (exchanged(quad, box) for box in sorted(boxes - {quad.object}, key=str))


@kind("a department of another region")
def _(world: World) -> Iterator[Change]:
    for region in world.of(IGEO + "codeINSEE"):
        if IGEO + "Region" in world.graph.types(region.subject):
            for body in (by_code("departement", each) for each in ("08", "2A", "976")):
                node = NamedNode(f"{BASE}id/territoire/{body.code.lower()}")
                quads = [fact(node, RDF + "type", NamedNode(IGEO + "Departement")), fact(node, LABEL, body.name)]
                quads.append(fact(node, GEO + "sfWithin", region.subject))
                yield Change(added=frozenset(quads))
                yield Change(added=frozenset([*quads, fact(node, IGEO + "codeINSEE", Literal(body.code))]))


# What is computed.


@kind("a derived value or a measure stored")
def _(world: World) -> Iterator[Change]:
    number = Literal("000000000000001", datatype=NamedNode(CPER + "nombre"))
    for name in ("somme-des-financeurs", "autre"):
        node = NamedNode(f"{world.contract.value}/derive/{name}")
        quads = [fact(node, RDF + "type", NamedNode(CPER + "ValeurDerivee")), fact(node, VALEUR, number)]
        yield Change(added=frozenset(quads))
    for quad in world.of(VALEUR):
        for name in ("montantTotal", "montantParFinanceur", "partParFinanceur", "partParSubdivision"):
            value = Literal("1", datatype=NamedNode(XSD + "decimal"))
            yield Change(added=frozenset([fact(quad.subject, CPER + name, value)]))


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


def missed(world: World, changes: Iterable[Change], most: int) -> tuple[int, list[str]]:
    """Return how many changes were made, at most so many at regular distances, and those that are no violation."""
    found = list(changes)
    chosen = found[:: max(1, len(found) // most)][:most] if most else found
    return len(chosen), [described(each) for each in chosen if next(world.violations(each), None) is None]


def outcome(name: str, most: int = 0) -> tuple[int, list[str]]:
    """Return how many changes of a kind were made in all contracts, and those that are no violation."""
    results = [missed(world, KINDS[name](world), most) for world in worlds()]
    return sum(made for made, _ in results), [each for _, found in results for each in found]


def outcome_of_facts(name: str, most: int = 0) -> dict[str, tuple[int, list[str]]]:
    """Return the same of a change of one fact, for each kind of thing and property; one place in each contract."""
    results = dict[str, tuple[int, list[str]]]()
    for world in worlds():
        for place, quads in places(world).items():
            changes = (each for quad in quads for each in FACT_CHANGES[name](world, quad))
            made, found = missed(world, changes, most)
            before = results.get(place, (0, []))
            results[place] = (before[0] + made, before[1] + found)
    return results


def described(change: Change) -> str:
    """Return a change in short."""
    parts = []
    for sign, quads in (("-", change.removed), ("+", change.added)):
        for quad in islice(sorted(quads, key=str), 2):
            terms = (re.sub(r"\S+/(?=\S+/)", "", str(each)) for each in (quad.subject, quad.predicate, quad.object))
            parts.append(f"{sign} {' '.join(terms)}"[:200])
    return "; ".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("name", FACT_CHANGES)
def test_a_wrong_change_of_one_fact_is_a_violation(name: str) -> None:
    results = outcome_of_facts(name, 1)
    undecided = UNDECIDED_FACTS.get(name, {})
    wrong = {place: found for place, (_, found) in results.items() if found and place.split()[-1] not in undecided}
    assert sum(made for made, _ in results.values()) > 20
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_wrong_change_is_a_violation_unless_no_file_can_decide(name: str) -> None:
    made, found = outcome(name, MOST)
    assert made
    assert bool(found) == (name in UNDECIDED), found


if __name__ == "__main__":
    published.Graph, documents.QuotableText = functools.cache(Graph), functools.cache(QuotableText)
    wanted, most = sys.argv[1] if sys.argv[1:] else "", int(sys.argv[2]) if sys.argv[2:] else 0
    with literals_as_written():
        tried = {name: outcome(name, most) for name in KINDS if re.search(wanted, name)}
        for change in (each for each in FACT_CHANGES if re.search(wanted, each)):
            tried |= {f"{change}: {place}": each for place, each in outcome_of_facts(change, most).items() if each[0]}
    for name, (made, found) in tried.items():
        print(f"{name}: {made - len(found)} of {made}", *(f"      {each}" for each in found[:3]), sep="\n")

"""Each kind of wrong change of the real data, tried in each contract, is a violation that names the place.

A kind is a function that yields the changes of one contract (`tests.release.check.corruption`); changes of one fact are rows of a table.
What no file can decide is in docs/how-to/add-data.md.
`python -m tests.release.check.test_corruptions` tries all places and prints the share caught of each kind.
"""

import functools
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import combinations, islice
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.identifiers import TERRITORIES, by_code, iris_of
from cper_lod.core.namespaces import CPER, DCT, DEFINITIONS, OA, ORG, PREFIXES, PROV, RDF, SKOS, XSD, shorten
from cper_lod.core.quoted_text import QuotableText
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.shacl.store import literals_as_written
from cper_lod.release.check import documents, published
from cper_lod.release.check.facts import ATTESTED, IN_CONTEXT
from cper_lod.release.sources.read import read_sources
from tests.release.check.corruption import Change, World, exchanged
from tests.support.names import BASE
from tests.support.paths import ROOT

Kind = Callable[[World], Iterable[Change]]
KINDS: dict[str, Kind] = {}

VALEUR, PUBLIEE, PAS, ENONCE = (CPER + name for name in ("valeur", "valeurPubliee", "pas", "enonce"))
EXACT, START, END, QUOTED_FROM = OA + "exact", OA + "start", OA + "end", PROV + "wasQuotedFrom"
POSITION = CPER + "position"
UNIT, GEO, IGEO = PREFIXES["sdmx-attribute"] + "unitMeasure", PREFIXES["geo"], PREFIXES["igeo"]
OF_VALUE, OF_WORDS = (VALEUR, PUBLIEE, PAS, UNIT, CPER + "nature"), (EXACT, QUOTED_FROM)
SPDX, STATUS, LABEL, ATTESTS = PREFIXES["spdx"], PREFIXES["adms"] + "status", SKOS + "prefLabel", CPER + "atteste"
MOST = 2
"""Changes of a kind that a test tries in each contract, at regular distances; the command tries all."""


def kind(name: str) -> Callable[[Kind], Kind]:
    """Name a kind of change."""

    def add(function: Kind) -> Kind:
        KINDS[name] = function
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
    return NamedNode(f"{DEFINITIONS}code/{name}")


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


# One fact.


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
}
FactChange = Callable[[World, Quad], Iterable[Change]]


def text_by(change: Callable[[str], str]) -> FactChange:
    """Return what changes a text that is not in English, or the end of an IRI."""

    def changes(_: World, quad: Quad) -> Iterator[Change]:
        if isinstance(quad.object, NamedNode):
            yield from (exchanged(quad, NamedNode(each)) for each in {change(quad.object.value)} - {quad.object.value})
        elif quad.object.language != "en":
            yield from changed(quad, change)

    return changes


another_digit = text_by(other_number)


def value_of_another(world: World, quad: Quad, more: Iterable[Term] = ()) -> Iterator[Change]:
    """Yield the change of a value to each other one of its property, and to more."""
    known = {each.object for each in world.of(quad.predicate.value)}.union(more)
    known -= {*world.graph.all(quad.subject, quad.predicate.value)}
    yield from (exchanged(quad, each) for each in sorted(known, key=str))


def another_value(world: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a value to each other one of its property, and to each other code of its list."""
    scheme = re.match(f"{DEFINITIONS}code/([^/]+)/", quad.object.value)
    yield from value_of_another(world, quad, codes(scheme[1]) if scheme else ())


def value_among(*predicates: str, under: str = "") -> FactChange:
    """Return what changes a value to each other thing with some properties."""
    return lambda world, quad: value_of_another(
        world, quad, (each.subject for each in world.of(*predicates, under=under))
    )


def another_day(_: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a day to others, its year alone and its month alone."""
    text = quad.object.value
    if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        day = date.fromisoformat(text)
        days = [day + timedelta(1), day + timedelta(31), day.replace(year=day.year + 1)]
        types = {4: "gYear", 7: "gYearMonth", 10: "date"}
        for other in (*(each.isoformat() for each in days), text[:4], text[:7]):
            yield exchanged(quad, Literal(other, datatype=NamedNode(XSD + types[len(other)])))


def removed(_: World, quad: Quad) -> Iterator[Change]:
    yield Change(frozenset([quad]))


def described(_: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a value that is described here to one that is not."""
    if isinstance(quad.object, NamedNode) and f"{BASE}id/" in quad.object.value:
        yield exchanged(quad, NamedNode(f"{quad.object.value}-2"))


def misspelled(_: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a property or a class of ours to one that nobody has."""
    if quad.predicate.value.startswith(CPER):
        yield Change(frozenset([quad]), frozenset([fact(quad.subject, quad.predicate.value + "e", quad.object)]))
    if quad.predicate.value == RDF + "type" and quad.object.value.startswith(CPER):
        yield exchanged(quad, NamedNode(quad.object.value + "e"))


def each_fact(
    change: FactChange, *predicates: str, under: str = "", only: Callable[[World, Quad], bool] | None = None
) -> Kind:
    """Return the kind of a change of each fact with some properties."""

    def changes(world: World) -> Iterator[Change]:
        for quad in world.of(*predicates, under=under):
            if only is None or only(world, quad):
                yield from change(world, quad)

    return changes


def not_attested(world: World, quad: Quad) -> bool:
    return not is_attested(world, quad)


def has_a_kind_in_its_name(world: World, quad: Quad) -> bool:
    """Return whether the name of a body says a kind of bodies."""
    lists = Graph(read_sources_once().ontology)
    labels = " ".join(each.value.lower() for each in world.graph.all(quad.subject, LABEL))
    words = (each.value.lower() for name in (LABEL, SKOS + "hiddenLabel") for each in lists.all(quad.object, name))
    return any(word in labels for word in words)


def is_of_contract(world: World, quad: Quad) -> bool:
    return quad.subject != world.contract and is_attested(world, quad)


def is_around(world: World, place: Term, around: Term) -> bool:
    """Return whether a territory is around another, or around the one that is around it."""
    outer = world.graph.all(place, GEO + "sfWithin")
    return place != around and (around in outer or any(is_around(world, each, around) for each in outer))


def elsewhere(world: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of what is around a region, a department or a commune to what is not."""
    if {IGEO + each for each in ("Commune", "Departement", "Region")} & {*world.graph.types(quad.subject)}:
        for change in another_value(world, quad):
            (new,) = change.added
            if not is_around(world, new.subject, new.object):  # both are true
                yield change


DESCRIPTIONS = (DCT + "description", SKOS + "scopeNote", SKOS + "historyNote", DCT + "title")
VCARD = PREFIXES["vcard"]
FACTS: dict[str, Kind] = {
    "the value: a digit": each_fact(another_digit, VALEUR),
    "the printed value: a digit": each_fact(another_digit, PUBLIEE),
    "the rounding step": each_fact(text_by(lambda text: text + "1" if "." in text else "0" + text[:-1]), PAS),
    "the unit": each_fact(another_value, UNIT),
    **{
        f"another value of {shorten(each)}": each_fact(another_value, each)
        for each in (
            *(CPER + name for name in ("financeur", "subdivision", "partDe")),
            *(STATUS, SKOS + "broadMatch"),
        )
    },
    "the scope, attested": each_fact(another_value, CPER + "perimetre", only=is_attested),
    "the scope, which the name says": each_fact(value_of_another, CPER + "perimetre", only=not_attested),
    "the number of a subdivision, attested": each_fact(another_value, SKOS + "notation", only=is_attested),
    "the whole of an “of which”, attested": each_fact(value_among(PUBLIEE), CPER + "partieDe", only=is_attested),
    "the place of a step": each_fact(value_among(LABEL, under="/territoire/"), PROV + "atLocation"),
    "the territory of a contract or body": each_fact(
        another_value, CPER + "territoire", only=lambda _, quad: "/cadre/" not in quad.subject.value
    ),
    "a territory in another": each_fact(elsewhere, GEO + "sfWithin"),
    "the kind of a body that its name says": each_fact(
        another_value, ORG + "classification", under="/organisme/", only=has_a_kind_in_its_name
    ),
    "the day of a step": each_fact(another_day, DCT + "date", under="/etape/"),
    **{f"a title: {name}": each_fact(text_by(each), LABEL, only=is_of_contract) for name, each in TEXTS.items()},
    **{
        f"a description: {name}": each_fact(text_by(each), *DESCRIPTIONS, only=is_attested)
        for name, each in TEXTS.items()
    },
    "the name of a body or territory": each_fact(
        text_by(with_another_letter),
        LABEL,
        only=lambda world, quad: (
            bool(world.graph.all(quad.subject, CPER + "territoire")) and "/organisme/" in quad.subject.value
        ),
    ),
    "a number in a note, a reason or a name of ours": each_fact(
        another_digit, SKOS + "note", CPER + "motif", LABEL, under="/contrat/"
    ),
    "a contact: a digit of a number": each_fact(
        another_digit, *(VCARD + name for name in ("hasTelephone", "postal-code", "street-address"))
    ),
    "a contact: a letter": each_fact(
        text_by(lambda text: text[:-2] + ("x" if text[-2] != "x" else "y") + text[-1]),
        *(VCARD + name for name in ("hasEmail", "hasURL", "locality", "fn")),
    ),
    "a checksum: a digit": each_fact(another_digit, SPDX + "checksumValue"),
    "a checksum removed": each_fact(removed, SPDX + "checksum", SPDX + "checksumValue"),
    **{
        f"{name}: a digit": each_fact(another_digit, each)
        for name, each in {
            "a SIREN": CPER + "siren",
            "a SIRET": CPER + "siret",
            "an Insee code": IGEO + "codeINSEE",
        }.items()
    },
    "a term of ours, misspelled": lambda world: (
        change for quad in one_of_each(world) for change in misspelled(world, quad)
    ),
    "a thing that nothing describes": lambda world: (
        change for quad in one_of_each(world) for change in described(world, quad)
    ),
}
KINDS |= FACTS


def one_of_each(world: World) -> Iterable[Quad]:
    """Return a fact of each property and of each class."""
    found = {}
    for quad in sorted(world.quads, key=str, reverse=True):
        found[quad.predicate, quad.object if quad.predicate.value == RDF + "type" else None] = quad
    return found.values()


# Two facts of one contract.


def figure_pairs(world: World) -> Iterator[tuple[Term, Term]]:
    """Yield each pair of figures with two values in two wordings."""
    for one, other in combinations([quad.subject for quad in world.of(PUBLIEE)], 2):
        values = [{quad.object for quad in facts(world, each, *OF_VALUE)} for each in (one, other)]
        if values[0] != values[1] and words_of(world, one) != words_of(world, other):
            yield one, other


@kind("the value, the words and their place of two figures exchanged")
def _(world: World) -> Iterator[Change]:
    place_of = {quad.subject: quad.object for quad in world.of(POSITION)}
    for figures in figure_pairs(world):
        found = [[each for each in world.graph.all(figure, ENONCE) if each in place_of] for figure in figures]
        if all(found) and world.graph.value(found[0][0], EXACT) != world.graph.value(found[1][0], EXACT):
            one, other = (each[0] for each in found)
            change = exchange_of(one, facts(world, one, *OF_WORDS), other, facts(world, other, *OF_WORDS))
            places = [place_of[each] for each in (one, other)]
            ends = [facts(world, each, START, END) for each in places]
            change |= exchange_of(places[0], ends[0], places[1], ends[1])
            values = [facts(world, each, *OF_VALUE) for each in figures]
            yield change | exchange_of(figures[0], values[0], figures[1], values[1])


for _predicate in (CPER + "financeur", CPER + "subdivision"):

    @kind(f"{shorten(_predicate)} of two figures exchanged")
    def _(world: World, predicate: str = _predicate) -> Iterator[Change]:
        for each in pairs(world.of(predicate)):
            if any(is_attested(world, quad) for quad in each):
                yield swapped(*each)


@kind("the prefect of another region")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(EXACT):
        yield from changed(quad, lambda text: re.sub(r"([Pp]réf(?:et|ète) de la région) .*", r"\1 Mayotte", text))


# A quotation, and a fact with its quotation.


def in_texts(world: World) -> Iterator[Quad]:
    """Yield the words of the statements whose document has a text."""
    names = {f"{BASE}id/document/{name}" for name in world.texts}
    yield from (quad for quad in world.of(EXACT) if world.graph.value(quad.subject, QUOTED_FROM) in names)


QUOTATIONS: dict[str, Callable[[str], str]] = {
    "a negation": lambda text: re.sub(r"\b(est|a|permet|mobilise|pouvez)\b", r"n'\1 pas", text, count=1),
    "other capitals": str.upper,
    "cut within a word": lambda text: text[:-2] if text[-3:].isalpha() else text,
    "a part left out": lambda text: re.sub(" (?:[^ ]+) ", " […] ", text, count=1),
}
for _name, _change in (TEXTS | QUOTATIONS).items():

    @kind(f"a quotation: {_name}")
    def _(world: World, change: Callable[[str], str] = _change) -> Iterator[Change]:
        for quad in in_texts(world):
            yield from changed(quad, change)


@kind("a part left out of a quotation without its document")
def _(world: World) -> Iterator[Change]:
    for quad in () if world.texts else world.of(EXACT):
        yield from changed(quad, QUOTATIONS["a part left out"])


@kind("State and Region exchanged in facts and quotations")
def _(world: World) -> Iterator[Change]:
    def exchange(text: str) -> str:
        return re.sub("État|Région", lambda match: "Région" if match[0] == "État" else "État", text)

    for quad in in_texts(world):
        if exchange(quad.object.value) != quad.object.value:
            attesting = [body.subject for body in world.of(ENONCE) if body.object == quad.subject]
            stated = [each for each in world.quads if each.subject in attesting and isinstance(each.object, Literal)]
            texts = [quad, *(each for each in stated if each.object.language == "fr")]
            yield functools.reduce(Change.__or__, (each for text in texts for each in changed(text, exchange)))


# The place of a quotation, what it attests.


for _ends in ((START, END), (END,)):

    @kind(f"a place: {' and '.join(map(shorten, _ends))} by one")
    def _(world: World, ends: tuple[str, ...] = _ends) -> Iterator[Change]:
        for quad in world.of(START):
            for step in (-1, 1):
                places = facts(world, quad.subject, *ends)
                moved = [exchanged(each, with_text(each.object, str(int(each.object.value) + step))) for each in places]
                yield functools.reduce(Change.__or__, moved)


kind("a place left out")(
    lambda world: (Change(frozenset(facts(world, quad.subject, START, END))) for quad in world.of(START))
)


@kind("a value attested no more and changed")
def _(world: World) -> Iterator[Change]:
    for body in world.of(ENONCE):
        own, classes = world.graph.all(body.subject, ENONCE), set(world.graph.types(body.subject))
        classes |= {CPER + "Chiffre"} if classes & {CPER + "Montant", CPER + "Part"} else set()
        for attested in world.graph.all(body.object, ATTESTS):
            others = [each for each in own if each != body.object and attested in world.graph.all(each, ATTESTS)]
            others += world.graph.all(body.subject, CPER + "motif")  # what the source does not give needs no statement
            given_by_context = not world.texts and attested.value in IN_CONTEXT
            if not others and not given_by_context and ATTESTED.get(attested.value, frozenset()) & classes:
                for quad in facts(world, body.subject, attested.value):
                    no_more = Change(frozenset([fact(body.object, ATTESTS, attested)]))
                    yield from (no_more | each for each in islice(other_values(world, quad), 1))


def other_values(world: World, quad: Quad) -> Iterator[Change]:
    """Yield the change of a value to other ones: things of the contract, or another text or number."""
    if isinstance(quad.object, NamedNode):
        yield from value_of_another(world, quad, [NamedNode(quad.object.value[:-1] + "x")])
    else:
        yield exchanged(quad, with_text(quad.object, first_number(with_another_word(quad.object.value))))


# Things and facts added or removed.

kind("a property of nobody")(
    lambda world: (
        Change(added=frozenset([fact(quad.subject, DCT + "provenanceNote", "Axe abandonné.")]))
        for quad in world.of(EXACT)
    )
)


# What decides how a figure counts.


LECTURE, EXCLUSIVE, PART_OF, SCOPE = (CPER + name for name in ("lecture", "exclusif", "partieDe", "perimetre"))

kind("a reading removed")(each_fact(removed, LECTURE, under="/contrat/"))
kind("a reading without its owner, its day or its reason")(
    lambda world: (
        Change(frozenset(facts(world, reading, each)))
        for reading in dict.fromkeys(quad.object for quad in world.of(LECTURE, under="/contrat/"))
        for each in (DCT + "creator", DCT + "date", DCT + "description")
    )
)
kind("what a reading attests, removed")(
    lambda world: (
        Change(frozenset(facts(world, quad.subject, attested.value)))
        for quad in world.of(LECTURE, under="/contrat/")
        for attested in world.graph.all(quad.object, ATTESTS)
    )
)
kind("« dont » dropped")(each_fact(removed, PART_OF))


@kind("« dont » dropped with its reading, where the words have it")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(PART_OF):
        if any(f"dont {world.graph.value(quad.subject, PUBLIEE)}" in words for words in words_of(world, quad.subject)):
            readings = facts(world, quad.subject, LECTURE)
            yield Change(frozenset([quad, *readings]))


def added_to_each(predicate: str, value: Callable[[World, Term], Term]) -> Kind:
    """Return the kind that gives a property to each figure without it, and with a number."""

    def changes(world: World) -> Iterator[Change]:
        for figure in dict.fromkeys(quad.subject for quad in world.of(VALEUR, under="/contrat/")):
            if not world.graph.all(figure, predicate) and value(world, figure) != figure:
                yield Change(added=frozenset([fact(figure, predicate, value(world, figure))]))

    return changes


def total_of(world: World, _: Term) -> Term:
    return NamedNode(f"{world.contract.value}/montant/total")


kind("a scope invented")(added_to_each(SCOPE, lambda *_: code("perimetre/hors-mobilites")))
for _relation in ("partieDe", "composeDe", "divergeDe"):
    kind(f"{_relation} invented")(added_to_each(CPER + _relation, total_of))


kind("a theme invented")(
    lambda world: (
        Change(added=frozenset([fact(each.subject, CPER + "theme", code("theme/numerique"))]))
        for each in world.of(RDF + "type")
        if each.object.value == CPER + "Subdivision" and not world.graph.all(each.subject, CPER + "theme")
    )
)


@kind("« exclusif » flipped")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(EXCLUSIVE):
        yield exchanged(quad, Literal(quad.object.value != "true"))
        yield Change(frozenset([quad]))
    for quad in world.of(RDF + "type"):
        if quad.object.value == CPER + "Decoupage" and not world.graph.all(quad.subject, EXCLUSIVE):
            for value in (True, False):
                yield Change(added=frozenset([fact(quad.subject, EXCLUSIVE, Literal(value))]))


@kind("the funder: a body of its kind that is none of the contract")
def _(world: World) -> Iterator[Change]:
    other = NamedNode(f"{BASE}id/organisme/inconnu")
    for quad in world.of(CPER + "financeur"):
        if "/groupe/" not in quad.object.value and is_attested(world, quad):
            kinds = world.graph.all(quad.object, ORG + "classification")
            said = [fact(other, LABEL, "Inconnue"), fact(other, RDF + "type", NamedNode(ORG + "FormalOrganization"))]
            said += [fact(other, ORG + "classification", each) for each in kinds]
            yield exchanged(quad, other) | Change(added=frozenset(said))


@kind("the subdivision of an amendment, unattested")
def _(world: World) -> Iterator[Change]:
    for quad in world.of(CPER + "subdivision", under="/avenant/"):
        statements_ = world.graph.all(quad.subject, ENONCE)
        attests = {fact(each, ATTESTS, NamedNode(CPER + "subdivision")) for each in statements_}
        yield from (each | Change(frozenset(attests & world.quads)) for each in another_value(world, quad))


# Translations, names.


@kind("a translation with another figure")
def _(world: World) -> Iterator[Change]:
    for quad in english(world):
        yield from changed(quad, other_number)


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


@kind("a note with a great number in words, in both languages")
def _(world: World) -> Iterator[Change]:
    more = {"fr": " C'est huit cents millions d'euros.", "en": " That is eight hundred million euros."}
    for node in dict.fromkeys(quad.subject for quad in world.of(SKOS + "note", under="/contrat/")):
        notes = [each for each in world.of(SKOS + "note") if each.subject == node]
        texts = (
            exchanged(each, with_text(each.object, each.object.value + more[each.object.language])) for each in notes
        )
        yield functools.reduce(Change.__or__, texts)


@kind("a figure according to another publisher")
def _(world: World) -> Iterator[Change]:
    names = {world.graph.label(quad.object, "fr") for quad in world.of(DCT + "publisher", under="/document/")}
    for quad in french(world, LABEL):
        label, selon, name = quad.object.value.partition(", selon ")
        for other in sorted(names - {name}) if selon else ():
            yield exchanged(quad, with_text(quad.object, f"{label}{selon}{other}"))


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


for _host in ("insee.fr", "/nuts/", "/atu/", "wikidata"):

    @kind(f"an identifier of {_host} that is another territory's, stated beside those of the tables")
    def _(world: World, host: str = _host) -> Iterator[Change]:
        for quad in world.of(IGEO + "codeINSEE"):
            kind = next(filter(None, map(TERRITORIES.get, world.graph.types(quad.subject))), "")
            for other in {"region": ("32", "94"), "departement": ("59", "976")}.get(kind, ()):
                for iri in iris_of(kind, other) if other != quad.object.value else ():
                    if host in iri:
                        yield Change(added=frozenset([fact(quad.subject, SKOS + "exactMatch", NamedNode(iri))]))


def point_moved(match: re.Match[str]) -> str:
    """Return the first point of a ring, and one that lies 40 km away."""
    west, south = float(match[1]) - 0.3, float(match[2]) - 0.3
    return f"{match[0]}{west:.3f} {south:.3f},"


@kind("an outline: a point")
def _(world: World) -> Iterator[Change]:
    for quad in french(world, GEO + "asWKT"):
        yield from changed(quad, lambda text: re.sub(r"\(([0-9.]+) ([0-9.]+),", point_moved, text, count=1))


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


@functools.cache
def worlds() -> list[World]:
    """Return each contract of the real data."""
    sources, folder = read_sources_once(), Path(tempfile.mkdtemp())
    slugs = sorted({path.stem for path in (ROOT / "data" / "contracts").glob("*.ttl")})
    return [World(sources, slug, [other for other in slugs if other != slug], folder) for slug in slugs]


@pytest.fixture(scope="module", autouse=True)
def as_written(read_once: None) -> Iterator[None]:
    """Compare literals as they are written."""
    with literals_as_written():
        yield


def missed(world: World, changes: Iterable[Change], most: int) -> tuple[int, list[str]]:
    """Return how many changes were made, at most so many at regular distances, and those that are no violation."""
    found = list(changes)
    chosen = found[:: max(1, len(found) // most)][:most] if most else found
    return len(chosen), [in_short(each) for each in chosen if next(world.violations(each), None) is None]


def outcome(name: str, most: int = 0) -> tuple[int, list[str]]:
    """Return how many changes of a kind were made in all contracts, and those that are no violation."""
    results = [missed(world, KINDS[name](world), most) for world in worlds()]
    return sum(made for made, _ in results), [each for _, found in results for each in found]


def in_short(change: Change) -> str:
    """Return a change in short."""
    parts = []
    for sign, quads in (("-", change.removed), ("+", change.added)):
        for quad in islice(sorted(quads, key=str), 2):
            terms = (re.sub(r"\S+/(?=\S+/)", "", str(each)) for each in (quad.subject, quad.predicate, quad.object))
            parts.append(f"{sign} {' '.join(terms)}"[:200])
    return "; ".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_wrong_change_is_a_violation(name: str) -> None:
    made, found = outcome(name, MOST)
    assert made
    assert found == []


if __name__ == "__main__":
    published.Graph, documents.QuotableText = functools.cache(Graph), functools.cache(QuotableText)
    wanted, most = sys.argv[1] if sys.argv[1:] else "", int(sys.argv[2]) if sys.argv[2:] else 0
    with literals_as_written():
        for name in (each for each in KINDS if re.search(wanted, each)):
            made, found = outcome(name, most)
            print(
                f"{name}: {made - len(found)} of {made}", *(f"      {each}" for each in found[:3]), sep="\n", flush=True
            )

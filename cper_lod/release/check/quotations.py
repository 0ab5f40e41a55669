"""Checks facts against their words: what a statement attests is found in its quotation.

A statement (`cper:Enonce`) names the properties that its words support (`cper:atteste`) and what they speak of
(what has it by `cper:enonce`). Each value of such a property is looked for in the quotation, by the kind of the value: a text by its
words, a number, day, month or year by what a French text says (`core.french`), a telephone number or an address by
its characters, another thing by one of its names, by its kind and number (« Axe 2 »), or as one of a counted set
(« neuf signataires »). How a figure counts has rules of its own: no words call a value rounded, or say that another
document gives it otherwise; a whole, or its parts, are named, or printed beside it.
A value of another kind is a warning: it is not checked, and the report says so.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import islice, pairwise
from typing import Final, Literal

from pyoxigraph import BlankNode, NamedNode
from pyoxigraph import Literal as RdfLiteral

from cper_lod.core import french
from cper_lod.core.identifiers import INSEE, identifiers_like
from cper_lod.core.namespaces import (
    CPER,
    DCAT,
    DCT,
    DEFINITIONS,
    NUMBERS,
    ORG,
    PROV,
    RDFS,
    SKOS,
    VOCABULARIES,
    XSD,
    expand,
)
from cper_lod.core.text import folded, slug
from cper_lod.core.units import IN_UNIT, SIGNS, UNIT, unit_of
from cper_lod.rdf.graph import Graph, Node, Term

Verdict = Literal["found", "absent", "unknown"]
"""Whether a value is in the words; `unknown` for a kind of value that is not looked for."""

NAMES: Final = expand("skos:prefLabel skos:altLabel skos:hiddenLabel dct:title foaf:name schema:name vcard:fn")
"""The properties that name a thing."""
_OWN_NAMES: Final = tuple(each for each in NAMES if each != SKOS + "hiddenLabel")
"""Those that are its own; a hidden label may be an office that stands for a body."""
OWN_WORDS: Final = (CPER + "motif", CPER + "hypothese", SKOS + "note", SKOS + "editorialNote")
"""The properties whose texts we wrote: only their numbers are looked for."""
_OMISSION: Final = "[…]"
(_REGION,) = expand("igeo:Region")
_QUOTED: Final = re.compile("«([^«»]*+)»")
_WORD: Final = re.compile(r"\w+")
_COMPOUND: Final = re.compile(r"-\w")
"""What follows a word within a compound: « Nord-Est »."""
_NUMBERS: Final = NUMBERS | {XSD + "double", XSD + "float"}
_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2}).*")
_PLAIN_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,24}(?:\.[0-9]{0,12})?")
_NUMBERED: Final = r"s? ((?:[0-9]++(?:, | et | à | ou )?+)++)"
"""What follows the name of a class in « axes 2 et 3 »."""
NATURES: Final = f"{DEFINITIONS}code/nature-de-la-valeur/"
EXACT: Final = f"{NATURES}exact"
_ROUNDED: Final = f"{NATURES}arrondi"
_QUALIFIERS: Final = {
    "plus-de": r"plus d[e']|pas moins d[e']|au moins|superieure?s? a|au-dela de|depassant",
    "moins-de": r"moins d[e']|inferieure?s? a|au plus|au maximum|jusqu'a",
    "pres-de": r"pres d[e']|environ|quelques?|de l'ordre de|presque",
}
"""The words before a number that say its nature. « En plus de » and « autour de » may say nothing of it."""
_BEFORE: Final = {
    name: re.compile(rf"(?<!\w)(?<!en )(?:{words}) ?(?:l'|les? |la )?$") for name, words in _QUALIFIERS.items()
}
_REACH: Final = 40
"""Characters before a number among which such words are looked for."""
_OF_WHICH: Final = re.compile(r"(?<!\w)(?:dont|y compris|parmi lesquels)(?: [\w']+){0,3} ?$")
"""What stands before a number that is a part of another: « dont 1 milliard »."""
_PRINTED: Final = CPER + "valeurPubliee"
_NEVER_QUOTED: Final = frozenset({CPER + "divergeDe"})
"""What no document says: it does not know the others."""
_MAX_NAME: Final = 100
"""Words of a name that are looked for near each other."""
_MORE_WORDS: Final = 6
"""Words before a name that may be the beginning of a longer one: « Préfecture de la » before « région Bretagne »."""
_WORDS_BETWEEN: Final = 3
"""Words that may stand between a number and what it counts."""


@dataclass(frozen=True)
class QuotedStatement:
    """A statement: its IRI, its quotation, the properties that it attests and the things that it speaks of."""

    iri: str
    words: str
    attests: frozenset[str]
    bodies: tuple[Node, ...]

    @cached_property
    def quantities(self) -> frozenset[tuple[Decimal, str]]:
        """The numbers of the words, each with its unit."""
        return frozenset((each.value, each.unit) for each in french.quantities(self.words))

    @cached_property
    def plain(self) -> str:
        """The words in one form of apostrophe and white space, without case."""
        return comparable(self.words)


def comparable(text: str) -> str:
    """Return a text without case, with plain apostrophes, hyphens and single spaces; accents stay.

    >>> comparable("L’État  –  Région")
    "l'état - région"
    """
    return _plain(text).casefold()


def _plain(text: str) -> str:
    """Return a text with composed letters, plain apostrophes, hyphens and single spaces."""
    plain = unicodedata.normalize("NFC", french.single_spaced(text)).replace("’", "'")
    return re.sub("[‐-―]", "-", plain)


def without_qualifier(name: str) -> str:
    """Return a name without the parenthesis at its end that tells it from others.

    >>> without_qualifier("Ports fictifs (fictif)")
    'Ports fictifs'
    """
    return name.rpartition("(")[0].rstrip() if name.endswith(")") and "(" in name else name


def french_names(graph: Graph, node: Term, predicates: Iterable[str] = NAMES) -> list[str]:
    """Return the names of a thing in French, or in no language."""
    names = (text for predicate in predicates for text in graph.all(node, predicate))
    return [each.value for each in names if isinstance(each, RdfLiteral) and each.language in (None, "fr")]


class QuotationReader:
    """Looks for values in quotations; `graph` describes the things, `ontology` the classes, `bodies` are those by `slug`."""

    def __init__(self, graph: Graph, ontology: Graph, bodies: Mapping[str, Collection[Term]] = {}) -> None:
        self._graph = graph
        self._ontology = ontology
        self._bodies = bodies

    def verdict(self, statement: QuotedStatement, body: Node, predicate: str, value: Term) -> Verdict:
        """Return whether the words of a statement have a value of a property of `body`."""
        if isinstance(value, RdfLiteral):
            return self._literal(statement, body, predicate, value)
        return _verdict(self._names(statement, body, predicate, value))

    def _literal(self, statement: QuotedStatement, body: Node, predicate: str, value: RdfLiteral) -> Verdict:
        datatype = value.datatype.value
        if datatype in _NUMBERS:
            return _verdict(self._number(statement, body, predicate, value))
        if datatype == XSD + "boolean":
            return "absent"  # no words say whether a euro is counted once
        if datatype in _READERS:
            found = _READERS[datatype](value.value, statement.words)
            if datatype == XSD + "gYear" and found:
                found = predicate not in _OWN_YEAR or int(value.value) in _OWN_YEAR[predicate](statement.words)
            return "found" if found else self._day_of_document(statement, value.value) or _verdict(found)
        if value.language or datatype == XSD + "string":
            return _verdict(self._text(statement, body, predicate, value))
        return _verdict(_has_text(value.value, statement)) if datatype == XSD + "anyURI" else "unknown"

    def _number(self, statement: QuotedStatement, body: Node, predicate: str, value: RdfLiteral) -> bool | None:
        """Return whether the words have a number, with the unit of its property."""
        number = decimal_of(value.value)
        if number is None:
            return None
        sign = SIGNS.get(unit_of(predicate, self._graph.value(body, UNIT)))
        units = {sign} if sign else {"", *SIGNS.values()} if predicate in IN_UNIT else {""}
        return any((number, unit) in statement.quantities for unit in units)

    def _day_of_document(self, statement: QuotedStatement, text: str) -> Verdict | None:
        """Return "found" for a day whose words lack the year, if it is that of the document.

        "absent" if the words give another day of the week; "unknown" if nothing says the year.
        """
        match = _ISO_DAY.fullmatch(text)
        if not match or (int(match[2]), int(match[3])) not in french.days_without_year(statement.words):
            return None
        month, day = int(match[2]), int(match[3])
        said = {weekday for *found, weekday in french.weekdays(statement.words) if found == [month, day]}
        if said and date(int(match[1]), month, day).weekday() not in said:
            return "absent"
        documents = self._graph.all(NamedNode(statement.iri), PROV + "wasQuotedFrom")
        issued = {self._graph.value(each, DCT + "issued")[:4] for each in documents}
        return "found" if match[1] in issued else "unknown"

    def _text(self, statement: QuotedStatement, body: Node, predicate: str, value: RdfLiteral) -> bool:
        text = value.value
        if value.language and value.language.partition("-")[0] != "fr":
            return True  # A translation: its numbers are compared with those of the French text.
        if predicate in OWN_WORDS:
            return numbers(text) <= numbers(statement.words) | self.known_numbers(body)
        if predicate in NAMES and predicate != DCT + "title":
            return any(self._has_name(statement, body, each) for each in self._without_additions(body, text))
        return _has_text(text, statement)

    def _has_name(self, statement: QuotedStatement, body: Node, name: str) -> bool:
        """Return whether the words have a name of `body`: whole where they quote it, else word after word."""
        quoted = {comparable(each) for each in _QUOTED.findall(statement.words) if each.strip()}
        if self._graph.all(body, SKOS + "notation") and comparable(name) in quoted:
            return True
        # The name of a contract is put together: « le contrat de plan État-Région (CPER) 2021-2027 … dans la région ».
        has_name = _in_order if CPER + "Contrat" in self._graph.types(body) else _in_a_row
        return has_name(name, statement.words) and not self._shortened(name, quoted)

    def _without_additions(self, body: Node, name: str) -> Iterator[str]:
        """Yield a name, and the name without what we add to tell things apart: « (fictif) », its territory."""
        plain = without_qualifier(name)
        yield from (name, plain)
        for territory in self._graph.all(body, CPER + "territoire"):
            for place in french_names(self._graph, territory):
                if (without := plain.removesuffix(f" {without_qualifier(place)}")) != plain:
                    yield without.rstrip(",")

    @staticmethod
    def _shortened(text: str, quoted: Iterable[str]) -> bool:
        """Return whether a name is a part of a title that the words quote whole."""
        plain = comparable(text)
        return any(plain != each and _in_order(plain, each) for each in quoted)

    def known_numbers(self, body: Node) -> set[Decimal]:
        """Return the numbers of `body` and of what it names: a text that we wrote about it may mention them."""
        things = [body, *(each for values in self._graph.properties(body).values() for each in values)]
        return {
            number
            for each in things
            if not isinstance(each, RdfLiteral)
            for notation in self._graph.all(each, SKOS + "notation")
            for number in numbers(notation.value)
        }

    def _names(self, statement: QuotedStatement, body: Node, predicate: str, value: NamedNode | BlankNode) -> bool:
        """Return whether the words name a thing."""
        if predicate in _NEVER_QUOTED or (predicate == CPER + "nature" and value.value == _ROUNDED):
            return False
        if predicate == CPER + "nature" and value.value == EXACT:
            printed = self._graph.value(body, _PRINTED)
            return None in natures_said(printed, statement.words)
        if predicate == CPER + "composeDe":
            return is_printed(self._graph.value(value, _PRINTED), statement.words)
        if predicate == CPER + "partieDe" and is_of_which(
            self._graph.value(body, _PRINTED), self._graph.value(value, _PRINTED), statement.words
        ):
            return True
        if value in statement.bodies:  # a part of what the words speak of: an address of a contact
            return True
        if isinstance(value, NamedNode) and _has_address(value.value, statement):
            return True
        if self._is_of_another_region(statement, body, predicate):
            return False
        texts = [*french_names(self._graph, value), *self._names_by_kind(value)]
        texts += [each for name in texts for each in french.contracted(name)]
        kinds = [
            name for kind in self._graph.all(value, ORG + "classification") for name in french_names(self._graph, kind)
        ]
        classes = [*self._class_names(value), *self._type_names(value)]
        return (
            any(self._is_named(value, without_qualifier(each), statement.words) for each in texts)
            or (
                self._is_the_one(body, predicate, value)
                and any(_is_named_alone(each, statement.words) for each in kinds)
            )
            or self._is_numbered(value, classes, statement)
            or self._is_counted(body, predicate, statement)
        )

    def names_body(self, statement: QuotedStatement, body: Node, value: Term) -> bool:
        """Return whether the words have a name of a signatory, or its kind if it is the only one: no office, no number of bodies."""
        kinds = {*self._graph.all(value, ORG + "classification")}
        contracts = self._graph.all(body, CPER + "contrat")
        signed = {each for contract in contracts for each in self._graph.all(contract, CPER + "signePar")} - {value}
        kinds -= {kind for each in signed for kind in self._graph.all(each, ORG + "classification")}
        own = french_names(self._graph, value, _OWN_NAMES)
        names = [*own, *(each for name in own for each in french.contracted(name)), *self._names_by_kind(value)]
        return any(self._is_named(value, without_qualifier(each), statement.words) for each in names) or any(
            _is_named_alone(name, statement.words)
            for kind in kinds
            for name in french_names(self._graph, kind, _OWN_NAMES)
        )

    def _is_named(self, value: Term, name: str, quotation: str) -> bool:
        """Return whether a quotation has a name of a thing; that of a body does not end the longer name of another body."""
        if not self._graph.all(value, ORG + "classification"):
            return is_named(name, quotation)
        least = slug(name).count("-") + 2
        before = (slug(_plain(quotation)[:end]).split("-") for end in _ends(name, quotation))
        return any(
            all(
                value in self._bodies.get("-".join(words[-count:]), (value,))
                for count in range(least, least + _MORE_WORDS)
            )
            for words in before
        )

    def _is_the_one(self, body: Node, predicate: str, value: Term) -> bool:
        """Return whether the kind of a funder may name it: « la Région » is the one that has signed the contract, if one has."""
        kinds = self._graph.all(value, ORG + "classification")
        contracts = self._graph.all(body, CPER + "contrat") if predicate == CPER + "financeur" else ()
        signed = [each for contract in contracts for each in self._graph.all(contract, CPER + "signePar")]
        return value in signed or not any(
            kind in self._graph.all(each, ORG + "classification") for each in signed for kind in kinds
        )

    def _is_of_another_region(self, statement: QuotedStatement, body: Node, predicate: str) -> bool:
        """Return whether the prefect whom the words name is that of another region than the contract is of."""
        words = f"-{slug(_plain(statement.words))}-" if predicate == PROV + "agent" else ""
        if "-prefet" not in words:
            return False
        contracts = self._graph.all(body, CPER + "contrat")
        places = [place for each in contracts for place in self._graph.all(each, CPER + "territoire")]
        if not any(_REGION in self._graph.types(each) for each in places):
            return False  # of several regions
        regions = {slug(each.name) for each in identifiers_like(f"{INSEE}region/").values()}
        own = {slug(without_qualifier(name)) for each in places for name in french_names(self._graph, each)}
        named = {
            each
            for each in regions
            if re.search(rf"-prefete?-(?:de-)?(?:la-)?region-(?:(?:d|de|du|des|de-la)-)?{each}-", words)
        }
        return bool(named) and named.isdisjoint(own)

    def _class_names(self, node: Term) -> list[str]:
        """Return the French names of the classes of a thing, as the ontology gives them."""
        classes = (each for each in self._graph.types(node) if each.startswith(VOCABULARIES))
        return [name for cls in classes for name in self._labels(cls)]

    def _names_by_kind(self, node: Term) -> list[str]:
        """Return the names of a body with other words for its kind: « conseil départemental du Nord »."""
        kinds = [french_names(self._graph, kind) for kind in self._graph.all(node, ORG + "classification")]
        return [
            f"{other}{name.removeprefix(word)}"
            for name in french_names(self._graph, node)
            for words in kinds
            for word in words
            if name.startswith(f"{word} ")
            for other in words
            if other != word
        ]

    def _type_names(self, node: Term) -> list[str]:
        """Return the French names of the kinds of a thing: « axe », « volet » for a subdivision."""
        return [
            folded(name) for kind in self._graph.all(node, DCT + "type") for name in french_names(self._graph, kind)
        ]

    def _labels(self, term: str) -> list[str]:
        """Return the French names of a term of the ontology."""
        found = french_names(self._ontology, NamedNode(term), (RDFS + "label", SKOS + "altLabel"))
        return [folded(each) for each in found]

    def _is_numbered(self, node: Term, classes: Iterable[str], statement: QuotedStatement) -> bool:
        """Return whether the words name a thing by its class and number: « Axe 2 », « axes 2 et 3 »."""
        own = {each.value for each in self._graph.all(node, SKOS + "notation")}
        words = folded(french.in_figures(french.single_spaced(statement.words)))
        return any(
            number in own
            for cls in classes
            for match in re.finditer(rf"(?<!\w){re.escape(cls)}{_NUMBERED}", words)
            for number in re.findall("[0-9]+", match[1])
        )

    def _is_counted(self, body: Node, predicate: str, statement: QuotedStatement) -> bool:
        """Return whether the words count the values of a property: « neuf signataires »."""
        values = self._graph.all(body, predicate)
        words = _WORD.findall(folded(french.in_figures(french.single_spaced(statement.words))))
        if len(values) < 2 or str(len(values)) not in words:
            return False
        counted = {*self._labels(predicate)}
        for each in values:
            counted |= {*self._class_names(each), *self._type_names(each)}
        places = [place for place, word in enumerate(words) if word == str(len(values))]
        return any(
            _singular(word) in map(_singular, counted)
            for place in places
            for word in words[place + 1 : place + 1 + _WORDS_BETWEEN]
        )


def _printed_in(printed: str, words: str) -> Iterator[re.Match[str]]:
    """Yield where a printed value stands in words, both folded and comparable."""
    return re.finditer(rf"(?<![\w,.]){re.escape(printed)}(?!\w)", words) if printed else iter(())


def natures_said(printed: str, words: str, start: int = 0) -> list[str | None]:
    """Return the nature that each mention of a printed value in words has, None for one without a word that says it.

    `start` is where the mentions that count begin in the folded words.

    >>> natures_said("86 projets", "plus de 86 projets, soit 86 projets")
    ['plus-de', None]
    """
    text = folded(comparable(words))
    return [
        next(
            (
                name
                for name, before in _BEFORE.items()
                if before.search(text[max(0, match.start() - _REACH) : match.start()])
            ),
            None,
        )
        for match in _printed_in(folded(comparable(printed)), text)
        if match.start() >= start
    ]


def is_printed(printed: str, words: str) -> bool:
    """Return whether a printed value stands in words."""
    return any(True for _ in _printed_in(folded(comparable(printed)), folded(comparable(words))))


def stands_after_dont(printed: str, words: str) -> bool:
    """Return whether each mention of a printed value in words is said to be a part of something.

    >>> stands_after_dont("1 milliard", "dont 1 milliard dès 2020"), stands_after_dont("1 milliard", "1 milliard")
    (True, False)
    """
    text = folded(comparable(words))
    said = [
        bool(_OF_WHICH.search(text[max(0, match.start() - _REACH) : match.start()]))
        for match in _printed_in(folded(comparable(printed)), text)
    ]
    return bool(said) and all(said)


def is_of_which(printed: str, whole: str, words: str) -> bool:
    """Return whether words print a value as a part of the whole that they print before it.

    >>> is_of_which("40 M€", "150 M€", "150 M€, dont 40 M€"), is_of_which("40 M€", "150 M€", "dont 40 M€")
    (True, False)
    """
    return stands_after_dont(printed, words) and is_printed(whole, words)


def _verdict(found: bool | None) -> Verdict:
    return "unknown" if found is None else "found" if found else "absent"


def decimal_of(text: str) -> Decimal | None:
    """Return a number in figures, None if it is none, or too long to be one of a text.

    >>> decimal_of("57.3"), decimal_of("sNaN"), decimal_of("1e999999")
    (Decimal('57.3'), None, None)
    """
    return Decimal(text) if _PLAIN_NUMBER.fullmatch(text) else None


def _has_day(text: str, words: str) -> bool | None:
    try:
        return date.fromisoformat(text[:10]) in french.days(words)
    except ValueError:
        return None


def _has_year(text: str, words: str) -> bool | None:
    return int(text) in french.years(words) if re.fullmatch("[0-9]{4}", text) else None


def _has_month(text: str, words: str) -> bool | None:
    match = re.fullmatch("([0-9]{4})-([0-9]{2})", text)
    return (int(match[1]), int(match[2])) in french.months(words) if match else None


def _has_day_of_year(text: str, words: str) -> bool | None:
    match = re.fullmatch("--([0-9]{2})-([0-9]{2})", text)
    day = match and (int(match[1]), int(match[2]))
    with_year = {(each.month, each.day) for each in french.days(words)}
    return day in french.days_without_year(words) | with_year if day else None


def _has_month_of_year(text: str, words: str) -> bool | None:
    match = re.fullmatch("--(0[1-9]|1[0-2])", text)
    return match and french.MONTHS[int(match[1]) - 1] in _WORD.findall(words.casefold())


_OWN_YEAR: Final = {
    DCT + "date": french.years_alone,
    DCAT + "startDate": french.first_years,
    DCAT + "endDate": french.last_years,
}
"""The years of a text that are not just those of a day in it, by the property of which they are a value."""
_READERS: Final[dict[str, Callable[[str, str], bool | None]]] = {
    XSD + "date": _has_day,
    XSD + "dateTime": _has_day,
    XSD + "gYear": _has_year,
    XSD + "gYearMonth": _has_month,
    XSD + "gMonthDay": _has_day_of_year,
    XSD + "gMonth": _has_month_of_year,
}
"""How values of each datatype are looked for in a text."""


def _has_text(text: str, statement: QuotedStatement) -> bool:
    """Return whether the words have a text, whose parts are separated by « […] », or a code, digit by digit."""
    if re.fullmatch(r"[0-9]{4,}", text):
        return re.search(rf"(?<![0-9]){' ?'.join(text)}(?![0-9])", french.single_spaced(statement.words)) is not None
    place = 0
    parts = [plain for part in text.split(_OMISSION) if (plain := comparable(part).strip(" ."))]
    for plain in parts:
        match = re.compile(rf"(?<!\w){re.escape(plain)}(?!\w)").search(statement.plain, place)
        if not match:
            return False
        place = match.end()
    return bool(parts)


def _has_address(iri: str, statement: QuotedStatement) -> bool:
    """Return whether the words have a telephone number, an e-mail address or a web address."""
    scheme, _, rest = iri.partition(":")
    if scheme == "tel":
        digits = re.sub("[^0-9]", "", rest)
        national = "0" + digits.removeprefix("33") if rest.startswith("+33") else digits
        return any(each in re.sub("[^0-9]", "", statement.words) for each in (digits, national))
    address = rest if scheme == "mailto" else iri.partition("://")[2].removeprefix("www.").rstrip("/")
    return bool(address) and re.search(rf"(?<![\w-]){re.escape(address)}(?![\w-])", statement.words) is not None


def _matches(name: str, quotation: str, more: int) -> Iterator[tuple[list[re.Match[str]], list[int]]]:
    """Yield the words of a quotation with the places of those of a name, in their order and so many `more` words at most.

    From each place of the first word; a name does not end inside a compound: « Nord » is not in « Nord-Est ».
    """
    part, whole = _WORD.findall(_plain(name))[:_MAX_NAME], list(_WORD.finditer(_plain(quotation)))
    for first in (place for place, word in enumerate(whole) if part and _is_word(part[0], word[0])):
        rest, places = iter(range(first, min(first + len(part) + more, len(whole)))), list[int]()
        for word in part:
            places += islice((place for place in rest if _is_word(word, whole[place][0])), 1)
        last = whole[places[-1]]
        if len(places) == len(part) and not _COMPOUND.match(last.string, last.end()):
            yield whole, places


def _in_order(text: str, quotation: str) -> bool:
    """Return whether the words of a name are in a quotation, in their order."""
    return any(True for _ in _matches(text, quotation, len(quotation)))


def _in_a_row(text: str, quotation: str) -> bool:
    """Return whether the words of a name follow each other in a quotation.

    There may be articles between them, and what is counted with them: « des plans de relance de l'État et de la Région ».

    >>> _in_a_row("Recherche et innovation", "la recherche et l'innovation"), _in_a_row("Enjeu breton", "l'enjeu naval breton")
    (True, False)
    """
    found = _matches(text, quotation, len(text) + _MAX_GAP)
    return any(all(_is_gap(whole[one + 1 : other]) for one, other in pairwise(places)) for whole, places in found)


def _is_gap(words: Sequence[re.Match[str]]) -> bool:
    """Return whether words may stand between two of a name: articles, or a few with « et »."""
    gap = [word[0].lower() for word in words]
    return _SMALL_WORDS.issuperset(gap) or ("et" in gap and len(gap) <= _MAX_GAP)


_SMALL_WORDS: Final = frozenset(
    ["l", "le", "la", "les", "d", "de", "des", "du", "un", "une", "et", "à", "au", "aux", "en", "par", "pour", "sur"]
)
_MAX_GAP: Final = 5
"""Words that may be counted with those of a name."""


def _is_word(word: str, quoted: str) -> bool:
    """Return whether a quoted word is that of a name, in the singular or plural; only capitals may lack their accents.

    >>> _is_word("État", "Etat"), _is_word("État", "ETATS"), _is_word("Etat", "État"), _is_word("écoles", "ecoles")
    (True, True, False, False)
    """
    one, other = _singular(word.casefold()), _singular(quoted.casefold())
    if one == other or not quoted[0].isupper():
        return one == other
    return other in (folded(one[0]) + one[1:], folded(one) if quoted.isupper() else one)


def _singular(word: str) -> str:
    """Return a word without the mark of the plural; short words as they are, so that « le » is not « les »."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def is_named(name: str, quotation: str) -> bool:
    """Return whether a quotation has a name: its words in order and near each other, whatever their number.

    >>> is_named("Plan de relance de la Région", "des plans de relance de l'État et de la Région")
    True
    """
    return any(True for _ in _ends(name, quotation))


def _is_named_alone(kind: str, quotation: str) -> bool:
    """Return whether a quotation has the name of a kind without that of one of its kind.

    >>> [_is_named_alone("Département", each) for each in ("les Départements et l'État", "le Département du Nord")]
    [True, False]
    """
    return any(not _FULLER.match(_plain(quotation), end) for end in _ends(kind, quotation))


_FULLER: Final = re.compile(r"(?: (?!(?:et|ou)\b)(?:[dl]')?[^\W\dA-ZÀ-Þ]\w*){0,3} (?:[dl]')?[A-ZÀ-Þ]")
"""What follows the name of a kind in the name of one: « du Nord », « fictive d'Armorique »."""


def _ends(name: str, quotation: str) -> Iterator[int]:
    """Yield where each mention of a name ends in a quotation."""
    near = len(_WORD.findall(_plain(name))[:_MAX_NAME]) - 1
    return (whole[places[-1]].end() for whole, places in _matches(name, quotation, near))


def numbers(text: str) -> set[Decimal]:
    """Return the numbers that stand in figures in a French text.

    >>> sorted(map(str, numbers("57,3 % de 2 757 M€")))
    ['2757', '57.3']
    """
    plain = french.single_spaced(text)
    return {french.matched_number(match).normalize() + 0 for match in french.BARE.finditer(plain)}

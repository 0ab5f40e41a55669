"""The graph of a contract under construction: in which file each resource goes, and which cell it comes from."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DEFINITIONS, PREFIXES, XSD
from cper_lod.core.quoted_text import Place
from cper_lod.core.units import EURO, PERCENT
from cper_lod.importing.contracts.model import CellFinding, CellLocation, Record, shorter
from cper_lod.importing.contracts.texts import DocumentText

Term = NamedNode | Literal
Labels = tuple[str, str]
"""A label in French and in English."""

CODE: Final = f"{DEFINITIONS}code/"
UNITS: Final = {"EUR": EURO, "PERCENT": PERCENT}
FRENCH: Final = NamedNode("http://publications.europa.eu/resource/authority/language/FRA")
MAX_WORDS: Final = 12
"""Words of a quotation from a document of others, of which there is no copy here."""
_DECIMAL: Final = NamedNode(XSD + "decimal")


def node(name: str) -> NamedNode:
    """Return a named node from an absolute IRI or a prefixed name.

    >>> node("skos:notation").value
    'http://www.w3.org/2004/02/skos/core#notation'
    """
    prefix, _, rest = name.partition(":")
    return NamedNode(PREFIXES[prefix] + rest if prefix in PREFIXES and not rest.startswith("//") else name)


def fr(text: str) -> Literal:
    """Return a French text."""
    return Literal(text, language="fr")


def number_literal(value: Decimal) -> Literal:
    """Return a decimal number in its canonical form.

    >>> number_literal(Decimal("1E+6")).value, number_literal(Decimal("57.30")).value
    ('1000000', '57.3')
    """
    whole, _, part = f"{value:f}".partition(".")
    return Literal(".".join(filter(None, (whole, part.rstrip("0")))), datatype=_DECIMAL)


def year_literal(year: int) -> Literal:
    """Return a year."""
    return Literal(str(year), datatype=NamedNode(XSD + "gYear"))


@cache
def _words() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))


def words(key: str, **values: object) -> Labels:
    """Return a text of `words.toml` in French and in English; a value that is a pair is in both languages too."""
    french, english = (
        _words()[key][lang].format_map(
            {name: each[at] if isinstance(each, tuple) else each for name, each in values.items()}
        )
        for at, lang in enumerate(LANGUAGES)
    )
    return french, english


def literals(labels: Labels) -> tuple[Literal, Literal]:
    """Return a text in French and in English."""
    return fr(labels[0]), Literal(labels[1], language="en")


def with_translation(french: str, english: str = "") -> Labels:
    """Return a label in both languages; without a translation the English label quotes the French one."""
    return (french, english) if english else words("translation", french=french)


@dataclass
class QuotedFacts:
    """A quotation from a document that supports some properties of some things."""

    quotation: str
    document: str
    about: dict[str, None] = field(default_factory=dict)
    attests: dict[str, None] = field(default_factory=dict)
    place: Place | None = None
    """Where the words stand in the text of the document."""


@dataclass(frozen=True)
class Reason:
    """Why the words of a document are read in some way, in French and perhaps in English, and the properties read so."""

    attests: tuple[str, ...]
    french: str
    english: str


class ContractGraph:
    """Triples by file, the file of each subject, and the cell that each subject comes from."""

    def __init__(
        self, slug: str, codes: Mapping[str, Labels], document: str, texts: Mapping[str, DocumentText], site: SiteNames
    ) -> None:
        """`codes` are the labels of each code; `document` is the source of what names no other; `texts` are those of documents."""
        self.slug = slug
        self.codes = codes
        self.site = site
        self.contract = site.contracts + slug
        self.document = document
        self.texts = texts
        self.publisher = ""
        self.files: dict[str, list[Quad]] = {}
        self.file_of: dict[str, str] = {}
        self.locations: dict[str, CellLocation] = {}
        self.labels: dict[str, Labels] = {}
        self.numbers: dict[str, tuple[str, str]] = {}
        """The word and the number of each subdivision that has one."""
        self.near: dict[str, str] = {}
        """The name of another body that the name of a new one nearly is."""
        self.findings: list[CellFinding] = []
        """What was found about cells while the graph was made."""
        self.statements: dict[str, QuotedFacts] = {}
        self.readings: dict[Reason, str] = {}
        """The IRI of the reading for each reason: rows with the same reason have one reading."""
        self.shared: list[tuple[str, tuple[str, ...], list[str]]] = []
        """What several quotations of one cell support together: a thing, its properties, the statements."""

    def describe(self, file: str, iri: str, location: CellLocation, types: str, labels: Labels) -> None:
        """Start the description of a resource: its file, its classes and its label."""
        self.file_of[iri] = file
        self.labels[iri] = labels
        self.locations.setdefault(iri, location)
        self.add(iri, "rdf:type", *types.split())
        self.add(iri, "skos:prefLabel", *literals(labels))

    def describe_part(self, iri: str, location: CellLocation, types: str, labels: Labels) -> None:
        """Start the description of a resource that is a part of the contract."""
        self.describe("contracts", iri, location, types, labels)
        self.add(iri, "cper:contrat", self.contract)

    def add(self, iri: str, predicate: str, *objects: Term | str) -> None:
        """Add triples about a resource to its file; an empty text is none."""
        terms = [node(each) if isinstance(each, str) else each for each in objects if each]
        quads = self.files.setdefault(self.file_of[iri], [])
        quads += [Quad(NamedNode(iri), node(predicate), each) for each in terms if each.value]

    def quote(
        self, record: Record, column: str, key: str, about: str, attests: Iterable[str], default: str = ""
    ) -> None:
        """Add a statement for each quotation in a column of a record: the words support some properties of a resource.

        Its IRI is that in the record, or is made from `key`; a document has its own. Statements that have one IRI are one
        statement. What each of several quotations supports is known once all things are described (`shared`). `default` are the words where the column has none.
        Words of a document whose text is known are looked for in it.
        """
        source = record.items(f"{column}:document") or record.items("document") or (self.document,)
        occurrences = record.get(f"{column}:occurrence", tuple) or ()
        given = record.items(f"{column}:statement")
        start, is_document, rest = about.partition(self.site.documents)
        document = f"{is_document}{rest.partition('/')[0]}" if is_document and not start else ""
        quotations = record.items(column) or tuple(filter(None, (default,)))
        made = (f"{key}-{index + 1}" if index else key for index in range(len(quotations)))
        names = [*given, *[*made][len(given) :]][: len(quotations)]
        record.typed[f"{column}:statement"] = " | ".join(names)
        iris: list[str] = []
        for index, (name, quotation) in enumerate(zip(names, quotations, strict=True)):
            iri = f"{self.site.things}{name}" if "/" in name else f"{document or self.contract}/enonce/{name}"
            iris.append(iri)
            self.locations.setdefault(iri, record.location_of(column))
            statement = self.statements.setdefault(iri, QuotedFacts(quotation, document or source[0]))
            if statement.quotation != quotation:
                self.findings.append(record.finding(f"{column}:statement", "statement-differs", {"name": name}))
            is_long = len(quotation.split()) > MAX_WORDS and "dct:title" not in attests  # a title is quoted whole
            if is_long and statement.document not in self.texts and not statement.about:
                self.findings.append(record.finding(column, "quotation-long", {"limit": MAX_WORDS}, "warning"))
            statement.about |= {about: None}
            occurrence = occurrences[index] if index < len(occurrences) else 0
            if statement.document in self.texts and (occurrence or not statement.place):
                self.findings += self._find(statement, occurrence, record, column)
        if len(iris) == 1:
            self.statements[iris[0]].attests |= dict.fromkeys(attests)
        elif iris:
            self.shared.append((about, tuple(attests), iris))

    def _find(self, statement: QuotedFacts, occurrence: int, record: Record, column: str) -> Iterator[CellFinding]:
        """Look for the words of a statement in the text of its document; yield a finding unless they stand there once."""
        words, text = statement.quotation, self.texts[statement.document]
        places = text.quotable.find(words)
        if column not in record.values:  # the words are those of another cell
            column = next((key for key, value in record.values.items() if value == words), column)
        location, document = record.location_of(column), statement.document.rpartition("/")[2]
        if not places:
            key, values = text.nearest(words)
            yield CellFinding(location, key, {"document": document, **values}, excerpt=words)
        elif occurrence > len(places):
            values = {"words": shorter(words), "count": len(places)}
            yield record.finding(f"{column}:occurrence", "occurrence-missing", values)
        else:
            statement.place = places[max(occurrence, 1) - 1]
            if len(places) > 1 and not occurrence:
                values = {"document": document, "count": len(places), "passages": text.passages(places)}
                yield CellFinding(location, "words-repeated", values, "warning", words)

    def read(self, about: str, reason: Reason, name: str = "") -> None:
        """Give a thing the reading that has this reason; it is named `name`, or after the thing that has it first."""
        name = name or about.removeprefix(f"{self.contract}/").replace("/", "-")
        iri = self.readings.setdefault(reason, f"{self.contract}/lecture/{name}")
        self.locations.setdefault(iri, self.locations[about])
        self.add(about, "cper:lecture", iri)

    def write_readings(self, reader: str, day: Literal) -> None:
        """Add the triples of the readings: who read (`reader`), and on which day."""
        for reason, iri in self.readings.items():
            self.write_reading(iri, reader, day)
            self.add(iri, "cper:atteste", *reason.attests)
            self.add(iri, "dct:description", fr(reason.french), Literal(reason.english, language="en"))

    def write_reading(self, iri: str, reader: str, day: Literal) -> None:
        """Start the description of a reading."""
        self.file_of[iri] = "statements"
        self.add(iri, "rdf:type", "cper:Lecture")
        self.add(iri, "dct:creator", reader)
        self.add(iri, "dct:date", day)

    def write_statements(self) -> None:
        """Add the triples of the statements."""
        for iri, statement in self.statements.items():
            self.file_of[iri] = "statements"
            self.add(iri, "rdf:type", "cper:Enonce")
            self.add(iri, "cper:atteste", *statement.attests)
            self.add(iri, "oa:exact", Literal(statement.quotation))
            self.add(iri, "prov:wasQuotedFrom", statement.document)
            if statement.place:
                self.file_of[position := f"{iri}/position"] = "statements"
                self.add(iri, "cper:position", position)
                self.add(position, "rdf:type", "oa:TextPositionSelector")
                self.add(position, "oa:start", Literal(statement.place.start))
                self.add(position, "oa:end", Literal(statement.place.end))
            for each in statement.about:
                self.add(each, "cper:enonce", iri)

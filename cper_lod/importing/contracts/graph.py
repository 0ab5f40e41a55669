"""The graph of a contract under construction: in which file each resource goes, and which cell it comes from."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import BASE, PREFIXES, XSD
from cper_lod.importing.contracts.model import QUOTATION_DETAILS, CellFinding, CellLocation, Record

Term = NamedNode | Literal
Labels = tuple[str, str]
"""A label in French and in English."""

ID: Final = f"{BASE}id/"
EURO: Final = NamedNode("http://publications.europa.eu/resource/authority/currency/EUR")
FRENCH: Final = NamedNode("http://publications.europa.eu/resource/authority/language/FRA")
TRIAL_MARKS: Final = (" (fictif)", " (fictitious)")


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


def en(text: str) -> Literal:
    """Return an English text."""
    return Literal(text, language="en")


def decimal_literal(value: Decimal) -> Literal:
    """Return a decimal number, written without an exponent.

    >>> decimal_literal(Decimal("1E+6")).value, decimal_literal(Decimal("57.30")).value
    ('1000000', '57.3')
    """
    return Literal(f"{value.normalize():f}", datatype=NamedNode(XSD + "decimal"))


def date_literal(value: date | int) -> Literal:
    """Return a date, or a year."""
    kind = "date" if isinstance(value, date) else "gYear"
    return Literal(str(value), datatype=NamedNode(XSD + kind))


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
    return fr(labels[0]), en(labels[1])


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
    place: int | None = None


class ContractGraph:
    """Triples by file, the file of each subject, and the cell that each subject comes from."""

    def __init__(self, slug: str, trial: bool, codes: Mapping[str, Labels]) -> None:
        """`codes` are the labels of each code."""
        self.slug = slug
        self.trial = trial
        self.codes = codes
        self.contract = f"{ID}contrat/{slug}"
        self.publisher = ""
        self.documents: dict[int, str] = {}
        """The IRI of each source by its number."""
        self.files: dict[str, list[Quad]] = {}
        self.file_of: dict[str, str] = {}
        self.locations: dict[str, CellLocation] = {}
        self.findings: list[CellFinding] = []
        """What was found about cells while the graph was made."""
        self.statements: dict[str, QuotedFacts] = {}

    def marked(self, french: str) -> str:
        """Return a French name, marked as fictitious if the contract is a trial."""
        return french + TRIAL_MARKS[0] if self.trial else french

    def mark_trial(self, labels: Labels) -> Labels:
        """Return the labels, marked as fictitious if the contract is a trial."""
        return self.marked(labels[0]), labels[1] + TRIAL_MARKS[1] if self.trial else labels[1]

    def describe(self, file: str, iri: str, location: CellLocation, types: str, labels: Labels) -> None:
        """Start the description of a resource: its file, its classes and its label."""
        self.file_of[iri] = file
        self.locations.setdefault(iri, location)
        self.add(iri, "rdf:type", *types.split())
        self.add(iri, "skos:prefLabel", *literals(self.mark_trial(labels)))

    def describe_part(self, file: str, iri: str, location: CellLocation, types: str, labels: Labels) -> None:
        """Start the description of a resource that is a part of the contract."""
        self.describe(file, iri, location, types, labels)
        self.add(iri, "cper:contrat", self.contract)

    def add(self, iri: str, predicate: str, *objects: Term | str) -> None:
        """Add triples about a resource to its file; an empty text is none."""
        terms = [node(each) if isinstance(each, str) else each for each in objects if each]
        quads = self.files.setdefault(self.file_of[iri], [])
        quads += [Quad(NamedNode(iri), node(predicate), each) for each in terms if each.value]

    def add_texts(self, iri: str, predicate: str, record: Record, key: str) -> str:
        """Add the text of a column, and its translation; return the predicate (after a space), or "" if there is none."""
        texts = record.text(key), record.text(f"{key}_en")
        self.add(iri, predicate, *literals(texts))
        return f" {predicate}" if any(texts) else ""

    def quote(
        self, record: Record, column: str, key: str, about: str, attests: str, *, index: int = 0, document: str = ""
    ) -> None:
        """Add a statement: the quotation in a column of a record, if there is one, supports some properties of a resource.

        Its IRI is that in the record, or is made from `key`. Statements that have one IRI are one statement. `index`
        chooses one of several quotations, or the second statement of one. `document` is that of the record, unless given.
        """
        if column not in record.values:
            return
        base = column.removesuffix(":citation")
        number = record.get(f"{base}:source", int) or record.get("source", int) or 1
        quotations = record.get(column, tuple) or (record.text(column),)
        place, names = (record.get(f"{base}:{detail}", tuple) or () for detail in QUOTATION_DETAILS)
        name = names[index] if index < len(names) else key
        iri = f"{ID}{name}" if "/" in name else f"{self.contract}/enonce/{name}"
        self.locations.setdefault(iri, record.location_of(column))
        statement = self.statements.setdefault(
            iri, QuotedFacts(quotations[min(index, len(quotations) - 1)], document or self.documents[number])
        )
        statement.about |= {about: None}
        statement.attests |= dict.fromkeys(attests.split())
        if place:
            statement.place = place[min(index, len(place) - 1)]

    def write_statements(self) -> None:
        """Add the triples of the statements."""
        for iri, statement in self.statements.items():
            self.file_of[iri] = "statements"
            self.add(iri, "rdf:type", "cper:Enonce")
            self.add(iri, "cper:atteste", *statement.attests)
            self.add(iri, "cper:citation", fr(statement.quotation))
            self.add(iri, "oa:hasBody", *statement.about)
            self.add(iri, "prov:wasDerivedFrom", statement.document)
            if statement.place is not None:
                self.add(iri, "schema:position", Literal(statement.place))
            for each in statement.about:
                self.add(each, "cper:enonce", iri)

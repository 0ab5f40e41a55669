"""The graph of a contract under construction: in which file each resource goes, and which cell it comes from."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import BASE, PREFIXES, XSD
from cper_lod.importing.contracts.model import CellFinding, CellLocation

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
    return NamedNode(name if rest.startswith("//") else PREFIXES[prefix] + rest)


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


def with_translation(french: str, english: str = "") -> Labels:
    """Return a label in both languages; without a translation the English label quotes the French one."""
    return french, english or f"“{french}” (in French)"


class ContractGraph:
    """Triples by file, the file of each subject, and the cell that each subject comes from."""

    def __init__(self, slug: str, trial: bool) -> None:
        self.slug = slug
        self.trial = trial
        self.contract = f"{ID}contrat/{slug}"
        self.document = f"{ID}document/{slug}-source"
        self.files: dict[str, list[Quad]] = {}
        self.file_of: dict[str, str] = {}
        self.locations: dict[str, CellLocation] = {}
        self.findings: list[CellFinding] = []
        """What was found about cells while the graph was made."""

    def mark_trial(self, labels: Labels) -> Labels:
        """Return the labels, marked as fictitious if the contract is a trial."""
        return tuple(text + mark for text, mark in zip(labels, TRIAL_MARKS, strict=True)) if self.trial else labels  # type: ignore[return-value]

    def describe(self, file: str, iri: str, location: CellLocation, types: str, labels: Labels) -> None:
        """Start the description of a resource: its file, its classes and its label."""
        self.file_of[iri] = file
        self.locations.setdefault(iri, location)
        self.add(iri, "rdf:type", *types.split())
        french, english = self.mark_trial(labels)
        self.add(iri, "skos:prefLabel", fr(french), en(english))

    def add(self, iri: str, predicate: str, *objects: Term | str) -> None:
        """Add triples about a resource to its file."""
        quads = self.files.setdefault(self.file_of[iri], [])
        quads += [
            Quad(NamedNode(iri), node(predicate), node(each) if isinstance(each, str) else each) for each in objects
        ]

    def add_statement(
        self, key: str, quotation: str, about: Iterable[str], attests: str, location: CellLocation
    ) -> None:
        """Add a statement: a quotation from the document that supports some properties of some resources."""
        document = key.startswith("document-")
        iri = f"{self.document if document else self.contract}/enonce/{key.removeprefix('document-')}"
        self.file_of[iri] = "statements"
        self.locations.setdefault(iri, location)
        self.add(iri, "rdf:type", "cper:Enonce")
        self.add(iri, "cper:atteste", *attests.split())
        self.add(iri, "cper:citation", fr(quotation))
        self.add(iri, "oa:hasBody", *about)
        self.add(iri, "prov:wasDerivedFrom", self.document)
        for each in about:
            self.add(each, "cper:enonce", iri)

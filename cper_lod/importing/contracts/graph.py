"""The triples of a contract in the making: in which file each goes, and which place of the workbook it comes from."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import BASE, PREFIXES, XSD
from cper_lod.importing.contracts.model import Place

Term = NamedNode | Literal
Labels = tuple[str, str]
"""A name in French and in English."""

ID: Final = f"{BASE}id/"
EURO: Final = NamedNode("http://publications.europa.eu/resource/authority/currency/EUR")
FRENCH: Final = NamedNode("http://publications.europa.eu/resource/authority/language/FRA")
_TRIAL: Final = (" (fictif)", " (fictitious)")


def node(name: str) -> NamedNode:
    """Return an IRI, written whole or with one of our prefixes.

    >>> node("skos:notation").value
    'http://www.w3.org/2004/02/skos/core#notation'
    """
    prefix, _, rest = name.partition(":")
    return NamedNode(name if rest.startswith("//") else PREFIXES[prefix] + rest)


def fr(text: str) -> Literal:
    """Return a text in French."""
    return Literal(text, language="fr")


def en(text: str) -> Literal:
    """Return a text in English."""
    return Literal(text, language="en")


def number(value: Decimal) -> Literal:
    """Return a decimal number, written without an exponent.

    >>> number(Decimal("1E+6")).value, number(Decimal("57.30")).value
    ('1000000', '57.3')
    """
    return Literal(f"{value.normalize():f}", datatype=NamedNode(XSD + "decimal"))


def when(value: date | int) -> Literal:
    """Return a day, or a year."""
    kind = "date" if isinstance(value, date) else "gYear"
    return Literal(str(value), datatype=NamedNode(XSD + kind))


def translated(french: str, english: str = "") -> Labels:
    """Return a name in both languages; without a translation, the English one quotes the French and says so."""
    return french, english or f"“{french}” (in French)"


class Facts:
    """The triples by file, the file of each subject, and the place of the workbook that each comes from."""

    def __init__(self, slug: str, trial: bool) -> None:
        self.slug = slug
        self.trial = trial
        self.contract = f"{ID}contrat/{slug}"
        self.document = f"{ID}document/{slug}-source"
        self.files: dict[str, list[Quad]] = {}
        self.home: dict[str, str] = {}
        self.origins: dict[str, Place] = {}

    def marked(self, labels: Labels) -> Labels:
        """Return a name, which says where it belongs to a trial that it is fictitious."""
        return tuple(text + mark for text, mark in zip(labels, _TRIAL, strict=True)) if self.trial else labels  # type: ignore[return-value]

    def describe(self, file: str, iri: str, place: Place, types: str, labels: Labels) -> None:
        """Begin the description of a thing: its file, its classes and its name."""
        self.home[iri] = file
        self.origins.setdefault(iri, place)
        self.add(iri, "rdf:type", *types.split())
        french, english = self.marked(labels)
        self.add(iri, "skos:prefLabel", fr(french), en(english))

    def add(self, iri: str, predicate: str, *objects: Term | str) -> None:
        """Add triples about a thing to the file that describes it."""
        quads = self.files.setdefault(self.home[iri], [])
        quads += [
            Quad(NamedNode(iri), node(predicate), node(each) if isinstance(each, str) else each) for each in objects
        ]

    def state(self, key: str, quotation: str, about: Iterable[str], attests: str, labels: Labels, place: Place) -> None:
        """Add a statement: the words of the document that support some properties of some things."""
        document = key.startswith("document-")
        iri = f"{self.document if document else self.contract}/enonce/{key.removeprefix('document-')}"
        passage = f"{self.document}/passage/{key}"
        self.describe(
            "statements", iri, place, "cper:Enonce oa:Annotation", ("Énoncé : " + labels[0], "Statement: " + labels[1])
        )
        self.add(iri, "cper:atteste", *attests.split())
        self.add(iri, "cper:citation", fr(quotation))
        self.add(iri, "oa:hasBody", *about)
        self.add(iri, "oa:hasTarget", passage)
        self.add(iri, "oa:motivatedBy", "oa:describing")
        self.add(iri, "prov:wasDerivedFrom", self.document)
        for each in about:
            self.add(each, "cper:enonce", iri)
        for part, words in ((passage, "oa:SpecificResource"), (f"{passage}/citation", "oa:TextQuoteSelector")):
            self.home[part] = "statements"
            self.origins[part] = place
            self.add(part, "rdf:type", words)
        self.add(passage, "oa:hasSelector", f"{passage}/citation")
        self.add(passage, "oa:hasSource", self.document)
        self.add(f"{passage}/citation", "oa:exact", fr(quotation))

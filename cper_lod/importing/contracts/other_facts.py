"""The sheet of other facts: things, properties by their name in the ontology, and values that no other sheet has."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import PREFIXES, RDFS, XSD, shorten
from cper_lod.core.text import did_you_mean, nearest, slug
from cper_lod.importing.contracts.graph import ID, ContractGraph, Term, node
from cper_lod.importing.contracts.model import CellFinding, Record, normalized_name
from cper_lod.rdf.reader import read
from cper_lod.release.sources.files import rdf_files, source_folder

_FORMS: Final[Mapping[str, str]] = {
    "texte": "string",
    "nombre": "decimal",
    "entier": "integer",
    "date": "date",
    "année": "gYear",
    "mois et année": "gYearMonth",
    "jour et mois": "gMonthDay",
    "mois": "gMonth",
    "durée": "duration",
    "vrai ou faux": "boolean",
}
"""The names of datatypes in the sheet."""
_LINK: Final = "lien"
_FILES: Final = (
    ("organisme/", "bodies"),
    ("territoire/", "territories"),
    ("document/", "statements"),
)
"""The file of a thing that no other sheet describes, by the start of its IRI; others are in the file of the contract."""


class Vocabulary:
    """The names of classes and properties: the labels of the ontology, where they name one term, else prefixed names."""

    def __init__(self, sources: Path) -> None:
        self._terms: dict[str, set[str]] = {}
        self._labels: dict[str, str] = {}
        for path in rdf_files(source_folder(sources, "ontology"), deep=False):
            for quad in read(path):
                term, label = quad.subject, quad.object
                if (
                    quad.predicate.value == RDFS + "label"
                    and isinstance(term, NamedNode)
                    and isinstance(label, Literal)
                ):
                    self._terms.setdefault(normalized_name(label.value), set()).add(term.value)
                    if label.language == "fr":
                        self._labels[term.value] = label.value

    def name(self, iri: str) -> str:
        """Return the name of a term."""
        label = self._labels.get(iri, "")
        return label if self._terms.get(normalized_name(label)) == {iri} else shorten(iri)

    def find(self, name: str) -> str | None:
        """Return the term with that name, None if there is none."""
        if len(found := self._terms.get(normalized_name(name), ())) == 1:
            return next(iter(found))
        return node(name).value if name.partition(":")[0] in PREFIXES or "://" in name else None

    def nearest(self, name: str) -> str:
        """Return the label that is most like a name, "" if none is."""
        return nearest(name, self._labels.values())


@dataclass(frozen=True)
class OtherFact:
    """A row: a thing, a property ("" for the whole thing), a value (None for no value)."""

    thing: str
    predicate: str
    value: Term | None
    record: Record

    @property
    def group(self) -> tuple[str, str, str]:
        """What the row replaces: the values of a property of a thing, in one language."""
        return self.thing, self.predicate, language(self.value)


def language(value: object) -> str:
    """Return the language of a text, "" for other values."""
    return (value.language or "") if isinstance(value, Literal) else ""


def read_facts(records: Iterable[Record], vocabulary: Vocabulary) -> tuple[list[OtherFact], list[CellFinding]]:
    """Return the facts of the rows, and what is wrong with other rows."""
    facts, findings = [], []
    for record in records:
        thing, name, text, form = (record.text(key) for key in ("chose", "propriete", "valeur", "forme"))
        predicate = vocabulary.find(name) if name else ""
        value = _value(text, form, vocabulary) if text or form in LANGUAGES else None
        if predicate is None:
            near = {"near": did_you_mean(vocabulary.nearest(name)) or ""}
            findings.append(CellFinding(record.location_of("propriete"), "property-unknown", near, excerpt=name))
        elif text and not name:
            findings.append(CellFinding(record.location_of("propriete"), "cell-empty"))
        elif text and value is None:
            offers = {"offers": " | ".join((*LANGUAGES, _LINK, *_FORMS))}
            findings.append(CellFinding(record.location_of("forme"), "cell-choice", offers, excerpt=form))
        else:
            facts.append(OtherFact(ID + thing, predicate, value, record))
    return facts, findings


def _value(text: str, form: str, vocabulary: Vocabulary) -> Term | None:
    """Return the value of a row, None if its form is not known."""
    if form == _LINK:
        if text.startswith(("http:", "https:", "mailto:", "tel:", "urn:")):
            return NamedNode(text)
        return NamedNode(vocabulary.find(text) or ID + text)
    if form in LANGUAGES:
        return Literal(text, language=form)
    datatype = XSD + _FORMS[form] if form in _FORMS else vocabulary.find(form)
    return Literal(text, datatype=NamedNode(datatype)) if datatype else None


def fact_cells(thing: str, predicate: str, value: Term | None, lang: str, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the cells of a fact; without a value, those that say that nothing is published."""
    cells = {"chose": thing.removeprefix(ID), "propriete": vocabulary.name(predicate) if predicate else ""}
    if isinstance(value, NamedNode):
        iri = value.value
        name = vocabulary.name(iri)
        known = vocabulary.find(name) == iri and not iri.startswith(ID)
        return {**cells, "valeur": iri.removeprefix(ID) if not known else name, "forme": _LINK}
    if value is None or value.language:
        return {**cells, "valeur": value.value if value else "", "forme": lang}
    forms = {XSD + name: form for form, name in _FORMS.items()}
    datatype = value.datatype.value
    return {**cells, "valeur": value.value, "forme": forms.get(datatype) or shorten(datatype)}


def add_quotations(graph: ContractGraph, facts: Iterable[OtherFact]) -> None:
    """Add the things of the rows, and the statements of those that have a quotation."""
    for fact in facts:
        file = next((name for start, name in _FILES if fact.thing.startswith(ID + start)), "contracts")
        graph.file_of.setdefault(fact.thing, file)
        graph.locations.setdefault(fact.thing, fact.record.location)
        if "citation" in fact.record.values and fact.predicate:
            key = slug(f"{fact.thing.rpartition('/')[2]} {shorten(fact.predicate).rpartition(':')[2]}")
            graph.quote(fact.record, "citation", key, fact.thing, [fact.predicate])


def apply_facts(graph: ContractGraph, facts: list[OtherFact]) -> None:
    """Replace what the other sheets say of a thing and a property by the rows about them."""
    replaced = {fact.group for fact in facts}
    removed = {fact.thing for fact in facts if not fact.predicate}
    for name, quads in graph.files.items():
        graph.files[name] = [quad for quad in quads if not _is_replaced(quad, replaced, removed)]
    for fact in facts:
        if fact.predicate and fact.value is not None and (not language(fact.value) or fact.value.value):
            quad = Quad(NamedNode(fact.thing), NamedNode(fact.predicate), fact.value)
            graph.files.setdefault(graph.file_of[fact.thing], []).append(quad)


def _is_replaced(quad: Quad, replaced: set[tuple[str, str, str]], removed: set[str]) -> bool:
    subject = str(getattr(quad.subject, "value", ""))
    if subject in removed or getattr(quad.object, "value", "") in removed:
        return True
    return (subject, quad.predicate.value, language(quad.object)) in replaced

"""Things in plain JSON: the members of `shapes.toml` for each class with a shape of its own, properties for all others."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.namespaces import (
    CPER,
    DCT,
    LABELS,
    NUMBERS,
    OA,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SKOS,
    STANDARD_TERMS,
    XSD,
    shorten,
)
from cper_lod.core.units import UNIT
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.statements import natural_sort_key
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import STATUSES
from cper_lod.release.plan.observations import in_no_sum
from cper_lod.release.plan.passages import statements_of, text_length
from cper_lod.release.plan.subsidies import totals_of
from cper_lod.release.release import Release, document_name, text_file
from cper_lod.release.storage.class_listing import Page
from cper_lod.web.api import schemas
from cper_lod.web.api.schemas import FIGURES, MAX_VALUES, THINGS, TYPES, Member, main_type
from cper_lod.web.api.signposting import document_address
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import urls
from cper_lod.web.site import site

Json = dict[str, Any]
MAX_PROPERTIES: Final = 200
"""Properties of a thing without a shape of its own."""
MAX_ALL_VALUES: Final = 1000
"""Values of all its properties together: with more properties than ten, each has fewer."""
MAX_NODES: Final = 10_000
"""Nodes that are read for one document; beyond that lists stay empty, and the thing says `tronque`."""
MAX_SUBSIDY_GROUPS: Final = 20
"""Grantors, territories, files, rules of one total of subsidies; where there are more, the thing says `tronque`."""
_SUBSIDY_GROUPS: Final = {
    "subdivisions": ("parSubdivision", "subdivision"),
    "grantors": ("parAttribuant", "attribuant"),
    "years": ("parAnnee", "annee"),
    "territories": ("parTerritoire", "territoire"),
    "files": ("parFichier", "fichier"),
    "rules": ("parRattachement", "rattachement"),
}
"""The groups of subsidies: the list, and what names a group in it."""
_MAX_CLASSES: Final = 20
"""Classes of a thing among which the main one is looked for."""
_DESCRIPTIONS: Final = (DCT + "description", SKOS + "definition", RDFS + "comment")
_NOTES: Final = tuple(SKOS + name for name in ("note", "scopeNote", "historyNote"))
_UNSTATED: Final = frozenset({*LABELS, RDF + "type", DCT + "description"})
"""Properties that `nom`, `type` and `description` stand for."""


MAX_PAGE_NODES: Final = 20_000
"""Nodes that are read for one page of a list: with larger things it has fewer of them.

A page of the usual size, 100, reaches it with 200 nodes a thing, which no contract has.
"""
_FLOATS: Final = frozenset({XSD + "double", XSD + "float"})
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
_FLOAT: Final = re.compile(rf"{_DECIMAL.pattern}(?:[eE][+-]?[0-9]+)?")
_LONG: Final = 2**63
"""Whole numbers below it are written with all digits; some programs cannot read longer ones."""


def number(text: str) -> int | float | None:
    """Return a decimal as a JSON number: a whole one as int, any other as the nearest double.

    None for any other text, and for what is beyond the largest double.

    >>> number("57.3"), number("994000000"), number("19.0"), number("beaucoup")
    (57.3, 994000000, 19, None)
    >>> number("0.1234567890123456789"), number("123456789012345678901.5")
    (0.12345678901234568, 1.2345678901234568e+20)
    """
    if not _DECIMAL.fullmatch(text):
        return None
    exact = Decimal(text)
    return int(exact) if exact == exact.to_integral_value() and abs(exact) < _LONG else _finite(float(text))


def value(literal: Literal) -> int | float | bool | str:
    """Return a literal as a JSON value; its text where it is neither a number that JSON can hold nor a boolean."""
    datatype, text = literal.datatype.value, literal.value
    found: int | float | bool | None = None
    if datatype in NUMBERS:
        found = number(text)
    elif datatype in _FLOATS and _FLOAT.fullmatch(text):
        found = _finite(float(text))
    elif datatype == XSD + "boolean":
        found = _BOOLEANS.get(text)
    return text if found is None else found


def _finite(found: float) -> int | float | None:
    """Return a double as a JSON number, a small whole one as int; None for an infinite one."""
    if not math.isfinite(found):
        return None
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


def in_one_language(terms: Iterable[Term], lang: Language) -> list[Term]:
    """Return terms without the texts in other languages than the best one there is: `lang`, else French, else the first."""
    found = list(terms)
    tags = dict.fromkeys(each.language for each in found if isinstance(each, Literal) and each.language)
    if len(tags) > 1:
        best = next((tag for tag in (lang, "fr") if tag in tags), next(iter(tags)))
        found = [each for each in found if not (isinstance(each, Literal) and each.language not in (None, best))]
    return found


def document_url(iri: str) -> str:
    """Return the public URL of the JSON document about an IRI, in the language asked for in the URL."""
    path, query = document_address(iri)
    suffixed, address = path + ".json", query | urls.language_parameter()
    return urls.public_url(urls.address(suffixed, address))


class ResourceReader:
    """Reads things of a release as plain JSON, in one language; each is made once."""

    def __init__(self, release: Release, lang: Language) -> None:
        self.graph = ReleaseGraph(release)
        self.lang = lang
        self.release = release
        self.names = LabelReader(self.graph, Graph(()), lang)
        self.url = cache(document_url)  # saves a tenth of the document of a contract, which refers to things repeatedly
        self.around: tuple[NamedNode, ...] = ()
        """The thing that is being made, after those that it is inside of."""
        self._made: dict[tuple[NamedNode, ...], Json] = {}
        self._kinds: dict[Term, str] = {}
        self._references: dict[NamedNode, Json] = {}
        self._cut = False
        self._limit = MAX_NODES

    def document(self, iri: str) -> Json:
        """Return the document about an IRI."""
        self._limit = self.graph.nodes_read + MAX_NODES
        return self.thing(NamedNode(iri))

    def thing(self, node: NamedNode) -> Json:
        """Return a thing in the shape of its class; inside others, it does not say that it belongs to them."""
        key = *self.around, node
        if key not in self._made:
            outer, self._cut, self.around = (self._cut, self.around), False, key
            made = self._thing(node)
            if self._cut:
                made["tronque"] = True
            self._made[key], (self._cut, self.around) = made, outer
        return self._made[key]

    def _thing(self, node: NamedNode) -> Json:
        kind = self.type(node)
        if not kind:
            return self._resource(node)
        own = self._head(node, kind)
        for name, (read, optional) in READERS[kind].items():
            held = read(self, node)
            if held is not None or not optional:
                own[name] = held
        return own

    def follow(self, node: NamedNode, path: Iterable["_Step"]) -> list[Term]:
        """Return what properties lead to from a thing, one after the other."""
        found: list[Term] = [node]
        for step in path:
            nexts = (
                self.referring(each, *step) if step.shapes else self.graph.all(each, step.property) for each in found
            )
            found = list(dict.fromkeys(term for terms in nexts for term in terms))
        return found

    def referring(self, node: Term, property_: str, shapes: tuple[str, ...]) -> list[NamedNode]:
        """Return the things in some shapes of which a thing is a value."""
        if not isinstance(node, NamedNode):
            return []
        found = self.graph.referring(node, property_, [cls for cls, kind in TYPES.items() if kind in shapes])
        return [each for each in found if self.type(each) in shapes]

    def order(self, node: Term) -> tuple[int, list[Any]]:
        """Return the sort key of a thing: its number, then its lasting name."""
        return int(self.graph.number(node) or 0), list(natural_sort_key(node.value))

    def _head(self, node: NamedNode, kind: str | None) -> Json:
        """Return what every thing begins with."""
        named = self.reference(node)
        return {"id": named["id"], "url": named["url"], **({"type": kind} if kind else {}), "nom": named["nom"]}

    def type(self, node: Term) -> str:
        """Return the `type` of a thing with a shape of its own, "" for any other."""
        if node not in self._kinds:
            self._kinds[node] = main_type(self.release, self.graph.types(node))
        return self._kinds[node]

    def reference(self, node: NamedNode) -> Json:
        """Return a reference to a thing."""
        if node not in self._references:
            iri = node.value
            self._references[node] = {"id": iri, "url": self.url(iri), "nom": self.names.name(iri)}
        return self._references[node]

    def main_class(self, node: NamedNode) -> str | None:
        """Return the name of the main class of a thing without a shape of its own, None if it has none.

        It is never the `type` of a shape, which data that were not validated need not fit.
        """
        cls = self.names.main_class(self.graph.types(node)[:_MAX_CLASSES])
        name = self.term(cls) if cls else None
        return shorten(cls) if name in READERS else name

    def term(self, iri: str) -> str:
        """Return the name of a class or property: the term of the JSON-LD context, else the prefixed name, else the IRI."""
        known = self.release.context.vocabulary.get(iri)
        return known.name if known else shorten(iri)

    def parent(self, iri: str) -> Json | None:
        """Return a reference to what a thing belongs to, None if to nothing."""
        found = self.names.parent_iri(iri)
        return self.reference(NamedNode(found)) if found else None

    # Values of one property

    def text(self, node: Term, predicate: str) -> str | None:
        """Return the text of a property in the best language."""
        return self.graph.text(node, predicate, self.lang)[0] or None

    def one(self, node: Term, predicate: str) -> NamedNode | None:
        """Return the first thing that is a value of a property."""
        return next((each for each in self.graph.all(node, predicate) if isinstance(each, NamedNode)), None)

    def statements(self, node: Term) -> list[NamedNode]:
        """Return the statements about a thing, in the order of `ReleaseGraph.statements`."""
        return self.some(each for each in self.graph.statements(node) if isinstance(each, NamedNode))

    def quotations(self, node: Term) -> list[str]:
        """Return the words of the source about a thing, each once."""
        words = (self.graph.value(each, OA + "exact") for each in self.statements(node))
        return list(dict.fromkeys(filter(None, words)))

    def some(self, terms: Iterable[Any]) -> list[Any]:
        """Return the first of some terms, and note whether there are more."""
        found = list(terms)
        limit = MAX_VALUES if self.graph.nodes_read < self._limit else 0
        self._cut = self._cut or len(found) > limit
        return found[:limit]

    def subsidies(self, node: NamedNode) -> Json | None:
        """Return the totals of the subsidies of a thing, with the groups by each dimension; None if none is known."""
        totals = totals_of(self.release, node.value)
        if totals is None:
            return None
        made: Json = {"nombre": totals.number, "montant": number(totals.amount), "unite": "EUR"}
        for dimension, (name, member) in _SUBSIDY_GROUPS.items():
            groups, others, without = totals.first(dimension, MAX_SUBSIDY_GROUPS)
            self._cut = self._cut or others is not None
            made[name] = [
                ({member: self._group(dimension, each.key)} if each.key else {})
                | {"nombre": each.number, "montant": number(each.amount)}
                for each in (*groups, *([without] if without else []))
            ]
        return made

    def _group(self, dimension: str, key: str) -> Json | float | None:
        return number(key) if dimension == "years" else self.reference(NamedNode(key))

    # Things without a shape of their own

    def _resource(self, node: NamedNode) -> Json:
        description = next(filter(None, (self.text(node, name) for name in _DESCRIPTIONS)), None)
        mentioned: list[NamedNode] = []
        if not self.graph.is_described(node.value):
            found = self.release.triples.mentions(node.value, MAX_VALUES + 1)
            mentioned = self.some(dict.fromkeys(q.subject for q in found if isinstance(q.subject, NamedNode)))
        return {
            **self._head(node, self.main_class(node)),
            **({"description": description} if description else {}),
            "proprietes": self._properties(node),
            "mentions": [self.reference(each) for each in mentioned],
        }

    def _properties(self, node: NamedNode) -> Json:
        """Return the properties of a thing of any size, with their values, without what has no identifier."""
        found, complete = self.graph.excerpt(node, MAX_PROPERTIES, MAX_VALUES, MAX_ALL_VALUES)
        self._cut = self._cut or not complete
        found = {name: terms for name, terms in found.items() if name not in _UNSTATED}
        stated = {term for name, terms in found.items() if name not in STANDARD_TERMS for term in terms}
        properties: Json = {}
        for name, terms in found.items():
            if name in STANDARD_TERMS and stated.issuperset(terms):
                continue  # what our own property says already
            for term in in_one_language(terms, self.lang):
                if isinstance(term, Literal):
                    properties.setdefault(self._key(name, term), []).append(value(term))
                elif isinstance(term, NamedNode):
                    properties.setdefault(self._key(name, term), []).append(self.reference(term))
                else:
                    self._cut = True
        self._cut = self._cut or any(len(held) > MAX_VALUES for held in properties.values())
        return {name: held[:MAX_VALUES] for name, held in properties.items()}

    def _key(self, predicate: str, term: Term) -> str:
        """Return the name of a property; where the context has several, the one for values like `term`."""
        terms = self.release.context.by_property.get(predicate, ())
        if len(terms) < 2:
            return self.term(predicate)
        shown = term if isinstance(term, Literal) else term.value
        return next((each.name for each in terms if each.fits(shown)), self.term(predicate))


class _Step(NamedTuple):
    """A step from a thing: to the values of a property, or to the things in some shapes of which it is a value."""

    property: str
    shapes: tuple[str, ...] = ()


_CUTS: Final = {
    "Total": "total",
    "ParFinanceur": "par-financeur",
    "ParSubdivision": "par-subdivision",
    "Croise": "croise",
}
SUMS: Final = {CPER + kind + cut: name for kind in ("montant", "part") for cut, name in _CUTS.items()}
"""The sums that figures belong to, by their measures."""
_SUBDIVISION: Final = CPER + "subdivision"
_PLANNED, *_STATUSES = STATUSES
"""What is planned comes last, after the other statuses of a contract in their order, and those that are not known."""


def _state(read: ResourceReader, node: NamedNode) -> str:
    """Return whether a figure is computed, published or missing."""
    if read.type(node) == "ValeurDerivee":
        return "calcule"
    return "publie" if read.graph.all(node, CPER + "valeurPubliee") else "manquant"


def _unit(read: ResourceReader, node: NamedNode) -> str | None:
    """Return the unit of a figure: what the data say, else that of its class, None if it has none."""
    unit = read.graph.value(node, UNIT).rpartition("/")[2]
    return {"PERCENT": "%", "": {"Part": "%", "Chiffre": None}.get(read.type(node), "EUR")}.get(unit, unit)


def _sum(read: ResourceReader, node: NamedNode) -> str | None:
    """Return the sum that a figure belongs to, None if to none."""
    return next((name for measure, name in SUMS.items() if read.graph.all(node, measure)), None)


def _figures(read: ResourceReader, node: NamedNode) -> list[Json]:
    """Return the figures of a contract: amounts, shares, others; in each, totals, funders (largest first), subdivisions."""

    def order(figure: NamedNode) -> tuple[Any, ...]:
        subdivision = read.one(figure, _SUBDIVISION)
        cut = bool(read.graph.all(figure, CPER + "financeur")), subdivision is not None
        place = read.order(subdivision) if subdivision else (0, [])
        largest = -(number(read.graph.value(figure, CPER + "valeur")) or 0)
        return FIGURES.index(read.type(figure)), cut[::-1], place, not _sum(read, figure), largest, read.order(figure)

    found = sorted(read.referring(node, CPER + "contrat", FIGURES), key=order)
    return [read.thing(each) for each in read.some(found)]


def _steps_of(read: ResourceReader, node: NamedNode) -> list[NamedNode]:
    """Return the steps of a contract, without those of amendments, or of an amendment, in the order of their statuses."""

    def order(step: NamedNode) -> tuple[Any, ...]:
        status = _status(read, step)
        last = len(_STATUSES) + (status == _PLANNED)
        return _STATUSES.index(status) if status in _STATUSES else last, read.graph.value(step, DCT + "date")

    if read.type(node) == "Avenant":
        return sorted(read.referring(node, CPER + "avenant", ("Etape",)), key=order)
    found = read.referring(node, CPER + "contrat", ("Etape",))
    return sorted((each for each in found if not read.graph.all(each, CPER + "avenant")), key=order)


def _status(read: ResourceReader, step: NamedNode) -> str:
    concept = read.one(step, PREFIXES["adms"] + "status")
    return read.graph.value(concept, SKOS + "notation") if concept else ""


def _latest_status(read: ResourceReader, node: NamedNode) -> str | None:
    """Return the status of the most advanced step; of one that is planned only where there is no other."""
    statuses = [_status(read, each) for each in _steps_of(read, node)]
    return next((each for each in reversed(statuses) if each != _PLANNED), next(iter(statuses), None))


def _documents(read: ResourceReader, node: NamedNode) -> list[Json]:
    """Return the documents that the statements about a contract, and about what belongs to it, come from."""
    found = [node, *read.referring(node, CPER + "contrat", _OF_CONTRACT)]
    documents = dict.fromkeys(each for thing in found for each in read.follow(thing, _SOURCE))
    return [read.thing(each) for each in read.some(documents) if read.type(each) == "Document"]


def _words(read: ResourceReader, node: NamedNode) -> str | None:
    """Return the words of the first statement about a thing."""
    return next(iter(read.quotations(node)), None)


def _source(read: ResourceReader, node: NamedNode) -> str | None:
    """Return the address of the document that the first statement about a thing comes from."""
    found = next((read.one(each, PROV + "wasQuotedFrom") for each in read.statements(node)), None)
    return read.url(found.value) if found else None


def _notes(read: ResourceReader, node: NamedNode) -> str | None:
    found = [in_one_language(read.some(read.graph.all(node, name)), read.lang) for name in _NOTES]
    return " ".join(each.value for notes in found for each in notes if isinstance(each, Literal)) or None


def _text(read: ResourceReader, node: NamedNode) -> Json | None:
    """Return where the text of a document is, in its own document; None without a text."""
    name = document_name(node.value)
    if read.around[:-1] or not read.release.has_text(name):
        return None
    digest = read.release.manifest["files"][text_file(name)]["sha256"]
    return {
        "adresse": urls.public_address(f"/text/{name}"),
        "sha256": digest,
        "longueur": text_length(read.release, node.value),
    }


def _passages(read: ResourceReader, node: NamedNode) -> list[Json] | None:
    """Return the statements that are quoted from a document, in its own document; None if they are too many to order."""
    found = None if read.around[:-1] else statements_of(read.release, node.value)
    return None if found is None else [read.thing(NamedNode(each.iri)) for each in read.some(found)]


def _readings(read: ResourceReader, node: NamedNode) -> list[Json] | None:
    """Return the readings of a thing, in its own document; None inside of another, whose document they would fill."""
    found = (each for each in read.graph.all(node, CPER + "lecture") if isinstance(each, NamedNode))
    return None if read.around[:-1] else [read.thing(each) for each in read.some(sorted(found, key=str))]


def _level(read: ResourceReader, node: NamedNode) -> str | None:
    """Return the name of the class of a territory: region, department."""
    level = next((each for each in read.graph.types(node) if each.startswith(PREFIXES["igeo"])), None)
    return read.reference(NamedNode(level))["nom"] if level else None


_FUNCTIONS: Final[Mapping[str, Callable[[ResourceReader, NamedNode], Any]]] = {
    "state": _state,
    "unit": _unit,
    "sum": _sum,
    "why": lambda read, node: in_no_sum(read.graph, node) or None,
    "figures": _figures,
    "steps": lambda read, node: [read.thing(each) for each in read.some(_steps_of(read, node))],
    "latest_status": _latest_status,
    "documents": _documents,
    "subsidies": ResourceReader.subsidies,
    "quotations": lambda read, node: None if read.around[:-1] else read.quotations(node),
    "quotation": _words,
    "readings": _readings,
    "source": _source,
    "notes": _notes,
    "supported": lambda read, node: [read.reference(each) for each in read.some(read.graph.supported(node))],
    "level": _level,
    "copy": lambda read, node: bool(read.graph.all(node, PREFIXES["spdx"] + "checksum")),
    "document_text": _text,
    "passages": _passages,
    "iri": lambda _, node: node.value,
    "licence": lambda *_: site().rights.licence or None,
}
"""The functions that read members, as `shapes.toml` calls them."""
_VALUES: Final[Mapping[str, Callable[[ResourceReader, Any], Any]]] = {
    "string": lambda _, term: term.value,
    "text": lambda _, term: term.value,
    "integer": lambda _, term: number(term.value),
    "number": lambda _, term: number(term.value),
    "boolean": lambda _, term: _BOOLEANS.get(term.value),
    "iri": lambda _, term: term.value,
    "uri": lambda read, term: read.url(term.value),
    "name": lambda read, term: read.names.name(term.value),
    "term": lambda read, term: read.term(term.value),
    "Reference": ResourceReader.reference,
}
"""What a value is in JSON, by the type of the member; any other type is the shape of a thing."""
_TEXTS: Final = frozenset({"text", "integer", "number", "boolean"})
"""The types of members that are read from literals only."""
_STEP_TEXT: Final = re.compile(r"(\^?)([\w-]+):(\w+)(?:\(([\w|]+)\))?")
"""A step as the table writes it: `cper:contrat`, `^cper:avenant(Montant|Part)`."""


def _reader(member: Member) -> Callable[[ResourceReader, NamedNode], Any]:
    """Return the function that reads a member of a thing; it returns None for what the data do not say."""
    if member.source.startswith("= "):
        return _FUNCTIONS[member.source[2:]]
    kind, many = schemas.value_type(member.type)
    path = []
    for step in member.source.split("/"):
        inverse, prefix, name, shapes = _STEP_TEXT.fullmatch(step).groups()  # type: ignore[union-attr]
        path.append(_Step(PREFIXES[prefix] + name, tuple((shapes or kind).split("|")) if inverse else ()))
    make, are_things = _VALUES.get(kind, ResourceReader.thing), kind not in _VALUES

    def read(reader: ResourceReader, node: NamedNode) -> Any:  # noqa: ANN401
        found = reader.follow(node, path)
        if kind == "text":
            found = in_one_language(found, reader.lang)
        if kind != "string":
            found = [each for each in found if isinstance(each, Literal if kind in _TEXTS else NamedNode)]
        if are_things:
            found = [each for each in found if reader.type(each) == kind]
        if not many:
            return make(reader, found[0]) if found and found[0] not in reader.around[:-1] else None
        if are_things or kind == "Reference":
            found.sort(key=reader.order)
        return [make(reader, each) for each in reader.some(found)]

    return read


_SOURCE: Final = (_Step(CPER + "enonce"), _Step(PROV + "wasQuotedFrom"))
_OF_CONTRACT: Final = tuple(
    shape
    for shape, rows in schemas.SHAPES.items()
    if getattr(rows.get("contrat"), "source", "") == "cper:contrat" and shape not in ("Subvention", "ValeurDerivee")
)
"""The shapes of what belongs to a contract and is stated by documents."""
READERS: Final = {
    shape: {
        name: (_reader(member), member.optional)
        for name, member in rows.items()
        if member.source and name != schemas.SELF
    }
    for shape, rows in schemas.SHAPES.items()
    if shape in THINGS
}
"""What reads the members of things, by their shape, and whether a member that the data do not say is left out."""


def json_bytes(document: Json) -> bytes:
    """Return a document as JSON without blanks: a contract takes half of what it takes indented."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def thing_document(release: Release, iri: str, lang: Language) -> bytes:
    """Return the document about an IRI."""
    return json_bytes(ResourceReader(release, lang).document(iri))


def things_of_page(release: Release, page: Page, lang: Language, *, in_order: bool = False) -> tuple[list[Json], Page]:
    """Return the things of a page of a list, each as in its own document, and the page without those that are too many.

    They are in natural order, or `in_order` of the page.

    The page ends after the thing with which MAX_PAGE_NODES nodes were read; the next page starts after it.
    """
    reader = ResourceReader(release, lang)
    items: list[Json] = []
    for iri in page.iris:
        items.append(reader.document(iri))
        if reader.graph.nodes_read > MAX_PAGE_NODES:
            break
    if len(items) < len(page.iris):
        page = replace(page, iris=page.iris[: len(items)], next=page.iris[len(items) - 1])
    return items if in_order else sorted(items, key=lambda each: natural_sort_key(each["id"])), page

"""The Reconciliation Service API (W3C, version 0.2) without HTTP: requests, scored matches, suggestions, data extension.

May import core, rdf and release.

| score | the query is | automatic match |
|---|---|---|
| 100 | a code or an IRI of the thing (SIREN, SIRET, Insee, NUTS…) | yes, except an Insee code without an Insee class |
| 97 | one of its names | yes |
| 93 | one of its names except for small words (de, la, of…) | yes |
| 91 | its class and its name or number (« axe 2 ») | yes |
| 51–85 | similar to one of its names | no |

A thing is matched automatically only if no other has its score. A code among the properties counts like the query, but is
certain only beside a similar name; other properties are ignored. A class that should be and is not lowers the score by 25.
"""

import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language, Phrase, Problem
from cper_lod.core.namespaces import CPER, DCT, LABELS, ORG, PREFIXES, RDF, RDFS, SCHEMA, SKOS, XSD, shorten
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Term
from cper_lod.release.build.index_search import NAME_PROPERTIES, SAME_AS, last_part
from cper_lod.release.documents import VOCABULARY_CLASSES
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import SITE, Release, once_per_release
from cper_lod.release.storage.name_lookup import NameIndex, NameQuery
from cper_lod.release.storage.text import words

MAX_QUERIES: Final = 50
"""Queries in a batch; also candidates and classes of a query, values of a property, properties asked for."""
MAX_IDS: Final = 500
"""Things in a data extension query."""
MAX_TEXT: Final = 500
"""Characters of a name, a value or an identifier."""
TIMEOUT: Final = 5
"""Seconds for one batch."""
MAX_CHARACTERS: Final = 4_000_000
"""Characters of values in one answer."""
_INSEE: Final = PREFIXES["igeo"]
_INSEE_CODE: Final = _INSEE + "codeINSEE"
CODES: Final = (
    *(CPER + "siren", CPER + "siret", _INSEE_CODE),
    *(DCT + "identifier", SCHEMA + "identifier", ORG + "identifier"),
)
"""Properties whose values are codes of one thing."""
_COMMON_CLASSES: Final = (
    *(ORG + "FormalOrganization", PREFIXES["geo"] + "Feature"),
    *(_INSEE + name for name in ("Region", "Departement", "Commune")),
    *(CPER + name for name in ("Axe", "Priorite", "SchemaRegional", "Contrat", "SourceDeFinancement")),
    *(CPER + name for name in ("CategorieDeFinanceur", "Subvention")),
)
"""Classes that names are usually matched with. A query without a class uses similarity for these classes only."""
_SMALL: Final = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "the"])
"""Words that hardly distinguish names."""
_SIMILAR: Final = 85.0
"""Score of a name that is nearly the same."""
_MIN_LIKENESS: Final = 60.0
"""Similarity of names, 0 to 100, below which a thing is no candidate."""
_PENALTY: Final = 25.0
"""Points that other values and another class cost."""
_MAX_READ: Final = 40
"""Texts, classes and values of a thing that are compared."""
_NUMERIC: Final = frozenset(
    XSD + name for name in ("integer", "decimal", "int", "long", "double", "nonNegativeInteger")
)
_DAY: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", re.ASCII)
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
"""What a double may hold exactly."""


@dataclass(frozen=True)
class MatchQuery:
    """A query: a name or a code, classes, properties with their values as text; `type_strict` is any, all or should."""

    text: str
    types: Sequence[str]
    limit: int
    conditions: Sequence[tuple[str, Sequence[str]]]
    type_strict: str


@dataclass(frozen=True)
class Candidate:
    """A thing with its score (0 to 100), whether that is certain, and whether it is an automatic match."""

    iri: str
    score: float
    certain: bool = False
    match: bool = False


def parse_queries(text: str) -> dict[str, MatchQuery]:
    """Return the queries of a batch by key; raises `reconciliation-invalid` and `reconciliation-batch`."""
    queries = _parse_json("queries", text)
    if len(queries) > MAX_QUERIES:
        raise Problem("reconciliation-batch", count=len(queries), limit=MAX_QUERIES)
    found = {}
    for key, value in queries.items():
        try:
            found[key] = _query(value)
        except ValueError as error:
            expected = '{"query": "…", "type": "…", "limit": 10, "properties": [{"pid": "siren", "v": "…"}]}'
            raise Problem("reconciliation-invalid", place=f"queries.{key[:40]}", expected=expected) from error
    return found


def parse_extension(text: str) -> tuple[list[str], list[str]]:
    """Return things and properties of a data extension query; raises `reconciliation-invalid`, `reconciliation-batch`."""
    fields = _parse_json("extend", text)
    try:
        things, properties = _texts(fields.get("ids"), MAX_IDS + 1), _texts(fields.get("properties"))
    except ValueError as error:
        expected = '{"ids": ["https://…"], "properties": [{"id": "siren"}]}'
        raise Problem("reconciliation-invalid", place="extend", expected=expected) from error
    if len(things) > MAX_IDS:
        raise Problem("reconciliation-batch", count=len(things), limit=MAX_IDS)
    return things, properties


def _parse_json(name: str, text: str) -> dict[str, Any]:
    """Return an object of JSON whose numbers are texts, as they are written; raises `reconciliation-invalid`."""
    try:
        found = json.loads(text, parse_float=str, parse_int=str)
        json.dumps(found, ensure_ascii=False).encode()  # not half of a surrogate pair
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        expected = Phrase("an object in JSON (RFC 8259)", fr="un objet en JSON (RFC 8259)")
        raise Problem("reconciliation-invalid", place=name, expected=expected)
    return found


def _query(value: object) -> MatchQuery:
    """Return a query; raises ValueError for any other JSON. Cells of a table may be empty."""
    fields = _object(value)
    type_strict, limit, conditions = fields.get("type_strict", "any"), fields.get("limit", "10"), []
    if not {"query", "properties"} & set(fields) or type_strict not in ("any", "all", "should"):
        raise ValueError
    for each in map(_object, _listed(fields.get("properties", []))):
        conditions.append((_text(each.get("pid")), _texts(_listed(each.get("v", "")))))
    count = int(float(_text(limit)))
    if not 0 < count < 10**9:
        raise ValueError
    types = _texts(_listed(fields.get("type", [])))
    return MatchQuery(_text(fields.get("query", "")), types, min(count, MAX_QUERIES), conditions, type_strict)


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError  # noqa: TRY004 - as for any other JSON
    return {name: each for name, each in value.items() if each is not None}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: object, most: int = MAX_QUERIES) -> list[str]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError
    return list(filter(None, map(_text, value)))


def _text(value: object) -> str:
    """Return a text, the `id` of an object, or a truth value as text."""
    text = value.get("id") if isinstance(value, dict) else str(value).lower() if isinstance(value, bool) else value
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise ValueError
    return text.strip()


def code_key(text: str) -> str:
    """Return a code in comparable form: no case, spaces or punctuation; the last part of an IRI.

    >>> code_key("225 900 018"), code_key("http://www.wikidata.org/entity/Q12661")
    ('225900018', 'q12661')
    """
    return re.sub(r"[\W_]+", "", folded(last_part(text) if "://" in text else text))


def _name(text: str) -> str:
    """Return a name in comparable form: its normalized words."""
    return " ".join(words(text))


def _core(text: str) -> str:
    """Return a name in comparable form without its small words; one of small words only has them."""
    return " ".join(word for word in words(text) if word not in _SMALL) or _name(text)


def _node(iri: str) -> NamedNode | None:
    try:
        return NamedNode(iri)
    except ValueError:
        return None


def resolve_term(release: Release, pid: str) -> str:
    """Return the IRI of a property or a class from its key in the context, prefixed name or IRI; "" if it is not valid."""
    if pid == release.context.keyword("@type"):
        return RDF + "type"
    keys = (term.iri for term in release.context.terms if term.name == pid and not term.prefix)
    prefix, _, name = pid.partition(":")
    iri = next(keys, PREFIXES[prefix] + name if name and prefix in PREFIXES else pid)
    return iri if _node(iri) else ""


class NamedTerm(NamedTuple):
    """A property or a class: its identifier in this service, its IRI and its name."""

    id: str
    iri: str
    name: str


def properties_of_class(release: Release, cls: str, lang: Language) -> list[NamedTerm]:
    """Return the properties of the things of a class in the order of the context; "" means every class."""
    classes = [each for each in release.listing.classes if cls in ("", each.iri)]
    iris = {*LABELS, SKOS + "altLabel"} if classes else set[str]()
    for each in classes:
        iris |= {column.predicate for column in each.columns} | {link.predicate for link in each.references}
    order = {iri: index for index, iri in enumerate(release.context.by_property)}
    ordered = sorted(iris - {RDF + "type"}, key=lambda iri: (order.get(iri, len(order)), iri))
    return [_property(release, iri, lang) for iri in ordered]


def _property(release: Release, iri: str, lang: Language) -> NamedTerm:
    """Return a property, identified by its key in the context, else by its prefixed name or IRI."""
    keys = (term.name for term in release.context.by_property.get(iri, ()) if term.iri == iri)
    name = ReleaseGraph(release).name(NamedNode(iri), lang)
    return NamedTerm(next(keys, shorten(iri)), iri, name or shorten(iri))


def classes(release: Release, lang: Language) -> list[NamedTerm]:
    """Return the classes of the things of a release, most frequent first; they are identified by their IRIs."""
    graph, iris = ReleaseGraph(release), [each.iri for each in release.listing.classes]
    return [NamedTerm(iri, iri, graph.name(NamedNode(iri), lang) or shorten(iri)) for iri in iris]


def beginning(terms: Iterable[NamedTerm], prefix: str) -> list[NamedTerm]:
    """Return the terms whose names have words that begin with those of `prefix`, those that begin with it first."""
    parts = words(prefix)
    found = (each for each in terms if all(any(word.startswith(part) for word in words(each.name)) for part in parts))
    return sorted(found, key=lambda each: not _name(each.name).startswith(" ".join(parts)))


@once_per_release(1)
def common_classes(release: Release) -> list[str]:
    """Return the classes that names are usually matched with, else the most frequent ones."""
    return _present_classes(release) or [each.iri for each in release.listing.classes[: len(_COMMON_CLASSES)]]


def _present_classes(release: Release) -> list[str]:
    return [each for each in _COMMON_CLASSES if release.listing.of(each)]


def match(release: Release, queries: dict[str, MatchQuery]) -> dict[str, list[Candidate]]:
    """Return the candidates of each query, best first; raises `reconciliation-timeout`."""
    deadline, timed_out = time.monotonic() + TIMEOUT, Problem("reconciliation-timeout", limit=TIMEOUT)
    with NameIndex(release.folder / SITE).asked(deadline, timed_out) as names:
        matcher, found = _Matcher(release, names), dict[str, list[Candidate]]()
        for key, query in queries.items():
            scored = list[Candidate]()
            for candidate in matcher.scored(query):
                if time.monotonic() > deadline:
                    raise timed_out
                scored += [candidate] if candidate else []
            scored.sort(key=lambda each: -each.score)
            if scored and scored[0].certain and all(each.score < scored[0].score for each in scored[1:2]):
                scored[0] = replace(scored[0], match=True)
            found[key] = scored[: query.limit]
    return found


@dataclass(frozen=True)
class _Entity:
    """A thing as it is compared: names and codes in comparable form, its classes and those above them.

    `qualified` are its names and numbers after the name of its class.
    """

    iri: str
    names: frozenset[str]
    cores: frozenset[str]
    codes: frozenset[str]
    insee: frozenset[str]
    classes: frozenset[str]
    qualified: frozenset[str]


class _Matcher:
    """Matches the queries of one batch, which share what is read of the release."""

    def __init__(self, release: Release, names: NameQuery) -> None:
        self._release, self._names, self._graph = release, names, ReleaseGraph(release)
        self._common = frozenset(_present_classes(release))
        self._entities: dict[str, _Entity] = {}

    def scored(self, query: MatchQuery) -> Iterator[Candidate | None]:
        """Yield a candidate for each thing that the indexes find, None for one that does not answer the query."""
        types = {resolve_term(self._release, each) for each in query.types}
        told = [
            value for pid, values in query.conditions if resolve_term(self._release, pid) in CODES for value in values
        ]
        found = chain(*map(self._called, (query.text, *told)), self._names.near(_core(query.text).split()))
        for entity in map(self._entity, dict.fromkeys(found)):
            fitting = [each in entity.classes for each in types]
            fits = all(fitting) if query.type_strict == "all" else any(fitting) or not fitting
            considered = (fits or query.type_strict == "should") and entity.classes.isdisjoint(VOCABULARY_CLASSES)
            scores = [self._score(query.text, types, entity)] if considered else []
            scores += [_code_score(code, types, entity, query.text) for code in told] if considered else []
            best = max(filter(None, scores), key=lambda each: (each.score, each.certain), default=None)
            if best and not fits:
                best = replace(best, score=max(best.score - _PENALTY, 0.0), certain=False)
            yield best

    def _called(self, text: str) -> Iterable[str]:
        """Return the things with a name, a code or an IRI."""
        code = code_key(text)
        described = [text] if ":" in text and self._release.triples.describes(text) else []
        coded = chain(self._names.called([code]), self._names.telling(code)) if len(code) > 1 and code.isascii() else ()
        return chain(described, coded, self._names.called(words(text)))

    def _entity(self, iri: str) -> _Entity:
        if iri in self._entities:
            return self._entities[iri]
        thing, graph = NamedNode(iri), self._graph
        notations = self._texts(thing, (SKOS + "notation",))
        names = [*self._texts(thing, NAME_PROPERTIES - {SKOS + "notation"}), *filter(str.isalpha, notations)]
        numbers = {each for each in notations if each.isdigit() and len(each) < 10}
        same = [each.value for name in SAME_AS for each in graph.all(thing, name) if isinstance(each, NamedNode)]
        signs = (each for each in notations if each not in numbers and not each.isalpha())
        codes = (*self._texts(thing, CODES), *same, *signs)
        classes = graph.types(thing)[:_MAX_READ]
        for each in classes:
            above = (cls.value for cls in graph.all(NamedNode(each), RDFS + "subClassOf") if isinstance(cls, NamedNode))
            classes += [cls for cls in above if cls not in classes][: max(_MAX_READ - len(classes), 0)]
        labels = {_core(text) for cls in classes for text in self._texts(NamedNode(cls), LABELS)}
        cores = frozenset(map(_core, names)) - {""}
        found = self._entities[iri] = _Entity(
            iri,
            frozenset(map(_name, names)) - {""},
            cores,
            frozenset((iri, shorten(iri), *same, *map(code_key, codes))) - {""},
            frozenset(map(code_key, self._texts(thing, (_INSEE_CODE,)))),
            frozenset(classes),
            frozenset(f"{label} {each}" for label in labels for each in (*cores, *numbers)),
        )
        return found

    def _texts(self, thing: NamedNode, predicates: Iterable[str]) -> list[str]:
        """Return the texts that are short enough to match a query, up to a limit."""
        found = (each for name in sorted(predicates) for each in self._graph.all(thing, name))
        return [each.value for each in found if isinstance(each, Literal) and len(each.value) <= MAX_TEXT][:_MAX_READ]

    def _score(self, text: str, types: set[str], entity: _Entity) -> Candidate | None:
        """Return an entity with how well it answers a name or a code, None if it does not."""
        name, core = _name(text), _core(text)
        if found := _code_score(text, types, entity):
            return found
        if name in entity.names:
            return Candidate(entity.iri, 97.0, certain=True)
        if core in entity.cores:
            return Candidate(entity.iri, 93.0, certain=True)
        if core in entity.qualified:
            return Candidate(entity.iri, 91.0, certain=True)
        likely = types or not self._common or not self._common.isdisjoint(entity.classes)
        likeness = _likeness(core, entity) if likely and "://" not in text else 0.0
        return Candidate(entity.iri, round(likeness * _SIMILAR / 100, 1)) if likeness >= _MIN_LIKENESS else None


def _code_score(text: str, types: set[str], entity: _Entity, name: str = "") -> Candidate | None:
    """Return an entity if a text is a code or an IRI of it, else None; `name` is that which stands beside the code."""
    code = code_key(text)
    if not code or (code not in entity.codes and text not in entity.codes):
        return None
    # 32 is a region and a department, 59350 also a postal code: a class must say which list is meant.
    vague = "://" not in text and code in entity.insee and not any(each.startswith(_INSEE) for each in types)
    return Candidate(
        entity.iri, 100.0, certain=not vague and (not name or _likeness(_core(name), entity) >= _MIN_LIKENESS)
    )


def _likeness(core: str, entity: _Entity) -> float:
    """Return the similarity of a name to those of an entity, 0 to 100: less in another order, less for a part of it."""
    from rapidfuzz import fuzz  # noqa: PLC0415 - the server starts without it

    compared = ((fuzz.ratio, 1.0), (fuzz.token_sort_ratio, 0.98), (fuzz.token_set_ratio, 0.8))
    return max((ratio(core, name) * weight for name in entity.cores for ratio, weight in compared), default=0.0)


def extend(release: Release, things: Sequence[str], properties: Sequence[str], lang: Language) -> dict[str, Any]:
    """Return the values of properties of things (data extension); raises `reconciliation-batch`, `reconciliation-timeout`.

    Of texts in several languages, those in `lang` alone, else those in French.
    """
    graph, deadline, size = ReleaseGraph(release), time.monotonic() + TIMEOUT, 0
    iris = {pid: resolve_term(release, pid) for pid in properties}
    meta = [{"id": pid, "name": _property(release, iri, lang).name if iri else pid} for pid, iri in iris.items()]
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for thing in things:
        rows[thing], subject = {}, _node(thing)
        for pid, iri in iris.items():
            if time.monotonic() > deadline:
                raise Problem("reconciliation-timeout", limit=TIMEOUT)
            values = graph.all(subject, iri) if subject and iri else []
            languages = {each.language for each in values if isinstance(each, Literal)}
            others = languages - {None, lang if lang in languages else "fr"} if {lang, "fr"} & languages else set()
            chosen = (each for each in values if not (isinstance(each, Literal) and each.language in others))
            rows[thing][pid] = [cell for each in chosen if (cell := _cell(graph, each, lang))]
            size += sum(len(str(text)) for cell in rows[thing][pid] for text in cell.values())
            if size > MAX_CHARACTERS:
                raise Problem("reconciliation-batch", count=size, limit=MAX_CHARACTERS)
    return {"meta": meta, "rows": rows}


def _cell(graph: ReleaseGraph, value: Term, lang: Language) -> dict[str, Any]:
    """Return a value for a cell; an external IRI is no identifier of this service, a node without name an empty cell."""
    if isinstance(value, Literal):
        return literal(value)
    name = graph.name(value, lang)
    if isinstance(value, NamedNode):
        described = graph.is_described(value.value)
        return {"id": value.value, "name": name or shorten(value.value)} if described else {"str": value.value}
    return {"str": name} if name else {}


def literal(value: Literal) -> dict[str, Any]:
    """Return a literal as a JSON number if that preserves all its digits, a day as a date, else as text.

    >>> literal(Literal("57.3", datatype=NamedNode(XSD + "decimal")))
    {'float': 57.3}
    """
    if value.datatype.value in _NUMERIC and _NUMBER.fullmatch(value.value):
        number = Decimal(value.value)
        if Decimal(repr(float(number))) == number:
            return {"int": int(number)} if number == int(number) else {"float": float(number)}
    if value.datatype.value == XSD + "date" and _DAY.fullmatch(value.value):
        return {"date": f"{value.value}T00:00:00Z"}  # the protocol has no date without a time
    return {"str": value.value}

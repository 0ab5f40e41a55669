"""The Reconciliation Service API (W3C, version 0.2) without HTTP: requests, scored matches, properties.

May import core, rdf and release.

| score | the query is | automatic match |
|---|---|---|
| 100 | a code or an IRI of the thing (SIREN, SIRET, Insee, NUTS…) | yes, except an Insee code without an Insee class |
| 97 | one of its names, but for small words (de, la, of…) | yes |
| 91 | its class and its name or number (« axe 2 ») | yes |
| 51–85 | similar to one of its names | no |

A thing is matched automatically only if no other has its score. A code among the properties counts like the query, but is
certain only beside a similar name; other properties are ignored. Of classes asked for, a thing must have one.
"""

import json
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import Any, Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import DCT, LABELS, PREFIXES, RDFS, SKOS, expand, shorten
from cper_lod.core.text import folded
from cper_lod.release.build.index_search import NAME_PROPERTIES, SAME_AS, last_part
from cper_lod.release.documents import VOCABULARY_CLASSES
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.release import Release
from cper_lod.release.storage.text import words

MAX_QUERIES: Final = 50
"""Queries in a batch; also candidates and classes of a query, values of a property, properties asked for."""
MAX_IDS: Final = 500
"""Things in a data extension query."""
MAX_TEXT: Final = 500
"""Characters of a name, a value or an identifier."""
TIMEOUT: Final = 5
"""Seconds for one batch."""
_INSEE: Final = PREFIXES["igeo"]
CODES: Final = expand("cper:siren cper:siret subv:rna igeo:codeINSEE dct:identifier schema:identifier org:identifier")
"""Properties whose values are codes of one thing."""
_COMMON_CLASSES: Final = expand(
    "org:FormalOrganization geo:Feature igeo:Region igeo:Departement igeo:Commune cper:Subdivision "
    "cper:Contrat cper:Cadre cper:Groupe subv:Subvention"
)
_SMALL: Final = frozenset(["a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "of", "the"])
"""Words that hardly distinguish names."""
_SIMILAR: Final = 85.0
"""Score of a name that is nearly the same."""
_MIN_LIKENESS: Final = 60.0
"""Similarity of names, 0 to 100, below which a thing is no candidate."""


class MatchQuery(NamedTuple):
    """A query: a name or a code, classes of which a thing has one, candidates at most, properties with their values."""

    text: str
    types: Sequence[str]
    limit: int
    properties: Sequence[tuple[str, Sequence[str]]]


class Candidate(NamedTuple):
    """A thing with its score (0 to 100), and whether it is an automatic match."""

    iri: str
    score: float
    match: bool


def parse_queries(text: str) -> dict[str, MatchQuery]:
    """Return the queries of a batch by key; raises `reconciliation-invalid` and `reconciliation-batch`."""
    found = dict[str, MatchQuery]()
    with _expecting("queries", '{"q0": {"query": "…"}}'):
        queries = _members(json.loads(text, parse_float=str, parse_int=str))
    check_number(len(queries), MAX_QUERIES)
    for key, value in queries.items():
        form = '{"query": "…", "type": "…", "limit": 10, "properties": [{"pid": "siren", "v": "…"}]}'
        with _expecting(f"queries.{key[:40]}", form):
            found[key] = _query(value)
    return found


def parse_extension(text: str) -> tuple[list[str], list[str]]:
    """Return things and properties of a data extension query; raises `reconciliation-invalid`, `reconciliation-batch`."""
    with _expecting("extend", '{"ids": ["https://…"], "properties": [{"id": "siren"}]}'):
        fields = _members(json.loads(text))
        return _texts(fields["ids"], MAX_IDS), _texts(fields["properties"])


@contextmanager
def _expecting(place: str, form: str) -> Iterator[None]:
    """Raise `reconciliation-invalid` if what is read has another form."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Problem("reconciliation-invalid", place=place, expected=form) from error


def check_number(count: int, limit: int) -> None:
    """Raise `reconciliation-batch` for more than a limit."""
    if count > limit:
        raise Problem("reconciliation-batch", count=count, limit=limit)


def _query(value: object) -> MatchQuery:
    """Return a query; raises KeyError, TypeError and ValueError for any other JSON. Cells of a table may be empty."""
    fields = _members(value)
    properties = [
        (_text(each["pid"]), _texts(each.get("v", []))) for each in map(_members, fields.get("properties", []))
    ]
    text = fields.get("query", "") if "properties" in fields else fields["query"]
    limit = int(_text(fields.get("limit", "10")))
    if limit < 1:
        raise ValueError
    return MatchQuery(_text(text), _texts(fields.get("type", [])), min(limit, MAX_QUERIES), properties)


def _members(value: object) -> dict[str, Any]:
    """Return the members of an object that have a value."""
    if not isinstance(value, dict):
        raise TypeError
    return {name: each for name, each in value.items() if each is not None}


def _texts(value: object, limit: int = MAX_QUERIES) -> list[str]:
    """Return a text or several, without empty ones; raises `reconciliation-batch` for more than a limit."""
    listed = value if isinstance(value, list) else [value]
    check_number(len(listed), limit)
    return list(filter(None, map(_text, listed)))


def _text(value: object) -> str:
    """Return a text, the `id` of an object, or a truth value as text; raises ValueError, also for half a surrogate pair."""
    text = value.get("id") if isinstance(value, dict) else str(value).lower() if isinstance(value, bool) else value
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise ValueError
    return text.encode().decode().strip()  # UnicodeEncodeError is a ValueError


def code_key(text: str) -> str:
    """Return a code in comparable form: no case, spaces or punctuation; the last part of an IRI.

    >>> code_key("225 900 018"), code_key("http://www.wikidata.org/entity/Q12661")
    ('225900018', 'q12661')
    """
    return re.sub(r"[\W_]+", "", folded(last_part(text) if "://" in text else text))


def _name(text: str) -> str:
    """Return a name in comparable form: its words without small ones; a name of small words only has them."""
    found = words(text)
    return " ".join([word for word in found if word not in _SMALL] or found)


def resolve_term(release: Release, name: str) -> str:
    """Return the IRI of a property or a class from its key in the context, prefixed name or IRI; "" if it is not valid."""
    keys = (term.iri for term in release.context.terms if term.name == name and not term.prefix)
    prefix, _, local = name.partition(":")
    iri = next(keys, PREFIXES[prefix] + local if local and prefix in PREFIXES else name)
    try:
        return NamedNode(iri).value
    except ValueError:
        return ""


def properties_of_class(release: Release, cls: str) -> list[str]:
    """Return the IRIs of the properties that things of a class have; "" means every class."""
    found = [
        (*LABELS, SKOS + "altLabel", *each.properties) for each in release.listing.classes if cls in ("", each.iri)
    ]
    return list(dict.fromkeys(chain.from_iterable(found)))


def common_classes(release: Release) -> list[str]:
    """Return the classes that names are usually matched with; without a class, only their things are found by similarity."""
    common = [each for each in _COMMON_CLASSES if release.listing.of(each)]
    return common or [each.iri for each in release.listing.classes[: len(_COMMON_CLASSES)]]


def match(release: Release, queries: dict[str, MatchQuery]) -> dict[str, list[Candidate]]:
    """Return the candidates of each query, best first; raises `reconciliation-timeout`."""
    deadline, matcher, found = time.monotonic() + TIMEOUT, _Matcher(release), dict[str, list[Candidate]]()
    for key, query in queries.items():
        scored = list[Candidate]()
        for candidate in matcher.candidates(query):
            if time.monotonic() > deadline:
                raise Problem("reconciliation-timeout", limit=TIMEOUT)
            scored.append(candidate)
        scored.sort(key=lambda each: -each.score)
        best = [each for each in scored[:2] if each.score == scored[0].score]
        found[key] = [
            each._replace(match=each.match and best == [each]) for each in scored[: query.limit] if each.score
        ]
    return found


class _Thing(NamedTuple):
    """A thing as it is compared: names, names and numbers after its class or the word for it, and codes in comparable form; all classes."""

    iri: str
    names: frozenset[str]
    qualified: frozenset[str]
    codes: frozenset[str]
    classes: frozenset[str]

    def score_of_code(self, text: str, types: set[str]) -> tuple[float, bool]:
        """Return 100 for a code or an IRI of it, else 0, and whether that is certain.

        32 is a region and a department, 59350 also a postal code: a class of Insee says which list is meant, as an IRI does.
        """
        key = code_key(text)
        if text not in self.codes and key not in self.codes:
            return 0.0, False
        is_vague = key.isdigit() and len(key) < 6 and not ("://" in text and text in self.codes)
        return 100.0, not is_vague or any(each.startswith(_INSEE) for each in types)

    def likeness(self, name: str) -> float:
        """Return the similarity of a name to its names, 0 to 100: less in another order, less for a part of it."""
        from rapidfuzz import fuzz  # noqa: PLC0415 - the server starts without it

        compared = ((fuzz.ratio, 1.0), (fuzz.token_sort_ratio, 0.98), (fuzz.token_set_ratio, 0.8))
        return max((ratio(name, each) * weight for each in self.names for ratio, weight in compared), default=0.0)


class _Matcher:
    """Matches the queries of one batch, which share what is read of the release."""

    def __init__(self, release: Release) -> None:
        self._release, self._graph, self._thing = release, ReleaseGraph(release), cache(self._read)
        self._common = frozenset(common_classes(release))

    def candidates(self, query: MatchQuery) -> Iterator[Candidate]:
        """Yield the things that the index finds for a query; the score is 0 for what does not answer it.

        `match` is whether that score is certain, whatever others have.
        """
        types = {resolve_term(self._release, each) for each in query.types}
        coded = (values for name, values in query.properties if resolve_term(self._release, name) in CODES)
        codes = [code for values in coded for code in values]
        iris = [each for each in (query.text, *codes) if ":" in each and self._release.triples.describes(each)]
        exact = (" ".join(words(query.text)), *map(code_key, (query.text, *codes)))
        iris += self._release.search.similar(_name(query.text).split(), exact)
        for thing in map(self._thing, dict.fromkeys(iris)):
            yield Candidate(thing.iri, *self._score(query.text, codes, types, thing))

    def _score(self, text: str, codes: Sequence[str], types: set[str], thing: _Thing) -> tuple[float, bool]:
        """Return the score of a thing for a name or code and the codes beside it, and whether it is certain."""
        if (types and types.isdisjoint(thing.classes)) or not thing.classes.isdisjoint(VOCABULARY_CLASSES):
            return 0.0, False
        name = _name(text)
        is_likely = bool(types) or not self._common.isdisjoint(thing.classes)
        likeness = thing.likeness(name) if is_likely or codes else 0.0
        found = [thing.score_of_code(text, types)]
        for score, certain in (thing.score_of_code(code, types) for code in codes):
            found.append((score, certain and (not text or likeness >= _MIN_LIKENESS)))
        if name in thing.names:
            found.append((97.0, True))
        elif name in thing.qualified:
            found.append((91.0, True))
        elif is_likely and likeness >= _MIN_LIKENESS:
            found.append((round(likeness * _SIMILAR / 100, 1), False))
        return max(found)

    def _read(self, iri: str) -> _Thing:
        thing, graph = NamedNode(iri), self._graph
        names, codes = self._texts(thing, NAME_PROPERTIES - {SKOS + "notation"}), self._texts(thing, CODES)
        numbers = list[str]()
        for each in self._texts(thing, [SKOS + "notation"]):
            (numbers if each.isdigit() else names if each.isalpha() else codes).append(each)
        codes += [each.value for name in SAME_AS for each in graph.all(thing, name) if isinstance(each, NamedNode)]
        classes = graph.types(thing)
        for each in classes:  # which grows
            above = [cls.value for cls in graph.all(NamedNode(each), RDFS + "subClassOf") if isinstance(cls, NamedNode)]
            classes += [cls for cls in above if cls not in classes]
        words = [each.value for each in graph.all(thing, DCT + "type") if isinstance(each, NamedNode)]
        labels = {_name(text) for kind in (*classes, *words) for text in self._texts(NamedNode(kind), LABELS)}
        comparable = frozenset(map(_name, names)) - {""}
        qualified = frozenset(f"{label} {each}" for label in labels for each in (*comparable, *numbers))
        keys = frozenset((iri, shorten(iri), *codes, *map(code_key, codes))) - {""}
        return _Thing(iri, comparable, qualified, keys, frozenset(classes))

    def _texts(self, thing: NamedNode, predicates: Iterable[str]) -> list[str]:
        """Return the texts that are short enough to match a query."""
        found = (each for name in sorted(predicates) for each in self._graph.all(thing, name))
        return [each.value for each in found if isinstance(each, Literal) and len(each.value) <= MAX_TEXT]

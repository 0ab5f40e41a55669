"""Why a query has no result: what it looks for and the data do not have, each with what is nearest."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import chain, groupby, islice
from typing import Final, NamedTuple
from typing import Literal as OneOf
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, parse, parse_query_results

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import CSV, RESULT_FORMATS, RESULTS_JSON, TSV
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DEFINITIONS, RDF, SKOS, VOCABULARY, XSD, shorten
from cper_lod.core.settings import Settings
from cper_lod.core.text import folded, nearest
from cper_lod.engine.base import Answer, Query
from cper_lod.engine.syntax import decode_escapes, tokens
from cper_lod.release.docs.documentation import CLASSES, PROPERTIES
from cper_lod.release.docs.usage import instances
from cper_lod.release.documents import labels
from cper_lod.release.release import Release

MAX_REASONS: Final = 5
"""Reasons that are given."""
MAX_TEXT: Final = 4096
"""Characters of the longest query that is explained."""
MAX_NAMES: Final = 1000
"""Terms of a vocabulary among which a near one is looked for, which takes long: the first ones."""
_MAX_PATTERNS: Final = 12
"""Patterns that are asked for."""
_MAX_EMPTY: Final = 1024
"""Bytes of the largest answer that may be empty: the names of many variables."""
_LANGUAGE: Final = re.compile(r"""\bLANG\s*\(\s*[?$]\w+\s*\)\s*[=,]\s*["']([a-z][a-z0-9-]*)["']""", re.IGNORECASE)
"""A language that a query asks for, with `=` or in LANGMATCHES."""
_THING: Final = re.compile(
    rf"(?:https?://.*?/(?:id|doc)/|{re.escape(VOCABULARY)}(?=def/))([^?]+?)(?:/|\.\w{{1,8}})?(?:\?.*)?"
)
"""The IRI of a thing with a mistake, or the address of a document about it; with its name."""
_VALUE: Final = re.compile(rb'"value":"(?!0?")|<(?:uri|bnode|literal[^>]*)>(?!0?<)')
"""A value in JSON or XML, besides 0 and an empty text."""
_NO_ROW: Final = re.compile(rb'[^\r\n]*\r?\n(?:[0",\t]*\r?\n)?')
"""CSV or TSV without such a value."""
Role = OneOf["class", "property", "thing", "other"]
"""What an IRI is: the class of something, a property, a subject or object; or a value that is compared or given."""
TYPE: Final = f"<{RDF}type>"
Ask = Callable[[str], list[dict[str, str]]]
"""Returns the solutions of a SELECT: the terms in SPARQL by variable, without those that are unbound."""


class Pattern(NamedTuple):
    """A triple pattern in SPARQL, with whole IRIs."""

    subject: str
    property: str
    object: str


class QueryPatterns:
    """What a valid query looks for, wherever in it: `roles` of IRIs, and `patterns`.

    Of a path of properties (`/`), the pattern is that of the first one. Left out are the patterns of other paths and of what has
    brackets, and what a CONSTRUCT makes.

    >>> [" ".join(each) for each in QueryPatterns("ASK { ?x <urn:p>/<urn:q> 'é'@fr ; a <urn:c> , 2 }", "").patterns]
    ['?x <urn:p> ?_v', '?x <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <urn:c>', '?x <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> 2']
    """

    def __init__(self, query: str, base: str) -> None:
        self.roles = dict[tuple[str, Role], None]()
        self.patterns = list[Pattern]()
        groups, chunk, group, word = list[str](), list[str](), "", ""
        for kind, text in _terms(decode_escapes(query), base):
            if kind != "word" and text not in ("{", "}", "."):
                chunk.append(text)
                continue
            if group == "VALUES" or (word not in ("", "GRAPH", "FROM", "NAMED") and group != "CONSTRUCT"):
                self._note("other", chunk)
            elif not (word or group):
                self._read(chunk)
            chunk = []
            if text == "{":
                groups.append(group)
                group = word if word in ("VALUES", "CONSTRUCT") else group
            elif text == "}" and groups:
                group = groups.pop()
            word = text.upper() if kind == "word" else ""

    def _read(self, chunk: Sequence[str]) -> None:
        """Read a subject with its properties and objects, or an expression."""
        if not chunk or not {"(", "[", "<<"}.isdisjoint(chunk):
            self._note("other", chunk)
            return
        self._note("thing", chunk[:1])
        for words in ([*part] for is_end, part in groupby(chunk[1:], ";".__eq__) if not is_end):
            end = words.index(",") if "," in words else len(words)
            verb, objects = words[: end - 1], words[end - 1 :: 2]
            self._note("property", verb)
            self._note("class" if verb == [TYPE] else "thing", objects)
            if verb and all(each == "/" for each in verb[1::2]):
                self.patterns += (Pattern(chunk[0], verb[0], "?_v" if verb[1:] else value) for value in objects)

    def _note(self, role: Role, texts: Sequence[str]) -> None:
        self.roles |= {(each[1:-1], role): None for each in texts if each[0] == "<" and each[-1] == ">"}


def _terms(query: str, base: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of what follows the prologue: IRIs resolved, literals whole, `a` as an IRI, blank nodes as variables."""
    literal = ""
    for token in tokens(query, base):
        if token.in_prologue:
            continue
        iri = RDF + "type" if token.text == "a" else token.iri
        text = f"<{iri}>" if iri else token.text.replace("_:", "?_", 1) if token.kind == "blank" else token.text
        joins = token.kind == "language" or text == "^^" or literal.endswith(("^^", "-"))
        if literal and not joins:
            yield "literal", literal
            literal = ""
        if joins or token.kind in ("string", "number") or text.lower() in ("-", "true", "false"):
            literal += text
        else:
            yield ("iri" if iri else token.kind), text


class EmptyReason(NamedTuple):
    """What a query looks for in vain, and what is nearest to it ("" for nothing).

    Its kind: a class, a property or another IRI (unused); a language (the nearest are those that there are); a value, with another
    one; a pattern that nothing matches.
    """

    kind: str
    term: str
    nearest: str = ""

    def words(self, lang: Language) -> str:
        """Return the sentence that names both."""
        sentence = f"empty-{self.kind}{'-near' if self.nearest else ''}"
        return translate(sentence, lang, term=shorten(self.term), nearest=shorten(self.nearest))


def is_empty(answer: Answer) -> bool:
    """Return whether an answer is false or has no triple and no value but 0, which aggregates of nothing have."""
    if answer.size > _MAX_EMPTY or answer.format not in RESULT_FORMATS:
        return False
    body = answer.read()
    if answer.form == "graph":
        return next(parse(body, RdfFormat.from_media_type(answer.format.media_type)), None) is None
    if answer.form == "ask":
        return b"false" in body
    return bool(_NO_ROW.fullmatch(body)) if answer.format in (CSV, TSV) else not _VALUE.search(body)


class EmptyResults:
    """Tells why queries to a release have no result."""

    def __init__(self, release: Release, settings: Settings) -> None:
        self._release, self._triples, self._base = release, release.triples, settings.endpoint
        self._names = release.names

    def reasons(self, query: Query, run: Callable[[Query], Answer]) -> list[EmptyReason]:
        """Return why the result of a query is empty, as far as that is known; `run` runs other queries."""
        if len(query.text) > MAX_TEXT:
            return []
        found = QueryPatterns(query.text, self._base)
        patterns = found.patterns[:_MAX_PATTERNS]
        terms = filter(None, (self._term(iri, role) for iri, role in found.roles))
        reasons = list(islice(chain(terms, self._unknown_languages(query.text)), MAX_REASONS))
        if reasons or not patterns:
            return reasons

        def ask(text: str) -> list[dict[str, str]]:
            results = run(query._replace(text=text, solutions=RESULTS_JSON)).read()
            rows = parse_query_results(results, QueryResultsFormat.JSON)
            assert isinstance(rows, QuerySolutions)  # noqa: S101  # of a SELECT
            return [{each.value: str(row[each]) for each in rows.variables if row[each] is not None} for row in rows]

        try:
            return list(islice(_unmatched(patterns, ask), MAX_REASONS))
        except Problem:  # a limit of the engine
            return []

    def _unknown_languages(self, query: str) -> Iterator[EmptyReason]:
        known = self._release.listing.languages
        for tag in dict.fromkeys(each[1] for each in _LANGUAGE.finditer(query)) if known else ():
            if not any(f"{each}-".lower().startswith(f"{tag}-".lower()) for each in known):
                yield EmptyReason("language", tag, ", ".join(known))

    def _term(self, iri: str, role: Role) -> EmptyReason | None:
        """Return why a term is looked for in vain, None if it is not."""
        used = iri in self._release.graphs or self._triples.describes(iri) or self._triples.mentioned(iri)
        if role == "class":
            used = bool(self._triples.referring(RDF + "type", iri, 1))
        elif role == "property":
            used = bool(self._triples.of_property(iri, 1))
        elif not used and (found := _THING.fullmatch(iri)):
            return self._thing(iri, unquote(found[1]))
        space = iri[: -len(re.split("[#/]", iri)[-1]) or None]
        if used or iri == space:
            return None
        terms = self._release.listing.terms(space, MAX_NAMES)
        names = [each.removeprefix(space) for each in terms] if not space.startswith(self._names.shared_start) else []
        if role == "other" and (space in (RDF, XSD) or not names):  # functions and datatypes are no terms of triples
            return None
        kind = role if role in ("class", "property") else "unused"
        return EmptyReason(kind, iri, self._nearest(iri, space, names, kind))

    def _nearest(self, iri: str, space: str, names: Sequence[str], kind: str) -> str:
        """Return the IRI of the nearest other term, "" if none is near: of the same kind, or with that other name."""
        name = iri.removeprefix(space)
        is_class = kind == "class" or (kind == "unused" and name[:1].isupper())
        if name in names and name[:1].isupper() == is_class:  # what was meant; another one is not
            return ""
        for is_upper in (is_class, not is_class):
            near = nearest(name, (each for each in names if each[:1].isupper() == is_upper and each != name))
            other = self._other_names.get((is_upper, _key(name)), iri)
            if other != iri and _key(near) != _key(name):
                return other
            if near:
                return space + near
        return ""

    @cached_property
    def _other_names(self) -> dict[tuple[bool, str], str]:
        """The IRIs of terms by kind and other name: keys of JSON-LD, then labels, then hidden labels: words that people guess."""
        terms = sorted({*instances(self._release, (*CLASSES, *PROPERTIES))})
        hidden = (quad for iri in terms for quad in self._triples.values(NamedNode(iri), SKOS + "hiddenLabel"))
        named = [
            (quad.object.value, quad.subject.value)
            for quad in chain(hidden, (quad for iri in terms for quad in labels(self._release, iri)))
            if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)
        ]
        named += [(term.name, term.iri) for term in self._release.context.terms if self._triples.mentioned(term.iri)]
        return {(re.split("[#/]", iri)[-1][:1].isupper(), _key(name)): iri for name, iri in named}

    def _thing(self, iri: str, name: str) -> EmptyReason | None:
        named, listing = self._names.iri(name), self._release.listing
        is_known = self._triples.describes(named)
        if iri.endswith("/") and not is_known:  # where names of things begin
            return None
        start = DEFINITIONS if named.startswith(DEFINITIONS) else self._names.things
        return EmptyReason("unused", iri, named if is_known else listing.respelt(start, named[len(start) :]))


def _unmatched(patterns: Sequence[Pattern], ask: Ask) -> Iterator[EmptyReason]:
    """Yield the properties that the class or the thing of a pattern has not, with the way to them, and the values that nothing has."""
    classes = {each.subject: each for each in patterns if each.property == TYPE and each.object[0] == "<"}
    for pattern in patterns:
        subject, name, value = pattern
        start = f"{' '.join(classes[subject])} . " if subject in classes else ""
        if name[0] != "<" or name == TYPE or (subject[0] == "?" and not start and value[0] in "?<"):
            continue
        ways = [f"{subject} {name} {value}"]
        ways += [f"{subject} {name} ?_way"] if value[0] not in "?<" else []
        # Of something that the subject leads to, or that leads to the subject.
        ways += [f"{subject} ?_way ?_0 . ?_0 {name} {value}", f"?_0 ?_way {subject} . ?_0 {name} {value}"]
        parts = (f"{{ SELECT ?_way ({n} AS ?_n) {{ {start}{each} }} LIMIT 1 }}" for n, each in enumerate(ways))
        found = {
            int(row["_n"].split('"')[1]): row.get("_way", "") for row in ask(f"SELECT * {{ {' UNION '.join(parts)} }}")
        }
        if 0 in found:
            continue
        first = min(found, default=0)
        if first == 1 and len(ways) > 3:
            yield EmptyReason("value", _shown(ways[0]), found[first])
        else:
            way = ways[first].replace("?_way", found[first]).replace(f" ?_0 . ?_0 {name}", f"/{name}") if found else ""
            yield EmptyReason("pattern", _shown(start + ways[0]), _shown(way and start + way))


def _shown(text: str) -> str:
    """Return SPARQL with short names."""
    short = re.sub("<([^>]*)>", lambda iri: shorten(iri[1]) if shorten(iri[1]) != iri[1] else iri[0], text)
    return short.replace(" rdf:type ", " a ")


def _key(name: str) -> str:
    """Return a name as names are compared: folded, without spaces, in the singular."""
    return re.sub(r"\W", "", folded(name)).removesuffix("s")

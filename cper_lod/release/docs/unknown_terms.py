"""Terms and things in a query that a release does not have, each with the nearest one: why a result is empty."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Final, NamedTuple
from typing import Literal as OneOf
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, OWL, PREFIXES, SKOS, XSD, shorten
from cper_lod.core.settings import Settings
from cper_lod.core.text import folded, nearest
from cper_lod.engine.syntax.prologue import Prologue, decode_escapes
from cper_lod.engine.syntax.tokenizer import Token, tokens
from cper_lod.release.docs.documentation import CLASSES, PROPERTIES
from cper_lod.release.docs.usage import instances
from cper_lod.release.documents import labels
from cper_lod.release.release import Release

MAX_TERMS: Final = 5
"""Unknown terms of a query that are named."""
MAX_TEXT: Final = 16 * 1024
"""Characters of the longest query in which they are looked for: reading its tokens takes some milliseconds."""
MAX_NAMES: Final = 1000
"""Terms of the largest vocabulary, and vocabularies: what has more is data, and looking for a near name takes too long."""
_MAX_SIBLINGS: Final = 200
"""Things at one place among which the nearest one is looked for, from the first on, and from those that begin alike."""
_CACHED: Final = 256
"""Queries with unknown terms that are remembered, and things in queries."""
_IRI: Final = re.compile(r"<([^<>\s]*)>")
_AT_COLON: Final = re.compile(r":([\w-]*)")
"""What follows a colon of a prefixed name; from the end of a query, what stands before one."""
_END: Final = re.compile(r"(?:/|\.\w{1,8})$")
"""What may follow the name of a thing by mistake, or in the address of a document: a slash, a suffix."""
_NOT_DATA: Final = frozenset({"(", ",", "=", "!=", "^^"})
"""The signs before an IRI that is compared, given to a function, or a datatype: no triple need have it."""

Kind = OneOf["undeclared", "unused", "address"]
_SENTENCES: Final[dict[Kind, tuple[str, str]]] = {
    "undeclared": ("finding-term-unknown", "finding-term-undeclared"),
    "unused": ("query-unused", "query-unused-near"),
    "address": ("query-unused", "query-address"),
}
"""The sentence for each kind, without and with a nearest one."""


class UnknownTerm(NamedTuple):
    """The IRI of a term or a thing that a release does not have, and the IRI of the nearest one ("" if none is near).

    Its vocabulary does not declare it; no data use it; or it is the address at which a document about a thing is served.
    """

    iri: str
    nearest: str
    kind: Kind = "undeclared"

    def words(self, lang: Language) -> str:
        """Return the sentence that names both."""
        sentence = _SENTENCES[self.kind][bool(self.nearest)]
        return translate(sentence, lang, term=shorten(self.iri), nearest=shorten(self.nearest))


class _Use(NamedTuple):
    """An IRI in a query, the token before it, and whether it stands in a triple pattern, in a template, or elsewhere."""

    iri: str
    before: Token
    place: OneOf["pattern", "template", "other"]

    def is_class(self, name: str) -> bool:
        """Return whether it stands as a class; where its place does not tell, whether `name` begins in upper case."""
        if self.before.text == "a":
            return True
        is_property = self.before.kind == "variable" or self.before.text in (";", "/", "^", "|")
        return not is_property and name[:1].isupper()


def _uses(query: str, base: str) -> Iterator[_Use]:
    """Yield the IRIs of a query after its prologue."""
    prologue, before = Prologue(base), Token("sign", "", 0, 0)
    block: tuple[OneOf["template", "other"], int] | None = None  # a template or VALUES, and the depth around it
    for token in tokens(query):
        if prologue.verb is None:
            prologue.feed(token)
        elif token.text == "{" and before is prologue.verb and before.text.upper() == "CONSTRUCT":
            block = "template", before.depth
        elif token.kind == "word" and token.text.upper() == "VALUES":
            block = "other", token.depth
        elif block and token.text == "}" and token.depth == block[1]:
            block = None
        elif iri := prologue.resolve(token):
            is_pattern = before.text not in _NOT_DATA and (before.kind != "word" or before.text == "a")
            yield _Use(iri, before, block[0] if block else "pattern" if is_pattern else "other")
        before = token


class Vocabularies:
    """The terms that the data of a release have: of the vocabularies they declare (owl:Ontology), and of our prefixes."""

    def __init__(self, release: Release, settings: Settings) -> None:
        self._release = release
        self._base = settings.endpoint
        self._things = settings.base_iri + "id/"
        scheme, _, rest = settings.base_iri.partition(":")
        starts = [settings.base_iri, ("http:" if scheme == "https" else "https:") + rest]
        starts += [settings.public_url + "/"] if settings.public_url else []
        self._addresses = tuple(start + kind for start in starts for kind in ("id/", "doc/"))
        self._cached = lru_cache(_CACHED)(self._read)  # saves 1.7 ms where a query with an unknown term comes again
        self._is_known_thing = lru_cache(_CACHED)(
            self._is_used
        )  # saves 20 of the 250 µs of a small query about a thing

    def unknown_terms(self, query: str) -> tuple[UnknownTerm, ...]:
        """Return the terms of a query that their vocabulary does not have, and the things that no data describe.

        Only a query with a name that is not known as it is written is read token by token: whatever looks like a term
        in a string or a comment is none. Terms behind BASE or an escape may be missed.
        """
        return () if len(query) > MAX_TEXT or self._is_known(query) else self._cached(query)

    def _is_known(self, query: str) -> bool:
        """Return whether every name in a query is known as it is written, prefixes declared as usual."""
        for word in query.split():
            if (":" in word or "<" in word) and word not in self._usual_words:
                is_iri = word[0] == "<" and word.find(">") == len(word) - 1
                if not is_iri or not self._is_known_iri(word[1:-1]):
                    break
        else:
            return True
        prefixes = _AT_COLON.findall(query[::-1])  # a colon is found many times faster than a name before one
        for prefix, name in zip(reversed(prefixes), _AT_COLON.findall(query), strict=True):
            if name not in self._local_names.get(prefix, (name,)):
                return False
        for match in _IRI.finditer(query):
            iri = match[1]
            usual = self._declarations.get(iri)
            if not (query.endswith(usual, 0, match.start()) if usual else self._is_known_iri(iri)):
                return False
        return True

    def _is_known_iri(self, iri: str) -> bool:
        if iri.startswith(self._addresses):
            return self._is_known_thing(iri)
        return iri in self._iris or (":" in iri and not iri.startswith(self._spaces))

    def _read(self, query: str) -> tuple[UnknownTerm, ...]:
        found = dict[str, UnknownTerm]()
        for use in _uses(decode_escapes(query), self._base):
            if use.iri not in found and (unknown := self._unknown_term(use) or self._unknown_thing(use)):
                found[use.iri] = unknown
                if len(found) == MAX_TERMS:
                    break
        return tuple(found.values())

    def _unknown_term(self, use: _Use) -> UnknownTerm | None:
        for space, names in self._terms.items():
            name, is_declared = use.iri.removeprefix(space), space in self._declared
            is_told = is_declared or use.place == "pattern"
            if name not in (use.iri, "") and name not in names and is_told and not self._is_used(use.iri):
                near = self._nearest(space, name, is_class=use.is_class(name))
                return UnknownTerm(use.iri, near, "undeclared" if is_declared else "unused")
        return None

    def _nearest(self, space: str, name: str, *, is_class: bool) -> str:
        """Return the IRI of the nearest term, "" if none is near: one of the same kind, or one with that other name."""
        for kind in (is_class, not is_class):
            near = nearest(name, (each for each in self._terms[space] if each[:1].isupper() == kind))
            other = self._other_names.get((kind, _key(name)), "")
            if other and _key(near) != _key(name):
                return other
            if near:
                return space + near
        return ""

    @cached_property
    def _other_names(self) -> dict[tuple[bool, str], str]:
        """The IRIs of terms by kind and other name: keys of JSON-LD, then labels, then hidden labels: words that people guess."""
        terms, triples = sorted({*instances(self._release, (*CLASSES, *PROPERTIES))}), self._release.triples
        hidden = (quad for iri in terms for quad in triples.values(NamedNode(iri), SKOS + "hiddenLabel"))
        quads = chain(hidden, (quad for iri in terms for quad in labels(self._release, iri)))
        named = [
            (quad.object.value, quad.subject.value)
            for quad in quads
            if isinstance(quad.object, Literal) and isinstance(quad.subject, NamedNode)
        ]
        named += [(term.name, term.iri) for term in self._release.context.terms if self._is_used(term.iri)]
        return {(re.split("[#/]", iri)[-1][:1].isupper(), _key(name)): iri for name, iri in named}

    def _unknown_thing(self, use: _Use) -> UnknownTerm | None:
        start = next(filter(use.iri.startswith, (self._things, *self._addresses)), "")
        if not start or use.place == "template" or self._is_used(use.iri):
            return None
        kind: Kind = "unused" if start == self._things else "address"
        name = use.iri.removeprefix(start)
        if kind == "address":
            name = unquote(name.partition("?")[0])
        bare = _END.sub("", name)
        if known := next((each for each in (name, bare) if each and self._is_used(self._things + each)), ""):
            return UnknownTerm(use.iri, self._things + known, kind)
        if not name or name.endswith("/"):  # where names of things begin
            return None
        return UnknownTerm(use.iri, self._nearest_thing(bare), kind)

    def _nearest_thing(self, name: str) -> str:
        """Return the IRI of the thing whose name is nearest, segment by segment; "" if none is near."""
        place = self._things
        for segment in name.split("/"):
            near = segment
            if not self._is_place(place + segment):
                begun = (self._release.listing.segments(place, since) for since in ("", segment[: len(segment) // 2]))
                near = nearest(segment, {each for siblings in begun for each in islice(siblings, _MAX_SIBLINGS)})
            if not near:
                return ""
            place += near + "/"
        return place[:-1] if self._is_used(place[:-1]) else ""

    def _is_place(self, iri: str) -> bool:
        """Return whether an IRI, or one below it, is described."""
        below = (next(self._release.listing.described(iri + end), None) for end in "/#")
        return self._release.triples.describes(iri) or any(each is not None for each in below)

    def _is_used(self, iri: str) -> bool:
        return self._release.triples.describes(iri) or self._release.triples.mentioned(iri)

    @cached_property
    def _declared(self) -> frozenset[str]:
        """The namespaces of the vocabularies that the data declare."""
        declared = islice(self._release.listing.things(OWL + "Ontology"), MAX_NAMES)
        spaces = {iri if iri.endswith(("#", "/")) else iri + "#" for iri in declared}
        if next(self._release.listing.described(CPER), None):  # an ontology without a header declares nothing
            spaces.add(CPER)
        return frozenset(spaces)

    @cached_property
    def _terms(self) -> dict[str, frozenset[str]]:
        """The local names of each vocabulary, by its namespace: those that are declared first."""
        # Datatypes are no terms of triples.
        others = sorted({*PREFIXES.values()} - self._declared - {XSD})
        found = dict[str, frozenset[str]]()
        for space in (*sorted(self._declared), *others):
            found_terms = self._release.listing.terms(space, MAX_NAMES + 1)
            names = frozenset(iri.removeprefix(space) for iri in found_terms) - {""}
            if len(names) <= MAX_NAMES and (names or space not in self._declared):
                found[space] = names
        return found

    @cached_property
    def _spaces(self) -> tuple[str, ...]:
        return tuple(self._terms)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        """The vocabularies that have one of our prefixes, by prefix."""
        return {prefix: space for prefix, space in PREFIXES.items() if space in self._terms}

    @cached_property
    def _iris(self) -> frozenset[str]:
        """The IRIs of all terms."""
        return frozenset(space + name for space, names in self._terms.items() for name in names)

    @cached_property
    def _local_names(self) -> dict[str, frozenset[str]]:
        """The local names of terms, and the empty one, by prefix, each prefix from its end."""
        return {prefix[::-1]: frozenset(("", *self._terms[space])) for prefix, space in self._prefixes.items()}

    @cached_property
    def _usual_words(self) -> frozenset[str]:
        """Terms and vocabularies as most small queries have them: with blanks around."""
        names = {f"{prefix}:{name}" for prefix, space in self._prefixes.items() for name in ("", *self._terms[space])}
        return frozenset(names | {f"<{iri}>" for iri in (*self._iris, *self._prefixes.values())})

    @cached_property
    def _declarations(self) -> dict[str, tuple[str, str]]:
        """What stands before the IRI of a vocabulary where a query declares our prefix for it."""
        return {space: (f"PREFIX {prefix}: ", f"PREFIX {prefix}:") for prefix, space in self._prefixes.items()}


def _key(name: str) -> str:
    """Return a name as names are compared: folded, without spaces, in the singular."""
    return re.sub(r"\W", "", folded(name)).removesuffix("s")

"""Terms in a query that the vocabularies of a release do not have, each with the nearest one: mostly typing errors."""

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import Final, NamedTuple

from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, OWL, PREFIXES, shorten
from cper_lod.core.text import nearest
from cper_lod.engine.syntax.prologue import decode_escapes, iris
from cper_lod.release.release import Release

MAX_TERMS: Final = 5
"""Unknown terms of a query that are named."""
MAX_TEXT: Final = 16 * 1024
"""Characters of the longest query in which they are looked for: reading its tokens takes some milliseconds."""
MAX_NAMES: Final = 1000
"""Terms of the largest vocabulary, and vocabularies: what has more is data, and looking for a near name takes too long."""
_CACHED: Final = 256
"""Queries with unknown terms that are remembered."""


class UnknownTerm(NamedTuple):
    """The IRI of a term that its vocabulary does not have, and the IRI of the nearest one ("" if none is near)."""

    iri: str
    nearest: str

    def words(self, lang: Language) -> str:
        """Return the sentence that names both."""
        sentence = "finding-term-undeclared" if self.nearest else "finding-term-unknown"
        return translate(sentence, lang, term=shorten(self.iri), nearest=shorten(self.nearest))


class Vocabularies:
    """The ontology of a release and what else it declares (owl:Ontology), with their terms: the IRIs in the data below each."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._cached = lru_cache(_CACHED)(self._read)

    def unknown_terms(self, query: str, base: str) -> tuple[UnknownTerm, ...]:
        """Return the terms of a query, which has the base IRI `base`, that their vocabulary does not have.

        Only a query with a name that is not known as it is written is read token by token: whatever looks like a term
        in a string or a comment is none. Terms behind BASE or an escape may be missed.
        """
        if len(query) > MAX_TEXT or self._known.issuperset(self._name.findall(query)):
            return ()
        return self._cached(query, base)

    def _read(self, query: str, base: str) -> tuple[UnknownTerm, ...]:
        found = dict[str, UnknownTerm]()
        for iri in iris(decode_escapes(query), base):
            for namespace, names in self._terms.items():
                name = iri.removeprefix(namespace)
                if len(found) < MAX_TERMS and iri not in found and name not in (iri, "") and name not in names:
                    near = nearest(name, names)
                    found[iri] = UnknownTerm(iri, namespace + near if near else "")
        return tuple(found.values())

    @cached_property
    def _terms(self) -> dict[str, frozenset[str]]:
        """The local names of each vocabulary that has MAX_NAMES at most, by its namespace."""
        declared = islice(self._release.mentions.beginning(f"<{OWL}Ontology>\t<".encode()), MAX_NAMES)
        named = (line.split(b"\t<", 1)[1].partition(b">")[0].decode() for line in declared)
        spaces = {iri if iri.endswith(("#", "/")) else iri + "#" for iri in named}
        if self._release.mode == "contract":
            spaces.add(CPER)
        found = {space: frozenset(islice(self._names(space), MAX_NAMES + 1)) - {""} for space in sorted(spaces)}
        return {space: names for space, names in found.items() if 0 < len(names) <= MAX_NAMES}

    def _names(self, namespace: str) -> Iterator[str]:
        """Yield the local names of the IRIs in a namespace, each looked up once, however often it occurs."""
        key = f"<{namespace}".encode()
        for lines in (self._release.data, self._release.mentions):
            line = next(lines.beginning(key), None)
            while line is not None and line.startswith(key):
                iri = line.partition(b">")[0]
                yield iri[len(key) :].decode()
                line = lines.next_after(iri + b">")

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        """The vocabularies that have one of our prefixes: the prefix and the namespace."""
        return {prefix: iri for prefix, iri in PREFIXES.items() if iri in self._terms}

    @cached_property
    def _name(self) -> re.Pattern[str]:
        """What may be a term, or the declaration of a prefix that can begin one."""
        prefixes = "|".join(map(re.escape, self._prefixes)) or "(?!)"
        spaces = "|".join(map(re.escape, self._terms)) or "(?!)"
        return re.compile(rf"\b(?:{prefixes}):(?: ?<[^<>]*>|[\w-]*)|<(?:{spaces})[^<>]*>")

    @cached_property
    def _known(self) -> frozenset[str]:
        """Every term as it is usually written in a query, and the usual declaration of its prefix."""
        written = {f"<{space}{name}>" for space, names in self._terms.items() for name in names}
        for prefix, space in self._prefixes.items():
            written |= {f"{prefix}: <{space}>", f"{prefix}:<{space}>", f"{prefix}:"}
            written |= {f"{prefix}:{name}" for name in self._terms[space]}
        return frozenset(written)

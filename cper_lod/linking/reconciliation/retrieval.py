"""Which things of a large release may answer a query: found by code, by name, by shared words, by what points where."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from cper_lod.linking.reconciliation.entities import CLOSE
from cper_lod.linking.reconciliation.queries import Wish
from cper_lod.linking.reconciliation.scoring import SIREN, SIRET, Query
from cper_lod.linking.reconciliation.similarity import key
from cper_lod.release.build.index_search import SAME
from cper_lod.release.release import Release
from cper_lod.release.storage.name_lookup import NameQuery

_ELSEWHERE: Final = ("http://www.wikidata.org/entity/", "http://data.europa.eu/nuts/code/")
"""What codes are the ends of: things are found by these IRIs."""
_POINTING: Final = 200
"""Things that point to an IRI which are looked at."""


class Retrieval:
    """Finds things by the indexes of a release, a few hundred for a query at most."""

    def __init__(self, release: Release, names: NameQuery) -> None:
        self._release, self._names = release, names

    def things(self, query: Query, codes: list[Query], wishes: list[Wish]) -> list[str]:
        """Return things that a query, codes among its properties or, without a name, its properties may mean."""
        coded = (self._coded(each) for each in (query, *codes))
        named = chain(self._names.called(query.key.split()), self._names.near(query.written.split()))
        held = (self._having(value) for wish in wishes for value in wish.values) if not query.text else ()
        return list(dict.fromkeys(chain(*coded, named, *held)))

    def _coded(self, query: Query) -> Iterator[str]:
        """Yield the things that a code may be of, or an IRI."""
        if ":" in query.text and f"<{query.text}> ".encode() in self._release.data:
            yield query.text
        wanted = {f"<{each}>" for each in (*SAME, CLOSE)}
        for iri in (query.text, *(start + query.text.upper() for start in _ELSEWHERE)):
            yield from (subject for subject, predicate in self._pointing(iri) if predicate in wanted)
        if len(query.code) > 1 and query.code.isascii():
            yield from self._names.called([query.code])
            yield from self._names.telling(query.code)
            if len(query.code) == SIRET:
                yield from self._names.telling(query.code[:SIREN])

    def _having(self, value: str) -> Iterator[str]:
        """Yield the things that are called so or tell so, and those that point to these or to what an IRI names."""
        called = self._names.called(key(value).split())
        yield from called
        yield from self._names.telling(key(value))
        yield from (subject for iri in (value, *called) for subject, _ in self._pointing(iri))

    def _pointing(self, iri: str) -> Iterator[tuple[str, str]]:
        """Yield things that point to what an IRI names, and the properties by which they do."""
        for line in islice(self._release.mentions.beginning(f"<{iri}>\t<".encode()), _POINTING):
            subject, predicate, _ = line.partition(b"\t")[2].decode().split(" ", 2)
            if subject.startswith("<") and not subject.startswith("<<"):
                yield subject[1:-1], predicate

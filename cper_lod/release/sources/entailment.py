"""Triples that follow from the ontology, added when the sources are read: plain SPARQL then answers standard terms.

A property of the ontology with a superproperty in `STANDARD_TERMS` (`rdfs:subPropertyOf` in ontology/) has its triples written
with that term too, and each `skos:prefLabel` is an `rdfs:label` too (SKOS, S10). Other superproperties are only declared,
since nobody is expected to ask for them.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad

from cper_lod.core.namespaces import CPER, RDFS, SKOS, STANDARD_TERMS

_SUPERPROPERTY: Final = RDFS + "subPropertyOf"


class Entailment:
    """Adds to N-Quads what follows from the superproperties in the quads of an ontology, and labels from names."""

    def __init__(self, ontology: Iterable[Quad]) -> None:
        self._terms: dict[bytes, list[bytes]] = defaultdict(list)
        self._terms[f"<{SKOS}prefLabel>".encode()].append(f"<{RDFS}label>".encode())
        for quad in ontology:
            property_, term = quad.subject, quad.object
            named = isinstance(property_, NamedNode) and property_.value.startswith(CPER)
            if quad.predicate.value == _SUPERPROPERTY and named and getattr(term, "value", "") in STANDARD_TERMS:
                self._terms[str(property_).encode()].append(str(term).encode())
        properties = b"|".join(map(re.escape, sorted(self._terms)))
        self._line = re.compile(rb"^(\S+) (%s) (.+)\n" % properties, re.MULTILINE)

    def complete(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each piece of whole lines, followed by the lines that follow from it."""
        for piece in pieces:
            yield piece
            if more := b"".join(self._entailed(piece)):
                yield more

    def _entailed(self, piece: bytes) -> Iterator[bytes]:
        for subject, property_, rest in self._line.findall(piece):
            for term in self._terms[property_]:
                yield b"%s %s %s\n" % (subject, term, rest)

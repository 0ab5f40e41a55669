"""The published data as rules read them: by node, by property, by term; and findings with their files."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import shorten
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.report import Finding, Severity, finding
from cper_lod.release.sources.read import Sources
from cper_lod.release.storage.quad_file import LookupGraph

_MAX_USES: Final = 20
"""Uses of a term whose things are named."""


class PublishedData:
    """The published quads of some sources, in a sorted file, and the ontology."""

    def __init__(self, sources: Sources, lines: SortedLines) -> None:
        self.lines = lines
        self.graph = LookupGraph([], lines)
        self.ontology = Graph(sources.ontology)
        self._statements = sources.statements

    def finding(self, key: str, node: str, predicate: str = "", value: Term | None = None, **values: object) -> Finding:
        """Return a violation; `predicate` and `value` are the fact that it is about."""
        severity: Severity = "warning" if key == "quotation-unknown" else "violation"
        shown = value.value if isinstance(value, Literal | NamedNode) else ""
        values = {"property": shorten(predicate), "value": shown, **values}
        made = finding(severity, key, node, self.files(node), **values)
        return replace(made, path=predicate or None, value=shown or None)

    def files(self, node: str) -> tuple[str, ...]:
        """Return the files that describe a thing."""
        return tuple(path.as_posix() for path in self._statements.files_about(node))

    def subjects(self, predicate: str, value: str = "") -> Iterator[NamedNode]:
        """Yield the things that have a property, with this IRI as its value if one is given."""
        needle = f"> <{predicate}> {value and f'<{value}>'}".encode()
        yield from dict.fromkeys(NamedNode(each.decode()) for each in self._subjects_before(needle))

    def _subjects_before(self, needle: bytes) -> Iterator[bytes]:
        """Yield the IRI that each line starts with in which `needle` follows it."""
        lines, at = self.lines.bytes, 0
        while (at := lines.find(needle, at)) >= 0:
            subject = lines[lines.rfind(b"\n", 0, at) + 2 : at]
            if b" " not in subject:  # else the needle is in a text
                yield subject
            at += len(needle)

    def subjects_naming(self, term: bytes) -> dict[str, None]:
        """Return the first things that use a term, as property or value."""
        lines, at, found = self.lines.bytes, 0, dict[str, None]()
        while (at := lines.find(term, at)) >= 0 and len(found) < _MAX_USES:
            found[lines[lines.rfind(b"\n", 0, at) + 1 : at].partition(b">")[0].removeprefix(b"<").decode()] = None
            at += len(term)
        return found

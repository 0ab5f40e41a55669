"""A client of TREE and LDES that knows their vocabularies alone, and what replaying the members comes to."""

from collections.abc import Callable, Iterable

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from cper_lod.core.namespaces import AS, DCT, RDF, TREE
from cper_lod.release.release import Release

Triples = set[tuple[object, ...]]


class LdesClient:
    """Follows a stream from page to page, reads each once, and keeps the members."""

    def __init__(self, get: Callable[[str], list[Quad]]) -> None:
        self.members: list[tuple[str, str, str, frozenset[Quad]]] = []
        self.seen: list[str] = []
        self._get = get

    def follow(self, address: str, low: str = "", high: str = "9") -> None:
        assert address not in self.seen, "a node has one way into it"
        self.seen.append(address)
        quads = self._get(address)
        said = {(quad.subject, quad.predicate.value): quad.object for quad in quads}
        for quad in quads:
            if quad.predicate.value == TREE + "member":
                when = said[quad.object, DCT + "created"].value
                assert low <= when <= high, "the relations that led here told the truth"
                payload = frozenset(each for each in quads if each.graph_name == quad.object)
                thing, kind = (str(said[quad.object, name]) for name in (DCT + "isVersionOf", RDF + "type"))
                self.members.append((when, thing, kind.removeprefix(f"<{AS}").strip(">"), payload))
        for target, bounds in sorted(self._relations(quads, address).items()):
            self.follow(target, bounds["GreaterThanOrEqualTo"], bounds["LessThanOrEqualTo"])

    def _relations(self, quads: list[Quad], address: str) -> dict[str, dict[str, str]]:
        said: dict[object, dict[str, str]] = {}
        for quad in quads:
            said.setdefault(quad.subject, {})[quad.predicate.value] = quad.object.value  # type: ignore[union-attr]
        found: dict[str, dict[str, str]] = {}
        for quad in quads:
            if quad.predicate.value == TREE + "relation":
                assert quad.subject == NamedNode(address)
                row = said[quad.object]
                assert row[TREE + "path"] == DCT + "created"
                kind = row[RDF + "type"].removeprefix(TREE).removesuffix("Relation")
                found.setdefault(row[TREE + "node"], {})[kind] = row[TREE + "value"]
        return found


def state(release: Release) -> Triples:
    lines = b"\n".join(release.lines())
    return {tuple(quad)[:3] for quad in parse(lines, RdfFormat.N_QUADS) if str(quad.graph_name) == "DEFAULT"}


def replayed(start: Release, members: Iterable[tuple[str, str, str, frozenset[Quad]]]) -> Triples:
    """Return what is said after each member took the place of what was said of its thing, in order of time."""
    found = state(start)
    for _, thing, kind, payload in sorted(members, key=lambda each: each[0]):
        found = {each for each in found if str(each[0]) != thing}
        assert (kind == "Delete") == (not payload)
        found |= {tuple(quad)[:3] for quad in payload}
    return found

"""What one version of the ontology changed in the one before: terms added, withdrawn, deprecated, told otherwise."""

from collections.abc import Iterable
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.namespaces import CPER, OWL, RDFS, SKOS

DEPRECATED = OWL + "deprecated"
_TOLD_APART = frozenset({SKOS + "changeNote", SKOS + "historyNote", DEPRECATED})
"""What a term says of its own changes: no change by itself."""


class Revision(NamedTuple):
    """The IRIs of the terms that differ; of those told otherwise, the properties by which they do."""

    added: list[str]
    withdrawn: list[str]
    deprecated: list[str]
    changed: dict[str, list[str]]


def deprecated(quads: Iterable[Quad]) -> set[str]:
    """Return the IRIs that are said to be deprecated (owl:deprecated, `true` or `1`)."""
    return {
        each.subject.value
        for each in quads
        if each.predicate.value == DEPRECATED
        and isinstance(each.subject, NamedNode)
        and isinstance(each.object, Literal)
        and each.object.value in ("true", "1")
    }


def defined(quads: Iterable[Quad]) -> dict[str, set[Quad]]:
    """Return the terms of our ontology that quads define, each with what is said of it; a term has a label."""
    found: dict[str, set[Quad]] = {}
    named = set()
    for each in quads:
        if isinstance(each.subject, NamedNode) and each.subject.value.startswith(CPER):
            found.setdefault(each.subject.value, set()).add(each)
            if each.predicate.value == RDFS + "label":
                named.add(each.subject.value)
    return {iri: found[iri] for iri in sorted(named)}


def revision(before: Iterable[Quad], after: Iterable[Quad]) -> Revision:
    """Return what `after` changed in the terms of `before`."""
    earlier, later = list(before), list(after)
    old, new = defined(earlier), defined(later)
    changed = {}
    for iri in old.keys() & new.keys():
        differing = {each.predicate.value for each in old[iri] ^ new[iri]} - _TOLD_APART
        if differing:
            changed[iri] = sorted(differing)
    return Revision(
        added=sorted(new.keys() - old.keys()),
        withdrawn=sorted(old.keys() - new.keys()),
        deprecated=sorted((deprecated(later) - deprecated(earlier)) & new.keys()),
        changed=dict(sorted(changed.items())),
    )

"""What things are called: a label names what its thing is of; another name is a name of its own thing."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from pyoxigraph import Literal

from cper_lod.core.namespaces import BASE, CPER, ORG, PREFIXES, PROV, SKOS, shorten
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Node, Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import without_qualifier

_LABEL: Final = SKOS + "prefLabel"
_SCOPE: Final = CPER + "perimetre"
_OUTLINE: Final = PREFIXES["geo"] + "hasGeometry"
_OF: Final = (CPER + "financeur", CPER + "subdivision", _SCOPE, PROV + "agent", _OUTLINE)
"""Properties that say what a figure, a signatory or an outline is of: its label may name it."""


def labels(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each figure, signatory and outline: its label names another thing in place of its own."""
    own = defaultdict[Node, dict[str, list[Node]]](lambda: defaultdict(list))
    named = defaultdict[tuple[str, Term | None, str], dict[str, set[Node]]](lambda: defaultdict(set))
    codes = [*data.concepts(f"{BASE}id/code/perimetre")]
    for predicate in _OF:
        for node, thing in data.pairs(predicate):
            if isinstance(thing, Literal):
                continue
            about: Node = thing if predicate == _OUTLINE else node
            of: Node = node if predicate == _OUTLINE else thing
            own[about][predicate].append(of)
            for each in codes if predicate == _SCOPE else (of,):
                for lang, name in _names(data, each):
                    named[predicate, data.graph.one(about, CPER + "contrat"), lang][name].add(each)
    for about, things in own.items():
        contract = data.graph.one(about, CPER + "contrat")
        own_names = {name for each in things.values() for thing in each for _, name in _names(data, thing)}
        found = list[Finding]()
        for label in data.graph.all(about, _LABEL):
            parts = _parts(label.value) if isinstance(label, Literal) else []
            # A part of its own name names itself.
            parts = [part for part in parts if not any(part in name for name in own_names)]
            for predicate, right in things.items():
                known = named[predicate, contract, getattr(label, "language", None) or "fr"]
                others = {each for part in parts for each in known.get(part, ())}
                if others and others.isdisjoint(right):
                    other, stated = (data.graph.label(each, "fr") for each in (min(others, key=str), right[0]))
                    values = {"other": other, "named": stated, "role": shorten(predicate)}
                    found.append(data.finding("label-of-another", about.value, _LABEL, label, **values))
        yield found


def _names(data: PublishedData, thing: Node) -> Iterator[tuple[str, str]]:
    """Yield the names of a thing, and those of the kind of a body, each with its language."""
    for each in (thing, *data.graph.all(thing, ORG + "classification")):
        for name in (name for predicate in (_LABEL, SKOS + "altLabel") for name in data.graph.all(each, predicate)):
            if isinstance(name, Literal):
                yield name.language or "fr", folded(without_qualifier(name.value))


def _parts(label: str) -> list[str]:
    """Return the parts of a label that may be names, folded.

    >>> _parts("Montant : Mer et littoral, relance")
    ['montant', 'montant, mer et littoral', 'montant, mer et littoral, relance', 'mer et littoral', 'mer et littoral, relance', 'relance']
    """
    pieces = folded(label).replace(" : ", ", ").replace(": ", ", ").split(", ")[:_MAX_PIECES]
    return [", ".join(pieces[start:end]) for start, end in combinations(range(len(pieces) + 1), 2)]


_MAX_PIECES: Final = 12
"""Parts of a label between commas that are looked at."""

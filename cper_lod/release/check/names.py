"""What things are called: a label names what its thing is of; another name is a name of its own thing."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core import identifiers
from cper_lod.core.identifiers import INSEE, identifiers_like
from cper_lod.core.namespaces import CPER, DEFINITIONS, OA, ORG, PREFIXES, PROV, RDF, SKOS, shorten
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Node, Term
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import is_named, without_qualifier

_LABEL: Final = SKOS + "prefLabel"
_SCOPE: Final = CPER + "perimetre"
_OUTLINE: Final = PREFIXES["geo"] + "hasGeometry"
_OF: Final = (CPER + "financeur", CPER + "subdivision", _SCOPE, PROV + "agent", _OUTLINE)
"""Properties that say what a figure, a signatory or an outline is of: its label may name it."""


def labels(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each figure, signatory and outline: its label names another thing in place of its own."""
    own = defaultdict[Node, dict[str, list[Node]]](lambda: defaultdict(list))
    named = defaultdict[tuple[str, Term | None, str], dict[str, set[Node]]](lambda: defaultdict(set))
    codes = [*data.concepts(f"{DEFINITIONS}code/perimetre")]
    # Those of all things at once, so that each is read from the file only for its label.
    contracts = dict[Node, Term](data.pairs(CPER + "contrat"))
    for predicate in _OF:
        for node, thing in data.pairs(predicate):
            if isinstance(thing, Literal):
                continue
            about: Node = thing if predicate == _OUTLINE else node
            of: Node = node if predicate == _OUTLINE else thing
            own[about][predicate].append(of)
            for each in codes if predicate == _SCOPE else (of,):
                for lang, name in _names(data, each):
                    named[predicate, contracts.get(about), lang][name].add(each)
    own_labels = defaultdict[Node, list[Literal]](list)
    for node, label in data.pairs(_LABEL):
        if node in own and isinstance(label, Literal):
            own_labels[node].append(label)
    amendments = {*data.subjects(RDF + "type", CPER + "Avenant")}
    for about, things in own.items():
        contract, found = contracts.get(about), list[Finding]()
        for label in own_labels[about]:
            for predicate, right in things.items():
                known = named[predicate, contract, label.language or "fr"]
                parts = [part for part in _parts(label.value) if part in known]
                if about in amendments:
                    is_attested = any(
                        NamedNode(predicate) in data.graph.all(each, CPER + "atteste")
                        for each in data.graph.all(about, CPER + "enonce")
                    )
                    parts = [name for name in known if not is_attested and is_named(name, folded(label.value))]
                elif parts:  # a part of its own name names itself
                    own_names = {name for each in things.values() for thing in each for _, name in _names(data, thing)}
                    parts = [part for part in parts if not any(part in name for name in own_names)]
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

_OTHER: Final = (SKOS + "altLabel", SKOS + "hiddenLabel")
_ACTORS: Final = frozenset((ORG + "FormalOrganization", PREFIXES["geo"] + "Feature"))
_ACRONYM: Final = re.compile(r"[A-ZÀ-Þ]{2,12}[0-9]?|[A-Z][0-9]")
_WORD: Final = re.compile("[a-z]+")
_WRITTEN_OUT: Final = {
    "CPER": "contrat de plan État-Région",
    "CPIER": "contrat de plan interrégional État-Régions",
    "FEADER": "Fonds européen agricole pour le développement rural",
    "FEDER": "Fonds européen de développement régional",
    "FSE": "Fonds social européen",
    "S3": "stratégie régionale de recherche et d'innovation pour une spécialisation intelligente",
    "SRADDET": "schéma régional d'aménagement, de développement durable et d'égalité des territoires",
    "SRDEII": "schéma régional de développement économique, d'innovation et d'internationalisation",
    "SRESRI": "schéma régional de l'enseignement supérieur, de la recherche et de l'innovation",
}
"""Acronyms of the law, which are written out with these words, or fewer."""


def other_names(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each other name of a body, a territory or a thing of a contract: it is not a name of it.

    It is that of another one; or an acronym that is not of the initials of its name, and stands nowhere; or, of a thing of a
    contract, neither in the words about it nor its name written out.
    """
    of_class = defaultdict[tuple[str, Term | None], dict[str, set[NamedNode]]](lambda: defaultdict(set))
    indexed = set[str]()
    for node, name in (pair for predicate in _OTHER for pair in data.pairs(predicate)):
        contract, types = data.graph.one(node, CPER + "contrat"), data.graph.types(node)
        if not isinstance(name, Literal) or not (contract or _ACTORS.intersection(types)):
            continue  # a word of our lists
        for cls in {*types} - indexed:
            for each in data.subjects(RDF + "type", cls):
                for label in data.graph.all(each, _LABEL):
                    of_class[cls, data.graph.one(each, CPER + "contrat")][folded(label.value)].add(each)
        indexed |= {*types}
        own = [each.value for each in data.graph.all(node, _LABEL) if isinstance(each, Literal)]
        others = {each for cls in types for each in of_class[cls, contract].get(folded(name.value), ())} - {node}
        other = data.graph.label(min(others, key=str), "fr") if others else _listed(own, name.value)
        predicate = next(each for each in _OTHER if name in data.graph.all(node, each))
        if other:
            yield [data.finding("name-of-another", node.value, predicate, name, other=other)]
        elif _is_founded(data, node, own, name.value, is_of_contract=contract is not None):
            yield []
        else:
            yield [data.finding("name-unfounded", node.value, predicate, name, named=data.graph.label(node, "fr"))]


def _listed(own: Iterable[str], name: str) -> str:
    """Return the region or department that has a name, if `own` are the names of another one; else ""."""
    for kind in ("region", "departement"):
        known = [each.name for each in identifiers_like(f"{INSEE}{kind}/").values()]
        found = {each for each in known if identifiers.is_named(name, kind, each)}
        mine = {each for each in known if found and any(identifiers.is_named(one, kind, each) for one in own)}
        if mine and found.isdisjoint(mine):
            return min(found)
    return ""


def _is_founded(data: PublishedData, node: Node, own: list[str], name: str, *, is_of_contract: bool) -> bool:
    """Return whether another name is that of a thing: an acronym, a name written out, or what the words about it call it."""
    if any(is_named(name, each.words) for each in data.statements.get(node, ())):
        return True
    acronyms = [each for each in own if _ACRONYM.fullmatch(each)]
    if known := [_WRITTEN_OUT[each] for each in acronyms if each in _WRITTEN_OUT]:
        return any({*_WORD.findall(folded(name))} <= {*_WORD.findall(folded(each))} for each in known)
    if _ACRONYM.fullmatch(name):
        if any(_has_initials(name, each) or name.lower() in each.lower().split() for each in own):
            return True
        words = (each.value for _, each in data.pairs(OA + "exact"))
        return any(re.search(rf"\b{name}\b", each) for each in (*own, *words, *data.texts.values()))
    return not is_of_contract or any(_has_initials(each, name) for each in acronyms)


def _has_initials(acronym: str, name: str) -> bool:
    """Return whether the letters of an acronym are initials of a name, in their order, from its first word.

    >>> _has_initials("ADEME", "Agence de l'environnement et de la maîtrise de l'énergie"), _has_initials("CUDL", "Métropole de Lille")
    (True, False)
    """
    letters = [each for each in folded(acronym) if each.isalpha()]
    initials = [each[0] for each in _WORD.findall(folded(name))]
    rest = iter(initials)
    return letters[:1] == initials[:1] and all(letter in rest for letter in letters)

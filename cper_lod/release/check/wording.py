"""What stands beside a value in its words: the name of another, a word that changes how it is read, « sera signé »."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, DCT, ORG, PREFIXES, PROV, SKOS
from cper_lod.core.text import folded
from cper_lod.rdf.graph import Node, Term, stated_place
from cper_lod.rdf.report import Finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.quotations import (
    NATURES,
    QuotedStatement,
    comparable,
    natures_said,
    stands_after_dont,
    without_qualifier,
)

_PRINTED, _VALUE, _NATURE = (CPER + name for name in ("valeurPubliee", "valeur", "nature"))
_STATUS: Final = PREFIXES["adms"] + "status"
_JOINED: Final = re.compile(
    r"[ :–—\-=(«»\"*]*(?:[0-9][0-9 ,.]* ?(?:[mk]d?€|€|millions?|milliards?)(?: d'euros)? ?[(,–—-] ?)?"
)
"""What stands between the name of a line and its number, perhaps an amount: « État : 994 M€ (36 %) »."""
_BELONGS: Final = {
    "financeur": re.compile(r"(?: \([^()]{0,20}\))? (?:de |par )(?:l'|la |les? )$|(?: \([^()]{0,20}\))? (?:du|des) $"),
    "subdivision": re.compile(r"(?: d'euros)? (?:pour |a |sur )(?:l'|la |les? )?$"),
}
"""What stands between a number and whose it is: « 994 M€ de l'État », « 94 M€ pour la culture »."""
_NOT_YET: Final = re.compile(
    r"\b(?:sera|seront|serait|doit|doivent|devra|devrait|devront|va|vont|pas|point|jamais|ni)(?: \w+){0,2} $"
)
"""What stands before a verb that tells no fact: « sera signé », « n'est pas encore signé »."""
_DONE: Final = {"signe": "sign", "approuve": "(?:approuv|adopt|valid|vote)", "convenu": "conven", "presente": "present"}
"""How the verb of each status begins that says that something has been done."""


class _Mention(NamedTuple):
    start: int
    end: int
    of: Node


def values_of_another(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each figure of a funder or subdivision: its words give its number to another one.

    Where it stands beside the name of another (« Région : 995 M€ », « 995 M€ de la Région »), or, of several figures that
    one quotation gives, where their numbers are not in the order of the names, each of which stands there once.
    """
    names = {name: _Names(data, CPER + name) for name in _BELONGS}
    for node in data.subjects(_PRINTED):
        found = list[Finding]()
        for own, belongs in [(known, _BELONGS[name]) for name, each in names.items() for known in each.around(node)]:
            for statement in data.statements.get(node, ()):
                if _VALUE in statement.attests and (other := _beside(data, node, own, belongs, statement)):
                    found.append(_of_another(data, node, other, statement.words))
        yield found
    by_words = defaultdict[tuple[str, Term | None], dict[Node, None]](dict)
    for node in data.subjects(_PRINTED):
        for each in data.statements.get(node, ()):
            if _VALUE in each.attests:
                by_words[each.words, data.graph.one(node, CPER + "contrat")][node] = None
    for (words, _), nodes in by_words.items():
        if len(nodes) > 1:
            yield list(_crossed(data, names, words, list(nodes)))


def _of_another(data: PublishedData, node: Node, other: Node, words: str) -> Finding:
    printed = data.graph.all(node, _PRINTED)[0]
    name = data.graph.label(other, "fr")
    return data.finding("value-of-another", node.value, _PRINTED, printed, other=name, words=words)


class _Names:
    """The names of what figures are of (their funders, their subdivisions), as documents give them."""

    def __init__(self, data: PublishedData, predicate: str) -> None:
        self._data, self._predicate = data, predicate
        self._of_contract = defaultdict[Term, dict[Node, None]](dict)
        printed = {*data.subjects(_PRINTED)}  # not subsidies, which are many
        for node, thing in data.pairs(predicate):
            contract = data.graph.one(node, CPER + "contrat") if node in printed else None
            if contract is not None and not isinstance(thing, Literal):
                self._of_contract[contract][thing] = None

    def around(self, node: Node) -> Iterator[tuple[Node, dict[Node, list[str]]]]:
        """Yield what a figure is of, with the names of all that figures of its contract are of."""
        contract, own = self._data.graph.one(node, CPER + "contrat"), self._data.graph.one(node, self._predicate)
        if contract is not None and own in self._of_contract[contract] and not isinstance(own, Literal):
            yield own, self.names(list(self._of_contract[contract]))

    def names(self, things: Sequence[Node]) -> dict[Node, list[str]]:
        """Return the names of things as they are looked for; that of a kind, where one thing alone is of this kind."""
        found: dict[Node, list[str]] = {}
        kinds = defaultdict[Term, list[Node]](list)
        for thing in things:
            found[thing] = [without_qualifier(each) for each in self._data.french_names(thing)]
            for kind in self._data.graph.all(thing, ORG + "classification"):
                kinds[kind].append(thing)
            for word in self._data.graph.all(thing, DCT + "type"):
                found[thing] += [
                    f"{name} {self._data.graph.value(thing, SKOS + 'notation')}"
                    for name in self._data.french_names(word)
                ]
        for kind, of in kinds.items():
            if len(of) == 1:
                found[of[0]] += self._data.french_names(kind)
        return {thing: [folded(comparable(each)) for each in names] for thing, names in found.items()}


def _mentions(words: str, names: Mapping[Node, Sequence[str]]) -> list[_Mention]:
    """Return where words name things; a name within a longer one of another thing is none."""
    found = [
        _Mention(match.start(), match.end(), thing)
        for thing, texts in names.items()
        for text in dict.fromkeys(texts)  # « État » is the name of a body and of its kind
        if text.strip()
        for match in re.finditer(rf"(?<![\w-]){re.escape(text)}s?(?![\w-])", words)
    ]
    return [
        each
        for each in sorted(found)
        if not any(
            other.of != each.of and other.start <= each.start and each.end <= other.end and other[:2] != each[:2]
            for other in found
        )
    ]


def _beside(
    data: PublishedData,
    node: Node,
    own: tuple[Node, Mapping[Node, Sequence[str]]],
    belongs: re.Pattern[str],
    statement: QuotedStatement,
) -> Node | None:
    """Return the thing beside whose name the number of a figure stands in the words, or in the rest of their lines."""
    thing, names = own
    words = folded(comparable(" ".join(_around(data, statement))))
    printed = folded(comparable(data.graph.value(node, _PRINTED)))
    mentions = _mentions(words, names)
    rivals = []
    for match in re.finditer(rf"(?<![\w,.]){re.escape(printed)}(?!\w)", words):
        before = [each for each in mentions if each.end <= match.start()]
        after = [each for each in mentions if each.start >= match.end()]
        last = [each for each in before if _JOINED.fullmatch(words, each.end, match.start())]
        first = [each for each in after if belongs.fullmatch(words, match.end(), each.start)]
        beside = {each.of for each in (*last, *first)}
        if not beside or thing in beside:
            return None
        rivals.append(next(iter(beside)))
    return rivals[0] if rivals else None


def _around(data: PublishedData, statement: QuotedStatement) -> tuple[str, str, str]:
    """Return the words of a statement, after the beginning of their first line and before the end of their last one.

    Both are empty where the text of the document is not here.
    """
    raw, start, end = _place(data, statement)
    if not raw:
        return "", statement.words, ""
    first, last = raw.rfind("\n", 0, start) + 1, raw.find("\n", end)
    return raw[first:start], statement.words, raw[end : last if last >= 0 else len(raw)]


def _place(data: PublishedData, statement: QuotedStatement) -> tuple[str, int, int]:
    """Return the text of the document of a statement, "" if it is not here, and where its words start and end there."""
    node = NamedNode(statement.iri)
    raw = data.texts.get(data.graph.value(node, PROV + "wasQuotedFrom"), "")
    start, end = stated_place(data.graph, node)
    if not raw or not (start.isdecimal() and end.isdecimal()) or len(start + end) > 20:
        return "", 0, 0
    return raw, int(start), int(end)


def _after_its_line(data: PublishedData, statement: QuotedStatement) -> tuple[str, int]:
    """Return the words of a statement after the beginning of their line, folded, and where they start."""
    before, words, _ = _around(data, statement)
    line = f"{folded(comparable(before))} " if before.strip() else ""
    return line + folded(comparable(words)), len(line)


def _crossed(data: PublishedData, names: Mapping[str, _Names], words: str, nodes: Sequence[Node]) -> Iterator[Finding]:
    """Yield the findings about figures of one quotation whose numbers are in another order than their names."""
    plain = folded(comparable(words))
    for known in names.values():
        own = {node: thing for node in nodes for thing, _ in known.around(node)}
        mentions = _mentions(plain, known.names(list(dict.fromkeys(own.values()))))
        once = {each.of: each.start for each in mentions if [one.of for one in mentions].count(each.of) == 1}
        at = {node: plain.find(folded(comparable(data.graph.value(node, _PRINTED)))) for node in own}
        for one, other in combinations(own, 2):
            placed = {own[one], own[other]} <= once.keys() and own[one] != own[other] and min(at[one], at[other]) >= 0
            is_told = placed and at[one] != at[other] and once[own[one]] != once[own[other]]
            if is_told and (at[one] < at[other]) != (once[own[one]] < once[own[other]]):
                yield _of_another(data, one, own[other], words)


def natures(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each published value: « plus de », « près de » before it in its words is left out."""
    for node in data.subjects(_PRINTED):
        nature, printed = data.graph.value(node, _NATURE).removeprefix(NATURES), data.graph.value(node, _PRINTED)
        if nature not in ("exact", "arrondi"):
            continue
        told = (_after_its_line(data, each) for each in data.statements.get(node, ()))
        said = [each for words, start in told for each in natures_said(printed, words, start)]
        # A value that stands there once without such a word is right.
        left_out = said[0] if said and all(said) else None
        found = Literal(data.graph.value(node, _PRINTED))
        other = data.graph.label(NamedNode(NATURES + left_out), "fr") if left_out else ""
        yield [data.finding("nature-left-out", node.value, _PRINTED, found, other=other)] if left_out else []


def parts(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each published value: « dont » before it in its words is left out."""
    for node in data.subjects(_PRINTED):
        printed = Literal(data.graph.value(node, _PRINTED))
        told = [_after_its_line(data, each)[0] for each in data.statements.get(node, ()) if _VALUE in each.attests]
        is_part = bool(told) and all(stands_after_dont(printed.value, each) for each in told)
        wrong = is_part and not data.graph.all(node, CPER + "partieDe")
        yield [data.finding("part-left-out", node.value, _PRINTED, printed, words=" / ".join(told))] if wrong else []


def statuses(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each step that is done: its words say that it is to come, or that it is not."""
    for node, status in data.pairs(_STATUS):
        stem = _DONE.get(status.value.rpartition("/")[2])
        attesting = [each for each in data.statements.get(node, ()) if _STATUS in each.attests]
        if stem is None or not attesting:
            continue
        told = [
            _NOT_YET.search(words[: match.start()]) is None
            for words, start in (_after_its_line(data, each) for each in attesting)
            for match in re.compile(rf"\b{stem}\w*").finditer(words, start)
        ]
        words = " / ".join(each.words for each in attesting)
        wrong = bool(told) and not any(told)
        yield [data.finding("status-not-yet", node.value, _STATUS, status, words=words)] if wrong else []


def levels(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each subdivision below another: the words place another one there, or below another one."""
    schemes = defaultdict[Term, list[Node]](list)
    for node, scheme in data.pairs(SKOS + "inScheme"):
        schemes[scheme].append(node)
    names, broader = _Names(data, SKOS + "broadMatch"), SKOS + "broadMatch"
    # Whether each text that gives subdivisions with those above them names these first, on lines before.
    is_below, crossing = defaultdict[str, set[bool]](set), list[tuple[Node, str, Finding]]()
    for node in data.subjects(broader):
        parents = [each for each in data.graph.all(node, broader) if not isinstance(each, Literal)]
        lists = [data.graph.one(each, SKOS + "inScheme") for each in (node, *parents)]
        siblings, above = (
            names.names([each for scheme in dict.fromkeys(some) if scheme for each in schemes[scheme]])
            for some in (lists[:1], lists[1:])
        )
        found = list[Finding]()
        for statement in data.statements.get(node, ()):
            if broader not in statement.attests:
                continue
            words = folded(comparable(statement.words))
            places = _mentions(words, siblings)
            own = [each for each in places if each.of == node]
            higher = _mentions(words, above)
            before = [each for each in higher if own and each.end <= own[0].start]
            named = before[-1].of if before else parents[0]
            wrong = data.finding("level-of-another", node.value, broader, named, words=statement.words)
            if (places and not own) or (before and before[-1].of not in parents):
                found.append(wrong)
            elif own and higher:
                document = data.graph.value(NamedNode(statement.iri), PROV + "wasQuotedFrom")
                is_below[document].add(bool(before))
                text, start, end = _place(data, statement)
                if not before and "\n" in text[start:end]:
                    crossing.append((node, document, wrong))
        yield found
    # Where others stand below what is named before them, one is not below what a later line names.
    yield from ([wrong] for _, document, wrong in crossing if True in is_below[document])

"""The changes between two releases in words: a sentence for each thing, the most important first, and their numbers.

Those of a publication are stored in the history, so that they outlive the releases.
"""

import json
import re
import sys
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from enum import IntEnum
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, NamedTuple

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, NUMBERS, OA, PROV, RDFS, SUBV, VOCABULARIES, XSD, expand, shorten
from cper_lod.release.files import reading_history
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.comparison import FactChange, OnDifference, ResourceChange, compare
from cper_lod.release.plan.observations import MEASURES
from cper_lod.release.release import Release


class Importance(IntEnum):
    """What changes are about, the most important first."""

    CONTRACTS = 0
    FIGURES = 1
    SIGNATORIES = 2
    STEPS = 3
    OTHERS = 4
    COUNTED = 5
    """What follows from rules or comes in bulk, so that its number says enough."""


_FIGURES: Final = frozenset(expand("cper:Montant cper:Part cper:Chiffre"))
_VALUES: Final = expand("cper:valeurPubliee cper:valeur")
"""The value of a figure as it is printed, and as a number: the first that has changed tells both."""
_MEASURES: Final = frozenset(CPER + name for name in MEASURES)
_STATEMENTS: Final = CPER + "enonce"
_SAID_BY: Final = (_STATEMENTS, CPER + "lecture")
"""The statements and the readings of a thing."""
_OF_WORDS: Final = (CPER + "Enonce", CPER + "Lecture")
_BY_CLASS: Final = {
    **dict.fromkeys(_FIGURES, Importance.FIGURES),
    CPER + "Contrat": Importance.CONTRACTS,
    CPER + "Signataire": Importance.SIGNATORIES,
    CPER + "Etape": Importance.STEPS,
    **dict.fromkeys(
        expand("cper:Enonce oa:TextPositionSelector cper:ValeurDerivee subv:Subvention"), Importance.COUNTED
    ),
}
MAX_SENTENCES: Final = 15
"""Most sentences about one contract, unless all are asked for."""
_MAX_CLAUSES, _MAX_DOCUMENTS, _MAX_VALUE, _MAX_QUOTE = 3, 2, 120, 80
"""Most clauses and documents of a sentence, and characters of a value and of the words that stand for a name."""
_MAX_CACHED_NAMES: Final = 5000
CHANGES: Final = "changes.json"
"""The file with the changes of a publication, in its folder."""
FORMAT: Final = 5
"""The version of that file; changes stored in another one are not read."""
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""Characters that break a line, move the cursor of a terminal, or change the text direction."""


class _Told(NamedTuple):
    """A sentence in each language, by its importance and its place among those of a contract."""

    importance: Importance
    place: int
    sentence: Mapping[Language, str]


class ChangesInWords:
    """The changes between two releases, read once when it is made; few of them are in memory, whatever the releases are.

    Of a contract, at most MAX_SENTENCES sentences are kept, the most important ones, and the number of the others; with `whole`,
    all of them, and what new and withdrawn contracts hold. `on_difference` is called as by `compare`.
    """

    def __init__(
        self, before: Release, after: Release, *, whole: bool = False, on_difference: OnDifference = lambda *_: None
    ) -> None:
        self._releases, self._whole, self.of_site = (before, after), whole, after.names
        self._names: dict[str, Mapping[Language, str]] = {}
        self._contracts: dict[str, Mapping[Language, str]] = {}
        self._told = defaultdict[str, list[_Told]](list)
        self._numbers, self._counted = (defaultdict[str, Counter[Any]](Counter) for _ in range(2))
        things, facts = Counter[str](), Counter[str]()
        moved = before.names != after.names
        for change in () if moved else compare(before, after, on_difference):
            things[change.kind] += 1
            facts.update(fact.kind for fact in change.facts)
            self._add(change)
        self.summary: dict[str, Any] = {
            "same": not things and not moved,
            "moved": [before.names.address, after.names.address] if moved else [],
            "things": {name: things[name] for name in ("new", "gone", "changed")},
            "facts": {name: facts[name] for name in ("added", "withdrawn", "corrected")},
        }
        """The numbers of changes; `same` if there is none in the default graph. Of a site that has `moved`, both addresses, and no
        number: every name begins otherwise, so nothing is compared."""

    def lines(self, lang: Language) -> Iterator[str]:
        """Yield the changes as lines of text: contracts that are new or gone, then by contract, then what is only counted."""
        for contract, sentence in sorted(self._contracts.items()):
            yield sentence[lang]
            content = {each.name.lower(): count for each, count in sorted(self._numbers[contract].items())}
            if content and not self._whole:
                yield "  " + _counts("change-content", content, lang)
        groups = [item for item in self._told.items() if self._whole or item[0] not in self._contracts]
        for contract, told in sorted(groups, key=lambda item: (item[1][0].importance, item[0])):
            yield self.name(contract, lang) if contract else translate("change-beside", lang)
            yield from (f"  {each.sentence[lang]}" for each in told)
            if others := self._numbers[contract].total() - len(told):
                yield "  " + translate("change-more", lang, count=others)
        counted = (numbers for contract, numbers in self._counted.items() if contract not in self._contracts)
        if total := sum(counted, Counter[str]()):
            yield _counts("change-counted", total, lang)

    def _add(self, change: ResourceChange) -> None:
        if len(self._names) > _MAX_CACHED_NAMES:
            self._names.clear()
        thing = _Thing(self, change)
        if thing.contract == thing.iri and change.kind != "changed":
            self._contracts[thing.contract] = thing.sentence()
        elif thing.importance is Importance.COUNTED:
            self._counted[thing.contract][thing.counted_as()] += 1
        else:
            told, numbers = self._told[thing.contract], self._numbers[thing.contract]
            most = sys.maxsize if self._whole else MAX_SENTENCES
            if len(told) < most or thing.importance < told[-1].importance:
                insort(told, _Told(thing.importance, numbers.total(), thing.sentence()), key=itemgetter(0, 1))
                del told[most:]
            numbers[thing.importance] += 1

    def readers(self) -> tuple[ReleaseGraph, ReleaseGraph]:
        """Return both releases as graphs, which remember what they read: for one resource, since that is of no use for others."""
        return ReleaseGraph(self._releases[0]), ReleaseGraph(self._releases[1])

    def name(self, iri: str, lang: Language) -> str:
        """Return the name of an IRI in a language, in one line: from the new release, else from the old one."""
        if iri not in self._names:
            self._names[iri] = dict.fromkeys(LANGUAGES, iri)  # prevents recursion: a resource may be its own class
            self._names[iri] = {each: plain(self._found_name(iri, each)) for each in LANGUAGES}
        return self._names[iri][lang]

    def _found_name(self, iri: str, lang: Language) -> str:
        """Return a name of a resource: its label, else its quotation, else its class with the end of its IRI, else the IRI."""
        if iri.startswith("_:"):
            return translate("change-nameless", lang)
        node, readers = NamedNode(iri), self.readers()[::-1]
        if found := next(filter(None, (reader.name(node, lang) for reader in readers)), ""):
            return found
        if (short := shorten(iri)) != iri:
            return short
        for reader in readers:
            if words := reader.value(node, OA + "exact"):
                return translate("quoted", lang, words=formatting.brief(words, _MAX_QUOTE))
            for kind in sorted(reader.types(node))[:1]:
                return f"{self.name(kind, lang)} ({'/'.join(iri.rsplit('/', 2)[1:])})"
        return iri


class _Thing:
    """A resource that has changed: its class, the contract that it is or belongs to ("" for none), and how important this is."""

    def __init__(self, changes: ChangesInWords, change: ResourceChange) -> None:
        self.iri = change.resource.strip("<>")
        self._changes, self._change, self._readers = changes, change, changes.readers()
        self._class, self.contract = self._find_class(), self._find_contract()
        self.importance = self._find_importance()

    def _find_contract(self) -> str:
        """Return the contract that the resource is, or under whose IRI its own is; "" if there is none."""
        address = self._changes.of_site.address
        parts = self.iri.removeprefix(address).split("/") if self.iri.startswith(address) else []
        for end in range(3, len(parts) + 1):  # id, kind, slug
            above = NamedNode(address + "/".join(parts[:end]))
            if any(CPER + "Contrat" in reader.types(above) for reader in self._readers):
                return above.value
        return ""

    def _find_class(self) -> str:
        """Return the most specific class of the resource, ours before others; empty if it has none."""
        if self.iri.startswith("_:"):
            return ""
        reader = self._readers[self._change.kind != "gone"]
        types = reader.types(NamedNode(self.iri))
        above = {node.value for each in types for node in reader.all(NamedNode(each), RDFS + "subClassOf")}
        return min(types, key=lambda each: (not each.startswith(VOCABULARIES), each in above, each), default="")

    def _find_importance(self) -> Importance:
        """Return the importance of what the resource is; what only follows from other changes is only counted."""
        if not self.iri.startswith(self._changes.of_site.things):  # a term of the program
            return Importance.COUNTED
        if self._change.kind == "changed" and all(map(self._follows, self._change.facts)):
            return Importance.COUNTED
        return _BY_CLASS.get(self._class, Importance.OTHERS)

    def _follows(self, fact: FactChange) -> bool:
        """Return whether a fact is a statement or a reading, or a measure of a figure, which a rule adds."""
        return _property(fact) in _MEASURES or _property(fact) in _SAID_BY

    def counted_as(self) -> str:
        """Return as what the resource is counted: the end of the key of a sentence."""
        if self._class in _OF_WORDS or all(_property(fact) in _SAID_BY for fact in self._change.facts):
            return "statements"
        if self._class == SUBV + "Subvention":
            return "subsidies"
        return "derived" if self.iri.startswith(self._changes.of_site.things) else "vocabulary"

    def sentence(self) -> dict[Language, str]:
        """Return the changes as one sentence in each language, with the documents that state them."""
        return {lang: self._sentence(lang) for lang in LANGUAGES}

    def _sentence(self, lang: Language) -> str:
        facts, head = self._told_facts(lang), self._subject(lang)
        figure = next((fact for fact in facts if _property(fact) in _VALUES), None)
        if self._change.kind != "changed":
            head = translate(f"change-{self._change.kind}", lang, name=head)
            facts = [figure] if figure else []
            clauses = [self._value(figure.new or figure.old, lang)] if figure else []
        else:
            if figure and figure.kind == "corrected":
                head = translate("change-figure", lang, name=head, **self._sides(figure, lang))
            others = (fact for fact in facts if fact is not figure or fact.kind != "corrected")
            clauses = [
                translate(
                    f"fact-{each.kind}", lang, property=self._name(_property(each), lang), **self._sides(each, lang)
                )
                for each in others
            ]
        if len(clauses) > _MAX_CLAUSES:
            clauses[_MAX_CLAUSES:] = [translate("change-others", lang, count=len(clauses) - _MAX_CLAUSES)]
        said = translate("change-told", lang, name=head, said=", ".join(clauses)) if clauses else head
        documents = dict.fromkeys(self._name(each, lang) for fact in facts for each in self._documents(fact))
        return f"{said} ({', '.join([*documents][:_MAX_DOCUMENTS])})." if documents else f"{said}."

    def _told_facts(self, lang: Language) -> list[FactChange]:
        """Return the facts that a sentence tells: one value of a figure, and what is in this language or in no other."""
        stated = (fact for fact in self._change.facts if not self._follows(fact))
        facts = sorted(stated, key=lambda fact: _property(fact) not in _VALUES)
        here = {fact.property for fact in facts if fact.language == lang}
        told = [fact for fact in facts if fact.language in ("", lang) or fact.property not in here]
        first = min((_property(fact) for fact in told if _property(fact) in _VALUES), key=_VALUES.index, default="")
        return [fact for fact in told if _property(fact) not in _VALUES or _property(fact) == first]

    def _documents(self, fact: FactChange) -> Iterator[str]:
        """Yield the documents whose words support a fact in the new release, else in the old one."""
        if not self._change.resource.startswith("<"):
            return
        node, attested = NamedNode(self.iri), NamedNode(_property(fact))
        for text, reader in ((fact.new, self._readers[1]), (fact.old, self._readers[0])):
            statements = reader.all(node, _STATEMENTS) if text else []
            found = [each for each in statements if attested in reader.all(each, CPER + "atteste")]
            yield from filter(None, (reader.value(each, PROV + "wasQuotedFrom") for each in found))
            if found:
                return

    def _subject(self, lang: Language) -> str:
        """Return the name of the resource, and its class unless the name says it."""
        name = self._name(self.iri, lang)
        kind = self._name(self._class, lang) if self._class else ""
        quoted = name if name[:1] in ("«", "“") else translate("quoted", lang, words=name)
        return quoted if not kind or kind.casefold() in name.casefold() else f"{quoted} ({kind})"

    def _name(self, iri: str, lang: Language) -> str:
        return self._changes.name(iri, lang)

    def _sides(self, fact: FactChange, lang: Language) -> dict[str, str]:
        return {name: self._value(text, lang) for name, text in (("old", fact.old), ("new", fact.new)) if text}

    def _value(self, text: str, lang: Language) -> str:
        """Return a value as text: the name of a resource, a number, a quoted text."""
        term = _term(text)
        if isinstance(term, NamedNode):
            return self._name(term.value, lang)
        if isinstance(term, BlankNode):
            return translate("change-nameless", lang)
        if isinstance(term, Triple):
            return formatting.brief(plain(text), _MAX_VALUE)
        datatype, value = term.datatype.value, formatting.brief(plain(term.value), _MAX_VALUE)
        if datatype in NUMBERS:
            return formatting.number(value, lang)
        if datatype != XSD + "string" and not term.language:
            return value
        tag = term.language or ""
        return translate("quoted", lang, words=value) + (f" ({tag})" if tag and tag != lang else "")


def _property(fact: FactChange) -> str:
    return fact.property[1:-1]


def _term(text: str) -> Any:  # noqa: ANN401 - the object of a quad
    """Return the term of its N-Triples syntax."""
    (quad,) = parse(f"<x:> <x:> {text} .".encode(), RdfFormat.N_TRIPLES, lenient=True)
    return quad.object


def plain(text: str) -> str:
    r"""Return a text as one line that is safe to print on a terminal.

    >>> plain("a\nb\x1b[31mc")
    'a b [31mc'
    """
    return _CONTROL.sub(" ", text)


def _counts(key: str, numbers: Mapping[str, int], lang: Language) -> str:
    named = [translate(f"change-number-{name}", lang, count=count) for name, count in numbers.items() if count]
    return translate(key, lang, numbers=", ".join(named))


def counts(summary: Mapping[str, Any], lang: Language) -> Iterator[str]:
    """Yield the counts as sentences."""
    if summary["same"]:
        yield translate("changes-none", lang)
        yield translate("changes-beside", lang)
    else:
        if summary["moved"]:
            yield translate("changes-moved", lang, before=summary["moved"][0], after=summary["moved"][1])
            return
        yield translate("changes-things", lang, **summary["things"])
        yield translate("changes-facts", lang, **summary["facts"])


class StoredChanges(NamedTuple):
    """The changes of a publication: their numbers, and lines of text by language."""

    summary: dict[str, Any]
    lines: dict[Language, list[str]]


def write_changes(folder: Path, before: Release, after: Release, on_difference: OnDifference) -> None:
    """Store the changes between two releases in the folder of a publication; raises OSError."""
    found = ChangesInWords(before, after, on_difference=on_difference)
    stored = {"format": FORMAT, "summary": found.summary, "lines": {lang: [*found.lines(lang)] for lang in LANGUAGES}}
    (folder / CHANGES).write_text(json.dumps(stored, ensure_ascii=False) + "\n", "utf-8")


def read_changes(folder: Path) -> StoredChanges | None:
    """Return the changes stored in the folder of a publication, None if there are none or another program stored them.

    Raises `history-damaged`.
    """
    path = folder / CHANGES
    if not path.exists():
        return None
    with reading_history(path):
        stored = json.loads(path.read_bytes())
        if stored["format"] != FORMAT:
            return None
        return StoredChanges(stored["summary"], {lang: [*map(str, stored["lines"][lang])] for lang in LANGUAGES})

"""The decisions kept in data/links/: read, changed under a lock, and written whole or not at all."""

import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from babel.dates import format_date
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import refuse_packed
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.files import replace_content
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, DCT, OA, PROV, RDF, SCHEMA, SKOS, XSD
from cper_lod.linking.datagouv.client import Dataset, clean
from cper_lod.rdf.comments import comments
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.reader import load, parse
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.read import KEPT_BACK
from cper_lod.release.storage.text import folded

LINKS: Final = BASE + "id/lien/"
REFUSALS: Final = BASE + "id/refus/"
_LINKING: Final = OA + "linking"
_ASSESSING: Final = OA + "assessing"
_READING: Final = "/lecture"
_FACTS: Final = {
    "title": (DCT + "title", "fr"),
    "slug": (DCT + "identifier", ""),
    "organization": (SCHEMA + "publisher", ""),
    "license": (DCT + "rights", ""),
    "last_update": (DCT + "modified", XSD + "date"),
    "archived": (SCHEMA + "expires", XSD + "date"),
}
"""How each fact about a dataset is said: its property, and its language or datatype."""


@dataclass(frozen=True)
class Reading:
    """What was read of a dataset on a day; a fact that was not told is not there."""

    day: str
    facts: dict[str, str]


@dataclass(frozen=True)
class Decision:
    """A link that is kept, or one that was refused; decisions taken before days and readings were kept have none."""

    iri: str
    dataset: str
    targets: tuple[str, ...]
    label: dict[str, str]
    reason: dict[str, str]
    kept: bool = True
    key: str = ""
    day: str = ""
    reading: Reading | None = None
    other: tuple[Quad, ...] = field(default=(), repr=False)
    """What else the file says of it, which is kept as it stands."""

    def quads(self) -> Iterator[Quad]:
        """Yield what is written of the decision."""
        node = NamedNode(self.iri)
        yield _quad(node, RDF + "type", NamedNode(OA + "Annotation"))
        yield _quad(node, OA + "motivatedBy", NamedNode(_LINKING if self.kept else _ASSESSING))
        yield _quad(node, OA + "hasBody", NamedNode(self.dataset))
        for target in self.targets:
            yield _quad(node, OA + "hasTarget", NamedNode(target))
        for predicate, texts in ((SKOS + "prefLabel", self.label), (SKOS + "note", self.reason)):
            for lang, text in texts.items():
                yield _quad(node, predicate, Literal(text, language=lang))
        if self.key:
            yield _quad(node, CPER + "cle", NamedNode(self.key))
        if self.day:
            yield _quad(node, DCT + "created", _day(self.day))
        if self.reading:
            yield from self._read(node, self.reading)
        yield from self.other

    def _read(self, node: NamedNode, reading: Reading) -> Iterator[Quad]:
        part = NamedNode(self.iri + _READING)
        yield _quad(node, PROV + "wasDerivedFrom", part)
        yield _quad(part, RDF + "type", NamedNode(PROV + "Entity"))
        for lang in LANGUAGES:
            words = translate("link-reading", lang, day=format_date(date.fromisoformat(reading.day), "long", lang))
            yield _quad(part, SKOS + "prefLabel", Literal(words, language=lang))
        yield _quad(part, PROV + "wasDerivedFrom", NamedNode(self.dataset))
        yield _quad(part, DCT + "date", _day(reading.day))
        for name, value in reading.facts.items():
            predicate, kind = _FACTS[name]
            if kind.startswith("http"):
                literal = Literal(value, datatype=NamedNode(kind))
            else:
                literal = Literal(value, language=kind) if kind else Literal(value)
            yield _quad(part, predicate, literal)


def decisions(quads: Iterable[Quad]) -> list[Decision]:
    """Return the decisions that quads tell, by their IRIs: links to datasets, and refusals."""
    listed = list(quads)
    graph, found = Graph(listed), []
    for node in graph.subjects():
        motives = {each.value for each in graph.all(node, OA + "motivatedBy")}
        if isinstance(node, NamedNode) and motives & {_LINKING, _ASSESSING}:
            found.append(_decision(graph, node, kept=_LINKING in motives))
    told = {quad for each in found for quad in each.quads()}
    rest = [quad for quad in listed if quad not in told]
    return sorted((_with_rest(each, rest) for each in found), key=lambda each: each.iri)


def _with_rest(decision: Decision, rest: Iterable[Quad]) -> Decision:
    """Return the decision with what else is said of it and of what lies under it."""
    mine = (decision.iri, decision.iri + _READING)
    other = tuple(each for each in rest if isinstance(each.subject, NamedNode) and each.subject.value in mine)
    return Decision(**{**vars(decision), "other": other})


def _decision(graph: Graph, node: NamedNode, kept: bool) -> Decision:
    part = NamedNode(node.value + _READING)
    reading = None
    if _is_day(day := graph.value(part, DCT + "date")):
        facts = {name: value for name, (predicate, _) in _FACTS.items() if (value := graph.value(part, predicate))}
        reading = Reading(day, facts)
    return Decision(
        iri=node.value,
        dataset=graph.value(node, OA + "hasBody"),
        targets=tuple(sorted(each.value for each in graph.all(node, OA + "hasTarget"))),
        label=_texts(graph.all(node, SKOS + "prefLabel")),
        reason=_texts(graph.all(node, SKOS + "note")),
        kept=kept,
        key=graph.value(node, CPER + "cle"),
        day=graph.value(node, DCT + "created"),
        reading=reading,
    )


def _texts(values: Iterable[Term]) -> dict[str, str]:
    return {each.language or "": each.value for each in values if isinstance(each, Literal)}


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _day(day: str) -> Literal:
    return Literal(day, datatype=NamedNode(XSD + "date"))


def _quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, NamedNode(predicate), value)


KEPT: Final = Path("data", "links", "data-gouv-fr.ttl")
"""The file of the links that are kept; those refused are in KEPT_BACK, which is checked and not published."""
LONGEST: Final = 2000
"""Characters of a reason."""


@dataclass(frozen=True)
class Reasons:
    """Why a person decided so, in French, in English, or in both."""

    fr: str
    en: str

    def texts(self) -> dict[str, str]:
        """Return the reason in both languages; one that was not given quotes the other. Raises `link-reason`."""
        fr, en = clean(self.fr), clean(self.en)
        if not (fr or en) or max(len(fr), len(en)) > LONGEST:
            raise Problem("link-reason", limit=LONGEST)
        return {
            "fr": fr or translate("link-reason-quoted", "fr", text=en),
            "en": en or translate("link-reason-quoted", "en", text=fr),
        }


class Links:
    """The two files of decisions below a folder of sources; raises `source-missing` where it holds no data."""

    def __init__(self, sources: Path) -> None:
        if not (sources / "data").is_dir():
            raise Problem("source-missing", path=sources / "data")
        self._files = {True: sources / KEPT, False: sources / KEPT_BACK}

    def all(self) -> list[Decision]:
        """Return every decision, the kept ones first; raises the problems of `rdf.reading`."""
        return [each for kept in (True, False) for each in decisions(_read(self._files[kept]))]

    def keep(self, dataset: Dataset, things: tuple[str, ...], key: str, why: Reasons, today: str = "") -> Decision:
        """Record that a dataset is linked to things, and return the link; a refusal of the same gives way.

        Raises `link-known` where one of the links is kept already, and what keeps the files from being changed.
        """
        return self._decide(dataset, things, True, key, why, today)

    def refuse(self, dataset: Dataset, things: tuple[str, ...], why: Reasons, today: str = "") -> Decision:
        """Record that a dataset is not to be linked to things; a link between them that was kept gives way."""
        return self._decide(dataset, things, False, "", why, today)

    def kept_dataset(self, identifier: str) -> Dataset | None:
        """Return a dataset as a kept link knows it, None where none does: it may be gone from its site."""
        for each in self.all():
            if each.kept and each.dataset.endswith("/" + identifier):
                title = each.label.get("fr", identifier)
                return Dataset(identifier, each.reading.facts.get("slug", "") if each.reading else "", title)
        return None

    def reread(self, readings: dict[str, Reading]) -> list[Decision]:
        """Keep what was read anew of datasets, by their IRI; return the decisions that changed by it."""
        changed: list[Decision] = []
        with self._locked():
            quads = after = _whole(self._files[True])
            for each in decisions(quads):
                new = readings.get(each.dataset)
                if new and new != each.reading:
                    again = replace(each, reading=new)
                    after = [*_without(after, each), *again.quads()]
                    changed.append(again)
            _write(self._files[True], quads, after)
        return changed

    def _decide(
        self, dataset: Dataset, things: tuple[str, ...], kept: bool, key: str, why: Reasons, today: str
    ) -> Decision:
        reason, day = why.texts(), today or date.today().isoformat()
        with self._locked():
            known = self.all()
            if old := next((each for each in known if each.kept is kept and _between(each, dataset.iri, things)), None):
                raise Problem("link-known", iri=old.iri, day=old.day or "–", reason=old.reason.get("fr", ""))
            base = (LINKS if kept else REFUSALS) + _slug(dataset.slug or dataset.title)
            label = {"fr": dataset.title, "en": translate("link-label", "en", title=dataset.title)}
            new = Decision(
                iri=_free(base, {each.iri for each in known}),
                dataset=dataset.iri,
                targets=tuple(sorted(set(things))),
                label=label,
                reason=reason,
                kept=kept,
                key=key,
                day=day,
                reading=Reading(day, dataset.facts) if kept else None,
            )
            mine, others = _whole(self._files[kept]), _whole(self._files[not kept])
            # First what is new, then what gives way: whoever is stopped between the two has both, and loses neither.
            _write(self._files[kept], mine, [*mine, *new.quads()])
            _write(self._files[not kept], others, _given_way(others, dataset.iri, things))
        return new

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Let one process at a time change the files; raises `permission` where they cannot be changed."""
        folder = self._files[True].parent
        refuse_packed(folder, "--sources")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
            finally:
                os.close(lock)
        except OSError as error:
            raise Problem("permission", path=folder, message=error.strerror or error) from error


def _read(path: Path) -> list[Quad]:
    return parse(load(path), path=path) if path.exists() else []


def _whole(path: Path) -> list[Quad]:
    """Return the quads of a file that is to be written anew; one with comments, which would be lost, is refused."""
    quads = _read(path)
    if found := comments(load(path).decode("utf-8-sig")) if quads else []:
        raise Problem("source-comments", path=path, line=found[0].line, comment=found[0].text)
    return quads


def _write(path: Path, before: list[Quad], after: list[Quad]) -> None:
    """Write what changed, canonically, in one step; a file that would hold nothing goes."""
    if after and after != before:
        replace_content(path.resolve(), write(canonical_literals(after), TURTLE))
    elif before and not after:
        path.unlink()


def _between(decision: Decision, dataset: str, things: tuple[str, ...]) -> bool:
    return decision.dataset == dataset and bool({*decision.targets} & {*things})


def _given_way(quads: list[Quad], dataset: str, things: tuple[str, ...]) -> list[Quad]:
    """Return the quads without the decisions between a dataset and things; one about others too keeps those."""
    for each in decisions(quads):
        if _between(each, dataset, things):
            left = tuple(target for target in each.targets if target not in things)
            quads = [*_without(quads, each), *(replace(each, targets=left).quads() if left else ())]
    return quads


def _without(quads: list[Quad], decision: Decision) -> list[Quad]:
    gone = set(decision.quads())
    return [each for each in quads if each not in gone]


def _slug(text: str) -> str:
    """Return a name for an IRI.

    >>> _slug("Base Sirene des entreprises (SIREN, SIRET)")
    'base-sirene-des-entreprises-siren-siret'
    """
    return re.sub("[^a-z0-9]+", "-", folded(text))[:60].strip("-") or "jeu"


def _free(base: str, taken: set[str]) -> str:
    """Return `base`, numbered where it is taken."""
    number = 2
    iri = base
    while iri in taken:
        iri, number = f"{base}-{number}", number + 1
    return iri

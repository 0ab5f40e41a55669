"""Stores decisions in data/links/: reads them, and changes the files under a lock, atomically."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final

from babel.dates import format_date
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import reject_packaged
from cper_lod.core.errors import LANGUAGES, Problem
from cper_lod.core.files import replace_content
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, DCT, OA, PROV, RDF, SCHEMA, SKOS, XSD
from cper_lod.core.text import slug
from cper_lod.linking.datagouv.client import Dataset, clean_text
from cper_lod.rdf.comments import comments
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.reader import parse, read_bytes
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.read import REFUSED_LINKS

LINKS: Final = BASE + "id/lien/"
REFUSALS: Final = BASE + "id/refus/"
_LINKING: Final = OA + "linking"
_ASSESSING: Final = OA + "assessing"
_SNAPSHOT_SUFFIX: Final = "/lecture"
_SNAPSHOT_PROPERTIES: Final = {
    "title": (DCT + "title", "fr"),
    "slug": (DCT + "identifier", ""),
    "organization": (SCHEMA + "publisher", ""),
    "license": (DCT + "rights", ""),
    "last_update": (DCT + "modified", XSD + "date"),
    "archived": (SCHEMA + "expires", XSD + "date"),
}
"""The property of each value of a snapshot, and its language or datatype."""


@dataclass(frozen=True)
class Snapshot:
    """The properties of a dataset on a day; missing ones are left out."""

    day: str
    values: dict[str, str]


@dataclass(frozen=True)
class LinkDecision:
    """A link that was kept or refused. Decisions from before these were recorded have no day and no snapshot."""

    iri: str
    dataset: str
    targets: tuple[str, ...]
    label: dict[str, str]
    reason: dict[str, str]
    kept: bool = True
    key: str = ""
    day: str = ""
    snapshot: Snapshot | None = None
    other_quads: tuple[Quad, ...] = field(default=(), repr=False)
    """Other quads about it in the file, which are preserved."""

    def quads(self) -> Iterator[Quad]:
        """Yield the quads that represent the decision."""
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
        if self.snapshot:
            yield from self._snapshot_quads(node, self.snapshot)
        yield from self.other_quads

    def _snapshot_quads(self, node: NamedNode, snapshot: Snapshot) -> Iterator[Quad]:
        part = NamedNode(self.iri + _SNAPSHOT_SUFFIX)
        yield _quad(node, PROV + "wasDerivedFrom", part)
        yield _quad(part, RDF + "type", NamedNode(PROV + "Entity"))
        for lang in LANGUAGES:
            words = translate("link-reading", lang, day=format_date(date.fromisoformat(snapshot.day), "long", lang))
            yield _quad(part, SKOS + "prefLabel", Literal(words, language=lang))
        yield _quad(part, PROV + "wasDerivedFrom", NamedNode(self.dataset))
        yield _quad(part, DCT + "date", _day(snapshot.day))
        for name, value in snapshot.values.items():
            predicate, kind = _SNAPSHOT_PROPERTIES[name]
            if kind.startswith("http"):
                literal = Literal(value, datatype=NamedNode(kind))
            else:
                literal = Literal(value, language=kind) if kind else Literal(value)
            yield _quad(part, predicate, literal)


def parse_decisions(quads: Iterable[Quad]) -> list[LinkDecision]:
    """Return the decisions in quads, by IRI: kept links and refused links."""
    listed = list(quads)
    graph, found = Graph(listed), []
    for node in graph.subjects():
        motives = {each.value for each in graph.all(node, OA + "motivatedBy")}
        if isinstance(node, NamedNode) and motives & {_LINKING, _ASSESSING}:
            found.append(_decision(graph, node, kept=_LINKING in motives))
    known_quads = {quad for each in found for quad in each.quads()}
    rest = [quad for quad in listed if quad not in known_quads]
    return sorted((_with_other_quads(each, rest) for each in found), key=lambda each: each.iri)


def _with_other_quads(decision: LinkDecision, rest: Iterable[Quad]) -> LinkDecision:
    """Return the decision with the other quads about it and its snapshot."""
    subjects = (decision.iri, decision.iri + _SNAPSHOT_SUFFIX)
    other_quads = tuple(each for each in rest if isinstance(each.subject, NamedNode) and each.subject.value in subjects)
    return replace(decision, other_quads=other_quads)


def _decision(graph: Graph, node: NamedNode, kept: bool) -> LinkDecision:
    part = NamedNode(node.value + _SNAPSHOT_SUFFIX)
    snapshot = None
    if _is_day(day := graph.value(part, DCT + "date")):
        values = {
            name: value
            for name, (predicate, _) in _SNAPSHOT_PROPERTIES.items()
            if (value := graph.value(part, predicate))
        }
        snapshot = Snapshot(day, values)
    return LinkDecision(
        iri=node.value,
        dataset=graph.value(node, OA + "hasBody"),
        targets=tuple(sorted(each.value for each in graph.all(node, OA + "hasTarget"))),
        label=_texts(graph.all(node, SKOS + "prefLabel")),
        reason=_texts(graph.all(node, SKOS + "note")),
        kept=kept,
        key=graph.value(node, CPER + "cle"),
        day=graph.value(node, DCT + "created"),
        snapshot=snapshot,
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


KEPT_LINKS: Final = Path("data", "links", "data-gouv-fr.ttl")
"""The file of kept links. Refused links are in REFUSED_LINKS, which is checked and not published."""
MAX_REASON_LENGTH: Final = 2000
"""Characters of a reason."""


@dataclass(frozen=True)
class Reasons:
    """The reason of a decision in French, in English, or both."""

    fr: str
    en: str

    def texts(self) -> dict[str, str]:
        """Return the reason in both languages; a missing one quotes the other. Raises `link-reason`."""
        fr, en = clean_text(self.fr), clean_text(self.en)
        if not (fr or en) or max(len(fr), len(en)) > MAX_REASON_LENGTH:
            raise Problem("link-reason", limit=MAX_REASON_LENGTH)
        return {
            "fr": fr or translate("link-reason-quoted", "fr", text=en),
            "en": en or translate("link-reason-quoted", "en", text=fr),
        }


class DecisionStore:
    """The two files of decisions in a folder of sources; raises `source-missing` if it contains no data."""

    def __init__(self, sources: Path) -> None:
        if not (sources / "data").is_dir():
            raise Problem("source-missing", path=sources / "data")
        self._files = {True: sources / KEPT_LINKS, False: sources / REFUSED_LINKS}

    def all(self) -> list[LinkDecision]:
        """Return every decision, kept links first; raises the problems of `rdf.reader`."""
        return [each for kept in (True, False) for each in parse_decisions(_read(self._files[kept]))]

    def keep(
        self, dataset: Dataset, things: tuple[str, ...], key: str, reasons: Reasons, today: str = ""
    ) -> LinkDecision:
        """Record a link from things to a dataset, and return it; replaces a refusal of the same link.

        Raises `link-known` if one of the links is kept already, and the problems of changing the files.
        """
        return self._decide(dataset, things, True, key, reasons, today)

    def refuse(self, dataset: Dataset, things: tuple[str, ...], reasons: Reasons, today: str = "") -> LinkDecision:
        """Record that a dataset must not be linked to things; replaces kept links between them."""
        return self._decide(dataset, things, False, "", reasons, today)

    def known_dataset(self, identifier: str) -> Dataset | None:
        """Return a dataset as a kept link describes it, else None; the dataset may be gone from its site."""
        for each in self.all():
            if each.kept and each.dataset.endswith("/" + identifier):
                title = each.label.get("fr", identifier)
                return Dataset(identifier, each.snapshot.values.get("slug", "") if each.snapshot else "", title)
        return None

    def update_snapshots(self, snapshots: dict[str, Snapshot]) -> list[LinkDecision]:
        """Store new snapshots of datasets, by IRI; return the decisions that changed."""
        changed: list[LinkDecision] = []
        with self._locked():
            quads = after = _read_writable(self._files[True])
            for each in parse_decisions(quads):
                new = snapshots.get(each.dataset)
                if new and new != each.snapshot:
                    updated = replace(each, snapshot=new)
                    after = [*_without(after, each), *updated.quads()]
                    changed.append(updated)
            _write(self._files[True], quads, after)
        return changed

    def _decide(
        self, dataset: Dataset, things: tuple[str, ...], kept: bool, key: str, reasons: Reasons, today: str
    ) -> LinkDecision:
        reason, day = reasons.texts(), today or date.today().isoformat()
        with self._locked():
            known = self.all()
            if old := next(
                (each for each in known if each.kept is kept and _links_any(each, dataset.iri, things)), None
            ):
                raise Problem("link-known", iri=old.iri, day=old.day or "–", reason=old.reason.get("fr", ""))
            base = (LINKS if kept else REFUSALS) + _slug(dataset.slug or dataset.title)
            label = {"fr": dataset.title, "en": translate("link-label", "en", title=dataset.title)}
            new = LinkDecision(
                iri=_unused_iri(base, {each.iri for each in known}),
                dataset=dataset.iri,
                targets=tuple(sorted(set(things))),
                label=label,
                reason=reason,
                kept=kept,
                key=key,
                day=day,
                snapshot=Snapshot(day, dataset.snapshot) if kept else None,
            )
            decided, others = _read_writable(self._files[kept]), _read_writable(self._files[not kept])
            # Write the new decision first: an interruption then leaves both, and loses neither.
            _write(self._files[kept], decided, [*decided, *new.quads()])
            _write(self._files[not kept], others, _remove_targets(others, dataset.iri, things))
        return new

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the files for one process; raises `permission` if they cannot be changed."""
        folder = self._files[True].parent
        reject_packaged(folder, "--sources")
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
    return parse(read_bytes(path), path=path) if path.exists() else []


def _read_writable(path: Path) -> list[Quad]:
    """Return the quads of a file that will be rewritten; raises `source-comments` since comments would be lost."""
    quads = _read(path)
    if found := comments(read_bytes(path).decode("utf-8-sig")) if quads else []:
        raise Problem("source-comments", path=path, line=found[0].line, comment=found[0].text)
    return quads


def _write(path: Path, before: list[Quad], after: list[Quad]) -> None:
    """Write the quads in canonical form, atomically, if they changed; remove a file that would be empty."""
    if after and after != before:
        replace_content(path.resolve(), write(canonical_literals(after), TURTLE))
    elif before and not after:
        path.unlink()


def _links_any(decision: LinkDecision, dataset: str, things: tuple[str, ...]) -> bool:
    return decision.dataset == dataset and bool({*decision.targets} & {*things})


def _remove_targets(quads: list[Quad], dataset: str, things: tuple[str, ...]) -> list[Quad]:
    """Return the quads without links from `things` to a dataset. Other targets of the same decision are preserved."""
    for each in parse_decisions(quads):
        if _links_any(each, dataset, things):
            left = tuple(target for target in each.targets if target not in things)
            quads = [*_without(quads, each), *(replace(each, targets=left).quads() if left else ())]
    return quads


def _without(quads: list[Quad], decision: LinkDecision) -> list[Quad]:
    gone = set(decision.quads())
    return [each for each in quads if each not in gone]


def _slug(text: str) -> str:
    """Return a slug for an IRI.

    >>> _slug("Base Sirene des entreprises (SIREN, SIRET)")
    'base-sirene-des-entreprises-siren-siret'
    """
    return slug(text)[:60].strip("-") or "jeu"


def _unused_iri(base: str, taken: set[str]) -> str:
    """Return `base`, with a number if it is in use."""
    number = 2
    iri = base
    while iri in taken:
        iri, number = f"{base}-{number}", number + 1
    return iri

"""Stores decisions in data/links/: reads them, and changes both files together."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import reject_packaged
from cper_lod.core.errors import Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, DCAT, DCT, PROV, RDF, SCHEMA, SKOS, XSD
from cper_lod.core.text import slug
from cper_lod.linking.datagouv.client import Dataset, clean_text
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.parse_errors import check_comments
from cper_lod.rdf.reader import parse, read_bytes
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.read import REFUSED_LINKS
from cper_lod.release.sources.writing import sources_lock, write_all

REFUSALS: Final = BASE + "id/refus/"
_JEU_LIE: Final = CPER + "jeuLie"
_LINK: Final = DCAT + "qualifiedRelation"
_DATASET: Final = DCT + "relation"
_REFUSED_FOR: Final = DCT + "subject"
_READ_ON: Final = SCHEMA + "sdDatePublished"
_SNAPSHOT_PROPERTIES: Final = {
    "title": (DCT + "title", "fr"),
    "slug": (DCT + "identifier", ""),
    "organization": (SCHEMA + "publisher", ""),
    "license": (DCT + "rights", ""),
    "last_update": (DCT + "modified", XSD + "date"),
    "archived": (SCHEMA + "expires", XSD + "date"),
}
"""The property of each value of a snapshot, and its language or datatype."""
_SNAPSHOT: Final = frozenset({_READ_ON, SKOS + "editorialNote", *(name for name, _ in _SNAPSHOT_PROPERTIES.values())})
"""The properties that a new snapshot replaces; the editorial note says that nothing was read."""


@dataclass(frozen=True)
class Snapshot:
    """The properties of a dataset on a day; missing ones are left out."""

    day: str
    values: dict[str, str]

    def quads(self, dataset: NamedNode) -> Iterator[Quad]:
        """Yield the quads that describe a dataset as it was on the day."""
        yield Quad(dataset, NamedNode(_READ_ON), _day(self.day))
        for name, value in self.values.items():
            predicate, kind = _SNAPSHOT_PROPERTIES[name]
            typed = kind.startswith("http")
            literal = Literal(value, datatype=NamedNode(kind)) if typed else Literal(value, language=kind or None)
            yield Quad(dataset, NamedNode(predicate), literal)


@dataclass(frozen=True)
class LinkTarget:
    """A thing to be linked: its values of the join key, and the contracts that name its datasets too.

    `named` are what these contracts name with it: the datasets of their signatories and territories.
    """

    iri: str
    values: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class LinkDecision:
    """Links to a dataset that were kept together, or refused; `iri` is that of the first link, or of the refusal.

    Decisions from before these were recorded have no day and no snapshot.
    """

    iri: str
    dataset: str
    targets: tuple[str, ...]
    label: dict[str, str]
    reason: dict[str, str]
    kept: bool = True
    key: str = ""
    day: str = ""
    snapshot: Snapshot | None = None


def parse_decisions(quads: Iterable[Quad]) -> list[LinkDecision]:
    """Return the decisions in quads, by name: kept links and refused links."""
    graph = Graph(quads)
    together: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    found = []

    def add(described: Term, iri: str, dataset: str, targets: Iterable[str], **more: Any) -> None:  # noqa: ANN401
        label, reason = (_texts(graph.all(described, SKOS + name)) for name in ("prefLabel", "note"))
        found.append(LinkDecision(iri, dataset, tuple(sorted(targets)), label, reason, **more))

    for thing in graph.subjects():
        for link in graph.all(thing, _LINK):
            common = (graph.value(link, _DATASET), graph.value(link, CPER + "cle"), graph.value(link, DCT + "created"))
            together.setdefault(common, []).append((thing.value, link.value))
        if isinstance(thing, NamedNode) and (refused := graph.all(thing, _REFUSED_FOR)):
            targets, day = (each.value for each in refused), graph.value(thing, DCT + "created")
            add(thing, thing.value, graph.value(thing, _DATASET), targets, kept=False, day=day)
    for (dataset, key, day), links in together.items():
        node = NamedNode(dataset)
        targets = (thing for thing, _ in links)
        add(node, min(links)[1], dataset, targets, key=key, day=day, snapshot=_snapshot(graph, node))
    return sorted(found, key=lambda each: (each.label.get("fr", ""), each.iri))


def _snapshot(graph: Graph, dataset: NamedNode) -> Snapshot | None:
    day = graph.value(dataset, _READ_ON)
    try:
        date.fromisoformat(day)
    except ValueError:
        return None
    values = {name: graph.value(dataset, predicate) for name, (predicate, _) in _SNAPSHOT_PROPERTIES.items()}
    return Snapshot(day, {name: value for name, value in values.items() if value})


def _texts(values: Iterable[Term]) -> dict[str, str]:
    """Return the text in each language; several texts in one language are joined."""
    texts: dict[str, list[str]] = {}
    for each in values:
        if isinstance(each, Literal):
            texts.setdefault(each.language or "", []).append(each.value)
    return {lang: " ".join(sorted(found)) for lang, found in texts.items()}


def _day(day: str) -> Literal:
    return Literal(day, datatype=NamedNode(XSD + "date"))


KEPT_LINKS: Final = Path("data", "links", "data-gouv-fr.ttl")
"""The file of kept links. Refused links are in REFUSED_LINKS, which is checked and not published."""
MAX_REASON_LENGTH: Final = 2000
"""Characters of a reason."""


def reason_texts(fr: str, en: str) -> dict[str, str]:
    """Return the reason of a decision in both languages; a missing one quotes the other. Raises `link-reason`."""
    fr, en = clean_text(fr), clean_text(en)
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
        self._sources = sources
        self._files = {True: sources / KEPT_LINKS, False: sources / REFUSED_LINKS}

    def all(self) -> list[LinkDecision]:
        """Return every decision, kept links first; raises the problems of `rdf.reader`."""
        return [each for kept in (True, False) for each in parse_decisions(_read(self._files[kept]))]

    def keep(
        self, dataset: Dataset, targets: Iterable[LinkTarget], key: str, reason: dict[str, str], today: str = ""
    ) -> LinkDecision:
        """Record links from things to a dataset, with `reason_texts`, and return them; replaces a refusal of the same links.

        Raises `link-known` if one of the links is kept already, and the problems of changing the files.
        """
        day = today or date.today().isoformat()
        listed = {each.iri: each for each in targets}
        with self._locked():
            self._reject_known(dataset.iri, listed, kept=True)
            kept, refused = _read_writable(self._files[True]), _read_writable(self._files[False])
            added = list(_kept_quads(kept, dataset, listed.values(), key, reason, day))
            after = list(dict.fromkeys([*_without_snapshot(kept, dataset.iri), *added]))
            self._write((True, kept, after), (False, refused, _without_refusals(refused, dataset.iri, listed)))
        (new,) = parse_decisions([*added, *(each for each in kept if each.subject == NamedNode(dataset.iri))])
        return new

    def refuse(
        self, dataset: Dataset, things: tuple[str, ...], reason: dict[str, str], today: str = ""
    ) -> LinkDecision:
        """Record that a dataset must not be linked to things, with `reason_texts`; replaces kept links between them."""
        with self._locked():
            self._reject_known(dataset.iri, things, kept=False)
            refused, kept = _read_writable(self._files[False]), _read_writable(self._files[True])
            new = LinkDecision(
                _unused_iri(REFUSALS + _slug(dataset.slug or dataset.title), _subjects(refused)),
                dataset.iri,
                tuple(sorted(set(things))),
                _label(dataset),
                reason,
                kept=False,
                day=today or date.today().isoformat(),
            )
            links = _without_links(kept, dataset.iri, things)
            self._write((False, refused, [*refused, *_refusal_quads(new)]), (True, kept, links))
        return new

    def _reject_known(self, dataset: str, things: Iterable[str], *, kept: bool) -> None:
        """Raise `link-known` if one of the links was decided in the same way before."""
        wanted = {*things}
        for each in self.all():
            if each.kept is kept and each.dataset == dataset and wanted.intersection(each.targets):
                raise Problem("link-known", iri=each.iri, day=each.day or "–", reason=each.reason.get("fr", ""))

    def known_dataset(self, identifier: str) -> Dataset | None:
        """Return a dataset as a kept link describes it, else None; the dataset may be gone from its site."""
        for each in self.all():
            if each.kept and each.dataset.endswith("/" + identifier):
                title = each.label.get("fr", identifier)
                return Dataset(identifier, each.snapshot.values.get("slug", "") if each.snapshot else "", title)
        return None

    def update_snapshots(self, snapshots: dict[str, Snapshot]) -> list[LinkDecision]:
        """Store new snapshots of datasets, by IRI; return the decisions that changed."""
        with self._locked():
            before = after = _read_writable(self._files[True])
            changed = [
                each
                for each in parse_decisions(before)
                if (new := snapshots.get(each.dataset)) and new != each.snapshot
            ]
            for dataset in {each.dataset for each in changed}:
                new_quads = snapshots[dataset].quads(NamedNode(dataset))
                after = [*_without_snapshot(after, dataset), *new_quads]
            self._write((True, before, after))
        return [replace(each, snapshot=snapshots[each.dataset]) for each in changed]

    @contextmanager
    def _locked(self) -> Iterator[None]:
        reject_packaged(self._sources / "data", "--sources")
        with sources_lock(self._sources):
            yield

    def _write(self, *changes: tuple[bool, list[Quad], list[Quad]]) -> None:
        """Write the kept links (True) or the refused ones, before and after, in canonical form if they changed.

        A file that would be empty is removed. Raises `permission` if the files cannot be changed.
        """
        changed = {self._files[kept]: after for kept, before, after in changes if after != before}
        names = {path.relative_to(self._sources).as_posix(): after for path, after in changed.items()}
        files = {name: write(canonical_literals(after), TURTLE) for name, after in names.items() if after}
        write_all(self._sources, files, [name for name, after in names.items() if not after])


def _read(path: Path) -> list[Quad]:
    return parse(read_bytes(path), path=path) if path.exists() else []


def _read_writable(path: Path) -> list[Quad]:
    """Return the quads of a file that will be rewritten; raises `source-comments` since comments would be lost."""
    quads = _read(path)
    if quads:
        check_comments(read_bytes(path), path)
    return quads


def _subjects(quads: Iterable[Quad]) -> set[str]:
    return {each.subject.value for each in quads if isinstance(each.subject, NamedNode)}


def _quads(subject: str, *properties: tuple[str, NamedNode | Literal]) -> Iterator[Quad]:
    for predicate, value in properties:
        yield Quad(NamedNode(subject), NamedNode(predicate), value)


def _in_languages(predicate: str, texts: dict[str, str]) -> Iterator[tuple[str, Literal]]:
    for lang, text in texts.items():
        yield predicate, Literal(text, language=lang)


def _label(dataset: Dataset) -> dict[str, str]:
    return {"fr": dataset.title, "en": translate("link-label", "en", title=dataset.title)}


def _kept_quads(
    known: list[Quad], dataset: Dataset, targets: Iterable[LinkTarget], key: str, reason: dict[str, str], day: str
) -> Iterator[Quad]:
    """Yield the quads of links to a dataset, and of its description."""
    node, taken = NamedNode(dataset.iri), _subjects(known)
    yield from _quads(dataset.iri, (RDF + "type", NamedNode(SCHEMA + "Dataset")))
    if not any(each.subject == node and each.predicate.value == SKOS + "prefLabel" for each in known):
        yield from _quads(dataset.iri, *_in_languages(SKOS + "prefLabel", _label(dataset)))
    yield from _quads(dataset.iri, *_in_languages(SKOS + "note", reason))
    yield from Snapshot(day, dataset.snapshot).quads(node)
    for target in targets:
        link = _unused_iri(f"{target.iri}/lien/{_slug(dataset.slug or dataset.title)}", taken)
        yield from _quads(
            link,
            (RDF + "type", NamedNode(DCAT + "Relationship")),
            (_DATASET, node),
            (DCT + "created", _day(day)),
            *([(CPER + "cle", NamedNode(key))] if key else []),
            *((SCHEMA + "value", Literal(value)) for value in target.values),
        )
        yield from _quads(target.iri, (_LINK, NamedNode(link)), (_JEU_LIE, node))
        for contract, other in (*((each, dataset.iri) for each in target.contracts), *target.named):
            yield from _quads(contract, (_JEU_LIE, NamedNode(other)))


def _refusal_quads(decision: LinkDecision) -> Iterator[Quad]:
    return _quads(
        decision.iri,
        (RDF + "type", NamedNode(PROV + "Entity")),
        (_DATASET, NamedNode(decision.dataset)),
        (DCT + "created", _day(decision.day)),
        *((_REFUSED_FOR, NamedNode(target)) for target in decision.targets),
        *_in_languages(SKOS + "prefLabel", decision.label),
        *_in_languages(SKOS + "note", decision.reason),
    )


def _without_snapshot(quads: Iterable[Quad], dataset: str) -> list[Quad]:
    return [each for each in quads if each.subject != NamedNode(dataset) or each.predicate.value not in _SNAPSHOT]


def _without_refusals(quads: list[Quad], dataset: str, things: Iterable[str]) -> list[Quad]:
    """Return the quads without refusals of a dataset for `things`. Other targets of a refusal are preserved."""
    graph, removed = Graph(quads), {NamedNode(each) for each in things}
    refusals = {each for each in graph.subjects() if graph.value(each, _DATASET) == dataset}
    gone = {each for each in refusals if (targets := {*graph.all(each, _REFUSED_FOR)}) and targets <= removed}
    return [
        each
        for each in quads
        if each.subject not in gone
        and not (each.subject in refusals and each.predicate.value == _REFUSED_FOR and each.object in removed)
    ]


def _without_links(quads: list[Quad], dataset: str, things: Iterable[str]) -> list[Quad]:
    """Return the quads without links from `things` to a dataset; with the last link, all about the dataset goes."""
    graph, node = Graph(quads), NamedNode(dataset)
    removed: set[Term] = {NamedNode(each) for each in things}
    links: dict[Term, Term] = {link: thing for thing in graph.subjects() for link in graph.all(thing, _LINK)}
    links = {link: thing for link, thing in links.items() if node in graph.all(link, _DATASET)}
    gone = {link for link, thing in links.items() if thing in removed}
    if gone == {*links}:
        gone.add(node)
        removed = {*graph.subjects()}  # the contracts that name the dataset as well
    return [
        each
        for each in quads
        if each.subject not in gone
        and each.object not in gone - {node}
        and not (each.predicate.value == _JEU_LIE and each.object == node and each.subject in removed)
    ]


def _slug(text: str) -> str:
    """Return a slug for an IRI.

    >>> _slug("Base Sirene des entreprises (SIREN, SIRET)")
    'base-sirene-des-entreprises-siren-siret'
    """
    return slug(text)[:60].strip("-") or "jeu"


def _unused_iri(base: str, taken: set[str]) -> str:
    """Return `base`, with a number if it is in use."""
    names = chain([base], (f"{base}-{number}" for number in count(2)))
    return next(each for each in names if each not in taken)

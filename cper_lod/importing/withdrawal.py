"""Withdraws a contract, its subsidies, a body or one subsidy from the sources, with what only that needed; records why."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast

from pyoxigraph import BlankNode, NamedNode, Quad, Triple
from pyoxigraph import Literal as RdfLiteral

from cper_lod.core import formatting
from cper_lod.core.config import today
from cper_lod.core.errors import LANGUAGES, Phrase, Problem
from cper_lod.core.formats import DOCUMENT_FORMATS, TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import CPER, DCAT, DCT, PROV, RDF, RDFS, SKOS, SUBV, XSD
from cper_lod.core.text import did_you_mean, folded, nearest
from cper_lod.importing.contracts.importer import PATHS, link_sources
from cper_lod.importing.contracts.kept_workbook import KEPT, followed, is_outdated
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.parse_errors import check_comments
from cper_lod.rdf.reader import iter_chunks, read, read_bytes
from cper_lod.rdf.report import Report
from cper_lod.rdf.serialize import write
from cper_lod.rdf.statements import relative_names, whole_names
from cper_lod.release.catalog.datasets import EXAMPLES, CatalogueDataset, is_catalogue_file
from cper_lod.release.check.check import check
from cper_lod.release.history.purge import NAMES, NUMBERS, PurgeRequest, in_releases, withdrawn_iris
from cper_lod.release.jobs.progress import SILENT, Progress
from cper_lod.release.sources.address import site_names
from cper_lod.release.sources.dataset_links import dataset_links
from cper_lod.release.sources.files import WITHDRAWALS, display_path, rdf_files, source_folder, text_files
from cper_lod.release.sources.read import read_sources
from cper_lod.release.sources.writing import write_all

Kind = Literal["contract", "subsidies", "body", "subsidy"]
KINDS: Final[Mapping[str, Phrase]] = {
    "contract": Phrase("contract", "de contrat"),
    "subsidies": Phrase(
        "file of subsidies, nor contract with subsidies", "de fichier de subventions, ni de contrat à subventions"
    ),
    "body": Phrase("body", "d'organisme"),
    "subsidy": Phrase("subsidy", "de subvention"),
}
_PARTS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "contract": ("contrat/",),
    "subsidies": ("fichier/", "contrat/"),
    "body": ("organisme/",),
    "subsidy": ("subvention/",),
}
"""How the names of the things of a kind go on after those of things."""
_RELATIONSHIP: Final = NamedNode(DCAT + "Relationship")
_NOT_SWEPT: Final = ("contrat/", "fichier/", "subvention/", "jeu-de-donnees/")
"""What goes only if it is asked for, or belongs to what is, even if nothing needs it."""
_LISTINGS: Final = frozenset({SKOS + "hasTopConcept", DCAT + "dataset", DCAT + "servesDataset"})
"""The properties of a list of things: to be listed is not to be needed."""
_SHORTEST_NAME: Final = 4
"""Characters of the shortest name that a reason must not repeat: shorter ones are parts of other words."""
_MAX_USES: Final = 5
_LINE: Final = re.compile(rb'<([^>]*)> <([^>]*)> (?:<([^>]*)>|"((?:[^"\\]|\\.)*)")')
_Objects = dict[str, list[str]]
_Node = NamedNode | BlankNode | Triple


class _Rows(NamedTuple):
    """Subsidies by file, their beneficiaries; the bodies and periods that only they share; what others use, with a file that does."""

    chosen: dict[str, set[str]]
    beneficiaries: set[str]
    shared: set[str]
    used: dict[str, str]


@dataclass
class Withdrawal:
    """What a withdrawal does: the things and the subsidies that go (IRIs), the files that change or go.

    `roots` are what is asked for: the thing, the files of subsidies, the datasets of a contract. `names` and `numbers` are
    those of the thing, and of the beneficiaries whose subsidies go. `left` are texts that stay and repeat a body that goes.
    """

    iri: str
    roots: set[str] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    things: set[str] = field(default_factory=set)
    subsidies: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)

    def is_repeated_in(self, text: str) -> bool:
        """Return whether a text repeats the name or the number of what goes, or the end of its IRI."""
        plain, digits = folded(text), re.sub(r"[\s.]", "", text)
        numbers = {each[:9] for each in self.numbers} | {self.iri.rpartition("/")[2]}
        numbers = {each for each in numbers if len(each) >= _SHORTEST_NAME}
        names = {folded(each) for each in self.names if len(each) >= _SHORTEST_NAME}
        return any(each in plain for each in names) or any(each in digits for each in numbers)


def withdraw(sources: Path, kind: Kind, name: str, reasons: Mapping[str, str]) -> Withdrawal:
    """Return what withdrawing a thing does, and its record with the reasons by language; writes nothing.

    Cells of a workbook that repeat a body that goes are removed, if they could not be exported any more anyway. Raises
    `withdraw-unknown` with the nearest name, `withdraw-used` with what needs the thing, `source-comments` where rewriting a
    file would lose a comment, and the problems of reading.
    """
    data = _Data(sources)
    plan = _plan(data, kind, find(kind, name, data.known(kind), data.names, data.sirens), reasons)
    going = Withdrawal("")
    named = _workbooks_with(data, plan, going)
    outdated = [each for each in named if is_outdated(sources, Path(each).stem)]
    _remove(plan, outdated)
    if kind == "body":
        plan.left = [*_texts_with(data, plan, going), *(each for each in named if each not in plan.gone)]
    return plan


def _plan(data: "_Data", kind: Kind, iri: str, reasons: Mapping[str, str] = MappingProxyType({})) -> Withdrawal:
    found, slug, own = Withdrawal(iri, {iri}), iri.rpartition("/")[2], set[str]()
    if kind == "contract":
        paths = [each.format(slug) for each in (*PATHS.values(), "data/derived/{}.ttl")]
        own = {*paths, *(each.replace("data/", f"data/{EXAMPLES}/", 1) for each in paths)}
        found.roots |= data.datasets_of(slug)
        others = (f"shapes/profiles/{slug}.ttl", KEPT.format(slug))
        found.gone += [each for each in others if (data.sources / each).is_file()]
    files = data.subsidies_of(iri) if kind in ("contract", "subsidies") else set()
    if kind == "subsidies":
        found.roots = {f"{data.names.things}fichier/{Path(each).stem}" for each in files}
    for folder in {str(Path(each).parent) for each in files}:
        if not any(each.startswith(f"{folder}/") for each in data.subsidies.keys() - files):
            own.add(f"data/catalog/subventions-{folder.rpartition('/')[2]}.ttl")

    def is_chosen(file: str, row: str, objects: _Objects) -> bool:
        return file in files or row == iri or iri in objects.get(SUBV + "beneficiaire", ())

    rows = data.rows(is_chosen)
    links = data.links_of(slug) if kind == "contract" else set()
    _sweep(data, found, own, rows.shared | links, rows.used)
    _note_names(data, found, {iri} if kind == "contract" else {iri} | rows.beneficiaries, rows.chosen)
    _replace_records(
        data, found, _record(found, reasons, data.names) if reasons else ()
    )  # without the bodies of many subsidies
    for file, chosen in rows.chosen.items():
        _drop(data, file, found, chosen | rows.shared, whole=file in files, count=len(chosen))
        found.subsidies |= chosen
    found.things -= rows.used.keys()  # another file of subsidies describes them too
    found.files |= followed(data.sources, found.files, found.gone)
    # What is asked for goes last: until then, the same withdrawal can be done again if it breaks off.
    found.gone.sort(key=lambda name: re.match(r"data/(.*/)?(contracts|subventions)/", name) is not None)
    return found


def find(
    kind: Kind, name: str, known: set[str], names: SiteNames, sirens: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return the one of the IRIs `known` that is meant by an IRI, the address of a page, the end of either, or the number of a body.

    `sirens` are the numbers of bodies whose IRI does not say it.

    Raises `withdraw-unknown`.
    """
    path = re.sub(r"^.*/(?:id|doc)/", "", re.sub(r"[?#].*", "", name.strip())).strip("/")
    number = re.sub(r"[\s.]", "", path).upper()
    things = names.things
    starts = tuple(things + each for each in _PARTS[kind])
    numbered = [f"{things}organisme/siren-{number[:9]}", f"{things}organisme/rna-{number}"] if kind == "body" else []
    numbered += [sirens[number[:9]]] if number[:9] in sirens else []
    stems = (path, *(path.removesuffix("." + each.suffix) for each in DOCUMENT_FORMATS))
    offered = [start + stem for stem in stems for start in (things, *starts)]
    for iri in (*offered, *numbered):
        if iri in known and iri.startswith(starts):
            return iri
    ends = {each.removeprefix(start) for start in starts for each in known if each.startswith(start)}
    near = nearest(path.rpartition("/")[2], ends)
    raise Problem("withdraw-unknown", name=name[:200], kind=KINDS[kind], hint=did_you_mean(near))


def request_purge(sources: Path, releases: Path, kind: Kind, name: str) -> tuple[Withdrawal, PurgeRequest]:
    """Return what a purge does to the sources, and what it removes from the history; a thing may be withdrawn already.

    Raises as `withdraw`, and what `History.entries` raises.
    """
    data = _Data(sources)
    iri = find(kind, name, data.known(kind) | withdrawn_iris(releases), data.names, data.sirens)
    plan = _without(data, kind, iri)
    earlier = in_releases(releases, plan.roots)
    gone = earlier.beneficiaries - data.known("body")  # with subsidies that were withdrawn before
    bodies = in_releases(releases, gone)
    earlier = earlier._replace(names=earlier.names | bodies.names, numbers=earlier.numbers | bodies.numbers)
    plan.names |= earlier.names
    plan.numbers |= earlier.numbers
    nodes = (node for quad in data.records_of(plan.roots) for node in (quad.subject, quad.object))
    recorded = {node.value for node in nodes if isinstance(node, NamedNode)}
    parts = plan.things | plan.subsidies | earlier.subsidies | gone | recorded
    numbers = sorted(plan.numbers) if kind == "body" else []
    is_subsidies = kind == "subsidies"  # of a contract, which stays
    going = Withdrawal("" if is_subsidies else iri, names=set(earlier.names), numbers=set(earlier.numbers))
    workbooks = _workbooks_with(data, plan, going)
    if kind in ("body", "subsidy"):
        plan.left = _texts_with(data, plan, going)
    _remove(plan, workbooks)
    return plan, PurgeRequest(kind, iri, sorted(plan.roots), sorted(parts), numbers, {}, workbooks=workbooks)


def without(sources: Path, request: PurgeRequest) -> Withdrawal:
    """Return what removes what a purge is of from sources that may not have it any more; raises as `withdraw`."""
    plan = _without(_Data(sources), cast("Kind", request.kind), request.iri)
    _remove(plan, request.workbooks)
    return plan


def _remove(plan: Withdrawal, workbooks: Iterable[str]) -> None:
    """Have the files with the cells of workbooks removed first."""
    plan.gone = list(dict.fromkeys((*workbooks, *plan.gone)))
    plan.files = {path: data for path, data in plan.files.items() if path not in plan.gone}


def _workbooks_with(data: "_Data", plan: Withdrawal, going: Withdrawal) -> list[str]:
    """Return the files with the cells of a workbook that repeat what is `going`, to which the bodies of the plan are added."""
    bodies = {each for each in plan.things if each.startswith(data.names.things + "organisme/")}
    _note_names(data, going, {going.iri} | bodies, data.subsidies.keys() & {*plan.files, *plan.gone})
    found = list[str]()
    for path in sorted(filter(Path.is_file, (data.sources / KEPT).parent.glob("*"))):
        text = re.sub(r'\\(["\\])', r"\1", path.read_text("utf-8", errors="replace"))  # as JSON writes them
        if going.is_repeated_in(f"{path.stem}\n{text}"):
            found.append(display_path(path, data.sources))
    return found


def _texts_with(data: "_Data", plan: Withdrawal, going: Withdrawal) -> list[str]:
    """Return where texts that stay repeat what is going: the file, and what the text is about. Files of subsidies are not read."""
    found = dict[str, None]()
    for name, quads in data.files.items():
        for quad in quads:
            if isinstance(quad.object, RdfLiteral) and isinstance(quad.subject, NamedNode):
                stays = name not in plan.gone and quad.subject.value not in plan.things
                if stays and going.is_repeated_in(quad.object.value):
                    found[f"{name} ({quad.subject.value})"] = None
    for path in text_files([data.sources / "data"]).values():
        name = display_path(path, data.sources)
        if name not in plan.gone and going.is_repeated_in(path.read_text("utf-8", errors="replace")):
            found[name] = None
    return list(found)


def _without(data: "_Data", kind: Kind, iri: str) -> Withdrawal:
    if iri in data.known(kind):
        return _plan(data, kind, iri)
    plan = Withdrawal(iri, {iri})
    _replace_records(data, plan, [])
    return plan


def check_without(sources: Path, plan: Withdrawal, progress: Progress = SILENT) -> Report:
    """Return the report of the check of the sources as they would be; raises the problems of reading, and `check-timeout`."""
    with tempfile.TemporaryDirectory(prefix="cper-lod-withdraw-") as folder:
        copy = Path(folder)
        link_sources(sources, copy, [*plan.files, *plan.gone])
        if profiles := [each for each in plan.gone if each.startswith("shapes/")]:
            (copy / "shapes").unlink()
            shutil.copytree(sources / "shapes", copy / "shapes")
        write_all(copy, plan.files, profiles)
        return check(read_sources(copy, progress=progress), progress)


def restore(sources: Path, things: set[str]) -> list[str]:
    """Remove things that are described again from the records of withdrawals; return those that were withdrawn.

    Raises the problems of reading, and `permission`.
    """
    path = sources / WITHDRAWALS
    names = site_names(sources)
    before = read(path, names=names) if path.is_file() else []
    left = [quad for quad in before if getattr(quad.object, "value", "") not in things]
    recorded = {quad.subject for quad in left if quad.predicate.value == PROV + "invalidated"}
    kept = [quad for quad in left if quad.subject in recorded]
    if len(kept) < len(before):
        write_all(sources, {WITHDRAWALS: _turtle(kept, names)} if kept else {}, [] if kept else [WITHDRAWALS])
    return sorted({quad.object.value for quad in before if isinstance(quad.object, NamedNode)} & things)


def subjects_of(turtle: Iterable[bytes], names: SiteNames) -> set[str]:
    """Return the things that canonical Turtle files describe."""
    found = (each.decode() for data in turtle for each in re.findall(rb"^<([^>]*)> ", data, re.MULTILINE))
    return {each if "://" in each else names.address + each for each in found}


class _Data:
    """The data of some sources: quads by file, but for the subsidies, whose files may be large."""

    def __init__(self, sources: Path) -> None:
        self.sources, self.names = sources, site_names(sources)
        paths = {display_path(path, sources): path for path in rdf_files(sources / "data")}
        is_large = re.compile(rf"data/(?:{EXAMPLES}/)?subventions/.*\.nt")
        self.subsidies = {name: path for name, path in paths.items() if is_large.fullmatch(name)}
        self.files = {
            name: read(path, scope=name, names=self.names) for name, path in paths.items() if name not in self.subsidies
        }
        self.records = self.files.pop(WITHDRAWALS, [])
        stated = (quad for quads in self.files.values() for quad in quads if quad.predicate.value == CPER + "siren")
        self.sirens = {
            str(getattr(each.object, "value", "")): str(getattr(each.subject, "value", "")) for each in stated
        }
        self.ontology = [
            quad
            for path in rdf_files(source_folder(sources, "ontology"), deep=False)
            for quad in read(path, names=self.names)
        ]

    def known(self, kind: Kind) -> set[str]:
        """Return the IRIs of the things of a kind."""
        if kind == "subsidies":
            files = map(Path, self.subsidies)
            return {
                iri
                for path in files
                for iri in (f"{self.names.things}fichier/{path.stem}", f"{self.names.contracts}{path.parent.name}")
            }
        subjects = {
            str(getattr(quad.subject, "value", ""))
            for quads in self.files.values()
            for quad in quads
            if kind != "contract" or getattr(quad.object, "value", "") == CPER + "Contrat"
        }
        if kind in ("body", "subsidy"):
            subjects |= {subject for path in self.subsidies.values() for subject, _ in described(path, self.names)}
        start = self.names.things + _PARTS[kind][0]
        is_part = re.compile(re.escape(start) + r".*/lien/.*")
        return {each for each in subjects if each.startswith(start) and not is_part.fullmatch(each)}

    def subsidies_of(self, iri: str) -> set[str]:
        """Return the names of the files of subsidies of a contract, or of the file with this IRI."""
        slug, whole = iri.rpartition("/")[2], iri.startswith(self.names.contracts)
        return {each for each in self.subsidies if slug == (Path(each).parent.name if whole else Path(each).stem)}

    def links_of(self, slug: str) -> set[str]:
        """Return the links with outside datasets that follow from a contract, and from no other."""
        links = dataset_links(Graph([*self.ontology, *(quad for quads in self.files.values() for quad in quads)]))
        own = links.pop(f"data/links/{slug}.ttl", [])
        others = {quad.subject for quads in links.values() for quad in quads}
        return {
            quad.subject.value
            for quad in own
            if quad.object == _RELATIONSHIP and isinstance(quad.subject, NamedNode) and quad.subject not in others
        }

    def datasets_of(self, slug: str) -> set[str]:
        """Return the datasets of the catalogue that are made from the files of a contract."""
        graph = Graph(quad for name, quads in self.files.items() if is_catalogue_file(name) for quad in quads)
        found = set[str]()
        for node in graph.subjects():
            files = [each.value for each in graph.all(node, PROV + "wasDerivedFrom") if isinstance(each, NamedNode)]
            paths = tuple(each.removeprefix(self.names.sources) for each in files)
            if isinstance(node, NamedNode) and CatalogueDataset(node.value, paths).contract == slug:
                found.add(node.value)
        return found

    def rows(self, is_chosen: Callable[[str, str, _Objects], bool]) -> "_Rows":
        """Return the chosen subsidies, and what they and the others refer to."""
        found = _Rows({}, set(), set(), {})
        for file, path in self.subsidies.items():
            for subject, objects in described(path, self.names):
                if subject.startswith(self.names.things + "subvention/") and SUBV + "attribuant" in objects:
                    named = [
                        each for values in objects.values() for each in values if each.startswith(self.names.things)
                    ]
                    if is_chosen(file, subject, objects):
                        found.chosen.setdefault(file, set()).add(subject)
                        found.beneficiaries.update(objects.get(SUBV + "beneficiaire", ()))
                        found.shared.update(each for each in named if "/id/organisme/" in each or "/versement/" in each)
                    else:
                        found.used.update(dict.fromkeys(named, file))
        found.shared.difference_update(found.used)
        return found

    def records_of(self, iris: set[str]) -> list[Quad]:
        """Return the records of the withdrawal of things."""
        found = {quad.subject for quad in self.records if getattr(quad.object, "value", "") in iris}
        return [quad for quad in self.records if quad.subject in found]


def _replace_records(data: _Data, found: Withdrawal, new: Iterable[Quad]) -> None:
    """Put new records of the withdrawal of a thing into the place of earlier ones."""
    earlier = set(data.records_of(found.roots))
    if records := [*(quad for quad in data.records if quad not in earlier), *new]:
        found.files[WITHDRAWALS] = _turtle(records, data.names)
    elif earlier:
        found.gone.append(WITHDRAWALS)


def described(path: Path, names: SiteNames) -> Iterator[tuple[str, _Objects]]:
    """Yield what a file of subsidies describes, in order: each subject with its values by property."""
    lines = (line for chunk in iter_chunks(path) for line in whole_names(chunk, names).splitlines())
    matches = filter(None, map(_LINE.match, lines))
    for subject, group in groupby(matches, lambda match: match[1]):
        objects = _Objects()
        for match in group:
            objects.setdefault(match[2].decode(), []).append((match[3] or match[4] or b"").decode())
        yield subject.decode(), objects


def _sweep(data: _Data, found: Withdrawal, own: set[str], shared: set[str], used: Mapping[str, str]) -> None:
    """Remove the roots and what lies below them; then what their files, `own`, describe, what they refer to, and `shared`,
    as far as nothing else needs it. `used` are things that are needed, each with what needs it.

    Raises `withdraw-used` with what refers to a root.
    """
    refers, subjects = dict[_Node, set[_Node]](), dict[str, set[_Node]]()
    for name, quads in {**data.files, "": data.ontology}.items():
        subjects[name] = {quad.subject for quad in quads}
        for quad in quads:
            if quad.predicate.value not in _LISTINGS and isinstance(quad.object, NamedNode | BlankNode):
                refers.setdefault(quad.subject, set()).add(quad.object)
    everything = set[_Node]().union(*subjects.values())
    fixed = {each for each in everything if _is_below(each, found.roots)}
    start = fixed | {each for name in own for each in subjects.get(name, ())} | {NamedNode(each) for each in shared}
    candidates = _reachable(start, refers, lambda each: each in everything and not _is_kept(each, data.names.things))
    needed = (everything - candidates) | {NamedNode(each) for each in used}
    removed = candidates - (_reachable(needed, refers, lambda each: each not in fixed) - fixed)
    removed_names = {each.value for each in removed if isinstance(each, NamedNode)}
    named = fixed | {NamedNode(each) for each in found.roots}
    users = {
        f"{name} ({quad.subject.value})" if isinstance(quad.subject, NamedNode) else name
        for name, quads in data.files.items()
        for quad in quads
        if quad.object in named and quad.subject not in removed and quad.predicate.value not in _LISTINGS
    } | {used[each] for each in found.roots & used.keys()}
    if users:
        raise Problem("withdraw-used", iri=found.iri, uses=sorted(users)[:_MAX_USES])
    for name, quads in data.files.items():
        kept = [quad for quad in quads if quad.subject not in removed and quad.object not in removed]
        if len(kept) == len(quads):
            continue
        for quad in quads:
            if isinstance(quad.subject, NamedNode) and quad.subject in removed:
                found.things.add(quad.subject.value)
        if not kept:
            found.gone.append(name)
            continue
        path = data.sources / name
        if path.suffix.lower() != f".{TURTLE.suffix}":
            raise Problem("source-format", path=path, offers=f".{TURTLE.suffix}")
        check_comments(read_bytes(path), path)
        found.files[name] = _turtle(kept, data.names)
    texts = {data.names.documents + name: path for name, path in text_files([data.sources / "data"]).items()}
    found.gone += [display_path(path, data.sources) for iri, path in texts.items() if iri in removed_names]


def _reachable(
    start: Iterable[_Node], refers: Mapping[_Node, set[_Node]], may_enter: Callable[[_Node], bool]
) -> set[_Node]:
    """Return `start` and what it refers to, directly or not, as far as it may be entered."""
    found, left = set(start), list(start)
    while left:
        new = {each for each in refers.get(left.pop(), ()) if each not in found and may_enter(each)}
        found |= new
        left += new
    return found


def _above(iri: str) -> Iterator[str]:
    """Yield what an IRI lies below, as a part does."""
    return (iri[: match.start()] for match in re.finditer("[/#]", iri))


def _is_below(node: _Node, roots: set[str]) -> bool:
    """Return whether a thing is one of `roots` or lies below one."""
    return isinstance(node, NamedNode) and (node.value in roots or not roots.isdisjoint(_above(node.value)))


def _is_kept(node: _Node, things: str) -> bool:
    return isinstance(node, NamedNode) and (
        not node.value.startswith(things) or node.value.startswith(_NOT_SWEPT, len(things))
    )


def _note_names(data: _Data, found: Withdrawal, named: set[str], files: Iterable[str]) -> None:
    """Note the names and the numbers of things, as the data and some files of subsidies have them."""
    quads = (quad for quads in data.files.values() for quad in quads if getattr(quad.subject, "value", "") in named)
    stated = [(quad.predicate.value, str(getattr(quad.object, "value", ""))) for quad in quads]
    for subject, objects in (each for name in files for each in described(data.subsidies[name], data.names)):
        if subject in named:
            stated += [(predicate, value) for predicate, values in objects.items() for value in values]
    found.names |= {value for predicate, value in stated if predicate in NAMES}
    found.numbers |= {value for predicate, value in stated if predicate in NUMBERS}


def _drop(data: _Data, name: str, found: Withdrawal, dropped: set[str], *, whole: bool, count: int) -> None:
    """Remove things from a file of subsidies; the number of rows kept and their first and last day follow.

    The file goes if it is `whole`, or if no subsidy is left.
    """
    path, names = data.subsidies[name], data.names
    days = [
        day
        for subject, objects in described(path, names)
        if subject not in dropped and SUBV + "attribuant" in objects
        for day in objects[DCT + "date"][:1]
    ]
    kept, period = list[bytes](), {DCAT + "startDate": min(days, default=""), DCAT + "endDate": max(days, default="")}
    for chunk in iter_chunks(path):
        for line in whole_names(chunk, names).splitlines(keepends=True):
            subject, predicate, text = "", "", ""
            if match := _LINE.match(line):
                subject, predicate, text = match[1].decode(), match[2].decode(), (match[4] or b"").decode()
            if whole or not days or subject in dropped:
                found.things.add(subject)
            elif "/id/fichier/" in subject and subject.endswith("/compte/gardees") and text.isdigit():
                kept.append(line.replace(f'"{text}"'.encode(), f'"{int(text) - count}"'.encode()))
            elif "/id/fichier/" in subject and subject.endswith("/periode") and predicate in period:
                kept.append(line.replace(f'"{text}"'.encode(), f'"{period[predicate]}"'.encode()))
            else:
                kept.append(line)
    found.things = {each for each in found.things if not each.startswith(names.things + "subvention/")}
    if kept:
        found.files[name] = relative_names(b"".join(kept), names)
    else:
        found.gone.append(name)


def _record(found: Withdrawal, reasons: Mapping[str, str], names: SiteNames) -> Iterator[Quad]:
    """Yield the record of a withdrawal: what it invalidated beside what lies below it, when, and why."""
    node = NamedNode(f"{names.things}retrait/{today()}-{hashlib.sha256(found.iri.encode()).hexdigest()[:8]}")
    yield Quad(node, NamedNode(RDF + "type"), NamedNode(PROV + "Activity"))
    yield Quad(node, NamedNode(DCT + "date"), RdfLiteral(today(), datatype=NamedNode(XSD + "date")))
    for lang in LANGUAGES:  # no word of what is withdrawn, which a search would find
        label = translate("withdrawal", lang, date=formatting.date(today(), lang))
        yield Quad(node, NamedNode(SKOS + "prefLabel"), RdfLiteral(label, language=lang))
    for language, text in reasons.items():
        yield Quad(node, NamedNode(RDFS + "comment"), RdfLiteral(text, language=language))
    things = found.roots | found.things
    for iri in sorted(each for each in things if things.isdisjoint(_above(each))):
        yield Quad(node, NamedNode(PROV + "invalidated"), NamedNode(iri))


def _turtle(quads: Iterable[Quad], names: SiteNames) -> bytes:
    return write(canonical_literals(quads), TURTLE, names=names)

"""A release opened for reading: its files, its manifest and its digest."""

import errno
import hashlib
import json
import os
import sqlite3
import zlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, wraps
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Concatenate, Final, Literal, NamedTuple, ParamSpec, TypeVar

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.errors import Problem
from cper_lod.core.files import index_problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCAT, DCT
from cper_lod.core.settings import Settings
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.files import WholeFile, reading
from cper_lod.release.storage.class_listing import Listing, open_readonly
from cper_lod.release.storage.quad_file import gzip_lines, parse_lines
from cper_lod.release.storage.search import SearchIndex
from cper_lod.release.storage.triples import Triples

if TYPE_CHECKING:
    from cper_lod.engine.embedded import ProcessEngine

FORMAT: Final = 11
"""The version of the folder layout."""
MANIFEST: Final = "manifest.json"
DATA: Final = "dump/tout.nq.gz"
"""All quads as canonical N-Quads, sorted and compressed: a dump, and what the next release is compared with."""
SHAPES: Final = "shapes.nq"
SITE: Final = "site.sqlite"
"""Lists, totals, search, and the tables of classes."""
CONTEXT: Final = "context.jsonld"
REPORT: Final = "report.json"
INDEX: Final = "index"
DUMP: Final = "dump"
QUESTIONS: Final = "questions.json"
IN_MEMORY: Final = 16 << 20
"""Bytes of N-Quads up to which pages read the quads in memory, where a thing is found four times as fast."""
TEXTS: Final = "texts"
"""The folder of the texts of documents, each named after the document."""
_SQLITE_RESOURCES: Final = (
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_BUSY,
)
"""What SQLite reports where the file is not at fault: a lack of memory or of descriptors, a time limit, a lock."""
_INDEX_FAULTS: Final = ("Corruption: ", os.strerror(errno.EIO))
"""What Oxigraph says of an index that it cannot read, in an error without a number."""
P = ParamSpec("P")
T = TypeVar("T")
ReleaseMode = Literal["contract", "data"]
DIGESTED_FILES: Final = (DATA, SHAPES, REPORT, CONTEXT, QUESTIONS)
"""The files that the digest covers: canonical RDF, report, JSON-LD context, questions."""


class Memo:
    """The results of functions by their arguments: of each function those that were asked for last.

    Threads that ask for the same result wait for the one that computes it, each without holding up others: functions may ask
    for each other's results. Two threads never wait for each other, since a function that needs its own result would not end
    without a memo either.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._results: dict[Hashable, OrderedDict[Hashable, Future[Any]]] = {}

    def get(self, function: Hashable, arguments: Hashable, limit: int, compute: Callable[[], T]) -> T:
        """Return a result of a function, of which `limit` are kept; what `compute` raises is raised and not kept."""
        with self._lock:
            results = self._results.setdefault(function, OrderedDict())
            result = results.get(arguments)
            if is_new := result is None:
                result = results[arguments] = Future()
                if len(results) > limit:
                    results.popitem(last=False)
            results.move_to_end(arguments)
        if is_new:
            try:
                result.set_result(compute())
            except BaseException as error:
                with self._lock:
                    results.pop(arguments, None)
                result.set_exception(error)
        return result.result()  # type: ignore[no-any-return]


@cache
def program_id() -> str:
    """Return an id of the program: its version and a digest of its code, computed at the first call.

    The digest of the code makes a release built before an edit in a checkout differ from one built after it.
    """
    package = Path(__file__).resolve().parent.parent
    code = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        name = path.relative_to(package)
        if path.suffix in (".py", ".toml", ".json", ".jinja") and not {"_sources", "editor"} & {*name.parts}:
            code.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{version('cper-lod')}+{code.hexdigest()[:12]}"


def document_name(document: str) -> str:
    """Return the name of a document, which its text has too."""
    return document.rpartition("/id/document/")[2]


def text_file(document: str) -> str:
    """Return the name of the file with the text of a document, by the name of the document."""
    return f"{TEXTS}/{document}.txt"


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def release_digest(digests: Mapping[str, str], quads: str) -> str:
    """Return the digest of a release, computed from the names and digests of `DIGESTED_FILES`.

    `quads` is the digest of the N-Quads in DATA, which does not depend on who compressed them. Indexes and times are
    not part of it.
    """
    lines = "".join(f"{name} {quads if name == DATA else digests[name]}\n" for name in DIGESTED_FILES)
    return hashlib.sha256(lines.encode()).hexdigest()


class Rights(NamedTuple):
    """What the catalogue states: IRI of the licence, IRI of the publisher, date of the last change; empty if unknown."""

    licence: str = ""
    publisher: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Release:
    """A release opened for reading. Releases never change."""

    folder: Path
    manifest: Mapping[str, Any]
    written: sqlite3.Connection | None = field(default=None, repr=False, compare=False)
    """The connection by which a build writes the SQLite file: then lists and tables are read by it too."""

    @property
    def digest(self) -> str:
        """The digest of the release, in hexadecimal."""
        return str(self.manifest["digest"])

    @property
    def id(self) -> str:
        """The id of the release in URLs and in the history: the first 16 digits of its digest."""
        return self.digest[:16]

    @cached_property
    def names(self) -> SiteNames:
        """The names that the site gave to what the release holds."""
        return SiteNames(self.manifest["address"])

    @property
    def has_shapes(self) -> bool:
        """Whether the release has shapes, to which its data conform; without any, nothing was validated."""
        return bool(self.manifest["files"][SHAPES]["bytes"])

    @property
    def built_at(self) -> int:
        """When the release was built, in seconds since 1970; not part of the digest."""
        return int(self.manifest["sealed"])

    @property
    def graphs(self) -> Mapping[str, int]:
        """The number of triples of each named graph."""
        return dict(self.manifest["graphs"])

    def open(self, name: str) -> WholeFile:
        """Open a file for reading, by its name in the manifest; raises `release-damaged`, also when read, and `permission`."""
        return WholeFile(self.folder / name, int(self.manifest["files"][name]["bytes"]))

    def read(self, name: str) -> bytes:
        """Return the bytes of a file; raises as `open`. A release that is being written has no manifest to compare with."""
        if "files" not in self.manifest:
            return (self.folder / name).read_bytes()
        with self.open(name) as file:
            return file.read()

    def check_sizes(self) -> None:
        """Open every file; raises `release-damaged` with the first that has not the size in the manifest, `permission`."""
        for name in self.manifest["files"]:
            self.open(name).close()
        for name, size in self.manifest["index"].items():
            WholeFile(self.folder / INDEX / name, size).close()

    def damage(self, error: Exception) -> Problem | None:
        """Return `release-damaged` or `permission` if files of the release explain an error, None if they do not.

        SQLite and Oxigraph tell of a damaged file in words of their own, and other readers as of a malformed text.
        """
        try:
            self.check_sizes()
        except Problem as problem:
            return problem
        if isinstance(error, sqlite3.DatabaseError) and error.sqlite_errorcode & 0xFF not in _SQLITE_RESOURCES:
            return Problem("release-damaged", path=self.folder, message=error)
        if isinstance(error, (RuntimeError, OSError)) and any(each in str(error) for each in _INDEX_FAULTS):
            return Problem("release-damaged", path=self.folder / INDEX, message=error)
        return None

    @cached_property
    def memo(self) -> Memo:
        """What has been computed from the release and is asked for again."""
        return Memo()

    @cached_property
    def triples(self) -> Triples:
        """The quads, in memory if they are few, else in the Oxigraph index; raises `release-damaged` if they cannot be read."""
        if self.manifest.get("quads", {}).get("bytes", IN_MEMORY + 1) <= IN_MEMORY:
            store = Store()
            store.bulk_extend(parse_lines(self.lines()))
            return Triples(store)
        try:
            return Triples(Store.read_only(str(self.folder / INDEX)))
        except (OSError, RuntimeError) as error:
            raise index_problem(str(error), self.folder / INDEX) from error

    def lines(self) -> Iterator[bytes]:
        """Yield all quads as lines of N-Quads without line feeds, sorted; raises `release-damaged`."""
        try:
            with reading(self.folder / DATA):
                yield from gzip_lines(self.folder / DATA)
        except (EOFError, zlib.error) as error:
            raise Problem("release-damaged", path=self.folder / DATA, message=error) from error

    @cached_property
    def shapes(self) -> Triples:
        """The shapes."""
        store = Store()
        store.bulk_extend(parse(self.read(SHAPES), format=RdfFormat.N_QUADS, lenient=True))
        return Triples(store)

    @cached_property
    def listing(self) -> Listing:
        """The lists of things by class and by IRI."""
        return Listing(self.written or open_readonly(self.folder / SITE))

    @cached_property
    def search(self) -> SearchIndex:
        """The full-text search index."""
        return SearchIndex(self.folder / SITE)

    @cached_property
    def tables(self) -> sqlite3.Connection:
        """The tables of classes; threads share the connection as they share that of `listing`."""
        return self.written or open_readonly(self.folder / SITE)

    @cached_property
    def context(self) -> Context:
        """The JSON-LD context."""
        return Context.parse(self.read(CONTEXT))

    @cached_property
    def property_order(self) -> Mapping[str, int]:
        """The position of each property in the context, by its IRI in angle brackets.

        Documents list properties in this order.
        """
        return {f"<{iri}>": position for position, iri in enumerate(self.context.by_property)}

    @cached_property
    def rights(self) -> Rights:
        """The licence, the publisher and the last change of the catalogue; empty without a catalogue."""
        stated = {
            quad.predicate.value: quad.object.value
            for quad in self.triples.about(NamedNode(self.names.catalogue))
            if isinstance(quad.object, NamedNode | RdfLiteral)
            and isinstance(quad.object, NamedNode) == (quad.predicate.value != DCT + "modified")
        }
        return Rights(*(stated.get(DCT + name, "") for name in ("license", "publisher", "modified")))

    @cached_property
    def data_day(self) -> str:
        """The day of the data, according to their catalogue; empty if it states none."""
        catalogue = next(self.listing.things(DCAT + "Catalog"), "")
        names = (DCT + "modified", DCT + "issued")
        stated = (quad.object for name in names for quad in self.triples.values(catalogue, name, 1))
        return next((each.value for each in stated if isinstance(each, RdfLiteral)), "")

    @cached_property
    def questions(self) -> list[dict[str, Any]]:
        """The competency questions: slug, title in French and English, SPARQL text."""
        try:
            return list(json.loads(self.read(QUESTIONS)))
        except ValueError as error:
            raise Problem("release-damaged", path=self.folder / QUESTIONS, message=error) from error

    def has_text(self, document: str) -> bool:
        """Return whether there is a text of a document, by its name."""
        return text_file(document) in self.manifest["files"]

    def text(self, document: str) -> bytes | None:
        """Return the text of a document by its name, in UTF-8 as it was read, None if there is none; raises as `open`."""
        return self.read(text_file(document)) if self.has_text(document) else None


@contextmanager
def being_built(folder: Path, mode: ReleaseMode, names: SiteNames) -> Iterator[Release]:
    """Yield the release in a folder whose lists and index are there, to write its totals and tables; raises sqlite3.Error."""
    with closing(sqlite3.connect(folder / SITE, isolation_level=None)) as site:
        site.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN")
        yield Release(folder, {"mode": mode, "address": names.address}, site)
        site.execute("COMMIT")


def once_per_release(
    limit: int,
) -> Callable[[Callable[Concatenate[Release, P], T]], Callable[Concatenate[Release, P], T]]:
    """Return a decorator: a function of a release and hashable arguments computes each result once.

    The last `limit` results are kept in the memo of the release.
    """

    def decorate(function: Callable[Concatenate[Release, P], T]) -> Callable[Concatenate[Release, P], T]:
        @wraps(function)
        def remembered(release: Release, /, *args: P.args, **kwargs: P.kwargs) -> T:
            key = (args, *kwargs.items()) if kwargs else args
            return release.memo.get(function, key, limit, lambda: function(release, *args, **kwargs))

        return remembered

    return decorate


def open_release(folder: Path) -> Release:
    """Open the release in `folder`; raises `release-damaged` if a file is missing or has not the size in the manifest.

    A release is on the disk before it has its name, so that only who writes to it, and a failing disk, change bytes. Raises
    `permission` if a file may not be read.
    """
    path = folder / MANIFEST
    try:
        with reading(path):
            manifest = json.loads(path.read_bytes())
        if manifest["format"] != FORMAT:
            raise Problem("release-format", path=folder, format=manifest["format"], expected=FORMAT)
        digests = {str(name): str(entry["sha256"]) for name, entry in manifest["files"].items()}
        complete = {SITE, DATA} <= {*digests} and bool(manifest["index"])
        complete = complete and release_digest(digests, manifest["quads"]["sha256"]) == manifest["digest"]
        release = Release(folder, manifest)
        if complete:
            release.check_sizes()
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise Problem("release-damaged", path=path, message=f"{type(error).__name__} {error}") from error
    if not complete:
        raise Problem("release-damaged", path=path, message="SHA-256")
    return release


def index_sizes(folder: Path) -> dict[str, int]:
    """Return the size of each file that an Oxigraph index needs for reading, by name."""
    files = (
        path for path in folder.iterdir() if path.suffix == ".sst" or path.name.startswith(("CURRENT", "MANIFEST"))
    )
    return {path.name: path.stat().st_size for path in sorted(files)}


def open_engine(release: Release, settings: Settings) -> "ProcessEngine":
    """Return the started engine of a release; the caller closes it. Raises `release-damaged` if the index cannot be opened."""
    from cper_lod.engine.embedded import ProcessEngine  # noqa: PLC0415  # what a build does without

    if settings.engine == "embedded":
        is_small = int(release.manifest["quads"]["bytes"]) <= settings.index_memory << 20
        data = release.folder / DATA if is_small else None
        engine = ProcessEngine(release.folder / INDEX, settings, release.graphs, data=data)
    else:
        from cper_lod.engine.remote import RemoteEngine  # noqa: PLC0415  # HTTP and TLS, which the embedded engine does without

        engine = RemoteEngine(settings, release.digest, {"": release.manifest["triples"], **release.graphs})
    try:
        engine.start()
    except BaseException:
        engine.close()
        raise
    return engine

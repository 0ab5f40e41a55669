"""A release opened for reading: its files, its manifest and its digest."""

import errno
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, Concatenate, Final, Literal, NamedTuple, ParamSpec, TypeVar

from pyoxigraph import NamedNode, RdfFormat, parse

from cper_lod.core.errors import Problem
from cper_lod.core.memo import Memo
from cper_lod.core.namespaces import BASE, DCT
from cper_lod.core.sorted_lines import SortedLines
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.jobs.digests import digest_cache
from cper_lod.release.storage.class_listing import Listing
from cper_lod.release.storage.nodes import Descriptions
from cper_lod.release.storage.search import SearchIndex

FORMAT: Final = 6
"""The version of the folder layout."""
MANIFEST: Final = "manifest.json"
DATA: Final = "data.nq"
SHAPES: Final = "shapes.nq"
MENTIONS: Final = "mentions"
MEMBERS: Final = "members"
LISTING: Final = "listing.json"
SEARCH: Final = "search.sqlite"
CONTEXT: Final = "context.jsonld"
CONTEXTS: Final = "contexts.json"
REPORT: Final = "report.json"
COUNTS: Final = "counts.nq"
VERSIONS: Final = "versions.nq"
INDEX: Final = "index"
DUMP: Final = "dump"
QUESTIONS: Final = "questions.json"
SUBSIDIES: Final = "subsidies"
IMAGES: Final = "images"
IMAGE_INDEX: Final = "index.json"
"""In the folder of the images: what each shows in words, by the IRI of the contract, by language."""
ReleaseMode = Literal["contract", "data"]
DIGESTED_FILES: Final = (DATA, SHAPES, REPORT, CONTEXT, QUESTIONS, VERSIONS, CONTEXTS)
"""The files that the digest covers: canonical RDF, earlier ontologies, report, JSON-LD contexts, questions."""


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


def image_name(iri: str, lang: str) -> str:
    """Return the name of the file with the picture of a contract in a language."""
    return f"{hashlib.sha256(iri.encode()).hexdigest()[:32]}.{lang}.png"


def file_digest(path: Path, algorithm: str = "sha256") -> str:
    """Return the digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def release_digest(digests: Mapping[str, str]) -> str:
    """Return the digest of a release, computed from the names and digests of `DIGESTED_FILES`.

    Indexes and times are not part of it.
    """
    lines = "".join(f"{name} {digests[name]}\n" for name in DIGESTED_FILES)
    return hashlib.sha256(lines.encode()).hexdigest()


class Rights(NamedTuple):
    """What the catalogue states: IRI of the licence, IRI of the publisher, date of the last change; empty if unknown."""

    licence: str = ""
    publisher: str = ""
    modified: str = ""


@dataclass(frozen=True)
class Release:
    """A release opened for reading. Releases never change.

    With `low_memory`, its files take hardly any memory and lookups take a little longer.
    """

    folder: Path
    manifest: Mapping[str, Any]
    low_memory: bool = False

    @property
    def digest(self) -> str:
        """The digest of the release, in hexadecimal."""
        return str(self.manifest["digest"])

    @property
    def id(self) -> str:
        """The id of the release in URLs and in the history: the first 16 digits of its digest."""
        return self.digest[:16]

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

    @cached_property
    def memo(self) -> Memo:
        """What has been computed from the release and is asked for again."""
        return Memo()

    @cached_property
    def data(self) -> SortedLines:
        """All quads, as sorted canonical N-Quads."""
        return SortedLines(self.folder / DATA, fenced=not self.low_memory)

    @cached_property
    def descriptions(self) -> Descriptions:
        """The properties of nodes, for pages."""
        return Descriptions(self.data)

    @cached_property
    def shapes(self) -> SortedLines:
        """The shapes, as sorted canonical N-Quads."""
        return SortedLines(self.folder / SHAPES, fenced=not self.low_memory)

    @cached_property
    def mentions(self) -> SortedLines:
        """For each IRI and blank node used as object, predicate or graph: a tab and the quad that uses it."""
        return SortedLines(self.folder / MENTIONS, fenced=not self.low_memory)

    @cached_property
    def listing(self) -> Listing:
        """The resources of each class."""
        table = json.loads((self.folder / LISTING).read_bytes())
        return Listing(SortedLines(self.folder / MEMBERS, fenced=not self.low_memory), table)

    @cached_property
    def search(self) -> SearchIndex:
        """The full-text search index."""
        return SearchIndex(self.folder / SEARCH)

    @cached_property
    def context(self) -> Context:
        """The JSON-LD context."""
        return Context.parse((self.folder / CONTEXT).read_bytes())

    @cached_property
    def contexts(self) -> Mapping[str, bytes]:
        """The JSON-LD contexts by version, the current one first."""
        earlier = json.loads((self.folder / CONTEXTS).read_bytes())
        current = {str(self.manifest["context"]): (self.folder / CONTEXT).read_bytes()}
        return current | {version: text.encode() for version, text in earlier.items()}

    @cached_property
    def property_order(self) -> Mapping[str, int]:
        """The position of each property in the context, by its IRI in angle brackets.

        Documents list properties in this order.
        """
        return {f"<{iri}>": position for position, iri in enumerate(self.context.by_property)}

    @cached_property
    def rights(self) -> Rights:
        """The licence, the publisher and the last change of the catalogue; empty without a catalogue."""
        lines = b"\n".join(self.data.beginning(f"<{BASE}catalogue> <{DCT}".encode()))
        stated = {
            quad.predicate.value: quad.object.value
            for quad in parse(lines, RdfFormat.N_QUADS)
            if isinstance(quad.object, NamedNode) == (quad.predicate.value != DCT + "modified")
        }
        return Rights(*(stated.get(DCT + name, "") for name in ("license", "publisher", "modified")))

    @cached_property
    def subsidies(self) -> SortedLines | None:
        """The totals of subsidies, a line for each contract, axis and file; None without subsidies."""
        path = self.folder / SUBSIDIES
        return SortedLines(path, fenced=not self.low_memory) if path.is_file() else None

    @cached_property
    def questions(self) -> list[dict[str, Any]]:
        """The competency questions: slug, title in French and English, SPARQL text."""
        return list(json.loads((self.folder / QUESTIONS).read_bytes()))

    @cached_property
    def share_images(self) -> Mapping[str, Mapping[str, str]]:
        """What the picture of each contract shows in words, by language, by the IRI of the contract; none in older releases."""
        try:
            index: dict[str, dict[str, str]] = json.loads((self.folder / IMAGES / IMAGE_INDEX).read_bytes())
        except FileNotFoundError:
            return {}
        return index

    def share_image(self, iri: str, lang: str) -> Path | None:
        """Return the file with the picture of a contract in a language, None if there is none."""
        return self.folder / IMAGES / image_name(iri, lang) if lang in self.share_images.get(iri, {}) else None

    def report(self) -> bytes:
        """Return the validation report, as JSON."""
        return (self.folder / REPORT).read_bytes()


P = ParamSpec("P")
T = TypeVar("T")


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
    """Open the release in `folder`; raises `release-damaged` if a file is missing or differs from the manifest.

    Files are compared by SHA-256 (see `release.jobs.digests`), those of the Oxigraph index by size.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT:
            raise Problem("release-damaged", path=folder / MANIFEST, message=f"format ≠ {FORMAT}")
        digests = {str(name): str(entry["sha256"]) for name, entry in manifest["files"].items()}
        sizes = {str(name): int(size) for name, size in manifest["index"].items()}
        complete = {MENTIONS, MEMBERS, LISTING, SEARCH, COUNTS} <= {*digests}
        complete = complete and release_digest(digests) == manifest["digest"]
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise Problem("release-damaged", path=folder / MANIFEST, message=_reason(error)) from error
    if not (complete and sizes):
        raise Problem("release-damaged", path=folder / MANIFEST, message="SHA-256")
    for name, digest in digests.items():
        if not (folder / name).is_file() or digest_cache(folder.parent).of_path(folder / name) != digest:
            raise Problem("release-damaged", path=folder / name, message=f"SHA-256 ≠ {MANIFEST}")
    for name, size in sizes.items():
        path = folder / INDEX / name
        if not path.is_file() or path.stat().st_size != size:
            raise Problem("release-damaged", path=path, message=f"≠ {size}")
    return Release(folder, manifest)


def reread(release: Release) -> Iterator[bool]:
    """Read all files of a release anew, with a step for each MiB, so that lost bits of remembered files are found.

    Raises `release-damaged` with the first file that is missing, unreadable or differs, and other errors as OSError.
    """
    for name, entry in release.manifest["files"].items():
        path, found = release.folder / name, hashlib.sha256()
        try:
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    found.update(piece)
                    yield True
        except OSError as error:
            if error.errno not in (errno.EIO, errno.ENOENT):  # the others are a lack of resources
                raise
            raise Problem("release-damaged", path=path, message=_reason(error)) from error
        if found.hexdigest() != entry["sha256"]:
            raise Problem("release-damaged", path=path, message=f"SHA-256 ≠ {MANIFEST}")


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or f"{type(error).__name__} {error}"


def index_sizes(folder: Path) -> dict[str, int]:
    """Return the size of each file that an Oxigraph index needs for reading, by name."""
    files = (
        path for path in folder.iterdir() if path.suffix == ".sst" or path.name.startswith(("CURRENT", "MANIFEST"))
    )
    return {path.name: path.stat().st_size for path in sorted(files)}

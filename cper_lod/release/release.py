"""A release opened for reading: its files, its manifest and its digest."""

import errno
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from importlib.metadata import version
from pathlib import Path
from typing import Any, Concatenate, Final, Literal, NamedTuple, ParamSpec, TypeVar

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, RdfFormat, Store, parse

from cper_lod.core.errors import Problem
from cper_lod.core.memo import Memo
from cper_lod.core.namespaces import BASE, DCT
from cper_lod.rdf.jsonld.context import Context
from cper_lod.release.jobs.digests import digest_cache
from cper_lod.release.storage.class_listing import Listing
from cper_lod.release.storage.quad_file import gzip_lines
from cper_lod.release.storage.search import SearchIndex
from cper_lod.release.storage.triples import Triples

FORMAT: Final = 7
"""The version of the folder layout."""
MANIFEST: Final = "manifest.json"
DATA: Final = "dump/tout.nq.gz"
"""All quads as canonical N-Quads, sorted and compressed: a dump, and what the next release is compared with."""
SHAPES: Final = "shapes.nq"
SITE: Final = "site.sqlite"
"""Lists, totals and search."""
CONTEXT: Final = "context.jsonld"
CONTEXTS: Final = "contexts.json"
REPORT: Final = "report.json"
VERSIONS: Final = "versions.nq"
INDEX: Final = "index"
DUMP: Final = "dump"
QUESTIONS: Final = "questions.json"
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

    @property
    def digest(self) -> str:
        """The digest of the release, in hexadecimal."""
        return str(self.manifest["digest"])

    @property
    def id(self) -> str:
        """The id of the release in URLs and in the history: the first 16 digits of its digest."""
        return self.digest[:16]

    @property
    def mode(self) -> ReleaseMode:
        """`contract` for validated sources, `data` for files served as given."""
        return "data" if self.manifest["mode"] == "data" else "contract"

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
    def triples(self) -> Triples:
        """The quads, read from the Oxigraph index; raises `release-damaged` if it cannot be opened."""
        try:
            return Triples(Store.read_only(str(self.folder / INDEX)))
        except (FileNotFoundError, RuntimeError) as error:  # other errors are a lack of resources
            raise Problem("release-damaged", path=self.folder / INDEX, message=_reason(error)) from error

    def lines(self) -> Iterator[bytes]:
        """Yield all quads as lines of N-Quads without line feeds, sorted; raises `release-damaged`."""
        try:
            yield from gzip_lines(self.folder / DATA)
        except (OSError, EOFError, zlib.error) as error:
            raise Problem("release-damaged", path=self.folder / DATA, message=_reason(error)) from error

    @cached_property
    def shapes(self) -> Triples:
        """The shapes."""
        store = Store()
        store.bulk_extend(parse(path=self.folder / SHAPES, format=RdfFormat.N_QUADS, lenient=True))
        return Triples(store)

    @cached_property
    def listing(self) -> Listing:
        """The lists of things by class and by IRI."""
        return Listing(self.folder / SITE)

    @cached_property
    def search(self) -> SearchIndex:
        """The full-text search index."""
        return SearchIndex(self.folder / SITE)

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
        """The licence, the publisher and the last change of the catalogue; empty for data served as given."""
        if self.mode != "contract":
            return Rights()
        stated = {
            quad.predicate.value: quad.object.value
            for quad in self.triples.about(NamedNode(BASE + "catalogue"))
            if isinstance(quad.object, NamedNode | RdfLiteral)
            and isinstance(quad.object, NamedNode) == (quad.predicate.value != DCT + "modified")
        }
        return Rights(*(stated.get(DCT + name, "") for name in ("license", "publisher", "modified")))

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
            raise Problem("release-format", path=folder, format=manifest["format"], expected=FORMAT)
        digests = {str(name): str(entry["sha256"]) for name, entry in manifest["files"].items()}
        sizes = {str(name): int(size) for name, size in manifest["index"].items()}
        complete = {SITE, DATA} <= {*digests}
        complete = complete and release_digest(digests, manifest["quads"]["sha256"]) == manifest["digest"]
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

"""The static copy of a release: its pages and documents as files, with links that work from a disk and on any file server."""

import hashlib
import html
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from posixpath import relpath
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit

from pyoxigraph import NamedNode

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.files import disk_errors, exchange
from cper_lod.core.formats import ALL
from cper_lod.core.namespaces import PREFIXES, SUBV
from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import History
from cper_lod.release.jobs.locks import build_directory
from cper_lod.release.release import INDEX, Release, program_id
from cper_lod.web.app import create_app

STATUS_FILE: Final = "copy.json"
"""The file that says what a copy is of; a folder without it is not replaced."""
_SECTIONS: Final = (
    *("", "accessibility", "catalog", "cite", "compare", "developers", "doc", "download", "dump", "legal", "links"),
    *("ontology", "plan", "report", "shapes", "signatories", "static"),
)
"""The first parts of the paths that are copied; links to all others lead to the server."""
_SUFFIXES: Final = frozenset(("bib", "css", "csv", "js", "json", "jsonld", "png", "svg", "ttl", "xlsx"))
"""The forms that are copied besides HTML, and the dumps in theirs."""
_WITHOUT_LANGUAGE: Final = frozenset(("bib", "css", "js", "jsonld", "png", "svg", "ttl"))
"""Those of them that are the same for readers of every language."""
_OTHER_SUFFIXES: Final = tuple(f".{each.suffix}" for each in ALL if each.suffix not in (*_SUFFIXES, "html"))
"""The endings of addresses of other forms."""
_ROWS: Final = (SUBV + "Subvention", PREFIXES["rov"] + "RegisteredOrganization")
"""The classes of subsidies and of bodies that only files of subsidies name: rows of the lists, without a page each."""
_LONG_LIST: Final = 1_000
"""Things in a list that is copied whole; of longer ones, but for those of `_ROWS`, only the first page is."""
_LINK: Final = re.compile(r'(?<= )(href|src|action)="([^"]*)"')
"""An attribute with an address: templates escape quotes, so text never looks like one."""
_PORTABLE: Final = re.compile(r"(?:/[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]{0,98}[A-Za-z0-9_~-])?){1,12}", re.ASCII)
_DEVICE: Final = re.compile(r"/(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=[./]|$)", re.IGNORECASE)
"""Names that Windows keeps for devices, with any suffix."""


class Address(NamedTuple):
    """An address that is copied: its decoded path, the thing after which a page of a list begins, its language."""

    path: str
    after: str
    lang: str

    @property
    def suffix(self) -> str:
        """The suffix of a form; "" for a page."""
        name, _, suffix = self.path.rpartition("/")[2].rpartition(".")
        return suffix if name and (suffix in _SUFFIXES or self.path.startswith("/dump/")) else ""

    @property
    def url(self) -> str:
        """The path and query that the server knows."""
        query = {name: value for name, value in (("after", self.after), ("lang", self.lang)) if value}
        return quote(self.path) + (f"?{urlencode(query)}" if query else "")


class Summary(NamedTuple):
    """What an export wrote: the number of files, and the archive of them."""

    files: int
    archive: Path


class StaticCopy:
    """The copy of one release: it starts from the home page and follows links."""

    def __init__(self, root: Path, release: Release, settings: Settings) -> None:
        """Prepare to write into the empty folder `root`."""
        self._root, self._release, self._public = root, release, settings.public_url
        engine = ProcessEngine(release.folder / INDEX, settings, release.graphs)  # no page asks it: it does not start
        app = create_app(release, engine, settings, history=History(settings.releases))
        self._client = app.test_client()
        self._graph = ReleaseGraph(release)
        self._files: dict[Address, str] = {}
        """The file of each address that was found, relative to the root; "" for one that the server does not answer."""
        self._used: set[str] = set()
        self._resolved: dict[str, Address | None] = {}

    def write(self, on_progress: Callable[[int, int], None]) -> int:
        """Write every file and return their number; `on_progress` gets the number of addresses done, and of those found."""
        found, pages = [Address("/", "", lang) for lang in ("", "en")], list[Address]()
        self._files = dict.fromkeys(found, "")
        for done, address in enumerate(found):
            for link in self._fetch(address):
                if link not in self._files:
                    self._files[link] = ""
                    found.append(link)
            if self._files[address].endswith(".html"):
                pages.append(address)
            on_progress(done, len(found) + len(pages))
        for done, address in enumerate(pages, len(found)):
            self._relink(address)
            on_progress(done, len(found) + len(pages))
        return len(self._used)

    def _fetch(self, address: Address) -> list[Address]:
        """Write what the server answers at an address, if it does; return the addresses that a page links."""
        response = self._client.get(address.url, headers={"Accept": "*/*" if address.suffix else "text/html"})
        with response:
            if response.status_code != 200 or (response.mimetype == "text/html") == bool(address.suffix):
                return []
            file = self._files[address] = self._file_of(address)
            target = self._root / file
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as opened:
                opened.writelines(response.iter_encoded())
        return [] if address.suffix else self._links(address, target.read_text("utf-8"))

    def _links(self, address: Address, page: str) -> list[Address]:
        targets = (self._resolve(address, html.unescape(match[2])) for match in _LINK.finditer(page))
        return [each for each in targets if each]

    def _resolve(self, address: Address, href: str) -> Address | None:
        """Return the address that a link of a page leads to, None if it is not copied."""
        url = urljoin(address.url, href.partition("#")[0])
        if url not in self._resolved:
            self._resolved[url] = self._copied(url)
        return self._resolved[url]

    def _copied(self, url: str) -> Address | None:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        path, lang = unquote(parts.path), query.pop("lang", "fr")
        address = Address(path, query.pop("after", ""), "" if lang == "fr" else lang)
        if path.startswith("/dump/") or address.suffix in _WITHOUT_LANGUAGE:
            address = address._replace(lang="")
        if parts.scheme or parts.netloc or query or re.split("[./]", path[1:], maxsplit=1)[0] not in _SECTIONS:
            return None
        if path.endswith(_OTHER_SUFFIXES) and not path.startswith("/dump/"):
            return None
        return address if not path.startswith("/doc/") or self._is_document_or_list(address) else None

    def _is_document_or_list(self, address: Address) -> bool:
        """Return whether an address below /doc is that of a thing which is no row, or of a page of a list to copy."""
        name = address.path.removeprefix("/doc/").removesuffix(f".{address.suffix}")
        if cls := self._release.listing.called(name):
            is_whole = cls.iri in _ROWS or cls.count <= _LONG_LIST
            return not address.suffix and (is_whole or not address.after)
        parts = name.split("/")
        above = (NamedNode(self._release.names.iri("/".join(parts[:end]))) for end in range(len(parts), 0, -1))
        return not any(cls in _ROWS for node in above for cls in self._graph.types(node))

    def _file_of(self, address: Address) -> str:
        """Return a file for an address that no other has, also where capitals do not count; if need be, a digest."""
        stem = address.path.removesuffix(f".{address.suffix}") if address.suffix else address.path
        page = f".{_digest(address.after)[:12]}" if address.after else ""
        ending = "".join((page, address.lang and f".{address.lang}", f".{address.suffix or 'html'}"))
        stem = "/index" if stem == "/" else stem
        if not _PORTABLE.fullmatch(stem) or _DEVICE.search(stem) or (stem + ending).casefold() in self._used:
            stem = f"/odd/{_digest(stem)[:32]}"
        self._used.add((stem + ending).casefold())
        return (stem + ending)[1:]

    def _relink(self, address: Address) -> None:
        """Rewrite the links of a page: to other files relative to it, all others to the server."""
        file = self._files[address]
        folder = file.rpartition("/")[0] or "."

        def relinked(match: re.Match[str]) -> str:
            name, href = match[1], html.unescape(match[2])
            target = self._resolve(address, href)
            there, (_, mark, fragment) = self._files.get(target, "") if target else "", href.partition("#")
            if not there:
                url = urljoin(address.url, href)
                return f'{name}="{html.escape(self._public + url if url.startswith("/") else url)}"'
            link = quote(relpath(there, folder)) if there != file or not mark else ""
            return f'{name}="{link}{html.escape(mark + fragment)}"'

        path = self._root / file
        path.write_text(_LINK.sub(relinked, path.read_text("utf-8")), "utf-8")


def export_site(folder: Path, release: Release, settings: Settings, on_progress: Callable[[int, int], None]) -> Summary:
    """Write the copy of a release to `folder`, in place of an earlier one, and to an archive beside it.

    Raises `export-folder` if the folder holds anything else, and what `disk_errors` raises.
    """
    archive = folder.with_name(folder.name + ".zip")
    with disk_errors(folder):
        _refuse_foreign(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with build_directory(folder.parent) as temp:
            made = temp / folder.name
            made.mkdir()
            count = StaticCopy(made, release, settings).write(on_progress)
            status = {"release": release.digest, "program": program_id(), "public_url": settings.public_url}
            (made / STATUS_FILE).write_text(json.dumps(status, indent=2) + "\n", "utf-8")
            zipped = Path(shutil.make_archive(str(made), "zip", temp, made.name))
            if folder.exists():
                exchange(made, folder)
            else:
                made.rename(folder)
            zipped.replace(archive)
    return Summary(count, archive)


def _refuse_foreign(folder: Path) -> None:
    """Raise `export-folder` unless a folder is absent, empty or an earlier copy, and no symbolic link."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise Problem("export-folder", path=folder, reason=Phrase("it is not a folder", fr="ce n'est pas un dossier"))
    names = sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
    if names and STATUS_FILE not in names:
        reason = Phrase(f"it contains {names[0][:80]}", fr=f"il contient {names[0][:80]}")
        raise Problem("export-folder", path=folder, reason=reason)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

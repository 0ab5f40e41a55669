"""Exports a static mirror of a release: writes what changed and removes stale files."""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from importlib.metadata import version
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from cper_lod.core.settings import Settings
from cper_lod.mirror import paths
from cper_lod.mirror.client import ApplicationClient
from cper_lod.mirror.folder import MANIFEST_FILE, RULES, SITE, STATUS_FILE, Folder, report_errors
from cper_lod.mirror.manifest import HeaderRules, Manifest
from cper_lod.mirror.paths import ENCODING_SUFFIXES, Address, is_portable, representations
from cper_lod.mirror.render import Renderer, Task, render_all, write_errors
from cper_lod.mirror.rules import apache, nginx, object_store, w3id
from cper_lod.release.history.history import History
from cper_lod.release.release import Release, program_id
from cper_lod.web.documents.class_list import list_address

LAYOUT_VERSION: Final = 1
"""The version of the layout of a mirror."""
_BATCH_SIZE: Final = 16
"""Representations in a task, except those of things."""
_IGNORED_SETTINGS: Final = ("releases", "sources", "workers", "link_cache", "lang")
"""Settings that do not affect any response."""
_MAX_LISTED: Final = 20
"""Addresses without a file that the summary lists."""
_NGINX: Final = f"{RULES}/nginx"
_STORE: Final = f"{RULES}/object-store"
_W3ID: Final = f"{RULES}/w3id/cper-lod"


class Options(NamedTuple):
    """Options of an export: a live server for dynamic addresses, processes, limit of exact header rules."""

    live_server: str = ""
    processes: int = 1
    max_exact_rules: int = 100_000


class Summary(NamedTuple):
    """The result of an export."""

    files: int
    things: int
    written: int
    removed: int
    left_out: tuple[str, ...]
    refused: int
    unchanged: bool


ProgressCallback = Callable[[int, int], None]


def export(
    root: Path, release: Release, settings: Settings, options: Options, on_progress: ProgressCallback
) -> Summary:
    """Write the mirror of a release into the folder `root`; `on_progress` gets the number of things done, and of all.

    Raises `export-folder`, `export-busy`, `export-write`, `export-process`.
    """
    folder = Folder(root)
    with folder.locked():
        manifest = Manifest(root / MANIFEST_FILE)
        try:
            key = _fingerprint(release, settings, options)
            if manifest.get_status("whole") and manifest.get_status("key") == key and _is_complete(root, manifest):
                return _previous_summary(root)
            return _Export(folder, manifest, release, settings, options).export(key, on_progress)
        finally:
            manifest.close()


def _fingerprint(release: Release, settings: Settings, options: Options) -> str:
    """Return a digest of everything that a mirror depends on: release, program, settings, compressors."""
    relevant_settings = {name: str(value) for name, value in asdict(settings).items() if name not in _IGNORED_SETTINGS}
    past = [each.number for each in History(settings.releases).entries()]
    depends = [
        LAYOUT_VERSION,
        past,
        release.digest,
        release.built_at,
        program_id(),
        relevant_settings,
        options.live_server,
        options.max_exact_rules,
        _encoders(),
    ]
    return hashlib.sha256(json.dumps(depends).encode()).hexdigest()


def _encoders() -> str:
    return f"{version('brotli')} {zlib.ZLIB_RUNTIME_VERSION}"


def _is_complete(root: Path, manifest: Manifest) -> bool:
    """Whether all files of the previous run exist with their size."""
    for entry in manifest.previous_entries():
        path = root / SITE / entry.file
        try:
            if path.lstat().st_size != entry.size or not all(
                Path(f"{path}{each}").is_file() for each in entry.encodings
            ):
                return False
        except OSError:
            return False
    return True


def _previous_summary(root: Path) -> Summary:
    status = json.loads((root / STATUS_FILE).read_bytes())
    return Summary(
        status["files"], status["things"], 0, 0, tuple(status["left_out"]), status["refused"], unchanged=True
    )


class _Export:
    """One export into a locked folder."""

    def __init__(
        self, folder: Folder, manifest: Manifest, release: Release, settings: Settings, options: Options
    ) -> None:
        self._folder, self._manifest, self._release = folder, manifest, release
        self._settings, self._options = settings, options
        recompress = manifest.get_status("encoders") not in ("", _encoders())
        self._arguments = folder.root, release.folder, dict(release.manifest), settings, recompress
        self._renderer = Renderer(*self._arguments)

    def export(self, key: str, on_progress: ProgressCallback) -> Summary:
        """Write what changed, remove stale files, then mark the mirror as complete."""
        self._manifest.begin_run()
        with report_errors(self._folder.root):
            (self._folder.root / STATUS_FILE).unlink(missing_ok=True)
        done, files, written, refused = 0, 0, 0, list[str]()
        client, options = self._renderer.client, self._options
        total = sum(1 for _ in client.in_app_context(paths.thing_names(client.site)))
        on_progress(0, total)
        tasks = client.in_app_context(self._tasks())
        for result in render_all(tasks, self._renderer, options.processes, self._arguments):
            self._manifest.add_files(result.files)
            written += sum(each.written for each in result.files)
            files += sum(1 + len(each.encodings) for each in result.files)
            refused += map(str, result.problems)
            done += result.thing
            on_progress(done, total)
        error_files = write_errors(client, self._folder, self._release.built_at)
        self._manifest.add_files(error_files)
        written += sum(each.written for each in error_files)
        written += _write_rules(self._folder, self._manifest, client, options, key)
        removed = self._remove_stale()
        summary = Summary(
            files + len(error_files),
            done,
            written,
            removed,
            tuple(refused[:_MAX_LISTED]),
            len(refused),
            unchanged=False,
        )
        self._manifest.end_run(key=key, encoders=_encoders())
        self._write_status(summary)
        return summary

    def _tasks(self) -> Iterator[Task]:
        site = self._renderer.client.site
        others = (each for address in self._other_addresses() for each in representations(address))
        while batch := tuple(islice(others, _BATCH_SIZE)):
            yield self._planned(Task(batch))
        for name in paths.thing_names(site):
            portable = is_portable(f"{paths.LINKSET_FOLDER}/{name}") and self._manifest.claim_path(name, name)
            found = list(paths.thing_addresses(site, name, portable=portable))
            if not portable:
                self._manifest.add_stem(found[0].path, found[0].stem)
            batch = tuple(each for address in found for each in representations(address))
            yield self._planned(Task(batch, name if portable else "", thing=True))

    def _other_addresses(self) -> Iterator[Address]:
        """Yield the addresses except those of things; record stems that differ from the path."""
        site = self._renderer.client.site
        for address in chain(paths.site_addresses(site), paths.list_addresses(site)):
            if address.query or address.stem.startswith(f"{paths.DIGEST_FOLDER}/"):
                self._manifest.add_stem(f"{address.path}?{address.query}".rstrip("?"), address.stem)
            yield address

    def _planned(self, task: Task) -> Task:
        self._manifest.plan_files(each.file for each in task.representations)
        return task

    def _remove_stale(self) -> int:
        gone = [*self._manifest.stale_files()]
        return sum(
            self._folder.remove(f"{SITE}/{file}{ending}")
            for file in gone
            for ending in ("", *ENCODING_SUFFIXES.values())
        )

    def _write_status(self, summary: Summary) -> None:
        status: dict[str, Any] = {
            "program": program_id(),
            "release": self._release.digest,
            "public_url": self._settings.public_url,
            "layout": LAYOUT_VERSION,
            "files": summary.files,
            "things": summary.things,
            "left_out": summary.left_out,
            "refused": summary.refused,
            "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        text = json.dumps(status, ensure_ascii=False, indent=2)
        self._folder.write_if_changed(STATUS_FILE, text.encode() + b"\n", int(time.time()))


def _write_rules(
    folder: Folder, manifest: Manifest, client: ApplicationClient, options: Options, fingerprint: str
) -> int:
    """Write the rules for every kind of server; return the number of files written."""
    header_rules = HeaderRules(manifest, options.max_exact_rules, fingerprint)
    root, site = folder.root.resolve(), client.site
    paths = client.in_app_context(list_address(each)[0] for each in site.release.listing.classes)
    list_slugs = [path.removeprefix("/doc/") for path in paths if path != "/doc"]
    public = site.settings.public_url
    below, stem_count = root / _NGINX, sum(1 for _ in manifest.stems())
    files: dict[str, Callable[[], Iterable[str]]] = {
        f"{_NGINX}/server.conf": lambda: [
            nginx.server_file(root, client.prefix, options.live_server, list_slugs, header_rules)
        ],
        f"{_NGINX}/maps.conf": lambda: nginx.maps_file(
            below, client.prefix, site.settings.base_iri, header_rules, max(header_rules.line_count, stem_count)
        ),
        f"{_NGINX}/places.map": lambda: nginx.location_map(manifest.stems()),
        f"{_NGINX}/facts.map": lambda: nginx.header_rule_map(header_rules),
        f"{SITE}/.htaccess": lambda: apache.htaccess(public, client.prefix, options.live_server, list_slugs),
        f"{_STORE}/keys.csv": lambda: object_store.key_table(manifest, header_rules),
        f"{_STORE}/redirects.csv": lambda: object_store.redirect_table(manifest, client.prefix),
        f"{_W3ID}/.htaccess": lambda: w3id.htaccess(public),
        f"{_W3ID}/README.md": lambda: w3id.readme(public, site.settings.contact),
    }
    return sum(folder.write_text_if_changed(file, content()) for file, content in files.items())

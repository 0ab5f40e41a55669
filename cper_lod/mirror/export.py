"""Exports a static mirror of a release: writes what changed and removes stale files."""

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
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
from cper_lod.web.site import Site

LAYOUT_VERSION: Final = 1
"""The version of the layout of a mirror."""
_BATCH_SIZE: Final = 16
"""Representations in a task, except those of things."""
_IGNORED_SETTINGS: Final = ("releases", "sources", "lang")
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
    with folder.locked(), closing(Manifest(root / MANIFEST_FILE)) as manifest:
        key = _fingerprint(release, settings, options)
        if manifest.get_status("whole") and manifest.get_status("key") == key and _is_complete(root, manifest):
            known = json.loads((root / STATUS_FILE).read_bytes())
            counts = known["files"], known["things"], 0, 0, tuple(known["left_out"]), known["refused"]
            return Summary(*counts, unchanged=True)
        summary = _write_mirror(folder, manifest, release, settings, options, key, on_progress)
        manifest.end_run(key=key, encoders=_encoders())
        status: dict[str, Any] = {
            "program": program_id(),
            "release": release.digest,
            "public_url": settings.public_url,
            "layout": LAYOUT_VERSION,
            "files": summary.files,
            "things": summary.things,
            "left_out": summary.left_out,
            "refused": summary.refused,
            "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }
        text = json.dumps(status, ensure_ascii=False, indent=2)
        folder.write_if_changed(STATUS_FILE, text.encode() + b"\n", int(time.time()))
        return summary


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
    with suppress(OSError):
        return all(
            (path := root / SITE / entry.file).lstat().st_size == entry.size
            and all(Path(f"{path}{each}").is_file() for each in entry.encodings)
            for entry in manifest.entries(previous=True)
        )
    return False


def _write_mirror(
    folder: Folder,
    manifest: Manifest,
    release: Release,
    settings: Settings,
    options: Options,
    key: str,
    on_progress: ProgressCallback,
) -> Summary:
    """Write what changed into a locked folder, and remove stale files."""
    recompress = manifest.get_status("encoders") not in ("", _encoders())
    arguments = folder.root, release.folder, dict(release.manifest), settings, recompress
    renderer = Renderer(*arguments)
    client = renderer.client
    manifest.begin_run()
    with report_errors(folder.root):
        (folder.root / STATUS_FILE).unlink(missing_ok=True)
    things, files, written, refused = 0, 0, 0, list[str]()
    total = sum(1 for _ in client.in_app_context(paths.thing_names(client.site)))
    on_progress(0, total)
    tasks = client.in_app_context(_tasks(client.site, manifest))
    rendered = render_all(tasks, renderer, options.processes, arguments)
    for result in chain(rendered, write_errors(client, folder, release.built_at)):
        manifest.add_files(result.files)
        written += sum(each.written for each in result.files)
        files += sum(1 + len(each.encodings) for each in result.files)
        refused += map(str, result.problems)
        things += result.thing
        on_progress(things, total)
    written += _write_rules(folder, manifest, client, options, key)
    endings = ("", *ENCODING_SUFFIXES.values())
    removed = sum(folder.remove(f"{SITE}/{file}{ending}") for file in manifest.stale_files() for ending in endings)
    return Summary(files, things, written, removed, tuple(refused[:_MAX_LISTED]), len(refused), unchanged=False)


def _tasks(site: Site, manifest: Manifest) -> Iterator[Task]:
    """Yield the tasks; record their files."""
    others = (each for address in _other_addresses(site, manifest) for each in representations(address))
    batches = iter(lambda: Task(tuple(islice(others, _BATCH_SIZE))), Task(()))
    for task in chain(batches, _thing_tasks(site, manifest)):
        manifest.plan_files(each.file for each in task.representations)
        yield task


def _thing_tasks(site: Site, manifest: Manifest) -> Iterator[Task]:
    for name in paths.thing_names(site):
        portable = is_portable(f"{paths.LINKSET_FOLDER}/{name}") and manifest.claim_path(name, name)
        found = list(paths.thing_addresses(site, name, portable=portable))
        if not portable:
            manifest.add_stem(found[0].path, found[0].stem)
        batch = tuple(each for address in found for each in representations(address))
        yield Task(batch, name if portable else "", thing=True)


def _other_addresses(site: Site, manifest: Manifest) -> Iterator[Address]:
    """Yield the addresses except those of things; record stems that differ from the path."""
    for address in chain(paths.site_addresses(site), paths.list_addresses(site)):
        if address.query or address.stem.startswith(f"{paths.DIGEST_FOLDER}/"):
            manifest.add_stem(f"{address.path}?{address.query}".rstrip("?"), address.stem)
        yield address


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
        f"{_NGINX}/server.conf": lambda: nginx.server_file(
            root, client.prefix, options.live_server, list_slugs, header_rules
        ),
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

"""Writes the rules for all web servers beside the files of a mirror."""

from collections.abc import Callable, Iterable
from typing import Final

from cper_lod.mirror.client import ApplicationClient
from cper_lod.mirror.folder import RULES, SITE, Folder
from cper_lod.mirror.manifest import HeaderRules, Manifest
from cper_lod.mirror.rules import apache, nginx, object_store, w3id
from cper_lod.web.documents.class_list import list_address

NGINX: Final = f"{RULES}/nginx"
STORE: Final = f"{RULES}/object-store"
W3ID: Final = f"{RULES}/w3id/cper-lod"


def write_rules(
    folder: Folder,
    manifest: Manifest,
    client: ApplicationClient,
    live_server: str,
    max_exact_rules: int,
    fingerprint: str,
) -> int:
    """Write the rules for every kind of server; return the number of files written."""
    header_rules = HeaderRules(manifest, max_exact_rules, fingerprint)
    root, site = folder.root.resolve(), client.site
    paths = client.in_app_context(list_address(each)[0] for each in site.release.listing.classes)
    list_slugs = [path.removeprefix("/doc/") for path in paths if path != "/doc"]
    public = site.settings.public_url
    below, stem_count = root / NGINX, sum(1 for _ in manifest.stems())
    files: dict[str, Callable[[], Iterable[str]]] = {
        f"{NGINX}/server.conf": lambda: [nginx.server_file(root, client.prefix, live_server, list_slugs, header_rules)],
        f"{NGINX}/maps.conf": lambda: nginx.maps_file(
            below, client.prefix, site.settings.base_iri, header_rules, max(header_rules.line_count, stem_count)
        ),
        f"{NGINX}/places.map": lambda: nginx.location_map(manifest.stems()),
        f"{NGINX}/facts.map": lambda: nginx.header_rule_map(header_rules),
        f"{SITE}/.htaccess": lambda: apache.htaccess(public, client.prefix, live_server, list_slugs),
        f"{STORE}/keys.csv": lambda: object_store.key_table(manifest, header_rules),
        f"{STORE}/redirects.csv": lambda: object_store.redirect_table(manifest, client.prefix),
        f"{W3ID}/.htaccess": lambda: w3id.htaccess(public),
        f"{W3ID}/README.md": lambda: w3id.readme(public, site.settings.contact),
    }
    return sum(folder.write_text_if_changed(file, content()) for file, content in files.items())

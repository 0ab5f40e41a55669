"""The rules by which servers that know files only answer as ours does, written beside the files of a mirror."""

from collections.abc import Callable, Iterable
from typing import Final

from cper_lod.mirror.client import ApplicationClient
from cper_lod.mirror.folder import RULES, SITE, Folder
from cper_lod.mirror.manifest import Facts, Manifest
from cper_lod.mirror.rules import apache, nginx, object_store, w3id
from cper_lod.web.documents.list_query import place_of

NGINX: Final = f"{RULES}/nginx"
STORE: Final = f"{RULES}/object-store"
W3ID: Final = f"{RULES}/w3id/cper-lod"


def write(folder: Folder, ledger: Manifest, asker: ApplicationClient, live: str, exact: int, key: str) -> int:
    """Write the rules for every kind of server; return how many files were written."""
    facts = Facts(ledger, exact, key)
    root, site = folder.root.resolve(), asker.site
    paths = asker.within(place_of(each)[0] for each in site.release.listing.classes)
    slugs = [path.removeprefix("/doc/") for path in paths if path != "/doc"]
    public = site.settings.public_url
    below, placed = root / NGINX, sum(1 for _ in ledger.placed())
    files: dict[str, Callable[[], Iterable[str]]] = {
        f"{NGINX}/server.conf": lambda: [nginx.server(root, asker.prefix, live, slugs, facts)],
        f"{NGINX}/maps.conf": lambda: nginx.maps(
            below, asker.prefix, site.settings.base_iri, facts, max(facts.lines, placed)
        ),
        f"{NGINX}/places.map": lambda: nginx.places(ledger.placed()),
        f"{NGINX}/facts.map": lambda: nginx.facts(facts),
        f"{SITE}/.htaccess": lambda: apache.htaccess(public, asker.prefix, live, slugs),
        f"{STORE}/keys.csv": lambda: object_store.keys(ledger, facts),
        f"{STORE}/redirects.csv": lambda: object_store.redirects(ledger, asker.prefix),
        f"{W3ID}/.htaccess": lambda: w3id.htaccess(public),
        f"{W3ID}/README.md": lambda: w3id.readme(public, site.settings.contact),
    }
    return sum(folder.stream(file, pieces()) for file, pieces in files.items())

"""The rules of a mirror for nginx: two files to include, one in its http block, one in a server block."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cper_lod.core.formats import DOCUMENT, HTML, Format
from cper_lod.mirror.addresses import LINKSETS, PAGE
from cper_lod.mirror.errors import problems
from cper_lod.mirror.folder import SITE
from cper_lod.mirror.rules import nginx_maps
from cper_lod.mirror.rules.facts import Facts
from cper_lod.mirror.rules.nginx_maps import quoted, variable
from cper_lod.mirror.rules.nginx_text import (
    CHOOSE,
    DATED,
    ERROR,
    FILE,
    LINKS,
    LIST,
    METHODS,
    NO_LANGUAGE,
    ODD,
    PROXY,
    SEND,
    START,
    UNCHANGED,
)
from cper_lod.web.catalog import views
from cper_lod.web.documents.list_query import FORMS
from cper_lod.web.http.response import PREFLIGHT, PROBLEM_JSON
from cper_lod.web.site_pages import problems as kinds
from cper_lod.web.site_pages import status

FAMILIES: Final[dict[str, tuple[Format, ...]]] = {
    "document": DOCUMENT, "list": FORMS, "catalog": views.FORMS, "void": views.VOID_FORMS, "report": status.FORMS,
    "kind": kinds.FORMS, "page": PAGE, "linkset": LINKSETS, "problem": (PROBLEM_JSON, HTML),
}  # fmt: skip
"""What Accept chooses among, by the kind of address."""
DYNAMIC: Final = (
    "sparql", "search", "describe", "reconcile", "release", "changes", "timemap", "health", "ready", "metrics"
)  # fmt: skip
"""How the addresses begin that only a program can answer."""
_COMPUTED: Final = {
    "ETag": "$cper_etag", "Vary": "$cper_vary", "Cache-Control": "$cper_cache", "Allow": "$cper_allow",
    "Content-Encoding": "$cper_encoded_so", "Content-Location": "$cper_location",
}  # fmt: skip


class Place(NamedTuple):
    """A kind of address: its pattern, the family of its forms, and the lines that say where it lies."""

    pattern: str
    family: str
    lines: str = "    set $cper_base $cper_stem; set $cper_said {p}$cper_stem;\n"


def _suffixes(offers: tuple[Format, ...]) -> str:
    return "|".join(re.escape(each.suffix) for each in sorted(offers, key=lambda each: -len(each.suffix)))


def _places(slugs: list[str]) -> list[Place]:
    """Return the kinds of addresses that have forms; `slugs` are the names of the lists."""
    names = "|".join(map(re.escape, slugs))
    return [
        Place("/(?:ontology|shapes)|/ontology/[0-9.]*[0-9]", "document"),
        Place("/catalog", "catalog"),
        Place("/void", "void"),
        Place("/report", "report", NO_LANGUAGE),
        Place("/problem|/problem/[a-z-]+", "kind", NO_LANGUAGE),
        Place("/linkset", "linkset", LINKS),
        Place(f"/doc(?:/(?:{names}))?" if names else "/doc", "list", LIST),
        Place("/doc/.+?", "document", ODD),
    ]


def _location(place: Place, prefix: str) -> str:
    offers = FAMILIES[place.family]
    pattern = f"^{re.escape(prefix)}(?<cper_stem>{place.pattern})(?:\\.(?<cper_asked>{_suffixes(offers)}))?$"
    choose = CHOOSE.format(family=place.family, first=offers[0].suffix)
    dated = DATED if place.family in ("document", "list", "catalog", "void") else ""
    lines = METHODS.format() + dated + place.lines.format(p=prefix) + choose + SEND.format(site=SITE)
    return f'location ~ "{pattern}" {{\n{lines}}}\n'


def _single(prefix: str) -> Iterator[str]:
    """Yield the locations of what has one form only, and those that say the same as others."""
    p = re.escape(prefix)

    def body(lines: str) -> str:
        return METHODS.format() + lines + SEND.format(site=SITE)

    page = (
        "    set $cper_file $cper_stem.$cper_variant.html;\n"
        "    if ($cper_accept_page = none) {{ set $cper_unfit 1; }}\n"
    ).format()
    yield f'location ~ "^{p}(?<cper_stem>/(?:legal|accessibility))$" {{\n{body(page)}}}\n'
    yield f"location = {prefix}/ {{\n    set $cper_stem /index;\n{body(page)}}}\n"
    names = r"/(?:dump|context|schema|static)/[A-Za-z0-9._/-]+|/robots\.txt|/sitemap[a-z0-9-]*\.xml|/sparql/terms\.json"
    # A part of a file is one of the file as it is.
    whole = "    set $cper_file $cper_stem;\n"
    yield f'location ~ "^{p}(?<cper_stem>{names})$" {{\n{body(whole)}}}\n'
    void = f'    set $cper_base /void; set $cper_asked ""; set $cper_said {prefix}/void;\n'
    choose = CHOOSE.format(family="void", first=FAMILIES["void"][0].suffix)
    yield f"location = {prefix}/.well-known/void {{\n{body(void + choose)}}}\n"


def _names(prefix: str) -> str:
    """Return the location of the names of things: 303 to the document in the form that the reader prefers."""
    return (
        f'location ~ "^{re.escape(prefix)}/id/(?<cper_thing>.+)$" {{\n'
        + METHODS.format()
        + f"""\
    set $cper_key /doc/$cper_thing; set $cper_base /doc/$cper_thing;
    if ($cper_place) {{ set $cper_base $cper_place; }}
    if ($cper_base !~ ^[A-Za-z0-9._~/-]+$) {{ return 404; }}
    if (-f $document_root/{SITE}$cper_base.fr.html) {{ set $cper_found 1; }}
    if ($cper_found = "") {{ return 404; }}
    set $cper_suffix $cper_accept_document;
    if ($cper_suffix = none) {{ return 406; }}
    return 303 {prefix}/doc/$cper_raw_name.$cper_suffix$cper_tail;
}}
"""
    )


def _dynamic(prefix: str, live: str) -> str:
    """Return the location of what no file can answer: a live server does, or 501 says so."""
    pattern = f"^{re.escape(prefix)}(?<cper_live>/(?:{'|'.join(DYNAMIC)})(?:[/.].*)?)$"
    if not live:
        return f'location ~ "{pattern}" {{ return 501; }}\n'
    return f"""location ~ "{pattern}" {{
    rewrite ^ $cper_live_path$cper_live break;
{PROXY.format(base=_base(live))}}}
error_page 501 = @cper_live;
location @cper_live {{
    rewrite ^{re.escape(prefix)}(/.*)$ $cper_live_path$1 break;
{PROXY.format(base=_base(live))}}}
"""


def _base(live: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(live))


def server(root: Path, prefix: str, live: str, slugs: list[str], facts: Facts) -> str:
    """Return the file for the server block."""
    errors = "".join(
        f"error_page {each.kind.status} /{SITE}/errors/{each.kind.status}.$cper_tongue.$cper_problem_form;\n"
        for each in problems()
        if not (live and each.kind.status == 501)
    )
    names = dict.fromkeys((*nginx_maps.headers(facts.kinds), *PREFLIGHT, *_COMPUTED))
    adds = "".join(f"add_header {name} {_COMPUTED.get(name) or '$cper_' + variable(name)} always;\n" for name in names)
    files = [
        FILE.format(site=SITE, below="", more=" max_ranges 0;"),
        FILE.format(site=SITE, below="dump/", more=" max_ranges 1;"),
        UNCHANGED.format(site=SITE, folder=quoted(f"{root / SITE}/")),
        ERROR.format(site=SITE),
    ]
    errors += "error_page 418 =304 /unchanged$uri;\n"
    parts = [
        START.format(root=quoted(str(root)), path=quoted(urlsplit(live).path)), adds, errors, *files,
        *_single(prefix), _names(prefix),
        *(_location(each, prefix) for each in _places(slugs)), _dynamic(prefix, live), "location / { return 404; }\n",
    ]  # fmt: skip
    return "\n".join(parts)


def maps(folder: Path, prefix: str, base_iri: str, facts: Facts, lines: int) -> Iterator[str]:
    """Yield the pieces of the file for the http block; `lines` is how many lines its longest map has."""
    size = 1 << max(lines * 2, 4096).bit_length()
    yield f"map_hash_max_size {size};\nmap_hash_bucket_size 1024;\nvariables_hash_max_size 4096;\n"
    raw = rf"^{re.escape(prefix)}/id/(?<cper_r>[^?]*)"
    yield f'map $request_uri $cper_raw_name {{ default ""; "~{raw}" $cper_r; }}\n'
    yield nginx_maps.FIXED
    yield from nginx_maps.choices(FAMILIES)
    yield from nginx_maps.names(f"{base_iri}id/")
    yield f'map $cper_key $cper_place {{\n    default "";\n    include {quoted(str(folder / "places.map"))};\n}}\n'
    yield f'map $cper_file $cper_facts {{\n    default "";\n    include {quoted(str(folder / "facts.map"))};\n}}\n'
    yield from nginx_maps.kinds(facts.kinds)
    yield from nginx_maps.preflight()

"""Rules for nginx: one file to include in the http block (maps) and one in a server block."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cper_lod.core.formats import DOCUMENT_FORMATS, HTML, Format
from cper_lod.mirror.client import ENCODED_NAME_PLACEHOLDER, NAME_PLACEHOLDER
from cper_lod.mirror.folder import SITE
from cper_lod.mirror.manifest import HeaderRules
from cper_lod.mirror.paths import (
    DOCUMENTATION,
    ENCODING_SUFFIXES,
    LANGUAGE_FILES,
    LANGUAGE_FORMATS,
    LINKSET_FORMATS,
    PAGE_FORMATS,
    error_documents,
    is_portable,
)
from cper_lod.mirror.rules.accept import NONE, Pattern, encoding_patterns, format_patterns, language_patterns
from cper_lod.web.catalog import views
from cper_lod.web.documents import contract_files, dataset_links
from cper_lod.web.documents.class_list import FORMS
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.response import CORS, NOT_MODIFIED, PREFLIGHT, PROBLEM_JSON, SECURITY
from cper_lod.web.site_pages import problems as problem_pages
from cper_lod.web.site_pages import status

MAX_SEGMENTS: Final = 9
"""Segments of the longest name that the maps can convert between path and query."""
_FIXED_HEADERS: Final = (
    *SECURITY,
    *CORS,
    "Content-Type",
    "Content-Language",
    "Cache-Control",
    "Vary",
    "Link",
    "Last-Modified",
)
"""Headers that every header set may have; others follow."""

FIXED: Final = r"""
geo $cper_dollar { default "$"; }
map $arg_lang $cper_asked_language { default ""; "~*^fr(?:-|$)" fr; "~*^en(?:-|$)" en; }
map $cper_asked_language $cper_tongue { "" $cper_language; default $cper_asked_language; }
# Plain JSON is in French here; in a language asked for in the address, only a program has it.
map "$cper_plain|$cper_suffix|$cper_asked_language" $cper_not_french { default ""; "~^1\|json\|." 1; }
map $cper_asked_language $cper_variant { "" $cper_language; default lang-$cper_asked_language; }
# Queries that only a program can answer; the pages of lists are files, and the first page is the list itself.
map $args $cper_asks { default ""; "~(?:^|&)(?:(?:class|size|profile|context)=|after=[^&])" 1; }
map $args $cper_cursor {
    default "-";
    "~^(?<cper_q>(?:class=[^&]*)?(?:&?after=[^&]*)?)(?:&?lang=(?:fr|en))?$" $cper_q;
}
map $request_uri $cper_raw { "~^(?<cper_r>[^?]*)" $cper_r; }
map $cper_coded $cper_coding_said { default ""; .br br; .zst zstd; .gz gzip; }
map $status $cper_encoded_so { default $cper_coding_said; 304 ""; }
map $cper_coded $cper_etag_end { default ""; .br -br; .zst -zstd; .gz -gzip; }
map $cper_facts $cper_etag_own { default ""; "~^(?<cper_e>[^ ]+) " $cper_e; }
map $cper_facts $cper_kind { default ""; "~ (?<cper_k>[0-9]+)$" $cper_k; }
map $cper_etag_own $cper_etag { "" ""; default "\"$cper_etag_own$cper_etag_end\""; }
# 304: If-None-Match contains the validator or, without If-None-Match, If-Modified-Since has the same date.
map "$cper_etag|$http_if_none_match|$cper_h_last_modified|$http_if_modified_since" $cper_unchanged {
    default "";
    "~^(?<cper_own>\"[^\"|]+\")\|(?:.*[,\s])?(?:W/)?\k<cper_own>\s*(?:,[^|]*)?\|" 1;
    "~^\"[^|]+\|\s*\*\s*\|" 1;
    "~^[^|]*\|\|(?<cper_date>[^|]+)\|\k<cper_date>$" 1;
}
map "$status|$cper_negotiated|$cper_h_vary" $cper_vary {
    "~^303" "Accept";
    "~\|1\|Accept-Language(?<cper_v>.*)$" "Accept-Language, Accept$cper_v";
    "~\|1\|$" "Accept";
    "~\|1\|(?<cper_v>.+)$" "Accept, $cper_v";
    "~\|\|(?<cper_v>.*)$" $cper_v;
}
# Like the server: a client that accepts no coding at all gets JSON.
map "$status|$cper_coded|$cper_unfit" $cper_problem_form { default $cper_accept_problem; "~^406\|\.none\|$" json; }
map $status $cper_cache { default $cper_h_cache_control; 301 no-cache; 303 no-cache; 405 no-store; }
map $status $cper_allow { default ""; 405 "GET, HEAD, OPTIONS"; 200 $cper_options; }
map $request_method $cper_options { default ""; OPTIONS "GET, HEAD, OPTIONS"; }
map "$cper_said_query|$cper_suffix|$cper_asked_language" $cper_tail {
    default "";
    "~^\.\|" "";
    "~^\|(?:html|json|xlsx)\|(?<cper_l>..)$" "?lang=$cper_l";
    "~^(?<cper_s>lang=..)\|" "?$cper_s";
    "~^(?<cper_s>[^|]+)\|html\|(?<cper_l>..)$" "?$cper_s&lang=$cper_l";
    "~^(?<cper_s>[^|]+)\|" "?$cper_s";
}
map $cper_cursor $cper_cursor_said { default $cper_cursor; "~^(?<cper_s>.*?)&?after=$" $cper_s; }
map $cper_negotiated $cper_location { default ""; 1 "$cper_said.$cper_suffix$cper_tail"; }
map $cper_file $cper_name { default ""; "~^/doc/(?<cper_n>.+?)(?:\.(?:lang-)?(?:fr|en))?\.[a-z]+$" $cper_n; }
"""
_ENDINGS: Final = {IDENTITY: "", NONE: ".none", **ENCODING_SUFFIXES}


def quoted(text: str) -> str:
    """Return a quoted nginx string; variables in it are expanded."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _regex(regex: str, sign: str = "~") -> str:
    """Return an nginx regular expression."""
    return f'"{sign}' + regex.replace('"', '\\"') + '"'


def _literal(text: str) -> str:
    """Return a quoted nginx string in which only the placeholders are variables."""
    text = quoted(text.replace("$", "${cper_dollar}"))
    return text.replace(NAME_PLACEHOLDER, "${cper_name}").replace(ENCODED_NAME_PLACEHOLDER, "${cper_encoded}")


def map_block(source: str, name: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return a `map` block from `source` to a variable."""
    lines = "".join(f"    {key} {value};\n" for key, value in rows)
    return f"map {source} $cper_{name} {{\n{lines}}}\n"


def _choice(source: str, name: str, default: str, patterns: Iterable[Pattern], values: Mapping[str, str]) -> str:
    rows = ((_regex(each.regex, "~*"), quoted(values.get(each.value, each.value))) for each in patterns)
    return map_block(source, name, [("default", quoted(default)), *rows])


def preference_maps() -> Iterator[str]:
    """Yield the maps of preferences: format within each family, language, content coding."""
    for family, offers in FORMAT_FAMILIES.items():
        # Errors are sent even if no offered format is acceptable.
        values = {NONE: offers[0].suffix} if family == "problem" else {}
        yield _choice("$http_accept", f"accept_{family}", offers[0].suffix, format_patterns(offers), values)
    yield _choice("$http_accept_language", "language", "fr", language_patterns(), {})
    yield _choice("$http_accept_encoding", "ending", "", encoding_patterns(), _ENDINGS)


def name_maps(start: str) -> Iterator[str]:
    """Yield the maps from the parameter `iri` to the name of a thing, and from a name to its encoded form."""
    spelled = "".join({":": "(?::|%3[Aa])", "/": "(?:/|%2[Ff])"}.get(char, re.escape(char)) for char in start)
    decoded, encoded = [("default", '""')], [("default", '""')]
    for count in range(1, MAX_SEGMENTS + 1):
        groups = [f"(?<cper_{number}>[A-Za-z0-9._~-]+)" for number in range(1, count + 1)]
        values = [f"${{cper_{number}}}" for number in range(1, count + 1)]
        decoded.append((_regex(f"^{spelled}{'(?:/|%2[Ff])'.join(groups)}$"), quoted("/".join(values))))
        encoded.append((_regex(f"^{'/'.join(groups)}$"), quoted("%2F".join(values))))
    yield map_block("$arg_iri", "iri_name", decoded)
    yield map_block("$cper_name", "encoded", encoded)


def slash_map(prefix: str) -> str:
    """Return the map to the address without the slash at its end, empty for any other address.

    A thing whose name ends with a slash has a place; what begins with slashes or a backslash would be another host.
    """
    ours = rf"(?<cper_s>{re.escape(prefix)}/)/*(?<cper_p>[^/\\?\s][^?\s]*?)(?:/|%2[Ff])+(?<cper_q>\?.*)?"
    rows = [("default", '""'), (_regex(f"^(?:GET|HEAD)\\|\\|{ours}$"), '"$cper_s$cper_p$cper_q"')]
    return map_block('"$request_method|$cper_place|$request_uri"', "slashless", rows)


def location_map(addresses: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of the map from an address to its file stem, if its path differs."""
    seen = set[str]()
    for address, stem in addresses:
        # Map keys ignore case; an address that differs from another in case only needs a (case-sensitive) pattern.
        needs_pattern = address.lower() in seen or is_portable(address[1:])
        key = _regex(f"^{re.escape(address)}$") if needs_pattern else quoted(address)
        seen.add(address.lower())
        yield f"{key} /{stem};\n"


def header_rule_map(header_rules: HeaderRules) -> Iterator[str]:
    """Yield the lines of the map from a file to its validator and the number of its header set."""
    for each in header_rules.rules():
        key = _regex(rf"^/{each.file}/.*\.{re.escape(each.ending)}$") if each.ending else quoted(f"/{each.file}")
        yield f'{key} "{each.etag} {each.header_set}";\n'


def header_maps(header_sets: Mapping[int, Mapping[str, str]]) -> Iterator[str]:
    """Yield a map for each header, from the number of a header set to its value."""
    every = SECURITY | CORS
    for name in header_names(header_sets):
        rows = [(str(number), _literal(header_set.get(name, ""))) for number, header_set in sorted(header_sets.items())]
        default = _literal(every.get(name, ""))
        rows = [("default", default), *(row for row in rows if row[1] != default)]
        always = name in every or name in NOT_MODIFIED
        yield map_block("$cper_kind", header_variable(name) if always else f"whole_{header_variable(name)}", rows)
        if not always:  # not repeated in a 304
            yield map_block(
                "$status", header_variable(name), [("default", f"$cper_whole_{header_variable(name)}"), ("304", '""')]
            )


def header_names(header_sets: Mapping[int, Mapping[str, str]]) -> list[str]:
    """Return the names of all headers."""
    return list(
        dict.fromkeys((*_FIXED_HEADERS, *(name for header_set in header_sets.values() for name in sorted(header_set))))
    )


def header_variable(name: str) -> str:
    """Return the nginx variable of a header."""
    return "h_" + name.lower().replace("-", "_")


def preflight_maps() -> Iterator[str]:
    """Yield the maps of the headers of responses to OPTIONS."""
    for name, value in PREFLIGHT.items():
        methods = "GET, HEAD, OPTIONS" if name == "Access-Control-Allow-Methods" else value
        yield map_block("$request_method", header_variable(name), [("default", '""'), ("OPTIONS", quoted(methods))])


START: Final = """\
# Rules of a static mirror made by cper-lod export: for a server block; maps.conf goes into the http block.
root {root};
merge_slashes off;
uninitialized_variable_warn off;
absolute_redirect off;
charset off;
gzip off;
set $cper_live_path {path};
"""
METHODS: Final = """\
    if ($request_method = OPTIONS) {{ return 200; }}
    if ($request_method !~ ^(?:GET|HEAD)$) {{ return 405; }}
"""
CHOOSE: Final = """\
    set $cper_suffix $cper_asked;
    if ($cper_asked = "") {{ set $cper_negotiated 1; set $cper_suffix $cper_accept_{family}; }}
    if ($cper_suffix = none) {{ set $cper_unfit 1; set $cper_suffix {first}; }}
    set $cper_file $cper_base.$cper_suffix;
    if ($cper_suffix ~ ^(?:{localized})$) {{ set $cper_file $cper_base.$cper_variant.$cper_suffix; }}
"""
PLAIN: Final = "    set $cper_plain 1;\n"
"""Where `.json` is plain JSON of things."""
SEND: Final = """\
    if (-f $document_root/{site}$cper_file) {{ set $cper_found 1; }}
    if (-f $document_root/{site}$cper_file.br) {{ set $cper_coded $cper_ending; }}
    if ($cper_found = "") {{ return 404; }}
    if ($cper_unfit) {{ return 406; }}
    if ($cper_coded = .none) {{ return 406; }}
    if ($cper_not_french) {{ return 501; }}
    rewrite ^ /{site}$cper_file$cper_coded last;
"""
FILE: Final = """\
location ^~ /{site}/{below} {{
    internal;
    # Not `return 304`, which would send Content-Length: 0.
    if ($cper_unchanged) {{ return 418; }}
    types {{ }} default_type "";
    etag off; if_modified_since off;{more}
}}
"""
UNCHANGED: Final = """\
location ^~ /unchanged/{site}/ {{
    internal;
    alias {folder};
    types {{ }} default_type "";
    etag off; if_modified_since off; max_ranges 0;
}}
"""
PROXY: Final = """\
    add_header Via "1.1 cper-lod-mirror" always;
    proxy_pass {base};
    proxy_set_header Host $proxy_host;
    proxy_ssl_server_name on;
"""
NO_LANGUAGE: Final = "    set $cper_base $cper_stem; set $cper_said {p}$cper_stem; set $cper_said_query .;\n"
"""Where the address of a form names no language."""
DATED: Final = "    if ($http_accept_datetime) { return 501; }\n"
"""A mirror has one state of each document; requests for another date need the live server."""
ODD: Final = """\
    set $cper_base $cper_stem; set $cper_said $cper_raw; set $cper_key $cper_stem;
    if ($cper_slashless) {{ return 301 $cper_slashless; }}
    if ($cper_thing ~ %) {{ return 404; }}
    if ($cper_place) {{ set $cper_base $cper_place; }}
    if ($cper_base !~ ^[A-Za-z0-9._~/-]+$) {{ return 404; }}
    if ($cper_asks) {{ return 501; }}
"""
ASKED: Final = """\
    if ($cper_asked_language) {{ set $cper_said_query lang=$cper_asked_language; }}
"""
"""Where the address of every form that can be negotiated names the language."""
LIST: Final = """\
    set $cper_base $cper_stem; set $cper_said {p}$cper_stem;
    if ($cper_asks) {{ set $cper_key $cper_stem?$cper_cursor_said; set $cper_base $cper_place; }}
    if ($cper_asks) {{ set $cper_said_query $cper_cursor_said; }}
    if ($cper_base = "") {{ return 501; }}
"""
LINKS: Final = """\
    set $cper_said {p}$cper_stem; set $cper_said_query $args; set $cper_base $cper_stem/$cper_iri_name;
    if ($cper_iri_name = "") {{ return 501; }}
"""
ERROR: Final = """\
location ^~ /{site}/errors/ {{
    internal;
    if ($uri ~ ^/{site}(?<cper_error>/.+)$) {{ set $cper_file $cper_error; }}
    set $cper_coded ""; set $cper_negotiated "";
    types {{ }} default_type ""; etag off; max_ranges 0;
}}
"""


FORMAT_FAMILIES: Final[dict[str, tuple[Format, ...]]] = {
    "document": DOCUMENT_FORMATS,
    "list": FORMS,
    "links": dataset_links.FORMS,
    "catalog": views.FORMS,
    "void": views.VOID_FORMS,
    "report": status.FORMS,
    "kind": problem_pages.FORMS,
    "page": PAGE_FORMATS,
    "linkset": LINKSET_FORMATS,
    "plan": contract_files.TABLE_FORMS,
    "cite": contract_files.CITE_FORMS,
    "problem": (PROBLEM_JSON, HTML),
}
"""The formats of each family of addresses."""
DYNAMIC_PATHS: Final = (
    "api",
    "oembed",
    "openapi",
    "sparql",
    "search",
    "describe",
    "reconcile",
    "release",
    "changes",
    "timemap",
    "health",
    "ready",
    "metrics",
)
"""First path segments that only a running server can answer."""
_COMPUTED: Final = {
    "ETag": "$cper_etag",
    "Vary": "$cper_vary",
    "Cache-Control": "$cper_cache",
    "Allow": "$cper_allow",
    "Content-Encoding": "$cper_encoded_so",
    "Content-Location": "$cper_location",
}


class LocationRule(NamedTuple):
    """A kind of address: its pattern, its format family, and the directives that find its file."""

    pattern: str
    family: str
    lines: str = "    set $cper_base $cper_stem; set $cper_said {p}$cper_stem;\n"


def _suffixes(offers: tuple[Format, ...]) -> str:
    return "|".join(re.escape(each.suffix) for each in sorted(offers, key=lambda each: -len(each.suffix)))


def _location_rules(list_slugs: list[str]) -> list[LocationRule]:
    """Return the kinds of addresses with several formats; `list_slugs` are the names of the lists."""
    slug_pattern = "|".join(map(re.escape, list_slugs))
    return [
        LocationRule("/(?:ontology|shapes)|/ontology/[0-9.]*[0-9]", "catalog"),
        LocationRule("/catalog", "catalog"),
        LocationRule("/void", "void"),
        LocationRule("/report", "report", NO_LANGUAGE),
        LocationRule("/problem|/problem/[a-z-]+", "kind", NO_LANGUAGE),
        LocationRule("/linkset", "linkset", LINKS),
        LocationRule("/links", "links", LIST),
        LocationRule("/plan/.+?", "plan", ODD + ASKED),
        LocationRule("/cite/.+?", "cite", ODD + ASKED),
        LocationRule(f"/doc(?:/(?:{slug_pattern}))?" if slug_pattern else "/doc", "list", LIST),
        LocationRule("/doc/.+?", "document", ODD),
    ]


def _choose(family: str) -> str:
    """Return the directives that choose the file of a family, in the language of the reader if it has text for readers."""
    names = [each.suffix for each in localized_forms(family)]
    return CHOOSE.format(family=family, first=FORMAT_FAMILIES[family][0].suffix, localized="|".join(names) or "-")


def localized_forms(family: str) -> list[Format]:
    """Return the formats of a family that have one file for each language."""
    localized = LANGUAGE_FILES if family in ("plan", "cite") else LANGUAGE_FORMATS
    return [each for each in localized if each in FORMAT_FAMILIES[family]]


def _location_block(location_rule: LocationRule, prefix: str) -> str:
    offers = FORMAT_FAMILIES[location_rule.family]
    pattern = f"^{re.escape(prefix)}(?<cper_stem>{location_rule.pattern})(?:\\.(?<cper_asked>{_suffixes(offers)}))?$"
    choose = _choose(location_rule.family)
    choose += PLAIN if location_rule.family in ("document", "list", "links") else ""
    dated = DATED if location_rule.family in ("document", "list", "links", "catalog", "void") else ""
    lines = METHODS.format() + dated + location_rule.lines.format(p=prefix) + choose + SEND.format(site=SITE)
    return f'location ~ "{pattern}" {{\n{lines}}}\n'


def _single_format_locations(prefix: str) -> Iterator[str]:
    """Yield the locations with one format, and aliases."""
    p = re.escape(prefix)

    def body(lines: str) -> str:
        return METHODS.format() + lines + SEND.format(site=SITE)

    page = (
        "    set $cper_file $cper_stem.$cper_variant.html;\n"
        "    if ($cper_accept_page = none) {{ set $cper_unfit 1; }}\n"
    ).format()
    pages = f"download|legal|accessibility|developers|embed/[A-Za-z0-9._~/-]+|{DOCUMENTATION}"
    yield f'location ~ "^{p}(?<cper_stem>/(?:{pages}))$" {{\n{body(page)}}}\n'
    yield f"location = {prefix}/ {{\n    set $cper_stem /index;\n{body(page)}}}\n"
    name_pattern = (
        r"/(?:dump|context|schema|static|image)/[A-Za-z0-9._/-]*[A-Za-z0-9._-]"
        r"|/robots\.txt|/sitemap[a-z0-9-]*\.xml|/sparql/terms\.json"
    )
    # Byte ranges are those of the uncompressed file.
    whole = "    set $cper_file $cper_stem;\n"
    yield f'location ~ "^{p}(?<cper_stem>{name_pattern})$" {{\n{body(whole)}}}\n'
    void = f'    set $cper_base /void; set $cper_asked ""; set $cper_said {prefix}/void;\n'
    choose = _choose("void")
    yield f"location = {prefix}/.well-known/void {{\n{body(void + choose)}}}\n"


def _name_location(prefix: str) -> str:
    """Return the location of the IRIs of things: 303 to the document in the preferred format.

    nginx decodes paths, so IRIs that are percent-encoded are not found here, but the documents about them are.
    """
    return (
        f'location ~ "^{re.escape(prefix)}/id/(?<cper_thing>.+)$" {{\n'
        + METHODS.format()
        + f"""\
    set $cper_key /doc/$cper_thing; set $cper_base /doc/$cper_thing;
    if ($cper_slashless) {{ return 301 $cper_slashless; }}
    if ($cper_thing ~ %) {{ return 404; }}
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


def _dynamic_location(prefix: str, live_server: str) -> str:
    """Return the location of dynamic addresses: proxied to the live server, else 501."""
    pattern = f"^{re.escape(prefix)}(?<cper_live>/(?:{'|'.join(DYNAMIC_PATHS)})(?:[/.].*)?)$"
    if not live_server:
        return f'location ~ "{pattern}" {{ return 501; }}\n'
    return f"""location ~ "{pattern}" {{
    rewrite ^ $cper_live_path$cper_live break;
{PROXY.format(base=_base(live_server))}}}
error_page 501 = @cper_live;
location @cper_live {{
    rewrite ^{re.escape(prefix)}(/.*)$ $cper_live_path$1 break;
{PROXY.format(base=_base(live_server))}}}
"""


def _base(live_server: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(live_server))


def server_file(root: Path, prefix: str, live_server: str, list_slugs: list[str], header_rules: HeaderRules) -> str:
    """Return the file for the server block."""
    errors = "".join(
        f"error_page {each.kind.status} /{SITE}/errors/{each.kind.status}.$cper_tongue.$cper_problem_form;\n"
        for each in error_documents()
        if not (live_server and each.kind.status == 501)
    )
    names = dict.fromkeys((*header_names(header_rules.header_sets), *PREFLIGHT, *_COMPUTED))
    adds = "".join(
        f"add_header {name} {_COMPUTED.get(name) or '$cper_' + header_variable(name)} always;\n" for name in names
    )
    files = [
        FILE.format(site=SITE, below="", more=" max_ranges 0;"),
        FILE.format(site=SITE, below="dump/", more=" max_ranges 1;"),
        UNCHANGED.format(site=SITE, folder=quoted(f"{root / SITE}/")),
        ERROR.format(site=SITE),
    ]
    errors += "error_page 418 =304 /unchanged$uri;\n"
    parts = [
        START.format(root=quoted(str(root)), path=quoted(urlsplit(live_server).path)),
        adds,
        errors,
        *files,
        *_single_format_locations(prefix),
        _name_location(prefix),
        *(_location_block(each, prefix) for each in _location_rules(list_slugs)),
        _dynamic_location(prefix, live_server),
        "location / {\n    if ($cper_slashless) { return 301 $cper_slashless; }\n    return 404;\n}\n",
    ]
    return "\n".join(parts)


def maps_file(folder: Path, prefix: str, base_iri: str, header_rules: HeaderRules, lines: int) -> Iterator[str]:
    """Yield the parts of the file for the http block; `lines` is the length of its longest map."""
    size = 1 << max(lines * 2, 4096).bit_length()
    yield f"map_hash_max_size {size};\nmap_hash_bucket_size 1024;\nvariables_hash_max_size 4096;\n"
    raw = rf"^{re.escape(prefix)}/id/(?<cper_r>[^?]*)"
    yield f'map $request_uri $cper_raw_name {{ default ""; "~{raw}" $cper_r; }}\n'
    yield FIXED
    yield from preference_maps()
    yield from name_maps(f"{base_iri}id/")
    yield f'map $cper_key $cper_place {{\n    default "";\n    include {quoted(str(folder / "places.map"))};\n}}\n'
    yield f'map $cper_file $cper_facts {{\n    default "";\n    include {quoted(str(folder / "facts.map"))};\n}}\n'
    yield slash_map(prefix)
    yield from header_maps(header_rules.header_sets)
    yield from preflight_maps()

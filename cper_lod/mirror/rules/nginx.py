"""Rules for nginx: one file to include in the http block (maps) and one in a server block."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

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
from cper_lod.web.documents import contracts, dataset_links
from cper_lod.web.documents.class_list import FORMS
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.delivery import NOT_MODIFIED
from cper_lod.web.http.headers import CORS, PREFLIGHT, PROBLEM_JSON, SECURITY
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


class Map(NamedTuple):
    """A `map` block from `source` to a variable."""

    source: str
    name: str
    rows: list[tuple[str, str]]


def _choice(source: str, name: str, default: str, patterns: Iterable[Pattern], values: Mapping[str, str]) -> Map:
    rows = ((_regex(each.regex, "~*"), quoted(values.get(each.value, each.value))) for each in patterns)
    return Map(source, name, [("default", quoted(default)), *rows])


def preference_maps() -> Iterator[Map]:
    """Yield the maps of preferences: format within each family, language, content coding."""
    for family, offers in FORMAT_FAMILIES.items():
        # Errors are sent even if no offered format is acceptable.
        values = {NONE: offers[0].suffix} if family == "problem" else {}
        yield _choice("$http_accept", f"accept_{family}", offers[0].suffix, format_patterns(offers), values)
    yield _choice("$http_accept_language", "language", "fr", language_patterns(), {})
    yield _choice("$http_accept_encoding", "ending", "", encoding_patterns(), _ENDINGS)


def name_maps(start: str) -> Iterator[Map]:
    """Yield the maps from the parameter `iri` to the name of a thing, and from a name to its encoded form."""
    spelled = "".join({":": "(?::|%3[Aa])", "/": "(?:/|%2[Ff])"}.get(char, re.escape(char)) for char in start)
    decoded, encoded = [("default", '""')], [("default", '""')]
    for count in range(1, MAX_SEGMENTS + 1):
        groups = [f"(?<cper_{number}>[A-Za-z0-9._~-]+)" for number in range(1, count + 1)]
        values = [f"${{cper_{number}}}" for number in range(1, count + 1)]
        decoded.append((_regex(f"^{spelled}{'(?:/|%2[Ff])'.join(groups)}$"), quoted("/".join(values))))
        encoded.append((_regex(f"^{'/'.join(groups)}$"), quoted("%2F".join(values))))
    yield Map("$arg_iri", "iri_name", decoded)
    yield Map("$cper_name", "encoded", encoded)


def slash_map(prefix: str) -> Map:
    """Return the map to the address without the slash at its end, empty for any other address.

    A thing whose name ends with a slash has a place; what begins with slashes or a backslash would be another host.
    """
    ours = rf"(?<cper_s>{re.escape(prefix)}/)/*(?<cper_p>[^/\\?\s][^?\s]*?)(?:/|%2[Ff])+(?<cper_q>\?.*)?"
    rows = [("default", '""'), (_regex(f"^(?:GET|HEAD)\\|\\|{ours}$"), '"$cper_s$cper_p$cper_q"')]
    return Map('"$request_method|$cper_place|$request_uri"', "slashless", rows)


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


def header_maps(header_sets: Mapping[int, Mapping[str, str]]) -> Iterator[Map]:
    """Yield a map for each header, from the number of a header set to its value."""
    every = SECURITY | CORS
    for name in header_names(header_sets):
        rows = [(str(number), _literal(header_set.get(name, ""))) for number, header_set in sorted(header_sets.items())]
        default = _literal(every.get(name, ""))
        rows = [("default", default), *(row for row in rows if row[1] != default)]
        always = name in every or name.lower() in NOT_MODIFIED
        yield Map("$cper_kind", header_variable(name) if always else f"whole_{header_variable(name)}", rows)
        if not always:  # not repeated in a 304
            yield Map(
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


def preflight_maps() -> Iterator[Map]:
    """Yield the maps of the headers of responses to OPTIONS."""
    for name, value in PREFLIGHT.items():
        methods = "GET, HEAD, OPTIONS" if name == "Access-Control-Allow-Methods" else value
        yield Map("$request_method", header_variable(name), [("default", '""'), ("OPTIONS", quoted(methods))])


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
    "plan": contracts.TABLE_FORMS,
    "cite": contracts.CITE_FORMS,
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


def localized_forms(family: str) -> list[Format]:
    """Return the formats of a family that have one file for each language."""
    localized = LANGUAGE_FILES if family in ("plan", "cite") else LANGUAGE_FORMATS
    return [each for each in localized if each in FORMAT_FAMILIES[family]]


def _longest_suffix_first(forms: Iterable[Format]) -> list[Format]:
    return sorted(forms, key=lambda each: -len(each.suffix))


def template(name: str) -> Template:
    """Return a template of the rules, which is beside this module."""
    environment = Environment(  # noqa: S701 - no HTML
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"quoted": quoted, "escaped": re.escape, "longest_suffix_first": _longest_suffix_first}
    return environment.get_template(name)


def server_file(
    root: Path, prefix: str, live_server: str, list_slugs: list[str], header_rules: HeaderRules
) -> Iterator[str]:
    """Yield the parts of the file for the server block; `list_slugs` are the names of the lists."""
    slug_pattern = "|".join(map(re.escape, list_slugs))
    names = dict.fromkeys((*header_names(header_rules.header_sets), *PREFLIGHT, *_COMPUTED))
    families = {
        family: {
            "first": forms[0].suffix,
            "suffixes": "|".join(re.escape(each.suffix) for each in _longest_suffix_first(forms)),
            "localized": "|".join(each.suffix for each in localized_forms(family)) or "-",
        }
        for family, forms in FORMAT_FAMILIES.items()
    }
    yield from template("server.conf.jinja").generate(
        root=str(root),
        site=SITE,
        prefix=prefix,
        live=urlsplit(live_server),
        headers=[(name, _COMPUTED.get(name) or f"$cper_{header_variable(name)}") for name in names],
        statuses=[each.kind.status for each in error_documents() if not (live_server and each.kind.status == 501)],
        families=families,
        lists=f"/doc(?:/(?:{slug_pattern}))?" if slug_pattern else "/doc",
        documentation=DOCUMENTATION,
        dynamic_paths=DYNAMIC_PATHS,
    )


def maps_file(folder: Path, prefix: str, base_iri: str, header_rules: HeaderRules, lines: int) -> Iterator[str]:
    """Yield the parts of the file for the http block; `lines` is the length of its longest map."""
    files = [
        Map(f"$cper_{key}", name, [("default", '""'), ("include", quoted(str(folder / f"{name_of_file}.map")))])
        for key, name, name_of_file in (("key", "place", "places"), ("file", "facts", "facts"))
    ]
    maps = chain(
        preference_maps(),
        name_maps(f"{base_iri}id/"),
        files,
        [slash_map(prefix)],
        header_maps(header_rules.header_sets),
        preflight_maps(),
    )
    size = 1 << max(lines * 2, 4096).bit_length()
    yield from template("maps.conf.jinja").generate(size=size, prefix=prefix, maps=maps)

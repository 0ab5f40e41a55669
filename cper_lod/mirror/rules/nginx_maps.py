"""The rules of nginx that choose: Accept, language and coding, where an address lies, what a file's headers are."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from cper_lod.core.formats import Format
from cper_lod.mirror.client import ENCODED, NAME
from cper_lod.mirror.paths import CODED, plain
from cper_lod.mirror.rules.accept import NONE, Pattern, of_codings, of_forms, of_languages
from cper_lod.mirror.rules.facts import Facts
from cper_lod.web.http.compression import IDENTITY
from cper_lod.web.http.response import CORS, NOT_MODIFIED, PREFLIGHT, SECURITY

SEGMENTS: Final = 9
"""Segments of the longest name that the rules can turn from a part of a query into a path, and back."""
_HEADERS: Final = (
    *SECURITY,
    *CORS,
    "Content-Type",
    "Content-Language",
    "Cache-Control",
    "Vary",
    "Link",
    "Last-Modified",
)
"""The headers that a kind has; further ones follow."""

FIXED: Final = r"""
geo $cper_dollar { default "$"; }
map $arg_lang $cper_asked_language { default ""; "~*^fr(?:-|$)" fr; "~*^en(?:-|$)" en; }
map $cper_asked_language $cper_tongue { "" $cper_language; default $cper_asked_language; }
map $cper_asked_language $cper_variant { "" $cper_language; default lang-$cper_asked_language; }
# What only a program can answer, but for the pages of lists, which are files.
map $args $cper_asks { default ""; "~(?:^|&)(?:class|after|size|profile|context)=" 1; }
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
# 304: the validator is among those of If-None-Match, or without that the date is the one of If-Modified-Since.
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
# As the server does: who takes no coding at all gets data.
map "$status|$cper_coded|$cper_unfit" $cper_problem_form { default $cper_accept_problem; "~^406\|\.none\|$" json; }
map $status $cper_cache { default $cper_h_cache_control; 303 no-cache; 405 no-store; }
map $status $cper_allow { default ""; 405 "GET, HEAD, OPTIONS"; 200 $cper_options; }
map $request_method $cper_options { default ""; OPTIONS "GET, HEAD, OPTIONS"; }
map "$cper_said_query|$cper_suffix|$cper_asked_language" $cper_tail {
    default "";
    "~^\.\|" "";
    "~^\|html\|(?<cper_l>..)$" "?lang=$cper_l";
    "~^(?<cper_s>[^|]+)\|html\|(?<cper_l>..)$" "?$cper_s&lang=$cper_l";
    "~^(?<cper_s>[^|]+)\|" "?$cper_s";
}
map $cper_cursor $cper_cursor_said { default $cper_cursor; "~^(?<cper_s>.*?)&?after=$" $cper_s; }
map $cper_negotiated $cper_location { default ""; 1 "$cper_said.$cper_suffix$cper_tail"; }
map $cper_file $cper_name { default ""; "~^/doc/(?<cper_n>.+?)(?:\.(?:lang-)?(?:fr|en))?\.[a-z]+$" $cper_n; }
"""
_ENDINGS: Final = {IDENTITY: "", NONE: ".none", **CODED}


def quoted(text: str) -> str:
    """Return a text as nginx reads it, variables in it being variables."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _regex(regex: str, sign: str = "~") -> str:
    """Return a pattern as nginx reads it; only what it would take for its own is escaped."""
    return f'"{sign}' + regex.replace('"', '\\"') + '"'


def _literal(text: str) -> str:
    """Return a text as a value of nginx in which nothing is a variable but the names of things."""
    text = quoted(text.replace("$", "${cper_dollar}"))
    return text.replace(NAME, "${cper_name}").replace(ENCODED, "${cper_encoded}")


def block(source: str, name: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return a map from the source to the variable of a name."""
    lines = "".join(f"    {key} {value};\n" for key, value in rows)
    return f"map {source} $cper_{name} {{\n{lines}}}\n"


def _choice(source: str, name: str, default: str, patterns: Iterable[Pattern], values: Mapping[str, str]) -> str:
    rows = ((_regex(each.regex, "~*"), quoted(values.get(each.value, each.value))) for each in patterns)
    return block(source, name, [("default", quoted(default)), *rows])


def choices(families: Mapping[str, tuple[Format, ...]]) -> Iterator[str]:
    """Yield the maps of what a reader prefers: among the forms of each family, of languages, of codings."""
    for family, offers in families.items():
        # An error is sent to whoever asks for something else too.
        values = {NONE: offers[0].suffix} if family == "problem" else {}
        yield _choice("$http_accept", f"accept_{family}", offers[0].suffix, of_forms(offers), values)
    yield _choice("$http_accept_language", "language", "fr", of_languages(), {})
    yield _choice("$http_accept_encoding", "ending", "", of_codings(), _ENDINGS)


def names(start: str) -> Iterator[str]:
    """Yield the maps from the parameter `iri` to the name of a thing, and from a name to how a query has it."""
    spelled = "".join({":": "(?::|%3[Aa])", "/": "(?:/|%2[Ff])"}.get(char, re.escape(char)) for char in start)
    decoded, encoded = [("default", '""')], [("default", '""')]
    for count in range(1, SEGMENTS + 1):
        groups = [f"(?<cper_{place}>[A-Za-z0-9._~-]+)" for place in range(1, count + 1)]
        values = [f"${{cper_{place}}}" for place in range(1, count + 1)]
        decoded.append((_regex(f"^{spelled}{'(?:/|%2[Ff])'.join(groups)}$"), quoted("/".join(values))))
        encoded.append((_regex(f"^{'/'.join(groups)}$"), quoted("%2F".join(values))))
    yield block("$arg_iri", "iri_name", decoded)
    yield block("$cper_name", "encoded", encoded)


def places(addresses: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the lines of the map from an address to where it lies, where its path does not tell."""
    seen = set[str]()
    for address, place in addresses:
        # A map knows no capitals: what differs from another address in them alone is found by a pattern, which does.
        alike = address.lower() in seen or plain(address[1:])
        key = _regex(f"^{re.escape(address)}$") if alike else quoted(address)
        seen.add(address.lower())
        yield f"{key} /{place};\n"


def facts(found: Facts) -> Iterator[str]:
    """Yield the lines of the map from a file to its validator and the number of its headers."""
    for each in found.each():
        key = _regex(rf"^/{each.file}/.*\.{re.escape(each.ending)}$") if each.ending else quoted(f"/{each.file}")
        yield f'{key} "{each.etag} {each.kind}";\n'


def kinds(found: Mapping[int, Mapping[str, str]]) -> Iterator[str]:
    """Yield a map for each header, from the number of a kind to its value."""
    every = SECURITY | CORS
    for name in headers(found):
        rows = [(str(number), _literal(head.get(name, ""))) for number, head in sorted(found.items())]
        default = _literal(every.get(name, ""))
        rows = [("default", default), *(row for row in rows if row[1] != default)]
        always = name in every or name in NOT_MODIFIED
        yield block("$cper_kind", variable(name) if always else f"whole_{variable(name)}", rows)
        if not always:  # a 304 does not repeat it
            yield block("$status", variable(name), [("default", f"$cper_whole_{variable(name)}"), ("304", '""')])


def headers(found: Mapping[int, Mapping[str, str]]) -> list[str]:
    """Return the names of all headers that files have."""
    return list(dict.fromkeys((*_HEADERS, *(name for head in found.values() for name in sorted(head)))))


def variable(name: str) -> str:
    """Return the name of the variable of a header."""
    return "h_" + name.lower().replace("-", "_")


def preflight() -> Iterator[str]:
    """Yield the maps of what only the answer to OPTIONS says."""
    for name, value in PREFLIGHT.items():
        methods = "GET, HEAD, OPTIONS" if name == "Access-Control-Allow-Methods" else value
        yield block("$request_method", variable(name), [("default", '""'), ("OPTIONS", quoted(methods))])

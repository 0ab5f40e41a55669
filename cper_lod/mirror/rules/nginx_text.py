"""The texts of the rules for nginx: where an address lies, which form is chosen, how the file is sent."""

from typing import Final

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
    if ($cper_suffix ~ ^(?:html|xlsx)$) {{ set $cper_file $cper_base.$cper_variant.$cper_suffix; }}
"""
SEND: Final = """\
    if (-f $document_root/{site}$cper_file) {{ set $cper_found 1; }}
    if (-f $document_root/{site}$cper_file.br) {{ set $cper_coded $cper_ending; }}
    if ($cper_found = "") {{ return 404; }}
    if ($cper_unfit) {{ return 406; }}
    if ($cper_coded = .none) {{ return 406; }}
    rewrite ^ /{site}$cper_file$cper_coded last;
"""
FILE: Final = """\
location ^~ /{site}/{below} {{
    internal;
    # Not `return 304`, which would say that there are 0 bytes.
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
"""Files know one state of a document: which one it was at another moment, a program knows."""
ODD: Final = """\
    set $cper_base $cper_stem; set $cper_said $cper_raw; set $cper_key $cper_stem;
    if ($cper_place) {{ set $cper_base $cper_place; }}
    if ($cper_base !~ ^[A-Za-z0-9._~/-]+$) {{ return 404; }}
    if ($cper_asks) {{ return 501; }}
"""
LIST: Final = """\
    set $cper_base $cper_stem; set $cper_said {p}$cper_stem;
    if ($cper_asks) {{ set $cper_key $cper_stem?$cper_cursor; set $cper_base $cper_place; }}
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

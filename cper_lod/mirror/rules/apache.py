"""Rules for Apache: a single .htaccess beside the files, for hosts that allow nothing else."""

import re
from collections.abc import Iterator
from typing import Final

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import DOCUMENT_FORMATS, Format
from cper_lod.mirror.paths import DOCUMENTATION, ENCODING_SUFFIXES, LANGUAGE_FILES, LINKSET_FOLDER, error_documents
from cper_lod.mirror.rules.nginx import DYNAMIC_PATHS, FORMAT_FAMILIES, localized_forms
from cper_lod.web.docs.views import JSON_SCHEMA
from cper_lod.web.documents import embed
from cper_lod.web.documents.sitemap import TEXT, XML
from cper_lod.web.http.flask_responses import IMMUTABLE
from cper_lod.web.http.links import LINKSET_JSON
from cper_lod.web.http.response import CORS, FRAMED, PROBLEM_JSON, SECURITY
from cper_lod.web.http.signposting import CSVW
from cper_lod.web.http.static import TYPES

_FAMILY_PATTERNS: Final = {
    "document": "doc/.+?",
    "links": "links",
    "catalog": "catalog|ontology|ontology/[0-9.]*[0-9]|shapes",
    "void": "void",
    "report": "report",
    "kind": "problem|problem/[a-z-]+",
    "plan": "plan/.+?",
    "cite": "cite/.+?",
}
"""The addresses of each format family. Lists are matched before documents, whose pattern includes them."""
_LOCALIZED: Final = "|".join(each.suffix for each in LANGUAGE_FILES)
_ENCODING_SUFFIX_PATTERN: Final = "(?:" + "|".join(re.escape(each) for each in ENCODING_SUFFIXES.values()) + ")?$"


def _type_rules() -> Iterator[str]:
    """Yield the media types by file ending, and the exceptions by path."""
    forms = {each.suffix: each for family in FORMAT_FAMILIES.values() for each in family if each is not PROBLEM_JSON}
    forms = {suffix: form for suffix, form in forms.items() if form is not LINKSET_JSON}
    forms |= {each.suffix: each for each in (XML, TEXT, embed.PNG)} | {key[1:]: each for key, each in TYPES.items()}
    for suffix, form in sorted(forms.items(), key=lambda each: len(each[0])):
        yield f"<FilesMatch \"\\.{re.escape(suffix)}{_ENCODING_SUFFIX_PATTERN}\">\n  ForceType '{form.content_type}'\n</FilesMatch>\n"
    others = {
        "/schema/": JSON_SCHEMA.content_type,
        f"/{LINKSET_FOLDER}/.*\\.json": LINKSET_JSON.content_type,
        f"/{LINKSET_FOLDER}/.*\\.txt": "application/linkset",
        "/errors/.*\\.json": PROBLEM_JSON.content_type,
        "/dump/.*csv-metadata\\.json": CSVW,
        "/dump/[^/]*\\.(?:nt|nq)\\.gz$": "application/gzip",
    }
    for pattern, content_type in others.items():
        yield f"<If \"%{{REQUEST_URI}} =~ m#{pattern}#\">\n  ForceType '{content_type}'\n</If>\n"


def _header_directives(public: str, prefix: str) -> Iterator[str]:
    """Yield the headers of all responses, and those that depend on the file name."""
    for name, value in (SECURITY | CORS | {"Cache-Control": "no-cache"}).items():
        yield f'Header always set {name} "{value}"\n'
    for coding, ending in ENCODING_SUFFIXES.items():
        condition = f"%{{REQUEST_URI}} =~ /\\{ending}$/ && !(%{{REQUEST_URI}} =~ m#/dump/[^/]*\\.(nt|nq)\\.gz$#)"
        yield f'Header set Content-Encoding {coding} "expr={condition}"\n'
    for lang in LANGUAGES:
        yield f'Header set Content-Language {lang} "expr=%{{REQUEST_URI}} =~ /[.-]{lang}\\.({_LOCALIZED})/"\n'
    yield 'Header set Content-Language fr "expr=%{REQUEST_URI} =~ m#/doc[/.].*json#"\n'
    yield 'Header merge Vary Accept-Language "expr=%{REQUEST_URI} =~ /\\.html/"\n'
    yield "Header merge Vary Accept env=REDIRECT_NEGOTIATED\nHeader merge Vary Accept-Encoding env=REDIRECT_CODED\n"
    yield 'Header set Content-Location "%{REDIRECT_NEGOTIATED}e" env=REDIRECT_NEGOTIATED\n'
    never_change = r"/context/|/static/(?:editor/editor-|[^/]*\.[0-9a-f]{12}\.)"
    yield f'Header always set Cache-Control "{IMMUTABLE}" "expr=%{{REQUEST_URI}} =~ m#{never_change}#"\n'
    yield f'Header always set Cache-Control "{embed.DAY}" "expr=%{{REQUEST_URI}} =~ m#^{re.escape(prefix)}/image/#"\n'
    framed = f'"{FRAMED}" "expr=%{{REQUEST_URI}} =~ m#^{re.escape(prefix)}/embed/#"'
    yield f"Header always set Content-Security-Policy {framed}\n"
    stem = f"{public}/%{{REDIRECT_STEM}}e"
    links = [f'<{stem}>; rel=\\"canonical\\"']
    links += [f'<{stem}.{each.suffix}>; rel=\\"alternate\\"; type=\\"{each.media_type}\\"' for each in DOCUMENT_FORMATS]
    yield f'Header set Link "{", ".join(links)}" env=REDIRECT_STEM\n'


def _format_choice(forms: tuple[Format, ...]) -> Iterator[str]:
    """Yield the rules that choose a format: named with weight 1, else with any weight, else by a wildcard."""
    yield "RewriteRule ^ - [E=FORM:none]\nRewriteCond %{HTTP:Accept} ^$ [OR]\n"
    yield f"RewriteCond %{{HTTP:Accept}} \\*/\\*\nRewriteRule ^ - [E=FORM:{forms[0].suffix}]\n"
    for weight in (r"\s*;\s*q=0\.[0-9]*[1-9]", r"\s*(?:;\s*(?!\s*q\s*=)[^,]*)?(?:,|$)"):
        for form in reversed([each for each in forms if not each.profile]):
            types = "|".join(re.escape(each) for each in (form.media_type, *form.aliases))
            yield f'RewriteCond %{{HTTP:Accept}} "(?:^|,)\\s*(?:{types}){weight}" [NC]\n'
            yield f"RewriteRule ^ - [E=FORM:{form.suffix}]\n"


def _language_and_encoding_rules() -> Iterator[str]:
    """Yield the rules that choose language and content coding."""
    yield "RewriteRule ^ - [E=VARIANT:fr,E=TONGUE:fr]\n"
    english = r"^\s*en(?:-[^,;]*)?\s*(?:[,;]|$)|(?:^|,)\s*en(?:-[^,;]*)?\s*(?:,|$)"
    yield f'RewriteCond %{{HTTP:Accept-Language}} "{english}" [NC]\n'
    yield 'RewriteCond %{HTTP:Accept-Language} "!^\\s*fr" [NC]\nRewriteRule ^ - [E=VARIANT:en,E=TONGUE:en]\n'
    yield "RewriteCond %{QUERY_STRING} (?:^|&)lang=(fr|en)\nRewriteRule ^ - [E=VARIANT:lang-%1,E=TONGUE:%1]\n"
    for coding, ending in reversed(ENCODING_SUFFIXES.items()):
        weights = r"\s*(?:,|$|;\s*q=(?:1|0\.[0-9]*[1-9]))"
        yield f'RewriteCond %{{HTTP:Accept-Encoding}} "(?:^|,)\\s*{coding}{weights}" [NC]\n'
        yield f"RewriteRule ^ - [E=CODING:{ending}]\n"


def _send_rules(pattern: str, file: str, extra: str = "") -> str:
    """Return the rules that send a file for a pattern, compressed if possible."""
    root = "%{DOCUMENT_ROOT}%{ENV:BELOW}/"
    compressed, plain = "%{ENV:BELOW}/" + file + "%{ENV:CODING}", "%{ENV:BELOW}/" + file
    return (
        f'RewriteCond %{{ENV:CODING}} .\nRewriteCond "{root}{file}%{{ENV:CODING}}" -f\n'
        f'RewriteRule "{pattern}" "{compressed}" [END,E=CODED:1{extra}]\n'
        f'RewriteCond "{root}{file}" -f\nRewriteRule "{pattern}" "{plain}" [END{extra}]\n'
    )


def _variant_rules(family: str, pattern: str, suffix: str, extra: str) -> str:
    """Return the rules for one format of an address; for text for readers the file in their language."""
    localized = suffix in (each.suffix for each in localized_forms(family))
    return _send_rules(pattern, f"$1.%{{ENV:VARIANT}}.{suffix}" if localized else f"$1.{suffix}", extra)


def _family_rules(name: str, pattern: str) -> Iterator[str]:
    """Yield the rules for a format family: addresses with a suffix, then those negotiated by Accept."""
    forms = [each for each in FORMAT_FAMILIES[name] if not each.profile or name == "plan"]
    stem = "" if name in ("plan", "cite") else ",E=STEM:$1"  # whose links are those of a document
    for form in sorted(forms, key=lambda each: -len(each.suffix)):
        yield _variant_rules(name, f"^({pattern})\\.{re.escape(form.suffix)}$", form.suffix, stem)
    forms = [each for each in forms if not each.profile]
    yield from _format_choice(tuple(forms))
    yield "RewriteCond %{ENV:FORM} none\n" + f'RewriteCond "%{{DOCUMENT_ROOT}}%{{ENV:BELOW}}/$1.{forms[0].suffix}" -f\n'
    yield f'RewriteRule "^({pattern})$" - [R=406,L]\n'
    for form in forms:
        environment = f"{stem},E=NEGOTIATED:%{{ENV:BELOW}}/$1.{form.suffix}"
        rules = _variant_rules(name, f"^({pattern})$", form.suffix, environment).splitlines(keepends=True)
        yield "".join(
            (f"RewriteCond %{{ENV:FORM}} ^{re.escape(form.suffix)}$\n" if first else "") + line
            for line, first in zip(rules, (True, False, False, True, False), strict=True)
        )


def htaccess(public: str, prefix: str, live_server: str, list_slugs: list[str]) -> Iterator[str]:
    """Yield the parts of the file; `list_slugs` are the names of the lists."""
    yield "# Rules of a static mirror made by cper-lod export: Apache 2.4, AllowOverride All.\n"
    yield "Options -MultiViews -Indexes\nDirectorySlash Off\nDirectoryIndex disabled\nAddDefaultCharset Off\n"
    yield "RemoveEncoding .gz\nFileETag MTime Size\n"
    yield from (
        f"ErrorDocument {each.kind.status} {prefix}/errors/{each.kind.status}.fr.html\n" for each in error_documents()
    )
    yield from _type_rules()
    yield "<IfModule mod_headers.c>\n" + "".join(_header_directives(public, prefix)) + "</IfModule>\n"
    yield f"RewriteEngine On\nRewriteOptions AllowNoSlash\nRewriteRule ^ - [E=BELOW:{prefix}]\n"
    yield "RewriteCond %{ENV:REDIRECT_STATUS} .\nRewriteRule ^ - [END]\n"
    yield "RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD|OPTIONS)$\nRewriteRule ^ - [R=405,L]\n"
    yield f'RewriteCond %{{REQUEST_METHOD}} !OPTIONS\nRewriteRule "^(.*[^/])/+$" {prefix}/$1 [R=301,L]\n'
    dynamic = f"^((?:{'|'.join(DYNAMIC_PATHS)})(?:[/.].*)?)$"
    single = r"^((?:dump|context|schema|static|image)/[A-Za-z0-9._/-]+|robots\.txt|sitemap[a-z0-9-]*\.xml|sparql/terms\.json)$"
    yield "".join(_language_and_encoding_rules()) + _send_rules(single, "$1")
    yield (
        f"RewriteRule {dynamic} {live_server}/$1 [R=307,L]\n" if live_server else f"RewriteRule {dynamic} - [R=501,L]\n"
    )
    yield "RewriteCond %{QUERY_STRING} (?:^|&)(?:(?:class|size|profile|context)=|after=[^&])\nRewriteRule ^ - [R=501,L]\n"
    yield 'RewriteCond %{QUERY_STRING} (?:^|&)lang=\nRewriteRule "^(?:links|doc(?:/.*)?)\\.json$" - [R=501,L]\n'
    yield from _format_choice(FORMAT_FAMILIES["document"])
    yield 'RewriteCond "%{DOCUMENT_ROOT}%{ENV:BELOW}/doc/$1.fr.html" -f\nRewriteCond %{ENV:FORM} none\n'
    yield "RewriteRule ^id/(.+)$ - [R=406,L]\n"
    yield 'RewriteCond "%{DOCUMENT_ROOT}%{ENV:BELOW}/doc/$1.fr.html" -f\n'
    yield "RewriteRule ^id/(.+)$ %{ENV:BELOW}/doc/$1.%{ENV:FORM} [R=303,L]\n"
    yield _send_rules("^$", "index.%{ENV:VARIANT}.html")
    for name in ("download", "legal", "accessibility", "developers", "embed/[A-Za-z0-9._~/-]+", DOCUMENTATION):
        yield _send_rules(f"^({name})$", "$1.%{ENV:VARIANT}.html")
    yield from _family_rules("list", f"doc(?:/(?:{'|'.join(list_slugs)}))?" if list_slugs else "doc")
    for name, pattern in _FAMILY_PATTERNS.items():
        yield from _family_rules(name, pattern)
    yield "RewriteRule ^ - [R=404,L]\n"

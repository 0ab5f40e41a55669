"""The rules of a mirror for Apache: one .htaccess beside the files, for hosts where nothing else can be set."""

import re
from collections.abc import Iterator
from typing import Final

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.formats import DOCUMENT, Format
from cper_lod.mirror.paths import CODED, LINKS, error_documents
from cper_lod.mirror.rules.nginx import DYNAMIC, FAMILIES
from cper_lod.web.docs.json_schema import JSON_SCHEMA
from cper_lod.web.documents.sitemap import TEXT, XML
from cper_lod.web.http.links import LINKSET_JSON
from cper_lod.web.http.response import CORS, PROBLEM_JSON, SECURITY
from cper_lod.web.http.signposting import CSVW
from cper_lod.web.site_pages.static import TYPES

_PLACES: Final = {
    "document": "doc/.+?|ontology|ontology/[0-9.]*[0-9]|shapes",
    "catalog": "catalog",
    "void": "void",
    "report": "report",
    "kind": "problem|problem/[a-z-]+",
}
"""The addresses of each family; a list comes before the documents, whose pattern it has."""
_CODINGS: Final = "(?:" + "|".join(re.escape(each) for each in CODED.values()) + ")?$"


def _types() -> Iterator[str]:
    """Yield the media types by the endings of names, and where the same ending means another."""
    forms = {each.suffix: each for family in FAMILIES.values() for each in family if each is not PROBLEM_JSON}
    forms = {suffix: form for suffix, form in forms.items() if form is not LINKSET_JSON}
    forms |= {each.suffix: each for each in (XML, TEXT)} | {key[1:]: each for key, each in TYPES.items()}
    for suffix, form in sorted(forms.items(), key=lambda each: len(each[0])):
        yield f"<FilesMatch \"\\.{re.escape(suffix)}{_CODINGS}\">\n  ForceType '{form.content_type}'\n</FilesMatch>\n"
    others = {
        "/schema/": JSON_SCHEMA.content_type,
        f"/{LINKS}/.*\\.json": LINKSET_JSON.content_type,
        f"/{LINKS}/.*\\.txt": "application/linkset",
        "/errors/.*\\.json": PROBLEM_JSON.content_type,
        "/dump/.*csv-metadata\\.json": CSVW,
        "/dump/[^/]*\\.(?:nt|nq)\\.gz$": "application/gzip",
    }
    for pattern, content_type in others.items():
        yield f"<If \"%{{REQUEST_URI}} =~ m#{pattern}#\">\n  ForceType '{content_type}'\n</If>\n"


def _headers(public: str) -> Iterator[str]:
    """Yield what every answer says, and what its name tells."""
    for name, value in (SECURITY | CORS | {"Cache-Control": "no-cache"}).items():
        yield f'Header always set {name} "{value}"\n'
    for coding, ending in CODED.items():
        own = f"%{{REQUEST_URI}} =~ /\\{ending}$/ && !(%{{REQUEST_URI}} =~ m#/dump/[^/]*\\.(nt|nq)\\.gz$#)"
        yield f'Header set Content-Encoding {coding} "expr={own}"\n'
    for lang in LANGUAGES:
        yield f'Header set Content-Language {lang} "expr=%{{REQUEST_URI}} =~ /[.-]{lang}\\.(html|xlsx)/"\n'
    yield 'Header merge Vary Accept-Language "expr=%{REQUEST_URI} =~ /\\.html/"\n'
    yield "Header merge Vary Accept env=REDIRECT_NEGOTIATED\nHeader merge Vary Accept-Encoding env=REDIRECT_CODED\n"
    yield 'Header set Content-Location "%{REDIRECT_NEGOTIATED}e" env=REDIRECT_NEGOTIATED\n'
    for_good = "public, max-age=31536000, immutable"
    yield f'Header always set Cache-Control "{for_good}" "expr=%{{REQUEST_URI}} =~ m#/context/#"\n'
    stem = f"{public}/%{{REDIRECT_STEM}}e"
    links = [f'<{stem}>; rel=\\"canonical\\"']
    links += [f'<{stem}.{each.suffix}>; rel=\\"alternate\\"; type=\\"{each.media_type}\\"' for each in DOCUMENT]
    yield f'Header set Link "{", ".join(links)}" env=REDIRECT_STEM\n'


def _choice(name: str, header: str, forms: tuple[Format, ...]) -> Iterator[str]:
    """Yield the rules that choose among forms: named with weight 1, else with any weight, else by a wildcard."""
    yield f"RewriteRule ^ - [E={name}:none]\nRewriteCond %{{HTTP:{header}}} ^$ [OR]\n"
    yield f"RewriteCond %{{HTTP:{header}}} \\*/\\*\nRewriteRule ^ - [E={name}:{forms[0].suffix}]\n"
    for weight in (r"\s*;\s*q=0\.[0-9]*[1-9]", r"\s*(?:;\s*(?!\s*q\s*=)[^,]*)?(?:,|$)"):
        for form in reversed([each for each in forms if not each.profile]):
            types = "|".join(re.escape(each) for each in (form.media_type, *form.aliases))
            yield f'RewriteCond %{{HTTP:{header}}} "(?:^|,)\\s*(?:{types}){weight}" [NC]\n'
            yield f"RewriteRule ^ - [E={name}:{form.suffix}]\n"


def _readers() -> Iterator[str]:
    """Yield the rules of language and coding."""
    yield "RewriteRule ^ - [E=VARIANT:fr,E=TONGUE:fr]\n"
    english = r"^\s*en(?:-[^,;]*)?\s*(?:[,;]|$)|(?:^|,)\s*en(?:-[^,;]*)?\s*(?:,|$)"
    yield f'RewriteCond %{{HTTP:Accept-Language}} "{english}" [NC]\n'
    yield 'RewriteCond %{HTTP:Accept-Language} "!^\\s*fr" [NC]\nRewriteRule ^ - [E=VARIANT:en,E=TONGUE:en]\n'
    yield "RewriteCond %{QUERY_STRING} (?:^|&)lang=(fr|en)\nRewriteRule ^ - [E=VARIANT:lang-%1,E=TONGUE:%1]\n"
    for coding, ending in reversed(CODED.items()):
        wanted = r"\s*(?:,|$|;\s*q=(?:1|0\.[0-9]*[1-9]))"
        yield f'RewriteCond %{{HTTP:Accept-Encoding}} "(?:^|,)\\s*{coding}{wanted}" [NC]\n'
        yield f"RewriteRule ^ - [E=CODING:{ending}]\n"


def _sent(pattern: str, file: str, extra: str = "") -> str:
    """Return the rules that send a file for a pattern: compressed where there is such a file, else as it is."""
    root = "%{DOCUMENT_ROOT}%{ENV:BELOW}/"
    coded, plain = "%{ENV:BELOW}/" + file + "%{ENV:CODING}", "%{ENV:BELOW}/" + file
    return (
        f'RewriteCond %{{ENV:CODING}} .\nRewriteCond "{root}{file}%{{ENV:CODING}}" -f\n'
        f'RewriteRule "{pattern}" "{coded}" [END,E=CODED:1{extra}]\n'
        f'RewriteCond "{root}{file}" -f\nRewriteRule "{pattern}" "{plain}" [END{extra}]\n'
    )


def _varied(pattern: str, stem: str, suffix: str, extra: str) -> str:
    """Return the rules for one form of an address: of a page the file for the reader's language."""
    return _sent(pattern, f"{stem}.%{{ENV:VARIANT}}.html" if suffix == "html" else f"{stem}.{suffix}", extra)


def _family(name: str, pattern: str) -> Iterator[str]:
    """Yield the rules for addresses: those that name their form, then those that let Accept choose."""
    forms = [each for each in FAMILIES[name] if not each.profile]
    for form in forms:
        yield _varied(f"^({pattern})\\.{re.escape(form.suffix)}$", "$1", form.suffix, ",E=STEM:$1")
    yield from _choice("FORM", "Accept", tuple(forms))
    yield "RewriteCond %{ENV:FORM} none\n" + f'RewriteCond "%{{DOCUMENT_ROOT}}%{{ENV:BELOW}}/$1.{forms[0].suffix}" -f\n'
    yield f'RewriteRule "^({pattern})$" - [R=406,L]\n'
    for form in forms:
        place = f",E=STEM:$1,E=NEGOTIATED:%{{ENV:BELOW}}/$1.{form.suffix}"
        rules = _varied(f"^({pattern})$", "$1", form.suffix, place).splitlines(keepends=True)
        yield "".join(
            (f"RewriteCond %{{ENV:FORM}} ^{re.escape(form.suffix)}$\n" if first else "") + line
            for line, first in zip(rules, (True, False, False, True, False), strict=True)
        )


def htaccess(public: str, prefix: str, live: str, slugs: list[str]) -> Iterator[str]:
    """Yield the pieces of the file; `slugs` are the names of the lists."""
    yield "# Rules of a static mirror made by cper-lod export: Apache 2.4, AllowOverride All.\n"
    yield "Options -MultiViews -Indexes\nDirectorySlash Off\nDirectoryIndex disabled\nAddDefaultCharset Off\n"
    yield "RemoveEncoding .gz\nFileETag MTime Size\n"
    yield from (
        f"ErrorDocument {each.kind.status} {prefix}/errors/{each.kind.status}.fr.html\n" for each in error_documents()
    )
    yield from _types()
    yield "<IfModule mod_headers.c>\n" + "".join(_headers(public)) + "</IfModule>\n"
    yield f"RewriteEngine On\nRewriteOptions AllowNoSlash\nRewriteRule ^ - [E=BELOW:{prefix}]\n"
    yield "RewriteCond %{ENV:REDIRECT_STATUS} .\nRewriteRule ^ - [END]\n"
    yield "RewriteCond %{REQUEST_METHOD} !^(?:GET|HEAD|OPTIONS)$\nRewriteRule ^ - [R=405,L]\n"
    dynamic = f"^((?:{'|'.join(DYNAMIC)})(?:[/.].*)?)$"
    single = (
        r"^((?:dump|context|schema|static)/[A-Za-z0-9._/-]+|robots\.txt|sitemap[a-z0-9-]*\.xml|sparql/terms\.json)$"
    )
    yield "".join(_readers()) + _sent(single, "$1")
    yield f"RewriteRule {dynamic} {live}/$1 [R=307,L]\n" if live else f"RewriteRule {dynamic} - [R=501,L]\n"
    yield "RewriteCond %{QUERY_STRING} (?:^|&)(?:class|after|size|profile|context)=\nRewriteRule ^ - [R=501,L]\n"
    yield from _choice("FORM", "Accept", FAMILIES["document"])
    yield 'RewriteCond "%{DOCUMENT_ROOT}%{ENV:BELOW}/doc/$1.fr.html" -f\nRewriteCond %{ENV:FORM} none\n'
    yield "RewriteRule ^id/(.+)$ - [R=406,L]\n"
    yield 'RewriteCond "%{DOCUMENT_ROOT}%{ENV:BELOW}/doc/$1.fr.html" -f\n'
    yield "RewriteRule ^id/(.+)$ %{ENV:BELOW}/doc/$1.%{ENV:FORM} [R=303,L]\n"
    yield _sent("^$", "index.%{ENV:VARIANT}.html")
    for name in ("legal", "accessibility"):
        yield _sent(f"^{name}$", f"{name}.%{{ENV:VARIANT}}.html")
    yield from _family("list", f"doc(?:/(?:{'|'.join(slugs)}))?" if slugs else "doc")
    for name, pattern in _PLACES.items():
        yield from _family(name, pattern)
    yield "RewriteRule ^ - [R=404,L]\n"

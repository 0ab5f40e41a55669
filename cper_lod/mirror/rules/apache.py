"""Rules for Apache: a single .htaccess beside the files, for hosts that allow nothing else."""

from collections.abc import Iterator
from typing import Final

from cper_lod.core.errors import LANGUAGES
from cper_lod.mirror.paths import DOCUMENTATION, ENCODING_SUFFIXES, LANGUAGE_FILES, LINKSET_FOLDER, error_documents
from cper_lod.mirror.rules.nginx import DYNAMIC_PATHS, FORMAT_FAMILIES, localized_forms, template
from cper_lod.web.docs.views import JSON_SCHEMA
from cper_lod.web.documents import embed
from cper_lod.web.documents.sitemap import TEXT, XML
from cper_lod.web.http.flask_responses import IMMUTABLE
from cper_lod.web.http.headers import CORS, FRAMED, PROBLEM_JSON, SECURITY
from cper_lod.web.http.links import LINKSET_JSON
from cper_lod.web.http.signposting import CSVW
from cper_lod.web.http.static import TYPES


def _types() -> list[tuple[str, str]]:
    """Return the media types by file ending."""
    forms = {each.suffix: each for family in FORMAT_FAMILIES.values() for each in family if each is not PROBLEM_JSON}
    forms = {suffix: form for suffix, form in forms.items() if form is not LINKSET_JSON}
    forms |= {each.suffix: each for each in (XML, TEXT, embed.PNG)} | {key[1:]: each for key, each in TYPES.items()}
    return [(suffix, forms[suffix].content_type) for suffix in sorted(forms, key=len)]


_OTHER_TYPES: Final = {
    "/schema/": JSON_SCHEMA.content_type,
    f"/{LINKSET_FOLDER}/.*\\.json": LINKSET_JSON.content_type,
    f"/{LINKSET_FOLDER}/.*\\.txt": "application/linkset",
    "/errors/.*\\.json": PROBLEM_JSON.content_type,
    "/dump/.*csv-metadata\\.json": CSVW,
    "/dump/[^/]*\\.(?:nt|nq)\\.gz$": "application/gzip",
}
"""The exceptions, by path."""


def htaccess(public: str, prefix: str, live_server: str, list_slugs: list[str]) -> Iterator[str]:
    """Yield the parts of the file; `list_slugs` are the names of the lists."""
    yield from template("htaccess.jinja").generate(
        public=public,
        prefix=prefix,
        live_server=live_server,
        lists=f"doc(?:/(?:{'|'.join(list_slugs)}))?" if list_slugs else "doc",
        statuses=[each.kind.status for each in error_documents()],
        types=_types(),
        other_types=_OTHER_TYPES,
        headers=SECURITY | CORS | {"Cache-Control": "no-cache"},
        encodings=ENCODING_SUFFIXES,
        languages=LANGUAGES,
        localized="|".join(each.suffix for each in LANGUAGE_FILES),
        localized_forms=localized_forms,
        families=FORMAT_FAMILIES,
        documentation=DOCUMENTATION,
        dynamic_paths=DYNAMIC_PATHS,
        immutable=IMMUTABLE,
        day=embed.DAY,
        framed=FRAMED,
    )

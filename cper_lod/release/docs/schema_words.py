"""What a schema calls a class or a property, and how it defines it: in French, then in English."""

from collections.abc import Iterable

from pyoxigraph import Literal, RdfFormat, parse

from cper_lod.core.errors import LANGUAGES
from cper_lod.core.namespaces import SKOS
from cper_lod.rdf.jsonld.json_schema import Schema
from cper_lod.release.documents import labels
from cper_lod.release.release import Release


def titles(release: Release, iri: str, name: str) -> tuple[str, str]:
    """Return title and description of a term: its label, else `name`, and its definition, "" where there is none."""
    named = (quad.object for quad in labels(release, iri))
    lines = release.data.beginning(f"<{iri}> <{SKOS}definition> ".encode())
    defined = (quad.object for quad in parse(b"\n".join(lines), RdfFormat.N_QUADS, lenient=True))
    return _both(named) or name, _both(defined)


def words(release: Release, iri: str) -> Schema:
    """Return title and description of a term as annotations of a schema, as far as there are any."""
    title, description = titles(release, iri, "")
    found: Schema = {"title": title, "description": description}
    return {key: value for key, value in found.items() if value}


def _both(objects: Iterable[object]) -> str:
    """Return a text in French and in English, as far as there is one, else the first there is."""
    texts = {each.language: each.value for each in objects if isinstance(each, Literal)}
    said = [texts[lang] for lang in LANGUAGES if lang in texts]
    return " / ".join(dict.fromkeys(said or list(texts.values())[:1]))

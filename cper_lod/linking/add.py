"""Adds a join: a file of data.gouv.fr, its column, and the kind of things that have rows there."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.config import today
from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import BASE, CPER, DCT, PREFIXES, RDF, SCHEMA, SKOS, XSD
from cper_lod.core.text import slug
from cper_lod.linking.datagouv import RESOURCES, TABULAR, DataGouv, Dataset, TabularApi, named_dataset, unknown
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, IriTriple, to_quads
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.files import source_folder
from cper_lod.release.sources.writing import write_all

KEYS: Final[Mapping[str, str]] = {
    "siren": CPER + "siren",
    "siret": CPER + "siret",
    "insee": PREFIXES["igeo"] + "codeINSEE",
}
"""The properties that can be a key, by their option."""
_BODIES: Final = ("region", "departement", "epci", "commune")
KINDS: Final = (*_BODIES, "pays")
"""The kinds of things that can have rows, by their option: bodies with a SIREN or SIRET, territories with an Insee code."""


def add_join(
    sources: Path,
    clients: tuple[DataGouv, TabularApi],
    address: str,
    key: str,
    column: str,
    kind: str,
    texts: Mapping[Language, str],
    *,
    contains: bool,
) -> tuple[Path, Dataset]:
    """Write a join to data/links/, after reading dataset, file and column; return its file and the dataset.

    `texts` say what the rows are, in each language. `contains` is for a column in which the value is a part, as a SIREN of
    a SIRET. Raises `link-address`, `link-file`, `link-tabular`, `link-column`, `link-known`, `permission` and the problems of `http`.
    """
    site, tabular = clients
    name, file = named_dataset(address)
    if not name and not file:
        raise Problem("link-address", name=address)
    dataset = site.dataset(name or site.dataset_of(file))
    if not file and len(dataset.files) == 1:
        (file,) = dataset.files
    if file not in dataset.files:
        offers = " | ".join(f"{each} ({title})" for each, title in [*dataset.files.items()][:20])
        raise Problem("link-file", dataset=dataset.title, offers=offers or "–")
    try:
        columns = tabular.columns(file)
    except Problem as problem:
        raise Problem("link-tabular", file=dataset.files[file] or file) if unknown(problem) else problem from problem
    if column not in columns:
        near = get_close_matches(column, columns, 3, 0.4) or columns[:20]
        raise Problem("link-column", column=column, file=dataset.files[file], offers=", ".join(near))
    path = sources / "data" / "links" / f"{slug(dataset.title)[:60].strip('-')}-{slug(column)}-{kind}.ttl"
    if path.exists():
        raise Problem("link-known", path=path)
    triples = [*_join(path.stem, dataset, file, key, column, kind, texts, contains)]
    if not _is_described(sources, dataset.iri):
        triples += _description(dataset, texts)
    quads = canonical_literals(to_quads(triples))
    write_all(sources, {path.relative_to(sources).as_posix(): write(quads, TURTLE)}, [])
    return path, dataset


def _join(
    name: str,
    dataset: Dataset,
    file: str,
    key: str,
    column: str,
    kind: str,
    texts: Mapping[Language, str],
    contains: bool,
) -> Iterator[IriTriple]:
    join, title = f"{BASE}id/rapprochement/{name}", {"fr": dataset.title, "en": dataset.title}
    class_ = PREFIXES["igeo"] + kind.capitalize() if key == "insee" else f"{BASE}id/code/type-d-organisme/{kind}"
    query = f"{column}__{'contains' if contains else 'exact'}={{valeur}}"
    yield join, RDF + "type", NamedNode(CPER + "Rapprochement")
    yield join, CPER + "cle", NamedNode(KEYS[key])
    yield join, CPER + "colonne", Literal(column)
    yield join, CPER + "concerne", NamedNode(class_)
    yield join, DCT + "relation", NamedNode(dataset.iri)
    yield join, DCT + "created", Literal(today(), datatype=NamedNode(XSD + "date"))
    yield join, SCHEMA + "distribution", NamedNode(RESOURCES + file)
    yield join, SCHEMA + "urlTemplate", Literal(f"{TABULAR}/resources/{file}/data/?{query}")
    for lang, text in texts.items():
        yield join, SKOS + "note", Literal(text, language=lang)
        yield join, SKOS + "prefLabel", Literal(dataset.files[file] or title[lang], language=lang)


def _description(dataset: Dataset, texts: Mapping[Language, str]) -> Iterator[IriTriple]:
    yield dataset.iri, RDF + "type", NamedNode(SCHEMA + "Dataset")
    for lang, text in texts.items():
        title = translate("link-label", lang, title=dataset.title)
        yield dataset.iri, SKOS + "prefLabel", Literal(title, language=lang)
        yield dataset.iri, SKOS + "note", Literal(text, language=lang)


def _is_described(sources: Path, iri: str) -> bool:
    """Return whether another join has described the dataset."""
    files = [*(sources / "data" / "links").glob("*.ttl"), source_folder(sources, "ontology") / "datasets.ttl"]
    return any(SCHEMA + "Dataset" in Graph(read(each)).types(NamedNode(iri)) for each in files)

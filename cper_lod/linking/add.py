"""Adds a join: a file of data.gouv.fr, its column, and the kind of things that have rows there."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from cper_lod.core.config import today
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import CPER, DCT, DEFINITIONS, LIENS, PREFIXES, RDF, SCHEMA, SKOS, XSD
from cper_lod.core.text import slug
from cper_lod.linking.datagouv import RESOURCES, TABULAR, DataGouv, Dataset, TabularApi, named_dataset
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, IriTriple, in_languages, to_quads, translated
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.dataset_links import VALUE
from cper_lod.release.sources.read import read_sources
from cper_lod.release.sources.writing import write_all

KEYS: Final = {
    "siren": CPER + "siren",
    "siret": CPER + "siret",
    "insee": PREFIXES["igeo"] + "codeINSEE",
    "numero": SKOS + "notation",
    "nom": SKOS + "prefLabel",
}
"""The properties that can be a key, by their option; the last two are those of subdivisions, whose numbers are of one contract."""
_BODIES: Final = ("region", "departement", "epci", "commune")


class NewJoin(NamedTuple):
    """The rows that a join finds: the options of `link add`, and what they say in each language.

    `about` is a kind of bodies, a class of territories, or a breakdown of a contract (`<contract>/<breakdown>`); `contains` is for a
    column in which the value is a part, as a SIREN of a SIRET.
    """

    key: str
    column: str
    about: str
    contains: bool
    texts: Mapping[Language, str]


def add_join(sources: Path, site: DataGouv, tabular: TabularApi, address: str, join: NewJoin) -> tuple[Path, Dataset]:
    """Write a join to data/links/, after reading dataset, file and column; return its file and the dataset.

    Raises `link-address`, `link-file`, `link-tabular`, `link-column`, `link-kind`, `link-known`, `permission`, the problems of
    `datagouv` and those of `read_sources`.
    """
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
        if problem.kind.code == "catalogue-missing":
            raise Problem("link-tabular", file=dataset.files[file] or file) from problem
        raise
    if join.column not in columns:
        near = get_close_matches(join.column, columns, 3, 0.4) or columns[:20]
        raise Problem("link-column", column=join.column, file=dataset.files[file], offers=", ".join(near))
    name = "-".join((slug(dataset.title)[:60].strip("-"), slug(join.column), slug(join.about)))
    path = sources / "data" / "links" / f"{name}.ttl"
    if path.exists():
        raise Problem("link-known", path=path)
    read = read_sources(sources)
    known = Graph(read.published)
    about = _about(known, join, read.names)
    triples = [*_join(f"{read.names.things}rapprochement/{name}", dataset, file, about, join)]
    if SCHEMA + "Dataset" not in known.types(NamedNode(dataset.iri)):
        triples.append((dataset.iri, RDF + "type", NamedNode(SCHEMA + "Dataset")))
        triples += translated(dataset.iri, SKOS + "prefLabel", "link-label", title=dataset.title)
        triples += in_languages(dataset.iri, SKOS + "note", join.texts)
    data = write(canonical_literals(to_quads(triples)), TURTLE, names=read.names)
    write_all(sources, {path.relative_to(sources).as_posix(): data}, [])
    return path, dataset


def _about(known: Graph, join: NewJoin, names: SiteNames) -> str:
    """Return the IRI of what a join is about; raises `link-kind` if there is no such thing, or it has another key."""
    if join.key in ("numero", "nom"):
        breakdowns = [each.value for each in known.subjects() if CPER + "Decoupage" in known.types(each)]
        offers = {each.removeprefix(names.contracts).replace("/decoupage/", "/"): each for each in breakdowns}
    elif join.key == "insee":
        offers = {each: PREFIXES["igeo"] + each.capitalize() for each in _BODIES if each != "epci"}
    else:
        offers = {each: f"{DEFINITIONS}code/type-d-organisme/{each}" for each in _BODIES}
    if join.about not in offers:
        raise Problem("link-kind", key=join.key, kind=join.about, offers=", ".join(sorted(offers)))
    return offers[join.about]


def _join(iri: str, dataset: Dataset, file: str, about: str, join: NewJoin) -> Iterator[IriTriple]:
    title = dataset.files[file] or dataset.title
    query = f"{quote(join.column)}__{'contains' if join.contains else 'exact'}={VALUE}"
    yield iri, RDF + "type", NamedNode(LIENS + "Rapprochement")
    yield iri, LIENS + "cle", NamedNode(KEYS[join.key])
    yield iri, LIENS + "colonne", Literal(join.column)
    yield iri, LIENS + "concerne", NamedNode(about)
    yield iri, DCT + "relation", NamedNode(dataset.iri)
    yield iri, DCT + "created", Literal(today(), datatype=NamedNode(XSD + "date"))
    yield iri, SCHEMA + "distribution", NamedNode(RESOURCES + file)
    yield iri, SCHEMA + "urlTemplate", Literal(f"{TABULAR}/resources/{file}/data/?{query}")
    yield from in_languages(iri, SKOS + "note", join.texts)
    yield from in_languages(iri, SKOS + "prefLabel", dict.fromkeys(LANGUAGES, title))

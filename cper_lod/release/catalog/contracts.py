"""Describes the datasets of contracts: what the sources do not state follows from the contract and from the catalogue."""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import CPER, DCAT, DCT, LIENS, ONTOLOGY, PROV, RDF, RDFS, SKOS, XSD
from cper_lod.rdf.graph import Node, Term
from cper_lod.release.catalog.datasets import CatalogueDataset, source_stem
from cper_lod.release.storage.quad_file import LookupGraph

_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
_ALWAYS: Final = (
    (DCAT + "theme", "data-theme/GOVE"),
    (DCAT + "theme", "data-theme/REGI"),
    (DCT + "accessRights", "access-right/PUBLIC"),
    (DCT + "accrualPeriodicity", "frequency/IRREG"),
)
"""What holds for every dataset of a contract, in tables of the European Union."""
_OF_THE_CATALOGUE: Final = tuple(
    DCT + name for name in ("language", "license", "publisher", "rights", "issued", "modified")
)
"""What a dataset has from the catalogue if it does not state it."""
_TEXTS: Final = {DCT + "title": "title", DCT + "description": "description"}
"""The ends of the keys of sentences."""
_KEYWORDS: Final = {
    "contrat": ("investissement public",),
    "enonces": ("citation", "provenance"),
    "valeurs-derivees": ("montants estimés",),
    "subventions": ("subventions",),
}
_KEYWORD_LENGTHS: Final = range(3, 97)
"""Characters of the keywords that data.gouv.fr keeps."""


def describe_datasets(
    graph: LookupGraph, datasets: Iterable[CatalogueDataset], paths: Iterable[str], names: SiteNames
) -> list[Quad]:
    """Return what the catalogue does not state about the datasets of contracts.

    `graph` has the catalogue and the published data, `paths` are those of the source files. Datasets of a contract that
    the data do not describe are left out.
    """
    files = tuple(paths)
    described = [each for each in datasets if CPER + "Contrat" in graph.types(_contract(each, names))]
    main = {each.contract: each.iri for each in described if each.kind == "contrat"}
    triples = [
        triple
        for each in described
        for triple in _Description(
            graph, each, main.get(each.contract, ""), filter(each.includes, files), names
        ).triples()
    ]
    name = NamedNode(names.catalogue_graph)
    return [Quad(subject, NamedNode(predicate), value, name) for subject, predicate, value in dict.fromkeys(triples)]


def _contract(dataset: CatalogueDataset, names: SiteNames) -> NamedNode:
    return NamedNode(names.contracts + dataset.contract)


_Triple = tuple[Node, str, Term]


class _Description:
    """What is not stated about a dataset of some files; `whole` is the IRI of the main dataset of its contract."""

    def __init__(
        self, graph: LookupGraph, dataset: CatalogueDataset, whole: str, files: Iterable[str], names: SiteNames
    ) -> None:
        self._graph, self._dataset, self._whole, self._files, self._names = graph, dataset, whole, files, names
        self._node, self._contract = NamedNode(dataset.iri), _contract(dataset, names)
        self._territory = graph.one(self._contract, CPER + "territoire")
        period = graph.one(self._contract, DCT + "temporal")
        self._dates = [graph.value(period, DCAT + name) if period else "" for name in ("startDate", "endDate")]
        self._sources = self._source_documents()

    def triples(self) -> Iterator[_Triple]:
        """Yield the triples of every property that the dataset lacks."""
        catalogue = NamedNode(self._names.catalogue)
        yield catalogue, DCAT + "dataset", self._node
        if self._territory is not None:
            yield catalogue, DCT + "spatial", self._territory
        stated = self._graph.properties(self._node)
        values = self._properties() | {each: self._texts(name) for each, name in _TEXTS.items() if each not in stated}
        yield from ((self._node, each, value) for each in values if each not in stated for value in values[each])
        if DCT + "temporal" not in stated:
            yield from self._temporal()
        if DCT + "provenance" not in stated:
            statement = NamedNode(f"{self._dataset.iri}/provenance")
            yield self._node, DCT + "provenance", statement
            yield statement, RDF + "type", NamedNode(DCT + "ProvenanceStatement")
            yield from ((statement, RDFS + "label", text) for text in self._texts("provenance"))

    def _properties(self) -> dict[str, list[Term]]:
        """Return the values of each property that a dataset of a contract has."""
        graph, catalogue = self._graph, NamedNode(self._names.catalogue)
        kind = graph.label(graph.one(self._contract, DCT + "type"), "fr")
        words = (kind, graph.label(self._territory, "fr"), *_KEYWORDS[self._dataset.kind])
        found: dict[str, list[Term]] = {
            RDF + "type": [NamedNode(DCAT + "Dataset")],
            DCT + "identifier": [Literal(self._dataset.iri)],
            DCAT + "keyword": [Literal(word, language="fr") for word in words if len(word) in _KEYWORD_LENGTHS],
            DCT + "conformsTo": [NamedNode(ONTOLOGY)],
            DCT + "source": self._sources,
            DCT + "spatial": [self._territory] if self._territory is not None else [],
            PROV + "wasDerivedFrom": [NamedNode(self._names.sources + path) for path in self._dataset.paths],
        }
        if self._dataset.kind == "contrat":
            found[DCT + "relation"] = graph.all(self._contract, LIENS + "jeuLie")
        else:
            found[DCT + "relation"] = [NamedNode(self._whole)] if self._whole else []
        for predicate, name in _ALWAYS:
            found.setdefault(predicate, []).append(NamedNode(_AUTHORITY + name))
        above = [NamedNode(self._whole or self._names.catalogue), catalogue]
        return found | {
            each: next(filter(None, (graph.all(one, each) for one in above)), []) for each in _OF_THE_CATALOGUE
        }

    def _temporal(self) -> Iterator[_Triple]:
        """Yield the period of the contract in days, and how years were read: a catalogue asks for days."""
        ends = zip(("startDate", "endDate"), self._dates, ("-01-01", "-12-31"), strict=True)
        days = {name: each + rest if each.isdigit() else each for name, each, rest in ends}
        if not all(days.values()):
            return
        period = BlankNode(f"periode-{self._dataset.slug}")
        yield self._node, DCT + "temporal", period
        yield period, RDF + "type", NamedNode(DCT + "PeriodOfTime")
        for name, day in days.items():
            yield period, DCAT + name, Literal(day, datatype=NamedNode(XSD + "date"))
        first, last = self._dates
        for lang in LANGUAGES if first.isdigit() and last.isdigit() else ():
            text = translate("dataset-period", lang, period=f"{first[:4]}-{last[:4]}", first=first, last=last)
            yield self._node, SKOS + "note", Literal(text, language=lang)

    def _texts(self, name: str) -> list[Term]:
        """Return a text about a dataset of this kind in each language."""
        return [
            Literal(translate(f"dataset-{self._dataset.kind}-{name}", lang, **self._values(lang)), language=lang)
            for lang in LANGUAGES
        ]

    def _values(self, lang: Language) -> dict[str, object]:
        """Return the facts of the contract that texts name."""
        return {
            "contract": self._graph.label(self._contract, lang),
            "sources": ", ".join(self._graph.label(each, lang) for each in self._sources),
            "files": len(self._sources),
        }

    def _source_documents(self) -> list[Term]:
        """Return the documents that the statements of the contract quote, or the files that subsidies come from."""
        if self._dataset.kind == "subventions":
            names = {source_stem(path.rpartition("/")[2]) for path in self._files}
            return [NamedNode(f"{self._names.things}fichier/{name}") for name in sorted(names)]
        statements = self._graph.beginning(f"{self._contract.value}/enonce/")
        found = {quad.object for quad in statements if quad.predicate.value == PROV + "wasQuotedFrom"}
        return sorted((each for each in found if isinstance(each, NamedNode)), key=str)

"""Checks the links with outside datasets: whether dataset, file and column are there, and how many rows there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode

from cper_lod.core.config import today
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCAT, DCT, LIENS, PROV, SCHEMA, SKOS, XSD
from cper_lod.linking.datagouv import DATASETS, RESOURCES, TABULAR, DataGouv, Dataset, TabularApi
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, IriTriple, Term, in_languages, to_quads
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.address import site_names
from cper_lod.release.sources.writing import write_all

RESULTS: Final = Path("data", "links", "verifications.ttl")
"""The file of the results, below the folder of sources."""
_DATE: Final = NamedNode(XSD + "date")
Texts = Mapping[Language, str]


class Checked(NamedTuple):
    """What was found about a dataset or a link (its `rows`); `holds` is None without an answer, which is not recorded."""

    words: Texts
    holds: bool | None = True
    iri: str = ""
    name: Texts = dict.fromkeys(LANGUAGES, "")
    rows: int | None = None
    dataset: Dataset | None = None


def _texts(key: str, **values: object) -> Texts:
    return {lang: translate(key, lang, **values) for lang in LANGUAGES}


class LinkChecker:
    """Asks for each join its dataset, its file, its column, and the rows of each of its links."""

    def __init__(self, graph: Graph, site: DataGouv, tabular: TabularApi) -> None:
        """`graph` has the published data; `tabular` is asked in place of the tabular API of data.gouv.fr."""
        self._graph, self._site, self._tabular = graph, site, tabular
        self.links: dict[Term, list[Term]] = {}
        """The links of each join that has any."""
        for node in graph.subjects():
            join = graph.one(node, PROV + "wasDerivedFrom") if DCAT + "Relationship" in graph.types(node) else None
            if join:
                self.links.setdefault(join, []).append(node)

    def check(self, join: Term) -> Iterator[Checked]:
        """Yield what was found about the dataset of a join, then about each of its links if there was an answer."""
        dataset, found = self._graph.all(join, DCT + "relation")[0], Checked({})
        if dataset.value.startswith(DATASETS):  # of another portal, only rows are asked
            found = self._ask(dataset, "link-gone", self._check_dataset, dataset)
            yield found
        if found.holds is None:
            return
        if found.dataset:
            found = self._ask(join, "link-not-tabular", self._check_file, join, found.dataset)
        for link in self.links[join]:
            if found.holds and not self._graph.all(link, SCHEMA + "url"):
                continue  # without an address of rows, only the dataset can be checked
            unasked = found._replace(iri=link.value, name=self._name(link))
            yield self._ask(link, "link-no-answer", self._count_rows, link) if found.holds else unasked

    def _ask(self, node: Term, missing: str, ask: Callable[..., Checked], *about: object) -> Checked:
        """Return what `ask` finds about a node; `missing` is the sentence about what is not there."""
        try:
            found = ask(*about)
        except Problem as problem:
            if problem.kind.code == "catalogue-missing":
                found = Checked(_texts(missing, **problem.params), holds=False)
            else:
                found = Checked({lang: str(problem.words(lang)) for lang in LANGUAGES}, holds=None)
        return found._replace(iri=node.value, name=self._name(node))

    def _name(self, node: Term) -> Texts:
        return {lang: self._graph.label(node, lang) for lang in LANGUAGES}

    def _check_dataset(self, dataset: Term) -> Checked:
        found = self._site.dataset(dataset.value.rpartition("/")[2])
        if found.archived:
            return Checked(_texts("link-archived", day=found.archived), holds=False)
        return Checked(_texts("link-read", title=found.title, day=found.updated or "–"), dataset=found)

    def _check_file(self, join: Term, dataset: Dataset) -> Checked:
        file, column = (self._graph.value(join, each) for each in (SCHEMA + "distribution", LIENS + "colonne"))
        file = file.removeprefix(RESOURCES)
        if file and file not in dataset.files:
            return Checked(_texts("link-no-file", file=file), holds=False)
        columns = self._tabular.columns(file) if file else [column]  # other sites do not list them
        fault = _texts("link-no-column", column=column, columns=", ".join(columns[:20]))
        return Checked(fault, holds=column in columns)

    def _count_rows(self, link: Term) -> Checked:
        rows = sum(map(self._rows_at, self._graph.all(link, SCHEMA + "url")))
        return Checked(_texts("link-rows" if rows else "link-no-rows", count=rows), holds=rows > 0, rows=rows)

    def _rows_at(self, address: Term) -> int:
        """Return the number of rows at an address; that of data.gouv.fr is asked where the settings say."""
        if address.value.startswith(TABULAR):
            return self._tabular.count(address.value.removeprefix(TABULAR) + "&page_size=1")
        parts = urlsplit(address.value)
        with TabularApi(f"{parts.scheme}://{parts.netloc}") as other:
            return other.count(address.value.removeprefix(other.base))


def record(sources: Path, checked: Iterable[Checked], known: Graph) -> bool:
    """Write what was found to `RESULTS`, with the day; return whether the file changed.

    What was not answered keeps its earlier result; a dataset or link that is no longer in `known` loses it. Raises
    `permission`.
    """
    path = sources / RESULTS
    names = site_names(sources)
    before = read(path, names=names) if path.is_file() else []
    answered = {each.iri: each for each in checked if each.holds is not None}
    kept = {node for node in known.subjects() if node.value not in answered and known.types(node)}
    others = (quad for quad in before if quad.subject in kept)
    after = sorted({*canonical_literals([*others, *to_quads(_results(answered.values()))])}, key=str)
    if {*after} == {*before}:
        return False
    write_all(sources, {RESULTS.as_posix(): write(after, TURTLE, names=names)}, [])
    return True


def _results(answered: Iterable[Checked]) -> Iterator[IriTriple]:
    for each in answered:
        found = each.dataset
        of_day = DCT + "modified" if "/lien/" in each.iri else SCHEMA + "sdDatePublished"
        yield each.iri, of_day, Literal(today(), datatype=_DATE)
        if found:
            stated = {DCT + "title": found.title, SCHEMA + "publisher": found.publisher, DCT + "rights": found.licence}
            yield from ((each.iri, predicate, Literal(text)) for predicate, text in stated.items() if text)
            if found.updated:
                yield each.iri, DCT + "modified", Literal(found.updated, datatype=_DATE)
        elif each.rows is not None:
            yield each.iri, LIENS + "lignes", Literal(each.rows)
        else:
            yield from in_languages(each.iri, SKOS + "editorialNote", each.words)

"""Checks the links with outside datasets: whether dataset, file and column are there, and how many rows there are."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.config import today
from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.formats import TURTLE
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCAT, DCT, PROV, RDF, SCHEMA, SKOS, XSD
from cper_lod.linking.datagouv import DATASETS, RESOURCES, TABULAR, DataGouv, Dataset, TabularApi, unknown
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, IriTriple, Term, to_quads
from cper_lod.rdf.reader import read
from cper_lod.rdf.serialize import write
from cper_lod.release.sources.writing import write_all

RESULTS: Final = Path("data", "links", "verifications.ttl")
"""The file of the results, below the folder of sources."""


class Checked(NamedTuple):
    """What was found about a dataset or a link: `rows` of a link, or the sentence of what does not hold, with its values.

    `problem` says that there was no answer: nothing is known, and nothing is recorded.
    """

    iri: str
    name: Callable[[Language], str]
    rows: int | None = None
    fault: str = ""
    values: dict[str, object] | None = None
    dataset: Dataset | None = None
    problem: Problem | None = None

    @property
    def holds(self) -> bool:
        """Whether the dataset is there, or the link has rows."""
        return not self.fault and not self.problem and self.rows != 0

    def words(self, lang: Language) -> str:
        """Return what was found in a sentence."""
        if self.problem:
            return str(self.problem.words(lang))
        if self.fault:
            return translate(self.fault, lang, **self.values or {})
        if self.dataset:
            return translate("link-read", lang, title=self.dataset.title, day=self.dataset.updated or "–")
        return translate("link-rows" if self.rows else "link-no-rows", lang, count=self.rows)


class LinkChecker:
    """Asks for each join its dataset, its file, its column, and the rows of each of its links."""

    def __init__(self, graph: Graph, site: DataGouv, tabular: TabularApi) -> None:
        """`graph` has the published data; `tabular` is asked in place of the tabular API of data.gouv.fr."""
        self._graph, self._site, self._tabular = graph, site, tabular
        self._links: dict[Term, list[Term]] = {}
        for node in graph.subjects():
            if DCAT + "Relationship" in graph.types(node):
                self._links.setdefault(graph.one(node, PROV + "wasDerivedFrom") or node, []).append(node)

    def joins(self) -> list[Term]:
        """Return the joins that have links."""
        return [each for each in self._links if CPER + "Rapprochement" in self._graph.types(each)]

    def check(self, join: Term) -> Iterator[Checked]:
        """Yield what was found about the dataset of a join, then about each of its links if there was an answer."""
        dataset, fault = self._graph.one(join, DCT + "relation"), None
        # Another portal has rows to ask, and no description that this program reads.
        if dataset and dataset.value.startswith(DATASETS):
            found = self._check_dataset(dataset)
            yield found
            if found.problem:
                return
            fault = found if found.fault else self._check_file(join, found.dataset)
        for link in self._links[join]:
            # Without an address of rows, only the dataset can be checked.
            if fault or self._graph.all(link, SCHEMA + "url"):
                yield self._check_link(link, fault)

    def _check_dataset(self, dataset: Term) -> Checked:
        about = Checked(dataset.value, lambda lang: self._graph.label(dataset, lang))
        try:
            found = self._site.dataset(dataset.value.rpartition("/")[2])
        except Problem as problem:
            if not unknown(problem):
                return about._replace(problem=problem)
            return about._replace(fault="link-gone", values={"status": problem.params["status"]})
        if found.deleted or found.archived:
            key = "link-deleted" if found.deleted else "link-archived"
            return about._replace(fault=key, values={"day": found.deleted or found.archived})
        return about._replace(dataset=found)

    def _check_file(self, join: Term, dataset: Dataset | None) -> Checked | None:
        """Return what does not hold of the file of a join and its column, None if all does."""
        file = self._graph.value(join, SCHEMA + "distribution").removeprefix(RESOURCES)
        about = Checked("", str)
        if not file or dataset is None:
            return None
        if file not in dataset.files:
            return about._replace(fault="link-no-file", values={"file": file})
        column = self._graph.value(join, CPER + "colonne")
        try:
            columns = self._tabular.columns(file)
        except Problem as problem:
            if not unknown(problem):
                return about._replace(problem=problem)
            return about._replace(fault="link-not-tabular", values={"file": dataset.files[file] or file})
        if column not in columns:
            return about._replace(fault="link-no-column", values={"column": column, "columns": ", ".join(columns[:20])})
        return None

    def _check_link(self, link: Term, fault: Checked | None) -> Checked:
        about = Checked(link.value, lambda lang: self._graph.label(link, lang))
        if fault:
            return about._replace(fault=fault.fault, values=fault.values, problem=fault.problem)
        try:
            return about._replace(rows=sum(map(self._rows, self._graph.all(link, SCHEMA + "url"))))
        except Problem as problem:
            if not unknown(problem):
                return about._replace(problem=problem)
            return about._replace(fault="link-no-answer", values={"status": problem.params["status"]})

    def _rows(self, address: Term) -> int:
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
    before = read(path) if path.is_file() else []
    answered = {each.iri: each for each in checked if each.iri and not each.problem}
    kept = [quad for quad in before if _keeps(quad, answered, known)]
    after = sorted({*canonical_literals([*kept, *to_quads(_results(answered.values()))])}, key=str)
    if {*after} == {*before}:
        return False
    write_all(sources, {RESULTS.as_posix(): write(after, TURTLE)}, [])
    return True


def _keeps(quad: Quad, answered: dict[str, Checked], known: Graph) -> bool:
    subject = quad.subject
    return isinstance(subject, NamedNode) and subject.value not in answered and bool(known.all(subject, RDF + "type"))


def _results(answered: Iterable[Checked]) -> Iterator[IriTriple]:
    day = Literal(today(), datatype=NamedNode(XSD + "date"))
    for each in answered:
        found = each.dataset
        yield each.iri, SCHEMA + "sdDatePublished" if found or "/lien/" not in each.iri else DCT + "modified", day
        if found:
            stated = {DCT + "title": found.title, SCHEMA + "publisher": found.publisher, DCT + "rights": found.licence}
            yield from ((each.iri, predicate, Literal(text)) for predicate, text in stated.items() if text)
            if found.updated:
                yield each.iri, DCT + "modified", Literal(found.updated, datatype=NamedNode(XSD + "date"))
        elif each.rows is not None:
            yield each.iri, CPER + "lignes", Literal(each.rows)
        if each.fault:
            for lang in LANGUAGES:
                yield each.iri, SKOS + "editorialNote", Literal(each.words(lang), language=lang)

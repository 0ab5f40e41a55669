"""The code lists of the ontology that a workbook offers: each code with its labels and its definition."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import BASE, SKOS
from cper_lod.importing.contracts.model import folded
from cper_lod.rdf.reader import read


@dataclass(frozen=True)
class Code:
    """A code: its IRI, its notation, and its words by language."""

    iri: str
    notation: str
    labels: dict[str, str]
    definitions: dict[str, str]

    @property
    def shown(self) -> str:
        """Return what a drop-down shows."""
        return self.labels.get("fr", self.notation)

    def answers_to(self, text: str) -> bool:
        """Return whether `text` names this code: one of its labels or its notation, in any case, accents or not."""
        return folded(text) in {folded(name) for name in (self.notation, *self.labels.values())}


def read_codes(sources: Path, names: Iterable[str]) -> dict[str, tuple[Code, ...]]:
    """Return the codes of each list named, sorted as the ontology's file has them; raises what reading it does."""
    values: dict[str, dict[str, list[Literal | NamedNode]]] = {}
    for quad in read(sources / "ontology" / "codes.ttl"):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal | NamedNode):
            values.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, []).append(quad.object)
    lists: dict[str, tuple[Code, ...]] = {}
    for name in names:
        scheme = f"{BASE}id/code/{name}"
        found = (each.value for each in values.get(scheme, {}).get(SKOS + "hasTopConcept", ()))
        lists[name] = tuple(_code(iri, values.get(iri, {})) for iri in found)
    return lists


def _code(iri: str, values: dict[str, list[Literal | NamedNode]]) -> Code:
    def words(predicate: str) -> dict[str, str]:
        found = values.get(SKOS + predicate, ())
        return {each.language or "": each.value for each in found if isinstance(each, Literal)}

    return Code(iri, words("notation").get("", ""), words("prefLabel"), words("definition"))

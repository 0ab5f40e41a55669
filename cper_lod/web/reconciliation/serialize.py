"""Things, classes and candidates as JSON of the reconciliation protocol, in the reader's language."""

from typing import Any, Final

from pyoxigraph import NamedNode

from cper_lod.core.namespaces import DCT, RDFS, SKOS
from cper_lod.linking.reconciliation.properties import definition
from cper_lod.linking.reconciliation.reconcile import Candidate
from cper_lod.rdf.graph import Graph
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.components.groups import is_technical_class
from cper_lod.web.components.labels import LabelReader
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

_DESCRIPTIVE: Final = (DCT + "description", SKOS + "definition", RDFS + "comment", SKOS + "altLabel")
"""Properties that distinguish things of the same name."""
_LINE: Final = 160
"""Characters of the description."""
_ABOVE: Final = 2
"""Steps up the path of an IRI in search of what the thing is part of."""


class EntityFormatter:
    """Formats things for the protocol, in the reader's language; names are looked up once."""

    def __init__(self) -> None:
        self.reader = ReleaseGraph(site().release)
        self._names = LabelReader(self.reader, Graph(()), flask_responses.lang())

    def type(self, iri: str) -> dict[str, Any]:
        """Return a class, or what a thing begins with."""
        return {"id": iri, "name": self._names.name(iri)}

    def types(self, iri: str) -> list[dict[str, str]]:
        """Return the classes of a thing, the most informative first, without those that only programs need."""
        found = self.reader.types(NamedNode(iri))
        first = self._names.main_class(found)
        others = [each for each in found if each != first and not is_technical_class(each)]
        return [self.type(each) for each in (first, *others) if each]

    def candidate(self, found: Candidate) -> dict[str, Any]:
        """Return a candidate with its score and the features of the score."""
        features: list[dict[str, Any]] = [
            {"id": "code", "value": found.match_score.by_code},
            {"id": "name", "value": found.match_score.name_similarity},
        ]
        if found.property_share is not None:
            features.append({"id": "properties", "value": round(found.property_share, 3)})
        members = self.type(found.iri) | {"score": found.match_score.score, "match": found.match}
        return self.described(members | {"type": self.types(found.iri), "features": features}, found.iri)

    def suggested(self, iri: str) -> dict[str, Any]:
        """Return a thing as a suggestion."""
        return self.described(self.type(iri) | {"notable": self.types(iri)[:1]}, iri)

    def described(self, members: dict[str, Any], iri: str) -> dict[str, Any]:
        """Add a description of a thing: its class, what it is part of, and a text, as far as they exist."""
        line = definition(self.reader, iri, flask_responses.lang(), _DESCRIPTIVE, _LINE)
        text = " · ".join(filter(None, (self._names.class_label(iri), self._parent(iri), line)))
        return members | {"description": text} if text else members

    def _parent(self, iri: str) -> str:
        """Return the name of the thing above another in the path of its IRI, as a contract is above its axes."""
        above = iri
        for _ in range(_ABOVE):
            above = above.rpartition("/")[0]
            if urls.local_name(above) and self.reader.is_described(above):
                return self._names.name(above)
        return ""

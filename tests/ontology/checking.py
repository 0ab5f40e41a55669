"""FOOPS! and OOPS! criteria held to an ontology and a server of it: those of criteria.toml, and what asks over HTTP."""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from flask.testing import FlaskClient
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store, parse

from cper_lod.core.formats import HTML
from cper_lod.core.formats import RDF as RDF_FORMATS
from cper_lod.core.namespaces import ONTOLOGY, OWL, PREFIXES, RDF, shorten

HERE: Final = Path(__file__).parent
FOLDER: Final = HERE.parent.parent / "ontology"
HEAD: Final = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


class Answer(NamedTuple):
    """What a server answers: status, media type, body."""

    status: int
    media_type: str
    body: bytes


COUNTED: Final = {
    "classes": "?x a owl:Class",
    "object properties": "?x a owl:ObjectProperty",
    "datatype properties": "?x a owl:DatatypeProperty",
    "subclass axioms": "?x rdfs:subClassOf ?y",
    "subproperty axioms": "?x rdfs:subPropertyOf ?y",
    "disjointness axioms": "?x owl:disjointWith ?y",
    "domains": "?x rdfs:domain ?y",
    "ranges": "?x rdfs:range ?y",
    "code lists": "?x a skos:ConceptScheme",
    "concepts": "?x a skos:Concept",
    "restrictions": "?x a owl:Restriction",
}
"""What ontology/MIRO.md counts, and the pattern that counts it."""


Get = Callable[[str, str], Answer]
"""Asks the server for a path with an Accept header."""


@dataclass(frozen=True)
class Criterion:
    """A criterion of one of the two scanners; see criteria.toml."""

    scanner: str
    code: str
    title: str
    query: str = ""
    bad: str = ""
    why: str = ""
    submit: str = ""
    remark: str = ""

    @property
    def decidable(self) -> bool:
        """Whether a program without network can decide it."""
        return not self.why


def criteria() -> list[Criterion]:
    """Return the table."""
    rows = tomllib.loads((HERE / "criteria.toml").read_text("utf-8"))["criterion"]
    return [Criterion(**row) for row in rows]


def ontology() -> Store:
    """Return our ontology: all that its files say, but the French names of the terms of others."""
    store = Store()
    for path in sorted(FOLDER.glob("*.ttl")):
        if path.name != "labels.ttl":
            store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def get_by(client: FlaskClient) -> Get:
    """Return what asks an application in this process."""

    def get(path: str, accept: str) -> Answer:
        answer = client.get(path, headers={"Accept": accept}, follow_redirects=True)
        return Answer(answer.status_code, answer.mimetype, answer.data)

    return get


def faults(criterion: Criterion, store: Store, get: Get) -> list[str]:
    """Return what is wrong by one criterion: names of terms, or what a server answered."""
    if not criterion.query:
        return list(HTTP[criterion.code](store, get))
    found = store.query(HEAD + criterion.query)
    assert isinstance(found, QuerySolutions)
    return sorted({shorten(getattr(row["fault"], "value", str(row["fault"]))) for row in found})


def version_path(store: Store) -> str:
    """Return where the version IRI is on a server."""
    quads = store.quads_for_pattern(NamedNode(ONTOLOGY), NamedNode(OWL + "versionIRI"), None)
    iris = [quad.object.value for quad in quads if isinstance(quad.object, NamedNode)]
    return iris[0].removeprefix(ONTOLOGY.removesuffix("/ontology")) if iris else "/"


RDF_TYPES: Final = {"text/turtle": RdfFormat.TURTLE, "application/rdf+xml": RdfFormat.RDF_XML}


def declared(answer: Answer) -> set[str]:
    """Return the ontologies that a document declares; raises SyntaxError where it is none."""
    quads = parse(answer.body, RDF_TYPES[answer.media_type])
    return {
        quad.subject.value
        for quad in quads
        if isinstance(quad.subject, NamedNode)
        and (quad.predicate.value, getattr(quad.object, "value", "")) == (RDF + "type", OWL + "Ontology")
    }


def forms(get: Get, path: str, accepts: Iterable[str]) -> Iterable[str]:
    """Yield what is not answered in its form at `path`."""
    for accept in accepts:
        answer = get(path, accept)
        if (answer.status, answer.media_type) != (200, accept):
            yield f"{path}, {accept}: {answer.status} {answer.media_type}"


def consistent(_: Store, get: Get) -> Iterable[str]:
    """Yield what a document at the IRI of the ontology declares instead of it."""
    for media_type in RDF_TYPES:
        answer = get("/ontology", media_type)
        found = declared(answer) if answer.status == 200 else set()
        if found != {ONTOLOGY}:
            yield f"{media_type}: {', '.join(sorted(found)) or 'no ontology'}"


HTTP: Final[dict[str, Callable[[Store, Get], Iterable[str]]]] = {
    "URI1": lambda _, get: forms(get, "/ontology", ["text/turtle"]),
    "URI2": consistent,
    "VER2": lambda store, get: forms(get, version_path(store), ["text/turtle", "text/html"]),
    "CN1": lambda _, get: forms(get, "/ontology", [*RDF_TYPES, "application/ld+json", "text/html"]),
    "DOC1": lambda _, get: forms(get, "/ontology", ["text/html"]),
    "RDF1": lambda _, get: forms(get, "/ontology", [*RDF_TYPES, "application/ld+json"]),
}
"""The criteria that ask a server: what each finds wrong."""


def result(criterion: Criterion, found: list[str]) -> str:
    """Return the result of a criterion in one word or two."""
    if not criterion.decidable:
        return "needs registration" if criterion.submit else "not decidable offline"
    if found and criterion.submit:
        return "fails: needs registration"
    return f"fails: {len(found)}" if found else "passes"


def page(store: Store, get: Get) -> str:
    """Return FAIR.md: every criterion with its result."""
    rows: dict[str, list[str]] = {"FOOPS!": [], "OOPS!": []}
    counted = dict.fromkeys(rows, 0)
    for each in criteria():
        found = faults(each, store, get) if each.decidable else []
        counted[each.scanner] += each.decidable and not found
        told = [each.why, each.remark, f"`{'`, `'.join(found)}`." if found else ""]
        told += [f"To submit: `{each.submit}`." if each.submit else ""]
        words = " ".join(filter(None, told))
        rows[each.scanner].append(f"| {each.code} | {each.title} | {result(each, found)} | {words} |")
    lines = [(HERE / "head.md").read_text("utf-8").rstrip()]
    for scanner, its in rows.items():
        decided = sum(each.decidable for each in criteria() if each.scanner == scanner)
        lines.append(
            f"\n## {scanner}\n\n{len(its)} criteria: {decided} decided here, {counted[scanner]} of them pass.\n"
        )
        lines += ["| criterion | what it asks | result | |", "|---|---|---|---|", *its]
    return "\n".join(lines) + "\n"


def with_counts(report: str, store: Store) -> str:
    """Return the text of ontology/MIRO.md with the numbers of an ontology, and of its competency questions."""
    for name, pattern in COUNTED.items():
        (row,) = store.query(f"{HEAD}SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
        report = re.sub(rf"\d+ {name}\b", f"{row['n'].value} {name}", report)
    formats = ", ".join(each.label for each in (HTML, *RDF_FORMATS))
    report = re.sub(r"(?<=On a server of the program: ).*?(?= by negotiation)", formats, report, flags=re.DOTALL)
    questions = len(list((FOLDER / "questions").glob("*.rq")))
    return re.sub(r"\d+ competency questions\b", f"{questions} competency questions", report)

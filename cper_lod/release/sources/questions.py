"""The competency questions: reading their files, and describing them in RDF for publication."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, QuerySolutions, QueryTriples, Store

from cper_lod.core.errors import LANGUAGES, Language, Problem
from cper_lod.core.names import SiteNames
from cper_lod.core.namespaces import DCT, DEFINITIONS, ONTOLOGY, PREFIXES, RDF, RDFS, SH, SKOS
from cper_lod.engine.syntax import iris
from cper_lod.rdf import parse_errors, reader
from cper_lod.rdf.graph import IriTriple, in_graph, to_quads

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE: Final = re.compile(r'(\bLANG\(\?\w+\)\s*=\s*)"fr"')
"""The comparison of a language with French: in a question, it stands for the language in which the answer is asked for."""
_HEADER: Final = re.compile(r"#\s*([a-z-]+):\s*(\S.*?)\s*")


@dataclass(frozen=True)
class CompetencyQuestion:
    """A competency question: its slug, the question in each language, and the SPARQL text without its header."""

    slug: str
    titles: dict[Language, str]
    text: str

    @property
    def iri(self) -> str:
        """The IRI of the question in the published data."""
        return f"{DEFINITIONS}question/{self.slug}"


def load_questions(folder: Path) -> list[CompetencyQuestion]:
    """Return the questions of the `.rq` files in `folder`, by slug.

    Raises `source-missing`, `permission`, `source-encoding`, and `question-invalid` if a file name cannot be part of
    an IRI, and what `read_query` raises unless there is a SELECT query.
    """
    if not folder.is_dir():
        raise Problem("source-missing", path=folder)
    return sorted((_question(path) for path in folder.glob("*.rq")), key=lambda question: question.slug)


def _question(path: Path) -> CompetencyQuestion:
    """Read one file."""
    if not _SLUG.fullmatch(path.stem):
        raise Problem("question-invalid", path=path, message="nom-de-la-question.rq")
    header, text = read_query(path, "question-invalid", QuerySolutions, *LANGUAGES)
    return CompetencyQuestion(path.stem, {lang: header[lang] for lang in LANGUAGES}, text)


def read_query(
    path: Path, problem: str, form: type[QuerySolutions | QueryTriples], *keys: str
) -> tuple[dict[str, str], str]:
    """Return what the header of a file with a query says (`# key: text`), by key, and the query after it.

    Raises `permission`, `source-encoding`, and `problem` unless each of `keys` stands in the header once, and no other key,
    and the query is of a form: SELECT, or CONSTRUCT.
    """
    lines = parse_errors.check_utf8(reader.read_bytes(path), path).decode("utf-8").splitlines()
    end = next((number for number, line in enumerate(lines) if line.strip() and line.lstrip()[0] != "#"), len(lines))
    found = [(match[1], match[2]) for line in lines[:end] if (match := _HEADER.fullmatch(line.strip()))]
    names = [name for name, _ in found]
    for key in (*keys, *names):
        if names.count(key) != (key in keys):
            raise Problem(problem, path=path, message=f"# {key}: … ({int(key in keys)} ×)")
    text = "\n".join(lines[end:]).rstrip() + "\n"
    try:
        is_of_form = isinstance(Store().query(text, prefixes=PREFIXES), form)
    except SyntaxError as error:
        raise Problem(problem, path=path, message=error) from error
    if not is_of_form:
        example = "SELECT … WHERE { … }" if form is QuerySolutions else "CONSTRUCT { … } WHERE { … }"
        raise Problem(problem, path=path, message=example)
    return dict(found), text


def in_language(text: str, lang: Language) -> str:
    """Return the text of a question that answers in a language.

    >>> in_language('SELECT * { ?x rdfs:label ?y FILTER(LANG(?y) = "fr") }', "en")
    'SELECT * { ?x rdfs:label ?y FILTER(LANG(?y) = "en") }'
    """
    return _LANGUAGE.sub(rf'\1"{lang}"', text)


def describe_questions(questions: Iterable[CompetencyQuestion], terms: Collection[str], names: SiteNames) -> list[Quad]:
    """Return the triples that publish each question: its labels, its query, and which of `terms` (IRIs) it uses.

    Query editors list resources that have `rdfs:comment` and a query as examples. Source: SHACL, section 5.2.1 and
    the SHACL vocabulary.
    """
    quads = list[Quad]()
    for question in questions:
        quads += to_quads(_example(question))
        quads += in_graph(to_quads(_documentation(question, terms)), names.documentation_graph)
    return quads


def _example(question: CompetencyQuestion) -> Iterator[IriTriple]:
    """Yield what editors ask for, who look into the default graph only."""
    yield question.iri, RDF + "type", NamedNode(SH + "SPARQLExecutable")
    for lang, title in question.titles.items():
        yield question.iri, SKOS + "prefLabel", Literal(title, language=lang)
        yield question.iri, RDFS + "comment", Literal(title, language=lang)
    yield question.iri, SH + "select", Literal(question.text)


def _documentation(question: CompetencyQuestion, terms: Collection[str]) -> Iterator[IriTriple]:
    """Yield the rest: the kind of the query, where its prefixes are declared, and which terms it uses."""
    yield question.iri, RDF + "type", NamedNode(SH + "SPARQLSelectExecutable")
    yield question.iri, SH + "prefixes", NamedNode(ONTOLOGY)
    for iri in sorted({*iris(question.text)}.intersection(terms)):
        yield question.iri, DCT + "references", NamedNode(iri)

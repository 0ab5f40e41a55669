"""Every rule in shapes/ has a graph that passes it and one that fails it, says what to do, and holds for the real data.

`good/` describes a fictitious contract, beside the real ontology; `bad/<rule>.ru` is a SPARQL update that spoils it for
that rule (for the rules of a profile, it spoils the real data), and so is `bad/<rule>.<case>.ru`. `BASE` is the
fictitious contract.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, DCAT, DEFINITIONS, PREFIXES, PUBLICATION_SHAPES, RDFS, SH, SHAPES, SKOS, XSD
from cper_lod.rdf.graph import Graph
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import Finding, as_text
from cper_lod.rdf.shacl.api import Validation, validate
from cper_lod.rdf.shacl.store import graph_of, literals_as_written
from cper_lod.rdf.shacl.suspects import TARGET, Compiler, NotCompiledError, read_shapes
from cper_lod.release.sources.read import read_sources
from tests.rdf.shacl.shacl_reports import pyshacl_results, validated
from tests.support.names import BASE
from tests.support.one_contract import copy_contract

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BAD = {file.stem: file for file in sorted((HERE / "bad").glob("*.ru"))}
TARGETS = {SH + "target" + kind for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")}
SEVERITIES = {SH + "Violation": "violation", SH + "Warning": "warning", SH + "Info": "info"}
GENERIC = [file for file in (ROOT / "shapes").rglob("*.ttl") if file.parent.name != "profiles"]
HEAD = "BASE <https://w3id.org/cper-lod/id/contrat/fictif-2030-2036/>\n" + "".join(
    f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items()
)


def quads_of(files: Iterable[Path]):
    """Return the quads of files, each with blank nodes of its own."""
    return [quad for number, file in enumerate(sorted(files)) for quad in read(file, scope=f"f{number}", names=PROGRAM)]


@cache
def shapes():
    return quads_of((ROOT / "shapes").rglob("*.ttl"))


@cache
def generic_shapes():
    return quads_of(GENERIC)


@cache
def real():
    """Return the real sources as they are published: questions and the files of datasets are described beside them."""
    return [*read_sources(ROOT).published]


@cache
def good():
    """Return the good graph: labels of foreign terms apart, the real ontology, and a fictitious contract."""
    ontology = [file for file in (ROOT / "ontology").glob("*.ttl") if file.name != "labels.ttl"]
    store = Store()
    store.extend(quads_of([*ontology, *(HERE / "good").glob("*.ttl")]))
    for update in sorted((HERE / "good").glob("*.ru")):
        store.update(HEAD + update.read_text("utf-8"))
    return list(store)


@cache
def graph():
    return Graph(shapes())


def with_named_parts(quads: list[Quad]) -> list[Quad]:
    """Return quads with the nested property shapes named: pyshacl copies a blank node under another name."""
    parts = {
        quad.object: NamedNode(f"urn:part:{quad.object.value}")
        for quad in quads
        if quad.predicate.value == SH + "property"
    }
    return [
        Quad(parts.get(quad.subject, quad.subject), quad.predicate, parts.get(quad.object, quad.object))
        for quad in quads
    ]


def severity_of(said: Mapping[str, list[Literal]]) -> str:
    """Return the severity of a shape, a violation by default (SHACL, section 2.1.4)."""
    return SEVERITIES[next((each.value for each in said.get(SH + "severity", ())), SH + "Violation")]


def rules():
    """Return the name of each shape that has a target."""
    subjects = (each for each in graph().subjects() if TARGETS & graph().properties(each).keys())
    return sorted(each.value.removeprefix(SHAPES) for each in subjects)


class Examples:
    """Data and all shapes, read once: a bad example spoils the data for a while."""

    def __init__(self, quads: list[Quad]) -> None:
        self._validation = Validation(quads, shapes())
        self._rules = {str(each.shape.node): each for each in self._validation.rules}
        self._lines = self._written()

    def _written(self) -> set[bytes]:
        return set((self._validation._data.index.dump(format=RdfFormat.N_QUADS) or b"").splitlines())

    def findings(self, update: str, rule: str) -> list[Finding]:
        """Return what a rule finds once an update has changed the data."""
        data = self._validation._data
        doubtful = set(data.doubtful)
        data.index.update(HEAD + update)
        lines = self._written()
        new, gone = (
            list(parse(b"\n".join(each), RdfFormat.N_QUADS)) for each in (lines - self._lines, self._lines - lines)
        )
        assert new or gone, "the update changes nothing"
        try:
            list(map(data._noted, new))
            self._validation._samples.clear()
            return list(self._validation._apply(self._rules[SHAPES + rule]))
        finally:
            for quad in new:
                data.index.remove(quad)
            data.index.extend(gone)
            data.doubtful = doubtful


@cache
def examples(real_data: bool) -> Examples:
    return Examples(real() if real_data else good())


def test_each_rule_has_a_bad_example_and_each_example_a_rule():
    assert sorted({name.partition(".")[0] for name in BAD}) == rules()


@pytest.mark.slow
def test_the_good_graph_conforms_and_every_generic_rule_looks_at_something():
    no_excuse = [quad for quad in generic_shapes() if quad.predicate.value != SKOS + "scopeNote"]
    report = validate(good(), no_excuse)
    assert not report.findings, as_text(report, "en")
    generic = [rule for rule in rules() if not rule.startswith("hauts-de-france-")]
    assert report.shapes == len(generic)


@pytest.mark.parametrize("case", BAD)
def test_bad_example_is_found(case: str):
    """The rules of a profile speak of the real data."""
    rule = case.partition(".")[0]
    with literals_as_written():
        findings = examples(case.startswith("hauts-de-france-")).findings(BAD[case].read_text("utf-8"), rule)
    severity = severity_of(graph().properties(NamedNode(SHAPES + rule)))
    found = [each for each in findings if each.component]
    assert found
    assert {(each.shape, each.severity) for each in found} == {(SHAPES + rule, severity)}
    for each in found:
        for words in (each.messages, each.remedies):
            assert set(words) == {"fr", "en"}
            assert words["fr"] != words["en"]
            assert not re.search(r"\{[?$]", words["fr"] + words["en"]), "a variable is not filled"


@pytest.mark.parametrize(
    ("numbered", "document", "found"),
    [
        ("<axe/3>", "presse-fictive", 1),
        ("<axe/1>", "presse-fictive", 0),
        ("<axe/2>, <axe/3>", "presse-fictive", 0),
        ("<axe/3>", "fictif", 0),
    ],
)
def test_numbers_that_a_document_gives_are_not_ours(numbered: str, document: str, found: int):
    """Axis 1 is named last. Another document numbers what its statement supports, the same one the whole breakdown."""
    update = (
        (HERE / "bad" / "numero-dans-l-ordre-du-document.ru").read_text("utf-8")
        + f""";
INSERT {{ ?axe cper:enonce <enonce/n> . <enonce/n> cper:atteste skos:notation ; prov:wasQuotedFrom <../../document/{document}> }}
WHERE {{ ?axe a cper:Subdivision FILTER(?axe IN ({numbered})) }}"""
    )
    with literals_as_written():
        findings = examples(False).findings(update, "numero-dans-l-ordre-du-document")
    assert len([each for each in findings if each.component]) == found


def test_what_is_written_beside_the_rules_of_the_build_is_found(tmp_path: Path):
    """A measure, a derived value or a bounding box by hand, and facts that change which amounts have a measure."""
    contract, body = f"{BASE}id/contrat/hauts-de-france-2021-2027", f"{BASE}id/organisme"
    by_hand = tmp_path / "main.ttl"
    by_hand.write_text(
        f"""@prefix cper: <{CPER}> . @prefix foaf: <{PREFIXES["foaf"]}> . @base <{contract}/> .
<montant/total> cper:montantParFinanceur 1.0 .
<derive/somme-des-financeurs> cper:valeur "1"^^<{XSD}decimal> .
<montant/region> cper:perimetre <{DEFINITIONS}code/perimetre/relance> .
<groupe/autres-signataires> foaf:member <{body}/etat> .
<{BASE}id/territoire/hauts-de-france> <{DCAT}bbox> "POLYGON((0 45,1 45,1 46,0 46,0 45))"^^<{PREFIXES["geo"]}wktLiteral> .
""",
        "utf-8",
    )
    sources = copy_contract(ROOT / "data", "hauts-de-france-2021-2027", tmp_path / "sources")
    found = {each.shape for each in validate(read_sources(sources, (by_hand,)).published, shapes()).findings}
    computed = ("mesure-de-la-valeur", "derivee-complete", "chiffre-dans-sa-case", "emprise-calculee")
    assert {SHAPES + rule for rule in computed} <= found
    assert SHAPES + "hauts-de-france-2021-2027-montants-au-dessus-du-total" in found, "the State adds nothing any more"


def literals(said: Mapping[str, list[Literal]], predicate: str):
    return {each.language: each.value for each in said.get(predicate, ())}


def test_every_rule_is_named_and_says_everything_in_both_languages():
    for subject in graph().subjects():
        said = graph().properties(subject)
        if isinstance(subject, BlankNode):  # a part of a rule, or of a path
            assert not {RDFS + "label", RDFS + "comment", SH + "message", SH + "select"} & set(said), said
            continue
        assert subject.value.startswith(SHAPES.rstrip("#"))
        if SH + "select" in said:  # has the words of its rule
            continue
        assert set(literals(said, RDFS + "label")) == {"fr", "en"}, subject
        if subject.value in (SHAPES.rstrip("#"), PUBLICATION_SHAPES) or SH + "prefix" in said:
            continue
        assert set(literals(said, RDFS + "comment")) == {"fr", "en"}, subject
        if TARGETS & set(said):
            assert set(literals(said, SH + "message")) == {"fr", "en"}, subject
            assert severity_of(said), subject


@pytest.mark.slow
def test_pyshacl_itself_finds_the_same_in_all_bad_examples_together():
    store = Store()
    store.extend(good())
    for name, file in BAD.items():
        if not name.startswith("hauts-de-france-"):
            store.update(HEAD + file.read_text("utf-8"))
    data, asked = list(store), with_named_parts(generic_shapes())
    theirs = pyshacl_results(data, asked)
    assert len({shape for *_, shape in theirs}) > 100
    assert validated(data, asked) == theirs


def test_every_rule_that_should_be_compiled_is():
    with literals_as_written():
        parsed = read_shapes(graph_of(shapes()))
        compiler = Compiler(parsed, graph_of(real()))
        failed = set()
        for rule in compiler.rules():
            if not rule.patterns:  # it names its focus nodes
                continue
            try:
                for query in compiler.compile(rule.shape)[0]:
                    Store().query(query.replace(TARGET, ""))
            except NotCompiledError as error:
                failed.add(str(error))
    assert failed == set(), "what pyshacl has to judge alone, slowly"


def test_every_property_that_leads_outside_has_its_subjects_looked_at():
    rule = NamedNode(SHAPES + "lien-exterieur-permis")
    parts = [graph().properties(part) for part in graph().all(rule, SH + "property")]
    formed = {part[SH + "path"][0] for part in parts if SH + "pattern" in part}
    assert formed == {*graph().all(rule, SH + "targetSubjectsOf")}


def test_no_profile_rule_outside_profiles():
    text = "".join(file.read_text("utf-8") for file in GENERIC)
    assert "targetNode" not in text
    assert "hauts-de-france" not in text

"""Every rule in shapes/ has a graph that passes it and one that fails it, says what to do, and holds for the real data.

`good/` describes a fictitious contract, beside the real ontology; `bad/<rule>.ru` is a SPARQL update that spoils it for
that rule (for the rules of a profile, it spoils the real data). `BASE` is the fictitious contract.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Store

from benchmarks.generator import generate
from cper_lod.core.namespaces import PREFIXES, RDF, RDFS, SH, SHAPES, SKOS
from cper_lod.rdf.reader import read
from cper_lod.rdf.report import as_text
from cper_lod.rdf.shacl.api import validate
from cper_lod.release.sources.read import read_sources
from tests.support.shacl_reports import prefilter_results, prefilter_results_of_file, pyshacl_results

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BAD = {file.stem: file for file in sorted((HERE / "bad").glob("*.ru"))}
TARGETS = {SH + "target" + kind for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")}
SEVERITIES = {SH + "Violation": "violation", SH + "Warning": "warning", SH + "Info": "info"}
HEAD = "BASE <https://w3id.org/cper-lod/id/contrat/fictif-2030-2036/>\n" + "".join(
    f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items()
)


def quads_of(files: Iterable[Path]):
    """Return the quads of files, each with blank nodes of its own."""
    return [quad for number, file in enumerate(sorted(files)) for quad in read(file, scope=f"f{number}")]


@cache
def shapes():
    return quads_of((ROOT / "shapes").rglob("*.ttl"))


@cache
def generic_shapes():
    return quads_of((ROOT / "shapes").glob("*.ttl"))


@cache
def real():
    """Return the real sources as they are published: questions and the files of datasets are described beside them."""
    return list(read_sources(ROOT).published)


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
def by_subject():
    """Return the predicates of each subject of the shapes, and their objects."""
    found = defaultdict(lambda: defaultdict(list))
    for quad in shapes():
        found[quad.subject][quad.predicate.value].append(quad.object)
    return found


def rules():
    """Return the name of each shape that has a target."""
    return sorted(subject.value.removeprefix(SHAPES) for subject, said in by_subject().items() if TARGETS & set(said))


def alone(rule: str):
    """Return the quads of one rule and of what it refers to: its query, its prefixes, its lists."""
    todo, seen = [NamedNode(SHAPES + rule)], set()
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        for objects in by_subject()[node].values():
            todo += [
                each
                for each in objects
                if isinstance(each, BlankNode | NamedNode)
                and (isinstance(each, BlankNode) or each.value.startswith(SHAPES.rstrip("#")))
            ]
    return [quad for quad in shapes() if quad.subject in seen]


def test_each_rule_has_a_bad_example_and_each_example_a_rule():
    assert len(rules()) > 150
    assert sorted(BAD) == rules()


@pytest.mark.slow
def test_the_good_graph_conforms_and_every_generic_rule_looks_at_something():
    no_excuse = [quad for quad in generic_shapes() if quad.predicate.value != SKOS + "scopeNote"]
    report = validate(good(), no_excuse)
    assert not report.findings, as_text(report, "en")
    generic = [rule for rule in rules() if not rule.startswith("hauts-de-france-")]
    assert report.shapes == len(generic)


@cache
def store_of(of_profile: bool):
    """Return a store of the graph that the examples of a profile spoil, or those of the other rules, and its quads."""
    store = Store()
    store.extend(real() if of_profile else good())
    return store, set(store)


def spoiled(rule: str):
    """Return the quads of a graph that a bad example has spoiled."""
    store, before = store_of(rule.startswith("hauts-de-france-"))
    store.update(HEAD + BAD[rule].read_text("utf-8"))
    after = set(store)
    assert after != before, "the update changes nothing"
    for quad in after - before:
        store.remove(quad)
    store.extend(before - after)
    return after


@pytest.mark.parametrize("rule", BAD)
def test_bad_example_is_found(rule: str):
    report = validate(spoiled(rule), alone(rule))
    severity = SEVERITIES[by_subject()[NamedNode(SHAPES + rule)][SH + "severity"][0].value]
    found = [each for each in report.findings if each.component]
    assert found
    assert {(each.shape, each.severity) for each in found} == {(SHAPES + rule, severity)}
    for each in found:
        for words in (each.messages, each.remedies):
            assert set(words) == {"fr", "en"}
            assert words["fr"] != words["en"]
            assert not re.search(r"\{[?$]", words["fr"] + words["en"]), "a variable is not filled"


def test_the_real_data_conform():
    report = validate(real(), shapes())
    assert not report.findings, as_text(report, "en")
    assert report.shapes == len(rules())
    assert report.nodes > 300


def literals(said: Mapping[str, list[Literal]], predicate: str):
    return {each.language: each.value for each in said[predicate]}


def test_every_shape_is_named_and_says_everything_in_both_languages():
    for subject, said in by_subject().items():
        if isinstance(subject, BlankNode):
            paths = ({SH + "inversePath"}, {SH + "alternativePath"})
            assert set(said) in ({RDF + "first", RDF + "rest"}, *paths), "blank nodes are for lists and paths"
            continue
        assert subject.value.startswith(SHAPES.rstrip("#"))
        assert set(literals(said, RDFS + "label")) == {"fr", "en"}, subject
        if subject.value == SHAPES.rstrip("#") or SH + "prefix" in said:
            continue
        assert [each.value for each in said[RDFS + "isDefinedBy"]] == [SHAPES.rstrip("#")], subject
        assert set(literals(said, RDFS + "comment")) == {"fr", "en"}, subject
        if TARGETS & set(said) or SH + "select" in said:
            assert set(literals(said, SH + "message")) == {"fr", "en"}, subject
        if TARGETS & set(said):
            assert next(each.value for each in said[SH + "severity"]) in SEVERITIES, subject


def test_messages_use_only_the_variables_that_a_result_keeps():
    messages = [quad.object.value for quad in shapes() if quad.predicate.value == SH + "message"]
    assert messages
    used = {variable for message in messages for variable in re.findall(r"\{.*?\}", message)}
    assert used <= {"{$this}", "{?value}", "{?path}"}


def test_each_query_is_of_one_rule_and_has_its_words():
    constraints = [(subject, each) for subject, said in by_subject().items() for each in said[SH + "sparql"]]
    assert len(constraints) > 50
    for subject, constraint in constraints:
        assert constraint.value == subject.value + "-requete"
        for predicate in (SH + "message", RDFS + "comment"):
            assert literals(by_subject()[constraint], predicate) == literals(by_subject()[subject], predicate)


def test_no_profile_rule_outside_profiles():
    text = "".join(file.read_text("utf-8") for file in (ROOT / "shapes").glob("*.ttl"))
    assert "targetNode" not in text
    assert "hauts-de-france" not in text


def test_the_missing_share_is_left_out_of_ic_14_and_the_shape_says_so():
    notes = literals(by_subject()[NamedNode(SHAPES + "ic-14-mesures-completes")], PREFIXES["skos"] + "note")
    assert "obsStatus-M" in notes["fr"]
    assert "obsStatus-M" in notes["en"]


@pytest.mark.slow
def test_another_contract_is_not_held_to_the_counts_of_the_first():
    report = validate(good(), shapes())
    assert {each.severity for each in report.findings} == {"violation"}
    assert all("hauts-de-france-2021-2027" in (each.shape or "") for each in report.findings)


@pytest.mark.slow
def test_pyshacl_itself_finds_the_same_in_all_bad_examples_together(tmp_path: Path):
    store = Store()
    store.extend(good())
    for name, file in BAD.items():
        if not name.startswith("hauts-de-france-"):
            store.update(HEAD + file.read_text("utf-8"))
    data, asked = [f"{each} ." for each in store], [f"{each} ." for each in generic_shapes()]
    theirs = pyshacl_results(data, asked)
    assert len({shape for *_, shape in theirs}) > 150
    assert prefilter_results(data, asked)[0] == theirs
    assert prefilter_results_of_file(data, asked, tmp_path) == theirs


@pytest.mark.slow
def test_pyshacl_itself_finds_the_same_in_the_real_data():
    data, asked = [f"{each} ." for each in real()], [f"{each} ." for each in shapes()]
    assert prefilter_results(data, asked)[0] == pyshacl_results(data, asked) == Counter()


@pytest.mark.slow
def test_pyshacl_itself_finds_the_same_in_synthetic_data_with_faults(tmp_path: Path):
    planted = generate(tmp_path / "sources", 4_000, faults=0.5).faults
    sources = read_sources(tmp_path / "sources")
    data, asked = ([f"{each} ." for each in quads] for quads in (sources.published, sources.shapes))
    theirs = pyshacl_results(data, asked)
    assert len(theirs) >= len(planted) > 3
    assert prefilter_results(data, asked)[0] == theirs
    assert prefilter_results_of_file(data, asked, tmp_path) == theirs

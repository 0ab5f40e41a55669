"""How often a term is used, an example in correct Turtle, the questions that use it; bounded on data of any size."""

from collections.abc import Callable, Iterator

import pytest
from pyoxigraph import RdfFormat, Store, parse

from cper_lod.core.namespaces import BASE, CPER, DCT, PREFIXES
from cper_lod.engine.syntax import iris
from cper_lod.release.docs import usage
from cper_lod.release.docs.documentation import Ontology
from cper_lod.release.release import Release
from cper_lod.release.sources.questions import load_questions
from tests.support.paths import ROOT

HEAD = "".join(f"@prefix {prefix}: <{namespace}> .\n" for prefix, namespace in PREFIXES.items())


def used(release: Release, ours: Ontology, lang: str) -> Iterator[tuple[str, usage.Usage]]:
    yield from ((iri, usage.of_class(release, iri, lang)) for iri in ours.classes)
    yield from ((iri, usage.of_property(release, iri, lang)) for iri in ours.properties)


def one(store: Store, query: str) -> int:
    return int(next(iter(store.query(query)))[0].value)


def test_counts_are_those_of_a_query(release: Release, ours: Ontology, store: Store):
    counted = 0
    for iri, found in used(release, ours, "fr"):
        triples = (
            f"{{ SELECT (CONCAT(STR(?s), ' ', STR(?o), COALESCE(LANG(?o), '')) AS ?x) WHERE {{ ?s <{iri}> ?o }} }}"
        )
        pattern = f"?x a <{iri}>" if iri in ours.classes else triples
        assert found.count == one(store, f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"), iri
        counted += found.count
    assert counted > 300


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_term_in_use_has_an_example_that_is_true(release: Release, ours: Ontology, store: Store, lang: str):
    examples = 0
    for iri, found in used(release, ours, lang):
        assert bool(found.turtle) == bool(found.count), iri
        if not found.count:
            continue  # no data use it yet
        quads = list(parse((HEAD + found.turtle).encode(), RdfFormat.TURTLE))
        assert iri in {each for quad in quads for each in (quad.predicate.value, getattr(quad.object, "value", ""))}
        assert {quad.subject.value for quad in quads} == {found.subject}
        assert len(quads) <= usage.MAX_PROPERTIES + 2
        for quad in quads:
            assert next(store.quads_for_pattern(quad.subject, quad.predicate, None), None), quad
        examples += 1
    assert examples > 40


def test_the_questions_of_a_term_are_those_of_a_query(release: Release, ours: Ontology, store: Store):
    total = 0
    waiting = [each for each in load_questions(ROOT / "ontology" / "questions") if each.requires]
    later = {iri for each in waiting for iri in iris(each.text)}
    for iri in (*ours.classes, *ours.properties):
        rows = store.query(f"SELECT DISTINCT ?q WHERE {{ GRAPH ?g {{ ?q <{DCT}references> <{iri}> }} }}")
        wanted = sorted(row["q"].value for row in rows if row["q"].value.startswith(f"{BASE}id/question/"))
        assert usage.questions(release, iri) == wanted
        assert wanted or iri in later, iri
        total += len(wanted)
    assert total > 50


def test_strange_data_give_an_example_or_none(release_of: Callable[[str], Release]):
    strange = release_of(
        f"""@prefix ex: <http://ex.org/> .
        [] a ex:Nameless ; ex:p ex:p .
        ex:x ex:long "{"a" * 5000}" ; ex:r <<( ex:a ex:p ex:b )>> ; a ex:C ; ex:quote "</code><script>\\n\\"\\"\\"" .
        """
    )
    nameless = usage.of_class(strange, "http://ex.org/Nameless", "fr")
    assert (nameless.count, nameless.turtle, nameless.subject) == (1, "", "")
    for name in ("p", "long", "r"):
        assert usage.of_property(strange, f"http://ex.org/{name}", "fr").turtle == "", name
    assert usage.of_class(strange, "http://ex.org/nothing", "fr") == usage.Usage(0, "", "")
    example = usage.of_class(strange, "http://ex.org/C", "fr").turtle
    quads = list(parse((HEAD + example).encode(), RdfFormat.TURTLE))
    assert {quad.predicate.value.rpartition("/")[2] for quad in quads} == {"22-rdf-syntax-ns#type", "quote"}


def test_terms_have_labels_and_counts_the_most_used_first(release: Release) -> None:
    found = usage.terms(release)
    counts = [term.count for term in found]
    assert len(found) > 100
    assert counts == sorted(counts, reverse=True)
    by_iri = {term.iri: term for term in found}
    assert len(by_iri) == len(found)
    share, typed = by_iri[CPER + "Part"], list(release.listing.things(CPER + "Part"))
    assert (share.kind, share.count, share.labels) == ("class", len(typed), {"fr": "part", "en": "share"})
    funder = by_iri[CPER + "financeur"]
    assert (funder.kind, funder.labels) == ("property", {"fr": "financeur", "en": "funder"})
    lines = [line for line in release.lines() if f"<{CPER}financeur>".encode() == line.split(b" ")[1]]
    assert funder.count == len(lines) > 0

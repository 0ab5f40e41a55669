"""Identifiers against names: each identifier of the data, exchanged against another one, is a violation with both names."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, PREFIXES, SKOS
from cper_lod.rdf.report import Finding
from cper_lod.release.check.actors import ACTOR_RULES
from cper_lod.release.check.published import PublishedData, apply_rule
from cper_lod.release.sources.read import Sources, read_sources
from cper_lod.release.storage.quad_file import QuadFile, parse_quads
from tests.support.paths import ROOT

SIREN, SIRET, CODE = CPER + "siren", CPER + "siret", PREFIXES["igeo"] + "codeINSEE"
PROPERTIES = (SIREN, SIRET, CODE, SKOS + "notation", SKOS + "exactMatch", SKOS + "closeMatch")


THINGS = re.compile(rb"<https://w3id\.org/cper-lod/id/(?:territoire|organisme)/[^/>]+> ")

Fact = tuple[str, str, str]
Changed = Callable[[dict[Fact, str]], list[Finding]]


@pytest.fixture(scope="module")
def sources() -> Sources:
    """Return the real sources."""
    return read_sources(ROOT)


def lines(sources: Sources) -> list[bytes]:
    """Return the lines about bodies and territories."""
    return [line for line in sources.published.lines() if THINGS.match(line)]


@pytest.fixture(scope="module")
def facts(sources: Sources) -> list[Fact]:
    """Return subject, property and value of the identifiers of bodies and territories."""
    found = [
        (quad.subject.value, quad.predicate.value, quad.object.value)
        for quad in parse_quads(lines(sources))
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal)
    ]
    return [each for each in found if each[1] in PROPERTIES]


def published_in(path: Path, sources: Sources) -> PublishedData:
    """Return sources whose published quads are those of another file."""
    return PublishedData(replace(sources, whole_dump=replace(sources.whole_dump, quads=QuadFile(path))))


@pytest.fixture(scope="module")
def changed(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Changed:
    """Return what finds the findings about the sources with other values of some facts."""
    unchanged = [line.decode() for line in lines(sources)]
    path = tmp_path_factory.mktemp("changed") / "changed.nq"
    (rule,) = (each for each in ACTOR_RULES if each.key == "identifier-of")

    def find(values: dict[Fact, str]) -> list[Finding]:
        other = unchanged
        for (subject, predicate, value), new in values.items():
            start, olds = f"<{subject}> <{predicate}> ", (f"<{value}>", f'"{value}"')
            before = other
            other = [
                line.replace(value, new) if line.startswith(start) and any(each in line for each in olds) else line
                for line in before
            ]
            assert other != before
        path.write_text("".join(sorted(f"{each}\n" for each in {*other})), "utf-8")
        return apply_rule(rule, published_in(path, sources))[0]

    return find


def test_no_identifier_of_the_data_is_that_of_another(changed: Changed, facts: list[Fact]) -> None:
    assert changed({}) == []
    assert len(facts) > 50


def nobody(fact: Fact) -> str:
    """Return an identifier of the list of a fact that nobody has."""
    _, predicate, value = fact
    plain = {SIREN: "000000018", SIRET: "00000001800017", CODE: "00000", SKOS + "notation": "FR-XXX"}
    return plain.get(predicate) or re.sub("[^/]{2}$", "XX", value)


@pytest.mark.slow
def test_an_identifier_that_nobody_has_is_a_violation_with_the_known_one(changed: Changed, facts: list[Fact]) -> None:
    for fact in facts:
        (found,) = changed({fact: nobody(fact)})
        node, predicate, value = fact
        assert (found.rule, found.node, found.path) == ("identifier-differs", node, predicate), found.messages
        # Of a SIRET, only the SIREN is known.
        assert (value[:9] if predicate == SIRET else value) in found.messages["fr"]


def test_of_two_communes_with_one_name_it_is_the_one_in_the_region(changed: Changed) -> None:
    lille = "https://w3id.org/cper-lod/id/territoire/lille"
    names = {(lille, SKOS + "prefLabel", "Lille"): "Saint-Denis"}
    found = changed(names | {(lille, CODE, "59350"): "97411"})
    (about,) = (each for each in found if each.value == "97411")
    assert about.rule == "identifier-of"
    assert "celui de « Saint-Denis (commune, 974) », pas de « Saint-Denis »" in about.messages["fr"]

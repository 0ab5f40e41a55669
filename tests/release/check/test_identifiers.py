"""Identifiers against names: each identifier of the data, exchanged against another one, is a violation with both names."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from cper_lod.core.identifiers import identified, with_siren
from cper_lod.core.namespaces import CPER, PREFIXES, SKOS
from cper_lod.rdf.report import Finding
from cper_lod.release.check.identifiers import IDENTIFIER_OF
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.rules import apply_rule
from cper_lod.release.sources.read import Sources, read_sources
from cper_lod.release.storage.quad_file import QuadFile, parse_quads
from tests.support.paths import ROOT

SIREN, SIRET, CODE = CPER + "siren", CPER + "siret", PREFIXES["igeo"] + "codeINSEE"
PROPERTIES = (SIREN, SIRET, CODE, SKOS + "notation", SKOS + "exactMatch", SKOS + "closeMatch")

REGIONS = ("32", "52", "53", "93")
"""Codes of the regions of the data: those of departments are a list of their own."""

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
        return apply_rule(IDENTIFIER_OF, published_in(path, sources))[0]

    return find


def list_of(fact: Fact) -> str:
    """Return the list that an identifier is of: its property, the beginning of its IRI, and its length for Insee codes."""
    _, predicate, value = fact
    start = value.rpartition("/")[0] + "-" * (value.count("-") > 3)
    kind = "territoire" if predicate == CODE and value in REGIONS else ""
    return start or predicate + kind + str(len(value))


def label(sources: Sources, node: str) -> str:
    return next(
        quad.object.value
        for quad in parse_quads(lines(sources))
        if quad.subject == NamedNode(node)
        and quad.predicate.value == SKOS + "prefLabel"
        and quad.object.language == "fr"
    )


def pairs(facts: list[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Yield each identifier with the next one of its list."""
    for fact in facts:
        like = [each for each in facts if list_of(each) == list_of(fact)]
        after = like[(like.index(fact) + 1) % len(like)]
        if after != fact:
            yield fact, after


def test_no_identifier_of_the_data_is_that_of_another(changed: Changed, facts: list[Fact]) -> None:
    assert changed({}) == []
    assert len(facts) > 50


def nobody(fact: Fact) -> str:
    """Return an identifier of the list of a fact that nobody has."""
    _, predicate, value = fact
    plain = {SIREN: "000000018", SIRET: "00000001800017", CODE: "00000", SKOS + "notation": "FR-XXX"}
    return plain.get(predicate) or re.sub("[^/]{2}$", "XX", value)


def test_an_identifier_that_nobody_has_is_a_violation_with_the_known_one(changed: Changed, facts: list[Fact]) -> None:
    for fact in facts:
        (found,) = changed({fact: nobody(fact)})
        node, predicate, value = fact
        assert (found.rule, found.node, found.path) == ("identifier-differs", node, predicate), found.messages
        # Of a SIRET, only the SIREN is known.
        assert (value[:9] if predicate == SIRET else value) in found.messages["fr"]


def test_two_identifiers_exchanged_are_two_violations_with_both_names(
    changed: Changed, facts: list[Fact], sources: Sources
) -> None:
    exchanged = list(pairs(facts))
    assert len(exchanged) > 40
    for one, other in exchanged:
        found = changed({one: other[2], other: one[2]})
        for (node, predicate, _), value in ((one, other[2]), (other, one[2])):
            (about,) = (each for each in found if (each.node, each.path, each.value) == (node, predicate, value))
            assert (about.severity, about.rule) == ("violation", "identifier-of")
            assert f"pas de « {label(sources, node)} »" in about.messages["fr"]
            holders = [identified(value), *with_siren(value[:9])]
            assert any(each and each.name in about.messages["fr"] for each in holders) or predicate == CODE


def test_of_two_communes_with_one_name_it_is_the_one_in_the_region(changed: Changed) -> None:
    lille = "https://w3id.org/cper-lod/id/territoire/lille"
    names = {(lille, SKOS + "prefLabel", "Lille"): "Saint-Denis"}
    found = changed(names | {(lille, CODE, "59350"): "97411"})
    (about,) = (each for each in found if each.value == "97411")
    assert about.rule == "identifier-of"
    assert "celui de « Saint-Denis (commune, 974) », pas de « Saint-Denis »" in about.messages["fr"]


MEDIA = "https://w3id.org/cper-lod/id/organisme/alpes-1"
BRETAGNE = "https://w3id.org/cper-lod/id/territoire/bretagne"


@pytest.mark.parametrize(
    ("node", "predicate", "value"),
    [
        (BRETAGNE, SKOS + "exactMatch", "<http://www.wikidata.org/entity/Q12130>"),
        (BRETAGNE, SKOS + "exactMatch", "<http://id.insee.fr/geo/region/1cabcdea-d4dc-4df1-96c2-ed1db0fa594c>"),
        (MEDIA, SIREN, '"000000018"'),
    ],
)
def test_what_no_table_can_decide_is_not_counted(
    node: str, predicate: str, value: str, sources: Sources, tmp_path: Path
) -> None:
    path = tmp_path / "more.nq"
    path.write_bytes(
        b"".join(sorted(b"%b\n" % each for each in [*lines(sources), f"<{node}> <{predicate}> {value} .".encode()]))
    )
    found, applied = apply_rule(IDENTIFIER_OF, published_in(path, sources))
    assert found == []
    assert apply_rule(IDENTIFIER_OF, PublishedData(sources))[1].looked_at == applied.looked_at

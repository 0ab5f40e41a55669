"""What a contract comes to: over how many years, and what its data do not support."""

import pytest
from pyoxigraph import RdfFormat, parse

from cper_lod.rdf.graph import Graph
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan import table
from cper_lod.release.plan.contract import ContractSummary, contract_summary
from cper_lod.release.plan.finding import ContractFinding, finding, headline
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.release.release import Release

CONTRACT = """
@prefix c: <https://w3id.org/cper-lod/ontology#> .
@prefix e: <http://ex.org/> .
@prefix m: <http://data.openbudgets.eu/ontology/dsd/measure/> .
@prefix s: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix schema: <http://schema.org/> .
e:one a c:Contrat ; s:prefLabel "Contrat" ; c:signePar e:body ; c:enveloppe e:money ; c:valeurDerivee e:sum ;
    dct:temporal e:period ; c:priorite e:p .
e:sum a c:ValeurDerivee ; c:montantDerive 700 .
"""


def found(release: Release, more: str) -> tuple[ContractFinding, ContractSummary]:
    graph = Graph(parse(CONTRACT + more, RdfFormat.TURTLE))
    known = ReleaseGraph(release, {node: graph.properties(node) for node in graph.subjects()})
    observations = ObservationReader(known, "en")
    summary = contract_summary(observations, "http://ex.org/one")
    assert summary
    return finding(observations, summary), summary


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        ("2021", "2027", 7),
        ("2021-01-01", "2027-12-31", 7),
        ("2021-07-01", "2027-06-30", 0),  # six years, which calendar years do not tell
        ("2027", "2021", 0),
        ("²021", "2027", 0),
        ("2021", "99999", 0),
    ],
)
def test_the_years_of_a_period_are_whole_years(release: Release, start: str, end: str, years: int):
    told, _ = found(release, f'e:period dcat:startDate "{start}" ; dcat:endDate "{end}" .')
    assert told.years == years
    assert (told.a_year.value if told.a_year else "") == ("100.00" if years == 7 else "")


@pytest.mark.parametrize(("duration", "years"), [("P7Y", 7), ("P²Y", 0), ("P7Y6M", 0), ("PY", 0)])
def test_the_years_that_an_envelope_states(release: Release, duration: str, years: int):
    assert found(release, f'e:money m:amount 5 ; schema:duration "{duration}" .')[0].years == years


def test_a_computed_amount_is_no_commitment(release: Release):
    told, summary = found(release, "e:money m:amount 5 .")
    assert headline(told, summary, "en").startswith("One signatory commits €5")
    told, summary = found(release, "e:money a c:ValeurDerivee ; c:montantDerive 5 .")
    assert headline(told, summary, "en") == "Contrat"


def test_a_number_of_any_length_is_in_the_table(release: Release):
    _, summary = found(release, f'e:p s:notation "{"9" * 5000}" ; c:axe e:x . e:x s:notation "²" .')
    _, row = table.rows(summary, "en")
    assert [each and each.text for each in row[1:4:2]] == ["9" * 5000, "²"]

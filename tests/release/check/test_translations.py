"""A French text and its English one: each case is both texts, and the finding."""

from dataclasses import replace
from typing import NamedTuple

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from cper_lod.core.namespaces import BASE, PREFIXES
from cper_lod.release.check.facts import FACT_RULES
from cper_lod.release.sources.read import read_sources
from cper_lod.release.storage.quad_file import QuadFile
from tests.support.corruption import fact_findings
from tests.support.paths import ROOT

RULES = [rule for rule in FACT_RULES if rule.key in ("figures-differ", "label-of-another")]


class Case(NamedTuple):
    """A text in both languages, and the rule that speaks of it; `prop` is its property."""

    french: str
    english: str
    told: str = ""
    prop: str = "skos:note"


CASES = [
    Case("plus de 2,7 milliards d'euros", "more than 2.7 billion euros"),
    Case("2 700 M€", "€2.7 billion"),
    Case("cinq milliards d'euros", "five billion euros"),
    Case("2,7 milliards d'euros", "2.7 million euros", "figures-differ"),
    Case("cinq milliards d'euros", "five million euros", "figures-differ"),
    Case("cinq milliards d'euros", "euros", "figures-differ"),
    Case("neuf signataires", "nine signatories"),
    Case("neuf signataires", "ten signatories", "figures-differ"),
    Case("un lycée neuf, une dizaine de projets", "a new school, about ten projects"),
    Case("des millions, un demi-million d'euros", "millions, half a million euros"),
    Case("un lycée neuf", "a new school"),
    Case("les deux, au 3e rang", "both, in the 3rd place"),
    Case("300 m de quai, 994 M€", "300 m of quay, €994m"),
    Case("36 % de 994 M€", "36 per cent of 994 million euros"),
    Case("994 millions d'euros", "994 million dollars", "translation-of-another"),
    Case("36 %", "€36", "translation-of-another"),
    Case("le 1er janvier 2023", "on 1 January 2023"),
    Case("le 1er janvier 2023", "on January 1, 2023"),
    Case("le 9/01/2023", "on 9 January 2023"),
    Case("le 9 janvier 2023", "2023-01-09"),
    Case("le 9 janvier 2023", "on 9 February 2023", "translation-of-another"),
    Case("« 57,3 % » des crédits", "“57,3 %” of the funds"),
    Case("La page ne donne pas les 57,3 %.", "Reason, in French: La page ne donne pas les 57,3 %."),
    Case("Département de l'Aisne", "Department of Aisne", "", "skos:prefLabel"),
    Case("Département de l'Aisne", "Department of Somme", "translation-of-another"),
    Case("les deux départements bretons", "the two departments of Bretagne"),
    Case("la Région Bretagne", "the Brittany Region"),
    Case("les Hauts-de-France", "Normandie", "translation-of-another"),
    Case("le canal Seine-Nord", "the Seine-Nord canal"),
    Case("la MEL", "the Lille metropolis"),
    Case("la MEL", "Amiens métropole", "translation-of-another"),
    Case("L'État et le conseil régional", "The Government and the Region"),
    Case("État", "Region", "translation-of-another", "skos:prefLabel"),
    Case("Région", "Region", "", "skos:prefLabel"),
    Case("prévue en mai, signée", "planned for May, signed"),
    Case("prévu en 2023", "signed in 2023", "translation-of-another"),
    Case("près de 5 projets", "more than 5 projects", "translation-of-another"),
    Case("hors mobilités", "mobility only", "translation-of-another"),
]
LABELS = {
    ("Montant : État", "Amount: State"): False,
    ("Montant : État, relance", "Amount: State, recovery plan"): False,
    ("Montant : Région", "Amount: State"): True,
    ("Montant : État", "Amount: Region"): True,
    ("Montant : État, mobilités seules", "Amount: State, mobility only"): True,
    ("Montant : État, Mer et littoral", "Amount: State, Sea and coast"): False,
    ("Montant : État, Culture", "Amount: State, Culture"): True,
    ("Montant : Mer, relance", "Amount: Sea, recovery plan"): False,
    ("Montant : lycées et culture", "Amount: schools and culture"): False,
}
"""Labels of an amount of the State for « Mer et littoral », with the scope « relance »; whether they are of another."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the rules that speak of each thing of a fictitious contract with these texts and labels."""
    turtle = "".join(f"@prefix {name}: <{iri}> . " for name, iri in PREFIXES.items())
    turtle += f"@base <{BASE}id/contrat/fictif/> . "
    for number, (french, english, _, prop) in enumerate(CASES):
        turtle += f'<texte/{number}> {prop} "{french}"@fr, "{english}"@en . '
    for name, labels in {"mer": "Mer et littoral/Sea and coast", "culture": "Culture/Culture"}.items():
        french, english = labels.split("/")
        turtle += f'<axe/{name}> skos:prefLabel "{french}"@fr, "{english}"@en . '
        turtle += f"<montant/{name}> cper:contrat <../fictif> ; cper:subdivision <axe/{name}> . "
    turtle += "<montant/region> cper:contrat <../fictif> ; cper:financeur <../../organisme/region-hauts-de-france> . "
    for number, (french, english) in enumerate(LABELS):
        turtle += (
            f"<montant/{number}> cper:contrat <../fictif> ; cper:financeur <../../organisme/etat> ; "
            f"cper:subdivision <axe/mer> ; cper:perimetre <../../code/perimetre/relance> ; "
            f'skos:prefLabel "{french}"@fr, "{english}"@en . '
        )
    own = serialize(parse(turtle, RdfFormat.TURTLE), format=RdfFormat.N_QUADS) or b""
    sources, file = read_sources(ROOT), tmp_path_factory.mktemp("told") / "changed.nq"
    lines = sorted({*own.splitlines(), *sources.published.lines()})
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    changed = replace(sources, whole_dump=replace(sources.whole_dump, quads=QuadFile(file)))
    found: dict[str, set[str]] = {}
    for each in fact_findings(changed, RULES):
        found.setdefault(each.node.partition("/fictif/")[2], set()).add(each.rule)
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda number: CASES[number].english)
def test_a_translation_says_the_same(number: int, told: dict[str, set[str]]) -> None:
    expected = CASES[number].told
    assert told.get(f"texte/{number}", set()) == ({expected} if expected else set())


@pytest.mark.parametrize("number", range(len(LABELS)), ids=lambda number: "; ".join(list(LABELS)[number]))
def test_a_label_names_what_its_figure_is_of(number: int, told: dict[str, set[str]]) -> None:
    rules = told.get(f"montant/{number}", set()) & {"label-of-another"}
    assert bool(rules) == list(LABELS.values())[number]

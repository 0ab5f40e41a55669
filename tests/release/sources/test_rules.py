"""The rules of the build: which figures have a measure, and what is computed from them."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from cper_lod.core.namespaces import BASE, CPER, PREFIXES
from cper_lod.release.sources.rules import computed, load_rules
from tests.support.paths import ROOT
from tests.support.refusals import refused

CONTRACT = f"{BASE}id/contrat/essai"
PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
RULES = load_rules(ROOT / "ontology" / "rules")
EXCLUSIVE = "<decoupage/axes> cper:exclusif true . <axe/a> skos:inScheme <decoupage/axes> . <axe/b> skos:inScheme <decoupage/axes> ."


def figure(
    name: str, value: str, more: str = "", kind: str = "Montant", nature: str = "arrondi", step: str = "1"
) -> str:
    """Return a figure in Turtle."""
    unit = "<urn:euro>" if kind == "Montant" else "<urn:percent>"
    return (
        f'<{name}> a cper:{kind} ; cper:contrat <{CONTRACT}> ; cper:valeur "{value.zfill(15)}"^^cper:nombre ; '
        f'cper:pas "{step.zfill(15)}"^^cper:nombre ; sdmx-attribute:unitMeasure {unit} ; '
        f"cper:nature <{BASE}id/code/nature-de-la-valeur/{nature}> {'; ' + more if more else ''} .\n"
    )


def run(turtle: str) -> list[Quad]:
    """Return what the rules add to a contract."""
    text = f"{PREFIX_LINES}@base <{CONTRACT}/> .\n{turtle}"
    lines = serialize(list(parse(text.encode(), format=RdfFormat.TURTLE)), format=RdfFormat.N_QUADS)
    assert lines is not None
    return [quad for quads in computed(RULES, lines).values() for quad in quads]


def measures(turtle: str) -> dict[str, list[str]]:
    """Return the figures that have each measure, by the local name of the measure."""
    found: dict[str, list[str]] = defaultdict(list)
    for quad in run(turtle):
        name = quad.predicate.value.removeprefix(CPER)
        if name.startswith(("montant", "partPar")):
            assert isinstance(quad.subject, NamedNode)
            found[name].append(quad.subject.value.removeprefix(f"{CONTRACT}/"))
    return {name: sorted(figures) for name, figures in found.items()}


HEADER = "# fr: a\n# en: a\n# fr-description: a\n# en-description: a\n"
PAYS = "cper:financeur <etat>"
CASES = {
    "a whole": (figure("total", "100"), {"montantTotal": ["total"]}),
    "funders": (
        figure("e", "60", PAYS) + figure("r", "40", "cper:financeur <region>"),
        {"montantParFinanceur": ["e", "r"]},
    ),
    "an exclusive breakdown": (
        EXCLUSIVE + figure("a", "60", "cper:subdivision <axe/a>"),
        {"montantParSubdivision": ["a"]},
    ),
    "a breakdown of which the source says nothing": (figure("a", "60", "cper:subdivision <axe/a>"), {}),
    "a funder for a subdivision": (
        EXCLUSIVE + figure("ae", "60", PAYS + " ; cper:subdivision <axe/a>"),
        {"montantCroise": ["ae"]},
    ),
    "shares": (
        EXCLUSIVE + figure("pe", "60", PAYS, "Part") + figure("pa", "60", "cper:subdivision <axe/a>", "Part"),
        {"partParFinanceur": ["pe"], "partParSubdivision": ["pa"]},
    ),
    "a share of the whole has no measure": (figure("p", "100", "", "Part"), {}),
    "another figure has none": (figure("n", "86", "", "Chiffre"), {}),
    "an of-which": (figure("total", "100") + figure("r", "20", "cper:partieDe <total>"), {"montantTotal": ["total"]}),
    "a rival": (
        figure("total", "975") + figure("presse", "970", "cper:divergeDe <total>"),
        {"montantTotal": ["total"]},
    ),
    "a replaced value": (
        figure("total", "64", "prov:wasRevisionOf <juin>") + figure("juin", "63"),
        {"montantTotal": ["total"]},
    ),
    "other years": (figure("e", "10", PAYS + " ; dct:temporal <annees>"), {}),
    "the money of an amendment": (figure("e", "10", PAYS + " ; cper:avenant <avenant/1>"), {}),
    "a whole with a scope beside a whole": (
        figure("total", "100") + figure("m", "20", "cper:perimetre <mobilites>"),
        {"montantTotal": ["total"]},
    ),
    "two wholes with a scope each": (
        figure("m", "20", "cper:perimetre <mobilites>") + figure("h", "80", "cper:perimetre <hors>"),
        {},
    ),
    "the scope of the total": (
        figure("total", "100", "cper:perimetre <hors>") + figure("e", "60", PAYS + " ; cper:perimetre <hors>"),
        {"montantTotal": ["total"], "montantParFinanceur": ["e"]},
    ),
    "another scope than the total": (
        figure("total", "100") + figure("e", "60", PAYS + " ; cper:perimetre <hors>"),
        {"montantTotal": ["total"]},
    ),
    "one scope without a total": (
        figure("e", "60", PAYS + " ; cper:perimetre <hors>")
        + figure("r", "40", "cper:financeur <region> ; cper:perimetre <hors>"),
        {"montantParFinanceur": ["e", "r"]},
    ),
    "a scope beside none": (
        figure("e", "60", PAYS + " ; cper:perimetre <hors>") + figure("r", "40", "cper:financeur <region>"),
        {"montantParFinanceur": ["r"]},
    ),
    "a member beside its group": (
        "<groupe> foaf:member <ville> ."
        + figure("g", "60", "cper:financeur <groupe>")
        + figure("v", "20", "cper:financeur <ville>"),
        {"montantParFinanceur": ["g"]},
    ),
    "the lower of two levels": (
        EXCLUSIVE
        + "<axe/a> skos:broader <priorite/1> . <priorite/1> skos:inScheme <decoupage/priorites> . <decoupage/priorites> cper:exclusif true ."
        + figure("a", "60", "cper:subdivision <axe/a>")
        + figure("p", "60", "cper:subdivision <priorite/1>"),
        {"montantParSubdivision": ["p"]},
    ),
    "parts of which one is out": (
        figure("total", "100", "cper:composeDe <e>, <r>")
        + figure("e", "60", PAYS)
        + figure("r", "40", "cper:financeur <region> ; dct:temporal <annees>"),
        {"montantTotal": ["total"]},
    ),
}


@pytest.mark.parametrize(("turtle", "expected"), CASES.values(), ids=CASES)
def test_a_figure_has_a_measure_only_if_it_may_be_added_up(turtle: str, expected: dict[str, list[str]]) -> None:
    assert measures(turtle) == expected


@pytest.mark.parametrize(
    ("nature", "low", "high"),
    [
        ("exact", 100, 100),
        ("arrondi", 95, 105),
        ("plus-de", 95, None),
        ("moins-de", None, 105),
        ("pres-de", 92, 108),
    ],
)
def test_the_sum_over_funders_is_as_precise_as_what_it_is_made_of(
    nature: str, low: int | None, high: int | None
) -> None:
    rounded = figure(
        "e", "40", PAYS, step="10" if nature != "exact" else "1", nature="arrondi" if nature != "exact" else "exact"
    )
    quads = run(rounded + figure("r", "60", "cper:financeur <region>", nature=nature, step="0"))
    found = {
        quad.predicate.value.removeprefix(CPER): Decimal(quad.object.value)
        for quad in quads
        if str(quad.subject).endswith("/derive/somme-des-financeurs>")
        and getattr(quad.object, "datatype", None) == NamedNode(CPER + "nombre")
    }
    assert found.pop("valeur") == 100
    assert (found.get("borneInferieure"), found.get("borneSuperieure")) == (low, high)


def test_a_share_of_the_funds_is_applied_to_the_sum_over_funders() -> None:
    turtle = (
        EXCLUSIVE
        + figure("e", "1000", PAYS, step="100")
        + figure("r", "1000", "cper:financeur <region>", step="100")
        + figure("pa", "57.3", "cper:subdivision <axe/a>", "Part", step="0.1")
    )
    found = {
        (str(quad.subject).rpartition("/")[2], quad.predicate.value.removeprefix(CPER)): quad.object.value
        for quad in run(turtle)
        if isinstance(getattr(quad.object, "datatype", None), NamedNode)
    }
    assert Decimal(found["axe-a>", "valeur"]) == Decimal("1146")
    assert Decimal(found["axe-a>", "borneInferieure"]) == Decimal("57.25") * 19
    assert Decimal(found["axe-a>", "borneSuperieure"]) == Decimal("57.35") * 21
    assert len(found["axe-a>", "valeur"].partition(".")[0]) == 15, "with zeros before it, as stated values are"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("regle.rq", ""),
        ("1-regle.rq", "CONSTRUCT {} WHERE {}"),
        ("1-regle.rq", "# fr: a\n# en: a\nCONSTRUCT {} WHERE {}"),
        ("1-regle.rq", f"{HEADER}CONSTRUCT {{ ?x WHERE {{}}"),
        ("1-regle.rq", f"{HEADER}SELECT * {{}}"),
    ],
)
def test_a_malformed_rule_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with refused("rule-invalid"):
        load_rules(tmp_path)

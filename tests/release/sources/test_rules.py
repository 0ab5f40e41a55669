"""The rules of the build: which figures have a measure, and what is computed from them."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from cper_lod.core.namespaces import CPER, DEFINITIONS, SKOS, XSD
from cper_lod.release.sources.rules import computed, load_rules
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES
from tests.support.paths import ROOT
from tests.support.refusals import refused

CONTRACT = f"{BASE}id/contrat/essai"
RULES = load_rules(ROOT / "ontology" / "rules")
PARTS = """<decoupage/axes> cper:exclusif true . <axe/a> skos:inScheme <decoupage/axes> ; skos:broadMatch <priorite/1> .
<priorite/1> skos:inScheme <decoupage/priorites> . <decoupage/priorites> cper:exclusif true . <autre> skos:inScheme <decoupage/libre> . <groupe> foaf:member <ville> ."""
"""Exclusive breakdowns, one below the other, another breakdown, and a group of funders with a member."""


def figure(name: str, more: str = "", value: str = "60", nature: str = "arrondi", step: str = "1") -> str:
    """Return a figure in Turtle: a share if its name begins with `part`, a number with `nombre`, else an amount."""
    kind = {"part": "Part", "nomb": "Chiffre"}.get(name[:4], "Montant")
    unit = "<urn:euro>" if kind == "Montant" else "<urn:percent>"
    return (
        f'<{name}> a cper:{kind} ; cper:contrat <{CONTRACT}> ; cper:valeur "{value}"^^xsd:decimal ; '
        f'cper:pas "{step}"^^xsd:decimal ; sdmx-attribute:unitMeasure {unit} ; '
        f"cper:nature <{DEFINITIONS}code/nature-de-la-valeur/{nature}> {'; ' + more if more else ''} .\n"
    )


def run(*figures: str) -> list[Quad]:
    """Return what the rules add to a contract."""
    text = f"{PREFIX_LINES}@base <{CONTRACT}/> .\n{PARTS}\n{''.join(figures)}"
    lines = serialize(list(parse(text.encode(), format=RdfFormat.TURTLE)), format=RdfFormat.N_QUADS)
    assert lines is not None
    return [quad for quads in computed(RULES, lines).values() for quad in quads]


HEADER = "# fr: a\n# en: a\n# fr-description: a\n# en-description: a\n"
STATE, REGION, AXIS = "cper:financeur <etat>", "cper:financeur <region>", "cper:subdivision <axe/a>"
SCOPE = "cper:perimetre <hors>"
CASES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "a whole": ({"total": ""}, {"montantTotal": "total"}),
    "funders": ({"e": STATE, "r": REGION}, {"montantParFinanceur": "e r"}),
    "an exclusive breakdown": ({"a": AXIS}, {"montantParSubdivision": "a"}),
    "a breakdown of which the source says nothing": ({"a": "cper:subdivision <autre>"}, {}),
    "a funder for a subdivision": ({"ae": f"{STATE} ; {AXIS}"}, {"montantCroise": "ae"}),
    "shares": ({"part-e": STATE, "part-a": AXIS}, {"partParFinanceur": "part-e", "partParSubdivision": "part-a"}),
    "a share of the whole has no measure": ({"part": ""}, {}),
    "another figure has none": ({"nombre": ""}, {}),
    "an of-which": ({"total": "", "r": "cper:partieDe <total>"}, {"montantTotal": "total"}),
    "a rival": ({"total": "", "presse": "cper:divergeDe <total>"}, {"montantTotal": "total"}),
    "a replaced value": ({"total": "prov:wasRevisionOf <juin>", "juin": ""}, {"montantTotal": "total"}),
    "other years": ({"e": f"{STATE} ; dct:temporal <annees>"}, {}),
    "the money of an amendment": ({"e": f"{STATE} ; cper:avenant <avenant/1>"}, {}),
    "a whole with a scope beside a whole": ({"total": "", "m": SCOPE}, {"montantTotal": "total"}),
    "two wholes with a scope each": ({"m": "cper:perimetre <mobilites>", "h": SCOPE}, {}),
    "the scope of the total": (
        {"total": SCOPE, "e": f"{STATE} ; {SCOPE}"},
        {"montantTotal": "total", "montantParFinanceur": "e"},
    ),
    "another scope than the total": ({"total": "", "e": f"{STATE} ; {SCOPE}"}, {"montantTotal": "total"}),
    "one scope without a total": (
        {"e": f"{STATE} ; {SCOPE}", "r": f"{REGION} ; {SCOPE}"},
        {"montantParFinanceur": "e r"},
    ),
    "a scope beside none": ({"e": f"{STATE} ; {SCOPE}", "r": REGION}, {"montantParFinanceur": "r"}),
    "a member beside its group": (
        {"g": "cper:financeur <groupe>", "v": "cper:financeur <ville>"},
        {"montantParFinanceur": "g"},
    ),
    "the lower of two levels": ({"a": AXIS, "p": "cper:subdivision <priorite/1>"}, {"montantParSubdivision": "p"}),
    "parts of which one is out": (
        {"total": "cper:composeDe <e>, <r>", "e": STATE, "r": f"{REGION} ; dct:temporal <annees>"},
        {"montantTotal": "total"},
    ),
}


@pytest.mark.parametrize(("figures", "expected"), CASES.values(), ids=CASES)
def test_a_figure_has_a_measure_only_if_it_may_be_added_up(figures: dict[str, str], expected: dict[str, str]) -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for quad in run(*(figure(*each) for each in figures.items())):
        name = quad.predicate.value.removeprefix(CPER)
        if name.startswith(("montant", "partPar")):
            found[name].append(str(quad.subject).removeprefix(f"<{CONTRACT}/").removesuffix(">"))
    assert {name: " ".join(sorted(each)) for name, each in found.items()} == expected


@pytest.mark.parametrize(
    ("nature", "low", "high", "included"),
    [
        ("exact", 100, 100, None),
        ("arrondi", 95, 105, None),
        ("plus-de", 95, None, (", « plus de » compris", ", “more than” included")),
        ("moins-de", None, 105, (", « moins de » compris", ", “less than” included")),
        ("pres-de", 92, 108, None),
    ],
)
def test_the_sum_over_funders_is_as_precise_as_what_it_is_made_of_and_its_name_says_so(
    nature: str, low: int | None, high: int | None, included: tuple[str, str] | None
) -> None:
    is_exact = nature == "exact"
    state = figure("e", STATE, "40", "exact" if is_exact else "arrondi", "1" if is_exact else "10")
    quads = run(state, figure("r", REGION, "60", nature, "0"))
    found = {
        quad.predicate.value.removeprefix(CPER): Decimal(quad.object.value)
        for quad in quads
        if str(quad.subject).endswith("/derive/somme-des-financeurs>")
        and getattr(quad.object, "datatype", None) == NamedNode(XSD + "decimal")
    }
    assert found.pop("valeur") == 100
    assert (found.get("borneInferieure"), found.get("borneSuperieure")) == (low, high)
    names = [str(quad.object) for quad in quads if quad.predicate.value == SKOS + "prefLabel"]
    french, english = included or ("", "")
    assert names == [
        f'"Somme des montants publiés par financeur{french}"@fr',
        f'"Sum of the amounts published by funder{english}"@en',
    ]


def test_a_share_of_the_funds_is_applied_to_the_sum_over_funders() -> None:
    amounts = [figure(name, funder, "1000", step="100") for name, funder in (("e", STATE), ("r", REGION))]
    found = {
        (str(quad.subject).rpartition("/")[2], quad.predicate.value.removeprefix(CPER)): quad.object.value
        for quad in run(*amounts, figure("part-a", AXIS, "57.3", step="0.1"))
        if isinstance(getattr(quad.object, "datatype", None), NamedNode)
    }
    assert Decimal(found["axe-a>", "valeur"]) == Decimal("1146")
    assert Decimal(found["axe-a>", "borneInferieure"]) == Decimal("57.25") * 19
    assert Decimal(found["axe-a>", "borneSuperieure"]) == Decimal("57.35") * 21


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

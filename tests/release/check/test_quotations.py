"""Values and the words that hold them, or do not: numbers by unit, partial dates, natures, subdivisions by their word."""

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.names import PROGRAM
from cper_lod.core.namespaces import CPER, DCAT, DCT, DEFINITIONS, ORG, PREFIXES, SKOS, XSD
from cper_lod.core.processes import interruptible
from cper_lod.core.units import EURO, PERCENT, UNIT
from cper_lod.rdf.graph import Graph, Term
from cper_lod.rdf.reader import read
from cper_lod.release.check.quotations import (
    EXACT,
    NATURES,
    QuotationReader,
    QuotedStatement,
    Verdict,
    without_qualifier,
)
from tests.support.names import BASE
from tests.support.paths import ROOT

FIGURE = NamedNode(f"{BASE}id/contrat/fictif/montant/etat")
CODE = f"{DEFINITIONS}code/"
NATURE, PRINTED = CPER + "nature", CPER + "valeurPubliee"
FACTS = [
    (f"{CODE}type-de-subdivision/volet", SKOS + "prefLabel", Literal("Volet", language="fr")),
    (f"{BASE}volet", SKOS + "prefLabel", Literal("Mobilités", language="fr")),
    (f"{BASE}volet", SKOS + "notation", Literal("2", datatype=NamedNode(XSD + "integer"))),
    (f"{BASE}volet", DCT + "type", NamedNode(f"{CODE}type-de-subdivision/volet")),
]


def verdict(words: str, predicate: str, value: Term, unit: str = EURO) -> Verdict:
    """Return whether the words of a statement about a figure in `unit` have a value."""
    facts = [*FACTS, (FIGURE.value, UNIT, NamedNode(unit))]
    graph = Graph(Quad(NamedNode(subject), NamedNode(each), value) for subject, each, value in facts)
    statement = QuotedStatement(f"{BASE}enonce", words, frozenset({predicate}), (FIGURE,))
    return QuotationReader(graph, Graph([])).verdict(statement, FIGURE, predicate, value)


NUMBERS = [
    ("l'État, 994 M€", "valeur", "994000000", EURO, "found"),
    ("l'État, 994 %", "valeur", "994", EURO, "absent"),
    ("57,3 % des crédits", "valeur", "57.3", PERCENT, "found"),
    ("86 projets", "valeur", "86", f"{CODE}unite/projet", "found"),
    ("611 € par habitant", "valeur", "611", f"{CODE}unite/euro-par-habitant", "found"),
    ("un milliard et demi d'euros", "valeur", "1500000000", EURO, "found"),
    ("une centaine de millions d'euros", "valeur", "100000000", EURO, "found"),
    ("une centaine de projets", "valeur", "100", f"{CODE}unite/projet", "found"),
    ("la moitié du contrat", "valeur", "50", PERCENT, "found"),
    ("60 % des crédits", "partParFinanceur", "60.0", "", "found"),
    ("60 € de crédits", "partParFinanceur", "60.0", "", "absent"),
    ("60 € de crédits", "montantTotal", "60.0", "", "found"),
    ("60 crédits", "ordre", "60.0", "", "found"),
]


@pytest.mark.parametrize(("words", "name", "number", "unit", "expected"), NUMBERS)
def test_a_number_has_the_unit_of_its_figure_or_of_its_property(
    words: str, name: str, number: str, unit: str, expected: str
) -> None:
    assert verdict(words, CPER + name, Literal(number, datatype=NamedNode(XSD + "decimal")), unit or EURO) == expected


WHOLE = NamedNode(f"{BASE}id/contrat/fictif/montant/total")
COUNTED = [
    ("86 projets", "86 projets", NATURE, EXACT, "found"),
    ("plus de 86 projets", "86 projets", NATURE, EXACT, "absent"),
    ("86 projets", "86 projets", NATURE, f"{NATURES}arrondi", "absent"),
    ("arrondi à 86 M€", "86 M€", NATURE, f"{NATURES}arrondi", "absent"),
    ("3 Md€, dont 86 M€ pour la mer", "86 M€", CPER + "partieDe", WHOLE.value, "found"),
    ("3 Md€, dont au moins 86 M€ pour la mer", "86 M€", CPER + "partieDe", WHOLE.value, "found"),
    ("une enveloppe de 86 M€ sur le montant total", "86 M€", CPER + "partieDe", WHOLE.value, "found"),
    ("dont 86 M€ pour la mer", "86 M€", CPER + "partieDe", WHOLE.value, "absent"),
    ("3 Md€ et 86 M€ pour la mer", "86 M€", CPER + "partieDe", WHOLE.value, "absent"),
    ("86 M€ : 3 Md€ pour la mer", "86 M€", CPER + "composeDe", WHOLE.value, "found"),
    ("86 M€ pour le montant total", "86 M€", CPER + "composeDe", WHOLE.value, "absent"),
    ("86 M€, et non le montant total de 3 Md€", "86 M€", CPER + "divergeDe", WHOLE.value, "absent"),
]


@pytest.mark.parametrize(("words", "printed", "predicate", "value", "expected"), COUNTED)
def test_what_decides_how_a_figure_counts_is_said_by_few_words(
    words: str, printed: str, predicate: str, value: str, expected: str
) -> None:
    facts = [
        (FIGURE, PRINTED, Literal(printed, language="fr")),
        (WHOLE, PRINTED, Literal("3 Md€", language="fr")),
        (WHOLE, SKOS + "prefLabel", Literal("Montant total", language="fr")),
        (NamedNode(f"{NATURES}arrondi"), SKOS + "prefLabel", Literal("Arrondi", language="fr")),
    ]
    graph = Graph(Quad(subject, NamedNode(each), value) for subject, each, value in facts)
    statement = QuotedStatement(f"{BASE}enonce", words, frozenset({predicate}), (FIGURE,))
    reader = QuotationReader(graph, Graph([]))
    assert reader.verdict(statement, FIGURE, predicate, NamedNode(value)) == expected


def test_no_words_say_whether_a_euro_is_counted_once() -> None:
    assert verdict("un euro y compte une fois, c'est vrai", CPER + "exclusif", Literal(True)) == "absent"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("CPER 2021-2027", "found"),
        ("du 15 mars 2022 au 14 mars 2027", "found"),
        ("signé ce lundi 9 janvier 2027", "absent"),
    ],
)
def test_a_period_ends_in_no_year_of_a_day_within_it(words: str, expected: str) -> None:
    assert verdict(words, DCAT + "endDate", Literal("2027", datatype=NamedNode(XSD + "gYear"))) == expected


@pytest.mark.parametrize(
    ("words", "kind", "day", "expected"),
    [
        ("signé le 25 février", "gMonthDay", "--02-25", "found"),
        ("signé le 24 février", "gMonthDay", "--02-25", "absent"),
        ("approuvé en juin", "gMonth", "--06", "found"),
        ("approuvé en juillet", "gMonth", "--06", "absent"),
        ("présenté en mars 2022", "gYearMonth", "2022-03", "found"),
        ("présenté en mars 2021", "gYearMonth", "2022-03", "absent"),
        ("en juin", "gMonth", "06", "unknown"),
    ],
)
def test_a_date_that_lacks_its_year_or_day_is_looked_for_as_it_is(
    words: str, kind: str, day: str, expected: str
) -> None:
    assert verdict(words, DCT + "date", Literal(day, datatype=NamedNode(XSD + kind))) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [("volet 2 : 400 M€", "found"), ("les mobilités", "found"), ("axe 2 : 400 M€", "absent"), ("volet 3", "absent")],
)
def test_a_subdivision_is_named_or_numbered_after_its_word(words: str, expected: str) -> None:
    assert verdict(words, CPER + "subdivision", NamedNode(f"{BASE}volet")) == expected


STATUS, PLACE, SIGNATORY = PREFIXES["adms"] + "status", PREFIXES["prov"] + "atLocation", PREFIXES["prov"] + "agent"
SCOPE = CPER + "perimetre"
STATE, DEPARTMENT, REGION = (f"{BASE}id/organisme/{name}" for name in ("etat", "departement", "region"))
TRUE = [
    ("la convention que l'on a signée le 4 mai", STATUS, f"{CODE}statut/signe"),
    ("la signature est PRÉVUE en 2024", STATUS, f"{CODE}statut/prevu"),
    *((f"les contrats {word} en 2024", STATUS, f"{CODE}statut/approuve") for word in ("adoptés", "votés", "validés")),
    ("la convention présentée en mars", STATUS, f"{CODE}statut/presente"),
    ("la convention annoncée en mars", STATUS, f"{CODE}statut/annonce"),
    ("une somme convenue en mars", STATUS, f"{CODE}statut/convenu"),
    ("signé par la préfète de la région Bretagne", SIGNATORY, STATE),
    ("Jean Castex, Premier ministre, a signé", SIGNATORY, STATE),
    ("le Gouvernement apporte 5 M€", SIGNATORY, STATE),
    ("le président du conseil régional, Renaud Muselier", SIGNATORY, REGION),
    ("le conseil départemental de Loire-Atlantique", SIGNATORY, DEPARTMENT),
    ("signé au Mans le 25 février", PLACE, f"{BASE}le-mans"),
    ("aux Sables-d'Olonne", PLACE, f"{BASE}les-sables"),
    ("115 M€ de mobilités jusqu'en 2023", SCOPE, f"{CODE}perimetre/mobilites"),
    ("975 M€, qui ne comprennent pas les mobilités", SCOPE, f"{CODE}perimetre/hors-mobilites"),
    ("975 M€, mobilités non comprises", SCOPE, f"{CODE}perimetre/hors-mobilites"),
    ("pas moins de 3,4 milliards", NATURE, f"{CODE}nature-de-la-valeur/plus-de"),
    ("une centaine de projets", NATURE, f"{CODE}nature-de-la-valeur/pres-de"),
]
"""True words of announcements, a property that they attest and its value."""
UNTRUE = [
    ("la convention sera présentée", STATUS, f"{CODE}statut/signe"),
    ("le préfet maritime", SIGNATORY, STATE),
    ("le conseil départemental de la Sarthe", SIGNATORY, DEPARTMENT),
    ("le conseil régional de Normandie", SIGNATORY, REGION),
    ("à Mans-sur-Mer", PLACE, f"{BASE}le-mans"),
    ("2,7 milliards, hors mobilités", SCOPE, f"{CODE}perimetre/mobilites"),
    ("une semaine de projets", NATURE, f"{CODE}nature-de-la-valeur/pres-de"),
]
"""Words that do not attest a value."""


@pytest.fixture(scope="module")
def named() -> Graph:
    """Return the shared codes and bodies, with places and bodies of announcements."""
    quads = [quad for name in ("ontology/codes.ttl", "data/bodies.ttl") for quad in read(ROOT / name, names=PROGRAM)]
    labels = {"le-mans": "Le Mans", "les-sables": "Les Sables-d'Olonne"}
    things = {f"{BASE}{slug}": (name, "") for slug, name in labels.items()}
    things |= {REGION: ("Région Bretagne", "region"), DEPARTMENT: ("Département de Loire-Atlantique", "departement")}
    for iri, (name, kind) in things.items():
        quads.append(Quad(NamedNode(iri), NamedNode(SKOS + "prefLabel"), Literal(name, language="fr")))
        if kind:
            code = NamedNode(f"{CODE}type-d-organisme/{kind}")
            quads.append(Quad(NamedNode(iri), NamedNode(ORG + "classification"), code))
    return Graph(quads)


@pytest.mark.parametrize(
    ("words", "predicate", "value", "expected"),
    [(*each, "found") for each in TRUE] + [(*each, "absent") for each in UNTRUE],
)
def test_true_words_attest_what_they_say(words: str, predicate: str, value: str, expected: str, named: Graph) -> None:
    statement = QuotedStatement(f"{BASE}enonce", words, frozenset({predicate}), (FIGURE,))
    assert QuotationReader(named, Graph([])).verdict(statement, FIGURE, predicate, NamedNode(value)) == expected


HOSTILE = ("«" + " " * 20_000, "« " * 10_000, "(" * 20_000, "111 " * 5_000, "1," * 10_000, "axe " + "1, " * 6_000)
HOSTILE += ("million " * 2_500, "vingt et " * 2_500, "1 janvier " * 2_000, "a " * 10_000, "d'" * 10_000)


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_any_form_are_read_in_time(words: str) -> None:
    """A pattern that goes back would take hours: seven seconds for three thousand spaces, once."""
    values = [
        (SKOS + "prefLabel", Literal(words, language="fr")),
        (CPER + "valeur", Literal("994000000", datatype=NamedNode(XSD + "decimal"))),
        (DCT + "date", Literal("2023-01-09", datatype=NamedNode(XSD + "date"))),
        (CPER + "subdivision", NamedNode(f"{BASE}volet")),
        (CPER + "nature", NamedNode(f"{CODE}nature-de-la-valeur/plus-de")),
    ]
    with interruptible(100):
        assert {verdict(words, *each) for each in values} <= {"found", "absent", "unknown"}
        assert without_qualifier(words) == words

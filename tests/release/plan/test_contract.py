"""What is said of contracts of any kind: their finding in one sentence, their figures, and where each of these stands."""

from pathlib import Path

import pytest

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.namespaces import CPER, DCT
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import ContractSummary, contract_summary, contracts_of
from cper_lod.release.plan.finding import finding, headline, step_said
from cper_lod.release.plan.observations import Observation, ObservationReader, written
from cper_lod.release.release import Release
from cper_lod.web.documents.contracts import COLUMNS, contract_rows
from tests.release.plan.small_contracts import CONTRACTS, release_of
from tests.support.names import BASE
from tests.support.nquads_release import TYPE, release_of_quads

FINDINGS = {
    "equal-parts-only": ("Equal parts only", "Equal parts only"),
    "more-than": (
        "L’État et la Région annoncent plus de 5 milliards d’euros en Armorique",
        "The State and the Region announce more than €5 billion in Armorica",
    ),
    "nearly-unsigned": (
        "Nearly unsigned : près de 2,75 milliards d’euros, contrat présenté ; ces sources ne le disent pas signé",
        "Nearly unsigned: nearly €2.75 billion, contract presented; these sources do not say that it is signed",
    ),
    "less-than-no-step": (
        "Less than no step : moins de 80 millions d’euros",
        "Less than no step: less than €80 million",
    ),
    "two-sources": (
        "L’État et la Région annoncent 975 millions d’euros en Armorique ; une autre source donne un autre montant",
        "The State and the Region announce €975 million in Armorica; another source gives another amount",
    ),
}


@pytest.fixture(scope="module")
def small(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of small contracts."""
    return release_of(releases, tmp_path_factory.mktemp("small"), CONTRACTS)


def read(release: Release, name: str, lang: Language = "fr") -> ContractSummary:
    observations = ObservationReader(ReleaseGraph(release), lang)
    summary = contract_summary(observations, f"{BASE}id/contrat/{name}")
    assert summary
    return summary


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("name", FINDINGS)
def test_the_finding_is_true_of_every_contract(small: Release, name: str):
    assert tuple(plain(headline(read(small, name, lang), lang)) for lang in LANGUAGES) == FINDINGS[name]


def test_a_day_without_its_year_is_said_to_lack_it(small: Release):
    steps = read(small, "total-only").steps + read(small, "nearly-unsigned").steps
    assert [step_said(each, "fr") for each in steps] == [
        "Signé un 25 février, année non dite",
        "Présenté en juin, année non dite",
    ]
    assert read(small, "nearly-unsigned").signing is None


def test_each_figure_stands_where_it_belongs_and_nowhere_else(small: Release):
    it = read(small, "two-sources")
    assert (it.total and it.total.value, [each.value for each in it.rivals]) == ("975000000", ["970000000"])
    assert it.disagreements == (), "those about the total stand with it"
    assert [(each.leading.value, each.others[0].value) for each in it.earlier] == [("975000000", "960000000")]
    assert [each.value for each in it.parts] == ["200000000"]
    assert [plain(written(each, "fr")) for each in it.others] == ["86 projets"]
    assert [(each.kind, each.published_amount) for each in it.funders] == [("etat", 500000000), ("region", 470000000)]
    assert {each.nature for each in it.summed} == {"arrondi", "plus-de"}
    assert not it.complete, "the source does not say that the two make the whole"
    assert read(small, "made-of").complete
    assert it.sum
    assert (it.sum.value, it.sum.low, it.sum.high) == ("970000000", "969500000", ""), "« plus de » has no upper bound"
    assert plain(written(it.sum, "fr")) == "au moins 969,5 M€ (« plus de » compris)"
    assert it.sum.title == "Somme des montants publiés par financeur, « plus de » compris"
    assert (summed := read(small, "two-sources", "en").sum)
    assert plain(written(summed, "en")) == "at least €969.5m (“more than” included)"
    assert (made := read(small, "made-of").sum)
    assert (made.includes, made.title) == ("", "Somme des montants publiés par financeur")
    assert [each.link.text for each in it.sources] == ["Communiqué de la Région", "Presse du 3 mars"]
    assert [each.link.text for each in it.leading_sources] == ["Communiqué de la Région"]
    assert [each.value for each in read(small, "crossed-only").crossed] == ["3000000", "4000000"]


def test_levels_stand_under_each_other_and_other_breakdowns_apart(small: Release):
    axes, themes = read(small, "levels").breakdowns
    assert [(group.head and group.head.title, [line.title for line in group.lines]) for group in axes.groups] == [
        ("Relier", ["Rail", "Route"]),
        ("Former", ["Rail"]),
    ]
    assert [(each.title, each.above) for each in axes.lines] == [
        ("Rail", ("priorité 1", "Former")),
        ("Route", ("priorité 1",)),
    ]
    assert axes.above
    assert axes.above.text == "Priorités"
    assert (axes.title, axes.exclusive, themes.title, themes.exclusive) == ("Axes", True, "Thèmes", False)
    assert not themes.has_figures
    assert read(small, "no-numbers").breakdowns[0].exclusive is None, "the source does not say"


@pytest.mark.parametrize(("name", "years"), [("total-only", 7), ("more-than", 0), ("two-sources", 0)])
def test_years_are_told_where_the_words_of_the_total_say_them(small: Release, name: str, years: int):
    told = finding(ObservationReader(ReleaseGraph(small), "fr"), read(small, name))
    assert told.years == years
    assert told.a_year is None, "nothing is divided but a sum with both bounds"


def test_the_table_adds_up_what_may_be_added(small: Release):
    rows = contract_rows(small, f"{BASE}id/contrat/two-sources", "fr")
    found = [dict(zip(COLUMNS, cells, strict=True)) for _, cells in rows]
    assert sum(row["valeur"] for row in found if row["mesure"] == "montantParFinanceur") == 970_000_000
    told = [(row["mesure"], row["motif"][:10]) for row in found if row["valeur"] == 970_000_000]
    assert told == [("hors somme", "Il diffère"), ("hors somme", "Les montan")], "of the other source, and the sum"


def test_words_in_place_of_a_number_are_quoted(small: Release):
    line = read(small, "equal-parts-only", "en").funders[0]
    assert line.share
    assert written(line.share, "en") == "equal shares: “à parts égales”"


@pytest.mark.parametrize(
    ("nature", "printed", "french", "english"),
    [
        ("pres-de", "près de 5 M€", "près de", "nearly"),
        ("pres-de", "de l’ordre de 5 M€", "environ", "about"),
        ("plus-de", "au moins 5 M€", "au moins", "at least"),
        ("moins-de", "jusqu’à 5 M€", "au plus", "at most"),
    ],
)
def test_the_word_before_a_number_is_that_of_the_source(nature: str, printed: str, french: str, english: str):
    said = Observation(value="5000000", nature=nature, published=printed)
    assert (written(said, "fr"), written(said, "en")) == (f"{french} 5\u00a0M€", f"{english} €5m")


def test_a_text_that_a_contract_is_made_of_is_not_a_contract_beside_it(tmp_path: Path) -> None:
    lines = [f"<urn:{name}> {TYPE} <{CPER}Contrat>" for name in ("a", "a/texte", "b")]
    lines.append(f"<urn:a> <{DCT}hasPart> <urn:a/texte>")
    assert contracts_of(release_of_quads(tmp_path, lines)) == ("urn:a", "urn:b")

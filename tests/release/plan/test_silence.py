"""What the sources of a contract leave open: a question goes once its answer is there."""

from dataclasses import replace

import pytest

from cper_lod.core.i18n import translate
from cper_lod.release.plan.contract import (
    Amendment,
    Breakdown,
    ContractSummary,
    LineGroup,
    Signatory,
    Step,
    SummaryLine,
)
from cper_lod.release.plan.finding import ContractFinding
from cper_lod.release.plan.observations import Hyperlink, Observation, Source
from cper_lod.release.plan.silence import silence

AMOUNT = Observation(value="100", years="2021", source=Source(Hyperlink("communiqué"), "2023-01-09"))
ABSENT = Observation(reason="rien n’est dit")
DERIVED = Observation(value="20", derived=True, assumption="la somme")
SHARE = Observation(kind="percent", value="20", whole=Hyperlink("crédits"))


def lines(*figures: Observation, **values: object) -> tuple[Breakdown, ...]:
    found = tuple(SummaryLine(f"a{n}", f"/a{n}", str(n), "Axe", share=each) for n, each in enumerate(figures))
    return (Breakdown("axes", "Axes", "/axes", (LineGroup(None, tuple(replace(each, **values) for each in found)),)),)


ANSWERED = ContractSummary(
    iri="http://ex.org/c",
    title="Contrat",
    href="/c",
    territory=Hyperlink("Bretagne"),
    region=True,
    total=AMOUNT,
    funders=(SummaryLine("État", "/etat", kind="etat", amount=AMOUNT),),
    breakdowns=lines(SHARE),
    crossed=(AMOUNT,),
    steps=(Step("signé", "signe", "2022-03-15", "Signature", "/s"),),
    signatories=(Signatory("Région Bretagne", "Région", "region", "/region"),),
)
MEMBERS = (Hyperlink("a"), Hyperlink("b"))
PLANNED = Amendment("Avenant", "/avenant", (Step("prévu", "prevu", "2023", "Prévu", "/p"),))


def asked(summary: ContractSummary) -> list[str]:
    return [each.text for each in silence(summary, ContractFinding("", 0, None, None), "fr").questions]


@pytest.mark.parametrize(
    ("change", "key", "values"),
    [
        ({"total": ABSENT}, "total", {}),
        ({"total": None}, "total", {}),
        ({"funders": ()}, "funders", {}),
        (
            {"funders": (SummaryLine("Autres", "/o", amount=AMOUNT, members=MEMBERS),)},
            "split",
            {"count": "deux", "group": "Autres"},
        ),
        ({"breakdowns": ()}, "subdivisions", {}),
        ({"breakdowns": lines(SHARE, ABSENT)}, "line", {"name": "Axe 1\xa0·\xa0a1"}),
        ({"breakdowns": lines(SHARE, *[ABSENT] * 5)}, "lines", {"name": "Axes", "count": "5", "total": "6"}),
        ({"breakdowns": lines(SHARE, derived=DERIVED)}, "whole", {"words": "crédits"}),
        ({"crossed": ()}, "crossed", {}),
        ({"signatories": ()}, "signatories", {}),
        ({"steps": ()}, "signing", {}),
        ({"amendments": (PLANNED,)}, "amendment", {"name": "Avenant"}),
        ({"total": AMOUNT._replace(years="2021-2023"), "funders": (), "crossed": ()}, "years", {}),
    ],
)
def test_what_is_missing_is_a_question(change: dict[str, object], key: str, values: dict[str, object]):
    paid = translate("silence-paid", "fr")
    assert asked(ANSWERED) == [paid], "no contract says what has been paid"
    assert translate(f"silence-{key}", "fr", **values) in asked(replace(ANSWERED, **change))


def test_whom_to_ask_and_since_when():
    found = silence(ANSWERED, ContractFinding("", 0, None, None), "fr")
    assert found.day == "2023-01-09"
    assert found.offices == (Hyperlink("Préfecture de la région Bretagne"), Hyperlink("Région Bretagne", "/region"))
    assert silence(replace(ANSWERED, region=False), ContractFinding("", 0, None, None), "fr").offices == ()

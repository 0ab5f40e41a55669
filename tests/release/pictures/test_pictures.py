"""The figures of contracts: what they state, how long their bars are, that their text fits, and what they never say."""

import math
import re
import struct
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import resvg_py

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures import share_image
from cper_lod.release.pictures.bars import amounts_bar, place_svg
from cper_lod.release.pictures.figures import (
    MAX_ROWS,
    Picture,
    calendar_picture,
    interval_bar,
    pictures,
    shares_picture,
)
from cper_lod.release.pictures.text import SMALL, STRONG, TEXT, text_width
from cper_lod.release.plan.contract import (
    Amendment,
    Breakdown,
    ContractSummary,
    LineGroup,
    Step,
    SummaryLine,
    contract_summary,
)
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader, written
from cper_lod.release.release import Release
from cper_lod.web.http.static import FOLDER
from tests.release.plan.small_contracts import figure, release_of
from tests.support.names import BASE

REAL = BASE + "id/contrat/hauts-de-france-2021-2027"
STYLE = (FOLDER / "style.css").read_text("utf-8")
ODD = (
    "<script>alert(1)</script> & \"quotes\" 'x'",
    "מחירים ואמנות של האזור " * 4,
    "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen" * 3,
    "une longue dénomination " * 20,
    "\x00\x1b\ufffe\uffff",
    "",
)
"""Names: markup, written from right to left, one endless word, many words, characters that XML forbids, none."""
WHOLE = Hyperlink("Crédits", "/doc/def/code/credits")


def summary(graph: ReleaseGraph, iri: str, lang: Language = "fr") -> ContractSummary:
    found = contract_summary(ObservationReader(graph, lang), iri)
    assert found
    return found


def share(value: str, whole: Hyperlink | None = WHOLE) -> Observation:
    return Observation("percent", value, whole=whole)


def axis(number: int, value: str = "", title: str = "", above: tuple[str, ...] = ()) -> SummaryLine:
    figure = share(value) if value else Observation("percent", reason="Pas de part ici.")
    name = title or f"Axe numéro {number}"
    return SummaryLine(name, f"/axe/{number}", str(number), "Axe", figure, above=above)


def contract(
    lines: tuple[SummaryLine, ...] = (), exclusive: bool | None = True, read: bool = True, **values: object
) -> ContractSummary:
    breakdown = Breakdown("axes", "Axes", "/axes", (LineGroup(None, lines),), exclusive, whole=read)
    made = ContractSummary(
        iri="http://ex.org/c", title="Contrat d'essai", href="/c", period="2021-2027", start="2021", end="2027",
        breakdowns=(breakdown,) if lines else (), steps=(step("Signé", "2023-01-09"),), day="2026-11-25", whole=read,
    )  # fmt: skip
    return replace(made, **values)  # type: ignore[arg-type]


def step(status: str, day: str, code: str = "signe") -> Step:
    return Step(status, code, day, status, "/etape")


def planned(title: str, day: str) -> Amendment:
    return Amendment(title, "/a", (step("Prévu", day, "prevu"),))


def funder(name: str, amount: str, share_of: str = "", currency: str = "EUR", members: int = 0) -> SummaryLine:
    figure, part = Observation("amount", amount, currency), share(share_of) if share_of else None
    return SummaryLine(name, f"/{name}", share=part, amount=figure, members=(Hyperlink("x"),) * members)


def tree(picture: Picture | None) -> ET.Element:
    """Return a picture as an image, read as XML, which is stricter than HTML; its text lies inside, and its words say what it is."""
    assert picture
    inside = ET.fromstring(picture.__html__())  # noqa: S314  # ours
    assert not any("id" in each.attrib or "style" in each.attrib for each in inside.iter())
    root = ET.fromstring(share_image.contract_figure_svg(picture, contract()).replace(" xmlns=", " of="))  # noqa: S314
    width, height = (float(each) for each in root.attrib["viewBox"].split()[2:])
    assert [each.tag for each in root[:3]] == ["title", "desc", "style"] and root[0].text and root[1].text
    for node, across, high in ((root, width, height), (next(root.iter("g")), share_image.INSIDE + 1.5, math.inf)):
        for each in node.iter("text") if node is not root else node.findall("text"):
            classes = each.attrib.get("class", "").split()
            fonts = {font.cls: font for font in (SMALL, STRONG, share_image._BRAND, share_image._TITLE)}
            font = next((fonts[name] for name in classes if name in fonts), TEXT)
            long, x = text_width("".join(each.itertext()), font), float(each.attrib["x"]) + float(each.get("dx", "0"))
            left = x - {"end": long, "middle": long / 2}.get(each.attrib.get("text-anchor", ""), 0)
            assert left >= -0.5 and left + long <= across + 0.5, each.text
            assert font.size * 0.7 <= float(each.attrib["y"]) <= high - font.size * 0.2, each.text
    for each in root.iter("rect"):
        x, long = float(each.get("x", "0")), float(each.attrib["width"])
        assert x >= 0 and long >= 0 and x + long <= width + 0.1
        assert float(each.get("y", "0")) + float(each.attrib["height"]) <= height
    return root


def bars(picture: Picture | None) -> list[tuple[str, float]]:
    """Return the pieces of a picture that have a length, each with what it is of, and how long it is in percent."""
    assert picture
    if picture.bar is None:
        return [(row.cls, row.length) for row in picture.rows if row.length is not None]
    found = re.findall('<rect class="([^"]+)" x="[0-9.]+%" y="[0-9]+" width="([0-9.]+)%"', picture.bar.content)
    return [(cls, float(length)) for cls, length in found if cls not in ("track", "unlit", "dashed")]


def texts(root: ET.Element) -> str:
    return plain(" ".join("".join(each.itertext()) for each in root.iter("text")))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_shares_of_the_real_contract(release: Release):
    found = summary(ReleaseGraph(release), REAL)
    shares = pictures(found, "fr")["parts"]
    root = tree(shares)
    assert bars(shares) == [
        (cls, pytest.approx(each, abs=0.01)) for cls, each in (("p1", 19), ("p2", 57.3), ("p2", 8.8), ("p3", 14.8))
    ], "in the order of the text, a colour a priority"
    for said in ("57,3 %", "≈ 1,58 Md€ calculé", "509–538 M€"):
        assert said in texts(root)
    assert root[1].text and "57,3 %" in plain(root[1].text)
    assert len([each for each in root.iter("rect") if each.attrib["class"] == "dotted"]) == 2, "axes 5 and 6"
    assert "99,9 %" in plain(shares.caption)
    assert not re.search("mobilit", plain(shares.caption), re.I), "the source does not say of which funds"
    assert not re.search(r"\d( ?\d){5}", texts(root)), "no more digits than known"
    lit = shares_picture(found, "fr", {found.breakdowns[0].lines[1].href})
    assert [cls for cls, _ in bars(lit)] == ["p1 dim", "p2", "p2 dim", "p3 dim"] and "dashed" not in lit.bar.content


def test_who_pays_and_where_things_stand(release: Release):
    found = pictures(summary(ReleaseGraph(release), REAL), "fr")
    payers, root = found["financeurs"], tree(found["financeurs"])
    assert bars(payers) == [
        (cls, pytest.approx(amount / 27.57, abs=0.01))
        for cls, amount in (("state", 994), ("region", 995), ("others", 768))
    ]
    assert payers.bar and payers.bar.content.count('class="notch"') == 6, "seven share it"
    assert "Sept financeurs ensemble" in texts(root)
    assert "≈ 2 757 M€ (somme calculée)" in plain(payers.caption)
    times = found["calendrier"]
    assert times.caption == "Sixième année sur sept"
    root = tree(times)
    assert "suite inconnue" in texts(root)
    assert "2021 2022 2023 2024 2025 2026 2027" in texts(root), "the years"
    assert not re.search("aujourd", texts(root), re.I)
    assert [cls for cls, _ in bars(times)] == ["dotted"], "what was planned"


TWO = (axis(1, "60"), axis(2, "30"))
SHARED: dict[str, tuple[ContractSummary, bool, bool]] = {
    "of one whole": (contract(TWO), True, True),
    "of another whole": (
        contract((TWO[0], replace(TWO[1], share=share("30", Hyperlink("Autre chose"))))),
        False,
        False,
    ),
    "perhaps of the same money": (contract(TWO, exclusive=None), False, False),
    "of the same money": (contract(TWO, exclusive=False), False, False),
    "more than the whole": (contract((TWO[0], axis(2, "70"))), True, False),
    "under two others": (contract((axis(1, "60", above=("a", "b")), axis(2, "30", above=("a",)))), True, False),
    "equal": (contract((axis(1, "50"), axis(2, "50"))), False, True),
    "not all read": (contract(TWO, read=False), False, False),
}
"""Shares, whether one of them is the largest, and whether they are added up: only those of one whole are."""


@pytest.mark.parametrize("name", SHARED)
def test_shares_are_added_and_compared_only_if_they_are_of_one_whole(name: str):
    given, has_largest, is_summed = SHARED[name]
    drawn = shares_picture(given, "fr")
    assert drawn
    assert (plain(drawn.title) != "À quoi va l’argent : axes") is has_largest
    assert ("deux parts publiées font" in plain(drawn.caption)) is is_summed
    tree(drawn)


def test_amounts_of_subdivisions_are_drawn_where_there_are_no_shares():
    lines = tuple(
        replace(axis(n), share=None, amount=Observation(value=value)) for n, value in enumerate(("4000000", "1000000"))
    )
    drawn = shares_picture(contract(lines), "fr")
    assert bars(drawn) == [("seg p1", 100), ("seg p1", 25)] and "4 M€" in texts(tree(drawn))
    more = replace(lines[1], amount=Observation(value="1000000", nature="plus-de"))
    assert bars(shares_picture(contract((lines[0], more)), "fr")) == [], "« plus de » has no length"


def test_without_shares_there_is_no_figure_of_shares():
    assert shares_picture(contract(), "fr") is None
    assert shares_picture(contract((axis(1), axis(2))), "en") is None
    assert pictures(contract(start="", end=""), "fr") == {}


def test_fifty_axes_are_shown_in_part_and_counted():
    drawn = shares_picture(contract(tuple(axis(number, str(number / 100)) for number in range(1, 51))), "fr")
    assert len(bars(drawn)) == 50
    few = shares_picture(contract((axis(0, "10"), *(axis(number) for number in range(1, 50)))), "fr")
    for each in (drawn, few):
        assert str(50 - MAX_ROWS) in texts(tree(each))


@pytest.mark.parametrize("name", ODD)
def test_any_name_fits(name: str):
    lines = tuple(axis(number, value, name) for number, value in enumerate(("57.3", "19", "0.4", ""), 1))
    paid = (funder(name or "x", "5000000", "60"), funder(name + "y", "3000000", "40", members=3))
    given = contract(lines, funders=paid, title=name, amendments=(planned(name, "2024"),))
    for lang in LANGUAGES:
        drawn = pictures(given, lang)
        assert set(drawn) == {"parts", "financeurs", "calendrier"}
        for each in drawn.values():
            tree(each)
        ET.fromstring(share_image.share_svg(given, lang))  # noqa: S314  # ours


def test_amounts_without_shares_are_relative_to_the_largest():
    drawn = pictures(contract(funders=(funder("a", "4000000"), funder("b", "1000000"))), "en")["financeurs"]
    assert bars(drawn) == [("seg others", 100), ("seg others", 25)] and "€4m" in texts(tree(drawn))
    assert "proportional to the largest" in drawn.caption
    mixed = pictures(contract(funders=(funder("a", "4000000"), funder("b", "1000000", currency="CHF"))), "fr")
    assert bars(mixed["financeurs"]) == [], "amounts in two currencies are not compared"
    assert "1 M CHF" in texts(tree(mixed["financeurs"]))


def test_a_place_on_the_scale_is_that_of_euros_and_of_a_body_alone():
    francs, paid = Observation("amount", "100", "CHF"), (funder("a", "40"), funder("b", "60", members=2))
    assert amounts_bar(contract(total=francs), Decimal(100), "fr") is None
    shared = contract(funders=paid, summed=tuple(each.amount for each in paid))
    assert ["somewhere here" in place_svg(shared, each.href, "en") for each in paid] == [False, True]


def test_the_picture_for_other_sites_says_what_an_amount_counts(release: Release):
    bretagne = summary(ReleaseGraph(release), f"{BASE}id/contrat/bretagne-2021-2027")
    drawn = share_image.share_svg(bretagne, "fr")
    scope = next(each.amount.scope for each in bretagne.shared.lines if each.amount) if bretagne.shared else None
    assert scope and scope.text.lower() in plain(drawn.partition("</desc>")[2]), "not in its description alone"
    assert pictures(bretagne, "fr")["parts"].sources != pictures(bretagne, "fr")["calendrier"].sources


@pytest.mark.parametrize("nature", ["exact", "arrondi", "pres-de", "plus-de"])
def test_the_mark_of_a_total_says_which_amount_it_is(nature: str):
    total = Observation(value="3400000000", nature=nature)
    drawn = pictures(contract(total=total, funders=(funder("a", "1700000000"),)), "fr")["financeurs"]
    assert written(total, "fr") in drawn.caption


def test_funders_are_drawn_by_share_only_if_the_shares_are_of_one_whole():
    paid = (funder("a", "4000000", "60"), funder("b", "1000000", "40"))
    drawn = pictures(contract(funders=paid), "fr")["financeurs"]
    assert drawn.caption == "Parts et montants publiés."
    for each in (share("40", None), share("40", Hyperlink("Autre chose")), share("-40")):
        odd = (paid[0], replace(paid[1], share=each))
        apart = pictures(contract(funders=odd), "fr")["financeurs"]
        assert apart.caption == "Montants publiés\u00a0; barres proportionnelles au plus grand."
        assert bars(apart) == [("seg others", 100), ("seg others", 25)]


def test_dates_that_cannot_be_drawn_have_no_mark():
    assert calendar_picture(contract(steps=(step("Signé", "0001-01-01"),)), "fr") is None
    assert calendar_picture(contract(start="2027", end="2021"), "fr") is None
    late = calendar_picture(contract(day="2031-02-03"), "en")
    assert late and late.caption == "The period had ended on the day of this data."
    undated = calendar_picture(contract(day="", steps=(step("Signé", "--02-25"),)), "fr")
    assert undated and undated.bar and 'class="tick"' not in undated.bar.content
    assert "25 févr." in texts(tree(undated)), "a day without its year has no place in time"
    told = calendar_picture(contract(amendments=tuple(planned(f"Avenant {n}", "") for n in range(3))), "fr")
    assert told and [row.label for row in told.rows[-3:]] == [f"Avenant {n}" for n in range(3)]
    for each in (late, told):
        tree(each)


@pytest.mark.parametrize(
    ("day", "start", "length"),
    [("2023", 2, 1), ("2023-07", 2.5, 1 / 12), ("2024-12-31", 4, 1 / 366), ("2021-01-01", 0, 1 / 366)],
)
def test_a_mark_stands_at_its_date(day: str, start: float, length: float):
    drawn = calendar_picture(contract(steps=(), day="", amendments=(planned("a", day),)), "en")
    assert drawn and drawn.bar
    found = re.search('class="dotted" x="([0-9.]+)%" y="22" width="([0-9.]+)%"', drawn.bar.content)
    assert found and float(found[1]) == pytest.approx(start / 7 * 100, abs=1)
    assert float(found[2]) == pytest.approx(length / 7 * 100, abs=0.1)
    tree(drawn)


@pytest.mark.parametrize(
    ("low", "high"), [("1577523750", "1581999750"), ("509767500", "537907500"), ("1", "3"), ("999", "1001")]
)
def test_an_interval_lies_on_a_scale_around_it(low: str, high: str):
    drawn = interval_bar(Observation(value=low, low=low, high=high, derived=True), "fr")
    assert drawn and interval_bar(Observation(value=low, low=low, high=low, derived=True), "fr") is None
    found = re.search('class="dashed" x="([0-9.]+)%" y="[0-9]+" width="([0-9.]+)%"', drawn.content)
    assert found and float(found[1]) >= 0 and float(found[2]) > 10 and float(found[1]) + float(found[2]) <= 100


def test_the_style_sheet_has_the_sizes_and_colours_that_the_drawings_count_on():
    for name, font in (("text", TEXT), (".s", SMALL), (".b", STRONG)):
        rule = re.search(rf"{re.escape('.plan svg:not(.bars) ' + name)} {{([^}}]+)}}", STYLE)
        assert rule and f"font-size: {font.size}px" in rule[1]
        assert font.bold == ("font-weight: 700" in rule[1])
    light = re.findall(r"--[a-z0-9-]+: (#[0-9a-f]{3,6});", STYLE.split("@media")[0])
    assert set(re.findall("#[0-9a-f]{3,6}", share_image.STYLE)) <= {*light}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_pictures_for_other_sites(release: Release, lang: Language):
    body, words = share_image.contract_png(release, REAL, lang), share_image.alternative(release, REAL, lang)
    assert body and size_of(body) == (share_image.WIDTH, share_image.HEIGHT)
    assert 20_000 < len(body) < 150_000, "fonts were found"
    assert {"fr": "57,3", "en": "57.3"}[lang] in words and len(words) <= share_image.MAX_WORDS + 1
    assert [of(release, "urn:x", lang) for of in (share_image.contract_png, share_image.alternative)] == [None, ""]
    found = summary(ReleaseGraph(release), REAL, lang)
    for name, drawn in pictures(found, lang).items():
        taken = share_image.contract_png(release, REAL, lang, name)
        assert taken and size_of(taken)[0] == share_image.WIDTH
        assert taken == share_image.png(share_image.contract_figure_svg(drawn, found)), "the same bytes each time"


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_one_png_is_drawn_at_a_time(monkeypatch: pytest.MonkeyPatch):
    """The library does not let other threads run while it draws."""
    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda **_: str(share_image._ONE_PICTURE.locked()).encode())
    assert share_image.png("") == b"True"


def test_an_amount_that_is_part_of_another_is_not_said_to_be_unpublished(releases: Path, tmp_path: Path) -> None:
    axis = "<axe/{0}> a cper:Subdivision ; cper:contrat <> ; skos:inScheme <decoupage/axes> ; skos:prefLabel '{0}'@fr ."
    part = "cper:partieDe <montant/total> ; cper:subdivision <axe/ports>"
    turtle = (
        "<decoupage/axes> a cper:Decoupage ; cper:contrat <> . "
        + "".join(map(axis.format, ("ports", "mers", "monts")))
        + figure("montant/total", "9 M€", "9000000")
        + figure("montant/ports", "3 M€", "3000000", more=part)
        + figure("montant/mers", "2 M€", "2000000", more="cper:subdivision <axe/mers>")
        + figure("montant/monts", more="cper:subdivision <axe/monts> ; cper:motif 'La source ne le dit pas.'@fr")
    )
    found = summary(ReleaseGraph(release_of(releases, tmp_path, {"essai": turtle})), f"{BASE}id/contrat/essai")
    drawn = shares_picture(found, "fr")
    assert drawn and [row.label for row in drawn.absent] == ["monts"]

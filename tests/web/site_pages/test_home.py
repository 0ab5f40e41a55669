"""The home page: what one contract comes to, several compared, none; the name of data served as given."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DEFINITIONS
from tests.release.plan.small_contracts import SIGNED, figure, release_of
from tests.support.nquads_release import client_without_engine, given_release
from tests.web.html_page import Page, fresh_page, page


def heading(found: Page) -> str:
    """Return the text of the heading of a page, with plain spaces."""
    match = re.search(r"<h1[^>]*>(.*?)</h1>", found.source)
    assert match
    return " ".join(match[1].split())


SCOPE = f"cper:perimetre <{DEFINITIONS}code/perimetre/hors-mobilites>"
ALONE = (
    f"{SIGNED} <> dct:type <{DEFINITIONS}code/type-de-contrat/cper> ."
    + figure("montant/total", "plus de 2,7 milliards", "2700000000", "plus-de", SCOPE)
    + figure("montant/etat", "1400 M€", "1400000000", more=f"cper:financeur o:etat ; {SCOPE}", step="1000000")
    + figure("montant/region", "1357 M€", "1357000000", more=f"cper:financeur o:region ; {SCOPE}", step="1000000")
)


@pytest.fixture(scope="module")
def alone(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client that serves one contract."""
    return client_without_engine(release_of(releases, tmp_path_factory.mktemp("alone"), {"alone": ALONE}))


def test_one_contract_answers_first(alone: FlaskClient):
    found = fresh_page(alone, "/?lang=en", "en")
    told = "The State and the Region announce more than €2.7 billion (mobility excluded) in Armorica"
    assert heading(found) == told
    assert "/doc/contrat/alone?lang=en" in found.links and "/compare?lang=en" not in found.links


def test_the_real_contracts_are_between_two_amounts(client: FlaskClient):
    found = page(client, "/")
    assert len(re.findall(r"[0-9][0-9,.]*", heading(found))) == 2
    assert "/doc/contrat/hauts-de-france-2021-2027" in found.links


def rows(found: Page) -> list[str]:
    """Return the text of each contract that the page compares, with plain spaces."""
    first = found.source[found.source.index('<ol class="rows">') : found.source.index("</ol>")]
    texts = re.findall("<h3>(.*?)(?=<h3>|$)", first, re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", unescape(each)).split()) for each in texts]


@pytest.mark.parametrize("path", ["/", "/compare"])
def test_several_contracts_are_compared_by_what_they_state(small: FlaskClient, path: str):
    found = fresh_page(small, path)
    said = rows(found)
    told = {each.partition(" presented")[0].partition(" présenté")[0]: each for each in said}
    assert said[-1].startswith("Of nowhere (fictif)"), "the real ones come first"
    assert "5 Md€" in next(each for each in said if each.startswith("More than"))
    assert "signé" not in next(each for each in said if each.startswith("Nearly unsigned")), told
    assert re.search("975 M€ .* 970 M€", next(each for each in said if each.startswith("Two sources")))
    (silent,) = re.findall('<p class="small">Contrats nommés.*?</p>', found.source)
    assert "No numbers" in silent, "a contract without a figure is named and has no row"
    assert {each["href"] for each in found.having("a")} >= {"/compare", "/doc/contrat/two-sources"}


def test_bars_have_one_scale_and_say_what_they_show(small: FlaskClient):
    found = " ".join(fresh_page(small, "/compare").source.split())
    bar = re.search('<svg class="bars"[^>]*aria-label="(Two sources[^"]*)">(.*?)</svg>(?=\\s*<ul)', found, re.DOTALL)
    assert bar
    assert bar[1].startswith("Two sources : total 975 M€, ")
    assert "dont 200 M€" in bar[1]
    lengths = re.findall('<rect class="(state|region)" x="([^%]*)%" y="10" width="([^%]*)%"', bar[2])
    assert lengths == [("state", "0.00", "10.00"), ("region", "10.00", "9.40")], (
        "of the five thousand million at the end"
    )


def test_what_a_total_is_made_of_are_its_own_parts(client: FlaskClient):
    points = page(client, "/compare").source.partition('<table class="plan-table points')[2]
    row = next(each for each in points.split("<tr") if "/doc/contrat/pays-de-la-loire-2021-2027" in each)
    (cell,) = [each for each in row.split("<td") if "/montant/relance" in each]
    assert translate("compare-part", "fr") in cell


def test_each_point_says_whether_it_compares(small: FlaskClient, client: FlaskClient):
    for each, said in (
        (small, "non : un contrat n’en donne pas"),
        (client, "non : des sources donnent plusieurs chiffres"),
    ):
        row = fresh_page(each, "/compare?lang=fr").source.partition('class="verdict"')[2].partition("</tr>")[0]
        assert said in " ".join(row.split())
        assert row.count("<td") == 5


def test_what_a_total_leaves_out_is_a_box_without_an_end(client: FlaskClient):
    found = " ".join(fresh_page(client, "/?lang=fr").source.split())
    drawings = [each.partition('">') for each in found.partition('<ol class="rows">')[2].split('<svg class="bars"')[1:]]
    assert [drawn.count('class="left-out"') for _, _, drawn in drawings] == [3, 3, 0, 0]
    assert ["non publié" in words for words, _, _ in drawings] == [True, True, False, False]


def test_the_heading_says_a_range_only_if_each_contract_has_a_total(small: FlaskClient):
    assert not re.search("euros|[0-9]", heading(fresh_page(small, "/")))


def test_data_without_a_contract_have_the_name_of_their_file_or_the_setting(tmp_path: Path, releases: Path):
    path = tmp_path / "lieux.ttl"
    path.write_text(
        "@prefix e: <http://ex.org/> . e: a <http://www.w3.org/2002/07/owl#Ontology> ; "
        '<http://purl.org/dc/terms/title> "Lieux d’essai"@fr . e:1 a e:Lieu .',
        "utf-8",
    )
    release = given_release(releases, path)
    for flags, title in (({}, "lieux"), ({"title": "Mes lieux"}, "Mes lieux")):
        found = page(client_without_engine(release, **flags), "/")
        assert heading(found) == title
        assert found.text.count(title) >= 3, "the brand, the title, the heading"
        assert any(link.startswith("/doc") for link in found.links)
        assert "Contrats de plan" not in found.source

"""A contract: its page with every figure and passage, its table in every form, and the records by which it is cited."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from cper_lod.core.i18n import translate
from cper_lod.release.history.history import Publication
from cper_lod.web.components import citation
from cper_lod.web.components.citation import Citation
from cper_lod.web.documents.contracts import COLUMNS
from cper_lod.web.site import SITE, Site
from tests.release.plan.small_contracts import CONTRACTS, release_of
from tests.support.names import BASE
from tests.support.nquads_release import PREFIX_LINES, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, ID, csv_rows
from tests.web.html_page import Page, page

PLAN, CITE = f"/plan{CONTRACT}", f"/cite{CONTRACT}"


def test_a_row_says_what_the_source_says_of_a_figure(client: FlaskClient) -> None:
    rows = {each["url"].partition(f"{CONTRACT}/")[2]: each for each in csv_rows(client, PLAN + ".csv")}
    assert {url.partition("/")[0] for url in rows} == {"montant", "part", "derive"}
    second, fifth, computed = (rows[name] for name in ("part/axe-2", "part/axe-5", "derive/axe-2"))
    assert (second["valeur"], second["mesure"], second["statut"]) == ("57.3", "part par subdivision", "publié")
    assert (second["unite"], second["nature"], second["subdivision"]) == ("%", "Arrondie", "Soutenir les territoires")
    assert "57,3% des crédits" in second["mots"], "the words are verbatim"
    assert second["source"] == "Communiqué de presse du 9 janvier 2023"
    assert int(computed["min"]) < int(computed["valeur"]) < int(computed["max"])
    assert "la source ne le dit pas" in computed["motif"], "the assumption"
    assert (fifth["valeur"], fifth["statut"]) == ("", "non publié")
    assert rows["montant/total"]["perimetre"] == "Hors mobilités"
    added = [int(each["valeur"]) for each in rows.values() if each["mesure"] == "montant par financeur"]
    assert sum(added) == 2_757_000_000


def test_the_table_has_the_same_names_in_english(client: FlaskClient) -> None:
    rows = csv_rows(client, PLAN + ".csv?lang=en")
    assert [*rows[0]] == [*COLUMNS, "url"] == [*csv_rows(client, PLAN + ".csv")[0]]
    assert len(rows[0]) == 15
    assert ("Supporting territories", "published") in {(each["subdivision"], each["statut"]) for each in rows}


@pytest.mark.parametrize(
    "path", ["/plan/x.csv", "/cite/x.bib", f"{PLAN}/axe/1.csv", f"{CITE}.ttl", "/plan/organisme/etat"]
)
def test_only_contracts_have_them(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def bibtex_fields(text: str) -> dict[str, str]:
    """Return the fields of a BibTeX entry, whose braces are balanced."""
    kind, key, body = re.fullmatch(r"@(\w+)\{([\w-]+),\n(.*)\}\n", text, re.DOTALL).groups()  # type: ignore[union-attr]
    found = {"": kind, "key": key}
    for line in body.splitlines():
        name, value = re.fullmatch(r"  (\w+) = \{(.*)\},", line).groups()  # type: ignore[union-attr]
        depth = 0
        for char in value:
            depth += {"{": 1, "}": -1}.get(char, 0)
            assert depth >= 0, value
        assert depth == 0, value
        found[name] = value
    return found


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_record_of_a_contract(client: FlaskClient, lang: str) -> None:
    found = bibtex_fields(client.get(f"{CITE}.bib?lang={lang}").text)
    site = client.application.extensions["cper_lod"]
    assert found["title"].startswith({"fr": "{Contrat de plan", "en": "{State-Region"}[lang])
    assert (found["author"], found["publisher"]) == ("{cper-lod}", "cper-lod")
    assert (found["date"], found["year"]) == (site.release_day, site.release_day[:4])
    assert found["version"] == site.release.id
    assert found["url"] == f"http://127.0.0.1:8000/doc{CONTRACT}"
    assert ID + CONTRACT in found["note"]
    assert r"Licence Ouverte 2.0" in found["note"]
    assert {"fr": "Communiqué de presse", "en": "Press release"}[lang] in found["note"]
    assert found["key"] == f"contrat-hauts-de-france-2021-2027-{site.release.id[:8]}"


HARMFUL = Citation(
    title="}\\end{x}\nER  - \r\nTY  - ", collection="50 % & $1_000 #2 ~ ^", publisher="Doe, J. {", sources=("{$_%&#~^}",),
    day="2026-01-02", version="0" * 16, identifier="https://w3id.org/cper-lod/id/contrat/x", address="https://e.org/{a}\\b c?d=%20",
    licence="", lang="fr",
)  # fmt: skip


def test_hostile_titles_end_no_record(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        found = bibtex_fields(citation.bibtex(HARMFUL))
    assert found["title"] == r"{{\textbraceright}{\textbackslash}end{\textbraceleft}x{\textbraceright} ER - TY -}"
    assert found["howpublished"] == r"50 \% \& \$1\_000 \#2 {\textasciitilde} {\textasciicircum}"
    assert found["url"] == "https://e.org/%7Ba%7D%5Cb%20c?d=%20"


def test_where_releases_are_kept_the_very_state_is_cited(client: FlaskClient) -> None:
    """The address is the same from the current release and from its own address."""
    now: Site = client.application.extensions["cper_lod"]
    entry = Publication(1, now.release.id, now.release.digest, 86_400 * 365, "build", "", "")
    known = SimpleNamespace(entries=(entry,), current=entry, first_publication=lambda _: entry)
    current = replace(now, timeline=known)  # type: ignore[arg-type]
    below = f"/release/{now.release.id}"
    settings = replace(now.settings, public_url=now.settings.public_url + below)
    for served, root in ((current, ""), (replace(current, moment=entry, settings=settings), below)):
        answer = client.get(f"{CITE}.bib", environ_overrides={SITE: served, "SCRIPT_NAME": root})
        found = bibtex_fields(answer.text)
        assert found["url"] == f"http://127.0.0.1:8000{below}/doc{CONTRACT}"
        assert (found["date"], found["year"], found["month"]) == ("1971-01-01", "1971", "1")


def test_the_page_that_says_how_to_cite_and_to_embed(client: FlaskClient) -> None:
    found = page(client, f"{CITE}?lang=en", "en")
    assert found.having("link", rel="canonical")[0]["href"] == f"http://127.0.0.1:8000{CITE}?lang=en"
    assert f"{CITE}.bib?lang=en" in found.links
    frames = re.findall(r'<iframe src="http://127\.0\.0\.1:8000(/embed/[^"]*)" width="\d+" height="\d+"', found.text)
    assert len(frames) == len(set(frames)) > 2
    assert {client.get(unescape(each)).status_code for each in frames} == {200}
    contract = page(client, f"/doc{CONTRACT}?lang=en", "en")
    assert {f"{CITE}?lang=en", f"{PLAN}.csv?lang=en"} <= set(contract.links)


def section(found: Page, name: str) -> str:
    """Return the source of a section of the page."""
    start = found.source.index(f'<section id="{name}">')
    return found.source[start : found.source.index("</section>", start)]


def plain(source: str) -> str:
    """Return the text of a source, with plain spaces."""
    return " ".join(re.sub("<[^>]*>", " ", source).replace("&#39;", "'").split())


def test_every_figure_links_to_its_receipt(client: FlaskClient):
    """Its words with the passage marked, how it is rounded or computed, its day, its source, how to cite and to take it."""
    shown = page(client, f"/doc{CONTRACT}", "en")
    receipts = dict(re.findall('<details class="receipt.*?<dl id="([^"]+)">(.*?)</details>', shown.source, re.DOTALL))
    linked = set(re.findall('href="#(recu-[^"]+)"', shown.source))
    assert linked == {*receipts}, "each number of the tables leads to one, and each is led to"
    assert len(linked) == 16, "total, sum, amount of a year, three funders, six axes, four computed amounts"
    share, computed = (plain(unescape(receipts[name])) for name in ("recu-part-axe-2", "recu-derive-axe-2"))
    assert "57.25%" in share and f"{BASE}id{CONTRACT}/part/axe-2" in share
    assert "57.35% × €2,758.5m = €1,581,999,750" in computed
    assert f"/image{CONTRACT}/parts.en.png" in receipts["recu-part-axe-2"]
    assert "<mark>57,3%</mark>" in shown.source


def test_figures_stand_in_their_sections(client: FlaskClient):
    found = page(client, f"/doc{CONTRACT}")
    money, axes, signatories = (section(found, name) for name in ("argent", "d-axes", "signataires"))
    sums = [994000000, 36, 995000000, 36, 768000000, 28, 2757000000]
    assert list(map(int, re.findall('<data value="([0-9]+)">', money))) == sums, (
        "funders with their shares, and the sum"
    )
    table = [plain(row) for row in re.findall("<tr.*?</tr>", axes[axes.index("<table") :], re.DOTALL)]
    assert ["57,3 %" in row for row in table].index(True) == 4
    assert not [row for row in table if re.search(r"\b0 %", row)], "what is not published is not zero"
    assert re.findall('<li class="(state|region|others)">', signatories) == ["state", "region", "others"]
    assert signatories.count("<li>") == 7, "of the others"
    assert "9 janvier 2023" in plain(section(found, "calendrier"))


def test_what_is_not_said_is_asked_in_a_letter_in_french(client: FlaskClient):
    told = section(page(client, f"/doc{CONTRACT}", "en"), "non-dit")
    assert told.count("<tr") == 9
    letter = plain(told.partition("<pre")[2].partition("</pre>")[0])
    assert ("L. 311-1" in letter, letter.count("–")) == (True, 8)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client that serves a contract of statements alone, and one with an axis under two priorities and one without number."""
    of = "a cper:Subdivision ; cper:contrat k:m"
    turtle = PREFIX_LINES + (
        f"@prefix e: <{ID}/contrat/x/> . @prefix k: <{ID}/contrat/> . @prefix m: <{ID}/contrat/m/> ."
        "k:x a cper:Contrat . k:m a cper:Contrat . m:axes a cper:Decoupage ; cper:contrat k:m . e:a a foaf:Document ."
        f'm:p {of} ; skos:prefLabel "Priorité p" . m:q {of} ; skos:prefLabel "Priorité q" .'
        f'm:x {of} ; skos:inScheme m:axes ; skos:broadMatch m:p, m:q ; skos:notation 7 ; skos:prefLabel "Axe 7" .'
        f'm:y {of} ; skos:inScheme m:axes ; skos:broadMatch m:q ; skos:prefLabel "Axe sans numéro" .'
        'm:s a cper:Part ; cper:contrat k:m ; cper:subdivision m:x ; cper:valeur "2"^^xsd:decimal .'
        'e:e1 a cper:Enonce ; oa:exact "un deux trois" ; cper:position [ oa:start 10 ; oa:end 23 ] ; prov:wasQuotedFrom e:a .'
        'e:e2 a cper:Enonce ; oa:exact "deux" ; cper:position [ oa:start 13 ; oa:end 17 ] ; prov:wasQuotedFrom e:a .'
        'e:e3 a cper:Enonce ; oa:exact "deux" ; cper:position [ oa:start 90 ; oa:end 94 ] ; prov:wasQuotedFrom e:a .'
        'e:e4 a cper:Enonce ; oa:exact "deux" ; cper:position [ oa:start 13 ; oa:end 17 ] ; prov:wasQuotedFrom e:b .'
        'e:e5 a cper:Enonce ; oa:exact "zéro" ; cper:position [ oa:start 1 ; oa:end 5 ] ; prov:wasQuotedFrom e:a .'
    )
    lines = [str(quad) for quad in parse(turtle, RdfFormat.TURTLE)]
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("contracts"), lines))


def test_words_within_a_passage_stand_in_it(given: FlaskClient):
    quoted = re.findall("<blockquote.*?<p>(.*?)</p>", page(given, "/doc/contrat/x/a").source)
    assert quoted == ["zéro", "un deux trois", "deux"]
    assert "<tr" in section(page(given, "/doc/contrat/x"), "non-dit"), "what is not there at all"
    assert given.get("/cite/contrat/x.bib").status_code == 404, "nobody has published it"


def test_an_axis_may_be_under_two_priorities(given: FlaskClient):
    told = plain(section(page(given, "/doc/contrat/m"), "d-axes"))
    assert told.count("7 · Axe 7 Priorité p, Priorité q") == 2
    assert "Axe sans numéro" in told and "· Axe sans numéro" not in told


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_page_has_the_sections_that_its_facts_need_and_no_empty_ones(small: FlaskClient, name: str):
    found = page(small, f"/doc/contrat/{name}")
    sections = re.findall(r'<section id="([^"]+)">\s*<h2>.*?</h2>(.*?)</section>', found.source, re.DOTALL)
    assert [anchor for anchor, content in sections if not plain(content)] == []
    contents = re.search('<nav class="jumps".*?</nav>', found.source, re.DOTALL)
    assert contents
    assert re.findall('href="#([^"]+)"', contents[0]) == [anchor for anchor, _ in sections]
    needed = {
        "equal-parts-only": {"argent", "calendrier", "signataires"},
        "no-numbers": {"d-axes", "calendrier", "signataires"},
        "crossed-only": {"d-axes", "croise", "calendrier", "signataires"},
        "two-sources": {"argent", "dont", "autres", "avant", "calendrier", "signataires", "mots"},
        "levels": {"d-axes", "d-themes"},
        "less-than-no-step": {"argent"},
    }
    if name in needed:
        assert {anchor for anchor, _ in sections} == needed[name] | {"non-dit", "donnees"}


def test_sources_that_disagree_stand_side_by_side_with_their_days(small: FlaskClient):
    found = page(small, "/doc/contrat/two-sources")
    told, before = (plain(section(found, name)) for name in ("argent", "avant"))
    assert told.count("au moins 969,5 M€") == told.count("au moins 969,5 M€ (« plus de » compris)") > 1
    for text, parts in ((told, ("975 M€ Communiqué", "970 M€ Presse du 3 mars", "969,5 M€")), (before, ("975", "960"))):
        places = [text.find(each) for each in parts]
        assert places == sorted(places) and places[0] >= 0


def test_words_are_an_answer_to_who_pays(small: FlaskClient):
    found = page(small, "/doc/contrat/equal-parts-only")
    answers = found.source[found.source.index('<dl class="three">') :].partition("</dl>")[0].split("<dt>")
    assert answers[2].count('href="#recu-') == 2 and 'class="none"' not in answers[2]


def test_a_step_to_come_whose_day_has_passed_is_not_told_as_to_come(client: FlaskClient):
    told = section(page(client, "/doc/contrat/bretagne-2021-2027"), "calendrier")
    assert translate("step-past", "fr") in told
    noted = section(page(client, "/doc/contrat/hauts-de-france-2021-2027"), "calendrier")
    assert translate("step-past", "fr") not in noted, "a note says so in the words of the data"


def test_bounds_have_the_unit_of_their_figure(client: FlaskClient):
    assert "611,5\u00a0euros par habitant" in page(client, "/doc/contrat/pays-de-la-loire-2021-2027").source


def test_a_text_that_a_contract_is_made_of_asks_nothing_of_its_own(releases: Path, tmp_path: Path):
    made = CONTRACTS["total-only"] + '<> dct:hasPart <texte/a> . <texte/a> a cper:Contrat ; skos:prefLabel "Liste"@fr .'
    served = client_without_engine(release_of(releases, tmp_path, {"whole": made}))
    for path, asks in (("whole", True), ("whole/texte/a", False)):
        found = page(served, f"/doc/contrat/{path}")
        assert ('<section id="non-dit">' in found.source) == asks
    assert "/doc/contrat/whole" in found.links


def test_each_figure_of_several_documents_names_its_own(client: FlaskClient):
    """The JSON has the document of each figure; the page has it beside its words."""
    path = "/doc/contrat/provence-alpes-cote-d-azur-2021-2027"
    (axes,) = re.findall('<table class="plan-table shares.*?</table>', page(client, path).source, re.DOTALL)
    said = csv_rows(client, "/doc/montant.csv?contrat=provence-alpes-cote-d-azur-2021-2027")
    by_axis = [row for row in said if row["subdivision"]]
    assert len(by_axis) > 1
    for row in by_axis:
        (shown,) = [
            plain(each) for each in axes.split("</tr>") if row["subdivision"] in unescape(each).replace("’", "'")
        ]
        assert row["source"] in unescape(shown).replace("’", "'"), row["subdivision"]

"""The files of a contract: its tidy table in every form, and the records by which it is cited."""

import csv
import datetime
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cper_lod.core.namespaces import BASE, CPER
from cper_lod.release.history.history import Publication
from cper_lod.release.plan import table
from cper_lod.web.components import citation
from cper_lod.web.components.citation import Citation
from cper_lod.web.site import SITE, Site
from tests.support.cases import each_case
from tests.support.html_page import page
from tests.support.nquads_release import TYPE, client_without_engine, release_of_quads
from tests.support.web import CONTRACT, ID
from tests.support.workbooks import data_and_about

PLAN, CITE = f"/plan{CONTRACT}", f"/cite{CONTRACT}"
HOSTILE = '=cmd|"x" \\ {$_%&#~^} </script>'


def read_csv(body: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def test_a_row_says_what_the_source_says_of_an_axis(client: FlaskClient) -> None:
    answer = client.get(PLAN + ".csv")
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert "Accept-Language" in answer.headers["Vary"]
    rows = read_csv(answer.data)
    assert [(each["priorite_numero"], each["axe_numero"]) for each in rows] == [
        ("1", "1"), ("2", "2"), ("2", "3"), ("3", "4"), ("3", "5"), ("4", "6"),
    ]  # fmt: skip
    second, fifth = rows[1], rows[4]
    assert (second["part_pourcent"], second["part_statut"], second["montant_statut"]) == ("57.3", "publié", "calculé")
    assert int(second["montant_bas"]) < int(second["montant_haut"])
    assert second["devise"] == "EUR"
    assert "57,3% des crédits" in second["mots"], "the words are verbatim"
    assert second["mots_adresse"] == f"{ID}{CONTRACT}/enonce/part-axe-2"
    assert second["source_adresse"] == f"{ID}/document/communique-2023-01-09"
    assert second["contrat_adresse"] == ID + CONTRACT
    assert (fifth["part_pourcent"], fifth["montant_bas"], fifth["devise"]) == ("", "", "")
    assert fifth["part_statut"] == fifth["montant_statut"] == "non publié"
    assert "avenant" in fifth["motif"]


def test_the_table_in_english(client: FlaskClient) -> None:
    rows = read_csv(client.get(PLAN + ".csv?lang=en").data)
    assert rows == read_csv(client.get(PLAN + ".csv", headers={"Accept-Language": "en"}).data)
    assert list(rows[0]) == [*table.COLUMNS["en"]]
    assert (rows[1]["axis"], rows[1]["share_status"]) == ("Supporting territories", "published")
    assert [len(set(each)) for each in table.COLUMNS.values()] == [len(rows[0])] * 2


def test_numbers_are_numbers_in_a_workbook(client: FlaskClient) -> None:
    (head, *rows), about = data_and_about(client.get(PLAN + ".xlsx?lang=en").data)
    second = dict(zip(head, rows[1], strict=True))
    assert (second["axis_number"], second["share_percent"]) == (2, 57.3)
    assert second["amount_low"] < second["amount_high"]
    assert second["source_date"] == datetime.datetime(2023, 1, 9)
    assert about["Address"] == f"http://127.0.0.1:8000{PLAN}.xlsx?lang=en"
    assert "two priorities has two rows" in about["Note"]


def test_for_a_french_spreadsheet(client: FlaskClient) -> None:
    answer = client.get(PLAN + ".tableur.csv", headers={"Accept-Language": "en"})
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert read_csv(answer.data, ";")[1]["part_pourcent"] == "57,3"


@pytest.mark.parametrize("path", [PLAN, CITE])
def test_a_form_can_be_negotiated(client: FlaskClient, path: str) -> None:
    answer = client.get(path + "?lang=en")
    suffix = {PLAN: "csv", CITE: "bib"}[path]
    assert answer.headers["Content-Location"] == f"{path}.{suffix}?lang=en"
    links = ", ".join(answer.headers.getlist("Link"))
    assert f'<http://127.0.0.1:8000/doc{CONTRACT}>; rel="about"' in links
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == {PLAN: 406, CITE: 200}[path]


@each_case("path", ["/plan/x.csv", "/cite/x.bib", f"{PLAN}/axe/1.csv", f"{CITE}.ttl", "/plan/organisme/etat"])
def test_only_contracts_have_them(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Return a client of data with an odd contract: hostile names, another currency, an axis under two priorities."""
    contract, node = f"{BASE}id/contrat/odd", f"<{BASE}id/contrat/odd/%s>"
    label = "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    notation = "<http://www.w3.org/2004/02/skos/core#notation>"
    hostile = '"' + HOSTILE.replace("\\", "\\\\").replace('"', '\\"') + '"@fr'
    lines = [
        f"<{contract}> {TYPE} <{CPER}Contrat>",
        f"<{contract}> {label} {hostile}",
        *(f"<{contract}> <{CPER}priorite> {node % each}" for each in ("p1", "p2")),
        *(f"{node % p} <{CPER}axe> {node % 'a'}" for p in ("p1", "p2")),
        *(f'{node % f"p{n}"} {notation} "{n}"' for n in (1, 2)),
        f"{node % 'a'} {label} {hostile}",
        f'{node % "a"} {notation} "1 bis"',
        f"{node % 'a'} <{CPER}part> {node % 's'}",
        f'{node % "s"} <{CPER}minimum> "1200.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        f"{node % 's'} <http://data.openbudgets.eu/ontology/dsd/attribute/currency> <http://e.org/currency/XPF>",
        f"<{BASE}id/contrat/empty> {TYPE} <{CPER}Contrat>",
        f"<{BASE}id/contrat/large> {TYPE} <{CPER}Contrat>",
        *(f"<{BASE}id/contrat/large> <{CPER}priorite> {node % f'many{n}'}" for n in range(301)),
    ]
    return client_without_engine(release_of_quads(tmp_path_factory.mktemp("odd"), lines))


def test_a_published_minimum_in_another_currency(odd: FlaskClient) -> None:
    rows = read_csv(odd.get("/plan/contrat/odd.csv").data)
    assert [(each["priorite_numero"], each["axe_numero"]) for each in rows] == [("1", "1 bis"), ("2", "1 bis")]
    found = {name: rows[0][name] for name in ("part_pourcent", "part_statut", "montant_bas", "montant_haut", "devise")}
    assert found == {
        "part_pourcent": "", "part_statut": "non publié", "montant_bas": "1200.5", "montant_haut": "", "devise": "XPF",
    }  # fmt: skip
    assert rows[0]["montant_statut"] == "publié"


def test_hostile_names_are_texts(odd: FlaskClient) -> None:
    assert read_csv(odd.get("/plan/contrat/odd.csv").data)[0]["axe"] == HOSTILE
    assert read_csv(odd.get("/plan/contrat/odd.tableur.csv").data, ";")[0]["axe"] == "'" + HOSTILE
    rows, _ = data_and_about(odd.get("/plan/contrat/odd.xlsx").data)
    assert rows[1][4] == HOSTILE


def test_a_contract_without_axes_has_heads_alone(odd: FlaskClient) -> None:
    answer = odd.get("/plan/contrat/empty.csv")
    assert answer.text.strip() == ",".join(table.COLUMNS["fr"])


def test_a_table_is_never_incomplete(odd: FlaskClient) -> None:
    answer = odd.get("/plan/contrat/large.csv")
    assert (answer.status_code, answer.get_json()["type"].rpartition("/")[2]) == (400, "plan-large")


def test_data_served_as_given_have_no_publisher_to_cite(odd: FlaskClient) -> None:
    assert odd.get("/cite/contrat/odd.bib").status_code == 404


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


def ris_fields(text: str) -> list[tuple[str, str]]:
    """Return the fields of a RIS record: each line is a tag of two characters, two blanks, a hyphen, a blank, a value."""
    *lines, end = text.split("\r\n")
    assert end == ""
    matches = [re.fullmatch(r"([A-Z][A-Z0-9])  - ([^\r\n]*)", line) for line in lines]
    assert all(matches), lines
    return [(each[1], each[2]) for each in matches if each]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_records_of_a_contract(client: FlaskClient, lang: str) -> None:
    found = bibtex_fields(client.get(f"{CITE}.bib?lang={lang}").text)
    record = ris_fields(client.get(f"{CITE}.ris?lang={lang}").text)
    assert (record[0], record[-1]) == (("TY", "DATA"), ("ER", ""))
    told, site = dict(record), client.application.extensions["cper_lod"]
    assert found["title"] == f"{{{told['TI']}}}"
    assert told["TI"].startswith({"fr": "Contrat de plan", "en": "State-Region"}[lang])
    assert found["author"] == "{cper-lod}"
    assert told["AU"] == told["PB"] == found["publisher"] == "cper-lod"
    assert told["DA"].replace("/", "-") == found["date"] == site.release_day
    assert (told["PY"], told["ET"]) == (found["year"], found["version"]) == (site.release_day[:4], site.release.id)
    assert told["UR"] == found["url"] == f"http://127.0.0.1:8000/doc{CONTRACT}"
    assert ID + CONTRACT in told["N1"]
    assert "Licence Ouverte 2.0" in told["N1"]
    assert {"fr": "Communiqué de presse", "en": "Press release"}[lang] in found["note"]
    assert found["key"] == f"contrat-hauts-de-france-2021-2027-{site.release.id[:8]}"


HARMFUL = Citation(
    title="}\\end{x}\nER  - \r\nTY  - ", collection="50 % & $1_000 #2 ~ ^", publisher="Doe, J. {", sources=(HOSTILE,),
    day="2026-01-02", version="0" * 16, identifier="https://w3id.org/cper-lod/id/contrat/x", address="https://e.org/{a}\\b c?d=%20",
    licence="", lang="fr",
)  # fmt: skip


def test_hostile_titles_end_no_record(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        found = bibtex_fields(citation.bibtex(HARMFUL))
        record = dict(ris_fields(citation.ris(HARMFUL)))
    assert found["title"] == r"{{\textbraceright}{\textbackslash}end{\textbraceleft}x{\textbraceright} ER - TY -}"
    assert found["howpublished"] == r"50 \% \& \$1\_000 \#2 {\textasciitilde} {\textasciicircum}"
    assert found["url"] == "https://e.org/%7Ba%7D%5Cb%20c?d=%20"
    assert record["TI"] == "}\\end{x} ER - TY -"
    assert record["AU"] == "Doe J. {"


def rendered(app: Flask, cited: Citation, embeds: list[tuple[str, str]]) -> str:
    from cper_lod.web.http.templating import environment  # noqa: PLC0415

    with app.test_request_context("/"):
        return str(environment("fr").get_template("cite.html").module.cite(cited, embeds))  # type: ignore[attr-defined]


def test_the_block_says_what_to_copy(client: FlaskClient) -> None:
    html = rendered(
        client.application,
        replace(HARMFUL, title="<b>&"),
        [('"><script>', '<iframe src="https://e.org/?a&amp;b"></iframe>')],
    )
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;b&gt;&amp;" in html
    assert "&lt;iframe src=&#34;https://e.org/?a&amp;amp;b&#34;&gt;" in html
    assert "<h2>Citer · Partager · Intégrer</h2>" in html
    assert rendered(client.application, None, []).strip() == ""  # type: ignore[arg-type]


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


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_that_says_how_to_cite_and_to_embed(client: FlaskClient, lang: str) -> None:
    found = page(client, f"{CITE}?lang={lang}", lang)
    assert found.having("link", rel="canonical")[0]["href"] == f"http://127.0.0.1:8000{CITE}?lang={lang}"
    assert f"{CITE}.bib?lang={lang}" in found.links
    frames = re.findall(r'<iframe src="http://127\.0\.0\.1:8000(/embed/[^"]*)" width="\d+" height="\d+"', found.text)
    assert len(frames) == len(set(frames)) > 2
    for each in frames:
        assert client.get(unescape(each)).status_code == 200
    contract = page(client, f"/doc{CONTRACT}?lang={lang}", lang)
    assert f"{CITE}?lang={lang}" in contract.links
    assert f"{PLAN}.csv?lang={lang}" in contract.links
    home = page(client, f"/?lang={lang}", lang)
    assert f"{CITE}.ris?lang={lang}" in home.links
    assert home.text.count("<iframe") == len(frames)

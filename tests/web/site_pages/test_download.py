"""The page of what can be downloaded: every file is there, of the size that the page says."""

import re
from html import unescape

from flask.testing import FlaskClient

from cper_lod.web.documents.catalog import file_size
from tests.support.web import CONTRACT
from tests.web.html_page import Page

FILE = re.compile(r'<a href="([^"]+)">[^<]+(?:<span class="unseen">[^<]*</span>)?</a>(?: <small>\(([^)]+)\)</small>)?')


def files(html: str) -> list[tuple[str, str]]:
    """Return the address and the size of each file on a page."""
    main = unescape(html[html.index("<main") : html.index("</main>")])
    return [found for found in FILE.findall(main) if "/dump/" in found[0] or "/plan/" in found[0]]


def test_each_file_has_the_size_that_is_said(client: FlaskClient) -> None:
    page = client.get("/download?lang=en")
    assert "Licence Ouverte 2.0" in page.text
    found = files(page.text)
    for address, size in found:
        with client.get(address) as answer:
            assert answer.status_code == 200, address
            assert size in ("", file_size(len(answer.get_data()), "en")), address
    assert {bool(size) for address, size in found if "/dump/" in address} == {True}
    own = [address.partition("?")[0] for address, _ in found if CONTRACT in address]
    assert own == [f"/plan{CONTRACT}.{suffix}" for suffix in ("xlsx", "csv")]
    names = {address.rpartition("/")[2] for address, _ in found}
    assert {"subdivision.csv", "tout.ttl", "tout.nt.gz", "tout.nq.gz", "tout.jsonld", "datapackage.json"} <= names
    assert {f"/doc/subdivision{end}" for end in ("", ".csv", ".xlsx")} <= {
        x.partition("?")[0] for x in Page(page).links
    }


def test_each_contract_names_the_documents_of_its_figures(client: FlaskClient) -> None:
    """A text that a contract is made of, without figures of its own, is no contract beside it."""
    sections = client.get("/download").text.split('<section class="part">')
    (own,) = [each for each in sections if "/plan/contrat/bretagne-2021-2027.csv" in each]
    assert "/doc/document/bretagne-region" in own and "/doc/document/bretagne-unidivers" not in own


def test_data_served_as_given_have_dumps_alone(hostile_client: FlaskClient) -> None:
    page = hostile_client.get("/download")
    assert page.status_code == 200
    assert {address.partition("/dump/tout.")[0] for address, _ in files(page.text)} == {""}
    assert "Licence" not in page.text[page.text.index("<main") : page.text.index("</main>")]
    Page(page)

"""The menu."""

import re

import pytest
from flask.testing import FlaskClient

from tests.support.web import CONTRACT, HTML


def menu_of(client: FlaskClient, path: str) -> list[tuple[str, str, str]]:
    """Return the address, `aria-current` and the name of each section in the menu of a page."""
    menu = client.get(path, headers=HTML).text.partition('<nav class="sections"')[2].partition("</nav>")[0]
    return re.findall(r'<li><a href="([^"]*)"(?: aria-current="(\w+)")?>([^<]*)</a>', menu)


@pytest.mark.parametrize(
    ("path", "section", "said"),
    [
        (f"/doc{CONTRACT}/axe/2", "/", "true"),
        ("/doc/subdivision", "/", "true"),
        ("/signatories", "/signatories", "page"),
        ("/doc/organisme/departement-aisne", "/signatories", "true"),
        ("/doc/territoire/hauts-de-france", "", ""),
        ("/doc/org-formal-organization", "/signatories", "true"),
        ("/ontology", "/developers", "true"),
        ("/doc/rdf-property", "/developers", "true"),
    ],
)
def test_the_menu_says_where_one_is(client: FlaskClient, path: str, section: str, said: str):
    entries = menu_of(client, path)
    every = ["/", "/compare", "/commune", "/signatories", "/download", "/developers"]
    assert [address for address, _, _ in entries] == every
    assert [(address, current) for address, current, _ in entries if current] == ([(section, said)] if section else [])


def test_the_menu_of_data_without_a_contract(no_contract_client: FlaskClient):
    assert [address for address, _, _ in menu_of(no_contract_client, "/doc")] == ["/doc", "/download", "/developers"]

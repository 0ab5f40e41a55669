"""Wrong requests as people make them, each with what is answered: the status, the problem, and the words that help."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from tests.support.web import CONTRACT, ID

LIST = "/doc/part.json"
C = f"/doc{CONTRACT}"
# fmt: off
WRONG = (
    # Names that this site does not have: English, plural, another case, another address
    ("/contracts", 404, "not-found", "“/doc/contrat”"),
    (f"{CONTRACT}.json", 404, "not-found", f"“{C}.json”"),
    ("/openapi.yaml", 404, "page-not-found", "“/openapi.json”"),
    ("/doc/Parts.csv?part__gt=50", 404, "not-found", "“/doc/part.csv”"),
    (f"{C}/axes.json", 404, "not-found", f"{C}.json"),
    ("/doc/Signatories.json", 404, "not-found", "“/doc/signataire.json”"),
    ("/doc/département", 404, "not-found", "“/doc/igeo-departement”"),
    ("/doc/contrat/Hauts-de-France.json", 404, "not-found", f"“{C}.json”"),
    (f"{C}/axe/02.json", 404, "not-found", f"“{C}/axe/2.json”"),
    (f"{C}/axe/9.json", 404, "not-found", f"{C}/axe/6.json"),
    ("/doc/organisme.json?size=2", 404, "not-found", "“/doc/org-formal-organization.json”"),
    (f"/id{CONTRACT}.json", 404, "not-found", f"“{C}”"),
    ("/doc/part.xls", 404, "format-unknown", ".xlsx"),
    ("/dump/parts.csv", 404, "format-unknown", "“part.csv”"),
    # Parameters of other sites
    (f"{LIST}?page=2", 400, "parameter-unknown", "“size” or “after”"),
    (f"{LIST}?format=csv", 400, "parameter-unknown", "A suffix or the Accept header"),
    (f"{LIST}?q=axe", 400, "parameter-unknown", "/search?q=axe"),
    ("/search.json?query=axe", 400, "parameter-missing", "?q="),
    (f"{C}.json?locale=en", 400, "parameter-unknown", "“lang”"),
    (f"{C}.ttl?profile=expanded", 400, "parameter-unknown", ""),
    ("/reconcile?query=Aisne", 400, "parameter-unknown", "“queries”"),
    (f"/id{CONTRACT}?size=2", 400, "parameter-unknown", ""),
    # Ranges beyond the end, and values of another kind
    ("/report.json?lang=de-AT", 400, "parameter-invalid", "fr"),
    (f"{C}.jsonld?profile=fancy", 400, "parameter-invalid", "compacted"),
    ("/reconcile/en/properties?limit=0", 400, "parameter-invalid", "from 1 to 1000"),
    (f"{LIST}?size=²", 400, "parameter-invalid", "from 1 to 1000"),
    (f"{LIST}?after=http://x/" + "a" * 9000, 400, "cursor-invalid", f"({LIST})"),
    (f"{LIST}?size=5000", 400, "parameter-invalid", "from 1 to 1000"),
    (f"{LIST}?after=100", 400, "cursor-invalid", f"({LIST})"),
    (f"{LIST}?after={quote(ID)}/x", 404, "page-not-found", f"start from {LIST}"),
    ("/search.json?q=%E9tat", 400, "parameter-encoding", "UTF-8"),
    ("/doc.json?class=cper:Part", 400, "iri-invalid", "“https://w3id.org/cper-lod/ontology#Part”"),
    (f"/describe?iri={CONTRACT[1:]}", 400, "iri-invalid", "a complete IRI"),
    # Numbers and dates as people write them
    (f"{LIST}?part__gt=1,234", 400, "parameter-invalid", "a number such as 57.3 or 2700000"),
    ("/doc/montant.json?montant__gt=5 000 000 000", 400, "parameter-invalid", "a number such as 57.3 or 2700000"),
    ("/doc/document.json?publie_le__gt=15/03/2022", 400, "parameter-invalid", "2023-01-09"),
    # SQL and its kin
    (f"{LIST}?where=part>50", 400, "parameter-unknown", "part__gt=…"),
    (f"{LIST}?filter[part][gt]=50", 400, "parameter-unknown", "part__gt=…"),
    (f"{LIST}?part__between=20,50", 400, "parameter-unknown", "part__gt=…, part__lt=…"),
    (f"{LIST}?statut__isnull=true", 400, "parameter-unknown", "statut__null=…"),
    (f"{LIST}?statut=publiés&lang=fr-FR", 400, "parameter-invalid", "« publié », « non publié »"),
    (f"{LIST}?contrat=bretagn", 400, "parameter-invalid", "“"),
    (f"""{LIST}?contrat=l'État "x" -- ;DROP TABLE rows1""", 400, "parameter-invalid", "“"),
    # Names of values in JSON, and of columns of other tables
    (f"{LIST}?montant__gt=5", 400, "parameter-unknown", "part__gt=…"),
    (f"{LIST}?etat=publie", 400, "parameter-unknown", "“statut”"),
    (f"{LIST}?fields=citation", 400, "column-unknown", "“mots”"),
    (f"{LIST}?sort=part desc", 400, "column-unknown", "“part”"),
    (f"{LIST}?contrat=hauts de france", 400, "parameter-invalid", "Hauts-de-France"),
    (f"{LIST}?part__gt=20&part__gt=50", 400, "parameter-repeated", "only once"),
)
"""Path and query, status, problem, and words of what to do (in English, but for a French request)."""
RIGHT = (
    # What can mean one thing only is understood
    ("/doc/part/", 301, "/doc/part"),
    (f"{LIST}?lang=FR-fr&size=1", 200, "Liste : part"),
    # What is right and finds nothing
    (f"{LIST}?statut=manquant&nature=arrondi", 200, '"total":0'),
    ("/search.json?q=axe&after=900", 200, '"items":[]'),
)
# fmt: on


@pytest.mark.parametrize(("path", "status", "code", "words"), WRONG)
def test_a_wrong_request_is_told_what_is_right(client: FlaskClient, path: str, status: int, code: str, words: str):
    answer = client.get(quote(path, safe="/?&=%:+,*;!"), headers={"Accept": "*/*", "Accept-Language": "en"})
    assert (answer.status_code, answer.json["type"].rpartition("/")[2]) == (status, code)
    assert words in answer.json["remedy"] + " ".join(answer.json.get("near", ()))
    assert len(answer.data) < 5000
    page = client.get(quote(path, safe="/?&=%:+,*;!"), headers={"Accept": "text/html", "Accept-Language": "en"})
    assert page.status_code in (status, 200, 303, 406), "a page passes over what other sites add"


@pytest.mark.parametrize(("path", "status", "words"), RIGHT)
def test_what_can_mean_one_thing_is_understood(client: FlaskClient, path: str, status: int, words: str):
    answer = client.get(quote(path, safe="/?&=%:+,*;!"))
    assert answer.status_code == status
    assert words in (answer.headers["Location"] if status < 400 and status >= 300 else answer.text)

"""Numbers as programs read them: which columns of CSV and TSV pandas takes for numbers, and the line that JSON needs."""

import io
from typing import TYPE_CHECKING, Any, Literal

import pytest
from flask.testing import FlaskClient

from cper_lod.core.namespaces import XSD
from tests.support.web import ID

if TYPE_CHECKING:
    import pandas

VALUES = {
    "integer": ("2", "14"),
    "decimal": ("57.3", "8.8"),
    "whole": ('"994000000"^^xsd:decimal', '"995000000.00"^^xsd:decimal'),
    "double": ("1.5e0", "2e6"),
    "infinite": ('"INF"^^xsd:double', "1e0"),
    "float": ('"1.5"^^xsd:float', '"2"^^xsd:float'),
    "day": ('"2023-01-09"^^xsd:date', '"2023-01-10"^^xsd:date'),
    "year": ('"2021"^^xsd:gYear', '"2027"^^xsd:gYear'),
    "code": ('"0012"', '"0059"'),
    "name": ('"été"@fr', '"hiver"@fr'),
}
NAMES = " ".join(f"?{name}" for name in VALUES)
ROWS = " ".join(f"({' '.join(row)})" for row in zip(*VALUES.values(), strict=True))
MADE = f"SELECT {NAMES} {{ VALUES ({NAMES}) {{ {ROWS} }} }}"
SERVED = """SELECT ?financeur ?montant ?numero ?part {
  { ?e cper:financeur ?financeur ; cper:montantParFinanceur ?montant ; cper:contrat CONTRACT }
  UNION { ?a cper:subdivision/skos:notation ?numero ; cper:partParSubdivision ?part ; cper:contrat CONTRACT }
}""".replace("CONTRACT", f"<{ID}/contrat/hauts-de-france-2021-2027>")


def asked(client: FlaskClient, query: str, suffix: str) -> bytes:
    response = client.get(f"/sparql.{suffix}", query_string={"query": query})
    assert response.status_code == 200, response.text
    return response.data


def table(client: FlaskClient, query: str, suffix: Literal["csv", "tsv"]) -> "pandas.DataFrame":
    """Return what pandas makes of an answer, the question mark of TSV taken from the names."""
    import pandas  # noqa: PLC0415  # each process collects this module, few run it

    separator = "," if suffix == "csv" else "\t"
    return pandas.read_csv(io.BytesIO(asked(client, query, suffix)), sep=separator).rename(
        columns=lambda name: name.lstrip("?")
    )


def numeric(frame: "pandas.DataFrame") -> set[str]:
    return set(frame.select_dtypes("number").columns)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "numbers"),
    [
        # SPARQL 1.1 Query Results CSV and TSV Formats: CSV has no datatypes (3.2); TSV writes a term as SPARQL does, and
        # abbreviates integer, decimal and double (4.2), which have such a form unless they are INF or NaN.
        ("csv", {"integer", "decimal", "whole", "double", "infinite", "float", "year", "code"}),
        ("tsv", {"integer", "decimal", "whole", "double", "code"}),
    ],
)
def test_columns_that_pandas_reads_as_numbers(
    client: FlaskClient, suffix: Literal["csv", "tsv"], numbers: set[str]
) -> None:
    frame = table(client, MADE, suffix)
    assert numeric(frame) == numbers
    assert list(frame.whole) == [994000000, 995000000]
    assert list(frame.double) == [1.5, 2e6]


def test_datatypes_are_kept_in_tsv(client: FlaskClient) -> None:
    first = asked(client, MADE, "tsv").decode().splitlines()[1].split("\t")
    assert dict(zip(VALUES, first, strict=True)) == {
        "integer": "2",
        "decimal": "57.3",
        "whole": "994000000.0",
        "double": "1.5E0",
        "infinite": f'"INF"^^<{XSD}double>',
        "float": f'"1.5"^^<{XSD}float>',
        "day": f'"2023-01-09"^^<{XSD}date>',
        "year": f'"2021"^^<{XSD}gYear>',
        "code": '"0012"',
        "name": '"été"@fr',
    }


@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_amounts_and_shares_of_the_contract_are_summed(client: FlaskClient, suffix: Literal["csv", "tsv"]) -> None:
    frame = table(client, SERVED, suffix)
    assert numeric(frame) == {"montant", "numero", "part"}
    assert (frame.montant.sum(), round(frame.part.sum(), 1)) == (2_757_000_000, 99.9)


def test_json_needs_one_line(client: FlaskClient) -> None:
    """SPARQL 1.1 Query Results JSON Format, section 3.2.2: the value of a binding is a string, whatever its datatype."""
    import pandas  # noqa: PLC0415

    response = client.get("/sparql", query_string={"query": SERVED})
    results: Any = response.get_json(force=True)
    frame = pandas.json_normalize(results["results"]["bindings"])
    assert not numeric(frame)
    assert pandas.to_numeric(frame["montant.value"]).sum() == 2_757_000_000

"""Numbers as programs read them: which columns of CSV and TSV pandas takes for numbers."""

import io
from typing import Literal

import pytest
from flask.testing import FlaskClient

from tests.support.web import ID

VALUES = {
    "integer": ("2", "14"),
    "decimal": ("57.3", "8.8"),
    "whole": ('"994000000"^^xsd:decimal', '"995000000.00"^^xsd:decimal'),
    "double": ("1.5e0", "2e6"),
    "infinite": ('"INF"^^xsd:double', "1e0"),
    "day": ('"2023-01-09"^^xsd:date', '"2023-01-10"^^xsd:date'),
    "year": ('"2021"^^xsd:gYear', '"2027"^^xsd:gYear'),
    "name": ('"été"@fr', '"hiver"@fr'),
}
NAMES = " ".join(f"?{name}" for name in VALUES)
ROWS = " ".join(f"({' '.join(row)})" for row in zip(*VALUES.values(), strict=True))
SERVED = f"""SELECT ?financeur ?montant ?numero ?part {{
  {{ ?e cper:financeur ?financeur ; cper:montantParFinanceur ?montant ; cper:contrat ?contrat }}
  UNION {{ ?a cper:subdivision/skos:notation ?numero ; cper:partParSubdivision ?part ; cper:contrat ?contrat }}
}} VALUES ?contrat {{ <{ID}/contrat/hauts-de-france-2021-2027> }}"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suffix", "numbers"),
    [
        # SPARQL 1.1 Query Results CSV and TSV Formats: CSV has no datatypes (3.2); TSV writes a term as SPARQL does, and
        # abbreviates integer, decimal and double (4.2), which have such a form unless they are INF or NaN.
        ("csv", {"integer", "decimal", "whole", "double", "infinite", "year"}),
        ("tsv", {"integer", "decimal", "whole", "double"}),
    ],
)
def test_columns_that_pandas_reads_as_numbers(
    client: FlaskClient, suffix: Literal["csv", "tsv"], numbers: set[str]
) -> None:
    import pandas  # noqa: PLC0415  # each process collects this module, few run it

    for query, expected in (
        (f"SELECT {NAMES} {{ VALUES ({NAMES}) {{ {ROWS} }} }}", numbers),
        (SERVED, {"montant", "numero", "part"}),
    ):
        response = client.get(f"/sparql.{suffix}", query_string={"query": query})
        frame = pandas.read_csv(io.BytesIO(response.data), sep="," if suffix == "csv" else "\t")
        frame = frame.rename(columns=lambda name: name.lstrip("?"))
        assert set(frame.select_dtypes("number").columns) == expected
    assert (frame.montant.sum(), round(frame.part.sum(), 1)) == (2_757_000_000, 99.9)

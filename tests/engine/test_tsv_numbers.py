"""Numbers of TSV: the abbreviated syntax wherever it has the same datatype and value, and nothing else changed."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from cper_lod.core.namespaces import XSD
from cper_lod.engine.worker.output import TsvNumbers
from cper_lod.engine.worker.worker import Worker
from tests.support.engine import WORKER_LIMITS

CELLS = {
    '"994000000"^^xsd:decimal': "994000000.0",
    '"-5"^^xsd:decimal': "-5.0",
    "57.3": "57.3",
    "1e6": "1000000E0",
    '"INF"^^xsd:double': f'"INF"^^<{XSD}double>',
    '"2023-01-09"^^xsd:date': f'"2023-01-09"^^<{XSD}date>',
    '"a\\"5"^^xsd:decimal': f'"a\\"5"^^<{XSD}decimal>',
    f"'\"5\"^^<{XSD}decimal>'": f'"\\"5\\"^^<{XSD}decimal>"',
    "UNDEF": "",
}


def feed(data: bytes, *cuts: int) -> bytes:
    """Return what becomes of TSV that arrives in pieces."""
    numbers, at = TsvNumbers(), [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return b"".join(numbers.feed(data[start:end]) for start, end in pairwise(at)) + numbers.end()


@pytest.mark.parametrize(("written", "cell"), CELLS.items())
def test_every_kind_of_value(written: str, cell: str) -> None:
    text = f"PREFIX xsd: <{XSD}> SELECT ?a ?x ?z {{ VALUES (?a ?x ?z) {{ (1.0 {written} 1.0) }} }}"
    found = Worker(Store(), WORKER_LIMITS).answer({"text": text, "solutions": "tsv"})
    assert bytes(getattr(found, "body", b"")).decode() == f"?a\t?x\t?z\n1.0\t{cell}\t1.0\n"


SOURCE = [
    "?x\t?y",
    *(
        f'"{n}"^^<{XSD}{kind}>\t"{"x" * n}\\"7\\"^^<{XSD}decimal>"'
        for n in (0, 5, 1100, 3000)
        for kind in ("decimal", "double")
    ),
]


@given(st.lists(st.integers(0, 30_000), max_size=12))
def test_it_does_not_matter_how_the_answer_is_cut(cuts: list[int]) -> None:
    data = ("\n".join(SOURCE) + "\n").encode()
    whole = feed(data)
    assert feed(data, *cuts) == whole
    expected = data.replace(f"^^<{XSD}decimal>\t".encode(), b"D\t").replace(f"^^<{XSD}double>\t".encode(), b"E\t")
    for number in (b"0", b"5", b"1100", b"3000"):
        expected = expected.replace(b'"' + number + b'"D', number + b".0").replace(
            b'"' + number + b'"E', number + b"E0"
        )
    assert whole == expected


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=4))
def test_anything_else_passes_unchanged(data: bytes, cuts: list[int]) -> None:
    assert feed(data, *cuts) == data

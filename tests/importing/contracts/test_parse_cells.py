"""Cells of a workbook: numbers, shares, amounts and dates as French users type them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cper_lod.core.text import slug
from cper_lod.importing.contracts.model import CellKind, RawCell
from cper_lod.importing.contracts.parse_cells import PARSERS, UnreadableCell, clean_text, quoted_number
from tests.support.properties import examples


def read(kind: str, value: Any, format_: str = "General") -> object:  # noqa: ANN401
    form: CellKind = "text" if isinstance(value, str) else "date" if isinstance(value, date) else "number"
    return PARSERS[kind](RawCell(value, form, format_))


@pytest.mark.parametrize(
    ("kind", "value", "format_", "expected"),
    [
        ("share", "57,3 %", "@", Decimal("57.3")),
        ("share", "57.3%", "@", Decimal("57.3")),
        ("share", "57,3\u202f%", "@", Decimal("57.3")),
        ("share", 57.3, "General", Decimal("57.3")),
        ("share", 0.573, "0.0%", Decimal("57.3")),
        ("share", 0.19, "0%", Decimal(19)),
        ("share", 1, "0%", Decimal(100)),
        ("share", "0,5 %", "@", Decimal("0.5")),
        ("share", "19 pour cent", "@", Decimal(19)),
        ("amount", "994 M€", "@", Decimal(994000000)),
        ("amount", "2,7 milliards d'euros", "@", Decimal(2700000000)),
        ("amount", "plus de 2,7 milliards d’euros", "@", Decimal(2700000000)),
        ("amount", "2,7 Md€", "@", Decimal(2700000000)),
        ("amount", "12,5 millions", "@", Decimal(12500000)),
        ("amount", "994\u00a0000\u00a0000 €", "@", Decimal(994000000)),
        ("amount", "994 000 000", "@", Decimal(994000000)),
        ("amount", 994000000, '# ##0,,"M€"', Decimal(994000000)),
        ("amount", "1 234,56 euros", "@", Decimal("1234.56")),
        ("date", "09/01/2023", "@", date(2023, 1, 9)),
        ("date", "9 janvier 2023", "@", date(2023, 1, 9)),
        ("date", "1er Février 2030", "@", date(2030, 2, 1)),
        ("date", "2023-01-09", "@", date(2023, 1, 9)),
        ("date", datetime(2023, 1, 9, 12, 30), "dd/mm/yyyy", date(2023, 1, 9)),
        ("dateyear", 2023, "General", 2023),
        ("dateyear", "2023", "@", 2023),
        ("dateyear", "12/05/2023", "@", date(2023, 5, 12)),
        ("period", "2021 – 2027", "@", (2021, 2027)),
        ("integers", "2, 3", "@", (2, 3)),
        ("integers", 2, "General", (2,)),
        ("integers", "2 et 3", "@", (2, 3)),
        ("siren", "200 053 742", "@", "200053742"),
        ("siren", 200053742, "General", "200053742"),
        ("text", "<b>gras</b> & co", "@", "<b>gras</b> & co"),
        ("text", 2023.0, "General", "2023"),
        ("url", "https://www.prefectures-regions.gouv.fr/x?y=1", "@", "https://www.prefectures-regions.gouv.fr/x?y=1"),
    ],
)
def test_valid_cells_are_parsed(kind: str, value: object, format_: str, expected: object) -> None:
    assert read(kind, value, format_) == expected


@pytest.mark.parametrize(
    ("kind", "value", "format_", "key"),
    [
        ("share", 0.19, "General", "cell-share-ambiguous"),
        ("share", 1, '0" %"', "cell-share-ambiguous"),  # a sign that is only shown multiplies nothing
        ("share", 0.19, r"0\%", "cell-share-ambiguous"),
        ("share", "1,234,5 %", "@", "cell-share"),
        ("text", 0.36, "0%", "cell-not-text"),
        ("text", date(2023, 1, 9), "dd/mm/yyyy", "cell-not-text"),
        ("text", "a\u202eb", "@", "cell-control"),
        ("text", "a\x07b", "@", "cell-control"),
        ("period", "1021-1027", "@", "cell-period"),
        ("url", "https://gouv.fr.exemple.org/", "@", "cell-url"),
        ("url", "javascript:alert(1)", "@", "cell-url"),
        ("url", "https://x.gouv.fr/%zz", "@", "cell-url"),
        ("url", "https://x.gouv.fr/#a#b", "@", "cell-url"),
        ("url", 'https://x.gouv.fr/"><script>', "@", "cell-url"),
        ("amount", "994 M$", "@", "cell-amount"),
        ("amount", 1e300, "General", "cell-amount"),
        ("amount", float("inf"), "General", "cell-amount"),
        ("date", "01/01/0001", "@", "cell-date"),
        ("date", date(9999, 1, 1), "dd/mm/yyyy", "cell-date"),
    ],
)
def test_invalid_cells_are_refused_with_a_reason(kind: str, value: object, format_: str, key: str) -> None:
    with pytest.raises(UnreadableCell) as refused:
        read(kind, value, format_)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("kind", "value", "quotation", "published", "step", "bound"),
    [
        ("share", "19", "– 19% des crédits", "19%", "1", False),
        ("share", "57.3", "– 57,3% des crédits", "57,3%", "0.1", False),
        ("share", "20", "20,0 % des crédits", "20,0 %", "0.1", False),
        ("share", "36", "État : 994 M€ (36 %)", "36 %", "1", False),
        ("amount", "994000000", "État : 994 M€ (36 %)", "994 M€", "1000000", False),
        (
            "amount",
            "2700000000",
            "enveloppe de plus de 2,7 milliards d'euros sur 7 ans",
            "plus de 2,7 milliards d'euros",
            "100000000",
            True,
        ),
        ("amount", "1200000000", "1 200 M€ et 1,2 Md€", "1 200 M€", "1000000", False),
    ],
)
def test_a_number_keeps_the_form_of_its_quotation(
    kind: str, value: str, quotation: str, published: str, step: str, bound: bool
) -> None:
    found = quoted_number(kind, Decimal(value), quotation)
    assert (found.published, found.step, found.is_lower_bound) == (published, Decimal(step), bound)
    assert found.published in quotation


def test_part_of_a_number_does_not_match() -> None:
    for quotation in ("157,3 % des crédits", "7,35 %", "57,3", "57 , 3 %"):
        with pytest.raises(UnreadableCell):
            quoted_number("share", Decimal("7.3"), quotation)


@settings(max_examples=examples(60))
@given(st.text(max_size=60), st.sampled_from(sorted(PARSERS)))
def test_any_cell_is_parsed_or_refused(text: str, kind: str) -> None:
    try:
        read(kind, text)
    except UnreadableCell as refused:
        assert refused.key.startswith("cell-")


@settings(max_examples=examples(60))
@given(st.text(max_size=60))
def test_a_slug_is_a_part_of_a_name(text: str) -> None:
    assert not set(slug(text)) - set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert slug(slug(text)) == slug(text)
    try:
        assert clean_text(clean_text(text)) == clean_text(text)
    except UnreadableCell as refused:
        assert refused.values["code"].startswith("U+")

"""Cells of a workbook: figures as they are printed, dates as far as they are known, and what people type."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal

from cper_lod.core.text import slug
from cper_lod.importing.contracts.model import CellKind, RawCell
from cper_lod.importing.contracts.parse_cells import KINDS, UnreadableCell, clean_text
from cper_lod.importing.contracts.printed import interval, read_printed
from tests.support.properties import examples


def read(kind: str, value: Any, format_: str = "General") -> object:  # noqa: ANN401
    form: CellKind = "text" if isinstance(value, str) else "date" if isinstance(value, date) else "number"
    found = KINDS[kind].parse(RawCell(value, form, format_))
    return (found.value, found.datatype.value.rpartition("#")[2]) if isinstance(found, Literal) else found


PRINTED = {
    "plus de 2,7 milliards d'euros": (2_700_000_000, "EUR", "plus-de", 100_000_000, "montant"),
    "57,3%": ("57.3", "PERCENT", "arrondi", "0.1", "part"),
    "3,14 Md€": (3_140_000_000, "EUR", "arrondi", 10_000_000, "montant"),
    "près de 1,6 milliard": (1_600_000_000, "EUR", "pres-de", 100_000_000, "montant"),
    "moins de 71 M€": (71_000_000, "EUR", "moins-de", 1_000_000, "montant"),
    "au moins 5 %": (5, "PERCENT", "plus-de", 1, "part"),
    "994 000 000 €": (994_000_000, "EUR", "exact", 1, "montant"),
    "1 234,56 euros": ("1234.56", "EUR", "arrondi", "0.01", "montant"),
    "cinq milliards": (5_000_000_000, "EUR", "arrondi", 1_000_000_000, "montant"),
    "611 € par habitant": (611, "euro-par-habitant", "arrondi", 1, "par-habitant"),
    "30 M€ par an": (30_000_000, "euro-par-an", "arrondi", 1_000_000, "par-an"),
    "2,7 Mrd€": (2_700_000_000, "EUR", "arrondi", 100_000_000, "montant"),
    "86 projets": (86, "projets", "exact", 1, "nombre"),
    "pas moins de 3,4 milliards": (3_400_000_000, "EUR", "plus-de", 100_000_000, "montant"),
    "un milliard et demi d’euros": (1_500_000_000, "EUR", "arrondi", 100_000_000, "montant"),
    "la moitié": (50, "PERCENT", "arrondi", 1, "part"),
    "une centaine de projets": (100, "projets", "pres-de", 1, "nombre"),
    "à parité": (None, "PERCENT", "parts-egales", None, "part"),
}


@pytest.mark.parametrize("text", PRINTED)
def test_a_figure_is_read_as_it_is_printed(text: str) -> None:
    value, unit, nature, step, kind = PRINTED[text]
    found = read_printed(text)
    assert found
    assert (found.unit, found.nature, found.kind) == (unit, nature, kind)
    assert [found.value, found.step] == [Decimal(each) if each is not None else None for each in (value, step)]
    assert found.told == (nature not in ("arrondi", "exact"))


NO_FIGURES = (
    "86",
    "855 M",
    "beaucoup",
    "",
    "994 M$",
    "une enveloppe de 994 M€",
    "entre 1 et 2 M€",
    "57,3 % des crédits",
)


@pytest.mark.parametrize("text", [*NO_FIGURES, "1,2,3 %"])
def test_other_texts_are_no_figures(text: str) -> None:
    assert read_printed(text) is None


def test_figures_are_compared_as_far_as_they_are_known() -> None:
    assert interval(Decimal(225), "arrondi", Decimal(1)) == (Decimal("224.5"), Decimal("225.5"))
    assert interval(Decimal(100), "pres-de", Decimal(1)) == (Decimal(95), Decimal(105))
    assert interval(Decimal(5), "exact", Decimal(1)) == (Decimal(5), Decimal(5))
    assert interval(Decimal(3), "moins-de", Decimal(1)) == (Decimal("-Infinity"), Decimal(3))


@pytest.mark.parametrize(
    ("kind", "value", "format_", "expected"),
    [
        ("day", "09/01/2023", "@", ("2023-01-09", "date")),
        ("day", "1er Février 2030", "@", ("2030-02-01", "date")),
        ("day", datetime(2023, 1, 9, 12, 30), "dd/mm/yyyy", ("2023-01-09", "date")),
        ("day", "25/02", "@", ("--02-25", "gMonthDay")),
        ("day", "juin", "@", ("--06", "gMonth")),
        ("day", "juin 2022", "@", ("2022-06", "gYearMonth")),
        ("day", 2023, "General", ("2023", "gYear")),
        ("day", "--02-25", "@", ("--02-25", "gMonthDay")),
        ("period", "2021 – 2027", "@", (2021, 2027)),
        ("years", "-2023", "@", (None, 2023)),
        ("years", "2023", "@", (2023, 2023)),
        ("refs", " etat | région ", "@", ("etat", "région")),
        ("truth", "OUI", "@", True),
        ("amount", "1 M€", "@", Decimal(1_000_000)),
        ("siren", "200 053 742", "@", "200053742"),
        ("links", "https://a.fr/x | http://b.fr", "@", ("https://a.fr/x", "http://b.fr")),
    ],
)
def test_valid_cells_are_parsed(kind: str, value: object, format_: str, expected: object) -> None:
    assert read(kind, value, format_) == expected


@pytest.mark.parametrize(
    ("kind", "value", "format_", "key"),
    [
        ("text", "a\u202eb", "@", "cell-control"),
        ("period", "1021-1027", "@", "cell-period"),
        ("years", "-", "@", "cell-period"),
        ("links", 'https://x.gouv.fr/"><script>', "@", "cell-link"),
        ("day", "01/01/0001", "@", "cell-date"),
        ("day", date(9999, 1, 1), "dd/mm/yyyy", "cell-date"),
        ("amount", "un peu", "@", "cell-amount"),
        ("siren", "20005379", "@", "cell-siren"),
    ],
)
def test_invalid_cells_are_refused_with_a_reason(kind: str, value: object, format_: str, key: str) -> None:
    with pytest.raises(UnreadableCell) as refused:
        read(kind, value, format_)
    assert refused.value.key == key


@settings(max_examples=examples(60))
@given(st.text(max_size=60), st.sampled_from(sorted(KINDS)))
def test_any_cell_is_parsed_or_refused(text: str, kind: str) -> None:
    read_printed(text)
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

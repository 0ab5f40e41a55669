"""The table of a class: its columns, its pages in every order, and the rows that meet conditions."""

from decimal import Decimal
from pathlib import Path

import pytest

from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.namespaces import CPER, XSD
from cper_lod.core.text import natural_text
from cper_lod.release.release import Release
from cper_lod.release.tables import class_table as module
from cper_lod.release.tables.class_table import ClassTable, Condition, class_table
from tests.support.nquads_release import LABEL, TYPE, release_of_quads
from tests.support.web import CONTRACT, ID

E = "http://e.org/"
A = E + "A"


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> ClassTable:
    """The table of a class with every kind of column, some values of which are missing."""
    kinds = {
        "whole": ('"1"^^<{x}integer>', '"-2"^^<{x}integer>'),
        "decimalNumber": ('"1"^^<{x}integer>', '"2.50"^^<{x}decimal>', '"10"^^<{x}decimal>'),
        "day": ('"2023-01-09"^^<{x}date>', '"2023-01-10"^^<{x}date>'),
        "truth": ('"true"^^<{x}boolean>', '"false"^^<{x}boolean>'),
        "mixed": ('"1"^^<{x}integer>', '"2023-01-09"^^<{x}date>'),
        "wrong": ('"1"^^<{x}integer>', '"one"^^<{x}integer>'),
        "year": ('"2021"^^<{x}gYear>', '"2022"^^<{x}gYear>'),
        "text": ('"=1+1"', '"O\'Brien | \\"x\\""'),
    }
    lines = [f"<{E}t/{number}> {TYPE} <{A}>" for number in (1, 2, 3, 10)]
    for name, values in kinds.items():
        lines += [f"<{E}t/{n}> <{E}{name}> {each.format(x=XSD)}" for n, each in enumerate(values, 1)]
    lines += [f'<{E}t/{n}> {LABEL} "Chose {n}"@fr' for n in (1, 2, 10)] + [f'<{E}t/2> {LABEL} "Zebra"@en']
    lines += [f'<{E}t/1> <{E}several> "a"', f'<{E}t/1> <{E}several> "b"']
    return class_table(release_of_quads(tmp_path_factory.mktemp("odd"), lines), A)


def test_kinds_of_columns(odd: ClassTable) -> None:
    assert {each.name: each.kind for each in odd.columns} == {
        **dict.fromkeys(("nom", "mixed", "wrong", "year", "text", "several"), "text"),
        **{"whole": "integer", "decimal_number": "number", "day": "date", "truth": "boolean", "id": "url"},
    }
    first, *_ = odd.page("fr", fields=("whole", "decimal_number", "several", "text", "nom")).rows
    assert first == (1, Decimal(1), "a | b", "=1+1", "Chose 1"), "texts are as in the data"
    assert {each.name for each in odd.columns if each.localized} == {"nom"}
    assert {each.name for each in odd.columns if each.datatype} == {"whole", "day", "truth", "text"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("sort", ["", "nom", "-nom", "decimal_number", "-decimal_number", "-day", "several", "id"])
def test_pages_of_an_order_follow_each_other_and_lead_back(odd: ClassTable, sort: str, lang: Language) -> None:
    name = sort.removeprefix("-")
    whole = odd.page(lang, fields=(name or "id", "id"), sort=sort)
    known = [key for key, _ in whole.rows if key is not None]
    keys = [natural_text(key) if isinstance(key, str) else key for key in known]
    assert keys == sorted(keys, reverse=sort.startswith("-"))  # type: ignore[type-var]
    assert [key for key, _ in whole.rows[len(known) :]] == [None] * (4 - len(known)), "what is missing comes last"
    for size in (1, 2, 3):
        page, found = odd.page(lang, sort=sort, size=size), list[str]()
        while page.page.next:
            following = odd.page(lang, sort=sort, size=size, after=page.page.next)
            assert following.page.previous is not None
            assert odd.page(lang, sort=sort, size=size, after=following.page.previous).iris == page.iris
            found += page.iris
            page = following
        assert (*found, *page.iris) == whole.iris
        assert page.page.after == page.page.last
    with pytest.raises(LookupError):
        odd.page(lang, sort=sort, after=E + "nothing")


@pytest.mark.parametrize("remembered", [1, 100])
def test_a_large_table_stores_a_text_that_comes_back_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, remembered: int
) -> None:
    lines = [f"<{E}t/{number:02}> {TYPE} <{A}>" for number in range(20)]
    lines += [f'<{E}t/{number:02}> <{E}n> "{"rare" if number == 7 else "often"}"' for number in range(19)]
    lines += [f"<{E}t/{number:02}> {LABEL} {name}" for number in range(20) for name in ('"Chose"@fr', '"Thing"@en')]
    (tmp_path / "large").mkdir()
    small = class_table(release_of_quads(tmp_path, lines), A)
    monkeypatch.setattr(module, "MAX_SORTED", 1)
    monkeypatch.setattr(module, "MAX_REPEATED", remembered)
    large = class_table(release_of_quads(tmp_path / "large", lines), A)
    for lang in LANGUAGES:
        for where in ([], [Condition("n", "eq", "rare")], [Condition("n", "null", True)], [Condition("n", "gt", "p")]):
            for sort in ("", "nom", "-n"):
                assert large.page(lang, where, sort=sort, size=7) == small.page(lang, where, sort=sort, size=7)
    name = large.known("n")
    assert large.texts(name, 5) == small.texts(name, 5)
    (cells,) = large.release.tables.execute(
        f"SELECT count(*) FROM {large.name.replace('rows', 'cells')} WHERE typeof(n) = 'text'"  # noqa: S608 - the name is ours
    ).fetchone()
    assert (remembered, cells) in {(1, 19), (100, 2)}


def test_a_class_that_is_not_stored_is_read_page_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OTHERS", 2)
    lines = [f"<{E}t/{number}> {TYPE} <{A}>" for number in range(3)] + [f'<{E}t/0> {LABEL} "x"']
    lines += [f"<{ID}/axe/{number}> {TYPE} <{CPER}Subdivision>" for number in range(3)]
    release = release_of_quads(tmp_path, lines)
    table = class_table(release, A, str.upper)
    assert (table.stored, table.sortable, table.count) == (False, (), 3)
    page = table.page("fr", size=2)
    assert page.rows == (("x", "HTTP://E.ORG/T/0"), (f"{E}t/1", "HTTP://E.ORG/T/1"))
    assert (page.total, page.page.next) == (3, E + "t/1")
    assert class_table(release, CPER + "Subdivision").stored, "classes of ours of any size"


def test_heads_of_a_table(release: Release) -> None:
    heads = "numero nom part montant unite nature statut motif perimetre mots contrat sous theme type source url"
    assert " ".join(each.name for each in class_table(release, CPER + "Subdivision", str).columns) == heads


@pytest.mark.parametrize(
    ("cls", "thing", "expected"),
    [
        ("Part", "part/axe-5", {"part": None, "unite": None, "mesure": "hors somme", "statut": "non publié"}),
        ("Contrat", "", {"montant": Decimal(2_700_000_000), "nature": "Plus de", "perimetre": "Hors mobilités"}),
        ("ValeurDerivee", "derive/axe-2", {"statut": "calculé", "min": Decimal(1_577_523_750), "unite": "EUR"}),
        ("Signataire", "signataire/aisne", {"siren": "220200026", "type": "Département"}),
    ],
)
def test_what_a_row_says(release: Release, cls: str, thing: str, expected: dict[str, object]) -> None:
    where = [Condition("id", "eq", f"{ID}{CONTRACT}/{thing}".rstrip("/"))]
    ((*row,),) = class_table(release, CPER + cls).page("fr", where, [*expected]).rows
    assert row == [*expected.values()]

"""File paths of addresses: portable, and unique."""

import pytest

from cper_lod.core.formats import DOCUMENT_FORMATS, HTML
from cper_lod.mirror.paths import LANGUAGE_FILES, Address, Representation, digest_stem, is_portable, representations
from cper_lod.web.documents.contracts import TABLE_FORMS


@pytest.mark.parametrize(
    "path",
    [
        "doc/été",
        "doc/a b",
        "doc/a%20b",
        "doc/../etc/passwd",
        "doc/.htaccess",
        "doc//x",
        "doc/x/",
        "doc/x.",
        "doc/nul",
        "doc/COM1.x",
        "doc/x.ttl",
        "doc/x.ttl/y",
        "doc/x.br",
        "doc/x:y",
        "doc/x\\y",
        "doc/x\0",
        "doc/x\n",
        "doc/" + "l" * 181,
        "/".join(["doc", *("segment" for _ in range(120))]),
        "doc/x?y",
        "doc/x*",
        "doc/x#y",
        "doc/x.tableur.csv",
    ],
)
def test_unportable_names_use_a_digest(path: str) -> None:
    assert not is_portable(path)
    assert is_portable(digest_stem(path))
    assert digest_stem(path) == digest_stem(path) != digest_stem(path + "x")


@pytest.mark.parametrize(
    "path", ["doc/contrat/hauts-de-france-2021-2027/axe/1", "doc/Grand", "doc/x.y-z_1~", "doc/-", "doc/" + "l" * 180]
)
def test_portable_names_use_their_path(path: str) -> None:
    assert is_portable(path)


def test_a_page_has_a_file_for_each_language() -> None:
    found = list(representations(Address("/doc/x", "", "doc/x", DOCUMENT_FORMATS)))
    assert len(found) == len({each.file for each in found}) == len(DOCUMENT_FORMATS) + 3
    assert Representation("/doc/x.html", "lang=en", "text/html", "en", "doc/x.lang-en.html") in found
    assert Representation("/doc/x.ttl", "", "text/turtle", "fr", "doc/x.ttl") in found


def test_a_page_without_suffix_is_requested_by_media_type() -> None:
    found = list(representations(Address("/legal", "", "legal", (HTML,), suffixed=False)))
    assert {each.path for each in found} == {"/legal"}
    assert [each.query for each in found] == ["", "", "lang=fr", "lang=en"]


def test_the_table_of_a_contract_has_a_file_for_each_language_but_for_french_spreadsheets() -> None:
    address = Address("/plan/x", "", "plan/x", TABLE_FORMS, localized=LANGUAGE_FILES)
    files = {each.file for each in representations(address)}
    assert files == {
        *(f"plan/x.{variant}.{suffix}" for variant in ("fr", "en", "lang-fr", "lang-en") for suffix in ("csv", "xlsx")),
        "plan/x.tableur.csv",
    }

"""The texts of the documents of a workbook: whose a text is, where it is kept, and each quotation looked for in it."""

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result

from cper_lod.core.errors import table
from cper_lod.core.quoted_text import QuotableText
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.texts import DocumentText
from tests.importing.document_files import docx
from tests.importing.document_files import run as word_run
from tests.importing.workbooks import MINIMAL, Answers, at, changed, parsed, plain
from tests.importing.workbooks import run as invoke
from tests.support.names import BASE

RAW = """# Presse : page de la Région. CPER Occitanie, 2021-2027

L’État apporte **4 M€** pour la mer ;

la Région apporte 5 M€ pour la terre, 12 500 ha de plus.

En tout 9 M€, dont 2 M€ de relance. En tout 9 M€ !
"""
TEXT = {f"{BASE}id/document/presse": DocumentText("", RAW.encode(), RAW, QuotableText(RAW))}
ANSWERS = MINIMAL | {"chiffres": [{"nom": "total", "valeur": "9 M€", "citation": "En tout 9 M€, dont"}]}
QUOTATIONS: dict[str, tuple[dict[str, object], list[str], tuple[str, ...]]] = {
    "as it is": ({"citation": "la Région apporte 5 M€ pour la terre"}, ["la Région apporte 5 M€ pour la terre"], ()),
    "the value itself": ({"valeur": "2 M€"}, ["2 M€"], ()),
    "the second": ({"citation": "En tout 9 M€", "citation:occurrence": 2}, ["En tout 9 M€"], ()),
    "two": ({"citation": "4 M€ | En tout 9 M€", "citation:occurrence": "1 | 2"}, ["4 M€", "En tout 9 M€"], ()),
    "of a document without text": ({"citation": "ailleurs", "document": "region"}, [], ()),
    "standing twice": ({"citation": "En tout 9 M€"}, ["En tout 9 M€"], ("Étapes!G5", "words-repeated")),
    "a third": ({"citation": "En tout 9 M€", "citation:occurrence": 3}, [], ("Étapes!H5", "occurrence-missing")),
    "a word more": ({"citation": "L'État apporte bien 4 M€ pour la mer ;"}, [], ("Étapes!G5", "words-differ")),
    "a value that is not there": ({"valeur": "7 M€"}, [], ("Chiffres!C5", "words-differ")),
    "other words": ({"citation": "Ψ Ω"}, [], ("Étapes!G5", "words-absent")),
    "ten thousand characters": ({"citation": "mer " * 2500}, [], ("Étapes!G5", "cell-too-long")),
}
"""The cells of a step or of a figure; the passages quoted; the cell and the code of what is found."""


@pytest.mark.parametrize("case", QUOTATIONS)
def test_a_quotation_is_looked_for_in_the_text(case: str) -> None:
    cells, passages, expected = QUOTATIONS[case]
    row = ("chiffres", {"nom": "total"}) if "valeur" in cells else ("etapes", {"statut": "Signé"})
    book = parsed({**ANSWERS, "chiffres": [], row[0]: [row[1] | cells]})
    graph = None if book.findings else book.graph(ExistingEntities(()), TEXT)
    found = graph.findings if graph else book.findings
    assert [(at(each.location), each.key) for each in found] == ([expected] if expected else [])
    for finding in found:
        assert finding.severity == ("warning" if passages else "violation")
        assert "{" not in finding.describe("en")
    statements = graph.statements.items() if graph else ()
    places = [each.place for iri, each in statements if each.place and re.search("/enonce/(etape|montant)", iri)]
    assert [RAW[place.start : place.end] for place in places] == passages
    assert case != "the second" or places[0].start == RAW.rindex("En tout")


@pytest.fixture
def sources(small: Path, tmp_path: Path, unchecked: object) -> Path:
    """Return sources to write to, which are not checked."""
    return Path(shutil.copytree(small, tmp_path / "sources"))


def run(sources: Path, answers: Answers, *options: object) -> Result:
    book = plain(sources.parent / "contrat.xlsx", answers)
    return invoke("import", "contract", book, "--sources", sources, "--lang", "fr", *options)


def texts(sources: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (sources / "data" / "sources").glob("*")}


def given(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


GIVEN: dict[tuple[str, ...], str] = {
    ("{}",): "text-document",
    ("gazette={}",): "text-document",
    ("presse={}", "Presse={}"): "text-document",
    ("presse={}",): "",
    ("presse={}", "page de la région={}"): "",
}


@pytest.mark.parametrize("options", GIVEN)
def test_a_text_is_that_of_a_document_of_the_workbook(options: tuple[str, ...], sources: Path, tmp_path: Path) -> None:
    path = given(tmp_path, "a=b.txt", RAW.encode())
    result = run(sources, ANSWERS, *(word for each in options for word in ("--text", each.format(path))))
    error = GIVEN[options]
    assert result.exit_code == (2 if error else 0), result.output
    assert not error or table()[error].words["fr"].title in result.stderr
    assert sorted(texts(sources)) == ([] if error else ["presse.txt", "region.txt"][: len(options)])


@pytest.mark.slow
def test_a_text_is_kept_with_the_data(sources: Path, tmp_path: Path) -> None:
    """It is used again, replaced on request if all quotations stand in the new one, and goes with its document."""
    bom = b"\xef\xbb\xbf"
    first, other, wrong = (
        given(tmp_path, name, data)
        for name, data in (("1.txt", bom + RAW.encode()), ("2.md", b"\n" + RAW.encode()), ("3.md", b"Rien."))
    )
    result = run(sources, ANSWERS, "--text", f"presse={first}")
    assert result.exit_code == 0, result.output
    kept = first.read_bytes().removeprefix(bom)  # a byte order mark would move every place by one
    assert texts(sources) == {"presse.txt": kept}
    (path,) = (sources / "data" / "statements").iterdir()
    statements = path.read_text("utf-8")
    assert sha256(kept).hexdigest() in statements
    assert statements.count("oa:start ") == 3, "each quotation was found"
    assert f"oa:start {RAW.index('En tout')} " in statements, "counted without the byte order mark"
    assert run(sources, ANSWERS, "--replace").exit_code == 0
    assert (texts(sources), path.read_text("utf-8")) == ({"presse.txt": kept}, statements)

    assert run(sources, ANSWERS, "--text", f"presse={other}").exit_code == 2
    assert run(sources, ANSWERS, "--replace", "--text", f"presse={wrong}").exit_code == 1
    assert (texts(sources), path.read_text("utf-8")) == ({"presse.txt": kept}, statements)
    assert run(sources, ANSWERS, "--replace", "--text", f"presse={other}").exit_code == 0
    assert texts(sources) == {"presse.md": other.read_bytes()}
    assert f"oa:start {RAW.index('En tout') + 1} " in path.read_text("utf-8")

    renamed = changed(ANSWERS, ("documents", 0, "code", "gazette"))
    assert run(sources, renamed, "--replace").exit_code == 0
    assert texts(sources) == {}
    assert "oa:start" not in path.read_text("utf-8")


def test_of_a_docx_the_text_is_kept(sources: Path, tmp_path: Path) -> None:
    body = "".join(f"<w:p>{word_run(line)}</w:p>" for line in RAW.replace("*", "").split("\n\n"))
    result = run(sources, ANSWERS, "--text", f"presse={given(tmp_path, 'page.DOCX', docx(body))}")
    assert result.exit_code == 0, result.output
    assert "L’État apporte 4 M€ pour la mer ;" in texts(sources)["presse.txt"].decode()

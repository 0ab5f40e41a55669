"""The text of a document is what a library reads in it; what has none, or is dangerous to open, is refused."""

import io
import resource
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from cper_lod.core.quoted_text import QuotableText
from cper_lod.importing import document_text as module
from cper_lod.importing.document_text import document_text
from tests.importing.document_files import HIDDEN, docx, pdf, run
from tests.support.refusals import refused

BODY = (
    f"<w:p>{run('L’eﬀort ﬁnancier aﬃché mobilise ')}<w:hyperlink>{run('plus de 190')}</w:hyperlink>{run(' M€')}"
    '<w:r><w:footnoteReference w:id="2"/><w:commentReference w:id="0"/></w:r></w:p>'
    f"<w:p>{run('Tél : 1')}<w:r><w:br/></w:r>{run('Mél : 2')}<w:r><w:tab/></w:r>{run('Hauts')}<w:r><w:noBreakHyphen/></w:r>{run('de')}</w:p>"
    f"<w:sdt><w:sdtContent><w:tbl><w:tr><w:tc><w:p>{run('Axe 1')}</w:p></w:tc><w:tc><w:p>{run('994 M€')}</w:p></w:tc></w:tr></w:tbl></w:sdtContent></w:sdt>"
)


def encrypted(password: str, owner: str = "owner") -> bytes:
    writer, file = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("État : 120 M€"))), io.BytesIO()
    writer.encrypt(password, owner, algorithm="RC4-128")
    writer.write(file)
    return file.getvalue()


def written(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def test_a_text_is_as_it_is(tmp_path: Path) -> None:
    for name in ("a.txt", "b.MD"):
        assert document_text(written(tmp_path, name, "﻿# É\r\n- à\f".encode())) == "# É\r\n- à\f"


def test_the_words_of_a_docx_are_found_and_what_is_not_printed_is_not(tmp_path: Path) -> None:
    text = document_text(written(tmp_path, "a.docx", docx(BODY)))
    first = "L'effort financier affiché mobilise plus de 190 M€ Tél : 1 Mél : 2 Hauts-de Axe 1"
    for words in (first, "994 M€", "Hors mobilités."):
        assert len(QuotableText(text).find(words)) == 1, text
    assert HIDDEN not in text


def test_the_words_of_a_pdf_are_found_over_lines_and_pages(tmp_path: Path) -> None:
    text = document_text(
        written(tmp_path, "a.pdf", pdf("L’État : 994 M€\nde dévelop-\npement", "des Hauts-de-\nFrance"))
    )
    assert text.count("\f") == 1
    (place,) = QuotableText(text).find("L'État : 994 M€ de développement des Hauts-de-France")
    assert text[slice(*place)] == text.strip()


def test_a_pdf_that_anybody_may_open_is_read(tmp_path: Path) -> None:
    assert "120 M€" in document_text(written(tmp_path, "a.pdf", encrypted("")))


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a.odt": (lambda: b"", "document-format"),
    "latin.txt": (lambda: "é".encode("latin-1"), "text-encoding"),
    "scan.pdf": (lambda: pdf(""), "document-without-text"),
    "damaged.pdf": (lambda: pdf("a")[:300], "document-unreadable"),
    "password.pdf": (lambda: encrypted("secret"), "document-unreadable"),
    "long.pdf": (lambda: pdf("a", repeated=5_000), "document-large"),
    "bomb.pdf": (lambda: pdf("a", zipped=zlib.compress(b"(a) Tj " * 2_000_000)), "document-unreadable"),
    "empty.docx": (lambda: docx("<w:p/>"), "document-without-text"),
    "damaged.docx": (lambda: docx(BODY)[:500], "document-unreadable"),
    "bomb.docx": (lambda: docx(BODY, media=b" " * (20 << 20)), "document-large"),
    "entities.docx": (lambda: docx(BODY, styles=b'<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'), "document-unreadable"),
    "long.docx": (lambda: docx(f"<w:p>{run('a' * (5 << 20))}</w:p>"), "text-large"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_document_that_cannot_be_read_is_a_problem(tmp_path: Path, name: str) -> None:
    make, code = REFUSED[name]
    with refused(code, tmp_path / name):
        document_text(written(tmp_path, name, make()))


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILE_MIB", 1)
    for name in ("a.pdf", "a.docx"):
        with refused("document-large", "1 MiB"):
            document_text(written(tmp_path, name, b" " * ((1 << 20) + 1)))


def test_what_takes_too_much_memory_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    monkeypatch.setattr(module, "_pdf_text", lambda *_: bytearray(400 << 20))
    with refused("document-large", "300 MiB"):
        document_text(written(tmp_path, "a.pdf", b""))
    assert resource.getrlimit(resource.RLIMIT_DATA) == limits


# Interrupted where an exception is ignored (a destructor, the garbage collector), the work is interrupted again.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_what_takes_too_long_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_SECONDS", 0.05)
    slow = pdf("a", zipped=zlib.compress(b"BT /F 12 Tf 50 700 Td " + b"(a) Tj " * 500_000))
    with refused("document-unreadable", "0.05 s"):
        document_text(written(tmp_path, "slow.pdf", slow))


def test_what_a_font_alone_explains_is_no_reason_to_refuse_a_pdf(tmp_path: Path) -> None:
    assert document_text(written(tmp_path, "a.pdf", pdf("a\\001b"))) != ""

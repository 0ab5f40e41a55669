"""The text of a document: of a text file as it is, of a DOCX file or of the text layer of a PDF as a library reads it."""

import io
import logging
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.processes import TimeLimitReached, interruptible
from cper_lod.core.quoted_text import CONTROL, MAX_TEXT_MIB, decode_text, read_text
from cper_lod.importing.office_file import OfficeFile, mebibytes
from cper_lod.rdf.reader import read_bytes

SUFFIXES: Final = (".txt", ".md", ".docx", ".pdf")
"""What text can be read from."""
MAX_FILE_MIB: Final = 32
MAX_PAGES: Final = 1_000
MAX_PAGE_MIB: Final = 4
"""The drawing instructions of a page, unpacked: a page of text takes some 20 KiB, a map some MiB."""
MAX_SECONDS: Final = 60
MAX_MEMORY_MIB: Final = 300
"""The memory that reading may add: the XML of 300 pages takes some 250 MiB."""


_LIGATURES: Final = {
    0xFB00 + place: letters for place, letters in enumerate(("ff", "fi", "fl", "ffi", "ffl", "st", "st"))
}
"""The letters that a font joins, which nobody types."""


def document_text(path: Path) -> str:
    """Return the text of a document, by its suffix. Page breaks and running headers are left as they are.

    Raises the problems of `read_text`, and `document-format`, `document-large`, `document-unreadable` and
    `document-without-text`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Problem("document-format", path=path, offers=list(SUFFIXES))
    if suffix in (".txt", ".md"):
        return read_text(path)
    if path.is_file() and path.stat().st_size > MAX_FILE_MIB << 20:
        raise _too_large(path, mebibytes(-(-path.stat().st_size >> 20)), mebibytes(MAX_FILE_MIB))
    data = read_bytes(path)
    try:
        with interruptible(MAX_SECONDS), _memory_limit():
            text = _docx_text(path, data) if suffix == ".docx" else _pdf_text(path, data)
    except TimeLimitReached as error:
        seconds = Phrase(f"reading it takes more than {MAX_SECONDS} s", f"le lire prend plus de {MAX_SECONDS} s")
        raise _unreadable(path, seconds) from error
    except MemoryError as error:
        raise _too_large(
            path, Phrase("it takes more memory", "il demande davantage de mémoire"), mebibytes(MAX_MEMORY_MIB)
        ) from error
    except Problem:
        raise
    except Exception as error:  # the libraries raise whatever their parsers raise; the file is at fault
        message = " ".join(str(error).split())[:200] or type(error).__name__
        raise _unreadable(path, Phrase(f"It is damaged: {message}", f"Il est endommagé : {message}")) from error
    if not text.strip():
        raise Problem("document-without-text", path=path)
    # A PDF may have characters that its fonts alone explain; no quotation has them.
    return decode_text(CONTROL.sub("\ufffd", text.translate(_LIGATURES)).encode("utf-8", "replace"), path)


@contextmanager
def _memory_limit() -> Iterator[None]:
    """Raise MemoryError in the work within where it takes too much, on systems that count (Linux)."""
    limits = resource.getrlimit(resource.RLIMIT_DATA)
    try:
        used = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
    except OSError:
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (used + (MAX_MEMORY_MIB << 20), limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, limits)


def _docx_text(path: Path, data: bytes) -> str:
    """Return the text of a DOCX file: paragraphs, tables and text boxes, then footnotes; no headers, no comments."""
    # Imported here, as pypdf: only an import with a document needs them.
    from mammoth import documents, docx  # noqa: PLC0415

    references: list[Any] = []

    def parts(element: Any) -> Iterator[str]:  # noqa: ANN401 - mammoth has no types
        match element:
            case documents.Text():
                yield element.value
            case documents.Tab():
                yield "\t"
            case documents.Break():
                yield "\n"
            case documents.NoteReference():
                references.append(element)
            case _:
                for child in getattr(element, "children", ()):
                    yield from parts(child)
                if isinstance(element, documents.Paragraph):
                    yield "\n\n"

    file, bounded = OfficeFile(path, data, "document"), io.BytesIO()
    with zipfile.ZipFile(bounded, "w") as copy:
        for name in file.names:
            if name.endswith((".xml", ".rels")):
                copy.writestr(name, file.read(name))
    document = docx.read(bounded).value
    body = "".join(parts(document))
    notes = (document.notes.resolve(reference).body for reference in references)
    return body + "".join(part for note in notes for element in note for part in parts(element))


def _pdf_text(path: Path, data: bytes) -> str:
    """Return the text layer of a PDF, its pages separated by page breaks."""
    import pypdf  # noqa: PLC0415

    logging.getLogger("pypdf").addHandler(logging.NullHandler())  # what it repairs is not for standard error
    limit = MAX_PAGE_MIB << 20
    pages, size = list[str](), 0
    with pypdf.apply_configuration(
        zlib_maximum_output_length=limit,
        lzw_maximum_output_length=limit,
        run_length_maximum_output_length=limit,
        array_based_stream_maximum_output_length=limit,
    ):
        try:
            reader = pypdf.PdfReader(io.BytesIO(data))
            readable = not reader.is_encrypted or bool(reader.decrypt(""))
        except pypdf.errors.DependencyError:
            readable = False
        if not readable:
            raise _unreadable(path, Phrase("It is encrypted", "Il est chiffré"))
        if len(reader.pages) > MAX_PAGES:
            raise _too_large(path, f"{len(reader.pages)} pages", str(MAX_PAGES))
        for page in reader.pages:
            pages.append(page.extract_text())
            size += len(pages[-1])
            if size > MAX_TEXT_MIB << 20:
                raise Problem("text-large", path=path, limit=MAX_TEXT_MIB)
    return "\f".join(pages)


def _too_large(path: Path, what: str | Phrase, limit: str | Phrase) -> Problem:
    return Problem("document-large", path=path, what=what, limit=limit)


def _unreadable(path: Path, reason: Phrase) -> Problem:
    return Problem("document-unreadable", path=path, reason=reason)

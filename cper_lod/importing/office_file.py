"""Reads the XML parts of an Office file (XLSX, DOCX), which is a ZIP archive: nothing else is unpacked, within limits."""

import io
import zipfile
import zlib
from pathlib import Path
from typing import Final, Literal, NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.parsers import expat

from cper_lod.core.errors import Phrase, Problem

MAX_PARTS: Final = 1_000
MAX_XML_MIB: Final = 16
"""The XML that is read, unpacked: a page of a DOCX takes some 20 KiB, a sheet of the template some 30 KiB."""
MAX_NODES: Final = 300_000
"""Elements and attributes: a page of a DOCX has some 1 000, the template of a workbook some 30 000."""
MAX_DEPTH: Final = 100
_MAX_NAMESPACE: Final = 200
"""Characters of the address of a namespace, which a tree repeats for each name."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""How Office files compress; the others may take gigabytes of memory."""


class OfficeFile:
    """The parts of an Office file by name. Its methods raise `workbook-…` or `document-…`: `unreadable` and `large`.

    Python's reader of a ZIP stops at the size that the archive declares for a part, so that the declared sizes are a
    limit. Office files have no DTD (ECMA-376, part 2); a DTD is refused, so that no entity can expand.
    """

    def __init__(self, path: Path, data: bytes, kind: Literal["workbook", "document"]) -> None:
        self._path = path
        self._kind = kind
        self._bytes = MAX_XML_MIB << 20
        self._nodes = MAX_NODES
        if not data.startswith(b"PK\x03\x04"):
            raise self.unreadable(_other_format(data))
        if data.count(b"PK\x01\x02") > MAX_PARTS:  # before there is an object for each
            raise self._too_large(Phrase("it has too many parts", "il a trop de parties"), str(MAX_PARTS))
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise self._damaged() from error
        self.names: list[str] = [part.filename for part in self._archive.infolist()]
        if len({name.lower() for name in self.names}) < len(self.names):
            # Which of them a spreadsheet shows, nothing says.
            raise self.unreadable(Phrase("It has two parts of one name", "Il a deux parties du même nom"))

    def read(self, name: str) -> bytes:
        """Return an XML part, which is well formed."""
        if name not in self.names:
            raise self.unreadable(Phrase(f"{name} is missing", f"{name} manque"))
        part = self._archive.getinfo(name)
        if part.flag_bits & 1:
            raise self.unreadable(Phrase("It is encrypted", "Il est chiffré"))
        if part.compress_type not in _METHODS:
            raise self._damaged()
        self._bytes -= part.file_size
        if self._bytes < 0:
            size = Phrase(f"unpacked, it is larger ({name})", f"décompressé, il est plus grand ({name})")
            raise self._too_large(size, mebibytes(MAX_XML_MIB))
        try:
            content = self._archive.read(part)
        except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError, zlib.error) as error:
            raise self._damaged() from error
        self._check(name, content)
        return content

    def tree(self, name: str) -> Element:
        """Return an XML part as a tree."""
        return ElementTree.fromstring(self.read(name))  # noqa: S314 - without a DTD, and bounded

    def _check(self, name: str, content: bytes) -> None:
        depth = 0

        def on_doctype(*_: object) -> NoReturn:
            raise self.unreadable(Phrase(f"{name} has a DTD", f"{name} contient une DTD"))

        def on_start(_: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self._nodes -= 1 + len(attributes)
            if self._nodes < 0:
                many = Phrase(
                    f"it has more cells, words and formats ({name})",
                    f"il a plus de cellules, de mots et de formats ({name})",
                )
                raise self._too_large(many, str(MAX_NODES))
            if any(len(value) > _MAX_NAMESPACE for key, value in attributes.items() if key.startswith("xmlns")):
                raise self.unreadable(Phrase(f"{name} has a false namespace", f"{name} a un faux espace de noms"))
            if depth > MAX_DEPTH:
                raise self.unreadable(Phrase(f"{name} is nested too deeply", f"{name} est trop imbriqué"))

        def on_end(_: str) -> None:
            nonlocal depth
            depth -= 1

        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = on_doctype
        parser.StartElementHandler = on_start
        parser.EndElementHandler = on_end
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise self.unreadable(Phrase(f"{name} is not XML", f"{name} n'est pas du XML")) from error

    def unreadable(self, reason: Phrase) -> Problem:
        """Return the problem of a file that cannot be read."""
        return Problem(f"{self._kind}-unreadable", path=self._path, reason=reason)

    def _damaged(self) -> Problem:
        return self.unreadable(Phrase("It is damaged or incomplete", "Il est endommagé ou incomplet"))

    def _too_large(self, what: Phrase, limit: str | Phrase) -> Problem:
        return Problem(f"{self._kind}-large", path=self._path, what=what, limit=limit)


def mebibytes(number: int) -> Phrase:
    """Return a size in words."""
    return Phrase(f"{number} MiB", f"{number} Mio")


def _other_format(data: bytes) -> Phrase:
    """Return what a file that is not a ZIP seems to be."""
    if not data:
        return Phrase("It is empty", "Il est vide")
    if data.startswith(_OLE):
        return Phrase(
            "It is in an old format (.xls, .doc), or protected by a password",
            "Il est d'un ancien format (.xls, .doc), ou protégé par un mot de passe",
        )
    if data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return Phrase("It is a web page or an XML file", "C'est une page web ou un fichier XML")
    return Phrase("It is another format, perhaps CSV", "C'est un autre format, peut-être du CSV")

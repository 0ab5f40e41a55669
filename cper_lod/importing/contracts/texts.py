"""The texts of the documents that a workbook quotes: given with --text, or kept in data/sources."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cper_lod.core.errors import Phrase, Problem
from cper_lod.core.quoted_text import Place, QuotableText
from cper_lod.importing.contracts.model import Record, normalized_name, shorter
from cper_lod.importing.document_text import document_text
from cper_lod.release.sources.files import TEXTS, text_files

_AROUND: Final = 40
"""Characters shown before and after a passage."""
_SHOWN: Final = 3
"""Passages shown of those where a quotation stands."""
_MAX_NEAREST: Final = 300
"""Characters shown of the passage that is most like a quotation."""


@dataclass(frozen=True)
class DocumentText:
    """The text of a document: its file below the sources, the bytes of that file, and the text that they are."""

    path: str
    data: bytes
    raw: str
    quotable: QuotableText

    @property
    def checksum(self) -> str:
        """The SHA-256 of the file, in hexadecimal."""
        return sha256(self.data).hexdigest()

    def passages(self, places: Sequence[Place]) -> str:
        """Return the first of these passages, numbered, each with what is around it."""
        shown = [f"{number}. {self._passage(place)}" for number, place in enumerate(places[:_SHOWN], 1)]
        return " ".join([*shown, "…"] if len(places) > _SHOWN else shown)

    def _passage(self, place: Place) -> str:
        before = self.raw[max(0, place.start - _AROUND) : place.start]
        words, after = self.quotable.words(place), self.raw[place.end : place.end + _AROUND]
        return f"« …{' '.join(f'{before}[{shorter(words)}]{after}'.split())}… »"

    def nearest(self, quotation: str) -> tuple[str, dict[str, object]]:
        """Return the finding about a quotation that does not stand in the text, and its values."""
        nearest = self.quotable.nearest(quotation)
        if not nearest:
            return "words-absent", {}
        differences = nearest.words_there, nearest.words_here
        there, here = (
            Phrase(f"“{each}”", f"« {each} »") if each else Phrase("nothing", "rien") for each in differences
        )
        values: dict[str, object] = {"words": shorter(nearest.words, _MAX_NEAREST), "there": there, "here": here}
        return "words-differ", values


def given_files(given: Iterable[str], documents: Sequence[Record]) -> dict[str, Path]:
    """Return the files given with --text by the IRIs of their documents; raises `text-document` if it is not clear whose.

    A text is given as its file, or as the code, name or title of its document, an equals sign and the file.
    """
    found: dict[str, Path] = {}
    for argument in given:
        name, equals, file = argument.partition("=")
        if not equals or Path(argument).exists():
            name, file = "", argument
        named = [each for each in documents if normalized_name(name) in _names(each)] if name else documents
        if len(named) != 1 or named[0].iri in found:
            raise Problem("text-document", text=argument, offers=[each.text("code") for each in documents])
        found[named[0].iri] = Path(file)
    return found


def _names(document: Record) -> list[str]:
    return [normalized_name(document.text(key)) for key in ("code", "nom", "titre")]


def read_texts(given: Mapping[str, Path], documents: Iterable[str], folders: Iterable[Path]) -> dict[str, DocumentText]:
    """Return the texts of documents by their IRIs: those given, else those of the first folder of sources that has one.

    Raises the problems of reading a text.
    """
    kept = [text_files([folder / "data"]) for folder in folders]
    texts = {}
    for iri in documents:
        name = iri.rpartition("/")[2]
        if path := given.get(iri) or next((files[name] for files in kept if name in files), None):
            raw = document_text(path)
            # Markdown is kept as it is, of other files what can be read in them; without a byte order mark.
            suffix = ".md" if path.suffix.lower() == ".md" else ".txt"
            texts[iri] = DocumentText(f"data/{TEXTS}/{name}{suffix}", raw.encode(), raw, QuotableText(raw))
    return texts

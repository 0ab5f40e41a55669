"""Documents and their texts: a text is that of its document, and quotations stand in it, at their places."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import BASE, CPER, OA, PREFIXES, PROV, RDF
from cper_lod.core.quoted_text import QuotableText
from cper_lod.rdf.graph import Node, Term
from cper_lod.rdf.report import Finding, finding
from cper_lod.release.check.published import PublishedData
from cper_lod.release.check.rules import DataRule
from cper_lod.release.sources.files import display_path

DOCUMENT: Final = BASE + "id/document/"
CHECKSUM: Final = PREFIXES["spdx"] + "checksumValue"
_OMISSION: Final = "[…]"


def _name(document: str) -> str:
    """Return the name of a document, that of the file of its text."""
    return document.removeprefix(DOCUMENT)


def text_of(data: PublishedData, document: Term) -> Path | None:
    """Return the text of a document, if it is here."""
    return data.sources.texts.get(_name(document.value))


def _checksums(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each document with a checksum or a text: it lacks one, or the checksum is another one."""
    for node in data.subjects(RDF + "type", CPER + "Document"):
        checksums = data.graph.all(node, PREFIXES["spdx"] + "checksum")
        stated = [value for each in checksums for value in data.graph.all(each, CHECKSUM)]
        path = text_of(data, node)
        if not path and not stated:
            continue
        if not path:
            yield [data.finding("text-missing", node.value, CHECKSUM, stated[0], path=f"{_name(node.value)}.txt")]
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        shown = display_path(path, data.sources.folder)
        if not stated:
            yield [data.finding("text-unidentified", node.value, CHECKSUM, path=shown, digest=digest)]
            continue
        wrong = [each for each in stated if not isinstance(each, Literal) or each.value != digest]
        yield [data.finding("text-differs", node.value, CHECKSUM, each, path=shown, digest=digest) for each in wrong]


def _texts(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each text: the data do not describe its document."""
    for name, path in data.sources.texts.items():
        document, shown = DOCUMENT + name, display_path(path, data.sources.folder)
        is_described = CPER + "Document" in data.graph.types(NamedNode(document))
        yield [] if is_described else [finding("violation", "text-undescribed", document, (shown,), path=shown)]


def _quotations(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each statement: its words do not stand at its place in the text of its document.

    Raises the problems of `read_text`.
    """
    texts = {document: QuotableText(text) for document, text in data.texts.items()}
    for node in data.subjects(RDF + "type", CPER + "Enonce"):
        document = data.graph.value(node, PROV + "wasQuotedFrom")
        yield [*_omissions(data, node), *_placed(data, node, document, texts.get(document))]


def _omissions(data: PublishedData, node: Node) -> Iterator[Finding]:
    for words in data.graph.all(node, OA + "exact"):
        if isinstance(words, Literal) and _OMISSION in words.value:
            yield data.finding("quotation-omission", node.value, OA + "exact", words)


def _placed(data: PublishedData, node: Node, document: str, text: QuotableText | None) -> Iterator[Finding]:
    """Yield the findings about the place of a statement in the text of its document, if there is a text."""
    words, start, end = (data.graph.value(node, OA + name) for name in ("exact", "start", "end"))
    if not text:
        for name in ("start", "end"):
            for value in data.graph.all(node, OA + name):
                yield data.finding("quotation-without-text", node.value, OA + name, value, document=document)
        return
    is_placed = start.isdecimal() and end.isdecimal() and len(start + end) < 20  # any number of a file
    place = text.at(int(start), words) if is_placed else None
    if place and place.end == int(end):
        return
    value = Literal(f"{start}-{end}" if start or end else "")
    found = text.find(words)
    if found:
        places = ", ".join(f"{each.start}-{each.end}" for each in found[:_MAX_PLACES])
        key = "quotation-elsewhere" if start or end else "quotation-unplaced"
        yield data.finding(key, node.value, OA + "start", value, document=document, words=words, places=places)
    elif near := text.nearest(words):
        yield data.finding(
            "quotation-differs",
            node.value,
            OA + "exact",
            Literal(words),
            document=document,
            place=f"{near.place.start}-{near.place.end}",
            words=near.words,
            here=near.words_here,
            there=near.words_there,
        )
    else:
        yield data.finding("quotation-absent", node.value, OA + "exact", Literal(words), document=document)


_MAX_PLACES: Final = 10
"""Places of a quotation that are named."""

DOCUMENT_RULES: Final = (
    DataRule("text-differs", _checksums),
    DataRule("text-undescribed", _texts),
    DataRule("quotation-differs", _quotations),
)

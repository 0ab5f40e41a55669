"""Documents and their texts: a text is that of its document, and quotations stand in it, at their places.

What a document says of itself: its publisher, against its name and that of its contact.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import CPER, DCAT, DCT, OA, PREFIXES, PROV, RDF, SKOS
from cper_lod.core.quoted_text import QuotableText
from cper_lod.core.text import slug
from cper_lod.rdf.graph import Node, Term, stated_place
from cper_lod.rdf.report import Finding, finding
from cper_lod.release.check.published import DataRule, PublishedData
from cper_lod.release.release import document_name
from cper_lod.release.sources.files import display_path

CHECKSUM: Final = PREFIXES["spdx"] + "checksumValue"
_OMISSION: Final = "[…]"
_SOURCE, _STATEMENT, _ATTESTS = PROV + "wasQuotedFrom", CPER + "enonce", CPER + "atteste"
_POSITION: Final = CPER + "position"
_CONTACT, _CONTACT_NAME = DCAT + "contactPoint", PREFIXES["vcard"] + "fn"


def text_of(data: PublishedData, document: Term) -> Path | None:
    """Return the text of a document, if it is here."""
    return data.sources.texts.get(document_name(document.value))


def _checksums(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each document with a checksum or a text: it lacks one, or the checksum is another one."""
    for node in data.subjects(RDF + "type", CPER + "Document"):
        checksums = data.graph.all(node, PREFIXES["spdx"] + "checksum")
        stated = [value for each in checksums for value in data.graph.all(each, CHECKSUM)]
        path = text_of(data, node)
        if not path and not stated:
            continue
        if not path:
            yield [
                data.finding("text-missing", node.value, CHECKSUM, stated[0], path=f"{document_name(node.value)}.txt")
            ]
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
        document, shown = data.sources.names.documents + name, display_path(path, data.sources.folder)
        is_described = CPER + "Document" in data.graph.types(NamedNode(document))
        yield [] if is_described else [finding("violation", "text-undescribed", document, (shown,), path=shown)]


def _quotations(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each statement: its words do not stand at its place in the text of its document.

    Raises the problems of `read_text`.
    """
    texts = {document: QuotableText(text) for document, text in data.texts.items()}
    for node in data.subjects(RDF + "type", CPER + "Enonce"):
        document = data.graph.value(node, _SOURCE)
        yield [*_omissions(data, node), *_placed(data, node, document, texts.get(document))]


def _omissions(data: PublishedData, node: Node) -> Iterator[Finding]:
    for words in data.graph.all(node, OA + "exact"):
        if isinstance(words, Literal) and _OMISSION in words.value:
            yield data.finding("quotation-omission", node.value, OA + "exact", words)


def _placed(data: PublishedData, node: Node, document: str, text: QuotableText | None) -> Iterator[Finding]:
    """Yield the findings about the place of a statement in the text of its document, if there is a text."""
    words, (start, end) = data.graph.value(node, OA + "exact"), stated_place(data.graph, node)
    if not text:
        for value in data.graph.all(node, _POSITION):
            yield data.finding("quotation-without-text", node.value, _POSITION, value, document=document)
        return
    is_placed = start.isdecimal() and end.isdecimal() and len(start + end) < 20  # any number of a file
    place = text.at(int(start), words) if is_placed else None
    if place and place.end == int(end):
        return
    value = Literal(f"{start}-{end}" if start or end else "")
    found = text.find(words)
    if found:
        places = ", ".join(f"{each.start}-{each.end}" for each in found[:_MAX_PLACES])
        told = {"document": document, "words": words, "places": places}
        yield data.finding("quotation-elsewhere", node.value, _POSITION, value, **told)
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


def _publishers(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each document, and each figure “according to” a body: a name is that of another publisher.

    The name that we give a document, if it says whose it is; that of its contact, unless words attest the publisher.
    """
    for node in data.subjects(RDF + "type", CPER + "Document"):
        names = [
            (SKOS + "prefLabel", name, _named_first(data, name)) for name in data.french_names(node, SKOS + "prefLabel")
        ]
        publishers = data.graph.all(node, DCT + "publisher")
        attesting = (value for each in data.graph.all(node, _STATEMENT) for value in data.graph.all(each, _ATTESTS))
        if NamedNode(DCT + "publisher") not in attesting:
            contacts = (name for each in data.graph.all(node, _CONTACT) for name in data.graph.all(each, _CONTACT_NAME))
            names += [(_CONTACT_NAME, each.value, _body_first(data, each.value)) for each in contacts]
        yield [*_of_others(data, node, publishers, names)]
    for node in data.subjects(CPER + "valeurPubliee"):
        according = [
            match for name in data.french_names(node, SKOS + "prefLabel") if (match := _ACCORDING.search(name))
        ]
        if according:
            quoted = (
                document for each in data.graph.all(node, _STATEMENT) for document in data.graph.all(each, _SOURCE)
            )
            publishers = [each for document in quoted for each in data.graph.all(document, DCT + "publisher")]
            names = [(SKOS + "prefLabel", each.string, _body_first(data, each[1])) for each in according]
            yield [*_of_others(data, node, publishers, names)]


def _of_others(
    data: PublishedData, node: Node, publishers: Sequence[Term], names: Iterable[tuple[str, str, Collection[Term]]]
) -> Iterator[Finding]:
    """Yield a finding about each name (its property, its text, the bodies that it names) of none of the publishers."""
    for predicate, text, named in names:
        if publishers and named and not {*publishers} & {*named}:
            other, own = (data.graph.label(each, "fr") for each in (next(iter(named)), publishers[0]))
            yield data.finding("publisher-differs", node.value, predicate, Literal(text), other=other, own=own)


def _named_first(data: PublishedData, label: str) -> Collection[Term]:
    """Return the body that a name of a document says to be its publisher: « Page de la Région … », « France Bleu, mars 2022 »."""
    name, comma, _ = label.partition(",")
    match = _KIND.match(label)
    return _body_first(data, label[match.end() :]) if match else data.bodies.get(slug(name), ()) if comma else ()


def _body_first(data: PublishedData, text: str) -> Collection[Term]:
    """Return the bodies whose name a text begins with; the longest name counts."""
    words = slug(text).split("-")[:_LONGEST_NAME]
    names = ("-".join(words[:count]) for count in range(len(words), 0, -1))
    return next((data.bodies[name] for name in names if name in data.bodies), ())


_KIND: Final = re.compile(
    r"(?:page|article|avis|communiqué|dossier)(?: de presse)? (?:de la |de l['’]|de |du |des |d['’])", re.I
)
"""How a name of a document begins that goes on with its publisher."""
_ACCORDING: Final = re.compile(r"\bselon (.+)")
_LONGEST_NAME: Final = 15
"""Words of the longest name of a body that is looked for."""


_MAX_PLACES: Final = 10
"""Places of a quotation that are named."""

DOCUMENT_RULES: Final = (
    DataRule("text-differs", _checksums),
    DataRule("text-undescribed", _texts),
    DataRule("quotation-differs", _quotations),
    DataRule("publisher-differs", _publishers),
)

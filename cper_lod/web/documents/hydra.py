"""Hydra collections: the RDF of a page of a list, which clients can follow from page to page."""

from collections.abc import Iterable

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from cper_lod.core.namespaces import DCT, HYDRA, RDF, XSD
from cper_lod.core.sorted_lines import Count


def _quad(subject: str, predicate: str, object_: str | Literal) -> Quad:
    value = object_ if isinstance(object_, Literal) else NamedNode(object_)
    return Quad(NamedNode(subject), NamedNode(predicate), value, DefaultGraph())


def collection(iri: str, titles: dict[str, str], count: Count, cls: str = "") -> list[Quad]:
    """Return the description of a list: its titles by language, its number of members if known, their class.

    Source: Hydra Core Vocabulary, sections 5.4 (collections) and 5.5 (member assertions).
    """
    quads = [_quad(iri, RDF + "type", HYDRA + "Collection")]
    quads += [_quad(iri, DCT + "title", Literal(text, language=lang)) for lang, text in sorted(titles.items())]
    if count.exact:
        total = Literal(str(count.number), datatype=NamedNode(XSD + "integer"))
        quads.append(_quad(iri, HYDRA + "totalItems", total))
    if cls:
        assertion = iri + "#assertion"
        quads += [
            _quad(iri, HYDRA + "memberAssertion", assertion),
            _quad(assertion, HYDRA + "property", RDF + "type"),
            _quad(assertion, HYDRA + "object", cls),
        ]
    return quads


def members(iri: str, things: Iterable[str]) -> list[Quad]:
    """Return the members of a list."""
    return [_quad(iri, HYDRA + "member", thing) for thing in things]


def view(iri: str, here: str, others: dict[str, str]) -> list[Quad]:
    """Return a page as a view of a list, with the addresses of the `first`, `next`, `previous` and `last` page."""
    quads = [
        _quad(iri, HYDRA + "view", here),
        _quad(here, RDF + "type", HYDRA + "PartialCollectionView"),
    ]
    return quads + [_quad(here, HYDRA + name, address) for name, address in sorted(others.items())]

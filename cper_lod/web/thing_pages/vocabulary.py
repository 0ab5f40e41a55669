"""What the pages of the ontology and of its terms say first: all terms; an example, uses, properties, questions."""

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import OWL, SKOS, shorten
from cper_lod.release.docs import usage
from cper_lod.release.docs.documentation import CLASSES, Ontology, declared_prefixes
from cper_lod.release.plan.observations import Hyperlink
from cper_lod.web.components.described import PageSubject
from cper_lod.web.http import urls
from cper_lod.web.site import site

MAX_TERMS: Final = 500
"""Terms that the page of the ontology lists; it says how many more there are."""


_TAKEN: Final = re.compile("n[0-9]+|content|get-data|search-box|")
"""The ids of elements that every page has, and no fragment."""


class TermEntry(NamedTuple):
    """A term in a list: its fragment if that can be an id, its prefixed name, its label and page, the first sentence of its definition."""

    anchor: str
    name: str
    link: Hyperlink
    meaning: str
    deprecated: bool


def _entry(terms: Ontology, iri: str, lang: Language) -> TermEntry:
    node, graph = NamedNode(iri), terms.graph
    meaning = re.split(r"(?<=[.;:]) ", graph.text(node, SKOS + "definition", lang)[0])[0].rstrip(";: \u00a0")
    link = Hyperlink(graph.label(node, lang) or shorten(iri), urls.page_link(iri))
    deprecated = graph.value(node, OWL + "deprecated") in ("true", "1")
    fragment = iri.partition("#")[2]
    return TermEntry("" if _TAKEN.fullmatch(fragment) else fragment, shorten(iri), link, meaning, deprecated)


def ontology(subject: PageSubject) -> dict[str, Any] | None:
    """Return all terms of our ontology or of a module, each class with its properties; None for another ontology."""
    terms, lang = site().documentation.vocabularies.get(subject.node.value), subject.lang
    if terms is None:
        return None
    every = (*terms.classes, *terms.properties)
    shown = {*every[:MAX_TERMS]}

    def entries(iris: Iterable[str]) -> list[TermEntry]:
        return [_entry(terms, each, lang) for each in iris if each in shown]

    return {
        "classes": [
            (_entry(terms, each, lang), entries(terms.own_properties(each))) for each in terms.classes if each in shown
        ],
        "others": entries([each for each in terms.properties if not terms.is_own(each)]),
        "left_out": len(every) - len(shown),
        "example": shorten(next(iter(every), "")),
        "lists": [
            subject.view.iri(each)
            for each in usage.defined(subject.release, subject.node.value, SKOS + "ConceptScheme")
        ],
        "prefixes": [(prefix, space, iri.partition("#")[2]) for prefix, space, iri in declared_prefixes(terms.graph)],
        "context": urls.address(f"/context/{subject.release.manifest['context']}.jsonld", {}),
    }


def term(subject: PageSubject) -> dict[str, Any]:
    """Return how often the data use a class or a property, the properties of a class, and questions."""
    iri, release, lang, view = subject.node.value, subject.release, subject.lang, subject.view
    terms = site().documentation.defining(iri)
    kinds = {*subject.reader.types(subject.node)}
    is_class = not kinds.isdisjoint(CLASSES)
    count = usage.count(release, iri, is_class=is_class)
    members = release.listing.of(iri)
    uses = f"/doc/{members.slug}" if members and members.slug else ""
    number = formatting.number(str(count), lang)
    sentence = "ontology-usage-class" if is_class else "ontology-usage-property"
    return {
        "name": shorten(iri),
        "deprecated": subject.value("owl:deprecated") in ("true", "1"),
        "used": translate(sentence, lang, count=number) if count else translate("ontology-unused", lang),
        "uses": urls.link(uses) if uses else urls.link("/describe/list", iri=iri, of="mentions") if count else "",
        "rows": [
            (_entry(terms, each, lang), [view.iri(value) for value in terms.values_of(each)])
            for each in (terms.all_properties(iri) if is_class else ())
        ],
        "keys": terms.keys(iri),
        "questions": [view.iri(each) for each in usage.questions(release, iri)],
    }

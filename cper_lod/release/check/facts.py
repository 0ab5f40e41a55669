"""Facts against their words: quotations, texts without words, figures of translations; unknown things, links and terms.

Each rule is about a kind of fact, never about the values of one contract.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core import french
from cper_lod.core.namespaces import (
    CPER,
    DCAT,
    DCT,
    DEFINITIONS,
    ORG,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SH,
    SHAPES,
    SKOS,
    VOCABULARIES,
    VOCABULARY,
    XSD,
    expand,
    own_name,
    shorten,
)
from cper_lod.core.text import did_you_mean, folded, nearest
from cper_lod.core.units import EURO, SIGNS, UNIT
from cper_lod.rdf.graph import Node, Term
from cper_lod.rdf.report import Finding, finding
from cper_lod.release.check import names, translations, wording
from cper_lod.release.check.documents import text_of
from cper_lod.release.check.published import DataRule, PublishedData, files_about
from cper_lod.release.check.quotations import (
    QuotedStatement,
    decimal_of,
    is_named,
    numbers,
)

_TERM: Final = re.compile(rb"<((?:%s)[^>\s]+)>" % b"|".join(re.escape(each.encode()) for each in VOCABULARIES))
_PROPERTY: Final = re.compile(rb"^\S+ <([^>]*)>", re.MULTILINE)
_TYPE: Final = f"<{RDF}type>".encode()
_FORMER: Final = (f"<{DCT}replaces>".encode(), f"<{PROV}invalidated>".encode())
"""The properties whose values nothing describes any more."""
_LINKS: Final = NamedNode(SHAPES + "lien-exterieur-permis")
"""The rule with a part for each property that leads outside."""
_INSIDE: Final = tuple(
    f"<{each}".encode() for each in (VOCABULARY, *PREFIXES.values(), "http://www.w3.org/", "http://purl.org/")
)
"""How the names of the program and the terms of vocabularies begin."""
_MAX_REMEMBERED: Final = 65_536
"""Things of which it is remembered whether they are described."""
_MAX_USES: Final = 20
"""Uses of a term whose things are named."""
_NOT_QUOTED: Final = frozenset({XSD + "decimal", XSD + "integer"})
"""Datatypes of numbers that need no statement: values are compared with their wording, other numbers are an order."""


_SOURCE: Final = PROV + "wasQuotedFrom"
_AGENT: Final = PROV + "agent"
_RECOMPUTED: Final = f"{DEFINITIONS}code/denominateur/montants-par-financeur"
"""What a share is a share of, where a calculation gives it back: a rule of its own."""
_UNITS: Final = f"{DEFINITIONS}code/unite"
_DIVISIONS: Final = f"{DEFINITIONS}code/type-de-subdivision"

_FIGURE, _CONTRACT, _DIVISION = CPER + "Chiffre", CPER + "Contrat", CPER + "Subdivision"
_STEP, _DOCUMENT, _PERIOD = CPER + "Etape", CPER + "Document", DCT + "PeriodOfTime"
_OTHERS = [CPER + name for name in ("Avenant", "Cadre", "Decoupage", "Groupe", "Signataire")]
_BODY = ORG + "FormalOrganization"
_STATED_TEXTS = expand(
    "dct:abstract dct:description skos:definition skos:example skos:historyNote skos:scopeNote rdfs:comment"
)
_CONTACT = expand(
    "vcard:fn vcard:hasAddress vcard:hasEmail vcard:hasTelephone vcard:hasURL vcard:nickname"
    " vcard:locality vcard:postal-code vcard:street-address"
)
_NAMED_AROUND = ("articuleAvec", "financeur", "partDe", "subdivision", "territoire")
ATTESTED: Final[Mapping[str, frozenset[str]]] = {
    prop: frozenset(classes)
    for prop, classes in {
        PREFIXES["adms"] + "status": [_STEP],
        CPER + "articuleAvec": [_CONTRACT],
        CPER + "financeur": [_FIGURE],
        CPER + "partDe": [CPER + "Part"],
        CPER + "subdivision": [_FIGURE, CPER + "Avenant"],
        CPER + "territoire": [_CONTRACT],
        CPER + "valeur": [_FIGURE],
        CPER + "valeurPubliee": [_FIGURE],
        DCAT + "contactPoint": [_DOCUMENT],
        DCAT + "endDate": [_PERIOD],
        DCAT + "startDate": [_PERIOD],
        DCT + "date": [_STEP],
        DCT + "issued": [_DOCUMENT],
        DCT + "temporal": [_FIGURE],
        DCT + "title": [_CONTRACT, _DOCUMENT],
        PROV + "agent": [CPER + "Signataire"],
        PROV + "atLocation": [_STEP],
        RDFS + "seeAlso": [_CONTRACT],
        SCHEMA + "locationCreated": [_DOCUMENT],
        SKOS + "altLabel": [_CONTRACT, _DIVISION],
        SKOS + "broadMatch": [_DIVISION],
        **{each: [_CONTRACT, _DIVISION, _FIGURE, _STEP, *_OTHERS, _BODY] for each in _STATED_TEXTS},
        **{each: [PREFIXES["vcard"] + "Kind", PREFIXES["vcard"] + "Address"] for each in _CONTACT},
        SKOS + "prefLabel": [_CONTRACT, _DIVISION, *(CPER + name for name in ("Avenant", "Cadre"))],
    }.items()
}
"""The properties whose values are stated by the source, with the classes of which they must be attested.

What is not here may be attested; if not, it is our reading, the name that we give a thing, a note, an identifier,
a link, the order or kind of a thing, or computed.
"""
IN_CONTEXT: Final = frozenset(
    each
    for each, classes in ATTESTED.items()
    if classes & {_DOCUMENT, _PERIOD} or each in {SKOS + "broadMatch", *(CPER + name for name in _NAMED_AROUND)}
)
"""What must be attested only where this site has the text: the few words quoted from another may leave it to a heading."""


def quotations(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each property of a thing that statements attest: the quotations lack its value."""
    for body, statements in data.statements.items():
        for predicate in sorted({each for statement in statements for each in statement.attests}):
            attesting = [each for each in statements if predicate in each.attests]
            values = data.graph.all(body, predicate)
            yield [each for value in values for each in _quoted(data, body, predicate, value, attesting)]


def _quoted(
    data: PublishedData, body: Node, predicate: str, value: Term, attesting: Sequence[QuotedStatement]
) -> Iterator[Finding]:
    verdicts = {data.reader.verdict(each, body, predicate, value) for each in attesting}
    if "found" not in verdicts:
        key = "quotation-unknown" if "unknown" in verdicts else "quotation"
        words = " / ".join(each.words for each in attesting)
        name = "" if isinstance(value, Literal) else f" ({data.graph.label(value, 'fr')})"
        iri = attesting[0].iri
        yield data.finding(key, iri, predicate, value, fact=body.value, words=words, named=name)


def unattested(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each property that the source must state: no statement attests it."""
    dated = _dated(data)
    for cls in sorted(frozenset[str]().union(*ATTESTED.values())):
        for node in data.instances(cls):
            if cls.startswith(PREFIXES["vcard"]) and node not in data.statements:
                continue  # a contact of the catalogue, which is ours
            if cls == _PERIOD and node not in dated and node not in data.statements:
                continue  # no statement is about it, as about that of a subsidy
            attested = _attested(data, node, cls, dated.get(node, []) if cls == _PERIOD else [])
            for predicate, values in data.graph.properties(node).items():
                if cls in ATTESTED.get(predicate, ()):
                    stated = [each for each in values if each != NamedNode(_RECOMPUTED)]
                    missing = stated[:1] if predicate not in attested else []
                    yield [data.finding("unattested", node.value, predicate, each) for each in missing]


def unread_agents(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each signatory whose words do not name it (an office, a number of bodies): it has no reading."""
    for node in data.instances(CPER + "Signataire"):
        attesting = [each for each in data.statements.get(node, ()) if _AGENT in each.attests]
        readings = data.graph.all(node, CPER + "lecture")
        is_read = any(NamedNode(_AGENT) in data.graph.all(each, CPER + "atteste") for each in readings)
        yield [
            data.finding(
                "agent-unread",
                node.value,
                _AGENT,
                value,
                words=" / ".join(each.words for each in attesting),
                named=data.graph.label(value, "fr"),
            )
            for value in data.graph.all(node, _AGENT)
            if attesting and not is_read and not any(data.reader.names_body(each, node, value) for each in attesting)
        ]


def _dated(data: PublishedData) -> dict[Term, list[Node]]:
    """Return the things that statements speak of by the periods that they have."""
    found = defaultdict[Term, list[Node]](list)
    for thing in data.statements:
        for period in data.graph.all(thing, DCT + "temporal"):
            found[period].append(thing)
    return dict(found)


def _attested(data: PublishedData, node: Node, cls: str, dated: Sequence[Node]) -> set[str]:
    """Return the properties of a thing that need no further statement: those that its statements attest.

    `dated` are the things with statements whose period it is.
    """
    attested = {each for statement in data.statements.get(node, ()) for each in statement.attests}
    whose = (node, *dated)
    says_when = any(DCT + "temporal" in each.attests for one in whose for each in data.statements.get(one, ()))
    if (cls == _PERIOD and says_when) or not any(_has_text(data, one, cls) for one in whose):
        attested |= IN_CONTEXT
    return attested


def _has_text(data: PublishedData, node: Node, cls: str) -> bool:
    """Return whether this site has the text of a document, or of one that a thing is quoted from."""
    statements = (NamedNode(each.iri) for each in data.statements.get(node, ()))
    quoted = (document for each in statements for document in data.graph.all(each, _SOURCE))
    documents = [node] if cls == _DOCUMENT else quoted
    return any(text_of(data, each) for each in documents)


def _things(data: PublishedData) -> Iterable[Node]:
    """Return what statements speak of, and what is of a class that has statements, as the ontology says."""
    stated = data.ontology.all(NamedNode(CPER + "enonce"), SCHEMA + "domainIncludes")
    return dict.fromkeys((*data.instances(*(each.value for each in stated)), *data.statements))


def _own_texts(data: PublishedData, node: Node) -> Iterator[Finding]:
    """Yield the findings about a thing: a text has figures that no statement of it has."""
    statements = data.statements.get(node, [])
    attested = {each for statement in statements for each in statement.attests}
    known = data.reader.known_numbers(node) | _document_numbers(data, statements)
    for statement in statements:
        words = statement.words
        known |= numbers(words) | numbers(french.in_figures(words)) | translations.french_numbers(words)
    for predicate, values in data.graph.properties(node).items():
        if predicate in attested:
            continue
        texts = [each for each in values if isinstance(each, Literal) and each.datatype.value not in _NOT_QUOTED]
        originals = "\n".join(each.value for each in texts if each.language == "fr")
        for text in texts:
            lang = text.language or "fr"
            own = translations.without_french(text.value, originals) if lang == "en" else text.value
            if translations.figures(own, lang) - known:
                yield data.finding("figure-unquoted", node.value, predicate, text)


def _document_numbers(data: PublishedData, statements: Iterable[QuotedStatement]) -> set[Decimal]:
    """Return the numbers of the day, and in the publisher's name, of the documents that statements come from."""
    found = set[Decimal]()
    for statement in statements:
        for document in data.graph.all(NamedNode(statement.iri), PROV + "wasQuotedFrom"):
            for day in data.graph.all(document, DCT + "issued"):
                found |= numbers(day.value.replace("-", " ; "))
            for publisher in data.graph.all(document, DCT + "publisher"):
                found |= numbers(data.graph.label(publisher, "fr"))
    return found


def _unit_and_step(data: PublishedData, node: Node) -> Iterator[Finding]:
    """Yield the findings about a figure: its unit or rounding step is not that of its printed value.

    That its number is, a shape says, and the rule about quotations.
    """
    wording = data.graph.value(node, CPER + "valeurPubliee")
    if not wording:
        return
    read = list(french.quantities(wording))
    for unit in data.graph.all(node, UNIT):
        if unit.value not in _units(data, node, read):
            yield data.finding("value-differs", node.value, UNIT, unit, words=wording)
    steps = {each.step for each in read if each.unit} or {each.step for each in read}
    for step in data.graph.all(node, CPER + "pas"):
        # Single euros do not show how an amount is rounded.
        if (steps - {Decimal(1)} or not any(each.unit == SIGNS[EURO] for each in read)) and decimal_of(
            step.value
        ) not in steps:
            yield data.finding("value-differs", node.value, CPER + "pas", step, words=wording)


def _units(data: PublishedData, node: Node, read: Iterable[french.Quantity]) -> set[str]:
    """Return the units that the words of a figure may give it: those with a sign there, and those of the list of units named there."""
    units, printed = [*data.concepts(_UNITS)], data.graph.value(node, CPER + "valeurPubliee")
    # « Quatre priorités » counts no axes, though the quotation may name them.
    counts_divisions = any(_unit_is_named(data, each, printed) for each in data.concepts(_DIVISIONS))
    is_counted = counts_divisions or any(_unit_is_named(data, each, printed) for each in units)
    words = printed if is_counted else " ".join(each.words for each in data.statements.get(node, ()))
    named = {each.value for each in units if _unit_is_named(data, each, words) and not _is_rank(data, each, printed)}
    named |= {f"{_UNITS}/subdivision"} if counts_divisions else set()
    signs = {each.unit for each in read if each.unit}
    signed = {unit for unit, sign in SIGNS.items() if sign in signs}
    if signed:  # « 611 €/habitant » is no sum, and no count
        per_sign = {each for each in named if "euro" in each} if SIGNS[EURO] in signs else set[str]()
        return per_sign or signed
    return named or (set[str]() if is_counted else {each.value for each in units})


def _is_rank(data: PublishedData, unit: Node, printed: str) -> bool:
    """Return whether a printed value is a unit and its number, which counts nothing: « Axe 5 »."""
    names = "|".join(re.escape(folded(each).rstrip("sx")) for each in data.french_names(unit))
    return re.fullmatch(rf"(?:{names})[sx]? [0-9]+", folded(printed)) is not None


def _unit_is_named(data: PublishedData, unit: Node, words: str) -> bool:
    """Return whether words name a unit of the list: its last word, « habitant » of « euros par habitant »."""
    names = (each.split() for each in data.french_names(unit))
    return any(is_named(each[-1].lower(), words.lower()) for each in names if each)


def references(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each link: to an IRI of this site that nothing describes, or outside by an unknown property."""
    parts = data.shapes.all(_LINKS, SH + "property")
    kinds = {f"<{path.value}>".encode() for each in parts for path in data.shapes.all(each, SH + "path")}

    names = data.sources.names
    things = tuple(f"<{each}".encode() for each in names.shared_start)
    inside = (*_INSIDE, f"<{names.address}".encode())

    @lru_cache(_MAX_REMEMBERED)
    def is_described(thing: bytes) -> bool:
        return any(data.sources.published.beginning(b"%b %b " % (thing, _TYPE)))

    for subject, predicate, rest in data.triples():
        if not rest.startswith(b"<"):
            continue
        named, own = rest.partition(b" ")[0], rest.startswith(things)
        if own:
            wrong = predicate not in _FORMER and not is_described(named)
        else:
            wrong = bool(kinds) and predicate not in kinds and not rest.startswith(inside)
        found = []
        if wrong:
            node, path, value = (each.decode().strip("<>") for each in (subject, predicate, named))
            key = "reference-undescribed" if own else "link-unknown"
            found = [data.finding(key, node, path, NamedNode(value))]
        yield found


def terms(data: PublishedData) -> Iterator[list[Finding]]:
    """Yield the findings about each property, and each term of our namespaces, in use: the ontology does not declare it.

    An ontology that declares no property of other vocabularies leaves these to the data.
    """
    ontology = data.ontology
    declared = {each.value for each in ontology.subjects() if isinstance(each, NamedNode)}
    others = (NamedNode(each) for each in declared if not each.startswith(VOCABULARIES))
    has_others = any(RDF + "Property" in ontology.types(each) for each in others)
    ours = {name: each for each in sorted(declared, reverse=True) if (name := own_name(each))}
    lines = data.sources.published.mapped
    used = {name.decode() for name in {match[1] for match in _TERM.finditer(lines)}}
    properties = {match[1] for match in _PROPERTY.finditer(lines)} if has_others else set()
    for term in sorted(used | {name.decode() for name in properties}):
        if term in declared:
            yield []
            continue
        uses = islice(data.triples_with(f"<{term}>"), _MAX_USES)
        subjects = {subject.strip("<>"): None for subject, *_ in uses}
        near = nearest(own_name(term), ours) if term in used else ""
        told = {"term": shorten(term), "near": did_you_mean(near and shorten(ours[near])) or ""}
        files = sorted({file for each in subjects for file in files_about(data.sources, each)})
        yield [finding("violation", "term-undeclared", next(iter(subjects)), tuple(files), **told)]


FACT_RULES: Final = (
    DataRule("quotation", quotations),
    DataRule("unattested", unattested),
    DataRule("figure-unquoted", lambda data: (_own_texts(data, node) for node in _things(data))),
    DataRule("figures-differ", translations.translations),
    DataRule(
        "value-differs", lambda data: (_unit_and_step(data, node) for node in data.subjects(CPER + "valeurPubliee"))
    ),
    DataRule("value-of-another", wording.values_of_another),
    DataRule("nature-left-out", wording.natures),
    DataRule("part-left-out", wording.parts),
    DataRule("agent-unread", unread_agents),
    DataRule("status-not-yet", wording.statuses),
    DataRule("level-of-another", wording.levels),
    DataRule("label-of-another", names.labels),
    DataRule("name-of-another", names.other_names),
    DataRule("reference-undescribed", references),
    DataRule("term-undeclared", terms),
)

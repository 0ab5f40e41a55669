"""Turns the records of a workbook into RDF: every fact with a statement that quotes the source."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.namespaces import XSD
from cper_lod.core.text import slug
from cper_lod.importing.contracts.actors import Actors, ExistingEntities
from cper_lod.importing.contracts.figures import add_amounts, add_dataset, add_share
from cper_lod.importing.contracts.graph import (
    FRENCH,
    ID,
    ContractGraph,
    Labels,
    date_literal,
    fr,
    node,
    with_translation,
    words,
)
from cper_lod.importing.contracts.model import Record, WorkbookRecords, normalized_name

_DATASETS: Final = ("parts-par-axe", "engagements", "parts-par-financeur", "enveloppe")


def contract_slug(region: str, years: tuple[int, int], trial: bool) -> str:
    """Return the slug of a contract. The slug of a trial differs, so that it cannot replace the real contract.

    >>> contract_slug("Provence-Alpes-Côte d'Azur", (2021, 2027), False), contract_slug("Bretagne", (2021, 2027), True)
    ('provence-alpes-cote-d-azur-2021-2027', 'bretagne-fictif-2021-2027')
    """
    return f"{slug(region)}{'-fictif' if trial else ''}-{years[0]}-{years[1]}"


def slug_of(form: Record) -> str:
    """Return the slug of the contract of a form: that under which it is published, or the one of its region and period."""
    years: tuple[int, int] = form.numbers("periode")  # type: ignore[assignment]  # two, as it was read
    return form.text("identifiant") or contract_slug(form.text("region"), years, form.text("essai") == "oui")


def build_graph(records: WorkbookRecords, existing: ExistingEntities, codes: Mapping[str, Labels]) -> ContractGraph:
    """Return the triples of a workbook without findings; `codes` are the labels of each code."""
    form = records["contrat"][0]
    years: tuple[int, int] = form.numbers("periode")  # type: ignore[assignment]  # two, as it was read
    graph = ContractGraph(slug_of(form), form.text("essai") == "oui", codes)
    for number, record in _sources(records):
        name = record.text("identifiant") or f"{graph.slug}-source{f'-{number}' if number > 1 else ''}"
        graph.documents[number] = f"{ID}document/{name}"
    _frame(graph, form, years)
    actors = Actors(graph, existing, form.text("region"), form.location_of("region"))
    graph.add(graph.contract, "cper:territoire", actors.region)
    for number, record in _sources(records):
        _source(graph, actors, record, graph.documents[number])
    _frame_statements(graph, form)
    for record in records["signataires"]:
        actors.add_signatory(record)
    for record in records["priorites"]:
        add_priority(graph, record, records["axes"])
    add_axes(graph, records["axes"])
    add_amounts(graph, records["montants"])
    for record in records["avenants"]:
        add_amendment(graph, record)
    for sheet in LINKED:
        for record in records[sheet]:
            _add_linked(graph, sheet, record, actors.region)
    _lists(graph, records, f"{years[0]}-{years[1]}")
    for record in records["catalogue"]:
        _publication(graph, actors, record)
    return graph


def _sources(records: WorkbookRecords) -> Iterator[tuple[int, Record]]:
    """Yield the sources with their numbers."""
    yield 1, records["source"][0]
    yield from ((record.number("numero"), record) for record in records["sources"])


def _frame(graph: ContractGraph, form: Record, years: tuple[int, int]) -> None:
    """Describe the contract itself: its title, period and signing."""
    contract, region, span = graph.contract, form.text("region"), f"{years[0]}-{years[1]}"
    labels = form.text("intitule"), form.text("intitule_en") or words("contract", span=span, region=region)[1]
    graph.describe("contracts", contract, form.location, "cper:Contrat cper:ContratDePlan", labels)
    if form.text("nom_court"):
        graph.add(contract, "skos:altLabel", fr(graph.marked(form.text("nom_court"))))
    graph.describe("contracts", f"{contract}/periode", form.location_of("periode"), "dct:PeriodOfTime", (span, span))
    graph.add(f"{contract}/periode", "dcat:startDate", date_literal(years[0]))
    graph.add(f"{contract}/periode", "dcat:endDate", date_literal(years[1]))
    graph.add(contract, "dct:temporal", f"{contract}/periode")
    signed = form.get("signe_le", date) or date.min
    signing, place = f"{contract}/signature", slug(form.text("lieu"))
    venue = f"{ID}lieu/{form.text('lieu_identifiant') or f'{place}-{graph.slug}'}"
    labels = words("signing", day=day_in_words(signed))
    graph.describe("contracts", signing, form.location_of("signe_le"), "cper:Signature", labels)
    graph.add(signing, "dct:date", date_literal(signed))
    graph.add(signing, "prov:atLocation", venue)
    labels = with_translation(form.text("lieu"), form.text("lieu_en"))
    graph.describe("contracts", venue, form.location_of("lieu"), "prov:Location", labels)
    graph.add(contract, "cper:signature", signing)


def day_in_words(day: date) -> Labels:
    """Return a date in French and in English."""
    return formatting.date(day.isoformat(), "fr"), formatting.date(day.isoformat(), "en")


FRAME_STATEMENTS: Final = (
    ("intitule", "titre", "", "skos:prefLabel"),
    ("region", "territoire", "", "cper:territoire"),
    ("periode", "periode", "/periode", "dcat:endDate dcat:startDate"),
    ("signe_le", "signature-date", "/signature", "dct:date"),
    ("lieu", "signature-lieu", "/signature", "prov:atLocation"),
    ("nombre_signataires", "nombre-de-signataires", "", "cper:signePar"),
    ("nombre_priorites", "priorites", "", "cper:priorite"),
    ("page", "accord", "", "rdfs:seeAlso"),
    ("remarque", "remarque", "", "skos:historyNote"),
    ("description", "description", "", "dct:description"),
    ("objectif", "coherence", "", "skos:scopeNote"),
)
"""The quotations of the form of a contract: line, key of the statement, what it is about, and what it supports."""
FRAME_TEXTS: Final = (
    ("remarque", "skos:historyNote"),
    ("description", "dct:description"),
    ("objectif", "skos:scopeNote"),
    ("note", "skos:note"),
)
"""The texts of a contract, each with its translation: line and property."""


def _frame_statements(graph: ContractGraph, form: Record) -> None:
    """Add the optional properties of the contract, and a statement for each of its facts."""
    contract = graph.contract
    graph.add(contract, "rdfs:seeAlso", form.text("page"))
    for key, predicate in FRAME_TEXTS:
        graph.add_texts(contract, predicate, form, key)
    for key, name, about, attests in FRAME_STATEMENTS:
        more = " skos:altLabel" if key == "intitule" and form.text("nom_court") else ""
        graph.quote(form, f"{key}:citation", name, contract + about, attests + more)


def _source(graph: ContractGraph, actors: Actors, source: Record, document: str) -> None:
    """Describe a source document."""
    issued, title = source.get("date", date) or date.min, source.text("titre")
    graph.describe("statements", document, source.location, "foaf:Document", document_labels(source))
    graph.add(document, "dct:title", fr(title))
    graph.add(document, "dct:issued", date_literal(issued))
    graph.add(document, "dct:language", FRENCH)
    graph.add(document, "dct:publisher", actors.publisher(source.text("editeur"), source.location_of("editeur")))
    graph.add_texts(document, "skos:note", source, "note")
    graph.add(document, "foaf:page", source.text("adresse"))
    if source.text("lieu"):
        graph.add(document, "schema:locationCreated", actors.commune(source))
    if source.text("empreinte"):
        checksum = f"{document}/empreinte"
        graph.file_of[checksum] = "statements"
        graph.add(document, "spdx:checksum", checksum)
        graph.add(checksum, "rdf:type", "spdx:Checksum")
        graph.add(checksum, "spdx:algorithm", "spdx:checksumAlgorithm_sha256")
        value = Literal(source.text("empreinte"), datatype=NamedNode(XSD + "hexBinary"))
        graph.add(checksum, "spdx:checksumValue", value)
    own = f"{document.removeprefix(ID)}/enonce/"
    graph.quote(source, "titre", f"{own}titre", document, "dct:title", document=document)
    for column, key, attests in (
        ("date:citation", "date", "dct:issued"),
        ("citation", "date", "dct:issued"),
        ("editeur:citation", "editeur", "dct:publisher"),
        ("lieu:citation", "lieu", "schema:locationCreated"),
    ):
        graph.quote(source, column, own + key, document, attests, document=document)


def document_labels(source: Record) -> Labels:
    """Return the name of a document, by default its title and its date."""
    if source.text("nom"):
        return with_translation(source.text("nom"), source.text("nom_en"))
    return words("document", title=source.text("titre"), day=day_in_words(source.get("date", date) or date.min))


def _publication(graph: ContractGraph, actors: Actors, record: Record) -> None:
    """Describe the bounding box of the region, and who publishes the data."""
    if record.text("cadre"):
        actors.add_bounding_box(record.text("cadre"))
    if name := record.text("editeur"):
        graph.publisher = actors.publisher(name, record.location_of("editeur"))
        graph.file_of.setdefault(graph.publisher, "bodies")
        graph.add(graph.publisher, "rdf:type", "foaf:Agent")
        graph.add(graph.publisher, "foaf:name", fr(graph.marked(name)))


def _lists(graph: ContractGraph, records: WorkbookRecords, span: str) -> None:
    """Describe the lists of axes and priorities, and the datasets of the figures that exist."""
    location, form = graph.locations[graph.contract], records["contrat"][0]
    for key, kind in (("priorites", "priorite"), ("axes", "axe")):
        scheme = f"{ID}liste/{graph.slug}-{key}"
        # no figures in its label: words may support what it says
        graph.describe_part("contracts", scheme, location, "skos:ConceptScheme", words(f"list-{key}"))
        if key == "priorites" and graph.add_texts(scheme, "dct:description", form, "porteurs"):
            own = f"{scheme.removeprefix(ID)}/enonce/porteurs"
            graph.quote(form, "porteurs:citation", own, scheme, "dct:description")
        members = (f"{graph.contract}/{kind}/{record.number('numero')}" for record in records[key])
        graph.add(scheme, "skos:hasTopConcept", *members)
    start = f"{ID}cube/{graph.slug}-"
    used = {quad.object.value for quad in graph.files["contracts"] if quad.predicate == node("qb:dataSet")}  # type: ignore[union-attr]
    for dataset in sorted(used):
        name = dataset.removeprefix(start)
        key = next(each for each in _DATASETS if f"{name}-".startswith(f"{each}-"))
        add_dataset(graph, "contracts", key, f"CPER {span} {form.text('region')}", name.removeprefix(key))


def _numbered(graph: ContractGraph, record: Record, kind: str, list_: str, class_: str) -> str:
    """Describe an axis or a priority: its number, its title and its list."""
    iri, scheme = f"{graph.contract}/{kind}/{record.number('numero')}", f"{ID}liste/{graph.slug}-{list_}"
    labels = with_translation(record.text("intitule"), record.text("intitule_en"))
    graph.describe_part("contracts", iri, record.location, f"{class_} skos:Concept", labels)
    graph.add(iri, "skos:notation", Literal(record.number("numero")))
    graph.add(iri, "skos:inScheme", scheme)
    return iri


def names_axis(quotation: str, axis: Record) -> bool:
    """Return whether a quotation names an axis, by its number or its title."""
    words, number = normalized_name(quotation), axis.number("numero")
    return bool(re.search(rf"\baxe {number}\b", words)) or normalized_name(axis.text("intitule")) in words


def links_axes(priority: Record, axes: list[Record]) -> bool:
    """Return whether the quotation of a priority names all axes that serve it."""
    served = [axis for axis in axes if priority.number("numero") in axis.numbers("priorites")]
    return bool(served) and all(names_axis(priority.text("citation"), axis) for axis in served)


def add_priority(graph: ContractGraph, record: Record, axes: list[Record]) -> None:
    """Describe a priority, with the rest of its sentence."""
    iri, attests = _numbered(graph, record, "priorite", "priorites", "cper:Priorite"), "skos:prefLabel"
    graph.add(graph.contract, "cper:priorite", iri)
    attests += graph.add_texts(iri, "dct:description", record, "description")
    if links_axes(record, axes):
        attests += " cper:axe"
    graph.quote(record, "citation", f"priorite-{record.number('numero')}", iri, attests)


def add_axes(graph: ContractGraph, records: list[Record]) -> None:
    """Describe the axes, the priorities that each serves, and the share of each."""
    for record in records:
        axis, name = _numbered(graph, record, "axe", "axes", "cper:Axe"), record.number("numero")
        graph.quote(record, "citation", f"axe-{name}", axis, "skos:notation skos:prefLabel")
        served, quotations = record.numbers("priorites"), record.get("citation_lien", tuple) or ()
        for priority in served:
            graph.add(axis, "cper:sert", f"{graph.contract}/priorite/{priority}")
            graph.add(f"{graph.contract}/priorite/{priority}", "cper:axe", axis)
        for index, priority in zip(range(len(quotations)), served, strict=False):
            key = f"lien-axe-{name}" + (f"-priorite-{priority}" if len(quotations) > 1 else "")
            graph.quote(record, "citation_lien", key, axis, "cper:sert", index=index)
        add_share(graph, axis, f"axe-{name}", record, names_axis(record.text("citation_part"), record))


def add_amendment(graph: ContractGraph, record: Record) -> None:
    """Describe an amendment, planned or signed."""
    title = record.text("intitule")
    name = record.text("identifiant") or slug(title)
    iri = f"{graph.contract}/avenant/{name}"
    labels = with_translation(title, record.text("intitule_en"))
    graph.describe_part("contracts", iri, record.location, "cper:Avenant", labels)
    graph.add(iri, "adms:status", record.text("statut"))
    graph.add(iri, "cper:axeConcerne", *(f"{graph.contract}/axe/{number}" for number in record.numbers("axes")))
    graph.add(graph.contract, "cper:avenant", iri)
    attests = "adms:status cper:axeConcerne skos:prefLabel"
    if day := record.get("date", date) or record.get("date", int):
        graph.add(iri, "dct:date", date_literal(day))
        attests += " dct:date"
    graph.add_texts(iri, "skos:note", record, "note")
    graph.quote(record, "citation", f"avenant-{name}", iri, attests)


LINKED: Final = {
    "schemas": ("schema", "cper:SchemaRegional", "cper:coherentAvec", "skos:altLabel"),
    "financements": ("financement", "cper:SourceDeFinancement", "cper:articuleAvec", "skos:hiddenLabel"),
}
"""The regional schemes with which a contract is consistent, and the funds or plans that complement it, by their sheet: the start
of the keys of their statements, their class, the property that links the contract to them, and that of another name."""


def _add_linked(graph: ContractGraph, sheet: str, record: Record, region: str) -> None:
    """Describe a scheme or a fund, and link the contract to it: a statement for the link, and one for the name."""
    kind, class_, predicate, other_name = LINKED[sheet]
    name, english, own = (record.text(key) for key in ("nom", "nom_en", "identifiant"))
    key = f"{kind}-{slug(name)}"
    if kind == "schema":
        iri, labels = f"{ID}schema/{own or f'{graph.slug}-{slug(name)}'}", (name, english or name)
    else:
        iri, labels = f"{graph.contract}/financement/{own or slug(name)}", with_translation(name, english)
    graph.describe("contracts", iri, record.location, class_, labels)
    graph.add(iri, "cper:territoire", region if kind == "schema" else "")
    graph.add(iri, other_name, fr(record.text("autre_nom")))
    graph.add_texts(iri, "skos:note", record, "note")
    graph.add(graph.contract, predicate, iri)
    graph.quote(record, "citation", key, graph.contract, predicate)
    quoted = "citation_nom" if record.text("citation_nom") else "citation"
    graph.quote(record, quoted, f"{key}-nom", iri, "skos:prefLabel", index=quoted == "citation")

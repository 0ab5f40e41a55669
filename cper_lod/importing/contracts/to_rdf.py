"""Turns the records of a workbook into RDF: every fact with a statement that quotes the source."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import XSD
from cper_lod.core.text import slug
from cper_lod.importing.contracts.actors import Actors, ExistingEntities
from cper_lod.importing.contracts.figures import add_amounts, add_share
from cper_lod.importing.contracts.graph import FRENCH, ID, ContractGraph, date_literal, en, fr, with_translation
from cper_lod.importing.contracts.model import Record, WorkbookRecords
from cper_lod.importing.contracts.parse_cells import day_in_words

_DATASETS: Final = {
    "parts-par-axe": ("Parts des crédits par axe", "Shares of the funds by axis"),
    "engagements": ("Engagements par financeur", "Commitments by funder"),
    "parts-par-financeur": ("Parts des crédits par financeur", "Shares of the funds by funder"),
    "enveloppe": ("Enveloppe annoncée", "Announced envelope"),
}


def contract_slug(region: str, years: tuple[int, int], trial: bool) -> str:
    """Return the slug of a contract. The slug of a trial differs, so that it cannot replace the real contract.

    >>> contract_slug("Provence-Alpes-Côte d'Azur", (2021, 2027), False), contract_slug("Bretagne", (2021, 2027), True)
    ('provence-alpes-cote-d-azur-2021-2027', 'bretagne-fictif-2021-2027')
    """
    return f"{slug(region)}{'-fictif' if trial else ''}-{years[0]}-{years[1]}"


def build_graph(records: WorkbookRecords, existing: ExistingEntities) -> ContractGraph:
    """Return the triples of a workbook without findings."""
    form, source = records["contrat"][0], records["source"][0]
    years: tuple[int, int] = form.numbers("periode")  # type: ignore[assignment]  # two, as it was read
    trial = form.text("essai") == "oui"
    graph = ContractGraph(contract_slug(form.text("region"), years, trial), trial)
    _frame(graph, form, years)
    actors = Actors(graph, existing, form.text("region"), form.location_of("region"))
    graph.add(graph.contract, "cper:territoire", actors.region)
    _source(graph, actors, source)
    _frame_statements(graph, form)
    for record in records["signataires"]:
        actors.add_signatory(record)
    for record in records["priorites"]:
        add_priority(graph, record)
    add_axes(graph, records["axes"])
    add_amounts(graph, records["montants"])
    for record in records["avenants"]:
        add_amendment(graph, record)
    for record in records["schemas"]:
        add_scheme(graph, record, actors.region)
    for record in records["financements"]:
        add_fund(graph, record)
    _lists(graph, records, f"{years[0]}-{years[1]}")
    return graph


def _frame(graph: ContractGraph, form: Record, years: tuple[int, int]) -> None:
    """Describe the contract itself: its title, period and signing."""
    contract, region, span = graph.contract, form.text("region"), f"{years[0]}-{years[1]}"
    english = form.text("intitule_en") or f"State-Region plan contract {span}, {region}"
    graph.describe(
        "contracts", contract, form.location, "cper:Contrat cper:ContratDePlan", (form.text("intitule"), english)
    )
    if form.text("nom_court"):
        graph.add(contract, "skos:altLabel", fr(graph.mark_trial((form.text("nom_court"), ""))[0]))
    graph.describe("contracts", f"{contract}/periode", form.location_of("periode"), "dct:PeriodOfTime", (span, span))
    graph.add(f"{contract}/periode", "dcat:startDate", date_literal(years[0]))
    graph.add(f"{contract}/periode", "dcat:endDate", date_literal(years[1]))
    graph.add(contract, "dct:temporal", f"{contract}/periode")
    signed = form.get("signe_le", date) or date.min
    french, english = day_in_words(signed)
    signing, venue = f"{contract}/signature", f"{ID}lieu/{slug(form.text('lieu'))}-{graph.slug}"
    graph.describe(
        "contracts",
        signing,
        form.location_of("signe_le"),
        "cper:Signature",
        (f"Signature du {french}", f"Signing of {english}"),
    )
    graph.add(signing, "dct:date", date_literal(signed))
    graph.add(signing, "prov:atLocation", venue)
    graph.describe("contracts", venue, form.location_of("lieu"), "prov:Location", with_translation(form.text("lieu")))
    graph.add(contract, "cper:signature", signing)


def _frame_statements(graph: ContractGraph, form: Record) -> None:
    """Add the optional properties of the contract, and a statement for each of its facts."""
    contract, signing = graph.contract, f"{graph.contract}/signature"
    if form.text("page"):
        graph.add(contract, "rdfs:seeAlso", form.text("page"))
    if form.text("remarque"):
        graph.add(contract, "skos:historyNote", fr(form.text("remarque")))
    title = "skos:altLabel skos:prefLabel" if form.text("nom_court") else "skos:prefLabel"
    rows: Iterable[tuple[str, str, str, str]] = (
        ("intitule", "titre", contract, title),
        ("region", "territoire", contract, "cper:territoire"),
        ("periode", "periode", f"{contract}/periode", "dcat:endDate dcat:startDate"),
        ("signe_le", "signature-date", signing, "dct:date"),
        ("lieu", "signature-lieu", signing, "prov:atLocation"),
        ("nombre_signataires", "nombre-de-signataires", contract, "cper:signePar"),
        ("page", "accord", contract, "rdfs:seeAlso"),
        ("remarque", "remarque", contract, "skos:historyNote"),
    )
    for key, name, about, attests in rows:
        if quotation := form.text(f"{key}:citation"):
            graph.add_statement(name, quotation, (about,), attests, form.location_of(f"{key}:citation"))


def _source(graph: ContractGraph, actors: Actors, source: Record) -> None:
    """Describe the source document."""
    issued, document, title = source.get("date", date) or date.min, graph.document, source.text("titre")
    french, english = day_in_words(issued)
    graph.describe(
        "statements",
        document,
        source.location,
        "foaf:Document",
        (f"{title} ({french})", f"“{title}” (in French, {english})"),
    )
    graph.add(document, "dct:title", fr(title))
    graph.add(document, "dct:issued", date_literal(issued))
    graph.add(document, "dct:language", FRENCH)
    graph.add(document, "dct:publisher", actors.publisher(source.text("editeur"), source.location_of("editeur")))
    if source.text("adresse"):
        graph.add(document, "foaf:page", source.text("adresse"))
    graph.add_statement(
        "document-titre",
        title,
        (document,),
        "dct:title",
        source.location_of("titre"),
    )
    graph.add_statement(
        "document-date",
        source.text("date:citation"),
        (document,),
        "dct:issued",
        source.location_of("date:citation"),
    )


def _lists(graph: ContractGraph, records: WorkbookRecords, span: str) -> None:
    """Describe the lists of axes and priorities, and the datasets of the figures that exist."""
    title = f"CPER {span} {records['contrat'][0].text('region')}"
    for key, kind, french, english in (
        ("priorites", "priorite", "Priorités", "Priorities"),
        ("axes", "axe", "Axes", "Axes"),
    ):
        scheme = f"{ID}liste/{graph.slug}-{key}"
        graph.describe(
            "contracts",
            scheme,
            graph.locations[graph.contract],
            "skos:ConceptScheme",
            (f"{french}, {title}", f"{english}, {title}"),
        )
        graph.add(scheme, "cper:contrat", graph.contract)
        members = (f"{graph.contract}/{kind}/{record.number('numero')}" for record in records[key])
        graph.add(scheme, "skos:hasTopConcept", *members)
    used = {quad.object.value for quad in graph.files["contracts"] if isinstance(quad.object, NamedNode)}
    for key, (french, english) in _DATASETS.items():
        dataset = f"{ID}cube/{graph.slug}-{key}"
        if dataset in used:
            graph.describe(
                "contracts",
                dataset,
                graph.locations[graph.contract],
                "qb:DataSet",
                (f"{french}, {title}", f"{english}, {title}"),
            )
            graph.add(dataset, "cper:contrat", graph.contract)
            graph.add(dataset, "qb:structure", f"{ID}structure/{key}")


def _numbered(graph: ContractGraph, record: Record, kind: str, list_: str, class_: str) -> str:
    """Describe an axis or a priority: its number, its title and its list."""
    iri, scheme = f"{graph.contract}/{kind}/{record.number('numero')}", f"{ID}liste/{graph.slug}-{list_}"
    graph.describe(
        "contracts",
        iri,
        record.location,
        f"{class_} skos:Concept",
        with_translation(record.text("intitule"), record.text("intitule_en")),
    )
    graph.add(iri, "skos:notation", Literal(str(record.number("numero")), datatype=NamedNode(XSD + "integer")))
    graph.add(iri, "cper:contrat", graph.contract)
    graph.add(iri, "skos:inScheme", scheme)
    return iri


def add_priority(graph: ContractGraph, record: Record) -> None:
    """Describe a priority, with the rest of its sentence."""
    iri, attests = _numbered(graph, record, "priorite", "priorites", "cper:Priorite"), "skos:prefLabel"
    graph.add(graph.contract, "cper:priorite", iri)
    for key, term in (("description", fr), ("description_en", en)):
        if record.text(key):
            graph.add(iri, "dct:description", term(record.text(key)))
            attests = "dct:description skos:prefLabel"
    name = record.number("numero")
    graph.add_statement(
        f"priorite-{name}",
        record.text("citation"),
        (iri,),
        attests,
        record.location_of("citation"),
    )


def add_axes(graph: ContractGraph, records: list[Record]) -> None:
    """Describe the axes, the priorities that each serves, and the share of each."""
    for record in records:
        axis, name = _numbered(graph, record, "axe", "axes", "cper:Axe"), record.number("numero")
        graph.add_statement(
            f"axe-{name}",
            record.text("citation"),
            (axis,),
            "skos:notation skos:prefLabel",
            record.location_of("citation"),
        )
        served, quotations = record.numbers("priorites"), record.get("citation_lien", tuple) or ()
        for priority in served:
            graph.add(axis, "cper:sert", f"{graph.contract}/priorite/{priority}")
            graph.add(f"{graph.contract}/priorite/{priority}", "cper:axe", axis)
        pairs = (
            [(quotations[0], served)]
            if len(quotations) == 1
            else [(quotation, (priority,)) for quotation, priority in zip(quotations, served, strict=True)]
        )
        for quotation, linked in pairs:
            key = f"lien-axe-{name}" + (f"-priorite-{linked[0]}" if len(pairs) > 1 else "")
            graph.add_statement(
                key,
                quotation,
                (axis,),
                "cper:sert",
                record.location_of("citation_lien"),
            )
        add_share(graph, axis, f"axe-{name}", record)


def add_amendment(graph: ContractGraph, record: Record) -> None:
    """Describe an amendment, planned or signed."""
    title = record.text("intitule")
    iri = f"{graph.contract}/avenant/{slug(title)}"
    graph.describe(
        "contracts",
        iri,
        record.location,
        "cper:Avenant",
        with_translation(title, record.text("intitule_en")),
    )
    graph.add(iri, "adms:status", record.text("statut"))
    graph.add(iri, "cper:axeConcerne", *(f"{graph.contract}/axe/{number}" for number in record.numbers("axes")))
    graph.add(iri, "cper:contrat", graph.contract)
    graph.add(graph.contract, "cper:avenant", iri)
    attests = "adms:status cper:axeConcerne skos:prefLabel"
    if (day := record.get("date", date) or record.get("date", int)) is not None:
        graph.add(iri, "dct:date", date_literal(day))
        attests += " dct:date"
    if record.text("note"):
        graph.add(iri, "skos:note", fr(record.text("note")))
    graph.add_statement(
        f"avenant-{slug(title)}",
        record.text("citation"),
        (iri,),
        attests,
        record.location_of("citation"),
    )


def add_scheme(graph: ContractGraph, record: Record, region: str) -> None:
    """Describe a regional scheme with which the contract is consistent."""
    name = record.text("nom")
    iri = f"{ID}schema/{graph.slug}-{slug(name)}"
    graph.describe("contracts", iri, record.location, "cper:SchemaRegional", (name, name))
    graph.add(iri, "cper:territoire", region)
    graph.add(graph.contract, "cper:coherentAvec", iri)
    quotation, location = record.text("citation"), record.location_of("citation")
    graph.add_statement(f"schema-{slug(name)}", quotation, (graph.contract,), "cper:coherentAvec", location)
    graph.add_statement(f"schema-{slug(name)}-nom", quotation, (iri,), "skos:prefLabel", location)


def add_fund(graph: ContractGraph, record: Record) -> None:
    """Describe a fund or plan that complements the contract."""
    name = record.text("nom")
    iri = f"{graph.contract}/financement/{slug(name)}"
    graph.describe(
        "contracts",
        iri,
        record.location,
        "cper:SourceDeFinancement",
        with_translation(name, record.text("nom_en")),
    )
    graph.add(graph.contract, "cper:articuleAvec", iri)
    quotation, location = record.text("citation"), record.location_of("citation")
    graph.add_statement(f"financement-{slug(name)}", quotation, (graph.contract,), "cper:articuleAvec", location)
    graph.add_statement(f"financement-{slug(name)}-nom", quotation, (iri,), "skos:prefLabel", location)

"""A contract out of its workbook: every sheet told as triples, each fact with the words of the source."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import XSD
from cper_lod.importing.contracts.actors import Actors, Known
from cper_lod.importing.contracts.figures import add_amounts, add_share
from cper_lod.importing.contracts.model import Book, Record, slug
from cper_lod.importing.contracts.graph import FRENCH, ID, Facts, en, fr, translated, when
from cper_lod.importing.contracts.parse_cells import day_in_words

_DATASETS: Final = {
    "parts-par-axe": ("Parts des crédits par axe", "Shares of the funds by axis"),
    "engagements": ("Engagements par financeur", "Commitments by funder"),
    "parts-par-financeur": ("Parts des crédits par financeur", "Shares of the funds by funder"),
    "enveloppe": ("Enveloppe annoncée", "Announced envelope"),
}


def contract_slug(region: str, years: tuple[int, int], trial: bool) -> str:
    """Return the slug of a contract; a trial has a name of its own, so that it never stands for the real one.

    >>> contract_slug("Provence-Alpes-Côte d'Azur", (2021, 2027), False), contract_slug("Bretagne", (2021, 2027), True)
    ('provence-alpes-cote-d-azur-2021-2027', 'bretagne-fictif-2021-2027')
    """
    return f"{slug(region)}{'-fictif' if trial else ''}-{years[0]}-{years[1]}"


def tell(book: Book, known: Known) -> Facts:
    """Return the triples of a workbook in which nothing was found wrong."""
    frame, source = book["contrat"][0], book["source"][0]
    years: tuple[int, int] = frame.wholes("periode")  # type: ignore[assignment]  # two, as it was read
    trial = frame.text("essai") == "oui"
    facts = Facts(contract_slug(frame.text("region"), years, trial), trial)
    _frame(facts, frame, years)
    actors = Actors(facts, known, frame.text("region"), frame.at("region"))
    facts.add(facts.contract, "cper:territoire", actors.region)
    _source(facts, actors, source)
    _frame_statements(facts, frame)
    for record in book["signataires"]:
        actors.sign(record)
    for record in book["priorites"]:
        add_priority(facts, record)
    add_axes(facts, book["axes"])
    add_amounts(facts, book["montants"])
    for record in book["avenants"]:
        add_amendment(facts, record)
    for record in book["schemas"]:
        add_scheme(facts, record, actors.region)
    for record in book["financements"]:
        add_fund(facts, record)
    _lists(facts, book, f"{years[0]}-{years[1]}")
    return facts


def _frame(facts: Facts, frame: Record, years: tuple[int, int]) -> None:
    """Describe the contract itself: its name, period and signing."""
    contract, region, span = facts.contract, frame.text("region"), f"{years[0]}-{years[1]}"
    english = frame.text("intitule_en") or f"State-Region plan contract {span}, {region}"
    facts.describe(
        "contracts", contract, frame.place, "cper:Contrat cper:ContratDePlan", (frame.text("intitule"), english)
    )
    if frame.text("nom_court"):
        facts.add(contract, "skos:altLabel", fr(facts.marked((frame.text("nom_court"), ""))[0]))
    facts.describe("contracts", f"{contract}/periode", frame.at("periode"), "dct:PeriodOfTime", (span, span))
    facts.add(f"{contract}/periode", "dcat:startDate", when(years[0]))
    facts.add(f"{contract}/periode", "dcat:endDate", when(years[1]))
    facts.add(contract, "dct:temporal", f"{contract}/periode")
    signed = frame.get("signe_le", date) or date.min
    french, english = day_in_words(signed)
    signing, place = f"{contract}/signature", f"{ID}lieu/{slug(frame.text('lieu'))}-{facts.slug}"
    facts.describe(
        "contracts",
        signing,
        frame.at("signe_le"),
        "cper:Signature prov:Activity",
        (f"Signature du {french}", f"Signing of {english}"),
    )
    facts.add(signing, "dct:date", when(signed))
    facts.add(signing, "prov:atLocation", place)
    facts.describe("contracts", place, frame.at("lieu"), "prov:Location", translated(frame.text("lieu")))
    facts.add(contract, "cper:signature", signing)


def _frame_statements(facts: Facts, frame: Record) -> None:
    """Add what is optional of the contract, and a statement for each of its facts."""
    contract, signing = facts.contract, f"{facts.contract}/signature"
    if frame.text("page"):
        facts.add(contract, "foaf:page", frame.text("page"))
    if frame.text("remarque"):
        facts.add(contract, "skos:historyNote", fr(frame.text("remarque")))
    title = "skos:altLabel skos:prefLabel" if frame.text("nom_court") else "skos:prefLabel"
    rows: Iterable[tuple[str, str, str, str, tuple[str, str]]] = (
        ("intitule", "titre", contract, title, ("intitulé du contrat", "title of the contract")),
        ("region", "territoire", contract, "cper:territoire", ("territoire du contrat", "territory of the contract")),
        (
            "periode",
            "periode",
            f"{contract}/periode",
            "dcat:endDate dcat:startDate",
            ("période du contrat", "period of the contract"),
        ),
        ("signe_le", "signature-date", signing, "dct:date", ("date de signature", "date of signing")),
        ("lieu", "signature-lieu", signing, "prov:atLocation", ("lieu de signature", "place of signing")),
        (
            "nombre_signataires",
            "nombre-de-signataires",
            contract,
            "cper:signataire",
            ("nombre de signataires", "number of signatories"),
        ),
        ("page", "accord", contract, "foaf:page", ("où lire l'accord", "where to read the agreement")),
        ("remarque", "remarque", contract, "skos:historyNote", ("remarque", "remark")),
    )
    for key, name, about, attests, labels in rows:
        if words := frame.text(f"{key}:citation"):
            facts.state(name, words, (about,), attests, labels, frame.at(f"{key}:citation"))


def _source(facts: Facts, actors: Actors, source: Record) -> None:
    """Describe the document that everything is quoted from."""
    issued, document, title = source.get("date", date) or date.min, facts.document, source.text("titre")
    french, english = day_in_words(issued)
    facts.describe(
        "statements",
        document,
        source.place,
        "foaf:Document prov:Entity",
        (f"{title} ({french})", f"“{title}” (in French, {english})"),
    )
    facts.add(document, "dct:title", fr(title))
    facts.add(document, "dct:issued", when(issued))
    facts.add(document, "dct:language", FRENCH)
    facts.add(document, "dct:publisher", actors.publisher(source.text("editeur"), source.at("editeur")))
    if source.text("adresse"):
        facts.add(document, "foaf:page", source.text("adresse"))
    facts.state(
        "document-titre",
        title,
        (document,),
        "dct:title",
        ("titre du document", "title of the document"),
        source.at("titre"),
    )
    facts.state(
        "document-date",
        source.text("date:citation"),
        (document,),
        "dct:issued",
        ("date du document", "date of the document"),
        source.at("date:citation"),
    )


def _lists(facts: Facts, book: Book, span: str) -> None:
    """Describe the lists of axes and priorities, and the datasets of the figures that there are."""
    title = f"CPER {span} {book['contrat'][0].text('region')}"
    for key, kind, french, english in (
        ("priorites", "priorite", "Priorités", "Priorities"),
        ("axes", "axe", "Axes", "Axes"),
    ):
        scheme = f"{ID}liste/{facts.slug}-{key}"
        facts.describe(
            "contracts",
            scheme,
            facts.origins[facts.contract],
            "skos:ConceptScheme",
            (f"{french}, {title}", f"{english}, {title}"),
        )
        facts.add(scheme, "cper:contrat", facts.contract)
        members = (f"{facts.contract}/{kind}/{record.whole('numero')}" for record in book[key])
        facts.add(scheme, "skos:hasTopConcept", *members)
    used = {quad.object.value for quad in facts.files["contracts"] if isinstance(quad.object, NamedNode)}
    for key, (french, english) in _DATASETS.items():
        dataset = f"{ID}jeu/{facts.slug}-{key}"
        if dataset in used:
            facts.describe(
                "contracts",
                dataset,
                facts.origins[facts.contract],
                "qb:DataSet",
                (f"{french}, {title}", f"{english}, {title}"),
            )
            facts.add(dataset, "cper:contrat", facts.contract)
            facts.add(dataset, "qb:structure", f"{ID}structure/{key}")


def _numbered(facts: Facts, record: Record, kind: str, list_: str, class_: str) -> str:
    """Describe an axis or a priority: its number, its title, the list that it is in."""
    iri, scheme = f"{facts.contract}/{kind}/{record.whole('numero')}", f"{ID}liste/{facts.slug}-{list_}"
    facts.describe(
        "contracts",
        iri,
        record.place,
        f"{class_} skos:Concept",
        translated(record.text("intitule"), record.text("intitule_en")),
    )
    facts.add(iri, "skos:notation", Literal(str(record.whole("numero")), datatype=NamedNode(XSD + "integer")))
    facts.add(iri, "cper:contrat", facts.contract)
    facts.add(iri, "skos:inScheme", scheme)
    facts.add(iri, "skos:topConceptOf", scheme)
    return iri


def add_priority(facts: Facts, record: Record) -> None:
    """Describe a priority, with the rest of its sentence."""
    iri, attests = _numbered(facts, record, "priorite", "priorites", "cper:Priorite"), "skos:prefLabel"
    facts.add(facts.contract, "cper:priorite", iri)
    for key, term in (("description", fr), ("description_en", en)):
        if record.text(key):
            facts.add(iri, "dct:description", term(record.text(key)))
            attests = "dct:description skos:prefLabel"
    name = record.whole("numero")
    facts.state(
        f"priorite-{name}",
        record.text("citation"),
        (iri,),
        attests,
        (f"priorité {name}", f"priority {name}"),
        record.at("citation"),
    )


def add_axes(facts: Facts, records: list[Record]) -> None:
    """Describe the axes, the priorities that each serves, and the share of each."""
    for record in records:
        axis, name = _numbered(facts, record, "axe", "axes", "cper:Axe"), record.whole("numero")
        facts.state(
            f"axe-{name}",
            record.text("citation"),
            (axis,),
            "skos:notation skos:prefLabel",
            (f"axe {name}", f"axis {name}"),
            record.at("citation"),
        )
        served, quotations = record.wholes("priorites"), record.get("citation_lien", tuple) or ()
        for priority in served:
            facts.add(axis, "cper:sert", f"{facts.contract}/priorite/{priority}")
            facts.add(f"{facts.contract}/priorite/{priority}", "cper:axe", axis)
        pairs = (
            [(quotations[0], served)]
            if len(quotations) == 1
            else [(words, (priority,)) for words, priority in zip(quotations, served, strict=True)]
        )
        for words, linked in pairs:
            key = f"lien-axe-{name}" + (f"-priorite-{linked[0]}" if len(pairs) > 1 else "")
            listed = ", ".join(map(str, linked))
            facts.state(
                key,
                words,
                (axis, *(f"{facts.contract}/priorite/{each}" for each in linked)),
                "cper:axe cper:sert",
                (f"l'axe {name} sert {listed} (priorités)", f"axis {name} serves {listed} (priorities)"),
                record.at("citation_lien"),
            )
        add_share(facts, axis, f"axe-{name}", record)


def add_amendment(facts: Facts, record: Record) -> None:
    """Describe an amendment, planned or signed."""
    title = record.text("intitule")
    iri = f"{facts.contract}/avenant/{slug(title)}"
    facts.describe(
        "contracts", iri, record.place, "cper:Avenant prov:Entity", translated(title, record.text("intitule_en"))
    )
    facts.add(iri, "adms:status", record.text("statut"))
    facts.add(iri, "cper:axeConcerne", *(f"{facts.contract}/axe/{number}" for number in record.wholes("axes")))
    facts.add(iri, "cper:contrat", facts.contract)
    facts.add(facts.contract, "cper:avenant", iri)
    attests = "adms:status cper:axeConcerne"
    if (day := record.get("date", date) or record.get("date", int)) is not None:
        facts.add(iri, "dct:date", when(day))
        attests += " dct:date"
    if record.text("note"):
        facts.add(iri, "skos:note", fr(record.text("note")))
    facts.state(
        f"avenant-{slug(title)}",
        record.text("citation"),
        (iri,),
        attests,
        (f"avenant : {title}", f"amendment: {title}"),
        record.at("citation"),
    )


def add_scheme(facts: Facts, record: Record, region: str) -> None:
    """Describe a regional scheme with which the contract is made consistent."""
    name = record.text("nom")
    iri = f"{ID}schema/{facts.slug}-{slug(name)}"
    facts.describe("contracts", iri, record.place, "cper:SchemaRegional prov:Entity", (name, name))
    facts.add(iri, "cper:territoire", region)
    facts.add(facts.contract, "cper:coherentAvec", iri)
    facts.state(
        f"schema-{slug(name)}",
        record.text("citation"),
        (facts.contract, iri),
        "cper:coherentAvec cper:territoire skos:prefLabel",
        (f"schéma {name}", f"scheme {name}"),
        record.at("citation"),
    )


def add_fund(facts: Facts, record: Record) -> None:
    """Describe a fund or plan with which the contract is articulated."""
    name = record.text("nom")
    iri = f"{facts.contract}/financement/{slug(name)}"
    facts.describe(
        "contracts", iri, record.place, "cper:SourceDeFinancement prov:Entity", translated(name, record.text("nom_en"))
    )
    facts.add(facts.contract, "cper:articuleAvec", iri)
    facts.state(
        f"financement-{slug(name)}",
        record.text("citation"),
        (facts.contract, iri),
        "cper:articuleAvec skos:prefLabel",
        (f"financement : {name}", f"funding: {name}"),
        record.at("citation"),
    )

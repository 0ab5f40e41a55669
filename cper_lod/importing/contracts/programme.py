"""What a contract plans, as triples: priorities, axes and their links, amendments, schemes and other funding."""

from datetime import date

from pyoxigraph import Literal, NamedNode

from cper_lod.core.namespaces import XSD
from cper_lod.importing.contracts.figures import add_share
from cper_lod.importing.contracts.model import Record, slug
from cper_lod.importing.contracts.triples import ID, Facts, en, fr, translated, when


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

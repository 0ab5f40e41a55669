"""Turns the records of a workbook into RDF: what each row says, and the words that say it."""

import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core import formatting
from cper_lod.core.errors import Phrase
from cper_lod.core.namespaces import CPER, XSD
from cper_lod.core.text import folded, lowered, slug
from cper_lod.importing.contracts.actors import Actors, ExistingEntities
from cper_lod.importing.contracts.graph import (
    CODE,
    FRENCH,
    ContractGraph,
    Labels,
    Reason,
    Term,
    fr,
    literals,
    node,
    number_literal,
    with_translation,
    words,
    year_literal,
)
from cper_lod.importing.contracts.model import (
    CellFinding,
    Record,
    WorkbookColumn,
    WorkbookRecords,
    normalized_name,
    sheet,
    sheets,
)
from cper_lod.importing.contracts.parse_cells import KINDS, Years
from cper_lod.importing.contracts.printed import Printed
from cper_lod.importing.contracts.rows import text_kind
from cper_lod.importing.contracts.texts import DocumentText
from cper_lod.rdf.graph import Graph
from cper_lod.release.check.quotations import EXACT, QuotationReader, QuotedStatement, is_named, is_of_which, is_printed

SIGNED: Final = f"{CODE}statut/signe"
_PLANNED: Final = f"{CODE}statut/prevu"
DECISIVE: Final = ("cper:perimetre", "cper:partieDe", "cper:composeDe", "cper:divergeDe", "cper:theme")
"""What cells say of how figures count, or of what a subdivision is about: words of the document say it, or a reason."""
_SCHEME: Final = f"{CODE}type-de-cadre/schema"
_PRESS: Final = f"{CODE}type-de-document/presse"
_FUNDS: Final = f"{CODE}denominateur/credits"


def build_graph(
    records: WorkbookRecords,
    existing: ExistingEntities,
    codes: Mapping[str, Labels],
    slug: str,
    texts: Mapping[str, DocumentText],
) -> ContractGraph:
    """Return the triples of a workbook without findings, of which rows have their IRIs.

    `codes` are the labels of each code, `texts` those of the documents that have one here.
    """
    form, first = records["contrat"][0], records["documents"][0]
    graph = ContractGraph(slug, codes, first.iri, texts, existing.site)
    _contract(graph, form)
    actors = Actors(graph, existing, form.text("region"), form.location_of("region"))
    graph.add(graph.contract, "cper:territoire", actors.region)
    for record in records["avenants"]:
        _text(graph, actors, record)
    for record in records["etapes"]:
        _step(graph, record, {each.iri: each for each in records["avenants"]})
    _signatories(graph, actors, records)
    _subdivisions(graph, records["subdivisions"])
    figures = records["chiffres"]
    publishers = {each.iri: each.text("emetteur") for each in records["documents"]}
    totals = sorted(
        (each.iri for each in figures if _is_total(each)), key=lambda iri: (not iri.endswith("/total"), iri)
    )
    total = next((each.text("perimetre") for each in figures if [each.iri] == totals[:1]), "")
    values = {each.iri: each.text("valeur") for each in figures}
    for record in sorted(figures, key=lambda each: "partie_de" in each.values):  # wholes first: parts name them
        _figure(graph, actors, record, total, publishers, values)
    for record in records["documents"]:  # after the signatories, whose rows say more of a body
        _document(graph, actors, record)
    graph.publisher = _agent(graph, actors, form, "editeur")
    _readings(graph, actors, form, records["documents"])
    _sources(graph, records)
    _share_out(graph, existing)
    return graph


# What every row says.


def terms(column: WorkbookColumn, value: object) -> Iterator[Term]:
    """Yield what the value of a column is in RDF; nothing for columns that need code of their own."""
    if column.kind == "text":
        yield Literal(str(value), language=column.lang)
    elif term := KINDS[column.kind].term:
        yield from map(term, value if isinstance(value, tuple) else (value,))


def supported(key: str, record: Record, quotation: str) -> list[str]:
    """Return the properties that the words in a column of a record support: those of the cells that are filled in."""
    return [
        column.property
        for column in sheet(key).columns
        if column.property
        and column.lang == "fr"
        and column.key in record.values
        and column.quotation(record) == quotation
        and (column.kind != "integer" or _has_number(record, quotation, record.text(column.key)))
    ]


def _has_number(record: Record, quotation: str, number: str) -> bool:
    """Return whether words number a subdivision: we number some that the document only lists."""
    word = record.text("mot").rpartition("/")[2]
    return any(re.search(rf"\b{word}\W+(?:n°\s*)?{number}\b", folded(words)) for words in record.items(quotation))


def _say(graph: ContractGraph, key: str, record: Record, quoted: bool = True) -> None:
    """Add what the columns of a row say that need no code of their own, and a statement for its words.

    Without words of its own, a row is quoted as it is named, and a title is its own words.
    """
    for column in sheet(key).columns:
        if column.property and not column.label and column.key in record.values:
            graph.add(record.iri, column.property, *terms(column, record.values[column.key]))
    name = record.text("nom") if key not in ("documents", "etapes") else ""
    for column in sheet(key).columns if quoted else ():
        if column.kind == "quotations":
            named = column.key == "citation" and record.items("citation") in ((), (name,))
            attests = [sheet(key).column("nom").property] if named and name else supported(key, record, column.key)
            words = record.text("titre") if column.key == "citation_titre" else name if named else ""
            _quote(graph, record, column.key, record.iri, attests, words)


def _quote(graph: ContractGraph, record: Record, column: str, about: str, attests: list[str], words: str = "") -> None:
    """Add the statements of a column; their names are those of the thing, and what the column is about."""
    if about.startswith(graph.site.documents):
        name = column.removeprefix("citation_").replace("citation", "jour")
    else:
        name = record.iri.removeprefix(f"{graph.contract}/").replace("/", "-")
        name += column.removeprefix("citation").replace("_", "-")
    if record.iri == graph.contract:
        name = column.removeprefix("citation_").replace("citation", "nom")
    if column == "citation_periode":
        about, attests = f"{about}/periode", ["dcat:startDate", "dcat:endDate"] if attests else []
    if attests:
        graph.quote(record, column, name, about, attests, words)
    elif record.items(column):
        graph.findings.append(record.finding(column, "quotation-alone"))


def _labels(record: Record, key: str = "nom") -> Labels:
    return with_translation(record.text(key), record.text(f"{key}_en"))


# The sheets.


def _contract(graph: ContractGraph, form: Record) -> None:
    contract, years, region = graph.contract, form.get("periode", tuple), form.text("region")
    labels = _labels(form)
    if not form.text("nom_en") and labels[0] == words("contract", span=years_text(years), region=region)[0]:
        labels = words("contract", span=years_text(years), region=region)
    graph.describe("contracts", contract, form.location, "cper:Contrat", labels)
    if form.text("nom_court"):
        graph.add(contract, "skos:altLabel", fr(form.text("nom_court")))
    _say(graph, "contrat", form)
    if years:
        graph.add(contract, "dct:temporal", period(graph, f"{contract}/periode", form, "periode", years))


def period(graph: ContractGraph, iri: str, record: Record, key: str, years: Years) -> str:
    """Describe a period of years, unless it is described; return its IRI."""
    if iri not in graph.file_of:
        graph.describe("contracts", iri, record.location_of(key), "dct:PeriodOfTime", years_labels(years))
        for predicate, year in zip(("dcat:startDate", "dcat:endDate"), years, strict=True):
            graph.add(iri, predicate, *([year_literal(year)] if year else ()))
    return iri


def years_text(years: Years | None) -> str:
    """Return years as they are typed: 2021-2027, 2023, -2023.

    >>> years_text((2021, 2027)), years_text((2023, 2023)), years_text((None, 2023))
    ('2021-2027', '2023', '-2023')
    """
    first, last = years or (None, None)
    return str(first or "") if first == last else f"{first or ''}-{last or ''}"


def years_labels(years: Years) -> Labels:
    """Return years in words."""
    first, last = years
    if first and last:
        return years_text(years), years_text(years)
    return words("since", year=first) if first else words("until", year=last)


def _document(graph: ContractGraph, actors: Actors, record: Record) -> None:
    named = document_name(record.text("titre"), record.get("jour", Literal))
    labels = _labels(record) if record.text("nom") else named
    graph.describe("statements", record.iri, record.location, "cper:Document foaf:Document", labels)
    graph.add(record.iri, "dct:language", FRENCH)
    if record.iri in actors.existing.used_iris:
        graph.findings.append(record.finding("code", "document-known", {"slug": graph.slug}))
    kind = "media" if record.text("sorte") == _PRESS else ""
    publisher = actors.publisher(record.text("emetteur"), record.location_of("emetteur"), kind)
    graph.add(record.iri, "dct:publisher", publisher)
    if "lieu" in record.values:
        graph.add(record.iri, "schema:locationCreated", actors.commune(record))
    if text := graph.texts.get(record.iri):
        checksum = f"{record.iri}/empreinte"
        graph.file_of[checksum] = "statements"
        graph.add(record.iri, "spdx:checksum", checksum)
        graph.add(checksum, "rdf:type", "spdx:Checksum")
        graph.add(checksum, "spdx:algorithm", "spdx:checksumAlgorithm_sha256")
        graph.add(checksum, "spdx:checksumValue", Literal(text.checksum, datatype=NamedNode(XSD + "hexBinary")))
    _say(graph, "documents", record)


def document_name(title: str, day: Literal | None) -> Labels:
    """Return what a document is called that has no other name than its title."""
    return words("document", title=title, day=_day_words(day)) if day else with_translation(title)


def _day_words(day: Literal) -> Labels:
    """Return a date in words, as far as it is known.

    >>> _day_words(Literal("2022-12-01")), _day_words(Literal("--02-25")), _day_words(Literal("--06"))
    (('1er décembre 2022', '1 December 2022'), ('25 février', '25 February'), ('juin', 'June'))
    """
    year, *rest = day.value.replace("--", "2000-").split("-")
    whole = "-".join((year, *rest, *["01"] * (2 - len(rest))))
    french, english = formatting.date(whole, "fr"), formatting.date(whole, "en")
    if not rest:
        return year, year
    if len(rest) == 1:  # without the day
        french, english = french.partition(" ")[2], english.partition(" ")[2]
    if day.value.startswith("--"):
        french, english = french.removesuffix(" 2000"), english.removesuffix(" 2000")
    return french, english


def _text(graph: ContractGraph, actors: Actors, record: Record) -> None:
    """Describe an amendment, a frame, or a text that the contract is made of."""
    kind, labels = text_kind(record), _labels(record)
    if kind == "avenant":
        graph.describe_part(record.iri, record.location, "cper:Avenant", labels)
        _say(graph, "avenants", record)
        return
    is_scheme = record.text("sorte") == _SCHEME
    if is_scheme and not record.text("nom_en"):
        labels = labels[0], labels[0]
    graph.describe_part(record.iri, record.location, "cper:Cadre" if kind == "cadre" else "cper:Contrat", labels)
    graph.add(record.iri, "dct:type", record.text("sorte"))
    graph.add(record.iri, "skos:altLabel" if is_scheme else "skos:hiddenLabel", fr(record.text("autre_nom")))
    if is_scheme or kind == "texte":
        graph.add(record.iri, "cper:territoire", actors.region)
    predicate = "cper:articuleAvec" if kind == "cadre" else "dct:hasPart"
    graph.add(graph.contract, predicate, record.iri)
    _say(graph, "avenants", record, quoted=False)
    _quote(graph, record, "citation", graph.contract, [predicate])
    _quote(
        graph, record, "citation_nom", record.iri, ["skos:prefLabel"], next(iter(record.items("citation")), labels[0])
    )


def _step(graph: ContractGraph, record: Record, texts: Mapping[str, Record]) -> None:
    text = next((texts[each] for each in record.items("texte")), None)
    contract = text.iri if text and text_kind(text) == "texte" else graph.contract
    graph.describe("contracts", record.iri, record.location, "cper:Etape", step_labels(record, text, graph.codes))
    graph.add(record.iri, "cper:contrat", contract)
    if text and contract == graph.contract:
        graph.add(record.iri, "cper:avenant", text.iri)
    if name := record.text("lieu"):
        place = f"{graph.site.things}lieu/{record.text('lieu_identifiant') or f'{slug(name)}-{graph.slug}'}"
        record.typed.setdefault("lieu_identifiant", place.removeprefix(f"{graph.site.things}lieu/"))
        graph.describe("contracts", place, record.location_of("lieu"), "prov:Location", _labels(record, "lieu"))
        graph.add(record.iri, "prov:atLocation", place)
    _say(graph, "etapes", record)


def step_labels(record: Record, text: Record | None, codes: Mapping[str, Labels]) -> Labels:
    """Return what a step is called: its status and day, after the text that it is a step of."""
    day, status = record.get("date", Literal), codes.get(record.text("statut"), ("", ""))
    when = ("", "")
    if day:
        whole = len(day.value) > 7 or (day.value.startswith("--") and len(day.value) > 4)
        when = words("when-day" if whole else "when-period", day=_day_words(day))
        if record.text("statut") == _PLANNED and not whole:
            when = when[0], when[1].replace(" in ", " for ")
        if not text and len(day.value) == len("2022-12-01") and record.text("statut") == SIGNED:
            return words("signing", day=_day_words(day))
    if text:
        return words("step-of", text=_labels(text), status=(lowered(status[0]), lowered(status[1])), when=when)
    return words("step", status=status, when=when)


def _signatories(graph: ContractGraph, actors: Actors, records: WorkbookRecords) -> None:
    steps = (each for each in records["etapes"] if each.text("statut") == SIGNED and not each.items("texte"))
    signing = next((each.iri for each in steps), "")
    for record in records["signataires"]:
        body = actors.signatory(record)
        french, english = actors.labels(body) if body else ("", "")
        labels = words("signatory", name=(french, record.text("nom_en") or english))
        graph.describe_part(record.iri, record.location, "cper:Signataire", labels)
        graph.add(record.iri, "prov:agent", body)
        graph.add(graph.contract, "cper:signePar", body)
        if signing:
            graph.add(signing, "prov:qualifiedAssociation", record.iri)
        _say(graph, "signataires", record)
        if reason := record.text("lecture"):
            graph.read(record.iri, Reason(("prov:agent",), reason, record.text("lecture_en")))


def breakdown(contract: str, record: Record) -> str:
    """Return the IRI of the breakdown that a subdivision is in."""
    return f"{contract}/decoupage/{record.text('liste_identifiant') or slug(record.text('liste'))}"


def _subdivisions(graph: ContractGraph, records: list[Record]) -> None:
    lists: dict[str, list[Record]] = {}
    for record in records:
        lists.setdefault(breakdown(graph.contract, record), []).append(record)
    for iri, rows in lists.items():
        english = next((each.text("liste_en") for each in rows if each.text("liste_en")), "")
        labels = with_translation(rows[0].text("liste"), english)
        graph.describe_part(iri, rows[0].location_of("liste"), "cper:Decoupage skos:ConceptScheme", labels)
        if len(kinds := {each.text("mot") for each in rows}) == 1:
            graph.add(iri, "dct:type", *kinds)
        for each in {each.get("exclusif", bool) for each in rows} - {None}:
            graph.add(iri, "cper:exclusif", Literal(bool(each)))
        _read_list(graph, iri, rows)
        notes = {
            key: next((each.text(key) for each in rows if each.text(key)), "")
            for key in ("note_liste", "note_liste_en")
        }
        graph.add(iri, "skos:note", fr(notes["note_liste"]), Literal(notes["note_liste_en"], language="en"))
        for record in rows:
            graph.describe_part(record.iri, record.location, "cper:Subdivision skos:Concept", _labels(record))
            graph.add(record.iri, "skos:inScheme", iri)
            record.typed.setdefault("liste_identifiant", iri.removeprefix(f"{graph.contract}/decoupage/"))
            if "numero" in record.values:
                graph.numbers[record.iri] = record.text("mot"), record.text("numero")
            _say(graph, "subdivisions", record)
            _read_so(graph, "subdivisions", record, supported("subdivisions", record, "citation"))


def _read_list(graph: ContractGraph, iri: str, rows: list[Record]) -> None:
    """Give a breakdown the reading that says whether its subdivisions overlap, which needs a reason."""
    stated = [each for each in rows if "exclusif" in each.values]
    reasons = [each for each in rows if each.text("lecture_liste")]
    if stated and reasons:
        reason = reasons[0]
        texts = reason.text("lecture_liste"), reason.text("lecture_liste_en")
        graph.read(iri, Reason(("cper:exclusif",), *texts))
    elif stated:
        graph.findings.append(_unread("subdivisions", stated[0], "exclusif", "lecture_liste"))
    elif reasons:
        graph.findings.append(reasons[0].finding("lecture_liste", "reading-alone"))


def _is_total(record: Record, rival: bool = False) -> bool:
    """Return whether a figure is an amount of the whole contract; a rival of one may be, if `rival` says so."""
    parts = ("financeur", "subdivision", "annees", "avenant", *(() if rival else ("partie_de", "diverge_de")))
    return record.text("classe") == "Montant" and "valeur" in record.values and not {*parts} & {*record.values}


def _figure(
    graph: ContractGraph,
    actors: Actors,
    record: Record,
    scope: str,
    publishers: Mapping[str, str],
    values: Mapping[str, str],
) -> None:
    """Describe a figure; `scope` is that of the whole contract, `publishers` are those of the documents, `values` those printed."""
    agent = actors.funder(record) if "financeur" in record.values else ""
    graph.describe_part(
        record.iri,
        record.location,
        f"cper:{record.text('classe')}",
        _figure_labels(graph, actors, record, agent, scope, publishers),
    )
    graph.add(record.iri, "cper:financeur", agent)
    graph.add(record.iri, "dct:type", record.text("type"))
    printed = record.get("imprime", Printed)
    if printed:
        graph.add(record.iri, "cper:nature", record.text("lue"))
        if printed.value is not None:
            graph.add(record.iri, "cper:valeur", number_literal(printed.value))
            graph.add(record.iri, "cper:pas", number_literal(record.get("pas", Decimal) or Decimal(1)))
            graph.add(record.iri, "sdmx-attribute:unitMeasure", record.text("unite"))
    if record.text("motif") and not record.text("motif_en"):
        graph.add(record.iri, "cper:motif", literals(words("reason", reason=record.text("motif")))[1])
    if years := record.get("annees", tuple):
        name = years_text(years).strip("-") if all(years) else slug(years_labels(years)[0])
        graph.add(
            record.iri, "dct:temporal", period(graph, f"{graph.contract}/periode/{name}", record, "annees", years)
        )
    if "part_de" in record.values:
        graph.add(record.iri, "cper:partDe", record.text("part_de"))
    _say(graph, "chiffres", record, quoted=False)
    attests = list(_figure_attests(graph, record, printed, values))
    _quote(graph, record, "citation", record.iri, attests, record.text("valeur"))
    _read_so(graph, "chiffres", record, attests, "" if not printed or "cper:nature" in attests else "cper:nature")


def _figure_attests(
    graph: ContractGraph, record: Record, printed: Printed | None, values: Mapping[str, str]
) -> Iterator[str]:
    """Yield what the words of a figure say: what is read in them, and what its cells say unless they are the figure alone.

    Words say a scope, a subdivision, a whole, or of what a share is one, only where they name it; a whole and its parts
    also where they print both. A number without a word that says its nature is exact if it is said to be; it is not said to be rounded.
    """
    quotation = folded(" ".join(record.items("citation")) or record.text("valeur"))
    if "valeur" in record.values:
        yield "cper:valeurPubliee"
    if printed and printed.value is not None:
        yield "cper:valeur"
    if printed and (printed.told or record.text("lue") == EXACT):
        yield "cper:nature"
    if record.text("part_de") == _FUNDS and "credits" in quotation:
        yield "cper:partDe"
    for each in supported("chiffres", record, "citation") if quotation != folded(record.text("valeur")) else ():
        scope = normalized_name(graph.codes.get(record.text("perimetre"), ("\0",))[0])
        wholes, parts = record.items("partie_de"), record.items("compose_de")
        names = [graph.labels[iri][0] for iri in wholes if iri in graph.labels]
        own, said = record.text("valeur"), record.items("citation")
        is_said = {
            "cper:perimetre": scope in quotation,
            "cper:subdivision": _is_named(graph, record, quotation),
            "cper:partieDe": any(is_named(name, each) for name in names for each in said)
            or any(is_of_which(own, values[iri], each) for iri in wholes for each in said),
            "cper:composeDe": all(any(is_printed(values[iri], each) for each in said) for iri in parts),
        }
        if each != "cper:valeurPubliee" and is_said.get(each, True):
            yield each


def _is_named(graph: ContractGraph, record: Record, quotation: str) -> bool:
    """Return whether words name a subdivision of a figure, by its word and number or by its name."""
    for iri in record.items("subdivision"):
        word, number = graph.numbers.get(iri, ("", ""))
        if number and re.search(rf"\b{word.rpartition('/')[2]}\W+(?:n°\s*)?{number}\b", quotation):
            return True
        if any(is_named(graph.labels[iri][0], words) for words in record.items("citation")):
            return True
    return False


def _figure_labels(
    graph: ContractGraph, actors: Actors, record: Record, agent: str, scope: str, publishers: Mapping[str, str]
) -> Labels:
    class_, type_ = record.text("classe"), record.text("type")
    kind = graph.codes.get(type_ or CPER + class_, (class_, class_))
    subdivision, more = next(iter(record.items("subdivision")), ""), ("", "")
    whats: list[Labels] = []
    own = record.text("perimetre")
    is_total = _is_total(record, rival="diverge_de" in record.values) and own == scope
    if own and (own != scope or is_total):
        french, english = map(lowered, graph.codes.get(own, (own, own)))
        whats.append((french, english))
    if years := record.get("annees", tuple):
        whats.append(years_labels(years))
    if "diverge_de" in record.values:
        whats.append(
            words("according", publisher=publishers.get(next(iter(record.items("document")), graph.document), ""))
        )
    for each in whats:
        more = tuple(map(str.__add__, more, words("more", what=each)))  # type: ignore[assignment]
    if number := graph.numbers.get(subdivision):
        word = tuple(map(lowered, graph.codes.get(number[0], ("", ""))))
        if word[0][:1] in "aeiouyhéèê" and not agent:
            return words("figure-numbered", kind=kind, word=word, number=number[1], more=more)
    of = [actors.short_labels(agent)] if agent else []
    of += [graph.labels[subdivision]] if subdivision in graph.labels else []
    if of:
        return words("figure-of", kind=kind, of=tuple(map(", ".join, zip(*of, strict=True))), more=more)
    return words("figure-total" if is_total else "figure", kind=kind, more=more)


def _agent(graph: ContractGraph, actors: Actors, form: Record, key: str) -> str:
    """Return the IRI of who publishes the data, or has read the documents, described as such; "" if the cell is empty."""
    if not (name := form.text(key)):
        return ""
    agent = actors.publisher(name, form.location_of(key))
    graph.file_of.setdefault(agent, "bodies")
    graph.add(agent, "rdf:type", "foaf:Agent")
    graph.add(agent, "foaf:name", fr(name))
    return agent


def _readings(graph: ContractGraph, actors: Actors, form: Record, documents: list[Record]) -> None:
    """Describe the readings: without a word of who read, the publisher of the data did, else that of the catalogue."""
    in_full = [each for each in documents if each.items("lu_en_entier")]
    if not graph.readings and not in_full:
        return
    reader = _agent(graph, actors, form, "lu_par") or graph.publisher or actors.existing.catalogue_publisher
    day = form.get("lu_le", Literal)
    if not reader:
        graph.findings.append(form.finding("lu_par", "reading-without-owner"))
    if day is None or day.datatype.value != XSD + "date":
        graph.findings.append(form.finding("lu_le", "reading-without-day"))
        return
    graph.write_readings(reader, day)
    for record in in_full:
        reading = f"{record.iri}/lecture"
        graph.add(record.iri, "cper:lecture", reading)
        graph.write_reading(reading, reader, day)
        graph.add(reading, "cper:luEnEntierPour", *record.items("lu_en_entier"))


def _read_so(graph: ContractGraph, key: str, record: Record, attests: Collection[str], nature: str = "") -> None:
    """Give what a row describes the reading of what its words do not say, which needs a reason.

    A nature that no words say (`nature`) is that of every number printed without a word that says another one:
    without a reason of the row, it has the reading that all such figures share.
    """
    unsaid = [
        each
        for each in sheet(key).columns
        if each.property in DECISIVE and each.key in record.values and each.property not in attests
    ]
    properties = [each.property for each in unsaid]
    reason, is_chosen = record.text("lecture"), "nature" in record.values or not unsaid
    if nature and reason and is_chosen:
        properties.append(nature)
    elif nature:
        graph.read(record.iri, Reason((nature,), *words("rounded")), "arrondi")
    if reason and properties:
        graph.read(record.iri, Reason(tuple(properties), reason, record.text("lecture_en")))
    elif reason:
        graph.findings.append(record.finding("lecture", "reading-alone"))
    else:
        graph.findings += [_unread(key, record, each.key, "lecture") for each in unsaid]


def _unread(key: str, record: Record, column: str, reason: str) -> CellFinding:
    """Return the finding about a cell that neither words nor a reason support."""
    headings = sheet(key).column(reason).headings
    return record.finding(column, "reading-missing", {"column": Phrase(headings["en"], headings["fr"])})


def _sources(graph: ContractGraph, records: WorkbookRecords) -> None:
    """Name the document of what no words support."""
    supported = {each for statement in graph.statements.values() for each in statement.about}
    for each in sheets():
        if any(column.key == "document" for column in each.columns):
            for record in records[each.key]:
                if record.iri in graph.file_of and record.iri not in supported:
                    graph.add(record.iri, "prov:wasDerivedFrom", *(record.items("document") or (graph.document,)))


def _share_out(graph: ContractGraph, existing: ExistingEntities) -> None:
    """Let each of several quotations of one cell attest what its words hold; the first attests what none holds.

    A quotation that holds nothing goes on with what the first one says.
    """
    if not graph.shared:
        return
    quads = [quad for each in graph.files.values() for quad in each]
    names = {
        each.object.value: existing.names.get(each.object.value, [])
        for each in quads
        if isinstance(each.object, NamedNode)
    }
    for iri, (french, _) in graph.codes.items():  # a word that the workbook adds to a list
        names[iri] = names.get(iri) or [french]
    label = node("skos:prefLabel")
    facts = Graph([*quads, *(Quad(NamedNode(iri), label, fr(each)) for iri, found in names.items() for each in found)])
    reader = QuotationReader(facts, Graph([]))
    for about, attests, iris in graph.shared:
        held: dict[str, list[str]] = {iri: [] for iri in iris}
        for attested in attests:
            values = [
                each
                for each in facts.all(node(about), node(attested).value)
                if not (isinstance(each, Literal) and each.language == "en")
            ]
            holding = [
                iri
                for iri in iris
                for quoted in [QuotedStatement(iri, graph.statements[iri].quotation, frozenset(), ())]
                if any(reader.verdict(quoted, node(about), node(attested).value, each) != "absent" for each in values)
            ]
            for iri in holding or iris[:1]:
                held[iri].append(attested)
        for iri in iris:
            graph.statements[iri].attests |= dict.fromkeys(held[iri] or attests[:1])

"""Writes a published contract back into a workbook: what its sheets can say, and the rest in the sheet of other facts."""

import re
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.french import quantities
from cper_lod.core.namespaces import CPER, PREFIXES
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.figures import funder_names, scope_words
from cper_lod.importing.contracts.graph import ID, TRIAL_MARKS, ContractGraph, node, with_translation, words
from cper_lod.importing.contracts.importer import PATHS, link_sources, whole_graph
from cper_lod.importing.contracts.model import (
    CellLocation,
    Code,
    RawCell,
    RawSheet,
    Record,
    WorkbookRecords,
    code_labels,
    read_codes,
    sheets,
)
from cper_lod.importing.contracts.other_facts import Vocabulary, fact_cells, language, read_facts
from cper_lod.importing.contracts.parse_cells import UnreadableCell, parse_period
from cper_lod.importing.contracts.parse_sheets import SheetParser
from cper_lod.importing.contracts.template import sheet_rows
from cper_lod.importing.contracts.to_rdf import (
    FRAME_STATEMENTS,
    FRAME_TEXTS,
    LINKED,
    contract_slug,
    document_labels,
)
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.rdf.reader import read
from cper_lod.release.sources.read import read_sources

Cells = dict[str, str]
Answers = dict[str, list[Cells]]
_DEGREES: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REFERRED_TO: Final = ("contrat", "source", "sources", "priorites")
"""The sheets to whose rows others refer."""


def export_contract(sources: Path, name: str) -> Answers:
    """Return the cells of the workbook of a contract; the last sheet has what no other can say.

    `name` is the IRI of the contract or the end of it. Raises `import-contract` for an unknown contract, and
    `export-differs` for one that a workbook cannot say.
    """
    slug = name.rpartition("/")[2]
    paths = [path.format(slug) for part, path in PATHS.items() if part not in ("profile", "catalogue")]
    iri = f"{ID}contrat/{slug}"
    if ("/" in name and name != iri) or not (sources / PATHS["contracts"].format(slug)).is_file():
        known = sorted(path.stem for path in (sources / PATHS["contracts"]).parent.glob("*.ttl"))
        raise Problem("import-contract", contract=name, known=", ".join(known) or "–")
    quads, datasets = (
        [quad for path in files if (sources / path).is_file() for quad in read(sources / path)]
        for files in (paths, [PATHS["catalogue"].format(slug)])
    )
    codes = read_codes(sources)
    with tempfile.TemporaryDirectory(prefix="cper-lod-export-") as folder:
        link_sources(sources, Path(folder), paths)
        existing = ExistingEntities(published := read_sources(Path(folder)).published)
        kinds = (f"<{ID}organisme/", f"<{ID}territoire/")
        described = [quad for quad in published if str(quad.subject).startswith(kinds)]
    try:
        answers = _Answers(iri, Graph([*described, *quads]), codes).answers(Graph(datasets))
    except UnreadableCell as error:  # no period
        raise Problem("export-differs", thing=f"contrat/{slug}/periode") from error
    rest = _Rest(quads, existing, codes, Vocabulary(sources))
    answers = rest.complete(answers)
    return {**answers, "faits": rest.rows(answers)}


class _Answers:
    """The cells of the sheets, read from the triples of a contract."""

    def __init__(self, contract: str, graph: Graph, codes: dict[str, tuple[Code, ...]]) -> None:
        self.contract = contract
        self.graph = graph
        self.codes = code_labels(codes)
        self.statements: dict[tuple[str, str], list[Node]] = defaultdict(list)
        for statement in graph.subjects():
            if not graph.all(statement, PREFIXES["prov"] + "wasDerivedFrom"):
                continue
            for about in graph.all(statement, PREFIXES["oa"] + "hasBody"):
                for predicate in graph.all(statement, CPER + "atteste"):
                    self.statements[about.value, predicate.value].append(statement)
        self.documents = self._documents()
        region, period = self.link(contract, "cper:territoire"), self.link(contract, "dct:temporal")
        self.region = self.text(region, "skos:prefLabel")
        years = [self.value(period, f"dcat:{each}Date") for each in ("start", "end")]
        self.period = "-".join(years)
        unmarked = self.region.removesuffix(TRIAL_MARKS[0])
        trial_slug = contract_slug(unmarked, parse_period(self.period), True)
        self.trial = unmarked != self.region and contract.endswith(f"/{trial_slug}")

    def answers(self, datasets: Graph) -> Answers:
        """Return the cells of each sheet; `datasets` are what the catalogue states about the contract."""
        first, *others = [self._document(iri) for iri in self.documents] or [{}]
        commitments = sorted(self.links(self.contract, "cper:engagement"), key=self._suffix)
        lists: dict[str, tuple[Callable[[str], Cells], Iterable[str]]] = {
            "signataires": (self._signatory, self.links(f"{self.contract}/signature", "prov:qualifiedAssociation")),
            "priorites": (self._priority, self._numbered("cper:priorite", self.contract)),
            "axes": (self._axis, self._axes()),
            "montants": (
                self._amount,
                (
                    *self.links(self.contract, "cper:enveloppe"),
                    *(each for each in commitments if self.code(each, "cper:financeur")),
                ),
            ),
            "avenants": (self._amendment, self.links(self.contract, "cper:avenant")),
            "schemas": (partial(self._linked, "schemas"), self.links(self.contract, "cper:coherentAvec")),
            "financements": (partial(self._linked, "financements"), self.links(self.contract, "cper:articuleAvec")),
        }
        return {
            "contrat": [self._form()],
            "source": [first],
            "sources": [{"numero": str(number), **each} for number, each in enumerate(others, 2)],
            **{key: list(map(row, things)) for key, (row, things) in lists.items()},
            "catalogue": self._publication(datasets),
        }

    def _publication(self, datasets: Graph) -> list[Cells]:
        """Return the form about the catalogue: the box of the region, and what the datasets of the contract state."""

        def stated(predicate: str) -> str:
            found = (datasets.value(iri, node(predicate).value) for iri in datasets.subjects())
            return next(filter(None, found), "")

        degrees = _DEGREES.findall(self.value(self.link(self.contract, "cper:territoire"), "dcat:bbox"))
        box = [end(degrees[start::2], key=float) for end in (min, max) for start in (0, 1) if degrees]
        cells = {
            "cadre": " ; ".join(box).replace(".", ","),
            "editeur": self.name(stated("dct:publisher"), predicate="foaf:name"),
            "contact": stated("vcard:hasURL") or stated("vcard:hasEmail").removeprefix("mailto:"),
        }
        return [cells] if any(cells.values()) else []

    # What a thing has.

    def all(self, thing: str, predicate: str) -> list[Term]:
        """Return the values of a property; none of "", no thing."""
        return self.graph.all(NamedNode(thing), node(predicate).value) if thing else []

    def links(self, thing: str, predicate: str) -> list[str]:
        """Return the things that a property leads to: those whose words come first in the document, first."""

        def place(thing: str) -> tuple[int, str]:
            places = (
                self.graph.value(each, PREFIXES["schema"] + "position") for each in self.all(thing, "cper:enonce")
            )
            return min((int(each or 10**9) for each in places), default=10**9), thing

        found = [each.value for each in self.all(thing, predicate) if isinstance(each, NamedNode)]
        return sorted(found, key=place)

    def link(self, thing: str, predicate: str) -> str:
        """Return the first thing that a property leads to, "" if there is none."""
        return next(iter(self.links(thing, predicate)), "")

    def value(self, thing: str, predicate: str) -> str:
        """Return the only value of a property, "" if there is not one."""
        found = self.all(thing, predicate)
        return found[0].value if len(found) == 1 else ""

    def text(self, thing: str, predicate: str, lang: str = "fr") -> str:
        """Return the only text of a property in a language, "" if there is not one."""
        found = [each.value for each in self.all(thing, predicate) if language(each) == lang]
        return found[0] if len(found) == 1 else ""

    def name(self, thing: str, lang: str = "fr", predicate: str = "skos:prefLabel") -> str:
        """Return the name of a thing, without the mark of a trial."""
        mark = TRIAL_MARKS[lang == "en"] if self.trial else ""
        return self.text(thing, predicate, lang).removesuffix(mark)

    def code(self, thing: str, predicate: str) -> str:
        """Return the name of the code of a thing."""
        return self.codes.get(self.value(thing, predicate), ("", ""))[0]

    def texts(self, thing: str, predicate: str, key: str) -> Cells:
        """Return the cells of a text and its translation."""
        return {key: self.text(thing, predicate), f"{key}_en": self.text(thing, predicate, "en")}

    def names_of(self, thing: str, key: str) -> Cells:
        """Return the cells of a name and its translation, if it is one."""
        french, english = self.name(thing), self.name(thing, "en")
        return {key: french, f"{key}_en": "" if english == with_translation(french)[1] else english}

    # What supports it.

    def _details(self, statement: Node) -> Cells:
        """Return what is known of a statement, as `_statement_cells`."""
        document = self.graph.value(statement, PREFIXES["prov"] + "wasDerivedFrom")
        number = self.documents.index(document) + 1 if document in self.documents else 1
        return _statement_cells(self.graph, statement, self.contract, number)

    def _statement(self, thing: str, predicate: str) -> Node | None:
        return next(iter(self.statements.get((thing, node(predicate).value), ())), None)

    def form_quotation(self, line: str, thing: str, predicate: str) -> Cells:
        """Return the cells of a form for the statement that supports a property of a thing."""
        statement = self._statement(thing, predicate)
        return {f"{line}:{key}": text for key, text in self._details(statement).items()} if statement else {}

    def quotation(self, column: str, *supported: tuple[str, str]) -> Cells:
        """Return the cells of a list for the statements that support properties of things, one after the other."""
        found = [statement for pair in supported if (statement := self._statement(*pair))]
        details = [self._details(each) for each in dict.fromkeys(found)]
        if not details:
            return {}
        cells = {
            column: " | ".join(dict.fromkeys(each["citation"] for each in details)),
            f"{column}:statement": " | ".join(each["statement"] for each in details),
        }
        if all(each["place"] for each in details):
            cells[f"{column}:place"] = " | ".join(dict.fromkeys(each["place"] for each in details))
        return {**cells, **({"source": details[0]["source"]} if details[0]["source"] else {})}

    # The sheets.

    def _documents(self) -> list[str]:
        """Return the sources, the one with most statements first."""
        statements = {each for found in self.statements.values() for each in found}
        used = [self.graph.value(each, PREFIXES["prov"] + "wasDerivedFrom") for each in statements]
        return sorted(set(used), key=lambda each: (-used.count(each), each))

    def _form(self) -> Cells:
        contract, signing = self.contract, f"{self.contract}/signature"
        venue, english = self.link(signing, "prov:atLocation"), self.name(contract, "en")
        region = self.region.removesuffix(TRIAL_MARKS[0]) if self.trial else self.region
        slug = contract.rpartition("/")[2]
        priorities = f"{ID}liste/{slug}-priorites"
        cells = {
            "region": region,
            "periode": self.period,
            "intitule": self.name(contract),
            "intitule_en": "" if english == words("contract", span=self.period, region=region)[1] else english,
            "nom_court": self.name(contract, predicate="skos:altLabel"),
            "signe_le": _day(self.value(signing, "dct:date")),
            "lieu": self.name(venue),
            "lieu_en": self.names_of(venue, "lieu")["lieu_en"],
            "lieu_identifiant": venue.removeprefix(f"{ID}lieu/"),
            "page": self.link(contract, "rdfs:seeAlso"),
            "parts_de_la_somme": "oui" if any(self.links(each, "cper:valeurDerivee") for each in self._axes()) else "",
            "essai": "oui" if self.trial else "",
            "identifiant": slug,
            **self.texts(priorities, "dct:description", "porteurs"),
            **self.form_quotation("porteurs", priorities, "dct:description"),
        }
        for line, predicate in FRAME_TEXTS:
            cells |= self.texts(contract, predicate, line)
        for line, _, about, attests in FRAME_STATEMENTS:
            cells |= self.form_quotation(line, contract + about, attests.split()[0])
        for line, predicate in (("nombre_signataires", "cper:signePar"), ("nombre_priorites", "cper:priorite")):
            if f"{line}:citation" in cells:
                cells[line] = str(len(self.links(contract, predicate)))
        return cells

    def _document(self, iri: str) -> Cells:
        title, issued, names = self.text(iri, "dct:title"), self.value(iri, "dct:issued"), self.names_of(iri, "nom")
        if _DAY.fullmatch(issued):
            unnamed = Record(CellLocation(""), {"titre": title, "date": date.fromisoformat(issued)})
            names = {} if document_labels(unnamed) == (self.name(iri), self.name(iri, "en")) else names
        cells = {
            "titre": title,
            "date": _day(issued),
            "editeur": self.name(self.link(iri, "dct:publisher")),
            "adresse": self.link(iri, "foaf:page"),
            **names,
            "lieu": self.name(self.link(iri, "schema:locationCreated")),
            "empreinte": self.value(self.link(iri, "spdx:checksum"), "spdx:checksumValue"),
            **self.texts(iri, "skos:note", "note"),
            "identifiant": iri.removeprefix(f"{ID}document/"),
        }
        if iri != self.documents[0]:
            return {**cells, **self.quotation("citation", (iri, "dct:issued")), "source": ""}
        for line, predicate in (
            ("titre", "dct:title"),
            ("date", "dct:issued"),
            ("editeur", "dct:publisher"),
            ("lieu", "schema:locationCreated"),
        ):
            cells |= self.form_quotation(line, iri, predicate)
        return {**cells, "titre:citation": ""}

    def _signatory(self, iri: str) -> Cells:
        body = self.link(iri, "prov:agent")
        name = self.name(iri).removesuffix(", signataire")
        english = self.name(iri, "en").removesuffix(", signatory")
        return {
            "nom": name,
            "nom_en": "" if english == name else english,
            "type": self.code(body, "org:classification"),
            "siren": self.value(body, "cper:siren"),
            "territoire": self.name(self.link(body, "cper:territoire")),
            **self.texts(iri, "skos:note", "note"),
            "origine": self.link(iri, "prov:wasDerivedFrom"),
            **self.quotation("citation", (iri, "prov:agent")),
            "identifiant": iri.removeprefix(f"{self.contract}/signataire/"),
        }

    def _numbered(self, predicate: str, *things: str) -> list[str]:
        """Return the axes or priorities of some things, by number."""
        found = {each for thing in things for each in self.links(thing, predicate)}
        return sorted(found, key=lambda each: self.graph.by_number(NamedNode(each)))

    def _axes(self) -> list[str]:
        return self._numbered("cper:axe", *self.links(self.contract, "cper:priorite"))

    def _priority(self, iri: str) -> Cells:
        return {
            "numero": self.value(iri, "skos:notation"),
            **self.names_of(iri, "intitule"),
            **self.texts(iri, "dct:description", "description"),
            **self.quotation("citation", (iri, "skos:prefLabel")),
        }

    def _axis(self, iri: str) -> Cells:
        share = self.link(iri, "cper:part")
        reason = self.texts(share, "cper:motif", "motif")
        if reason["motif_en"] == words("reason", reason=reason["motif"])[1]:
            del reason["motif_en"]
        links = self.statements.get((iri, CPER + "sert"), [])
        served = self._numbered("cper:sert", iri)
        ends = [f"-priorite-{self.value(each, 'skos:notation')}" for each in served]
        details = [self._details(each) for each in sorted(links, key=lambda each: _index(each.value, ends))]
        return {
            "numero": self.value(iri, "skos:notation"),
            **self.names_of(iri, "intitule"),
            **self.quotation("citation", (iri, "skos:prefLabel")),
            "priorites": ", ".join(self.value(each, "skos:notation") for each in served),
            "citation_lien": " | ".join(each["citation"] for each in details),
            "citation_lien:place": " | ".join(each["place"] for each in details),
            "citation_lien:statement": " | ".join(each["statement"] for each in details),
            "part": self.text(share, "cper:valeurPubliee"),
            **reason,
            **self.quotation("citation_part", (share, "cper:motif" if reason["motif"] else "cper:pourcentage")),
        }

    def _amount(self, iri: str) -> Cells:
        kind = "Enveloppe" if iri in self.links(self.contract, "cper:enveloppe") else "Engagement"
        share, words = self.link(iri, "cper:part"), self.text(iri, "cper:valeurPubliee")
        supported = [(iri, "cper:valeurPubliee")] + ([(share, "cper:pourcentage")] if share else [])
        cells = {
            "objet": kind,
            "financeur": self.code(iri, "cper:financeur"),
            "montant": words,
            "nature": self.code(iri, "cper:natureDeLaValeur"),
            "perimetre": self.code(iri, "cper:perimetre"),
            "part": self.text(share, "cper:valeurPubliee"),
            "duree": self.value(iri, "schema:duration").removeprefix("P").removesuffix("Y"),
            **self.texts(iri, "skos:note", "note"),
            **self.texts(iri, "dct:description", "description"),
            **self.quotation("citation", *supported),
        }
        if kind == "Engagement":
            cells["identifiant"] = iri.removeprefix(f"{self.contract}/engagement/")
            funder = Record(CellLocation(""), {"financeur": self.value(iri, "cper:financeur")})
            default = funder_names(self.codes, funder)
            scope = scope_words(self.codes, self.value(iri, "cper:perimetre")) if self._suffix(iri) else ("", "")
            names = (
                self.name(iri).removeprefix("Engagement : ").removesuffix(scope[0]),
                self.name(iri, "en").removeprefix("Commitment: ").removesuffix(scope[1]),
            )
            if names != default:
                cells |= {"nom_du_financeur": names[0], "nom_du_financeur_en": names[1]}
            steps = {each.step for each in quantities(words) if each.unit == "€"}
            step = self.value(iri, "cper:precision")
            cells["pas"] = "" if step in {f"{each:f}" for each in steps} else step
        return cells

    def _suffix(self, iri: str) -> str:
        """Return what the dataset of a commitment has at its end: nothing for those of the first scope."""
        return self.value(iri, "qb:dataSet").rpartition("-engagements")[2]

    def _amendment(self, iri: str) -> Cells:
        return {
            **self.names_of(iri, "intitule"),
            "statut": self.code(iri, "adms:status"),
            "date": _day(self.value(iri, "dct:date")),
            "axes": ", ".join(self.value(each, "skos:notation") for each in self._numbered("cper:axeConcerne", iri)),
            **self.texts(iri, "skos:note", "note"),
            **self.quotation("citation", (iri, "adms:status")),
            "identifiant": iri.removeprefix(f"{self.contract}/avenant/"),
        }

    def _linked(self, sheet: str, iri: str) -> Cells:
        _, _, predicate, other_name = LINKED[sheet]
        cells = {
            **self.names_of(iri, "nom"),
            "autre_nom": self.name(iri, predicate=other_name),
            **self.texts(iri, "skos:note", "note"),
            **self.quotation("citation_nom", (iri, "skos:prefLabel")),
            **self.quotation("citation", (self.contract, predicate)),
            "identifiant": iri.removeprefix(f"{ID}schema/").removeprefix(f"{self.contract}/financement/"),
        }
        return {**cells, "nom_en": ""} if sheet == "schemas" and cells["nom_en"] == cells["nom"] else cells


def _index(name: str, ends: list[str]) -> tuple[int, str]:
    return next((index for index, end in enumerate(ends) if name.endswith(end)), len(ends)), name


def _day(text: str) -> str:
    """Return a date as people write it, or a year."""
    return "/".join(reversed(text.split("-")))


class _Rest:
    """What the other sheets cannot say: the difference between a contract and what its workbook would be imported as."""

    def __init__(
        self, quads: list[Quad], existing: ExistingEntities, codes: dict[str, tuple[Code, ...]], vocabulary: Vocabulary
    ) -> None:
        self.published = set(quads)
        self.existing = existing
        self.codes = codes
        self.vocabulary = vocabulary

    def complete(self, answers: Answers) -> Answers:
        """Return the rows that have what their sheet requires; what another row would say is left to the last sheet.

        Raises `export-differs` for a row that other sheets refer to.
        """
        records, kept = self._records(answers), dict(answers)
        for sheet in sheets():
            required = [column.key for column in sheet.columns if column.required]
            rows = answers.get(sheet.key, [])
            if not rows and sheet.optional:  # a form without a line
                continue
            pairs = zip(rows, records[sheet.key], strict=True)
            kept[sheet.key] = [row for row, record in pairs if all(key in record.values for key in required)]
            if sheet.key in _REFERRED_TO and len(kept[sheet.key]) < max(len(rows), sheet.form):
                raise Problem("export-differs", thing=sheet.names["fr"])
        return kept

    def _records(self, answers: Answers) -> WorkbookRecords:
        """Return what the reader of workbooks makes of these cells."""
        raw_sheets = []
        for sheet in sheets():
            raw_sheet = RawSheet(sheet.names["fr"])
            for number, row in enumerate(sheet_rows(sheet, answers, "fr", True), 1):
                cells = {column: RawCell(text, "text") for column, text in enumerate(row, 1) if text}
                if cells:
                    raw_sheet.rows[number] = cells
            raw_sheets.append(raw_sheet)
        return SheetParser(self.codes).parse(raw_sheets)

    def imported(self, answers: Answers) -> ContractGraph:
        """Return what would be imported from these cells."""
        records = self._records(answers)
        facts, _ = read_facts(records["faits"], self.vocabulary)
        return whole_graph(records, facts, self.existing, self.codes)

    def rows(self, answers: Answers) -> list[Cells]:
        """Return the rows of the last sheet; raises `export-differs` if they do not make up the difference."""
        facts = self._replacing(_triples(self.imported(answers)), _is_fact)
        rows = [*facts, *self._quoted(self.imported({**answers, "faits": facts}), facts)]
        # What a quotation cannot say: a statement that supports less than the sheets would have it support.
        rows += self._replacing(_triples(self.imported({**answers, "faits": rows})), lambda _quad, _statements: True)
        if left := _triples(self.imported({**answers, "faits": rows})) ^ self.published:
            raise Problem("export-differs", thing=min(map(_iri, left)).removeprefix(ID))
        return sorted(rows, key=lambda cells: cells["chose"])

    def _replacing(self, made: set[Quad], wanted: Callable[[Quad, set[str]], bool]) -> list[Cells]:
        """Return rows for what differs: each lists the published values of a property in one language."""
        statements = {_iri(quad) for quad in made | self.published if quad.object == node("cper:Enonce")}
        published = {_iri(quad) for quad in self.published}
        removed = {_iri(quad) for quad in made} - published
        rows = [fact_cells(thing, "", None, "", self.vocabulary) for thing in sorted(removed)]
        differing = {_group(quad) for quad in made ^ self.published if wanted(quad, statements)}
        for thing, predicate, lang in sorted(differing):
            if thing not in removed:
                rows += self._group_rows(thing, predicate, lang)
        return rows

    def _group_rows(self, thing: str, predicate: str, lang: str) -> list[Cells]:
        """Return a row for each published value of a property of a thing in a language, or one that says there is none."""
        found = [quad.object for quad in self.published if _group(quad) == (thing, predicate, lang)]
        values = sorted((each for each in found if isinstance(each, NamedNode | Literal)), key=str)
        return [fact_cells(thing, predicate, each, lang, self.vocabulary) for each in values or (None,)]

    def _quoted(self, made: ContractGraph, rows: list[Cells]) -> Iterator[Cells]:
        """Yield rows for what published statements support and the other sheets do not quote.

        A quotation goes to a row of `rows` about that property, if there is one without a quotation.
        """
        graph = Graph(self.published)
        numbers = {iri: number for number, iri in made.documents.items()}
        for statement in sorted(graph.subjects(), key=str):
            document = graph.value(statement, PREFIXES["prov"] + "wasDerivedFrom")
            if not document:
                continue
            known = made.statements.get(statement.value)
            bodies = {each.value for each in graph.all(statement, PREFIXES["oa"] + "hasBody")}
            attested = {each.value for each in graph.all(statement, CPER + "atteste")}
            bodies_left = bodies - set(known.about if known else ())
            attested_left = attested - {node(each).value for each in (known.attests if known else ())}
            cells = _statement_cells(graph, statement, made.contract, numbers.get(document, 1))
            words = {key if key in ("citation", "source") else f"citation:{key}": text for key, text in cells.items()}
            for body, predicate in product(sorted(bodies), sorted(attested)):
                values = graph.all(NamedNode(body), predicate)
                if values and (body in bodies_left or predicate in attested_left):
                    bodies_left.discard(body)
                    attested_left.discard(predicate)
                    yield from self._quoted_rows(body, predicate, values, words, rows)

    def _quoted_rows(
        self, thing: str, predicate: str, values: list[Term], words: Cells, rows: list[Cells]
    ) -> Iterator[Cells]:
        """Add a quotation to a row about a property that has none; yield rows with it if there is no such row."""
        about = fact_cells(thing, predicate, None, "", self.vocabulary)
        same = (each for each in rows if all(each[key] == about[key] for key in ("chose", "propriete")))
        row = next((each for each in same if "citation" not in each), None)
        if row:
            row |= words
        else:
            first, *more = self._group_rows(thing, predicate, min(map(language, values), key=lambda lang: lang != "fr"))
            yield from (first | words, *more)


def _statement_cells(graph: Graph, statement: Node, contract: str, source: int) -> Cells:
    """Return the words of a statement, its place and name, and the number of its source if it is not the first."""
    own, name = f"{contract}/enonce/", statement.value
    return {
        "citation": graph.value(statement, CPER + "citation"),
        "place": graph.value(statement, PREFIXES["schema"] + "position"),
        "statement": name.removeprefix(own if name.startswith(own) else ID),
        "source": str(source) if source > 1 else "",
    }


def _iri(quad: Quad) -> str:
    return str(getattr(quad.subject, "value", ""))


def _group(quad: Quad) -> tuple[str, str, str]:
    return _iri(quad), quad.predicate.value, language(quad.object)


def _triples(graph: ContractGraph) -> set[Quad]:
    return {quad for quads in graph.files.values() for quad in canonical_literals(quads)}


_OF_STATEMENTS: Final = {
    node(each).value
    for each in ("rdf:type", "cper:atteste", "cper:citation", "oa:hasBody", "prov:wasDerivedFrom", "schema:position")
}


def _is_fact(quad: Quad, statements: set[str]) -> bool:
    """Return whether a triple is a fact, not a part of a statement."""
    if quad.predicate.value == CPER + "enonce":
        return False
    return _iri(quad) not in statements or quad.predicate.value not in _OF_STATEMENTS

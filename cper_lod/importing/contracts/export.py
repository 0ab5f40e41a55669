"""Writes a published contract back into a workbook, provided that importing it again would change nothing."""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from cper_lod.core.errors import Problem
from cper_lod.core.namespaces import CPER, PREFIXES
from cper_lod.core.text import folded
from cper_lod.importing.contracts.actors import ExistingEntities
from cper_lod.importing.contracts.figures import AMOUNT, OTHER, SHARE
from cper_lod.importing.contracts.graph import ID, TRIAL_MARKS, node, with_translation, words
from cper_lod.importing.contracts.importer import PATHS, Parsed, link_sources
from cper_lod.importing.contracts.model import (
    Code,
    Codes,
    RawCell,
    RawSheet,
    WorkbookColumn,
    code_labels,
    read_codes,
    sheet,
    sheets,
)
from cper_lod.importing.contracts.parse_cells import KINDS
from cper_lod.importing.contracts.printed import read_printed
from cper_lod.importing.contracts.rows import contract_slug
from cper_lod.importing.contracts.template import sheet_rows
from cper_lod.importing.contracts.texts import DocumentText, read_texts
from cper_lod.importing.contracts.to_rdf import document_name, years_text
from cper_lod.rdf.formatter import canonical_literals
from cper_lod.rdf.graph import Graph, Node, Term
from cper_lod.rdf.reader import read
from cper_lod.release.sources.read import read_sources

Cells = dict[str, str]
Answers = dict[str, list[Cells]]
_CLASSES: Final = {
    "etapes": ("Etape",),
    "signataires": ("Signataire",),
    "subdivisions": ("Subdivision",),
    "chiffres": (AMOUNT, SHARE, OTHER),
    "avenants": ("Avenant", "Cadre", "Contrat"),
}
"""The classes of what the rows of a sheet describe."""


def export_contract(sources: Path, name: str) -> Answers:
    """Return the cells of the workbook of a contract; what other files than its own say of it is not in them.

    `name` is the IRI of the contract or the end of it. Raises `import-contract` for an unknown contract,
    `export-differs` for one that a workbook cannot say, and the problems of reading the texts of its documents.
    """
    slug = name.rpartition("/")[2]
    paths = {part: path.format(slug) for part, path in PATHS.items()}
    iri = f"{ID}contrat/{slug}"
    if ("/" in name and name != iri) or not (sources / paths["contracts"]).is_file():
        known = sorted(path.stem for path in (sources / PATHS["contracts"]).parent.glob("*.ttl"))
        raise Problem("import-contract", contract=name, known=", ".join(known) or "–")
    datasets = list(_read(sources, [paths.pop("catalogue")]))
    quads = list(_read(sources, paths.values()))
    codes = read_codes(sources)
    with tempfile.TemporaryDirectory(prefix="cper-lod-export-") as folder:
        link_sources(sources, Path(folder), [*paths.values()])
        existing = ExistingEntities(published := read_sources(Path(folder)).published)
        kinds = (f"<{ID}organisme/", f"<{ID}territoire/")
        described = [quad for quad in published if str(quad.subject).startswith(kinds)]
    sheets_of = _Answers(iri, Graph([*described, *quads]), codes, sources)
    answers = sheets_of.answers(Graph(datasets))
    if differing := _differing(answers, quads, existing, codes, sheets_of.texts):
        raise Problem("export-differs", thing=differing)
    return answers


def _read(sources: Path, paths: Iterable[str]) -> Iterator[Quad]:
    for path in paths:
        if (sources / path).is_file():
            yield from read(sources / path)


class _Answers:
    """The cells of the sheets, read from the triples of a contract."""

    def __init__(self, contract: str, graph: Graph, codes: Codes, sources: Path) -> None:
        self.contract = contract
        self.graph = graph
        self.codes = codes
        self.labels = code_labels(codes)
        self.statements: dict[str, list[Node]] = defaultdict(list)
        """The statements about each thing."""
        for about in graph.subjects():
            for statement in graph.all(about, CPER + "enonce"):
                if graph.all(statement, PREFIXES["oa"] + "exact") and not isinstance(statement, Literal):
                    self.statements[about.value].append(statement)
        self.documents = self._documents()
        self.texts = read_texts({}, self.documents, [sources])
        region, years = self.text(self.link(contract, "cper:territoire"), "skos:prefLabel"), self.years(contract)
        unmarked = region.removesuffix(TRIAL_MARKS[0])
        span = tuple(map(int, years.split("-"))) if years.count("-") == 1 and not years.startswith("-") else None
        trial_slug = contract_slug(unmarked, span, True)  # type: ignore[arg-type]  # two years
        self.trial = unmarked != region and contract.endswith(f"/{trial_slug}")
        self.region = unmarked if self.trial else region
        self.things = {key: self._things(key) for key in _CLASSES}
        self.row_names = {iri: name for key in _CLASSES for iri, name in self._row_names(key)}
        self.row_names |= {iri: iri.removeprefix(f"{ID}document/") for iri in self.documents}

    def answers(self, datasets: Graph) -> Answers:
        """Return the cells of each sheet; `datasets` are what the catalogue states about the contract."""
        special: dict[str, Callable[[str], Cells]] = {
            "etapes": self._step,
            "signataires": self._signatory,
            "subdivisions": self._subdivision,
            "chiffres": self._figure,
            "avenants": self._text,
        }
        rows = {
            key: [_unquoted({**self._cells(key, iri), **row(iri)}) for iri in self.things[key]]
            for key, row in special.items()
        }
        documents = [{**self._cells("documents", iri), **self._document(iri)} for iri in self.documents]
        return {"documents": documents, "contrat": [self._form(datasets)], **rows, "listes": self._words()}

    # What a thing has.

    def all(self, thing: str, predicate: str) -> list[Term]:
        """Return the values of a property, each once (the catalogue may state them too); none of "", no thing."""
        return list(dict.fromkeys(self.graph.all(NamedNode(thing), node(predicate).value))) if thing else []

    def links(self, thing: str, predicate: str) -> list[str]:
        """Return the things that a property leads to."""
        return sorted(each.value for each in self.all(thing, predicate) if isinstance(each, NamedNode))

    def link(self, thing: str, predicate: str) -> str:
        """Return the first thing that a property leads to, "" if there is none."""
        return next(iter(self.links(thing, predicate)), "")

    def value(self, thing: str, predicate: str) -> str:
        """Return the only value of a property, "" if there is not one."""
        found = self.all(thing, predicate)
        return found[0].value if len(found) == 1 else ""

    def text(self, thing: str, predicate: str, lang: str = "fr") -> str:
        """Return the only text of a property in a language, "" if there is not one."""
        found = [
            each.value for each in self.all(thing, predicate) if isinstance(each, Literal) and each.language == lang
        ]
        return found[0] if len(found) == 1 else ""

    def name(self, thing: str, lang: str = "fr", predicate: str = "skos:prefLabel") -> str:
        """Return the name of a thing, without the mark of a trial."""
        mark = TRIAL_MARKS[lang == "en"] if self.trial else ""
        return self.text(thing, predicate, lang).removesuffix(mark)

    def names(self, thing: str, key: str) -> Cells:
        """Return the cells of a name and its translation, if it is one."""
        french, english = self.name(thing), self.name(thing, "en")
        return {key: french, f"{key}_en": "" if english == with_translation(french)[1] else english}

    def years(self, thing: str) -> str:
        """Return the years of a thing."""
        period = self.link(thing, "dct:temporal")
        found = [self.value(period, f"dcat:{each}Date") for each in ("start", "end")]
        first, last = (int(each) if each.isdecimal() else None for each in found)
        return years_text((first, last)) if period else ""

    def _cell(self, thing: str, column: WorkbookColumn) -> str:
        """Return a cell that needs no code of its own."""
        if column.kind == "text":
            return self.text(thing, column.property, column.lang)
        if column.kind == "code":
            return self.labels.get(self.value(thing, column.property), ("", ""))[0]
        if column.kind == "refs":
            found = self.links(thing, column.property)
            return " | ".join(self.row_names[each] for each in found if each in self.row_names)
        if column.kind == "links":
            return " | ".join(each for each in self.links(thing, column.property) if each not in self.documents)
        text = KINDS[column.kind].text
        return text(self.value(thing, column.property)) if text else ""

    def _cells(self, key: str, thing: str) -> Cells:
        """Return the cells of a row that need no code of their own, and those of the words that support it."""
        columns = sheet(key).columns
        cells = {each.key: self._cell(thing, each) for each in columns if each.property and not each.label}
        if any(each.key == "nom_en" for each in columns):
            cells |= self.names(thing, "nom")
        if any(each.key == "document" for each in columns):
            sources = [each for each in self.links(thing, "prov:wasDerivedFrom") if each in self.documents[1:]]
            cells["document"] = next(map(self.row_names.__getitem__, sources), "")
        quoted: dict[str, list[Node]] = defaultdict(list)
        for statement in sorted(self.statements[thing], key=str):
            quoted[self._column(key, statement)].append(statement)
        for column in quoted.keys() - {""}:
            cells |= self._quotation(column, *quoted[column])
        return cells

    def _column(self, key: str, statement: Node) -> str:
        """Return the column for the words of a statement: the one that is about most of what it attests."""
        attested = {each.value for each in self.graph.all(statement, CPER + "atteste")}
        scores: dict[str, int] = {}
        for column in sheet(key).columns:
            supports = {node(column.property).value} if column.property else set()
            if supports & attested:
                for quotation in column.quoted[:1]:
                    scores[quotation] = scores.get(quotation, 0) + 1
        return max(scores, key=lambda each: scores[each]) if scores else ""

    def _quotation(self, column: str, *statements: Node) -> Cells:
        """Return the cells of the words of statements; `column` is a column, or a line of a form."""
        document = self.graph.value(statements[0], PREFIXES["prov"] + "wasQuotedFrom")
        cells = _statement_cells(self.graph, statements, self.contract, column, self.texts)
        base = f"{column.removesuffix(':citation')}:document" if ":" in column else "document"
        more = {base: self.row_names[document]} if document in self.documents[1:] else {}
        return {**cells, **more}

    # The sheets.

    def _documents(self) -> list[str]:
        """Return the documents, the one with most statements first."""
        statements = {each for found in self.statements.values() for each in found}
        used = [self.graph.value(each, PREFIXES["prov"] + "wasQuotedFrom") for each in statements]
        described = [each for each in self._of_class("Document") if each not in used]
        return sorted({*used, *described}, key=lambda each: (-used.count(each), each))

    def _of_class(self, name: str) -> list[str]:
        graph = self.graph
        return [str(getattr(each, "value", "")) for each in graph.subjects() if CPER + name in graph.types(each)]

    def _things(self, key: str) -> list[str]:
        """Return what the rows of a sheet describe: those whose words come first in the document, first."""
        found = {each for name in _CLASSES[key] for each in self._of_class(name)} - {self.contract}

        def place(thing: str) -> tuple[object, ...]:
            places = (self.graph.value(each, PREFIXES["oa"] + "start") for each in self.statements[thing])
            first = min((int(each or 10**9) for each in places), default=10**9)
            return (self.link(thing, "skos:inScheme"), int(self.value(thing, "skos:notation") or 0), first, thing)

        return sorted(found, key=place)

    def _row_names(self, key: str) -> Iterator[tuple[str, str]]:
        """Yield what other rows call each thing: its name, or the end of its address where several have that name."""
        named = {iri: iri.rpartition("/")[2] if key == "chiffres" else self.name(iri) for iri in self.things[key]}
        for iri, name in named.items():
            alone = [*map(folded, named.values())].count(folded(name)) == 1 and "|" not in name
            yield iri, name if alone else "/".join(iri.split("/")[-2:])

    def _form(self, datasets: Graph) -> Cells:
        contract, english = self.contract, self.name(self.contract, "en")
        years = self.years(contract)
        cells = {
            **{each.key: self._cell(contract, each) for each in sheet("contrat").columns if each.property},
            "nom": self.name(contract),
            "nom_en": ""
            if english == words("contract", span=years, region=self.region)[1]
            else self.names(contract, "nom")["nom_en"],
            "nom_court": self.name(contract, predicate="skos:altLabel"),
            "region": self.region,
            "periode": years,
            "essai": "oui" if self.trial else "",
            "identifiant": contract.rpartition("/")[2],
            **self._publication(datasets),
        }
        sources = [each for each in self.links(contract, "prov:wasDerivedFrom") if each in self.documents[1:]]
        cells["nom:document"] = next(map(self.row_names.__getitem__, sources), "")
        for column in sheet("contrat").columns:
            about, attests = (
                (contract, column.property) if column.key != "periode" else (f"{contract}/periode", "dcat:startDate")
            )
            if column.quoted == (f"{column.key}:citation",) and cells.get(column.key):
                for statement in self.statements[about]:
                    if attests and node(attests) in self.graph.all(statement, CPER + "atteste"):
                        cells |= self._quotation(f"{column.key}:citation", statement)
        if cells.get("nom:citation") == cells["nom"]:
            cells["nom:citation"] = ""
        return cells

    def _publication(self, datasets: Graph) -> Cells:
        """Return the lines about the catalogue: what the datasets of the contract state."""

        def stated(predicate: str) -> str:
            found = (datasets.value(iri, node(predicate).value) for iri in datasets.subjects())
            return next(filter(None, found), "")

        return {
            "editeur": self.name(stated("dct:publisher"), predicate="foaf:name"),
            "contact": stated("vcard:hasURL") or stated("vcard:hasEmail").removeprefix("mailto:"),
        }

    def _document(self, iri: str) -> Cells:
        title, names = self.text(iri, "dct:title"), self.names(iri, "nom")
        day = self.all(iri, "dct:issued")
        composed = document_name(title, day[0] if len(day) == 1 and isinstance(day[0], Literal) else None)
        is_composed = composed == (self.name(iri), self.name(iri, "en"))
        quoted = [self.graph.value(each, PREFIXES["oa"] + "exact") for each in self.statements[iri]]
        return {
            **({"nom": "", "nom_en": ""} if is_composed else names),
            **({"citation_titre": ""} if title in quoted else {}),
            "code": iri.removeprefix(f"{ID}document/"),
            "emetteur": self.name(self.link(iri, "dct:publisher")),
            "lieu": self.name(self.link(iri, "schema:locationCreated")),
        }

    def _step(self, iri: str) -> Cells:
        place, of = self.link(iri, "prov:atLocation"), self.link(iri, "cper:avenant")
        of = of or next((each for each in self.links(iri, "cper:contrat") if each != self.contract), "")
        return {
            **self.names(place, "lieu"),
            "lieu_identifiant": place.removeprefix(f"{ID}lieu/"),
            "texte": self.row_names.get(of, ""),
            "identifiant": iri.removeprefix(f"{self.contract}/etape/"),
        }

    def _signatory(self, iri: str) -> Cells:
        body = self.link(iri, "prov:agent")
        known, territory = self.name(body), self.link(body, "cper:territoire")
        groups = [each for each in self._of_class("Groupe") if body in self.links(each, "foaf:member")]
        english = self.name(iri, "en").removesuffix(", signatory")
        kind = self.link(body, "org:classification")
        governed = self.name(territory) if kind.rpartition("/")[2] not in ("etat", "region") else ""
        return {
            "nom": known or self.name(iri).removesuffix(", signataire"),
            "nom_en": "" if english == known else english,
            "sorte": self.labels.get(kind, ("", ""))[0],
            "siren": self.value(body, "cper:siren"),
            "territoire": governed,
            **self.names(next(iter(groups), ""), "groupe"),
            "identifiant": iri.removeprefix(f"{self.contract}/signataire/"),
        }

    def _subdivision(self, iri: str) -> Cells:
        scheme = self.link(iri, "skos:inScheme")
        names, exclusive = self.names(scheme, "liste"), self.value(scheme, "cper:exclusif")
        return {
            **names,
            "exclusif": {"true": "oui", "false": "non"}.get(exclusive, ""),
            "note_liste": self.text(scheme, "skos:note"),
            "note_liste_en": self.text(scheme, "skos:note", "en"),
            "liste_identifiant": scheme.removeprefix(f"{self.contract}/decoupage/"),
            "identifiant": iri.removeprefix(f"{self.contract}/"),
        }

    def _figure(self, iri: str) -> Cells:
        agent, printed = self.link(iri, "cper:financeur"), self.text(iri, "cper:valeurPubliee")
        found, kind = read_printed(printed) if printed else None, self.link(iri, "dct:type")
        (class_,) = {each.removeprefix(CPER) for each in self.graph.types(NamedNode(iri))} & {
            *_CLASSES["chiffres"]
        } or {OTHER}
        told = {"montant": AMOUNT, "part": SHARE}.get(found.kind, found.kind) if found else ""
        own = kind.rpartition("/")[2] if class_ == OTHER else class_
        nature = self.link(iri, "cper:nature")
        step, reason = self.value(iri, "cper:pas"), self.text(iri, "cper:motif")
        whole = self.link(iri, "cper:partDe")
        cells = {
            "nom": self.row_names[iri],
            "sorte": "" if told == own else self.labels.get(kind or CPER + class_, ("", ""))[0],
            "financeur": self.name(agent),
            "sorte_financeur": self.labels.get(self.link(agent, "org:classification"), ("", ""))[0],
            "part_de": self.row_names.get(whole, self.labels.get(whole, ("", ""))[0]),
            "nature": "" if found and nature.endswith(f"/{found.nature}") else self.labels.get(nature, ("", ""))[0],
            "annees": self.years(iri),
        }
        if found and found.step is not None and step and float(step) != float(found.step):
            cells["pas"] = f"{float(step):.0f} €"
        if self.text(iri, "cper:motif", "en") == words("reason", reason=reason)[1]:
            cells["motif_en"] = ""
        for statement in self.statements[iri]:
            if self.graph.value(statement, PREFIXES["oa"] + "exact") == printed:
                cells["citation"] = ""
        return cells

    def _text(self, iri: str) -> Cells:
        classes = self.graph.types(NamedNode(iri))
        kind = CPER + "Avenant" if CPER + "Avenant" in classes else self.link(iri, "dct:type")
        names = self.names(iri, "nom")
        is_scheme = kind.endswith("type-de-cadre/schema")
        other = self.name(iri, predicate="skos:altLabel" if is_scheme else "skos:hiddenLabel")
        cells = {
            **names,
            "nom_en": "" if is_scheme and names["nom_en"] == names["nom"] else names["nom_en"],
            "sorte": self.labels.get(kind, ("", ""))[0],
            "autre_nom": other,
            "identifiant": iri.rpartition("/")[2],
        }
        if CPER + "Avenant" in classes:
            return cells
        for statement in self.statements[iri]:
            cells |= self._quotation("citation_nom", statement)
        cells |= {"citation": "", "citation:occurrence": "", "citation:statement": ""}
        predicate = node("cper:articuleAvec" if CPER + "Cadre" in classes else "dct:hasPart")
        called = [folded(each) for each in (names["nom"], other) if each]
        for statement in self.statements[self.contract]:
            quotation = folded(self.graph.value(statement, PREFIXES["oa"] + "exact"))
            if predicate in self.graph.all(statement, CPER + "atteste") and any(each in quotation for each in called):
                cells |= self._quotation("citation", statement)
        return cells

    def _words(self) -> list[Cells]:
        """Return the words that only this contract has added."""
        path = PATHS["codes"].format(self.contract.rpartition("/")[2])
        return [_word_cells(name, code) for name, codes in self.codes.items() for code in codes if code.file == path]


def _unquoted(cells: Cells) -> Cells:
    """Return the cells of a row without words that are its name alone: they are its words unless it has others."""
    return {**cells, "citation": ""} if cells.get("citation") == cells.get("nom") else cells


def _word_cells(name: str, code: Code) -> Cells:
    french, english = code.labels.get("fr", ""), code.labels.get("en", "")
    meaning = code.definitions.get("fr", ""), code.definitions.get("en", "")
    meaning = ("", "") if meaning == words("added") else meaning
    return {
        "liste": name,
        "mot": french,
        "mot_en": "" if english == with_translation(french)[1] else english,
        "definition": meaning[0],
        "definition_en": "" if meaning[1] == with_translation(meaning[0])[1] else meaning[1],
    }


def _parsed(answers: Answers, codes: Codes) -> Parsed:
    """Return what the reader of workbooks makes of these cells."""
    raw_sheets = []
    for each in sheets():
        raw_sheets.append(raw_sheet := RawSheet(each.names["fr"]))
        for number, row in enumerate(sheet_rows(each, answers, "fr", True), 1):
            raw_sheet.rows[number] = {column: RawCell(text, "text") for column, text in enumerate(row, 1) if text}
    return Parsed(raw_sheets, codes)


def _differing(
    answers: Answers, quads: Iterable[Quad], existing: ExistingEntities, codes: Codes, texts: Mapping[str, DocumentText]
) -> str:
    """Return a cell that cannot be read, or a thing that would not be imported from these cells as it is; "" if none."""
    parsed = _parsed(answers, codes)
    for each in parsed.findings:
        if each.severity == "violation":
            return each.location.describe("fr")
    made = {quad for each in parsed.graph(existing, texts).files.values() for quad in canonical_literals(each)}
    differing = (str(getattr(quad.subject, "value", "")) for quad in made ^ {*quads})
    return min(differing, default="").removeprefix(ID)


def _statement_cells(
    graph: Graph, statements: Iterable[Node], contract: str, column: str, texts: Mapping[str, DocumentText]
) -> Cells:
    """Return the cells of the words of statements, and their names; `column` is a column, or a line of a form.

    Which occurrence of the words they are is in a cell if the document has some of them several times.
    """
    quotations, names, occurrences, is_repeated = list[str](), list[str](), list[str](), False
    for statement in statements:
        about = statement.value.rpartition("/enonce/")[0]
        own = f"{about}/enonce/" if about == contract or about.startswith(f"{ID}document/") else ID
        names.append(statement.value.removeprefix(own))
        quotations.append(words := graph.value(statement, PREFIXES["oa"] + "exact"))
        text = texts.get(graph.value(statement, PREFIXES["prov"] + "wasQuotedFrom"))
        starts = [str(place.start) for place in text.quotable.find(words)] if text else []
        start = graph.value(statement, PREFIXES["oa"] + "start")
        occurrences.append(str(starts.index(start) + 1 if start in starts else 1))
        is_repeated |= len(starts) > 1
    base = column.removesuffix(":citation")
    return {
        column: " | ".join(quotations),
        f"{base}:occurrence": " | ".join(occurrences) if is_repeated else "",
        f"{base}:statement": " | ".join(names),
    }

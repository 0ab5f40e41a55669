"""Spreadsheets of SELECT and ASK answers, made of results JSON: names beside IRIs, numbers as numbers, limited size."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, QueryBoolean, QueryResultsFormat, QuerySolutions, parse_query_results

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import Format
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import XSD
from cper_lod.engine.base import Answer
from cper_lod.rdf.spreadsheets import MAX_CELL_LENGTH, Cell, Row, Term, cell, write
from cper_lod.release.graph import ReleaseGraph
from cper_lod.web.site import Site
from cper_lod.web.sparql.protocol import ParsedQuery

MAX_CELLS: Final = 250_000
"""Cells of the largest sheet of an answer, names included: four seconds of work at most, some 40 MiB."""
MAX_NAMES: Final = 5000
"""Things whose names are looked up for one sheet; the sheet says so if there are more."""
_Terms = Sequence[Term | str | None]


def convert(site: Site, parsed: ParsedQuery, answer: Answer, format: Format, lang: Language) -> Answer:
    """Return an answer in results JSON as a spreadsheet.

    Raises sheet-large, sheet-cell and sheet-rows: a spreadsheet is never incomplete.
    """
    table = list(_table(answer))
    named, note = _with_names(site, table, lang)
    parameters = urlencode([("query", parsed.text), *parsed.graph_parameters])
    about = {"sheet-address": f"{site.settings.public_url}/sparql?{parameters}", "sheet-query": parsed.text, **note}
    sheets = {
        translate("sheet-data", lang): _cells(named),
        translate("sheet-about", lang): information(site, lang, about),
    }
    return Answer(write(sheets), format, answer.form)


def _table(answer: Answer) -> Iterator[_Terms]:
    """Yield the names of the variables, then the solutions; raises sheet-large."""
    found = parse_query_results(answer.read(), format=QueryResultsFormat.JSON)
    if isinstance(found, QueryBoolean):
        yield ["ASK"]
        yield [Literal(bool(found))]
        return
    assert isinstance(found, QuerySolutions)  # noqa: S101  # results JSON holds the one or the other
    names = [each.value for each in found.variables]
    yield names
    most = MAX_CELLS // max(len(names), 1)
    for number, solution in enumerate(found, 2):
        if number > most:
            raise Problem("sheet-large", limit=MAX_CELLS)
        yield list(solution)


def _cells(table: Iterable[_Terms]) -> Iterator[Row]:
    for row in table:
        yield [None if each is None else Cell(each) if isinstance(each, str) else cell(each) for each in row]


def _with_names(site: Site, table: Sequence[_Terms], lang: Language) -> tuple[Iterator[_Terms], dict[str, str]]:
    """Return a table in which a column of names, in the reader's language, follows each column of things that have names.

    Also returns the note that names are missing, by its sentence key, if they are. Raises sheet-large if there are too
    many columns with names.
    """
    iris = dict.fromkeys(term.value for row in table for term in row if isinstance(term, NamedNode))
    graph = ReleaseGraph(site.release)
    names = {iri: graph.name(NamedNode(iri), lang) or "" for iri in islice(iris, MAX_NAMES)}

    def name(term: Term | str | None) -> str:
        return names.get(term.value, "") if isinstance(term, NamedNode) else ""

    def beside(term: Term | str | None) -> str:
        return translate("sheet-name", lang, name=term) if isinstance(term, str) else name(term)

    named = [any(map(name, column)) for column in zip(*table, strict=True)]
    if (len(named) + sum(named)) * len(table) > MAX_CELLS:
        raise Problem("sheet-large", limit=MAX_CELLS)
    rows = (
        [each for term, has_name in zip(row, named, strict=True) for each in (term, beside(term))[: 1 + has_name]]
        for row in table
    )
    is_complete = len(iris) <= MAX_NAMES
    return rows, {} if is_complete else {"sheet-names": translate("sheet-names-text", lang, count=MAX_NAMES)}


def information(site: Site, lang: Language, about: Mapping[str, str]) -> list[Row]:
    """Return the sheet that says where a table comes from; `about` are its first rows, by sentence key."""
    rights = site.rights
    known = {
        **about,
        "sheet-licence": rights.licence,
        "sheet-publisher": rights.publisher,
        "sheet-modified": rights.modified,
        "sheet-release": site.release.digest,
    }
    rows = [[Cell(translate("sheet-what", lang)), Cell(translate("sheet-value", lang))]]
    for key, value in known.items():
        if value:
            told = value if len(value) * 2 <= MAX_CELL_LENGTH else translate("sheet-too-long", lang)
            day = cell(Literal(told, datatype=NamedNode(XSD + "date")))
            rows.append([Cell(translate(key, lang)), day if key == "sheet-modified" else Cell(told)])
    return list(rows)

"""The rows of the table of a class: what its list says of each thing, in French and in English; and CSV.

The CSV (RFC 4180) holds the values as they are, even a leading `=` or minus sign, since programs read it.
`rdf.spreadsheets` writes the forms for spreadsheets.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, NamedTuple
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, OA, PROV, SKOS, WHOLE_NUMBERS, XSD
from cper_lod.rdf.graph import Term
from cper_lod.rdf.spreadsheets import cell
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.listed import FIGURE_COLUMNS, NAME, PURPOSE, ListColumn, label_of, values_of
from cper_lod.release.plan.observations import Observation, ObservationReader, Quote, in_no_sum
from cper_lod.release.release import Release

SEPARATOR: Final = " | "
"""The separator of several values in one cell."""
MORE: Final = "…"
"""Stands for the values that a cell leaves out."""
MAX_COLUMNS: Final = 16
"""Columns of a table: what a screen and a reader hold; the rest is in the triples."""
MAX_TARGETS: Final = 20
"""Values in one cell."""
ID: Final = "id"
"""The column with the IRI of a thing."""
_OF_FIGURES: Final = ("unite", "mesure", "min", "max", "nature", "statut", "motif", "perimetre")
_LAST: Final = ("source", ID)
_READ_TOGETHER: Final = 2000
"""Things that are read with one graph, which remembers what it read: many name the same bodies."""


ValueKind = OneOf["text", "integer", "number", "date", "boolean"]


class TableValue(NamedTuple):
    """The value of a cell: its text in each of `LANGUAGES`, and what kind of value this is.

    The one literal of a property has its datatype, if that is no language's and its text is as the type wants it. `names` are
    the IRIs of the things that the text names, or the code of a state, with spaces between them.
    """

    texts: tuple[str, ...]
    kind: ValueKind = "text"
    datatype: str = ""
    names: str = ""


def ordered_names(columns: Iterable[ListColumn]) -> list[str]:
    """Return the names of the columns of a table that has these columns of a list, in their order.

    First the number, the name and what it is for, then the figure, how it is to be read, and the words of the source.
    """
    names = [each.name for each in columns]
    codes = [each.name for each in columns if each.predicate == SKOS + "notation"]
    figures = [each for each in FIGURE_COLUMNS if each in names]
    first = [*codes, NAME, *({PURPOSE} & {*names}), *figures, *(_OF_FIGURES if figures else ()), "mots"]
    return list(dict.fromkeys([*first, *(each for each in names if each not in _LAST), *_LAST]))


_NOTHING: Final = TableValue(("",) * len(LANGUAGES))


def table_rows(release: Release, columns: Sequence[ListColumn], iris: Iterable[str]) -> Iterator[dict[str, TableValue]]:
    """Yield the row of each thing, by the names of the columns; what is empty is left out."""
    remaining = iter(iris)
    while batch := list(islice(remaining, _READ_TOGETHER)):
        graph = ReleaseGraph(release)
        readers = {lang: ObservationReader(graph, lang) for lang in LANGUAGES}
        for iri in batch:
            row = _row(graph, readers, NamedNode(iri), columns)
            yield {name: value for name, value in row.items() if any(value.texts)}


def _row(
    graph: ReleaseGraph,
    readers: Mapping[Language, ObservationReader],
    node: NamedNode,
    columns: Sequence[ListColumn],
) -> dict[str, TableValue]:
    row = {
        ID: TableValue((node.value, node.value)),
        NAME: TableValue(tuple(label_of(graph, node, lang) for lang in LANGUAGES)),
    }
    figures = dict[str, Term]()
    for column in columns:
        values = values_of(graph, node, column)
        if column.path:
            row[column.name] = _value(graph, values)
        elif values:
            figures[column.name] = values[0]
    quoted = _figure_cells(row, graph, readers, figures) or node
    quotes = [_first_quote(readers[lang], quoted) for lang in LANGUAGES]
    if quotes[0]:
        row["mots"] = TableValue((quotes[0].text, quotes[0].text))
    sources = [each.source.link for each in quotes if each and each.source and each.source.link.text]
    origins = [*graph.all(quoted, PROV + "wasQuotedFrom"), *graph.all(quoted, PROV + "wasDerivedFrom")]
    cited = TableValue(tuple(each.text for each in sources), names=sources[0].href) if sources else None
    row["source"] = cited or row.get("source") or _value(graph, origins)
    return row


def _first_quote(reader: ObservationReader, node: Term) -> Quote | None:
    """Return the words of a thing: those that it consists of, else those of the first statement about it that has some."""
    statements = reader.reader.statements(node) if not reader.reader.all(node, OA + "exact") else (node,)
    return next(filter(None, map(reader.quote, statements)), None)


def _figure_cells(
    row: dict[str, TableValue],
    graph: ReleaseGraph,
    readers: Mapping[Language, ObservationReader],
    figures: Mapping[str, Term],
) -> Term | None:
    """Add the figures of a thing to its row, and return the one that state, reason, scope and words are of: the first that is said.

    The reason says why a value is missing, on which assumption it is computed, or why it belongs to no sum.
    """
    main: tuple[Term, Observation, Observation] | None = None
    for name, node in figures.items():
        french, english = (readers[lang].unquoted(node) for lang in LANGUAGES)
        if french is None or english is None:
            continue
        row[name] = _number(french.value)
        if french.value:
            row["unite"] = TableValue(tuple(_unit(each) for each in (french, english)))
        if main is None or (french.said and not main[1].said):
            main = node, french, english
    if main is None:
        return None
    node, *both = main
    row["min"], row["max"] = _number(both[0].low), _number(both[0].high)
    for name in ("nature", "perimetre"):
        row[name] = _value(graph, graph.all(node, CPER + name))
    states = tuple(state(each, lang) for each, lang in zip(both, LANGUAGES, strict=True))
    row["statut"] = TableValue(states, names="calcule" if both[0].derived else "publie" if both[0].said else "manquant")
    row["motif"] = TableValue(tuple(each.reason or each.assumption for each in both))
    if isinstance(node, NamedNode) and node.value == row[ID].texts[0]:
        # What may be added up is of one measure: an amount of a funder is part of that of the contract.
        why = in_no_sum(graph, node)
        if why or both[0].measure:
            row["mesure"] = _said("no-sum") if why else _value(graph, [NamedNode(CPER + both[0].measure)])
        if why and not any(row["motif"].texts):
            row["motif"] = _said(f"no-sum-{why}")
    return node


def _said(key: str) -> TableValue:
    return TableValue(tuple(translate(key, lang) for lang in LANGUAGES))


def state(figure: Observation, lang: Language) -> str:
    """Return the word that says whether a figure is computed, published, or missing."""
    return translate("computed-short" if figure.derived else "published" if figure.said else "plan-missing", lang)


def _unit(figure: Observation) -> str:
    return {"percent": "%", "amount": figure.currency, "number": figure.unit}[figure.kind]


def _number(text: str) -> TableValue:
    return TableValue((text, text), "number" if formatting.exact(text) is not None else "text")


def _value(graph: ReleaseGraph, terms: Sequence[Term]) -> TableValue:
    """Return the value of a cell: literals in the language, or of their type if there is one; the names of things."""
    if not terms:
        return _NOTHING
    literals = [each for each in terms if isinstance(each, Literal)]
    if len(literals) == 1 == len(terms) and not literals[0].language:
        return _typed(literals[0])
    names = " ".join(each.value for each in terms[:MAX_TARGETS] if isinstance(each, NamedNode))
    return TableValue(tuple(_joined(graph, terms, literals, lang) for lang in LANGUAGES), names=names)


def _joined(graph: ReleaseGraph, terms: Sequence[Term], literals: Sequence[Literal], lang: Language) -> str:
    languages = {each.language for each in literals}
    known = next((each for each in (lang, "fr", None) if each in languages), next(iter(languages), None))
    texts = dict[str, None]()
    for term in terms:
        if isinstance(term, Literal):
            if term.language == known:
                texts[cell(term).text] = None
        elif isinstance(term, NamedNode) or graph.name(term, lang):
            texts[graph.name(term, lang) or graph.value(term, OA + "exact") or graph.label(term, lang)] = None
    return SEPARATOR.join([*islice(texts, MAX_TARGETS), *([MORE] if len(texts) > MAX_TARGETS else [])])


def _typed(literal: Literal) -> TableValue:
    """Return a literal with its kind, if it is written as its type wants it: a number, a date, a boolean."""
    text, datatype = cell(literal).text, literal.datatype.value
    kind: ValueKind = "text"
    if datatype == XSD + "boolean" and text in ("true", "false"):
        kind = "boolean"
    elif datatype == XSD + "date" and cell(literal).kind == "date":
        kind = "date"
    elif cell(literal).kind == "number":
        kind = "integer" if datatype in WHOLE_NUMBERS and text.removeprefix("-").isdecimal() else "number"
    stated = text == literal.value and (kind != "text" or datatype == XSD + "string")
    return TableValue((text, text), kind, datatype if stated else "")


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """Yield the rows as lines of CSV (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow(row)
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()

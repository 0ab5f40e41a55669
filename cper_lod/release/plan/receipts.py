"""Where a figure comes from: its words with the passage marked, how it is rounded or computed, step by step."""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import repeat
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, PROV
from cper_lod.core.text import lowered
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.finding import ContractFinding
from cper_lod.release.plan.observations import HUNDRED, Observation, ObservationReader, Quote, Reading, written

MAX_INPUTS: Final = 60
"""Inputs of a calculation that are read."""
_MAX_TERMS: Final = 12
"""Terms of a sum that are written out."""
_NO_FRAGMENT: Final = re.compile(r"[^\w.-]+")
_TWICE: Final = Decimal(20)
"""A « près de » is read as right within a twentieth, as the rules of computation do (ontology/rules)."""


class Receipt(NamedTuple):
    """Where one or more figures of the same words come from.

    `name` is its fragment. `words` are pairs of a text and whether it is the passage that has the value; `notes` say how each
    value is to be read or why there is none, `readings` what was read of it, `steps` how it was computed. `others` are further
    quotations.
    """

    name: str
    figures: tuple[Observation, ...]
    words: tuple[tuple[str, bool], ...] = ()
    quote: Quote | None = None
    others: tuple[Quote, ...] = ()
    notes: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def main(self) -> Observation:
        """The figure whose scope, assumption and identifier are shown."""
        return self.figures[0]


class Take(NamedTuple):
    """A way to take a picture or a table along: what it is called, of what it is, its address and its media type."""

    label: str
    of: str
    address: str
    type: str = ""


@dataclass(frozen=True)
class ReceiptBook:
    """The receipts of the figures of a contract by the address of the figure, that of the amount of a year by "".

    `takes` is what a picture of them is taken with.
    """

    contract: ContractSummary
    receipts: Mapping[str, Receipt]
    takes: tuple[Take, ...] = ()

    def of(self, figures: Iterable[Observation | None], told: Container[str] = ()) -> list[Receipt]:
        """Return the receipts of some figures, each once, without those of the names that a page has told: each has one place there."""
        found = [self.receipts[each.href] for each in figures if each and each.href in self.receipts]
        return list({each.name: each for each in found if each.name not in told}.values())

    def fragment(self, figure: Observation) -> str:
        """Return the fragment of the receipt of a figure, "" if it has none."""
        found = self.receipts.get(figure.href)
        return found.name if found else ""

    def taken(self, takes: Iterable[Take], *types: str) -> "ReceiptBook":
        """Return the same receipts with what a picture of their figures is taken with: all, or what has one of some media types."""
        return replace(self, takes=tuple(each for each in takes if not types or each.type in types))


def contract_receipts(observations: ObservationReader, summary: ContractSummary, found: ContractFinding) -> ReceiptBook:
    """Return the receipts of all figures of a contract."""
    by_figure = dict[str, Receipt]()
    for each in summary.lines:
        by_figure |= line_receipts(observations, each)
    for figure in summary.figures:
        if figure.href not in by_figure:
            by_figure[figure.href] = receipt(observations, (figure,))
    if found.a_year and summary.sum:
        said = written(found.a_year, observations.lang)
        step = f"{written(summary.sum, observations.lang)} ÷ {found.years} = {said}"
        by_figure[""] = Receipt("recu-par-an", (found.a_year,), steps=(step,))
    return ReceiptBook(summary, by_figure)


def line_receipts(observations: ObservationReader, line: SummaryLine) -> dict[str, Receipt]:
    """Return the receipts of a subdivision or a funder by figure: one for what the same words give, one for what is computed."""
    published = [each for each in (line.share, line.amount, line.part) if each]
    by_words = defaultdict[object, list[Observation]](list)
    for each in published:
        by_words[tuple((quote.text, quote.source) for quote in each.quotes) or each.source].append(each)
    groups = [*by_words.values(), *([[line.derived]] if line.derived else [])]
    made = [receipt(observations, tuple(group)) for group in groups]
    return {figure.href: each for each in made for figure in each.figures}


def receipt(observations: ObservationReader, figures: tuple[Observation, ...]) -> Receipt:
    """Return the receipt of one or more figures of the same words."""
    main = figures[0]
    quote = next(iter(main.quotes), None)
    notes = [
        text for each in figures for text in (rounding(observations, each), each.note if each.said else each.reason)
    ]
    return Receipt(
        name="recu-" + _NO_FRAGMENT.sub("-", "-".join(main.iri.rsplit("/", 2)[1:])),
        figures=figures,
        words=tuple(_marked(quote.text, [each.published for each in figures])) if quote else (),
        quote=quote,
        others=main.quotes[1:],
        notes=tuple(dict.fromkeys(filter(None, notes))),
        readings=tuple(dict.fromkeys(reading for each in figures for reading in each.readings)),
        steps=tuple(calculation_steps(observations, main, inputs(observations, main))) if main.derived else (),
    )


def _marked(text: str, passages: Iterable[str]) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether it is one of the passages; the whole is one where none is in it."""
    known = sorted({each for each in passages if each and each in text}, key=len, reverse=True)
    if not known:
        return [(text, True)]
    pattern = re.compile("(" + "|".join(map(re.escape, known)) + ")")
    return [(piece, piece in known) for piece in pattern.split(text) if piece]


def inputs(observations: ObservationReader, figure: Observation) -> list[Observation]:
    """Return the figures that a derived one is computed from."""
    nodes = observations.reader.all(NamedNode(figure.iri), PROV + "wasDerivedFrom")[:MAX_INPUTS] if figure.iri else ()
    return [each for node in nodes if (each := observations.figure(node))]


def precision(observations: ObservationReader, figure: Observation) -> str:
    """Return how precise a rounded value is, with its unit; "" for any other."""
    step, lang = _step(observations, figure), observations.lang
    if not step or figure.nature != "arrondi":
        return ""
    if figure.kind == "percent":
        many = step >= 2 or (lang == "en" and step != 1)  # « 1,9 point » in French, “1.9 points” in English
        return translate("points" if many else "point", lang, count=formatting.number(format(step, "f"), lang))
    return _said(figure, step, lang)


def _step(observations: ObservationReader, figure: Observation) -> Decimal | None:
    value = observations.reader.value(NamedNode(figure.iri), CPER + "pas") if figure.iri else ""
    return formatting.exact(value)


def rounding(observations: ObservationReader, figure: Observation) -> str:
    """Return how a published value is to be read: the bounds of its rounding, or what « plus de » means."""
    lang = observations.lang
    if figure.derived or not figure.value:
        return ""
    if figure.nature in ("plus-de", "moins-de", "pres-de"):
        return translate(f"receipt-{figure.nature}", lang)
    low, high = _bounds(observations, figure)
    if low is None or high is None or low == high:
        return translate("receipt-exact", lang) if figure.nature == "exact" else ""
    said, about = written(figure, lang), precision(observations, figure)
    return translate(
        "receipt-rounded",
        lang,
        value=said,
        precision=about,
        low=_said(figure, low, lang),
        high=f"{_said(figure, high, lang)}\u00a0{lowered(figure.unit)}".rstrip("\u00a0"),
    )


def _bounds(observations: ObservationReader, figure: Observation) -> tuple[Decimal | None, Decimal | None]:
    """Return between which values a figure lies, as the rules of computation read it; None for no bound."""
    if figure.derived:
        return formatting.exact(figure.low), formatting.exact(figure.high)
    value = formatting.exact(figure.value)
    if value is None:
        return None, None
    half = (_step(observations, figure) or Decimal(0)) / 2 if figure.nature == "arrondi" else Decimal(0)
    half = value / _TWICE if figure.nature == "pres-de" else half
    low, high = value - half, value + half
    return None if figure.nature == "moins-de" else low, None if figure.nature == "plus-de" else high


def _said(figure: Observation, value: Decimal, lang: Language) -> str:
    """Return a bound in the unit of a figure, with all its digits."""
    plain = format(value.normalize(), "f")
    if figure.kind == "percent":
        return formatting.percent(plain, lang)
    return (
        formatting.short_amount(plain, figure.currency, lang)
        if figure.kind == "amount"
        else formatting.number(plain, lang)
    )


def calculation_steps(observations: ObservationReader, figure: Observation, terms: Sequence[Observation]) -> list[str]:
    """Return how a derived value and its bounds follow from their inputs, one step a line; only steps that give its very values.

    A sum of amounts, or a share of an amount; nothing if it does not give the value exactly.
    """
    lang = observations.lang
    terms = sorted(terms, key=lambda each: each.kind != "percent")
    shares = [each for each in terms if each.kind == "percent"]
    currencies = {each.currency for each in (figure, *terms) if each.kind == "amount"}
    # One term is no calculation.
    if len(terms) < 2 or len(currencies) > 1 or (shares and (len(shares), len(terms)) != (1, 2)):
        return []

    def equation(
        numbers: Sequence[Decimal | None],
        result: str,
        write: Callable[[str, str, Language], str] = formatting.short_amount,
    ) -> str:
        known, wanted = [each for each in numbers if each is not None], formatting.exact(result)
        computed = known[0] * known[-1] / HUNDRED if shares and known else sum(known, Decimal(0))
        if wanted is None or len(known) < len(numbers) or computed != wanted:
            return ""
        said = (" × " if shares else " + ").join(map(_said, terms, known, repeat(lang)))
        return f"{said if len(terms) <= _MAX_TERMS else '…'} = {write(result, figure.currency, lang)}"

    first = equation([formatting.exact(each.value) for each in terms], figure.value, formatting.amount)
    if not first:
        return []
    first += f" ({figure.includes})" if figure.includes else ""
    found = [*(said for each in shares if (said := rounding(observations, each))), first]
    lows, highs = zip(*(_bounds(observations, each) for each in terms), strict=True)
    for key, numbers, bound in (("receipt-low", lows, figure.low), ("receipt-high", highs, figure.high)):
        if said := equation(numbers, bound):
            found.append(translate(key, lang, steps=said))
    return found

"""Published and derived figures with quotations from their source, as a page shows them."""

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, PREFIXES, PROV
from cper_lod.rdf.graph import Term
from cper_lod.release.graph import ReleaseGraph

AMOUNT: Final = PREFIXES["obeu-measure"] + "amount"
DERIVED_AMOUNT: Final = CPER + "montantDerive"
SUBSIDY_AMOUNT: Final = CPER + "montantAvantRepartition"
CURRENCY: Final = PREFIXES["obeu-attribute"] + "currency"
_PERCENT: Final = frozenset({CPER + "pourcentage", CPER + "partDuBeneficiaire"})
_UNITLESS: Final = frozenset({CPER + "ligne"})
"""Numbers that are not amounts of money."""
HUNDRED: Final = Decimal(100)
"""The largest value of a share."""
_ZERO: Final = Decimal(0)
MAX_QUOTED: Final = 20
"""Statements about a thing that are quoted."""
_DAYS: Final = (DCT + "issued", DCT + "date", DCT + "modified")


def unit(predicate: str, currency: str) -> str:
    """Return the unit of the numbers of a property: `%`, none, or `currency`."""
    return "%" if predicate in _PERCENT else "" if predicate in _UNITLESS else currency


class Hyperlink(NamedTuple):
    """A label with the address of its page, empty if it has none."""

    text: str
    href: str = ""


class Source(NamedTuple):
    """A document that statements were taken from, and its date, empty if it has none."""

    link: Hyperlink
    day: str


class Quote(NamedTuple):
    """A quotation from a document: its text and language, and the page of the statement."""

    text: str
    lang: str
    href: str
    source: Source | None


class Observation(NamedTuple):
    """A share or an amount; `value` is exact, and empty if the source gives none, which `reason` explains.

    `kind` is `percent` or `amount`; `least` says that the value is a lower bound; `whole` is what a share is a share of.
    A `derived` value is not in the source: it has an assumption, bounds (`low`, `high`), and a calculation.
    """

    kind: str = "amount"
    value: str = ""
    currency: str = "EUR"
    least: bool = False
    low: str = ""
    high: str = ""
    published: str = ""
    quotes: tuple[Quote, ...] = ()
    reason: str = ""
    derived: bool = False
    assumption: str = ""
    calculation: Hyperlink | None = None
    scope: Hyperlink | None = None
    whole: Hyperlink | None = None
    title: str = ""
    href: str = ""

    @property
    def bar(self) -> str:
        """The length of the bar of a share in percent, empty for an amount."""
        share = formatting.exact(self.value) if self.kind == "percent" else None
        return f"{min(max(share, _ZERO), HUNDRED):.2f}" if share is not None else ""


def written(figure: Observation, lang: Language) -> str:
    """Return a value with the digits that the source or the bounds support."""
    if figure.kind == "percent":
        return formatting.percent(figure.value, lang)
    if figure.derived:
        return formatting.computed_amount(figure.value, figure.low, figure.high, figure.currency, lang)
    short = formatting.short_amount(figure.value, figure.currency, lang)
    return translate("more-than", lang, amount=short) if figure.least else short


def rounded_bounds(figure: Observation, lang: Language) -> dict[str, str]:
    """Return the bounds of a computed amount, `low` and `high`, rounded outwards to a tenth of their distance, if it has any."""
    low, high = formatting.exact(figure.low), formatting.exact(figure.high)
    if low is None or high is None or low >= high:
        return {}
    unit = Decimal(1).scaleb((high - low).adjusted() - 1)
    bounds = {"low": low.quantize(unit, ROUND_FLOOR), "high": high.quantize(unit, ROUND_CEILING)}
    return {name: formatting.short_amount(format(bound, "f"), figure.currency, lang) for name, bound in bounds.items()}


class ObservationReader:
    """Reads figures and quotations from a release in one language; each source is read once.

    `link_to` returns the address of the page about an IRI; by default that is the IRI itself.
    """

    def __init__(self, reader: ReleaseGraph, lang: Language, link_to: Callable[[str], str] = str) -> None:
        self.reader = reader
        self.lang = lang
        self._link_to = link_to
        self._sources: dict[Term, Source] = {}
        self._addresses: dict[Term, str] = {}

    def address(self, node: Term | None) -> str:
        """Return the address of the page about `node`, empty if it has none."""
        if not isinstance(node, NamedNode):
            return ""
        if node not in self._addresses:  # a page leads to the same things again and again
            self._addresses[node] = self._link_to(node.value)
        return self._addresses[node]

    def link(self, node: Term | None) -> Hyperlink | None:
        """Return the label and the page of a node, None for None."""
        return Hyperlink(self.reader.label(node, self.lang), self.address(node)) if node is not None else None

    def source(self, node: Term) -> Source:
        """Return a document and its date."""
        if node not in self._sources:
            day = next((day for name in _DAYS if (day := self.reader.value(node, name))), "")
            self._sources[node] = Source(Hyperlink(self.reader.label(node, self.lang), self.address(node)), day)
        return self._sources[node]

    def quote(self, statement: Term) -> Quote | None:
        """Return the quotation of a statement, None if it has none."""
        words = self.reader.one(statement, CPER + "citation")
        if words is None:
            return None
        origin = self.reader.one(statement, PROV + "wasDerivedFrom")
        lang = (words.language if isinstance(words, Literal) else None) or ""
        source = self.source(origin) if origin else None
        return Quote(words.value, lang, self.address(statement), source)

    def quotes(self, node: Term) -> tuple[Quote, ...]:
        """Return the quotations of the first statements about `node`, each once."""
        found = (self.quote(each) for each in self.reader.all(node, CPER + "enonce")[:MAX_QUOTED])
        return tuple({each.text: each for each in found if each}.values())

    def figure(self, node: Term | None) -> Observation | None:
        """Return the figure `node`, None if it is not one."""
        if node is None or isinstance(node, Literal):
            return None
        share, amount, granted, least, computed = (
            self.reader.value(node, name)
            for name in (CPER + "pourcentage", AMOUNT, SUBSIDY_AMOUNT, CPER + "minimum", DERIVED_AMOUNT)
        )
        amount = amount or granted
        reason = self.reader.text(node, CPER + "motif", self.lang)[0]
        value = share or amount or least or computed
        if not value and not reason:
            return None
        return Observation(
            kind="percent" if share or not (amount or least or computed) else "amount",
            value=value,
            currency=self.currency(node),
            least=bool(least and not amount and not share),
            low=self.reader.value(node, CPER + "borneInferieure"),
            high=self.reader.value(node, CPER + "borneSuperieure"),
            published=self.reader.text(node, CPER + "valeurPubliee", self.lang)[0],
            quotes=self.quotes(node),
            reason=reason,
            derived=CPER + "ValeurDerivee" in self.reader.types(node),
            assumption=self.reader.text(node, CPER + "hypothese", self.lang)[0],
            calculation=self.link(self.reader.one(node, PROV + "wasGeneratedBy")),
            scope=self.link(self.reader.one(node, CPER + "perimetre")),
            whole=self.link(self.reader.one(node, CPER + "partDe")),
            title=self.reader.label(node, self.lang),
            href=self.address(node),
        )

    def currency(self, node: Term) -> str:
        """Return the code of the currency of a figure, EUR by default."""
        return self.reader.value(node, CURRENCY).rpartition("/")[2] or "EUR"

"""Published and derived figures with quotations from their source, as a page shows them, and why one enters no sum."""

from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Final, NamedTuple
from typing import Literal as OneOf

from pyoxigraph import Literal, NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, OA, PREFIXES, PROV, SKOS, SUBV, expand
from cper_lod.core.quoted_text import Place
from cper_lod.core.text import folded, lowered
from cper_lod.core.units import CURRENCY, PERCENT, UNIT
from cper_lod.rdf.graph import Term, stated_place
from cper_lod.release.graph import QUOTED_LANGUAGE, ReleaseGraph
from cper_lod.release.plan.marked_text import fragment

VALUE: Final = CPER + "valeur"
SUBSIDY_AMOUNT: Final = SUBV + "montantAttribue"
FIGURES: Final = expand("cper:Montant cper:Part cper:Chiffre cper:ValeurDerivee")
"""The classes of figures."""
MEASURES: Final = (
    *("montantTotal", "montantParFinanceur", "montantParSubdivision", "montantCroise"),
    *("partParFinanceur", "partParSubdivision"),
)
"""The numbers that may be added up, named after what they are of; a figure has one at most."""
_EXCLUDING: Final = {
    CPER + "partieDe": "dont",
    CPER + "divergeDe": "diverge",
    CPER + "avenant": "avenant",
    DCT + "temporal": "annees",
}
"""Why a figure with a property is in no sum."""
HUNDRED: Final = Decimal(100)
"""The largest value of a share."""
_ZERO: Final = Decimal(0)
_MAX_COMPUTED_FROM: Final = 200
"""Figures below a computed value whose natures are read."""
MAX_QUOTED: Final = 20
"""Statements about a thing that are quoted."""
_DAYS: Final = (DCT + "issued", DCT + "date", DCT + "modified")
_CHECKSUM: Final = PREFIXES["spdx"] + "checksum"
_DOCUMENT: Final = CPER + "Document"
_HEDGES: Final = frozenset({"plus-de", "moins-de", "pres-de"})
"""Natures of a value whose words stand before the number."""
_OTHER_HEDGES: Final = {
    **dict.fromkeys(("environ", "quelque", "de l"), "computed-about"),  # « de l'ordre de »
    **dict.fromkeys(("au moins", "pas moins"), "at-least"),
    **dict.fromkeys(("au plus", "au maximum", "jusqu"), "at-most"),
}
"""How printed words begin that are not the usual ones of a nature (« près de », « plus de », « moins de »), and their sentences."""


class Hyperlink(NamedTuple):
    """A label with the address of its page, empty if it has none."""

    text: str
    href: str = ""


class Source(NamedTuple):
    """A document that statements were taken from, its date, empty if it has none, and whether there is a copy of its text.

    `kind` is what kind of document it is, `publisher` who published it; `checked` is the day on which its quotations were
    found in the copy, empty without one.
    """

    link: Hyperlink
    day: str
    copied: bool = True
    kind: str = ""
    publisher: Hyperlink | None = None
    checked: str = ""


class Quote(NamedTuple):
    """A quotation from a document: its text and language, the page of the statement, and its fragment in that of the document."""

    text: str
    lang: str
    href: str
    source: Source | None
    fragment: str = ""


class Reading(NamedTuple):
    """What was read of a document without its words saying it: the properties, why, by whom, on which day; its page.

    Of a document, without a reason: what it was read in full for.
    """

    of: str
    reason: str
    reader: str
    day: str
    href: str


FigureKind = OneOf["amount", "percent", "number"]


def figure_kind(graph: ReleaseGraph, node: Term) -> FigureKind:
    """Return what a figure is, by its unit, or else by its class: an amount, a share, or another number."""
    unit, types = graph.value(node, UNIT), graph.types(node)
    if unit == PERCENT or (not unit and CPER + "Part" in types):
        return "percent"
    other = CPER + "Chiffre" in types and CPER + "Montant" not in types  # an amount is a figure too
    return "amount" if (unit.startswith(CURRENCY) if unit else not other) else "number"


class Observation(NamedTuple):
    """A share, an amount or another number; `value` is exact, and empty if the source gives none, which `reason` explains.

    `published` is the text of the source, `nature` says how the value is to be read (`arrondi`, `plus-de`…), `unit` names
    that of a number which is neither money nor a share, `whole` is what a share is a share of. `years` are those of the figure
    where they are not the contract's; `measure` names the sum that it may enter, if there is one. A `derived` value is not in the source: it has an assumption, bounds (`low`,
    `high`), and a calculation; `includes` says that there are bounds among the figures that it is computed from.
    """

    kind: FigureKind = "amount"
    value: str = ""
    currency: str = "EUR"
    nature: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    published: str = ""
    quotes: tuple[Quote, ...] = ()
    readings: tuple[Reading, ...] = ()
    source: Source | None = None
    reason: str = ""
    derived: bool = False
    assumption: str = ""
    calculation: Hyperlink | None = None
    includes: str = ""
    scope: Hyperlink | None = None
    whole: Hyperlink | None = None
    years: str = ""
    funder: Hyperlink | None = None
    subdivision: Hyperlink | None = None
    amendment: Hyperlink | None = None
    part_of: Hyperlink | None = None
    note: str = ""
    measure: str = ""
    title: str = ""
    href: str = ""
    iri: str = ""

    @property
    def said(self) -> bool:
        """Whether there is a value, or words in its place such as « à parts égales »."""
        return bool(self.value or self.published)

    @property
    def about(self) -> list[Hyperlink]:
        """What the figure is of, beside its contract."""
        return [each for each in (self.funder, self.subdivision, self.amendment, self.part_of) if each]

    @property
    def bar(self) -> str:
        """The length of the bar of a share in percent, empty for an amount."""
        share = formatting.exact(self.value) if self.kind == "percent" else None
        return f"{min(max(share, _ZERO), HUNDRED):.2f}" if share is not None else ""


def written(figure: Observation, lang: Language) -> str:
    """Return a value with the digits that the source or the bounds support, and with the word that it has there: « plus de ».

    A number that is neither money nor a share is written as it is printed: « 5 défis ».
    """
    if figure.nature == "parts-egales" and not figure.value:
        words = translate("quoted", lang, words=figure.published)
        return formatting.typeset(f"{translate('nature-parts-egales', lang)} {words}", lang)
    if not figure.value or (figure.kind == "number" and figure.published):
        return figure.published
    if figure.derived:
        if not (figure.low and figure.high):
            key = "at-least" if figure.low else "at-most" if figure.high else "computed-about"
            bound = figure.low or figure.high or figure.value
            said = translate(key, lang, count=formatting.short_amount(bound, figure.currency, lang))
            return f"{said} ({figure.includes})" if figure.includes else said
        return formatting.computed_amount(figure.value, figure.low, figure.high, figure.currency, lang)
    if figure.kind == "percent":
        number = formatting.percent(figure.value, lang)
    elif figure.kind == "amount":
        number = formatting.short_amount(figure.value, figure.currency, lang)
    else:
        number = f"{formatting.number(figure.value, lang)}\u00a0{lowered(figure.unit)}".rstrip("\u00a0")
    return hedged(figure, number, lang)


def hedged(figure: Observation, number: str, lang: Language) -> str:
    """Return a number with the word that the source puts before it, or else the usual one of its nature."""
    if figure.nature not in _HEDGES:
        return number
    printed = folded(figure.published)
    key = next((key for words, key in _OTHER_HEDGES.items() if printed.startswith(words)), "")
    return translate(key, lang, count=number) if key else translate(f"nature-{figure.nature}", lang, amount=number)


class ObservationReader:
    """Reads figures and quotations from a release in one language; each is read once.

    `link_to` returns the address of the page about an IRI; by default that is the IRI itself.
    """

    def __init__(self, reader: ReleaseGraph, lang: Language, link_to: Callable[[str], str] = str) -> None:
        self.reader = reader
        self.lang = lang
        self._link_to = link_to
        self._sources: dict[Term, Source] = {}
        self._addresses: dict[Term, str] = {}
        self._figures: dict[Term, Observation | None] = {}
        self._readings: dict[Term, Reading] = {}

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
            copied = self.reader.one(node, _CHECKSUM) is not None or _DOCUMENT not in self.reader.types(node)
            self._sources[node] = Source(
                Hyperlink(self.reader.label(node, self.lang), self.address(node)),
                day,
                copied,
                self.reader.label(self.reader.one(node, DCT + "type"), self.lang),
                self.link(self.reader.one(node, DCT + "publisher")),
                self.reader.checked_on(node.value),
            )
        return self._sources[node]

    def quote(self, statement: Term) -> Quote | None:
        """Return the quotation of a statement, None if it has none."""
        words = self.reader.one(statement, OA + "exact")
        if words is None:
            return None
        origin = self.reader.one(statement, PROV + "wasQuotedFrom")
        source = self.source(origin) if origin else None
        place = self.place(statement) if source and source.copied else None
        return Quote(words.value, QUOTED_LANGUAGE, self.address(statement), source, fragment(place) if place else "")

    def place(self, statement: Term) -> Place | None:
        """Return where the words of a statement stand in the text of its document, None if that is unknown."""
        values = stated_place(self.reader, statement)
        numbers = [int(each) for each in values if each.isascii() and each.isdigit() and len(each) < 10]
        return Place(*numbers) if len(numbers) == 2 and numbers[0] < numbers[1] else None

    def quotes(self, node: Term) -> tuple[Quote, ...]:
        """Return the quotations of the first statements about `node`, each once."""
        found = map(self.quote, self.reader.statements(node)[:MAX_QUOTED])
        return tuple({each.text: each for each in found if each}.values())

    def readings(self, node: Term) -> tuple[Reading, ...]:
        """Return the first readings of `node`, in the order of their names."""
        return tuple(
            self._reading(each) for each in sorted(self.reader.all(node, CPER + "lecture"), key=str)[:MAX_QUOTED]
        )

    def _reading(self, node: Term) -> Reading:
        if node not in self._readings:  # many figures have the same
            reader = self.reader
            terms = [each for name in ("atteste", "luEnEntierPour") for each in reader.all(node, CPER + name)]
            self._readings[node] = Reading(
                of=", ".join(sorted(lowered(reader.label(each, self.lang)) for each in terms)),
                reason=reader.text(node, DCT + "description", self.lang)[0],
                reader=reader.label(reader.one(node, DCT + "creator"), self.lang),
                day=reader.value(node, DCT + "date"),
                href=self.address(node),
            )
        return self._readings[node]

    def figure(self, node: Term | None) -> Observation | None:
        """Return the figure `node`, None if it is not one."""
        if node is None or isinstance(node, Literal):
            return None
        if node not in self._figures:
            self._figures[node] = self.unquoted(node, self.quotes(node))
        return self._figures[node]

    def unquoted(self, node: Term, quotes: tuple[Quote, ...] = ()) -> Observation | None:
        """Return the figure `node` with these quotations instead of its own, None if it is not one."""
        read, types = self.reader, self.reader.types(node)
        value = read.value(node, VALUE) or read.value(node, SUBSIDY_AMOUNT)
        reason, published = (read.text(node, CPER + name, self.lang)[0] for name in ("motif", "valeurPubliee"))
        if not (value or reason or published) or not (value or any(each in FIGURES for each in types)):
            return None
        unit, derived, kind = read.one(node, UNIT), CPER + "ValeurDerivee" in types, figure_kind(read, node)
        source = next((each.source for each in quotes if each.source), None)
        if source is None and not derived and (origin := read.one(node, PROV + "wasDerivedFrom")) is not None:
            source = self.source(origin)
        return Observation(
            kind=kind,
            value=value,
            currency=unit.value.removeprefix(CURRENCY) if unit is not None and kind == "amount" else "EUR",
            nature=_nature(read, node),
            unit=read.label(unit, self.lang) if kind == "number" else "",
            low=read.value(node, CPER + "borneInferieure"),
            high=read.value(node, CPER + "borneSuperieure"),
            published=published,
            quotes=quotes,
            readings=() if derived else self.readings(node),
            source=source,
            reason=reason,
            derived=derived,
            assumption=read.text(node, CPER + "hypothese", self.lang)[0] if derived else "",
            calculation=self.link(read.one(node, PROV + "wasGeneratedBy")) if derived else None,
            includes=included(self._natures_below(node), self.lang) if derived else "",
            scope=self.link(read.one(node, CPER + "perimetre")),
            whole=self.link(read.one(node, CPER + "partDe")),
            years=read.label(read.one(node, DCT + "temporal"), self.lang),
            funder=self.link(read.one(node, CPER + "financeur")),
            subdivision=self.link(read.one(node, CPER + "subdivision")),
            amendment=self.link(read.one(node, CPER + "avenant")),
            part_of=self.link(read.one(node, CPER + "partieDe")),
            note=read.text(node, SKOS + "note", self.lang)[0],
            measure=next((each for each in MEASURES if read.one(node, CPER + each) is not None), ""),
            title=read.label(node, self.lang),
            href=self.address(node),
            iri=node.value,
        )

    def _natures_below(self, node: Term) -> set[str]:
        """Return the natures of the published figures that a value is computed from, directly or not."""
        found, seen, todo = set[str](), set[Term](), [node]
        while todo and len(seen) < _MAX_COMPUTED_FROM:
            if (each := todo.pop()) in seen:
                continue
            seen.add(each)
            found.add(_nature(self.reader, each))
            todo += self.reader.all(each, PROV + "wasDerivedFrom")
        return found


def _nature(graph: ReleaseGraph, node: Term) -> str:
    return graph.value(node, CPER + "nature").rpartition("/")[2]


def included(natures: Collection[str], lang: Language) -> str:
    """Return that there are bounds among figures of these natures, as the name of their sum says it: « plus de » compris; else ""."""
    bounds = [translate(f"natures-{each}", lang) for each in ("plus-de", "moins-de") if each in natures]
    return translate("sum-includes", lang, words=", ".join(bounds)) if bounds else ""


def in_no_sum(graph: ReleaseGraph, node: NamedNode) -> str:
    """Return why a figure belongs to no sum: a reason that it states, else `regle`, the rule “Measures”.

    "" if it belongs to a sum, or is not a figure of a contract.
    """
    types = graph.types(node)
    if not {*FIGURES} & {*types} or any(graph.all(node, CPER + each) for each in MEASURES):
        return ""
    if CPER + "ValeurDerivee" not in types and not graph.all(node, CPER + "valeurPubliee"):
        return "manquant"
    if next(each for each in FIGURES if each in types) == CPER + "Chiffre":
        return "autre-chiffre"
    if not graph.all(node, VALUE):
        return "parts-egales"
    if excluding := next((why for name, why in _EXCLUDING.items() if graph.all(node, name)), ""):
        return excluding
    if graph.referring(node, PROV + "wasRevisionOf", FIGURES):
        return "remplace"
    schemes = [each for one in graph.all(node, CPER + "subdivision") for each in graph.all(one, SKOS + "inScheme")]
    if any(graph.value(each, CPER + "exclusif") != "true" for each in schemes):
        return "decoupage"
    return "perimetre" if graph.all(node, CPER + "perimetre") else "regle"

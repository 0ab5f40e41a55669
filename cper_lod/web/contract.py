"""A contract at a glance: axes and shares, funders and amounts, signatories."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from pyoxigraph import NamedNode, Quad

from cper_lod.release.graph import Graph, Term
from cper_lod.terms.namespaces import CPER, DCT, ORG, PREFIXES, PROV, SKOS
from cper_lod.terms.problems import Language
from cper_lod.web import addresses, wording

AMOUNT = PREFIXES["obeu-measure"] + "amount"
CURRENCY = PREFIXES["obeu-attribute"] + "currency"
ZERO, HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True)
class Figure:
    """A share or an amount: its exact value (empty where missing), its bar in percent, and the words of the source."""

    value: str
    bar: str
    published: str
    words: str
    reason: str
    href: str


@dataclass(frozen=True)
class Line:
    """An axis or a funder with its figure."""

    number: str
    title: str
    href: str
    figure: Figure
    share: Figure | None = None


@dataclass(frozen=True)
class Group:
    """A priority with its axes."""

    number: str
    title: str
    href: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Glance:
    """What a contract's summary shows."""

    iri: str
    title: str
    href: str
    date: str
    place: str
    envelope: str
    envelope_words: str
    groups: tuple[Group, ...]
    funders: tuple[Line, ...]
    total: Figure | None
    currency: str
    signatories: tuple[tuple[str, str, str], ...] = field(default=())
    as_of: str = ""


def _number(graph: Graph, node: Term) -> tuple[int, str]:
    notation = graph.value(node, SKOS + "notation")
    return (int(notation) if notation.isascii() and notation.isdigit() and len(notation) < 10 else 0, notation)


def _page(node: Term | None) -> str:
    """Return the address of the page about `node`, empty where it has none."""
    return addresses.page(node.value) if isinstance(node, NamedNode) else ""


def folded(text: str) -> str:
    """Return `text` without accents and case, for sorting: « État » before « Région »."""
    return "".join(char for char in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(char))


class _Reader:
    """Reads a glance out of the document of a contract, in one language."""

    def __init__(self, graph: Graph, lang: Language) -> None:
        self.graph = graph
        self.lang = lang

    def words(self, node: Term) -> str:
        """Return the words of the source for a figure."""
        statement = self.graph.one(node, CPER + "enonce")
        return self.graph.value(statement, CPER + "citation") if statement else ""

    def figure(self, node: Term | None, measure: str, largest: Decimal) -> Figure:
        """Return a figure; its bar is drawn against `largest`."""
        if node is None:
            return Figure("", "", "", "", "", "")
        value = self.graph.value(node, measure)
        number = wording.exact(value)
        bar = f"{min(max(number * 100 / largest, ZERO), HUNDRED):.2f}" if number is not None and largest else ""
        published = self.graph.text(node, CPER + "valeurPubliee", self.lang)[0]
        reason = self.graph.text(node, CPER + "motif", self.lang)[0]
        return Figure(value, bar, published, self.words(node), reason, _page(node))

    def line(self, node: Term) -> Line:
        """Return an axis with its share."""
        figure = self.figure(self.graph.one(node, CPER + "part"), CPER + "pourcentage", HUNDRED)
        number = _number(self.graph, node)[1]
        return Line(number, self.graph.label(node, self.lang), _page(node), figure)

    def group(self, node: Term) -> Group:
        """Return a priority with its axes, by their numbers."""
        axes = sorted(self.graph.all(node, CPER + "axe"), key=lambda each: _number(self.graph, each))
        lines = tuple(self.line(axis) for axis in axes)
        number = _number(self.graph, node)[1]
        return Group(number, self.graph.label(node, self.lang), _page(node), lines)

    def funders(self, contract: Term) -> tuple[Line, ...]:
        """Return the funders with their amounts, the largest bar being the largest amount."""
        nodes = self.graph.all(contract, CPER + "engagement")
        amounts = {node: wording.exact(self.graph.value(node, AMOUNT)) or ZERO for node in nodes}
        lines = []
        for node in sorted(nodes, key=lambda each: -amounts[each]):
            funder = self.graph.one(node, CPER + "financeur")
            share = self.figure(self.graph.one(node, CPER + "part"), CPER + "pourcentage", HUNDRED)
            figure = self.figure(node, AMOUNT, max(amounts.values()))
            lines.append(Line("", self.graph.label(funder, self.lang), _page(node), figure, share))
        return tuple(lines)

    def signatories(self, contract: Term) -> tuple[tuple[str, str, str], ...]:
        """Return name, capacity and address of each signatory: the rarest capacity first, then by name."""
        found = []
        for node in self.graph.all(contract, CPER + "signataire"):
            body, role = self.graph.one(node, ORG + "member"), self.graph.one(node, ORG + "role")
            found.append((self.graph.label(body, self.lang), self.graph.label(role, self.lang), _page(body)))
        roles = Counter(role for _, role, _ in found)
        return tuple(sorted(found, key=lambda each: (roles[each[1]], folded(each[1]), folded(each[0]))))

    def total(self, contract: Term) -> Figure | None:
        """Return the sum derived from the amounts, None where there is none."""
        derived = self.graph.one(contract, CPER + "valeurDerivee")
        return self.figure(derived, AMOUNT, ZERO) if derived else None


def contract_of(quads: Iterable[Quad], iri: str, lang: Language) -> Glance | None:
    """Return the glance of the contract `iri` that `quads` describe, None where it is no contract."""
    graph, node = Graph(quads), NamedNode(iri)
    if CPER + "Contrat" not in graph.types(node):
        return None
    reader = _Reader(graph, lang)
    signing = graph.one(node, CPER + "signature")
    envelope = graph.one(node, CPER + "enveloppe")
    currencies = [graph.value(each, CURRENCY).rpartition("/")[2] for each in graph.all(node, CPER + "engagement")]
    documents = {graph.value(each, PROV + "wasDerivedFrom"): None for each in graph.of_type(CPER + "Enonce")}
    priorities = sorted(graph.all(node, CPER + "priorite"), key=lambda each: _number(graph, each))
    return Glance(
        iri=iri,
        title=graph.label(node, lang),
        href=addresses.page(iri),
        date=graph.value(signing, DCT + "date") if signing else "",
        place=graph.label(graph.one(signing, PROV + "atLocation"), lang) if signing else "",
        envelope=graph.value(envelope, CPER + "minimum") if envelope else "",
        envelope_words=reader.words(envelope) if envelope else "",
        groups=tuple(reader.group(each) for each in priorities),
        funders=reader.funders(node),
        total=reader.total(node),
        currency=next((each for each in currencies if each), "EUR"),
        signatories=reader.signatories(node),
        as_of=next(iter(documents), ""),
    )

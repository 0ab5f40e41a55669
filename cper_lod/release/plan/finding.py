"""What a contract comes to: who signs, how much, where; the amount of a year, and the largest share."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, ORG, PREFIXES, RDFS, SCHEMA, SKOS
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import ContractSummary, SummaryLine
from cper_lod.release.plan.observations import HUNDRED, Observation, ObservationReader
from cper_lod.release.storage.triples import Count

_LEADING: Final = ("etat", "region")
"""The kinds of bodies that a sentence names if a single one signed; the others are counted."""
_IN: Final = {
    "Grand Est": "dans le Grand Est",
    "Hauts-de-France": "dans les Hauts-de-France",
    "Pays de la Loire": "dans les Pays de la Loire",
    "La Réunion": "à La Réunion",
    "Mayotte": "à Mayotte",
}
"""French regions whose name does not follow « en »."""
_DURATION: Final = re.compile("P([0-9]{1,3})Y")
_FIRST: Final = re.compile("([0-9]{4})(?:-01-01)?")
_LAST: Final = re.compile("([0-9]{4})(?:-12-31)?")


@dataclass(frozen=True)
class ContractFinding:
    """What a contract comes to; what its data do not support is empty or None.

    `kind` is the class of the contract; `leaders` are the kinds of bodies of which one signed, `others` all further ones.
    `a_year` is the derived total divided by `years`. `largest` is the axis with the largest published share.
    """

    kind: str
    definition: str
    leaders: tuple[str, ...]
    others: Count
    years: int
    a_year: Observation | None
    largest: SummaryLine | None
    region: bool


def finding(observations: ObservationReader, summary: ContractSummary) -> ContractFinding:
    """Return what a contract comes to."""
    graph, node = observations.reader, NamedNode(summary.iri)
    years = _years(graph, summary)
    total = summary.total if summary.total and summary.total.value else None
    place = graph.one(node, CPER + "territoire")
    leaders, others = _parties(graph, node, summary.signatory_count)
    return ContractFinding(
        *_kind(observations, node),
        leaders=leaders,
        others=others,
        years=years,
        a_year=_divided(total, years) if total and years > 1 else None,
        largest=largest_share(summary),
        region=place is not None and PREFIXES["igeo"] + "Region" in graph.types(place),
    )


def headline(found: ContractFinding, summary: ContractSummary, lang: Language) -> str:
    """Return the finding in one sentence; the title of the contract if its data do not say who signs, or how much."""
    envelope = summary.envelope
    who = _who(found, lang)
    if not who or not envelope or not envelope.value or envelope.kind != "amount" or envelope.derived:
        return summary.title
    sum_ = formatting.amount_in_words(envelope.value, envelope.currency, lang)
    where = _where(summary.territory.text, lang, region=found.region) if summary.territory else ""
    alone = len(found.leaders) + found.others.number == 1
    return translate(
        "headline-commit-alone" if alone else "headline-commit",
        lang,
        who=formatting.capital(who),
        amount=translate("more-than", lang, amount=sum_) if envelope.least else sum_,
        where=f" {where}" if where else "",
    )


def _kind(observations: ObservationReader, node: NamedNode) -> tuple[str, str]:
    """Return the label of the class of a contract, the narrower one of two, and its definition."""
    graph, lang = observations.reader, observations.lang
    classes = [NamedNode(each) for each in graph.types(node) if each.startswith(CPER)]
    wider = {each for cls in classes for each in graph.all(cls, RDFS + "subClassOf")}
    narrow = min((each for each in classes if each not in wider), key=str, default=None)
    if narrow is None:
        return "", ""
    is_plan = narrow.value == CPER + "ContratDePlan"
    said = translate("definition-plan", lang) if is_plan else graph.text(narrow, SKOS + "definition", lang)[0]
    return formatting.capital(graph.label(narrow, lang)), said


def _parties(graph: ReleaseGraph, node: NamedNode, count: Count) -> tuple[tuple[str, ...], Count]:
    """Return the kinds of bodies of which exactly one signed, the State first, and the number of all others."""
    bodies = graph.all(node, CPER + "signePar")
    classes = (graph.one(body, ORG + "classification") for body in bodies)
    kinds = Counter(graph.value(each, SKOS + "notation") for each in classes if each is not None)
    leaders = tuple(kind for kind in _LEADING if kinds[kind] == 1 and count.exact)
    return leaders, Count(count.number - len(leaders), count.exact)


def _years(graph: ReleaseGraph, summary: ContractSummary) -> int:
    """Return the number of years of a contract: as its envelope states, else of its period; 0 if unknown.

    A period that begins or ends within a year is no number of years.
    """
    envelope = graph.one(NamedNode(summary.iri), CPER + "enveloppe")
    stated = graph.value(envelope, SCHEMA + "duration") if envelope is not None else ""
    if duration := _DURATION.fullmatch(stated):
        return int(duration[1])
    first, last = _FIRST.fullmatch(summary.start), _LAST.fullmatch(summary.end)
    return max(int(last[1]) - int(first[1]) + 1, 0) if first and last else 0


def _divided(total: Observation, years: int) -> Observation | None:
    """Return a derived amount divided by a number of years, with its bounds; None if it is no plain number."""
    values = [formatting.exact(each) for each in (total.value, total.low, total.high)]
    if values[0] is None:
        return None
    shares = [format(each / years, ".2f") if each is not None else "" for each in values]
    return Observation(value=shares[0], currency=total.currency, low=shares[1], high=shares[2], derived=True)


def are_alike(contract: ContractSummary, lines: Iterable[SummaryLine]) -> bool:
    """Return whether the shares of these axes are all that are published, and said to be of one whole."""
    wholes = {line.figure.whole for line in lines}
    return contract.whole and len(wholes) == 1 and None not in wholes


def largest_share(contract: ContractSummary) -> SummaryLine | None:
    """Return the axis with the largest published share; None if two have it, or if shares cannot be compared."""
    shares = [(share, line) for line in contract.axes if (share := line.published_share) is not None]
    most = max((share for share, _ in shares), default=Decimal(0))
    largest = [line for share, line in shares if share == most]
    alike = len(shares) > 1 and are_alike(contract, [line for _, line in shares])
    return largest[0] if alike and len(largest) == 1 and 0 < most <= HUNDRED else None


def _who(found: ContractFinding, lang: Language) -> str:
    """Return who signs: « l’État, la Région et sept autres signataires »; empty if the data do not say."""
    named = [translate(f"headline-{kind}", lang) for kind in found.leaders]
    number = found.others.number
    if number and found.others.exact:
        count = formatting.cardinal(number, lang)
        keys = ("headline-other", "headline-others") if named else ("headline-party", "headline-parties")
        named.append(translate(keys[number > 1], lang, count=count))
    elif number:
        named.append(translate("headline-parties-more", lang, count=formatting.number(number, lang)))
    if len(named) < 2:
        return "".join(named)
    return translate("headline-and", lang, first=", ".join(named[:-1]), last=named[-1])


def _where(name: str, lang: Language, *, region: bool) -> str:
    """Return where a contract applies, as a sentence says it."""
    if lang == "fr" and name in _IN:
        return _IN[name]
    return translate("headline-in" if region else "headline-for", lang, name=name)

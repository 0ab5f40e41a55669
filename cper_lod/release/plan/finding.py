"""What a contract comes to: who signs, how much, where; the amount of a year, and the largest share."""

import re
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import DCT, SKOS
from cper_lod.core.text import lowered
from cper_lod.release.plan.contract import ContractSummary, Step, SummaryLine, largest_share
from cper_lod.release.plan.observations import Observation, ObservationReader, hedged

_IN: Final = {
    "Grand Est": "dans le Grand Est",
    "Hauts-de-France": "dans les Hauts-de-France",
    "Pays de la Loire": "dans les Pays de la Loire",
    "La Réunion": "à La Réunion",
    "Mayotte": "à Mayotte",
}
"""French regions whose name does not follow « en »."""
_FIRST: Final = re.compile("([0-9]{4})(?:-01-01)?")
_LAST: Final = re.compile("([0-9]{4})(?:-12-31)?")


@dataclass(frozen=True)
class ContractFinding:
    """What a contract comes to; what its data do not support is empty or None.

    `definition` says what a contract of its kind is. `years` are those of its period, where its total is said to be of
    that many; `a_year` is the derived sum divided by `years`. `largest` is the
    subdivision with the largest published share.
    """

    definition: str
    years: int
    a_year: Observation | None
    largest: SummaryLine | None


def finding(observations: ObservationReader, summary: ContractSummary) -> ContractFinding:
    """Return what a contract comes to."""
    kind = observations.reader.one(NamedNode(summary.iri), DCT + "type")
    definition = observations.reader.text(kind, SKOS + "definition", observations.lang)[0] if kind is not None else ""
    years = _years(summary)
    return ContractFinding(
        definition=definition,
        years=years,
        a_year=_divided(summary.sum, years) if summary.sum and years > 1 else None,
        largest=largest_share(summary.shared),
    )


def amount_said(figure: Observation, lang: Language) -> str:
    """Return a published amount as a sentence says it, with its scope: « plus de 2,7 milliards d’euros (hors mobilités) »."""
    amount = hedged(figure, formatting.amount_in_words(figure.value, figure.currency, lang), lang)
    return f"{amount} ({lowered(figure.scope.text)})" if figure.scope else amount


def headline(summary: ContractSummary, lang: Language) -> str:
    """Return what a contract comes to in one sentence, its title if no amount of the whole is published.

    Of a contract that is not signed, it says how far it is; of an amount that other sources give otherwise, how many they are.
    """
    total = summary.total
    if not total or not total.value or total.kind != "amount" or total.derived:
        return summary.title
    amount, step = amount_said(total, lang), summary.status
    if summary.signing:
        who, count = _signatories(summary, lang)
        key = "headline-announce" if not who else "headline-signed-one" if count == 1 else "headline-signed"
        said = formatting.capital(translate(key, lang, who=who, amount=amount, where=_where(summary, lang)))
    else:
        key = "headline-amount" if step is None else "headline-unsigned"
        said = translate(key, lang, title=summary.title, amount=amount, status=lowered(step.status) if step else "")
    others = len({each.source for each in summary.rivals} - {total.source})
    if not others:
        return said
    key = "headline-disputed-one" if others == 1 else "headline-disputed"
    return translate(key, lang, said=said, count=formatting.cardinal(others, lang))


def _signatories(summary: ContractSummary, lang: Language) -> tuple[str, int]:
    """Return who signed a contract as the subject of a sentence, and how many; "" where not all of them are known."""
    codes = [each.code for each in summary.signatories]
    if not summary.signatory_count.exact or len(codes) != summary.signatory_count.number:
        return "", 0
    said = [translate(f"headline-{code}", lang) for code in ("etat", "region") if codes.count(code) == 1]
    rest = len(codes) - len(said)
    if rest and not said:
        return "", 0
    if rest:
        key = "headline-other" if rest == 1 else "headline-others"
        said.append(translate(key, lang, count=formatting.cardinal(rest, lang)))
    *first, last = said or [""]
    return (translate("headline-and", lang, first=", ".join(first), last=last) if first else last), len(codes)


def step_said(step: Step, lang: Language) -> str:
    """Return a status with its day: « signé le 15 mars 2022 »; without a year, that it is not said."""
    if not step.day:
        return step.status
    yearless = step.day.startswith("--")
    kind = "day" if len(step.day) == len("--02-25" if yearless else "2022-03-15") else "month"
    key = f"step-{kind}{'-yearless' if yearless else ''}"
    return translate(key, lang, status=step.status, day=formatting.date(step.day, lang))


def _years(summary: ContractSummary) -> int:
    """Return the number of years of the period of a contract if the words quoted for its total say it, else 0."""
    first, last = _FIRST.fullmatch(summary.start), _LAST.fullmatch(summary.end)
    years = int(last[1]) - int(first[1]) + 1 if first and last else 0
    said = re.compile(rf"\b({years}|{formatting.cardinal(years, 'fr')})\s+ans\b")
    return years if summary.total and any(said.search(each.text) for each in summary.total.quotes) else 0


def _divided(total: Observation, years: int) -> Observation | None:
    """Return a derived amount divided by a number of years, with its bounds; None if it has not both."""
    values = [formatting.exact(each) for each in (total.value, total.low, total.high)]
    shares = [format(each / years, ".2f") for each in values if each is not None]
    if len(shares) < len(values):
        return None
    return Observation(value=shares[0], currency=total.currency, low=shares[1], high=shares[2], derived=True)


def _where(summary: ContractSummary, lang: Language) -> str:
    """Return where a contract applies, as a sentence ends with it."""
    name = summary.territory.text if summary.territory else ""
    if not name:
        return ""
    key = "headline-in" if summary.region else "headline-for"
    return " " + (_IN[name] if lang == "fr" and name in _IN else translate(key, lang, name=name))

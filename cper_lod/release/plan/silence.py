"""What the sources of a contract do not say: the questions that a reader has, what is known instead, and whom to ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.contract import Breakdown, ContractSummary, summary_in
from cper_lod.release.plan.finding import ContractFinding, finding, step_said
from cper_lod.release.plan.observations import Hyperlink, Observation, ObservationReader, Source
from cper_lod.release.release import Release

MAX_ASKED_APART: Final = 4
"""Subdivisions without a figure that have a question each; of more, one question asks for all of them."""
_OPEN: Final = frozenset({"prevu", "annonce", "presente"})
"""Statuses of an amendment after which it was still to be agreed on."""


class OpenQuestion(NamedTuple):
    """A question that the sources leave open, the documents that would answer it, and what is known instead.

    That is a figure that is `written`, or `words` about it, and what is `computed`, or assumed. `at_office` says that the
    offices of the contract have these documents.
    """

    text: str
    place: str
    written: Observation | None = None
    words: str = ""
    computed: Observation | None = None
    assumption: str = ""
    at_office: bool = True


@dataclass(frozen=True)
class Silence:
    """The open questions of a contract, the documents that leave them open with the day of the last one, and whom to ask.

    `offices` are those that have the whole contract, and that a letter can be sent to; none where no region is known.
    """

    questions: tuple[OpenQuestion, ...]
    sources: tuple[Source, ...]
    day: str
    offices: tuple[Hyperlink, ...]


class Letter(NamedTuple):
    """What a letter that asks for documents says, in French, since an office is to read it: to whom, and about what."""

    office: str
    contract: str
    questions: tuple[str, ...]
    sources: tuple[Source, ...]


def silence(summary: ContractSummary, found: ContractFinding, lang: Language) -> Silence:
    """Return what the sources of a contract do not say."""
    sources = tuple(summary.leading_sources or summary.sources)
    return Silence(
        questions=tuple(_questions(summary, found, lang)),
        sources=sources,
        day=max((each.day for each in sources if each.day), default=""),
        offices=_offices(summary, lang),
    )


def contract_letter(release: Release, iri: str) -> Letter | None:
    """Return what a letter about a contract asks for, None if the data describe no such contract."""
    lang = LANGUAGES[0]
    summary = summary_in(release, iri, lang)
    if summary is None:
        return None
    said = silence(summary, finding(ObservationReader(ReleaseGraph(release), lang), summary), lang)
    office = said.offices[0].text if said.offices else ""
    return Letter(office, summary.title, tuple(each.text for each in said.questions), said.sources)


def _questions(summary: ContractSummary, found: ContractFinding, lang: Language) -> Iterator[OpenQuestion]:
    """Yield the open questions: what is missing as a whole first, then money, subdivisions, years, and what became of it."""
    annexes = translate("silence-annexes", lang)

    def question(key: str, **values: object) -> str:
        return translate(f"silence-{key}", lang, **values)

    if not (summary.total and summary.total.said):
        words = summary.total.reason if summary.total else ""
        yield OpenQuestion(question("total"), annexes, words=words, computed=summary.sum)
    if not any(each.figure and each.figure.said for each in summary.funders):
        yield OpenQuestion(question("funders"), annexes)
    for line in summary.funders:
        if len(line.members) > 1:
            text = question("split", count=formatting.cardinal(len(line.members), lang), group=line.title)
            written = next((each for each in (line.amount, line.share) if each and each.said), None)
            yield OpenQuestion(text, translate("silence-deliberations", lang), written, at_office=False)
    if not summary.breakdowns:
        yield OpenQuestion(question("subdivisions"), annexes)
    for breakdown in summary.breakdowns:
        yield from _without_figures(breakdown, annexes, lang)
    yield from _assumptions(summary, annexes, lang)
    if summary.funders and summary.breakdowns and not summary.crossed:
        yield OpenQuestion(question("crossed"), annexes)
    if not any(each.years.isdigit() for each in summary.figures):
        yield OpenQuestion(question("years"), annexes, computed=found.a_year)
    if not summary.signatories:
        yield OpenQuestion(question("signatories"), annexes)
    if not summary.signing:
        yield OpenQuestion(
            question("signing"), annexes, words=step_said(summary.status, lang) if summary.status else ""
        )
    for each in summary.amendments:
        if not each.last or each.last.code in _OPEN:
            words = step_said(each.last, lang) if each.last else ""
            yield OpenQuestion(
                question("amendment", name=each.title), translate("silence-amendments", lang), words=words
            )
    yield OpenQuestion(question("paid"), translate("silence-accounts", lang), at_office=False)


def _without_figures(breakdown: Breakdown, place: str, lang: Language) -> Iterator[OpenQuestion]:
    """Yield the questions about the subdivisions of a breakdown that have no published figure."""
    silent = [each for each in breakdown.lines if not (each.figure and each.figure.said) and not each.part]
    if len(silent) > MAX_ASKED_APART:
        name = breakdown.title or translate("key-subdivisions", lang)
        count, total = formatting.number(len(silent), lang), formatting.number(len(breakdown.lines), lang)
        yield OpenQuestion(translate("silence-lines", lang, name=name, count=count, total=total), place)
        return
    for each in silent:
        kind = each.kind or translate("subdivision", lang)
        name = f"{kind} {each.name}" if each.number else each.title
        reason = each.figure.reason if each.figure else ""
        computed = each.derived if each.derived and each.derived.said else None
        yield OpenQuestion(translate("silence-line", lang, name=name), place, words=reason, computed=computed)


def _assumptions(summary: ContractSummary, place: str, lang: Language) -> Iterator[OpenQuestion]:
    """Yield what the shares of subdivisions are shares of, where amounts are computed by an assumption about it."""
    assumed = dict[str, str]()
    for each in summary.lines:
        if each.derived and each.derived.assumption and each.share and each.share.whole:
            assumed.setdefault(each.derived.assumption, each.share.whole.text)
    for assumption, whole in assumed.items():
        yield OpenQuestion(translate("silence-whole", lang, words=whole), place, assumption=assumption)


def _offices(summary: ContractSummary, lang: Language) -> tuple[Hyperlink, ...]:
    """Return the two partners of every contract, which have its whole text: the office of the State in the region, the Region."""
    if not summary.region or summary.territory is None:
        return ()
    name = summary.territory.text
    state, region = (translate(key, lang, name=name) for key in ("silence-state", "silence-region"))
    known = [Hyperlink(each.name, each.href) for each in summary.signatories if each.code == "region"]
    known += [Hyperlink(each.title, each.href) for each in summary.funders if each.kind == "region"]
    return Hyperlink(state), *(known[:1] or [Hyperlink(region)])

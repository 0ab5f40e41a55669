"""What the sources of a contract do not say: missing values with their reason, assumptions, notes about the data."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, PROV, QB, SKOS
from cper_lod.rdf.graph import Term
from cper_lod.release.plan.contract import MAX_ITEMS, ContractSummary
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.release.plan.passages import Passage

MAX_GAPS: Final = 60
"""Gaps that a page shows; further ones are only in the data."""


@dataclass(frozen=True)
class Gap:
    """What a source does not say, or what we had to read into it, and the things that this is about."""

    text: str
    about: tuple[Hyperlink, ...]


def gaps(observations: ObservationReader, summary: ContractSummary, found: Iterable[Passage]) -> tuple[Gap, ...]:
    """Return what the sources of a contract do not say, each text once."""
    texts: dict[str, list[Hyperlink]] = {}
    for text, about in (
        (_absent(summary, observations.lang), None),
        *_figures(summary),
        *_splits(summary, observations),
        *((each.note, Hyperlink(each.title, each.href)) for each in summary.amendments),
        *_notes(observations, summary),
        *((note, fact.about) for each in found for note in each.notes for fact in each.facts[:1]),
    ):
        if text:
            texts.setdefault(text, []).extend([about] if about else [])
    return tuple(Gap(text, tuple(dict.fromkeys(about))) for text, about in list(texts.items())[:MAX_GAPS])


def _absent(summary: ContractSummary, lang: Language) -> str:
    """Return the sentence that names what the data of a contract do not give at all; empty if they give everything."""
    given = {
        "contract-envelope": summary.envelope and (summary.envelope.value or summary.envelope.reason),
        "funders": summary.funders,
        "key-axes": any(group.lines for group in summary.groups),
        "key-parties": summary.signatories,
        "key-signed": summary.date,
        "key-period": summary.period,
    }
    names = [translate(key, lang).lower() for key, value in given.items() if not value]
    return translate("gap-absent", lang, names=", ".join(names)) if names else ""


def _figures(summary: ContractSummary) -> Iterator[tuple[str, Hyperlink]]:
    """Yield the reasons of missing figures, and the assumptions of computed ones."""
    lines = [*summary.axes, *summary.funders]
    figures = [summary.envelope, *(each.figure for each in lines), *(each.share for each in lines)]
    for each in filter(None, [*figures, summary.total, *(each.derived for each in lines)]):
        about = Hyperlink(each.title, each.href)
        yield from ((text, about) for text in (each.reason if not each.value else "", each.assumption))


def _splits(summary: ContractSummary, observations: ObservationReader) -> Iterator[tuple[str, Hyperlink]]:
    """Yield that the split of an amount within a group of signatories is not published."""
    for each in summary.funders:
        if each.members > 1 and each.figure.value:
            amount = formatting.short_amount(each.figure.value, each.figure.currency, observations.lang)
            count = formatting.cardinal(each.members, observations.lang)
            text = translate("gap-split", observations.lang, amount=amount, count=count)
            yield text, Hyperlink(each.title, each.href)


def _notes(observations: ObservationReader, summary: ContractSummary) -> Iterator[tuple[str, Hyperlink]]:
    """Yield the notes about the figures of a contract, about the tables that they are in, and about its signatories."""
    graph, contract = observations.reader, NamedNode(summary.iri)

    def all_(nodes: Iterable[Term], *names: str) -> list[Term]:
        return [value for node in nodes for name in names for value in graph.all(node, name)[:MAX_ITEMS]]

    axes = all_(all_([contract], CPER + "priorite"), CPER + "axe")
    commitments = all_([contract], CPER + "engagement")
    figures = [*all_([contract], CPER + "enveloppe"), *commitments, *all_([*axes, *commitments], CPER + "part")]
    parties = all_(all_([contract], CPER + "signature"), PROV + "qualifiedAssociation")
    for node in dict.fromkeys([*all_(figures, QB + "dataSet"), *figures, *parties]):
        note = graph.text(node, SKOS + "note", observations.lang)[0]
        if note:
            yield note, Hyperlink(graph.label(node, observations.lang), observations.address(node))

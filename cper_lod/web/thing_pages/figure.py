"""The page of a figure: what of what, published or computed, with its words, its exact digits and its calculation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, DCT, PROV, SCHEMA
from cper_lod.release.plan.observations import AMOUNT, CURRENCY, DERIVED_AMOUNT, Hyperlink, Observation, written
from cper_lod.web.thing_pages.page import CodedTerm, KindPage, PageSubject

MAX_INPUTS: Final = 60
"""Inputs of a calculation that a page shows."""
SHOWN: Final = frozenset(
    {AMOUNT, CURRENCY, DERIVED_AMOUNT, PROV + "wasGeneratedBy", PROV + "wasDerivedFrom", SCHEMA + "duration"}
    | {CPER + name for name in ("pourcentage", "minimum", "motif", "valeurPubliee", "hypothese", "perimetre", "partDe")}
    | {CPER + name for name in ("borneInferieure", "borneSuperieure", "axeConcerne", "financeur", "contrat", "part")}
    | {CPER + name for name in ("enonce", "natureDeLaValeur", "precision")}
)
_SENTENCES: Final = {"Part": "figure-share", "Engagement": "figure-commitment"}


class FigurePage(NamedTuple):
    """A figure with what it is of (an axis, else a funder): `sentence` is complete, `exact` has all digits.

    `steps` is the calculation with the numbers of the inputs, empty where they do not give the value.
    """

    sentence: str
    figure: Observation
    exact: str
    contract: Hyperlink | None
    subject: Hyperlink | None
    of_axis: bool
    beside: Observation | None
    whole: CodedTerm | None
    scope: CodedTerm | None
    nature: CodedTerm | None
    precision: str
    duration: str
    inputs: tuple[Observation, ...]
    steps: str
    method: str


def figure_page(subject: PageSubject) -> KindPage | None:
    """Return the page of a figure, None if the thing has neither a value nor a reason for having none."""
    reader, observations, node = subject.reader, subject.observations, subject.node
    figure = observations.figure(node)
    if figure is None:
        return None
    own = {
        name: reader.one(node, CPER + name)
        for name in ("axeConcerne", "financeur", "contrat", "part", "partDe", "perimetre", "natureDeLaValeur")
    }
    activity = reader.one(node, PROV + "wasGeneratedBy")
    inputs = tuple(
        each for term in reader.all(node, PROV + "wasDerivedFrom")[:MAX_INPUTS] if (each := observations.figure(term))
    )
    lasting = reader.value(node, SCHEMA + "duration")
    content = FigurePage(
        sentence=_sentence(subject, figure),
        figure=figure,
        exact=_exact(figure, subject.lang),
        contract=observations.link(own["contrat"]),
        subject=observations.link(own["axeConcerne"] or own["financeur"]),
        of_axis=own["axeConcerne"] is not None,
        beside=observations.figure(own["part"]),
        whole=subject.term(own["partDe"]),
        scope=subject.term(own["perimetre"]),
        nature=subject.term(own["natureDeLaValeur"]),
        precision=_precision(reader.value(node, CPER + "precision"), figure, subject.lang),
        duration=formatting.duration(lasting, subject.lang) if lasting else "",
        inputs=inputs if figure.derived else (),
        steps=calculation(figure, inputs, subject.lang) if figure.derived else "",
        method=reader.text(activity, DCT + "description", subject.lang)[0] if activity is not None else "",
    )
    return KindPage("thing_pages/figure.html", content, SHOWN)


def _exact(figure: Observation, lang: Language) -> str:
    """Return a value with all its digits, "" without a value."""
    if not figure.value:
        return ""
    percent = figure.kind == "percent"
    shown = (
        formatting.percent(figure.value, lang) if percent else formatting.amount(figure.value, figure.currency, lang)
    )
    return translate("more-than", lang, amount=shown) if figure.least else shown


def _precision(precision: str, figure: Observation, lang: Language) -> str:
    """Return how precise a rounded value is, with its unit."""
    if not precision:
        return ""
    if figure.kind == "percent":
        many = (formatting.exact(precision) or 0) >= 2 or (lang == "en" and precision != "1")
        return translate("points" if many else "point", lang, count=formatting.number(precision, lang))
    return formatting.short_amount(precision, figure.currency, lang)


def _sentence(subject: PageSubject, figure: Observation) -> str:
    """Return what a figure says, in a sentence."""
    reader, lang, node = subject.reader, subject.lang, subject.node
    value = written(figure, lang) if figure.value else ""
    axis = reader.one(node, CPER + "axeConcerne")
    funder = reader.one(node, CPER + "financeur")
    if axis is not None:
        who = translate("figure-axis", lang, number=reader.number(axis), name=reader.label(axis, lang))
    elif funder is not None:
        who = translate("figure-funder", lang, name=reader.label(funder, lang))
    else:
        who = reader.label(node, lang)
    if not value:
        key = "figure-missing"
    elif figure.derived:
        key = "figure-computed"
    else:
        key = next((key for name, key in _SENTENCES.items() if CPER + name in subject.types), "figure-stated")
    return formatting.typeset(formatting.capital(translate(key, lang, who=who, value=value)), lang)


def calculation(figure: Observation, inputs: Sequence[Observation], lang: Language) -> str:
    """Return a sum of amounts, or a share of an amount, with its numbers; "" if it does not give the value exactly."""
    value = formatting.exact(figure.value)
    numbers = [formatting.exact(each.value) for each in inputs]
    if value is None or len(numbers) < 2 or any(each is None for each in numbers):
        return ""
    known = [each for each in numbers if each is not None]
    shares = [each for each in inputs if each.kind == "percent"]
    if len({each.currency for each in (figure, *inputs) if each.kind == "amount"}) > 1:
        return ""
    if not shares and sum(known, Decimal(0)) == value:
        sign = " + "
    elif len(shares) == 1 and len(known) == 2 and known[0] * known[1] / 100 == value:
        sign = " × "
        inputs = sorted(inputs, key=lambda each: each.kind != "percent")
    else:
        return ""
    terms = [
        formatting.percent(each.value, lang)
        if each.kind == "percent"
        else formatting.short_amount(each.value, each.currency, lang)
        for each in inputs
    ]
    return f"{sign.join(terms)} = {formatting.amount(figure.value, figure.currency, lang)}"

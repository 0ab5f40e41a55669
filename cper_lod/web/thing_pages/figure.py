"""A figure: what of what, published or computed, with its words, its exact digits and its calculation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER
from cper_lod.release.plan.observations import Observation, written
from cper_lod.web.components.described import PageSubject

MAX_INPUTS: Final = 60
"""Inputs of a calculation that a page shows."""
_SENTENCES: Final = {"Part": "figure-share", "Engagement": "figure-commitment"}


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return a figure, what it says in a sentence, and how it was computed.

    `steps` is the calculation with the numbers of the inputs, empty where they do not give the value. None if the thing
    has neither a value nor a reason for having none.
    """
    figure, lang = subject.figure(""), subject.lang
    if figure is None:
        return None
    found = map(subject.observations.figure, subject.all("prov:wasDerivedFrom")[:MAX_INPUTS] if figure.derived else ())
    inputs = [each for each in found if each]
    duration = subject.value("schema:duration")
    return {
        "figure": figure,
        "sentence": _sentence(subject, figure),
        "precision": _precision(subject.value("cper:precision"), figure, lang),
        "duration": formatting.duration(duration, lang) if duration else "",
        "inputs": inputs,
        "steps": calculation(figure, inputs, lang) if figure.derived else "",
        "method": subject.text("prov:wasGeneratedBy/dct:description"),
    }


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
    reader, lang, types = subject.reader, subject.lang, subject.reader.types(subject.node)
    value = written(figure, lang) if figure.value else ""
    axis, funder = subject.one("cper:axeConcerne"), subject.one("cper:financeur")
    if axis is not None:
        who = translate("figure-axis", lang, number=reader.number(axis), name=reader.label(axis, lang))
    elif funder is not None:
        who = translate("figure-funder", lang, name=reader.label(funder, lang))
    else:
        who = reader.label(subject.node, lang)
    if not value:
        key = "figure-missing"
    elif figure.derived:
        key = "figure-computed"
    else:
        key = next((key for name, key in _SENTENCES.items() if CPER + name in types), "figure-stated")
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

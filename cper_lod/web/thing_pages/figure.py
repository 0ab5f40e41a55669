"""A figure: what of what, published or computed, with its words, its exact digits and its calculation."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, PROV
from cper_lod.core.text import lowered
from cper_lod.release.plan.observations import Observation, written
from cper_lod.web.components.described import PageSubject

MAX_INPUTS: Final = 60
"""Inputs of a calculation, and figures related to one, that a page shows."""


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return a figure, what it says in a sentence, why it may be added up or not, and how it was computed.

    `steps` is the calculation with the numbers of the inputs, empty where they do not give the value. `related` are figures
    that it belongs to, disagrees with or follows, by the key of what they are to it. None if the thing is no figure, or has
    neither a value nor a reason for having none.
    """
    figure, lang = subject.figure(""), subject.lang
    if figure is None:
        return None
    found = map(subject.observations.figure, subject.all("prov:wasDerivedFrom")[:MAX_INPUTS] if figure.derived else ())
    inputs = [each for each in found if each]
    return {
        "figure": figure,
        "sentence": _sentence(subject, figure),
        "precision": _precision(formatting.plain(subject.value("cper:pas")), figure, lang),
        "related": list(_related(subject)),
        "inputs": inputs,
        "steps": calculation(figure, inputs, lang) if figure.derived else "",
        "method": subject.text("prov:wasGeneratedBy/dct:description"),
    }


def _related(subject: PageSubject) -> list[tuple[str, list[Observation]]]:
    """Return the figures that one belongs to, disagrees with or follows, with the key of what they are to it."""
    referring = subject.release.triples.referring
    found = []
    for name in (CPER + "partieDe", CPER + "composeDe", CPER + "divergeDe", PROV + "wasRevisionOf"):
        local = name.rpartition("#")[2]
        quads = referring(name, subject.node.value, MAX_INPUTS)
        for key, nodes in (
            (f"related-{local}", subject.reader.all(subject.node, name)[:MAX_INPUTS]),
            (f"related-by-{local}", [quad.subject for quad in quads]),
        ):
            figures = [each for node in nodes if (each := subject.observations.figure(node))]  # type: ignore[arg-type]
            found += [(key, figures)] if figures else []
    return found


def _precision(precision: str, figure: Observation, lang: Language) -> str:
    """Return how precise a rounded value is, with its unit."""
    if not precision or figure.nature != "arrondi":
        return ""
    if figure.kind == "percent":
        many = (formatting.exact(precision) or 0) >= 2 or (lang == "en" and precision != "1")
        return translate("points" if many else "point", lang, count=formatting.number(precision, lang))
    if figure.kind == "amount":
        return formatting.short_amount(precision, figure.currency, lang)
    return formatting.number(precision, lang)


def _sentence(subject: PageSubject, figure: Observation) -> str:
    """Return what a figure says, in a sentence."""
    reader, lang = subject.reader, subject.lang
    value = written(figure, lang) if figure.said else ""
    subdivision, funder = subject.one("cper:subdivision"), subject.one("cper:financeur")
    whose = [each for each in (subdivision, funder) if each is not None]
    names = [translate("quoted", lang, words=reader.label(each, lang)) for each in whose]
    who = ", ".join(names) or reader.label(subject.node, lang)
    if names and figure.scope:
        who = f"{who} ({lowered(figure.scope.text)})"
    if not figure.said:
        key = "figure-missing"
    elif figure.derived:
        key = "figure-computed"
    else:
        key = "figure-share" if figure.kind == "percent" else "figure-stated"
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

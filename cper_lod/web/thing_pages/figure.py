"""A figure: what of what, published or computed, with its words, its exact digits and its calculation."""

from typing import Any, Final

from cper_lod.core import formatting
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER, PROV
from cper_lod.core.text import lowered
from cper_lod.release.plan.observations import Observation, written
from cper_lod.release.plan.receipts import calculation_steps, inputs, precision
from cper_lod.web.components.described import PageSubject

MAX_RELATED: Final = 60
"""Figures related to one that a page shows."""


def content(subject: PageSubject) -> dict[str, Any] | None:
    """Return a figure, what it says in a sentence, why it may be added up or not, and how it was computed.

    `steps` are those of the calculation with the numbers of the inputs, none where they do not give the value. `related` are figures
    that it belongs to, disagrees with or follows, by the key of what they are to it. None if the thing is no figure, or has
    neither a value nor a reason for having none.
    """
    figure = subject.figure("")
    if figure is None:
        return None
    terms = inputs(subject.observations, figure) if figure.derived else []
    return {
        "figure": figure,
        "sentence": _sentence(subject, figure),
        "precision": precision(subject.observations, figure),
        "related": list(_related(subject)),
        "inputs": terms,
        "steps": calculation_steps(subject.observations, figure, terms) if figure.derived else [],
        "method": subject.text("prov:wasGeneratedBy/dct:description"),
    }


def _related(subject: PageSubject) -> list[tuple[str, list[Observation]]]:
    """Return the figures that one belongs to, disagrees with or follows, with the key of what they are to it."""
    referring = subject.release.triples.referring
    found = []
    for name in (CPER + "partieDe", CPER + "composeDe", CPER + "divergeDe", PROV + "wasRevisionOf"):
        local = name.rpartition("#")[2]
        quads = referring(name, subject.node.value, MAX_RELATED)
        for key, nodes in (
            (f"related-{local}", subject.reader.all(subject.node, name)[:MAX_RELATED]),
            (f"related-by-{local}", [quad.subject for quad in quads]),
        ):
            figures = [each for node in nodes if (each := subject.observations.figure(node))]  # type: ignore[arg-type]
            found += [(key, figures)] if figures else []
    return found


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

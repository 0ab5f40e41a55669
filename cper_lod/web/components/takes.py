"""How the figures of a contract are taken along: as images, as a table, in a frame of another site."""

from collections.abc import Mapping
from typing import Final

from cper_lod.core.formats import CSV, Format
from cper_lod.core.i18n import translate
from cper_lod.release.pictures.figures import CALENDAR, Picture
from cper_lod.release.plan.contract import ContractSummary
from cper_lod.release.plan.receipts import Take
from cper_lod.web.http import flask_responses, urls

ALONE: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
"""The content security policy of an image that is opened alone: it has its own style, and runs and loads nothing."""
SVG: Final = Format("svg", "svg", "image/svg+xml", "SVG", charset=False)
PNG: Final = Format("png", "png", "image/png", "Image (PNG)", charset=False)


def takes(contract: ContractSummary, drawn: Mapping[str, Picture]) -> dict[str, tuple[Take, ...]]:
    """Return how each picture of a contract is taken along, by its name: image, drawing, table, frame; the table alone as `contract`.

    The table has all figures of the contract; that of the calendar has the steps.
    """
    name, lang = urls.local_name(contract.iri), flask_responses.lang()
    if not name:
        return {}
    table = Take("CSV", contract.title, urls.link(f"/plan/{name}.csv"), CSV.media_type)
    found: dict[str, tuple[Take, ...]] = {"contract": (table,)}
    for figure, picture in drawn.items():
        images = [
            Take(form.label, picture.title, urls.link(f"/image/{name}/{figure}.{lang}.{form.suffix}"), form.media_type)
            for form in (PNG, SVG)
        ]
        steps = Take(CSV.label, picture.title, urls.link("/doc/etape.csv", contrat=name), CSV.media_type)
        frame = Take(translate("cite-embed", lang), picture.title, urls.link(f"/cite/{name}") + "#embed")
        tables = (table,) if figure != CALENDAR else (steps,) if contract.steps else ()
        found[figure] = (*images, *tables, frame)
    return found

"""The picture that other sites show with a link to a contract (Open Graph): a PNG with a finding, a figure, the source."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures.figures import GAP, TEXT, Drawing, Font, fitted, phrase, pictures, wrapped
from cper_lod.release.plan.contract import ContractSummary, contract_summary
from cper_lod.release.plan.observations import ObservationReader, Source
from cper_lod.release.release import IMAGE_INDEX, IMAGES, Release, image_name

WIDTH: Final = 1200
HEIGHT: Final = 630
MARGIN: Final = 72
INSIDE: Final = WIDTH - 2 * MARGIN
MAX_ROWS: Final = 5
"""Rows of the figure: with more, its text would be too small on other sites."""
MAX_CONTRACTS: Final = 100
"""Contracts that have a picture."""
MAX_WORDS: Final = 300
"""Characters that say what it shows."""
_LEAST_ACROSS: Final = 640
"""Units across the figure at least: its text is no larger than the title."""
_FONTS: Final = Path(__file__).parent / "fonts"
_BRAND: Final = Font("brand", 24, bold=True)
_TITLE: Final = Font("title", 44, bold=True)
_PLAIN: Final = Font("plain", 22)
STYLE: Final = """
text { font-family: "DejaVu Sans", sans-serif; font-size: 14px; fill: #16181d }
.s { font-size: 12px; fill: #4d5562 } .b { font-size: 16px; font-weight: 700 } .absent { fill: #8a2b06 }
.brand { font-size: 24px; font-weight: 700 } .title { font-size: 44px; font-weight: 700 }
.plain { font-size: 22px; fill: #4d5562 } .paper { fill: #fff } .band { fill: #1b3a8f }
.track, .years { fill: #e4e9f3 } .seg, .mark, .passed { fill: #2f5bd0 } .now { fill: #16181d } .tick { fill: #7a8494 }
.span { fill: #fff; stroke: #7a8494 } .hole { fill: #fff; stroke: #8a2b06; stroke-dasharray: 2 3 }
.seg.state { fill: #1b3a8f } .seg.region { fill: #00706a } .seg.others { fill: #b9c3d3; stroke: #7a8494 }
.seg.group { fill: #fff; stroke: #4d5562; stroke-dasharray: 5 3 }
"""
"""The colours of the style sheet in light, which this picture has always."""


def share_image(contract: ContractSummary, lang: Language) -> bytes:
    """Return the picture of a contract as a PNG; the same bytes for the same data, on every machine."""
    import resvg_py  # noqa: PLC0415 - only a build needs it

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=share_svg(contract, lang),
            style_sheet=STYLE,
            skip_system_fonts=True,
            font_files=[str(path) for path in sorted(_FONTS.glob("*.ttf"))],
            font_family="DejaVu Sans",
        )
    )


def share_svg(contract: ContractSummary, lang: Language) -> str:
    """Return the picture of a contract as SVG, without its colours."""
    drawing, name = Drawing(WIDTH), formatting.typeset(contract.title, lang)
    drawing.rect(0, 0, WIDTH, HEIGHT, "paper")
    drawing.rect(0, 0, WIDTH, 12, "band")
    drawing.text(MARGIN, 66, fitted(name, INSIDE, _PLAIN), _PLAIN)
    picture = next(iter(pictures(contract, lang).values()), None)
    y = drawing.lines(MARGIN, 88, wrapped(picture.title if picture else name, INSIDE, 2, _TITLE), _TITLE) + 16
    if picture:
        absent, room = len(picture.absent), HEIGHT - 76 - y
        figure = replace(picture, absent=())
        least = figure.drawing(_LEAST_ACROSS, MAX_ROWS)
        height = least.height + (GAP + TEXT.line if absent else 0)
        across = math.ceil(max(_LEAST_ACROSS, height * INSIDE / room))  # as wide as its height lets it be
        drawn = figure.drawing(across, MAX_ROWS)
        if absent:
            key = "fig-absent-one" if absent == 1 else "fig-absent-many"
            words = phrase(lang, key, count=formatting.capital(formatting.cardinal(absent, lang)))
            drawn.lines(0, drawn.height + GAP, [words], cls="absent")
        drawing.content += f'<g transform="translate({MARGIN} {y:g}) scale({INSIDE / across:.4f})">{drawn.content}</g>'
    drawing.text(MARGIN, HEIGHT - 30, translate("site", lang), _BRAND)
    if said := _origin(contract, lang):
        drawing.text(WIDTH - MARGIN, HEIGHT - 30, fitted(said, INSIDE - 460, _PLAIN), _PLAIN, end=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{drawing.content}</svg>"
    )


def source_of(contract: ContractSummary) -> Source | None:
    """Return the document that the figures of a contract come from, that of the total first; None if none is known."""
    return next(iter(contract.sources), None)


def _origin(contract: ContractSummary, lang: Language) -> str:
    """Return the day of the source and that of the data, so far as they are known."""
    source = source_of(contract)
    days = ("fig-source-day", source.day if source else ""), ("fig-data-day", contract.day)
    said = [phrase(lang, key, day=formatting.short_date(day, lang)) for key, day in days if day]
    return formatting.typeset(" · ".join(said), lang)


def alternative(contract: ContractSummary, lang: Language) -> str:
    """Return in words what the picture of a contract shows."""
    picture = next(iter(pictures(contract, lang).values()), None)
    said = f"{contract.title} – {picture.title}. {picture.description}" if picture else contract.title
    return formatting.brief(said, MAX_WORDS)


def write_share_images(release: Release) -> None:
    """Write the picture of each contract in each language into the folder of a release, with an index; raises OSError.

    Without a contract, no file is written.
    """
    graph, folder = ReleaseGraph(release), release.folder / IMAGES
    readers = {lang: ObservationReader(graph, lang) for lang in LANGUAGES}
    index: dict[str, dict[str, str]] = {}
    for iri in graph.instances(CPER + "Contrat", MAX_CONTRACTS):
        folder.mkdir(exist_ok=True)
        for lang, observations in readers.items():
            if contract := contract_summary(observations, iri):
                (folder / image_name(iri, lang)).write_bytes(share_image(contract, lang))
                index.setdefault(iri, {})[lang] = alternative(contract, lang)
    if index:
        (folder / IMAGE_INDEX).write_text(json.dumps(index, ensure_ascii=False, sort_keys=True), "utf-8")

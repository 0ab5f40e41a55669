"""The picture that other sites show with a link to a contract (Open Graph): a PNG with a finding, a figure, the source."""

import json
from pathlib import Path
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import LANGUAGES, Language
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures.figures import pictures
from cper_lod.release.pictures.picture import phrase
from cper_lod.release.pictures.shares import shares_poster
from cper_lod.release.pictures.svg import Drawing, Font, fitted, wrapped
from cper_lod.release.plan.contract import ContractSummary, contract_summary
from cper_lod.release.plan.observations import ObservationReader, Source
from cper_lod.release.release import IMAGE_INDEX, IMAGES, Release, image_name

WIDTH: Final = 1200
HEIGHT: Final = 630
MARGIN: Final = 72
MAX_CONTRACTS: Final = 100
"""Contracts that have a picture."""
MAX_WORDS: Final = 300
"""Characters that say what it shows."""
COLOURS: Final = {
    "--text": "#16181d",
    "--muted": "#4d5562",
    "--paper": "#fff",
    "--edge": "#7a8494",
    "--fill": "#2f5bd0",
    "--track": "#e4e9f3",
    "--warn": "#8a2b06",
    "--k0": "#0b665a",
    "--k1": "#1b3a8f",
    "--k2": "#8a4b00",
    "--k3": "#8c1f52",
    "--k4": "#4a5568",
    "--on": "#fff",
}
"""The colours of the style sheet in light, which this picture has always."""
_ACROSS: Final = 812
"""Units across the figure: larger than in a page, because other sites show the picture small."""
_FONTS: Final = Path(__file__).parent / "fonts"
_BRAND: Final = Font("brand", 24, bold=True)
_TITLE: Final = Font("title", 44, bold=True)
_PLAIN: Final = Font("plain", 22)
_STYLE: Final = """
text { font-family: "DejaVu Sans"; font-size: 14px; fill: --text }
.s { font-size: 12px; fill: --muted } .b { font-size: 16px; font-weight: 700 } .on { fill: --on } .group.on { fill: --text }
.absent { fill: --warn } .seg.k0 { fill: --k0 } .seg.k1 { fill: --k1 } .seg.k2 { fill: --k2 } .seg.k3 { fill: --k3 }
.seg.k4 { fill: --k4 } .seg.several { fill: --fill } .seg.group { fill: --paper; stroke: --muted; stroke-dasharray: 5 3 }
.track { fill: --track } .cut { stroke: --paper; stroke-width: 3 } .lead, .stem { fill: none; stroke: --edge }
.hole { fill: none; stroke: --warn; stroke-dasharray: 2 3 } .span { fill: --paper; stroke: --edge }
.passed { fill: --track; stroke: --edge } .tick { stroke: --edge } .during { fill: none; stroke: --edge; stroke-width: 2 }
.unknown { stroke: --warn; stroke-dasharray: 2 3 } .data { stroke: --text; stroke-width: 2 } .paper { fill: --paper }
.brand { font-size: 24px; font-weight: 700 } .title { font-size: 44px; font-weight: 700 }
.plain { font-size: 22px; fill: --muted } .band { fill: --k1 }
"""


def share_image(contract: ContractSummary, lang: Language) -> bytes:
    """Return the picture of a contract as a PNG; the same bytes for the same data, on every machine."""
    import resvg_py  # noqa: PLC0415 - only a build needs it

    style = _STYLE
    for name, colour in COLOURS.items():
        style = style.replace(f"{name} ", f"{colour} ").replace(f"{name};", f"{colour};")
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=share_svg(contract, lang),
            style_sheet=style,
            skip_system_fonts=True,
            font_files=[str(path) for path in sorted(_FONTS.glob("*.ttf"))],
            font_family="DejaVu Sans",
        )
    )


def share_svg(contract: ContractSummary, lang: Language) -> str:
    """Return the picture of a contract as SVG, without its colours."""
    drawing = Drawing(WIDTH)
    inside = WIDTH - 2 * MARGIN
    drawing.rect(0, 0, WIDTH, HEIGHT, "paper")
    drawing.rect(0, 0, WIDTH, 12, "band")
    drawing.text(MARGIN, 66, fitted(formatting.typeset(contract.title, lang), inside, _PLAIN), _PLAIN)
    picture = next(iter(pictures(contract, lang).values()), None)
    title = picture.title if picture else formatting.typeset(contract.title, lang)
    y = drawing.lines(MARGIN, 88, wrapped(title, inside, 2, _TITLE), _TITLE) + 16
    poster = shares_poster(contract, lang, _ACROSS) or (picture.wide if picture else None)
    if poster:
        across = round(inside / _scale(poster, y))
        if across != poster.width:  # as wide as its height lets it be
            poster = shares_poster(contract, lang, across) or poster
        place = f"translate({MARGIN} {y:g}) scale({_scale(poster, y):.4f})"
        drawing.add(f'<g transform="{place}">{poster.content}</g>')
    drawing.text(MARGIN, HEIGHT - 30, translate("site", lang), _BRAND)
    if said := _origin(contract, lang):
        said = fitted(said, inside - 460, _PLAIN)
        drawing.text(WIDTH - MARGIN, HEIGHT - 30, said, _PLAIN, anchor="end")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"{drawing.content}</svg>"
    )


def _scale(poster: Drawing, y: float) -> float:
    """Return how much larger a figure is drawn that begins at `y`."""
    return min((WIDTH - 2 * MARGIN) / poster.width, (HEIGHT - 76 - y) / poster.height)


def source_of(contract: ContractSummary) -> Source | None:
    """Return the document that the figures of a contract are quoted from, None if none is known."""
    figures = (contract.envelope, *(each.figure for each in (*contract.axes, *contract.funders)))
    quotes = (quote for each in figures if each for quote in each.quotes)
    return next((quote.source for quote in quotes if quote.source), None)


def _origin(contract: ContractSummary, lang: Language) -> str:
    """Return the day of the source and that of the data, so far as they are known."""
    source = source_of(contract)
    days = ("fig-source-day", source.day if source else ""), ("fig-data-day", contract.day)
    said = [phrase(lang, key, day=formatting.short_date(day, lang)) for key, day in days if day]
    return formatting.typeset(" · ".join(said), lang)


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


def alternative(contract: ContractSummary, lang: Language) -> str:
    """Return in words what the picture of a contract shows."""
    picture = next(iter(pictures(contract, lang).values()), None)
    if picture is None:
        return contract.title
    return formatting.brief(f"{contract.title} – {picture.title}. {picture.wide.description}", MAX_WORDS)

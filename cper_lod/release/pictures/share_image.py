"""The figures of a contract as images: for a link to it on other sites (Open Graph), and each one to take along, as SVG and as PNG.

All have the size of a page of paper on a screen; a PNG has two pixels for one.
"""

import re
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from cper_lod.core import formatting
from cper_lod.core.errors import Language
from cper_lod.core.i18n import translate
from cper_lod.release.pictures.figures import FIGURES, MAX_ROWS, Drawing, Picture, pictures, shares_picture
from cper_lod.release.pictures.text import SMALL, Font, clean, fitted, phrase, text_width, wrapped
from cper_lod.release.plan.contract import ContractSummary, summary_in
from cper_lod.release.release import Release, once_per_release

ZOOM: Final = 2
"""Pixels of a PNG across one of the drawing."""
ACROSS: Final = 600
"""Pixels across a drawing: a bar in it shows the labels of a larger screen."""
WIDTH: Final = ACROSS * ZOOM
HEIGHT: Final = 630
"""Pixels of the picture that other sites show with a link."""
MARGIN: Final = 28
INSIDE: Final = ACROSS - 2 * MARGIN
MAX_DRAWN: Final = 800
"""Pictures that are kept, each of some 60 kB: a hundred contracts have eight each, so that none is drawn twice."""
MAX_WORDS: Final = 300
"""Characters that say what a picture shows."""
_FOOT: Final = 31
"""Units at the bottom for where a picture comes from."""
_FONTS: Final = Path(__file__).parent / "fonts"
_BRAND: Final = Font("brand", 13, bold=True)
_TITLE: Final = Font("title", 22, bold=True)
_HIDDEN: Final = re.compile('<text class="(?=[^"]* at-)(?![^"]* at-wide)[^"]*"[^>]*>[^<]*</text>')
"""Labels that are for other screens."""
_ONE_PICTURE: Final = threading.Lock()
"""One PNG is drawn at a time: the library keeps the GIL meanwhile, so that pages would wait for all that are drawn at once."""
STYLE: Final = """
text { font-family: "DejaVu Sans", sans-serif; font-size: 14px; fill: #16181d }
.s { font-size: 12px; fill: #4d5562 } .b { font-size: 16px; font-weight: 700 } .absent, .miss { fill: #8a2b06 }
.brand { font-size: 13px; font-weight: 700 } .title { font-size: 22px; font-weight: 700 } .miss { font-size: 13px; font-style: italic }
.paper, .unlit { fill: #fff } .unlit { stroke: #d3d9e3 } .band { fill: #1b3a8f } .track { fill: #e4e9f3 } .seg { fill: #2f5bd0 }
.state { fill: #1b3a8f } .region { fill: #00706a } .others { fill: #b9c3d3; stroke: #7a8494 } .whole { fill: #e4e9f3; stroke: #7a8494 }
.p1 { fill: #4a6b10 } .p2 { fill: #9b2468 } .p3 { fill: #7d5b00 } .p4 { fill: #6b5d52 }
.dashed { fill: #fff; stroke: #6a3d91; stroke-width: 1.5; stroke-dasharray: 6 4 }
.dotted { fill: none; stroke: #8a2b06; stroke-width: 2; stroke-dasharray: 1.5 4; stroke-linecap: round }
text.on { fill: #fff; stroke: none } text.on.others, text.on.whole { fill: #16181d } text.on.dashed { fill: #6a3d91; font-size: 13px }
.notch { stroke: #16181d; stroke-width: 2; stroke-dasharray: 2 3 } .split { stroke: #fff; stroke-width: 2; stroke-dasharray: 4 3 }
.between { stroke: #fff; stroke-width: 2 } .left-out { stroke: #8a2b06; stroke-width: 2; stroke-dasharray: 1.5 4; stroke-linecap: round } .tick { stroke: #16181d; stroke-width: 2; fill: none } .thin { stroke: #7a8494; stroke-width: 1.5 }
.rival { stroke: #16181d; stroke-width: 2; stroke-dasharray: 2 3 }
"""
"""The colours of the style sheet in light, which images have always."""


def png(svg: str) -> bytes:
    """Return a drawing as a PNG; the same bytes for the same drawing, on every machine."""
    import resvg_py  # noqa: PLC0415 - only a picture needs it

    with _ONE_PICTURE:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                zoom=ZOOM,
                skip_system_fonts=True,
                font_files=[str(path) for path in sorted(_FONTS.glob("*.ttf"))],
                font_family="DejaVu Sans",
            )
        )


def share_svg(contract: ContractSummary, lang: Language) -> str:
    """Return the picture that other sites show with a link to a contract: as many rows as have room.

    Of their notes they have what a value counts.
    """
    picture, name = _first(contract, lang), formatting.typeset(contract.title, lang)
    drawing, title, words = Drawing(ACROSS), picture.title if picture else name, picture.description if picture else ""
    y = _heading(drawing, name, title, 2)
    if picture:
        bare = replace(
            picture,
            rows=tuple(each._replace(notes=(each.scope,) if each.scope else ()) for each in picture.rows),
            absent=(),
        )
        absent, room = len(picture.absent), HEIGHT / ZOOM - _FOOT - y
        key = "fig-absent-one" if absent == 1 else "fig-absent-many"
        more = [phrase(lang, key, count=formatting.capital(formatting.cardinal(absent, lang)))] if absent else []
        drawn = (bare.drawing(INSIDE, limit) for limit in range(MAX_ROWS, 0, -1))
        fits = next((each for each in drawn if each.height + len(more) * SMALL.line <= room), None)
        if fits:
            fits.lines(0, fits.height + 2, more, SMALL, "absent")
            drawing.content += f'<g transform="translate({MARGIN} {y:g})">{fits.content}</g>'
    return _image(drawing, HEIGHT // ZOOM, lang, _origin(picture, contract, lang), title, words)


def _first(contract: ContractSummary, lang: Language) -> Picture | None:
    """Return the figure that says what a contract is for, without what was computed; else the first other one."""
    return shares_picture(contract, lang, computed=False) or next(iter(pictures(contract, lang).values()), None)


def contract_figure_svg(picture: Picture, contract: ContractSummary) -> str:
    """Return a figure of a contract with all that it needs: title, caption, rows, colours, and where it comes from."""
    return figure_svg(
        picture, formatting.typeset(contract.title, picture.lang), _origin(picture, contract, picture.lang)
    )


def figure_svg(picture: Picture, name: str, origin: Iterable[str], across: int = ACROSS, limit: int = MAX_ROWS) -> str:
    """Return a figure, so many pixels wide, below the name of what it is of, with the longest text of where it is from that fits."""
    drawing, inside = Drawing(across), across - 2 * MARGIN
    y = _heading(drawing, name, picture.title)
    y = drawing.lines(MARGIN, y - 4, wrapped(picture.caption, inside, 4, SMALL), SMALL) + 12
    drawn = picture.drawing(inside, limit)
    drawing.content += f'<g transform="translate({MARGIN} {y:g})">{drawn.content}</g>'
    height = round(y + drawn.height + _FOOT + 8)
    return _image(drawing, height, picture.lang, origin, picture.title, picture.description)


def _heading(drawing: Drawing, name: str, title: str, lines: int = 4) -> float:
    """Write the name of what a figure is of, and its title in so many lines at most; return where the figure begins."""
    inside = drawing.width - 2 * MARGIN
    y = drawing.lines(MARGIN, 20, [fitted(name, inside, SMALL)] if name else (), SMALL) + 4
    return drawing.lines(MARGIN, y, wrapped(title, inside, lines, _TITLE), _TITLE) + 12


def _image(drawing: Drawing, height: int, lang: Language, origin: Iterable[str], title: str, description: str) -> str:
    """Return a drawing as an image of a height, with its ground, its words and where it comes from."""
    brand, across = translate("site", lang), drawing.width
    drawing.text(MARGIN, height - 14, brand, _BRAND)
    room = across - 2 * MARGIN - text_width(brand, _BRAND) - 12
    if said := next((each for each in origin if text_width(each, SMALL) <= room), ""):
        drawing.text(across - MARGIN, height - 14, said, SMALL, end=True)
    words = f"<title>{clean(title)}</title>" + (f"<desc>{clean(description)}</desc>" if description else "")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{height}" viewBox="0 0 {across} {height}"'
        f' xml:lang="{lang}" role="img">{words}<style>{STYLE}</style><rect class="paper" width="{across}" height="{height}"/>'
        f'<rect class="band" width="{across}" height="6"/>{_HIDDEN.sub("", drawing.content)}</svg>'
    )


def _origin(picture: Picture | None, contract: ContractSummary, lang: Language) -> list[str]:
    """Return the day of the source, if there is but one, and that of the data, so far as they are known, and the first one alone."""
    sources = picture.sources if picture else ()
    days = ("fig-source-day", sources[0].day if len(sources) == 1 else ""), ("fig-data-day", contract.day)
    said = [phrase(lang, key, day=formatting.short_date(day, lang)) for key, day in days if day]
    return [formatting.typeset(text, lang) for text in (" · ".join(said), *said[:1])]


@once_per_release(MAX_DRAWN)  # saves the 40 ms in which one is drawn
def contract_png(release: Release, iri: str, lang: Language, figure: str = "") -> bytes | None:
    """Return the picture of a contract for links on other sites, or one of its figures, as a PNG; None if there is none."""
    contract = summary_in(release, iri, lang)
    if contract is None or not figure:
        return png(share_svg(contract, lang)) if contract else None
    picture = FIGURES[figure](contract, lang)
    return png(contract_figure_svg(picture, contract)) if picture else None


@once_per_release(MAX_DRAWN)  # saves a millisecond of each page
def alternative(release: Release, iri: str, lang: Language) -> str:
    """Return in words what the picture of a contract shows, "" if there is no such contract."""
    contract = summary_in(release, iri, lang)
    if contract is None:
        return ""
    picture = _first(contract, lang)
    said = f"{contract.title} – {picture.title}. {picture.description}" if picture else contract.title
    return formatting.brief(said, MAX_WORDS)

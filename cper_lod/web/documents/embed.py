"""Figures for other sites: a page with one figure, how to frame it (oEmbed), and the picture shown with a link."""

import json
from collections.abc import Iterable
from html import escape
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, unquote, urlencode

from flask import Blueprint, Response, request

from cper_lod.core.errors import Language, Problem
from cper_lod.core.formats import JSON, Format
from cper_lod.core.i18n import requested_language, translate
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.pictures.figures import NAMES, picture
from cper_lod.release.pictures.picture import Picture
from cper_lod.release.pictures.share_image import HEIGHT, WIDTH, source_of
from cper_lod.release.pictures.svg import Font, wrapped
from cper_lod.release.plan.contract import ContractSummary, contract_summary
from cper_lod.release.plan.observations import ObservationReader
from cper_lod.web.documents.lookup import candidate_iris, find_contract
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("embed", __name__)
PNG: Final = Format("png", "png", "image/png", "PNG", charset=False)
DAY: Final = "public, max-age=86400"
"""Cache-Control of a picture: other sites ask for it again and again, and it changes with the data alone."""
MIN_WIDTH: Final = 240
"""Pixels of the narrowest frame that is offered,"""
MAX_WIDTH: Final = 1056
"""of the widest,"""
DEFAULT_WIDTH: Final = 700
"""and of one for which no width is asked."""
_WIDE_FROM: Final = 704
"""Pixels from which the page shows the drawing for a screen (style.css: 44rem)."""
_PADDING: Final = 32
_CAPTION: Final = Font("", 16)
_HEADING: Final = Font("", 19.2, bold=True)
_SOURCE: Final = Font("", 13.6)
_DATED: Final = "Données du 25 novembre 2026. Source : · "
"""As long as what the page says beside the names of the source, of the contract and of this site."""
_BESIDE: Final = 560
"""Pixels from which the legend of a map has room beside it."""


Bounds = tuple[int | None, int | None]
"""The largest width and height of a frame in pixels; None for one without a bound."""


class ShareImage(NamedTuple):
    """The picture that other sites show with a link: its public address, and what it shows in words.

    `oembed` is the address of the oEmbed answer of a page about a contract.
    """

    address: str
    alt: str
    oembed: str = ""
    width: int = WIDTH
    height: int = HEIGHT


def share_image(lang: Language) -> ShareImage | None:
    """Return the picture for this page: that of the contract that its address names, else that of the only contract."""
    images, base = site().release.share_images, site().settings.base_iri + "id/"
    named = request.path.removesuffix(".html").removeprefix("/doc/")
    below = (each for each in images if f"{base}{named}/".startswith(f"{each}/"))
    iri = next(below, next(iter(images), "") if len(images) == 1 else "")
    if not iri.startswith(base):
        return None
    name = iri.removeprefix(base)
    oembed = _oembed_address(urls.public_address(f"/doc/{name}")) if name == named else ""
    return ShareImage(urls.public_url(urls.address("", {}) + image_path(name, lang)), images[iri][lang], oembed)


def image_path(name: str, lang: str) -> str:
    """Return the path of the picture of a contract, by its name below `id/`."""
    return f"/image/{urls.quoted(name)}.{lang}.png"


@blueprint.get("/image/<path:file>")
def image(file: str) -> Response:
    """The picture of a contract for links on other sites (Open Graph), 1200 × 630: `/image/contrat/….fr.png`."""
    name, _, lang = file.removesuffix(".png").rpartition(".")
    found = (site().release.share_image(iri, lang) for iri in candidate_iris(name))
    path = next(filter(None, found), None) if file.endswith(".png") else None
    if path is None:
        raise Problem("page-not-found", path=request.path[:200])
    return flask_responses.representation(path.read_bytes(), PNG, cache=DAY, dated=True)


@blueprint.get("/embed/<path:name>/<figure>")
def embed(name: str, figure: str) -> Response:
    """A page with one figure of a contract, which other sites may frame: `/embed/contrat/…/parts`.

    The figures are `parts`, `financeurs`, `calendrier` and `signataires`.
    """
    lang = flask_responses.lang()
    found = _figure(name, figure, lang)
    if found is None:
        raise Problem("page-not-found", path=request.path[:200])
    contract, drawn = found
    page = flask_responses.page(
        "embed.html",
        picture=drawn,
        contract=contract,
        source=source_of(contract),
        day=contract.day,
        oembed=_oembed_address(_embed_url(name, figure, {})),
    )
    return flask_responses.framed(page)


def _oembed_address(address: str) -> str:
    """Return the public address of the oEmbed answer for a page, in the language asked for in the URL."""
    query = {"url": urls.with_query(address, urls.language_parameter()), "format": "json"}
    return f"{site().settings.public_url}/oembed?{urlencode(query)}"


def _embed_url(name: str, figure: str, query: dict[str, str]) -> str:
    return urls.public_address(f"/embed/{name}/{figure}", query)


def _figure(name: str, figure: str, lang: Language) -> tuple[ContractSummary, Picture] | None:
    """Return a contract by its name below `id/`, and one of its figures; None if there is none of them."""
    release = site().release
    if figure not in NAMES or release.mode == "data":
        return None
    observations = ObservationReader(ReleaseGraph(release), lang, urls.page_link)
    iri = find_contract(name)
    contract = contract_summary(observations, iri) if iri else None
    drawn = picture(release, observations, contract, figure) if contract else None
    return (contract, drawn) if contract and drawn else None


@blueprint.get("/oembed")
def oembed() -> Response:
    """How to frame a figure (oEmbed 1.0): `?url=` is the address of its page, or of a contract.

    `maxwidth` and `maxheight` bound the frame. `format` is `json`; for `xml`: 501 `oembed-format`.
    """
    address = urls.single_parameter("url")
    form = urls.single_parameter("format") if "format" in request.args else "json"
    if form == "xml":
        raise Problem("oembed-format", format=form)
    if form != "json":
        raise Problem("parameter-invalid", name="format", value=form[:40], expected="json")
    most = _pixels("maxwidth"), _pixels("maxheight")
    query = parse_qs(address.partition("#")[0].partition("?")[2])
    asked = requested_language(next(iter(query.get("lang", ())), None))
    lang = asked or flask_responses.lang()
    for name, figure in _candidates(address):
        if found := _figure(name, figure, lang):
            told = _oembed(name, found[0].iri, _frame(name, *found, asked, lang, most), lang, most)
            body = json.dumps(told, ensure_ascii=False).encode() + b"\n"
            return flask_responses.representation(body, JSON, vary=() if asked else ("Accept-Language",))
    raise Problem("page-not-found", path=address[:200])


def _pixels(name: str) -> int | None:
    """Return a bound of the frame in pixels, None if it is not given; raises `parameter-invalid`."""
    if name not in request.args:
        return None
    text = urls.single_parameter(name)
    if not (text.isascii() and text.isdigit() and 0 < len(text) <= 9):
        raise Problem("parameter-invalid", name=name, value=text[:40], expected="1, 2, 3…")
    return int(text)


def _candidates(address: str) -> Iterable[tuple[str, str]]:
    """Yield name and figure that an address may mean: of the page of a figure, of a contract, or its lasting name."""
    plain = address.partition("#")[0].partition("?")[0].removesuffix(".html")
    public, base = site().settings.public_url, site().settings.base_iri
    if plain.startswith(f"{public}/embed/"):
        name, _, figure = unquote(plain.removeprefix(f"{public}/embed/")).rpartition("/")
        yield name, figure
    for start in (f"{public}/doc/", f"{public}/id/", f"{base}id/"):
        if plain.startswith(start):
            yield from ((unquote(plain.removeprefix(start)), figure) for figure in NAMES)
            return


def frames(contract: ContractSummary, pictures: Iterable[Picture]) -> list[tuple[str, str]]:
    """Return the titles of the figures of a contract, and what to copy to frame them, in the language of this page."""
    name, lang = urls.local_name(contract.iri), flask_responses.lang()
    asked = requested_language(request.args.get("lang"))
    if not name or contract.iri not in site().release.share_images:
        return []
    return [(each.title, _frame(name, contract, each, asked, lang, (None, None))["html"]) for each in pictures]


def _frame(
    name: str, contract: ContractSummary, drawn: Picture, asked: Language | None, lang: Language, most: Bounds
) -> dict[str, Any]:
    """Return a figure in a frame of another site: its title, its size in pixels, and the element to copy."""
    width = min(most[0] or DEFAULT_WIDTH, MAX_WIDTH)
    height = min(_height(drawn, contract, width, lang), most[1] or 9999)
    source = _embed_url(name, drawn.name, {"lang": asked} if asked else {})
    title = f"{drawn.title} – {contract.title}"
    start = f'<iframe src="{escape(source)}" width="{width}" height="{height}" title="{escape(title)}"'
    html = f'{start} loading="lazy" frameborder="0"></iframe>'
    return {"title": title, "width": width, "height": height, "html": html}


def _oembed(name: str, iri: str, frame: dict[str, Any], lang: Language, most: Bounds) -> dict[str, Any]:
    """Return the answer of oEmbed: a frame of the type `rich` (oEmbed 1.0, section 2.3.4.4)."""
    public, title = site().settings.public_url, frame.pop("title")
    provider = {"provider_name": translate("site", lang), "provider_url": public + "/", "cache_age": 86400}
    answer = {"type": "rich", "version": "1.0", "title": title, **provider, **frame}
    if iri in site().release.share_images and (most[0] or WIDTH) >= WIDTH and (most[1] or HEIGHT) >= HEIGHT:
        address = public + image_path(name, lang)
        answer |= {"thumbnail_url": address, "thumbnail_width": WIDTH, "thumbnail_height": HEIGHT}
    return answer


def _height(drawn: Picture, contract: ContractSummary, width: int, lang: Language) -> int:
    """Return the height in pixels that the page of a figure needs in a frame of a width, or a little more."""
    inside = max(width, MIN_WIDTH) - _PADDING
    source = source_of(contract)
    below = [source.link.text if source else "", contract.day and _DATED, contract.title, translate("site", lang)]
    height: float = _lines(drawn.title, inside, _HEADING, 24) + _lines(drawn.caption, min(inside, 720), _CAPTION, 25)
    height += _lines(" ".join(below), inside, _SOURCE, 22) + 70
    if drawn.narrow:
        shown, across = (drawn.wide, inside) if width > _WIDE_FROM else (drawn.narrow, min(inside, 480))
        return round(height + shown.height * across / shown.width)
    beside = inside >= _BESIDE  # the map has 28rem at most, and its legend stands beside it if there is room
    legend = sum(
        _lines(f"{each.kind} {', '.join(body.text for body in each.bodies)}", inside / (1 + beside) - 90, _CAPTION, 25)
        + 8
        for each in drawn.legend
    )
    figure = min(inside / (1 + beside), 448) * drawn.wide.height / drawn.wide.width
    return round(height + (max(figure, legend) if beside else figure + legend) + 70)


def _lines(text: str, width: float, font: Font, line: int) -> int:
    """Return the height of a text in lines of a width."""
    return len(wrapped(text, width, 99, font)) * line

"""Figures for other sites: a page with one figure, the element that frames it, and the picture shown with a link."""

from collections.abc import Iterable
from html import escape
from typing import Final, NamedTuple

from flask import Blueprint, Response, g, request

from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import requested_language
from cper_lod.release.pictures.figures import FIGURES, Picture
from cper_lod.release.pictures.share_image import HEIGHT, WIDTH, alternative, contract_figure_svg, contract_png
from cper_lod.release.plan.contract import ContractSummary, contract_summary, contracts_of
from cper_lod.web.components.described import observations_in
from cper_lod.web.components.takes import ALONE, PNG, SVG
from cper_lod.web.documents.lookup import find_contract
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.http.delivery import client_of, limits
from cper_lod.web.site import site

blueprint = Blueprint("embed", __name__)
DAY: Final = "public, max-age=86400"
"""Cache-Control of a picture: other sites ask for it again and again, and it changes with the data alone."""
_FRAME_WIDTH: Final = 700
"""Pixels across a frame: the page shows the drawing in it,"""
_DRAWING_WIDTH: Final = 480
"""so many pixels wide (style.css: 30rem),"""
_TEXT_HEIGHT: Final = 300
"""and this is room for its heading, caption and source, in pixels."""


class ShareImage(NamedTuple):
    """The picture that other sites show with a link: its public address, and what it shows in words."""

    address: str
    alt: str
    width: int = WIDTH
    height: int = HEIGHT


def share_image(lang: Language) -> ShareImage | None:
    """Return the picture for this page: that of the contract that its address names, else that of the only contract."""
    contracts, names = contracts_of(site().release), site().release.names
    named = request.path.removesuffix(".html").removeprefix("/doc/").split("/")
    iri = find_contract("/".join(named[:2])) or (contracts[0] if len(contracts) == 1 else "")
    name = names.path(iri)
    if not name:
        return None
    path = f"/image/{urls.quoted(name)}.{lang}.png"
    return ShareImage(urls.public_url(urls.address("", {}) + path), alternative(site().release, iri, lang))


@blueprint.get("/image/<path:file>")
def image(file: str) -> Response:
    """The picture of a contract for links on other sites (Open Graph), 1200 × 630: `/image/contrat/….fr.png`.

    A figure of it to take along: `/image/contrat/…/parts.fr.png`, and `.svg`.
    """
    name, _, suffix = file.rpartition(".")
    name, _, tag = name.rpartition(".")
    about, _, figure = name.rpartition("/")
    about, figure = (about, figure) if figure in FIGURES else (name, "")
    iri, lang = find_contract(about), requested_language(tag)
    drawn: bytes | None = None
    if iri and lang and suffix == PNG.suffix:
        with limits().hold("query", client_of(request)):  # it waits for those that are drawn before it
            drawn = contract_png(site().release, iri, lang, figure)
    elif lang and suffix == SVG.suffix:
        contract, picture = _figure(about, figure, lang)
        drawn = contract_figure_svg(picture, contract).encode() if contract and picture else None
    if drawn is None:
        raise Problem("page-not-found", path=request.path[:200])
    g.policy = ALONE
    return flask_responses.representation(drawn, SVG if suffix == SVG.suffix else PNG, cache=DAY, dated=True)


def _figure(name: str, figure: str, lang: Language) -> tuple[ContractSummary | None, Picture | None]:
    """Return a contract and one of its figures, each None if there is none."""
    iri = find_contract(name) if figure in FIGURES else None
    observations = observations_in(lang)
    contract = contract_summary(observations, iri) if iri else None
    return contract, FIGURES[figure](contract, lang) if contract else None


@blueprint.get("/embed/<path:name>/<figure>")
def embed(name: str, figure: str) -> Response:
    """A page with one figure of a contract, which other sites may frame: `/embed/contrat/…/parts`.

    The figures are `parts`, `financeurs` and `calendrier`.
    """
    contract, drawn = _figure(name, figure, flask_responses.lang())
    if contract is None or drawn is None:
        raise Problem("page-not-found", path=request.path[:200])
    page = flask_responses.page("embed.html", picture=drawn, contract=contract, day=contract.day)
    return flask_responses.framed(page)


def frames(contract: ContractSummary, pictures: Iterable[Picture]) -> list[tuple[str, str]]:
    """Return the titles of the figures of a contract, and what to copy to frame them, in the language of this page."""
    name, asked = urls.local_name(contract.iri), requested_language(request.args.get("lang"))
    if not name:
        return []
    return [(each.title, _frame(name, contract, each, asked)) for each in pictures]


def _frame(name: str, contract: ContractSummary, drawn: Picture, asked: Language | None) -> str:
    """Return the element that shows a figure in a frame of another site, large enough for the page of the figure."""
    drawing = drawn.drawing()
    height = round(drawing.height * _DRAWING_WIDTH / drawing.width) + _TEXT_HEIGHT
    source = urls.public_address(f"/embed/{name}/{drawn.name}", {"lang": asked} if asked else {})
    start = f'<iframe src="{escape(source)}" width="{_FRAME_WIDTH}" height="{height}"'
    return f'{start} title="{escape(f"{drawn.title} – {contract.title}")}" loading="lazy" frameborder="0"></iframe>'

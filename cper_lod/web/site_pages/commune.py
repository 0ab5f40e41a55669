"""What concerns a commune: who signed for it, what is said of their money and what is not, whom to ask."""

import re
from typing import Any, Final

from flask import Blueprint, Response, request

from cper_lod.core.errors import Problem
from cper_lod.core.i18n import translate
from cper_lod.core.identifiers import communes
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.plan.local import local_contracts
from cper_lod.release.plan.observations import Hyperlink, ObservationReader
from cper_lod.web.components.comparison import summaries
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

blueprint = Blueprint("commune", __name__)
_CODE: Final = re.compile("[0-9][0-9AB][0-9]{3}")


@blueprint.get("/commune")
def find() -> Response:
    """Communes by name or postcode: `/commune?q=…`. The only one of just that name, or postcode, is answered with 303."""
    if not site().has_contracts:
        raise Problem("page-not-found", path="/commune")
    text = urls.single_parameter("q") if "q" in request.args else ""
    found = communes.find(text) if text.strip() else []
    if len(found) == 1:
        return flask_responses.see_other(urls.link(f"/commune/{found[0].code}"))
    near = communes.nearest(text) if text.strip() and not found else ""
    return flask_responses.page(
        "commune.html",
        title=translate("commune-title", flask_responses.lang()),
        query=text,
        found=found,
        near=Hyperlink(near, urls.link("/commune", q=near)) if near else None,
    )


@blueprint.get("/commune/<code>")
def commune(code: str) -> Response:
    """One commune, by its code of Insee: the contracts of its region and who signed them for it, with what they bring."""
    areas = communes.areas(code) if site().has_contracts and _CODE.fullmatch(code) else []
    if not areas:
        raise Problem("page-not-found", path=request.path[:200])
    observations = ObservationReader(ReleaseGraph(site().release), flask_responses.lang(), urls.page_link)
    contracts = local_contracts(observations, summaries(), areas)
    title = areas[0].name
    values: dict[str, Any] = {
        "title": title,
        "areas": {each.kind: each for each in areas},
        "contracts": contracts,
        "others": [Hyperlink(each.title, each.href) for each in summaries()],
        "crumbs": [Hyperlink(translate("commune-title", observations.lang), urls.link("/commune"))],
        "description": translate("commune-lead", observations.lang),
    }
    return flask_responses.page("commune.html", **values)

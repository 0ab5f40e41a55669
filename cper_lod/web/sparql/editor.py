"""What the query editor proposes, as JSON: our prefixes, and the terms of the release with labels in every language."""

import json
from typing import Any, Final

from flask import Blueprint, Response, current_app

from cper_lod.core.formats import JSON
from cper_lod.core.namespaces import PREFIXES, shorten
from cper_lod.release.docs.vocabulary import Term, terms
from cper_lod.web.http import responses
from cper_lod.web.site import site

blueprint = Blueprint("completion", __name__)
MOST: Final = 2000
"""How many terms are proposed, the most used ones."""
_MADE: Final = "cper_lod.completion"


@blueprint.get("/sparql/terms.json")
def proposals() -> Response:
    """The prefixes and terms of the release, made once for each."""
    release = site().release
    made: dict[str, bytes] = current_app.extensions.setdefault(_MADE, {})
    body = made.get(release.digest)
    if body is None:
        made.clear()
        proposed = [_proposal(term) for term in terms(release)[:MOST]]
        body = json.dumps({"prefixes": PREFIXES, "terms": proposed}, ensure_ascii=False).encode() + b"\n"
        made[release.digest] = body
    return responses.representation(body, JSON)


def _proposal(term: Term) -> dict[str, Any]:
    """Return a term as the editor reads it; `name` is what is written in a query."""
    name = shorten(term.iri)
    written = f"<{term.iri}>" if name == term.iri else name
    return {"name": written, "kind": term.kind, "count": term.count, "labels": term.labels}

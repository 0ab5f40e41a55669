"""What the query editor proposes, as JSON; the script is a static file, which `cper_lod/web/editor/hatch_build.py` builds."""

import json
from typing import Final

from flask import Blueprint, Response

from cper_lod.core.formats import JSON
from cper_lod.core.namespaces import PREFIXES, shorten
from cper_lod.release.docs.usage import terms
from cper_lod.release.release import Release, once_per_release
from cper_lod.web.http import flask_responses
from cper_lod.web.site import site

blueprint = Blueprint("editor", __name__)
MAX_TERMS: Final = 2000
"""Terms that are proposed, the most used ones."""


@blueprint.get("/sparql/terms.json")
def proposals() -> Response:
    """What the query editor proposes: prefixes, classes and properties with their labels."""
    return flask_responses.representation(_proposals(site().release), JSON)


@once_per_release(1)
def _proposals(release: Release) -> bytes:
    proposed = []
    for term in terms(release)[:MAX_TERMS]:
        name = shorten(term.iri)
        written = f"<{term.iri}>" if name == term.iri else name  # as it stands in a query
        proposed.append({"name": written, "kind": term.kind, "count": term.count, "labels": term.labels})
    return json.dumps({"prefixes": PREFIXES, "terms": proposed}, ensure_ascii=False).encode() + b"\n"

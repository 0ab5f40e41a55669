"""What a server process does before its first visitor."""

import pytest

from cper_lod.core.config import load
from cper_lod.core.errors import LANGUAGES
from cper_lod.release.release import Release
from cper_lod.web.app import create_app
from cper_lod.web.http.response_cache import ResponseCache
from cper_lod.web.http.templating import environment
from cper_lod.web.server.release_server import warm
from tests.web.counting_engine import CountingEngine


@pytest.mark.slow
def test_the_templates_of_what_visitors_come_for_are_compiled(release: Release) -> None:
    app = create_app(release, CountingEngine(), load({}, {}).settings)
    for lang in LANGUAGES:
        (environment(lang).cache or {}).clear()
    warm(ResponseCache(app), app.extensions["cper_lod"])
    kinds = {f"thing_pages/{each}.html" for each in ("body", "document", "figure", "ontology", "subdivision")}
    for lang in LANGUAGES:
        compiled = {name for _, name in environment(lang).cache or {}}
        assert {"compare.html", "contract.html", "home.html", "resource.html", "search.html", *kinds} <= compiled

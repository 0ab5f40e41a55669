"""What a server process does before its first visitor."""

import gc

from cper_lod.release.release import Release
from cper_lod.terms.configuration import load
from cper_lod.web.app import create_app
from cper_lod.web.warming import warm
from tests.web.test_gateway_alone import CountingEngine


def test_the_templates_of_pages_are_compiled_before_anybody_asks(release: Release) -> None:
    settings = load({"public_url": "http://127.0.0.1:8000"}, {}).settings
    app = create_app(release, CountingEngine(), settings)
    try:
        warm(app)
        compiled = {name for _, name in app.jinja_env.cache or {}}
        assert {"base.html", "home.html", "resource.html", "ontology.html", "shapes.html"} <= compiled
        assert gc.get_freeze_count() > 1000
    finally:
        gc.unfreeze()

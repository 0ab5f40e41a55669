"""The Flask application for another WSGI server, without a response cache: the same release as `cper-lod serve`."""

import os
from pathlib import Path
from typing import Final

from flask import Flask

from cper_lod.core.settings import Settings
from cper_lod.release.engines import open_engine
from cper_lod.release.history.history import History
from cper_lod.release.release import open_release
from cper_lod.web.app import create_app

FOLDER: Final = "CPER_LOD_BENCHMARK_RELEASE"
PUBLIC: Final = "CPER_LOD_BENCHMARK_PUBLIC_URL"
"""The environment variables that say which sealed folder is served, and under which address."""


def application() -> Flask:
    """Return the application as `serve` makes it; raises KeyError without the variables, what `open_release` raises."""
    folder = Path(os.environ[FOLDER])
    release = open_release(folder)
    settings = Settings(public_url=os.environ[PUBLIC], releases=folder.parent)
    engine = open_engine(release, settings)
    return create_app(release, engine, settings, history=History(folder.parent))

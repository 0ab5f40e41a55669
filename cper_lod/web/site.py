"""What one application serves (`Site`), and which release the current request is about.

At the bottom of `web`: every other package of `web` may import it.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from flask import current_app, request

from cper_lod.core.settings import Settings
from cper_lod.engine.base import Engine
from cper_lod.release.history.history import Publication
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.release import Release, Rights
from cper_lod.web.readiness import Readiness

SITE: Final = "cper_lod.site"
"""The key of the WSGI environment that holds the site of an earlier release, where the request is about one."""
REFUSED: Final = "cper_lod.refused"
"""The key that holds the problem for which an earlier release cannot be served."""
_BELOW: Final = re.compile(r"/release/([0-9a-f]{16})/(?!changes(?:[./]|$)).*", re.DOTALL)


@dataclass(frozen=True)
class Site:
    """What one application serves: every response is a function of this and of the request."""

    release: Release
    engine: Engine
    settings: Settings
    program: str
    timeline: Timeline | None = None
    """The publications until now; None for data served as given (`--data`)."""
    moment: Publication | None = None
    """The first publication of this release, where it is an earlier one below /release/<id>."""
    refusal: Rejection | None = None
    """Why the present sources are not what is served, where they are not."""

    @cached_property
    def rights(self) -> Rights:
        """The licence and the publisher of the release."""
        return self.release.rights

    @cached_property
    def readiness(self) -> Readiness:
        """Whether the engine answers."""
        return Readiness(self.engine)

    @property
    def identity(self) -> str:
        """What query results depend on beside the query: the data, the program, the engine and its memory."""
        return f"{self.release.digest} {self.program} {self.settings.engine} {self.settings.index_memory}"


def site() -> Site:
    """Return the site of the current request: that of the current release, or of an earlier one."""
    served: Site = (request.environ.get(SITE) if request else None) or current_app.extensions["cper_lod"]
    return served


def release_at(path: str) -> str:
    """Return the id of the release below whose address `path` lies, "" where it lies below none.

    >>> release_at("/release/0123456789abcdef/doc/x"), release_at("/release/0123456789abcdef/changes")
    ('0123456789abcdef', '')
    """
    found = _BELOW.fullmatch(path)
    return found[1] if found else ""

"""What one application serves (`Site`), and which release the current request is about.

At the bottom of `web`: every other package of `web` may import it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final, ParamSpec, TypeVar

from flask import current_app, g, has_request_context, request
from pyoxigraph import NamedNode

from cper_lod.core.errors import Language, Problem
from cper_lod.core.i18n import translate
from cper_lod.core.namespaces import CPER
from cper_lod.core.settings import Settings
from cper_lod.engine.base import Engine
from cper_lod.release.docs.documentation import Documentation
from cper_lod.release.docs.empty_results import EmptyResults
from cper_lod.release.graph import ReleaseGraph
from cper_lod.release.history.history import Publication
from cper_lod.release.history.rejection import Rejection
from cper_lod.release.history.timeline import Timeline
from cper_lod.release.release import Release, Rights
from cper_lod.web.readiness import Readiness

P = ParamSpec("P")
T = TypeVar("T")
SITE: Final = "cper_lod.site"
"""Key of the WSGI environment: the site of the earlier release that the request is about."""
REFUSED: Final = "cper_lod.refused"
"""Key of the WSGI environment: why the earlier release that the request is about cannot be served."""
MAX_RESULTS: Final = 256
"""Results of one function that a site keeps."""
_BELOW: Final = re.compile(r"/release/([0-9a-f]{16})/.*", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Site:
    """What one application serves: every response depends on this and on the request alone."""

    release: Release
    engine: Engine
    settings: Settings
    program: str
    timeline: Timeline | None = None
    """The publications until now; None for a release that was never published (`--data`)."""
    moment: Publication | None = None
    """The first publication of this release, if it is an earlier one below /release/<id>."""

    @property
    def rejection(self) -> Rejection | None:
        """Why the present sources, or what was published last, are not what is served; None if they are."""
        return self.readiness.rejection

    @property
    def rights(self) -> Rights:
        """The licence and the publisher of the release."""
        return self.release.rights

    def title(self, lang: Language) -> str:
        """Return the name of the site: that of the settings, else of the program, or of the folder of data without a contract."""
        given = "" if self.has_contracts else self.release.manifest.get("name", "")
        return self.settings.title or given or translate("site", lang)

    def tagline(self, lang: Language) -> str:
        """Return what the site is about: contracts, else its name."""
        return translate("tagline", lang) if self.has_contracts else self.title(lang)

    def licence_name(self, lang: Language) -> str:
        """Return the name of the licence, "" if none is stated."""
        return ReleaseGraph(self.release).label(NamedNode(self.rights.licence), lang) if self.rights.licence else ""

    @cached_property
    def has_contracts(self) -> bool:
        """Whether the release has a contract."""
        return bool(ReleaseGraph(self.release).instances(CPER + "Contrat", 1))

    @cached_property
    def has_catalogue(self) -> bool:
        """Whether the release has the graph of the catalogue."""
        return self.release.names.catalogue_graph in self.release.graphs

    @cached_property
    def empty_results(self) -> EmptyResults:
        """What tells why a query has no result."""
        return EmptyResults(self.release, self.settings)

    @cached_property
    def documentation(self) -> Documentation:
        """The ontology and the shapes of the release, and the addresses of their descriptions."""
        return Documentation(self.release)

    def memoize(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what a function makes, once for these arguments: it must depend on them and on this site alone."""
        key = (args, *kwargs.items()) if kwargs else args
        return self.release.memo.get((self, make), key, MAX_RESULTS, lambda: make(*args, **kwargs))

    @cached_property
    def readiness(self) -> Readiness:
        """Whether the engine answers."""
        return Readiness(self.engine, self.release, self.settings)

    @property
    def release_day(self) -> str:
        """The day (UTC) on which the release was first published, that of its build if it never was.

        "" for data without our catalogue: who publishes them, and when, is not known.
        """
        if not self.has_catalogue:
            return ""
        first = self.moment or (self.timeline and self.timeline.first_publication(self.release.id))
        return datetime.fromtimestamp(first.at if first else self.release.built_at, UTC).date().isoformat()


current_g: Final[Callable[[], Any]] = g._get_current_object
"""Return what `g` stands for, for what a page asks some hundred times: through the proxy it takes 9 % of a page."""


def site() -> Site:
    """Return the site of the current request: that of the current release, or of an earlier one."""
    kept = current_g()
    try:
        served: Site = kept.site
    except AttributeError:
        earlier = request.environ.get(SITE) if has_request_context() else None
        served = kept.site = earlier or current_app.extensions["cper_lod"]
    return served


def published_releases() -> Timeline:
    """Return the history; raises `history-absent` for a release that was not published, and below the address of one."""
    served = site()
    if served.timeline is None or served.moment:
        raise Problem("history-absent")
    return served.timeline


def release_at(path: str) -> str:
    """Return the id of the release in `path`, "" if the path is not below the address of a release.

    >>> release_at("/release/0123456789abcdef/doc/x"), release_at("/release/0123456789abcdef")
    ('0123456789abcdef', '')
    """
    match = _BELOW.fullmatch(path)
    return match[1] if match else ""

"""The menu of every page: its sections, and which of them a page belongs to."""

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from cper_lod.core.formatting import typeset
from cper_lod.core.i18n import translate
from cper_lod.core.text import nearest
from cper_lod.release.plan.contract import contracts_of
from cper_lod.web.components.groups import class_group
from cper_lod.web.http import flask_responses, urls
from cper_lod.web.site import site

_DEVELOPERS: Final = (
    *("/developers", "/api", "/sparql", "/ontology", "/shapes", "/report", "/catalog", "/links", "/reconcile"),
    *("/doc", "/describe", "/changes", "/problem"),
)
"""The pages of the section for developers, with what lies below them, unless another section has it.

The page of one thing, such as a territory, is in this section no more than in the others.
"""


_PARTY: Final = re.compile("/(?:signataire|groupe)/|^/doc/organisme/")
"""The pages of those who sign or pay."""


class MenuSection(NamedTuple):
    """A section of the site: the link and the name of its first page, and what `aria-current` says of it on a page."""

    href: str
    name: str
    current: Literal["", "page", "true"]


def sections() -> tuple[MenuSection, ...]:
    """Return the sections of the site, for the page that is asked for.

    A section without a page is left out: data without a contract have no plan, and their classes stand in its place.
    """
    release, here = site().release, urls.path_without_html()
    contracts, found = contracts_of(release), []
    cls = release.listing.called(here.removeprefix("/doc/"))
    group = class_group(cls.iri) if cls else ""
    signs = group == "actors" or _PARTY.search(here) is not None
    if contracts:
        only = urls.local_name(contracts[0]) if len(contracts) == 1 else None
        path = f"/doc/{only}" if only else "/"
        within = [here] if group in ("plan", "words") else [] if signs else [path, "/doc/contrat"]
        found.append(_section(path, "nav-plan" if only else "nav-contracts", within, here))
        if not only:
            found.append(_section("/compare", "nav-compare", ["/compare"], here))
        found.append(_section("/commune", "commune-title", ["/commune"], here))
    else:
        found.append(_section("/doc", "nav-browse", ["/doc"], here))
    if contracts and release.listing.called("signataire"):
        found.append(_section("/signatories", "nav-signatories", [here] if signs else [], here))
    found.append(_section("/download", "nav-download", ["/download"], here))
    thing = cls is None and here.startswith("/doc/")
    below = [] if thing or any(each.current for each in found) else _DEVELOPERS
    return *found, _section("/developers", "nav-developers", below, here)


def _section(path: str, name: str, within: Sequence[str], here: str) -> MenuSection:
    """Return a section; `within` are the paths that belong to it, with what lies below them."""
    lang = flask_responses.lang()
    below = any(here == each or here.startswith(each + "/") for each in within)
    return MenuSection(
        urls.link(path), typeset(translate(name, lang), lang), "page" if here == path else "true" if below else ""
    )


_PAGES: Final = (
    *(*_DEVELOPERS, "/openapi.json", "/download", "/search", "/legal", "/accessibility"),
    *("/compare", "/signatories", "/commune"),
)
"""The pages of the site."""


def nearest_page(path: str) -> str:
    """Return the page whose path is spelt nearly as the first part of this one, "" if there is none.

    >>> nearest_page("/Ontologie/x"), nearest_page("/developer"), nearest_page("/telecharger")
    ('/ontology', '/developers', '')
    """
    return nearest("/" + re.split("[/.]", path[1:])[0], _PAGES, 0.75)

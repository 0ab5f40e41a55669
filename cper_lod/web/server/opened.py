"""A release that is open below its own address, and which addresses are below one."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cper_lod.web.app import Site

SITE: Final = "cper_lod.site"
"""The key of the environment under which the application finds the release that this request is about."""
REFUSED: Final = "cper_lod.refused"
"""The key under which it finds why there is none."""
_BELOW: Final = re.compile(r"/release/([0-9a-f]{16})/(?!changes(?:[./]|$)).*", re.DOTALL)


def release_at(path: str) -> str:
    """Return the id of the release that a path is below the address of, empty for another path.

    >>> release_at("/release/0123456789abcdef/doc/x"), release_at("/release/0123456789abcdef/changes")
    ('0123456789abcdef', '')
    """
    found = _BELOW.fullmatch(path)
    return found[1] if found else ""


class Opened:
    """A release that is open, and what serves it; closed when it was put away and nobody is in it."""

    def __init__(self, site: "Site", prefix: str, *, shared: bool) -> None:
        """Serve `site` below the path `prefix`; a `shared` engine is another's to close."""
        self.site = site
        self.prefix = prefix
        self.users = 0
        self.put_away = False
        self.closing: list[Callable[[], None]] = [] if shared else [site.engine.close]

    def close(self) -> None:
        """End what was started for it."""
        while self.closing:
            self.closing.pop()()

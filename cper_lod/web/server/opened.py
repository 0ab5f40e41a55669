"""A release that is open below its own address."""

from collections.abc import Callable

from cper_lod.web.site import Site


class Opened:
    """A release that is open, and what serves it; closed when it was put away and nobody is in it."""

    def __init__(self, site: Site, prefix: str, *, shared: bool) -> None:
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

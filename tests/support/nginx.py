"""A real nginx with the example of deploy/, before a running server."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.behind_nginx import Nginx
from tests.support.paths import TINY
from tests.support.server import Server


class Proxied(Nginx):
    """A real nginx with the example of deploy/, before a running server."""

    def __init__(
        self,
        place: Path,
        prefix: str = "",
        served: Sequence[object] = ("--sources", TINY),
        changes: Mapping[str, str] | None = None,
    ) -> None:
        """`served` are flags with what is served, `changes` are replacements in the example."""
        flags = ["--public-url", f"https://data.example.org{prefix}", "--trusted-proxy", "127.0.0.1"]
        flags += ["--log-level", "info", "--query-timeout", "2"]
        self.server = Server([*map(str, served), "--releases", str(place / "releases"), *flags], place / "server.log")
        try:
            super().__init__(place, self.server.port, prefix, changes)
        except BaseException:
            self.server.close()
            raise

    def close(self) -> None:
        """Stop both."""
        super().close()
        self.server.close()

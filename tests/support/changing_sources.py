"""Tiny sources that a test changes, a watcher of them, and a client that keeps its connection."""

import http.client
import json
import shutil
from pathlib import Path
from typing import Any

from cper_lod.core.settings import Settings
from cper_lod.release.build.build import build
from cper_lod.release.history.history import History
from cper_lod.release.history.watcher import Watcher
from cper_lod.release.release import Release
from tests.support.paths import TINY
from tests.support.server import Server


class ChangingSources:
    """Tiny sources that can be said anew, and the folder of their releases."""

    def __init__(self, folder: Path) -> None:
        self.sources = Path(shutil.copytree(TINY, folder / "sources"))
        self.releases = folder / "releases"
        self.data = self.sources / "data" / "bacs.ttl"
        self.text = self.data.read_text("utf-8")
        self.settings = Settings(sources=self.sources, releases=self.releases)
        self.history = History(self.releases)

    def say(self, number: object) -> None:
        self.data.write_text(self.text.replace(' 1"', f' {number}"'), "utf-8")

    def sealed(self, *numbers: int) -> tuple[Release, ...]:
        """Return a release for each number; the sources say the last."""
        found = []
        for number in numbers:
            self.say(number)
            found.append(build(self.releases, self.sources))
        return tuple(found)

    def spoil(self) -> None:
        self.data.write_text(self.text.replace('skos:prefLabel "Bac fictif n° 1"@fr, "Fictitious ferry 1"@en ;', ""))

    def flags(self, *more: str) -> list[str]:
        own = ["--sources", str(self.sources), "--releases", str(self.releases)]
        return [*own, "--query-workers", "1", "--lang", "en", *more]


class CountingWatcher(Watcher):
    """A watcher that builds nothing: it notes what a build would have read."""

    interval = 0.01

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.read = list[str]()
        self.data = settings.sources / "data" / "bacs.ttl"

    # Private: a build is a process, which only the watcher starts.
    def _build(self) -> bool:
        self.read.append(self.data.read_text("utf-8"))
        return True


class PersistentClient:
    """One connection that is kept."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def get(self, path: str, **headers: str) -> tuple[int, bytes, str]:
        self._connection.request("GET", path, headers=headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("ETag", "")

    def health(self) -> dict[str, Any]:
        status, body, _ = self.get("/health")
        assert status == 200
        return dict(json.loads(body))

    def close(self) -> None:
        self._connection.close()

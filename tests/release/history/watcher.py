"""Watchers of sources that build nothing."""

from cper_lod.core.settings import Settings
from cper_lod.release.history.watcher import Watcher


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

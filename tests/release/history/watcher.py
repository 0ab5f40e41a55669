"""Watchers of sources that build nothing."""

from pathlib import Path

from cper_lod.release.history.watcher import Watcher


class CountingWatcher(Watcher):
    """A watcher that builds nothing: it notes what a build would have read."""

    interval = 0.01

    def begin(self, sources: Path) -> None:
        self.read = list[str]()
        self.data = sources / "data" / "bacs.ttl"
        self.start()

    # Private: a build is a process, which only the watcher starts.
    def _build(self) -> bool:
        self.read.append(self.data.read_text("utf-8"))
        return True

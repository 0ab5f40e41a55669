"""Watchers of sources that build nothing."""

import sys
from pathlib import Path

from cper_lod.core.settings import Settings
from cper_lod.release.history.watcher import Snapshot, Watcher


class CountingWatcher(Watcher):
    """A watcher that builds nothing: it notes what a build would have read, and how many builds succeeded."""

    outcome = True
    succeeded = 0

    def begin(self, sources: Path) -> None:
        self.read = list[str]()
        self.data = sources / "data" / "bacs.ttl"
        self.start()

    # Private: a build is a process, which only the watcher starts.
    def _build(self, snapshot: Snapshot) -> bool:
        self.read.append(self.data.read_text("utf-8"))
        outcome = self.outcome
        self.succeeded += outcome
        return outcome


class EndlessWatcher(Watcher):
    """A watcher whose builds never end while the data say so."""

    is_deaf = False
    """Whether builds ignore the signal that asks them to end."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._data, self._log = settings.sources / "data" / "bacs.ttl", settings.sources / "log"

    def replace(self, text: str) -> None:
        """Replace the data at once, so that no build reads a part of them."""
        other = self._data.with_name(".other")
        other.write_text(text)
        other.rename(self._data)

    def builds(self) -> int:
        """Return how many builds have read the data."""
        return len(self._log.read_text().split()) if self._log.exists() else 0

    # Private: only the watcher knows how a build is started.
    def _command(self) -> list[str]:
        code = "import pathlib, signal, sys\n"
        code += "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n" if self.is_deaf else ""
        code += "text = pathlib.Path(sys.argv[1]).read_text()\n"
        code += "with open(sys.argv[2], 'a') as file: print('read', file=file)\n"
        code += "while 'endless' in text: signal.pause()"
        return [sys.executable, "-S", "-c", code, str(self._data), str(self._log)]

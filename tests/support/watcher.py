"""Watchers of sources that build nothing."""

import sys
from pathlib import Path

from cper_lod.release.history.watcher import Snapshot, Watcher


class CountingWatcher(Watcher):
    """A watcher that builds nothing: it notes what a build would have read."""

    outcome = True

    def begin(self, sources: Path) -> None:
        self.read = list[str]()
        self.data = sources / "data" / "bacs.ttl"
        self.start()

    # Private: a build is a process, which only the watcher starts.
    def _build(self, snapshot: Snapshot) -> bool:
        self.read.append(self.data.read_text("utf-8"))
        return self.outcome


class EndlessWatcher(Watcher):
    """A watcher whose builds never end if the data say so; each adds its process to the file `started`."""

    is_deaf = False
    """Whether builds ignore the signal that asks them to end."""

    # Private: only the watcher knows how a build is started.
    def _command(self) -> list[str]:
        code = "import os, pathlib, signal, sys\n"
        code += "signal.signal(signal.SIGALRM, signal.SIG_IGN)\n" if self.is_deaf else ""
        code += "is_endless = 'endless' in pathlib.Path(sys.argv[1]).read_text()\n"  # before anybody changes it
        code += "with open(sys.argv[2], 'a') as file: print(os.getpid(), file=file)\n"
        code += "while is_endless: signal.pause()"
        data, started = self._settings.sources / "data" / "bacs.ttl", self._settings.sources / "started"
        return [sys.executable, "-S", "-c", code, str(data), str(started)]

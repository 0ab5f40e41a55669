"""The engine inside: Oxigraph in child processes, each ended when its query meets a limit or nobody waits for it."""

from collections.abc import Collection
from pathlib import Path

from cper_lod.core.settings import Settings
from cper_lod.engine.process.engine import ProcessEngine
from cper_lod.engine.process.pool import ProcessPool


class EmbeddedEngine(ProcessEngine):
    """An `Engine` over an Oxigraph index on disk."""

    def __init__(self, index: Path, settings: Settings, graphs: Collection[str], data: Path | None = None) -> None:
        """Start the processes; raises release-damaged where they cannot open `index` (or `data`, see `ProcessPool`)."""
        super().__init__(ProcessPool(index, settings, data), settings, graphs)

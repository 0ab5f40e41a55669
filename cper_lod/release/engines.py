"""The engine by which a release is queried: the one inside, or that of another server (setting `engine`)."""

from cper_lod.core.settings import Settings
from cper_lod.engine.process.embedded import EmbeddedEngine
from cper_lod.engine.process.engine import ProcessEngine
from cper_lod.engine.remote.engine import RemoteEngine
from cper_lod.release.release import DATA, INDEX, Release


def open_engine(release: Release, settings: Settings) -> ProcessEngine:
    """Return the engine of a release, to be closed; raises release-damaged where the index cannot be opened.

    Files that are served as given are queried inside: they are never pushed elsewhere.
    """
    if settings.engine == "embedded" or release.mode == "data":
        return EmbeddedEngine(release.folder / INDEX, settings, release.graphs, release.folder / DATA)
    return RemoteEngine(settings, release.digest, release.graphs)


def check_served_release(engine: ProcessEngine, *, needed: bool, wait: float | None = None) -> None:
    """Ask the server that is to answer queries whether it holds this release; the log says where it does not.

    That takes as long as a query may, or so many seconds. Raises, where it is `needed`, engine-release and why else it
    cannot answer.
    """
    fault = engine.check_endpoint(wait) if isinstance(engine, RemoteEngine) else None
    if fault and needed:
        raise fault

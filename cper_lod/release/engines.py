"""The SPARQL engine of a release: the embedded one, or an external endpoint (setting `engine`)."""

from cper_lod.core.settings import Settings
from cper_lod.engine.embedded import ProcessEngine
from cper_lod.engine.remote import COUNT_TIMEOUT, RemoteEngine
from cper_lod.release.release import INDEX, Release


def open_engine(release: Release, settings: Settings) -> ProcessEngine:
    """Return the started engine of a release; the caller closes it. Raises `release-damaged` if the index cannot be opened."""
    if settings.engine == "embedded":
        engine = ProcessEngine(release.folder / INDEX, settings, release.graphs)
    else:
        engine = RemoteEngine(settings, release.digest, {"": release.manifest["triples"], **release.graphs})
    engine.start()
    return engine


def check_served_release(engine: ProcessEngine, *, required: bool, timeout: float = COUNT_TIMEOUT) -> None:
    """Ask the external endpoint whether it holds this release, all its triples; log it if not.

    Waits `timeout` seconds. If `required`, raises `engine-release`, or the reason why the endpoint cannot answer.
    """
    problem = engine.check_endpoint(timeout) if isinstance(engine, RemoteEngine) else None
    if problem and required:
        raise problem
